//! What a call waits for, in Chinese.

use super::{counts, offer_end, priority, seconds, state};
use crate::cli::why::causes::{Ahead, Causes, Reason};
use crate::cli::why::fact::engaged;
use crate::cli::why::held::{By, Held, tier_key};
use crate::cli::why::rules::Asks;
use crate::cli::why::{NAMED, Waited};
use hotline_model::Name;
use hotline_model::history::OfferEnd;

/// The wait by its causes, as a line of its own.
pub fn causes(causes: &Causes, waited: &Waited<'_>) -> String {
    let begin = if waited.goes_on { "已等待" } else { "等待" };
    let each: Vec<_> = causes.iter().map(|(time, why)| format!("{} {}", seconds(*time), reason(why))).collect();
    format!("{begin} {}：{}。", seconds(waited.time), each.join("，"))
}

/// What a call waits for.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NoSeat(asks) => no_seat(asks),
        Reason::NobodyIn { asks, unreachable: false } => format!("{}签入", no_seat(asks)),
        Reason::NobodyIn { asks, unreachable: true } => format!("{}签入且话机可达", no_seat(asks)),
        Reason::Busy { seats, reserve } if seats.is_empty() => {
            format!("签入的坐席中可接的都属后备，且都不空闲（{}）", counts(reserve))
        }
        Reason::Busy { seats, reserve } => {
            let all: usize = seats.iter().map(|(_, count)| count).sum();
            let reserve = counts(reserve);
            let reserve = if reserve.is_empty() { reserve } else { format!("，后备坐席也不空闲（{reserve}）") };
            let who = match all {
                1 => "签入且话机可达的坐席中唯一可接的".to_owned(),
                _ => format!("签入且话机可达的坐席中可接的 {all} 个都"),
            };
            let what = match (seats.as_slice(), engaged(seats)) {
                ([(state, _)], 0) => format!("{who}未就绪：{}", state(*state)),
                ([(state, _)], _) => format!("{who}{}忙：{}", if all == 1 { "在" } else { "" }, state(*state)),
                (_, busy) if busy == all => format!("{who}忙（{}）", counts(seats)),
                (_, 0) => format!("{who}未就绪（{}）", counts(seats)),
                (_, _) => format!("{who}在忙或未就绪（{}）", counts(seats)),
            };
            what + &reserve
        }
        Reason::Kept { holds: false } => "空闲坐席刚有派单未成、短暂停派（`assign.delays`、`assign.rona`）".into(),
        Reason::Kept { holds: true } => {
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
        Reason::Behind { calls } => {
            let each = calls.iter().map(|(ahead, count)| match ahead {
                Ahead::Rank(priority) => format!("{count} 个{}来电", priority(*priority)),
                Ahead::Queue { queue, times: Some(times), place } => {
                    let place = place.as_ref().map_or(String::new(), |place| format!("，{place}"));
                    format!("{count} 个队列 {queue} 的来电（等待按 {times} 倍计{place}）")
                }
                Ahead::Queue { queue, times: None, .. } => {
                    format!("{count} 个队列 {queue} 的来电（坐席先接该队列，`queues` 的 `priority`）")
                }
            });
            let each: Vec<_> = each.collect();
            format!("前面有 {}", each.join("和 "))
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
        By::Longest(longest, at) => format!("{whose}属后备坐席，有来电等满 {}才接{}", seconds(*longest), place(at)),
        By::Pause => format!("{whose}未接派单后的停派（`assign.delays`、`assign.rona`）"),
    }
}

fn no_seat(asks: &Asks) -> String {
    let of = asks.seats.as_ref().map_or(String::new(), |place| format!("队列的坐席（`seats`，{place}）中"));
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
