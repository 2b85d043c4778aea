//! What a waiting caller is told of the line (R18, R75).

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, first_seat, number, queue};
use hotline_model::history::{EventKind, Foretold, Untold};
use std::net::SocketAddr;
use std::time::Duration;

const TURN_MS: u64 = 30_000;

fn line(pieces: &str) -> Hotline {
    let facts = format!("announce = [{pieces}]\nannounce_every = \"10s\"");
    let rules = [PREAMBLE, &number("a", "line", ""), &queue("line", 1, &facts), &first_seat()].concat();
    Hotline::new(&rules, &[(6001, Habit::Answers(Duration::from_secs(1)))])
}

const ALL: &str = "\"please-wait\", \"position\", \"expected-wait\"";

/// One seat, a line of two behind it; each conversation takes half a minute.
struct Busy {
    hotline: Hotline,
    callers: Vec<SocketAddr>,
    dialled: u16,
}

impl Busy {
    fn new(pieces: &str) -> Self {
        let mut busy = Self { hotline: line(pieces), callers: Vec::new(), dialled: 0 };
        (0..3).for_each(|_| busy.dial());
        busy
    }

    fn dial(&mut self) {
        self.callers.push(self.hotline.dial(7001 + self.dialled, "a"));
        self.dialled += 1;
    }

    /// So many conversations end; a new caller comes after each.
    fn turns(mut self, turns: usize) -> Self {
        for _ in 0..turns {
            self.turn();
            self.dial();
        }
        self
    }

    fn turn(&mut self) {
        self.hotline.pass_ms(TURN_MS);
        let talking = self.callers.remove(0);
        self.hotline.hang_up(talking);
    }

    /// The caller who dialled last.
    fn last(&self) -> hotline_model::CallId {
        call(u32::from(self.dialled) - 1)
    }

    fn foretold(&self) -> Vec<Foretold> {
        let events = self.hotline.events(self.last());
        events.iter().filter_map(|event| if let EventKind::Foretold(told) = event.kind { Some(told) } else { None }).collect()
    }
}

#[test]
fn a_breach_and_the_usual_announcement_are_never_told_in_a_row_r5_r75() {
    for (every, times) in [("30s", [30, 60, 90]), ("28s", [30, 58, 86]), ("29500ms", [30, 59, 89]), ("20s", [20, 30, 50])] {
        let facts = format!("breach = [\"breach-announcement\", \"position\"]\nannounce = [\"please-wait\"]\nannounce_every = \"{every}\"");
        let rules = [PREAMBLE, &number("a", "line", ""), &queue("line", 1, &facts), &first_seat()].concat();
        let mut hotline = Hotline::new(&rules, &[(6001, Habit::RingsOut)]);
        hotline.sign("1001", hotline_model::Intent::SignedOut);
        hotline.dial(7001, "a");
        hotline.pass_ms(95_000);
        let events = hotline.events(call(0));
        let queued = events.iter().find(|event| matches!(event.kind, EventKind::Queued { .. })).map(|event| event.at).unwrap();
        let said = events.iter().filter_map(|event| match &event.kind {
            EventKind::Announced { prompt } => Some((event.at.since(queued).as_secs(), prompt.to_string())),
            _ => None,
        });
        let usual = |at: u64| if at == 30 { "breach-announcement" } else { "please-wait" };
        assert_eq!(said.take(3).collect::<Vec<_>>(), times.map(|at| (at, usual(at).to_owned())), "{every}");
    }
}

#[test]
fn a_caller_hears_the_place_and_no_time_before_it_can_be_honest_r75() {
    let mut hotline = line(ALL);
    hotline.dial(7001, "a");
    hotline.pass_ms(2_000);
    hotline.dial(7002, "a");
    hotline.dial(7003, "a");
    hotline.pass_ms(10_000);
    let said = hotline.said();
    assert!(said.contains(&"queue-next".to_owned()) && said.contains(&"queue-one-ahead".to_owned()), "{said:?}");
    assert!(!said.iter().any(|word| word.starts_with("wait-")), "{said:?}");
    let told = hotline.events(call(2)).into_iter().find_map(|event| match event.kind {
        EventKind::Foretold(told) => Some(told),
        _ => None,
    });
    assert_eq!(told, Some(Foretold { ahead: 1, wait: Err(Untold::TooFew) }));
}

#[test]
fn a_caller_hears_the_expected_wait_once_the_line_is_known_r75() {
    let mut busy = Busy::new(ALL).turns(14);
    let before = busy.hotline.said().len();
    busy.hotline.pass_ms(10_000);
    let said = busy.hotline.said()[before..].to_vec();
    assert!(said.windows(2).any(|words| words == ["queue-one-ahead", "wait-one-minute"]), "{said:?}");
    let told = busy.foretold();
    let wait = told[0].wait.unwrap();
    assert_eq!((told[0].ahead, wait.minutes), (1, 1), "twice half a minute to go");
    assert!(wait.low_ms < wait.likely_ms && wait.likely_ms < wait.high_ms && (45_000..=60_000).contains(&wait.likely_ms), "{wait:?}");
}

#[test]
fn the_same_time_is_not_told_a_third_time_r75() {
    let mut busy = Busy::new(ALL).turns(14);
    busy.hotline.pass_ms(60_000);
    let told: Vec<Result<u16, Untold>> = busy.foretold().iter().map(|told| told.wait.map(|wait| wait.minutes)).collect();
    assert_eq!(told[..2], [Ok(1), Ok(1)]);
    assert!(told.len() >= 5 && told[2..].iter().all(|wait| *wait != Ok(1)), "{told:?}");
}

#[test]
fn a_queue_that_names_no_place_and_no_wait_tells_none() {
    let mut busy = Busy::new("\"please-wait\"").turns(14);
    busy.hotline.pass_ms(30_000);
    assert_eq!(busy.foretold(), []);
    assert!(!busy.hotline.said().iter().any(|word| word.starts_with("queue-") || word.starts_with("wait-")));
}

#[test]
fn what_was_told_first_is_held_against_the_answer_also_after_a_restart() {
    let mut busy = Busy::new(ALL).turns(14);
    busy.hotline.pass_ms(10_000);
    let before = busy.hotline.engine.counters().foretold;
    busy.turn();
    busy.hotline.pass_ms(2_000);
    let after = busy.hotline.engine.counters().foretold;
    assert_eq!(after.answered, before.answered + 1);
    assert!(after.inside > 0, "{after:?}");
    let expected = busy.hotline.engine.figures().queues[0].expected;
    assert!(expected.is_ok_and(|wait| wait.ahead == 1), "{expected:?}");
    assert!(busy.foretold()[0].wait.is_ok());
    busy.hotline.restart();
    assert_eq!(busy.hotline.engine.counters().foretold.answered, 0);
    busy.turn();
    busy.hotline.pass_ms(2_000);
    assert_eq!(busy.hotline.engine.counters().foretold.answered, 1, "it was told before the restart");
}
