//! `[access]`: people work in working time and from working places, the operator on this machine at any time (R138).

use super::*;

/// Weekly hours on one day only, in UTC.
fn hours(day: jiff::civil::Weekday) -> String {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let day = days[usize::try_from(day.to_monday_zero_offset()).unwrap()];
    format!("[calendar.shift]\nzone = \"UTC\"\nhours = {{ {day} = \"00:00-24:00\" }}\n[access]\nshifts = \"shift\"\n")
}

#[test]
fn people_are_let_in_from_the_networks_of_the_rules_and_the_operator_of_this_machine_always_r138() {
    for (networks, lets_in) in [("127.0.0.0/8", true), ("10.0.0.0/8", false)] {
        let house = house_of(true, &format!("{RULES}[access]\nnetworks = [\"{networks}\"]\n"));
        let (person, local) = (house.person(Role::Supervisor), house.local());
        let (status, said) = house.ask(&person, "GET", "/api/v1/seats", "Accept-Language: zh\r\n", "");
        assert_eq!(status, if lets_in { 200 } else { 403 }, "{networks}: {said}");
        assert_eq!(said.contains("not_here") && said.contains("access.networks，R138"), !lets_in, "{said}");
        assert_eq!(house.ask(&local, "GET", "/api/v1/seats", "", "").0, 200, "{networks}");
    }
}

#[test]
fn nobody_but_the_operator_of_this_machine_orders_anything_outside_of_working_time_r138() {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().weekday();
    // Neither today nor, should midnight pass meanwhile, tomorrow.
    let house = house_of(true, &format!("{RULES}{}", hours(today.wrapping_add(3))));
    let (person, local) = (house.person(Role::Supervisor), house.local());
    let body = json!({ "announcement": "fault", "on": true }).to_string();
    for (token, status) in [(&person, 403), (&local, 200)] {
        let (found, said) = house.ask(token, "POST", "/api/v1/announcements", JSON, &body);
        assert_eq!((found, said.contains("not_now")), (status, status == 403), "{said}");
    }
    assert_eq!(house.written.load(std::sync::atomic::Ordering::SeqCst), 1, "of the operator only");
}
