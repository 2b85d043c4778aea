//! The JSON Schema takes what `rules check` takes, and sees what can be seen without the other tables.
#![allow(clippy::wildcard_enum_match_arm, reason = "only some forms are meant")]

use crate::described::examples;
use crate::support::{folder, workspace};
use boon::{Compiler, SchemaIndex, Schemas};
use hotline_rules::schema::{ROOT, json_schema, reference, sections};
use serde_json::Value;

struct Validator(Schemas, SchemaIndex);

fn validator() -> Validator {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("file:///rules.json", json_schema()).unwrap();
    let index = compiler.compile("file:///rules.json", &mut schemas).unwrap_or_else(|error| panic!("{error:#}"));
    Validator(schemas, index)
}

impl Validator {
    fn mistake(&self, table: &toml::Table) -> Option<String> {
        self.0.validate(&json(&toml::Value::Table(table.clone())), self.1).err().map(|error| format!("{error:#}"))
    }
}

fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(when) => Value::String(when.to_string()),
        toml::Value::Array(values) => values.iter().map(json).collect(),
        toml::Value::Table(entries) => Value::Object(entries.iter().map(|(key, value)| (key.clone(), json(value))).collect()),
        other => serde_json::to_value(other).unwrap(),
    }
}

fn parse(text: &str) -> toml::Table {
    text.parse().unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn it_takes_the_shipped_rules_the_base_of_the_goldens_and_every_example() {
    let validator = validator();
    let golden = std::fs::read_to_string(workspace().join("crates/rules/tests/golden/base.toml")).unwrap();
    let files = folder("routing-rules").into_iter().chain(folder("fixtures/load/rules")).map(|source| source.text);
    for text in files.chain([golden]) {
        assert_eq!(validator.mistake(&parse(&text)), None);
    }
    assert_eq!(validator.mistake(&examples()), None);
}

#[test]
fn it_sees_unknown_keys_wrong_words_wrong_types_and_numbers_out_of_range() {
    let validator = validator();
    for (text, why) in [
        ("[tiemrs]", "tiemrs"),
        ("[timers]\nanwser = \"30s\"", "anwser"),
        ("[timers]\nanswer = 30", "string"),
        ("[timers]\nanswer = \"30 sec\"", "pattern"),
        ("[timers]\nwarn_at = 1.5", "1"),
        ("[[seat]]\nname = \"1001\"\nskills = { zh = 11 }", "10"),
        ("[[seat]]\nname = \"坐席\"", "pattern"),
        ("[[seat]]\nagent = \"1001\"", "name"),
        ("[seat]\nname = \"1001\"", "array"),
        ("[[queue]]\nname = \"q\"\norder = \"fastest\"", "best"),
        ("[[queue]]\nname = \"q\"\nstep = [{ after = \"10s\", require = \"zh >= 1\" }]", "require"),
        ("[menu.main]\nkeys = { a = { queue = \"q\" } }", "a"),
        ("[menu.main]\nkeys = { 0 = { queue = 7 } }", "string"),
        ("[calendar.x]\nzone = \"Asia/Shanghai\"\nhours = { monday = \"08:00-20:00\" }", "monday"),
        ("[calendar.x]\nzone = \"Asia/Shanghai\"\nhours = { mon = \"8-20\" }", "pattern"),
    ] {
        let mistake = validator.mistake(&parse(text));
        assert!(mistake.as_ref().is_some_and(|mistake| mistake.contains(why)), "{text}: {mistake:?}");
    }
}

/// Every value of the shipped rules becomes one of another type.
#[test]
fn no_value_of_the_shipped_rules_can_be_a_flag_or_text_in_its_stead_unseen() {
    let validator = validator();
    let mut seen = 0;
    for source in folder("routing-rules") {
        let table = toml::Value::Table(parse(&source.text));
        for way in ways(&table, &[]) {
            let mut changed = table.clone();
            let value = way.iter().fold(&mut changed, |value, step| match value {
                toml::Value::Table(entries) => entries.get_mut(step).unwrap(),
                toml::Value::Array(values) => values.get_mut(step.parse::<usize>().unwrap()).unwrap(),
                _ => panic!("{way:?}"),
            });
            *value = toml::Value::Float(-1.5);
            let toml::Value::Table(changed) = changed else { panic!("a file is a table") };
            assert!(validator.mistake(&changed).is_some(), "{way:?}");
            seen += 1;
        }
    }
    assert!(seen > 400, "{seen}");
}

fn ways(value: &toml::Value, at: &[String]) -> Vec<Vec<String>> {
    let inner = |key: String, value: &toml::Value| {
        let way = [at, &[key]].concat();
        [vec![way.clone()], ways(value, &way)].concat()
    };
    match value {
        toml::Value::Table(entries) => entries.iter().flat_map(|(key, value)| inner(key.clone(), value)).collect(),
        toml::Value::Array(values) => values.iter().enumerate().flat_map(|(place, value)| inner(place.to_string(), value)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_property_has_words_in_both_languages_and_no_table_takes_other_keys() {
    let schema = json_schema();
    let tables = schema["definitions"].as_object().unwrap().values().chain([&schema]);
    let mut count = 0;
    for table in tables {
        assert_eq!(table["additionalProperties"], Value::Bool(false));
        for (name, property) in table["properties"].as_object().unwrap() {
            let words = property["description"].as_str().unwrap();
            assert!(words.contains("\n\n") && words.contains('。') && words.contains('.'), "{name}: {words}");
            count += 1;
        }
    }
    assert_eq!(count, sections().iter().map(|section| section.all().count()).sum::<usize>());
    assert_eq!(schema["properties"].as_object().unwrap().len(), ROOT.all().count());
}

/// With HOTLINE_BLESS set, writes it anew.
#[test]
fn the_reference_and_the_schema_beside_the_shipped_rules_are_current() {
    let schema = format!("{:#}\n", json_schema());
    for (name, text) in [("REFERENCE.md", reference()), ("schema.json", schema)] {
        let path = workspace().join("routing-rules").join(name);
        if std::env::var_os("HOTLINE_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "routing-rules/{name} is not what `hotline rules schema` prints: run with HOTLINE_BLESS=1");
    }
}
