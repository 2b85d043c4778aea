//! Explanations: conditions on the way of a call.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 4] = [
    Explanation {
        code: "HL150",
        severity: Error,
        rule: None,
        what: both("a condition that can't be read", "条件无法识别"),
        why: both(
            "A condition is made of comparisons with `&` (and), `|` (or), `!` (not) and brackets; the reference lists what can be asked. A gate has one condition.",
            "条件由比较组成，用 `&`（且）、`|`（或）、`!`（非）和括号连接；可判断的内容见手册参考。一道分流只写一个条件。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
queue = "service"
[[number.gate]]
when = "customer_typ == vip"
queue = "technical""#,
            good: r#"[[number]]
name = "95001"
queue = "service"
[[number.gate]]
when = "customer_type == vip"
queue = "technical""#,
        }),
    },
    Explanation {
        code: "HL151",
        severity: Error,
        rule: None,
        what: both("a comparison of things of different kinds", "比较的两边不是同一类"),
        why: both(
            "A customer type is compared with a customer type, a number of callers with a number, a wait with a duration: everything else would never hold.",
            "客户类型要与客户类型比较，人数与整数比较，等待与时长比较；否则永远不会成立。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
queue = "service"
[[number.gate]]
when = "longest(service) >= 60"
queue = "technical""#,
            good: r#"[[number]]
name = "95001"
queue = "service"
[[number.gate]]
when = "longest(service) >= 60s"
queue = "technical""#,
        }),
    },
    Explanation {
        code: "HL152",
        severity: Warning,
        rule: None,
        what: both("a condition that can never hold", "条件永远不会成立"),
        why: both(
            "No call can be so: two parts exclude each other, or nothing is known yet of what is asked. The gate is never taken.",
            "不会有这样的来电：条件的两部分互相矛盾，或此时还不知道所问的内容。这道分流永远不走。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
queue = "service"
[[number.gate]]
when = "waiting(service) >= 10 & waiting(service) < 5"
queue = "technical""#,
            good: r#"[[number]]
name = "95001"
queue = "service"
[[number.gate]]
when = "waiting(service) >= 5 & waiting(service) < 10"
queue = "technical""#,
        }),
    },
    Explanation {
        code: "HL153",
        severity: Warning,
        rule: None,
        what: both("a condition that always holds", "条件总是成立"),
        why: both(
            "Every call is so: the gate is always taken, and what stands behind it is never reached.",
            "任何来电都符合：这道分流总是走，后面的内容永远到不了。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
queue = "service"
[[number.gate]]
when = "known | !known"
queue = "technical""#,
            good: r#"[[number]]
name = "95001"
queue = "service"
[[number.gate]]
when = "!known"
queue = "technical""#,
        }),
    },
];
