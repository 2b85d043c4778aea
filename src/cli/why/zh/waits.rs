//! What a call waits for, in Chinese.

use super::{offer_end, priority, seconds, state};
use crate::cli::why::causes::{Ahead, Causes, Reason, Stretch, once};
use crate::cli::why::fact::engaged;
use crate::cli::why::held::{By, Held, tier_key};
use crate::cli::why::pauses::Setting;
use crate::cli::why::rules::Asks;
use crate::cli::why::{NAMED, Waited};
use hotline_model::history::OfferEnd;
use hotline_model::{CallId, Name, SeatState};

/// The wait by its causes, as a line of its own.
pub fn causes(causes: &Causes, waited: &Waited<'_>) -> String {
    let begin = if waited.goes_on { "已等待" } else { "等待" };
    let each: Vec<_> = once(causes, reason).into_iter().map(|(time, why)| format!("{} {why}", seconds(time))).collect();
    let counts = waited.counts.map_or(String::new(), |counts| format!("（按沿用的位置计 {}）", seconds(counts)));
    format!("{begin} {}{counts}：{}。", seconds(waited.time), each.join("，"))
}

/// What a call waits for.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NoSeat(asks) => no_seat(asks),
        Reason::NobodyIn { asks, unreachable: false } => format!("{}签入", no_seat(asks)),
        Reason::NobodyIn { asks, unreachable: true } => format!("{}签入且话机可达", no_seat(asks)),
        Reason::Busy(stretches) => busy(stretches),
        Reason::Kept { holds: false, settings } => {
            format!("空闲坐席刚有派单未成、短暂停派（{}）", Setting::names(settings.iter().copied(), "、"))
        }
        Reason::Kept { holds: true, .. } => {
            "空闲坐席暂不派单（上一层级的保留时间 `assign.tiers` 未到，或刚有派单未成、短暂停派 `assign.delays`、`assign.rona`）".into()
        }
        Reason::Held(held) => format!("空闲坐席暂不派单：{}", self::held(held)),
        Reason::Free => "有坐席空闲可接，记录中没有不派的原因（可能正要派单）".into(),
        Reason::Reserve(place) => {
            let place = place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
            format!("空闲坐席都属后备，队列还不够拥挤{place}")
        }
        Reason::OwnAgents(seats) => {
            format!("有坐席空闲，但在等自己的坐席 {}（`assign.wait_for`）", seats.iter().map(|seat| &**seat).collect::<Vec<_>>().join("、"))
        }
        Reason::NoneReady(0) => "没有可接的坐席".into(),
        Reason::NoneReady(1) => "唯一可接的坐席不空闲".into(),
        Reason::NoneReady(admitted) => format!("可接的 {admitted} 个坐席都不空闲"),
        Reason::Behind { calls, meanwhile } => {
            let groups = calls.iter().filter_map(|(ahead, count)| {
                let Ahead::Group { queue, place } = ahead else { return None };
                let place = place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
                Some(format!("本可接它的坐席派给了队列 {queue}{place}的 {count} 个来电，该队列属另一组（`group`），组间不比先后"))
            });
            let each = calls.iter().filter_map(|(ahead, count)| {
                Some(match ahead {
                    Ahead::Group { .. } => return None,
                    Ahead::Rank(rank) => format!("{count} 个{}来电", priority(*rank)),
                    Ahead::Queue { queue, times: Some(times), place } => {
                        let place = place.as_ref().map_or(String::new(), |place| format!("，{place}"));
                        format!("{count} 个队列 {queue} 的来电（等待按 {times} 倍计{place}）")
                    }
                    Ahead::Queue { queue, times: None, .. } => {
                        format!("{count} 个队列 {queue} 的来电（坐席先接该队列，`queues` 的 `priority`）")
                    }
                })
            });
            let each: Vec<_> = each.collect();
            let before = Some(format!("前面有 {}先派到它本可用的坐席", each.join("和 "))).filter(|_| !each.is_empty());
            let all: Vec<_> = before.into_iter().chain(groups).collect();
            format!("{}，其间{}", all.join("；"), self::reason(meanwhile))
        }
        Reason::Offered { seat, rang: true, end: None } => format!("坐席 {seat} 振铃"),
        Reason::Offered { seat, rang: true, end: Some(end) } => format!("坐席 {seat} 振铃（{}）", offer_end(*end)),
        Reason::Offered { seat, rang: false, end: None } => format!("已派给坐席 {seat}"),
        Reason::Offered { seat, rang: false, end: Some(OfferEnd::Unreachable) } => {
            format!("派给坐席 {seat}，其话机无应答（2 秒内没有 1xx，或传输错误）")
        }
        Reason::Offered { seat, rang: false, end: Some(OfferEnd::Rona) } => format!("派给坐席 {seat}，其话机一直未报振铃，也无人接听"),
        Reason::Offered { seat, rang: false, end: Some(end) } => format!("派给坐席 {seat}（{}）", offer_end(*end)),
        Reason::Restart => "无记录，直到热线重启".into(),
    }
}

/// A call that went before another, and why.
pub fn overtook(call: CallId, why: &Ahead) -> String {
    match why {
        Ahead::Rank(rank) => format!("来电 {call}（{}，排在它前面）", priority(*rank)),
        Ahead::Queue { queue, times: Some(times), .. } => format!("队列 {queue} 的来电 {call}（等待按 {times} 倍计）"),
        Ahead::Queue { queue, times: None, .. } => format!("队列 {queue} 的来电 {call}（坐席先接该队列）"),
        Ahead::Group { queue, .. } => format!("队列 {queue} 的来电 {call}（该队列属另一组）"),
    }
}

/// That nobody who was there was ready, and what they were at.
fn busy(stretches: &[Stretch]) -> String {
    let (seats, reserve) =
        (Stretch::ranges(stretches, |stretch| &stretch.seats), ranges(&Stretch::ranges(stretches, |stretch| &stretch.reserve)));
    if seats.is_empty() {
        return format!("签入的坐席中可接的都属后备，且都不空闲（{reserve}）");
    }
    let (least, most) = (stretches.iter().map(Stretch::count).min().unwrap_or(0), stretches.iter().map(Stretch::count).max().unwrap_or(0));
    let who = match (least, most) {
        (_, 1) => "签入且话机可达的坐席中唯一可接的".to_owned(),
        (least, most) if least == most => format!("签入且话机可达的坐席中可接的 {most} 个都"),
        (least, most) => format!("签入且话机可达的坐席中可接的（{least} 至 {most} 个）都"),
    };
    let at = match (
        stretches.iter().all(|stretch| engaged(&stretch.seats) == stretch.count()),
        stretches.iter().any(|stretch| engaged(&stretch.seats) > 0),
    ) {
        (true, _) if most == 1 => "在忙",
        (true, _) => "忙",
        (false, true) => "在忙或未就绪",
        (false, false) => "未就绪",
    };
    let what = match seats.as_slice() {
        [(one, ..)] => format!("{who}{at}：{}", state(*one)),
        _ if most == 1 => {
            let each = stretches.iter().flat_map(|stretch| stretch.seats.iter().map(|(one, _)| (stretch.time, one)));
            let each: Vec<_> = each.map(|(time, one)| format!("{} {}", seconds(time), state(*one))).collect();
            format!("{who}{at}（{}）", each.join("、"))
        }
        _ => format!("{who}{at}（{}）", ranges(&seats)),
    };
    if reserve.is_empty() { what } else { format!("{what}，后备坐席也不空闲（{reserve}）") }
}

/// How many seats were at what.
fn ranges(ranges: &[(SeatState, usize, usize)]) -> String {
    let range = |(one, least, most): &(SeatState, usize, usize)| match (*least, *most) {
        (least, most) if least == most => format!("{most} 个{}", state(*one)),
        (0, most) => format!("最多 {most} 个{}", state(*one)),
        (least, most) => format!("{least} 至 {most} 个{}", state(*one)),
    };
    ranges.iter().map(range).collect::<Vec<_>>().join("、")
}

/// A condition as people write it.
pub fn condition(text: &str) -> String {
    text.replace(">=", "≥").replace(" & ", " 且 ").replace(" | ", " 或 ").replace("anyone", "不限")
}

/// What keeps ready seats, each thing once.
fn held(held: &Held) -> String {
    let mut all: Vec<String> = Vec::new();
    for (seat, by) in held {
        let words = self::by(by, Some(seat));
        if !all.contains(&words) {
            all.push(words);
        }
    }
    let more = if all.len() > NAMED { format!("等 {} 项", all.len()) } else { String::new() };
    all.truncate(NAMED);
    all.join("；") + &more
}

/// What keeps a ready seat.
pub fn by(by: &By, seat: Option<&Name>) -> String {
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
    let whose = seat.map_or("自己".to_owned(), |seat| format!("坐席 {seat} "));
    match by {
        By::Step(step, at, queue) => {
            let queue = queue.as_ref().map_or(String::new(), |queue| format!("队列 {queue} "));
            format!("{queue}第 {} 步{}", step + 1, place(at))
        }
        By::Delay(delay, at) => format!("{whose}的 `delay` {}{}", seconds(*delay), place(at)),
        By::Help(after, at) => {
            let at = at.as_ref().map_or(String::new(), |at| format!("，{at}"));
            format!("{}等待 {} 起才帮忙（`overflow`{at}）", seat.map_or(String::new(), |seat| format!("坐席 {seat} ")), seconds(*after))
        }
        By::Hold(holds) => {
            let each = holds.iter().map(|(tier, hold)| format!("层级 {} 的保留时间 {}", tier_key(*tier), seconds(*hold)));
            format!("{}（`assign.tiers`）", each.collect::<Vec<_>>().join("、"))
        }
        By::Reserve(at) => format!("{whose}属后备坐席，排队还不够拥挤{}", place(at)),
        By::Longest(longest, at, waiting) => {
            let many = if *waiting > 0 { format!("或有 {waiting} 个来电等待") } else { String::new() };
            format!("{whose}属后备坐席，有来电等满 {}{many}才接{}", seconds(*longest), place(at))
        }
        By::Pause(setting) => {
            format!("{whose}未接派单后的停派（{}）", Setting::names(*setting, "、"))
        }
    }
}

fn no_seat(asks: &Asks) -> String {
    let of = asks.seats.as_ref().map_or(String::new(), |place| format!("队列的坐席（`seats`，{place}）中"));
    let of = if asks.serving { "服务该队列的坐席中".to_owned() } else { of };
    format!("{of}没有{}的坐席", with(asks))
}

/// What no seat had.
fn with(asks: &Asks) -> String {
    let parts: Vec<_> = [&asks.step, &asks.needs].into_iter().flatten().collect();
    let bracketed =
        |part: &str| if parts.len() > 1 && part.contains(" | ") { format!("（{}）", condition(part)) } else { condition(part) };
    let mut all: Vec<_> = parts.iter().map(|part| bracketed(part)).collect();
    all.extend(asks.tier.map(|tier| format!("层级不低于 {}", tier_key(tier))));
    if asks.cleared {
        all.push("获准接敏感来电（R68）".into());
    }
    if all.is_empty() { "可接这通来电".into() } else { format!(" {} ", all.join(" 且 ")) }
}
