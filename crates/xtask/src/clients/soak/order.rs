//! Whether who waited longest was served first in each priority (R24, R38), recomputed from the records alone.

use super::records::{Call, Offer};

const URGENT: &str = "urgent";

/// An offer for which another call was passed over.
#[derive(Debug, PartialEq)]
pub struct PassedOver<'a> {
    pub offered: &'a str,
    pub seat: &'a str,
    pub at: f64,
    pub waited_longer: &'a str,
}

/// The offers of calls while one of the same priority waited longer, and those while one of a higher priority waited. A call that comes back
/// after an unanswered ring keeps its rank; while it rings it does not wait, and the seat that did not answer it is not asked again at once.
pub fn passed_over(calls: &[Call]) -> (Vec<PassedOver<'_>>, Vec<PassedOver<'_>>) {
    let (mut longer, mut higher) = (Vec::new(), Vec::new());
    for call in calls {
        for offer in &call.offers {
            let others = calls.iter().filter(|other| other.id != call.id && might_have_had(other, offer));
            for other in others {
                let one = PassedOver { offered: &call.id, seat: &offer.seat, at: offer.at, waited_longer: &other.id };
                if other.priority != call.priority && other.priority == URGENT {
                    higher.push(one);
                } else if other.priority == call.priority && other.entered < call.entered {
                    longer.push(one);
                }
            }
        }
    }
    (longer, higher)
}

/// Whether a call waited in the moment of another's offer, and the seat might have had it.
fn might_have_had(call: &Call, offer: &Offer) -> bool {
    let at = offer.at;
    let waits = call.entered < at && at < call.leaves_line();
    let has_seat = |own: &Offer| own.at <= at && (!own.is_rona() || own.until.is_none_or(|until| at <= until));
    waits && !call.offers.iter().any(|own| has_seat(own) || (own.at < at && own.seat == offer.seat))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RONA: &str = "rang in full, not answered (RONA)";

    fn call(id: &str, priority: &str, entered: f64, offers: &[(&str, f64, Option<&str>)]) -> Call {
        let offer = |(seat, at, ended): &(&str, f64, Option<&str>)| Offer {
            seat: (*seat).into(),
            at: *at,
            ended: ended.map(str::to_owned),
            until: ended.map(|_| at + 8.0),
        };
        let offers: Vec<Offer> = offers.iter().map(offer).collect();
        let answered = offers.last().filter(|offer| offer.ended.is_none()).map(|offer| offer.at + 1.0);
        let over = Some(answered.unwrap_or(100.0));
        Call { id: id.into(), caller: 1, priority: priority.into(), entered, answered, over, wrapped_up: over, offers }
    }

    fn counts(calls: &[Call]) -> (usize, usize) {
        let (longer, higher) = passed_over(calls);
        (longer.len(), higher.len())
    }

    #[test]
    fn who_came_first_is_served_first_in_its_priority_r38() {
        let in_order = [call("a", "ordinary", 0.0, &[("s01", 5.0, None)]), call("b", "ordinary", 1.0, &[("s02", 6.0, None)])];
        assert_eq!(counts(&in_order), (0, 0));
        let passed = [call("a", "ordinary", 0.0, &[("s01", 6.0, None)]), call("b", "ordinary", 1.0, &[("s02", 5.0, None)])];
        let (longer, _) = passed_over(&passed);
        assert_eq!(longer, [PassedOver { offered: "b", seat: "s02", at: 5.0, waited_longer: "a" }]);
    }

    #[test]
    fn an_urgent_call_goes_before_one_that_waited_longer_r24() {
        let urgent_first = [call("a", "ordinary", 0.0, &[("s01", 6.0, None)]), call("b", "urgent", 1.0, &[("s02", 5.0, None)])];
        assert_eq!(counts(&urgent_first), (0, 0));
        let urgent_last = [call("a", "ordinary", 0.0, &[("s01", 5.0, None)]), call("b", "urgent", 1.0, &[("s02", 6.0, None)])];
        assert_eq!(counts(&urgent_last), (0, 1));
    }

    #[test]
    fn a_call_that_rings_does_not_wait_and_keeps_its_rank_afterwards_r41() {
        let rings = |second: f64| {
            [
                call("a", "ordinary", 0.0, &[("s01", 2.0, Some(RONA)), ("s03", second, None)]),
                call("b", "ordinary", 1.0, &[("s02", 9.0, None)]),
                call("c", "ordinary", 1.5, &[("s04", 11.0, None)]),
            ]
        };
        assert_eq!(counts(&rings(10.5)), (0, 0), "while it rings another is served, then it is first");
        assert_eq!(counts(&rings(11.5)), (1, 0), "it lost its rank");
    }

    #[test]
    fn a_seat_that_did_not_answer_a_call_is_not_asked_for_it_again_r41() {
        let calls = [
            call("a", "ordinary", 0.0, &[("s01", 2.0, Some(RONA)), ("s03", 14.0, None)]),
            call("b", "ordinary", 1.0, &[("s01", 12.5, None)]),
        ];
        assert_eq!(counts(&calls), (0, 0));
    }

    #[test]
    fn who_hung_up_waits_no_longer() {
        let calls = [call("a", "ordinary", 0.0, &[]), call("b", "ordinary", 1.0, &[("s01", 100.0, None)])];
        assert_eq!(counts(&calls), (0, 0));
        let earlier = [call("a", "ordinary", 0.0, &[]), call("b", "ordinary", 1.0, &[("s01", 99.0, None)])];
        assert_eq!(counts(&earlier), (1, 0));
    }
}
