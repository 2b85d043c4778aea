use hotline_model::{Profile, QueueId, SeatId};
use hotline_rules::{Expression, Plan};
use std::time::Duration;

/// Whether the rules let a seat serve a caller who has waited so long in a queue. Tiers and their holds are left aside: they order seats.
pub(super) fn may_serve(plan: &Plan, queue: QueueId, profile: &Profile, waited: Duration, id: SeatId) -> bool {
    let serves = plan.serves(id, queue).is_some();
    let (queue, seat) = (plan.queue(queue), plan.seat(id));
    let named = serves && (queue.seats.is_empty() || queue.seats.contains(&id));
    let cleared = seat.cleared || !profile.sensitive;
    let masters = profile.skills.iter().all(|need| Expression::AtLeast(*need).admits(&seat.proficiency));
    let admits = queue.steps.iter().any(|step| step.after <= waited && step.requires.admits(&seat.proficiency));
    !seat.retired && named && cleared && masters && admits
}
