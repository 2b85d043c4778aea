//! Explanations: what only the rules as a whole show, and the tests of them.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 14] = [
    Explanation {
        code: "HL122",
        severity: Warning,
        rule: None,
        what: both("a name that is never used", "从未使用的名称"),
        why: both(
            "It is declared and nothing refers to it: often another name was misspelt. `# noqa: HL122` at the end of its line keeps it.",
            "定义了却没有任何地方引用：往往是别处写错了名称。要保留备用，在该行末尾写 `# noqa: HL122`。",
        ),
        example: Some(Example {
            bad: r#"[[region]]
name = "华南""#,
            good: r#"[[region]]
name = "华南"
area_codes = ["020"]"#,
        }),
    },
    Explanation {
        code: "HL123",
        severity: Warning,
        rule: None,
        what: both("a skill that no seat has", "没有坐席具备的技能"),
        why: both(
            "Callers, steps or levels ask for it, and nobody can ever satisfy them.",
            "来电、排队步骤或难度要求了它，却永远没有人满足。",
        ),
        example: Some(Example {
            bad: r#"[[skill]]
name = "senior"

[assign]
levels = { complex = "senior >= 1" }"#,
            good: r#"[[skill]]
name = "senior"

[assign]
levels = { complex = "senior >= 1" }

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, senior = 5 }"#,
        }),
    },
    Explanation {
        code: "HL124",
        severity: Warning,
        rule: None,
        what: both("a queue into which no caller is led", "没有来电会进入的排队"),
        why: both(
            "No number, key, gate, overflow or department names it. If only seats transfer to it, give it an `extension`.",
            "没有号码、按键、时间判断、溢出或部门引用它。若只供坐席转接，请写上 `extension`。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing""#,
            good: r#"[[queue]]
name = "billing"

[[number]]
name = "95001"
queue = "billing""#,
        }),
    },
    Explanation {
        code: "HL125",
        severity: Warning,
        rule: None,
        what: both("a step that lets in nobody new", "没有增加任何坐席的一步"),
        why: both(
            "It asks for the same as the step before: callers wait for it and gain nothing.",
            "它的条件与上一步相同：客户等到这一步，却没有更多坐席。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [
    { requires = "billing >= 5" },
    { after = "10s", requires = "billing >= 5" },
    { after = "20s", requires = "anyone" },
]"#,
            good: r#"[[queue]]
name = "billing"
step = [
    { requires = "billing >= 5" },
    { after = "10s", requires = "billing >= 1" },
    { after = "20s", requires = "anyone" },
]"#,
        }),
    },
    Explanation {
        code: "HL126",
        severity: Warning,
        rule: None,
        what: both("a gate that is never taken", "永远轮不到的时间判断"),
        why: both(
            "The first gate whose calendar is closed is taken, and one before this is closed whenever this one is.",
            "按顺序第一个处于关闭时间的判断生效；每当轮到它时，前面的一道总已先成立。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 0 = { queue = "service" } }
gate = [{ closed = "service", menu = "main" }, { closed = "daily", queue = "technical" }]"#,
            good: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 0 = { queue = "service" } }
gate = [{ closed = "daily", queue = "technical" }, { closed = "service", menu = "main" }]"#,
        }),
    },
    Explanation {
        code: "HL127",
        severity: Warning,
        rule: None,
        what: both("a calendar that never closes or never opens", "从不关闭或从不开放的日历"),
        why: both(
            "Something is to happen while it is closed: that is never done, or always. And of deadlines that count its open time only, none is ever over.",
            "规则写明了它关闭时怎么办：这要么永远不会发生，要么一直如此。时限若只算它的开放时间，就永远不会到期。",
        ),
        example: Some(Example {
            bad: r#"[calendar.night]
zone = "Asia/Shanghai"
hours = { daily = "00:00-24:00" }

[[queue]]
name = "billing"
hours = "night"
closed = { queue = "service" }"#,
            good: r#"[calendar.night]
zone = "Asia/Shanghai"
hours = { daily = "08:00-24:00" }

[[queue]]
name = "billing"
hours = "night"
closed = { queue = "service" }"#,
        }),
    },
    Explanation {
        code: "HL128",
        severity: Warning,
        rule: Some("R5"),
        what: both("a queue without a last resort", "没有最后出路的排队"),
        why: both(
            "If the seats that its last step admits are all taken or gone, its callers wait on while others are idle.",
            "最后一步允许的坐席都忙或不在时，客户只能继续等，而其他坐席却空闲。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [{ requires = "billing >= 5" }]

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }"#,
            good: r#"[[queue]]
name = "billing"
step = [{ requires = "billing >= 5" }, { after = "15s", requires = "anyone" }]

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }"#,
        }),
    },
    Explanation {
        code: "HL129",
        severity: Warning,
        rule: None,
        what: both("a queue that can starve", "可能一直得不到服务的排队"),
        why: both(
            "Without ageing, who is nobody's first waits as long as calls of the other queue keep coming.",
            "不计等待时间时，只要其他排队不断有来电，它的客户就一直轮不到。",
        ),
        example: Some(Example {
            bad: r#"[priority]
ageing = "0s"

[[queue]]
name = "emergency"
priority = "urgent"

[[number]]
name = "95001"
queue = "emergency""#,
            good: r#"[priority]
ageing = "2min"

[[queue]]
name = "emergency"
priority = "urgent"

[[number]]
name = "95001"
queue = "emergency""#,
        }),
    },
    Explanation {
        code: "HL130",
        severity: Error,
        rule: None,
        what: both("a test that names what the rules do not have", "测试提到了规则里没有的名称"),
        why: both(
            "A test that waits for a queue or seat that does not exist would never say anything about the rules.",
            "测试里写了不存在的排队或坐席，就测不出规则的任何问题。",
        ),
        example: Some(Example {
            bad: r#"[[test]]
name = "0 reaches a person"
given = { at = 2026-11-18T10:00:00, keys = "0" }
expect = { queue = "servic" }"#,
            good: r#"[[test]]
name = "0 reaches a person"
given = { at = 2026-11-18T10:00:00, keys = "0" }
expect = { queue = "service" }"#,
        }),
    },
    Explanation {
        code: "HL140",
        severity: Warning,
        rule: Some("R24"),
        what: both("a seat's order that priorities overrule", "被优先级推翻的坐席次序"),
        why: both(
            "The seat would take one queue first, but calls of the other have a higher priority, which always counts before.",
            "坐席想先接这个排队，但另一个排队的来电优先级更高，而优先级总是先算。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "complaint"
priority = "important"

[[seat]]
name = "1002"
password = "k7T-wq2"
queues = { service = { priority = 1 }, complaint = { priority = 2 } }"#,
            good: r#"[[queue]]
name = "complaint"
priority = "important"

[[seat]]
name = "1002"
password = "k7T-wq2"
queues = { complaint = { priority = 1 }, service = { priority = 2 } }"#,
        }),
    },
    Explanation {
        code: "HL141",
        severity: Warning,
        rule: None,
        what: both("a seat that stays idle for the queue it prefers", "对优先的排队反而空等的坐席"),
        why: both(
            "Its `delay` holds the preferred queue back, while calls of a lesser one reach the seat at once.",
            "`delay` 推迟了优先的排队，而次要排队的来电却更早转给该坐席。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
queues = { service = { priority = 1, delay = "20s" }, technical = { priority = 2 } }"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
queues = { service = { priority = 1 }, technical = { priority = 2, delay = "20s" } }"#,
        }),
    },
    Explanation {
        code: "HL142",
        severity: Warning,
        rule: None,
        what: both("a weight that decides nothing", "不起作用的权重"),
        why: both(
            "Weights set calls of several queues against each other at the same seat; the seats of this queue serve no other.",
            "权重用于同一坐席在几个排队之间取舍；这个排队的坐席不服务其他排队。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
seats = ["1002"]
weight = 5

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 5 }
queues = ["billing"]"#,
            good: r#"[[queue]]
name = "billing"
seats = ["1002"]
weight = 5

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 5 }
queues = ["billing", "service"]"#,
        }),
    },
    Explanation {
        code: "HL143",
        severity: Warning,
        rule: Some("R5"),
        what: both("callers listen too long before a person", "转人工前要听太久"),
        why: both(
            "By key `0` of the first menu a person is reached within `timers.answer`, prompts and all; other menus end within twice that. \
             Where the recordings are not known, menus are counted.",
            "在首层菜单按 `0`，连同播报须在 `timers.answer` 之内转到人工；其他菜单须在其两倍之内听完。不知道录音长度时，按菜单层数计算。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "welcome" # 18 s
keys = { 0 = { say = "welcome", queue = "service" } } # 18 s"#,
            good: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "welcome" # 18 s
keys = { 0 = { queue = "service" } }"#,
        }),
    },
    Explanation {
        code: "HL144",
        severity: Error,
        rule: None,
        what: both("a recording that can't be played", "无法播放的录音"),
        why: both(
            "Prompts are WAV files with 8000 samples per second, 8 or 16 bits of PCM, one channel. The finding stands at the recording, not where it is said: with another, callers would hear nothing there, and the rules are refused as a whole; one that nothing says is only told as such (HL251).",
            "提示音须为 WAV 文件：每秒 8000 个采样、8 或 16 位 PCM、单声道。此项标在录音文件上，而非引用它的地方：若是其他格式，客户在那里什么也听不到，整套规则都不会采用；没有播放的录音只按 HL251 提示。",
        ),
        example: None,
    },
];
