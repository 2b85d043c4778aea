//! Explanations: surveys.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 6] = [
    Explanation {
        code: "HL220",
        severity: Error,
        rule: Some("R105"),
        what: both("a score that is low and satisfied at once", "既算低分又算满意的分数"),
        why: both(
            "A low score is followed up by a person, a satisfied one counts in CSAT: no score can be both.",
            "低分要由人回访，满意的计入满意度，同一个分数不能两者都是。",
        ),
        example: Some(Example {
            bad: r#"[survey]
low = 7"#,
            good: r#"[survey]
low = 5"#,
        }),
    },
    Explanation {
        code: "HL221",
        severity: Error,
        rule: Some("R72"),
        what: both("a score beyond the scale", "超出最高分的分数"),
        why: both(
            "`low` and `satisfied` are scores of the scale: with `scale = 5` the manual's 4 and 7 no longer fit, so all three are set together.",
            "`low` 和 `satisfied` 都是量表里的分数：`scale = 5` 时手册的 4 和 7 不再适用，三个要一起设置。",
        ),
        example: Some(Example {
            bad: r#"[survey]
scale = 5"#,
            good: r#"[survey]
scale = 5
low = 2
satisfied = 4"#,
        }),
    },
    Explanation {
        code: "HL222",
        severity: Warning,
        rule: Some("R72"),
        what: both("half of a survey", "只有一半的调查"),
        why: both(
            "Callers are asked when `queues` says whose and `questions` what; without one of them nobody is.",
            "`queues` 写问谁，`questions` 写问什么；缺一个就谁也不问。",
        ),
        example: Some(Example {
            bad: r#"[survey]
queues = ["service"]"#,
            good: r#"[survey]
queues = ["service"]
questions = [{ dimension = "quality", say = "please-wait" }]"#,
        }),
    },
    Explanation {
        code: "HL223",
        severity: Error,
        rule: Some("R106"),
        what: both("a dimension that is asked twice", "同一维度问了两次"),
        why: both(
            "A call's record has one score of each of the five dimensions; a second answer would replace the first.",
            "一通电话在五个维度上各有一个分数，第二次的回答会盖掉第一次的。",
        ),
        example: Some(Example {
            bad: r#"[survey]
queues = ["service"]
questions = [
    { dimension = "quality", say = "please-wait" },
    { dimension = "quality", say = "please-wait" },
]"#,
            good: r#"[survey]
queues = ["service"]
questions = [
    { dimension = "quality", say = "please-wait" },
    { dimension = "attitude", say = "please-wait" },
]"#,
        }),
    },
    Explanation {
        code: "HL224",
        severity: Warning,
        rule: Some("R68"),
        what: both("sensitive callers are asked by a machine", "敏感来电由机器询问"),
        why: both(
            "Sensitive matters are handled first, and the customer is asked afterwards by a person; the hotline can't know that a matter is handled while the call lasts.",
            "敏感事项先处理、后由人工反馈；通话还没结束，热线无从知道事情是否已处理。",
        ),
        example: Some(Example {
            bad: r#"[sensitive]
no_survey = false
[survey]
queues = ["service"]
questions = [{ dimension = "quality", say = "please-wait" }]"#,
            good: r#"[sensitive]
no_survey = true
[survey]
queues = ["service"]
questions = [{ dimension = "quality", say = "please-wait" }]"#,
        }),
    },
    Explanation {
        code: "HL225",
        severity: Warning,
        rule: Some("R99"),
        what: both("a survey with a share of 0", "抽样比例为 0 的调查"),
        why: both(
            "Nobody is asked but those who complained, who always are. A survey that is switched off is better left out.",
            "除投诉客户（总要问）外谁也不问；想停用，不如删去。",
        ),
        example: Some(Example {
            bad: r#"[survey]
queues = ["service"]
questions = [{ dimension = "quality", say = "please-wait" }]
share = 0"#,
            good: r#"[survey]
queues = ["service"]
questions = [{ dimension = "quality", say = "please-wait" }]
share = 0.1"#,
        }),
    },
];
