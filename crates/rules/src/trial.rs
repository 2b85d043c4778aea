//! The files in `tests/`: calls to be rehearsed and what is expected of them. How that is done is the shell's business.

mod contradictions;
mod situation;

pub use situation::{
    KeyPress, LookupGiven, Replies, SeatGiven, Situation, give_customer, give_lookup, parse_caller, parse_keys, parse_moment,
    parse_outside, parse_replies, parse_seat,
};

use crate::finding::{Findings, Place};
use crate::load::parse;
use crate::places::Texts;
use crate::read::{File, Node, TRUE_OR_FALSE, Table};
use crate::said::{both, code, said};
use crate::suggest::did_you_mean;
use crate::{Diagnostic, Plan, Said, Source};
use hotline_model::history::{Dimension, Unasked};
use hotline_model::{Category, Class, ComplaintLevel, DueWhat, Impact, Kind, Nature, Priority, Remit, Topic};
use std::time::Duration;

/// Most tests in all files.
const MOST: usize = 10_000;
/// Names that are shown instead of a misspelt one.
const SHOWN: usize = 12;
const TEST: Said = both("a test", "测试");
const WAY_OUT: Said = both("way outside", "外部去向");

/// A call to be rehearsed, and what is expected of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What it says, as a sentence.
    pub name: String,
    /// Its file, as shown in findings.
    pub file: String,
    /// The line of its name, from 1.
    pub line: u32,
    /// What is given.
    pub situation: Situation,
    /// What is expected; only that is compared.
    pub expect: Vec<Expect>,
}

/// One thing that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// Its key in the file.
    pub key: Expected,
    /// What is wanted.
    pub want: Want,
    /// The line, from 1.
    pub line: u32,
}

/// A value that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// A word or name.
    Word(String),
    /// Several.
    Words(Vec<String>),
    /// Yes or no.
    Flag(bool),
    /// A time.
    Time(Duration),
    /// A number.
    Count(u32),
}

macro_rules! expected {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// What can be expected of a call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Expected { $($(#[$doc])* $variant),+ }

        impl Expected {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its key in the files.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

expected! {
    /// The number that was dialled, by its name in the rules.
    Number = "number",
    /// The block list turns the caller away.
    Blocked = "blocked",
    /// Announcements that are switched on and said, in order.
    Announcement = "announcement",
    /// The status with which the call is refused.
    Refused = "refused",
    /// The menus that are entered, in order.
    Menus = "menus",
    /// The language at the end.
    Language = "language",
    /// Problem class.
    Class = "class",
    /// Problem nature.
    Nature = "nature",
    /// Request kind.
    Kind = "kind",
    /// Complaint category.
    Category = "category",
    /// How grave a complaint is.
    Level = "level",
    /// A matter that goes first.
    Topic = "topic",
    /// Inside our own scope or not.
    Scope = "scope",
    /// How far the problem reaches.
    Impact = "impact",
    /// Priority in the queue.
    Priority = "priority",
    /// The caller's region.
    Region = "region",
    /// Conditions on skills that are asked for, the language's among them.
    Skills = "skills",
    /// Only cleared seats.
    Sensitive = "sensitive",
    /// Supervisors are told at once.
    Alerted = "alerted",
    /// The queue entered last.
    Queue = "queue",
    /// Where it waits too after a breach.
    Overflow = "overflow",
    /// Those outside to whom the rules lead the call, in order: a person's name, or a number.
    LedOutside = "led_outside",
    /// Who outside answers.
    Outside = "outside",
    /// A person answers.
    Answered = "answered",
    /// The seat that answers.
    Seat = "seat",
    /// Seats that never get an offer.
    NotSeat = "not_seat",
    /// The seats that get offers, in order.
    Offered = "offered",
    /// The step of the queue at which the seat that answered was found, from 1.
    Step = "step",
    /// The tier of the seat that answered.
    Tier = "tier",
    /// A seat answers at most so long after the queue was entered.
    Within = "within",
    /// No seat answers before so long after the queue was entered.
    NotBefore = "not_before",
    /// Prompts that are said, in this order, others between them.
    Said = "said",
    /// Prompts that are never said.
    NotSaid = "not_said",
    /// Clocks that are breached, by their numbers in the manual: `K3`.
    Breached = "breached",
    /// The caller is asked how it was, once the agent has gone.
    Survey = "survey",
    /// The scores that the caller gives: `attitude 9`.
    Scores = "scores",
    /// Why the caller of a queue with a survey is not asked.
    Unasked = "unasked",
    /// What the call leaves to be done, all of it: each by its word, and how long after its clock began.
    Due = "due",
    /// The caller is told goodbye.
    Goodbye = "goodbye",
    /// The voicemail in which a message is left.
    Voicemail = "voicemail",
    /// The caller is to be called back.
    Callback = "callback",
}

/// Reads the files of tests.
///
/// # Errors
/// All findings, in the order of files and places.
pub fn read_trials(sources: &[Source], plan: &Plan) -> Result<Vec<Trial>, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let texts = Texts::new(sources.iter().map(|source| (source.path.as_str(), source.text.as_str())));
    let mut trials = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let file = File { index, text: &source.text };
        let Some(root) = parse(file, &mut findings) else { continue };
        let root = Table::root(file, &root);
        root.only(&["test", "given"], both("a file of tests", "测试文件"), &mut findings);
        let shared = root.get("given").and_then(|node| node.table(&mut findings));
        for table in root.tables("test", &mut findings) {
            trials.extend(trial(&table, shared.as_ref(), plan, (&source.path, &texts), &mut findings));
        }
    }
    if trials.len() > MOST {
        let place = Place { file: 0, span: 0..0 };
        findings.error("HL009", &place, said!("more than {MOST} tests", "测试超过 {MOST} 个"), both("too many", "太多了"));
    }
    let order: Vec<usize> = (0..sources.len()).collect();
    let failed = findings.has_errors();
    let found = findings.sorted(&order);
    if failed { Err(found) } else { Ok(trials) }
}

/// What is wrong with the text of files of tests, whatever the rules are: for rules that can't be loaded.
pub fn not_toml(sources: &[Source]) -> Vec<Diagnostic> {
    let mut findings = Findings::default();
    for (index, source) in sources.iter().enumerate() {
        let _ = parse(File { index, text: &source.text }, &mut findings);
    }
    findings.sorted(&(0..sources.len()).collect::<Vec<_>>())
}

fn trial(
    table: &Table<'_>,
    shared: Option<&Table<'_>>,
    plan: &Plan,
    (path, texts): (&str, &Texts<'_>),
    findings: &mut Findings,
) -> Option<Trial> {
    table.only(&["name", "given", "expect"], TEST, findings);
    let name = table.need("name", TEST, findings).and_then(|node| node.line(findings));
    let given = table.get("given").and_then(|node| node.table(findings));
    let layers: Vec<&Table<'_>> = given.iter().chain(shared).collect();
    let situation = situation::read(table, &layers, plan, findings);
    let expect = table.need("expect", TEST, findings).and_then(|node| node.table(findings))?;
    let known: Vec<&str> = Expected::ALL.iter().map(|key| key.word()).collect();
    expect.only(&known, code("`expect`"), findings);
    let mut wanted = Vec::new();
    for key in Expected::ALL {
        let Some(node) = expect.get(key.word()) else { continue };
        let line = texts.line_number(&node.place());
        wanted.extend(want(*key, &node, plan, findings).map(|want| Expect { key: *key, want, line }));
    }
    contradictions::check(&expect, &wanted, plan, findings);
    let name = name?;
    let nothing = expect.entries().is_empty();
    if nothing || !wanted.is_empty() && wanted.len() == expect.entries().len() && wanted.iter().all(says_nothing) {
        let message = both("a test that expects nothing", "测试没有写任何期望");
        let label = if nothing {
            both("nothing here", "此处为空")
        } else {
            both("an empty list is true of every call", "空列表对任何来电都成立")
        };
        let help = said!("one or more of: {known}", "可写其中一项或几项：{known}", known = known.join(", "));
        findings.error("HL004", &expect.place(), message, label).help(help);
    }
    let (file, line) = (path.to_owned(), texts.line_number(&name.place));
    let mut situation = situation?;
    if wanted.iter().any(|one| one.key == Expected::Due) {
        situation.watch_to_its_end();
    }
    Some(Trial { name: name.value.to_owned(), file, line, situation, expect: wanted })
}

/// What is to be said, or never to be, or seats that get no offer, and none is named.
fn says_nothing(expect: &Expect) -> bool {
    matches!(expect.key, Expected::Said | Expected::NotSaid | Expected::NotSeat) && expect.want == Want::Words(Vec::new())
}

fn want(key: Expected, node: &Node<'_>, plan: &Plan, findings: &mut Findings) -> Option<Want> {
    macro_rules! word {
        ($kind:ty) => {{
            let words: Vec<(&str, $kind)> = <$kind>::ALL.iter().map(|value| (value.word(), *value)).collect();
            node.word(&words, findings).map(|at| Want::Word(at.value.word().to_owned()))
        }};
    }
    let numbers = || plan.numbers.iter().map(|number| &*number.name).collect::<Vec<_>>();
    let menus = || plan.menus.iter().map(|menu| &*menu.name).collect::<Vec<_>>();
    let queues = || plan.queues.iter().filter(|queue| !queue.retired).map(|queue| &*queue.name).collect::<Vec<_>>();
    let seats = || plan.seats.iter().filter(|seat| !seat.retired).map(|seat| &*seat.name).collect::<Vec<_>>();
    let prompts = || plan.prompts().into_iter().map(|(_, name)| name).collect::<std::collections::BTreeSet<_>>();
    match key {
        Expected::Class => word!(Class),
        Expected::Nature => word!(Nature),
        Expected::Kind => word!(Kind),
        Expected::Category => word!(Category),
        Expected::Level => word!(ComplaintLevel),
        Expected::Topic => word!(Topic),
        Expected::Scope => word!(Remit),
        Expected::Impact => word!(Impact),
        Expected::Priority => word!(Priority),
        Expected::Tier => {
            let words = ["internal-near", "internal", "external"].map(|word| (word, word));
            node.word(&words, findings).map(|at| Want::Word(at.value.to_owned()))
        }
        Expected::Number => known(node, &both("number", "号码"), &numbers(), findings),
        Expected::Language => {
            known(node, &both("language", "语言"), &plan.languages.iter().map(|language| &*language.code).collect::<Vec<_>>(), findings)
        }
        Expected::Region => {
            known(node, &both("region", "地区"), &plan.regions.iter().map(|region| &*region.name).collect::<Vec<_>>(), findings)
        }
        Expected::Voicemail => {
            let names: Vec<&str> = plan.voicemails.iter().map(|voicemail| &*voicemail.name).collect();
            known(node, &both("voicemail", "留言"), &names, findings)
        }
        Expected::Queue | Expected::Overflow => known(node, &both("queue", "排队"), &queues(), findings),
        Expected::Seat => known(node, &both("seat", "坐席"), &seats(), findings),
        Expected::LedOutside => known_list(node, &WAY_OUT, &ways_out(plan), findings),
        Expected::Outside => known(node, &WAY_OUT, &outside(plan), findings),
        Expected::Menus => known_list(node, &both("menu", "菜单"), &menus(), findings),
        Expected::NotSeat | Expected::Offered => known_list(node, &both("seat", "坐席"), &seats(), findings),
        Expected::Said | Expected::NotSaid => {
            let names = prompts();
            known_list(node, &both("prompt of the rules", "提示音"), &names.iter().map(|name| &**name).collect::<Vec<_>>(), findings)
        }
        Expected::Breached => known_list(node, &both("clock", "时限"), &["K1", "K2", "K3", "K4", "K5", "K8", "K9", "K10", "K11"], findings),
        Expected::Skills => {
            let texts = node.list(findings).iter().filter_map(|node| node.text(findings)).map(|text| text.value.to_owned()).collect();
            Some(Want::Words(texts))
        }
        Expected::Announcement => {
            let names: Vec<&str> = plan.announcements.iter().map(|one| &*one.name).collect();
            known_list(node, &both("announcement", "公告"), &names, findings)
        }
        Expected::Unasked => word!(Unasked),
        Expected::Scores => scores(node, findings),
        Expected::Blocked
        | Expected::Survey
        | Expected::Sensitive
        | Expected::Alerted
        | Expected::Answered
        | Expected::Goodbye
        | Expected::Callback => {
            let flag = node.as_flag();
            if flag.is_none() {
                node.wrong(&TRUE_OR_FALSE, findings);
            }
            flag.map(Want::Flag)
        }
        Expected::Due => due(node, findings),
        Expected::Within | Expected::NotBefore => node.duration(findings).map(|at| Want::Time(at.value)),
        Expected::Step => node.number(1..=10, findings).map(Want::Count),
        Expected::Refused => {
            let in_text = node.as_text().and_then(|text| text.parse().ok()).filter(|status| (300..=699).contains(status));
            in_text.or_else(|| node.number(300..=699, findings)).map(Want::Count)
        }
    }
}

/// `["attitude 9", "quality 10"]`.
fn scores(node: &Node<'_>, findings: &mut Findings) -> Option<Want> {
    let nodes = if node.as_text().is_some() { vec![*node] } else { node.list(findings) };
    let good = |text: &str| {
        let (dimension, score) = text.split_once(' ')?;
        let is_score = score.parse::<u8>().is_ok_and(|score| (1..=10).contains(&score) && !text.ends_with(' '));
        (Dimension::from_word(dimension).is_some() && is_score).then(|| text.to_owned())
    };
    let mut found = Vec::new();
    for text in nodes.iter().filter_map(|node| node.text(findings)).collect::<Vec<_>>() {
        match good(text.value) {
            Some(score) => found.push(score),
            None => {
                let words = Dimension::ALL.iter().map(|one| one.word()).collect::<Vec<_>>().join(", ");
                let message = said!("`{}` is no score", "`{}` 不是评分", text.value.escape_debug());
                let help = said!("like `attitude 9`; dimensions: {words}", "例如 `attitude 9`；维度有：{words}");
                findings.error("HL005", &text.place, message, both("a dimension and 1 to 10", "维度和 1 至 10 分")).help(help);
            }
        }
    }
    (found.len() == nodes.len()).then_some(Want::Words(found))
}

/// Whom the menus call outside.
fn ways_out(plan: &Plan) -> Vec<&str> {
    plan.ways_out.iter().map(|way| &*way.to.name).collect()
}

/// Everybody who may be called outside for a caller.
fn outside(plan: &Plan) -> Vec<&str> {
    let overflow = plan.queues.iter().flat_map(|queue| &queue.outward.overflow).map(|target| &*target.to.name);
    overflow.chain(ways_out(plan)).collect()
}

/// `due = { handled = "4h" }`, in the order of the manual's words.
fn due(node: &Node<'_>, findings: &mut Findings) -> Option<Want> {
    let table = node.table(findings)?;
    let known: Vec<&str> = DueWhat::ALL.iter().map(|what| what.word()).collect();
    table.only(&known, code("`due`"), findings);
    let found = DueWhat::ALL.iter().filter_map(|what| Some(due_words(*what, table.duration(what.word(), findings)?.value)));
    Some(Want::Words(found.collect()))
}

/// `handled 4h`: something that is left to be done, and how long after its clock began.
pub fn due_words(what: DueWhat, after: Duration) -> String {
    let seconds = after.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let time: String = parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    format!("{what} {}", if time.is_empty() { "0s" } else { &time })
}

fn known(node: &Node<'_>, noun: &Said, names: &[&str], findings: &mut Findings) -> Option<Want> {
    named(node, noun, names, findings).map(Want::Word)
}

fn known_list(node: &Node<'_>, noun: &Said, names: &[&str], findings: &mut Findings) -> Option<Want> {
    let single = node.as_text().is_some();
    let nodes = if single { vec![*node] } else { node.list(findings) };
    let found: Vec<String> = nodes.iter().filter_map(|node| named(node, noun, names, findings)).collect();
    (found.len() == nodes.len()).then_some(Want::Words(found))
}

/// A name that the rules have; tells if not.
fn named(node: &Node<'_>, noun: &Said, names: &[&str], findings: &mut Findings) -> Option<String> {
    let text = node.text(findings)?;
    if names.contains(&text.value) {
        return Some(text.value.to_owned());
    }
    let help = did_you_mean(text.value, names.iter().copied()).unwrap_or_else(|| all_names(names));
    unknown(noun, text.value, &text.place, help, findings);
    None
}

fn all_names(names: &[&str]) -> Said {
    if names.is_empty() {
        return both("the rules have none", "规则里一个也没有");
    }
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ") + if names.len() > SHOWN { ", …" } else { "" };
    said!("the rules have: {shown}", "规则里有：{shown}")
}

fn unknown(noun: &Said, name: &str, place: &Place, help: Said, findings: &mut Findings) {
    let message = said!([noun] "unknown {noun} `{name}`", "未知的{noun} `{name}`", name = name.escape_debug());
    findings.error("HL130", place, message, both("not in these rules", "规则里没有")).help(help);
}
