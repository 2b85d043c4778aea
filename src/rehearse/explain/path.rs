//! The way of a call to its queue, in words: number, hours, gates, menus, keys, what they set.

use crate::cli::why::{identified_words, looked_up_words};
use crate::cli::words::{self, Lang};
use crate::rehearse::coverage::Piece;
use crate::rehearse::{Outcome, branch};
use hotline_engine::WayTaken;
use hotline_ivr::{Took, Way};
use hotline_model::history::{Blocked, Classified};
use hotline_model::{EventKind, Name, QueueId, Target, WallTime};
use hotline_rules::{
    Branch, CalendarId, Changes, Customer, Door, Expression, Gate, Go, MenuId, NumberId, Place, Plan, Receiver, Spot, SurveyPiece, When,
    print_expression, print_predicate,
};

/// Something that led the call on.
pub struct Step {
    /// When.
    pub at: WallTime,
    /// What, in words, with where it is written.
    pub says: String,
    /// More of it, each with its place.
    pub places: Vec<String>,
}

/// All of them, in the order in which they came.
pub fn steps(outcome: &Outcome, reveal: bool, lang: Lang) -> Vec<Step> {
    let mut steps: Vec<(WallTime, u8, Step)> = Vec::new();
    for (at, way) in &outcome.ways {
        let (says, places) = way_words(outcome, (*at, *way), reveal, lang);
        steps.push((*at, 0, Step { at: *at, says, places }));
    }
    let mut known: Option<&Classified> = None;
    for event in &outcome.found.events {
        let told = if let EventKind::Menu(name) = &event.kind {
            let place = outcome.plan.menus.iter().position(|menu| menu.name == *name);
            place.map(|place| entered(outcome, place, event.at, lang))
        } else if let EventKind::Classified(classified) = &event.kind {
            // After a way outside on which nobody answers, the same is said again.
            let again = known.replace(classified) == Some(classified);
            (!again).then(|| (classified_words(&outcome.plan, classified, lang), urgent(&outcome.plan, classified, lang)))
        } else if let EventKind::Blocked(blocked) = &event.kind {
            Some((turned_away(blocked, lang), Vec::new()))
        } else if let EventKind::AnnouncementSaid { announcement } = &event.kind {
            Some((announced(&outcome.plan, announcement, lang), Vec::new()))
        } else if let EventKind::LookedUp(looked_up) = &event.kind {
            let place = outcome.plan.lookups.iter().position(|lookup| lookup.name == looked_up.source);
            let place = with(place.and_then(|place| outcome.plan.places.spot(Spot::Lookup(place))));
            Some((format!("{}{place}", looked_up_words(looked_up, lang).trim_end_matches(['.', '。'])), Vec::new()))
        } else if let EventKind::ReplyUnheard { again } = &event.kind {
            Some((unheard(&outcome.plan, *again, lang), Vec::new()))
        } else {
            None
        };
        steps.extend(told.map(|(says, places)| (event.at, 1, Step { at: event.at, says, places })));
    }
    steps.sort_by_key(|(at, rank, _)| (*at, *rank));
    steps.into_iter().map(|(_, _, step)| step).collect()
}

fn turned_away(Blocked { rule, note, .. }: &Blocked, lang: Lang) -> String {
    let note = |colon: &str| note.as_ref().map_or(String::new(), |note| format!("{colon}{note}"));
    lang.of(format!("the block list turns the caller away ({rule}){}", note(": ")), format!("黑名单拒接（{rule}）{}", note("：")))
}

fn announced(plan: &Plan, name: &Name, lang: Lang) -> String {
    let place = plan.announcements.iter().position(|one| one.name == *name);
    let place = with(place.and_then(|place| plan.places.spot(Spot::Announcement(place))));
    lang.of(format!("announcement {name} is on{place} and is said first"), format!("公告 {name} 已开启{place}，先播放"))
}

/// R10: a reply came too late.
fn unheard(plan: &Plan, again: bool, lang: Lang) -> String {
    let (limit, place) = (plan.timers.voice_response, with(plan.places.spot(Spot::VoiceResponse)));
    if again {
        let (en, zh) = (words::seconds(limit), words::seconds_zh(limit));
        return lang.of(
            format!("nothing of the reply is heard within {en}{place}: it is said again (R10)"),
            format!("{zh}内没有听到应答{place}：重播（R10）"),
        );
    }
    lang.of(
        "nor is it when said again: on without it, from a menu to a person (R9, R10)",
        "重播仍未听到：不再等待，菜单中则转人工（R9、R10）",
    )
    .into()
}

fn with(place: Option<Place<'_>>) -> String {
    place.map_or(String::new(), |place| format!(" ({place})"))
}

fn way_words(outcome: &Outcome, (at, way): (WallTime, WayTaken), reveal: bool, lang: Lang) -> (String, Vec<String>) {
    let plan = &outcome.plan;
    let WayTaken::Menu(Way { door, took }) = way else { return led(plan, way, lang) };
    let menu = match (door, took) {
        (Door::Menu(menu), _) => menu,
        (Door::Number(number), Took::Gate(gate)) => return dialled(outcome, number, Some((gate, at)), reveal, lang),
        (Door::Number(number), _) => return dialled(outcome, number, None, reveal, lang),
    };
    let name = &plan.menu(menu).name;
    let place = Piece::of(way).and_then(|piece| piece.place(plan));
    match took {
        Took::Gate(gate) => {
            let (says, mut places) = led(plan, way, lang);
            places.extend(gates(outcome, Door::Menu(menu), at, Some(gate), lang));
            (says, places)
        }
        Took::Invalid('x') => {
            (lang.of(format!("menu {name}: too few digits{}", with(place)), format!("菜单 {name}：位数不够{}", with(place))), Vec::new())
        }
        Took::Invalid(key) => (
            lang.of(
                format!("menu {name}: key {key} is none of its keys{}", with(place)),
                format!("菜单 {name}：没有按键 {key}{}", with(place)),
            ),
            Vec::new(),
        ),
        Took::NoInput => {
            (lang.of(format!("menu {name}: no key came{}", with(place)), format!("菜单 {name}：没有按键{}", with(place))), Vec::new())
        }
        Took::Entry | Took::Key(_) | Took::Failed | Took::Spared | Took::Collected => led(plan, way, lang),
    }
}

fn led(plan: &Plan, way: WayTaken, lang: Lang) -> (String, Vec<String>) {
    let Some(piece) = Piece::of(way) else { return (String::new(), Vec::new()) };
    let what = piece_words(plan, piece, lang);
    let does = |branch| format!("{}{}", lang.of(": ", "："), branch_words(plan, branch, lang));
    let does = branch(plan, way).map_or(String::new(), does);
    (format!("{what}{}{does}", with(piece.place(plan))), Vec::new())
}

fn piece_words(plan: &Plan, piece: Piece, lang: Lang) -> String {
    if lang == Lang::En { piece.words(plan).replace('`', "") } else { piece_name(plan, piece, lang) }
}

/// What a piece of the rules is, in either language.
pub fn piece_name(plan: &Plan, piece: Piece, lang: Lang) -> String {
    let Lang::Zh = lang else { return piece.words(plan) };
    let menu = |id: MenuId| &plan.menu(id).name;
    match piece {
        Piece::Gate(id, place) => format!("菜单 {} 的第 {} 道门", menu(id), place + 1),
        Piece::Collected(id) => format!("菜单 {} 收到号码", menu(id)),
        Piece::Spared(id) => format!("菜单 {} 是自助菜单，贵宾客户直接转人工（R47）", menu(id)),
        Piece::Key(id, key) => format!("菜单 {} 按 {key}", menu(id)),
        Piece::Failed(id) => format!("菜单 {} 多次按错或不按", menu(id)),
        Piece::Closed(id) => format!("队列 {} 不在服务时间", plan.queue(id).name),
        Piece::Otherwise(id) => format!("外部 {} 未接通", plan.way_out(id).to.name),
        Piece::Nobody(id) => format!("队列 {} 无人值守", plan.queue(id).name),
        Piece::Survey(said) => match said {
            SurveyPiece::Intro => "满意度调查的开场".to_owned(),
            SurveyPiece::Question(place) => format!("满意度调查第 {} 题", place + 1),
            SurveyPiece::NoInput => "满意度调查中没有按键".to_owned(),
            SurveyPiece::Invalid => "满意度调查中按错".to_owned(),
            SurveyPiece::Thanks => "满意度调查的致谢".to_owned(),
        },
        Piece::NumberGate(id, place) => format!("号码 {} 的第 {} 道分流", plan.number(id).name, place + 1),
        Piece::Number(id) => format!("号码 {}", plan.number(id).name),
        Piece::Menu(id) => format!("菜单 {}", menu(id)),
        Piece::Invalid(id) => format!("菜单 {} 按错键", menu(id)),
        Piece::NoInput(id) => format!("菜单 {} 不按键", menu(id)),
        Piece::Step(id, step) => format!("队列 {} 的第 {} 步", plan.queue(id).name, step + 1),
        Piece::Overflow(id) => format!("队列 {} 的溢出（`overflow`）", plan.queue(id).name),
        Piece::Block(place) => format!("第 {} 条黑名单", place + 1),
        Piece::Announcement(place) => format!("公告 {}", plan.announcements.get(place).map_or("", |one| &*one.name)),
        Piece::Lookup(place) => format!("查询 {}", plan.lookups.get(place).map_or("", |lookup| &*lookup.name)),
        Piece::Customer(place) => format!("客户 {}", plan.customers.get(place).map_or_else(String::new, Customer::title)),
    }
}

/// The number, who calls, and where it leads.
fn dialled(outcome: &Outcome, id: NumberId, gate: Option<(usize, WallTime)>, reveal: bool, lang: Lang) -> (String, Vec<String>) {
    let plan = &outcome.plan;
    let Some(record) = outcome.record() else { return (String::new(), Vec::new()) };
    let number = plan.number(id);
    let taken = gate.and_then(|(gate, _)| number.gates.get(gate)).map_or(&number.entry, |gate| &gate.go);
    let leads = branch_words(plan, taken, lang);
    let place = with(plan.places.spot(Spot::Number(id)));
    let hidden = || lang.of("somebody without a number", "隐藏号码的来电者").to_owned();
    let (name, from) = (
        &number.name,
        if record.from.is_anonymous() {
            hidden()
        } else if reveal {
            record.from.reveal().to_owned()
        } else {
            record.from.to_string()
        },
    );
    let says = lang.of(format!("{from} dials {name}{place}: {leads}"), format!("{from} 拨打 {name}{place}：{leads}"));
    let known = plan.customer_place(record.from.reveal());
    let known = known.map(|place| {
        let customer = &plan.customers[place];
        let name = if reveal { customer.name.to_string() } else { customer.title() };
        let place = with(plan.places.spot(Spot::Customer(place)));
        lang.of(format!("known as customer {name}{place}"), format!("客户 {name}{place}"))
    });
    let at = gate.map_or_else(|| record.t1.unwrap_or(record.t0), |(_, at)| at);
    let asked = gates(outcome, Door::Number(id), at, gate.map(|(gate, _)| gate), lang);
    (says, as_it_came(outcome, lang).into_iter().chain(known).chain(asked).collect())
}

/// Why the caller's number is not one in full, by which customers, lists and regions are found.
fn as_it_came(outcome: &Outcome, lang: Lang) -> Option<String> {
    let mut kinds = outcome.found.events.iter().map(|event| &event.kind);
    kinds.find_map(|kind| if let EventKind::Identified(identified) = kind { identified_words(identified, lang) } else { None })
}

/// A menu was entered: its gates were open.
fn entered(outcome: &Outcome, place: usize, at: WallTime, lang: Lang) -> (String, Vec<String>) {
    let plan = &outcome.plan;
    let id = MenuId(u16::try_from(place).unwrap_or(u16::MAX));
    let menu = plan.menu(id);
    let written = with(plan.places.spot(Spot::Menu(id)));
    let said = outcome.said.iter().find(|said| said.at >= at && said.barge_in).map(|said| said.prompts.join(", "));
    let says = said.map_or(String::new(), |said| lang.of(format!(": says {said}"), format!("：播报 {said}")));
    (
        lang.of(format!("menu {}{written}{says}", menu.name), format!("菜单 {}{written}{says}", menu.name)),
        gates(outcome, Door::Menu(id), at, None, lang),
    )
}

/// What gates looked at: up to the one that held, or all.
fn gates(outcome: &Outcome, door: Door, at: WallTime, taken: Option<usize>, lang: Lang) -> Vec<String> {
    let plan = &outcome.plan;
    let (all, menu) = match door {
        Door::Number(number) => (&plan.number(number).gates, None),
        Door::Menu(menu) => (&plan.menu(menu).gates, Some(&plan.menu(menu).name)),
    };
    let judged = outcome.found.events.iter().rev().filter(|event| event.at <= at).find_map(|event| {
        if let EventKind::Judged(judged) = &event.kind { Some(judged).filter(|judged| judged.menu.as_ref() == menu) } else { None }
    });
    let gates = all.iter().take(taken.map_or(usize::MAX, |taken| taken + 1)).enumerate();
    let words = gates.map(|(place, Gate { when, .. })| match when {
        When::Closed(closed) => calendar(plan, *closed, at, lang),
        When::Holds(predicate) => {
            let spot = match door {
                Door::Number(number) => Spot::NumberGate(number, place),
                Door::Menu(menu) => Spot::Gate(menu, place),
            };
            let looked = judged.map(|judged| judged.looked.iter().filter(|one| usize::from(one.gate) == place));
            let looked: Vec<String> = looked.into_iter().flatten().map(|one| format!("{} = {}", one.fact, one.value)).collect();
            let (text, place_of, looked) =
                (print_predicate(predicate, plan), with(plan.places.spot(spot)), looked.join(lang.of(", ", "，")));
            if taken == Some(place) {
                lang.of(format!("`{text}`{place_of} holds: {looked}"), format!("`{text}`{place_of} 成立：{looked}"))
            } else {
                lang.of(format!("`{text}`{place_of} does not hold: {looked}"), format!("`{text}`{place_of} 不成立：{looked}"))
            }
        }
    });
    words.collect()
}

/// Why a calendar is open or closed at a time.
fn calendar(plan: &Plan, id: CalendarId, at: WallTime, lang: Lang) -> String {
    let calendar = plan.calendar(id);
    let local = jiff::Timestamp::from_microsecond(at.0).map(|at| at.to_zoned(calendar.zone.clone()));
    let Ok(local) = local else { return calendar.name.to_string() };
    let day = local.date();
    let kind = match (calendar.off.contains(&day), calendar.workdays.contains(&day)) {
        (true, _) => lang.of("a holiday", "节假日"),
        (_, true) => lang.of("a make-up day", "调休上班日"),
        (false, false) => lang.of(weekday(day.weekday(), Lang::En), weekday(day.weekday(), Lang::Zh)),
    };
    let open = if calendar.is_open(at) { lang.of("open", "服务中") } else { lang.of("closed", "非服务时间") };
    let of_day = plan.places.day(id, day).map(|place| place.to_string());
    let hours = plan.places.spot(Spot::Hours(id)).map(|place| place.to_string());
    let places: Vec<String> = of_day.into_iter().chain(hours).collect();
    let spans = calendar.hours_on(day).iter().map(|(from, to)| format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60));
    let spans: Vec<String> = spans.collect();
    let spans = if spans.is_empty() { String::new() } else { format!("{}{}", lang.of(", ", "，"), spans.join(" ")) };
    let time = local.strftime("%H:%M:%S");
    let places = if places.is_empty() { String::new() } else { format!(" ({})", places.join(lang.of(", ", "，"))) };
    lang.of(
        format!("calendar {}: {day} is {kind}{spans}, at {time} {open}{places}", calendar.name),
        format!("日历 {}：{day} 是{kind}{spans}，{time} {open}{places}", calendar.name),
    )
}

fn weekday(day: jiff::civil::Weekday, lang: Lang) -> &'static str {
    const EN: [&str; 7] = ["a Monday", "a Tuesday", "a Wednesday", "a Thursday", "a Friday", "a Saturday", "a Sunday"];
    const ZH: [&str; 7] = ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"];
    let place = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0) % 7;
    lang.of(EN[place], ZH[place])
}

fn branch_words(plan: &Plan, branch: &Branch, lang: Lang) -> String {
    let mut parts: Vec<String> = Vec::new();
    let set = changes(plan, &branch.set);
    if !set.is_empty() {
        parts.push(lang.of(format!("sets {}", set.join(", ")), format!("设定 {}", set.join("，"))));
    }
    parts.push(match branch.go {
        Go::Menu(menu) => lang.of(format!("to menu {}", plan.menu(menu).name), format!("进入菜单 {}", plan.menu(menu).name)),
        Go::Again => lang.of("the menu again", "重听").into(),
        Go::Queue(queue) if branch.set.whose.is_some() => whose_words(plan, &branch.set, queue, lang),
        Go::Queue(queue) => lang.of(format!("to queue {}", plan.queue(queue).name), format!("进入 {} 排队", plan.queue(queue).name)),
        Go::Callback(queue) => {
            lang.of(format!("call-back in queue {}", plan.queue(queue).name), format!("在 {} 预约回拨", plan.queue(queue).name))
        }
        Go::Voicemail(voicemail) => {
            let name = &plan.voicemail(voicemail).name;
            lang.of(format!("to leave a message in {name}"), format!("在 {name} 留言"))
        }
        Go::Goodbye => lang.of("goodbye", "道别").into(),
        Go::Out(way) => {
            let to = &plan.way_out(way).to.name;
            lang.of(format!("outside to {to}"), format!("转给外部 {to}"))
        }
        Go::HangUp => lang.of("goodbye, and hangs up", "道别并挂机").into(),
    });
    parts.join(lang.of("; ", "；"))
}

/// To the seats of a department or a person, or to its queue.
fn whose_words(plan: &Plan, set: &Changes, queue: QueueId, lang: Lang) -> String {
    let place = |all: &[Receiver], name: &Name, spot: fn(usize) -> Spot| {
        with(all.iter().position(|one| one.name == *name).and_then(|place| plan.places.spot(spot(place))))
    };
    let whose = match &set.whose {
        Some(Target::Department(name)) => {
            let place = place(&plan.transfer.departments, name, Spot::Department);
            lang.of(format!("to department {name}{place}"), format!("转部门 {name}{place}"))
        }
        Some(Target::Person(name)) => {
            let place = place(&plan.transfer.persons, name, Spot::Person);
            lang.of(format!("to person {name}{place}"), format!("转责任人 {name}{place}"))
        }
        Some(Target::Seat(_) | Target::Queue(_) | Target::Number(_)) | None => String::new(),
    };
    let queue = &plan.queue(queue).name;
    let seats: Vec<&str> = set.seat.iter().chain(&set.others).map(|seat| &*plan.seat(*seat).name).collect();
    match seats[..] {
        [] => lang.of(format!("{whose}: queue {queue}"), format!("{whose}：进入 {queue} 排队")),
        [seat] => lang.of(format!("{whose}: seat {seat}, then queue {queue}"), format!("{whose}：先坐席 {seat}，再 {queue} 排队")),
        _ => lang.of(
            format!("{whose}: the first that is ready of seats {}, then queue {queue}", seats.join(", ")),
            format!("{whose}：先坐席 {} 中第一个空闲的，再 {queue} 排队", seats.join("、")),
        ),
    }
}

fn changes(plan: &Plan, set: &Changes) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    words.extend(set.language.map(|language| format!("language = {}", plan.language(language).code)));
    words.extend(set.class.map(|class| format!("class = {class}")));
    words.extend(set.nature.map(|nature| format!("nature = {nature}")));
    words.extend(set.kind.map(|kind| format!("kind = {kind}")));
    words.extend(set.category.map(|category| format!("category = {category}")));
    words.extend(set.topic.map(|topic| format!("topic = {topic}")));
    words.extend(set.assessed.scope.map(|scope| format!("scope = {scope}")));
    words.extend(set.assessed.impact.map(|impact| format!("impact = {impact}")));
    words.extend(set.priority.map(|priority| format!("priority = {priority}")));
    words.extend(set.customer_type.map(|kind| format!("customer_type = {kind}")));
    words.extend(set.customer_level.map(|level| format!("customer_level = {level}")));
    words.extend(set.skills.iter().map(|need| print_expression(&Expression::AtLeast(*need), &plan.skills)));
    words.extend(set.seat.filter(|_| set.whose.is_none()).map(|seat| format!("seat = {}", plan.seat(seat).name)));
    words.extend(set.sensitive.map(|sensitive| format!("sensitive = {sensitive}")));
    words
}

fn classified_words(plan: &Plan, classified: &Classified, lang: Lang) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(classified.class.map(|class| format!("class {class}")));
    words.extend(classified.kind.map(|kind| format!("kind {kind}")));
    words.push(format!("priority {}", classified.priority));
    let language = plan.languages.iter().position(|language| language.code == classified.language);
    let language = language.and_then(|place| u8::try_from(place).ok()).map(hotline_model::LanguageId);
    words.push(format!("language {}{}", classified.language, with(language.and_then(|language| plan.places.language(language)))));
    words.extend(classified.region.as_ref().map(|region| format!("region {region}")));
    words.extend(classified.skills.iter().map(|(skill, least)| format!("{skill} >= {least}")));
    lang.of(format!("the caller is known: {}", words.join(", ")), format!("来电归类：{}", words.join("，")))
}

fn urgent(plan: &Plan, classified: &Classified, lang: Lang) -> Vec<String> {
    let topic = classified.topic.filter(|topic| plan.priorities.urgent.contains(topic));
    let words = topic.map(|topic| {
        let place = with(plan.places.spot(Spot::Urgent));
        lang.of(format!("{topic} is always urgent{place}, R25, R26"), format!("{topic} 一律紧急{place}，R25、R26"))
    });
    words.into_iter().collect()
}
