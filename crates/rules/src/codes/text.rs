//! Explanations: what the files say and whom they name.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 19] = [
    Explanation {
        code: "HL001",
        severity: Error,
        rule: None,
        what: both("the file is not TOML", "文件不是 TOML"),
        why: both(
            "The file can't be read, so nothing in it counts. Each cause is told once, where it is: a quote or bracket by where it was opened, a text without quotes, a full-width sign, a table or key that stands there twice.",
            "文件无法读取，整个文件都不算数。每个原因只报一次，标在出错之处：没有写完的引号、括号标在开头，还有没加引号的文本、全角符号、重复的表或键。",
        ),
        example: Some(Example {
            bad: r#"[timers
answer = "30s""#,
            good: r#"[timers]
answer = "30s""#,
        }),
    },
    Explanation {
        code: "HL002",
        severity: Error,
        rule: None,
        what: both("a table or key that the rules do not know", "规则中没有的表或键"),
        why: both(
            "A misspelt key would otherwise be ignored in silence, and its setting would stay at the default.",
            "拼错的键如果被悄悄忽略，该设置就一直是默认值，谁也不知道。",
        ),
        example: Some(Example {
            bad: r#"[timers]
anwser = "25s""#,
            good: r#"[timers]
answer = "25s""#,
        }),
    },
    Explanation {
        code: "HL003",
        severity: Error,
        rule: None,
        what: both("a value of the wrong type", "值的类型不对"),
        why: both(
            "Every key takes one type: a text in quotes, a number, `true` or `false`, a list, a table. Durations are texts with a unit.",
            "每个键只接受一种类型：带引号的文本、数字、`true` 或 `false`、列表、表。时长写成带单位的文本。",
        ),
        example: Some(Example {
            bad: r#"[timers]
answer = 25"#,
            good: r#"[timers]
answer = "25s""#,
        }),
    },
    Explanation {
        code: "HL004",
        severity: Error,
        rule: None,
        what: both("something that must be there is missing", "缺少必须写的内容"),
        why: both(
            "Without this key the table has no meaning: a queue without a name, a calendar without a zone, hours without what is done outside them.",
            "没有这个键，整个表就没有意义：排队没有名称、日历没有时区、有服务时间而不知道下班后怎么办。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
limit = 100"#,
            good: r#"[[queue]]
name = "billing"
limit = 100"#,
        }),
    },
    Explanation {
        code: "HL005",
        severity: Error,
        rule: None,
        what: both("a value that can not be read", "值无法识别"),
        why: both(
            "The type is right, but the text has not the form that the key asks for: a duration, a date, hours, a name, an address, a hash.",
            "类型没错，但文本不是这个键要的形式：时长、日期、时间段、名称、地址、哈希。",
        ),
        example: Some(Example {
            bad: r#"[timers]
answer = "25 seconds""#,
            good: r#"[timers]
answer = "25s""#,
        }),
    },
    Explanation {
        code: "HL006",
        severity: Error,
        rule: None,
        what: both("a word that is not one of those allowed", "不在可选范围内的词"),
        why: both("The key takes one of a few words; the help names them.", "这个键只接受几个固定的词，建议中会列出。"),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
origin = "extern""#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
origin = "external""#,
        }),
    },
    Explanation {
        code: "HL007",
        severity: Error,
        rule: None,
        what: both("a number or time out of range", "数值或时间超出范围"),
        why: both(
            "The range is that of the manual or of what the engine can do, and is said under the carets.",
            "范围来自手册或引擎的能力，写在标记下面。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 11 }"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 10 }"#,
        }),
    },
    Explanation {
        code: "HL008",
        severity: Error,
        rule: None,
        what: both("something is said twice", "重复定义"),
        why: both(
            "Two things of one name, or a setting given twice, contradict each other: which one counts would depend on the order of the files.",
            "两个同名的东西，或同一设置写了两次，互相矛盾：哪个算数只能看文件次序。",
        ),
        example: Some(Example {
            bad: r#"[[skill]]
name = "refunds"

[[skill]]
name = "refunds""#,
            good: r#"[[skill]]
name = "returns"

[[skill]]
name = "refunds""#,
        }),
    },
    Explanation {
        code: "HL009",
        severity: Error,
        rule: None,
        what: both("more than the limit", "超过数量上限"),
        why: both(
            "Every list has a limit, so that a slip or a runaway script can not fill the memory of the running hotline.",
            "每种列表都有上限，以免笔误或失控的脚本占满运行中热线的内存。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [
    { requires = "billing >= 9" },
    { after = "1s", requires = "billing >= 8" },
    { after = "2s", requires = "billing >= 7" },
    { after = "3s", requires = "billing >= 6" },
    { after = "4s", requires = "billing >= 5" },
    { after = "5s", requires = "billing >= 4" },
    { after = "6s", requires = "billing >= 3" },
    { after = "7s", requires = "billing >= 2" },
    { after = "8s", requires = "billing >= 1" },
    { after = "9s", requires = "billing >= 1 | zh >= 1" },
    { after = "10s", requires = "anyone" },
]"#,
            good: r#"[[queue]]
name = "billing"
step = [
    { requires = "billing >= 9" },
    { after = "1s", requires = "billing >= 8" },
    { after = "2s", requires = "billing >= 7" },
    { after = "3s", requires = "billing >= 6" },
    { after = "4s", requires = "billing >= 5" },
    { after = "5s", requires = "billing >= 4" },
    { after = "6s", requires = "billing >= 3" },
    { after = "7s", requires = "billing >= 2" },
    { after = "8s", requires = "billing >= 1" },
    { after = "9s", requires = "anyone" },
]"#,
        }),
    },
    Explanation {
        code: "HL010",
        severity: Error,
        rule: None,
        what: both("a condition on skills that can not be read", "技能条件无法识别"),
        why: both(
            "Conditions compare skills with `>=`, joined by `&` (binds closer) and `|`, with parentheses; `anyone` is every seat. There is no `>`, no `=` and no \"not\": a step could not be compared with the next.",
            "条件用 `>=` 比较技能，用 `&`（更优先）和 `|` 连接，可加括号；`anyone` 表示任何坐席。没有 `>`、`=` 和“非”，否则无法比较前后两步。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [{ requires = "billing > 2" }]"#,
            good: r#"[[queue]]
name = "billing"
step = [{ requires = "billing >= 2" }]"#,
        }),
    },
    Explanation {
        code: "HL011",
        severity: Error,
        rule: None,
        what: both("unknown language", "未知的语言"),
        why: both(
            "A name is used that no `[[language]]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[[language]]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
language = "fr"
menu = "main""#,
            good: r#"[[number]]
name = "95001"
language = "en"
menu = "main""#,
        }),
    },
    Explanation {
        code: "HL012",
        severity: Error,
        rule: None,
        what: both("unknown skill", "未知的技能"),
        why: both(
            "A name is used that no `[[skill]]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[[skill]]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [{ requires = "biling >= 2" }]"#,
            good: r#"[[queue]]
name = "billing"
step = [{ requires = "billing >= 2" }]"#,
        }),
    },
    Explanation {
        code: "HL013",
        severity: Error,
        rule: None,
        what: both("unknown region", "未知的地区"),
        why: both(
            "A name is used that no `[[region]]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[[region]]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
region = "华动""#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
region = "华东""#,
        }),
    },
    Explanation {
        code: "HL014",
        severity: Error,
        rule: None,
        what: both("unknown queue", "未知的排队"),
        why: both(
            "A name is used that no `[[queue]]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[[queue]]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
queue = "servcie""#,
            good: r#"[[number]]
name = "95001"
queue = "service""#,
        }),
    },
    Explanation {
        code: "HL015",
        severity: Error,
        rule: None,
        what: both("unknown menu", "未知的菜单"),
        why: both(
            "A name is used that no `[menu]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[menu]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "mian""#,
            good: r#"[[number]]
name = "95001"
menu = "main""#,
        }),
    },
    Explanation {
        code: "HL016",
        severity: Error,
        rule: None,
        what: both("unknown calendar", "未知的日历"),
        why: both(
            "A name is used that no `[calendar]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[calendar]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
hours = "servcie"
closed = { goodbye = true }"#,
            good: r#"[[queue]]
name = "billing"
hours = "service"
closed = { goodbye = true }"#,
        }),
    },
    Explanation {
        code: "HL017",
        severity: Error,
        rule: None,
        what: both("unknown seat", "未知的坐席"),
        why: both(
            "A name is used that no `[[seat]]` or `[[seats]]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[[seat]]`、`[[seats]]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
seats = ["1O01"]"#,
            good: r#"[[queue]]
name = "billing"
seats = ["1001"]"#,
        }),
    },
    Explanation {
        code: "HL018",
        severity: Warning,
        rule: None,
        what: both("a prompt without a recording", "提示音没有录音"),
        why: both(
            "A prompt that is said must exist as a WAV in the folder of every language, or callers hear nothing at that place.",
            "要播报的提示音，每种语言的文件夹里都须有 WAV 文件，否则客户在那里什么也听不到。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
say = "pleese-wait""#,
            good: r#"[[queue]]
name = "billing"
say = "please-wait""#,
        }),
    },
    Explanation {
        code: "HL019",
        severity: Error,
        rule: None,
        what: both("unknown holiday list", "未知的节假日表"),
        why: both(
            "A name is used that no `[holidays]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[holidays]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[holidays.cn-2026]
year = 2026
off = ["2026-10-01..2026-10-07"]

[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "09:00-18:00" }
holidays = ["cn-206"]"#,
            good: r#"[holidays.cn-2026]
year = 2026
off = ["2026-10-01..2026-10-07"]

[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "09:00-18:00" }
holidays = ["cn-2026"]"#,
        }),
    },
];
