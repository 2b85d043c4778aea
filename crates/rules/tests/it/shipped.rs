//! The files in `routing-rules` and `fixtures/load`.

use crate::support::{findings, folder, workspace};
use hotline_model::{Kind, Lang, Need, Priority, WallTime};
use hotline_rules::{CalendarId, Expression, Go, Options, Origin, Plan, Secret, Source, Style, load, render};
use std::collections::{BTreeMap, BTreeSet};

pub fn shipped() -> Plan {
    load(&folder("routing-rules"), None).unwrap().plan
}

fn assert_clean(sources: &[Source], options: &Options) {
    let found = findings(sources, options);
    assert!(found.is_empty(), "{}", render(&found, sources, Style::Plain, Lang::En));
}

#[test]
fn the_shipped_rules_load_without_errors_or_warnings() {
    let options = Options { today: Some("2026-06-01".parse().unwrap()), ..Options::default() };
    assert_clean(&folder("routing-rules"), &options);
    assert_clean(&folder("fixtures/load/rules"), &options);
}

/// Names of the prompts by language, out of `fixtures/prompts/texts.toml`.
fn recorded() -> Option<BTreeMap<String, BTreeSet<String>>> {
    let text = std::fs::read_to_string(workspace().join("fixtures/prompts/texts.toml")).ok()?;
    let texts: toml::Table = text.parse().unwrap();
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, by_language) in texts["prompts"].as_table().unwrap() {
        for language in by_language.as_table().unwrap().keys() {
            known.entry(language.clone()).or_default().insert(name.clone());
        }
    }
    for (name, text) in texts["fixed"].as_table().unwrap() {
        known.entry(text["language"].as_str().unwrap().to_owned()).or_default().insert(name.clone());
    }
    Some(known)
}

#[test]
fn the_rules_of_the_client_checks_load_once_their_ports_are_filled_in() {
    let Ok(text) = std::fs::read_to_string(workspace().join("fixtures/clients/rules.toml")) else {
        return println!("not run: fixtures/clients/rules.toml is not here");
    };
    let text = ["{refused}", "{slow}", "{unanswered}"].iter().fold(text, |text, port| text.replace(port, "5060"));
    assert_clean(&[Source { path: "fixtures/clients/rules.toml".into(), text }], &Options::default());
}

#[test]
fn every_prompt_of_the_shipped_rules_is_recorded_in_each_language() {
    let Some(known) = recorded() else { return println!("not run: fixtures/prompts/texts.toml is not here") };
    let options = Options { prompts: Some(known.clone()), ..Options::default() };
    assert_clean(&folder("routing-rules"), &options);
    assert_clean(&folder("fixtures/load/rules"), &options);
    let plan = shipped();
    for (language, name) in plan.prompts() {
        let code = &plan.language(language).code;
        assert!(known[&**code].contains(&*name), "{code}/{name}");
    }
}

fn open(plan: &Plan, calendar: &str, at: &str) -> bool {
    let place = plan.calendars.iter().position(|one| &*one.name == calendar).unwrap();
    let at: jiff::Timestamp = format!("{at}+08:00").parse().unwrap();
    plan.calendar(CalendarId(u16::try_from(place).unwrap())).is_open(WallTime(at.as_microsecond()))
}

#[test]
fn the_hotline_closes_at_20_00_00_on_working_days_scenario_15_r15() {
    let plan = shipped();
    for (at, expected) in [
        ("2026-11-20T07:59:59", false),
        ("2026-11-20T08:00:00", true),
        ("2026-11-20T19:59:59", true),
        ("2026-11-20T20:00:00", false),
        ("2026-11-20T03:00:00", false),
    ] {
        assert_eq!(open(&plan, "service", at), expected, "{at}");
    }
}

#[test]
fn holidays_and_weekends_are_closed_and_make_up_days_are_open_scenario_15_r15() {
    let plan = shipped();
    for (at, expected, why) in [
        ("2026-11-21T10:00:00", false, "Saturday"),
        ("2026-11-22T10:00:00", false, "Sunday"),
        ("2026-01-01T10:00:00", false, "New Year"),
        ("2026-02-17T10:00:00", false, "Spring Festival"),
        ("2026-10-01T10:00:00", false, "National Day"),
        ("2026-10-08T10:00:00", true, "the day after it"),
        ("2026-01-04T19:59:59", true, "worked Sunday"),
        ("2026-02-14T10:00:00", true, "worked Saturday"),
        ("2026-10-10T19:59:59", true, "worked Saturday"),
        ("2026-10-10T20:00:00", false, "worked Saturday, after hours"),
        ("2026-10-17T10:00:00", false, "a Saturday like others"),
    ] {
        assert_eq!(open(&plan, "service", at), expected, "{at} {why}");
    }
}

#[test]
fn the_second_calendar_is_open_every_day_to_22_except_holidays_r16() {
    let plan = shipped();
    assert!(open(&plan, "daily", "2026-11-21T21:59:59"), "Saturday");
    assert!(!open(&plan, "daily", "2026-11-21T22:00:00"));
    assert!(!open(&plan, "daily", "2026-10-04T12:00:00"), "the Sunday inside a holiday");
}

#[test]
fn complaints_are_accepted_at_any_hour_r17() {
    let plan = shipped();
    let main = plan.menus.iter().find(|menu| &*menu.name == "main").unwrap();
    let Go::Menu(closed) = main.gates[0].go.go else { panic!("the gate leads to a menu") };
    let branch = &plan.menu(closed).keys[&'3'];
    assert_eq!(branch.set.kind, Some(Kind::Complaint));
    assert_eq!(branch.go, Go::Queue(*plan.queue_names.get("complaint").unwrap()));
    assert_eq!(plan.menu(closed).failed.go, Go::Goodbye);
}

#[test]
fn a_network_fault_is_urgent_and_a_complaint_important_r24_r25() {
    let plan = shipped();
    let set = |menu: &str, key: char| plan.menus.iter().find(|one| &*one.name == menu).unwrap().keys[&key].set.clone();
    assert!(set("fault", '1').topic.is_some_and(|topic| plan.priorities.urgent.contains(&topic)));
    assert_eq!(set("main", '3').priority, Some(Priority::Important));
    assert_eq!(set("main", '1').priority, None);
}

#[test]
fn a_caller_s_region_is_the_one_of_the_longest_area_code_r39() {
    let plan = shipped();
    let region = |number: &str| plan.region_of(number).map(|id| plan.regions[id.index()].name.to_string());
    for (number, expected) in [
        ("02161234567", Some("华东")),
        ("057188881234", Some("华东")),
        ("+862161234567", Some("华东")),
        ("008601062345678", Some("华北")),
        ("01062345678", Some("华北")),
        ("075512345678", Some("华南")),
        ("09911234567", None),
        ("", None),
    ] {
        assert_eq!(region(number).as_deref(), expected, "{number}");
    }
}

#[test]
fn distances_hold_in_both_directions_r39() {
    let plan = shipped();
    let id = |name: &str| hotline_model::RegionId(u16::try_from(plan.regions.iter().position(|one| &*one.name == name).unwrap()).unwrap());
    assert_eq!(plan.distance_between(id("华东"), id("华北")), Some(1200));
    assert_eq!(plan.distance_between(id("华北"), id("华东")), Some(1200));
    assert!(plan.is_near(id("华东"), id("华东")) && !plan.is_near(id("华东"), id("华北")));
}

#[test]
fn there_are_twelve_seats_of_both_origins_that_register_with_a_password() {
    let plan = shipped();
    assert_eq!(plan.seats.len(), 12);
    assert!(plan.seats.iter().all(|seat| matches!(&seat.secret, Secret::Password(_)) && seat.region.is_some() && seat.contact.is_none()));
    assert_eq!(plan.seats.iter().filter(|seat| seat.origin == Origin::External).count(), 3);
    assert_eq!(&*plan.seat(*plan.seat_names.get("1007").unwrap()).agent, "赵倩");
    assert!(!format!("{:?}", plan.seats).contains("demo-1007"), "secrets are not printed");
}

#[test]
fn the_hotline_is_dialled_by_any_of_its_numbers() {
    let plan = shipped();
    let id = *plan.dialled.get("hotline").unwrap();
    assert_eq!(plan.dialled.get("95000"), Some(&id));
    assert_eq!(plan.dialled.get("4008000000"), Some(&id));
    assert_eq!(plan.dialled.get("4008000001"), None);
    assert!(matches!(plan.number(id).entry.go, Go::Menu(_)));
}

#[test]
fn the_rules_for_load_tests_lead_straight_to_500_fixed_seats() {
    let plan = load(&folder("fixtures/load/rules"), None).unwrap().plan;
    let queue = *plan.queue_names.get("load").unwrap();
    assert_eq!(plan.number(*plan.dialled.get("queue").unwrap()).entry.go, Go::Queue(queue));
    assert!(plan.queue(queue).direct && plan.queue(queue).wrap_up.is_zero());
    let seat = plan.seat(*plan.seat_names.get("a0500").unwrap());
    assert_eq!(seat.contact.as_deref(), Some("sip:a0500@127.0.0.2:6060"));
    assert_eq!((plan.seats.len(), &*seat.agent), (500, "Load a0500"));
    let wanted = Expression::AtLeast(Need { skill: hotline_model::SkillId(0), at_least: 1 });
    assert_eq!(plan.queue(queue).steps[0].requires, wanted);
}
