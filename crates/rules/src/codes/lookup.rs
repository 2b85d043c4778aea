//! Explanations: CSV files, and look-ups of customers.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 4] = [
    Explanation {
        code: "HL160",
        severity: Error,
        rule: None,
        what: both("a CSV file that is not there", "CSV 文件不存在"),
        why: both(
            "The file stands in the folder of the rules, beside the TOML file that names it or below; nothing outside the folder is read.",
            "文件应与引用它的 TOML 文件放在同一文件夹（或其下），文件夹之外的文件一律不读。",
        ),
        example: Some(Example {
            bad: "[[customers]]\nfile = \"../customers.csv\"\n-- customers.csv --\nnumber\n13800138000",
            good: "[[customers]]\nfile = \"customers.csv\"\n-- customers.csv --\nnumber\n13800138000",
        }),
    },
    Explanation {
        code: "HL161",
        severity: Error,
        rule: None,
        what: both("a CSV file that can not be read", "CSV 文件无法读取"),
        why: both(
            "The file is UTF-8, and every row has as many cells as the header; cells with a comma or a line break stand in quotes.",
            "文件须为 UTF-8 编码，每行的格数与表头相同；含逗号或换行的格要加引号。",
        ),
        example: Some(Example {
            bad: "[[customers]]\nfile = \"customers.csv\"\n-- customers.csv --\nnumber,name\n13800138000,Smith, John",
            good: "[[customers]]\nfile = \"customers.csv\"\n-- customers.csv --\nnumber,name\n13800138000,\"Smith, John\"",
        }),
    },
    Explanation {
        code: "HL162",
        severity: Error,
        rule: None,
        what: both("a column that is missing or unknown", "列缺失或未知"),
        why: both(
            "The first line of a CSV file names its columns. A name that nobody knows would be a column that does nothing.",
            "CSV 文件的第一行是列名。未知的列不起任何作用。",
        ),
        example: Some(Example {
            bad: "[[customers]]\nfile = \"customers.csv\"\n-- customers.csv --\nnumber,customer_typ\n13800138000,vip",
            good: "[[customers]]\nfile = \"customers.csv\"\n-- customers.csv --\nnumber,customer_type\n13800138000,vip",
        }),
    },
    Explanation {
        code: "HL164",
        severity: Warning,
        rule: None,
        what: both("a CSV file that no rule names", "没有规则引用的 CSV 文件"),
        why: both("It looks as if it counted, and does not.", "看似有效，实际不起作用。"),
        example: Some(Example {
            bad: "[[customer]]\nname = \"one\"\nnumbers = [\"13800138000\"]\n-- customers.csv --\nnumber\n13900139000",
            good: "[[customers]]\nfile = \"customers.csv\"\n-- customers.csv --\nnumber\n13900139000",
        }),
    },
];
