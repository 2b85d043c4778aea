//! The grammar of spoken figures: which prompt pieces say a number, a place in the queue, a wait, the hours of a calendar.
//! Chinese and English have one; other languages get digits in the English order.

use crate::{Calendar, CalendarId, Plan};
use hotline_model::{LanguageId, Name};

/// The pieces that say when a calendar is open in a common week (R18): groups of days with equal hours; nothing if it never is.
/// Monday to Friday of a calendar with holidays or make-up days are its working days.
pub fn hours(plan: &Plan, calendar: CalendarId, language: LanguageId) -> Vec<Name> {
    let grammar = Grammar::of(&plan.language(language).code);
    let calendar = plan.calendar(calendar);
    let groups = groups_of(calendar);
    let working_days_only = groups.len() == 1 && groups[0].days == [0, 1, 2, 3, 4] && has_exceptions(calendar);
    let mut words = Words::default();
    for (place, Group { days, spans }) in groups.iter().enumerate() {
        if place > 0 {
            words.say("and");
        }
        if working_days_only {
            words.say("working-days");
        } else {
            words.days(days);
        }
        words.spans(grammar, spans);
    }
    if !groups.is_empty() && !working_days_only && !calendar.off.is_empty() {
        words.say("except-holidays");
    }
    words.0
}

/// The pieces that say a number up to 999; beyond it, and in a language without a grammar, its digits.
pub fn number(language_code: &str, n: u32) -> Vec<Name> {
    let mut words = Words::default();
    words.number(Grammar::of(language_code), n);
    words.0
}

/// The pieces that say a time of day, given in minutes.
pub fn time_of_day(language_code: &str, minute_of_day: u16) -> Vec<Name> {
    let mut words = Words::default();
    words.time(Grammar::of(language_code), minute_of_day);
    words.0
}

/// The pieces that say how many callers are ahead in the queue.
pub fn position(language_code: &str, ahead: usize) -> Vec<Name> {
    let mut words = Words::default();
    match ahead {
        0 => words.say("queue-next"),
        1 => words.say("queue-one-ahead"),
        _ => {
            words.say("queue-before");
            words.count(Grammar::of(language_code), u32::try_from(ahead).unwrap_or(u32::MAX));
            words.say("queue-after");
        }
    }
    words.0
}

/// The pieces that say an expected wait in minutes (R75).
pub fn wait_minutes(language_code: &str, minutes: u32) -> Vec<Name> {
    let mut words = Words::default();
    match minutes {
        0 => words.say("wait-less-than-one-minute"),
        1 => words.say("wait-one-minute"),
        2..=60 => {
            words.say("wait-before");
            words.count(Grammar::of(language_code), minutes);
            words.say("wait-minutes");
        }
        _ => words.say("wait-over-one-hour"),
    }
    words.0
}

/// What is said of a wait, in minutes; 0 is "less than one minute".
pub const WAITS: [u16; 9] = [0, 1, 2, 3, 5, 10, 15, 20, 30];

/// Every piece that [`wait_minutes`] says of one of [`WAITS`].
pub(crate) fn waits(language_code: &str) -> Vec<Name> {
    WAITS.iter().flat_map(|minutes| wait_minutes(language_code, u32::from(*minutes))).collect()
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

struct Group<'a> {
    days: Vec<usize>,
    spans: &'a [(u16, u16)],
}

fn groups_of(calendar: &Calendar) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (day, spans) in calendar.week.iter().enumerate().filter(|(_, spans)| !spans.is_empty()) {
        match groups.iter_mut().find(|group| group.spans == spans.as_slice()) {
            Some(group) => group.days.push(day),
            None => groups.push(Group { days: vec![day], spans }),
        }
    }
    groups
}

fn has_exceptions(calendar: &Calendar) -> bool {
    !calendar.off.is_empty() || !calendar.workdays.is_empty()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grammar {
    Chinese,
    English,
    Digits,
}

impl Grammar {
    fn of(language_code: &str) -> Self {
        match language_code.split('-').next() {
            Some("zh") => Self::Chinese,
            Some("en") => Self::English,
            Some(_) | None => Self::Digits,
        }
    }
}

#[derive(Default)]
struct Words(Vec<Name>);

impl Words {
    fn say(&mut self, piece: &str) {
        self.0.push(Name::from(piece));
    }

    fn say_number(&mut self, n: u32) {
        self.0.push(Name::from(format!("number-{n}")));
    }

    fn days(&mut self, days: &[usize]) {
        if days.len() == DAYS.len() {
            return self.say("daily");
        }
        for (place, run) in days.chunk_by(|a, b| a + 1 == *b).enumerate() {
            if place > 0 {
                self.say("and");
            }
            self.say(DAYS[run[0]]);
            if run.len() > 1 {
                self.say(if run.len() == 2 { "and" } else { "to" });
                self.say(DAYS[run[run.len() - 1]]);
            }
        }
    }

    fn spans(&mut self, grammar: Grammar, spans: &[(u16, u16)]) {
        for (place, (from, to)) in spans.iter().enumerate() {
            if place > 0 {
                self.say("and");
            }
            self.time(grammar, *from);
            self.say("to");
            self.time(grammar, *to);
        }
    }

    fn time(&mut self, grammar: Grammar, minute_of_day: u16) {
        let (hour, minute) = (minute_of_day / 60, u32::from(minute_of_day % 60));
        if minute == 0 {
            return self.0.push(Name::from(format!("hour-{hour}")));
        }
        match grammar {
            Grammar::English => self.say_number(u32::from((hour + 11) % 12 + 1)),
            Grammar::Chinese | Grammar::Digits => self.0.push(Name::from(format!("hour-{hour}"))),
        }
        match (grammar, minute) {
            (Grammar::Chinese, 30) => self.say("half"),
            (Grammar::Chinese | Grammar::English, 1..=9) => {
                self.say_number(0);
                self.say_number(minute);
            }
            (Grammar::Chinese | Grammar::English | Grammar::Digits, _) => self.number(grammar, minute),
        }
        if grammar == Grammar::English {
            self.say(if hour % 24 < 12 { "am" } else { "pm" });
        }
    }

    fn count(&mut self, grammar: Grammar, n: u32) {
        match (grammar, n) {
            (Grammar::Chinese, 2) => self.say("number-2-counted"),
            (Grammar::Chinese | Grammar::English | Grammar::Digits, _) => self.number(grammar, n),
        }
    }

    fn number(&mut self, grammar: Grammar, n: u32) {
        match grammar {
            Grammar::Chinese if n < 1000 => self.chinese(n),
            Grammar::English if n < 1000 => self.english(n),
            Grammar::Chinese | Grammar::English | Grammar::Digits => self.digits(n),
        }
    }

    fn digits(&mut self, n: u32) {
        for digit in n.to_string().chars().filter_map(|c| c.to_digit(10)) {
            self.say_number(digit);
        }
    }

    fn chinese(&mut self, n: u32) {
        let (hundreds, tens, ones) = (n / 100, n / 10 % 10, n % 10);
        if hundreds > 0 {
            self.say_number(hundreds);
            self.say("number-hundred");
        }
        match (hundreds, tens, ones) {
            (1.., 0, 0) => return,
            (1.., 0, _) => self.say_number(0),
            (0, 0, _) => {}
            (0, 1, _) => self.say_number(10),
            (_, 1.., _) => {
                self.say_number(tens);
                self.say_number(10);
            }
        }
        if ones > 0 || n == 0 {
            self.say_number(ones);
        }
    }

    fn english(&mut self, n: u32) {
        let (hundreds, rest) = (n / 100, n % 100);
        if hundreds > 0 {
            self.say_number(hundreds);
            self.say("number-hundred");
        }
        match rest {
            0 if hundreds > 0 => {}
            0..=20 => self.say_number(rest),
            _ => {
                self.say_number(rest / 10 * 10);
                if rest % 10 > 0 {
                    self.say_number(rest % 10);
                }
            }
        }
    }
}
