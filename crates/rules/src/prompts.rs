use crate::{Plan, Say, spoken};
use hotline_model::{LanguageId, Name};
use std::collections::BTreeSet;

impl Plan {
    /// Every prompt that its numbers, menus and queues can say, in the languages in which it can be said; sorted, each once.
    pub fn prompts(&self) -> Vec<(LanguageId, Name)> {
        let mut all = BTreeSet::new();
        for piece in self.speech() {
            match piece {
                Say::Prompt(name) => all.extend(self.spoken().map(|language| (language, name.clone()))),
                Say::PromptIn(language, name) => all.extend([(*language, name.clone())]),
                Say::Hours(calendar) => {
                    for language in self.spoken() {
                        let words = spoken::hours(self, *calendar, language);
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
        let queues = queues.flat_map(|queue| {
            let branches = queue.closed.iter().chain(queue.nobody.iter().map(|nobody| &nobody.go));
            [&queue.say, &queue.breach, &queue.announce].into_iter().chain(branches.map(|branch| &branch.say))
        });
        numbers.chain(menus).chain(queues).flatten()
    }
}
