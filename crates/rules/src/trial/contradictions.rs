//! Expectations of one test of which no call fulfils all, whatever the rules do.

use super::{Expect, Expected, Want};
use crate::finding::Findings;
use crate::read::Table;
use crate::said::{both, said};
use crate::{Plan, Said};
use hotline_model::QueueId;
use std::collections::BTreeSet;

/// What only a call has that a seat answers.
const OF_AN_ANSWER: [Expected; 7] =
    [Expected::Answered, Expected::Seat, Expected::Step, Expected::Tier, Expected::Within, Expected::Survey, Expected::Scores];
/// Where a call comes that the block list lets through.
const OF_THE_WAY: [Expected; 4] = [Expected::Menus, Expected::Queue, Expected::Overflow, Expected::Offered];
/// The status of a number that the rules don't have.
const NO_NUMBER: u32 = 404;

pub(super) fn check(expect: &Table<'_>, wanted: &[Expect], plan: &Plan, findings: &mut Findings) {
    let place = |key: Expected| expect.get(key.word()).map_or(expect.place(), |node| node.place());
    for (one, other, why) in pairs(wanted) {
        let message = said!("`{}` and `{}` can't both come true", "`{}` 与 `{}` 不可能同时成立", one.word(), other.word());
        let help = both("keep the one that is meant", "请只留原本要写的那个");
        findings.error("HL327", &place(other), message, why).see(&place(one), both("beside this", "与此处")).help(help);
    }
    if let (Some(Want::Count(step)), Some(Want::Word(queue))) = (of(wanted, Expected::Step), of(wanted, Expected::Queue)) {
        let most = steps(plan, queue);
        if most.is_some_and(|most| *step as usize > most) {
            let message = said!("`step` {step} never comes in queue `{queue}`", "排队 `{queue}` 没有第 {step} 步");
            let label = said!("it has {} (`[[queue.step]]`)", "它共有 {} 步（`[[queue.step]]`）", most.unwrap_or(0));
            let help = both("steps are counted from 1", "步骤从 1 数起");
            findings.error("HL327", &place(Expected::Step), message, label).help(help);
        }
    }
}

fn of(wanted: &[Expect], key: Expected) -> Option<&Want> {
    wanted.iter().find(|one| one.key == key).map(|one| &one.want)
}

/// The most steps that a queue has, or one to which it overflows: the seat may be found at one of those.
fn steps(plan: &Plan, queue: &str) -> Option<usize> {
    let mut next = plan.queue_names.get(queue).copied();
    let mut seen: BTreeSet<QueueId> = BTreeSet::new();
    while let Some(id) = next.filter(|id| seen.insert(*id)) {
        next = plan.queue(id).overflow;
    }
    seen.into_iter().map(|id| plan.queue(id).steps.len()).max()
}

fn pairs(wanted: &[Expect]) -> Vec<(Expected, Expected, Said)> {
    let mut pairs = Vec::new();
    for (one, other) in [(Expected::Seat, Expected::NotSeat), (Expected::Offered, Expected::NotSeat), (Expected::Said, Expected::NotSaid)] {
        let names = names(of(wanted, other));
        let common = names.iter().find(|name| self::names(of(wanted, one)).contains(name));
        pairs.extend(common.map(|name| (one, other, said!("`{name}` is in both", "两处都有 `{name}`"))));
    }
    if let (Some(Want::Word(seat)), Some(Want::Words(offered))) = (of(wanted, Expected::Seat), of(wanted, Expected::Offered))
        && !offered.contains(seat)
    {
        pairs.push((Expected::Seat, Expected::Offered, both("who answers is offered the call", "接听的坐席也在派单之列")));
    }
    if let (Some(Want::Time(within)), Some(Want::Time(earliest))) = (of(wanted, Expected::Within), of(wanted, Expected::NotBefore))
        && within < earliest
    {
        pairs.push((Expected::Within, Expected::NotBefore, both("later than the latest", "最早的时间晚于最晚的时间")));
    }
    pairs.extend(without(wanted));
    pairs
}

/// What does not come where something else is told of the call.
fn without(wanted: &[Expect]) -> Vec<(Expected, Expected, Said)> {
    let comes = |key: &Expected| of(wanted, *key).is_some_and(|want| comes(*key, want));
    let all = |one: Expected, keys: &[Expected], why: Said| {
        let others: Vec<Expected> = keys.iter().copied().filter(|key| *key != one && comes(key)).collect();
        others.into_iter().map(move |other| (one, other, why.clone()))
    };
    let mut pairs = Vec::new();
    if of(wanted, Expected::Answered) == Some(&Want::Flag(false)) {
        pairs.extend(all(Expected::Answered, &OF_AN_ANSWER, both("only a call that is answered has it", "接通的来电才有")));
    }
    match of(wanted, Expected::Refused) {
        Some(Want::Count(NO_NUMBER)) => {
            pairs.extend(all(
                Expected::Refused,
                Expected::ALL,
                both("a number that is not there leads nowhere", "没有的号码不通向任何地方"),
            ));
        }
        Some(_) => {
            pairs.extend(all(Expected::Refused, &OF_AN_ANSWER, both("a call that is refused is not answered", "被拒绝的来电没有接通")))
        }
        None => {}
    }
    if of(wanted, Expected::Blocked) == Some(&Want::Flag(true)) && of(wanted, Expected::Refused).is_none() {
        let why = both("who is on the block list is turned away first", "黑名单上的来电者一开始就被拒接");
        pairs.extend(all(Expected::Blocked, &[OF_AN_ANSWER.as_slice(), &OF_THE_WAY].concat(), why));
    }
    if of(wanted, Expected::Survey) == Some(&Want::Flag(false)) {
        pairs.extend(all(Expected::Survey, &[Expected::Scores], both("only who is asked gives scores", "被询问才有评分")));
    }
    if comes(&Expected::Unasked) {
        pairs.extend(all(
            Expected::Unasked,
            &[Expected::Survey, Expected::Scores],
            both("who is not asked says nothing", "没有询问就没有回答"),
        ));
    }
    pairs
}

/// Whether it says that something comes, and not that it stays away.
fn comes(key: Expected, want: &Want) -> bool {
    match want {
        Want::Word(_) | Want::Count(_) => true,
        Want::Words(words) => !words.is_empty() && !matches!(key, Expected::NotSeat | Expected::NotSaid),
        Want::Flag(flag) => *flag,
        Want::Time(_) => key != Expected::NotBefore,
    }
}

fn names(want: Option<&Want>) -> &[String] {
    match want {
        Some(Want::Word(word)) => std::slice::from_ref(word),
        Some(Want::Words(words)) => words,
        Some(Want::Flag(_) | Want::Time(_) | Want::Count(_)) | None => &[],
    }
}
