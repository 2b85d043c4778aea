//! Transfers, PINs, and what a seat may dial.

use crate::shipped::shipped;
use crate::support::{after, findings, folder, plan, workspace};
use hotline_model::{
    Class, DeskRefusal, Lang, Name, NotReadyReason, PhoneNumber, QueueId, SeatId, Target, TransferMode::BlindWithReturn, TransferReason,
};
use hotline_rules::{DeskPrompt, Options, Plan, Route, Secret, Source, Style, load, render};
use std::time::Duration;

const BASE: &str = r#"
queue = [{ name = "one", whisper = "whisper-one" }, { name = "two" }]
number = [{ name = "hotline", aliases = ["95000"], queue = "one" }]
trunk = [{ name = "a", contact = "sip:a.example", from = "02112345678" }, { name = "b", contact = "sip:b.example", from = "02112345678" }]

[outbound]
allow = ["0x{9,11}"]
[[outbound.role]]
name = "city"
allow = ["0x{9,11}", "95xxx"]
[[outbound.role]]
name = "wide"
allow = ["x{3,20}"]
[[outbound.role]]
name = "hongkong"
allow = ["00852x{8}", "1680x{4}", "17951x{3,15}"]

[[seat]]
name = "1001"
password = "of-1001"
pin = "739251"
[[seat]]
name = "1002"
password = "of-1002"
dial = ["city"]
dial_limit = 1
[[seat]]
name = "1003"
password = "of-1003"
dial = ["wide"]
agent = "8042"
[[seat]]
name = "a-1004"
password = "of-a-1004"
agent = "Li"
dial = ["hongkong", "city"]
# printf 1005:4711 | sha256sum
[[seat]]
name = "1005"
password = "of-1005"
pin_hash = "8ef8e040859de219ed3c6ba95177f6a2ef18e6546de5ee633562ed30e817d9f9"

[[department]]
name = "technical"
label = { zh = "技术部" }
seats = ["1002", "1001"]
reason = "too_complex"
[[department]]
name = "billing"
queue = "two"
[[person]]
name = "chief"
label = "王主任"
number = "02188886666"
trunk = ["b"]
[[person]]
name = "lead"
seat = "1003"
"#;

fn number(digits: &str) -> PhoneNumber {
    PhoneNumber::parse(digits).unwrap()
}

fn may(plan: &Plan, seat: &str, dialled: &str) -> bool {
    plan.seat_dials(*plan.seat_names.get(seat).unwrap(), dialled).is_some()
}

#[test]
fn without_a_word_in_the_files_transfers_and_desks_are_as_the_manual_says_r53_r55_r57_r59() {
    let plan = plan("queue = [{ name = \"q\" }]\nnumber = [{ name = \"hotline\", queue = \"q\" }]");
    assert_eq!(plan.timers.transfer_answer, Duration::from_secs(30));
    assert_eq!(plan.transfer.reasons, TransferReason::ALL);
    assert_eq!(plan.transfer.mode, hotline_model::TransferMode::Attended);
    assert_eq!(plan.transfer.reason, None);
    assert_eq!(plan.desk.breaks[&'1'], NotReadyReason::Break);
    assert_eq!(
        plan.desk.classes.iter().map(|(digit, class)| (*digit, *class)).collect::<Vec<_>>(),
        [('1', Class::Common), ('2', Class::Complex), ('3', Class::Major)]
    );
    assert!(!plan.desk.announce_agent && !plan.desk.whisper);
    assert_eq!(plan.desk.matter_open_for, Duration::from_secs(7 * 86_400));
    let resolved = plan.desk.disposition_by_digit('1').unwrap();
    assert_eq!(
        (&*resolved.name, resolved.label.of("zh-CN"), resolved.label.of("en"), resolved.open),
        ("resolved", "已解决", "Resolved", false)
    );
    assert!(plan.desk.disposition("follow-up").unwrap().open && plan.desk.disposition("x").is_none());
    assert_eq!((plan.outbound.seat_limit, plan.outbound.limit), (2, 30));
}

#[test]
fn a_target_is_where_the_rules_say_and_brings_its_reason_r53_r54_r60() {
    let plan = plan(BASE);
    let to = |target: Target| plan.transfer.to(&target);
    assert_eq!(to(Target::Seat("1002".into())).unwrap().route, Route::Seat(SeatId(1)));
    assert_eq!(to(Target::Queue("two".into())).unwrap().route, Route::Queue(QueueId(1)));
    let technical = to(Target::Department("technical".into())).unwrap();
    assert_eq!((technical.route, technical.reason), (Route::Seats(vec![SeatId(1), SeatId(0)]), Some(TransferReason::TooComplex)));
    let label = technical.label.unwrap();
    assert_eq!((label.of("zh-CN"), label.of("en")), ("技术部", "技术部"));
    assert_eq!(to(Target::Department("billing".into())).unwrap().route, Route::Queue(QueueId(1)));
    assert_eq!(to(Target::Person("chief".into())).unwrap().route, Route::Number(number("02188886666"), vec!["b".into()]));
    assert_eq!(to(Target::Person("lead".into())).unwrap().route, Route::Seat(SeatId(2)));
    for unknown in
        [Target::Seat("two".into()), Target::Queue("1002".into()), Target::Department("chief".into()), Target::Person("x".into())]
    {
        assert_eq!(to(unknown.clone()), None, "{unknown}");
    }
}

#[test]
fn a_number_is_a_target_of_those_who_may_dial_it() {
    let plan = plan(BASE);
    let target = Target::Number(number("02188886666"));
    let found = plan.transfer_to(SeatId(1), &target).unwrap();
    assert_eq!(found.route, Route::Number(number("02188886666"), vec!["a".into(), "b".into()]));
    assert_eq!(plan.transfer_to(SeatId(0), &target), Err(DeskRefusal::NotAllowed));
    assert_eq!(plan.transfer_to(SeatId(0), &Target::Person("x".into())), Err(DeskRefusal::NoSuchTarget));
    assert!(plan.transfer_to(SeatId(0), &Target::Person("chief".into())).is_ok(), "the rules name the person for everybody");
}

#[test]
fn targets_may_be_narrowed_to_kinds_names_and_numbers() {
    let narrowed = r#"
[transfer]
reasons = ["too_complex"]
mode = "blind_with_return"
reason = "too_complex"
targets = ["departments", { seat = "1002" }, { person = "lead" }, { number = "021x{8}" }]
"#;
    let plan = plan(&format!("{BASE}{narrowed}"));
    assert_eq!((plan.transfer.mode, plan.transfer.reasons.len()), (BlindWithReturn, 1));
    let to = |target: Target| plan.transfer.to(&target);
    assert!(to(Target::Department("billing".into())).is_some());
    assert_eq!(to(Target::Seat("1002".into())).unwrap().reason, Some(TransferReason::TooComplex));
    assert_eq!(to(Target::Seat("1001".into())), None);
    assert_eq!(to(Target::Queue("one".into())), None);
    assert!(to(Target::Person("lead".into())).is_some() && to(Target::Person("chief".into())).is_none());
    assert!(to(Target::Number(number("02188886666"))).is_some() && to(Target::Number(number("01088886666"))).is_none());
}

#[test]
fn a_target_that_left_the_rules_is_none_even_if_its_id_stays() {
    let first = plan(BASE);
    let second = after("queue = [{ name = \"one\" }]\nnumber = [{ name = \"hotline\", queue = \"one\" }]", Some(&first));
    assert!(second.seats[1].retired && second.transfer.to(&Target::Seat("1002".into())).is_none());
    assert!(second.transfer.to(&Target::Queue("two".into())).is_none());
    assert!(!may_id(&second, SeatId(1), "110") && !may_id(&second, SeatId(1), "02188886666"), "nor does it dial");
    assert!(!may_id(&second, SeatId(99), "110"), "nor does a seat that never was");
}

fn may_id(plan: &Plan, seat: SeatId, digits: &str) -> bool {
    plan.may_seat_dial(seat, &number(digits))
}

#[test]
fn a_seat_dials_nothing_outside_but_emergency_numbers_until_a_role_says_so() {
    let plan = plan(BASE);
    for emergency in ["110", "119", "120", "122"] {
        assert!(["1001", "1002", "1003"].iter().all(|seat| may(&plan, seat, emergency)), "{emergency}");
        assert!(!plan.may_dial(&number(emergency)), "no machine dials {emergency}");
    }
    for dialled in ["02188886666", "13800138000", "95588", "10086"] {
        assert!(!may(&plan, "1001", dialled), "{dialled}: `outbound.allow` opens nothing to seats");
    }
    assert!(may(&plan, "1002", "02188886666") && may(&plan, "1002", "+862188886666") && may(&plan, "1002", "95588"));
    assert!(!plan.may_dial(&number("95588")), "nor does a role open anything to overflow and call-back");
    assert!(!may(&plan, "1002", "13800138000"));
    assert!(!may(&plan, "1003", "95000") && !may(&plan, "1003", "02112345678"), "our own numbers would lead back to us");
    assert_eq!((plan.dial_limit(SeatId(1)), plan.dial_limit(SeatId(2))), (1, 2));
}

#[test]
fn no_trick_of_toll_fraud_leaves_the_widest_national_pattern() {
    let plan = plan(BASE);
    assert!(may(&plan, "1003", "02188886666") && may(&plan, "1003", "13800138000") && may(&plan, "1003", "16600138000"));
    for trick in [
        "0012125551234",
        "+12125551234",
        "+0012125551234",
        "+00442055512345",
        "000442055512345",
        "9011442055512345",
        "90112125551234",
        "1795100442055512345",
        "17951013800138000",
        "12593013800138000",
        "17900442055512345",
        "442055512345",
        "8613800138000",
        "0179510044205551",
        "16812345",
        "1608888",
        "02116812345",
        "0755168123456",
        "021110",
        "0755119",
        "0110",
        "１３８００１３８０００",
        "１１０",
        "13800138000;phone-context=+1",
        "13800138000;ext=9",
        "%31%33800138000",
        "sip:x@evil",
        "sip:13800138000@evil.example",
        "tel:13800138000",
        "x@evil.example",
        "13800138000@evil.example",
        "13800138000,,900",
        "138 0013 8000",
        "13800138000\r\nX: 1",
        "13800138000\0",
        "13800138000\u{200b}",
        "*67138001380000",
        "#31#13800138000",
        "++8613800138000",
        "",
    ] {
        assert!(!may(&plan, "1003", trick), "{trick:?}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_dialled_the_widest_national_pattern_stays_in_the_country(dialled in "\\+?[0-9]{0,21}|(00|9011|179[0-9]{2}|16|0[0-9]{2,3}16)[0-9]{1,16}|\\PC{0,20}") {
        let plan = plan(BASE);
        if let Some(number) = plan.seat_dials(SeatId(2), &dialled) {
            let digits = number.digits();
            let ascii = dialled.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit());
            proptest::prop_assert!(ascii && digits.len() <= 12 && !digits.starts_with("00"), "{}", dialled);
        }
    }
}

#[test]
fn what_a_role_spells_out_is_open_and_nothing_beside_it() {
    let plan = plan(BASE);
    for (dialled, allowed) in [
        ("+85221234567", true),
        ("0085221234567", true),
        ("0085321234567", false),
        ("+8522123456", false),
        ("16801234", true),
        ("16811234", false),
        ("17951013800138000", true),
        ("02188886666", true),
    ] {
        assert_eq!(may(&plan, "a-1004", dialled), allowed, "{dialled}");
    }
}

#[test]
fn a_pin_is_known_by_its_digits_alone_and_shown_nowhere() {
    let plan = plan(BASE);
    let pin = |seat: &str| plan.seat(*plan.seat_names.get(seat).unwrap()).desk.pin.clone();
    assert!(pin("1001").unwrap().is("739251"));
    for wrong in ["", "739252", "73925", "7392510", "７３９２５１", "1001:739251", &"7".repeat(10_000), &"七".repeat(50)] {
        assert!(!pin("1001").unwrap().is(wrong));
    }
    assert!(pin("1005").unwrap().is("4711") && !pin("1005").unwrap().is("739251"));
    assert!(pin("1002").is_none());
    assert!(!format!("{:?}", plan.seats).contains("739251"));
}

#[test]
fn no_finding_about_anything_shows_a_pin_or_its_hash() {
    let text = format!("{}[[seat]]\nname = \"7\"\npin = \"8261\"\nwrong = 1\n", BASE.replace("pin = \"739251\"", "pin = \"739251\", x = "));
    for text in [text, BASE.replace("dial_limit = 1", "pin = \"739251\""), "seat = [{ name = \"1\", pin = \"4711\", zone = 3 }]".to_owned()]
    {
        let sources = [Source { path: "rules.toml".into(), text }];
        let told = render(&findings(&sources, &Options::default()), &sources, Style::Plain, Lang::En);
        assert!(!told.is_empty() && !["739251", "8261", "4711", "8ef8e0"].iter().any(|secret| told.contains(secret)), "{told}");
    }
}

#[test]
fn a_phone_of_nobody_registers_with_its_own_password_and_a_seat_with_a_pin_needs_none() {
    let text = format!(
        "{BASE}[[phone]]\nname = \"desk-1\" # noqa: HL272\npassword = \"y\"\nsha256 = true\n[[seat]]\nname = \"1006\"\npin = \"5173\"\n"
    );
    let sources = [Source { path: "rules.toml".into(), text }];
    let loaded = load(&sources, None).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", render(&loaded.warnings, &sources, Style::Plain, Lang::En));
    let phone = loaded.plan.phone("desk-1").unwrap();
    assert!(phone.secret == Secret::Password("y".into()) && phone.sha256 && loaded.plan.phone("1001").is_none());
}

#[test]
fn the_agent_s_number_is_said_digit_by_digit_and_never_a_name() {
    let plan = plan(BASE);
    let said = |seat: u32| plan.agent_number(SeatId(seat));
    assert_eq!((said(0).as_deref(), said(2).as_deref(), said(3).as_deref()), (Some("1001"), Some("8042"), Some("1004")));
    let pieces = plan.desk.announcement("1042");
    assert_eq!(pieces.join(" "), "agent-number number-1 number-0 number-4 number-2 agent-at-service");
    let own = BASE.to_owned() + "[desk]\nannounce_agent = { before = \"number-is\" }\nwhisper = true\n";
    let plan = crate::support::plan(&own);
    assert!(plan.desk.announce_agent);
    assert_eq!(plan.desk.announcement("7").join(" "), "number-is number-7");
    assert_eq!(plan.whisper(QueueId(0), Some(Class::Complex)).join(" "), "whisper-one whisper-complex");
    assert_eq!(plan.whisper(QueueId(1), None), Vec::<Name>::new());
}

#[test]
fn every_prompt_that_a_desk_needs_is_among_those_of_the_plan() {
    let plan = plan(&format!("{BASE}[desk]\nannounce_agent = true\nwhisper = true\n"));
    let all = plan.prompts();
    let has = |name: &str| all.iter().filter(|(_, said)| **said == *name).count();
    assert!(DeskPrompt::ALL.iter().all(|prompt| has(prompt.name()) == 1), "to agents in the first language");
    assert_eq!((has("whisper-one"), has("whisper-major"), has("agent-number"), has("number-7")), (1, 1, 2, 2));
    assert_eq!(plan.house_language().0, 0);
}

#[test]
fn the_readme_s_examples_of_desks_load_beside_the_shipped_rules() {
    let readme = std::fs::read_to_string(workspace().join("routing-rules/README.md")).unwrap();
    let blocks = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block);
    let wanted = |block: &&str| ["[[department]]", "[[phone]]", "[[outbound.role]]"].iter().any(|table| block.contains(table));
    let text: String = blocks.filter(wanted).collect::<Vec<_>>().join("\n").replace("\"...\"", "\"of its own\"");
    let mut sources = folder("routing-rules");
    sources.push(Source { path: "readme.toml".into(), text });
    let outside = "outbound.allow = [\"1[3-9]x{9}\"]\ntrunk = [{ name = \"a\", contact = \"sip:a.example\", from = \"02112345678\" }]";
    sources.push(Source { path: "trunk.toml".into(), text: outside.into() });
    let loaded = load(&sources, None).unwrap_or_else(|found| panic!("{}", render(&found, &sources, Style::Plain, Lang::En)));
    assert!(loaded.warnings.is_empty(), "{}", render(&loaded.warnings, &sources, Style::Plain, Lang::En));
    assert!(loaded.plan.transfer.to(&Target::Person("duty-manager".into())).is_some());
    assert!(may(&loaded.plan, "1015", "02188886666") && !may(&loaded.plan, "1015", "01088886666"));
}

#[test]
fn the_shipped_desk_is_the_one_that_holds_without_it() {
    let (shipped, bare) = (shipped(), plan("queue = [{ name = \"q\" }]\nnumber = [{ name = \"hotline\", queue = \"q\" }]"));
    assert_eq!(shipped.desk, bare.desk);
    assert_eq!((&shipped.transfer.reasons, shipped.transfer.mode), (&bare.transfer.reasons, bare.transfer.mode));
    assert_eq!(shipped.timers.transfer_answer, bare.timers.transfer_answer);
    let names = |all: &[hotline_rules::Receiver]| all.iter().map(|one| one.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&shipped.transfer.departments), ["technical", "complaints"]);
    assert_eq!(names(&shipped.transfer.persons), ["technical-lead"]);
}

#[test]
fn the_shipped_rules_open_no_number_and_have_no_pin() {
    let plan = shipped();
    assert!(plan.seats.iter().all(|seat| seat.desk.pin.is_none() && seat.desk.dial.is_empty() && !seat.desk.auto_answer));
    assert!(plan.outbound.roles.is_empty());
}
