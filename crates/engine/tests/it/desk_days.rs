//! Random days at desk phones: whatever is dialled, keyed, answered and hung up, no seat is stuck, no leg is lost and nothing leaves the house
//! that may not. After each step the harness looks for faults.

use crate::hotline::{Habit, Hotline};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_model::Activity;
use hotline_sip::{DialogId, Event};
use proptest::prelude::*;
use std::net::SocketAddr;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Step {
    Dial(usize, usize),
    HangUp(usize),
    Keys(usize),
    Customer,
    CustomerLeaves(usize),
    Habit(usize, usize),
    Pass(u64),
    Crash,
}

const PHONES: [(u16, &str); 3] = [(6001, "1001"), (6002, "1002"), (6003, "1003")];
const DIALLED: [&str; 16] = [
    "*11",
    "*121",
    "*13",
    "*141",
    "*16",
    "*19",
    "*104711",
    "*101002*8302",
    "*10",
    "1001",
    "1002",
    "1003",
    "line",
    "13800138000",
    "110",
    "02188886666",
];
const KEYED: [&str; 8] = ["4711#", "*16", "*81002#", "*71003*1#", "*9#", "*0", "*3", "*19"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3usize, 0..DIALLED.len()).prop_map(|(phone, number)| Step::Dial(phone, number)),
        3 => (0..3usize).prop_map(Step::HangUp),
        3 => (0..KEYED.len()).prop_map(Step::Keys),
        3 => Just(Step::Customer),
        2 => (0..4usize).prop_map(Step::CustomerLeaves),
        1 => (0..4usize, 0..4usize).prop_map(|(phone, habit)| Step::Habit(phone, habit)),
        6 => (50..6_000u64).prop_map(Step::Pass),
        1 => Just(Step::Crash),
    ]
}

fn rules() -> String {
    let facts = |pin: &str| format!("skills = {{ any = 5 }}\npin = \"{pin}\"\ndial = [\"mobile\"]");
    let seats = [seat("1001", 6001, &facts("4711")), seat("1002", 6002, &facts("8302")), seat("1003", 6003, &facts("9264"))];
    let outbound = "[[outbound.role]]\nname = \"mobile\"\nallow = [\"1[3-9]x{9}\"]\n[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.2:5090\"\nfrom = \"02112345678\"\n";
    let line = queue("line", 1, "wrap_up = \"2s\"");
    let desk = "[desk]\nannounce_agent = true\nwhisper = true\n";
    [PREAMBLE, &number("direct", "line", ""), &line, &seats.concat(), outbound, desk].concat()
}

fn habit(n: usize) -> Habit {
    [Habit::Answers(Duration::from_millis(700)), Habit::RingsOut, Habit::Refuses(486), Habit::Answers(Duration::from_millis(3_000))][n]
}

/// The calls of a phone that it thinks are alive.
fn open(hotline: &Hotline, phone: SocketAddr) -> Vec<DialogId> {
    let mut open = Vec::new();
    for event in &hotline.phones[&phone].events {
        match event {
            Event::Answered { dialog, .. } | Event::Confirmed { dialog, .. } => open.push(*dialog),
            Event::Bye { dialog, .. } | Event::Ended { dialog, .. } => open.retain(|other| other != dialog),
            _ => {}
        }
    }
    open
}

fn walk(steps: &[Step]) -> Hotline {
    let ports = [6001, 6002, 6003, 5090];
    let mut hotline = Hotline::new(&rules(), &ports.map(|port| (port, habit(0))));
    let phone = |n: usize| SocketAddr::from(([127, 0, 0, 2], ports[n]));
    let mut customers = 7_000;
    for step in steps {
        match step {
            Step::Dial(n, number) => drop(hotline.seat_dials(phone(*n), PHONES[*n].1, DIALLED[*number])),
            Step::HangUp(n) => {
                if let Some(dialog) = open(&hotline, phone(*n)).pop() {
                    let now = hotline.now;
                    let _ = hotline.phones.get_mut(&phone(*n)).unwrap().endpoint.hang_up(now, dialog, None);
                    hotline.settle();
                }
            }
            Step::Keys(keys) => {
                let stream = hotline.media.iter().any(|command| matches!(command, hotline_media::Command::Open { .. }));
                if stream {
                    let stream = hotline.last_stream();
                    hotline.keys(stream, KEYED[*keys]);
                }
            }
            Step::Customer => {
                customers += 1;
                hotline.dial(customers, "direct");
            }
            Step::CustomerLeaves(n) => {
                let address = SocketAddr::from(([127, 0, 0, 3], 7_001 + *n as u16));
                if hotline.phones.contains_key(&address)
                    && let Some(dialog) = open(&hotline, address).pop()
                {
                    let now = hotline.now;
                    let _ = hotline.phones.get_mut(&address).unwrap().endpoint.hang_up(now, dialog, None);
                    hotline.settle();
                }
            }
            Step::Habit(n, how) => hotline.change_habit(ports[*n], habit(*how)),
            Step::Pass(ms) => hotline.pass_ms(*ms),
            Step::Crash => hotline.restart(),
        }
    }
    hotline
}

fn hang_up_all(hotline: &mut Hotline) {
    for address in hotline.phones.keys().copied().collect::<Vec<_>>() {
        for dialog in open(hotline, address) {
            let now = hotline.now;
            let _ = hotline.phones.get_mut(&address).unwrap().endpoint.hang_up(now, dialog, None);
        }
    }
    hotline.settle();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 400, ..ProptestConfig::default() })]
    #[test]
    fn after_any_day_at_desk_phones_all_seats_ports_and_trunks_come_back(steps in proptest::collection::vec(step(), 1..40)) {
        let mut hotline = walk(&steps);
        for _ in 0..6 {
            hang_up_all(&mut hotline);
            hotline.pass_ms(40_000);
        }
        let figures = hotline.engine.figures();
        prop_assert_eq!((hotline.engine.calls(), figures.free_ports), (0, 50));
        prop_assert!(figures.trunks.iter().all(|trunk| trunk.calls == 0));
        for (_, seat) in PHONES {
            prop_assert_eq!(hotline.state(seat).activity, Activity::Free, "{}", seat);
        }
        let carrier = &hotline.phones[&SocketAddr::from(([127, 0, 0, 2], 5090))];
        let dialled = carrier.events.iter().filter_map(|event| match event {
            Event::Invite { invite, .. } => Some(invite.to_user.as_str()),
            _ => None,
        });
        prop_assert!(dialled.clone().all(|number| number == "13800138000" || number == "110"), "{:?}", dialled.collect::<Vec<_>>());
    }
}
