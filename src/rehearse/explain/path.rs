//! The way of a call to its queue, in words: number, hours, gates, menus, keys, what they set.

use crate::cli::why::looked_up_words;
use crate::cli::words::Lang;
use crate::rehearse::coverage::Piece;
use crate::rehearse::{Outcome, branch};
use hotline_engine::WayTaken;
use hotline_ivr::{Took, Way};
use hotline_model::history::Classified;
use hotline_model::{EventKind, WallTime};
use hotline_rules::{Branch, CalendarId, Changes, Expression, Gate, Go, MenuId, NumberId, Place, Plan, Spot, print_expression};

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
pub fn steps(outcome: &Outcome, lang: Lang) -> Vec<Step> {
    let mut steps: Vec<(WallTime, u8, Step)> = Vec::new();
    for (at, way) in &outcome.ways {
        let (says, places) = way_words(outcome, *at, *way, lang);
        steps.push((*at, 0, Step { at: *at, says, places }));
    }
    for event in &outcome.found.events {
        let told = if let EventKind::Menu(name) = &event.kind {
            let place = outcome.plan.menus.iter().position(|menu| menu.name == *name);
            place.map(|place| entered(outcome, place, event.at, lang))
        } else if let EventKind::Classified(classified) = &event.kind {
            Some((classified_words(&outcome.plan, classified, lang), urgent(&outcome.plan, classified, lang)))
        } else if let EventKind::LookedUp(looked_up) = &event.kind {
            let place = outcome.plan.lookups.iter().position(|lookup| lookup.name == looked_up.source);
            let place = with(place.and_then(|place| outcome.plan.places.spot(Spot::Lookup(place))));
            Some((format!("{}{place}", looked_up_words(looked_up, lang).trim_end_matches(['.', '。'])), Vec::new()))
        } else {
            None
        };
        steps.extend(told.map(|(says, places)| (event.at, 1, Step { at: event.at, says, places })));
    }
    steps.sort_by_key(|(at, rank, _)| (*at, *rank));
    steps.into_iter().map(|(_, _, step)| step).collect()
}

fn with(place: Option<Place<'_>>) -> String {
    place.map_or(String::new(), |place| format!(" ({place})"))
}

fn way_words(outcome: &Outcome, at: WallTime, way: WayTaken, lang: Lang) -> (String, Vec<String>) {
    let plan = &outcome.plan;
    let WayTaken::Menu(Way { menu, took }) = way else { return led(plan, way, lang) };
    let Some(menu) = menu else { return dialled(outcome, lang) };
    let name = &plan.menu(menu).name;
    let place = Piece::of(way).and_then(|piece| piece.place(plan));
    match took {
        Took::Gate(gate) => {
            let (says, mut places) = led(plan, way, lang);
            places.extend(gates(plan, menu, at, Some(gate), lang));
            (says, places)
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
        Took::Entry | Took::Key(_) | Took::Failed => led(plan, way, lang),
    }
}

fn led(plan: &Plan, way: WayTaken, lang: Lang) -> (String, Vec<String>) {
    let Some(piece) = Piece::of(way) else { return (String::new(), Vec::new()) };
    let what = piece_words(plan, piece, lang);
    let does = branch(plan, way).map_or(String::new(), |branch| format!(": {}", branch_words(plan, branch, lang)));
    (format!("{what}{}{does}", with(piece.place(plan))), Vec::new())
}

fn piece_words(plan: &Plan, piece: Piece, lang: Lang) -> String {
    let Lang::Zh = lang else { return piece.words(plan).replace('`', "") };
    let menu = |id: MenuId| &plan.menu(id).name;
    match piece {
        Piece::Gate(id, place) => format!("菜单 {} 的第 {} 道门", menu(id), place + 1),
        Piece::Key(id, key) => format!("菜单 {} 按 {key}", menu(id)),
        Piece::Failed(id) => format!("菜单 {} 多次按错或不按", menu(id)),
        Piece::Closed(id) => format!("队列 {} 不在服务时间", plan.queue(id).name),
        Piece::Nobody(id) => format!("队列 {} 无人值守", plan.queue(id).name),
        Piece::Number(_)
        | Piece::Menu(_)
        | Piece::Invalid(_)
        | Piece::NoInput(_)
        | Piece::Step(..)
        | Piece::Overflow(_)
        | Piece::Customer(_) => piece.words(plan),
    }
}

/// The number, who calls, and where it leads.
fn dialled(outcome: &Outcome, lang: Lang) -> (String, Vec<String>) {
    let plan = &outcome.plan;
    let Some(record) = outcome.record() else { return (String::new(), Vec::new()) };
    let id = plan.dialled.get(&*record.dialled).copied().unwrap_or(NumberId(0));
    let number = plan.number(id);
    let leads = branch_words(plan, &number.entry, lang);
    let place = with(plan.places.spot(Spot::Number(id)));
    let hidden = || lang.of("somebody without a number", "隐藏号码的来电者").to_owned();
    let (name, from) = (&number.name, if record.from.is_anonymous() { hidden() } else { record.from.to_string() });
    let says = lang.of(format!("{from} dials {name}{place}: {leads}"), format!("{from} 拨打 {name}{place}：{leads}"));
    let known = plan.customer_place(record.from.reveal());
    let known = known.map(|place| {
        let name = &plan.customers[place].name;
        let place = with(plan.places.spot(Spot::Customer(place)));
        lang.of(format!("known as customer {name}{place}"), format!("客户 {name}{place}"))
    });
    (says, known.into_iter().collect())
}

/// A menu was entered: its gates were open.
fn entered(outcome: &Outcome, place: usize, at: WallTime, lang: Lang) -> (String, Vec<String>) {
    let plan = &outcome.plan;
    let id = MenuId(u16::try_from(place).unwrap_or(u16::MAX));
    let menu = plan.menu(id);
    let written = with(plan.places.spot(Spot::Menu(id)));
    let said = outcome.said.iter().find(|said| said.at >= at && said.barge_in).map(|said| said.prompts.join(", "));
    let says = said.map_or(String::new(), |said| lang.of(format!(": says {said}"), format!("：播报 {said}")));
    (lang.of(format!("menu {}{written}{says}", menu.name), format!("菜单 {}{written}{says}", menu.name)), gates(plan, id, at, None, lang))
}

/// The calendars that a menu's gates looked at: up to the one that was closed, or all.
fn gates(plan: &Plan, menu: MenuId, at: WallTime, taken: Option<usize>, lang: Lang) -> Vec<String> {
    let gates = plan.menu(menu).gates.iter().take(taken.map_or(usize::MAX, |taken| taken + 1));
    gates.map(|Gate { closed, .. }| calendar(plan, *closed, at, lang)).collect()
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
    let spans = if spans.is_empty() { String::new() } else { format!(", {}", spans.join(" ")) };
    let time = local.strftime("%H:%M:%S");
    let places = if places.is_empty() { String::new() } else { format!(" ({})", places.join(", ")) };
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
        Go::Queue(queue) => lang.of(format!("to queue {}", plan.queue(queue).name), format!("进入 {} 排队", plan.queue(queue).name)),
        Go::Callback(queue) => {
            lang.of(format!("call-back in queue {}", plan.queue(queue).name), format!("在 {} 预约回拨", plan.queue(queue).name))
        }
        Go::Goodbye => lang.of("goodbye", "道别").into(),
    });
    parts.join(lang.of("; ", "；"))
}

fn changes(plan: &Plan, set: &Changes) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    words.extend(set.language.map(|language| format!("language = {}", plan.language(language).code)));
    words.extend(set.class.map(|class| format!("class = {class}")));
    words.extend(set.nature.map(|nature| format!("nature = {nature}")));
    words.extend(set.kind.map(|kind| format!("kind = {kind}")));
    words.extend(set.category.map(|category| format!("category = {category}")));
    words.extend(set.topic.map(|topic| format!("topic = {topic}")));
    words.extend(set.priority.map(|priority| format!("priority = {priority}")));
    words.extend(set.customer_type.map(|kind| format!("customer_type = {kind}")));
    words.extend(set.customer_level.map(|level| format!("customer_level = {level}")));
    words.extend(set.skills.iter().map(|need| print_expression(&Expression::AtLeast(*need), &plan.skills)));
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
