//! `HL230` to `HL239`: what callers in need find closed.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 1] = [Explanation {
    code: "HL230",
    severity: Warning,
    rule: Some("R17"),
    what: both("no way in for complaints after hours", "关闭期间没有投诉入口"),
    why: both(
        "Complaints are taken at any hour: `complaints_24h` of a calendar says so, and it is on unless it is switched off. But behind this gate every way ends in a goodbye.",
        "投诉须全天受理：日历的 `complaints_24h` 默认为开。但这个关口后面的每条路都以道别结束。",
    ),
    example: Some(Example {
        bad: r#"[[number]]
name = "second"
queue = "technical"
gate = [{ closed = "service", say = "welcome", goodbye = true }]"#,
        good: r#"[[number]]
name = "second"
queue = "technical"
gate = [{ closed = "service", menu = "closed" }]

[menu.closed]
say = "welcome"
failed = { goodbye = true }

[menu.closed.keys]
3 = { set = { kind = "complaint" }, queue = "technical" }
0 = { queue = "technical" }"#,
    }),
}];
