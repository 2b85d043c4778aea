//! What the rules and the engine say to a caller, as prompts of a language; the grammar behind it is that of the rules.

use crate::Spoken;
use hotline_model::{LanguageId, Name};
use hotline_rules::{Plan, Say};

pub use hotline_rules::spoken::{hours, number, position, time_of_day, wait_minutes};

/// What a `say` of the rules means, spoken in a language.
pub fn say(plan: &Plan, say: &[Say], language: LanguageId) -> Vec<Spoken> {
    let mut words = Vec::with_capacity(say.len());
    for say in say {
        match say {
            Say::Prompt(prompt) => words.push(Spoken { language, prompt: prompt.clone() }),
            Say::PromptIn(language, prompt) => words.push(Spoken { language: *language, prompt: prompt.clone() }),
            // A line is known to whoever holds the queue only.
            Say::Position | Say::ExpectedWait => {}
            Say::Hours(calendar) => words.extend(in_language(language, hours(plan, *calendar, language))),
        }
    }
    words
}

/// Pieces of speech as prompts of one language.
pub fn in_language(language: LanguageId, pieces: Vec<Name>) -> impl Iterator<Item = Spoken> {
    pieces.into_iter().map(move |prompt| Spoken { language, prompt })
}
