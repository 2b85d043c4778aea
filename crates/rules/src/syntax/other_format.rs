//! A file in another language than TOML, under its name: mending its lines one by one would lead nowhere.

use super::Slip;
use crate::said::{both, said};
use std::ops::Range;

/// JSON or YAML, told once and without a fix.
pub(super) fn of_text(text: &str) -> Option<Slip> {
    let (name, span) = json(text).map(|span| ("JSON", span)).or_else(|| Some(("YAML", yaml(text)?)))?;
    Some(Slip {
        span,
        message: said!("this is {name}, and files of rules are TOML", "这是 {name}，而规则文件是 TOML"),
        label: said!("{name} begins here", "从这里起是 {name}"),
        help: both(
            "write it anew: a table begins with `[timers]`, one of several with `[[seat]]`, and each line below is `key = value`; `hotline rules schema --reference` lists them all",
            "请改写：表以 `[timers]` 开头，多项之一以 `[[seat]]` 开头，下面每行写 `键 = 值`；全部写法见 `hotline rules schema --reference`",
        ),
        fix: None,
    })
}

/// By its brackets: no TOML begins with `{` or `[{`.
fn json(text: &str) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let mut signs = text[start..].chars().filter(|c| !c.is_whitespace());
    let is_json = match signs.next()? {
        '{' => matches!(signs.next(), Some('"' | '}')),
        '[' => signs.next() == Some('{'),
        _ => false,
    };
    is_json.then_some(start..start + 1)
}

/// `key:` or `- ` on every line that is not indented, with lines below at least one of them, and nothing of TOML.
fn yaml(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        (start, line.trim_end())
    });
    let lines: Vec<(usize, &str)> = lines.filter(|(_, line)| !matches!(line.trim_start().chars().next(), None | Some('#'))).collect();
    let key = |line: &str| line.split_once(':').is_some_and(|(key, behind)| is_key(key) && (behind.is_empty() || behind.starts_with(' ')));
    let is_yaml = |line: &str| line == "---" || line == "-" || line.starts_with("- ") || line.starts_with(' ') || key(line);
    let is_below = |line: &str| line.starts_with([' ', '-']);
    let opens = |pair: &[(usize, &str)]| {
        let [(_, line), (_, next)] = pair else { return false };
        line.ends_with(':') && is_below(next) || *line == "---" || line.starts_with("- ") && key(line.trim_start_matches("- "))
    };
    let (start, first) = lines.first()?;
    let of_toml = |line: &str| {
        line.trim_start().starts_with('[')
            || line.trim_start_matches("- ").trim_start().split_once('=').is_some_and(|(key, _)| is_key(key.trim_end()))
    };
    let all = lines.iter().all(|(_, line)| is_yaml(line) && !of_toml(line));
    (all && lines.windows(2).any(opens)).then(|| *start..start + first.len())
}

fn is_key(text: &str) -> bool {
    let key = text.trim_matches(['"', '\'']);
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}
