//! What is wrong in `hotline.toml` or in a variable that overrides it, in the words of the file: the key, what was found, what is expected.

use std::ops::Range;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// Longest value that is shown, in characters.
const SHOWN: usize = 60;
const TABLE: &str = "a table";
const TRUNKS: &str = "a list of tables, each headed `[[sip.trunks]]`";
const MIB: &str = "a whole number of MiB such as 64";

/// Every key and what is expected there.
const KEYS: &[(&str, &str)] = &[
    ("sip", TABLE),
    ("sip.udp", "an address such as \"127.0.0.1:5060\", or a list of them"),
    ("sip.tcp", "an address such as \"127.0.0.1:5060\", or a list of them"),
    ("sip.advertise", "a text such as \"203.0.113.10\" or \"203.0.113.10:5060\""),
    ("sip.realm", "a text such as \"hotline\""),
    ("sip.product", "a text; \"\" for none"),
    ("sip.trunks", TRUNKS),
    ("sip.trunks.name", "a text such as \"carrier-a\""),
    ("sip.trunks.net", "a network such as \"203.0.113.0/24\""),
    ("sip.trunks.per_second", "a whole number of calls a second such as 50, at most 4294967295"),
    ("rtp", TABLE),
    ("rtp.address", "an address without port such as \"127.0.0.1\""),
    ("rtp.advertise", "an address without port such as \"203.0.113.10\""),
    ("rtp.ports", "a range of ports such as \"20000-29999\""),
    ("http", TABLE),
    ("http.listen", "an address such as \"127.0.0.1:8080\", or \"off\""),
    ("data", TABLE),
    ("data.dir", "a directory such as \"/var/lib/hotline\""),
    ("data.reserve_mib", MIB),
    ("data.segment_mib", MIB),
    ("data.memory_mib", MIB),
    ("rules", TABLE),
    ("rules.dir", "a directory such as \"/etc/hotline/routing-rules\""),
    ("rules.tests", "\"require\", \"warn\" or \"off\""),
    ("router", TABLE),
    ("router.threads", "a whole number from 1 to 8"),
    ("log", TABLE),
    ("log.level", "a text such as \"info\""),
    ("log.format", "\"auto\", \"human\" or \"json\""),
    ("limits", TABLE),
    ("limits.calls", "a whole number such as 20000"),
    ("limits.connections", "a whole number such as 10000"),
    ("limits.drain_seconds", "a whole number of seconds such as 900"),
];

/// A key of the file and what was found there.
pub struct Spot {
    key: String,
    found: String,
}

impl Spot {
    /// What is set from outside of the file.
    pub fn of(key: &str, value: &Value) -> Self {
        let found = match value {
            Value::Table(_) => TABLE.to_owned(),
            Value::Array(_) | Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {
                shown(&value.to_string())
            }
        };
        Self { key: key.to_owned(), found }
    }

    /// The smallest name or value that covers a place of a file.
    pub fn at(text: &str, at: usize) -> Option<Self> {
        let root = DeTable::parse(text).ok()?;
        let mut nearest = Nearest { text, at, spot: None };
        nearest.look(root.get_ref(), "");
        nearest.spot.map(|(_, spot)| spot)
    }

    /// What serde said of it.
    pub fn say(&self, message: &str) -> String {
        let Self { key, found } = self;
        if let Some(name) = message.strip_prefix("missing field ") {
            let wanted = expected(&format!("{key}.{}", name.trim_matches('`'))).unwrap_or("a value");
            return format!("{key}: {name} is missing, {wanted}");
        }
        match expected(key) {
            // Our own words for a text that can't be read begin with it.
            Some(wanted) if !message.starts_with('`') => format!("{key}: expected {wanted}, found {found}"),
            Some(_) | None => format!("{key}: {message}"),
        }
    }
}

/// A section that is no table, or trunks that are not tables: serde would take a list for a table, its values in the order of our fields.
pub fn misshapen(root: &Table) -> Option<&'static str> {
    let sections = KEYS.iter().filter(|(_, wanted)| *wanted == TABLE).map(|(key, _)| *key);
    let is_wrong = |key: &&str| root.get(*key).is_some_and(|value| !value.is_table());
    let trunks = || Some(root.get("sip")?.get("trunks")?.as_array()?.iter().any(|trunk| !trunk.is_table()));
    sections.into_iter().find(is_wrong).or_else(|| (trunks() == Some(true)).then_some("sip.trunks"))
}

/// Where the value of a key stands that is not below a list.
pub fn place_of(text: &str, key: &str) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut names = key.split('.');
    let mut value = root.get_ref().get(names.next()?)?;
    for name in names {
        let DeValue::Table(table) = value.get_ref() else { return None };
        value = table.get(name)?;
    }
    Some(value.span().start)
}

/// Whether a key takes any text, also one that looks like a number.
pub fn takes_text(key: &str) -> bool {
    expected(key).is_some_and(|wanted| wanted.starts_with("a text"))
}

fn expected(key: &str) -> Option<&'static str> {
    KEYS.iter().find(|(known, _)| *known == key).map(|(_, wanted)| *wanted)
}

struct Nearest<'a> {
    text: &'a str,
    at: usize,
    spot: Option<(usize, Spot)>,
}

impl Nearest<'_> {
    fn look(&mut self, table: &DeTable<'_>, above: &str) {
        for (name, value) in table {
            let key = if above.is_empty() { name.get_ref().to_string() } else { format!("{above}.{}", name.get_ref()) };
            self.weigh(&key, name.span(), value);
            self.look_into(&key, value);
        }
    }

    fn look_into(&mut self, key: &str, value: &Spanned<DeValue<'_>>) {
        self.weigh(key, value.span(), value);
        match value.get_ref() {
            DeValue::Table(table) => self.look(table, key),
            DeValue::Array(values) => values.iter().for_each(|value| self.look_into(key, value)),
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn weigh(&mut self, key: &str, span: Range<usize>, value: &Spanned<DeValue<'_>>) {
        if span.contains(&self.at) && self.spot.as_ref().is_none_or(|(length, _)| span.len() < *length) {
            self.spot = Some((span.len(), Spot { key: key.to_owned(), found: self.found(value) }));
        }
    }

    /// The value as it is written.
    fn found(&self, value: &Spanned<DeValue<'_>>) -> String {
        match value.get_ref() {
            DeValue::Table(_) => TABLE.to_owned(),
            DeValue::Array(values) if values.iter().any(|value| value.get_ref().is_table()) => "a list of tables".to_owned(),
            DeValue::Array(_)
            | DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => shown(self.text.get(value.span()).unwrap_or_default()),
        }
    }
}

fn shown(value: &str) -> String {
    let line: String = value.split_whitespace().collect::<Vec<_>>().join(" ");
    let start: String = line.chars().take(SHOWN).collect();
    if start.len() < line.len() { format!("{start}...") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::parse;

    /// Where, in the file or in the environment, and what is said of it.
    fn assert_wrong(key: &str, value: &str, said: &str) {
        let (section, name) = key.split_once('.').unwrap();
        let in_file = parse(&format!("[{section}]\n{name} = {value}\n"), &[]).unwrap_err();
        let column = name.len() + 4;
        assert_eq!(in_file, format!("hotline.toml:2:{column}: {key}: {said}"));
        let variable = format!("HOTLINE__{}__{}", section.to_uppercase(), name.to_uppercase());
        assert_eq!(parse("", &[(&variable, value)]).unwrap_err(), format!("{variable}: {key}: {said}"));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_told_in_the_words_of_the_file() {
        let address = "expected an address such as \"127.0.0.1:5060\", or a list of them";
        assert_wrong("sip.udp", "5060", &format!("{address}, found 5060"));
        assert_wrong("sip.tcp", "[5060, 5061]", &format!("{address}, found [5060, 5061]"));
        assert_wrong("sip.trunks", "\"10.0.0.0/8\"", &format!("expected {TRUNKS}, found \"10.0.0.0/8\""));
        assert_wrong("sip.trunks", "[\"10.0.0.0/8\"]", &format!("expected {TRUNKS}, found [\"10.0.0.0/8\"]"));
        assert_wrong("rtp.address", "\"localhost\"", "expected an address without port such as \"127.0.0.1\", found \"localhost\"");
        assert_wrong("rtp.ports", "20000", "expected a range of ports such as \"20000-29999\", found 20000");
        assert_wrong("http.listen", "8080", "expected an address such as \"127.0.0.1:8080\", or \"off\", found 8080");
        assert_wrong("data.dir", "7", "expected a directory such as \"/var/lib/hotline\", found 7");
        assert_wrong("data.reserve_mib", "-1", "expected a whole number of MiB such as 64, found -1");
        assert_wrong("data.memory_mib", "true", "expected a whole number of MiB such as 64, found true");
        assert_wrong("log.format", "\"xml\"", "expected \"auto\", \"human\" or \"json\", found \"xml\"");
        assert_wrong("limits.calls", "1.5", "expected a whole number such as 20000, found 1.5");
        assert_wrong("limits.drain_seconds", "\"15m\"", "expected a whole number of seconds such as 900, found \"15m\"");
        assert_wrong("limits.connections", "2026-01-01", "expected a whole number such as 10000, found 2026-01-01");
    }

    #[test]
    fn a_text_that_cannot_be_read_is_told_with_its_key() {
        assert_wrong("rtp.ports", "\"twenty\"", "`twenty` is no range of ports; write \"20000-29999\"");
        let of_two = "`y` is no address with a port; write \"127.0.0.1:5060\" or \"[::1]:5060\"";
        assert_wrong("sip.udp", "[\"127.0.0.1:1\", \"y\"]", of_two);
        let listen = "`on` is no address with a port; write \"127.0.0.1:8080\" (port 0: any free one), or \"off\" for none";
        assert_wrong("http.listen", "\"on\"", listen);
    }

    #[test]
    fn a_section_that_is_no_table_is_told_and_a_list_is_none() {
        for (text, found) in [("data = \"/var\"", "\"/var\""), ("data = [\"/var\", 1, 1, 1]", "[\"/var\", 1, 1, 1]")] {
            assert_eq!(parse(text, &[]).unwrap_err(), format!("hotline.toml:1:8: data: expected a table, found {found}"));
        }
        let error = parse("[[limits]]\ncalls = 1\n", &[]).unwrap_err();
        assert!(error.starts_with("hotline.toml:1:") && error.ends_with(": limits: expected a table, found a list of tables"), "{error}");
    }

    #[test]
    fn a_trunk_is_told_by_its_own_line() {
        let second = |line: &str| format!("[[sip.trunks]]\nname = \"a\"\nnet = \"10.0.0.0/8\"\n[[sip.trunks]]\nname = \"b\"\n{line}\n");
        let error = parse(&second("net = 10"), &[]).unwrap_err();
        assert_eq!(error, "hotline.toml:6:7: sip.trunks.net: expected a network such as \"203.0.113.0/24\", found 10");
        let error = parse(&second("net = \"10.0.0.0/8\"\nper_second = 5000000000"), &[]).unwrap_err();
        assert!(error.starts_with("hotline.toml:7:14: sip.trunks.per_second: expected a whole number of calls a second"), "{error}");
        let error = parse(&second(""), &[]).unwrap_err();
        assert_eq!(error, "hotline.toml:4:1: sip.trunks: `net` is missing, a network such as \"203.0.113.0/24\"");
    }

    #[test]
    fn a_text_from_the_environment_may_look_like_a_number() {
        let config = parse("", &[("HOTLINE__SIP__REALM", "4006"), ("HOTLINE__SIP__PRODUCT", "\"quoted\"")]).unwrap();
        assert_eq!((config.sip.realm.as_str(), config.sip.product.as_str()), ("4006", "quoted"));
    }

    #[test]
    fn every_key_has_its_expectation() {
        let known_to_serde = |text: &str| -> Vec<String> {
            let error = parse(text, &[]).unwrap_err();
            error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
        };
        let sections = known_to_serde("[zzzzzzzzz]");
        assert!(sections.len() >= 6, "{sections:?}");
        let mut keys = sections.clone();
        for section in &sections {
            keys.extend(known_to_serde(&format!("[{section}]\nzzzzzzzzz = 1")).iter().map(|key| format!("{section}.{key}")));
        }
        keys.extend(known_to_serde("[[sip.trunks]]\nzzzzzzzzz = 1").iter().map(|key| format!("sip.trunks.{key}")));
        keys.sort();
        let mut expected: Vec<_> = KEYS.iter().map(|(key, _)| (*key).to_owned()).collect();
        expected.sort();
        assert_eq!(keys, expected);
    }
}
