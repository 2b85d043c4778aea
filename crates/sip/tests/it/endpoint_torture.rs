//! The messages of RFC 4475 and RFC 5118 sent to an endpoint: by UDP from a trunk, and by a stranger.

use crate::pair::{Lone, start_line};
use crate::torture::{inputs, rfc4475};
use crate::torture_table::{Case, RFC4475, RFC5118};
use hotline_sip::{Event, Limits};
use std::path::PathBuf;

fn final_codes(lone: &mut Lone, bytes: &[u8]) -> Vec<u16> {
    let sent = lone.send_bytes(bytes);
    let code = |text: &String| start_line(text.as_bytes()).split(' ').nth(1)?.parse().ok();
    sent.iter().filter_map(code).filter(|code| *code >= 200).collect()
}

fn run(cases: &[Case], file: impl Fn(&Case) -> PathBuf) {
    if !inputs().is_dir() {
        eprintln!("not run: {} torture messages, no inputs at {}", cases.len(), inputs().display());
        return;
    }
    let mut wrong = Vec::new();
    for case in cases {
        let bytes = std::fs::read(file(case)).unwrap();
        let mut lone = Lone::new();
        let codes = final_codes(&mut lone, &bytes);
        let calls = lone.events.iter().filter(|event| matches!(event, Event::Invite { .. })).count();
        let fits = match (case.endpoint, codes.as_slice()) {
            ([], _) => codes.len() <= 1,
            (wanted, [code]) => wanted.contains(code),
            (wanted, []) => calls == 1 && wanted.iter().any(|code| [200, 404].contains(code)),
            (_, [_, _, ..]) => false,
        };
        if !fits {
            wrong.push(format!("{} ({}): wanted {:?}, got {codes:?}, {calls} calls", case.name, case.why, case.endpoint));
        }
        let mut stranger = Lone::at("192.0.2.1:5060", "203.0.113.9:5060", Limits::default());
        let codes = final_codes(&mut stranger, &bytes);
        if !codes.iter().all(|code| *code == 401) {
            wrong.push(format!("{}: a stranger was told {codes:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_messages_of_rfc4475_are_answered_as_its_text_says() {
    run(RFC4475, |case| rfc4475(case.name));
}

#[test]
fn the_messages_of_rfc5118_are_answered_as_its_text_says() {
    run(RFC5118, |case| inputs().join("rfc5118").join(case.name));
}
