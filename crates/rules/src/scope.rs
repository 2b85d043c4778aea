use crate::declare::{Declared, Item};
use crate::finding::{Findings, Place};
use crate::names::Names;
use crate::read::Node;
use crate::said::{both, said};
use crate::{CalendarId, Changes, Expression, Go, Options, Plan, expression};
use hotline_model::{LanguageId, Name, Need, SkillId};
use std::collections::BTreeSet;
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
            collected: Names::new(both("collected value", "收集的号码"), "HL158", [], &collected(declared)),
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
            findings.error("HL010", &part(error.span), message, both("here", "此处")).maybe_help(error.help);
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
    pub(crate) hours: Vec<(usize, CalendarId, Place)>,
    /// Regions that a list of prefixes names.
    pub(crate) with_prefixes: BTreeSet<usize>,
}

/// A way from a number or a menu to somewhere.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) from: Option<usize>,
    pub(crate) via: Via,
    pub(crate) go: Go,
    pub(crate) place: Place,
    pub(crate) set: Changes,
    /// Of a gate that can't be read: when it is taken is not known.
    pub(crate) doubtful: bool,
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
}
