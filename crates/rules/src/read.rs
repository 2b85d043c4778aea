//! Reading TOML values with their places: a wrong value is told once and replaced by nothing.

use crate::finding::{At, Findings, Place};
use crate::fixes::{self, Found, near_word};
use crate::report::shown;
use crate::said::{both, said};
use crate::suggest::did_you_mean;
use crate::values;
use crate::{Fix, Said};
use hotline_model::Name;
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest name in characters.
const LONGEST_NAME: usize = 64;
const A_TABLE: Said = both("a table", "表");
const A_LIST: Said = both("a list", "列表");
const A_LIST_OF_TABLES: Said = both("a list of tables", "由表组成的列表");
const A_DURATION: Said = both("a duration", "时长");
pub(crate) const TRUE_OR_FALSE: Said = both("`true` or `false`", " `true` 或 `false`");

#[derive(Clone, Copy, Debug)]
pub(crate) struct File<'a> {
    pub(crate) index: usize,
    pub(crate) text: &'a str,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a> {
    file: File<'a>,
    value: &'a Spanned<DeValue<'a>>,
}

/// A table; its keys are checked by [`Table::only`].
#[derive(Clone, Debug)]
pub(crate) struct Table<'a> {
    file: File<'a>,
    span: Range<usize>,
    entries: &'a DeTable<'a>,
}

impl<'a> Node<'a> {
    pub(crate) fn place(&self) -> Place {
        Place { file: self.file.index, span: self.value.span() }
    }

    pub(crate) fn wrong(&self, wanted: &Said, findings: &mut Findings) {
        let found = self.value.get_ref();
        let help = match found {
            DeValue::Integer(number) if *wanted == A_DURATION => {
                Some(said!("write a unit: `\"{number}s\"`", "请写上单位：`\"{number}s\"`"))
            }
            DeValue::Table(_) if *wanted == A_LIST_OF_TABLES => {
                Some(both("write its header in double brackets: `[[...]]`", "表头要用双方括号：`[[...]]`"))
            }
            DeValue::Array(_) if *wanted == A_TABLE => {
                Some(both("write its header in single brackets: `[...]`", "表头要用单方括号：`[...]`"))
            }
            DeValue::String(_) if *wanted == A_LIST => {
                let raw = self.raw();
                Some(said!("write it in brackets: `[{raw}]`", "请加方括号：`[{raw}]`"))
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        };
        let fix = fixes::value(&wanted.en, stands(found), self.raw(), &self.place());
        let found = word_for(found);
        let message = said!([wanted, found] "expected {wanted}, found {found}", "应为{wanted}，实为{found}");
        findings.error("HL003", &self.place(), message, said!([found] "this is {found}", "这是{found}")).maybe_help(help).maybe_fix(fix);
    }

    /// As the file has it.
    fn raw(&self) -> &'a str {
        self.file.text.get(self.value.span()).unwrap_or_default()
    }

    pub(crate) fn as_text(&self) -> Option<&'a str> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text.as_ref()),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        }
    }

    pub(crate) fn as_table(&self) -> Option<Table<'a>> {
        match self.value.get_ref() {
            DeValue::Table(entries) => Some(Table { file: self.file, span: self.value.span(), entries }),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<Vec<Node<'a>>> {
        match self.value.get_ref() {
            DeValue::Array(values) => Some(values.iter().map(|value| Node { file: self.file, value }).collect()),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Table(_) => None,
        }
    }

    pub(crate) fn as_flag(&self) -> Option<bool> {
        self.value.get_ref().as_bool()
    }

    /// What would make the flag of a text that says one: `"false"`.
    pub(crate) fn flag_in_text(&self) -> Option<Fix> {
        fixes::value(&TRUE_OR_FALSE.en, Found::Text(self.as_text()?), self.raw(), &self.place())
    }

    /// A date written bare (`2026-10-01`).
    pub(crate) fn as_date(&self) -> Option<String> {
        self.value.get_ref().as_datetime().filter(|when| when.time.is_none()).map(ToString::to_string)
    }

    /// A date and time written bare, as text.
    pub(crate) fn as_moment(&self) -> Option<String> {
        self.value.get_ref().as_datetime().filter(|when| when.date.is_some() && when.time.is_some()).map(ToString::to_string)
    }

    pub(crate) fn text(&self, findings: &mut Findings) -> Option<At<&'a str>> {
        self.text_as(both("a text in quotes", "带引号的文本"), findings)
    }

    /// A text that people read in a line: no line breaks, nothing that acts on a terminal.
    pub(crate) fn line(&self, findings: &mut Findings) -> Option<At<&'a str>> {
        let text = self.text(findings)?;
        let good = *shown(text.value) == *text.value;
        if !good {
            let message = said!("`{}` is no text of one line", "`{}` 不是一行文字", shown(text.value));
            let label = both("with a line break, or a character that is not seen", "含有换行或不可见的字符");
            findings.error("HL005", &text.place, message, label).help(both("leave it out", "请去掉它"));
        }
        good.then_some(text)
    }

    pub(crate) fn text_as(&self, wanted: impl Into<Said>, findings: &mut Findings) -> Option<At<&'a str>> {
        let text = self.as_text();
        if text.is_none() {
            self.wrong(&wanted.into(), findings);
        }
        text.map(|value| At { value, place: self.place() })
    }

    pub(crate) fn table(&self, findings: &mut Findings) -> Option<Table<'a>> {
        self.table_as(A_TABLE, findings)
    }

    pub(crate) fn table_as(&self, wanted: impl Into<Said>, findings: &mut Findings) -> Option<Table<'a>> {
        let table = self.as_table();
        if table.is_none() {
            self.wrong(&wanted.into(), findings);
        }
        table
    }

    pub(crate) fn list(&self, findings: &mut Findings) -> Vec<Node<'a>> {
        self.list_as(&A_LIST, findings)
    }

    pub(crate) fn tables(&self, findings: &mut Findings) -> Vec<Table<'a>> {
        let nodes = self.list_as(&A_LIST_OF_TABLES, findings);
        nodes.iter().filter_map(|node| node.table(findings)).collect()
    }

    fn list_as(&self, wanted: &Said, findings: &mut Findings) -> Vec<Node<'a>> {
        let list = self.as_list();
        if list.is_none() {
            self.wrong(wanted, findings);
        }
        list.unwrap_or_default()
    }

    pub(crate) fn number(&self, range: std::ops::RangeInclusive<u32>, findings: &mut Findings) -> Option<u32> {
        let integer = self.value.get_ref().as_integer();
        let Some(integer) = integer else {
            self.wrong(&both("a whole number", "整数"), findings);
            return None;
        };
        let value = i64::from_str_radix(integer.as_str(), integer.radix()).ok().and_then(|value| u32::try_from(value).ok());
        let value = value.filter(|value| range.contains(value));
        if value.is_none() {
            let allowed = said!("allowed are {least} to {most}", "允许 {least} 至 {most}", least = range.start(), most = range.end());
            let message = said!("`{integer}` is out of range", "`{integer}` 超出范围");
            findings.error("HL007", &self.place(), message, allowed);
        }
        value
    }

    pub(crate) fn fraction(&self, findings: &mut Findings) -> Option<f64> {
        let value = self.value.get_ref();
        let number = value.as_float().and_then(|number| number.as_str().parse().ok());
        let number = number.or_else(|| value.as_integer().and_then(|number| number.as_str().parse().ok()));
        let Some(number) = number else {
            match self.as_text().and_then(values::of_percent) {
                Some(share) => self.in_percent(&share, findings),
                None => self.wrong(&both("a number", "数字"), findings),
            }
            return None;
        };
        if (0.0..=1.0).contains(&number) {
            return Some(number);
        }
        let message = said!("`{number}` is out of range", "`{number}` 超出范围");
        let more = findings.error("HL007", &self.place(), message, both("allowed are 0.0 to 1.0", "允许 0.0 至 1.0"));
        if (2.0..=100.0).contains(&number) {
            let share = number / 100.0;
            more.help(said!("{number} % is written `{share}`", "{number} % 写作 `{share}`"));
        }
        None
    }

    /// A share as people say it.
    fn in_percent(&self, share: &str, findings: &mut Findings) {
        let written = self.as_text().unwrap_or_default();
        let message = said!("`{written}` is a text; a share is a number", "`{written}` 是文本，比例要写成数字");
        let title = said!("write `{share}`", "改为 `{share}`");
        let help = said!("a share of 1, without quotes: `{share}`", "写成 0 到 1 的小数，不加引号：`{share}`");
        let fix = fixes::replace(&self.place(), share.to_owned(), title, true);
        findings.error("HL003", &self.place(), message, both("in percent", "百分数")).help(help).maybe_fix(Some(fix));
    }

    /// At most 30 days, the longest of any setting.
    pub(crate) fn duration(&self, findings: &mut Findings) -> Option<At<Duration>> {
        let at = self.length(findings)?;
        if at.value <= values::LONGEST {
            return Some(at);
        }
        let (written, most) = (self.as_text().unwrap_or_default(), values::in_words(values::LONGEST));
        let message = said!("`{written}` is out of range", "`{written}` 超出范围");
        findings.error("HL007", &at.place, message, said!("at most {most}, as of any time in the rules", "规则中的时长最多 {most:#}"));
        None
    }

    /// A duration of which whoever asks looks at the range.
    pub(crate) fn length(&self, findings: &mut Findings) -> Option<At<Duration>> {
        let text = self.text_as(A_DURATION, findings)?;
        let duration = values::length(text.value);
        if duration.is_none() {
            let message = said!("`{text}` is not a duration", "`{text}` 不是时长", text = text.value);
            let label = both("not a duration", "不是时长");
            let help = both(
                "write `\"500ms\"`, `\"30s\"`, `\"5min\"`, `\"2h\"`, `\"1h30min\"`",
                "写法如 `\"500ms\"`、`\"30s\"`、`\"5min\"`、`\"2h\"`、`\"1h30min\"`",
            );
            findings.error("HL005", &text.place, message, label).help(help).maybe_fix(fixes::duration(text.value, &text.place));
        }
        duration.map(|value| At { value, place: text.place })
    }

    /// The place of a part of a text value, or of the whole value if escapes keep its bytes from lining up.
    pub(crate) fn part(&self, part: Range<usize>) -> Place {
        let span = self.value.span();
        let raw = self.file.text.get(span.clone()).unwrap_or_default();
        let plain = raw.get(1..raw.len().saturating_sub(1)).filter(|inner| Some(*inner) == self.as_text());
        match plain {
            Some(_) => Place { file: self.file.index, span: span.start + 1 + part.start..span.start + 1 + part.end },
            None => self.place(),
        }
    }
}

impl<'a> Table<'a> {
    pub(crate) fn root(file: File<'a>, root: &'a Spanned<DeTable<'a>>) -> Self {
        Self { file, span: root.span(), entries: root.get_ref() }
    }

    pub(crate) fn place(&self) -> Place {
        Place { file: self.file.index, span: self.span.clone() }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.entries.get(key).map(|value| Node { file: self.file, value })
    }

    /// All entries: key, place of the key, value; in the order of the file.
    pub(crate) fn entries(&self) -> Vec<(At<&'a str>, Node<'a>)> {
        let place = |span| Place { file: self.file.index, span };
        let entries = self.entries.iter();
        let mut entries: Vec<_> = entries
            .map(|(key, value)| (At { value: key.get_ref().as_ref(), place: place(key.span()) }, Node { file: self.file, value }))
            .collect();
        entries.sort_by_key(|(key, _)| key.place.span.start);
        entries
    }

    /// Tells every key that is not among `known`.
    pub(crate) fn only(&self, known: &[&str], what: impl Into<Said>, findings: &mut Findings) {
        let what = &what.into();
        for (key, _) in self.entries() {
            if !known.contains(&key.value) {
                let all = || said!("known here: {known}", "这里可用：{known}", known = known.join(", "));
                let help = did_you_mean(key.value, known.iter().copied()).or_else(|| begun(key.value, known)).unwrap_or_else(all);
                let free = known.iter().copied().filter(|known| self.get(known).is_none());
                let fix = near_word(key.value, free, &key.place);
                let message = said!([what] "unknown key `{key}` in {what}", "未知的键 `{key}`（{what}）", key = key.value);
                findings.error("HL002", &key.place, message, both("not known here", "这里没有这个键")).help(help).maybe_fix(fix);
            }
        }
    }

    /// A key that must be there.
    pub(crate) fn need(&self, key: &str, what: impl Into<Said>, findings: &mut Findings) -> Option<Node<'a>> {
        let node = self.get(key);
        if node.is_none() {
            let what = &what.into();
            let message = said!([what] "{what} without `{key}`", "{what}缺少 `{key}`");
            findings.error("HL004", &self.place(), message, said!("`{key}` is missing here", "此处缺少 `{key}`"));
        }
        node
    }

    pub(crate) fn text(&self, key: &str, findings: &mut Findings) -> Option<At<&'a str>> {
        self.get(key)?.text(findings)
    }

    pub(crate) fn line(&self, key: &str, findings: &mut Findings) -> Option<At<&'a str>> {
        self.get(key)?.line(findings)
    }

    pub(crate) fn list(&self, key: &str, findings: &mut Findings) -> Vec<Node<'a>> {
        self.get(key).map(|node| node.list(findings)).unwrap_or_default()
    }

    pub(crate) fn tables(&self, key: &str, findings: &mut Findings) -> Vec<Table<'a>> {
        self.get(key).map(|node| node.tables(findings)).unwrap_or_default()
    }

    pub(crate) fn duration(&self, key: &str, findings: &mut Findings) -> Option<At<Duration>> {
        self.get(key)?.duration(findings)
    }

    pub(crate) fn length(&self, key: &str, findings: &mut Findings) -> Option<At<Duration>> {
        self.get(key)?.length(findings)
    }

    pub(crate) fn flag(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        let node = self.get(key)?;
        let flag = node.as_flag();
        if flag.is_none() {
            node.wrong(&TRUE_OR_FALSE, findings);
        }
        flag
    }

    /// One of some words.
    pub(crate) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], findings: &mut Findings) -> Option<At<T>> {
        self.get(key)?.word(words, findings)
    }
}

impl<'a> Node<'a> {
    /// One of some words.
    pub(crate) fn word<T: Copy>(&self, words: &[(&str, T)], findings: &mut Findings) -> Option<At<T>> {
        one_of(&self.text(findings)?, words, findings)
    }

    /// A name to be declared.
    pub(crate) fn new_name(&self, findings: &mut Findings) -> Option<At<Name>> {
        let text = self.text(findings)?;
        check_name(&text, findings).then(|| At { value: Name::from(text.value), place: text.place })
    }
}

/// One of some words.
pub(crate) fn one_of<T: Copy>(text: &At<&str>, words: &[(&str, T)], findings: &mut Findings) -> Option<At<T>> {
    let value = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
    if value.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let all = || said!("allowed: {known}", "允许：{known}", known = known.join(", "));
        let help = did_you_mean(text.value, known.iter().copied()).or_else(|| begins(text.value, &known)).unwrap_or_else(all);
        let fix = near_word(text.value, known.iter().copied(), &text.place);
        let message = said!("`{word}` is not allowed here", "这里不能写 `{word}`", word = text.value);
        findings.error("HL006", &text.place, message, both("not one of the words", "不在可选的词之中")).help(help).maybe_fix(fix);
    }
    value.map(|value| At { value, place: text.place.clone() })
}

/// `monday` for `mon`: a word that is written out.
fn begins(written: &str, known: &[&str]) -> Option<Said> {
    let written = written.to_lowercase();
    let mut short = known.iter().filter(|word| word.len() >= 3 && written.starts_with(**word));
    let word = short.next().filter(|_| short.next().is_none())?;
    Some(said!("did you mean `{word}`?", "是不是 `{word}`？"))
}

/// `que` for `queue`: a word that is cut short.
fn begun(written: &str, known: &[&str]) -> Option<Said> {
    let mut longer = known.iter().filter(|word| written.len() >= 3 && word.starts_with(written));
    let word = longer.next().filter(|_| longer.next().is_none())?;
    Some(said!("did you mean `{word}`?", "是不是 `{word}`？"))
}

/// Whether a text can be a name; tells if not.
pub(crate) fn check_name(name: &At<&str>, findings: &mut Findings) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let good = !name.value.is_empty() && name.value.chars().count() <= LONGEST_NAME && name.value.chars().all(fits);
    if !good {
        let message = said!("`{name}` can't be a name", "`{name}` 不能用作名称", name = name.value.escape_debug());
        findings.error("HL005", &name.place, message, both("not a name", "不是名称")).help(said!(
            "letters (Chinese too), figures, `-`, `_`, `.`, `+`; at most {LONGEST_NAME}",
            "可用字母、汉字、数字、`-`、`_`、`.`、`+`，最多 {LONGEST_NAME} 个字符"
        ));
    }
    good
}

fn stands<'v>(value: &'v DeValue<'_>) -> Found<'v> {
    match value {
        DeValue::String(text) => Found::Text(text),
        DeValue::Integer(_) | DeValue::Float(_) => Found::Number,
        DeValue::Table(_) => Found::Table,
        DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) => Found::Other,
    }
}

fn word_for(value: &DeValue<'_>) -> Said {
    match value {
        DeValue::String(_) => both("a text", "文本"),
        DeValue::Integer(_) => both("a whole number", "整数"),
        DeValue::Float(_) => both("a fraction", "小数"),
        DeValue::Boolean(_) => TRUE_OR_FALSE,
        DeValue::Datetime(when) if when.time.is_some() => both("a time", "时间"),
        DeValue::Datetime(_) => both("a date", "日期"),
        DeValue::Array(_) => both("a list", "列表"),
        DeValue::Table(_) => A_TABLE,
    }
}
