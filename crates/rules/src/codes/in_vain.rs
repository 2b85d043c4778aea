//! Explanations: what is written twice, waits for something else, or can never be.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 14] = [
    Explanation {
        code: "HL287",
        severity: Warning,
        rule: None,
        what: both("the same twice in one list", "列表里重复的内容"),
        why: both(
            "The second says nothing. Often one of the two was to be another. Numbers that are written otherwise and days inside of a stretch count as the same.",
            "第二个不起作用。往往其中一个本来要写别的。写法不同的同一个号码、日期段里的某一天也算相同。",
        ),
        example: Some(Example {
            bad: r#"[transfer]
targets = ["queues", "queues"]"#,
            good: r#"[transfer]
targets = ["queues", "seats"]"#,
        }),
    },
    Explanation {
        code: "HL288",
        severity: Warning,
        rule: None,
        what: both("a key that waits for another", "缺了另一个键就不起作用的键"),
        why: both(
            "It does nothing as long as the other is missing, or says that it is not asked for.",
            "缺少另一个键，或另一个键使它轮不到，它就不起作用。",
        ),
        example: Some(Example {
            bad: r#"[deadlines]
calendar = "service""#,
            good: r#"[deadlines]
calendar = "service"
clock = "business""#,
        }),
    },
    Explanation {
        code: "HL289",
        severity: Warning,
        rule: Some("R138"),
        what: both("shifts that never begin", "从不开始的班次"),
        why: both(
            "Seats sign in, and people use the API, while the calendar in `shifts` is open. One that never opens keeps everybody out.",
            "坐席签入、使用接口只在 `shifts` 的日历开放时。从不开放的日历把所有人都挡在外面。",
        ),
        example: Some(Example {
            bad: r#"[calendar.shifts]
zone = "Asia/Shanghai"
hours = { mon-fri = [] }
[access] # noqa: HL272
shifts = "shifts""#,
            good: r#"[calendar.shifts]
zone = "Asia/Shanghai"
hours = { daily = "00:00-24:00" }
[access] # noqa: HL272
shifts = "shifts""#,
        }),
    },
    Explanation {
        code: "HL290",
        severity: Warning,
        rule: Some("R138"),
        what: both("a network that is larger than it looks", "比看上去大的网段"),
        why: both(
            "The figure behind the `/` says how many bits of the address count. `10.0.0.5/8` is every address that begins with 10, and `/0` every one there is.",
            "`/` 后的数字是地址中算数的位数。`10.0.0.5/8` 是所有 10 开头的地址，`/0` 是所有地址。",
        ),
        example: Some(Example {
            bad: r#"[access] # noqa: HL272
networks = ["10.0.0.5/8"]"#,
            good: r#"[access] # noqa: HL272
networks = ["10.0.0.5", "192.0.2.0/24"]"#,
        }),
    },
    Explanation {
        code: "HL291",
        severity: Warning,
        rule: None,
        what: both("a pattern that no number fits", "没有号码符合的号码样式"),
        why: both(
            "Numbers are compared as they are dialled in the country: without its code, mobile ones without a 0, others with the 0 of their area code.",
            "号码按国内拨法比较：不带国家代码，手机号码前面没有 0，固定电话带区号的 0。",
        ),
        example: Some(Example {
            bad: r#"[[block]]
pattern = "86170x{8}""#,
            good: r#"[[block]]
pattern = "170x{8}""#,
        }),
    },
    Explanation {
        code: "HL292",
        severity: Warning,
        rule: None,
        what: both("a condition that is true of nobody who calls", "没有来电者符合的条件"),
        why: both(
            "Types and levels of customers come from customers, lists, look-ups and menus, and regions from area codes and prefixes. Nothing says it of anybody, so that this part of the condition never holds.",
            "客户类型和级别来自客户、客户表、查询和菜单，地区来自区号和号段。没有一处这样认定，条件的这一部分就永远不成立。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "other"
menu = "main"
[[number.gate]]
when = "customer_type == vip"
queue = "technical""#,
            good: r#"[[number]]
name = "other"
menu = "main"
[[number.gate]]
when = "customer_type == vip"
queue = "technical"
[[customer]]
name = "东方航运"
numbers = ["13800138000"]
customer_type = "vip""#,
        }),
    },
    Explanation {
        code: "HL293",
        severity: Warning,
        rule: None,
        what: both("a number of seats or calls that is never reached", "永远达不到的坐席数或来电数"),
        why: both(
            "Even with everybody signed in, fewer seats may serve than the condition asks for, or the queue's `limit` is lower. A step with such a `consider_if` is never waited in, that part of a gate's condition never holds, and a reserve with such a `waiting` does not serve by it.",
            "所有人都签入，可接的坐席也少于条件要求的数目，或排队的 `limit` 更小。这样的 `consider_if` 使这一步永远不等，分流条件的这一部分永远不成立，后备也不会因这样的 `waiting` 接听。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "other"
menu = "main"
[[number.gate]]
when = "signed_in(technical) >= 9"
queue = "technical""#,
            good: r#"[[number]]
name = "other"
menu = "main"
[[number.gate]]
when = "signed_in(technical) >= 1"
queue = "technical""#,
        }),
    },
    Explanation {
        code: "HL294",
        severity: Warning,
        rule: None,
        what: both("a reserve without a seat", "没有坐席的后备"),
        why: both(
            "No seat that the queue admits is one of its reserve, so that nobody more serves it while it is crowded.",
            "排队允许的坐席没有一个属于后备，拥挤时也就没有人增援。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "slow"
[[queue.step]]
requires = "anyone"
[queue.reserve]
requires = "billing >= 10"
waiting = 3"#,
            good: r#"[[queue]]
name = "slow"
[[queue.step]]
requires = "anyone"
[queue.reserve]
requires = "billing >= 3"
waiting = 3
[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 5 }"#,
        }),
    },
    Explanation {
        code: "HL295",
        severity: Warning,
        rule: None,
        what: both("a password that is the seat's name, a few figures or a usual word", "与坐席号相同、只有几位数字或常见的密码"),
        why: both(
            "Names of seats, rows of figures and the usual words are guessed in a moment, and whoever registers as a seat takes its calls and dials at the house's cost.",
            "坐席号、连续或很短的数字和常见的词一猜就中；谁以坐席注册，谁就能接它的来电，并用公司的费用外拨。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "1002"
skills = { zh = 5 }"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }"#,
        }),
    },
    Explanation {
        code: "HL296",
        severity: Warning,
        rule: None,
        what: both("two seats at one telephone", "两个坐席同一部话机"),
        why: both(
            "Each seat is offered a call of its own. Where two have the same `contact`, one telephone rings for both, and the second caller finds it busy. Shifts that take turns there, each with `sign_in = false` and a PIN, are not told of.",
            "每个坐席各派各的来电。两个坐席的 `contact` 相同，一部话机就要接两个来电，第二个客户会遇到占线。轮流在那里签入的班次（各写 `sign_in = false` 和 PIN）不提示。",
        ),
        example: Some(Example {
            bad: r#"[[seats]]
range = "b01-b02"
contact = "sip:desk@192.0.2.7:5060"
skills = { zh = 5 }"#,
            good: r#"[[seats]]
range = "b01-b02"
contact = "sip:{name}@192.0.2.7:5060"
skills = { zh = 5 }"#,
        }),
    },
    Explanation {
        code: "HL297",
        severity: Warning,
        rule: Some("R15"),
        what: both("a closed queue that leads to one that is closed too", "不开放时转到也不开放的排队"),
        why: both(
            "Where the calendar of the other queue is closed whenever this one's is, callers only take the `closed` of that one. Nobody waits there, and nobody serves them.",
            "另一个排队的日历在这个日历关闭时也关闭，客户只会走那里的 `closed`，既不会在那里等，也没有人接。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "late"
hours = "service"
closed = { goodbye = true }
[[queue]]
name = "early"
hours = "service"
closed = { queue = "late" }"#,
            good: r#"[[queue]]
name = "late"
hours = "daily"
closed = { goodbye = true }
[[queue]]
name = "early"
hours = "service"
closed = { queue = "late" }"#,
        }),
    },
    Explanation {
        code: "HL298",
        severity: Warning,
        rule: None,
        what: both("a part of a condition that says nothing", "条件中不起作用的部分"),
        why: both(
            "Whoever fulfils one part fulfils another, so that one of them decides nothing. Mostly another skill was meant, or another figure.",
            "满足其中一部分就满足另一部分，其中之一不起作用。多半是技能或数字写错了。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "slow"
[[queue.step]]
requires = "billing >= 5 | billing >= 7"
[[queue.step]]
after = "10s"
requires = "anyone""#,
            good: r#"[[queue]]
name = "slow"
[[queue.step]]
requires = "billing >= 5 | zh >= 7"
[[queue.step]]
after = "10s"
requires = "anyone""#,
        }),
    },
    Explanation {
        code: "HL299",
        severity: Warning,
        rule: Some("R151"),
        what: both("an announcement that is over", "已经结束的公告"),
        why: both(
            "After `until` it is no longer said by itself. A date that has passed is mostly one of the wrong year, and callers hear nothing of the fault.",
            "过了 `until` 就不再自动播放。过去的日期多半是年份写错，客户听不到故障公告。",
        ),
        example: Some(Example {
            bad: r#"[[announcement]]
name = "network-fault"
say = "welcome"
from = 2025-11-17T20:00:00
until = 2025-11-19T06:00:00"#,
            good: r#"[[announcement]]
name = "network-fault"
say = "welcome"
from = 2026-11-17T20:00:00
until = 2026-11-19T06:00:00"#,
        }),
    },
    Explanation {
        code: "HL300",
        severity: Warning,
        rule: None,
        what: both("a key of the order that decides nothing", "不起作用的排序依据"),
        why: both(
            "No two seats are idle for the same time, so that nothing behind `longest-idle` is ever asked.",
            "没有两个坐席空闲的时间相同，`longest-idle` 后面的永远轮不到。",
        ),
        example: Some(Example {
            bad: r#"[assign]
keys = ["longest-idle", "proficiency"]"#,
            good: r#"[assign]
keys = ["proficiency", "longest-idle"]"#,
        }),
    },
];
