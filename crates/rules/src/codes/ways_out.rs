//! Explanations: ways to somebody by number or name, and what follows them.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 5] = [
    Explanation {
        code: "HL205",
        severity: Error,
        rule: None,
        what: both("a way to somebody who may not answer, and no way on", "对方可能无人接听，却没有后续去向"),
        why: both(
            "A number may be busy, unanswered, forbidden or without a trunk, and a seat may be signed out: nobody is to be stranded then. Who waits for a seat waits in a queue.",
            "号码可能占线、无人接听、不允许或没有中继，坐席可能没有签入：不能让客户无处可去。等坐席的客户在排队里等。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"
[outbound]
allow = ["0x{9,11}"]
[[number]]
name = "95001"
number = "02155550000""#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"
[outbound]
allow = ["0x{9,11}"]
[[number]]
name = "95001"
number = "02155550000"
otherwise = { queue = "service" }"#,
        }),
    },
    Explanation {
        code: "HL206",
        severity: Error,
        rule: None,
        what: both("a key that does nothing on this way", "该键在这个去向上不起作用"),
        why: both(
            "`trunk`, `for` and `otherwise` belong to somebody outside: a menu or a queue answers always, a person has trunks of its own.",
            "`trunk`、`for`、`otherwise` 只用于外部去向：菜单和排队总会接住来电，责任人有自己的中继。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
queue = "service"
for = "10s""#,
            good: r#"[[number]]
name = "95001"
queue = "service""#,
        }),
    },
    Explanation {
        code: "HL207",
        severity: Warning,
        rule: None,
        what: both("a seat of `overflow` that serves the queue anyway", "溢出坐席本来就服务该排队"),
        why: both(
            "A step of the queue admits it sooner than `overflow` would, so that nobody helps in the last resort.",
            "该排队的某一步比 `overflow` 更早允许它，最后关头其实没有人帮忙。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
seats = ["1001"]
overflow = { seat = "1001" }"#,
            good: r#"[[seat]]
name = "1009"
password = "k7T-wq2"
queues = ["service"]
skills = { zh = 5 }
[[queue]]
name = "billing"
seats = ["1001"]
overflow = { seat = "1009" }"#,
        }),
    },
    Explanation {
        code: "HL208",
        severity: Error,
        rule: None,
        what: both("a way outside that leads back to itself", "外部去向又绕回它自己"),
        why: both(
            "If nobody answers there, `otherwise` goes on to a queue or menu that leads there again without the caller doing anything.",
            "那里无人接听时，`otherwise` 所去的排队或菜单又会自动转到那里，客户什么也没按。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"
[outbound]
allow = ["0x{9,11}"]
[[queue]]
name = "billing"
nobody = { number = "02155550000", otherwise = { queue = "billing" } }"#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"
[outbound]
allow = ["0x{9,11}"]
[[queue]]
name = "billing"
nobody = { number = "02155550000", otherwise = { queue = "service" } }"#,
        }),
    },
    Explanation {
        code: "HL209",
        severity: Error,
        rule: Some("R5"),
        what: both("a ring outside that is out of range", "外部振铃时长超出范围"),
        why: both(
            "Below 5 s nobody can answer; beyond the answer time the caller has waited too long for a person, and nobody has been asked but one.",
            "短于 5 秒来不及接听；超过接听时限，客户等人工已超时，却只问过一处。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"
[outbound]
allow = ["0x{9,11}"]
[[number]]
name = "95001"
number = "02155550000"
for = "45s"
otherwise = { queue = "service" }"#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"
[outbound]
allow = ["0x{9,11}"]
[[number]]
name = "95001"
number = "02155550000"
for = "15s"
otherwise = { queue = "service" }"#,
        }),
    },
];
