use crate::eligible::LineKey;
use hotline_model::SeatId;
use hotline_rules::{Expression, Plan};

/// Who masters each skill at all: a queue's line need only look at these, not at every seat.
#[derive(Debug, Default)]
pub(crate) struct Masters {
    /// Sorted.
    by_skill: Vec<Vec<SeatId>>,
}

impl Masters {
    pub fn of(plan: &Plan) -> Self {
        let mut by_skill: Vec<Vec<SeatId>> = Vec::new();
        for (seat, id) in plan.seats.iter().zip(0..) {
            for (skill, _) in seat.proficiency.iter().enumerate().filter(|(_, mastered)| **mastered > 0) {
                if by_skill.len() <= skill {
                    by_skill.resize(skill + 1, Vec::new());
                }
                by_skill[skill].push(SeatId(id));
            }
        }
        Self { by_skill }
    }

    /// Seats, sorted, among which are all that may ever serve a line; `None` if that may be anybody.
    pub fn candidates(&self, plan: &Plan, key: &LineKey) -> Option<Vec<SeatId>> {
        let mut steps = plan.queue(key.queue).steps.iter().map(|step| &step.requires);
        let needs = key.needs.iter().filter_map(|need| self.of_expression(&Expression::AtLeast(*need)));
        let admitted = steps.try_fold(Vec::new(), |all, step| Some(union(all, self.of_expression(step)?)));
        needs.chain(admitted).min_by_key(Vec::len)
    }

    fn of_expression(&self, expression: &Expression) -> Option<Vec<SeatId>> {
        match expression {
            Expression::AtLeast(need) if need.at_least > 0 => Some(self.by_skill.get(need.skill.index()).cloned().unwrap_or_default()),
            Expression::Anyone | Expression::AtLeast(_) => None,
            Expression::All(parts) => parts.iter().filter_map(|part| self.of_expression(part)).min_by_key(Vec::len),
            Expression::Any(parts) => parts.iter().try_fold(Vec::new(), |all, part| Some(union(all, self.of_expression(part)?))),
        }
    }
}

fn union(mut all: Vec<SeatId>, more: Vec<SeatId>) -> Vec<SeatId> {
    if all.is_empty() {
        return more;
    }
    all.extend(more);
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::eligible::members;
    use hotline_model::{Need, QueueId, SkillId};
    use hotline_rules::{Queue, Seat, Source, Step};
    use proptest::prelude::*;

    fn need() -> impl Strategy<Value = Need> {
        (0u16..5, 0u8..4).prop_map(|(skill, at_least)| Need { skill: SkillId(skill), at_least })
    }

    fn expression() -> impl Strategy<Value = Expression> {
        let leaf = prop_oneof![Just(Expression::Anyone), need().prop_map(Expression::AtLeast)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let parts = prop::collection::vec(inner, 0..3);
            prop_oneof![parts.clone().prop_map(Expression::All), parts.prop_map(Expression::Any)]
        })
    }

    fn seat() -> Seat {
        let text =
            "[[queue]]\nname = \"q\"\n[[number]]\nname = \"n\"\nqueue = \"q\"\n[[seat]]\nname = \"s\"\npassword = \"of-its-own-1\"\n";
        let loaded = hotline_rules::load(&[Source { path: "rules.toml".into(), text: text.into() }], None);
        loaded.unwrap_or_else(|found| panic!("{found:?}")).plan.seats[0].clone()
    }

    proptest! {
        #[test]
        fn every_seat_that_a_step_admits_is_a_candidate(
            seats in prop::collection::vec(prop::collection::vec(0u8..5, 0..5), 0..20),
            steps in prop::collection::vec(expression(), 0..3),
            needs in prop::collection::vec(need(), 0..3),
        ) {
            let seat = seat();
            let seats = seats.into_iter().map(|proficiency| Seat { proficiency, ..seat.clone() }).collect();
            let steps = steps.into_iter().map(|requires| Step { requires, ..Step::default() }).collect();
            let plan = Plan { seats, queues: vec![Queue { steps, ..Queue::default() }], ..Plan::default() };
            let key = LineKey { queue: QueueId(0), region: None, sensitive: false, needs, customer_type: None };
            let fits = |seat: &SeatId| crate::eligible::member(&plan, &key, *seat).is_some();
            let expected: Vec<SeatId> = (0..plan.seats.len() as u32).map(SeatId).filter(fits).collect();
            let found: Vec<SeatId> = members(&plan, &Masters::of(&plan), &key).into_iter().map(|(seat, ..)| seat).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
