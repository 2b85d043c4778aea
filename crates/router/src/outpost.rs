use crate::{ExpectedWait, Input, Layout, Leftovers, Output, Router, SeatTable, Share};
use hotline_model::history::Untold;
use hotline_model::{CallId, QueueId, SeatId, Timestamp};
use hotline_rules::Plan;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How often expected waits are told, at most.
const EXPECTED_EACH: Duration = Duration::from_secs(1);

/// How long a seat is left to other groups first: enough for a thread that sleeps to wake and look, and nothing to a caller.
pub const COURTESY: Duration = Duration::from_millis(2);

/// What an [`Outpost`] is told. Letters come in the order in which they were sent, and none is lost.
#[derive(Clone, Debug)]
pub struct Letter {
    /// How many of the outpost's outputs the sender had heard: what it says of an offer made after them is of an earlier one.
    pub heard: u64,
    /// What.
    pub asked: Asked,
}

/// What a [`Letter`] asks.
#[derive(Clone, Debug)]
pub enum Asked {
    /// As any router.
    Input(Input),
    /// Where a waiting call stands, for its caller.
    Foresee(CallId),
}

/// What an [`Outpost`] answers to one letter, or of itself. Reports come in the order in which they were made, and none is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many letters it had taken: an output about a call of which another letter is under way may be out of date.
    pub heard: u64,
    /// As those of any router.
    pub outputs: Vec<Output>,
    /// Where calls stand of which that was asked.
    pub foreseen: Vec<Foreseen>,
    /// How many calls wait in each queue of which that number changed.
    pub waiting: Vec<(QueueId, u32)>,
    /// How long the next ordinary caller would wait, where that changed; at most each second.
    pub expected: Vec<(QueueId, Result<ExpectedWait, Untold>)>,
    /// See [`Router::inversions`].
    pub inversions: u64,
    /// See [`Router::checked`].
    pub checked: u64,
    /// When its outputs were made.
    pub at: Timestamp,
    /// Each change of a seat's word by its hand, whether its state changed or not, with how many of the outputs were made before.
    pub changed: Vec<(u32, SeatId)>,
}

/// Where a waiting call stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreseen {
    /// The call.
    pub call: CallId,
    /// See [`Router::position`].
    pub position: Option<u32>,
    /// See [`Router::expected_wait`].
    pub wait: Option<Result<ExpectedWait, Untold>>,
}

/// What was last told of a queue.
#[derive(Debug)]
struct Known {
    queue: QueueId,
    waiting: u32,
    expected: Result<ExpectedWait, Untold>,
}

/// The router of a further queue group at a distance: on a thread of its own, told by letters and answering by reports, each of which may
/// cross what is under way in the other direction. It shares the seats with the router at the other end.
#[derive(Debug)]
pub struct Outpost {
    router: Router,
    /// Letters taken.
    heard: u64,
    /// Outputs reported.
    said: u64,
    /// Which output offered each call last.
    offers: BTreeMap<CallId, u64>,
    known: Vec<Known>,
    expected_due: Timestamp,
    foreseen: Vec<Foreseen>,
    /// Offers that passed over a call, and those that were checked for it.
    told: (u64, u64),
    reports: VecDeque<Report>,
}

impl Outpost {
    /// The router of a group other than the main one, on the main router's table; to be made after that.
    pub fn new(now: Timestamp, plan: Arc<Plan>, table: Arc<SeatTable>, share: Share) -> Self {
        let known = queues_of(&plan, share);
        let mut router = Router::of_group(now, plan, table, share);
        router.be_courteous(COURTESY);
        router.keep_changed();
        Self {
            router,
            heard: 0,
            said: 0,
            offers: BTreeMap::new(),
            known,
            expected_due: now + EXPECTED_EACH,
            foreseen: Vec::new(),
            told: (0, 0),
            reports: VecDeque::new(),
        }
    }

    /// Takes a letter.
    pub fn take(&mut self, now: Timestamp, letter: Letter) {
        self.heard += 1;
        match letter.asked {
            Asked::Foresee(call) => self.foresee(now, call),
            Asked::Input(input) => self.handle(now, letter.heard, input),
        }
        self.report(now);
    }

    /// Looks at the seats that others changed. How many there were.
    pub fn look_around(&mut self, now: Timestamp) -> usize {
        let count = self.router.look_around(now);
        if count > 0 {
            self.report(now);
        }
        count
    }

    /// See [`Router::prepare`]; to be called before the letter with the rules is taken.
    pub fn prepare(&mut self, layout: Layout) {
        self.router.prepare(layout);
    }

    /// See [`Router::leftovers`].
    pub fn leftovers(&mut self) -> Option<Leftovers> {
        self.router.leftovers()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.router.handle_timeout(now);
        self.report(now);
    }

    /// When [`Outpost::handle_timeout`] is due next.
    pub fn poll_timeout(&self) -> Timestamp {
        self.router.poll_timeout().map_or(self.expected_due, |at| at.min(self.expected_due))
    }

    /// The next report, in order.
    pub fn poll_report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }

    /// Its router.
    pub fn router(&self) -> &Router {
        &self.router
    }

    fn handle(&mut self, now: Timestamp, heard: u64, input: Input) {
        let (Input::Answered { call, seat } | Input::Ringing { call, seat } | Input::Failed { call, seat, .. }) = &input else {
            if let Input::Rules(plan) = &input {
                self.known = queues_of(plan, self.router.share());
            }
            if let Input::Leave { call } = &input {
                self.offers.remove(call);
            }
            return self.router.handle(now, input);
        };
        let (call, seat) = (*call, *seat);
        if self.offers.get(&call).is_none_or(|offer| *offer <= heard) {
            return self.router.handle(now, input);
        }
        // It is of an offer before the one that stands, which the sender has yet to hear of.
        if matches!(input, Input::Answered { .. }) {
            self.out_of_turn(now, Output::Late { call, seat });
        }
    }

    fn out_of_turn(&mut self, now: Timestamp, output: Output) {
        self.said += 1;
        let report = self.empty();
        self.reports.push_back(Report { outputs: vec![output], at: now, ..report });
        self.report(now);
    }

    fn foresee(&mut self, now: Timestamp, call: CallId) {
        let position = self.router.position(call).map(|position| u32::try_from(position).unwrap_or(u32::MAX));
        self.foreseen.push(Foreseen { call, position, wait: self.router.expected_wait(call, now) });
    }

    fn empty(&self) -> Report {
        let (inversions, checked) = self.told;
        Report { heard: self.heard, inversions, checked, ..Report::default() }
    }

    fn report(&mut self, now: Timestamp) {
        let mut report = self.empty();
        report.changed.extend(self.router.take_changed());
        while let Some(output) = self.router.poll_output() {
            self.said += 1;
            match &output {
                Output::Offer { call, .. } | Output::Direct { call, .. } => drop(self.offers.insert(*call, self.said)),
                Output::Answered { call, .. } | Output::Refused { call, .. } => drop(self.offers.remove(call)),
                Output::Nobody { .. }
                | Output::Withdraw { .. }
                | Output::Late { .. }
                | Output::Seat { .. }
                | Output::NotAssigned { .. } => {}
            }
            report.outputs.push(output);
        }
        report.foreseen = std::mem::take(&mut self.foreseen);
        (report.inversions, report.checked) = (self.router.inversions(), self.router.checked());
        self.compare(now, &mut report);
        if report != self.empty() {
            self.told = (report.inversions, report.checked);
            report.at = now;
            self.reports.push_back(report);
        }
    }

    /// What changed of the queues.
    fn compare(&mut self, now: Timestamp, report: &mut Report) {
        let is_due = now >= self.expected_due;
        for known in &mut self.known {
            let waiting = u32::try_from(self.router.waiting(known.queue)).unwrap_or(u32::MAX);
            if std::mem::replace(&mut known.waiting, waiting) != waiting {
                report.waiting.push((known.queue, waiting));
            }
            if is_due {
                let expected = self.router.expected_wait_of_next(known.queue, now);
                if std::mem::replace(&mut known.expected, expected) != expected {
                    report.expected.push((known.queue, expected));
                }
            }
        }
        if is_due {
            self.expected_due = now + EXPECTED_EACH;
        }
    }
}

fn queues_of(plan: &Plan, share: Share) -> Vec<Known> {
    let own = (0u16..).map(QueueId).take(plan.queues.len()).filter(|queue| share.has(plan, *queue));
    own.map(|queue| Known { queue, waiting: 0, expected: Err(Untold::TooFew) }).collect()
}
