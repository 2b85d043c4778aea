//! Who is not there: the sentence of a refusal that names the seats behind a target and what each of them is at, or why a seat is given
//! no call by hand.

use crate::cli::why::paused_after;
use crate::cli::why::pauses::{self, Pause};
use crate::cli::why::rules::with_places;
use crate::cli::words::{Lang, seconds, seconds_zh};
use crate::engine_thread::Look;
use hotline_archive::{Look as Records, LookError};
use hotline_model::{Activity, DeskOrder, DeskRefusal, Intent, Name, NotReadyReason, SeatId, SeatState, Target, WallTime};
use hotline_rules::{Route, Said};

/// Seats that are named; of the rest only how many.
const SHOWN: usize = 5;

/// The sentence in English and Chinese, if an order was refused since its target is away or busy and more can be said than that.
pub fn sentences(look: &Look, order: &DeskOrder, why: DeskRefusal) -> Option<(String, String)> {
    if !matches!(why, DeskRefusal::NobodyThere | DeskRefusal::NotReady) {
        return None;
    }
    let (DeskOrder::Transfer { to, .. } | DeskOrder::Consult { to }) = order else { return None };
    let (en, zh) = whom(to)?;
    let seats = match look.plan.transfer.to(to)?.route {
        Route::Seat(seat) => vec![seat],
        Route::Seats(seats) => seats,
        Route::Queue(queue) => {
            let queue = &look.plan.queue(queue).name;
            return Some((
                format!(
                    "nobody who may have this call is signed in at {en}: somebody of it must sign in (*10) at a telephone that is registered; `hotline why {queue}` tells who could"
                ),
                format!("{zh}没有可接此来电的坐席签入：请其中的坐席在已注册的话机上签入（*10）；`hotline why {queue}` 说明有哪些坐席"),
            ));
        }
        Route::Number(..) => return None,
    };
    let (each_en, each_zh): (Vec<String>, Vec<String>) = seats.iter().take(SHOWN).filter_map(|seat| seat_in_words(look, *seat)).unzip();
    if let (Target::Seat(_), [en], [zh]) = (to, each_en.as_slice(), each_zh.as_slice()) {
        return Some((format!("{en}. Name somebody else, or try again"), format!("{zh}。请改选他人，或稍后再试")));
    }
    let more = seats.len().saturating_sub(SHOWN);
    let (more_en, more_zh) = if more == 0 { <_>::default() } else { (format!("; and {more} more"), format!("；另有 {more} 个")) };
    let (none_en, none_zh) =
        if why == DeskRefusal::NobodyThere { ("nobody is there", "无人在岗") } else { ("nobody is free", "没有空闲坐席") };
    Some((
        format!("{none_en} for {en}: {}{more_en}. Name somebody else, or try again", each_en.join("; ")),
        format!("{zh}{none_zh}：{}{more_zh}。请改选他人，或稍后再试", each_zh.join("；")),
    ))
}

/// Why a seat that was not ready was given no call by hand (R44): what it is at, and for how long since its agent chose that, if it is known.
/// Who asks may live in another zone than the server.
pub fn by_hand(look: &Look, seat: &str, chosen: Option<(Intent, WallTime)>, pause: Option<&Pause>, now: WallTime) -> Option<Said> {
    let (_, state) = look.seats.iter().find(|(name, _)| **name == *seat)?;
    if let Some(pause) = pause.filter(|_| state.is_ready()) {
        return Some(in_pause(look, pause, now));
    }
    let (en, zh) = match (state.intent, state.activity, state.reachable) {
        (Intent::NotReady(reason), Activity::Free, true) => rest_in_words(reason),
        (Intent::Available, Activity::Free, true) => {
            ("is free now, and was not as the order came: try again", "此刻已空闲，下达时尚未空闲：请重试")
        }
        (_, _, _) => state_in_words(*state),
    };
    let rests = matches!((state.intent, state.activity), (Intent::NotReady(_), Activity::Free)) && state.reachable;
    let since = chosen.filter(|(intent, _)| rests && *intent == state.intent).map(|(_, since)| since);
    let since_en = since.map(|since| format!(" for {} now", seconds(now.since(since))));
    let since_zh = since.map(|since| format!("，已 {}", seconds_zh(now.since(since))));
    let (en, zh) = (format!("the seat {en}{}", since_en.unwrap_or_default()), format!("该坐席{zh}{}", since_zh.unwrap_or_default()));
    Some(Said { en: en.into(), zh: zh.into() })
}

/// The pause in which a ready seat is after an offer that failed, if it is in one.
///
/// # Errors
/// The records can't be read.
pub async fn pause(records: &Records, look: &Look, seat: &Name, now: WallTime) -> Result<Option<Pause>, LookError> {
    if !look.seats.iter().any(|(name, state)| name == seat && state.is_ready()) {
        return Ok(None);
    }
    let epoch = records.last_epoch().await?;
    let newest = records.seat_history(epoch, seat, 1).await?;
    let states = newest.into_iter().map(|event| (seat.clone(), event)).collect();
    Ok(pauses::now(records, &[], (epoch, &states), &look.plan, now).await?.remove(seat))
}

fn in_pause(look: &Look, pause: &Pause, now: WallTime) -> Said {
    let (setting, left) = (with_places(pause.setting.name(), std::slice::from_ref(&look.plan)), pause.until.since(now));
    let (en, zh) = (paused_after(pause.why, Lang::En), paused_after(pause.why, Lang::Zh));
    Said {
        en: format!("the seat gets no call for another {}, since its last offer failed: {en} ({setting})", seconds(left)).into(),
        zh: format!("该坐席上一次派单未成（{zh}），还要停派 {}（{setting}）", seconds_zh(left)).into(),
    }
}

/// Why an agent is not ready, as others are told it.
fn rest_in_words(reason: NotReadyReason) -> (&'static str, &'static str) {
    match reason {
        NotReadyReason::Break => ("is on a break", "小休中"),
        NotReadyReason::Meal => ("is on a break for a meal", "用餐中"),
        NotReadyReason::Meeting => ("is in a meeting", "会议中"),
        NotReadyReason::Training => ("is in a training", "培训中"),
        NotReadyReason::Other => ("is at other work", "处理其他事务中"),
        NotReadyReason::Rona => ("is not ready, having let a call ring out (RONA)", "久叫不应（RONA），未就绪"),
        NotReadyReason::OffShift => ("has ended its shift and takes no calls", "已下班，不接来电"),
    }
}

fn whom(to: &Target) -> Option<(String, String)> {
    match to {
        Target::Seat(name) => Some((format!("seat {name}"), format!("坐席 {name} "))),
        Target::Queue(name) => Some((format!("queue {name}"), format!("技能组 {name} "))),
        Target::Department(name) => Some((format!("department {name}"), format!("部门 {name} "))),
        Target::Person(name) => Some((format!("person {name}"), format!("责任人 {name} "))),
        Target::Number(_) => None,
    }
}

fn seat_in_words(look: &Look, seat: SeatId) -> Option<(String, String)> {
    let name = &look.plan.seats.get(seat.index())?.name;
    let (_, state) = look.seats.iter().find(|(of, _)| of == name)?;
    let (en, zh) = state_in_words(*state);
    Some((format!("seat {name} {en}"), format!("坐席 {name} {zh}")))
}

fn state_in_words(state: SeatState) -> (&'static str, &'static str) {
    match (state.intent, state.activity) {
        (Intent::SignedOut, _) if !state.reachable => (
            "is signed out and its telephone is not registered (*10 there, once it is)",
            "已签出，话机未注册（话机注册后在其上拨 *10 签入）",
        ),
        (Intent::SignedOut, _) => ("is signed out (*10 at its telephone signs it in)", "已签出（在其话机上拨 *10 签入）"),
        _ if !state.reachable => ("is signed in, but its telephone is not registered, or did not answer", "已签入，但话机未注册或无响应"),
        (_, Activity::Offered) => ("is being offered a call", "正有来电派给它"),
        (_, Activity::OnCall) => ("is in a call", "正在通话"),
        (_, Activity::WrapUp) => ("is in its wrap-up (*13 ends it)", "正在话后处理（*13 结束）"),
        (Intent::NotReady(_), Activity::Free) => ("is not ready (*11)", "示忙（*11 示闲）"),
        (Intent::Available, Activity::Free) => ("is free now", "现已空闲"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::why::pauses::Setting;
    use hotline_model::history::OfferEnd;
    use hotline_model::{CallId, NotReadyReason};
    use hotline_rules::{Source, load};
    use std::sync::Arc;
    use std::time::Duration;

    const RULES: &str = r#"
[[number]]
name = "hotline"
queue = "line"
[[queue]]
name = "line"
step = [{ requires = "anyone" }]
[[seats]]
range = "1001-1007"
password = "x{name}"
[[person]]
name = "lead"
seat = "1002"
[[department]]
name = "many"
seats = ["1001", "1002", "1003", "1004", "1005", "1006", "1007"]
"#;

    fn look(intent: Intent, activity: Activity, reachable: bool) -> Look {
        let sources = [Source { path: "rules.toml".into(), text: RULES.into() }];
        let plan = Arc::new(load(&sources, None).unwrap().plan);
        let seats = plan.seats.iter().map(|seat| (seat.name.clone(), SeatState { intent, activity, reachable })).collect();
        Look { figures: Default::default(), counters: Default::default(), calls: 0, on_line: 0, plan, seats, announcements: Vec::new() }
    }

    fn told(look: &Look, to: Target, why: DeskRefusal) -> Option<(String, String)> {
        sentences(look, &DeskOrder::Consult { to }, why)
    }

    #[test]
    fn who_is_away_is_named_with_the_seat_behind_and_the_way_out() {
        let away = look(Intent::SignedOut, Activity::Free, true);
        let (en, zh) = told(&away, Target::Person("lead".into()), DeskRefusal::NobodyThere).unwrap();
        assert_eq!(
            en,
            "nobody is there for person lead: seat 1002 is signed out (*10 at its telephone signs it in). Name somebody else, or try again"
        );
        assert_eq!(zh, "责任人 lead 无人在岗：坐席 1002 已签出（在其话机上拨 *10 签入）。请改选他人，或稍后再试");
        let (en, _) = told(&away, Target::Queue("line".into()), DeskRefusal::NobodyThere).unwrap();
        assert!(en.contains("queue line") && en.contains("`hotline why line`"), "{en}");
        let (en, zh) = told(&away, Target::Seat("1001".into()), DeskRefusal::NobodyThere).unwrap();
        assert_eq!(en, "seat 1001 is signed out (*10 at its telephone signs it in). Name somebody else, or try again");
        assert_eq!(zh, "坐席 1001 已签出（在其话机上拨 *10 签入）。请改选他人，或稍后再试");
        let unplugged = look(Intent::Available, Activity::Free, false);
        let (en, _) = told(&unplugged, Target::Person("lead".into()), DeskRefusal::NobodyThere).unwrap();
        assert!(en.contains("seat 1002 is signed in, but its telephone is not registered"), "{en}");
    }

    #[test]
    fn of_a_large_department_the_first_seats_are_named() {
        let resting = look(Intent::NotReady(NotReadyReason::Meal), Activity::Free, true);
        let (en, zh) = told(&resting, Target::Department("many".into()), DeskRefusal::NotReady).unwrap();
        assert!(
            en.starts_with("nobody is free for department many: seat 1001 is not ready (*11); seat 1002") && en.contains("; and 2 more. "),
            "{en}"
        );
        assert!(zh.contains("另有 2 个"), "{zh}");
    }

    #[test]
    fn who_gives_a_call_by_hand_to_a_seat_on_a_break_is_told_which_and_for_how_long_in_no_servers_zone_r44() {
        let (since, now) = (WallTime(1_772_416_980_000_000), WallTime(1_772_417_700_000_000));
        let told = |intent, activity, reachable, chosen| {
            let said = by_hand(&look(intent, activity, reachable), "1001", chosen, None, now).unwrap();
            (said.en.to_string(), said.zh.to_string())
        };
        let rests = Intent::NotReady(NotReadyReason::Meal);
        let (en, zh) = told(rests, Activity::Free, true, Some((rests, since)));
        assert_eq!(en, "the seat is on a break for a meal for 12 min now");
        assert_eq!(zh, "该坐席用餐中，已 12 分钟");
        let before = Some((Intent::Available, since));
        for chosen in [None, before] {
            assert_eq!(told(rests, Activity::Free, true, chosen).0, "the seat is on a break for a meal", "of the run before");
        }
        assert_eq!(told(rests, Activity::OnCall, true, Some((rests, since))).0, "the seat is in a call");
        assert_eq!(told(Intent::Available, Activity::Offered, true, None).0, "the seat is being offered a call");
        assert_eq!(told(rests, Activity::Free, false, Some((rests, since))).1, "该坐席已签入，但话机未注册或无响应");
        let free = told(Intent::Available, Activity::Free, true, before);
        assert_eq!(free.0, "the seat is free now, and was not as the order came: try again");
        assert_eq!(free.1, "该坐席此刻已空闲，下达时尚未空闲：请重试");
        assert!(by_hand(&look(rests, Activity::Free, true), "9999", None, None, now).is_none());
    }

    #[test]
    fn who_gives_a_call_by_hand_to_a_seat_in_a_pause_is_told_the_one_setting_that_says_so_and_where_r44() {
        let rules = format!("[assign.delays]\nbusy = \"9s\"\n{RULES}");
        let plan = load(&[Source { path: "rules.toml".into(), text: rules }], None).unwrap().plan;
        let ready = Look { plan: Arc::new(plan), ..look(Intent::Available, Activity::Free, true) };
        let now = WallTime(1_772_416_980_000_000);
        let pause = |why, setting| Pause { call: CallId::new(1, 0, 3), why, until: now + Duration::from_secs(7), setting };
        for (pause, en, zh) in [
            (
                pause(OfferEnd::Rejected(486), Setting::Busy),
                "the seat gets no call for another 7.0 s, since its last offer failed: refused by the phone (486) (`assign.delays.busy` \
                 rules.toml:2)",
                "该坐席上一次派单未成（话机拒接（486）），还要停派 7.0 秒（`assign.delays.busy` rules.toml:2）",
            ),
            (
                pause(OfferEnd::Rona, Setting::Rona),
                "the seat gets no call for another 7.0 s, since its last offer failed: rang in full, not answered (RONA) \
                 (`assign.rona.retry_after`)",
                "该坐席上一次派单未成（振铃到时无人接（RONA）），还要停派 7.0 秒（`assign.rona.retry_after`）",
            ),
        ] {
            let said = by_hand(&ready, "1001", None, Some(&pause), now).unwrap();
            assert_eq!((&*said.en, &*said.zh), (en, zh));
        }
        let away = look(Intent::SignedOut, Activity::Free, true);
        let said = by_hand(&away, "1001", None, Some(&pause(OfferEnd::Rona, Setting::Rona)), now).unwrap();
        assert!(said.en.contains("signed out"), "it has gone since: {}", said.en);
    }

    #[test]
    fn other_refusals_and_other_orders_have_their_one_sentence() {
        let away = look(Intent::SignedOut, Activity::Free, true);
        assert_eq!(told(&away, Target::Person("lead".into()), DeskRefusal::Oneself), None);
        assert_eq!(told(&away, Target::Person("nobody".into()), DeskRefusal::NobodyThere), None);
        assert_eq!(sentences(&away, &DeskOrder::Hold, DeskRefusal::NobodyThere), None);
    }
}
