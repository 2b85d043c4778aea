use crate::{Calendar, Plan, Say};
use hotline_model::{LanguageId, Name};
use std::collections::BTreeSet;

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Plan {
    /// Every prompt that its numbers, menus and queues can say, in the languages in which it can be said; sorted, each once.
    /// Hours count with all the pieces that any wording of them may need.
    pub fn prompts(&self) -> Vec<(LanguageId, Name)> {
        let mut all = BTreeSet::new();
        for piece in self.speech() {
            match piece {
                Say::Prompt(name) => all.extend(self.spoken().map(|language| (language, name.clone()))),
                Say::PromptIn(language, name) => all.extend([(*language, name.clone())]),
                Say::Hours(calendar) => {
                    for language in self.spoken() {
                        let words = hours(self.calendar(*calendar), &self.language(language).code);
                        all.extend(words.into_iter().map(|word| (language, word)));
                    }
                }
            }
        }
        all.into_iter().collect()
    }

    fn spoken(&self) -> impl Iterator<Item = LanguageId> {
        let current = self.languages.iter().enumerate().filter(|(_, language)| !language.retired);
        current.filter_map(|(place, _)| u8::try_from(place).ok().map(LanguageId))
    }

    fn speech(&self) -> impl Iterator<Item = &Say> {
        let numbers = self.numbers.iter().map(|number| &number.entry.say);
        let menus = self.menus.iter().flat_map(|menu| {
            let gates = menu.gates.iter().map(|gate| &gate.go);
            let branches = gates.chain(menu.keys.values()).chain([&menu.failed]);
            [&menu.say, &menu.no_input, &menu.invalid].into_iter().chain(branches.map(|branch| &branch.say))
        });
        let queues = self.queues.iter().filter(|queue| !queue.retired);
        let queues = queues.flat_map(|queue| [&queue.say, &queue.breach, &queue.announce]);
        numbers.chain(menus).chain(queues).flatten()
    }
}

/// The words for a calendar's days and times: all that any wording of them may need.
fn hours(calendar: &Calendar, language: &str) -> BTreeSet<Name> {
    let open: Vec<usize> = (0..7).filter(|day| !calendar.week[*day].is_empty()).collect();
    let mut words = BTreeSet::new();
    match open.as_slice() {
        [] => return words,
        [_, _, _, _, _, _, _] => words.extend(["daily", "except-holidays"].map(Name::from)),
        [0, 1, 2, 3, 4] => words.extend(["working-days", "monday", "friday", "except-holidays"].map(Name::from)),
        days => words.extend(days.iter().map(|day| DAYS[*day]).chain(["and", "except-holidays"]).map(Name::from)),
    }
    words.insert(Name::from("to"));
    for minute in calendar.week.iter().flatten().flat_map(|(from, to)| [*from, *to]) {
        time(minute, language, &mut words);
    }
    words
}

fn time(minute_of_day: u16, language: &str, words: &mut BTreeSet<Name>) {
    let (hour, minute) = (minute_of_day / 60, minute_of_day % 60);
    if language.starts_with("zh") {
        chinese_time(hour, minute, words);
    } else {
        english_time(hour % 24, minute, words);
    }
}

fn chinese_time(hour: u16, minute: u16, words: &mut BTreeSet<Name>) {
    if hour == 2 {
        words.insert(Name::from("number-2-counted"));
    } else {
        chinese_number(hour, words);
    }
    words.insert(Name::from(if minute == 30 { "oclock-half" } else { "oclock" }));
    if (1..=9).contains(&minute) {
        say_number(0, words);
    }
    if minute != 0 && minute != 30 {
        chinese_number(minute, words);
    }
}

fn chinese_number(n: u16, words: &mut BTreeSet<Name>) {
    let (tens, ones) = (n / 10, n % 10);
    if tens > 0 {
        say_number(10, words);
    }
    if tens > 1 {
        say_number(tens, words);
    }
    if ones > 0 || n == 0 {
        say_number(ones, words);
    }
}

fn english_time(hour: u16, minute: u16, words: &mut BTreeSet<Name>) {
    let alone = match (hour, minute) {
        (0, 0) => Some("midnight"),
        (12, 0) => Some("noon"),
        _ => None,
    };
    words.insert(Name::from(alone.unwrap_or(if hour < 12 { "am" } else { "pm" })));
    if alone.is_some() {
        return;
    }
    say_number((hour + 11) % 12 + 1, words);
    let (tens, rest) = if minute > 20 { (minute / 10 * 10, minute % 10) } else { (0, minute) };
    if (1..=9).contains(&minute) {
        say_number(0, words);
    }
    for part in [tens, rest].into_iter().filter(|part| *part > 0) {
        say_number(part, words);
    }
}

fn say_number(n: u16, words: &mut BTreeSet<Name>) {
    words.insert(Name::from(format!("number-{n}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(minute: u16, language: &str) -> String {
        let mut words = BTreeSet::new();
        time(minute, language, &mut words);
        words.iter().map(|word| &**word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_time_is_said_in_numbers_and_the_words_of_its_language() {
        for (minute, chinese, english) in [
            (8 * 60, "number-8 oclock", "am number-8"),
            (14 * 60, "number-10 number-4 oclock", "number-2 pm"),
            (20 * 60, "number-10 number-2 oclock", "number-8 pm"),
            (2 * 60, "number-2-counted oclock", "am number-2"),
            (11 * 60, "number-1 number-10 oclock", "am number-11"),
            (8 * 60 + 30, "number-8 oclock-half", "am number-30 number-8"),
            (9 * 60 + 45, "number-10 number-4 number-5 number-9 oclock", "am number-40 number-5 number-9"),
            (9 * 60 + 5, "number-0 number-5 number-9 oclock", "am number-0 number-5 number-9"),
            (0, "number-0 oclock", "midnight"),
            (12 * 60, "number-10 number-2 oclock", "noon"),
            (24 * 60, "number-10 number-2 number-4 oclock", "midnight"),
        ] {
            assert_eq!((said(minute, "zh-CN").as_str(), said(minute, "en").as_str()), (chinese, english), "{minute}");
        }
    }
}
