//! Recordings that are there and can't be played.

use super::Rules;
use crate::declare::Declared;
use crate::finding::{Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::{RecordingFault, Said};
use std::collections::BTreeSet;

/// Keys whose values name prompts.
const KEYS: [&str; 8] = ["say", "no_input", "invalid", "breach", "announce", "whisper", "intro", "thanks"];
/// Tables inside which such keys stand.
const DEEPEST: usize = 6;

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    let Some(recordings) = &rules.scope.options.recordings else { return };
    let faults: Vec<(&str, &str, RecordingFault)> = recordings
        .iter()
        .flat_map(|(language, known)| known.iter().filter_map(move |(name, one)| Some((language.as_str(), name.as_str(), one.fault?))))
        .collect();
    if faults.is_empty() {
        return;
    }
    let mut said = Vec::new();
    tables(rules.declared).for_each(|table| prompts(table, DEEPEST, &mut said));
    let mut told = BTreeSet::new();
    for (name, place) in &said {
        for (language, _, fault) in faults.iter().filter(|(_, faulty, _)| faulty == name) {
            told.insert((*language, *name));
            tell(language, name, *fault, place, findings);
        }
    }
    // Spoken figures and what is said at desks have no place in the files.
    let plan = rules.plan;
    let spoken = plan.prompts().into_iter().map(|(language, name)| (plan.language(language).code.clone(), name));
    let spoken: BTreeSet<_> = spoken.collect();
    let home = rules.declared.numbers.first().map(|item| item.name.place.clone());
    for (language, name, fault) in faults.iter().filter(|(language, name, _)| !told.contains(&(*language, *name))) {
        if let (Some(place), true) = (&home, spoken.iter().any(|(code, one)| **code == **language && **one == **name)) {
            tell(language, name, *fault, place, findings);
        }
    }
}

fn tell(language: &str, name: &str, fault: RecordingFault, place: &Place, findings: &mut Findings) {
    let message = said!("the recording of prompt `{name}` in {language} can't be played", "提示音 `{name}`（{language}）的录音无法播放");
    let help = said!("record `{language}/{name}.wav` as 8000 Hz, mono, 16 bit", "把 `{language}/{name}.wav` 存成 8000 Hz、单声道、16 位");
    findings.warning("HL144", place, message, words(fault)).help(help);
}

fn words(fault: RecordingFault) -> Said {
    match fault {
        RecordingFault::Rate(rate) => said!("it has {rate} Hz instead of 8000", "采样率为 {rate} Hz，应为 8000"),
        RecordingFault::Channels(channels) => said!("it has {channels} channels instead of one", "有 {channels} 个声道，应为单声道"),
        RecordingFault::Bits(bits) => said!("it has {bits} bits instead of 8 or 16", "位深为 {bits} 位，应为 8 或 16"),
        RecordingFault::Empty => both("it is empty", "没有声音"),
        RecordingFault::TooLong => both("it is too long", "太长"),
        RecordingFault::NotWav => both("it is no WAV file", "不是 WAV 文件"),
    }
}

fn tables<'d, 'a>(declared: &'d Declared<'a>) -> impl Iterator<Item = &'d Table<'a>> {
    let items = [&declared.numbers, &declared.menus, &declared.queues];
    items.into_iter().flatten().map(|item| &item.table).chain(&declared.survey)
}

/// Every prompt that a table or one inside it names.
fn prompts<'a>(table: &Table<'a>, deep: usize, said: &mut Vec<(&'a str, Place)>) {
    for (key, node) in table.entries() {
        if KEYS.contains(&key.value) {
            let pieces = node.as_list().unwrap_or_else(|| vec![node]);
            said.extend(pieces.iter().filter_map(named));
        } else if let Some(depth) = deep.checked_sub(1) {
            let inside = node.as_list().unwrap_or_else(|| vec![node]);
            inside.iter().filter_map(Node::as_table).for_each(|table| prompts(&table, depth, said));
        }
    }
}

fn named<'a>(piece: &Node<'a>) -> Option<(&'a str, Place)> {
    let prompt = piece.as_table().and_then(|table| table.get("prompt"));
    let name = prompt.as_ref().unwrap_or(piece);
    Some((name.as_text()?, name.place()))
}
