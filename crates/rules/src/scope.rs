use crate::declare::{Declared, Item};
use crate::finding::{Findings, Place};
use crate::names::Names;
use crate::read::Node;
use crate::{CalendarId, Changes, Expression, Go, Options, Plan, expression};
use hotline_model::{LanguageId, Name, Need, SkillId};

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
            skills: Names::new("skill", "HL012", before(|plan| plan.skills.iter().map(|one| &one.name).collect()), names(&declared.skills)),
            languages: Names::new("language", "HL011", before(|plan| plan.languages.iter().map(|one| &one.code).collect()), languages),
            regions: Names::new(
                "region",
                "HL013",
                before(|plan| plan.regions.iter().map(|one| &one.name).collect()),
                names(&declared.regions),
            ),
            calendars: Names::new("calendar", "HL016", [], names(&declared.calendars)),
            holidays: Names::new("holiday list", "HL019", [], names(&declared.holidays)),
            menus: Names::new("menu", "HL015", [], names(&declared.menus)),
            queues: Names::new("queue", "HL014", before(|plan| plan.queues.iter().map(|one| &one.name).collect()), names(&declared.queues)),
            seats: Names::new("seat", "HL017", before(|plan| plan.seats.iter().map(|one| &one.name).collect()), seats),
            trunks: Names::new("trunk", "HL093", [], names(&declared.trunks)),
            partners: Names::new("partner", "HL094", [], names(&declared.partners)),
            roles: Names::new("dial role", "HL102", [], names(&declared.roles)),
            departments: Names::new("department", "HL100", [], names(&declared.departments)),
            persons: Names::new("person", "HL101", [], names(&declared.persons)),
            options,
        }
    }

    /// A condition on skills; everybody if it is wrong.
    pub(crate) fn expression(&self, node: &Node<'_>, findings: &mut Findings) -> Expression {
        let Some(text) = node.text(findings) else { return Expression::Anyone };
        let mut skill = |name: &str, span| SkillId(small(self.skills.find(name, &node.part(span), findings).unwrap_or(0)));
        let parsed = expression::parse(text.value, &mut skill);
        parsed.unwrap_or_else(|error| {
            let message = format!("a condition on skills that can't be read: {}", error.message);
            findings.error("HL010", &node.part(error.span), message, "here").maybe_help(error.help);
            Expression::Anyone
        })
    }

    /// A single comparison.
    pub(crate) fn need(&self, node: &Node<'_>, findings: &mut Findings) -> Option<Need> {
        match self.expression(node, findings) {
            Expression::AtLeast(need) => Some(need),
            Expression::Anyone => None,
            Expression::All(_) | Expression::Any(_) => {
                let message = "only one skill can be asked for here";
                findings.error("HL010", &node.place(), message, "more than one comparison").help("like `en >= 4`");
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
}

/// A way from a number or a menu to somewhere.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) from: Option<usize>,
    pub(crate) via: Via,
    pub(crate) go: Go,
    pub(crate) place: Place,
    pub(crate) set: Changes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Number,
    /// A queue that is closed or has nobody.
    Queue,
    Gate(CalendarId),
    Key(char),
    Failed,
}
