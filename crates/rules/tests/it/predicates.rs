//! Predicates: they print what they read, any text is one or is refused with a place, and each asks what it says.

use crate::support::plan;
use hotline_model::{
    Assessment, Category, Class, CustomerType, Impact, Kind, LanguageId, Name, Priority, Profile, QueueId, RegionId, Remit, WallTime,
};
use hotline_rules::{
    CalendarId, Compare, Digits, EmptyQueues, Facts, Looked, NumberId, Plan, Predicate, QueueFacts, Test, parse_predicate, print_predicate,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

const RULES: &str = r#"
skill = [{ name = "zh" }, { name = "en" }]
language = [{ code = "zh-CN", requires = "zh >= 1" }, { code = "en", requires = "en >= 1" }]
region = [{ name = "华东", area_codes = ["021"] }, { name = "华北", area_codes = ["010"] }]
queue = [{ name = "service" }, { name = "24h" }]
number = [{ name = "hotline", aliases = ["95001", "021-61234567"], queue = "service" }, { name = "b", menu = "account" }]
[menu.account]
collect = { name = "account", min = 4, max = 10, done = { queue = "service" } }
keys = { 0 = { queue = "service" } }
[[customer]]
name = "贸易"
numbers = ["13800138000"]
customer_type = "vip"
[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
complaints_24h = false
[calendar.weekend]
zone = "Asia/Shanghai"
hours = { sat-sun = "08:00-20:00" }
complaints_24h = false
"#;

struct Lines;

impl QueueFacts for Lines {
    fn waiting(&self, queue: QueueId) -> u32 {
        if queue == QueueId(0) { 12 } else { 0 }
    }

    fn longest(&self, queue: QueueId) -> Duration {
        if queue == QueueId(0) { Duration::from_secs(75) } else { Duration::ZERO }
    }

    fn signed_in(&self, queue: QueueId) -> u32 {
        u32::from(queue == QueueId(0))
    }
}

fn at(text: &str) -> WallTime {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    WallTime(local.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).unwrap().timestamp().as_microsecond())
}

fn collected() -> BTreeMap<Name, String> {
    BTreeMap::from([("account".into(), "62228888".to_owned())])
}

/// A complaint of a VIP customer from Shanghai, on a Wednesday morning.
fn asked(plan: &Plan, text: &str) -> (bool, Vec<Looked>) {
    let profile = Profile {
        kind: Some(Kind::Complaint),
        class: Some(Class::Complex),
        category: Some(Category::Product),
        region: Some(RegionId(0)),
        customer_type: CustomerType::Vip,
        assessed: Assessment { scope: Some(Remit::Inside), impact: Some(Impact::Department) },
        ..Profile::unknown(LanguageId(0))
    };
    let collected = collected();
    let facts = Facts {
        plan,
        profile: &profile,
        dialled: Some(NumberId(0)),
        caller: Some("+8613800138000"),
        collected: &collected,
        at: at("2026-09-30T09:15:00"),
        queues: &Lines,
    };
    let mut looked = Vec::new();
    let holds = parse_predicate(text, plan).unwrap_or_else(|error| panic!("{text}: {error:?}")).holds(&facts, &mut looked);
    (holds, looked)
}

#[test]
fn each_test_asks_what_it_says() {
    let plan = plan(RULES);
    for text in [
        "customer_type == vip & language == zh-CN",
        "kind == complaint & class == complex & category == product",
        "nature == none & topic == none & priority == ordinary & customer_level == basic",
        "region == 华东 & region != 华北",
        "known & !anonymous & !sensitive",
        "caller starts 138 | caller starts 021",
        "open(office) & !open(weekend)",
        "time in 08:00-12:00 & !(time in 12:00-08:00)",
        "time(office) in 22:00-09:16",
        "day in mon-fri & day(weekend) in wed & !(day in thu-tue)",
        "waiting(service) >= 10 & waiting(service) == 12 & waiting('24h') == 0",
        "longest(service) >= 60s & longest(service) < 1min30s",
        "signed_in(24h) == 0 & signed_in(service) > 0",
        "collected(account) & collected(account) matches 8 digits & collected(account) matches 4-8 digits",
        "collected(account) starts 6222 & !(collected(account) starts 6223 | collected(account) matches 9 digits)",
        "!(class == major | kind != complaint)",
        "scope == inside & scope != outside & scope != none",
        "impact >= several & impact > several & impact == department & impact <= everybody & impact < everybody & impact != none",
        "dialled == hotline & dialled == 95001 & dialled == '+862161234567' & dialled == 02161234567 & dialled != b",
    ] {
        assert!(asked(&plan, text).0, "{text}");
        assert!(!asked(&plan, &format!("!({text})")).0, "not {text}");
    }
}

#[test]
fn what_was_looked_at_is_told_and_nothing_that_was_not() {
    let plan = plan(RULES);
    let seen = |fact: &str, value: &str| Looked { fact: Name::from(fact), value: Name::from(value) };
    let (holds, looked) = asked(&plan, "customer_type == ordinary & anonymous | waiting(service) > 10 & time in 09:00-10:00");
    let told = [seen("customer_type", "vip"), seen("waiting(service)", "12"), seen("time", "09:15")];
    assert_eq!((holds, looked.as_slice()), (true, told.as_slice()));
    assert_eq!(asked(&plan, "caller starts 139").1, [seen("caller starts 139", "false")]);
    assert_eq!(asked(&plan, "open(office) & region == none").1, [seen("open(office)", "true"), seen("region", "华东")]);
}

#[test]
fn of_a_call_whose_reach_nobody_knows_nothing_holds_but_that_it_is_unknown_r33() {
    let plan = plan(RULES);
    let profile = Profile::unknown(LanguageId(0));
    let collected = collected();
    let (at, queues) = (at("2026-09-30T09:15:00"), &EmptyQueues);
    let facts = Facts { plan: &plan, profile: &profile, dialled: None, caller: None, collected: &collected, at, queues };
    let holds = |text: &str| parse_predicate(text, &plan).unwrap().holds(&facts, &mut Vec::new());
    for text in ["impact >= one", "impact <= everybody", "impact < several", "impact == one", "impact != none", "dialled == hotline"] {
        assert!(!holds(text), "{text}");
    }
    for text in ["impact == none", "impact != one", "scope == none", "!(impact >= one)", "dialled != hotline"] {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn a_wrong_predicate_names_the_place() {
    let plan = plan(RULES);
    let wrong = |text: &str| parse_predicate(text, &plan).expect_err(text);
    assert_eq!(wrong("class == complicated").span, 9..20);
    assert_eq!(wrong("customer_type == vipp").help.unwrap().en, "did you mean `vip`?");
    assert_eq!(wrong("custmer_type == vip").span, 0..12);
    assert_eq!(wrong("impact >= none").span, 10..14);
    assert_eq!(wrong("impact = several").span, 7..8);
    assert_eq!(wrong("dialled == 95009").span, 11..16);
    assert_eq!(wrong("waiting(servce) > 1").span, 8..14);
    assert_eq!(wrong("longest(service) > 10").span, 19..21);
    assert_eq!(wrong("anonymous known").span, 10..15);
    for text in ["", "&", "!", "class", "class ==", "open", "open(", "open()", "time in", "time in 08:00", "day in", "caller", "'x'"] {
        wrong(text);
    }
    wrong(&"!".repeat(10_000));
    wrong(&vec!["anonymous"; 65].join("|"));
}

fn test() -> impl Strategy<Value = Test> {
    let compare = || proptest::sample::select(Compare::ALL.to_vec());
    prop_oneof![
        proptest::option::of(proptest::sample::select(Class::ALL.to_vec())).prop_map(Test::Class),
        proptest::option::of(proptest::sample::select(Kind::ALL.to_vec())).prop_map(Test::Kind),
        proptest::sample::select(Priority::ALL.to_vec()).prop_map(Test::Priority),
        proptest::sample::select(CustomerType::ALL.to_vec()).prop_map(Test::CustomerType),
        (0u8..2).prop_map(|id| Test::Language(LanguageId(id))),
        proptest::option::of(0u16..2).prop_map(|id| Test::Region(id.map(RegionId))),
        Just(Test::Sensitive),
        Just(Test::Anonymous),
        proptest::option::of(proptest::sample::select(Remit::ALL.to_vec())).prop_map(Test::Scope),
        (compare(), proptest::sample::select(Impact::ALL.to_vec())).prop_map(|(compare, impact)| Test::Impact(compare, Some(impact))),
        Just(Test::Impact(Compare::Is, None)),
        (0u16..2).prop_map(|id| Test::Dialled(NumberId(id))),
        Just(Test::Known),
        "[+]?[0-9]{1,15}".prop_map(Test::Starts),
        (0u16..2).prop_map(|id| Test::Open(CalendarId(id))),
        (any::<bool>(), 0u16..1440, 1u16..1440)
            .prop_map(|(named, from, length)| { Test::Time { zone: CalendarId(0), named, from, to: (from + length) % 1440 } }),
        (any::<bool>(), 0u8..7, 0u8..7).prop_map(|(named, from, to)| Test::Day { zone: CalendarId(0), named, from, to }),
        (0u16..2, compare(), 0u32..100).prop_map(|(id, compare, number)| Test::Waiting(QueueId(id), compare, number)),
        (0u16..2, compare(), 0u32..100).prop_map(|(id, compare, number)| Test::SignedIn(QueueId(id), compare, number)),
        prop_oneof![
            Just(Digits::There),
            (1u8..=10, 0u8..5).prop_map(|(from, more)| Digits::Count(from, from + more)),
            "[0-9]{1,8}".prop_map(Digits::Start),
        ]
        .prop_map(|digits| Test::Collected("account".into(), digits)),
        (0u16..2, compare(), 0u64..100_000).prop_map(|(id, compare, ms)| Test::Longest(QueueId(id), compare, Duration::from_millis(ms))),
    ]
}

fn predicate() -> impl Strategy<Value = Predicate> {
    test().prop_map(Predicate::Test).prop_recursive(4, 24, 4, |inner| {
        let several = || proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several().prop_map(Predicate::All),
            several().prop_map(Predicate::Any),
            inner.clone().prop_map(|part| Predicate::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #[test]
    fn a_printed_predicate_reads_as_one_that_holds_for_the_same_calls(predicate in predicate(), day in 0i64..7, minute in 0i64..1440) {
        let plan = plan(RULES);
        let printed = print_predicate(&predicate, &plan);
        let read = parse_predicate(&printed, &plan).unwrap_or_else(|error| panic!("{printed}: {error:?}"));
        let profile = Profile { kind: Some(Kind::Complaint), region: Some(RegionId(1)), ..Profile::unknown(LanguageId(1)) };
        let at = WallTime(at("2026-09-28T00:00:00").0 + (day * 1440 + minute) * 60_000_000);
        for (caller, queues) in [(None, &EmptyQueues as &dyn QueueFacts), (Some("13800138000"), &Lines)] {
            let collected = collected();
            let facts = Facts { plan: &plan, profile: &profile, dialled: Some(NumberId(0)), caller, collected: &collected, at, queues };
            prop_assert_eq!(read.holds(&facts, &mut Vec::new()), predicate.holds(&facts, &mut Vec::new()), "{}", printed);
        }
        let again = print_predicate(&read, &plan);
        prop_assert_eq!(parse_predicate(&again, &plan).unwrap(), read);
    }

    #[test]
    fn any_text_is_a_predicate_or_is_refused_with_a_place(
        text in "(open|class|time|waiting|in|==|>=|[(]|[)]|&|[|]|!|service|office|10|08:00|-|'| ){0,20}|\\PC{0,40}",
    ) {
        let plan = plan(RULES);
        if let Err(error) = parse_predicate(&text, &plan) {
            prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
        }
    }
}
