//! Explanations: `[access]` that keeps out whom callers need, and what is at odds with the rest of the rules.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 15] = [
    Explanation {
        code: "HL311",
        severity: Warning,
        rule: Some("R138"),
        what: both("seats that may sign in at no telephone", "在任何话机上都不能签入的坐席"),
        why: both(
            "With `devices` nobody signs in elsewhere. A seat without a PIN has only its own telephone: if that is not listed, it never signs in again once it has signed out, and with `sign_in = false` it never works.",
            "写了 `devices`，就只能在列出的话机上签入。没有 PIN 的坐席只有自己的话机：没列出的，签出后就再也不能签入；写了 `sign_in = false` 的永远不能上岗。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }

[access]
devices = ["1001"]"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }

[access]
devices = ["1001", "1002"]"#,
        }),
    },
    Explanation {
        code: "HL312",
        severity: Warning,
        rule: Some("R138"),
        what: both("hours with callers in which nobody may sign in", "有来电而谁也不能签入的时间"),
        why: both(
            "Outside `shifts` no seat signs in and nobody uses the API. Who was signed in before stays, but whoever comes later, or has to sign in anew, is refused while callers wait. \
             Compared are the hours of queues and of `closed` gates, and queues that callers reach while all of them are closed: without hours, or as complaints (R17). \
             Of calendars in another time zone the weeks are compared, as the clocks go now.",
            "不在 `shifts` 的时间里，坐席不能签入，也不能使用接口。已签入的留在岗上，而晚到的、要重新签入的会被拒绝，来电却在等。\
             与之比较的是排队和 `closed` 分流所用的日历，以及这些日历都关闭时仍能进入的排队：没有写时间的，或受理投诉的（R17）。\
             时区不同的日历按目前的时差比较每周的时间。",
        ),
        example: Some(Example {
            bad: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
complaints_24h = false

[calendar.shifts]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-18:00" }

[[number]]
name = "95001"
queue = "service"
gate = [{ closed = "office", say = "welcome", goodbye = true }]

[access]
shifts = "shifts""#,
            good: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
complaints_24h = false

[calendar.shifts]
zone = "Asia/Shanghai"
hours = { daily = "00:00-24:00" }

[[number]]
name = "95001"
queue = "service"
gate = [{ closed = "office", say = "welcome", goodbye = true }]

[access]
shifts = "shifts""#,
        }),
    },
    Explanation {
        code: "HL313",
        severity: Error,
        rule: None,
        what: both("a trunk that calls from no number", "中继的主叫不是号码"),
        why: both(
            "`from` is our own number as the callee sees it and calls it back. Networks replace what is no number, or refuse the call.",
            "`from` 是热线自己的号码，被叫看到它，也会回拨它。不是号码的，运营商会替换或拒绝呼叫。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example:5060"
from = "hotline""#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example:5060"
from = "02161230000""#,
        }),
    },
    Explanation {
        code: "HL314",
        severity: Warning,
        rule: Some("R4"),
        what: both("grades in the wrong order", "等级的次序颠倒"),
        why: both(
            "Each grade begins where the better one ends. One that begins above the better one turns the report around.",
            "每一级从上一级的下限开始。较差的一级从更高处开始，报表的等级就颠倒了。",
        ),
        example: Some(Example {
            bad: r#"[kpi]
connect_rate = { excellent = 0.98, floor = 0.99 }"#,
            good: r#"[kpi]
connect_rate = { excellent = 0.995, floor = 0.99 }"#,
        }),
    },
    Explanation {
        code: "HL315",
        severity: Warning,
        rule: Some("R68"),
        what: both("sensitive calls that nobody may take", "没有坐席可以接的敏感来电"),
        why: both(
            "A sensitive call asks for a cleared seat and for the skills of `[sensitive]`. Where no seat has both, such callers wait for ever.",
            "敏感来电要求坐席获得授权，并具备 `[sensitive]` 的技能。没有坐席两者兼备，客户就一直等下去。",
        ),
        example: Some(Example {
            bad: r#"[sensitive]
skills = ["zh >= 8"]

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }
cleared = true"#,
            good: r#"[sensitive]
skills = ["zh >= 5"]

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }
cleared = true"#,
        }),
    },
    Explanation {
        code: "HL316",
        severity: Warning,
        rule: None,
        what: both("a `set` that sets nothing", "什么也没有设置的 `set`"),
        why: both("Nothing is in it, so that nothing is known of whoever comes this way.", "里面是空的，从这里走的来电什么也没有写明。"),
        example: Some(Example {
            bad: r#"[menu.other]
say = "welcome"
[menu.other.keys]
1 = { set = {}, queue = "technical" }
0 = { queue = "service" }
[[number]]
name = "95000"
menu = "other""#,
            good: r#"[menu.other]
say = "welcome"
[menu.other.keys]
1 = { set = { kind = "problem_report" }, queue = "technical" }
0 = { queue = "service" }
[[number]]
name = "95000"
menu = "other""#,
        }),
    },
    Explanation {
        code: "HL317",
        severity: Warning,
        rule: Some("R29"),
        what: both("a word for complaints where nobody complains", "用在非投诉上的投诉用语"),
        why: both(
            "`category` and `level` say what a complaint is about and how grave it is: only calls with `kind = \"complaint\"` get priorities and deadlines by them.",
            "`category` 和 `level` 说明投诉的内容和轻重，只有 `kind = \"complaint\"` 的来电才按它们定优先级和时限。",
        ),
        example: Some(Example {
            bad: r#"[menu.other]
say = "welcome"
[menu.other.keys]
1 = { set = { kind = "enquiry", category = "product" }, queue = "technical" }
0 = { queue = "service" }
[[number]]
name = "95000"
menu = "other""#,
            good: r#"[menu.other]
say = "welcome"
[menu.other.keys]
1 = { set = { kind = "complaint", category = "product" }, queue = "technical" }
0 = { queue = "service" }
[[number]]
name = "95000"
menu = "other""#,
        }),
    },
    Explanation {
        code: "HL318",
        severity: Warning,
        rule: None,
        what: both("an order of seats by what nobody has", "按谁都没有的内容给坐席排先后"),
        why: both(
            "`customer-type` goes by the `customer_types` of seats, `preference` by whom customers prefer. Where none is written, all seats are alike to it.",
            "`customer-type` 看坐席的 `customer_types`，`preference` 看客户的 `preferred`。都没有写，所有坐席就不分先后。",
        ),
        example: Some(Example {
            bad: r#"[assign]
keys = ["owner", "customer-type", "longest-idle"]"#,
            good: r#"[assign]
keys = ["owner", "customer-type", "longest-idle"]

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }
customer_types = ["vip"]"#,
        }),
    },
    Explanation {
        code: "HL319",
        severity: Warning,
        rule: Some("R39"),
        what: both("a distance within which everybody is near", "把所有地区都算作近的距离"),
        why: both(
            "Near seats go before far ones. Where the longest distance of the table still counts as near, no seat is far.",
            "就近坐席优先。表中最远的距离也算近，就没有远的坐席了。",
        ),
        example: Some(Example {
            bad: r#"[distance]
"华东" = { "华北" = 1200 }
[assign]
near = 5000"#,
            good: r#"[distance]
"华东" = { "华北" = 1200 }
[assign]
near = 300"#,
        }),
    },
    Explanation {
        code: "HL320",
        severity: Warning,
        rule: None,
        what: both("an exception of a calendar in the far future", "很多年以后的日历例外"),
        why: both(
            "Nobody plans opening hours more than ten years ahead: the year is likely a slip, and the day that was meant has its usual hours.",
            "没有人会安排十年以后的服务时间：年份多半写错了，原本要写的那天仍是平时的时间。",
        ),
        example: Some(Example {
            bad: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
exceptions = [{ day = 2206-12-31, hours = "08:00-12:00" }]"#,
            good: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
exceptions = [{ day = 2026-12-31, hours = "08:00-12:00" }]"#,
        }),
    },
    Explanation {
        code: "HL321",
        severity: Warning,
        rule: Some("R57"),
        what: both("open matters that lead to nobody", "不再派给责任人的未了结事项"),
        why: both(
            "With `open = true` a matter stays with whoever took it, who is offered the customer's next call. With `matter_open_for = \"0s\"` that is over at once.",
            "`open = true` 表示事项未了结，客户再来电先派给责任人。`matter_open_for = \"0s\"` 使这立即失效。",
        ),
        example: Some(Example {
            bad: r#"[desk]
dispositions = [{ name = "follow-up", digit = "2", open = true }]
matter_open_for = "0s""#,
            good: r#"[desk]
dispositions = [{ name = "follow-up", digit = "2", open = true }]
matter_open_for = "7d""#,
        }),
    },
    Explanation {
        code: "HL322",
        severity: Warning,
        rule: Some("R138"),
        what: both("a seat that `[access]` does not ask", "不受 `[access]` 检查的坐席"),
        why: both(
            "`[access]` asks whoever signs in: when, from where, at which telephone. A seat with `sign_in = true` never signs in. Where `[access]` says something, `false` is what is left out.",
            "`[access]` 在签入时检查时间、网段和话机。`sign_in = true` 的坐席不用签入，也就不受检查。写了 `[access]` 时，不写 `sign_in` 就是 `false`。",
        ),
        example: Some(Example {
            bad: r#"[access]
networks = ["10.0.0.0/8"]
[[seat]]
name = "2001"
skills = { zh = 5 }
password = "of-2001"
sign_in = true"#,
            good: r#"[access]
networks = ["10.0.0.0/8"]
[[seat]]
name = "2001"
skills = { zh = 5 }
password = "of-2001""#,
        }),
    },
    Explanation {
        code: "HL323",
        severity: Warning,
        rule: Some("R138"),
        what: both("one `ha1` for two seats or phones", "两个坐席或公用话机的 `ha1` 相同"),
        why: both(
            "The hash is made of name, realm and password. One that was copied is made of the other's name: whoever has it here can't register, and nothing says why.",
            "`ha1` 由名称、realm 和密码算出。照抄来的是用别人的名称算的：这一个无法注册，也看不出原因。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "2001"
skills = { zh = 5, billing = 5 }
ha1 = { sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }
[[seat]]
name = "2002"
skills = { zh = 5, billing = 5 }
ha1 = { sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }"#,
            good: r#"[[seat]]
name = "2001"
skills = { zh = 5, billing = 5 }
ha1 = { sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }
[[seat]]
name = "2002"
skills = { zh = 5, billing = 5 }
ha1 = { sha256 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752" }"#,
        }),
    },
    Explanation {
        code: "HL324",
        severity: Warning,
        rule: Some("R68"),
        what: both("a sensitive call that is led outside", "敏感来电转到外部"),
        why: both(
            "Only seats that are cleared hear sensitive matters, and nobody outside is. The number is never called; the call goes on by `otherwise` at once.",
            "敏感来电只能由获得授权的坐席接听，外部无人获得授权。该号码从不外呼，来电立即按 `otherwise` 处理。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example:5060"
from = "02161230000"
[outbound]
allow = ["1[3-9]x{9}"]
[[number]]
name = "95001"
set = { sensitive = true }
number = "13800138000"
otherwise = { goodbye = true }"#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example:5060"
from = "02161230000"
[outbound]
allow = ["1[3-9]x{9}"]
[[number]]
name = "95001"
number = "13800138000"
otherwise = { goodbye = true }"#,
        }),
    },
    Explanation {
        code: "HL325",
        severity: Warning,
        rule: None,
        what: both("a block that an earlier one hides", "被前面遮住的黑名单"),
        why: both(
            "Of all blocks the first that fits a caller decides, whether by its `numbers` or by a `pattern`. What a later one says of the same callers is never used.",
            "来电符合几条黑名单时，以写在最前面的一条为准，不论是 `numbers` 还是 `pattern`。后面的一条对这些来电不起作用。",
        ),
        example: Some(Example {
            bad: r#"[[block]]
pattern = "139x{8}"
[[block]]
numbers = ["13900001111"]
answer = "486""#,
            good: r#"[[block]]
numbers = ["13900001111"]
answer = "486"
[[block]]
pattern = "139x{8}""#,
        }),
    },
];
