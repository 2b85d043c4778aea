use hotline_model::Decision;
use hotline_rules::Plan;

/// A decision in one short sentence.
pub fn explain(plan: &Plan, decision: &Decision) -> String {
    let queue = plan.queues.get(decision.queue.index()).map_or("?", |queue| &queue.name);
    format!("call {} in {queue} after {} ms", decision.call, decision.waited_ms)
}
