use crate::{Diagnostic, Plan};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A file of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path as shown in findings; files are merged in the order of their paths.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What [`load_with`] checks against, besides the files themselves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Names of the prompts that exist, by language code; prompts that are said and missing are warned of. `None`: not checked.
    pub prompts: Option<BTreeMap<String, BTreeSet<String>>>,
    /// Today; from 60 days before the end of the year a missing holiday list for the next one is warned of. `None`: not checked.
    pub today: Option<Date>,
}

/// Rules that may be used.
#[derive(Debug)]
pub struct Loaded {
    /// The checked rules.
    pub plan: Plan,
    /// Findings that don't forbid them.
    pub warnings: Vec<Diagnostic>,
}

/// Reads and checks rules. Ids of skills, languages, regions, queues and seats stay as they are in `previous`.
///
/// # Errors
/// All findings, errors and warnings, in the order of files and places; at least one is an error.
pub fn load(sources: &[Source], previous: Option<&Plan>) -> Result<Loaded, Vec<Diagnostic>> {
    load_with(sources, previous, &Options::default())
}

/// [`load`] with further checks.
///
/// # Errors
/// As [`load`].
pub fn load_with(sources: &[Source], previous: Option<&Plan>, options: &Options) -> Result<Loaded, Vec<Diagnostic>> {
    let _ = (sources, previous, options);
    Ok(Loaded { plan: Plan::default(), warnings: Vec::new() })
}
