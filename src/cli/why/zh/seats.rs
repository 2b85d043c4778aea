//! The seats at a decision, in Chinese.

use super::{condition, seconds, tier_word};
use crate::cli::why::candidates::{Calm, Crowd, Fate, One, Seats};
use crate::cli::why::held::{Passed, tier_key};
use crate::cli::why::pauses::Setting;
use crate::cli::why::{NAMED, tier_number};
use std::time::Duration;

/// Which seats there were at a decision: a heading and lines of two columns.
pub fn seats(seats: &Seats) -> (String, Vec<[String; 2]>) {
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
    let step = condition(seats.asks.step.as_deref().unwrap_or("anyone"));
    let tier = seats.asks.tier.map_or(String::new(), |tier| format!("，层级 {}", tier_key(tier)));
    let mut head = format!("队列 {} 第 {} 步要求 {step}{tier}{}", seats.queue, seats.step + 1, place(&seats.step_place));
    if let Some(needs) = &seats.asks.needs {
        head += &format!("；客户需要 {}{}", condition(needs), place(&seats.needs_place));
    }
    if seats.asks.cleared {
        head += "；敏感来电（R68）";
    }
    for one in &seats.passed {
        head += &format!("；{}", passed(one));
    }
    if let Some(calm) = &seats.calm {
        head += &format!("；后备坐席在拥挤时才接：{}", self::calm(calm));
    }
    if let Some(crowded) = &seats.crowded {
        let waiting = crowded.waiting.as_ref().map(|(least, at)| format!("有 {least} 通来电在等{}", place(at)));
        let longest = crowded.longest.as_ref().map(|(least, at)| format!("有一通已等 {}{}", seconds(*least), place(at)));
        head += &format!("；队列拥挤，后备坐席可接：{}", waiting.into_iter().chain(longest).collect::<Vec<_>>().join("或"));
    }
    let reserve = |calm: &Calm| calm.serves.map_or(String::new(), |from| format!("，等待 {} 起可接", seconds(from)));
    let words = |fate: &Fate, all: &[One]| {
        let words = if let Fate::Reserve(calm) = fate {
            format!("空闲，属后备坐席{}", reserve(calm))
        } else if let Fate::Paused(until) = fate {
            paused(*until, seats.setting(all))
        } else {
            self::fate(fate)
        };
        words + &place(&seats.written(fate))
    };
    let rows = seats.groups.iter().map(|(fate, all)| [words(fate, all), named(all)]);
    (head + "：", rows.collect())
}

/// What a reserve waits for, and how far it is.
fn calm(Calm { waiting, longest, crowd, .. }: &Calm) -> String {
    let place = |place: &Option<String>| place.as_ref().map_or(String::new(), |place| format!("{place}；"));
    let waiting = waiting.as_ref().map(|(least, at)| {
        let known = match crowd {
            Crowd::All(calls, _) => format!("现有 {calls} 通"),
            Crowd::UpTo(calls, _) => format!("到这通为止 {calls} 通"),
        };
        format!("有 {least} 通来电在等（{}{known}）", place(at))
    });
    let longest = longest.as_ref().map(|(least, at)| {
        let known = match crowd {
            Crowd::All(0, _) => "现无来电在等".into(),
            Crowd::All(_, waited) => format!("最久的 {}", seconds(*waited)),
            Crowd::UpTo(_, waited) => format!("这通 {}", seconds(*waited)),
        };
        format!("有一通已等 {}（{}{known}）", seconds(*least), place(at))
    });
    waiting.into_iter().chain(longest).collect::<Vec<_>>().join("或")
}

/// That a step is not waited in, and why.
pub fn passed(Passed { step, place, asks, present }: &Passed) -> String {
    let place = place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
    format!("第 {} 步{place}略过：`consider_if` 要求 `signed_in >= {asks}`，而 `signed_in` 为 {present}", step + 1)
}

fn paused(until: Option<Duration>, setting: Option<Setting>) -> String {
    let setting = Setting::names(setting, "、");
    match until {
        None => format!("派单未成后短暂停派（{setting}）"),
        Some(until) => format!("派单未成后停派（{setting}），等待 {} 起可接", seconds(until)),
    }
}

/// What became of a seat.
pub fn fate(fate: &Fate) -> String {
    match fate {
        Fate::Chosen => "选中".into(),
        Fate::Ready => "空闲，次优".into(),
        Fate::Paused(until) => paused(*until, None),
        Fate::AfterOwn(after) => format!("空闲，等待 {} 起可接（来电在等自己的坐席，`assign.wait_for`）", seconds(*after)),
        Fate::Later(after, by) => format!("空闲，等待 {} 起可接：{}", seconds(*after), super::by(by, None)),
        Fate::Reserve(calm) => format!("空闲，属后备坐席，拥挤时才接：{}", self::calm(calm)),
        Fate::Helps(after, place, state) => {
            let place = place.as_ref().map_or(String::new(), |place| format!("，{place}"));
            format!("{}，等待 {} 起帮忙（`overflow`{place}）", super::state(*state), seconds(*after))
        }
        Fate::At(state) => super::state(*state).into(),
        Fate::OfReserve(state) => format!("{}，属后备坐席", super::state(*state)),
        Fate::Step(step) => format!("第 {} 步起可接", step + 1),
        Fate::Lacks(need) => format!("不满足 {}", condition(need)),
        Fate::NotCleared => "未获准接敏感来电（R68）".into(),
        Fate::NotNamed => "不属于该队列".into(),
        Fate::NotServed => "只接其他队列".into(),
        Fate::NoStep => "各步都不可接".into(),
        Fate::NoTier => "不在任何层级（`assign.tiers`）".into(),
    }
}

fn named(all: &[One]) -> String {
    let one = |one: &One| match one.rank {
        None => one.place.as_ref().map_or(one.seat.to_string(), |place| format!("{}（{place}）", one.seat)),
        Some((tier, proficiency)) => {
            let score = one.score.map_or(String::new(), |score| format!("，得分 {score}"));
            let idle = one.idle.map_or(String::new(), |idle| format!("，空闲 {}", seconds(idle)));
            format!("{}（{}，{proficiency}{score}{idle}）", one.seat, tier_word(tier_number(tier)))
        }
    };
    let names = all.iter().take(NAMED).map(one).collect::<Vec<_>>().join("，");
    if all.len() > NAMED { format!("{names} 等 {} 个", all.len()) } else { names }
}
