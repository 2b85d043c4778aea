use crate::declare::{Declared, Item};
use crate::finding::{Findings, Place};
use crate::fixes::respelt;
use crate::names::Names;
use crate::read::Node;
use crate::said::{both, said};
use crate::way_out::Noted;
use crate::{CalendarId, Changes, Expression, Go, NumberId, Options, Plan, expression, numbers};
use hotline_model::{LanguageId, Name, Need, NumberingPlan, SkillId};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The languages of a plan whose files declare none.
const DEFAULT_LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// All names that may be referred to.
#[derive(Debug)]
pub(crate) struct Scope<'o> {
    pub(crate) skills: Names,
    pub(crate) languages: Names,
    pub(crate) regions: Names,
    pub(crate) calendars: Names,
    pub(crate) holidays: Names,
    pub(crate) menus: Names,
    pub(crate) voicemails: Names,
    pub(crate) queues: Names,
    pub(crate) seats: Names,
    pub(crate) trunks: Names,
    pub(crate) partners: Names,
    pub(crate) roles: Names,
    pub(crate) departments: Names,
    pub(crate) persons: Names,
    /// Telephones of nobody.
    pub(crate) phones: Vec<Name>,
    /// The values that menus collect.
    pub(crate) collected: Names,
    /// What can be dialled: the numbers by name and alias.
    pub(crate) dialled: Dialled,
    /// The zones of the calendars as they are written, each once.
    pub(crate) zones: Vec<String>,
    pub(crate) options: &'o Options,
}

impl<'o> Scope<'o> {
    pub(crate) fn new(declared: &Declared<'_>, previous: Option<&Plan>, options: &'o Options) -> Self {
        let default_languages: Vec<Name> = DEFAULT_LANGUAGES.map(Name::from).to_vec();
        let languages: Vec<&Name> =
            if declared.languages.is_empty() { default_languages.iter().collect() } else { names(&declared.languages).collect() };
        let before = |of: fn(&Plan) -> Vec<&Name>| previous.map(of).unwrap_or_default();
        let seats = declared.seats.iter().flat_map(|block| &block.names);
        Self {
            skills: Names::new(
                both("skill", "技能"),
                "HL012",
                before(|plan| plan.skills.iter().map(|one| &one.name).collect()),
                names(&declared.skills),
            ),
            languages: Names::new(
                both("language", "语言"),
                "HL011",
                before(|plan| plan.languages.iter().map(|one| &one.code).collect()),
                languages,
            ),
            regions: Names::new(
                both("region", "地区"),
                "HL013",
                before(|plan| plan.regions.iter().map(|one| &one.name).collect()),
                names(&declared.regions),
            ),
            calendars: Names::new(both("calendar", "日历"), "HL016", [], names(&declared.calendars)),
            holidays: Names::new(both("holiday list", "节假日表"), "HL019", [], names(&declared.holidays)),
            menus: Names::new(both("menu", "菜单"), "HL015", [], names(&declared.menus)),
            voicemails: Names::new(both("voicemail", "留言"), "HL200", [], names(&declared.voicemails)),
            queues: Names::new(
                both("queue", "排队"),
                "HL014",
                before(|plan| plan.queues.iter().map(|one| &one.name).collect()),
                names(&declared.queues),
            ),
            seats: Names::new(both("seat", "坐席"), "HL017", before(|plan| plan.seats.iter().map(|one| &one.name).collect()), seats),
            trunks: Names::new(both("trunk", "中继"), "HL093", [], names(&declared.trunks)),
            partners: Names::new(both("partner", "伙伴"), "HL094", [], names(&declared.partners)),
            roles: Names::new(both("dial role", "外拨角色"), "HL102", [], names(&declared.roles)),
            departments: Names::new(both("department", "部门"), "HL100", [], names(&declared.departments)),
            persons: Names::new(both("person", "责任人"), "HL101", [], names(&declared.persons)),
            phones: names(&declared.phones).cloned().collect(),
            collected: Names::new(both("collected value", "收集项"), "HL158", [], &collected(declared)),
            dialled: Dialled::new(declared),
            zones: zones(declared),
            options,
        }
    }

    /// A condition on skills; everybody if it is wrong.
    pub(crate) fn expression(&self, node: &Node<'_>, findings: &mut Findings) -> Expression {
        let Some(text) = node.text(findings) else { return Expression::Anyone };
        self.expression_in(text.value, &|span| node.part(span), findings)
    }

    fn expression_in(&self, text: &str, part: &dyn Fn(Range<usize>) -> Place, findings: &mut Findings) -> Expression {
        let mut skill = |name: &str, span| SkillId(small(self.skills.find(name, &part(span), findings).unwrap_or(0)));
        let parsed = expression::parse(text, &mut skill);
        parsed.unwrap_or_else(|error| {
            let what = &error.message;
            let message = said!([what] "a condition on skills that can't be read: {what}", "技能条件无法识别：{what}");
            let fix = expression::meant(text).and_then(|meant| respelt(text, &meant, &part(0..text.len())));
            findings.error("HL010", &part(error.span), message, both("here", "此处")).maybe_help(error.help).maybe_fix(fix);
            Expression::Anyone
        })
    }

    /// A single comparison.
    pub(crate) fn need(&self, node: &Node<'_>, findings: &mut Findings) -> Option<Need> {
        let text = node.text(findings)?;
        self.need_in(text.value, &|span| node.part(span), findings)
    }

    /// A single comparison in a text, of which `part` tells where a part stands.
    pub(crate) fn need_in(&self, text: &str, part: &dyn Fn(Range<usize>) -> Place, findings: &mut Findings) -> Option<Need> {
        match self.expression_in(text, part, findings) {
            Expression::AtLeast(need) => Some(need),
            Expression::Anyone => None,
            Expression::All(_) | Expression::Any(_) => {
                let message = both("only one skill can be asked for here", "这里只能要求一项技能");
                let label = both("more than one comparison", "不止一个比较");
                findings.error("HL010", &part(0..text.len()), message, label).help(both("like `en >= 4`", "例如 `en >= 4`"));
                None
            }
        }
    }

    pub(crate) fn language(&self, node: &Node<'_>, findings: &mut Findings) -> Option<LanguageId> {
        let text = node.text(findings)?;
        let id = self.languages.find(text.value, &text.place, findings)?;
        u8::try_from(id).ok().map(LanguageId)
    }

    pub(crate) fn calendar(&self, node: &Node<'_>, findings: &mut Findings) -> Option<CalendarId> {
        let text = node.text(findings)?;
        self.calendars.find(text.value, &text.place, findings).map(|id| CalendarId(small(id)))
    }
}

/// Every way to write a number of ours.
#[derive(Debug)]
pub(crate) struct Dialled {
    names: Names,
    /// The number of each name.
    ids: Vec<NumberId>,
    numbering: NumberingPlan,
}

impl Dialled {
    fn new(declared: &Declared<'_>) -> Self {
        let mut all: Vec<(Name, NumberId)> = Vec::new();
        let mut add = |name: Name, id| {
            if all.iter().all(|(known, _)| *known != name) {
                all.push((name, id));
            }
        };
        for (place, item) in declared.numbers.iter().enumerate() {
            let id = NumberId(small(place));
            add(item.name.value.clone(), id);
            let aliases = item.table.get("aliases").and_then(|node| node.as_list()).unwrap_or_default();
            aliases.iter().filter_map(Node::as_text).for_each(|alias| add(Name::from(alias), id));
        }
        let names = Names::new(both("number", "号码"), "HL213", [], all.iter().map(|(name, _)| name));
        // What is wrong there is told where it is read for the plan.
        let numbering = numbers::numbering(declared, &mut Findings::default());
        Self { names, ids: all.into_iter().map(|(_, id)| id).collect(), numbering }
    }

    /// The number that a name, an alias or digits mean, however they are written; tells if it is none of ours.
    pub(crate) fn find(&self, text: &str, place: &Place, findings: &mut Findings) -> Option<NumberId> {
        let normal = |text: &str| self.numbering.normal(text).reveal().to_owned();
        let same = || self.names.each().position(|(name, _)| normal(name) == normal(text));
        let at = self.names.get(text).or_else(|| Some(same()?).filter(|_| text.contains(|c: char| c.is_ascii_digit())));
        let at = at.or_else(|| self.names.find(text, place, findings))?;
        self.ids.get(at).copied()
    }
}

fn collected(declared: &Declared<'_>) -> Vec<Name> {
    let name = |item: &Item<'_>| item.table.get("collect")?.as_table()?.get("name")?.as_text().map(Name::from);
    declared.menus.iter().filter_map(name).collect()
}

fn zones(declared: &Declared<'_>) -> Vec<String> {
    let zones = declared.calendars.iter().filter_map(|item| item.table.get("zone")?.as_text());
    let mut zones: Vec<String> = zones.map(str::to_owned).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}

fn names<'d>(items: &'d [Item<'_>]) -> impl Iterator<Item = &'d Name> {
    items.iter().map(|item| &item.name.value)
}

/// An id's number; the limits on names keep it small.
pub(crate) fn small(id: usize) -> u16 {
    u16::try_from(id).unwrap_or(u16::MAX)
}

/// What the checks over all menus need to know of the places.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) links: Vec<Link>,
    /// Ways outside, by their ids.
    pub(crate) ways_out: Vec<Noted>,
    pub(crate) hours: Vec<(usize, CalendarId, Place)>,
    /// Regions that a list of prefixes names.
    pub(crate) with_prefixes: BTreeSet<usize>,
    /// Where the rows of listed customers begin, who are the last of all.
    pub(crate) customer_rows: Vec<Place>,
}

/// A way from a number or a menu to somewhere.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) from: Option<usize>,
    pub(crate) via: Via,
    pub(crate) go: Go,
    pub(crate) place: Place,
    pub(crate) set: Changes,
    /// Where each key of its `set` is written.
    pub(crate) set_at: BTreeMap<String, Place>,
    /// Of a gate that can't be read: when it is taken is not known.
    pub(crate) doubtful: bool,
}

impl Link {
    /// Where a key of its `set` is written; else where it leads.
    pub(crate) fn place_of(&self, key: &str) -> &Place {
        self.set_at.get(key).unwrap_or(&self.place)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Number,
    /// A queue that is closed or has nobody.
    Queue,
    /// A gate; the calendar that is closed then for certain, if there is one.
    Gate(Option<CalendarId>),
    Key(char),
    Failed,
    /// Good digits were collected.
    Collected,
    /// Nobody answers where a way leads outside.
    Otherwise,
}
