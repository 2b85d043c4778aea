//! Explanations: look-ups by what callers key, and the number that was dialled.

use super::{Example, Explanation};
use crate::Severity::Error;
use crate::said::both;

pub(super) static CODES: [Explanation; 4] = [
    Explanation {
        code: "HL210",
        severity: Error,
        rule: None,
        what: both("a file that is asked with nothing", "没有写明按什么查的文件"),
        why: both(
            "Callers are known by their numbers from `[[customers]]`. A look-up with a file is asked with what a menu collects: `by` names that.",
            "按来电号码认客户用 `[[customers]]`；带文件的查询按菜单收集的号码查，由 `by` 写明是哪一个。",
        ),
        example: Some(Example {
            bad: "[lookup.contracts]\nfile = \"contracts.csv\"\n-- contracts.csv --\ncontract,customer_type\n62001,vip",
            good: "[[customers]]\nfile = \"contracts.csv\"\n-- contracts.csv --\nnumber,customer_type\n13800138000,vip",
        }),
    },
    Explanation {
        code: "HL211",
        severity: Error,
        rule: None,
        what: both("a value that nobody can key", "无法用按键输入的值"),
        why: both(
            "Only the figures of a telephone's keys are collected, and as many as a menu's `collect` takes, so a row under anything else would never be found.",
            "话机按键只能输入数字，位数由菜单的 `collect` 限定，其他写法或位数的行永远查不到。",
        ),
        example: Some(Example { bad: CONTRACTS_BAD, good: CONTRACTS }),
    },
    Explanation {
        code: "HL212",
        severity: Error,
        rule: None,
        what: both("a value in two rows", "两行的值相同"),
        why: both("One of the two rows would count and the other not.", "两行之中只有一行会起作用。"),
        example: Some(Example { bad: CONTRACTS_TWICE, good: CONTRACTS }),
    },
    Explanation {
        code: "HL213",
        severity: Error,
        rule: None,
        what: both("an unknown number of ours", "未知的热线号码"),
        why: both(
            "`dialled` is compared with a `[[number]]`: its name, one of its aliases, or the same number in another form. Two aliases of one number are one number: write a `[[number]]` for each to tell them apart.",
            "`dialled` 只能与 `[[number]]` 比较：写它的名字、别名，或同一号码的其他写法。同一个 `[[number]]` 的各个别名算同一个号码；要区分就各写一个 `[[number]]`。",
        ),
        example: Some(Example { bad: DIALLED_UNKNOWN, good: DIALLED }),
    },
];

const CONTRACTS_BAD: &str = "[[number]]\nname = \"95002\"\nmenu = \"contract\"\n[menu.contract]\nsay = [\"welcome\"]\nkeys = { 0 = { queue = \"service\" } }\ncollect = { name = \"contract\", min = 5, max = 5, done = { queue = \"service\" } }\n[lookup.contracts]\nby = \"contract\"\nfile = \"contracts.csv\"\n-- contracts.csv --\ncontract,customer_type\nC-62001,vip";
const CONTRACTS: &str = "[[number]]\nname = \"95002\"\nmenu = \"contract\"\n[menu.contract]\nsay = [\"welcome\"]\nkeys = { 0 = { queue = \"service\" } }\ncollect = { name = \"contract\", min = 5, max = 5, done = { queue = \"service\" } }\n[lookup.contracts]\nby = \"contract\"\nfile = \"contracts.csv\"\n-- contracts.csv --\ncontract,customer_type\n62001,vip";
const CONTRACTS_TWICE: &str = "[[number]]\nname = \"95002\"\nmenu = \"contract\"\n[menu.contract]\nsay = [\"welcome\"]\nkeys = { 0 = { queue = \"service\" } }\ncollect = { name = \"contract\", min = 5, max = 5, done = { queue = \"service\" } }\n[lookup.contracts]\nby = \"contract\"\nfile = \"contracts.csv\"\n-- contracts.csv --\ncontract,customer_type\n62001,vip\n62001,ordinary";
const DIALLED_UNKNOWN: &str = "[[number]]\nname = \"95001\"\nmenu = \"fault\"\n[[number]]\nname = \"95002\"\nmenu = \"fault\"\n[menu.fault]\nsay = [\"welcome\"]\nkeys = { 0 = { queue = \"service\" } }\n[[menu.fault.gate]]\nwhen = \"dialled == 95003\"\nqueue = \"service\"";
const DIALLED: &str = "[[number]]\nname = \"95001\"\nmenu = \"fault\"\n[[number]]\nname = \"95002\"\nmenu = \"fault\"\n[menu.fault]\nsay = [\"welcome\"]\nkeys = { 0 = { queue = \"service\" } }\n[[menu.fault.gate]]\nwhen = \"dialled == 95002\"\nqueue = \"service\"";
