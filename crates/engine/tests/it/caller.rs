//! Who calls, and which number was dialled: RFC 3261 19.1.6, 3323, 3325, 3966, 5806, 7044, 7315.

use crate::hotline::{Habit, Hotline, call};
use crate::house::{PREAMBLE, number, queue, seat};
use hotline_model::history::{EventKind, Identified};
use hotline_model::{Entry, Odd};
use std::time::Duration;

const SEATS: [(u16, Habit); 1] = [(6001, Habit::Answers(Duration::from_secs(1)))];
/// The trunk is where the phone of port 7001 is.
const TRUNK: &str = "[[trunk]]\nname = \"carrier\"\ncontact = \"sip:127.0.0.3:7001\"\nfrom = \"02100000000\"\n";

fn hotline(more: &str) -> Hotline {
    let numbers = [number("direct", "line", ""), number("4008000000", "other", "")].concat();
    let queues = [queue("line", 1, ""), queue("other", 2, "")].concat();
    let house = "[numbers]\narea = \"021\"\n";
    Hotline::new(&[PREAMBLE, &numbers, &queues, &seat("1001", 6001, "skills = { any = 5 }"), house, more].concat(), &SEATS)
}

fn identified(hotline: &Hotline) -> Vec<Identified> {
    let kinds = hotline.journal.iter().filter_map(|entry| if let Entry::Call(event) = entry { Some(&event.kind) } else { None });
    kinds.filter_map(|kind| if let EventKind::Identified(told) = kind { Some(told.clone()) } else { None }).collect()
}

#[test]
fn the_caller_s_number_is_kept_in_full_however_it_came() {
    for (from, kept) in [
        ("<sip:13800137001@127.0.0.3>", "+8613800137001"),
        ("<sip:013800137001@127.0.0.3>", "+8613800137001"),
        ("<sip:+8613800137001@127.0.0.3;user=phone>", "+8613800137001"),
        ("<sip:0086-138-0013-7001@127.0.0.3;user=phone>", "+8613800137001"),
        ("<tel:138-0013-7001;phone-context=+86>", "+8613800137001"),
        ("<sip:61234567@127.0.0.3>", "+862161234567"),
        ("<tel:6123-4567;phone-context=+8610>", "+861061234567"),
        ("<sip:95588@127.0.0.3>", "95588"),
        ("\"Anonymous\" <sip:anonymous@anonymous.invalid>", ""),
        ("<sip:alice@127.0.0.3>", "alice"),
    ] {
        let mut hotline = hotline("");
        hotline.dial_as(7002, "direct", from, &[]);
        assert_eq!(hotline.record(call(0)).from.reveal(), kept, "{from}");
    }
}

#[test]
fn what_is_not_plain_is_told_and_what_is_plain_is_not() {
    let told = |from: &str| {
        let mut hotline = hotline("");
        hotline.dial_as(7002, "direct", from, &[]);
        identified(&hotline).pop().map(|told| (told.came.reveal().to_owned(), told.odd))
    };
    assert_eq!(told("<sip:13800137001@127.0.0.3>"), None);
    assert_eq!(told("<sip:+8613800137001@127.0.0.3>"), None);
    assert_eq!(told("<sip:anonymous@anonymous.invalid>"), None);
    assert_eq!(told("<sip:013800137001@127.0.0.3>"), Some(("013800137001".into(), None)));
    assert_eq!(told("<sip:alice@127.0.0.3>"), Some(("alice".into(), Some(Odd::NoDigits))));
}

#[test]
fn an_asserted_identity_counts_from_a_declared_trunk_only_rfc_3325() {
    let asserted = [("P-Asserted-Identity", "\"Li\" <sip:li@carrier.example>"), ("P-Asserted-Identity", "<tel:+86-139-0013-9000>")];
    let from = "<sip:anonymous@anonymous.invalid>";
    let who = |rules: &str, port: u16| {
        let mut hotline = hotline(rules);
        hotline.dial_as(port, "direct", from, &asserted);
        (hotline.record(call(0)).from.reveal().to_owned(), identified(&hotline).pop().and_then(|told| told.asserted_by))
    };
    assert_eq!(who(TRUNK, 7001), ("+8613900139000".into(), Some("carrier".into())));
    assert_eq!(who("", 7001), (String::new(), None));
    assert_eq!(who(&format!("{TRUNK}asserted = false\n"), 7001), (String::new(), None));
}

#[test]
fn whoever_asks_for_privacy_is_nobody_even_to_us_rfc_3323() {
    for (privacy, private) in
        [("id", true), ("user;id", true), ("header", true), ("critical; ID", true), ("none", false), ("session", false)]
    {
        let mut hotline = hotline(TRUNK);
        let headers = [("Privacy", privacy), ("P-Asserted-Identity", "<tel:+8613900139000>")];
        hotline.dial_as(7001, "direct", "<sip:13900139000@127.0.0.3>", &headers);
        assert_eq!(hotline.record(call(0)).from.is_anonymous(), private, "{privacy}");
        assert_eq!(identified(&hotline).iter().any(|told| told.private && told.came.is_anonymous()), private, "{privacy}");
    }
}

#[test]
fn a_customer_is_known_however_the_number_came() {
    let customer = "[[customer]]\nname = \"someone\"\nnumbers = [\"138 0013 7001\"]\npriority = \"important\"\n";
    for from in ["<sip:013800137001@x>", "<tel:+86-138-0013-7001>", "<sip:008613800137001@x;user=phone>"] {
        let mut hotline = hotline(customer);
        hotline.dial_as(7002, "direct", from, &[]);
        assert_eq!(hotline.record(call(0)).priority, Some(hotline_model::Priority::Important), "{from}");
    }
}

#[test]
fn a_trunk_says_the_dialled_number_where_its_rules_say() {
    let headers = [
        ("P-Called-Party-ID", "<tel:+86-400-800-0000>"),
        ("Diversion", "<sip:direct@x>;reason=unconditional"),
        ("Diversion", "<sip:4008000000@x>;reason=no-answer"),
        ("History-Info", "<sip:4008000000@x>;index=1, <sip:direct@x>;index=1.1"),
    ];
    for (place, dialled) in [
        ("request-uri", "direct"),
        ("to", "direct"),
        ("p-called-party-id", "4008000000"),
        ("diversion", "4008000000"),
        ("history-info", "4008000000"),
    ] {
        let mut hotline = hotline(&format!("{TRUNK}did_from = \"{place}\"\n"));
        hotline.dial_as(7001, "direct", "<sip:13800137001@x>", &headers);
        assert_eq!(&*hotline.record(call(0)).dialled, dialled, "{place}");
    }
}

#[test]
fn a_trunk_that_always_sends_one_user_part_reaches_the_number_of_the_header() {
    let mut hotline = hotline(&format!("{TRUNK}did_from = \"p-called-party-id\"\n"));
    hotline.dial_as(7001, "trunk-7", "<sip:13800137001@x>", &[("P-Called-Party-ID", "<sip:+864008000000@x;user=phone>")]);
    assert_eq!(&*hotline.record(call(0)).dialled, "4008000000");
}

#[test]
fn calls_of_no_trunk_and_calls_without_the_header_go_by_the_request_line() {
    let rules = format!("{TRUNK}did_from = \"diversion\"\n");
    let mut hotline = hotline(&rules);
    hotline.dial_as(7001, "direct", "<sip:13800137001@x>", &[]);
    assert_eq!(&*hotline.record(call(0)).dialled, "direct");
    let mut hotline = self::hotline(&rules.replace("127.0.0.3", "127.0.0.9"));
    hotline.dial_as(7002, "direct", "<sip:13800137001@x>", &[("Diversion", "<sip:4008000000@x>")]);
    assert_eq!(&*hotline.record(call(0)).dialled, "direct");
}

#[test]
fn a_number_of_ours_is_known_however_it_is_dialled() {
    for dialled in ["4008000000", "+864008000000", "00864008000000", "400-800-0000"] {
        let mut hotline = hotline("");
        hotline.dial_as(7002, dialled, "<sip:13800137001@x>", &[]);
        assert_eq!(&*hotline.record(call(0)).dialled, "4008000000", "{dialled}");
    }
}

#[test]
fn garbage_in_any_of_these_headers_harms_nobody() {
    let garbage = ["", "<", "\"", "<sip:>", "<sip:@>", ";;;", "<tel:>", ",,,", "\u{ff11}<sip:\u{ff11}@x>", "<mailto:a@b>;index"];
    for place in ["p-called-party-id", "diversion", "history-info"] {
        for value in garbage {
            let mut hotline = hotline(&format!("{TRUNK}did_from = \"{place}\"\n"));
            let headers = ["P-Called-Party-ID", "Diversion", "History-Info", "P-Asserted-Identity", "Privacy"].map(|name| (name, value));
            hotline.dial_as(7001, "direct", "<sip:13800137001@x>", &headers);
            assert_eq!(&*hotline.record(call(0)).dialled, "direct", "{place} {value}");
        }
    }
}
