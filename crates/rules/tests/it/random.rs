//! Properties: expressions print what they read, no file makes the reader panic, every refusal has a place, large rules load in time.

use crate::support::folder;
use hotline_model::{Lang, Need, SkillId};
use hotline_rules::{Diagnostic, Expression, Plan, Severity, Skill, Source, Style, load, parse_expression, print_expression, render};
use proptest::prelude::*;
use std::fmt::Write;
use std::time::Instant;

fn skills() -> Vec<Skill> {
    ["zh", "en", "billing", "账单", "a-b", "x.y"].map(|name| Skill { name: name.into(), retired: false }).to_vec()
}

fn expression() -> impl Strategy<Value = Expression> {
    let need = (0u16..6, 1u8..=10).prop_map(|(skill, at_least)| Expression::AtLeast(Need { skill: SkillId(skill), at_least }));
    let leaf = prop_oneof![4 => need, 1 => Just(Expression::Anyone)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = || proptest::collection::vec(inner.clone(), 2..5);
        prop_oneof![several().prop_map(Expression::All), several().prop_map(Expression::Any)]
    })
}

proptest! {
    #[test]
    fn a_printed_expression_reads_as_the_same_condition(
        expression in expression(),
        seats in proptest::collection::vec(proptest::collection::vec(0u8..=10, 6), 20),
    ) {
        let printed = print_expression(&expression, &skills());
        let read = parse_expression(&printed, &skills()).unwrap();
        for seat in &seats {
            prop_assert_eq!(read.admits(seat), expression.admits(seat), "{}", printed);
        }
        let again = print_expression(&read, &skills());
        prop_assert_eq!(parse_expression(&again, &skills()).unwrap(), read);
    }

    #[test]
    fn any_text_is_an_expression_or_is_refused_with_a_place(text in "[a-z账单0-9 ()&|>=<!]{0,40}|\\PC{0,40}") {
        if let Err(error) = parse_expression(&text, &skills()) {
            prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
        }
    }
}

/// One change to the text: bytes cut, doubled, or replaced by something that means something to TOML or to us.
fn mutate(text: &str, at: usize, length: usize, with: &str) -> String {
    let floor = |at: usize| text.floor_char_boundary(at.min(text.len()));
    let (from, to) = (floor(at), floor(at + length));
    format!("{}{with}{}", &text[..from], &text[to..])
}

const PIECES: [&str; 24] = [
    "",
    "\"",
    "[",
    "]",
    "[[",
    "= ",
    "\n",
    "0",
    "-1",
    "99999999999",
    "1e999",
    "nan",
    "true",
    "{",
    "}",
    ",",
    "账",
    "\u{0}",
    "\u{feff}",
    "'''",
    "\\",
    "2026-02-30",
    "name = \"x\"\n",
    "\"\"\"",
];

fn check(found: &[Diagnostic], sources: &[Source]) {
    assert!(found.iter().any(|one| one.severity == Severity::Error));
    for one in found {
        let text = &sources[one.file].text;
        assert!(text.get(one.span.clone()).is_some(), "{one:?} names no place");
        assert!(one.code.starts_with("HL") && !one.message.en.is_empty() && !one.label.zh.is_empty(), "{one:?}");
    }
    assert!(!render(found, sources, Style::Plain, Lang::En).is_empty());
}

/// Names stay at their ids, and what is kept of the old plan points into the new one.
fn check_ids(plan: &Plan, before: &Plan) {
    for (id, seat) in before.seats.iter().enumerate() {
        assert_eq!(plan.seats[id].name, seat.name);
        assert_eq!(plan.seats[id].proficiency.len(), plan.skills.len());
    }
    for (id, queue) in before.queues.iter().enumerate() {
        assert_eq!(plan.queues[id].name, queue.name);
        assert!(plan.queues[id].overflow.is_none_or(|id| id.index() < plan.queues.len()));
        assert!(plan.queues[id].seats.iter().all(|id| id.index() < plan.seats.len()));
    }
    assert!(plan.seats.iter().all(|seat| seat.region.is_none_or(|id| id.index() < plan.regions.len())));
    assert!(plan.numbers.iter().all(|number| number.language.index() < plan.languages.len()));
    plan.prompts();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn mutated_rules_never_panic_and_every_refusal_names_a_place(
        file in 0usize..8,
        changes in proptest::collection::vec((any::<u16>(), 0usize..30, 0usize..PIECES.len()), 1..6),
    ) {
        let mut sources = folder("routing-rules");
        let place = file % sources.len();
        for (at, length, piece) in changes {
            let text = &sources[place].text;
            sources[place].text = mutate(text, usize::from(at) % (text.len() + 1), length, PIECES[piece]);
        }
        let before = load(&folder("routing-rules"), None).unwrap().plan;
        match load(&sources, Some(&before)) {
            Ok(loaded) => check_ids(&loaded.plan, &before),
            Err(found) => check(&found, &sources),
        }
    }

    #[test]
    fn any_text_is_refused_with_places(text in "\\PC{0,200}") {
        let sources = [Source { path: "x.toml".into(), text }];
        if let Err(found) = load(&sources, None) {
            check(&found, &sources);
        }
    }
}

#[test]
#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement to be read, on which nothing depends")]
fn ten_thousand_seats_and_five_hundred_queues_load() {
    let mut text = String::from("number = [{ name = \"n\", queue = \"q0\" }]\n");
    for skill in 0..100 {
        writeln!(text, "[[skill]]\nname = \"s{skill}\"").unwrap();
    }
    for queue in 0..500 {
        let skill = queue % 100;
        let next = (queue + 1) % 500;
        writeln!(text, "[[queue]]\nname = \"q{queue}\"\noverflow = \"q{next}\"").unwrap();
        writeln!(text, "[[queue.step]]\nrequires = \"s{skill} >= 5\"").unwrap();
        writeln!(text, "[[queue.step]]\nafter = \"10s\"\nrequires = \"s{skill} >= 2 | s{} >= 6\"", (skill + 1) % 100).unwrap();
    }
    for seat in 0..10_000 {
        let skill = seat % 100;
        writeln!(
            text,
            "[[seat]]\nname = \"{seat:05}\"\npassword = \"p-{{name}}\"\nskills = {{ s{skill} = 7, s{} = 3 }}",
            (skill + 7) % 100
        )
        .unwrap();
    }
    let sources = [Source { path: "large.toml".into(), text }];
    let start = Instant::now();
    let loaded = load(&sources, None).unwrap();
    println!("10,000 seats and 500 queues, {} KiB: {:?}", sources[0].text.len() / 1024, start.elapsed());
    assert_eq!((loaded.plan.seats.len(), loaded.plan.queues.len(), loaded.warnings.len()), (10_000, 500, 0));
    let start = Instant::now();
    let again = load(&sources, Some(&loaded.plan)).unwrap();
    println!("again, ids kept: {:?}", start.elapsed());
    assert_eq!(again.plan.seat_names.get("04711"), loaded.plan.seat_names.get("04711"));
}
