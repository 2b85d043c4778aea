//! Explanations: what ends elsewhere than it seems to.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 2] = [
    Explanation {
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
    },
    Explanation {
        code: "HL341",
        severity: Warning,
        rule: Some("R9"),
        what: both("a key `0` that leads to no person", "转不到人工的按键 `0`"),
        why: both(
            "`0` leads to a queue, but while that is closed its callers go where `closed` leads. If that comes back to the same menus, whoever presses `0` goes round for ever; and in a menu that is only there while the queue is closed, `0` says goodbye at any hour. Queues that close may say goodbye where `0` leads to a person at other hours.",
            "`0` 转入排队，但排队不开放时来电者走它的 `closed`。若那里又转回这些菜单，按 `0` 就永远兜圈子；只在排队不开放时才到的菜单，按 `0` 在任何时候都只会告别。其他时间 `0` 能转到人工的，排队不开放时可以告别。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
hours = "service"
closed = { menu = "accounts" }
[menu.accounts]
say = "main-menu"
keys = { 0 = { queue = "billing" } }
failed = { queue = "billing" }
[[number]]
name = "95001"
menu = "accounts""#,
            good: r#"[[queue]]
name = "billing"
hours = "service"
closed = { menu = "main" }
[menu.accounts]
say = "main-menu"
keys = { 0 = { queue = "billing" } }
failed = { queue = "billing" }
[[number]]
name = "95001"
menu = "accounts""#,
        }),
    },
];
