//! Recordings that are there and are not played.

use super::Rules;
use crate::Said;
use crate::finding::Findings;
use crate::said::{both, said};
use crate::speech::{IN_A_NAME, is_prompt_name};
use crate::suggest::did_you_mean;
use std::collections::{BTreeMap, BTreeSet};

/// How files of sound end; of these only `.wav` is read.
const SOUNDS: [&str; 9] = ["wav", "mp3", "ogg", "opus", "flac", "m4a", "aac", "wma", "amr"];

/// Recordings that were made and that nobody hears, mostly for a slip in the name.
pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    let (plan, own) = (rules.plan, &rules.scope.options.own_recordings);
    let Some(number) = rules.declared.numbers.first().filter(|_| !own.is_empty()) else { return };
    // A recording has no line in the rules; nearest to it is the language in whose folder it is.
    let home = |path: &str| {
        let folder = path.split_once('/').map_or("", |(folder, _)| folder);
        let language = rules.declared.languages.iter().find(|language| *language.name.value == *folder);
        &language.unwrap_or(number).name.place
    };
    let mut said: BTreeMap<String, BTreeSet<String>> =
        plan.languages.iter().filter(|language| !language.retired).map(|language| (language.code.to_string(), BTreeSet::new())).collect();
    for (language, name) in plan.prompts() {
        said.entry(plan.language(language).code.to_string()).or_default().insert(name.to_string());
    }
    for path in own {
        if let Some((label, help)) = why_unplayed(path, &said) {
            let message = said!("nobody hears the recording `prompts/{path}`", "录音 `prompts/{path}` 不会播放");
            findings.warning("HL251", home(path), message, label).maybe_help(help);
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
    if !is_prompt_name(name) && !names.contains(&lower) {
        return Some((both("no prompt can have this name", "提示音不能用这个名称"), Some(IN_A_NAME)));
    }
    let near = names.get(&lower).map(|same| said!("did you mean `{same}`?", "是否想写 `{same}`？"));
    let near = near.or_else(|| did_you_mean(name, names.iter().map(String::as_str)));
    Some((both("no number, menu, queue or desk says it", "没有号码、菜单、排队或话机播放它"), near))
}
