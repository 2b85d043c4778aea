//! What a person may want to know of the last minutes without asking: a few lines in the log.

use crate::contacts::ContactSums;
use crate::media_worker;
use hotline_engine::{Engine, Figures, SurveySums, TrunkFigures};
use hotline_model::Name;
use hotline_router::ExpectedWait;
use std::collections::BTreeMap;

/// Tells of trunks that die and come back. One that is down at a single look is waited for: at the start none has answered yet.
#[derive(Default)]
pub struct Trunks {
    /// Those that were down at the last look, and whether that was told.
    down: BTreeMap<Name, bool>,
}

impl Trunks {
    /// Looks, and tells what is new; what it tells of: the trunk, and whether calls can go through it.
    pub fn tell(&mut self, now: Vec<TrunkFigures>) {
        for (trunk, is_up) in self.news(now) {
            if is_up {
                tracing::info!(%trunk, "calls can go through this trunk again");
            } else {
                tracing::warn!(%trunk, "no call can go through this trunk: it answers no OPTIONS, refused a call or has no address; the others are tried");
            }
        }
    }

    fn news(&mut self, now: Vec<TrunkFigures>) -> Vec<(Name, bool)> {
        let before = std::mem::take(&mut self.down);
        let mut news = Vec::new();
        for TrunkFigures { name, up, .. } in now {
            match (up, before.get(&name)) {
                (true, Some(true)) => news.push((name, true)),
                (true, Some(false) | None) => {}
                (false, None) => drop(self.down.insert(name, false)),
                (false, Some(told)) => {
                    if !told {
                        news.push((name.clone(), false));
                    }
                    self.down.insert(name, true);
                }
            }
        }
        news
    }
}

/// Tells the log how the hotline stands, and what it counted since the start.
pub fn tell(engine: &Engine, media: media_worker::Figures, contacts: ContactSums) {
    let (now, sums, sip) = (engine.figures(), engine.counters(), engine.sip_counters());
    tell_queues(&now);
    if sums.inversions > 0 {
        tracing::warn!(offers = sums.inversions, "offers passed over a waiting call of higher rank: please report it, with the input log");
    }
    tell_connection(engine);
    tell_satisfaction(engine, &now);
    tell_complaints(engine, contacts);
    let percent = |share: Option<f64>| share.map(|share| (share * 100.0).round());
    tracing::info!(
        live = now.calls,
        waiting = now.waiting,
        free_ports = now.free_ports,
        offered = sums.offered,
        answered = sums.answered,
        abandoned = sums.abandoned,
        breached = sums.breached,
        voice_replies = sums.voice.heard,
        voice_slowest_ms = sums.voice.slowest.as_millis(),
        voice_breached = sums.voice.breached,
        waits_told = sums.foretold.answered,
        waits_in_interval_percent = percent(sums.foretold.share_inside()),
        waits_later_than_told_percent = percent(sums.foretold.share_later()),
        wait_error_median_s = sums.foretold.median_error().map(|error| error.as_secs()),
        rona = sums.rona,
        refused = sums.refused,
        no_port = sums.no_port,
        unknown_number = sums.unknown_number,
        blocked = sums.blocked,
        unacceptable_sdp = sums.unacceptable_sdp,
        missing_prompts = sums.missing_prompts,
        malformed = sip.malformed,
        slow = sip.slow,
        strangers = sip.dropped_stranger,
        rate_limited = sip.rate_limited,
        auth_failed = sip.auth_failed,
        retransmissions = sip.retransmissions,
        media_commands_lost = media.commands_lost,
        media_send_failed = media.send_failed,
        rtp_strangers = sums.rtp_strangers,
        rtp_garbage = sums.rtp_garbage,
        look_ups_failed = sums.look_ups_failed,
        hosts_without_listener = sums.hosts_without_listener,
        late_answers = sums.late_answers,
        offers = sums.offers,
        offers_checked = sums.offers_checked,
        inversions = sums.inversions,
        "figures since the start"
    );
    let used = now.call_backs > 0 || !now.trunks.is_empty() || sums.call_backs > 0;
    if used {
        tracing::info!(
            called = sums.outside_called,
            answered = sums.outside_answered,
            not_called = sums.outside_not_called,
            trunks_down = now.trunks.iter().filter(|trunk| !trunk.up).count(),
            call_backs_open = now.call_backs,
            call_backs = sums.call_backs,
            call_backs_reached = sums.call_backs_reached,
            call_backs_failed = sums.call_backs_failed,
            "calls to the outside since the start"
        );
    }
}

/// Calls, scores or contacts before a share of them says anything.
const ENOUGH: u64 = 100;

/// Warns below the floor of the manual, or of the rules (`kpi.connect_rate`, R3).
fn tell_connection(engine: &Engine) {
    let (sums, grades) = (engine.counters(), engine.plan().settings.connect_rate);
    if sums.queued < ENOUGH {
        return;
    }
    let rate = sums.answered as f64 / sums.queued as f64;
    if rate < grades.floor {
        let grade = grades.grade(rate);
        tracing::warn!(rate, floor = grades.floor, grade, "fewer callers reach a person than kpi.connect_rate asks for (R3)");
    }
}

/// What callers said, and a warning below the floor of the manual, or of the rules (`kpi.csat`, R109).
fn tell_satisfaction(engine: &Engine, now: &Figures) {
    let sums = now.queues.iter().fold(SurveySums::default(), |sums, queue| sums.and(queue.survey));
    let (Some(csat), Some(mean), Some(response_rate)) = (sums.csat(), sums.mean(), sums.response_rate()) else { return };
    let floor = engine.plan().survey.csat;
    if is_too_low(&sums, floor) {
        tracing::warn!(csat, floor, mean, ratings = sums.ratings, "fewer customers are satisfied than kpi.csat asks for (R109)");
    } else {
        tracing::info!(csat, mean, response_rate, ratings = sums.ratings, low = sums.low, "what customers said since the start");
    }
}

/// Whether enough scores are below the floor.
fn is_too_low(sums: &SurveySums, floor: f64) -> bool {
    sums.ratings >= ENOUGH && sums.csat().is_some_and(|csat| csat < floor)
}

/// Warns above the ceiling of the manual, or of the rules (`kpi.complaint_rate`, R110).
fn tell_complaints(engine: &Engine, contacts: ContactSums) {
    let ceiling = engine.plan().settings.indicators.complaint_rate;
    if let Some(rate) = contacts.complaint_rate().filter(|_| are_too_many(contacts, ceiling)) {
        let ContactSums { served, complaints } = contacts;
        tracing::warn!(rate, ceiling, complaints, served, "more of the contacts are complaints than kpi.complaint_rate allows (R110)");
    }
}

/// Whether complaints are above the ceiling, of enough contacts.
fn are_too_many(contacts: ContactSums, ceiling: f64) -> bool {
    contacts.served >= ENOUGH && contacts.complaint_rate().is_some_and(|rate| rate > ceiling)
}

fn tell_queues(now: &Figures) {
    for queue in now.queues.iter().filter(|queue| queue.waiting > 0) {
        if queue.retired {
            tracing::warn!(queue = %queue.name, callers = queue.waiting, "the rules no longer have this queue, and callers wait in it");
        }
        let seconds = |wait: &ExpectedWait| [wait.low, wait.likely, wait.high].map(|time| time.as_secs());
        match queue.expected.as_ref().map(seconds) {
            Ok([low, likely, high]) => {
                tracing::info!(queue = %queue.name, waiting = queue.waiting, low, likely, high, "the next caller's expected wait in seconds")
            }
            Err(why) => tracing::info!(queue = %queue.name, waiting = queue.waiting, ?why, "the next caller's wait can't be told"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csat_below_the_floor_is_warned_of_once_enough_scores_were_given_r109() {
        let sums = |ratings, satisfied| SurveySums { ratings, satisfied, ..SurveySums::default() };
        assert!(is_too_low(&sums(100, 89), 0.9) && !is_too_low(&sums(100, 90), 0.9));
        assert!(is_too_low(&sums(100, 94), 0.95) && !is_too_low(&sums(99, 0), 0.9));
    }

    #[test]
    fn complaints_above_the_ceiling_are_warned_of_once_enough_contacts_were_served_r110() {
        let contacts = |served, complaints| ContactSums { served, complaints };
        assert!(are_too_many(contacts(100, 4), 0.03) && !are_too_many(contacts(100, 3), 0.03));
        assert!(are_too_many(contacts(100, 3), 0.02) && !are_too_many(contacts(99, 99), 0.03));
    }

    #[test]
    fn a_trunk_that_is_down_at_two_looks_is_told_once_and_so_is_its_return() {
        let mut trunks = Trunks::default();
        let mut look = |up| {
            let told = trunks.news(vec![TrunkFigures { name: "carrier".into(), calls: 0, limit: 1, up }]);
            told.into_iter().map(|(_, up)| up).collect::<Vec<_>>()
        };
        let told: Vec<_> = [false, true, false, false, false, true, true].into_iter().map(&mut look).collect();
        assert_eq!(told, [vec![], vec![], vec![], vec![false], vec![], vec![true], vec![]]);
    }
}
