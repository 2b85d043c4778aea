//! Explanations: numbers outside and call-backs.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 9] = [
    Explanation {
        code: "HL090",
        severity: Error,
        rule: None,
        what: both("a pattern of numbers that can not be read", "号码规则无法识别"),
        why: both(
            "A pattern is digits, `x` for any digit, `[3-9]`, and `{9}` or `{9,11}` for how often; it fits whole numbers only.",
            "规则由数字、代表任意数字的 `x`、`[3-9]`，以及表示次数的 `{9}` 或 `{9,11}` 组成，只匹配整个号码。",
        ),
        example: Some(Example {
            bad: r#"[outbound]
allow = ["1[3-9x{9}"]"#,
            good: r#"[outbound]
allow = ["1[3-9]x{9}"]"#,
        }),
    },
    Explanation {
        code: "HL091",
        severity: Error,
        rule: None,
        what: both("not a number or address that can be dialled", "不是可拨的号码或地址"),
        why: both(
            "Numbers are digits 0-9 with one `+` before them at most; a partner's SIP address must not hide a number.",
            "号码是数字 0-9，前面最多一个 `+`；伙伴的 SIP 地址里不能藏着号码。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[person]]
name = "chief"
number = "１３８００１３８０００""#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[person]]
name = "chief"
number = "13800138000""#,
        }),
    },
    Explanation {
        code: "HL092",
        severity: Error,
        rule: None,
        what: both("a number that may not be dialled", "不允许外呼的号码"),
        why: both(
            "The hotline calls only what `[outbound] allow` fits: never emergency numbers by itself, never a number of its own.",
            "热线只呼叫 `[outbound] allow` 允许的号码，从不自行呼叫紧急号码，也不呼叫自己的号码。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[person]]
name = "chief"
number = "02188886666""#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}", "021x{8}"]

[[person]]
name = "chief"
number = "02188886666""#,
        }),
    },
    Explanation {
        code: "HL093",
        severity: Error,
        rule: None,
        what: both("no trunk leads there", "没有中继通向那里"),
        why: both(
            "Calls outside go over a `[[trunk]]`; the one named is not declared, or there is none.",
            "外呼要经过 `[[trunk]]`；写明的中继没有定义，或一条也没有。",
        ),
        example: Some(Example {
            bad: r#"[outbound]
allow = ["1[3-9]x{9}"]

[[person]]
name = "chief"
number = "13800138000""#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[person]]
name = "chief"
number = "13800138000""#,
        }),
    },
    Explanation {
        code: "HL094",
        severity: Error,
        rule: None,
        what: both("unknown partner", "未知的伙伴"),
        why: both("`overflow` names a partner that no `[[partner]]` declares.", "`overflow` 用到的伙伴没有在规则中定义（`[[partner]]`）。"),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[partner]]
name = "night"
uri = "sip:line7@partner.example"

[[queue]]
name = "billing"
overflow = { partner = "nigth" }"#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[partner]]
name = "night"
uri = "sip:line7@partner.example"

[[queue]]
name = "billing"
overflow = { partner = "night" }"#,
        }),
    },
    Explanation {
        code: "HL095",
        severity: Error,
        rule: None,
        what: both("call-backs without anybody to call", "无法外呼的回拨"),
        why: both(
            "A call-back dials the caller: it needs a `[[trunk]]`, and numbers allowed in `[outbound]`.",
            "回拨要呼叫客户：须有 `[[trunk]]`，并在 `[outbound]` 中允许号码。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
callback = { key = "2" }"#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[queue]]
name = "billing"
callback = { key = "2" }"#,
        }),
    },
    Explanation {
        code: "HL096",
        severity: Error,
        rule: None,
        what: both("a call-back from a queue that calls nobody back", "转到不提供回拨的排队"),
        why: both(
            "A branch leads to `callback` of a queue that has no `callback`.",
            "分支用 `callback` 转到某个排队，而该排队没有写 `callback`。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[queue]]
name = "billing"
limit = 100

[[number]]
name = "95001"
callback = "billing""#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[queue]]
name = "billing"
callback = { key = "2" }

[[number]]
name = "95001"
callback = "billing""#,
        }),
    },
    Explanation {
        code: "HL097",
        severity: Warning,
        rule: None,
        what: both("a call-back is offered on a key that does nothing", "播报的回拨按键无效"),
        why: both(
            "The built-in prompt `callback-offer` tells callers to press 2; the queue must take 2 for a call-back.",
            "内置提示音 `callback-offer` 请客户按 2，该排队须用 2 作回拨按键。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[queue]]
name = "billing"
say = "callback-offer"
callback = { key = "3" }"#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[queue]]
name = "billing"
say = "callback-offer"
callback = { key = "2" }"#,
        }),
    },
    Explanation {
        code: "HL099",
        severity: Error,
        rule: None,
        what: both("further findings are not shown", "其余问题未列出"),
        why: both(
            "At most 200 findings are shown; one slip often causes many. Mend the first ones and check again.",
            "最多列出 200 处问题；一处笔误往往引出许多。请先改前面的，再检查一次。",
        ),
        example: None,
    },
];
