use hotline_rules::{Diagnostic, Plan, Source, load};
use std::fmt::Write;

/// Rules that do not load: what is wrong with them.
#[derive(Debug)]
pub struct RulesError(pub Vec<Diagnostic>);

impl std::fmt::Display for RulesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the rules written for the simulation are wrong: {:?}", self.0)
    }
}

impl std::error::Error for RulesError {}

/// The most that the rules allow to wait in a queue.
const ENDLESS: u32 = 100_000;

/// A hall of equal seats before one queue, always ready, the longest idle first.
///
/// # Errors
/// Never for 1 to 50,000 seats.
pub fn hall(seats: u32, places: Option<u32>) -> Result<Plan, RulesError> {
    let mut text = queue(places);
    (0..seats).for_each(|id| seat(&mut text, id, ""));
    read(text)
}

/// A queue for everyone.
pub(crate) fn queue(places: Option<u32>) -> String {
    let limit = places.unwrap_or(ENDLESS);
    format!(
        "[[number]]\nname = \"hotline\"\nqueue = \"hotline\"\n[[queue]]\nname = \"hotline\"\nwrap_up = \"0s\"\nlimit = {limit}\n[[queue.step]]\nrequires = \"anyone\"\n"
    )
}

/// One more seat, with skills as the rules write them.
pub(crate) fn seat(text: &mut String, id: u32, skills: &str) {
    let name = 10_000 + id;
    writeln!(text, "[[seat]]\nname = \"{name}\"\ncontact = \"sip:{name}@127.0.0.1\"\nskills = {{ {skills} }}").expect("a String takes all");
}

pub(crate) fn read(text: String) -> Result<Plan, RulesError> {
    load(&[Source { path: "theory.toml".into(), text }], None).map(|loaded| loaded.plan).map_err(RulesError)
}
