//! Explanations: what only the rules as a whole show, and the tests of them.

use super::{Example, Explanation};
use crate::Severity::Error;
use crate::said::both;

pub(super) static CODES: [Explanation; 1] = [Explanation {
    code: "HL130",
    severity: Error,
    rule: None,
    what: both("a test that names what the rules do not have", "测试提到了规则里没有的名字"),
    why: both(
        "A test that waits for a queue or seat that does not exist would never say anything about the rules.",
        "测试里写了不存在的排队或坐席，就测不出规则的任何问题。",
    ),
    example: Some(Example {
        bad: r#"[[test]]
name = "0 reaches a person"
given = { at = 2026-11-18T10:00:00, keys = "0" }
expect = { queue = "servic" }"#,
        good: r#"[[test]]
name = "0 reaches a person"
given = { at = 2026-11-18T10:00:00, keys = "0" }
expect = { queue = "service" }"#,
    }),
}];
