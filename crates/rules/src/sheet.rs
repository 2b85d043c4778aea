//! Reading CSV files (RFC 4180, UTF-8): rows of cells with their places, by the names of a header.

use crate::finding::{At, Findings, Place};
use crate::fixes::{near_name, near_word};
use crate::names::again;
use crate::read::{File, Node};
use crate::said::{both, said};
use crate::suggest::did_you_mean;
use crate::{Edit, Fix};
use csv::{ReaderBuilder, StringRecord, Trim};
use std::collections::BTreeMap;
use std::ops::Range;

/// Most rows of a file.
pub(crate) const MOST_ROWS: usize = 500_000;
/// Digits that no name of a column has.
const VALUE_DIGITS: usize = 3;
/// What spreadsheets and some editors put before UTF-8.
pub(crate) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Whether a file is a table of cells and not TOML.
pub(crate) fn is_sheet(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("csv"))
}

/// The CSV files among the rules.
#[derive(Debug)]
pub(crate) struct Sheets<'s> {
    /// All paths, in the order in which spans count them.
    paths: Vec<&'s str>,
    files: Vec<File<'s>>,
    /// Where each is named.
    named: Vec<Option<Place>>,
}

impl<'s> Sheets<'s> {
    pub(crate) fn new(paths: Vec<&'s str>, files: Vec<File<'s>>) -> Self {
        Self { named: vec![None; files.len()], paths, files }
    }

    /// The file that a table's `file` names, beside the file of the table; tells if there is none.
    pub(crate) fn named(&mut self, node: &Node<'_>, findings: &mut Findings) -> Option<File<'s>> {
        let text = node.text(findings)?;
        if leads_out(text.value) || !is_sheet(text.value) {
            let message = said!("`{}` is no CSV file of the rules", "`{}` 不是规则文件夹里的 CSV 文件", text.value.escape_debug());
            let label = both("not the name of a CSV file in the folder of rules", "应为规则文件夹内 CSV 文件的文件名");
            let help = both("like `customers.csv`, beside this file", "例如 `customers.csv`，与本文件放在同一文件夹");
            findings.error("HL160", &text.place, message, label).help(help);
            return None;
        }
        let folder = self.paths.get(text.place.file).and_then(|path| path.rsplit_once('/')).map_or("", |(folder, _)| folder);
        let wanted = if folder.is_empty() { text.value.to_owned() } else { format!("{folder}/{}", text.value) };
        let found = self.files.iter().position(|file| self.paths.get(file.index).is_some_and(|path| *path == wanted));
        let Some(place) = found else {
            self.tell_missing(&text, folder, findings);
            return None;
        };
        if let Some(first) = self.named[place].replace(text.place.clone()) {
            again(&both("file", "文件"), text.value, &text.place, Some(&first), findings);
            return None;
        }
        Some(self.files[place])
    }

    /// Where each file is named, by its place among all.
    pub(crate) fn places(&self) -> BTreeMap<usize, Place> {
        self.files.iter().zip(&self.named).filter_map(|(file, named)| Some((file.index, named.clone()?))).collect()
    }

    fn tell_missing(&self, text: &At<&str>, folder: &str, findings: &mut Findings) {
        let beside = |file: &File<'s>| {
            let path = *self.paths.get(file.index)?;
            if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
        };
        let known: Vec<&str> = self.files.iter().filter_map(beside).collect();
        let all = || match known.as_slice() {
            [] => both("put it beside this file, as an ordinary file", "请把它作为普通文件放在本文件旁"),
            known => said!(
                "put it beside this file, as an ordinary file; there are: {known}",
                "请把它作为普通文件放在本文件旁；现有：{known}",
                known = known.join(", ")
            ),
        };
        let help = did_you_mean(text.value, known.iter().copied()).unwrap_or_else(all);
        let message = said!("no file `{}` was read", "没有读到文件 `{}`", text.value.escape_debug());
        findings
            .error("HL160", &text.place, message, both("not beside this file, or no ordinary file", "本文件旁没有它，或它不是普通文件"))
            .help(help)
            .maybe_fix(near_name(text.value, known.iter().copied(), &text.place));
    }

    /// Files that lie there and mean nothing.
    pub(crate) fn tell_unnamed(&self, findings: &mut Findings) {
        if findings.has_errors() {
            return;
        }
        for file in self.files.iter().zip(&self.named).filter(|(_, named)| named.is_none()).map(|(file, _)| file) {
            let place = Place { file: file.index, span: 0..0 };
            let help = both(
                "name it: `[[customers]]` or `[[regions]]` with `file = \"...\"`; or remove it",
                "请用 `[[customers]]` 或 `[[regions]]` 的 `file = \"...\"` 引用它，或删除它",
            );
            findings
                .warning(
                    "HL164",
                    &place,
                    both("a CSV file that no rule names", "没有规则引用这个 CSV 文件"),
                    both("it does nothing", "不起作用"),
                )
                .help(help);
        }
    }
}

/// Absolute, or by `..`; with characters that other systems take for a separator.
fn leads_out(path: &str) -> bool {
    path.starts_with('/') || path.contains(['\\', ':', '\0']) || path.split('/').any(|part| part.is_empty() || part.starts_with('.'))
}

/// A file with its header read.
pub(crate) struct Sheet<'s> {
    file: File<'s>,
    /// The text behind a byte order mark.
    begin: usize,
    reader: csv::Reader<&'s [u8]>,
    /// The place of each known column.
    columns: Vec<Option<usize>>,
    /// Where the header says so.
    headers: Vec<Option<Place>>,
    width: usize,
}

/// A line of a file.
#[derive(Clone, Copy)]
pub(crate) struct Row<'r> {
    file: File<'r>,
    start: usize,
    record: &'r StringRecord,
    columns: &'r [Option<usize>],
}

/// Cells that something else than a comma separates: spreadsheets of many countries write `;`. Tells, and whether it is so.
fn tell_separator(header: &Row<'_>, known: &[&str], findings: &mut Findings) -> bool {
    let only = if header.record.len() == 1 { header.record.get(0).unwrap_or_default() } else { "" };
    let names = |sign: char| only.contains(sign) && only.split(sign).any(|name| known.contains(&name.trim()));
    let Some(sign) = [';', '\t', '，', '；', '|'].into_iter().find(|sign| names(*sign)) else { return false };
    let shown = sign.escape_debug();
    let message = said!("`{shown}` between the columns", "列之间用了 `{shown}`");
    let help = both("save it as CSV with commas: `a,b`", "请另存为以逗号分隔的 CSV：`a,b`");
    findings.error("HL162", &header.place_of(0), message, both("columns are separated by commas", "列之间应为半角逗号")).help(help);
    true
}

/// Where a value stands in a first line that names none of the columns.
fn row_for_names(header: &StringRecord, known: &[&str]) -> Option<usize> {
    let named = |cell: &str| known.contains(&cell) || did_you_mean(cell, known.iter().copied()).is_some();
    let value = |cell: &str| cell.chars().filter(char::is_ascii_digit).count() >= VALUE_DIGITS;
    if header.iter().any(named) { None } else { header.iter().position(value) }
}

impl<'s> Sheet<'s> {
    /// Reads the header: one column for each name, in any order; those of `needed` must be there.
    pub(crate) fn open(file: File<'s>, known: &[&str], needed: &[&str], findings: &mut Findings) -> Option<Self> {
        let begin = if file.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        if let Some(at) = file.text.find(char::REPLACEMENT_CHARACTER) {
            let place = Place { file: file.index, span: at..at + char::REPLACEMENT_CHARACTER.len_utf8() };
            let help = both("save it as \"CSV UTF-8\"", "请另存为“CSV UTF-8（逗号分隔）”");
            findings
                .error("HL161", &place, both("this file is not UTF-8", "文件不是 UTF-8 编码"), both("here first", "首先在此处"))
                .help(help);
            return None;
        }
        if let Some(at) = old_line_end(file.text) {
            let place = Place { file: file.index, span: at..at + 1 };
            let message = both("lines end with CR alone, as old Macs wrote them", "行尾只有回车符（CR），是旧 Mac 的换行");
            let help =
                both("save it as \"CSV UTF-8\", not as \"CSV (Macintosh)\"", "请另存为“CSV UTF-8（逗号分隔）”，不要用“CSV (Macintosh)”");
            findings.error("HL161", &place, message, both("the first line ends here", "第一行到此结束")).help(help);
            return None;
        }
        let text = file.text.get(begin..).unwrap_or_default();
        let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).has_headers(false).from_reader(text.as_bytes());
        let mut header = StringRecord::new();
        let any = reader.read_record(&mut header).unwrap_or(false);
        let mut sheet =
            Self { file, begin, reader, columns: vec![None; known.len()], headers: vec![None; known.len()], width: header.len() };
        let start = sheet.start_of(&header);
        let row = Row { file, start, record: &header, columns: &[] };
        if tell_separator(&row, known, findings) {
            return None;
        }
        if let Some(place) = row_for_names(&header, known) {
            let message = both("the first line names no columns", "第一行没有列名");
            let label = both("a value, and no name of a column", "这是数据，不是列名");
            let help = said!(
                "put a line before it that names them, like `{needed}`; columns: {known}",
                "请在它前面加一行列名，例如 `{needed}`；可用的列：{known}",
                needed = needed.join(","),
                known = known.join(", ")
            );
            findings.error("HL162", &row.place_of(place), message, label).help(help);
            return None;
        }
        let good = (0..header.len()).filter(|place| !sheet.name(&row, *place, known, findings)).count() == 0;
        for name in needed {
            let at = known.iter().position(|known| known == name);
            if at.is_none_or(|at| sheet.columns[at].is_none()) && (good || !any) {
                let place = Place { file: file.index, span: start..start };
                let message = said!("no column `{name}`", "缺少列 `{name}`");
                let label = both("the first line names the columns", "第一行应写列名");
                let help = said!("columns: {known}", "可用的列：{known}", known = known.join(", "));
                findings.error("HL162", &place, message, label).help(help);
                return None;
            }
        }
        good.then_some(sheet)
    }

    fn name(&mut self, row: &Row<'_>, place: usize, known: &[&str], findings: &mut Findings) -> bool {
        let name = row.record.get(place).unwrap_or_default();
        let span = row.place_of(place);
        let Some(at) = known.iter().position(|known| *known == name) else {
            let all = || said!("the first line names the columns: {known}", "第一行写列名，可用的列：{known}", known = known.join(", "));
            let help = did_you_mean(name, known.iter().copied()).unwrap_or_else(all);
            let message = said!("unknown column `{}`", "未知的列 `{}`", name.escape_debug());
            findings.error("HL162", &span, message, both("not known here", "这里没有这一列")).help(help).maybe_fix(near_word(
                name,
                known.iter().copied(),
                &span,
            ));
            return false;
        };
        let before = self.headers[at].replace(span.clone());
        let first = self.columns[at].replace(place).is_none();
        if !first {
            again(&both("column", "列"), name, &span, before.as_ref(), findings);
        }
        first
    }

    /// Where the header names a column.
    pub(crate) fn header(&self, column: usize) -> Option<&Place> {
        self.headers.get(column)?.as_ref()
    }

    /// Reads all rows that have as many cells as the header.
    pub(crate) fn each(mut self, findings: &mut Findings, mut row: impl FnMut(&Row<'_>, &mut Findings)) {
        let mut record = StringRecord::new();
        let mut rows = 0;
        while self.reader.read_record(&mut record).unwrap_or(false) {
            // Spreadsheets write the rows below the last one too, where somebody has been in them.
            if record.iter().all(str::is_empty) {
                continue;
            }
            let here = Row { file: self.file, start: self.start_of(&record), record: &record, columns: &self.columns };
            rows += 1;
            if rows > MOST_ROWS {
                let message = said!("more than {MOST_ROWS} rows", "超过 {MOST_ROWS} 行");
                findings.error("HL009", &here.place_of(0), message, both("one too many", "多出的一行"));
                return;
            }
            if let Some(quote) = self.open_quote(here.start) {
                let message = both("a quote that is never closed", "引号没有结尾");
                let label = both("all behind it is one cell", "其后的内容全成了一格");
                let help = both(
                    "write the other `\"` behind the cell; one inside of it is written `\"\"`",
                    "请在该格末尾补上 `\"`；格内的引号写成 `\"\"`",
                );
                findings.error("HL161", &quote, message, label).help(help);
            } else if record.len() == self.width {
                row(&here, findings);
            } else {
                here.tell_cells(self.width, findings);
            }
        }
        if rows == 0 {
            let header =
                Place { file: self.file.index, span: self.begin..self.begin + self.file.text.get(self.begin..).map_or(0, first_line) };
            let message = both("a file of cells without a row", "表格里没有一行数据");
            let help = both(
                "was it exported in full? If it is to be empty, `# noqa: HL305` at the end of the line that names it",
                "是否导出完整？若确实为空，在引用它的那一行末尾写 `# noqa: HL305`",
            );
            findings.warning("HL305", &header, message, both("nothing follows the header", "表头之后什么也没有")).help(help);
        }
    }

    /// Where a quote is that is open at the end of the file; only the last row can have one.
    fn open_quote(&self, start: usize) -> Option<Place> {
        let end = usize::try_from(self.reader.position().byte()).unwrap_or(0) + self.begin;
        let text = self.file.text.get(start..).filter(|_| end >= self.file.text.len())?;
        let (mut quotes, mut begin, mut opened) = (Quotes::None, 0, 0);
        for (at, c) in text.char_indices() {
            let before = quotes;
            quotes = quotes.next(c, at == begin);
            match (before, c) {
                (Quotes::None, '"') => opened = at,
                (Quotes::None | Quotes::Closing, ',' | '\r' | '\n') => (begin, quotes) = (at + 1, Quotes::None),
                _ => {}
            }
        }
        (quotes == Quotes::Open).then(|| Place { file: self.file.index, span: start + opened..start + opened + 1 })
    }

    fn start_of(&self, record: &StringRecord) -> usize {
        let start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0) + self.begin;
        let rest = self.file.text.get(start..).unwrap_or_default();
        start + (rest.len() - rest.trim_start_matches(['\r', '\n']).len())
    }
}

/// Where the first line ends, if a carriage return alone ends it.
fn old_line_end(text: &str) -> Option<usize> {
    let end = first_line(text);
    (text[end..].starts_with('\r') && !text[end..].starts_with("\r\n")).then_some(end)
}

/// How long the first line is.
fn first_line(text: &str) -> usize {
    text.find(['\r', '\n']).unwrap_or(text.len())
}

impl<'r> Row<'r> {
    /// A cell of a known column; empty if the file has no such column.
    pub(crate) fn cell(&self, column: usize) -> &'r str {
        self.columns.get(column).copied().flatten().and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// The same with its place; `None` if it is empty.
    pub(crate) fn at(&self, column: usize) -> Option<At<&'r str>> {
        Some(self.cell(column)).filter(|cell| !cell.is_empty()).map(|value| At { value, place: self.place(column) })
    }

    /// Where a cell stands.
    pub(crate) fn place(&self, column: usize) -> Place {
        self.columns.get(column).copied().flatten().map_or_else(|| self.whole(), |place| self.place_of(place))
    }

    /// Where the row begins.
    pub(crate) fn begin(&self) -> Place {
        Place { file: self.file.index, span: self.start..self.start }
    }

    /// Where a part of a cell stands.
    pub(crate) fn part(&self, column: usize, part: Range<usize>) -> Place {
        let whole = self.place(column);
        match self.file.text.get(whole.span.clone()) {
            Some(raw) if raw == self.cell(column) => {
                Place { span: whole.span.start + part.start..whole.span.start + part.end, file: whole.file }
            }
            Some(_) | None => whole,
        }
    }

    /// `'138…`, `="138…"`: a number that a spreadsheet was made to keep as text. Tells, and whether it is so.
    pub(crate) fn tell_kept_as_text(&self, column: usize, findings: &mut Findings) -> bool {
        let cell = self.cell(column);
        if !cell.starts_with(['\'', '=']) {
            return false;
        }
        let place = self.place(column);
        let figures = |inner: &str| inner.starts_with(|c: char| c.is_ascii_digit() || c == '+');
        let raw = self.file.text.get(place.span.clone()).unwrap_or_default();
        let (mark, marks) = match (cell.strip_prefix('\''), cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'))) {
            (Some(inner), _) if figures(inner) => ("'", (1, 0)),
            // In quotes of the file each of its own stands twice.
            (_, Some(inner)) if figures(inner) => ("=\"…\"", if raw.starts_with("=\"\"") { (3, 2) } else { (2, 1) }),
            _ => return false,
        };
        let message = said!("a number with `{mark}`, by which a spreadsheet keeps it as text", "号码带有 `{mark}`，那是电子表格的文本标记");
        let help = both("write the number alone: `13800138000`", "请只写号码：`13800138000`");
        let remove = |span| Edit { file: place.file, span, text: String::new() };
        let (start, end) = (place.span.start, place.span.end);
        let edits = [start..start + marks.0, end - marks.1..end].into_iter().filter(|span| !span.is_empty()).map(remove).collect();
        let fix = Fix { title: both("the number alone", "只留号码"), edits, safe: true, was: None };
        let label = both("in a CSV file it is a part of the cell", "在 CSV 文件里它就是内容的一部分");
        findings.error("HL005", &place, message, label).help(help).maybe_fix(Some(fix));
        true
    }

    /// More cells than the header has, or fewer.
    fn tell_cells(&self, wanted: usize, findings: &mut Findings) {
        let found = self.record.len();
        let cells = if found == 1 { "cell" } else { "cells" };
        let message = said!("{found} {cells} where the header has {wanted}", "这一行有 {found} 格，而表头有 {wanted} 格");
        let help = if found > wanted {
            both("put a cell with a comma in quotes: `\"a, b\"`", "含逗号的格请加引号：`\"a, b\"`")
        } else {
            both("an empty cell has its comma too: `a,,c`", "空格也要有逗号：`a,,c`")
        };
        findings.error("HL161", &self.whole(), message, both("this row", "此行")).help(help);
    }

    fn whole(&self) -> Place {
        let rest = self.file.text.get(self.start..).unwrap_or_default();
        let length = rest.find(['\r', '\n']).unwrap_or(rest.len());
        Place { file: self.file.index, span: self.start..self.start + length }
    }

    /// Where the cell of a place stands, without spaces and quotes around it.
    fn place_of(&self, wanted: usize) -> Place {
        let text = self.file.text.get(self.start..).unwrap_or_default();
        let (mut cell, mut quotes, mut begin, mut end) = (0, Quotes::None, 0, text.len());
        for (at, c) in text.char_indices() {
            quotes = quotes.next(c, at == begin);
            match c {
                ',' | '\r' | '\n' if quotes != Quotes::Open => {
                    if cell == wanted || c != ',' {
                        end = at;
                        break;
                    }
                    (cell, begin, quotes) = (cell + 1, at + 1, Quotes::None);
                }
                _ => {}
            }
        }
        let raw = text.get(begin..end).unwrap_or_default();
        let inner = raw.trim();
        let lead = raw.len() - raw.trim_start().len();
        let (from, length) = match inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
            Some(inside) => {
                let bare = inside.trim();
                (lead + 1 + (inside.len() - inside.trim_start().len()), bare.len())
            }
            None => (lead, inner.len()),
        };
        let from = self.start + begin + from;
        Place { file: self.file.index, span: from..from + length }
    }
}

/// What quotes have done to a cell so far; only its first character opens them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Open,
    /// A quote in them: their end, or the first of two that mean one.
    Closing,
}

impl Quotes {
    fn next(self, c: char, first: bool) -> Self {
        match self {
            Self::None if first && c == '"' => Self::Open,
            Self::Open if c == '"' => Self::Closing,
            Self::Closing if c == '"' => Self::Open,
            Self::Open => Self::Open,
            Self::None | Self::Closing => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(text: &str) -> Vec<Vec<(String, String)>> {
        let file = File { index: 0, text };
        let (mut findings, mut all) = (Findings::default(), Vec::new());
        let sheet = Sheet::open(file, &["a", "b"], &[], &mut findings).unwrap();
        sheet.each(&mut findings, |row, _| {
            let cell = |column| (row.cell(column).to_owned(), text[row.place(column).span].to_owned());
            all.push((0..2).map(cell).collect());
        });
        all
    }

    #[test]
    fn cells_know_where_they_stand_whatever_is_around_them() {
        let text = "\u{feff}b, a\r\n1,2\n\n\"x, 账单\" ,  y\n\"say \"\"so\"\"\",\"two\nlines\"\nlast,1";
        let cells = cells(text);
        let row = |row: usize, column: usize| (cells[row][column].0.as_str(), cells[row][column].1.as_str());
        assert_eq!((row(0, 0), row(0, 1)), (("2", "2"), ("1", "1")));
        assert_eq!((row(1, 0), row(1, 1)), (("y", "y"), ("x, 账单", "x, 账单")));
        assert_eq!((row(2, 0), row(2, 1)), (("two\nlines", "two\nlines"), ("say \"so\"", "say \"\"so\"\"")));
        assert_eq!((row(3, 0), row(3, 1)), (("1", "1"), ("last", "last")));
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for out in ["/etc/x.csv", "../x.csv", "a/../x.csv", "a//x.csv", ".x.csv", "C:\\x.csv", "a\\x.csv", "./x.csv", ""] {
            assert!(leads_out(out), "{out}");
        }
        assert!(!leads_out("customers.csv") && !leads_out("shop/客户.csv"));
    }

    proptest! {
        #[test]
        fn any_text_has_rows_or_findings_and_every_place_is_in_it(text in "(a,b\n)?[\"ab, \r\n\u{feff}账;]{0,60}") {
            let file = File { index: 0, text: &text };
            let mut findings = Findings::default();
            if let Some(sheet) = Sheet::open(file, &["a", "b"], &["a"], &mut findings) {
                sheet.each(&mut findings, |row, _| {
                    for column in 0..2 {
                        assert!(text.get(row.place(column).span).is_some());
                    }
                });
            }
            for one in findings.sorted(&[]) {
                prop_assert!(text.get(one.span).is_some());
            }
        }
    }
}
