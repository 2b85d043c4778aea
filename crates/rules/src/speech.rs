use crate::finding::{At, Findings, Place};
use crate::read::{Node, Table};
use crate::said::{both, said};
use crate::scope::{Notes, Scope};
use crate::suggest::did_you_mean;
use crate::{CalendarId, Said, Say};
use hotline_model::{LanguageId, Name};

/// Most pieces said in a row.
const MOST_PIECES: usize = 16;

/// Reads `say = ["welcome", { prompt = "press-9-for-english", language = "en" }, { hours = "service" }]`, or one prompt without the list.
/// The hours said are noted for menu `menu`.
pub(crate) fn say(
    scope: &Scope<'_>,
    table: &Table<'_>,
    key: &str,
    menu: Option<usize>,
    notes: &mut Notes,
    findings: &mut Findings,
) -> Vec<Say> {
    let Some(node) = table.get(key) else { return Vec::new() };
    let nodes = if node.as_text().is_some() { vec![node] } else { node.list(findings) };
    if nodes.len() > MOST_PIECES {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_PIECES} pieces said in a row", "连续播报超过 {MOST_PIECES} 段"),
            both("too long", "过长"),
        );
    }
    let read = |node: &Node<'_>| match of_waiting(node) {
        Some(piece) if WAITING.contains(&key) => Some(piece),
        Some(_) => {
            let message = said!("`{}` where nobody waits", "这里没有人在排队，不能播报 `{}`", node.as_text().unwrap_or_default());
            let help = both("it can be said in a queue's `announce` and `breach`", "它可以写在排队的 `announce` 和 `breach` 里");
            findings.error("HL026", &node.place(), message, both("there is no line here", "这里不排队")).rule("R75").help(help);
            None
        }
        None => piece(scope, node, menu, notes, findings),
    };
    nodes.iter().take(MOST_PIECES).filter_map(read).collect()
}

/// Where a caller waits who hears it.
const WAITING: [&str; 2] = ["announce", "breach"];

/// Pieces that tell a waiting caller of the line.
fn of_waiting(node: &Node<'_>) -> Option<Say> {
    match node.as_text()? {
        "position" => Some(Say::Position),
        "expected-wait" => Some(Say::ExpectedWait),
        _ => None,
    }
}

fn piece(scope: &Scope<'_>, node: &Node<'_>, menu: Option<usize>, notes: &mut Notes, findings: &mut Findings) -> Option<Say> {
    let Some(table) = node.as_table() else {
        let name = prompt_name(&node.text_as(both("a prompt's name", "提示音名称"), findings)?, findings)?;
        check_prompt(scope, &name, None, findings);
        return Some(Say::Prompt(name.value));
    };
    if let Some(hours) = table.get("hours") {
        table.only(&["hours"], both("the hours of a calendar", "时间的播报"), findings);
        let calendar = scope.calendar(&hours, findings)?;
        notes.hours.extend(menu.map(|menu| (menu, calendar, hours.place())));
        return Some(Say::Hours(calendar));
    }
    table.only(&["prompt", "language", "hours"], both("a piece of speech", "播报段"), findings);
    let prompt = table.need("prompt", both("a piece of speech", "播报段"), findings)?;
    let name = prompt_name(&prompt.text(findings)?, findings)?;
    let language = table.get("language").and_then(|language| scope.language(&language, findings));
    check_prompt(scope, &name, language, findings);
    Some(language.map_or(Say::Prompt(name.value.clone()), |language| Say::PromptIn(language, name.value)))
}

/// A key that names one prompt.
pub(crate) fn prompt(scope: &Scope<'_>, table: &Table<'_>, key: &str, findings: &mut Findings) -> Option<Name> {
    let name = prompt_name(&table.get(key)?.text_as(both("a prompt's name", "提示音名称"), findings)?, findings)?;
    check_prompt(scope, &name, None, findings);
    Some(name.value)
}

/// Of what a prompt's name is made.
pub(crate) const IN_A_NAME: Said = both("small letters a-z, figures and `-`", "可用小写字母 a-z、数字和 `-`");

pub(crate) fn is_prompt_name(name: &str) -> bool {
    let made_of = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !name.is_empty() && name.len() <= 64 && name.bytes().all(made_of)
}

/// Prompt names are file names too: nothing that leads out of the folder.
fn prompt_name(text: &At<&str>, findings: &mut Findings) -> Option<At<Name>> {
    let good = is_prompt_name(text.value);
    if !good {
        let message = said!("`{name}` can't be a prompt's name", "`{name}` 不能用作提示音的名称", name = text.value.escape_debug());
        findings.error("HL005", &text.place, message, both("not a prompt's name", "不是提示音名称")).help(IN_A_NAME);
    }
    good.then(|| At { value: Name::from(text.value), place: text.place.clone() })
}

fn check_prompt(scope: &Scope<'_>, name: &At<Name>, language: Option<LanguageId>, findings: &mut Findings) {
    let Some(prompts) = &scope.options.prompts else { return };
    let wanted = |code: &str| language.is_none_or(|language| scope.languages.get(code) == Some(language.index()));
    let spoken = scope.languages.declared().filter(|code| wanted(code));
    let missing: Vec<&str> = spoken.filter(|code| !prompts.get(*code).is_some_and(|known| known.contains(&*name.value))).collect();
    if !missing.is_empty() {
        let known = missing.iter().filter_map(|code| prompts.get(*code)).flatten().map(String::as_str);
        missing_prompt(&name.value, &missing, did_you_mean(&name.value, known), &name.place, findings);
    }
}

fn missing_prompt(name: &str, missing: &[&str], help: Option<Said>, place: &Place, findings: &mut Findings) {
    let message =
        said!("no recording of prompt `{name}` in {langs}", "提示音 `{name}` 没有这些语言的录音：{langs}", langs = missing.join(", "));
    let paths: Vec<String> = missing.iter().map(|code| format!("`{code}/{name}.wav`")).collect();
    let record = || Said { en: format!("record {}", paths.join(" and ")).into(), zh: format!("请录制 {}", paths.join(" 和 ")).into() };
    let label = both("callers will hear nothing", "客户将听不到任何声音");
    findings.warning("HL018", place, message, label).help(help.unwrap_or_else(record));
}

/// Renumbers the calendars of speech kept from an earlier plan; hours of one that is gone are left out.
pub(crate) fn renumber(say: &[Say], calendar: impl Fn(CalendarId) -> Option<CalendarId>) -> Vec<Say> {
    let renew = |piece: &Say| match piece {
        Say::Hours(id) => calendar(*id).map(Say::Hours),
        Say::Prompt(_) | Say::PromptIn(..) | Say::Position | Say::ExpectedWait => Some(piece.clone()),
    };
    say.iter().filter_map(renew).collect()
}
