use crate::{DeskPrompt, Plan, Say, spoken};
use hotline_model::{Class, LanguageId, Name};
use std::collections::BTreeSet;

/// Up to so many callers ahead, every word of a number occurs.
const LONGEST_LINE: usize = 120;

impl Plan {
    /// Every prompt that its numbers, menus and queues can say, in the languages in which it can be said; sorted, each once.
    pub fn prompts(&self) -> Vec<(LanguageId, Name)> {
        let mut all = BTreeSet::new();
        let words = |of: &dyn Fn(&str) -> Vec<Name>| {
            let of = |language| of(&self.language(language).code).into_iter().map(move |word| (language, word));
            self.spoken().flat_map(of).collect::<Vec<_>>()
        };
        for piece in self.speech() {
            match piece {
                Say::Position => all.extend(words(&|code| (0..=LONGEST_LINE).flat_map(|ahead| spoken::position(code, ahead)).collect())),
                Say::ExpectedWait => all.extend(words(&|code| spoken::waits(code))),
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
        for word in self.queues.iter().filter(|queue| !queue.retired).filter_map(|queue| queue.outward.callback.as_ref()) {
            for language in self.spoken() {
                let words = crate::callback::prompts(word, &self.language(language).code);
                all.extend(words.into_iter().map(|word| (language, word)));
            }
        }
        all.extend(self.said_at_desks());
        all.into_iter().collect()
    }

    /// The language of what agents hear: the first one.
    pub fn house_language(&self) -> LanguageId {
        self.spoken().next().unwrap_or(LanguageId(0))
    }

    /// Codes are answered whatever the rules say; whisper and the agent's number are said if they are on.
    fn said_at_desks(&self) -> Vec<(LanguageId, Name)> {
        let mut to_agents: Vec<Name> = DeskPrompt::ALL.iter().map(|prompt| prompt.name().into()).collect();
        if self.desk.whisper {
            to_agents.extend(self.queues.iter().filter(|queue| !queue.retired).filter_map(|queue| queue.whisper.clone()));
            to_agents.extend(Class::ALL.iter().map(|class| Name::from(format!("whisper-{}", class.word()))));
        }
        let house = self.house_language();
        let announced = if self.desk.announce_agent { self.desk.announcement("0123456789") } else { Vec::new() };
        let to_callers = self.spoken().flat_map(|language| announced.iter().map(move |name| (language, name.clone())));
        to_agents.into_iter().map(|name| (house, name)).chain(to_callers).collect()
    }

    fn spoken(&self) -> impl Iterator<Item = LanguageId> {
        let current = self.languages.iter().enumerate().filter(|(_, language)| !language.retired);
        current.filter_map(|(place, _)| u8::try_from(place).ok().map(LanguageId))
    }

    fn speech(&self) -> impl Iterator<Item = &Say> {
        let numbers = self.numbers.iter().flat_map(|number| number.gates.iter().map(|gate| &gate.go.say).chain([&number.entry.say]));
        let menus = self.menus.iter().flat_map(|menu| {
            let gates = menu.gates.iter().map(|gate| &gate.go);
            let branches = gates.chain(menu.keys.values()).chain([&menu.failed]).chain(menu.collect.iter().map(|collect| &collect.done));
            [&menu.say, &menu.no_input, &menu.invalid].into_iter().chain(branches.map(|branch| &branch.say))
        });
        let queues = self.queues.iter().filter(|queue| !queue.retired);
        let queues = queues.flat_map(|queue| {
            let branches = queue.closed.iter().chain(queue.nobody.iter().map(|nobody| &nobody.go));
            [&queue.say, &queue.breach, &queue.announce].into_iter().chain(branches.map(|branch| &branch.say))
        });
        let callbacks = self.queues.iter().filter(|queue| !queue.retired).filter_map(|queue| queue.outward.callback.as_ref());
        let queues = queues.chain(callbacks.map(|callback| &callback.say));
        let arrivals = self.blocks.iter().map(|block| &block.say).chain(self.announcements.iter().map(|one| &one.say));
        let survey = &self.survey;
        let asked = survey.questions.iter().map(|question| &question.say);
        let asked = [&survey.intro, &survey.no_input, &survey.invalid, &survey.thanks].into_iter().chain(asked);
        numbers.chain(menus).chain(queues).chain(arrivals).chain(asked).flatten()
    }
}
