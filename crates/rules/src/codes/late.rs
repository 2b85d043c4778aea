//! Explanations: keys that lead nowhere else, days that stand twice, what comes too late or is gone.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 8] = [
    Explanation {
        code: "HL329",
        severity: Warning,
        rule: None,
        what: both("a key, or collected digits, that lead to their own menu", "转回自己菜单的按键或收号"),
        why: both(
            "Whoever presses it hears the same menu again, as often as they like, and the menu that was meant is reached by nobody. A key that says something before, changes the language, or sets what a gate of the menu asks, is not told. Where collected digits lead back, over other menus that only collect too, callers key them for ever.",
            "按它只会再听一遍同一菜单，可以无限重复，而原本要转到的菜单谁也到不了。先播报内容、切换语言，或设置了该菜单分流条件的按键不提示。收完号码又转回来的（包括经过其他同样只收号的菜单），来电者会没完没了地输入。",
        ),
        example: Some(Example {
            bad: r#"[menu.faults]
say = "main-menu"
failed = { queue = "technical" }
[menu.faults.keys]
0 = { queue = "technical" }
2 = { set = { nature = "technical" }, menu = "faults" }
[[number]]
name = "95001"
menu = "faults""#,
            good: r#"[menu.faults]
say = "main-menu"
failed = { queue = "technical" }
[menu.faults.keys]
0 = { queue = "technical" }
2 = { set = { nature = "technical" }, menu = "main" }
[[number]]
name = "95001"
menu = "faults""#,
        }),
    },
    Explanation {
        code: "HL330",
        severity: Warning,
        rule: Some("R5"),
        what: both("a last resort that comes too late", "来得太晚的最后出路"),
        why: both(
            "Whoever waits is to have a person within the answer time. Until the step or the overflow that lets everybody help, seats stay idle while that time is over. An `overflow` outside counts its `after` from the breach: as long again is allowed.",
            "客户应在人工接听时限内有人接听。在放开全部坐席的那一步或溢出之前，时限已过，却仍有坐席空闲。转到外部的 `overflow` 从超时起计 `after`：最多再等同样长。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [{ requires = "billing >= 5" }, { after = "2min", requires = "anyone" }]
[[number]]
name = "95001"
queue = "billing"

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }"#,
            good: r#"[[queue]]
name = "billing"
step = [{ requires = "billing >= 5" }, { after = "20s", requires = "anyone" }]
[[number]]
name = "95001"
queue = "billing"

[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5 }"#,
        }),
    },
    Explanation {
        code: "HL331",
        severity: Warning,
        rule: Some("R16"),
        what: both("a day that stands twice in one list", "同一列表里写了两次的日期"),
        why: both(
            "A day that stands alone and in a stretch, or in two stretches, was likely to be another. Whoever mends one of the two leaves the other as it was.",
            "单独写了、又在一段日期里的一天，或两段重叠的日期，往往有一处写错。改了一处，另一处仍起作用。",
        ),
        example: Some(Example {
            bad: r#"[holidays.y2027]
year = 2027
off = ["2027-10-01..2027-10-07", 2027-10-05]"#,
            good: r#"[holidays.y2027]
year = 2027
off = ["2027-10-01..2027-10-07", 2027-10-08]"#,
        }),
    },
    Explanation {
        code: "HL332",
        severity: Error,
        rule: None,
        what: both("tests that are gone", "不见了的测试"),
        why: both(
            "With `rules.tests = \"require\"` in hotline.toml no rules are loaded that their tests do not let pass. A folder whose tests were taken away, or emptied, would let everything pass: the running rules stay. Whoever wants to load rules without tests says so in hotline.toml.",
            "hotline.toml 中 `rules.tests = \"require\"` 表示测试不通过的规则不加载。测试被移走或清空，就等于什么都通过：因此仍使用当前规则。若确要不经测试就加载，请在 hotline.toml 里写明。",
        ),
        example: None,
    },
    Explanation {
        code: "HL333",
        severity: Warning,
        rule: Some("R138"),
        what: both("a network that another one contains", "包含在另一网段里的网段"),
        why: both(
            "Whoever is in the larger one is let in, so that the smaller one says nothing. Often the larger one was to be narrower.",
            "在较大网段里的都允许，较小的那个不起作用。往往较大的写得过大。",
        ),
        example: Some(Example {
            bad: r#"[access]
networks = ["10.0.0.0/8", "10.1.0.0/16"]"#,
            good: r#"[access]
networks = ["10.2.0.0/16", "10.1.0.0/16"]"#,
        }),
    },
    Explanation {
        code: "HL334",
        severity: Warning,
        rule: None,
        what: both("a folder of rules that is not read", "没有读取的规则文件夹"),
        why: both(
            "Read are the files of the folder of rules and of the folders in it, and the files of tests right in `tests`. What lies deeper is no part of the rules, and tests there are never run.",
            "只读取规则文件夹及其下一层文件夹中的文件，测试只读取 `tests` 中的文件。更深处的不属于规则，那里的测试也从不运行。",
        ),
        example: None,
    },
    Explanation {
        code: "HL335",
        severity: Warning,
        rule: Some("R138"),
        what: both("a fixed telephone outside the networks", "不在允许网段里的固定话机"),
        why: both(
            "Seats sign in from `networks` only. The `contact` of this one is an address in none of them, so that every sign-in there is refused.",
            "坐席只能从 `networks` 签入。这个坐席的 `contact` 不在其中任何网段，在那里签入都会被拒绝。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
contact = "sip:1002@192.0.2.7:5060"
skills = { zh = 5, en = 5 }

[access]
networks = ["10.0.0.0/8"]"#,
            good: r#"[[seat]]
name = "1002"
contact = "sip:1002@10.0.2.7:5060"
skills = { zh = 5, en = 5 }

[access]
networks = ["10.0.0.0/8"]"#,
        }),
    },
    Explanation {
        code: "HL336",
        severity: Warning,
        rule: None,
        what: both("a pattern or target that another has in it", "已包含在另一项里的号码样式或转接对象"),
        why: both(
            "All of its numbers fit another pattern of the same list, or the list has all of its kind: it adds nothing. Mostly the wider one is older than it, or wider than meant.",
            "它的号码全部符合同一列表里的另一个样式，或列表已含这一类的全部：写它不起作用。多半是较宽的一项写在先，或写得太宽。",
        ),
        example: Some(Example {
            bad: r#"[outbound]
allow = ["1[3-9]x{9}", "139x{8}"]"#,
            good: r#"[outbound]
allow = ["139x{8}"]"#,
        }),
    },
];
