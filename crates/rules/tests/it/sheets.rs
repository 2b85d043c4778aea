//! CSV files beside the rules: customers, and regions by number ranges (R36, R39, R45).

use hotline_model::{CustomerLevel, CustomerType, Priority, RegionId};
use hotline_rules::{Plan, Source, Spot, Style, load, render};
use std::fmt::Write;
use std::time::Instant;

const RULES: &str = r#"
skill = [{ name = "zh" }, { name = "billing" }]
language = [{ code = "zh-CN" }, { code = "en" }]
region = [{ name = "华东", area_codes = ["021"] }, { name = "华北", area_codes = ["010"] }]
queue = [{ name = "line" }]
number = [{ name = "hotline", queue = "line" }]
seat = [{ name = "1001", password = "x", skills = { zh = 9, billing = 9 } }]
"#;

fn plan(tables: &str, path: &str, csv: &str) -> Plan {
    let source = |path: &str, text: String| Source { path: path.into(), text };
    let sources = [source("rules/rules.toml", format!("{RULES}\n{tables}")), source(path, csv.into())];
    load(&sources, None).unwrap_or_else(|found| panic!("{}", render(&found, &sources, Style::Plain, hotline_model::Lang::En))).plan
}

fn customers(csv: &str) -> Plan {
    plan("[[customers]]\nfile = \"customers.csv\"", "rules/customers.csv", csv)
}

#[test]
fn a_row_tells_what_a_customer_table_would_r36_r45() {
    let csv = "\u{feff}name,number,customer_type,customer_level,language,priority,skills,agent,sensitive\r\n\
               \"华东贸易, 上海\",+86 138-0013-8000;021 61234567,vip,high_value,en,important,zh >= 3; billing >= 2,1001,TRUE\r\n\r\n,13900139000,,,,,,,\r\n";
    let plan = customers(csv);
    let known = plan.customer("+8613800138000").unwrap();
    assert_eq!((&*known.name, known.agent.map(|seat| seat.0)), ("华东贸易, 上海", Some(0)));
    let set = &known.set;
    assert_eq!((set.customer_type, set.customer_level), (Some(CustomerType::Vip), Some(CustomerLevel::HighValue)));
    assert_eq!((set.priority, set.skills.len(), set.sensitive), (Some(Priority::Important), 2, Some(true)));
    assert_eq!(plan.customer_place("02161234567"), Some(0));
    let other = plan.customer("13900139000").unwrap();
    assert_eq!((&*other.name, other.set.customer_type, other.agent), ("+8613900139000", None, None));
    let place = plan.places.spot(Spot::Customer(1)).unwrap();
    assert_eq!(place.to_string(), "rules/customers.csv:4");
    assert!(plan.declared_customers().is_empty());
}

#[test]
fn a_file_is_looked_for_beside_the_one_that_names_it() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let rules = [
        source("rules/rules.toml", RULES),
        source("rules/shop/a.toml", "[[customers]]\nfile = \"vip.csv\""),
        source("rules/shop/vip.csv", "number\n13800138000\n"),
    ];
    assert!(load(&rules, None).unwrap().plan.customer("13800138000").is_some());
}

#[test]
fn another_row_is_another_revision() {
    assert_ne!(customers("number\n13800138000\n").revision, customers("number\n13800138001\n").revision);
}

#[test]
fn the_longest_prefix_or_area_code_tells_the_region_r39() {
    let plan = plan("[[regions]]\nfile = \"regions.csv\"", "rules/regions.csv", "prefix,region\n138,华东\n1380013,华北\n0212,华北\n");
    let region = |number: &str| plan.region_of(number).map(|RegionId(id)| id);
    assert_eq!((region("13800138000"), region("+8613800138000")), (Some(1), Some(1)));
    assert_eq!((region("13811138000"), region("02161234567"), region("+862161234567")), (Some(0), Some(0), Some(0)));
    assert_eq!((region("02121234567"), region("+862121234567"), region("15000150000")), (Some(1), Some(1), None));
}

/// In a build without optimisation; an optimised one needs a tenth.
#[test]
#[allow(clippy::disallowed_methods, reason = "it measures")]
fn half_a_million_ranges_and_as_many_customers_are_read_in_seconds() {
    let mut regions = String::from("prefix,region\n");
    (0..500_000).for_each(|n| writeln!(regions, "1{n:07},{}", if n % 1_000 < 500 { "华东" } else { "华北" }).unwrap());
    let begin = Instant::now();
    let plan = plan("[[regions]]\nfile = \"regions.csv\"", "rules/regions.csv", &regions);
    let (took, begin) = (begin.elapsed(), Instant::now());
    assert_eq!(plan.prefixes.len(), 500_000);
    let found = (0..100_000).filter(|n| plan.region_of(&format!("1{n:07}123")).is_some()).count();
    println!("500,000 ranges read in {took:?}, 100,000 looked up in {:?}", begin.elapsed());
    assert_eq!(found, 100_000);
    assert!(took.as_secs() < 20, "{took:?}");
    let mut rows = String::from("number,name,customer_type\n");
    (0..500_000).for_each(|n| writeln!(rows, "138{n:08},客户{n},vip").unwrap());
    let begin = Instant::now();
    assert_eq!(customers(&rows).listed_customers, 500_000);
    println!("500,000 customers read in {:?}", begin.elapsed());
}

#[test]
fn a_row_too_many_is_refused() {
    let mut csv = String::from("number\n");
    (0..=500_000).for_each(|n| writeln!(csv, "138{n:08}").unwrap());
    let source = |path: &str, text: String| Source { path: path.into(), text };
    let sources = [source("r.toml", format!("{RULES}\n[[customers]]\nfile = \"c.csv\"")), source("c.csv", csv)];
    let found = load(&sources, None).unwrap_err();
    assert_eq!((found[0].code, found[0].line_and_column(&sources)), ("HL009", (500_002, 1)));
    assert!(render(&found, &sources, Style::Plain, hotline_model::Lang::En).contains("c.csv:500002:1"));
}
