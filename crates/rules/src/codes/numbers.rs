//! Explanations: who calls, who is turned away, and what is announced.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 10] = [
    Explanation {
        code: "HL170",
        severity: Warning,
        rule: None,
        what: both("a caller's number that is not complete", "来电号码不完整"),
        why: both(
            "Numbers are compared in full (`+862161234567`). This one can't be made so, and means only callers who show exactly these characters.",
            "号码按完整写法（`+862161234567`）比较；这个号码补不完整，只有来电显示一字不差才算。",
        ),
        example: Some(Example {
            bad: r#"[[customer]]
name = "east"
numbers = ["61234567"]"#,
            good: r#"[numbers]
area = "021"

[[customer]]
name = "east"
numbers = ["61234567"]"#,
        }),
    },
    Explanation {
        code: "HL171",
        severity: Error,
        rule: None,
        what: both("no country code or area code", "不是国家代码或区号"),
        why: both(
            "Local numbers are completed by these; a wrong one would make wrong numbers of all of them.",
            "本地号码靠它们补全；写错了，所有本地号码都会错。",
        ),
        example: Some(Example {
            bad: r#"[numbers]
country = "+86""#,
            good: r#"[numbers]
country = "86""#,
        }),
    },
    Explanation {
        code: "HL172",
        severity: Warning,
        rule: None,
        what: both("a house in another country that calls outside", "其他国家的热线要外呼"),
        why: both(
            "Callers are known by the numbering of `[numbers] country`, but numbers that the hotline dials are written as in China.",
            "来电号码按 `[numbers] country` 辨认，热线外呼的号码却仍按中国的写法。",
        ),
        example: Some(Example {
            bad: r#"[numbers]
country = "49"

[outbound]
allow = ["0x{9,11}"]"#,
            good: r#"[numbers]
country = "86"

[outbound]
allow = ["0x{9,11}"]"#,
        }),
    },
    Explanation {
        code: "HL173",
        severity: Warning,
        rule: None,
        what: both("a customer who is turned away", "客户会被拒接"),
        why: both(
            "The rules know this customer and block the number at the same time; the block comes first.",
            "规则里既有这个客户，又把号码列入黑名单；黑名单在先。",
        ),
        example: Some(Example {
            bad: r#"[[customer]]
name = "east"
numbers = ["13800138000"]

[[block]]
pattern = "138x{8}""#,
            good: r#"[[customer]]
name = "east"
numbers = ["13800138000"]

[[block]]
pattern = "139x{8}""#,
        }),
    },
    Explanation {
        code: "HL174",
        severity: Error,
        rule: None,
        what: both("a block that turns nobody away", "没有写明拦截谁的黑名单"),
        why: both("A block needs `numbers`, a `pattern` or `anonymous = true`.", "黑名单要写 `numbers`、`pattern` 或 `anonymous = true`。"),
        example: Some(Example {
            bad: r#"[[block]]
note = "threats""#,
            good: r#"[[block]]
numbers = ["13800138000"]
note = "threats""#,
        }),
    },
    Explanation {
        code: "HL175",
        severity: Error,
        rule: None,
        what: both("an announcement to blocked callers that is never said", "播放说明与拒接方式不符"),
        why: both(
            "`say` is heard with `answer = \"announcement\"` only, which needs it.",
            "`say` 只在 `answer = \"announcement\"` 时播放，两者要一起写。",
        ),
        example: Some(Example {
            bad: r#"[[block]]
anonymous = true
say = "welcome""#,
            good: r#"[[block]]
anonymous = true
answer = "announcement"
say = "please-wait""#,
        }),
    },
    Explanation {
        code: "HL176",
        severity: Error,
        rule: None,
        what: both("an emergency service on the block list", "黑名单里有报警、急救号码"),
        why: both(
            "Police, fire brigade and ambulance call back over these numbers; such a call is never turned away.",
            "报警、急救等会用这些号码回电，从不拦截。",
        ),
        example: Some(Example {
            bad: r#"[[block]]
numbers = ["13800138000", "110"]"#,
            good: r#"[[block]]
numbers = ["13800138000"]"#,
        }),
    },
    Explanation {
        code: "HL177",
        severity: Error,
        rule: None,
        what: both("an announcement that is over before it begins", "公告还没开始就已结束"),
        why: both(
            "Between `from` and `until` it is on by itself; that time must not be empty.",
            "`from` 到 `until` 之间自动开启，这段时间不能为空。",
        ),
        example: Some(Example {
            bad: r#"[[announcement]]
name = "works"
say = "please-wait"
from = 2026-11-18T20:00:00
until = 2026-11-18T06:00:00"#,
            good: r#"[[announcement]]
name = "works"
say = "please-wait"
from = 2026-11-18T20:00:00
until = 2026-11-19T06:00:00"#,
        }),
    },
    Explanation {
        code: "HL178",
        severity: Error,
        rule: None,
        what: both("an announcement for a number that is not there", "公告用到的号码没有定义"),
        why: both(
            "An announcement is said before the menus of the numbers that it names; each must be a `[[number]]` or one of its aliases.",
            "公告在写明的号码的菜单之前播放；这些号码要有 `[[number]]` 或是其别名。",
        ),
        example: Some(Example {
            bad: r#"[[announcement]]
name = "works"
say = "please-wait"
numbers = ["4000000000"]"#,
            good: r#"[[announcement]]
name = "works"
say = "please-wait""#,
        }),
    },
    Explanation {
        code: "HL179",
        severity: Warning,
        rule: None,
        what: both("a menu before the answer", "接通之前的菜单"),
        why: both(
            "Before the 200 many networks carry sound to the caller only: keys are not heard, and callers end where `failed` leads.",
            "接通（200）之前，很多网络只向主叫传声音：收不到按键，来电最后走 `failed`。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "early"
menu = "main"
pick_up = "early-media""#,
            good: r#"[[number]]
name = "early"
queue = "service"
pick_up = "early-media""#,
        }),
    },
];
