//! Seats and queues in Chinese.

use super::candidates::Fate;
use super::causes::Reason;
use super::ends::Ends;
use super::held::By;
use super::now::{Admission, Besides, Came, Closed, Cut, Gone, Idle, LOOKED_AT, Now, Over, QueueNow, SeatNow, Stands, Waits, Way};
use super::page::{Page, Table};
use super::zh::{self, condition, seconds};
use crate::cli::words::{self, Zone};
use hotline_model::history::OfferEnd;
use hotline_model::{Activity, Name, NotReadyReason, SeatState};

const ACROSS: &str = "等待中的来电（按各队列内的先后；队列之间由坐席的 `priority` 及 `weight`、`target` 决定）";

const GROUPS: &str = "等待中的来电（按各队列组内的先后；队列组之间不比较先后：哪个组先取到坐席，就接哪个组的来电）";

/// Why a seat gets no calls.
pub fn seat(seat: &SeatNow, now: &Now, zone: &Zone) -> Page {
    let agent = seat.agent.as_ref().filter(|agent| **agent != seat.seat).map_or(String::new(), |agent| format!(" {agent}"));
    let place = seat.place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
    let state = match seat.state {
        None => "状态未知".to_owned(),
        Some((state, None)) => zh::state(state).to_owned(),
        Some((state, Some(since))) => format!("{}，自 {} 起（{}）", zh::state(state), zone.second(since), seconds(now.at.since(since))),
    };
    let mut says = vec![format!("坐席 {}{agent}{place}：{state}。", seat.seat), idle(seat, now, zone)];
    says.extend(seat.cut.map(cut));
    says.extend(remarks(now));
    let offers = seat.offers.iter().map(|(at, call, came)| [zone.second(*at), format!("来电 {call}"), self::came(*came)]);
    let queues = seat
        .queues
        .iter()
        .map(|(queue, admission, place)| [queue.to_string(), self::admission(admission), place.clone().unwrap_or_default()]);
    let waiting = seat.waiting.iter().map(|waits| [format!("来电 {}", waits.call), in_queue(waits), stands(&waits.stands, seat)]);
    let heading = match (seat.has_groups(), seat.weighs_queues(&now.plan)) {
        (true, _) => GROUPS,
        (false, true) => ACROSS,
        (false, false) => "等待中的来电（按先后）",
    };
    let table = |key, heading: &str, rows| Table { key, heading: heading.into(), rows };
    Page {
        says,
        tables: vec![
            table("offers", "启动以来最近的派单", offers.collect()),
            table("queues", "队列", queues.collect()),
            table("waiting", heading, waiting.collect()),
        ],
    }
}

fn remarks(now: &Now) -> Vec<String> {
    let stopped = "这个数据目录上没有热线在运行：以下是日志最后的记录。";
    let mut all: Vec<String> = (!now.runs).then(|| stopped.to_owned()).into_iter().collect();
    if let Some(other) = now.other_rules() {
        all.push(format!("本页所用的规则（{}）不是这些来电呼入时的规则（{other}）。", now.plan.revision));
    }
    all
}

fn cut(Cut { all, looked_at, shown }: Cut) -> String {
    if looked_at < all {
        format!("等待中的 {all} 通来电里查看了最前的 {looked_at} 通，列出其中最前的 {shown} 通。")
    } else {
        format!("等待中的 {all} 通来电里列出与它有关的最前 {shown} 通。")
    }
}

fn idle(seat: &SeatNow, now: &Now, zone: &Zone) -> String {
    let name = &seat.seat;
    match &seat.idle {
        Idle::NotInRules => "不派单：规则中没有这个坐席。".into(),
        Idle::Offered(true) => format!("不再派单：正有来电振铃{}。", afterwards(seat)),
        Idle::Offered(false) => format!("不再派单：正有来电派给它{}。", afterwards(seat)),
        Idle::Engaged(Activity::OnCall) => format!("不再派单：正在通话{}。", afterwards(seat)),
        Idle::Engaged(Activity::WrapUp | Activity::Free | Activity::Offered) => match seat.ends {
            Some(ends) => {
                let (until, left) = (zone.clock(ends.at()), seconds(ends.at().since(now.at)));
                format!("话后到 {until}（还有 {left}）为止，此前不派单{}。", afterwards(seat))
            }
            None => format!("话后结束前不派单{}。", afterwards(seat)),
        },
        Idle::SignedOut => format!("不派单：坐席没有签入（`hotline seats set {name} ready`）。"),
        Idle::KeptOut(why) => format!("不派单：坐席没有签入；{}。", why.zh),
        Idle::Unreachable => match seat.ends {
            Some(Ends::Retry(call, again)) => {
                format!("不派单：话机对来电 {call} 的 INVITE 没有应答，{}（{} 后）再试。", zone.clock(again), seconds(again.since(now.at)))
            }
            Some(Ends::WrapUp(_)) | None => "不派单：话机没有注册，或上一次 INVITE 没有应答。".into(),
        },
        Idle::NotReady(NotReadyReason::Rona) => {
            format!("不派单：上一通来电振铃到时无人接（RONA），须重新置为就绪（`hotline seats set {name} ready`）。")
        }
        Idle::NotReady(_) => format!("不派单：坐席未就绪（`hotline seats set {name} ready`）。"),
        Idle::NoQueue => "坐席空闲，但没有队列可接：原因见下。".into(),
        Idle::NothingWaits => "坐席空闲，目前没有来电等待。".into(),
        Idle::OfferedToOthers(count) => format!("坐席空闲；等待中的 {count} 通来电正派给其他坐席。"),
        Idle::NoneForIt(0, others) => format!("坐席空闲，但等待中的 {others} 通来电都不能由它接。"),
        Idle::NoneForIt(offered, others) => {
            format!("坐席空闲；等待中的 {} 通来电里，{offered} 通正派给其他坐席，其余 {others} 通不能由它接。", offered + others)
        }
        Idle::Soon(call, time) => format!("坐席空闲；如无人先接，来电 {call} 在 {} 后轮到它。", seconds(*time)),
        Idle::Could(call) => format!("坐席空闲，可接来电 {call}：记录中没有不派的原因，可能正要派单。"),
        Idle::Paused(pause, call) => {
            let (until, left) = (zone.clock(pause.until), seconds(pause.until.since(now.at)));
            let paused =
                format!("来电 {}（{}）之后停派到 {until}，还有 {left}（{}）", pause.call, paused_after(pause.why), pause.setting.name());
            match call {
                Some(call) => format!("坐席空闲，可接来电 {call}，但{paused}。"),
                None => format!("坐席空闲，但{paused}：此前不派单。"),
            }
        }
    }
}

/// How an offer failed after which a seat is in a pause.
pub fn paused_after(why: OfferEnd) -> String {
    if why == OfferEnd::Withdrawn { "振铃到时仍无结果".into() } else { zh::offer_end(why) }
}

/// What its agent chose to be afterwards, if not ready.
fn afterwards(seat: &SeatNow) -> String {
    let chose = |state: SeatState| format!("；坐席已选择此后为“{}”（`hotline seats set {} ready`）", zh::state(state), seat.seat);
    seat.afterwards().map_or(String::new(), chose)
}

fn came(came: Came) -> String {
    match came {
        Came::Answer => "已接听".into(),
        Came::Open(true) => "振铃中".into(),
        Came::Open(false) => "正在派单".into(),
        Came::End(end) => zh::offer_end(end),
        Came::Unknown => "没有记录结果".into(),
    }
}

fn admission(admission: &Admission) -> String {
    match admission {
        Admission::From(0, _, asks, besides) => format!("可接：{}{}", condition(asks), self::besides(besides)),
        Admission::From(step, after, asks, besides) => {
            let begins = if after.is_zero() { "立即".to_owned() } else { format!("等待 {}之后", seconds(*after)) };
            format!("第 {} 步起可接，{begins}：{}{}", step + 1, condition(asks), self::besides(besides))
        }
        Admission::Helps(after) => format!("等待 {}后协助：该队列溢出（`overflow`）到本坐席", seconds(*after)),
        Admission::NotNamed => "不属于该队列".into(),
        Admission::NotServed => "不在坐席的 `queues` 里".into(),
        Admission::NoStep(asks) => format!("不可接：最后一步仍要求 {}", condition(asks)),
        Admission::NoTier => zh::fate(&Fate::NoTier),
    }
}

fn besides(Besides { passed, hold, delay, reserve }: &Besides) -> String {
    let passed: String = passed.iter().map(|one| format!("；{}", zh::passed(one))).collect();
    let hold = if hold.is_zero() {
        String::new()
    } else {
        format!("，更优层级有人在岗时先等其 {}（`assign.tiers`）", seconds(*hold))
    };
    let delay = if delay.is_zero() { String::new() } else { format!("，来电须已等待 {}（`delay`）", seconds(*delay)) };
    let reserve = if *reserve { "，仅在队列拥挤时（`reserve`）" } else { "" };
    hold + &delay + reserve + &passed
}

fn in_queue(waits: &Waits) -> String {
    let too = waits.overflow.as_ref().map_or(String::new(), |queue| format!("（溢出，同时在 {queue}）"));
    let risen = waits.risen.map_or(String::new(), |priority| format!("，等待已久按{}（R38）", zh::priority(priority)));
    let priority = waits.priority.map_or(String::new(), |priority| format!("{}{risen}，", zh::priority(priority)));
    let kept = waits.kept.map_or(String::new(), |call| format!("，沿用 {call} 的位置"));
    let group = waits.group.as_ref().map_or(String::new(), |group| format!("（队列组 {group}）"));
    format!("{}{group}{too}，{priority}{}{kept}", waits.queue, seconds(waits.waited))
}

fn stands(stands: &Stands, asked: &SeatNow) -> String {
    let placed = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
    match stands {
        Stands::Offered { seat, rang } => offered(seat, *rang),
        Stands::Could => "现在可接".into(),
        Stands::AfterPause(time) => format!("停派结束即可接，还有 {}", seconds(*time)),
        Stands::IfReady => "坐席就绪即可接".into(),
        Stands::In(time, by) => format!("{} 后轮到它：{}", seconds(*time), zh::by(by, Some(&asked.seat))),
        Stands::AfterOwn(time) => format!("还要等自己的坐席 {}（`assign.wait_for`）", seconds(*time)),
        Stands::Overflows(time, queue) => format!("如仍在等，溢出到队列 {queue}（`overflow`），{} 后轮到它", seconds(*time)),
        Stands::Leaves(time, queue) => format!("如届时仍无人服务，转到队列 {queue}（`nobody`），{} 后轮到它", seconds(*time)),
        Stands::Never(Fate::Lacks(need), place) => {
            format!("不可接：客户需要 {}{}，坐席的技能{}达不到", condition(need), placed(place), placed(&asked.place))
        }
        Stands::Never(fate, place) => format!("不可接：{}{}", zh::fate(fate), placed(place)),
    }
}

fn offered(seat: &Name, rang: bool) -> String {
    if rang { format!("坐席 {seat} 振铃中") } else { format!("正派给坐席 {seat}") }
}

/// Why a queue stands still.
pub fn queue(queue: &QueueNow, now: &Now, zone: &Zone) -> Page {
    let place = queue.place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
    let mut says = vec![format!("队列 {}{place}：{}。", queue.queue, calls(&queue.waiting, queue.more))];
    says.extend(queue.closed.as_ref().map(|closed| self::closed(closed, zone)));
    says.extend(queue.full.as_ref().map(|(limit, room)| {
        let next = room.as_ref().map_or("会听到请稍后再拨".to_owned(), |room| format!("转到队列 {room}（`overflow`）"));
        format!("队列已满：已有 {limit} 通在等，不再接纳（`limit`）；下一通来电{next}。")
    }));
    let first = queue.waiting.iter().find(|waits| !matches!(waits.stands, Stands::Offered { .. }));
    if let (Some(first), Some(reason)) = (first, &queue.reason) {
        says.push(format!(
            "排在最前的是来电 {}，已等待 {}：{}。",
            first.call,
            seconds(first.waited),
            zh::reason(reason) + &left_out(queue)
        ));
        if *reason != Reason::Free {
            says.push(goes_on(queue, reason, now, zone));
        }
    }
    let passed = queue.steps.iter().filter_map(|step| step.passed.as_ref());
    let later = |step: usize| queue.seats.as_ref().is_none_or(|seats| step >= seats.step);
    says.extend(passed.filter(|passed| later(passed.step)).map(|passed| format!("现在{}。", zh::passed(passed))));
    says.extend((queue.more > 0).then(|| format!("列出其中最前的 {} 通。", queue.waiting.len())));
    says.extend(queue.left_cut.then(|| format!("近一小时只查了最近排队的 {LOOKED_AT} 通来电，看其中哪些离开了队列。")));
    says.extend(remarks(now));
    let steps = queue.steps.iter().enumerate().map(|(n, step)| {
        let seats = if step.seats.is_empty() { "没有增加".to_owned() } else { zh::counts(&step.seats) };
        let place = step.place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
        let begins = if step.after.is_zero() { "立即".into() } else { format!("{} 起", seconds(step.after)) };
        let begins = if step.passed.is_some() { begins + "，略过" } else { begins };
        let all: usize = step.seats.iter().map(|(_, count)| count).sum();
        let fit = step.fit.filter(|fit| *fit != all).map_or(String::new(), |fit| format!("；排在最前的来电可由 {fit} 个接"));
        [format!("第 {} 步，{begins}", n + 1), format!("{}{place}", condition(&step.asks)), seats + &fit]
    });
    let left =
        queue.left.iter().map(|left| [zone.second(left.at), format!("来电 {}", left.call), zh::left(left.why, left.onward.as_ref())]);
    let (heading, seats) = queue.seats.as_ref().map(zh::seats).unwrap_or_default();
    let table = |key, heading: &str, rows| Table { key, heading: heading.into(), rows };
    Page {
        says,
        tables: vec![
            table("waiting", "来电", waiting(&queue.waiting)),
            table("steps", "各步，及其增加的坐席（不论客户需要什么）", steps.collect()),
            table("left", "近一小时因无人服务而离开的来电", left.collect()),
            table("seats", &heading, seats.into_iter().map(|[fate, seats]| [fate, seats, String::new()]).collect()),
        ],
    }
}

/// How many calls wait, and how many of them are offered.
fn calls(waiting: &[Waits], more: usize) -> String {
    let count = waiting.len() + more;
    let offers = waiting.iter().filter(|waits| matches!(waits.stands, Stands::Offered { .. })).count();
    let calls = if count == 0 { "没有来电等待".to_owned() } else { format!("{count} 通来电等待") };
    if offers > 0 { format!("{calls}，其中 {offers} 通正派给坐席") } else { calls }
}

fn waiting(waiting: &[Waits]) -> Vec<[String; 3]> {
    let row = |waits: &Waits| {
        let rings = if let Stands::Offered { seat, rang } = &waits.stands { offered(seat, *rang) } else { String::new() };
        [format!("来电 {}", waits.call), in_queue(waits), rings]
    };
    waiting.iter().map(row).collect()
}

/// What becomes of the calls of a queue that the rules have no more.
pub fn gone(Gone { queue, waiting, more }: &Gone, now: &Now) -> Page {
    let mut says = vec![
        format!("队列 {queue}：规则（{}）中已没有它，{}。", now.plan.revision, calls(waiting, *more)),
        "规则变更或一次派单结束时，这些来电按原位置转到它的溢出队列（`overflow`），没有则转到所拨号码在不按键时通往的队列；\
         目标已满或没有目标时留在原处，由原来的坐席接听。"
            .to_owned(),
    ];
    says.extend((*more > 0).then(|| format!("列出其中最前的 {} 通。", waiting.len())));
    says.extend(remarks(now));
    Page { says, tables: vec![Table { key: "waiting", heading: "来电".into(), rows: self::waiting(waiting) }] }
}

fn closed(Closed { calendar, opens, but_complaints }: &Closed, zone: &Zone) -> String {
    let opens = opens.map_or(String::new(), |opens| format!("，到 {} 为止", zone.second(opens)));
    let complaints = if *but_complaints { "；投诉照常受理（R17）" } else { "" };
    format!("现在不在服务时间{opens}（日历 {calendar}，`hours`）{complaints}。")
}

/// Whom a sentence of nobody leaves aside.
fn left_out(queue: &QueueNow) -> String {
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
    let seats: Vec<String> = queue.left_out.iter().map(|(seat, at)| format!("{seat}{}", place(at))).collect();
    if seats.is_empty() { String::new() } else { format!("（{} 除外：其 `queues` 不含本队列）", seats.join("、")) }
}

/// What the first call waits for from now on.
fn goes_on(queue: &QueueNow, reason: &Reason, now: &Now, zone: &Zone) -> String {
    let ready = match reason {
        Reason::NoSeat(_) => None,
        Reason::OwnAgents(seats) => {
            let not_ready: Vec<&str> = seats.iter().filter(|seat| !now.pauses.contains_key(*seat)).map(|seat| &**seat).collect();
            (!not_ready.is_empty()).then(|| format!("坐席 {} 空闲即可派单", not_ready.join(" 或 ")))
        }
        Reason::Kept { .. } | Reason::Held(_) | Reason::Reserve(_) => Some("其他可接的坐席空闲即可派单".to_owned()),
        Reason::NobodyIn { .. } | Reason::Busy { .. } | Reason::NoneReady(_) => Some("有这样的坐席空闲即可派单".to_owned()),
        Reason::Behind { .. } | Reason::Free | Reason::Offered { .. } | Reason::Restart => None,
    };
    let crowded = queue.crowds.map(|(least, waiting)| format!("或有 {least} 通来电在等（现有 {waiting} 通）时由后备坐席接"));
    let ways = queue.ways.iter().map(|way| format!("或 {}", self::way(way, now, zone)));
    let mut ways: Vec<String> = ready.into_iter().chain(crowded).chain(ways).collect();
    if ways.is_empty() {
        return "按规则没有可接它的坐席。".into();
    }
    ways.extend((!queue.steps_follow).then(|| "后面没有更宽的步骤".to_owned()));
    ways.join("；") + "。"
}

fn way(Way { after, over, .. }: &Way, now: &Now, zone: &Zone) -> String {
    let (at, left) = (format!("{}（{} 后）", zone.clock(now.at + *after), seconds(*after)), seconds(*after));
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!("，{place}"));
    match over {
        Over::Pause(seat) => format!("{at}坐席 {seat} 停派结束"),
        Over::Held(seat, By::Help(_, place_of)) => format!("{at}坐席 {seat} 起帮忙（`overflow`{}）", place(place_of)),
        Over::Held(seat, By::Longest(longest, place_of, _)) => {
            format!("{at}有来电等满 {}，由后备坐席 {seat} 接（`longest`{}）", seconds(*longest), place(place_of))
        }
        Over::Held(seat, by @ By::Delay(..)) => format!("{at}{}已过", zh::by(by, Some(seat))),
        Over::Held(seat, by) => format!("{at}由坐席 {seat} 接：{}已过", zh::by(by, None)),
        Over::WrapUp(seat) => format!("{at}坐席 {seat} 话后结束"),
        Over::Retry(seat) => format!("{at}再试坐席 {seat} 的话机"),
        Over::Patience(seats) => {
            let seat = seats.first().map_or(String::new(), |seat| format!("，可由坐席 {seat} 接"));
            format!("{at}不再等自己的坐席（`assign.wait_for`）{seat}")
        }
        Over::Step(step, queue, seats) => {
            let more: usize = seats.iter().map(|(_, count)| count).sum();
            let queue = queue.as_ref().map_or(String::new(), |queue| format!("队列 {queue} "));
            format!("{left} 后到{queue}第 {} 步，再增加 {more} 个坐席（{}）", step + 1, zh::counts(seats))
        }
        Over::Help(count) => format!("{left} 后由 {count} 个坐席帮忙（`overflow`）"),
        Over::Overflow(queue, place_of) => format!("{at}应答时限已过，同时到队列 {queue} 排队（R5，`overflow`{}）", place(place_of)),
        Over::Nobody(to, place_of) => {
            let where_to = to.as_ref().map_or("离开队列".to_owned(), |queue| format!("转到队列 {queue}"));
            format!("{at}{where_to}，如届时仍无可服务的坐席签入且可达（`nobody`{}）", place(place_of))
        }
        Over::Outside(to) => format!("{at}同时外呼 {}（`overflow`）", words::masked(to)),
    }
}
