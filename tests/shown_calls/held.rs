//! What `why` says of ready seats that are held back from a call.

use super::helping::{HELPED, ON_CALL, OUT, READY, plan, queue_with};
use super::*;

/// 1001 is internal, 1005 external, and a call waits 8 s for the internal ones; 1006 is internal too, with a delay.
pub const HELD: &str = r#"
number = [{ name = "hotline", queue = "billing" }]
skill = [{ name = "billing" }]
[assign]
tiers = [{ tier = "internal-near", hold = "8s" }, "internal", "external"]
[[queue]]
name = "billing"
reserve = { seats = ["1002"], waiting = 3 }
[[seats]]
range = "1001-1002"
skills = { billing = 8 }
password = "x"
[[seat]]
name = "1005"
skills = { billing = 8 }
origin = "external"
password = "x"
[[seat]]
name = "1006"
skills = { billing = 8 }
queues = { billing = { delay = "25s" } }
password = "x"
"#;

pub async fn seat_with(plan: &Arc<Plan>, name: &str, seats: &[(&str, SeatState)], lang: Lang) -> String {
    let (dir, _journal) = data_of(&[], &into_queue(46, 700_000, "13600000003")).await;
    let look = Look::open(dir.path()).await.unwrap();
    let states = seats.iter().map(|(name, state)| (Name::from(*name), *state)).collect();
    let now = Now::read(&look, Arc::clone(plan), Some(states), at(710_000)).await.unwrap();
    why::seat_page(&SeatNow::read(&look, &now, &name.into()).await.unwrap(), &now, &why_args(0, lang)).text()
}

const RESTS: SeatState = SeatState { intent: Intent::NotReady(NotReadyReason::Break), ..READY };

#[tokio::test]
async fn a_seat_is_told_for_which_hold_delay_or_overflow_it_would_wait_also_while_it_rests_r37() {
    for state in [RESTS, READY] {
        let all = |name: &'static str| [("1001", ON_CALL), ("1002", ON_CALL), (name, state)];
        let en = seat_with(&plan(HELD), "1005", &all("1005"), Lang::En).await;
        let hold = "but better tiers are waited for 8.0 s while somebody of them is there (`assign.tiers` routing-rules/all.toml:5)";
        assert!(en.contains(hold), "{en}");
        assert!(en.contains("in 4.0 s: hold of tier internal-near, 8.0 s (`assign.tiers` routing-rules/all.toml:5)"), "{en}");
        let zh = seat_with(&plan(HELD), "1005", &all("1005"), Lang::Zh).await;
        assert!(zh.contains("4.0 秒 后轮到它：层级 internal-near 的保留时间 8.0 秒（`assign.tiers` routing-rules/all.toml:5）"), "{zh}");
        assert!(zh.contains("更优层级有人在岗时先等其 8.0 秒（`assign.tiers` routing-rules/all.toml:5）"), "{zh}");
        let en = seat_with(&plan(HELD), "1006", &all("1006"), Lang::En).await;
        assert!(en.contains("in 21.0 s: `delay` of seat 1006, 25.0 s (routing-rules/all.toml:20)"), "{en}");
        let en = seat_with(&plan(HELPED), "1009", &all("1009"), Lang::En).await;
        assert!(en.contains("in 31.0 s: seat 1009 helps only from 35.0 s on (`overflow`, routing-rules/all.toml:6)"), "{en}");
    }
}

#[tokio::test]
async fn what_holds_ready_seats_back_from_a_queue_is_named_with_its_place() {
    let plan = plan(HELD);
    let with = |name: &'static str| [("1001", ON_CALL), ("1002", ON_CALL), (name, READY)];
    let en = queue_with(&plan, &with("1005"), 710_000, Lang::En).await;
    assert!(
        en.contains("ready seats were held back: hold of tier internal-near, 8.0 s (`assign.tiers` routing-rules/all.toml:5)."),
        "{en}"
    );
    assert!(en.contains("or at 10:14:54 (in 4.0 s) with seat 1005, after the hold of tier internal-near, 8.0 s (`assign.tiers` routing-rules/all.toml:5)"), "{en}");
    let zh = queue_with(&plan, &with("1005"), 710_000, Lang::Zh).await;
    assert!(zh.contains("空闲坐席暂不派单：层级 internal-near 的保留时间 8.0 秒（`assign.tiers` routing-rules/all.toml:5）。"), "{zh}");
    let en = queue_with(&plan, &with("1006"), 710_000, Lang::En).await;
    assert!(en.contains("ready seats were held back: `delay` of seat 1006, 25.0 s (routing-rules/all.toml:20)."), "{en}");
    let en = queue_with(&helping::plan(HELPED), &[("1001", ON_CALL), ("1002", OUT), ("1009", READY)], 710_000, Lang::En).await;
    assert!(en.contains("held back: seat 1009 helps only from 35.0 s on (`overflow`, routing-rules/all.toml:6)"), "{en}");
    let en = queue_with(&plan, &[("1001", ON_CALL), ("1002", READY)], 710_000, Lang::En).await;
    assert!(
        en.contains("the ready seats were of the reserve, and the queue was not crowded enough for it (routing-rules/all.toml:8)."),
        "{en}"
    );
}

#[tokio::test]
async fn a_call_names_the_hold_for_which_it_waited_and_not_a_pause_beside_r37() {
    let mut all = vec![seat(1, 0, "1001", Intent::Available, Activity::OnCall), seat(2, 0, "1005", Intent::Available, Activity::Free)];
    all.extend(into_queue(60, 0, "13500000005"));
    all.push(looked(3, 6_000, 60, Trigger::CallWaiting, 0));
    all.extend(gone(60, 11_000, Side::Caller, Cause::AbandonedInQueue));
    let (dir, _journal) = data_of(&all, &[]).await;
    let en = said(dir.path(), 60, Ok(plan(HELD)), Lang::En).await;
    assert!(
        en.contains("5.0 s the ready seats were held back: hold of tier internal-near, 8.0 s (`assign.tiers` routing-rules/all.toml:5)."),
        "{en}"
    );
    assert!(en.contains("ready, from 8.0 s on: hold of tier internal-near, 8.0 s (`assign.tiers` routing-rules/all.toml:5)  1005"), "{en}");
    let zh = said(dir.path(), 60, Ok(plan(HELD)), Lang::Zh).await;
    assert!(zh.contains("空闲坐席暂不派单：层级 internal-near 的保留时间 8.0 秒（`assign.tiers` routing-rules/all.toml:5）"), "{zh}");
}
