//! Explanations: menus, queues, steps and seats.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 17] = [
    Explanation {
        code: "HL020",
        severity: Error,
        rule: None,
        what: both("not a key of a telephone", "不是话机上的按键"),
        why: both(
            "Callers have the keys 0-9, `*` and `#`, one at a time; dispositions have a digit.",
            "客户只有 0-9、`*`、`#` 这些按键，一次一个；处理结果用一位数字。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 0 = { queue = "service" }, 10 = { queue = "technical" } }"#,
            good: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 0 = { queue = "service" }, 1 = { queue = "technical" } }"#,
        }),
    },
    Explanation {
        code: "HL021",
        severity: Error,
        rule: Some("R9"),
        what: both("a menu from which no person can be reached", "菜单无法转人工"),
        why: both(
            "In every menu `0` leads to a queue, that is to a person. No setting lifts this.",
            "每个菜单的 `0` 都必须转入排队，也就是转人工。没有任何设置可以取消。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 1 = { queue = "service" } }"#,
            good: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 0 = { queue = "service" }, 1 = { queue = "technical" } }"#,
        }),
    },
    Explanation {
        code: "HL022",
        severity: Error,
        rule: Some("R9"),
        what: both("too many wrong inputs do not lead to a person", "多次按错后没有转人工"),
        why: both(
            "Who can not cope with a menu must get a person. Only a menu that is heard in closed hours alone may say goodbye.",
            "应付不了菜单的客户必须转到人工。只有仅在下班后听到的菜单才可以告别挂机。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 0 = { queue = "service" } }
failed = { goodbye = true }"#,
            good: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 0 = { queue = "service" } }
failed = { queue = "service" }"#,
        }),
    },
    Explanation {
        code: "HL023",
        severity: Error,
        rule: None,
        what: both("a branch without exactly one way on", "分支没有唯一的去向"),
        why: both(
            "After a key, a gate or a number the call goes to one place: a menu, a queue, a call-back, the menu again, or a goodbye.",
            "按键、时间分流、号码之后，来电只能去一个地方：菜单、排队、回拨、重播菜单或告别。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 0 = { queue = "service" }, 1 = { queue = "technical", menu = "main" } }"#,
            good: r#"[[number]]
name = "95001"
menu = "billing"

[menu.billing]
say = "main-menu"
keys = { 0 = { queue = "service" }, 1 = { queue = "technical" } }"#,
        }),
    },
    Explanation {
        code: "HL024",
        severity: Error,
        rule: None,
        what: both("a way that leads back to itself", "绕回原处的路径"),
        why: both(
            "Gates and the branches of closed queues are followed at once, without waiting for the caller: a circle of them would never end.",
            "时间分流和下班后的去向都是立即执行，不等客户操作：绕成一圈就永远停不下来。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "day"
hours = "service"
closed = { queue = "night" }

[[queue]]
name = "night"
hours = "daily"
closed = { queue = "day" }"#,
            good: r#"[[queue]]
name = "day"
hours = "service"
closed = { queue = "night" }

[[queue]]
name = "night"
hours = "daily"
closed = { goodbye = true }"#,
        }),
    },
    Explanation {
        code: "HL025",
        severity: Error,
        rule: Some("R18"),
        what: both("the hours announced are not those in force", "播报的服务时间与实际不符"),
        why: both(
            "What is said of opening hours is spoken from a calendar, and must be the calendar by which it is closed.",
            "服务时间按日历播报，必须与判断下班的日历是同一个。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
hours = "service"
closed = { say = [{ hours = "daily" }], goodbye = true }"#,
            good: r#"[[queue]]
name = "billing"
hours = "service"
closed = { say = [{ hours = "service" }], goodbye = true }"#,
        }),
    },
    Explanation {
        code: "HL026",
        severity: Error,
        rule: Some("R75"),
        what: both("position or expected wait where nobody waits", "不在排队处播报位置或预计等待"),
        why: both(
            "`position` and `expected-wait` tell a waiting caller of the line: they can be said in `announce` and `breach` only.",
            "`position` 和 `expected-wait` 是说给正在排队的客户听的，只能写在 `announce` 和 `breach` 里。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
say = ["position"]"#,
            good: r#"[[queue]]
name = "billing"
announce = ["position"]"#,
        }),
    },
    Explanation {
        code: "HL030",
        severity: Error,
        rule: None,
        what: both("a step that does not relax", "步骤没有放宽"),
        why: both(
            "Steps widen who may serve while a call waits. A later step that shuts out seats of the one before would take chances away from those who wait longest.",
            "来电等得越久，可服务的坐席应当越多。后面的步骤若排除前一步的坐席，等得最久的客户反而机会更少。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [{ requires = "zh >= 2" }, { after = "15s", requires = "zh >= 5" }]"#,
            good: r#"[[queue]]
name = "billing"
step = [{ requires = "zh >= 5" }, { after = "15s", requires = "zh >= 2" }]"#,
        }),
    },
    Explanation {
        code: "HL031",
        severity: Warning,
        rule: None,
        what: both("a menu that no caller reaches", "没有客户能到达的菜单"),
        why: both(
            "No number, key, gate or queue leads to it: either a way was forgotten, or it can go.",
            "没有号码、按键、时间分流或排队通向它：要么漏了一条路径，要么可以删去。",
        ),
        example: Some(Example {
            bad: r#"[menu.refunds]
say = "main-menu"
keys = { 0 = { queue = "service" } }"#,
            good: r#"[[number]]
name = "95001"
menu = "refunds"

[menu.refunds]
say = "main-menu"
keys = { 0 = { queue = "service" } }"#,
        }),
    },
    Explanation {
        code: "HL032",
        severity: Warning,
        rule: None,
        what: both("a queue that nobody can serve", "没有坐席能服务的排队"),
        why: both(
            "Not even the last, widest step admits a seat. Its calls would wait until they break off.",
            "连最后、最宽的一步也没有坐席符合，来电会一直等到客户挂机。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "taxes"
step = [{ requires = "billing >= 10" }]"#,
            good: r#"[[queue]]
name = "taxes"
step = [{ requires = "billing >= 5" }]"#,
        }),
    },
    Explanation {
        code: "HL033",
        severity: Warning,
        rule: None,
        what: both("nobody in a queue speaks a language", "排队中没有会某种语言的坐席"),
        why: both(
            "Calls keep the language that callers chose; a seat without its skill is never asked.",
            "来电保留客户选择的语言，没有该语言技能的坐席永远不会被派到。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }

[[queue]]
name = "billing"
seats = ["1002"]"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 3 }

[[queue]]
name = "billing"
seats = ["1002"]"#,
        }),
    },
    Explanation {
        code: "HL034",
        severity: Warning,
        rule: None,
        what: both("a seat named for a queue that it does not serve", "坐席列在它不服务的排队中"),
        why: both(
            "The queue's `seats` name it, and the seat's own `queues` leave the queue out: both must agree before it gets calls.",
            "排队的 `seats` 里有它，它自己的 `queues` 里却没有这个排队：两边一致才会派给它。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 5 }
queues = ["service"]

[[queue]]
name = "billing"
seats = ["1001", "1002"]"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 5 }
queues = ["service", "billing"]

[[queue]]
name = "billing"
seats = ["1001", "1002"]"#,
        }),
    },
    Explanation {
        code: "HL035",
        severity: Error,
        rule: None,
        what: both("a queue that overflows into itself", "排队溢出到它自己"),
        why: both(
            "Overflow adds the seats of another queue; its own are asked already.",
            "溢出是加上别的排队的坐席，它自己的坐席本来就在派。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
overflow = "billing""#,
            good: r#"[[queue]]
name = "billing"
overflow = "service""#,
        }),
    },
    Explanation {
        code: "HL036",
        severity: Error,
        rule: None,
        what: both("steps or targets out of order", "步骤或对象的先后不对"),
        why: both(
            "The first step begins at once, since nobody would serve the queue before it; each later one begins later. Seats and targets of `overflow` stand in the order of their `after` too.",
            "第一步立即开始，否则之前无人服务；后面的步骤依次更晚。`overflow` 里的坐席和外部对象也按 `after` 的先后写。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [{ after = "5s" }]"#,
            good: r#"[[queue]]
name = "billing"
step = [{ requires = "zh >= 5" }, { after = "5s" }]"#,
        }),
    },
    Explanation {
        code: "HL037",
        severity: Warning,
        rule: None,
        what: both("a way into a queue on which nobody is fit", "从某条路径进入排队的客户找不到坐席"),
        why: both(
            "What the menus ask for on this way (skills, class, language, clearance) is more than any seat of the queue has, even at its last step.",
            "这条路径上菜单要求的（技能、类别、语言、敏感授权），该排队没有坐席全部具备，最后一步也没有。",
        ),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
queue = "service"
set = { skills = ["zh >= 10"] }"#,
            good: r#"[[number]]
name = "95001"
queue = "service"
set = { skills = ["zh >= 9"] }"#,
        }),
    },
    Explanation {
        code: "HL038",
        severity: Warning,
        rule: None,
        what: both("a step that admits nobody", "没有坐席符合的步骤"),
        why: both("Calls wait through this step for nothing; the clock of R5 runs on.", "来电在这一步白白等待，而 R5 的 30 秒照样在走。"),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [{ requires = "zh >= 10" }, { after = "15s" }]"#,
            good: r#"[[queue]]
name = "billing"
step = [{ requires = "zh >= 9" }, { after = "15s" }]"#,
        }),
    },
    Explanation {
        code: "HL039",
        severity: Warning,
        rule: None,
        what: both("a seat named for a queue that never admits it", "坐席列在排队中却始终不符合条件"),
        why: both("No step of the queue is wide enough for the skills of this seat.", "该排队没有一步宽到允许这个坐席的技能。"),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 2, en = 2 }

[[queue]]
name = "billing"
seats = ["1001", "1002"]
step = [{ requires = "zh >= 5" }]"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 2, en = 2 }

[[queue]]
name = "billing"
seats = ["1001", "1002"]
step = [{ requires = "zh >= 5" }, { after = "15s" }]"#,
        }),
    },
];
