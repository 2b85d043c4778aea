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
                    let pieces = hours(self.calendar(*calendar));
                    all.extend(self.spoken().flat_map(|language| pieces.iter().map(move |piece| (language, piece.clone()))));
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

/// The words for a calendar's days and full hours.
fn hours(calendar: &Calendar) -> BTreeSet<Name> {
    let open = |day: usize| !calendar.week[day].is_empty();
    let mut words: BTreeSet<&str> = (0..7).filter(|day| open(*day)).map(|day| DAYS[day]).collect();
    match words.len() {
        0 => return BTreeSet::new(),
        7 => words = BTreeSet::from(["daily", "except-holidays"]),
        5 if !open(5) && !open(6) => words = BTreeSet::from(["working-days", "monday", "to", "friday"]),
        _ => words.extend(["and", "to", "except-holidays"]),
    }
    words.insert("to");
    let ends = calendar.week.iter().flatten().flat_map(|(from, to)| [from / 60, to / 60]);
    let hours: BTreeSet<Name> = ends.map(|hour| Name::from(format!("hour-{hour}"))).collect();
    words.into_iter().map(Name::from).chain(hours).collect()
}
