//! The files in `tests/`: calls to be rehearsed and what is expected of them. How that is done is the shell's business.

mod situation;

pub use situation::{KeyPress, LookupGiven, SeatGiven, Situation, parse_keys, parse_moment, parse_seat};

use crate::finding::{Findings, Place};
use crate::load::parse;
use crate::places::Texts;
use crate::read::{File, Node, TRUE_OR_FALSE, Table};
use crate::said::{both, code, said};
use crate::suggest::did_you_mean;
use crate::{Diagnostic, Plan, Said, Source};
use hotline_model::{Category, Class, ComplaintLevel, Kind, Nature, Priority, Topic};
use std::time::Duration;

/// Most tests in all files.
const MOST: usize = 10_000;
/// Names that are shown instead of a misspelt one.
const SHOWN: usize = 12;
const TEST: Said = both("a test", "测试");

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
    /// A seat answers.
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
    /// The caller is told goodbye.
    Goodbye = "goodbye",
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
    let name = table.need("name", TEST, findings).and_then(|node| node.text(findings));
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
    let name = name?;
    if expect.entries().is_empty() {
        let message = both("a test that expects nothing", "测试没有写任何期望");
        let help = said!("one or more of: {known}", "可写其中一项或几项：{known}", known = known.join(", "));
        findings.error("HL004", &expect.place(), message, both("nothing here", "此处为空")).help(help);
    }
    let (file, line) = (path.to_owned(), texts.line_number(&name.place));
    Some(Trial { name: name.value.to_owned(), file, line, situation: situation?, expect: wanted })
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
        Expected::Queue | Expected::Overflow => known(node, &both("queue", "排队"), &queues(), findings),
        Expected::Seat => known(node, &both("seat", "坐席"), &seats(), findings),
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
        Expected::Blocked | Expected::Sensitive | Expected::Alerted | Expected::Answered | Expected::Goodbye => {
            let flag = node.as_flag();
            if flag.is_none() {
                node.wrong(&TRUE_OR_FALSE, findings);
            }
            flag.map(Want::Flag)
        }
        Expected::Within | Expected::NotBefore => node.duration(findings).map(|at| Want::Time(at.value)),
        Expected::Step => node.number(1..=10, findings).map(Want::Count),
        Expected::Refused => node.number(300..=699, findings).map(Want::Count),
    }
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
