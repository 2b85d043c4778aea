//! Reading TOML values with their places: a wrong value is told once and replaced by nothing.

use crate::finding::{At, Findings, Place};
use crate::suggest::did_you_mean;
use crate::values;
use hotline_model::Name;
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest name in characters.
const LONGEST_NAME: usize = 64;

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

    fn wrong(&self, wanted: &str, findings: &mut Findings) {
        let found = self.value.get_ref();
        let help = match found {
            DeValue::Integer(number) if wanted == "a duration" => Some(format!("write a unit: `\"{number}s\"`")),
            DeValue::Table(_) if wanted == "a list of tables" => Some("write its header in double brackets: `[[...]]`".to_owned()),
            DeValue::Array(_) if wanted == "a table" => Some("write its header in single brackets: `[...]`".to_owned()),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        };
        let found = word_for(found);
        findings.error("HL003", &self.place(), format!("expected {wanted}, found {found}"), format!("this is {found}")).maybe_help(help);
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

    /// A date written bare (`2026-10-01`).
    pub(crate) fn as_date(&self) -> Option<String> {
        self.value.get_ref().as_datetime().filter(|when| when.time.is_none()).map(ToString::to_string)
    }

    /// A date and time written bare, as text.
    pub(crate) fn as_moment(&self) -> Option<String> {
        self.value.get_ref().as_datetime().filter(|when| when.date.is_some() && when.time.is_some()).map(ToString::to_string)
    }

    pub(crate) fn text(&self, findings: &mut Findings) -> Option<At<&'a str>> {
        self.text_as("a text in quotes", findings)
    }

    pub(crate) fn text_as(&self, wanted: &str, findings: &mut Findings) -> Option<At<&'a str>> {
        let text = self.as_text();
        if text.is_none() {
            self.wrong(wanted, findings);
        }
        text.map(|value| At { value, place: self.place() })
    }

    pub(crate) fn table(&self, findings: &mut Findings) -> Option<Table<'a>> {
        self.table_as("a table", findings)
    }

    pub(crate) fn table_as(&self, wanted: &str, findings: &mut Findings) -> Option<Table<'a>> {
        let table = self.as_table();
        if table.is_none() {
            self.wrong(wanted, findings);
        }
        table
    }

    pub(crate) fn list(&self, findings: &mut Findings) -> Vec<Node<'a>> {
        self.list_as("a list", findings)
    }

    pub(crate) fn tables(&self, findings: &mut Findings) -> Vec<Table<'a>> {
        let nodes = self.list_as("a list of tables", findings);
        nodes.iter().filter_map(|node| node.table(findings)).collect()
    }

    fn list_as(&self, wanted: &str, findings: &mut Findings) -> Vec<Node<'a>> {
        let list = self.as_list();
        if list.is_none() {
            self.wrong(wanted, findings);
        }
        list.unwrap_or_default()
    }

    pub(crate) fn number(&self, range: std::ops::RangeInclusive<u32>, findings: &mut Findings) -> Option<u32> {
        let integer = self.value.get_ref().as_integer();
        let Some(integer) = integer else {
            self.wrong("a whole number", findings);
            return None;
        };
        let value = i64::from_str_radix(integer.as_str(), integer.radix()).ok().and_then(|value| u32::try_from(value).ok());
        let value = value.filter(|value| range.contains(value));
        if value.is_none() {
            let allowed = format!("allowed are {} to {}", range.start(), range.end());
            findings.error("HL007", &self.place(), format!("`{integer}` is out of range"), allowed);
        }
        value
    }

    pub(crate) fn fraction(&self, findings: &mut Findings) -> Option<f64> {
        let value = self.value.get_ref();
        let number = value.as_float().and_then(|number| number.as_str().parse().ok());
        let number = number.or_else(|| value.as_integer().and_then(|number| number.as_str().parse().ok()));
        let Some(number) = number else {
            self.wrong("a number", findings);
            return None;
        };
        if (0.0..=1.0).contains(&number) {
            return Some(number);
        }
        findings.error("HL007", &self.place(), format!("`{number}` is out of range"), "allowed are 0.0 to 1.0");
        None
    }

    pub(crate) fn duration(&self, findings: &mut Findings) -> Option<At<Duration>> {
        let text = self.text_as("a duration", findings)?;
        let duration = values::duration(text.value);
        if duration.is_none() {
            let message = format!("`{}` is not a duration", text.value);
            findings
                .error("HL005", &text.place, message, "not a duration")
                .help("write `\"500ms\"`, `\"30s\"`, `\"5min\"`, `\"2h\"`, `\"1h30min\"`");
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
    pub(crate) fn only(&self, known: &[&str], what: &str, findings: &mut Findings) {
        for (key, _) in self.entries() {
            if !known.contains(&key.value) {
                let help = did_you_mean(key.value, known.iter().copied()).unwrap_or_else(|| format!("known here: {}", known.join(", ")));
                let message = format!("unknown key `{}` in {what}", key.value);
                findings.error("HL002", &key.place, message, "not known here").help(help);
            }
        }
    }

    /// A key that must be there.
    pub(crate) fn need(&self, key: &str, what: &str, findings: &mut Findings) -> Option<Node<'a>> {
        let node = self.get(key);
        if node.is_none() {
            findings.error("HL004", &self.place(), format!("{what} without `{key}`"), format!("`{key}` is missing here"));
        }
        node
    }

    pub(crate) fn text(&self, key: &str, findings: &mut Findings) -> Option<At<&'a str>> {
        self.get(key)?.text(findings)
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

    pub(crate) fn flag(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        let node = self.get(key)?;
        let flag = node.as_flag();
        if flag.is_none() {
            node.wrong("`true` or `false`", findings);
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
        let text = self.text(findings)?;
        let value = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
        if value.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = did_you_mean(text.value, known.iter().copied()).unwrap_or_else(|| format!("allowed: {}", known.join(", ")));
            findings.error("HL006", &text.place, format!("`{}` is not allowed here", text.value), "not one of the words").help(help);
        }
        value.map(|value| At { value, place: text.place })
    }

    /// A name to be declared.
    pub(crate) fn new_name(&self, findings: &mut Findings) -> Option<At<Name>> {
        let text = self.text(findings)?;
        check_name(&text, findings).then(|| At { value: Name::from(text.value), place: text.place })
    }
}

/// Whether a text can be a name; tells if not.
pub(crate) fn check_name(name: &At<&str>, findings: &mut Findings) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let good = !name.value.is_empty() && name.value.chars().count() <= LONGEST_NAME && name.value.chars().all(fits);
    if !good {
        findings
            .error("HL005", &name.place, format!("`{}` can't be a name", name.value.escape_debug()), "not a name")
            .help(format!("letters (Chinese too), figures, `-`, `_`, `.`, `+`; at most {LONGEST_NAME}"));
    }
    good
}

fn word_for(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(when) if when.time.is_some() => "a time",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
