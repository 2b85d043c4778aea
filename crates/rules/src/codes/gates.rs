//! Explanations: conditions on the way of a call.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 9] = [
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
            "Every call is so, or every one that took no gate before: the gate is always taken, and what stands behind it is never reached.",
            "任何来电都符合，或没有走前面分流的都符合：这道分流总是走，后面的内容永远到不了。",
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
    Explanation {
        code: "HL154",
        severity: Error,
        rule: None,
        what: both("a seat without a queue behind it", "坐席后面没有排队"),
        why: both(
            "A seat may be on a call, on a break or not there: the caller needs a queue in which to wait, and others who can help.",
            "坐席可能通话中、小休或不在：来电者要有排队可等，也要有别人可接。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
seat = "1001"
goodbye = true"#,
            good: r#"[[number]]
name = "95001"
seat = "1001"
queue = "service""#,
        }),
    },
    Explanation {
        code: "HL155",
        severity: Warning,
        rule: Some("R47"),
        what: both("VIP customers meet self-service before a person", "贵宾客户先遇到自助服务"),
        why: both(
            "Ordinary customers may be offered self-service first, VIP customers never: with `self_service = \"ordinary\"` they go where key `0` leads.",
            "普通客户可以先用自助服务，贵宾客户不可以：写 `self_service = \"ordinary\"`，贵宾客户就直接走按键 `0` 的去向。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "prices"

[menu.prices]
say = "main-menu"
self_service = "everybody"
keys = { 1 = { say = "welcome", again = true }, 0 = { queue = "service" } }"#,
            good: r#"[[number]]
name = "95001"
menu = "prices"

[menu.prices]
say = "main-menu"
self_service = "ordinary"
keys = { 1 = { say = "welcome", again = true }, 0 = { queue = "service" } }"#,
        }),
    },
    Explanation {
        code: "HL156",
        severity: Warning,
        rule: None,
        what: both("a seat that is to have a call first and won't", "要先给某坐席的来电到不了它"),
        why: both(
            "Only seats that a step of the queue admits are offered its calls, and only where its order asks for the owner does this one go first.",
            "只有排队某一步允许的坐席才会接到它的来电；次序里有归属，这个坐席才会在先。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
seat = "1002"
queue = "service"

[[seat]]
name = "1002"
password = "x"
queues = ["technical"]
skills = { zh = 5, en = 5 }"#,
            good: r#"[[number]]
name = "95001"
seat = "1002"
queue = "technical"

[[seat]]
name = "1002"
password = "x"
queues = ["technical"]
skills = { zh = 5, en = 5 }"#,
        }),
    },
    Explanation {
        code: "HL157",
        severity: Error,
        rule: None,
        what: both("digits that can't be collected so", "号码不能这样收集"),
        why: both(
            "A number has at least `min` and at most `max` digits, and while it is keyed every digit is part of it, so no digit but a lone `0` can have another meaning.",
            "号码至少 `min` 位、至多 `max` 位；收集时每个数字都是号码的一部分，除了单独的 `0`，数字不能另有用途。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "account"

[menu.account]
say = "main-menu"
collect = { name = "account", min = 10, max = 6, done = { queue = "technical" } }
keys = { 0 = { queue = "service" } }"#,
            good: r#"[[number]]
name = "95001"
menu = "account"

[menu.account]
say = "main-menu"
collect = { name = "account", min = 6, max = 10, done = { queue = "technical" } }
keys = { 0 = { queue = "service" } }"#,
        }),
    },
    Explanation {
        code: "HL158",
        severity: Error,
        rule: None,
        what: both("a value that no menu collects", "没有菜单收集这个号码"),
        why: both(
            "`collected(NAME)` asks for what a menu has taken by `collect`; another name would never be there.",
            "`collected(名字)` 问的是某个菜单用 `collect` 收集的号码；别的名字永远没有。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "account"

[menu.account]
say = "main-menu"
collect = { name = "account", done = { menu = "sorted" } }
keys = { 0 = { queue = "service" } }

[menu.sorted]
say = "main-menu"
keys = { 0 = { queue = "service" } }
gate = [{ when = "collected(acount)", queue = "technical" }]"#,
            good: r#"[[number]]
name = "95001"
menu = "account"

[menu.account]
say = "main-menu"
collect = { name = "account", done = { menu = "sorted" } }
keys = { 0 = { queue = "service" } }

[menu.sorted]
say = "main-menu"
keys = { 0 = { queue = "service" } }
gate = [{ when = "collected(account) matches 10 digits", queue = "technical" }]"#,
        }),
    },
];
