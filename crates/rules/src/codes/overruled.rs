//! Explanations: what something stronger overrules, and files and trunks that hold nothing of their own.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 6] = [
    Explanation {
        code: "HL301",
        severity: Warning,
        rule: Some("R25"),
        what: both("a priority that the matter overrules", "被事项取代的优先级"),
        why: both(
            "Matters in `urgent_kinds`, and problems that reach as far as `urgent_impact`, are always urgent. A lower priority beside them does nothing.",
            "`urgent_kinds` 里的事项和影响到 `urgent_impact` 的问题一律紧急。旁边写的较低优先级不起作用。",
        ),
        example: Some(Example {
            bad: r#"[menu.other]
say = "welcome"
[menu.other.keys]
1 = { set = { topic = "network_fault", priority = "ordinary" }, queue = "technical" }
0 = { queue = "service" }
[[number]]
name = "95000"
menu = "other""#,
            good: r#"[menu.other]
say = "welcome"
[menu.other.keys]
1 = { set = { topic = "network_fault" }, queue = "technical" }
0 = { queue = "service" }
[[number]]
name = "95000"
menu = "other""#,
        }),
    },
    Explanation {
        code: "HL302",
        severity: Warning,
        rule: Some("R24"),
        what: both("calls that are all urgent too soon", "过早都成了紧急的来电"),
        why: both(
            "A waiting call goes up one priority for each `ageing`. Where that makes everybody urgent within the answer time, urgent calls no longer go first.",
            "来电每等 `ageing` 升一级。在接听时限内就都成了紧急，真正紧急的就不再优先。",
        ),
        example: Some(Example {
            bad: r#"[priority]
ageing = "10s""#,
            good: r#"[priority]
ageing = "5min""#,
        }),
    },
    Explanation {
        code: "HL303",
        severity: Warning,
        rule: Some("R5"),
        what: both("a ring that leaves no time for a second", "来不及再派的振铃"),
        why: both(
            "A seat that does not answer rings in full before the next is offered the call. With more than half of the answer time for one ring, the second comes too late.",
            "坐席不接听时，响满才派给下一个。一次振铃超过接听时限的一半，第二次就来不及了。",
        ),
        example: Some(Example {
            bad: r#"[timers]
ring_per_offer = "16s""#,
            good: r#"[timers]
ring_per_offer = "15s""#,
        }),
    },
    Explanation {
        code: "HL304",
        severity: Warning,
        rule: None,
        what: both("our own number on the block list, or as a customer's", "把自己的号码写进黑名单或客户"),
        why: both(
            "Calls that are diverted or led back to the hotline show a number of ours. The block list turns these callers away as well, and all of them are taken for a customer who has that number.",
            "转回热线的来电显示的是热线自己的号码。黑名单会把这些客户也拒之门外；写成客户的号码，则会把他们都当作那个客户。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "4008000000"
queue = "service"
[[block]]
pattern = "400x{7}""#,
            good: r#"[[number]]
name = "4008000000"
queue = "service"
[[block]]
pattern = "4001x{6}""#,
        }),
    },
    Explanation {
        code: "HL305",
        severity: Warning,
        rule: None,
        what: both("a file of cells without a row", "没有数据的表格"),
        why: both(
            "Behind the header there is nothing: no customer is known, no prefix tells a region. Mostly an export has failed.",
            "表头之后什么也没有：认不出客户，也判断不了地区。多半是导出失败。",
        ),
        example: Some(Example {
            bad: r#"[[customers]]
file = "customers.csv"
-- customers.csv --
number,customer_type"#,
            good: r#"[[customers]]
file = "customers.csv"
-- customers.csv --
number,customer_type
13800138000,vip"#,
        }),
    },
    Explanation {
        code: "HL306",
        severity: Warning,
        rule: None,
        what: both("two trunks that are one", "其实是同一条的两条中继"),
        why: both(
            "They have the same address, the same number and the same limit. Calls that one can't take the other can't either, so that nothing takes over.",
            "地址、号码和 `limit` 都相同。一条接不了的，另一条也接不了，起不到备用作用。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example:5060"
from = "02161230000"
[[trunk]]
name = "second"
contact = "sip:gw.example:5060"
from = "02161230000""#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example:5060"
from = "02161230000"
[[trunk]]
name = "second"
contact = "sip:gw2.example:5060"
from = "02161230000""#,
        }),
    },
];
