//! Whom a telephone means by what is dialled.

use crate::support::plan;
use hotline_model::{DeskRefusal, Name, PhoneNumber, SeatId, Target};
use hotline_rules::{Plan, Source, load};

const RULES: &str = r#"
queue = [{ name = "same" }, { name = "billing", extension = "8200" }, { name = "7003" }, { name = "plain" }]
number = [{ name = "95000", aliases = ["4008000000"], queue = "same" }]
trunk = [{ name = "a", contact = "sip:a.example", from = "02112345678" }]
seat = [
    { name = "7001", password = "x", dial = ["all"] },
    { name = "li.na", password = "x", extension = "8101" },
    { name = "110", password = "x" },
]
department = [
    { name = "7001", queue = "same" },
    { name = "7002", queue = "same" },
    { name = "plain", queue = "same" },
    { name = "network", queue = "same", extension = "8100" },
]
person = [{ name = "7002", seat = "7001" }, { name = "7003", seat = "7001" }, { name = "manager", seat = "li.na", extension = "88" }]

[outbound]
[[outbound.role]]
name = "all"
allow = ["x{3,20}"]
"#;

fn text(target: Option<Target>) -> String {
    target.map_or_else(|| "nobody".to_owned(), |target| target.to_string())
}

fn means(plan: &Plan, dialled: &str) -> String {
    text(plan.target(dialled))
}

#[test]
fn of_several_with_one_name_the_seat_is_meant_then_department_person_and_queue_and_an_emergency_number_before_all() {
    let plan = plan(RULES);
    for (dialled, whom) in [
        ("7001", "seat 7001"),
        ("7002", "department 7002"),
        ("7003", "person 7003"),
        ("plain", "department plain"),
        ("same", "queue same"),
        ("manager", "person manager"),
        ("nobody", "nobody"),
        ("12", "nobody"),
    ] {
        assert_eq!(means(&plan, dialled), whom);
    }
    assert_eq!(plan.target("110"), Some(Target::Number(PhoneNumber::parse("110").unwrap())), "a seat of that name is never in its way");
    assert_eq!(plan.target("13800138000"), Some(Target::Number(PhoneNumber::parse("13800138000").unwrap())));
}

#[test]
fn an_extension_is_another_way_to_dial_a_seat_department_person_or_queue() {
    let plan = plan(RULES);
    for (dialled, whom) in [("8101", "seat li.na"), ("8100", "department network"), ("88", "person manager"), ("8200", "queue billing")] {
        assert_eq!(means(&plan, dialled), whom);
    }
    let li = plan.seat_names.get("li.na").copied();
    assert_eq!((plan.seat_called("8101"), plan.seat_called("li.na"), plan.seat_called("8100")), (li, li, None));
    assert!(plan.transfer.to(&plan.target("8100").unwrap()).is_some(), "it is a target of transfers like its name");
}

#[test]
fn an_extension_follows_the_rules_from_one_revision_to_the_next() {
    let before = plan(RULES);
    let text = RULES.replace(", extension = \"8101\"", "").replace("extension = \"8200\"", "extension = \"8201\"");
    let after = load(&[Source { path: "rules.toml".into(), text }], Some(&before)).unwrap().plan;
    assert_eq!((means(&after, "8200"), means(&after, "8201")), ("number ****".to_owned(), "queue billing".to_owned()));
    assert_eq!((after.seat_called("8101"), after.seat_called("li.na")), (None, before.seat_called("li.na")));
}

#[test]
fn a_number_of_our_own_is_dialled_by_nobody_and_says_so() {
    let plan = plan(RULES);
    let seat = SeatId(0);
    assert_eq!(plan.seat(seat).name, Name::from("7001"));
    for own in ["02112345678", "+862112345678", "95000", "4008000000"] {
        let number = PhoneNumber::parse(own).unwrap();
        assert!(plan.is_own(&number) && !plan.may_seat_dial(seat, &number), "{own}");
        assert_eq!(plan.transfer_to(seat, &Target::Number(number)), Err(DeskRefusal::OwnNumber), "{own}");
    }
    let other = PhoneNumber::parse("02112345679").unwrap();
    assert!(plan.may_seat_dial(seat, &other));
    assert_eq!(plan.transfer_to(SeatId(1), &Target::Number(other)), Err(DeskRefusal::NotAllowed), "a seat without a role");
}
