//! New rules that were laid out beforehand, at moments when other calls waited and seats did other things.

use super::{BEGIN, Taken, plan, run, schedule};
use hotline_model::Timestamp;
use hotline_router::{Input, Layout, Output, Router, SeatTable};
use hotline_rules::Plan;
use std::sync::Arc;

/// So many inputs before the rules they are laid out.
const AHEAD: [usize; 4] = [0, 1, 4, 12];

fn router(plan: &Arc<Plan>) -> Router {
    Router::new(BEGIN, Arc::clone(plan), Arc::new(SeatTable::new(64)))
}

fn take(router: &mut Router, now: Timestamp, input: Option<Input>) -> (Vec<Output>, Option<Timestamp>) {
    match input {
        Some(input) => router.handle(now, input),
        None => router.handle_timeout(now),
    }
    (std::iter::from_fn(|| router.poll_output()).collect(), router.poll_timeout())
}

fn rules_at(taken: &Taken, at: usize) -> Option<&Arc<Plan>> {
    let (_, Some(Input::Rules(plan))) = taken.get(at)? else { return None };
    Some(plan)
}

#[test]
fn rules_that_were_laid_out_beforehand_change_nothing_that_is_said_but_how_soon() {
    let count = std::env::var("HOTLINE_SCHEDULES").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let (mut taken, mut reloads) = (Taken::new(), 0);
    for seed in 0..count {
        taken.clear();
        run(seed, &schedule(seed), Some, &mut taken).unwrap();
        if !taken.iter().any(|(_, input)| matches!(input, Some(Input::Rules(_)))) {
            continue;
        }
        let ahead = AHEAD[seed as usize % AHEAD.len()];
        let (mut plain, mut prepared) = (router(&plan(seed)), router(&plan(seed)));
        for (at, (now, input)) in taken.iter().enumerate() {
            let next = rules_at(&taken, at + ahead).filter(|_| !(at..at + ahead).any(|before| rules_at(&taken, before).is_some()));
            if let Some(rules) = next {
                prepared.prepare(Layout::new(rules, prepared.seats(), prepared.share(), &prepared.wanted()));
                reloads += 1;
            }
            let (is, should) = (take(&mut prepared, *now, input.clone()), take(&mut plain, *now, input.clone()));
            assert_eq!(is, should, "seed {seed}, laid out {ahead} inputs before: {input:?} at {now:?}");
            assert_eq!(prepared.inversions(), 0, "seed {seed}");
            assert!(!matches!(input, Some(Input::Rules(_))) || prepared.leftovers().is_some());
        }
    }
    assert!(reloads > count / 8, "{reloads} reloads were laid out");
}
