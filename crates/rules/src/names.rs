//! The names that the files declare, and the ids behind them.

use crate::Said;
use crate::finding::{At, Findings, More, Place};
use crate::fixes::near_name;
use crate::said::{both, said};
use crate::suggest::did_you_mean;
use hotline_model::Name;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// No suggestion is looked for among more names than these.
const MOST_COMPARED: usize = 2_000;
/// What stands between the ends of a stretch.
const STRETCH_SIGNS: [&str; 8] = ["..", "-", "~", "～", "–", "—", "至", "到"];
/// Most names of a stretch that are told one by one.
const MOST_NAMED: usize = 12;

/// Names of one kind of thing with their ids.
#[derive(Debug)]
pub(crate) struct Names {
    noun: Said,
    unknown: &'static str,
    all: Vec<Name>,
    ids: BTreeMap<Name, usize>,
    declared: Vec<bool>,
    /// What a file refers to.
    used: RefCell<BTreeSet<usize>>,
}

impl Names {
    /// Ids of `before` stay; new names follow them. `unknown` is the code of the finding for a name that isn't declared.
    pub(crate) fn new<'n>(
        noun: Said,
        unknown: &'static str,
        before: impl IntoIterator<Item = &'n Name>,
        now: impl IntoIterator<Item = &'n Name>,
    ) -> Self {
        let mut names = Self { noun, unknown, all: Vec::new(), ids: BTreeMap::new(), declared: Vec::new(), used: RefCell::default() };
        for name in before {
            names.id(name);
        }
        for name in now {
            let id = names.id(name);
            names.declared[id] = true;
        }
        names
    }

    fn id(&mut self, name: &Name) -> usize {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        self.all.push(name.clone());
        self.declared.push(false);
        self.ids.insert(name.clone(), self.all.len() - 1);
        self.all.len() - 1
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// All names by id, and whether the files declare them now.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&Name, bool)> {
        self.all.iter().zip(self.declared.iter().copied())
    }

    /// The names that the files declare now.
    pub(crate) fn declared(&self) -> impl Iterator<Item = &str> {
        self.each().filter(|(_, declared)| *declared).map(|(name, _)| &**name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<usize> {
        self.ids.get(name).copied().filter(|id| self.declared[*id])
    }

    /// The id of a name that a file refers to; tells if it isn't declared.
    pub(crate) fn find(&self, name: &str, place: &Place, findings: &mut Findings) -> Option<usize> {
        let id = self.get(name);
        self.used.borrow_mut().extend(id);
        if id.is_none() {
            let few = self.all.len() <= MOST_COMPARED;
            let stretch = if few { self.stretch(name) } else { None };
            let near = few && stretch.is_none();
            let fix = if near { near_name(name, self.declared(), place) } else { None };
            let near = if near { did_you_mean(name, self.declared()) } else { None };
            let noun = &self.noun;
            let (message, label) = if name.trim().is_empty() {
                (said!([noun] "an empty text names no {noun}", "文本为空，没有写{noun}的名称"), both("empty", "为空"))
            } else {
                let message = said!([noun] "unknown {noun} `{name}`", "未知的{noun} `{name}`", name = name.escape_debug());
                (message, said!([noun] "no {noun} of this name is declared", "没有定义这个名称的{noun}"))
            };
            let help = stretch.or(near).or_else(|| self.list());
            findings.error(self.unknown, place, message, label).maybe_help(help).maybe_fix(fix);
        }
        id
    }

    /// `1001-1012`: the help for who writes a stretch of names, as `range` of `[[seats]]` takes it and nothing else.
    fn stretch(&self, name: &str) -> Option<Said> {
        let (from, to) = STRETCH_SIGNS.into_iter().find_map(|sign| name.split_once(sign))?;
        let (from, to) = (from.trim(), to.trim());
        let within = |known: &&str| known.len() == from.len() && (from..=to).contains(known);
        let names: Vec<&str> = self.declared().filter(within).take(MOST_NAMED + 1).collect();
        if names.len() < 2 || from.len() != to.len() {
            return None;
        }
        let more = if names.len() > MOST_NAMED { ", …" } else { "" };
        let each: Vec<String> = names.iter().take(MOST_NAMED).map(|name| format!("\"{name}\"")).collect();
        let each = each.join(", ");
        Some(said!("a stretch of names is not known here: write each, `{each}`{more}", "这里不能写一段名称：请逐个写，`{each}`{more}"))
    }

    /// Whether a file refers to a name.
    pub(crate) fn is_used(&self, name: &str) -> bool {
        self.get(name).is_some_and(|id| self.used.borrow().contains(&id))
    }

    fn list(&self) -> Option<Said> {
        let known: Vec<&str> = self.declared().collect();
        let noun = &self.noun;
        match known.len() {
            0 => Some(said!([noun] "no {noun} is declared at all", "尚未定义任何{noun}")),
            1..=12 => Some(said!("declared: {known}", "已定义：{known}", known = known.join(", "))),
            _ => None,
        }
    }
}

/// Tells names that are declared twice; gives the first of each.
pub(crate) fn once<T>(noun: &Said, items: Vec<(At<Name>, T)>, findings: &mut Findings) -> Vec<(At<Name>, T)> {
    let mut seen: BTreeMap<Name, Place> = BTreeMap::new();
    let mut kept = Vec::new();
    for (name, item) in items {
        if let Some(first) = seen.get(&name.value) {
            twice(noun, &name.value, &name.place, findings).first(first);
        } else {
            seen.insert(name.value.clone(), name.place.clone());
            kept.push((name, item));
        }
    }
    kept
}

pub(crate) fn twice<'f>(noun: &Said, name: &str, place: &Place, findings: &'f mut Findings) -> More<'f> {
    findings
        .error(
            "HL008",
            place,
            said!([noun] "{noun} `{name}` is declared twice", "{noun} `{name}` 重复定义"),
            both("this name is taken", "这个名称已被使用"),
        )
        .help(both("give it another name, or remove one", "换一个名称，或删去其中一个"))
}

/// Tells what is no name and can't be called otherwise: a prefix, a number, a column.
pub(crate) fn again(noun: &Said, what: &str, place: &Place, first: Option<&Place>, findings: &mut Findings) {
    let what = what.escape_debug();
    let more = findings
        .error(
            "HL008",
            place,
            said!([noun] "{noun} `{what}` is there twice", "{noun} `{what}` 写了两次"),
            both("it can hold once only", "只能有一处"),
        )
        .help(both("remove one of them", "请删去其中一处"));
    if let Some(first) = first {
        more.first(first);
    }
}
