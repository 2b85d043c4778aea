//! Explanations: what is understood and does nothing, or not what it seems to do.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 1] = [Explanation {
    code: "HL250",
    severity: Warning,
    rule: None,
    what: both("a make-up day that is worked anyway", "调休上班日本来就上班"),
    why: both(
        "`workdays` names days that the week leaves out, mostly a Saturday or Sunday. One that has the same hours anyway is likely a slip in the date.",
        "`workdays` 写的是平时不上班的日子，多为周六、周日。时间本来就一样的日子多半是日期写错了。",
    ),
    example: Some(Example {
        bad: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["cn-2026"]
[holidays.cn-2026]
year = 2026
workdays = [2026-02-16]"#,
        good: r#"[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
holidays = ["cn-2026"]
[holidays.cn-2026]
year = 2026
workdays = [2026-02-14]"#,
    }),
}];
