//! Explanations: days, people and clocks that keep callers or agents out when nobody means it.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 12] = [
    Explanation {
        code: "HL275",
        severity: Warning,
        rule: Some("R16"),
        what: both("a day that is off and worked in one calendar", "一天在同一日历里既放假又上班"),
        why: both(
            "Two holiday lists of one calendar say the contrary of a day. The holiday wins, and callers on a make-up day find it closed.",
            "同一日历引用的两个节假日表对同一天说法相反。以放假为准，调休上班日打来的客户会遇到不开放。",
        ),
        example: Some(Example {
            bad: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["state", "house"]
[holidays.state]
year = 2026
workdays = [2026-10-10]
[holidays.house]
year = 2026
off = [2026-10-10]"#,
            good: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["state", "house"]
[holidays.state]
year = 2026
workdays = [2026-10-10]
[holidays.house]
year = 2026
off = [2026-10-12]"#,
        }),
    },
    Explanation {
        code: "HL276",
        severity: Warning,
        rule: Some("R15"),
        what: both("a time zone with its sign turned around", "正负号相反的时区"),
        why: both(
            "In the names `Etc/GMT+8` and the like the sign is that of POSIX: it is eight hours behind Greenwich, and China's is `Etc/GMT-8`. A place says it without a sign.",
            "`Etc/GMT+8` 这类名称用的是 POSIX 的符号：它比格林尼治晚八小时，中国应是 `Etc/GMT-8`。写地名就没有正负号的问题。",
        ),
        example: Some(Example {
            bad: r#"[calendar.office]
zone = "Etc/GMT+8"
hours = { mon-fri = "08:00-20:00" }"#,
            good: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }"#,
        }),
    },
    Explanation {
        code: "HL277",
        severity: Warning,
        rule: Some("R16"),
        what: both("make-up days on which it is closed", "调休上班日不开放"),
        why: both(
            "Make-up days have the hours of the weekday in `workday_like`. One that `hours` leave out is closed, and so are they.",
            "调休上班日按 `workday_like` 那个星期几的时间。`hours` 里没有写那一天，调休上班日也就不开放。",
        ),
        example: Some(Example {
            bad: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["state"]
workday_like = "sat"
[holidays.state]
year = 2026
workdays = [2026-10-10]"#,
            good: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["state"]
workday_like = "mon"
[holidays.state]
year = 2026
workdays = [2026-10-10]"#,
        }),
    },
    Explanation {
        code: "HL278",
        severity: Warning,
        rule: Some("R16"),
        what: both("a holiday list without a day", "没有日期的节假日表"),
        why: both(
            "A list for a year says that its holidays are known, so that nothing reminds of them (HL060). Without a day in it callers on every holiday are treated as on any day.",
            "有了某年的节假日表，就不再提醒缺少（HL060）。表里没有日期，节假日的来电都按平日处理。",
        ),
        example: Some(Example {
            bad: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["state"]
[holidays.state]
year = 2026"#,
            good: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["state"]
[holidays.state]
year = 2026
off = ["2026-10-01..2026-10-07"]"#,
        }),
    },
    Explanation {
        code: "HL279",
        severity: Warning,
        rule: Some("R15"),
        what: both("hours that leave out the last minute of the day", "少了一天最后一分钟的服务时间"),
        why: both(
            "Hours end before the time that is written. `00:00-23:59` is closed for a minute every night; the end of the day is `24:00`.",
            "服务时间到写明的时刻为止，不含那一分钟。`00:00-23:59` 每晚有一分钟不开放；一天结束写 `24:00`。",
        ),
        example: Some(Example {
            bad: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-23:59" }"#,
            good: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-24:00" }"#,
        }),
    },
    Explanation {
        code: "HL280",
        severity: Warning,
        rule: Some("R19"),
        what: both("a time for call-backs at which it is closed", "不开放时刻的回拨"),
        why: both(
            "A time is offered on the days on which the calendar is open then. Where it never is, nobody is ever offered it.",
            "回拨时刻只在日历当时开放的日子可约。从不开放的时刻谁也约不到。",
        ),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example:5060"
from = "02161230000"
[outbound]
allow = ["1[3-9]x{9}"]
[[queue]]
name = "slow"
say = "callback-offer"
callback = { key = "2", slots = ["09:00", "23:00"], calendar = "service" }
[[queue.step]]
requires = "anyone""#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example:5060"
from = "02161230000"
[outbound]
allow = ["1[3-9]x{9}"]
[[queue]]
name = "slow"
say = "callback-offer"
callback = { key = "2", slots = ["09:00", "14:00"], calendar = "service" }
[[queue.step]]
requires = "anyone""#,
        }),
    },
    Explanation {
        code: "HL281",
        severity: Warning,
        rule: Some("R40"),
        what: both("a seat to which no queue ever offers a call", "没有排队会派来电的坐席"),
        why: both(
            "No queue admits it, or it has the skill of none of the languages: the agent sits there ready while callers wait. A seat that departments, persons, overflows or `[transfer] targets` name, that has an extension, or that dials outside, is not told of; one that only takes what supervisors assign may carry `# noqa: HL281`.",
            "没有排队允许它，或任何语言的技能都不够：坐席就绪，来电却在等。部门、责任人、溢出或 `[transfer] targets` 中写明的坐席，有分机号或可以外拨的坐席不在此列；只接班长指派的坐席可写 `# noqa: HL281`。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { billing = 5 }"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { billing = 5, zh = 5 }"#,
        }),
    },
    Explanation {
        code: "HL282",
        severity: Warning,
        rule: Some("R36"),
        what: both("a customer whom nobody may serve", "没有坐席能接待的客户"),
        why: both(
            "What the customer needs is asked for on top of every queue. No seat has it all, so that this customer waits for ever.",
            "客户的要求叠加在每个排队的要求之上。没有坐席全部具备，这位客户就一直等下去。",
        ),
        example: Some(Example {
            bad: r#"[[customer]]
name = "东方航运"
numbers = ["13800138000"]
skills = ["billing >= 10"]"#,
            good: r#"[[customer]]
name = "东方航运"
numbers = ["13800138000"]
skills = ["billing >= 5"]"#,
        }),
    },
    Explanation {
        code: "HL283",
        severity: Warning,
        rule: Some("R45"),
        what: both("an agent of a customer's own who can't have the call", "接不到自己客户来电的专属坐席"),
        why: both(
            "The seat lacks what the customer asks for: a skill, the language, or the clearance for sensitive calls. It is passed by, and others serve the customer.",
            "该坐席缺少客户所要求的技能、语言或敏感来电授权。来电会越过它，由别的坐席接待。",
        ),
        example: Some(Example {
            bad: r#"[assign]
keys = ["owner", "proficiency"]
[[customer]]
name = "东方航运"
numbers = ["13800138000"]
agent = "1002"
skills = ["billing >= 5"]
[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }"#,
            good: r#"[assign]
keys = ["owner", "proficiency"]
[[customer]]
name = "东方航运"
numbers = ["13800138000"]
agent = "1002"
skills = ["billing >= 5"]
[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, billing = 7 }"#,
        }),
    },
    Explanation {
        code: "HL284",
        severity: Warning,
        rule: Some("R64"),
        what: both("a clock that ends before the one that comes first", "先后颠倒的时限"),
        why: both(
            "What is harder or comes later has more time in the manual. A figure that turns them around is mostly a slip: minutes for hours, or a line that was shortened alone.",
            "手册里较难的、较后的事项时间更长。先后颠倒的数值多半是笔误：把小时写成分钟，或只改短了其中一个。",
        ),
        example: Some(Example {
            bad: r#"[deadlines]
complex = "4h"
major = "3h""#,
            good: r#"[deadlines]
complex = "3h"
major = "4h""#,
        }),
    },
    Explanation {
        code: "HL285",
        severity: Warning,
        rule: None,
        what: both("a warning too early or too late", "过早或过晚的预警"),
        why: both(
            "`warn_at` is the share of a limit at which supervisors are warned. At 0 every call is warned of, at 1 none in time.",
            "`warn_at` 是到时限的几成时预警。写 0 则每个来电都预警，写 1 则预警时已经超时。",
        ),
        example: Some(Example {
            bad: r#"[timers]
warn_at = 1.0"#,
            good: r#"[timers]
warn_at = 0.8"#,
        }),
    },
    Explanation {
        code: "HL286",
        severity: Warning,
        rule: None,
        what: both("a permission that nothing needs", "用不着的放行"),
        why: both(
            "`manual_override` lets clocks be longer than the manual's. Where none is, it only lets the next slip pass in silence.",
            "`manual_override` 允许时限超过手册。没有超过的时候留着它，下次误写也不会提示。",
        ),
        example: Some(Example {
            bad: r#"[timers]
handling = "15min"
manual_override = "contract of 2026""#,
            good: r#"[timers]
handling = "20min"
manual_override = "contract of 2026""#,
        }),
    },
];
