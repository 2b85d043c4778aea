use crate::call::Phase;
use crate::engine::Engine;
use crate::reply::VoiceReplies;
use crate::survey::SurveySums;
use crate::trunks::Trunks;
use hotline_model::history::Untold;
use hotline_model::{SeatId, SeatState, Timestamp};
use hotline_router::{Calibration, ExpectedWait};
use hotline_rules::Trunk;
use std::time::Duration;

/// What the engine counted since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Calls that came (t0).
    pub offered: u64,
    /// Calls picked up (t1).
    pub picked_up: u64,
    /// Calls that entered a queue (t2).
    pub queued: u64,
    /// Calls bridged with an agent (t3).
    pub answered: u64,
    /// Of these, within the answer clock K3.
    pub answered_in_time: u64,
    /// Answer clocks breached (K3).
    pub breached: u64,
    /// Callers who left in a queue.
    pub abandoned: u64,
    /// Calls that ended.
    pub ended: u64,
    /// Offers that rang out (RONA).
    pub rona: u64,
    /// INVITEs for a number that nobody has (404).
    pub unknown_number: u64,
    /// Calls that the block list turned away.
    pub blocked: u64,
    /// INVITEs whose SDP can't be served (488) or read (400).
    pub unacceptable_sdp: u64,
    /// INVITEs refused because all RTP ports are leased (503).
    pub no_port: u64,
    /// INVITEs refused because the engine is full or draining (503).
    pub refused: u64,
    /// INVITEs that were to replace a dialog of ours, from whom that is not for (403).
    pub replaces_refused: u64,
    /// REFERs of calls' parties that were refused. Of each leg's the call's story has the first few only.
    pub refers_refused: u64,
    /// Prompts that a rule names and no language has.
    pub missing_prompts: u64,
    /// Inputs for calls, legs or streams that are no more.
    pub late: u64,
    /// RTP packets from others than a stream's peer.
    pub rtp_strangers: u64,
    /// Datagrams on RTP ports that were no RTP.
    pub rtp_garbage: u64,
    /// Look-ups of host names that failed or were not answered in time.
    pub look_ups_failed: u64,
    /// Look-ups that led to addresses of families that we don't listen on only.
    pub hosts_without_listener: u64,
    /// Answers after their deadline, or to questions that nobody has any more: dropped.
    pub late_answers: u64,
    /// Look-ups of callers whose source knew the number.
    pub customers_known: u64,
    /// Those whose source did not know it.
    pub customers_unknown: u64,
    /// Those without an answer in time: the fallback held.
    pub customers_late: u64,
    /// Those whose source failed, or answered what can't be read: the fallback held.
    pub customers_failed: u64,
    /// Those that were not asked because too many were open: the fallback held.
    pub customers_full: u64,
    /// Values of answers that the rules don't know, or of a wrong kind: left out.
    pub customer_values_ignored: u64,
    /// Calls to somebody outside that were begun.
    pub outside_called: u64,
    /// Of these, those that were answered.
    pub outside_answered: u64,
    /// Calls for which nobody outside could be called: no trunk, no room, or not allowed.
    pub outside_not_called: u64,
    /// Messages that callers left.
    pub messages: u64,
    /// Call-backs that were opened.
    pub call_backs: u64,
    /// Of these, those whose customer talked with an agent.
    pub call_backs_reached: u64,
    /// Of these, those given up after the last attempt.
    pub call_backs_failed: u64,
    /// Transfers that were begun.
    pub transfers: u64,
    /// Of these, those whose receiver took the caller over.
    pub transferred: u64,
    /// Calls of the seats' own: codes, colleagues, numbers outside. They are not counted as offered.
    pub seats_called: u64,
    /// Of these, calls to a number outside that were begun, emergency calls included.
    pub seats_called_outside: u64,
    /// Of these, those to police, fire brigade or ambulance.
    pub emergency_calls: u64,
    /// Calls of the seats' own that were not put through: what is allowed to nobody, leads nowhere, or to somebody who is busy or away.
    pub not_put_through: u64,
    /// Codes that were not understood, or not carried out.
    pub codes_refused: u64,
    /// Wrong PINs.
    pub wrong_pins: u64,
    /// Calls taken up again after a restart.
    pub recovered: u64,
    /// Offers that passed over a waiting call which stood before the offered one and could have had the seat: 0, else we are wrong.
    pub inversions: u64,
    /// Offers of calls to seats, but for those by hand.
    pub offers: u64,
    /// Of these, those compared with the best other call that the seat could have had: all while others wait if a call looked for a seat, one
    /// of 128 if a seat looked for a call (all in debug builds).
    pub offers_checked: u64,
    /// Offers to a seat to which the router of another group had made the offer before.
    pub seats_crossed: u64,
    /// What routers of other groups said of calls that had left or moved meanwhile: dropped, and a seat that answered is free again.
    pub reports_late: u64,
    /// How often changes of a seat by several groups were journalled by their times, since not all were heard of in time: 0, else a router
    /// lags a second behind, or thousands of changes wait.
    pub seat_changes_guessed: u64,
    /// How soon the voice system replied to callers (K2).
    pub voice: VoiceReplies,
    /// Waits that callers were told against what came true (R75).
    pub foretold: Calibration,
}

/// What is going on now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls that are live (wrap-up not counted).
    pub calls: usize,
    /// Of these, in the menus.
    pub in_menu: usize,
    /// Waiting or ringing at a seat.
    pub waiting: usize,
    /// Open call-backs: those that wait without a caller, or for their time, and are no calls yet.
    pub call_backs: usize,
    /// Messages whose callers are gone, and which wait for an answer.
    pub messages: usize,
    /// Talking.
    pub talking: usize,
    /// Asked how it was; the agent is gone.
    pub in_survey: usize,
    /// The longest wait.
    pub oldest_wait: Duration,
    /// Seats by displayed word, in the order of the words.
    pub seats: Vec<(&'static str, usize)>,
    /// Queues.
    pub queues: Vec<QueueFigures>,
    /// Trunks, in the order of the rules.
    pub trunks: Vec<TrunkFigures>,
    /// Free RTP ports.
    pub free_ports: usize,
}

/// One queue now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueFigures {
    /// Its name.
    pub name: hotline_model::Name,
    /// Calls waiting in it.
    pub waiting: usize,
    /// How long its next caller would wait, or why that can't be told.
    pub expected: Result<ExpectedWait, Untold>,
    /// The rules no longer have it.
    pub retired: bool,
    /// What its callers said since the start (R109).
    pub survey: SurveySums,
}

/// One trunk now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkFigures {
    /// Its name.
    pub name: hotline_model::Name,
    /// Calls on it, those that ring included.
    pub calls: u32,
    /// Most of them.
    pub limit: u32,
    /// It can be called through: its address is known, its pings are answered, and no call failed just now.
    pub up: bool,
}

impl TrunkFigures {
    pub(crate) fn of(trunks: &Trunks, now: Timestamp, trunk: &Trunk) -> Self {
        Self { name: trunk.name.clone(), calls: trunks.calls(&trunk.name), limit: trunk.limit, up: trunks.is_up(now, trunk) }
    }
}

impl Engine {
    /// The trunks, in the order of the rules.
    pub fn trunk_figures(&self) -> Vec<TrunkFigures> {
        let world = &self.world;
        world.plan.trunks.iter().map(|trunk| TrunkFigures::of(&world.trunks, world.now, trunk)).collect()
    }

    /// What is going on now.
    pub fn figures(&self) -> Figures {
        let world = &self.world;
        let mut figures = Figures { free_ports: world.ports.len(), ..Figures::default() };
        for call in self.calls.values() {
            if call.is_message() {
                figures.messages += 1;
                continue;
            }
            if call.is_resting() {
                figures.call_backs += 1;
                continue;
            }
            match &call.phase {
                Phase::Survey(_) => figures.in_survey += 1,
                Phase::Menu(_) | Phase::Led(_) | Phase::Message(_) | Phase::Goodbye => figures.in_menu += 1,
                Phase::Waiting(waiting) | Phase::Offered(waiting, _) => {
                    figures.waiting += 1;
                    figures.oldest_wait = figures.oldest_wait.max(world.now.since(waiting.since));
                }
                Phase::Reaching(..) | Phase::Later(_) => {}
                Phase::Talking(_) | Phase::Transferring(_) => figures.talking += 1,
                Phase::WrapUp | Phase::Done => continue,
            }
            figures.calls += 1;
        }
        figures.trunks = self.trunk_figures();
        let seats = (0u32..).map(SeatId).zip(&world.plan.seats).filter(|(_, seat)| !seat.retired);
        seats.for_each(|(seat, _)| figures.count_seat(world.router.seat_state(seat)));
        let queues = (0u16..).map(hotline_model::QueueId).zip(&world.plan.queues);
        figures.queues = queues
            .map(|(id, queue)| QueueFigures {
                name: queue.name.clone(),
                waiting: world.router.waiting(id),
                expected: world.router.expected_wait_of_next(id, world.now),
                retired: queue.retired,
                survey: world.surveys.sums(id),
            })
            .collect();
        figures
    }
}

impl Figures {
    pub(crate) fn count_seat(&mut self, state: SeatState) {
        let word = state.word();
        match self.seats.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => self.seats.push((word, 1)),
        }
        self.seats.sort_unstable_by_key(|(word, _)| *word);
    }
}
