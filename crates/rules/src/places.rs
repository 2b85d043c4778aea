use crate::declare::Declared;
use crate::finding::{Findings, Place as Span};
use crate::scope::{Scope, small};
use hotline_model::{LanguageId, Name, QueueId, SeatId};
use std::collections::BTreeMap;
use std::fmt;

/// A line of a file of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The file, as shown in findings.
    pub file: &'a str,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

#[derive(Clone, Copy, Debug)]
struct Line {
    file: u16,
    line: u32,
}

/// Where what decides who serves a call is written; things of an earlier revision that are kept have no place.
#[derive(Clone, Debug, Default)]
pub struct Places {
    files: Vec<Name>,
    queues: BTreeMap<QueueId, Line>,
    steps: BTreeMap<(QueueId, usize), Line>,
    languages: BTreeMap<LanguageId, Line>,
    seats: BTreeMap<SeatId, Line>,
}

impl Places {
    /// Of a queue's name.
    pub fn queue(&self, queue: QueueId) -> Option<Place<'_>> {
        self.shown(self.queues.get(&queue))
    }

    /// Of what a queue's step asks for; steps count from 0.
    pub fn step(&self, queue: QueueId, step: usize) -> Option<Place<'_>> {
        self.shown(self.steps.get(&(queue, step)))
    }

    /// Of what a language asks of a seat.
    pub fn language(&self, language: LanguageId) -> Option<Place<'_>> {
        self.shown(self.languages.get(&language))
    }

    /// Of a seat's skills.
    pub fn seat(&self, seat: SeatId) -> Option<Place<'_>> {
        self.shown(self.seats.get(&seat))
    }

    fn shown(&self, line: Option<&Line>) -> Option<Place<'_>> {
        let line = line?;
        Some(Place { file: self.files.get(usize::from(line.file))?, line: line.line })
    }
}

/// The files' paths and texts, in the order in which spans count them.
pub(crate) struct Texts<'a> {
    paths: Vec<&'a str>,
    /// Of each file, where its lines begin.
    begins: Vec<Vec<usize>>,
}

impl<'a> Texts<'a> {
    pub(crate) fn new(files: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let begins = |text: &str| text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1).collect();
        let (paths, begins) = files.map(|(path, text)| (path, begins(text))).unzip();
        Self { paths, begins }
    }

    fn line(&self, span: &Span) -> Line {
        let before = self.begins.get(span.file).map_or(0, |begins| begins.partition_point(|begin| *begin <= span.span.start));
        Line { file: small(span.file), line: u32::try_from(before + 1).unwrap_or(u32::MAX) }
    }
}

/// Looks where things that a plan is made of are written. Findings were told before.
pub(crate) fn places(declared: &Declared<'_>, scope: &Scope<'_>, texts: &Texts<'_>) -> Places {
    let mut told = Findings::default();
    let mut places = Places { files: texts.paths.iter().map(|path| Name::from(*path)).collect(), ..Places::default() };
    for item in &declared.queues {
        let Some(id) = scope.queues.get(&item.name.value).map(|id| QueueId(small(id))) else { continue };
        places.queues.insert(id, texts.line(&item.name.place));
        for (step, table) in item.table.tables("step", &mut told).iter().enumerate() {
            let place = table.get("requires").map_or(table.place(), |node| node.place());
            places.steps.insert((id, step), texts.line(&place));
        }
    }
    for item in &declared.languages {
        let id = scope.languages.get(&item.name.value).and_then(|id| u8::try_from(id).ok());
        let place = item.table.get("requires").map_or(item.name.place.clone(), |node| node.place());
        places.languages.extend(id.map(|id| (LanguageId(id), texts.line(&place))));
    }
    for block in &declared.seats {
        let line = texts.line(&block.table.get("skills").map_or(block.table.place(), |node| node.place()));
        let ids = block.names.iter().filter_map(|name| u32::try_from(scope.seats.get(name)?).ok());
        places.seats.extend(ids.map(|id| (SeatId(id), line)));
    }
    places
}
