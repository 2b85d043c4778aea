use hotline_ivr::Spoken;
use hotline_media::Clip;
use hotline_model::Name;
use hotline_rules::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The prompts of a revision, encoded and ready to play, by language code and name.
#[derive(Clone, Debug, Default)]
pub struct Prompts(BTreeMap<Name, BTreeMap<Name, Arc<Clip>>>);

impl Prompts {
    /// Adds a prompt; one of the same language and name is replaced.
    pub fn insert(&mut self, language: &str, name: &str, clip: Arc<Clip>) {
        self.0.entry(language.into()).or_default().insert(name.into(), clip);
    }

    /// Whether a prompt is there.
    pub fn contains(&self, language: &str, name: &str) -> bool {
        self.get(language, name).is_some()
    }

    /// All of them, by language code and name.
    pub fn names(&self) -> impl Iterator<Item = (&Name, &Name)> {
        self.0.iter().flat_map(|(language, prompts)| prompts.keys().map(move |name| (language, name)))
    }

    fn get(&self, language: &str, name: &str) -> Option<&Arc<Clip>> {
        self.0.get(language)?.get(name)
    }

    /// The clips of what is to be spoken; a prompt that a language lacks is taken from the first language that has it.
    /// The second value counts those that no language has.
    pub(crate) fn clips(&self, plan: &Plan, parts: &[Spoken]) -> (Vec<Arc<Clip>>, u64) {
        let mut missing = 0;
        let mut clips = Vec::with_capacity(parts.len());
        for part in parts {
            let own = self.get(&plan.language(part.language).code, &part.prompt);
            match own.or_else(|| self.0.values().find_map(|prompts| prompts.get(&part.prompt))) {
                Some(clip) => clips.push(Arc::clone(clip)),
                None => missing += 1,
            }
        }
        (clips, missing)
    }
}
