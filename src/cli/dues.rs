//! What a call left to be done, and by when, in words.

use super::words::{self, Lang, Zone};
use hotline_model::{Due, DueWhat};
use serde_json::{Value, json};

/// `to be handled by 2026-11-18 14:00:00 (K16, R63, profile manual)`.
pub fn sentence(due: &Due, zone: &Zone, lang: Lang) -> String {
    let Due { what, by, clock, rule, profile } = due;
    let by = zone.second(*by);
    match lang {
        Lang::En => format!("{} by {by} (K{clock}, R{rule}, profile {profile})", what_is_due(*what, lang)),
        Lang::Zh => format!("{by} 前{}（K{clock}，R{rule}，时限方案 {profile}）", what_is_due(*what, lang)),
    }
}

/// For machines.
pub fn json(due: &Due) -> Value {
    let Due { what, by, clock, rule, profile } = due;
    let (clock, rule) = (format!("K{clock}"), format!("R{rule}"));
    json!({ "what": what.word(), "by": words::iso(*by), "clock": clock, "rule": rule, "profile": profile })
}

/// What is to be done.
fn what_is_due(what: DueWhat, lang: Lang) -> &'static str {
    match what {
        DueWhat::Handled => lang.of("to be handled", "办结"),
        DueWhat::ClosedLoop => lang.of("if it turns out hard, to be closed", "疑难的须闭环"),
        DueWhat::Contacted => lang.of("the customer is to hear from us", "首次联系客户"),
        DueWhat::Investigated => lang.of("the complaint is to be looked into", "初步调查投诉"),
        DueWhat::Responded => lang.of("the complaint is to be responded to", "答复投诉"),
        DueWhat::Completed => lang.of("the complaint is to be completed", "办结投诉"),
        DueWhat::ResultTold => lang.of("the customer is to be told the result", "告知客户结果"),
        DueWhat::FollowedUp => lang.of("the customer is to be asked afterwards", "回访客户"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::WallTime;

    #[test]
    fn what_is_due_names_the_time_the_clock_the_rule_and_the_profile_r63() {
        let by = WallTime(1_772_416_980_000_000);
        let due = Due { what: DueWhat::Handled, by, clock: 16, rule: 63, profile: "manual".into() };
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        assert_eq!(sentence(&due, &zone, Lang::En), "to be handled by 2026-03-02 10:03:00 (K16, R63, profile manual)");
        assert_eq!(sentence(&due, &zone, Lang::Zh), "2026-03-02 10:03:00 前办结（K16，R63，时限方案 manual）");
        assert_eq!(json(&due)["rule"], "R63");
    }
}
