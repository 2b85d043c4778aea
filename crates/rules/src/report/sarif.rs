use super::{Region, edited, fix_shown, place, related, shown_lines, word};
use crate::{Diagnostic, Fix, Source};
use hotline_model::Lang;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log of SARIF 2.1.0 (OASIS), which code hosts and editors read; `version` is that of the tool.
pub fn sarif(findings: &[Diagnostic], sources: &[Source], lang: Lang, version: &str) -> String {
    let codes: BTreeMap<&str, &Diagnostic> = findings.iter().rev().map(|one| (one.code, one)).collect();
    let places: BTreeMap<&str, usize> = codes.keys().enumerate().map(|(place, code)| (*code, place)).collect();
    let rules: Vec<Value> = codes.values().map(|one| rule(one)).collect();
    let results: Vec<Value> = findings.iter().map(|one| result(one, places.get(one.code).copied(), sources, lang)).collect();
    let driver = json!({ "name": "hotline rules check", "version": version, "rules": rules });
    let run = json!({ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results });
    let log = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    shown_lines(&format!("{log:#}\n")).into_owned()
}

fn rule(one: &Diagnostic) -> Value {
    let level = json!({ "level": word(one.severity) });
    json!({ "id": one.code, "defaultConfiguration": level, "help": { "text": format!("hotline rules explain-code {}", one.code) } })
}

fn result(one: &Diagnostic, rule: Option<usize>, sources: &[Source], lang: Lang) -> Value {
    let (path, at) = place(one, sources);
    let help = one.help.as_ref().map(|help| format!("\n{}", help.of(lang))).unwrap_or_default();
    let message = format!("{} ({}){help}", one.message.of(lang), one.label.of(lang));
    let location = json!({ "physicalLocation": { "artifactLocation": artifact(path), "region": region(at) } });
    let mut result = json!({
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": word(one.severity),
        "message": { "text": message },
        "locations": [location],
    });
    if let Some(other) = &one.related {
        let (path, at) = related(other, sources);
        let place = json!({ "artifactLocation": artifact(path), "region": region(at) });
        result["relatedLocations"] = json!([{ "id": 0, "physicalLocation": place, "message": { "text": other.label.of(lang) } }]);
    }
    if let Some(fix) = fix_shown(one, sources) {
        result["fixes"] = json!([fix_of(fix, sources, lang)]);
    }
    if let Some(rule) = one.rule {
        result["properties"] = json!({ "manual": rule });
    }
    result
}

fn fix_of(fix: &Fix, sources: &[Source], lang: Lang) -> Value {
    let mut files: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let (_, at) = edited(edit, sources);
        files.entry(edit.file).or_default().push(json!({ "deletedRegion": region(at), "insertedContent": { "text": edit.text } }));
    }
    let path = |file: usize| sources.get(file).map_or("", |source| source.path.as_str());
    let changes = files.into_iter().map(|(file, edits)| json!({ "artifactLocation": artifact(path(file)), "replacements": edits }));
    json!({ "description": { "text": fix.title.of(lang) }, "artifactChanges": changes.collect::<Vec<Value>>() })
}

fn region(at: Region) -> Value {
    json!({ "startLine": at.from.line, "startColumn": at.from.column, "endLine": at.to.line, "endColumn": at.to.column })
}

/// A path as RFC 3986 wants it; one from the root becomes a `file:` URI.
fn artifact(path: &str) -> Value {
    let path = path.replace('\\', "/");
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    json!({ "uri": uri })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(artifact("routing-rules/30 菜.toml")["uri"], "routing-rules/30%20%E8%8F%9C.toml");
        assert_eq!(artifact("/etc/hotline/a.toml")["uri"], "file:///etc/hotline/a.toml");
        assert_eq!(artifact("a:b.toml")["uri"], "a%3Ab.toml");
    }
}
