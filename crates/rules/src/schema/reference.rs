use super::{Form, Key, ROOT, Section, Span, sections};
use std::fmt::Write;

/// The reference of every key, in Chinese and English, as Markdown.
pub fn reference() -> String {
    let mut text = String::from(HEAD);
    let all = sections();
    text.push_str("## 目录 / Contents\n");
    for key in ROOT.all() {
        let _ = writeln!(text, "- [`{0}`](#{0}) {1} / {2}", key.name, bare(key.zh), bare(key.en));
    }
    for key in ROOT.all() {
        let _ = write!(text, "\n## {}\n{}\n\n{}\n", key.name, key.zh, key.en);
        if !matches!(key.form, Form::Table(_)) {
            let _ = write!(text, "\n{}\n", fact(key));
        }
        let own = all.iter().skip(1).filter(|section| belongs(section, key.name));
        own.for_each(|section| write_section(section, &mut text));
    }
    text.push_str(SHARED);
    let shared = all.iter().skip(1).filter(|section| !ROOT.all().any(|key| belongs(section, key.name)));
    shared.for_each(|section| write_section(section, &mut text));
    text
}

const HEAD: &str =
    "<!-- 由 `hotline rules schema --reference` 生成，请勿手改 / written by `hotline rules schema --reference`: do not edit -->
# 路由规则的全部键 / Every key of the routing rules

怎样改规则见 [README](README.md)。默认值是不写时的值；「手册」一栏是手册里的规则号，超过手册上限的值不予加载。

How to change the rules is in the [README](README.md). A default holds where nothing is written; R numbers are rules of the manual, and
values beyond its ceilings are refused.

时间的写法 / durations: `\"500ms\"`, `\"30s\"`, `\"5min\"`, `\"2h\"`, `\"1h30min\"`, `\"7d\"`。

";
const SHARED: &str = "\n## 各处通用 / Used in several tables\n";

fn bare(sentence: &str) -> &str {
    sentence.trim_end_matches(['。', '.'])
}

fn belongs(section: &Section, table: &str) -> bool {
    section.path.split('.').next() == Some(table)
}

fn write_section(section: &Section, text: &mut String) {
    let _ = write!(text, "\n### `{}`\n{}\n\n{}\n\n", section.header, section.zh, section.en);
    text.push_str("| 键 / key | 值 / value | 默认 / default | 手册 / rules | 说明 / meaning |\n|---|---|---|---|---|\n");
    for key in section.all() {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {}<br>{} |",
            key.name,
            cell(&value(&key.form)),
            default(key),
            key.rules.join(" "),
            key.zh,
            key.en
        );
    }
    if !section.example.is_empty() {
        let _ = write!(text, "\n```toml\n{}```\n", section.example);
    }
}

fn fact(key: &Key) -> String {
    let rules = if key.rules.is_empty() { String::new() } else { format!("（{}）", key.rules.join(" ")) };
    format!("{}{rules}", value(&key.form))
}

fn default(key: &Key) -> String {
    match (key.required, key.default) {
        (true, _) => "必写 / required".to_owned(),
        (false, Some(default)) => format!("`{}`", cell(default)),
        (false, None) => "—".to_owned(),
    }
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn value(form: &Form) -> String {
    match form {
        Form::Text(grammar) if grammar.zh == grammar.en => grammar.zh.to_owned(),
        Form::Text(grammar) => format!("{} / {}", grammar.zh, grammar.en),
        Form::Name(noun) => format!("{}的名字 / a {} by name", noun.zh, noun.table),
        Form::Flag => "`true`, `false`".to_owned(),
        Form::Whole(least, most) => format!("{least} – {most}"),
        Form::Fraction => "0 – 1".to_owned(),
        Form::Duration(span) => allowed(span),
        Form::Word(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Form::List(one, 0) => format!("列表 / list: {}", value(one)),
        Form::List(one, most) => format!("列表，最多 {most} / list, at most {most}: {}", value(one)),
        Form::Either(forms) => forms.iter().map(value).collect::<Vec<_>>().join("；或 / or "),
        Form::Table(section) => format!("表 / table [`{}`](#{})", section.header, anchor(section.header)),
        Form::Map(key, one) => format!("表：{} → / table: {} → {}", key.zh, key.en, value(one)),
    }
}

/// The anchor that GitHub and most others make of a heading.
fn anchor(header: &str) -> String {
    let kept = header.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().trim().replace(' ', "-")
}

/// The durations that are allowed, in words.
pub(super) fn allowed(span: &Span) -> String {
    let zero = if span.zero { "0s, " } else { "" };
    let of = span.of.map(|of| format!(" (`{of}`)")).unwrap_or_default();
    let lifted = if span.lifted { "，更长须写 / longer with `manual_override`" } else { "" };
    format!("{zero}{} – {}{of}{lifted}", span.least, span.most)
}
