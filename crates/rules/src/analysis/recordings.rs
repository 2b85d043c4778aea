//! Recordings that are there and can't be played.

use super::Rules;
use crate::declare::Declared;
use crate::finding::{Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::suggest::did_you_mean;
use crate::{RecordingFault, Said};
use std::collections::{BTreeMap, BTreeSet};

/// Keys whose values name prompts.
const KEYS: [&str; 8] = ["say", "no_input", "invalid", "breach", "announce", "whisper", "intro", "thanks"];
/// Tables inside which such keys stand.
const DEEPEST: usize = 6;

/// How files of sound end; of these only `.wav` is read.
const SOUNDS: [&str; 9] = ["wav", "mp3", "ogg", "opus", "flac", "m4a", "aac", "wma", "amr"];

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    unplayed(rules, findings);
    faulty(rules, findings);
}

/// Recordings that were made and that nobody hears, mostly for a slip in the name.
fn unplayed(rules: &Rules<'_>, findings: &mut Findings) {
    let (plan, own) = (rules.plan, &rules.scope.options.own_recordings);
    let Some(home) = rules.declared.numbers.first().map(|item| item.name.place.clone()).filter(|_| !own.is_empty()) else { return };
    let mut said: BTreeMap<String, BTreeSet<String>> =
        plan.languages.iter().filter(|language| !language.retired).map(|language| (language.code.to_string(), BTreeSet::new())).collect();
    for (language, name) in plan.prompts() {
        said.entry(plan.language(language).code.to_string()).or_default().insert(name.to_string());
    }
    for path in own {
        if let Some((label, help)) = why_unplayed(path, &said) {
            let message = said!("nobody hears the recording `prompts/{path}`", "录音 `prompts/{path}` 不会播放");
            findings.warning("HL251", &home, message, label).maybe_help(help);
        }
    }
}

/// Why a file is not played, and what may be meant; `None` if it is, or is no sound.
fn why_unplayed(path: &str, said: &BTreeMap<String, BTreeSet<String>>) -> Option<(Said, Option<Said>)> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (name, ending) = file.rsplit_once('.')?;
    if !SOUNDS.iter().any(|sound| ending.eq_ignore_ascii_case(sound)) {
        return None;
    }
    let codes = || said.keys().map(String::as_str);
    let Some(names) = said.get(folder) else {
        let of = |code: &&str| code.get(..folder.len()).is_some_and(|head| !head.is_empty() && head.eq_ignore_ascii_case(folder));
        let same = codes().find(of).map(|code| said!("did you mean `{code}`?", "是否想写 `{code}`？"));
        let near = same.or_else(|| did_you_mean(folder, codes()));
        let all = || said!("languages: {}", "语言：{}", codes().collect::<Vec<_>>().join(", "));
        let label = both("it is in no folder of a language: `prompts/LANGUAGE/NAME.wav`", "不在语言文件夹中：`prompts/语言/名称.wav`");
        return Some((label, Some(near.unwrap_or_else(all))));
    };
    if ending != "wav" {
        let label = both("only files that end in `.wav` are read", "只读取以 `.wav` 结尾的文件");
        let help = said!("8000 Hz, mono, 16 bit, as `{folder}/{name}.wav`", "请存成 8000 Hz、单声道、16 位的 `{folder}/{name}.wav`");
        return Some((label, Some(help)));
    }
    if names.contains(name) {
        return None;
    }
    let lower = name.to_lowercase();
    let near = names.get(&lower).map(|same| said!("did you mean `{same}`?", "是否想写 `{same}`？"));
    let near = near.or_else(|| did_you_mean(name, names.iter().map(String::as_str)));
    Some((both("no number, menu, queue or desk says it", "没有号码、菜单、排队或话机播放它"), near))
}

fn faulty(rules: &Rules<'_>, findings: &mut Findings) {
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
