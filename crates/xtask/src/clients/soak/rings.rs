//! The rings of the records beside those that the seats' sipp saw.

use anyhow::{Result, bail, ensure};

use super::records::{Call, Log};

/// A phone that rang, as its sipp saw it: how long, and whether it was answered.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ring {
    lasted: f64,
    answered: bool,
}

/// The rings of one call. One begins when the one before is over.
fn rings_of(logged: &[(String, f64)]) -> Result<Vec<Ring>> {
    let ring = |pair: &[(String, f64)]| {
        let [(began, at), (how, until)] = pair else { bail!("a ring without an end: {logged:?}") };
        ensure!(began == "rings" && how != "rings", "two rings at once: {logged:?}");
        Ok(Ring { lasted: until - at, answered: how == "answered" })
    };
    logged.chunks(2).map(ring).collect()
}

/// All rings of a run.
#[derive(Debug, Default, PartialEq)]
pub struct Rings {
    /// Those that nobody answered (RONA): how long each rang, and how long it was to ring, in seconds.
    pub unanswered: Vec<(f64, f64)>,
    /// Answered, or over as the caller was gone.
    pub others: usize,
    /// Those that ended in another way.
    pub strange: Vec<String>,
    /// The calls for which the seats saw more phones ring, or fewer, than the records say.
    pub differ: Vec<String>,
}

impl Rings {
    /// An error if a seat's log makes no sense.
    pub fn read(calls: &[Call], seats: &Log) -> Result<Self> {
        let mut all = Self::default();
        for call in calls {
            let seen = seats.get(&call.id).map(|logged| rings_of(logged)).transpose()?.unwrap_or_default();
            if seen.len() != call.offers.len() {
                all.differ.push(call.id.clone());
            }
            for (offer, ring) in call.offers.iter().zip(&seen) {
                match &offer.ended {
                    Some(_) if offer.is_rona() && !ring.answered => all.unanswered.push((ring.lasted, call.full_ring(offer))),
                    Some(how) if how.contains("caller was gone") => all.others += 1,
                    None if ring.answered => all.others += 1,
                    how => all.strange.push(format!("{}: {how:?} in the record, answered at the seat: {}", call.id, ring.answered)),
                }
            }
        }
        Ok(all)
    }

    /// The unanswered one that rang least of what it was to ring.
    pub fn least(&self) -> Option<(f64, f64)> {
        self.unanswered.iter().copied().min_by(|one, other| (one.0 - one.1).total_cmp(&(other.0 - other.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::soak::records::{Offer, log};

    const RONA: Option<&str> = Some("rang in full, not answered (RONA)");

    fn call(id: &str, offers: &[Option<&str>]) -> Call {
        let offer =
            |ended: &Option<&str>| Offer { seat: "s01".into(), at: 0.0, ended: ended.map(str::to_owned), until: ended.map(|_| 8.0) };
        let offers = offers.iter().map(offer).collect();
        Call { id: id.into(), caller: 1, priority: "ordinary".into(), entered: 0.0, answered: None, over: None, wrapped_up: None, offers }
    }

    #[test]
    fn a_seats_log_says_how_long_each_phone_rang() {
        let text = "rings;1-0-1;x\t100.5\nrings;1-0-2;x\t100.75\ncancelled;1-0-1;x\t108.5\nrings;1-0-1;x\t109.0\nanswered;1-0-1;x\t110.0\n";
        let log = log(text).unwrap();
        let seen = [Ring { lasted: 8.0, answered: false }, Ring { lasted: 1.0, answered: true }];
        assert_eq!(rings_of(&log["1-0-1"]).unwrap(), seen);
        assert!(rings_of(&log["1-0-2"]).is_err(), "it rings on");
    }

    #[test]
    fn a_rona_that_did_not_ring_in_full_is_found_r41() {
        let text =
            "rings;a;x\t100.0\ncancelled;a;x\t103.5\nrings;a;x\t104.0\nanswered;a;x\t105.0\nrings;b;x\t100.0\ncancelled;b;x\t108.0\n";
        let calls = [call("a", &[RONA, None]), call("b", &[RONA])];
        let rings = Rings::read(&calls, &log(text).unwrap()).unwrap();
        assert_eq!((rings.least(), rings.unanswered.len(), rings.others), (Some((3.5, 8.0)), 2, 1));
        assert!(rings.strange.is_empty() && rings.differ.is_empty());
    }

    #[test]
    fn a_record_that_the_seats_saw_otherwise_is_found() {
        let text = "rings;a;x\t100.0\nanswered;a;x\t108.0\nrings;b;x\t100.0\ncancelled;b;x\t102.0\n";
        let calls = [call("a", &[RONA]), call("b", &[Some("486 Busy Here")]), call("c", &[None])];
        let rings = Rings::read(&calls, &log(text).unwrap()).unwrap();
        assert_eq!((rings.strange.len(), &rings.differ[..]), (2, &["c".to_owned()][..]), "{rings:?}");
    }
}
