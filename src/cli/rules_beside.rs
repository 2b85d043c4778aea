//! What lies beside the files of rules and is not read as it was meant: recordings under names of their own, `.TOML`, `.toml.txt`.

use crate::embedded_prompts::EMBEDDED_PROMPTS;
use crate::folder::reader::{Fault, PROMPTS};
use hotline_rules::FileFault;
use std::path::{Path, PathBuf};

/// The files below `prompts/` of the folders that are no other sound of a built-in prompt, by their paths there; sorted.
pub fn own_recordings(folders: &[PathBuf]) -> Vec<String> {
    let mut own = Vec::new();
    for prompts in folders.iter().map(|folder| folder.join(PROMPTS)) {
        let (files, languages) = entries(&prompts);
        let inside = languages.iter().flat_map(|language| entries(language).0);
        let below = |path: &Path| Some(path.strip_prefix(&prompts).ok()?.to_str()?.to_owned());
        own.extend(files.iter().cloned().chain(inside).filter_map(|path| below(&path)));
    }
    own.retain(|path| !EMBEDDED_PROMPTS.iter().any(|(language, name, _)| *path == format!("{language}/{name}.wav")));
    own.sort();
    own
}

/// Files of the folders, and of those in them, that end like files of rules in another spelling.
pub fn other_endings(folders: &[PathBuf]) -> Vec<Fault> {
    let mut found = Vec::new();
    for folder in folders {
        let (files, inside) = entries(folder);
        let read = |path: &&PathBuf| path.file_name().and_then(|name| name.to_str()).is_none_or(|name| name != PROMPTS);
        let inside = inside.iter().filter(read).flat_map(|folder| entries(folder).0);
        found.extend(files.into_iter().chain(inside).filter(|file| is_other_toml(file)));
    }
    found.sort();
    found.into_iter().map(|path| Fault { path, why: FileFault::OtherEnding }).collect()
}

/// `.TOML`, or the `.toml.txt` of an editor that hides endings.
fn is_other_toml(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).map(str::to_ascii_lowercase).unwrap_or_default();
    name.ends_with(".toml.txt") || name.ends_with(".toml") && file.extension().is_some_and(|ending| ending != "toml")
}

/// The files and the folders in a folder, but hidden ones; none if it can't be read, which is told where its rules are read.
fn entries(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let seen = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| !name.starts_with('.'));
    let (folders, others): (Vec<PathBuf>, Vec<PathBuf>) = entries.filter(seen).partition(|path| path.is_dir());
    (others.into_iter().filter(|path| path.is_file()).collect(), folders)
}
