//! Explanations: what ends elsewhere than it seems to.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 1] = [Explanation {
    code: "HL340",
    severity: Warning,
    rule: Some("R37"),
    what: both("internal seats that rank with external ones", "与外部坐席同级的内部坐席"),
    why: both(
        "A seat is of the first tier of `tiers` that takes it, and `external` takes every seat. Without `internal` before it, seats of your own that are not near the caller have no precedence over external ones.",
        "坐席归入 `tiers` 中第一个符合的层级，而 `external` 收所有坐席。前面没有 `internal`，离客户较远的内部坐席就不再先于外部坐席。",
    ),
    example: Some(Example {
        bad: r#"[[seat]]
name = "1009"
password = "k7T-wq2"
origin = "external"
skills = { zh = 5, en = 5 }

[assign]
tiers = ["internal-near", "external"]"#,
        good: r#"[[seat]]
name = "1009"
password = "k7T-wq2"
origin = "external"
skills = { zh = 5, en = 5 }

[assign]
tiers = ["internal-near", "internal", "external"]"#,
    }),
}];
