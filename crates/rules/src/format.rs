//! One layout for all files: spaces, quotes, commas and long lists are made alike; comments, blank lines and order stay.

mod layout;
mod pieces;

use crate::{Diagnostic, Source, load};
use toml::de::DeTable;

/// Lays a file out anew. What it says stays the same, and doing it twice changes nothing more.
///
/// # Errors
/// The findings of a check (`HL001`) if it is not TOML; their file is 0.
pub fn format(source: &Source) -> Result<String, Vec<Diagnostic>> {
    let (_, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        let found = load(std::slice::from_ref(source), None).err().unwrap_or_default();
        return Err(found.into_iter().filter(|one| one.code == "HL001").collect());
    }
    let text = layout::layout(&pieces::pieces(&source.text));
    // A layout is not worth a rule: if it should ever say something else, the file stays as it is.
    Ok(if same(&source.text, &text) { text } else { source.text.clone() })
}

fn same(before: &str, after: &str) -> bool {
    let read = |text: &str| text.parse::<toml::Table>().ok();
    read(before).is_some_and(|before| read(after).is_some_and(|after| before == after))
}
