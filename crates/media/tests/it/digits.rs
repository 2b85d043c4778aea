use crate::desk::{Desk, clip, id};
use hotline_media::Event;

fn digit(digit: char, duration_ms: u32) -> Event {
    Event::Digit { stream: id(0), digit, duration_ms }
}

const BEGUN: fn() -> Event = || Event::Begun { stream: id(0), play: 4 };
const FLOWING: fn() -> Event = || Event::Flowing { stream: id(0) };

#[test]
fn a_key_cuts_a_prompt_at_once_and_is_told_when_it_comes_up() {
    let mut desk = Desk::new(1);
    desk.play(0, 4, &[clip("menu", 0, 200)], true, true);
    desk.pass(100);
    desk.take_sent();
    desk.key(0, 1, 8000, 5, false, 160);
    assert_eq!(desk.take_events(), [BEGUN(), FLOWING(), Event::Played { stream: id(0), play: 4, interrupted: true }]);
    desk.pass(60);
    assert!(desk.take_sent().is_empty());
    for seq in 2..5 {
        desk.key(0, seq, 8000, 5, true, 800);
    }
    assert_eq!(desk.take_events(), [digit('5', 100)], "RFC 4733 2.5.1.4: an end comes three times");
}

#[test]
fn keys_are_kept_while_a_prompt_plays_on() {
    let mut desk = Desk::new(1);
    desk.play(0, 4, &[clip("notice", 0, 50)], false, false);
    desk.pass(100);
    desk.key(0, 1, 8000, 1, true, 400);
    desk.key(0, 2, 9000, 11, true, 400);
    assert_eq!(desk.take_events(), [BEGUN(), FLOWING(), digit('1', 50), digit('#', 50)]);
    desk.pass(2000);
    assert_eq!(desk.take_sent().len(), 50);
    assert_eq!(desk.take_events(), [Event::Played { stream: id(0), play: 4, interrupted: false }]);
}

#[test]
fn a_key_whose_end_got_lost_comes_up_by_the_clock_even_while_the_peer_speaks() {
    let mut desk = Desk::new(1);
    desk.key(0, 1, 8000, 9, false, 320);
    desk.pass(100);
    desk.key(0, 2, 8000, 9, false, 1120);
    desk.take_events();
    for seq in 3..10 {
        desk.audio(0, seq);
    }
    assert_eq!(desk.take_events(), []);
    desk.audio(0, 10);
    desk.audio(0, 11);
    assert_eq!(desk.take_events(), [digit('9', 140)]);
    desk.key(0, 12, 8000, 9, true, 1600);
    assert_eq!(desk.take_events(), []);
}
