//! Explanations: who calls, who is turned away, and what is announced.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 3] = [
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
];
