//! Explanations: what is understood and does nothing, or not what it seems to do.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 5] = [
    Explanation {
        code: "HL250",
        severity: Warning,
        rule: None,
        what: both("a make-up day that is worked anyway", "调休上班日本来就上班"),
        why: both(
            "`workdays` names days that the week leaves out, mostly a Saturday or Sunday. One that has the same hours anyway is likely a slip in the date. Of Saturdays and Sundays nothing is said: a house that is open then uses the country's list as it is.",
            "`workdays` 写的是平时不上班的日子，多为周六、周日。时间本来就一样的日子多半是日期写错了。周六、周日不提示：周末也开放的单位照用国家的放假表。",
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
    },
    Explanation {
        code: "HL251",
        severity: Warning,
        rule: None,
        what: both("a recording that nobody hears", "不会播放的录音"),
        why: both(
            "Recordings are called `prompts/LANGUAGE/NAME.wav`, with the language and the name as the rules write them. Another name is heard nowhere, and what it was made for is said by the built-in voice or not at all.",
            "录音的路径是 `prompts/语言/名称.wav`，语言和名称与规则里写的一致。其他名称的文件不会播放，原本要说的话仍用内置语音或没有声音。",
        ),
        example: None,
    },
    Explanation {
        code: "HL252",
        severity: Warning,
        rule: None,
        what: both("a block that turns away every caller", "黑名单拒接所有来电"),
        why: both(
            "The pattern fits numbers of every kind, so that nobody reaches the hotline but callers from abroad, those who withhold their number, and emergency services.",
            "这个规则符合各种号码：除境外、隐藏号码和报警急救回电之外，谁也打不进来。",
        ),
        example: Some(Example { bad: "[[block]]\npattern = \"x{1,20}\"", good: "[[block]]\npattern = \"170x{8}\"" }),
    },
    Explanation {
        code: "HL253",
        severity: Warning,
        rule: None,
        what: both("a `noqa` that allows nothing as it is written", "写法不对、不起作用的 `noqa`"),
        why: both(
            "`# noqa:` with codes at the end of a line allows these warnings on it; where `file` names a CSV file, in all of that. Without the colon, with a full-width one, in other letters, without codes or with a code that no finding has it allows nothing. What is not in a comment is none.",
            "行末的 `# noqa:` 加编号表示允许该行的这些警告；写在引用 CSV 的 `file` 那一行，则允许该文件里的。没有冒号、用了全角冒号、大小写不对、没有编号或编号不存在时，都不起作用。写在文本里的不算。",
        ),
        example: Some(Example { bad: "[[skill]]\nname = \"spare\" # noqa: HL1222", good: "[[skill]]\nname = \"spare\" # noqa: HL122" }),
    },
    Explanation {
        code: "HL254",
        severity: Warning,
        rule: None,
        what: both("a file whose name ends in another spelling of `.toml`", "后缀不是小写 `.toml` 的文件"),
        why: both(
            "Files of rules end in `.toml`, in small letters. `10-hours.TOML` and `10-hours.toml.txt` are not read, and nothing in them holds.",
            "规则文件的后缀是小写的 `.toml`。`10-hours.TOML`、`10-hours.toml.txt` 不会读取，里面写的都不生效。",
        ),
        example: None,
    },
];
