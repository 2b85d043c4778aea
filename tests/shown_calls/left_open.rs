//! Calls that reach far, and what is left of them to be done.

use super::*;
use hotline_model::{Assessment, Due, DueWhat, Impact, Remit};

/// Call 95: of several people by the menus, of a whole department by the agent; a complex problem that is left open.
fn left_open() -> Vec<Entry> {
    let mut all = into_queue(95, 0, "13500000009");
    let found = |scope, impact| Assessment { scope, impact };
    let due = |what, hours: i64, clock, rule| Due { what, by: at(hours * 3_600_000), clock, rule, profile: "manual".into() };
    let [hung_up, archived] = gone(95, 90_000, Side::Caller, Cause::Normal);
    all.extend(
        [
            (6_000, EventKind::Assessed { seat: None, found: found(Some(Remit::Inside), Some(Impact::Several)) }),
            (7_000, EventKind::Answered { seat: "1001".into() }),
            (20_000, EventKind::Assessed { seat: Some("1001".into()), found: found(None, Some(Impact::Department)) }),
            (20_000, EventKind::ImpactAlerted { impact: Impact::Department }),
        ]
        .map(|(ms, kind)| call(95, ms, kind)),
    );
    all.push(hung_up);
    let dues = [due(DueWhat::Handled, 4, 16, 63), due(DueWhat::ClosedLoop, 48, 19, 65)];
    all.extend(dues.map(|due| call(95, 95_000, EventKind::DueBy(due))));
    all.push(archived);
    all
}

#[tokio::test]
async fn a_call_tells_how_far_it_reaches_and_by_when_what_is_left_of_it_is_to_be_done_r33_r34_r63() {
    let (dir, _journal) = data_of(&left_open(), &[]).await;
    let (_, found) = found(dir.path(), 95).await;
    let record = found.record.as_ref().unwrap();
    assert_eq!(record.assessed, Assessment { scope: Some(Remit::Inside), impact: Some(Impact::Department) });
    golden("calls_show_left_open.txt", &calls::card(&found, record, &output(false), at(NOW)));
    for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
        golden(&format!("why_left_open{ending}.txt"), &said(dir.path(), 95, Ok(rules()), lang).await);
    }
}
