//! What somebody meant who wrote a line that is no TOML.

use super::statement::{Head, Open, Statement};
use super::{Slip, foreign_key};
use crate::finding::Place;
use crate::fixes::{narrow, punctuation, replace};
use crate::hidden::hidden;
use crate::hours::not_a_day;
use crate::said::{both, said};
use crate::{Fix, Said, not_toml, schema, values};
use std::ops::Range;

/// Characters that are not seen, and mean nothing.
const UNSEEN: [char; 5] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}'];

/// A statement that can't be read, the line of it where reading stopped, and what the parser says.
struct Wrong<'t> {
    text: &'t str,
    file: usize,
    line: Range<usize>,
    message: &'t str,
    span: Range<usize>,
}

/// Something that was not closed.
pub(super) fn of_open(text: &str, open: &Open, file: usize) -> Slip {
    match open {
        Open::Quote(span) => {
            let line = line_of(text, span.start);
            if let Some(slip) = full_width_quote(text, span, &line, file) {
                return slip;
            }
            if let Some(slip) = doubled(text, span.start, file) {
                return slip;
            }
            let quote = &text[span.clone()];
            let help = if span.len() > 2 {
                said!("write the three quotes `{quote}` behind the text too", "在文本之后同样写上三个引号 `{quote}`")
            } else {
                said!(
                    "write the other `{quote}` behind the text: a text ends on its line",
                    "在文本之后补上 `{quote}`：文本须在同一行内结束"
                )
            };
            let message = both("the closing quote is missing", "缺少结尾的引号");
            Slip { span: span.clone(), message, label: both("opened here", "从这里开始"), help, fix: None }
        }
        Open::Bracket(at, closes) | Open::Crossed(at, closes) => {
            let sign = &text[*at..text.ceil_char_boundary(*at + 1)];
            let help = if matches!(open, Open::Crossed(..)) {
                said!("close it with `{closes}`, before any bracket around it", "用 `{closes}` 结束它，并写在外层括号之前")
            } else {
                said!("write `{closes}` where it ends", "在结束处写上 `{closes}`")
            };
            let message = said!("`{sign}` without its `{closes}`", "`{sign}` 没有对应的 `{closes}`");
            Slip { span: *at..at + sign.len(), message, label: both("opened here", "从这里开始"), help, fix: None }
        }
    }
}

/// `""30s""`: two quotes on a side, as a spreadsheet writes those inside of a text.
fn doubled(text: &str, at: usize, file: usize) -> Option<Slip> {
    let quote = text[at..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = text[at..line_of(text, at).end].strip_prefix(quote)?.strip_prefix(quote)?;
    let length = inner.find(quote).filter(|length| *length > 0 && !inner[..*length].contains(['#', '=']))?;
    let end = at + 2 + length + 1 + usize::from(inner[length + 1..].starts_with(quote));
    let one = |span| replace(&Place { file, span }, quote.to_string(), both("one quote on each side", "两边各一个引号"), true);
    let mut fix = one(at..at + 2);
    fix.edits.extend(one(at + 2 + length..end).edits);
    let message = said!("the quotes are doubled: `{quote}{quote}`", "引号写成了两个：`{quote}{quote}`");
    let label = both("two on a side", "一边有两个");
    let help = said!("write one `{quote}` before the text and one behind it", "文本前后各写一个 `{quote}`");
    Some(Slip { span: at..end, message, label, help, fix: Some(fix) })
}

/// `"30s”`: the other quote is there, but not one of TOML.
fn full_width_quote(text: &str, span: &Range<usize>, line: &Range<usize>, file: usize) -> Option<Slip> {
    let wanted = text[span.clone()].chars().next().map(|c| narrow(c).unwrap_or(c))?;
    let (at, c) = text[span.end..line.end].char_indices().map(|(at, c)| (span.end + at, c)).find(|(_, c)| narrow(*c) == Some(wanted))?;
    let place = Place { file, span: at..at + c.len_utf8() };
    let fix = replace(&place, wanted.to_string(), said!("write `{wanted}`", "改为 `{wanted}`"), false);
    Some(Slip { fix: Some(fix), ..full_width(at, c, wanted) })
}

/// What is wrong in a statement in which the parser stopped.
pub(super) fn of_error(text: &str, statements: &[Statement], place: usize, (message, span): (&str, Range<usize>), file: usize) -> Slip {
    let statement = &statements[place];
    let inside = span.start.clamp(statement.span.start, statement.span.end.saturating_sub(1));
    let wrong = Wrong { text, file, line: line_of(text, text.floor_char_boundary(inside)), message, span };
    wrong
        .comment()
        .or_else(|| wrong.sign())
        .or_else(|| wrong.colon())
        .or_else(|| wrong.comma())
        .or_else(|| statement.head.as_ref().and_then(|head| wrong.second_head(head, statements, place)))
        .or_else(|| wrong.second_key(statements, place))
        .or_else(|| wrong.behind_head(statement))
        .or_else(|| wrong.value())
        .or_else(|| wrong.weekday())
        .or_else(|| wrong.foreign_key(statements, place))
        .unwrap_or_else(|| as_the_parser_says(message, wrong.span))
}

impl Wrong<'_> {
    fn row(&self) -> &str {
        &self.text[self.line.clone()]
    }

    fn slip(&self, span: Range<usize>, message: Said, label: Said, help: Said, fix: Option<Fix>) -> Slip {
        Slip { span, message, label, help, fix }
    }

    fn put(&self, span: Range<usize>, text: &str, title: Said, safe: bool) -> Option<Fix> {
        Some(replace(&Place { file: self.file, span }, text.to_owned(), title, safe))
    }

    /// `// comment`, as other languages have it.
    fn comment(&self) -> Option<Slip> {
        let row = self.row();
        let indent = row.len() - row.trim_start().len();
        let leads = ["//", "/*", "--", ";"].into_iter().find(|mark| row.trim_start().starts_with(mark)).map(|mark| (indent, mark.len()));
        let behind = || {
            let found = outside_of_texts(row).filter(|(at, _)| row[*at..].starts_with("//") && !row[..*at].ends_with([':', '/']));
            found.map(|(at, _)| (at, 2)).next()
        };
        let (at, length) = leads.or_else(behind)?;
        let span = self.line.start + at..self.line.start + at + length;
        let fix = if row[at..].starts_with("/*") { None } else { self.put(span.clone(), "#", both("write `#`", "改为 `#`"), true) };
        let message = said!("`{mark}` begins no comment", "`{mark}` 不是注释的开头", mark = &row[at..at + length]);
        Some(self.slip(span, message, both("a comment?", "是注释吗？"), both("a comment begins with `#`", "注释以 `#` 开头"), fix))
    }

    /// `[timers] answer = "30s"`, `[timers]]`.
    fn behind_head(&self, statement: &Statement) -> Option<Slip> {
        let row = self.row();
        let head = row.trim_start();
        let close = [("[[", "]]"), ("[", "]")].into_iter().find(|(open, _)| head.starts_with(open))?.1;
        let end = row.len() - head.len() + head.find(close)? + close.len();
        let rest = row[end..].trim();
        if line_of(self.text, statement.span.start) != self.line || rest.is_empty() || rest.starts_with('#') {
            return None;
        }
        let (head, at) = (row[..end].trim_start(), self.line.start + row.len() - row[end..].trim_start().len());
        let message = said!("something stands behind `{head}` on its line", "`{head}` 后面同一行还有内容");
        let brackets = rest.split('#').next().unwrap_or_default().trim_end();
        if brackets.chars().all(|c| c == ']') {
            let help = both("`[name]` is a table, and `[[name]]` one of several", "`[名称]` 是一个表，`[[名称]]` 是多个中的一个");
            return Some(self.slip(at..at + brackets.len(), message, both("a bracket too many", "多了一个括号"), help, None));
        }
        let gap = self.line.start + end..at;
        let fix = rest.contains('=').then(|| self.put(gap, "\n", both("on a line of its own", "另起一行"), true)).flatten();
        let help = both("begin a new line behind the name", "请在名称之后另起一行");
        Some(self.slip(at..at + rest.len(), message, both("belongs on the next line", "应写在下一行"), help, fix))
    }

    /// A full-width sign of an input method, a space that is none, or what nobody sees.
    fn sign(&self) -> Option<Slip> {
        let row = self.row();
        let odd = |c: char| UNSEEN.contains(&c) || narrow(c).is_some();
        let (at, c) = outside_of_texts(row).find(|(_, c)| odd(*c))?;
        let start = self.line.start + at;
        let span = start..start + c.len_utf8();
        if UNSEEN.contains(&c) {
            let code = u32::from(c);
            let message = said!("a character that is not seen: U+{code:04X}", "有看不见的字符：U+{code:04X}");
            let (label, help) = (both("here", "在这里"), both("remove it", "请删除"));
            let fix = self.put(span.clone(), "", both("remove it", "删除"), true);
            return Some(self.slip(span, message, label, help, fix));
        }
        let meant = if c == '：' && is_key(&row[..at]) { '=' } else { narrow(c).unwrap_or(c) };
        let fix = punctuation(self.text, self.file, start);
        Some(Slip { fix, ..full_width(start, c, meant) })
    }

    /// `key: value`, as YAML has it.
    fn colon(&self) -> Option<Slip> {
        let row = self.row();
        let (at, _) = outside_of_texts(row).find(|(_, c)| *c == ':')?;
        let from = row[..at].rfind(['{', ',']).map_or(0, |at| at + 1);
        if !is_key(&row[from..at]) {
            return None;
        }
        let (before, behind) = (from + row[from..at].trim_end().len(), row.len() - row[at + 1..].trim_start().len());
        let (start, span) = (self.line.start, self.line.start + at..self.line.start + at + 1);
        let fix = self.put(start + before..start + behind, " = ", both("write `=`", "改为 `=`"), true);
        let message = both("`:` where `=` belongs", "应写 `=`，不是 `:`");
        let help = both("a value stands behind `=`: `key = value`", "键和值之间用 `=`：`key = value`");
        Some(self.slip(span, message, both("write `=`", "应为 `=`"), help, fix))
    }

    /// `{ zh = 9 en = 3 }`: the parser reads `9 en` as one value.
    fn comma(&self) -> Option<Slip> {
        let read = self.text.get(self.span.clone())?.trim_end();
        let (value, key) = read.rsplit_once([' ', '\t'])?;
        let is_row = self.text[self.span.start + read.len()..].trim_start_matches([' ', '\t']).starts_with('=');
        if !is_row || !is_key(key) {
            return None;
        }
        let end = self.span.start + value.trim_end().len();
        let fix = self.put(end..end, ",", both("write a comma", "加上逗号"), true);
        let span = self.span.start + read.len() - key.len()..self.span.start + read.len();
        let message = said!("a comma is missing before `{key}`", "`{key}` 前面缺少逗号");
        let help = both("write a comma between the two", "在两者之间加上逗号");
        Some(self.slip(span, message, both("begins here", "从这里开始"), help, fix))
    }

    /// A table a second time, or one of a list with single brackets.
    fn second_head(&self, head: &Head, statements: &[Statement], place: usize) -> Option<Slip> {
        let first = statements[..place].iter().find(|one| one.head.as_ref().is_some_and(|other| other.path == head.path))?;
        let first_double = first.head.as_ref().is_some_and(|head| head.double);
        let path = &head.path;
        let of = |one: &Statement| {
            let row = &self.text[one.span.clone()];
            let start = one.span.start + row.len() - row.trim_start().len();
            start..start + row.trim_start().find(']').map_or(0, |end| end + 1)
        };
        let (span, first_span, line) = (of(&statements[place]), of(first), line_number(self.text, first.span.start));
        let label = said!("the first is in line {line}", "第一个在第 {line} 行");
        let doubled = format!("[[{path}]]");
        if first_double && !head.double {
            let title = said!("write `[[{path}]]`", "改为 `[[{path}]]`");
            let fix = self.put(span.clone(), &doubled, title, true);
            let message = said!("`[{path}]` among `[[{path}]]`", "`[{path}]` 应为 `[[{path}]]`");
            let help = said!("a further one of a list has two brackets: write `[[{path}]]`", "列表中的每一项都用双方括号：写 `[[{path}]]`");
            return Some(self.slip(span, message, label, help, fix));
        }
        let list = head.double || path == "test" || schema::sections().iter().any(|section| section.header == doubled);
        let message = said!("a second `{}`", "`{}` 第二次出现", path);
        if list && !first_double {
            let title = said!("write `[[{path}]]` in both places", "两处都改为 `[[{path}]]`");
            let mut fix = replace(&Place { file: self.file, span: first_span }, doubled.clone(), title, true);
            if !head.double {
                fix.edits.extend(self.put(span.clone(), &doubled, both("", ""), true).into_iter().flat_map(|fix| fix.edits));
            }
            let help = said!("there may be several: write `[[{path}]]` in both places", "可以有多项：两处都写 `[[{path}]]`");
            return Some(self.slip(span, message, label, help, Some(fix)));
        }
        let help = both("write all its keys under the first, and remove this line", "把各键写在第一个表头之下，并删去这一行");
        Some(self.slip(span, message, label, help, None))
    }

    /// A key a second time in its table.
    fn second_key(&self, statements: &[Statement], place: usize) -> Option<Slip> {
        if self.message != "duplicate key" {
            return None;
        }
        let key = self.text.get(self.span.clone()).map(str::trim).filter(|key| !key.is_empty())?;
        let from = statements[..=place].iter().rfind(|one| one.head.is_some()).map_or(0, |head| head.span.end.min(self.span.start));
        let before = &self.text[from..self.span.start];
        let assigned = |at: &usize| {
            let behind = before[at + key.len()..].trim_start();
            let fresh = !before[..*at].ends_with(|c: char| c.is_alphanumeric() || "-_.".contains(c));
            fresh && behind.starts_with(['=', '.'])
        };
        let first = before.match_indices(key).map(|(at, _)| at).filter(assigned).last();
        let label = first.map_or(both("a second time", "第二次"), |at| {
            let line = line_number(self.text, from + at);
            said!("the first is in line {line}", "第一个在第 {line} 行")
        });
        let message = said!("`{}` is set twice in one table", "`{}` 在同一个表中写了两次", key.escape_debug());
        let help = both(
            "remove one of the two; what belongs to a further entry of a list stands under a `[[…]]` of its own",
            "删去其中一处；若属于列表的另一项，请写在它自己的 `[[…]]` 之下",
        );
        Some(self.slip(self.span.clone(), message, label, help, None))
    }

    /// A day of the week in Chinese as a key: in quotes it would be refused as well.
    fn weekday(&self) -> Option<Slip> {
        let key = self.text.get(self.span.start..self.line.end)?.split('=').next()?.trim();
        let meant = values::meant_weekdays(key).filter(|_| self.message.contains("unquoted key"))?;
        let span = self.span.start..self.span.start + key.len();
        let message = said!("`{key}` can't be a key: days are written in English", "`{key}` 不能作键：星期要用英文缩写");
        let help = said!("write `{meant}`", "改为 `{meant}`");
        let fix = replace(&Place { file: self.file, span: span.clone() }, meant, help.clone(), true);
        Some(self.slip(span, message, both("not a day", "不是星期几"), help, Some(fix)))
    }

    /// A key in Cyrillic or Chinese letters.
    fn foreign_key(&self, statements: &[Statement], place: usize) -> Option<Slip> {
        let here = self.message.contains("unquoted key");
        here.then(|| foreign_key::of_key(self.text, statements, place, self.span.start, &self.line, self.file)).flatten()
    }

    /// A value without quotes, `True`, or none.
    fn value(&self) -> Option<Slip> {
        let row = self.row();
        let at = self.span.start.clamp(self.line.start, self.line.end) - self.line.start;
        let opener = outside_of_texts(row).filter(|(place, c)| *place <= at && matches!(c, '=' | ',' | '[' | '{')).last();
        let (opener, sign) = opener?;
        let from = opener + 1 + row[opener + 1..].len() - row[opener + 1..].trim_start().len();
        let end = outside_of_texts(row)
            .find(|(place, c)| *place >= from && matches!(c, ',' | ']' | '}' | '#' | '='))
            .map_or(row.len(), |(end, _)| end);
        let raw = row.get(from..end)?.trim_end();
        let span = self.line.start + from..self.line.start + from + raw.len();
        if raw.is_empty() {
            let (message, label) = (both("no value behind `=`", "`=` 之后没有值"), both("the value is missing", "缺少值"));
            let help = both("write a value, or remove the line: then the default holds", "写上值，或删去这一行，使用默认值");
            return (sign == '=' && self.message.contains("value"))
                .then(|| self.slip(self.line.start + opener..self.line.start + opener + 1, message, label, help, None));
        }
        let value = raw.trim_end_matches([' ', ';']);
        if value != raw && schema::toml_value(value).is_some() {
            let end = span.start + value.len()..span.end;
            let help = both("remove the `;`: a line ends by itself", "删去 `;`：行末不写分号");
            let fix = self.put(end.clone(), "", both("remove the `;`", "删去 `;`"), true);
            return Some(self.slip(
                end,
                both("`;` behind a value", "值之后多了 `;`"),
                both("nothing belongs here", "这里不写任何符号"),
                help,
                fix,
            ));
        }
        let is_value = schema::toml_value(raw).is_some();
        if sign == '{' || raw.starts_with(['"', '\'', '[', '{']) || is_value || row[end..].starts_with('=') {
            return None;
        }
        let secret = hidden(row) != row;
        let shown = if secret { "…" } else { raw };
        let flag = match raw.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some("true"),
            "false" | "no" | "off" => Some("false"),
            _ => None,
        };
        if let Some(flag) = flag {
            let safe = flag.eq_ignore_ascii_case(raw);
            let title = said!("write `{flag}`", "改为 `{flag}`");
            let fix = self.put(span.clone(), flag, title.clone(), safe);
            let message = said!("`{raw}` is neither `true` nor `false`", "`{raw}` 不是 `true` 或 `false`");
            return Some(self.slip(span, message, both("small letters, no quotes", "小写，不加引号"), title, fix));
        }
        if matches!(raw.to_ascii_lowercase().as_str(), "null" | "nil" | "none") {
            let message = said!("`{raw}` is no value", "`{raw}` 不是值");
            let help = both("remove the line: what is not written has its default", "删去这一行：不写就使用默认值");
            return Some(self.slip(span, message, both("TOML has none", "TOML 没有空值"), help, None));
        }
        if let Some(slip) = self.share(raw, &span).or_else(|| self.day(raw, &span)) {
            return Some(slip);
        }
        let inner = raw.trim_matches(['"', '\'']);
        let word = inner.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
        let plain = !inner.contains(['"', '\\']);
        let fix = plain.then(|| self.put(span.clone(), &format!("\"{inner}\""), both("in quotes", "加上引号"), word)).flatten();
        let message = said!("text needs quotes: `{shown}`", "文本须加引号：`{shown}`");
        let help = if secret { both("write it in `\"`", "请加上 `\"`") } else { said!("write `\"{inner}\"`", "改为 `\"{inner}\"`") };
        Some(self.slip(span, message, both("not in quotes", "没有加引号"), help, fix))
    }
}

impl Wrong<'_> {
    /// `3%`: a share is written as a number.
    fn share(&self, raw: &str, span: &Range<usize>) -> Option<Slip> {
        let share = values::of_percent(raw)?;
        let title = said!("write `{share}`", "改为 `{share}`");
        let fix = self.put(span.clone(), &share, title, true);
        let (message, label) = (said!("`{raw}` is no number", "`{raw}` 不是数字"), both("in percent", "百分数"));
        let help = said!("a share of 1: write `{share}`", "写成 0 到 1 的小数：`{share}`");
        Some(self.slip(span.clone(), message, label, help, fix))
    }

    /// `2026-11-18T9:00`: hours have two figures.
    fn time(&self, raw: &str, (day, time): (&str, &str), span: &Range<usize>) -> Option<Slip> {
        let (hour, rest) = time.get(1..)?.trim_start().split_once(':')?;
        let seconds = if rest.contains(':') { "" } else { ":00" };
        let meant = format!("{day}T{hour:0>2}:{rest}{seconds}");
        schema::toml_value(&meant)?;
        let title = said!("write `{meant}`", "改为 `{meant}`");
        let fix = self.put(span.clone(), &meant, title.clone(), true);
        let message = said!("`{raw}` is not how a moment is written", "`{raw}` 不是时刻的写法");
        Some(self.slip(span.clone(), message, both("not in this form", "写法不对"), title, fix))
    }

    /// `2026-11-18T25:00:00`: a day ends at 24:00, which is the next one's 00:00.
    fn no_such_time(&self, raw: &str, time: &str, span: &Range<usize>) -> Option<Slip> {
        let mut parts = time.get(1..)?.split(':');
        let most = [(both("hour", "小时"), 23), (both("minute", "分"), 59), (both("second", "秒"), 59)];
        let (unit, most) = most.into_iter().find(|(_, most)| {
            let figures: String = parts.next().unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
            figures.parse().is_ok_and(|value: u32| value > *most)
        })?;
        let message = said!("`{raw}`: there is no such time of day", "`{raw}`：没有这个时刻");
        let label = said!([unit] "the {unit} goes from 0 to {most}", "{unit}为 0 到 {most}");
        let help = both("the end of a day is 00:00 of the next", "一天的结束写作次日 00:00");
        Some(self.slip(span.clone(), message, label, help, None))
    }

    /// A day that there is not, or in another form, with or without a time: quotes would not mend it.
    fn day(&self, raw: &str, span: &Range<usize>) -> Option<Slip> {
        let end = raw.find(['T', 't', ' ']).unwrap_or(raw.len());
        let (day, time) = raw.split_at(end);
        if values::days(day).is_some() {
            return self.time(raw, (day, time), span).or_else(|| self.no_such_time(raw, time, span));
        }
        values::odd_day(day)?;
        let (message, label, help, meant) = not_a_day(day);
        let Some(meant) = meant else { return Some(self.slip(span.clone(), message, label, help, None)) };
        let meant = if meant.contains("..") { format!("\"{meant}\"") } else { format!("{meant}{time}") };
        schema::toml_value(&meant)?;
        let title = said!("write `{meant}`", "改为 `{meant}`");
        let fix = self.put(span.clone(), &meant, title.clone(), true);
        Some(self.slip(span.clone(), message, label, title, fix))
    }
}

fn full_width(at: usize, c: char, meant: char) -> Slip {
    let span = at..at + c.len_utf8();
    if meant == ' ' {
        let code = u32::from(c);
        return Slip {
            span,
            message: said!("a space that is none of TOML: U+{code:04X}", "TOML 不认的空格：U+{code:04X}"),
            label: both("it looks like a space", "看起来像空格"),
            help: both("type an ordinary space; `--fix` does it", "请改为普通空格；`--fix` 可自动更正"),
            fix: None,
        };
    }
    Slip {
        span,
        message: said!("`{c}` is a full-width sign", "`{c}` 是全角符号"),
        label: said!("`{meant}` is wanted", "应为 `{meant}`"),
        help: said!(
            "write `{meant}`; `--fix` changes such signs outside of texts",
            "改为半角的 `{meant}`；`--fix` 可自动更正文本之外的全角符号"
        ),
        fix: None,
    }
}

/// More parts of a key, or brackets in brackets, than can be read.
pub(super) fn of_depth(text: &str, statement: &Range<usize>) -> Slip {
    let written = text[statement.clone()].lines().next().unwrap_or_default();
    let length = outside_of_texts(written).find(|(_, c)| matches!(c, '=' | '#')).map_or(written.len(), |(at, _)| at);
    let start = statement.start + written[..length].len() - written[..length].trim_start().len();
    Slip {
        span: start..start + written[..length].trim().len(),
        message: both("nested deeper than can be read", "嵌套太深，无法读取"),
        label: both("more than 80 levels", "超过 80 层"),
        help: both("nothing in rules has more than a few levels: remove it", "规则里的内容只有几层：请删去它"),
        fix: None,
    }
}

/// What nobody here knows better.
pub(super) fn as_the_parser_says(message: &str, span: Range<usize>) -> Slip {
    let help = HELP.iter().find(|(part, _)| message.contains(part)).map_or(FORMS, |(_, help)| help.clone());
    Slip { span, message: not_toml::in_words(message), label: both("not TOML here", "此处不是 TOML"), help, fix: None }
}

const FORMS: Said = both(
    "a line is `[table]`, `[[list]]`, `key = value` or `# comment`; texts are in quotes",
    "每行是 `[表]`、`[[列表]]`、`键 = 值` 或 `# 注释`；文本须加引号",
);

/// Ways out by what the parser says.
const HELP: [(&str, Said); 11] = [
    (
        "unquoted key",
        both(
            "a key with other characters than a-z, A-Z, 0-9, `_` and `-` stands in quotes: `\"账单\" = 3`",
            "键中若有 a-z、A-Z、0-9、`_`、`-` 以外的字符，须加引号：`\"账单\" = 3`",
        ),
    ),
    ("missing comma", both("write a comma between the two", "在两者之间加上逗号")),
    ("extra comma", both("remove a comma", "删去多余的逗号")),
    ("key with no value", both("write `key = value`; a comment begins with `#`", "写成 `键 = 值`；注释以 `#` 开头")),
    ("missing assignment", both("write `=` between key and value", "在键和值之间写上 `=`")),
    (
        "escape",
        both("write `\\\\` for a backslash, or put the text in single quotes: 'a\\b'", "反斜杠要写成 `\\\\`，或把文本放在单引号里：'a\\b'"),
    ),
    (
        "leading zero",
        both(
            "numbers begin with no 0; a telephone number or area code is a text: `\"021\"`",
            "数字不以 0 开头；电话号码、区号是文本：`\"021\"`",
        ),
    ),
    (
        "unexpected key or value",
        both("one `key = value` on a line; a text stands in quotes as a whole", "每行只写一个 `键 = 值`；文本要整个放在引号里"),
    ),
    ("unexpected content", both("one `key = value` on a line; a comment begins with `#`", "每行只写一个 `键 = 值`；注释以 `#` 开头")),
    ("date", both("a date is written 2026-10-01, a moment 2026-10-01T09:00:00", "日期写成 2026-10-01，时刻写成 2026-10-01T09:00:00")),
    ("extra `=`", both("remove one `=`", "删去一个 `=`")),
];

fn is_key(text: &str) -> bool {
    let key = text.trim();
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "-_.\"'".contains(c))
}

/// The characters of a line that stand in no text of quotes and no comment, and where.
fn outside_of_texts(row: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut inside, mut comment, mut before, mut escaped) = (None, false, ' ', false);
    row.char_indices().filter(move |(_, c)| {
        let last = std::mem::replace(&mut before, *c);
        match inside {
            Some(quote) => {
                let closes = *c == quote && !escaped;
                escaped = quote == '"' && *c == '\\' && !escaped;
                inside = if closes { None } else { Some(quote) };
                return false;
            }
            None if matches!(c, '"' | '\'') && !last.is_alphanumeric() => {
                inside = Some(*c);
                return false;
            }
            None => comment |= *c == '#',
        }
        !comment || *c == '#' && last != '#'
    })
}

/// The line of a place, without its end.
fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    start..start + text[start..end].trim_end_matches('\r').len()
}

fn line_number(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}
