use crate::declare::{Declared, Item};
use crate::finding::{Findings, Place as Span};
use crate::read::Table;
use crate::report::shown;
use crate::scope::{Scope, small};
use crate::{CalendarId, MenuId, NumberId, SurveyPiece, WayOutId, values};
use hotline_model::{LanguageId, Name, QueueId, SeatId};
use jiff::civil::Date;
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
        write!(f, "{}:{}", shown(self.file), self.line)
    }
}

#[derive(Clone, Copy, Debug)]
struct Line {
    file: u16,
    line: u32,
}

/// Something that leads a call, or keeps its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// A number's name.
    Number(NumberId),
    /// A menu's name.
    Menu(MenuId),
    /// What a menu says after a missing key.
    NoInput(MenuId),
    /// What a menu says after a wrong key.
    Invalid(MenuId),
    /// A number's gate, by its place.
    NumberGate(NumberId, usize),
    /// A menu's gate, by its place.
    Gate(MenuId, usize),
    /// A menu's key.
    Key(MenuId, char),
    /// What a menu does with good digits.
    Collected(MenuId),
    /// What a menu does after too many wrong or missing keys.
    Failed(MenuId),
    /// What a queue does outside its hours.
    Closed(QueueId),
    /// What a queue does when nobody is there.
    Nobody(QueueId),
    /// What waiting in a queue counts before a seat of several.
    Weight(QueueId),
    /// Where calls of a queue wait too after a breach.
    Overflow(QueueId),
    /// How many calls may wait in a queue.
    Limit(QueueId),
    /// A calendar's weekly hours.
    Hours(CalendarId),
    /// A customer, by place.
    Customer(usize),
    /// A block of callers, by place.
    Block(usize),
    /// An announcement, by place.
    Announcement(usize),
    /// How a number's calls are picked up.
    PickUp(NumberId),
    /// A source of look-ups, by place.
    Lookup(usize),
    /// What a survey says.
    Survey(SurveyPiece),
    /// `timers.answer`.
    Answer,
    /// `timers.voice_response`.
    VoiceResponse,
    /// `priority.urgent_kinds`.
    Urgent,
    /// `priority.urgent_impact`.
    UrgentImpact,
    /// A department, by place.
    Department(usize),
    /// A responsible person, by place.
    Person(usize),
    /// How many calls make a queue so crowded that its reserve serves.
    ReserveWaiting(QueueId),
    /// How long one must have waited for that.
    ReserveLongest(QueueId),
    /// A way outside, with what follows if nobody answers there.
    Otherwise(WayOutId),
    /// `access.shifts`.
    Shifts,
    /// `access.networks`.
    Networks,
    /// `access.devices`.
    Devices,
    /// A key of `[assign]`, or of one of its tables (`delays.busy`).
    Assign(&'static str),
    /// A queue's own order of seats: its `order`, `keys` or `weights`.
    Ranking(QueueId),
    /// The last tier that a queue's step admits; steps count from 0.
    StepTier(QueueId, usize),
    /// What sensitive calls ask of seats: `sensitive.skills`.
    Sensitive,
}

/// The keys of `[assign]`.
pub(crate) const ASSIGN: [&str; 8] = ["tiers", "keys", "weights", "wait_for", "near", "levels", "rona", "delays"];

/// What says how long the pause after an offer that failed is: a key of `[assign]`, its own key, and both.
const PAUSES: [(&str, &str, &str); 3] =
    [("delays", "busy", "delays.busy"), ("delays", "rejected", "delays.rejected"), ("rona", "retry_after", "rona.retry_after")];

/// Where what decides who serves a call is written; things of an earlier revision that are kept have no place.
#[derive(Clone, Debug, Default)]
pub struct Places {
    files: Vec<Name>,
    queues: BTreeMap<QueueId, Line>,
    steps: BTreeMap<(QueueId, usize), Line>,
    languages: BTreeMap<LanguageId, Line>,
    seats: BTreeMap<SeatId, Line>,
    spots: BTreeMap<Spot, Line>,
    /// Customers of CSV files, and the place of the first.
    listed: (usize, Vec<Line>),
    /// Holidays and make-up days of a calendar: first and last day.
    days: Vec<(CalendarId, Date, Date, Line)>,
}

impl Places {
    /// Of what leads calls.
    pub fn spot(&self, spot: Spot) -> Option<Place<'_>> {
        if let Spot::Customer(place) = spot
            && let Some(row) = place.checked_sub(self.listed.0)
        {
            return self.shown(self.listed.1.get(row));
        }
        self.shown(self.spots.get(&spot))
    }

    /// Notes where the customers from `first` on stand.
    pub(crate) fn list_customers(&mut self, first: usize, rows: &[Span], texts: &Texts<'_>) {
        self.listed = (first, rows.iter().map(|row| texts.line(row)).collect());
    }

    /// Notes where a way outside stands.
    pub(crate) fn put_way_out(&mut self, id: WayOutId, place: &Span, texts: &Texts<'_>) {
        self.spots.insert(Spot::Otherwise(id), texts.line(place));
    }

    /// Of what is said about a day in the holiday lists of a calendar.
    pub fn day(&self, calendar: CalendarId, day: Date) -> Option<Place<'_>> {
        let said = self.days.iter().find(|(of, from, to, _)| *of == calendar && (*from..=*to).contains(&day));
        self.shown(said.map(|(.., line)| line))
    }

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

    /// A path beside the file in which it is written, unless it is absolute.
    pub(crate) fn beside(&self, place: &Span, path: &str) -> String {
        let folder = self.paths.get(place.file).and_then(|file| file.rsplit_once('/')).map(|(folder, _)| folder);
        folder.filter(|_| !path.starts_with('/')).map_or(path.to_owned(), |folder| format!("{folder}/{path}"))
    }

    /// The line of a place, from 1.
    pub(crate) fn line_number(&self, span: &Span) -> u32 {
        self.line(span).line
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
            let tier = table.get("tier").map(|node| (Spot::StepTier(id, step), texts.line(&node.place())));
            places.spots.extend(tier);
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
    spots(&mut places, declared, scope, texts);
    places
}

fn spots(places: &mut Places, declared: &Declared<'_>, scope: &Scope<'_>, texts: &Texts<'_>) {
    let mut told = Findings::default();
    let mut put = |spot: Spot, place: &Span| {
        places.spots.insert(spot, texts.line(place));
    };
    for (place, table) in declared.blocks.iter().enumerate() {
        put(Spot::Block(place), &table.place());
    }
    for (place, item) in declared.announcements.iter().enumerate() {
        put(Spot::Announcement(place), &item.name.place);
    }
    for (place, item) in declared.numbers.iter().enumerate() {
        let id = NumberId(small(place));
        put(Spot::Number(id), &item.name.place);
        item.table.get("pick_up").iter().for_each(|node| put(Spot::PickUp(id), &node.place()));
        for (gate, table) in item.table.tables("gate", &mut told).iter().enumerate() {
            put(Spot::NumberGate(id, gate), &condition(table));
        }
    }
    for (place, item) in declared.customers.iter().enumerate() {
        put(Spot::Customer(place), &item.name.place);
    }
    for (place, item) in declared.departments.iter().enumerate() {
        put(Spot::Department(place), &item.name.place);
    }
    for (place, item) in declared.persons.iter().enumerate() {
        put(Spot::Person(place), &item.name.place);
    }
    for (place, item) in declared.lookups.iter().enumerate() {
        put(Spot::Lookup(place), &item.table.get("query").map_or(item.name.place.clone(), |node| node.place()));
    }
    for item in &declared.queues {
        let Some(id) = scope.queues.get(&item.name.value).map(|id| QueueId(small(id))) else { continue };
        let own = [
            ("closed", Spot::Closed(id)),
            ("nobody", Spot::Nobody(id)),
            ("overflow", Spot::Overflow(id)),
            ("limit", Spot::Limit(id)),
            ("weight", Spot::Weight(id)),
        ];
        for (key, spot) in own {
            item.table.get(key).iter().for_each(|node| put(spot, &node.place()));
        }
        let ranking = ["order", "keys", "weights"].into_iter().find_map(|key| item.table.get(key));
        ranking.iter().for_each(|node| put(Spot::Ranking(id), &node.place()));
        let reserve = item.table.get("reserve").and_then(|node| node.as_table());
        for (key, spot) in [("waiting", Spot::ReserveWaiting(id)), ("longest", Spot::ReserveLongest(id))] {
            reserve.iter().filter_map(|reserve| reserve.get(key)).for_each(|node| put(spot, &node.place()));
        }
    }
    for (place, item) in declared.menus.iter().enumerate() {
        menu_spots(MenuId(small(place)), item, &mut put, &mut told);
    }
    let single = [
        (&declared.timers, "answer", Spot::Answer),
        (&declared.timers, "voice_response", Spot::VoiceResponse),
        (&declared.priority, "urgent_kinds", Spot::Urgent),
        (&declared.priority, "urgent_impact", Spot::UrgentImpact),
        (&declared.access, "shifts", Spot::Shifts),
        (&declared.access, "networks", Spot::Networks),
        (&declared.access, "devices", Spot::Devices),
        (&declared.sensitive, "skills", Spot::Sensitive),
    ];
    for (table, key, spot) in single {
        table.iter().filter_map(|table| table.get(key)).for_each(|node| put(spot, &node.place()));
    }
    for key in ASSIGN {
        declared.assign.iter().filter_map(|table| table.get(key)).for_each(|node| put(Spot::Assign(key), &node.place()));
    }
    for (key, part, whole) in PAUSES {
        let tables = declared.assign.iter().filter_map(|table| table.get(key)?.as_table());
        tables.for_each(|table| table.get(part).iter().for_each(|node| put(Spot::Assign(whole), &node.place())));
    }
    survey_spots(declared, &mut put, &mut told);
    for (place, item) in declared.calendars.iter().enumerate() {
        let id = CalendarId(small(place));
        item.table.get("hours").iter().for_each(|node| put(Spot::Hours(id), &node.place()));
    }
    for (place, item) in declared.calendars.iter().enumerate() {
        let lists = item.table.list("holidays", &mut told);
        let lists = lists.iter().filter_map(|node| scope.holidays.get(node.as_text()?));
        let lists: Vec<&Table<'_>> = lists.filter_map(|list| Some(&declared.holidays.get(list)?.table)).collect();
        for node in lists.iter().flat_map(|list| ["off", "workdays"].map(|key| list.get(key))).flatten() {
            for day in node.as_list().unwrap_or_default() {
                let text = day.as_date().or_else(|| day.as_text().map(str::to_owned)).unwrap_or_default();
                let stretch = values::days(&text);
                places.days.extend(stretch.map(|(from, to)| (CalendarId(small(place)), from, to, texts.line(&day.place()))));
            }
        }
    }
}

/// What a gate asks.
fn condition(gate: &Table<'_>) -> Span {
    gate.get("closed").or_else(|| gate.get("when")).map_or(gate.place(), |node| node.place())
}

fn survey_spots(declared: &Declared<'_>, put: &mut impl FnMut(Spot, &Span), told: &mut Findings) {
    for table in &declared.survey {
        let words = [
            ("intro", SurveyPiece::Intro),
            ("no_input", SurveyPiece::NoInput),
            ("invalid", SurveyPiece::Invalid),
            ("thanks", SurveyPiece::Thanks),
        ];
        for (key, piece) in words {
            table.get(key).iter().for_each(|node| put(Spot::Survey(piece), &node.place()));
        }
        for (place, question) in table.tables("questions", told).iter().enumerate() {
            put(Spot::Survey(SurveyPiece::Question(place)), &question.place());
        }
    }
}

fn menu_spots(id: MenuId, item: &Item<'_>, put: &mut impl FnMut(Spot, &Span), told: &mut Findings) {
    put(Spot::Menu(id), &item.name.place);
    for (key, spot) in [("no_input", Spot::NoInput(id)), ("invalid", Spot::Invalid(id)), ("failed", Spot::Failed(id))] {
        put(spot, &item.table.get(key).map_or(item.name.place.clone(), |node| node.place()));
    }
    item.table.get("collect").iter().for_each(|node| put(Spot::Collected(id), &node.place()));
    for (gate, table) in item.table.tables("gate", told).iter().enumerate() {
        put(Spot::Gate(id, gate), &condition(table));
    }
    let keys = item.table.get("keys").and_then(|node| node.as_table()).map(|keys| keys.entries()).unwrap_or_default();
    for (key, _) in keys {
        key.value.chars().for_each(|digit| put(Spot::Key(id, digit), &key.place));
    }
}
