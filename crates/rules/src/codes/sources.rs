//! Explanations: what the databases of look-ups say to their queries.

use super::{Example, Explanation};
use crate::Severity::Error;
use crate::said::both;

pub(super) static CODES: [Explanation; 4] = [
    Explanation {
        code: "HL240",
        severity: Error,
        rule: None,
        what: both("a query that is not one `SELECT`", "查询语句不是单个 `SELECT`"),
        why: both(
            "A look-up reads one row. What changes the database, opens another, or says a second thing would fail at every call, or be left out.",
            "查询只读取一行。修改数据库、打开另一个数据库、或写第二条语句，要么每通来电都失败，要么不起作用。",
        ),
        example: Some(Example {
            bad: r#"[lookup.crm]
sqlite = "crm.db"
query = "DELETE FROM customers WHERE number = ?1""#,
            good: r#"[lookup.crm]
sqlite = "crm.db"
query = "SELECT customer_type FROM customers WHERE number = ?1""#,
        }),
    },
    Explanation {
        code: "HL241",
        severity: Error,
        rule: None,
        what: both("a database that can not be opened", "数据库无法打开"),
        why: both(
            "The file is opened as the rules are checked and loaded, so that a wrong path is told then and not at the first call. A relative path begins at the file of rules that names it.",
            "检查和加载规则时会打开该文件，路径写错当时就会发现，而不是等到第一通来电。相对路径从引用它的规则文件所在文件夹起算。",
        ),
        example: None,
    },
    Explanation {
        code: "HL242",
        severity: Error,
        rule: None,
        what: both("a query that the database does not take", "数据库不接受的查询语句"),
        why: both(
            "The query is prepared on its database as the rules are checked and loaded: unknown tables, more parameters than the number, and columns that mean nothing are told.",
            "检查和加载规则时会在该数据库上预编译语句：未知的表、号码以外的参数、没有意义的列都会报告。",
        ),
        example: None,
    },
    Explanation {
        code: "HL243",
        severity: Error,
        rule: None,
        what: both("a folder without rules", "没有规则的文件夹"),
        why: both(
            "Rules are the files of the folder that end in `.toml`. A folder without any is the wrong one, or is not filled yet.",
            "规则是文件夹中以 `.toml` 结尾的文件。一个都没有，说明文件夹不对，或尚未放入规则。",
        ),
        example: None,
    },
];
