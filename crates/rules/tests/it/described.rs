//! The description of every key is complete and true: it is held against what the readers take, refuse and assume.
#![allow(clippy::wildcard_enum_match_arm, reason = "only some forms are meant")]

use crate::support::findings;
use hotline_rules::schema::{Form, Grammar, Key, ROOT, Section, Span, sections, toml_value};
use hotline_rules::{Diagnostic, Options, Places, Plan, Severity, Source, load};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// A way into a document.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    At(usize),
}

/// The examples of all tables, as one file that has every table.
pub fn examples() -> Table {
    let text: String = sections().iter().map(|section| section.example).collect();
    text.parse().unwrap()
}

fn source(table: &Table) -> Vec<Source> {
    let beside = [("customers", "customers.csv", "number\n13700137000\n"), ("regions", "regions.csv", "prefix,region\n1380013,华东\n")];
    let beside = beside.into_iter().filter(|(key, ..)| table.contains_key(*key));
    let beside = beside.map(|(_, path, text)| Source { path: path.into(), text: text.into() });
    let text = toml::to_string(table).unwrap();
    let listed = text.contains("\"contracts.csv\"").then(|| Source { path: "contracts.csv".into(), text: "account\n620010\n".into() });
    beside.chain(listed).chain([Source { path: "rules.toml".into(), text }]).collect()
}

fn errors(table: &Table) -> Vec<Diagnostic> {
    let found = findings(&source(table), &Options::default());
    found.into_iter().filter(|one| one.severity == Severity::Error).collect()
}

/// Where each table occurs in a document for the first time.
fn occurrences(document: &Table) -> BTreeMap<&'static str, Vec<Step>> {
    let mut found = BTreeMap::new();
    look(&ROOT, document, Vec::new(), &mut found);
    found
}

fn look(section: &'static Section, table: &Table, at: Vec<Step>, found: &mut BTreeMap<&'static str, Vec<Step>>) {
    found.entry(section.path).or_insert_with(|| at.clone());
    for key in section.all() {
        if let Some(value) = table.get(key.name) {
            look_in(&key.form, value, [at.clone(), vec![Step::Key(key.name.into())]].concat(), found);
        }
    }
}

fn look_in(form: &'static Form, value: &Value, at: Vec<Step>, found: &mut BTreeMap<&'static str, Vec<Step>>) {
    match (form, value) {
        (Form::Table(section), Value::Table(table)) => look(section, table, at, found),
        (Form::List(one, _), Value::Array(values)) => {
            for (place, value) in values.iter().enumerate() {
                look_in(one, value, [at.clone(), vec![Step::At(place)]].concat(), found);
            }
        }
        (Form::Map(_, one), Value::Table(entries)) => {
            for (key, value) in entries {
                look_in(one, value, [at.clone(), vec![Step::Key(key.clone())]].concat(), found);
            }
        }
        (Form::Either(forms), _) => forms.iter().for_each(|form| look_in(form, value, at.clone(), found)),
        _ => {}
    }
}

fn table_at<'t>(document: &'t mut Table, at: &[Step]) -> &'t mut Table {
    let Some((Step::Key(first), rest)) = at.split_first() else { return document };
    let mut value = document.get_mut(first).unwrap();
    for step in rest {
        value = match (step, value) {
            (Step::Key(key), Value::Table(table)) => table.get_mut(key).unwrap(),
            (Step::At(place), Value::Array(values)) => values.get_mut(*place).unwrap(),
            other => panic!("{other:?}"),
        };
    }
    value.as_table_mut().unwrap()
}

/// Keys of which a table takes one at most.
const ONE_OF: [&[&str]; 13] = [
    &["closed", "when"],
    &["menu", "queue", "callback", "voicemail", "again", "goodbye", "hang_up", "number", "person", "department"],
    &["sqlite", "url", "file"],
    &["query", "url"],
    &["query", "file"],
    &["number", "uri", "partner", "seat", "queue", "department", "person"],
    &["password", "ha1"],
    &["pin", "pin_hash"],
    &["order", "keys", "weights"],
    &["requires", "seats"],
    &["queue", "seats"],
    &["prompt", "hours"],
    &["language", "hours"],
];

/// What else must be so for a value to be taken.
fn companions(path: &str, key: &str) -> &'static [(&'static str, &'static str, &'static str)] {
    match (path, key) {
        ("seat" | "phone" | "seats", "sha256") => {
            &[("seat", "password", "\"x\""), ("seats", "password", "\"x\""), ("phone", "password", "\"x\"")]
        }
        ("seat.ha1", "sha256") => &[("seat", "sha256", "true")],
        ("number", "seat") => &[("number", "queue", "\"service\"")],
        ("number.gate", "seat") => &[("number.gate", "queue", "\"service\"")],
        ("menu.NAME.gate", "seat") => &[("menu.NAME.gate", "queue", "\"service\"")],
        ("menu.NAME.keys.KEY", "seat") => &[("menu.NAME.keys.KEY", "set", "{}"), ("menu.NAME.keys.KEY", "queue", "\"service\"")],
        ("menu.NAME", "collect") => &[("menu.NAME", "keys", "{ 0 = { queue = \"service\" } }")],
        ("lookup.NAME", "file") => &[("lookup.NAME", "by", "\"account\"")],
        ("block", "say") => &[("block", "answer", "\"announcement\"")],
        ("queue", "closing") => &[("queue", "hours", "\"office\"")],
        ("timers", "ring_per_offer" | "ring_min") => &[
            ("timers", "manual_override", "true"),
            ("timers", "answer", "\"10min\""),
            ("timers", "ring_per_offer", "\"2min\""),
            ("timers", "ring_min", "\"1s\""),
        ],
        ("timers", "answer") => &[("timers", "ring_per_offer", "\"1s\""), ("timers", "ring_min", "\"1s\"")],
        ("holidays.NAME", "year") => &[("holidays.NAME", "off", "[]"), ("holidays.NAME", "workdays", "[]")],
        ("assign.weights", "least-sufficient") => &[("assign.weights", "proficiency", "0")],
        ("deadlines.complaint.LEVEL", "first") => &[("deadlines.complaint.LEVEL", "completion", "\"72h\"")],
        ("deadlines.complaint.LEVEL", "completion") => &[("deadlines.complaint.LEVEL", "first", "\"1s\"")],
        ("queue", "group") => &[("queue", "overflow", "[]"), ("queue", "nobody", "{ goodbye = true }")],
        _ => &[],
    }
}

/// Keys that these tables know and do not take: they fit one seat, or the department is at a seat.
const REFUSED: [(&str, &str); 5] =
    [("seats", "ha1"), ("seats", "pin_hash"), ("seats", "extension"), ("queue.closed", "department"), ("queue.nobody", "department")];
/// Branches, which may lead outside.
const BRANCHES: [&str; 6] = ["number", "number.gate", "menu.NAME.gate", "menu.NAME.keys.KEY", "queue.closed", "queue.nobody"];

/// What a way outside has beside it, and what is beside another way is gone.
fn lead_out(table: &mut Table, path: &str, key: &str) {
    if !BRANCHES.contains(&path) || !["number", "person", "department", "trunk", "for", "otherwise"].contains(&key) {
        return;
    }
    if ["trunk", "for", "otherwise"].contains(&key) {
        set(table, "number", value("\"13800138000\""));
    }
    table.insert("otherwise".into(), value(if key == "department" { "{ queue = \"service\" }" } else { "{ goodbye = true }" }));
}

/// Branches where nothing can lead back to the menu.
const NO_AGAIN: [&str; 3] = ["number", "number.gate", "menu.NAME.gate"];

fn refused(section: &Section, key: &Key) -> bool {
    REFUSED.contains(&(section.path, key.name)) || key.name == "again" && NO_AGAIN.contains(&section.path)
}

/// The examples with one key of one table changed.
fn changed(section: &Section, key: &Key, value: Value) -> Table {
    let mut document = examples();
    let places = occurrences(&document);
    for (path, other, with) in companions(section.path, key.name) {
        let table = table_at(&mut document, &places[path]);
        set(table, other, format!("v = {with}").parse::<Table>().unwrap()["v"].clone());
    }
    let table = table_at(&mut document, &places[section.path]);
    lead_out(table, section.path, key.name);
    set(table, key.name, value);
    if (section.path, key.name) == ("calendar.NAME.exceptions", "closed") {
        table.remove("hours");
    }
    if (section.path, key.name) == ("block", "answer") {
        table.remove("say");
    }
    document
}

fn set(table: &mut Table, key: &str, value: Value) {
    // Beside ways on, a seat stands with its queue.
    let leads = ["when", "closed", "aliases", "set"].iter().any(|key| table.contains_key(*key));
    for group in ONE_OF.iter().filter(|group| group.contains(&key) && !(leads && group.contains(&"uri"))) {
        table.retain(|other, _| other == key || !group.contains(&other));
    }
    table.insert(key.to_owned(), value);
}

fn value(toml: &str) -> Value {
    format!("v = {toml}").parse::<Table>().unwrap()["v"].clone()
}

fn sample_of(section: &Section, key: &Key) -> Value {
    match (section.path, key.name) {
        (_, "callback") if matches!(key.form, Form::Name(_)) => value("\"service\""),
        ("menu.NAME", "keys") => value("{ 0 = { queue = \"service\" } }"),
        ("deadlines.complaint", "L2" | "L3") => value("{ first = \"6h\", completion = \"12h\" }"),
        ("kpi.connect_rate", _) | ("kpi", "csat" | "asr" | "query_accuracy") => value("0.999"),
        ("kpi", "complaint_rate" | "op_error") => value("0.001"),
        ("survey", "low") => value("3"),
        ("priority", "order") => value("[\"urgent\", \"important\", \"ordinary\"]"),
        ("classification", "customer_levels") => value("[\"basic\", \"high_value\", \"sensitive\"]"),
        ("classification", "classes") => value("[\"common\", \"complex\", \"major\"]"),
        ("menu.NAME", "failed") | ("menu.NAME.collect", "done") => value("{ queue = \"service\" }"),
        ("assign.tiers", "tier") => value("\"external\""),
        _ => sample(&key.form),
    }
}

/// A value that is taken.
fn sample(form: &Form) -> Value {
    match form {
        Form::Text(Grammar { sample, .. }) => Value::String((*sample).into()),
        Form::Name(noun) => Value::String(name_of(noun.table).into()),
        Form::Flag => Value::Boolean(true),
        Form::Whole(least, most) => Value::Integer(i64::from(*most).min(9).max(i64::from(*least))),
        Form::Fraction => Value::Float(0.5),
        Form::Duration(span) => Value::String(if span.least == "0s" { "0s" } else { span.most }.into()),
        Form::Word(words) => Value::String(words[0].into()),
        Form::List(one, _) => Value::Array(vec![sample(one)]),
        Form::Either(forms) => sample(&forms[0]),
        Form::Table(section) => {
            let document = examples();
            let places = occurrences(&document);
            Value::Table(table_at(&mut document.clone(), &places[section.path]).clone())
        }
        Form::Map(keys, one) => Value::Table(Table::from_iter([(keys.sample.to_owned(), sample(one))])),
    }
}

fn name_of(table: &str) -> &'static str {
    match table {
        "skill" => "zh",
        "language" => "en",
        "region" => "华北",
        "calendar" => "office",
        "holidays" => "cn-2027",
        "menu" => "waiting",
        "voicemail" => "after-hours",
        "number" => "hotline",
        "queue" => "technical",
        "seat" => "1001",
        "trunk" => "carrier",
        "partner" => "night-desk",
        "outbound.role" => "city",
        "department" => "network",
        "person" => "duty-manager",
        other => panic!("{other}"),
    }
}

fn told(found: &[Diagnostic]) -> String {
    found.iter().map(|one| format!("{} {:?}; ", one.code, one.message)).collect()
}

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|one| one.code).collect()
}

/// The words that a finding lists as known.
fn listed(found: &[Diagnostic], code: &str, about: &str) -> BTreeSet<String> {
    let about = |one: &&Diagnostic| one.code == code && format!("{:?}", one.message).contains(about);
    let help = format!("{:?}", found.iter().find(about).unwrap_or_else(|| panic!("{found:?}")).help);
    let known = ["known here: ", "known are: ", "allowed: "].iter().find_map(|before| Some(help.split_once(before)?.1));
    let known = known.unwrap_or_else(|| panic!("{help}"));
    known.split('"').next().unwrap().split(", ").map(str::to_owned).collect()
}

fn every_key() -> impl Iterator<Item = (&'static Section, &'static Key)> {
    sections().into_iter().flat_map(|section| section.all().map(move |key| (section, key)))
}

/// The examples without the name that other tables refer to can't be loaded: such keys stay.
fn is_declared(section: &Section, key: &Key) -> bool {
    key.required && matches!(key.name, "name" | "code" | "range") && !section.path.is_empty()
}

#[test]
fn the_examples_of_all_tables_are_taken_together_and_have_every_table() {
    let document = examples();
    let found = errors(&document);
    assert!(found.is_empty(), "{found:#?}");
    let places = occurrences(&document);
    for section in sections() {
        assert!(places.contains_key(section.path), "no example has `{}`", section.path);
    }
}

const NONSENSE: &str = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

#[test]
fn every_key_that_the_readers_take_is_described_and_every_described_key_is_taken() {
    for section in sections() {
        let nonsense = Key { name: NONSENSE, ..*ROOT.all().next().unwrap() };
        let found = errors(&changed(section, &nonsense, Value::Boolean(true)));
        let described: BTreeSet<String> = section.all().map(|key| key.name.to_owned()).collect();
        assert_eq!(listed(&found, "HL002", NONSENSE), described, "[{}]", section.path);
    }
}

#[test]
fn a_value_of_the_form_described_is_taken() {
    let mut wrong = Vec::new();
    for (section, key) in every_key().filter(|(section, key)| !is_declared(section, key)) {
        // Tables of names that others refer to are there already.
        if section.path.is_empty() && !matches!(key.form, Form::Table(_)) || (section.path, key.name) == ("outbound", "role") {
            continue;
        }
        let found = errors(&changed(section, key, sample_of(section, key)));
        if found.is_empty() == refused(section, key) {
            wrong.push(format!("{}.{}: {}", section.path, key.name, told(&found)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn fits(form: &Form, value: &Value) -> bool {
    match (form, value) {
        (Form::Text(_) | Form::Name(_) | Form::Duration(_) | Form::Word(_), Value::String(_))
        | (Form::Flag, Value::Boolean(_))
        | (Form::Whole(..), Value::Integer(_))
        | (Form::Fraction, Value::Integer(_) | Value::Float(_))
        | (Form::List(..), Value::Array(_))
        | (Form::Table(_) | Form::Map(..), Value::Table(_)) => true,
        (Form::Text(Grammar { zh, .. }), Value::Datetime(_)) => zh.contains("日期"),
        (Form::Either(forms), _) => forms.iter().any(|form| fits(form, value)),
        _ => false,
    }
}

#[test]
fn a_value_of_another_type_is_refused() {
    let mut wrong = Vec::new();
    let others = ["true", "7", "0.5", "\"?\"", "[]", "{}", "2026-01-01"].map(value);
    for (section, key) in every_key() {
        for other in others.iter().filter(|other| !fits(&key.form, other)) {
            let mut document = examples();
            let places = occurrences(&document);
            let table = table_at(&mut document, &places[section.path]);
            lead_out(table, section.path, key.name);
            set(table, key.name, other.clone());
            let found = errors(&document);
            if !found.iter().any(|one| matches!(one.code, "HL003" | "HL005")) {
                wrong.push(format!("{}.{} = {other}: {}", section.path, key.name, told(&found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_key_said_to_be_required_is_and_no_other_is() {
    for (section, key) in every_key().filter(|(section, key)| key.required && !is_declared(section, key)) {
        let mut document = examples();
        let places = occurrences(&document);
        table_at(&mut document, &places[section.path]).remove(key.name);
        assert!(!errors(&document).is_empty(), "{}.{}", section.path, key.name);
    }
}

fn plan(document: &Table) -> Result<String, String> {
    let mut plan = load(&source(document), None).map_err(|found| told(&found))?.plan;
    plan.lookups.iter_mut().for_each(|lookup| lookup.written = Default::default());
    let text = format!("{:#?}", Plan { revision: Default::default(), places: Places::default(), ..plan });
    // Look-up maps have no order.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    Ok(lines.join("\n"))
}

#[test]
fn the_default_described_is_what_holds_without_the_key() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for (section, key) in every_key().filter(|(section, key)| !refused(section, key)) {
        let Some(default) = key.default else { continue };
        let with = changed(section, key, value(default));
        let mut without = with.clone();
        let places = occurrences(&without);
        table_at(&mut without, &places[section.path]).remove(key.name);
        match (plan(&with), plan(&without)) {
            (with, without) if with == without => {}
            (Ok(_), Ok(_)) => wrong.push(format!("{}.{} = {default}: another plan", section.path, key.name)),
            (with, without) => wrong.push(format!("{}.{} = {default}: {:?} {:?}", section.path, key.name, with.err(), without.err())),
        }
        assert!(toml_value(default).is_some());
        seen += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 70, "{seen}");
}

fn duration(ms: u128) -> Value {
    Value::String(format!("{ms}ms"))
}

fn ms(text: &str) -> u128 {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap();
    let unit = match &text[end..] {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        other => panic!("{other}"),
    };
    text[..end].parse::<u128>().unwrap() * unit
}

/// Values that are just allowed, and just not, with the code that says so.
fn limits(form: &Form) -> Option<(Vec<Value>, Vec<Value>, &'static str)> {
    let whole = |number: u32| i64::from(number);
    match form {
        Form::Whole(least, most) => {
            let outside = [whole(*least) - 1, whole(*most) + 1].map(Value::Integer).to_vec();
            Some((vec![Value::Integer(whole(*least)), Value::Integer(whole(*most))], outside, "HL007"))
        }
        Form::Fraction => {
            Some((vec![Value::Float(0.0), Value::Float(1.0), Value::Integer(1)], vec![Value::Float(-0.01), Value::Float(1.01)], "HL007"))
        }
        Form::Duration(Span { least, most, code, zero, .. }) => {
            let (least, most) = (ms(least), ms(most));
            let mut outside = vec![duration(most + 1)];
            outside.extend((least > 0).then(|| duration(least - 1)));
            let mut inside = vec![duration(least), duration(most)];
            inside.extend(zero.then(|| duration(0)));
            let most_of_all = if most == ms("30d") { "HL007" } else { code };
            Some((inside, outside, most_of_all))
        }
        _ => None,
    }
}

#[test]
fn the_range_described_is_the_one_enforced() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for (section, key) in every_key() {
        let Some((inside, outside, code)) = limits(&key.form) else { continue };
        for good in inside {
            let found = errors(&changed(section, key, good.clone()));
            if codes(&found).contains(&code) {
                wrong.push(format!("{}.{} = {good}: {}", section.path, key.name, told(&found)));
            }
        }
        for bad in outside {
            let found = errors(&changed(section, key, bad.clone()));
            if !codes(&found).iter().any(|one| *one == code || matches!(&key.form, Form::Duration(span) if span.code == *one)) {
                wrong.push(format!("{}.{} = {bad}: {}", section.path, key.name, told(&found)));
            }
        }
        seen += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen >= 60, "{seen}");
}

/// The forms in a value, each with a way to make the value of one of its own.
fn words(form: &'static Form, wrap: &dyn Fn(Value) -> Value, check: &mut dyn FnMut(&'static [&'static str], Value)) {
    match form {
        Form::Word(words) => check(words, wrap(Value::String(NONSENSE.into()))),
        Form::List(one, _) => words(one, &|value| wrap(Value::Array(vec![value])), check),
        Form::Map(keys, one) => words(one, &|value| wrap(Value::Table(Table::from_iter([(keys.sample.to_owned(), value)]))), check),
        Form::Either(forms) => forms.iter().for_each(|form| words(form, wrap, check)),
        _ => {}
    }
}

#[test]
fn the_words_described_are_those_that_are_taken() {
    for (section, key) in every_key() {
        words(&key.form, &|value| value, &mut |words, value| {
            let found = errors(&changed(section, key, value));
            let described = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(listed(&found, "HL006", NONSENSE), described, "{}.{}", section.path, key.name);
        });
    }
}

#[test]
fn a_list_longer_than_described_is_refused() {
    let mut wrong = Vec::new();
    for (section, key) in every_key() {
        let forms = match &key.form {
            Form::Either(forms) => forms,
            form => std::slice::from_ref(form),
        };
        for (one, most) in forms.iter().filter_map(|form| if let Form::List(one, most) = form { Some((*one, *most)) } else { None }) {
            // Larger limits are the same code, and take long.
            if most == 0 || most > 1_000 || refused(section, key) {
                continue;
            }
            let many = (0..=most).map(|number| renamed(sample(one), number)).collect();
            let found = errors(&changed(section, key, Value::Array(many)));
            if !codes(&found).contains(&"HL009") {
                wrong.push(format!("{}.{}: {:?}", section.path, key.name, codes(&found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A table with a name of its own, so that it is not taken for another.
fn renamed(mut value: Value, number: usize) -> Value {
    for key in ["name", "code"] {
        if let Some(name) = value.get_mut(key) {
            *name = Value::String(format!("n{number}"));
        }
    }
    value
}

#[test]
fn every_key_is_said_in_one_sentence_of_each_language() {
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for section in sections() {
        assert!(section.en.ends_with('.') && section.zh.ends_with('。') && !chinese(section.en), "{}", section.path);
        for key in section.all() {
            let good = key.en.ends_with('.') && key.zh.ends_with('。') && !chinese(key.en) && !key.en.contains(". ");
            assert!(good && (chinese(key.zh) || key.zh.contains("SHA") || key.zh.contains("MD5")), "{}.{}", section.path, key.name);
            assert!(key.rules.iter().all(|rule| rule.starts_with('R')), "{}.{}", section.path, key.name);
        }
    }
}

/// Part J of the manual, key by key: where it stands, what holds without it, and the rules on which it bears. Where a default is another by decision, the reference says why.
#[test]
fn every_setting_of_the_manual_is_described_with_its_default_and_rules() {
    let manual: [(&str, &str, Option<&str>, &[&str]); 71] = [
        ("timers", "pickup", Some("\"3s\""), &["R2"]),
        ("timers", "voice_response", Some("\"3s\""), &["R10"]),
        ("timers", "answer", Some("\"30s\""), &["R5"]),
        ("timers", "answer_clock_start", Some("\"queue\""), &["R5"]),
        ("timers", "transfer_answer", Some("\"30s\""), &["R59"]),
        ("timers", "first_communication", Some("\"5min\""), &["R6"]),
        ("timers", "handling", Some("\"15min\""), &["R7"]),
        ("timers", "deferred_response", Some("\"10min\""), &["R19"]),
        ("timers", "complaint_record", Some("\"10min\""), &["R79"]),
        ("timers", "complaint_investigation", Some("\"2h\""), &["R80"]),
        ("timers", "warn_at", Some("0.8"), &["R2", "R5", "R6", "R7", "R10", "R19", "R59", "R79", "R80"]),
        ("timers", "ring_per_offer", Some("\"10s\""), &["R5"]),
        ("timers", "ring_min", Some("\"6s\""), &["R5"]),
        ("timers", "dedicated_min", Some("\"30min\""), &["R45"]),
        ("deadlines", "profile", Some("\"manual\""), &["R62", "R63", "R64", "R65", "R66", "R94"]),
        ("deadlines", "common", Some("\"2h\""), &["R62"]),
        ("deadlines", "complex", Some("\"4h\""), &["R63"]),
        ("deadlines", "major", Some("\"24h\""), &["R64"]),
        ("deadlines.complaint", "L1", None, &["R82"]),
        ("deadlines.complaint", "L2", None, &["R83"]),
        ("deadlines.complaint", "L3", None, &["R84"]),
        ("deadlines", "result_feedback", Some("\"24h\""), &["R67"]),
        ("deadlines", "follow_up", Some("\"72h\""), &["R92"]),
        ("deadlines", "clock", Some("\"wall\""), &[]),
        ("calendar.NAME", "hours", None, &["R15", "R16"]),
        ("calendar.NAME", "complaints_24h", Some("true"), &["R17"]),
        ("priority", "order", Some("[\"urgent\", \"important\", \"ordinary\"]"), &["R24"]),
        (
            "priority",
            "urgent_kinds",
            Some("[\"network_fault\", \"payment_anomaly\", \"security\", \"privacy\", \"major_complaint\"]"),
            &["R25", "R26"],
        ),
        ("priority", "ageing", Some("\"5min\""), &["R38"]),
        ("assign", "tiers", Some("[\"internal-near\", \"internal\", \"external\"]"), &["R37", "R39"]),
        ("assign.tiers", "hold", Some("\"0s\""), &["R37"]),
        ("assign", "weights", None, &["R40", "R42", "R43"]),
        ("assign", "levels", Some("{}"), &["R48"]),
        ("", "distance", None, &["R39"]),
        ("transfer", "reasons", Some("[\"too_complex\", \"multi_department\", \"ability_insufficient\"]"), &["R53"]),
        ("transfer", "mode", Some("\"attended\""), &["R55"]),
        ("sensitive", "skills", Some("[]"), &["R68"]),
        ("sensitive", "no_survey", Some("true"), &["R68"]),
        ("sensitive", "no_auto_message", Some("true"), &["R68"]),
        ("review", "required_for", Some("[\"complex\", \"high_risk\"]"), &["R69"]),
        ("classification", "classes", Some("[\"common\", \"complex\", \"major\"]"), &["R23"]),
        ("classification", "natures", Some("[\"technical\", \"process\", \"system\"]"), &["R28"]),
        (
            "classification",
            "categories",
            Some(
                "[\"service_attitude\", \"service_quality\", \"service\", \"product\", \"process\", \"system\", \"environment\", \"after_sales\"]",
            ),
            &["R29"],
        ),
        ("classification", "levels", Some("[\"L1\", \"L2\", \"L3\"]"), &["R30"]),
        ("classification", "customer_types", Some("[\"ordinary\", \"vip\", \"special\"]"), &["R36"]),
        ("classification", "customer_levels", Some("[\"basic\", \"high_value\", \"sensitive\"]"), &["R36"]),
        ("classification", "lifecycle", Some("[\"new\", \"active\", \"lost\"]"), &["R36"]),
        ("survey", "scale", Some("10"), &["R72"]),
        ("survey", "low", Some("4"), &["R105"]),
        ("survey", "satisfied", Some("7"), &["R109"]),
        ("kpi.connect_rate", "floor", Some("0.95"), &["R3"]),
        ("kpi.connect_rate", "excellent", Some("0.98"), &["R4"]),
        ("kpi.connect_rate", "third", Some("0.9"), &["R4"]),
        ("kpi", "csat", Some("0.9"), &["R109"]),
        ("kpi", "complaint_rate", Some("0.03"), &["R110"]),
        ("kpi", "asr", Some("0.92"), &["R11"]),
        ("kpi", "query_accuracy", Some("0.995"), &["R121"]),
        ("kpi", "op_error", Some("0.001"), &["R121"]),
        ("kpi", "fcr_window", Some("\"7d\""), &["R115"]),
        ("retention", "cases", Some("\"5y\""), &["R130"]),
        ("retention", "recordings", Some("\"3y\""), &["R129"]),
        ("faults", "levels", Some("[\"urgent\", \"major\", \"general\"]"), &["R148"]),
        ("faults", "response", Some("\"30min\""), &["R148"]),
        ("faults", "major_handled", Some("\"1h\""), &["R148"]),
        ("faults", "core_restore", Some("\"2h\""), &["R149"]),
        ("", "language", None, &["R12"]),
        ("menu.NAME", "keys", None, &["R9"]),
        ("menu.NAME", "self_service", Some("\"no\""), &["R8", "R51"]),
        ("access", "shifts", None, &["R138"]),
        ("access", "networks", Some("[]"), &["R138"]),
        ("access", "devices", Some("[]"), &["R138"]),
    ];
    for (path, name, default, rules) in manual {
        let section = sections().into_iter().find(|section| section.path == path).unwrap_or(&ROOT);
        let key = section.all().find(|key| key.name == name).unwrap_or_else(|| panic!("{path}.{name} is described"));
        assert_eq!(key.default, default, "{path}.{name}");
        assert!(rules.iter().all(|rule| key.rules.contains(rule)), "{path}.{name}: {:?}", key.rules);
    }
}

/// The column "Allowed" of Part J: what is at its edge is taken, what is beyond it is refused with the rule of the manual.
#[test]
fn what_the_manual_allows_is_taken_and_what_is_beyond_it_is_refused_with_its_rule() {
    for (table, within, beyond, rule) in [
        ("timers", "pickup = \"3s\"", "pickup = \"3001ms\"", "R2"),
        ("timers", "voice_response = \"3s\"", "voice_response = \"4s\"", "R10"),
        ("timers", "answer = \"30s\"", "answer = \"31s\"", "R5"),
        ("timers", "answer = \"31s\"\nmanual_override = true", "answer = \"31s\"\nmanual_override = false", "R5"),
        ("timers", "transfer_answer = \"30s\"", "transfer_answer = \"31s\"", "R59"),
        ("timers", "first_communication = \"5min\"", "first_communication = \"6min\"", "R6"),
        ("timers", "handling = \"15min\"", "handling = \"16min\"", "R7"),
        ("timers", "deferred_response = \"10min\"", "deferred_response = \"11min\"", "R19"),
        ("timers", "complaint_record = \"10min\"", "complaint_record = \"11min\"", "R79"),
        ("timers", "complaint_investigation = \"2h\"", "complaint_investigation = \"121min\"", "R80"),
        ("timers", "ring_per_offer = \"29s\"", "ring_per_offer = \"31s\"", "R5"),
        ("timers", "ring_min = \"10s\"", "ring_min = \"11s\"", "R5"),
        ("timers", "dedicated_min = \"30min\"", "dedicated_min = \"29min\"", "R45"),
        ("deadlines", "common = \"2h\"", "common = \"121min\"", "R62"),
        ("deadlines", "complex = \"4h\"", "complex = \"5h\"", "R63"),
        ("deadlines", "major = \"24h\"", "major = \"25h\"", "R64"),
        ("deadlines", "result_feedback = \"24h\"", "result_feedback = \"25h\"", "R67"),
        ("deadlines", "follow_up = \"72h\"", "follow_up = \"73h\"", "R92"),
        ("deadlines.complaint", "L1 = { completion = \"72h\" }", "L1 = { completion = \"73h\" }", "R82"),
        ("deadlines.complaint", "L2 = { completion = \"36h\" }", "L2 = { completion = \"37h\" }", "R83"),
        ("deadlines.complaint", "L3 = { completion = \"24h\" }", "L3 = { completion = \"25h\" }", "R84"),
        ("transfer", "reasons = [\"too_complex\"]", "reasons = []", "R53"),
        ("kpi", "connect_rate = { floor = 0.95, excellent = 0.98 }", "connect_rate = { floor = 0.94 }", "R3"),
        ("kpi", "connect_rate = { excellent = 0.98 }", "connect_rate = { excellent = 0.97 }", "R4"),
        ("kpi", "csat = 0.9", "csat = 0.89", "R109"),
        ("kpi", "complaint_rate = 0.03", "complaint_rate = 0.04", "R110"),
        ("kpi", "asr = 0.92", "asr = 0.91", "R11"),
        ("kpi", "query_accuracy = 0.995", "query_accuracy = 0.994", "R121"),
        ("kpi", "op_error = 0.001", "op_error = 0.002", "R121"),
        ("kpi", "fcr_window = \"1d\"", "fcr_window = \"23h\"", "R115"),
        ("retention", "cases = \"5y\"", "cases = \"4y\"", "R130"),
        ("retention", "recordings = \"3y\"", "recordings = \"2y\"", "R129"),
        ("faults", "response = \"30min\"", "response = \"31min\"", "R148"),
        ("faults", "major_handled = \"1h\"", "major_handled = \"61min\"", "R148"),
        ("faults", "core_restore = \"2h\"", "core_restore = \"121min\"", "R149"),
    ] {
        let errors_of = |text: &str| errors(&format!("[{table}]\n{text}\n").parse().unwrap());
        let found = errors_of(within);
        assert!(!found.iter().any(|one| one.rule.is_some()), "[{table}] {within}: {}", told(&found));
        let found = errors_of(beyond);
        assert!(found.iter().any(|one| one.rule == Some(rule)), "[{table}] {beyond}: {}", told(&found));
    }
}
