//! Explanations: messages that callers leave.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 5] = [
    Explanation {
        code: "HL200",
        severity: Error,
        rule: None,
        what: both("an unknown voicemail", "未知的留言"),
        why: both(
            "A branch leads to a voicemail that no file declares: callers would come to nothing.",
            "分支指向的留言没有定义：来电者将无处可去。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
voicemail = "after-hour"

[voicemail.after-hours] # noqa: HL203
queue = "service""#,
            good: r#"[[number]]
name = "95001"
voicemail = "after-hours"

[voicemail.after-hours]
queue = "service""#,
        }),
    },
    Explanation {
        code: "HL201",
        severity: Error,
        rule: Some("R19"),
        what: both("a voicemail that nobody answers", "没有人处理的留言"),
        why: both(
            "Every message is to be answered within `timers.deferred_response`; the people of its queue do, and they alone may listen to it.",
            "每条留言都要在 `timers.deferred_response` 内处理：由 `queue` 的人员处理，也只有他们可以收听。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
voicemail = "after-hours"

[voicemail.after-hours]
longest = "2min""#,
            good: r#"[[number]]
name = "95001"
voicemail = "after-hours"

[voicemail.after-hours]
queue = "service"
longest = "2min""#,
        }),
    },
    Explanation {
        code: "HL202",
        severity: Error,
        rule: None,
        what: both("a voicemail into which no message fits", "留不下留言的设置"),
        why: both(
            "`longest` must be longer than `shortest`, or no message counts, and longer than `silence`, or silence never ends one.",
            "`longest` 须长于 `shortest`，否则没有一条算数；也须长于 `silence`，否则静默永远不会结束留言。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
voicemail = "after-hours"

[voicemail.after-hours]
queue = "service"
longest = "10s"
silence = "15s""#,
            good: r#"[[number]]
name = "95001"
voicemail = "after-hours"

[voicemail.after-hours]
queue = "service"
longest = "60s"
silence = "15s""#,
        }),
    },
    Explanation {
        code: "HL203",
        severity: Warning,
        rule: None,
        what: both("a voicemail that nobody reaches", "没有来电会进入的留言"),
        why: both("It is declared, and no branch names it.", "定义了留言，却没有任何分支引用它。"),
        example: Some(Example {
            bad: r#"[voicemail.after-hours]
queue = "service""#,
            good: r#"[[number]]
name = "95001"
voicemail = "after-hours"

[voicemail.after-hours]
queue = "service""#,
        }),
    },
    Explanation {
        code: "HL204",
        severity: Error,
        rule: None,
        what: both("a full voicemail that leads to a voicemail", "留言已满又转去留言"),
        why: both("The other may be full as well, and callers would be led in a circle.", "另一个也可能已满，来电者会被转来转去。"),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
voicemail = "after-hours"

[voicemail.after-hours]
queue = "service"
full = { voicemail = "after-hours" }"#,
            good: r#"[[number]]
name = "95001"
voicemail = "after-hours"

[voicemail.after-hours]
queue = "service"
full = { queue = "service" }"#,
        }),
    },
];
