//! Explanations: CSV files, and look-ups of customers.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 8] = [
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
            "The file is UTF-8, its lines end with LF or CR LF, and every row has as many cells as the header; cells with a comma or a line break stand in quotes.",
            "文件须为 UTF-8 编码，行尾为 LF 或 CR LF，每行的格数与表头相同；含逗号或换行的格要加引号。",
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
    Explanation {
        code: "HL165",
        severity: Error,
        rule: None,
        what: both("a look-up without exactly one source", "查询的来源不是恰好一个"),
        why: both(
            "A look-up asks a database (`sqlite` and `query`), a webhook (`url`), or with `by` a CSV file (`file`). To ask several, write several look-ups.",
            "一个查询只问一处：数据库（`sqlite` 和 `query`）、webhook（`url`），或配合 `by` 的 CSV 文件（`file`）。几处都要问时请写几个查询。",
        ),
        example: Some(Example {
            bad: r#"[lookup.crm]
limit = "200ms""#,
            good: r#"[lookup.crm]
url = "http://127.0.0.1:8080/callers/{number}"
limit = "200ms""#,
        }),
    },
    Explanation {
        code: "HL166",
        severity: Error,
        rule: None,
        what: both("an address that can not be asked", "无法查询的地址"),
        why: both(
            "The address begins with `http://` and names a host; the number stands in the path or behind it, never in the host, so that no caller chooses who is asked. There is no TLS here: for `https` put a proxy between.",
            "地址以 `http://` 开头并写明主机；号码只能出现在路径或其后，不能出现在主机名里，以免由来电者决定向谁查询。本热线没有 TLS：需要 `https` 时请经代理。",
        ),
        example: Some(Example {
            bad: r#"[lookup.crm]
url = "https://crm.example/callers/{number}""#,
            good: r#"[lookup.crm]
url = "http://crm.example/callers/{number}""#,
        }),
    },
    Explanation {
        code: "HL167",
        severity: Error,
        rule: None,
        what: both("a look-up that may take longer than 300 ms", "查询时限超过 300 毫秒"),
        why: both(
            "The entry into a queue waits for the answer; longer than this callers would notice, and a source that hangs would hold every call.",
            "进入排队要等查询的答复；再长客户就会察觉，来源卡住时会拖住每一通来电。",
        ),
        example: Some(Example {
            bad: r#"[lookup.crm]
url = "http://crm.example/callers/{number}"
limit = "2s""#,
            good: r#"[lookup.crm]
url = "http://crm.example/callers/{number}"
limit = "250ms""#,
        }),
    },
    Explanation {
        code: "HL169",
        severity: Error,
        rule: None,
        what: both("a query that does not ask for the caller", "查询语句没有用到来电号码"),
        why: both("Without the parameter `?1` every caller would get the same row.", "没有参数 `?1`，所有来电者都会得到同一行。"),
        example: Some(Example {
            bad: r#"[lookup.crm]
sqlite = "crm.db"
query = "SELECT customer_type FROM customers""#,
            good: r#"[lookup.crm]
sqlite = "crm.db"
query = "SELECT customer_type FROM customers WHERE number = ?1""#,
        }),
    },
];
