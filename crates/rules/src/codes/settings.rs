//! Explanations: settings of the manual's Part J, and exceptions of calendars.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 9] = [
    Explanation {
        code: "HL180",
        severity: Warning,
        rule: None,
        what: both("an exception of a calendar that another hides", "被遮住的日历例外"),
        why: both(
            "Of two exceptions for one day the first in the list holds; the other is never looked at.",
            "同一天有两个例外时，以列表里前面的为准，后面的不起作用。",
        ),
        example: Some(Example {
            bad: r#"[calendar.office] # noqa: HL122
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
exceptions = [
    { day = "2027-12-24..2027-12-31", hours = "08:00-12:00" },
    { day = 2027-12-31, closed = true },
]"#,
            good: r#"[calendar.office] # noqa: HL122
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
exceptions = [
    { day = 2027-12-31, closed = true },
    { day = "2027-12-24..2027-12-30", hours = "08:00-12:00" },
]"#,
        }),
    },
    Explanation {
        code: "HL181",
        severity: Warning,
        rule: None,
        what: both("an exception of a calendar that does nothing", "不起作用的日历例外"),
        why: both("Its days are over, or have these hours anyway.", "日子已过去，或本来就是这样的时间。"),
        example: Some(Example {
            bad: r#"[calendar.office] # noqa: HL122
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
exceptions = [{ day = 2027-12-25, closed = true }] # a Saturday"#,
            good: r#"[calendar.office] # noqa: HL122
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
exceptions = [{ day = 2027-12-25, hours = "08:00-12:00" }]"#,
        }),
    },
    Explanation {
        code: "HL183",
        severity: Error,
        rule: Some("R24"),
        what: both("priorities in another order", "优先级的次序不对"),
        why: both(
            "Urgent goes before important, and that before ordinary. The key may state it and not change it.",
            "紧急先于重要，重要先于普通。这个键只能照写，不能改。",
        ),
        example: Some(Example {
            bad: r#"[priority]
order = ["important", "urgent", "ordinary"]"#,
            good: r#"[priority]
order = ["urgent", "important", "ordinary"]"#,
        }),
    },
    Explanation {
        code: "HL184",
        severity: Error,
        rule: Some("R82"),
        what: both("a complaint completed before it is responded to", "投诉的办结早于答复"),
        why: both("Of a complaint's level, `first` is at most `completion`.", "投诉等级的 `first` 不能长于 `completion`。"),
        example: Some(Example {
            bad: r#"[deadlines.complaint]
L1 = { first = "48h", completion = "24h" }"#,
            good: r#"[deadlines.complaint]
L1 = { first = "12h", completion = "24h" }"#,
        }),
    },
    Explanation {
        code: "HL185",
        severity: Error,
        rule: Some("R62"),
        what: both("a deadline beyond the manual", "办理时限超过手册"),
        why: both(
            "Common problems are handled within 2 h (R62), complex ones within 4 h (R63), major ones within 24 h (R64); a profile like `m2` (R65) or `m3` (R66, R94) has other figures. Complaints have those of their level (R82-R84), results 24 h (R67), follow-ups 72 h (R92). They may be shorter. To go beyond, state the reason in `manual_override` of `[deadlines]`.",
            "常见问题 2 小时（R62），复杂 4 小时（R63），重大 24 小时（R64）；`m2`（R65）、`m3`（R66、R94）另有规定。投诉按等级（R82–R84），结果反馈 24 小时（R67），回访 72 小时（R92）。可以更短；要超过须在 `[deadlines]` 的 `manual_override` 写明理由。",
        ),
        example: Some(Example {
            bad: r#"[deadlines]
common = "3h""#,
            good: r#"[deadlines]
common = "90min""#,
        }),
    },
    Explanation {
        code: "HL186",
        severity: Error,
        rule: None,
        what: both("a word that is not in use", "没有启用的分类"),
        why: both(
            "`[classification]` says which of the manual's words are in use; menus, customers and desks may name no others.",
            "`[classification]` 列出启用的分类，菜单、客户和坐席不能用别的。",
        ),
        example: Some(Example {
            bad: r#"[classification]
classes = ["common", "complex"]

[[number]]
name = "95001"
set = { class = "major" }
queue = "service""#,
            good: r#"[classification]
classes = ["common", "complex"]

[[number]]
name = "95001"
set = { class = "complex" }
queue = "service""#,
        }),
    },
    Explanation {
        code: "HL187",
        severity: Warning,
        rule: Some("R148"),
        what: both("a setting that nothing uses yet", "尚未使用的设置"),
        why: both(
            "The manual has it and the hotline has not yet what will use it: the closing of cases (`[review]`), a log of faults (`[faults]`), customers' records (`classification.lifecycle`), speech recognition (`kpi.asr`), quality sampling (`kpi.query_accuracy`, `kpi.op_error`). No message with content is sent by itself, so that `sensitive.no_auto_message` holds whatever it says. Another value than the manual's would be taken for something that it does.",
            "手册里有，而将要使用它的功能热线还没有：工单的关闭（`[review]`）、故障记录（`[faults]`）、客户档案（`classification.lifecycle`）、语音识别（`kpi.asr`）、质检抽样（`kpi.query_accuracy`、`kpi.op_error`）。热线从不自动发送内容，所以 `sensitive.no_auto_message` 无论怎么写都成立。改了也不起作用，别当作有效。",
        ),
        example: Some(Example {
            bad: r#"[faults]
response = "20min""#,
            good: r#"[faults]
response = "30min""#,
        }),
    },
    Explanation {
        code: "HL188",
        severity: Error,
        rule: Some("R130"),
        what: both("kept for less than the manual asks", "保存时间少于手册规定"),
        why: both(
            "Calls and their records are kept for 5 years at least (R130), recordings for 3 (R129).",
            "通话及其记录至少保存 5 年（R130），录音至少 3 年（R129）。",
        ),
        example: Some(Example {
            bad: r#"[retention]
cases = "4y""#,
            good: r#"[retention]
cases = "6y""#,
        }),
    },
    Explanation {
        code: "HL189",
        severity: Error,
        rule: Some("R3"),
        what: both("an indicator laxer than the manual", "指标比手册宽松"),
        why: both(
            "More than the manual asks for may be asked, and not less: 95 % connected (R3), excellent from 98 % on (R4), 90 % satisfied (R109), 3 % complaints at most (R110), 92 % of speech recognised (R11), 99.5 % of information right and 0.1 % of operations wrong (R121), faults answered within 30 min (R148).",
            "可以比手册更严，不能更松：接通率 95 %（R3），98 % 起为优（R4），满意度 90 %（R109），投诉率至多 3 %（R110），语音识别准确率 92 %（R11），查询准确率 99.5 %、操作差错率至多 0.1 %（R121），故障 30 分钟响应（R148）。",
        ),
        example: Some(Example {
            bad: r#"[kpi]
connect_rate = { floor = 0.9 }"#,
            good: r#"[kpi]
connect_rate = { floor = 0.96 }"#,
        }),
    },
];
