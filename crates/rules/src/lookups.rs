//! `[lookup.NAME]`: sources outside that are asked about each caller, and what holds without their answer (R36).

use crate::customer_lists::COLUMNS;
use crate::declare::Item;
use crate::finding::{At, Findings, Place};
use crate::fixes::respelt;
use crate::hidden::redacted;
use crate::menus::changes_in;
use crate::one_select::{Otherwise, otherwise};
use crate::places::Texts;
use crate::predicate::MOST_DIGITS;
use crate::read::{Node, Table};
use crate::rule_set::LONGEST_LOOK_UP;
use crate::said::{both, code, said};
use crate::scope::Scope;
use crate::sheet::{Sheet, Sheets};
use crate::suggest::did_you_mean;
use crate::{CallerFacts, Lookup, LookupSource, Menu, Said, Written};
use hotline_model::{Name, SeatId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

const KEYS: [&str; 7] = ["by", "sqlite", "query", "file", "url", "limit", "fallback"];
/// What stands for the number in an address.
const NUMBER: &str = "{number}";
const LONGEST_URL: usize = 2_048;
const LONGEST_QUERY: usize = 16_384;

pub(crate) fn lookups(
    items: &[Item<'_>],
    menus: &[Menu],
    texts: &Texts<'_>,
    sheets: &mut Sheets<'_>,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Vec<Lookup> {
    let mut all = Vec::new();
    for item in items {
        let table = &item.table;
        table.only(&KEYS, both("a look-up", "查询"), findings);
        let by = table.get("by");
        let value =
            by.as_ref().and_then(|node| node.text(findings)).filter(|by| scope.collected.find(by.value, &by.place, findings).is_some());
        let asks = Asks::new(value.as_ref().map(|value| value.value), by.is_none(), menus);
        let source = source(table, &asks, texts, sheets, scope, findings);
        let limit = limit(table, findings);
        let (fallback, fallback_said) = fallback(table, scope, findings);
        let (name, written) = (item.name.value.clone(), written(table));
        all.extend(source.map(|source| Lookup {
            name,
            by: asks.by.map(Name::from),
            source: Arc::new(source),
            limit,
            fallback,
            fallback_said,
            written,
        }));
    }
    all
}

fn written(table: &Table<'_>) -> Written {
    let source =
        table.get("sqlite").or_else(|| table.get("url")).or_else(|| table.get("file")).map_or_else(|| table.place(), |node| node.place());
    let query = table.get("query").map_or_else(|| source.span.clone(), |node| node.place().span);
    Written { file: source.file, source: source.span, query }
}

/// With what a source is asked.
struct Asks<'t> {
    /// A collected value, if its name is right.
    by: Option<&'t str>,
    /// The caller's number.
    number: bool,
    /// Fewest and most figures of the value, of each menu that collects it.
    lengths: BTreeSet<(u8, u8)>,
}

impl<'t> Asks<'t> {
    fn new(by: Option<&'t str>, number: bool, menus: &[Menu]) -> Self {
        let collects = menus.iter().filter_map(|menu| menu.collect.as_ref()).filter(|collect| by == Some(&*collect.name));
        Self { by, number, lengths: collects.map(|collect| (collect.min, collect.max)).collect() }
    }

    /// Whether a value of so many figures can be collected; if no menu could be read, that is told there.
    fn takes(&self, figures: usize) -> bool {
        let fits = |(min, max): &(u8, u8)| (usize::from(*min)..=usize::from(*max)).contains(&figures);
        self.lengths.is_empty() || self.lengths.iter().any(fits)
    }

    /// `6 to 10`.
    fn lengths_in_words(&self) -> Said {
        let words = |to: &str, or: &str| {
            let one = |(min, max): &(u8, u8)| if min == max { min.to_string() } else { format!("{min}{to}{max}") };
            self.lengths.iter().map(one).collect::<Vec<_>>().join(or)
        };
        Said { en: words(" to ", " or ").into(), zh: words(" 至 ", " 或 ").into() }
    }
}

fn source(
    table: &Table<'_>,
    asks: &Asks<'_>,
    texts: &Texts<'_>,
    sheets: &mut Sheets<'_>,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<LookupSource> {
    match (table.get("sqlite"), table.get("url"), table.get("file")) {
        (None, None, Some(file)) => listed(&file, asks, sheets, scope, findings),
        (Some(sqlite), None, None) => {
            let path = sqlite.text(findings)?;
            let query = table.need("query", both("a look-up in a database", "数据库查询"), findings)?.text(findings)?;
            check_query(&query, asks, findings);
            Some(LookupSource::Sqlite { path: texts.beside(&path.place, path.value), query: query.value.to_owned() })
        }
        (None, Some(url), None) => {
            if let Some(query) = table.get("query") {
                let label = both("`query` is for `sqlite`", "`query` 只用于 `sqlite`");
                findings.error("HL165", &query.place(), both("a query without a database", "有 `query` 而没有数据库"), label);
            }
            let url = url.text(findings)?;
            check_url(&url, findings).then(|| LookupSource::Http { url: url.value.to_owned() })
        }
        (sqlite, _, file) => {
            let place = sqlite.or(file).map_or(table.place(), |node| node.place());
            let message = both("a look-up asks one source", "一个查询只能有一个来源");
            let help = both(
                "write either `sqlite` and `query`, or `url`, or `file` with `by`",
                "请写 `sqlite` 和 `query`，或者 `url`，或者 `file` 和 `by`，只选其一",
            );
            findings.error("HL165", &place, message, both("`sqlite`, `url` or `file`", "`sqlite`、`url` 或 `file`")).help(help);
            None
        }
    }
}

fn check_query(query: &At<&str>, asks: &Asks<'_>, findings: &mut Findings) {
    let Some(why) = otherwise(query.value) else { return check_asked(query, asks, findings) };
    let label = match why {
        Otherwise::Verb => both("it begins otherwise", "开头不是这样的词"),
        Otherwise::Writes => both("this changes the database", "会修改数据库"),
        Otherwise::Second => both("something stands behind the first `;`", "第一个 `;` 之后还有内容"),
    };
    let help =
        both("one `SELECT`, or `WITH` and a `SELECT`: a look-up only reads", "请只写一个 `SELECT`，或 `WITH` 加 `SELECT`：查询只读取");
    findings.error("HL240", &query.place, both("a query that is not one `SELECT`", "查询语句不是单个 `SELECT`"), label).help(help);
}

fn check_asked(query: &At<&str>, asks: &Asks<'_>, findings: &mut Findings) {
    let is_asked = query.value.contains("?1") || query.value.contains('?') && query.value.matches('?').count() == 1;
    if query.value.len() > LONGEST_QUERY || !is_asked {
        let message = match asks.number {
            true => both("a query that does not ask for the caller's number", "查询语句没有用到来电号码"),
            false => both("a query that does not ask for the value of `by`", "查询语句没有用到 `by` 的值"),
        };
        let help = both(
            "like `\"SELECT customer_type, agent FROM customers WHERE number = ?1\"`",
            "例如 `\"SELECT customer_type, agent FROM customers WHERE number = ?1\"`",
        );
        findings.error("HL169", &query.place, message, both("`?1` is the number", "`?1` 代表号码")).help(help);
    }
}

/// `file = "contracts.csv"`: a column of the value's name, and those of customers.
fn listed(file: &Node<'_>, asks: &Asks<'_>, sheets: &mut Sheets<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<LookupSource> {
    file.text(findings)?;
    if asks.number {
        let help = both(
            "callers are known by their numbers from `[[customers]]` with this file; with `by` it is asked with what they key",
            "按来电号码认客户请用 `[[customers]]`；要按来电者输入的号码查，请写 `by`",
        );
        let message = both("a file that is asked with nothing", "没有写明按什么查这个文件");
        findings.error("HL210", &file.place(), message, both("`by` is missing", "缺少 `by`")).help(help);
        return None;
    }
    let (by, sheet) = (asks.by?, sheets.named(file, findings)?);
    let columns: Vec<&str> = std::iter::once(by).chain(COLUMNS[1..].iter().copied()).collect();
    let mut rows: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    Sheet::open(sheet, &columns, &columns[..1], findings)?.each(findings, |row, findings| {
        let value = row.cell(0);
        let of_figures = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        if of_figures && value.len() <= usize::from(MOST_DIGITS) && !asks.takes(value.len()) {
            tell_never_collected(by, value.len(), asks, &row.place(0), findings);
            return;
        }
        if !of_figures || value.len() > usize::from(MOST_DIGITS) {
            let message = said!("a `{by}` that nobody can key", "无法用按键输入的 `{by}`");
            let label = said!("1 to {MOST_DIGITS} figures", "应为 1 至 {MOST_DIGITS} 位数字");
            let help = both("only figures are collected from the keys of a telephone", "话机按键只能输入数字");
            findings.error("HL211", &row.place(0), message, label).help(help);
            return;
        }
        crate::customer_lists::check_row(row, scope, findings);
        let cells = columns.iter().enumerate().skip(1).map(|(at, column)| ((*column).to_owned(), row.cell(at).to_owned()));
        let known = cells.filter(|(_, cell)| !cell.is_empty()).collect();
        if rows.insert(value.to_owned(), known).is_some() {
            let message = said!("a `{by}` in two rows", "两行的 `{by}` 相同");
            let label = both("which of them is meant?", "以哪一行为准？");
            findings.error("HL212", &row.place(0), message, label).help(both("remove one", "请删去一行"));
        }
    });
    Some(LookupSource::Csv { rows })
}

fn tell_never_collected(by: &str, figures: usize, asks: &Asks<'_>, place: &Place, findings: &mut Findings) {
    let message = said!("a `{by}` that nobody can key", "无法用按键输入的 `{by}`");
    let wanted = asks.lengths_in_words();
    let label = said!([wanted] "{figures} figures, where menus collect {wanted}", "{figures} 位，而菜单收集 {wanted} 位");
    let too_short = asks.lengths.iter().all(|(min, _)| figures < usize::from(*min));
    let help = match too_short {
        true => both(
            "has a spreadsheet dropped zeros at the beginning? Format the column as text; else mend `min` of `collect`",
            "是不是电子表格丢了开头的 0？请把该列设为文本格式；否则请修改 `collect` 的 `min`",
        ),
        false => both("mend the row, or `min` and `max` of `collect`", "请修改这一行，或修改 `collect` 的 `min` 和 `max`"),
    };
    findings.error("HL211", place, message, label).help(help);
}

/// `http://host[:port]/path`, with the number in the path or behind it at most.
fn check_url(url: &At<&str>, findings: &mut Findings) -> bool {
    let help = both("like `\"http://crm.local:8080/callers/{number}\"`", "例如 `\"http://crm.local:8080/callers/{number}\"`");
    if url.value.starts_with("https://") {
        let label = both("this hotline speaks no TLS", "本热线不支持 TLS");
        let help = both("ask a proxy on this machine or in a safe network by `http://`", "请经本机或安全网络内的代理以 `http://` 查询");
        findings.error("HL166", &url.place, both("`https` can't be asked", "无法使用 `https`"), label).help(help);
        return false;
    }
    let good = http_parts(url.value).is_some();
    if !good && let Some(word) = placeholder(url.value) {
        let message =
            said!("`{{{word}}}` stands for nothing in an address", "地址里的 `{{{word}}}` 不代表任何内容", word = word.escape_debug());
        let near = did_you_mean(word, ["number"]).is_some();
        let meant = url.value.replacen(&format!("{{{word}}}"), NUMBER, 1);
        let fix = respelt(url.value, &meant, &url.place).filter(|_| near);
        let label = both("only `{number}` is filled in", "只会代入 `{number}`");
        findings.error("HL166", &url.place, message, label).help(help).maybe_fix(fix);
    } else if !good {
        let shown = redacted(url.value);
        let label = match shown == url.value {
            true => both("not such an address", "不是这样的地址"),
            false => both("an address may have no user and password", "地址里不能有用户名和密码"),
        };
        let message = said!("`{}` can't be asked by HTTP", "`{}` 不能以 HTTP 查询", shown.escape_debug());
        findings.error("HL166", &url.place, message, label).help(help);
    }
    good
}

/// A word in braces that is not the number's, where the address holds no password.
fn placeholder(url: &str) -> Option<&str> {
    let inside = url.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word);
    inside.filter(|_| redacted(url) == url).find(|word| *word != "number")
}

/// Host, port and target (path and query) of an `http://` address; `None` if it is none, has a user or fragment, or the number in its host.
pub fn http_parts(url: &str) -> Option<(&str, u16, &str)> {
    let rest = url.strip_prefix("http://").filter(|_| url.len() <= LONGEST_URL)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)?),
        None => (authority, 80),
    };
    let of_name = |host: &str| !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let v6 = |host: &str| host.strip_prefix('[')?.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().ok();
    let plain = target.replace(NUMBER, "").bytes().all(|b| b.is_ascii_graphic() && !b"#<>\"{}|\\^`".contains(&b));
    let rooted = target.is_empty() || target.starts_with('/');
    ((of_name(host) || v6(host).is_some()) && plain && rooted).then_some((host, port, target))
}

fn limit(table: &Table<'_>, findings: &mut Findings) -> Duration {
    let Some(limit) = table.duration("limit", findings) else { return LONGEST_LOOK_UP };
    if limit.value > LONGEST_LOOK_UP || limit.value.is_zero() {
        let message = both("callers would notice that they are looked up", "来电者会感到查询的停顿");
        let help = both("300 ms at most; what takes longer gets the fallback", "最多 300 毫秒；更慢的查询按 `fallback` 处理");
        findings.error("HL167", &limit.place, message, both("1 ms to 300 ms", "应为 1 至 300 毫秒")).help(help);
    }
    limit.value
}

fn fallback(table: &Table<'_>, scope: &Scope<'_>, findings: &mut Findings) -> (CallerFacts, Vec<(Name, Name)>) {
    let Some(fallback) = table.get("fallback").and_then(|node| node.table(findings)) else { return Default::default() };
    fallback.only(&COLUMNS[2..], code("`fallback`"), findings);
    let mut seat = |key: &str| {
        let name = fallback.text(key, findings)?;
        scope.seats.find(name.value, &name.place, findings).and_then(|id| u32::try_from(id).ok()).map(SeatId)
    };
    let (agent, preferred) = (seat("agent"), seat("preferred"));
    let said = fallback.entries().into_iter().filter_map(|(key, node)| Some((Name::from(key.value), Name::from(cell(&node)?))));
    let said = said.collect();
    (CallerFacts { set: changes_in(&fallback, scope, findings), agent, preferred }, said)
}

/// As an answer would say it.
pub(crate) fn cell(node: &Node<'_>) -> Option<String> {
    let flag = || node.as_flag().map(|flag| flag.to_string());
    let list = || Some(node.as_list()?.iter().filter_map(Node::as_text).collect::<Vec<_>>().join("; "));
    node.as_text().map(str::to_owned).or_else(flag).or_else(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_host_a_port_and_where_there() {
        for (url, parts) in [
            ("http://crm.local/c/{number}?x=1", Some(("crm.local", 80, "/c/{number}?x=1"))),
            ("http://127.0.0.1:8080", Some(("127.0.0.1", 8080, ""))),
            ("http://[::1]:81/", Some(("[::1]", 81, "/"))),
            ("http://[::1]/", Some(("[::1]", 80, "/"))),
            ("http://{number}.crm.local/", None),
            ("http://user:pass@crm.local/", None),
            ("http://crm.local:0/", None),
            ("http://crm.local:99999/", None),
            ("http://crm.local/a b", None),
            ("http://crm.local/a\r\nX: y", None),
            ("http://crm.local/#x", None),
            ("http://crm.local?x=1", None),
            ("ftp://crm.local/", None),
            ("http:///x", None),
        ] {
            assert_eq!(http_parts(url), parts, "{url}");
        }
    }
}
