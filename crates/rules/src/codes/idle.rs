//! Explanations: what lets nobody in, can't come true, or allows nothing.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 3] = [
    Explanation {
        code: "HL326",
        severity: Warning,
        rule: None,
        what: both("an alternative of a step that no seat of the queue fulfils", "步骤里没有坐席符合的一个“或”"),
        why: both(
            "Each alternative of a step is a way in for some seat of its queue. One that none of them fulfils, whoever is signed in, adds nobody: the step relaxes nothing by it, and callers wait as before. Where the skill is planned, `# noqa: HL326` at the end of the line allows it.",
            "步骤里的每个“或”都应让排队的某些坐席可接。没有一个坐席符合的，谁签入都不增加人：这一步并没有因此放宽，来电者照样等待。技能已在计划中的，在该行末尾写 `# noqa: HL326`。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "support"
extension = "88"
[[queue.step]]
requires = "billing >= 5 | zh >= 10""#,
            good: r#"[[queue]]
name = "support"
extension = "88"
[[queue.step]]
requires = "billing >= 5 | zh >= 9""#,
        }),
    },
    Explanation {
        code: "HL327",
        severity: Error,
        rule: None,
        what: both("a test that no call passes", "任何来电都通不过的测试"),
        why: both(
            "Two of its expectations exclude each other, or a queue has no such step. It fails whatever the rules do, so that it says nothing about them.",
            "其中两项期望互相矛盾，或排队没有这一步。无论规则怎样写它都不通过，也就检验不了规则。",
        ),
        example: Some(Example {
            bad: r#"[[test]]
name = "enquiry"
given = { at = 2026-11-18T10:00:00 }
expect = { within = "5s", not_before = "10s" }"#,
            good: r#"[[test]]
name = "enquiry"
given = { at = 2026-11-18T10:00:00 }
expect = { within = "10s", not_before = "5s" }"#,
        }),
    },
    Explanation {
        code: "HL328",
        severity: Warning,
        rule: None,
        what: both("a `noqa` that allows nothing", "不起作用的 `noqa`"),
        why: both(
            "No warning of this code begins on its line: what it allowed is gone, or it stands on another line. Left there, it hides the next one. Codes that are told only on some days or with recordings at hand (HL060, HL143) are not counted.",
            "该行没有这个编号的警告：要放过的已经没有了，或写错了行。留着它会掩盖以后的警告。只在某些日期或有录音时才报告的编号（HL060、HL143）不算。",
        ),
        example: Some(Example {
            bad: r#"[timers]
answer = "30s" # noqa: HL084"#,
            good: r#"[timers]
answer = "30s""#,
        }),
    },
];
