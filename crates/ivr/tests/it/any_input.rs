use crate::house::*;
use hotline_ivr::{Input, Output};
use hotline_rules::Go;
use jiff::civil::date;
use proptest::prelude::*;

const BOUND: usize = 64 * (10 + 3) * 2 + 100;

#[derive(Clone, Copy, Debug)]
enum Act {
    Key(char),
    HearOut,
    Wait,
}

fn act() -> impl Strategy<Value = Act> {
    let key = prop::sample::select("0123456789*#A".chars().collect::<Vec<_>>()).prop_map(Act::Key);
    prop_oneof![4 => key, 1 => Just(Act::HearOut), 1 => Just(Act::Wait)]
}

fn staying_act() -> impl Strategy<Value = Act> {
    let key = prop::sample::select("2249*7".chars().collect::<Vec<_>>()).prop_map(Act::Key);
    prop_oneof![4 => key, 2 => Just(Act::HearOut), 1 => Just(Act::Wait)]
}

fn roundabout() -> hotline_rules::Plan {
    let mut plan = plan();
    plan.menus[1].keys.insert('2', to(Go::Menu(MAIN)));
    plan.menus[1].keys.insert('*', to(Go::Again));
    plan.menus[0].keys.insert('4', to(Go::Menu(MAIN)));
    plan
}

fn perform(caller: &mut Caller, act: Act) -> Vec<Output> {
    match act {
        Act::Key(key) => caller.input(Input::Digit(key)),
        Act::HearOut => caller.hears_it_out(),
        Act::Wait if caller.session.poll_timeout().is_some() => caller.waits(),
        Act::Wait => Vec::new(),
    }
}

fn endings(outputs: &[Output]) -> usize {
    outputs.iter().filter(|output| matches!(output, Output::Classified { .. } | Output::Goodbye)).count()
}

proptest! {
    #[test]
    fn every_conversation_ends_once_and_within_a_bound(hour in 0i8..24, acts in prop::collection::vec(act(), 0..60)) {
        let mut caller = Caller::at(roundabout(), date(2026, 9, 30), hour, 0, 0);
        let mut outputs = caller.start();
        for step in 0..BOUND {
            let act = if acts.is_empty() { Act::Wait } else { acts[step % acts.len()] };
            outputs.extend(perform(&mut caller, act));
        }
        for _ in 0..BOUND {
            outputs.extend(perform(&mut caller, Act::Wait));
        }
        prop_assert_eq!(endings(&outputs), 1);
        let ended = matches!(outputs.last(), Some(Output::Classified { .. } | Output::Goodbye));
        prop_assert!(ended);
    }

    #[test]
    fn zero_reaches_a_person_from_every_menu_in_service_hours_r9(acts in prop::collection::vec(staying_act(), 0..20)) {
        let mut caller = Caller::at(roundabout(), date(2026, 9, 30), 10, 0, 0);
        caller.start();
        let mut outputs = Vec::new();
        for act in acts {
            outputs.extend(perform(&mut caller, act));
        }
        if caller.session.menu().is_none() {
            return Ok(());
        }
        outputs.extend(perform(&mut caller, Act::Key('0')));
        outputs.extend(caller.hears_it_out());
        prop_assert!(matches!(outputs.last(), Some(Output::Classified { .. })), "{outputs:?}");
    }

    #[test]
    fn a_key_in_a_menu_is_answered_in_the_same_step_k2(acts in prop::collection::vec(act(), 1..40)) {
        let mut caller = Caller::at(roundabout(), date(2026, 9, 30), 10, 0, 0);
        caller.start();
        for act in acts {
            let in_menu = caller.session.menu().is_some();
            let outputs = perform(&mut caller, act);
            if in_menu && matches!(act, Act::Key(_)) {
                let answers = |output: &Output| matches!(output, Output::Say { .. } | Output::Classified { .. } | Output::Goodbye);
                prop_assert!(outputs.iter().any(answers));
            }
        }
    }
}
