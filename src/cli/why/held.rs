//! What keeps a ready seat from a call for a while, and where that is written.

use hotline_model::{QueueId, SeatId};
use hotline_rules::{Plan, Spot};
use std::time::Duration;

/// From when on a seat that is none of a queue's own helps it.
pub fn helps(plan: &Plan, queue: QueueId, seat: SeatId) -> Option<Duration> {
    let after = plan.queue(queue).helped_by(seat)?;
    (!plan.admits(seat, queue)).then_some(after)
}

/// Where it is written who helps a queue.
pub fn help_place(plan: &Plan, queue: QueueId) -> Option<String> {
    plan.places.spot(Spot::Overflow(queue)).map(|place| place.to_string())
}
