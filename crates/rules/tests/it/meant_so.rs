//! What sensible rules write and no warning says a word about.

use crate::golden::folder;
use crate::support::findings;
use hotline_model::Lang;
use hotline_rules::{Options, Source, Style, render};

/// What is found in a text beside the good rules, but for names that nothing uses.
fn told(text: &str, csv: &str) -> String {
    let base = std::fs::read_to_string(folder().join("base.toml")).unwrap();
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let mut sources = vec![source("base.toml", &base), source("rules.toml", text)];
    sources.extend((!csv.is_empty()).then(|| source("rules.csv", csv)));
    let options = Options { today: Some("2026-06-01".parse().unwrap()), ..Options::default() };
    let mut found = findings(&sources, &options);
    found.retain(|one| !["HL122", "HL124", "HL272"].contains(&one.code));
    render(&found, &sources, Style::Plain, Lang::En)
}

#[track_caller]
fn is_silent(text: &str) {
    assert_eq!(told(text, ""), "");
}

#[test]
fn seats_with_a_pin_work_at_the_listed_telephones_and_others_at_their_own_r138() {
    is_silent(
        r#"
[[seat]]
name = "1002"
password = "k7T-wq2"
pin = "482913"
skills = { zh = 5 }
[access]
devices = ["1001"]
"#,
    );
    is_silent("[access]\ndevices = []\n");
}

#[test]
fn shifts_that_have_the_hours_of_the_queues_in_several_turns_are_enough_r138() {
    let rules = |shifts: &str| {
        format!(
            r#"
[calendar.office]
zone = "Asia/Shanghai"
hours = {{ mon-fri = ["08:00-12:00", "13:00-20:00"], sat = "22:00-24:00", sun = "00:00-06:00" }}
complaints_24h = false
[calendar.shifts]
zone = "Asia/Shanghai"
hours = {{ {shifts} }}
[[number]]
name = "95001"
queue = "service"
gate = [{{ closed = "office", say = "welcome", goodbye = true }}]
[access]
shifts = "shifts"
"#
        )
    };
    // The number of the house has no hours: whoever calls it waits at night too.
    let night = told(&rules(r#"mon-fri = ["08:00-14:00", "14:00-20:00"], sat = "22:00-24:00", sun = "00:00-06:00""#), "");
    assert!(night.contains("Monday 00:00-08:00, when callers wait in queue `service`") && !night.contains("`office`"), "{night}");
    is_silent(&rules(r#"daily = "00:00-24:00""#));
    for (shifts, expected) in [
        (r#"mon-fri = ["08:00-14:00", "15:00-20:00"], sat-sun = "00:00-24:00""#, "Monday 14:00-15:00"),
        (r#"mon-fri = "08:30-20:00", sat-sun = "00:00-24:00""#, "Monday 08:00-08:30"),
        (r#"mon-fri = "00:00-24:00", sat = "20:00-24:00""#, "Sunday 00:00-06:00"),
        (r#"mon = "01:00-02:00""#, "Monday 08:00-12:00, when calendar `office` is open; nor on other days (6)"),
    ] {
        let told = told(&rules(shifts), "");
        assert!(told.contains("warning[HL312]") && told.contains(expected), "{shifts}: {told}");
    }
}

#[test]
fn two_shifts_may_share_a_telephone_at_which_each_signs_in_with_a_pin() {
    let seats = |more: &str| {
        let seat = |name: &str, pin: &str| {
            format!("[[seat]]\nname = \"{name}\"\ncontact = \"sip:desk@192.0.2.7\"\nskills = {{ zh = 5 }}\npin = \"{pin}\"\n{more}\n")
        };
        seat("1002", "482913") + &seat("1003", "739104")
    };
    is_silent(&seats("sign_in = false"));
    is_silent(&(seats("") + "[access]\ndevices = [\"1001\"]\n"));
    assert!(told(&seats(""), "").contains("HL296"), "both are ready as soon as the rules are loaded");
}

#[test]
fn two_trunks_of_one_gateway_may_have_limits_of_their_own() {
    let trunks = |limits: [u32; 2]| {
        let trunk = |(name, limit)| {
            format!("[[trunk]]\nname = \"{name}\"\ncontact = \"sip:gw.example\"\nfrom = \"02161230000\"\nlimit = {limit}\n")
        };
        ["overflow", "persons"].into_iter().zip(limits).map(trunk).collect::<String>()
    };
    is_silent(&trunks([4, 30]));
    assert!(told(&trunks([4, 4]), "").contains("HL306"));
}

#[test]
fn a_shop_that_is_open_on_saturdays_uses_the_holidays_of_the_country_as_they_are_r16() {
    let shop = |hours: &str, worked: &str| {
        format!(
            "[calendar.shop]\nzone = \"Asia/Shanghai\"\nhours = {{ {hours} = \"09:00-18:00\" }}\nholidays = [\"cn-2026\"]\n\
             [holidays.cn-2026]\nyear = 2026\noff = [\"2026-02-15..2026-02-23\"]\nworkdays = [{worked}]\n"
        )
    };
    is_silent(&shop("mon-sat", "2026-02-14"));
    is_silent(&shop("daily", "2026-01-04, 2026-02-14"));
    assert!(told(&shop("mon-sat", "2026-02-13"), "").contains("HL250"), "a Friday is no make-up day");
}

#[test]
fn a_level_of_complaints_may_hear_sooner_than_the_first_contact_of_the_manual_r81() {
    is_silent("[deadlines.complaint]\nL1 = { first = \"1h\", completion = \"24h\" }\n");
}

#[test]
fn a_complaint_is_one_by_a_menu_before_or_behind_or_its_category_is_asked_for_r29_r30() {
    let menus = |first: &str, second: &str, gate: &str| {
        format!(
            r#"
[menu.other]
say = "main-menu"
keys = {{ 1 = {{ set = {{ {first} }}, menu = "more" }}, 0 = {{ queue = "service" }} }}
[menu.more]
say = "main-menu"
keys = {{ 1 = {{ set = {{ {second} }}, queue = "service" }}, 0 = {{ queue = "service" }} }}
{gate}
[[number]]
name = "95000"
menu = "other"
"#
        )
    };
    is_silent(&menus(r#"kind = "complaint""#, r#"category = "product", level = "L2""#, ""));
    is_silent(&menus(r#"category = "product", level = "L2""#, r#"kind = "complaint""#, ""));
    let gate = "[[menu.more.gate]]\nwhen = \"category == product & waiting(service) > 3\"\nqueue = \"technical\"";
    is_silent(&menus(r#"category = "product""#, r#"kind = "enquiry""#, gate));
    let told = told(&menus(r#"kind = "enquiry""#, r#"category = "product", level = "L2""#, ""), "");
    assert_eq!(told.matches("HL317").count(), 2, "{told}");
}

#[test]
fn who_complained_and_met_a_closed_queue_or_nobody_outside_still_complains_r30() {
    let grave = "[menu.grave]\nsay = \"main-menu\"\nkeys = { 1 = { set = { level = \"L1\" }, queue = \"service\" }, 0 = { queue = \"service\" } }\n";
    let key = |way: &str| {
        format!(
            "[menu.other]\nsay = \"main-menu\"\nkeys = {{ 1 = {{ set = {{ kind = \"complaint\" }}, {way} }}, 0 = {{ queue = \"service\" }} }}\n\
             [[number]]\nname = \"95001\"\nmenu = \"other\"\n"
        )
    };
    let queue = "[[queue]]\nname = \"office\"\nhours = \"service\"\nclosed = { menu = \"grave\" }\n";
    is_silent(&format!("{grave}{}{queue}", key("queue = \"office\"")));
    let trunk = "[[trunk]]\nname = \"carrier\"\ncontact = \"sip:gw.example\"\nfrom = \"02161230000\"\n[outbound]\nallow = [\"021x{8}\"]\n";
    is_silent(&format!("{grave}{}{trunk}", key("number = \"02161239999\", otherwise = { menu = \"grave\" }")));
    let enquiry = key("queue = \"office\"").replace("complaint", "enquiry");
    assert!(told(&format!("{grave}{enquiry}{queue}"), "").contains("HL317"));
}

#[test]
fn whom_customers_prefer_may_stand_in_a_list_that_has_nobody_yet_r43() {
    let rules = "[assign]\nkeys = [\"owner\", \"preference\"]\nwait_for = { preferred = \"5s\" }\n";
    let list = "[[customers]]\nfile = \"rules.csv\"\n";
    let csv = "number,preferred\n13800138000,\n";
    assert_eq!(told(&format!("{rules}{list}"), csv), "");
    let told = told(rules, "");
    assert!(told.contains("HL318") && told.contains("HL288"), "{told}");
}

#[test]
fn near_is_within_a_distance_of_which_some_regions_have_none_r39() {
    let region = "[[region]]\nname = \"华南\"\narea_codes = [\"020\"]\n";
    is_silent(&format!("{region}[distance]\n\"华东\" = {{ \"华北\" = 1200 }}\n[assign]\nnear = 1500\n"));
    is_silent("[distance]\n\"华东\" = { \"华北\" = 1200 }\n[assign]\nnear = 1199\n");
}

#[test]
fn a_noqa_where_a_csv_file_is_named_allows_that_code_in_all_of_it() {
    let list = |noqa: &str| format!("[[customers]]\nfile = \"rules.csv\"{noqa}\n");
    assert!(told(&list(""), "number,name\n").contains("HL305"));
    assert_eq!(told(&list(" # noqa: HL305"), "number,name\n"), "");
    assert!(told(&list(" # noqa: HL305"), "number,level\n13800138000,x\n").contains("error[HL162]"), "errors are never allowed");
}

#[test]
fn whom_no_matter_leads_back_to_is_told_only_where_a_disposition_leaves_it_open_r57() {
    is_silent("[desk]\nmatter_open_for = \"0s\"\n");
    is_silent("[desk]\nmatter_open_for = \"0s\"\ndispositions = [{ name = \"done\", digit = \"1\" }]\n");
}

#[test]
fn a_number_that_only_a_person_has_is_a_target_of_transfers() {
    let trunk = "[[trunk]]\nname = \"carrier\"\ncontact = \"sip:gw.example\"\nfrom = \"02161230000\"\n[outbound]\nallow = [\"021x{8}\"]\n";
    let person = "[[person]]\nname = \"lead\"\nnumber = \"02161239999\"\nreason = \"too_complex\"\n";
    let targets = "[transfer]\ntargets = [{ number = \"021x{8}\" }]\n";
    is_silent(&format!("{trunk}{person}{targets}"));
    assert!(told(&format!("{trunk}{targets}"), "").contains("HL288"));
}

#[test]
fn where_access_asks_who_signs_in_nobody_is_signed_in_unasked_r138() {
    let seats = "[[seat]]\nname = \"2001\"\nskills = { zh = 5 }\npassword = \"of-2001\"\n";
    let base = std::fs::read_to_string(folder().join("base.toml")).unwrap();
    let signed_in = |access: &str| {
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        let loaded = hotline_rules::load(&[source("base.toml", &base), source("rules.toml", &format!("{seats}{access}"))], None).unwrap();
        loaded.plan.seats.iter().find(|seat| *seat.name == *"2001").map(|seat| seat.sign_in)
    };
    assert_eq!(signed_in(""), Some(true));
    for access in ["networks = [\"10.0.0.0/8\"]", "devices = [\"2001\"]"] {
        assert_eq!(signed_in(&format!("[access]\n{access}\n")), Some(false), "{access}");
    }
}
