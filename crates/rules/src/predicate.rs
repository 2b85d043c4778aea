//! Predicates: what a gate asks of a call, in text.

use crate::finding::Findings;
use crate::fixes::{respelt, with_ascii_signs};
use crate::grammar::{self, Cursor, Token, Words, Wrong};
use crate::read::Node;
use crate::rule_set::WEEKDAYS;
use crate::said::{both, said};
use crate::scope::{Scope, small};
use crate::suggest::did_you_mean;
use crate::{CalendarId, Compare, Digits, ExpressionError, NumberId, Plan, Predicate, Said, Test, expression, values};
use hotline_model::{
    Category, Class, CustomerLevel, CustomerType, Impact, Kind, LanguageId, Name, Nature, Priority, QueueId, RegionId, Remit, Topic,
};
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

/// What can be asked.
const FACTS: [&str; 24] = [
    "collected",
    "class",
    "nature",
    "kind",
    "category",
    "topic",
    "scope",
    "impact",
    "priority",
    "customer_type",
    "customer_level",
    "language",
    "region",
    "sensitive",
    "anonymous",
    "dialled",
    "known",
    "caller",
    "open",
    "time",
    "day",
    "waiting",
    "longest",
    "signed_in",
];
/// Most digits of a collected value.
pub(crate) const MOST_DIGITS: u8 = 32;
/// Most calls or seats that a number is compared with.
const MOST: u32 = 1_000_000;

/// The names that a predicate may refer to.
pub(crate) trait Names {
    /// A calendar.
    fn calendar(&mut self, name: &str, at: Range<usize>) -> CalendarId;
    /// A queue.
    fn queue(&mut self, name: &str, at: Range<usize>) -> QueueId;
    /// A language.
    fn language(&mut self, name: &str, at: Range<usize>) -> LanguageId;
    /// A region.
    fn region(&mut self, name: &str, at: Range<usize>) -> RegionId;
    /// A collected value.
    fn collected(&mut self, name: &str, at: Range<usize>) -> Name;
    /// A number of ours, by its name or as it is dialled.
    fn dialled(&mut self, name: &str, at: Range<usize>) -> NumberId;
    /// Whose zone holds where none is named; an error if there is none, or several.
    fn zone(&mut self) -> Result<CalendarId, Said>;
}

/// Reads a predicate; `None` if it is wrong, which is told.
pub(crate) fn predicate(node: &Node<'_>, scope: &Scope<'_>, findings: &mut Findings) -> Option<Predicate> {
    let text = node.text(findings)?;
    let mut names = InFiles { node, scope, findings, wrong: false };
    let parsed = grammar::read(text.value, &mut Facts { names: &mut names });
    let wrong = names.wrong;
    match parsed {
        Ok(predicate) => (!wrong).then_some(predicate),
        Err(error) => {
            let what = &error.message;
            match error.kind {
                Wrong::Written => {
                    let message = said!([what] "a condition that can't be read: {what}", "条件无法识别：{what}");
                    let fix = meant(node, text.value, scope).and_then(|meant| respelt(text.value, &meant, &text.place));
                    findings.error("HL150", &node.part(error.span), message, both("here", "此处")).maybe_help(error.help).maybe_fix(fix);
                }
                Wrong::Typed => {
                    let label = both("of another kind", "类型不符");
                    findings.error("HL151", &node.part(error.span), what, label).maybe_help(error.help);
                }
            }
            None
        }
    }
}

/// The same with the signs of ASCII, if that can be read.
fn meant(node: &Node<'_>, text: &str, scope: &Scope<'_>) -> Option<String> {
    let meant = with_ascii_signs(text);
    let mut names = InFiles { node, scope, findings: &mut Findings::default(), wrong: false };
    grammar::read(&meant, &mut Facts { names: &mut names }).is_ok().then_some(meant)
}

struct InFiles<'n, 'o, 'f> {
    node: &'n Node<'n>,
    scope: &'n Scope<'o>,
    findings: &'f mut Findings,
    wrong: bool,
}

impl InFiles<'_, '_, '_> {
    fn find(&mut self, names: &crate::names::Names, name: &str, at: Range<usize>) -> u16 {
        let id = names.find(name, &self.node.part(at), self.findings);
        self.wrong |= id.is_none();
        small(id.unwrap_or(0))
    }
}

impl Names for InFiles<'_, '_, '_> {
    fn calendar(&mut self, name: &str, at: Range<usize>) -> CalendarId {
        CalendarId(self.find(&self.scope.calendars, name, at))
    }

    fn queue(&mut self, name: &str, at: Range<usize>) -> QueueId {
        QueueId(self.find(&self.scope.queues, name, at))
    }

    fn language(&mut self, name: &str, at: Range<usize>) -> LanguageId {
        LanguageId(u8::try_from(self.find(&self.scope.languages, name, at)).unwrap_or(0))
    }

    fn region(&mut self, name: &str, at: Range<usize>) -> RegionId {
        RegionId(self.find(&self.scope.regions, name, at))
    }

    fn collected(&mut self, name: &str, at: Range<usize>) -> Name {
        self.find(&self.scope.collected, name, at);
        name.into()
    }

    fn dialled(&mut self, name: &str, at: Range<usize>) -> NumberId {
        let id = self.scope.dialled.find(name, &self.node.part(at), self.findings);
        self.wrong |= id.is_none();
        id.unwrap_or(NumberId(0))
    }

    fn zone(&mut self) -> Result<CalendarId, Said> {
        match self.scope.zones.as_slice() {
            [] => Err(both("no calendar is declared whose zone could hold", "尚未定义日历，不知道用哪个时区")),
            [_] => Ok(CalendarId(0)),
            [_, _, ..] => Err(both("the calendars have several zones", "各日历的时区不同")),
        }
    }
}

/// A calendar that is closed whenever the predicate holds, as far as the predicate itself says so.
pub(crate) fn closed_then(predicate: &Predicate) -> Option<CalendarId> {
    closed(predicate, true).first().copied()
}

fn closed(predicate: &Predicate, holds: bool) -> BTreeSet<CalendarId> {
    let of = |parts: &[Predicate]| parts.iter().map(|part| closed(part, holds)).collect::<Vec<_>>();
    match (predicate, holds) {
        (Predicate::Test(Test::Open(calendar)), false) => BTreeSet::from([*calendar]),
        (Predicate::Test(_), _) => BTreeSet::new(),
        (Predicate::Not(part), _) => closed(part, !holds),
        (Predicate::All(parts), true) | (Predicate::Any(parts), false) => of(parts).into_iter().flatten().collect(),
        (Predicate::Any(parts), true) | (Predicate::All(parts), false) => {
            of(parts).into_iter().reduce(|a, b| a.intersection(&b).copied().collect()).unwrap_or_default()
        }
    }
}

/// Reads a predicate by the names of a plan.
///
/// # Errors
/// The first place where it is wrong.
pub fn parse_predicate(text: &str, plan: &Plan) -> Result<Predicate, ExpressionError> {
    let mut names = OfPlan { plan, unknown: None };
    let predicate = grammar::read(text, &mut Facts { names: &mut names })?;
    names.unknown.map_or(Ok(predicate), Err)
}

struct OfPlan<'p> {
    plan: &'p Plan,
    unknown: Option<ExpressionError>,
}

impl OfPlan<'_> {
    fn id(&mut self, found: Option<usize>, name: &str, at: Range<usize>) -> u16 {
        if found.is_none() && self.unknown.is_none() {
            let message = said!("unknown name `{name}`", "未知的名称 `{name}`");
            self.unknown = Some(ExpressionError { span: at, message, help: None, kind: Wrong::Typed });
        }
        small(found.unwrap_or(0))
    }
}

impl Names for OfPlan<'_> {
    fn calendar(&mut self, name: &str, at: Range<usize>) -> CalendarId {
        CalendarId(self.id(self.plan.calendars.iter().position(|one| &*one.name == name), name, at))
    }

    fn queue(&mut self, name: &str, at: Range<usize>) -> QueueId {
        QueueId(self.id(self.plan.queues.iter().position(|one| &*one.name == name && !one.retired), name, at))
    }

    fn language(&mut self, name: &str, at: Range<usize>) -> LanguageId {
        let found = self.plan.languages.iter().position(|one| &*one.code == name && !one.retired);
        LanguageId(u8::try_from(self.id(found, name, at)).unwrap_or(0))
    }

    fn region(&mut self, name: &str, at: Range<usize>) -> RegionId {
        RegionId(self.id(self.plan.regions.iter().position(|one| &*one.name == name && !one.retired), name, at))
    }

    fn collected(&mut self, name: &str, at: Range<usize>) -> Name {
        let known = |menu: &crate::Menu| menu.collect.as_ref().is_some_and(|collect| &*collect.name == name);
        self.id(self.plan.menus.iter().position(known), name, at);
        name.into()
    }

    fn dialled(&mut self, name: &str, at: Range<usize>) -> NumberId {
        NumberId(self.id(self.plan.dialled(name).map(|id| usize::from(id.0)), name, at))
    }

    fn zone(&mut self) -> Result<CalendarId, Said> {
        let none = both("no calendar is declared whose zone could hold", "尚未定义日历，不知道用哪个时区");
        if self.plan.calendars.is_empty() { Err(none) } else { Ok(CalendarId(0)) }
    }
}

/// The words of predicates.
struct Facts<'a, N> {
    names: &'a mut N,
}

type Read<T> = Result<T, ExpressionError>;

impl<N: Names> Words for Facts<'_, N> {
    type Tree = Predicate;

    fn knows(_: Token) -> bool {
        true
    }

    fn in_figures(c: char) -> bool {
        c.is_ascii_alphanumeric() || c == ':'
    }

    fn instead(c: char) -> Option<Said> {
        match c {
            '=' | '＝' => Some(both("a comparison is written `==`", "比较写作 `==`")),
            '≥' | '≤' | '≠' | '＞' | '＜' => Some(both("write `>=`, `<=`, `!=`, `>` or `<`", "请写 `>=`、`<=`、`!=`、`>` 或 `<`")),
            '（' | '）' | '＆' | '｜' | '！' => {
                Some(both("write it half-width: `(`, `)`, `&`, `|`, `!`", "请用半角符号：`(`、`)`、`&`、`|`、`!`"))
            }
            '\'' => Some(both("a `'` without another", "`'` 没有配对")),
            _ => None,
        }
    }

    fn nothing() -> (Said, Said) {
        (both("an empty condition", "条件为空"), both("like `customer_type == vip`", "例如 `customer_type == vip`"))
    }

    fn part(&mut self, cursor: &mut Cursor<'_>) -> Read<Predicate> {
        let Some(span) = cursor.next_is(Token::Name) else {
            let help = both("like `customer_type == vip` or `open(office)`", "例如 `customer_type == vip` 或 `open(office)`");
            return Err(cursor.wrong(both("expected something to ask", "此处应为要判断的内容"), Some(help)));
        };
        cursor.compares()?;
        let fact = cursor.text_of(&span);
        if !FACTS.contains(&fact) {
            let all = || said!("known are: {known}", "可用的有：{known}", known = FACTS.join(", "));
            let help = negated(cursor, &span).or_else(|| did_you_mean(fact, FACTS)).unwrap_or_else(all);
            return Err(cursor.wrong(said!("nothing called `{fact}` can be asked", "没有 `{fact}` 这一项可判断"), Some(help)));
        }
        cursor.take(Token::Name);
        match fact {
            "sensitive" => Ok(Predicate::Test(Test::Sensitive)),
            "anonymous" => Ok(Predicate::Test(Test::Anonymous)),
            "known" => Ok(Predicate::Test(Test::Known)),
            "caller" => self.caller(cursor),
            "collected" => {
                let (name, at) = self.named(cursor, fact, &both("a collected value", "收集的号码"))?;
                let name = self.names.collected(name, at);
                Ok(Predicate::Test(Test::Collected(name, digits(cursor)?)))
            }
            "open" => {
                let (name, at) = self.named(cursor, fact, &both("a calendar", "日历"))?;
                Ok(Predicate::Test(Test::Open(self.names.calendar(name, at))))
            }
            "time" | "day" => self.when(cursor, fact),
            "waiting" | "longest" | "signed_in" => self.queue(cursor, fact),
            "impact" => impact(cursor),
            _ => self.value(cursor, fact),
        }
    }

    fn all(parts: Vec<Predicate>) -> Predicate {
        let flat = parts.into_iter().flat_map(|part| if let Predicate::All(inner) = part { inner } else { vec![part] });
        Predicate::All(flat.collect())
    }

    fn any(parts: Vec<Predicate>) -> Predicate {
        let flat = parts.into_iter().flat_map(|part| if let Predicate::Any(inner) = part { inner } else { vec![part] });
        Predicate::Any(flat.collect())
    }

    fn not(part: Predicate) -> Predicate {
        if let Predicate::Not(inner) = part { *inner } else { Predicate::Not(Box::new(part)) }
    }
}

/// Where `not` is written out, what is denied with the sign for it.
fn negated(cursor: &Cursor<'_>, word: &Range<usize>) -> Option<Said> {
    let not = cursor.text_of(word);
    if !["not", "非", "不", "不是"].contains(&not.to_lowercase().as_str()) {
        return None;
    }
    let denied = cursor.behind(word).split(['&', '|']).next().unwrap_or_default().trim();
    Some(said!("`{not}` is written `!`: `!{denied}`", "“{not}”写作 `!`：`!{denied}`"))
}

/// A number as people write it, `400-800-0000`, of which `first` are the figures before the first hyphen.
fn without_hyphens(cursor: &Cursor<'_>, first: &Range<usize>, quoted: bool) -> Read<()> {
    let behind = cursor.behind(first);
    if !behind.starts_with('-') {
        return Ok(());
    }
    let more = behind.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(behind.len());
    let span = first.start..first.end + more;
    let written = cursor.text_of(&span);
    let plain = written.replace('-', "");
    let help = if quoted {
        said!("write it without, `{plain}`, or in quotes, `'{written}'`", "请去掉：`{plain}`，或加引号：`'{written}'`")
    } else {
        said!("write it without: `{plain}`", "请去掉：`{plain}`")
    };
    Err(ExpressionError { span, message: both("a number with hyphens", "号码中有连字符"), help: Some(help), kind: Wrong::Written })
}

/// The next piece is of the wrong kind.
fn mistyped(cursor: &Cursor<'_>, message: Said, help: Option<Said>) -> ExpressionError {
    ExpressionError { kind: Wrong::Typed, ..cursor.wrong(message, help) }
}

impl<N: Names> Facts<'_, N> {
    /// `(name)`
    fn named<'t>(&mut self, cursor: &mut Cursor<'t>, fact: &str, noun: &Said) -> Read<(&'t str, Range<usize>)> {
        let help = || Some(said!([noun] "`{fact}` is asked of {noun}: `{fact}(NAME)`", "`{fact}` 要写明{noun}：`{fact}(名称)`"));
        if cursor.take(Token::Open).is_none() {
            return Err(cursor.wrong(both("expected `(` and a name", "此处应为 `(` 和名称"), help()));
        }
        let (name, at) = name(cursor).ok_or_else(|| cursor.wrong(both("expected a name", "此处应为名称"), help()))?;
        if cursor.take(Token::Close).is_none() {
            return Err(cursor.wrong(both("a `(` without its `)`", "`(` 没有对应的 `)`"), None));
        }
        Ok((name, at))
    }

    fn caller(&mut self, cursor: &mut Cursor<'_>) -> Read<Predicate> {
        let help = || Some(both("like `caller starts 021`", "例如 `caller starts 021`"));
        let word = cursor.next_is(Token::Name).filter(|span| cursor.text_of(span) == "starts");
        if word.is_none() {
            return Err(cursor.wrong(both("expected `starts`", "此处应为 `starts`"), help()));
        }
        cursor.take(Token::Name);
        let digits = |text: &str| {
            let digits = text.strip_prefix('+').unwrap_or(text);
            (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        let wanted = || both("a number begins with up to 15 digits, `+` before them at most", "号码开头是最多 15 位数字，前面可有 `+`");
        let text = cursor.next_is(Token::Figures).map(|span| cursor.text_of(&span)).filter(|text| digits(text));
        let text = text.ok_or_else(|| mistyped(cursor, wanted(), help()))?;
        if let Some(figures) = cursor.take(Token::Figures) {
            without_hyphens(cursor, &figures, false)?;
        }
        Ok(Predicate::Test(Test::Starts(text.to_owned())))
    }

    /// `time in 08:00-12:00`, `day(office) in mon-fri`, `day == sat`
    fn when(&mut self, cursor: &mut Cursor<'_>, fact: &str) -> Read<Predicate> {
        let (zone, named) = if cursor.peek() == Some(Token::Open) {
            let (name, at) = self.named(cursor, fact, &both("a calendar", "日历"))?;
            (self.names.calendar(name, at), true)
        } else {
            let help = || Some(said!("name one: `{fact}(office) in ...`", "请写明一个：`{fact}(office) in ...`"));
            (self.names.zone().map_err(|message| cursor.wrong(message, help()))?, false)
        };
        let asks = cursor.next_is(Token::Name).filter(|span| cursor.text_of(span) == "in");
        if asks.is_none() {
            let help = if fact == "time" { code("`time in 08:00-12:00`") } else { code("`day in mon-fri`") };
            return Err(cursor.wrong(both("expected `in`", "此处应为 `in`"), Some(help)));
        }
        cursor.take(Token::Name);
        if fact == "time" {
            let (from, to) = stretch_of_time(cursor)?;
            return Ok(Predicate::Test(Test::Time { zone, named, from, to }));
        }
        let (from, to) = stretch_of_days(cursor)?;
        Ok(Predicate::Test(Test::Day { zone, named, from, to }))
    }

    fn queue(&mut self, cursor: &mut Cursor<'_>, fact: &str) -> Read<Predicate> {
        let (name, at) = self.named(cursor, fact, &both("a queue", "排队"))?;
        let queue = self.names.queue(name, at);
        let compare = comparison(cursor, fact)?;
        if fact == "longest" {
            let help = both("like `longest(technical) >= 60s`", "例如 `longest(technical) >= 60s`");
            let text = cursor.next_is(Token::Figures).and_then(|span| values::duration(cursor.text_of(&span)));
            let wanted = || both("`longest` is compared with a duration", "`longest` 要与时长比较");
            let limit = text.ok_or_else(|| mistyped(cursor, wanted(), Some(help)))?;
            cursor.take(Token::Figures);
            return Ok(Predicate::Test(Test::Longest(queue, compare, limit)));
        }
        let number = cursor.next_is(Token::Figures).and_then(|span| cursor.text_of(&span).parse().ok()).filter(|number| *number <= MOST);
        let wanted = || said!("`{fact}` is compared with a whole number", "`{fact}` 要与整数比较");
        let number =
            number.ok_or_else(|| mistyped(cursor, wanted(), Some(said!("like `{fact}({name}) >= 10`", "例如 `{fact}({name}) >= 10`"))))?;
        cursor.take(Token::Figures);
        let test = if fact == "waiting" { Test::Waiting } else { Test::SignedIn };
        Ok(Predicate::Test(test(queue, compare, number)))
    }

    /// `class == complex`, `region != none`
    fn value(&mut self, cursor: &mut Cursor<'_>, fact: &str) -> Read<Predicate> {
        let opposite = if cursor.take(Token::Is).is_some() {
            false
        } else if cursor.take(Token::IsNot).is_some() {
            true
        } else {
            let help = said!("`{fact}` is compared with `==` or `!=`", "`{fact}` 用 `==` 或 `!=` 比较");
            return Err(cursor.wrong(both("expected `==` or `!=`", "此处应为 `==` 或 `!=`"), Some(help)));
        };
        macro_rules! of {
            ($kind:ident, $test:expr, $none:expr, $noun:expr) => {{
                let words: Vec<&'static str> = $kind::ALL.iter().map(|value| value.word()).collect();
                let found = one_of(cursor, fact, &words, $none, &$noun)?;
                #[allow(clippy::redundant_closure_call, reason = "the tests differ in what they take")]
                ($test)(found.and_then($kind::from_word))
            }};
        }
        let test = match fact {
            "class" => of!(Class, Test::Class, true, both("a problem class", "问题等级")),
            "nature" => of!(Nature, Test::Nature, true, both("a problem nature", "问题性质")),
            "kind" => of!(Kind, Test::Kind, true, both("a kind of request", "来电事由")),
            "category" => of!(Category, Test::Category, true, both("a complaint category", "投诉类别")),
            "topic" => of!(Topic, Test::Topic, true, both("a topic", "事项")),
            "scope" => of!(Remit, Test::Scope, true, both("a scope", "服务范围")),
            "priority" => {
                of!(Priority, |is: Option<Priority>| Test::Priority(is.unwrap_or(Priority::Ordinary)), false, both("a priority", "优先级"))
            }
            "customer_type" => of!(
                CustomerType,
                |is: Option<CustomerType>| Test::CustomerType(is.unwrap_or(CustomerType::Ordinary)),
                false,
                both("a customer type", "客户类型")
            ),
            "customer_level" => of!(
                CustomerLevel,
                |is: Option<CustomerLevel>| Test::CustomerLevel(is.unwrap_or(CustomerLevel::Basic)),
                false,
                both("a customer level", "客户级别")
            ),
            "dialled" => {
                let figures = cursor.next_is(Token::Figures);
                let (name, at) = self.name_of(cursor, fact, &both("a number of ours", "热线的号码"))?;
                figures.map_or(Ok(()), |figures| without_hyphens(cursor, &figures, true))?;
                Test::Dialled(self.names.dialled(name, at))
            }
            "language" => {
                let (name, at) = self.name_of(cursor, fact, &both("a language", "语言"))?;
                Test::Language(self.names.language(name, at))
            }
            _ => {
                let (name, at) = self.name_of(cursor, fact, &both("a region", "地区"))?;
                Test::Region(if name == NONE { None } else { Some(self.names.region(name, at)) })
            }
        };
        let test = Predicate::Test(test);
        Ok(if opposite { Self::not(test) } else { test })
    }

    fn name_of<'t>(&mut self, cursor: &mut Cursor<'t>, fact: &str, noun: &Said) -> Read<(&'t str, Range<usize>)> {
        let wanted = || said!([noun] "`{fact}` is compared with {noun}", "`{fact}` 要与{noun}比较");
        name(cursor).ok_or_else(|| mistyped(cursor, wanted(), None))
    }
}

/// `impact >= department`, `impact == none`
fn impact(cursor: &mut Cursor<'_>) -> Read<Predicate> {
    let compare = comparison(cursor, "impact")?;
    let equals = matches!(compare, Compare::Is | Compare::IsNot);
    let words: Vec<&'static str> = Impact::ALL.iter().map(|impact| impact.word()).collect();
    let found = one_of(cursor, "impact", &words, equals, &both("a scope of impact", "影响范围"))?.and_then(Impact::from_word);
    let test = |compare| Predicate::Test(Test::Impact(compare, found));
    Ok(if compare == Compare::IsNot { Predicate::Not(Box::new(test(Compare::Is))) } else { test(compare) })
}

/// Nothing, `matches 10 digits`, `matches 8-10 digits`, `starts 12`.
fn digits(cursor: &mut Cursor<'_>) -> Read<Digits> {
    let word = cursor.next_is(Token::Name).map(|span| cursor.text_of(&span)).unwrap_or_default();
    let number = |cursor: &mut Cursor<'_>, wanted: &dyn Fn(&str) -> bool| {
        let text = cursor.next_is(Token::Figures).map(|span| cursor.text_of(&span)).filter(|text| wanted(text));
        let help = both("like `collected(account) matches 10 digits`", "例如 `collected(account) matches 10 digits`");
        let message = both("collected digits are compared with digits, or their number", "收集的号码要与数字或位数比较");
        let text = text.ok_or_else(|| mistyped(cursor, message, Some(help)))?;
        cursor.take(Token::Figures);
        Ok(text.to_owned())
    };
    let few = |text: &str| text.parse().is_ok_and(|count: u8| (1..=MOST_DIGITS).contains(&count));
    match word {
        "starts" => {
            cursor.take(Token::Name);
            let prefix = |text: &str| text.len() <= usize::from(MOST_DIGITS) && text.bytes().all(|byte| byte.is_ascii_digit());
            Ok(Digits::Start(number(cursor, &prefix)?))
        }
        "matches" => {
            cursor.take(Token::Name);
            let from: u8 = number(cursor, &few)?.parse().unwrap_or(0);
            let to = if cursor.take(Token::Dash).is_some() {
                number(cursor, &|text| few(text) && text.parse().is_ok_and(|to: u8| to >= from))?.parse().unwrap_or(from)
            } else {
                from
            };
            let unit = cursor.next_is(Token::Name).filter(|span| cursor.text_of(span) == "digits");
            if unit.is_none() {
                return Err(cursor.wrong(both("expected `digits`", "此处应为 `digits`"), Some(code("`matches 10 digits`"))));
            }
            cursor.take(Token::Name);
            Ok(Digits::Count(from, to))
        }
        _ => Ok(Digits::There),
    }
}

const NONE: &str = "none";

const fn code(word: &'static str) -> Said {
    both(word, word)
}

fn name<'t>(cursor: &mut Cursor<'t>) -> Option<(&'t str, Range<usize>)> {
    if let Some(at) = cursor.take(Token::Quoted) {
        let at = at.start + 1..at.end - 1;
        return Some((cursor.text_of(&at), at));
    }
    let at = cursor.take(Token::Name).or_else(|| cursor.take(Token::Figures))?;
    Some((cursor.text_of(&at), at))
}

fn one_of<'t>(cursor: &mut Cursor<'t>, fact: &str, words: &[&'static str], none: bool, noun: &Said) -> Read<Option<&'t str>> {
    let known = || words.iter().copied().chain(none.then_some(NONE));
    let word = cursor.next_is(Token::Name).map(|span| cursor.text_of(&span)).unwrap_or_default();
    if !known().any(|known| known == word) {
        let all = || said!("known are: {known}", "可用的有：{known}", known = known().collect::<Vec<_>>().join(", "));
        let help = never_unknown(fact).filter(|_| word == NONE).or_else(|| did_you_mean(word, known())).unwrap_or_else(all);
        let message = said!([noun] "`{fact}` is compared with {noun}", "`{fact}` 要与{noun}比较");
        return Err(mistyped(cursor, message, Some(help)));
    }
    cursor.take(Token::Name);
    Ok(Some(word).filter(|word| *word != NONE))
}

/// What holds of a caller of whom nobody said it.
fn never_unknown(fact: &str) -> Option<Said> {
    let word = match fact {
        "priority" => Priority::Ordinary.word(),
        "customer_type" => CustomerType::Ordinary.word(),
        "customer_level" => CustomerLevel::Basic.word(),
        _ => return None,
    };
    Some(said!("`{fact}` is never unknown: where nobody says it, it is `{word}`", "`{fact}` 总有值：没有写明的就是 `{word}`"))
}

fn comparison(cursor: &mut Cursor<'_>, fact: &str) -> Read<Compare> {
    let signs = [
        (Token::Is, Compare::Is),
        (Token::IsNot, Compare::IsNot),
        (Token::AtLeast, Compare::AtLeast),
        (Token::More, Compare::More),
        (Token::AtMost, Compare::AtMost),
        (Token::Less, Compare::Less),
    ];
    let found = signs.into_iter().find(|(token, _)| cursor.peek() == Some(*token));
    let Some((token, compare)) = found else {
        let help =
            said!("`{fact}` is compared with `>=`, `>`, `<=`, `<`, `==` or `!=`", "`{fact}` 用 `>=`、`>`、`<=`、`<`、`==` 或 `!=` 比较");
        return Err(cursor.wrong(both("expected a comparison", "此处应为比较符号"), Some(help)));
    };
    cursor.take(token);
    Ok(compare)
}

fn stretch_of_time(cursor: &mut Cursor<'_>) -> Read<(u16, u16)> {
    let wanted = || both("`time` is compared with a stretch of the day", "`time` 要与一天里的时段比较");
    let help = || Some(both("like `08:00-12:00`, or `22:00-06:00` over midnight", "例如 `08:00-12:00`，跨夜写 `22:00-06:00`"));
    let minute = |cursor: &mut Cursor<'_>| {
        let minute = cursor.next_is(Token::Figures).and_then(|span| values::minute(cursor.text_of(&span)));
        let minute = minute.ok_or_else(|| mistyped(cursor, wanted(), help()))?;
        cursor.take(Token::Figures);
        Ok(minute)
    };
    let from = minute(cursor)?;
    if cursor.take(Token::Dash).is_none() {
        return Err(cursor.wrong(both("expected `-` and the end of the stretch", "此处应为 `-` 和时段的结束"), help()));
    }
    let place = cursor.next_is(Token::Figures);
    let to = minute(cursor)?;
    if from == to || from == 24 * 60 {
        let span = place.unwrap_or_default();
        return Err(ExpressionError { span, message: wanted(), help: help(), kind: Wrong::Typed });
    }
    Ok((from, to))
}

/// A stretch is one word, `mon-fri`, as names may have a `-` inside.
fn stretch_of_days(cursor: &mut Cursor<'_>) -> Read<(u8, u8)> {
    let day = |word: &str| WEEKDAYS.iter().position(|day| *day == word).and_then(|place| u8::try_from(place).ok());
    let text = cursor.next_is(Token::Name).map(|span| cursor.text_of(&span)).unwrap_or_default();
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let days = day(from).zip(day(to)).ok_or_else(|| {
        let help = both("like `mon-fri` or `sat`", "例如 `mon-fri` 或 `sat`");
        mistyped(cursor, both("`day` is compared with days of the week", "`day` 要与星期几比较"), Some(help))
    })?;
    cursor.take(Token::Name);
    Ok(days)
}

/// Writes a predicate so that [`parse_predicate`] reads it again.
pub fn print_predicate(predicate: &Predicate, plan: &Plan) -> String {
    match predicate {
        Predicate::Test(test) => print_test(test, plan),
        Predicate::All(parts) => parts.iter().map(|part| inner(part, plan)).collect::<Vec<_>>().join(" & "),
        Predicate::Any(parts) => parts.iter().map(|part| inner(part, plan)).collect::<Vec<_>>().join(" | "),
        Predicate::Not(part) => {
            format!("!{}", if let Predicate::Test(_) = **part { format!("({})", print_predicate(part, plan)) } else { inner(part, plan) })
        }
    }
}

fn inner(part: &Predicate, plan: &Plan) -> String {
    match part {
        Predicate::All(_) | Predicate::Any(_) => format!("({})", print_predicate(part, plan)),
        Predicate::Test(_) | Predicate::Not(_) => print_predicate(part, plan),
    }
}

fn print_test(test: &Test, plan: &Plan) -> String {
    let is = |fact: &str, word: Option<&str>| format!("{fact} == {}", word.unwrap_or(NONE));
    let calendar = |id: &CalendarId| quoted(plan.calendars.get(usize::from(id.0)).map(|one| &one.name));
    let queue = |id: &QueueId| quoted(plan.queues.get(id.index()).map(|one| &one.name));
    let of = |named: &bool, id: &CalendarId| if *named { format!("({})", calendar(id)) } else { String::new() };
    let time = |minute: &u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    match test {
        Test::Class(value) => is("class", value.map(Class::word)),
        Test::Nature(value) => is("nature", value.map(Nature::word)),
        Test::Kind(value) => is("kind", value.map(Kind::word)),
        Test::Category(value) => is("category", value.map(Category::word)),
        Test::Topic(value) => is("topic", value.map(Topic::word)),
        Test::Scope(value) => is("scope", value.map(Remit::word)),
        Test::Impact(compare, value) => format!("impact {} {}", compare.sign(), value.map_or(NONE, Impact::word)),
        Test::Priority(value) => is("priority", Some(value.word())),
        Test::CustomerType(value) => is("customer_type", Some(value.word())),
        Test::CustomerLevel(value) => is("customer_level", Some(value.word())),
        Test::Language(id) => is("language", Some(&quoted(plan.languages.get(id.index()).map(|one| &one.code)))),
        Test::Region(Some(id)) => is("region", Some(&quoted(plan.regions.get(id.index()).map(|one| &one.name)))),
        Test::Region(None) => is("region", None),
        Test::Dialled(id) => is("dialled", Some(&quoted(plan.numbers.get(usize::from(id.0)).map(|one| &one.name)))),
        Test::Sensitive => "sensitive".into(),
        Test::Anonymous => "anonymous".into(),
        Test::Known => "known".into(),
        Test::Starts(prefix) => format!("caller starts {prefix}"),
        Test::Open(id) => format!("open({})", calendar(id)),
        Test::Time { zone, named, from, to } => format!("time{} in {}-{}", of(named, zone), time(from), time(to)),
        Test::Day { zone, named, from, to } => {
            let day = |day: &u8| WEEKDAYS[usize::from(*day) % 7];
            let days = if from == to { day(from).to_owned() } else { format!("{}-{}", day(from), day(to)) };
            format!("day{} in {days}", of(named, zone))
        }
        Test::Waiting(id, compare, number) => format!("waiting({}) {} {number}", queue(id), compare.sign()),
        Test::SignedIn(id, compare, number) => format!("signed_in({}) {} {number}", queue(id), compare.sign()),
        Test::Collected(name, digits) => {
            let name = quoted(Some(name));
            match digits {
                Digits::There => format!("collected({name})"),
                Digits::Count(from, to) if from == to => format!("collected({name}) matches {from} digits"),
                Digits::Count(from, to) => format!("collected({name}) matches {from}-{to} digits"),
                Digits::Start(prefix) => format!("collected({name}) starts {prefix}"),
            }
        }
        Test::Longest(id, compare, limit) => format!("longest({}) {} {}", queue(id), compare.sign(), duration(*limit)),
    }
}

fn duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    if ms.is_multiple_of(1_000) { format!("{}s", ms / 1_000) } else { format!("{ms}ms") }
}

/// A name as it is written: in quotes where it could be read as something else.
fn quoted(name: Option<&Name>) -> String {
    let name = name.map_or("?", |name| &**name);
    let plain = name.starts_with(char::is_alphabetic) && name != NONE && name != expression::ANYONE;
    if plain { name.to_owned() } else { format!("'{name}'") }
}
