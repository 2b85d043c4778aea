use crate::declare::{Declared, Item, declare};
use crate::files::{MOST_BYTES, MOST_FILES};
use crate::finding::{Findings, LEFT_OUT, Place};
use crate::hidden::masked;
use crate::menus::Reader;
use crate::noqa::{tell_unknown, without_allowed};
use crate::places::{Texts, places};
use crate::read::{File, Node, Table};
use crate::said::{both, said};
use crate::scope::{Notes, Scope, small};
use crate::sheet::{Sheets, is_sheet};
use crate::way_out::Ends;
use crate::{
    Diagnostic, DialledNumber, NumberId, Plan, Said, WayOutId, analysis, announcements, assign, blocks, check, customer_lists, customers,
    deadlines, desk, extensions, fixes, groups, hours, lookups, noqa, numbers, outside, people, queues, ranking, region_lists, seat_desk,
    settings, survey, syntax, timers, transfer, voicemail, way_out,
};
use hotline_model::{LanguageId, LookupMap, NumberingPlan, QueueId, Revision, SeatId};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use toml::Spanned;
use toml::de::DeTable;

/// Places in the plan's lists, used up by things removed since the start too.
const MOST_IDS: usize = 60_000;
const MOST_LANGUAGE_IDS: usize = 255;

/// A file of rules: TOML, or CSV if its name ends so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path as shown in findings; files are merged in the order of their paths.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// Whether it is a table of cells (`.csv`), named by a rule, and not TOML.
    pub fn is_sheet(&self) -> bool {
        is_sheet(&self.path)
    }
}

/// What [`load_with`] checks against, besides the files themselves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Names of the prompts that exist, by language code; prompts that are said and missing are warned of. `None`: not checked.
    pub prompts: Option<BTreeMap<String, BTreeSet<String>>>,
    /// Today; a missing holiday list for its year is warned of, and from 60 days before the end of it one for the next. `None`: not checked.
    pub today: Option<Date>,
    /// How long the recordings are, by language code and name; without them lengths of menus are not checked in seconds.
    pub recordings: Option<BTreeMap<String, BTreeMap<String, Duration>>>,
    /// Recordings of the rules' own, by their paths below `prompts/`; those that nobody hears are warned of. None of them is a built-in one.
    pub own_recordings: Vec<String>,
}

/// Rules that may be used.
#[derive(Debug)]
pub struct Loaded {
    /// The checked rules.
    pub plan: Plan,
    /// Findings that don't forbid them.
    pub warnings: Vec<Diagnostic>,
}

/// Reads and checks rules. Ids of skills, languages, regions, queues and seats stay as they are in `previous`.
///
/// # Errors
/// All findings, errors and warnings, in the order of files and places; at least one is an error.
pub fn load(sources: &[Source], previous: Option<&Plan>) -> Result<Loaded, Vec<Diagnostic>> {
    load_with(sources, previous, &Options::default())
}

/// [`load`] with further checks.
///
/// # Errors
/// As [`load`].
pub fn load_with(sources: &[Source], previous: Option<&Plan>, options: &Options) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let mut files: Vec<File<'_>> = sources.iter().enumerate().map(|(index, source)| File { index, text: &source.text }).collect();
    files.sort_by_key(|file| (&sources[file.index].path, file.index));
    let mut rank = vec![0; sources.len()];
    for (place, file) in files.iter().enumerate() {
        rank[file.index] = place;
    }
    let revision = revision(files.iter().map(|file| &sources[file.index]));
    let texts = Texts::new(sources.iter().map(|source| (source.path.as_str(), source.text.as_str())));
    let (sheets, files): (Vec<File<'_>>, Vec<File<'_>>) = files.into_iter().partition(|file| sources[file.index].is_sheet());
    let mut sheets = Sheets::new(sources.iter().map(|source| source.path.as_str()).collect(), sheets);
    let given = Given { files: &files, texts: &texts, revision, previous, options };
    let plan = if small_enough(sources, &mut findings) { read(&given, &mut sheets, &mut findings) } else { None };
    let failed = findings.has_errors();
    let noqas = noqa::noqas(sources);
    tell_unknown(&noqas, &mut findings);
    let (all, named) = (findings.sorted(&rank), sheets.places());
    // With errors, or more findings than are kept, it is not known what else a line would have.
    let known = plan.is_some() && !failed && all.iter().all(|one| one.code != LEFT_OUT);
    let idle = if known { noqa::idle(&all, sources, &named, &noqas).sorted(&rank) } else { Vec::new() };
    let mut found = without_allowed(all, sources, &named, &noqas);
    found.extend(idle);
    found.sort_by_key(|one| (rank[one.file], one.span.start, one.span.end));
    fixes::settle(&mut found, sources);
    mask_numbers(&mut found, sources);
    match plan {
        Some(plan) if !failed => Ok(Loaded { plan, warnings: found }),
        Some(_) | None => Err(found),
    }
}

/// Cells are customers' numbers, in whatever column they stand, and what is said of them goes to the log.
fn mask_numbers(found: &mut [Diagnostic], sources: &[Source]) {
    let of_cells = |one: &&mut Diagnostic| sources.get(one.file).is_some_and(Source::is_sheet);
    for said in found.iter_mut().filter(of_cells).flat_map(|one| [&mut one.message, &mut one.label]) {
        *said = Said { en: masked(&said.en).into(), zh: masked(&said.zh).into() };
    }
}

fn desks(declared: &Declared<'_>) -> people::Desks {
    let says = |node: Node<'_>| node.as_list().is_none_or(|list| !list.is_empty());
    let asks = |table: &Table<'_>| ["shifts", "networks", "devices"].iter().any(|key| table.get(key).is_some_and(says));
    people::Desks { hot: !declared.phones.is_empty(), asked: declared.access.iter().any(asks) }
}

/// The content hash of files of rules, whatever is in them.
pub fn revision_of(sources: &[Source]) -> Revision {
    let mut sources: Vec<&Source> = sources.iter().collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    revision(sources.into_iter())
}

/// The content hash of rules: the first 8 bytes of SHA-256 over paths and texts, each after its length.
fn revision<'s>(sources: impl Iterator<Item = &'s Source>) -> Revision {
    let mut hash = Sha256::new();
    for text in sources.flat_map(|source| [&source.path, &source.text]) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    Revision(hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// What rules are read of.
struct Given<'g> {
    files: &'g [File<'g>],
    texts: &'g Texts<'g>,
    revision: Revision,
    previous: Option<&'g Plan>,
    options: &'g Options,
}

/// `None` if the files can't be read so far that names could be looked up.
fn read(given: &Given<'_>, sheets: &mut Sheets<'_>, findings: &mut Findings) -> Option<Plan> {
    let Given { files, previous, options, .. } = *given;
    let parsed: Vec<(File<'_>, Option<Spanned<DeTable<'_>>>)> = files.iter().map(|file| (*file, parse(*file, findings))).collect();
    let roots: Vec<Table<'_>> = parsed.iter().filter_map(|(file, root)| Some(Table::root(*file, root.as_ref()?))).collect();
    let declared = declare(&roots, findings);
    if roots.len() < files.len() {
        return None;
    }
    let scope = Scope::new(&declared, previous, options);
    if !ids_left(&scope, files, findings) {
        return None;
    }
    if declared.numbers.is_empty() {
        let place = Place { file: files.first().map_or(0, |file| file.index), span: 0..0 };
        let help = both(
            "declare one: `[[number]]` with `name`, and `menu` or `queue`",
            "请定义一个：`[[number]]`，写明 `name` 以及 `menu` 或 `queue`",
        );
        findings
            .error(
                "HL004",
                &place,
                both("no number is declared: nobody could call", "没有定义任何号码：谁也打不进来"),
                both("in none of the files", "所有文件中都没有"),
            )
            .help(help);
    }
    let plan = compile(&declared, &scope, given, sheets, findings);
    if !findings.has_errors() {
        analysis::lists::check(&roots, findings);
    }
    blocks::check(&plan, &declared, findings);
    sheets.tell_unnamed(findings);
    Some(plan)
}

fn small_enough(sources: &[Source], findings: &mut Findings) -> bool {
    let bytes: u64 = sources.iter().map(|source| source.text.len() as u64).sum();
    let good = sources.len() <= MOST_FILES && bytes <= MOST_BYTES;
    if !good {
        let largest = sources.iter().enumerate().max_by_key(|(_, source)| source.text.len()).map_or(0, |(file, _)| file);
        let file = if bytes <= MOST_BYTES { sources.len().saturating_sub(1) } else { largest };
        let place = Place { file, span: 0..0 };
        findings.error(
            "HL009",
            &place,
            both("too many files of rules", "规则文件过多"),
            said!("at most {MOST_FILES} files and {} MiB", "最多 {MOST_FILES} 个文件、共 {} MiB", MOST_BYTES >> 20),
        );
    }
    good
}

pub(crate) fn parse<'a>(file: File<'a>, findings: &mut Findings) -> Option<Spanned<DeTable<'a>>> {
    let (root, errors) = DeTable::parse_recoverable(file.text);
    if errors.is_empty() {
        return Some(root);
    }
    for slip in syntax::slips(file.text, file.index) {
        let place = Place { file: file.index, span: slip.span };
        findings.error("HL001", &place, slip.message, slip.label).help(slip.help).maybe_fix(slip.fix);
    }
    None
}

fn ids_left(scope: &Scope<'_>, files: &[File<'_>], findings: &mut Findings) -> bool {
    let most = [&scope.skills, &scope.regions, &scope.queues].into_iter().map(crate::names::Names::len).max().unwrap_or(0);
    let good = most <= MOST_IDS && scope.languages.len() <= MOST_LANGUAGE_IDS && scope.seats.len() <= MOST_IDS * 16;
    if !good {
        let place = Place { file: files.first().map_or(0, |file| file.index), span: 0..0 };
        let message = both("too many names have come and gone since the start", "启动以来增删过的名称过多");
        findings
            .error("HL009", &place, message, both("no ids are left", "编号已用尽"))
            .help(both("restart to begin anew", "重新启动即可从头编号"));
    }
    good
}

fn compile(declared: &Declared<'_>, scope: &Scope<'_>, given: &Given<'_>, sheets: &mut Sheets<'_>, findings: &mut Findings) -> Plan {
    let Given { texts, revision, previous, .. } = *given;
    let mut places = places(declared, scope, texts);
    let lists = hours::holidays(&declared.holidays, findings);
    let timers = timers::timers(&declared.timers, findings);
    let outsiders = outside::outsiders(declared, scope, findings);
    let transfer = transfer::transfer(declared, &outsiders, scope, findings);
    let ends = Ends { known: &outsiders, transfer: &transfer, timers: &timers };
    let numbering = numbers::numbering(declared, findings);
    let mut reader = Reader {
        scope,
        ends,
        notes: Notes::default(),
        dialled: LookupMap::default(),
        dialled_at: BTreeMap::new(),
        numbering: &numbering,
        in_full: BTreeMap::new(),
    };
    let menus = reader.menus(&declared.menus, findings);
    let numbers = reader.numbers(&declared.numbers, default_language(declared, scope), findings);
    let calendars = hours::calendars(&declared.calendars, lists, scope, findings);
    let (blocks, blocked_numbers) = blocks::blocks(declared, &numbering, scope, &mut reader.notes, findings);
    let announcements = announcements::announcements(declared, &reader.dialled, &calendars, scope, &mut reader.notes, findings);
    let survey = survey::survey(declared, &reader.dialled, scope, &mut reader.notes, findings);
    let dialled_in_full = in_full(&numbers, &numbering);
    let mut customers = customers::customers(&declared.customers, &numbering, scope, findings);
    customer_lists::read(&declared.customer_lists, sheets, &numbering, scope, &mut customers, findings);
    places.list_customers(customers.all.len() - customers.rows.len(), &customers.rows, texts);
    reader.notes.customer_rows.clone_from(&customers.rows);
    let regions = people::regions(&declared.regions, scope, previous, findings);
    let (prefixes, with_prefixes) =
        region_lists::read(&declared.region_lists, &declared.regions, sheets, (&regions, &numbering), scope, findings);
    reader.notes.with_prefixes = with_prefixes;
    let queues = queues::queues(&declared.queues, ends, scope, previous, &mut reader.notes, findings);
    let voicemails = voicemail::voicemails(declared, scope, ends, &mut reader.notes, findings);
    let Reader { notes, dialled, .. } = reader;
    (0..).zip(&notes.ways_out).for_each(|(id, noted)| places.put_way_out(WayOutId(id), &noted.place, texts));
    check::menus(&menus, &declared.menus, &notes, findings);
    let (groups, queue_groups) = groups::groups(&declared.queues, &queues, scope, previous, findings);
    let deadlines = deadlines::deadlines(&declared.deadlines, &timers, &calendars, scope, findings);
    let plan = Plan {
        revision,
        deadlines: Arc::new(deadlines),
        settings: settings::settings(declared, scope, findings),
        survey,
        groups,
        queue_groups,
        customers: customers.all,
        lookups: lookups::lookups(&declared.lookups, &menus, texts, sheets, scope, findings),
        listed_customers: customers.rows.len(),
        customer_numbers: customers.numbers,
        prefixes,
        skills: people::skills(&declared.skills, scope, findings),
        languages: people::languages(&declared.languages, scope, previous, findings),
        regions,
        distance: people::distance(&declared.distance, scope, findings),
        calendars,
        blocks,
        blocked_numbers,
        announcements,
        numbering,
        dialled,
        dialled_in_full,
        numbers,
        menus,
        voicemails,
        queues,
        seats: people::seats(&declared.seats, desks(declared), scope, &timers, previous, findings),
        priorities: assign::priorities(&declared.priority, findings),
        assign: assign::assign(&declared.assign, scope, &timers, findings),
        timers,
        ways_out: notes.ways_out.iter().map(|noted| noted.way.clone()).collect(),
        transfer,
        trunks: outsiders.trunks,
        outbound: outsiders.outbound,
        desk: desk::desk(&declared.desk, scope, findings),
        phones: seat_desk::phones(&declared.phones, &declared.seats, scope, findings),
        seat_names: LookupMap::default(),
        queue_names: LookupMap::default(),
        extensions: extensions::extensions(declared, scope, findings),
        places,
    };
    settings::check_words(&plan, declared, &notes, findings);
    check::service(&plan, &declared.queues, &notes, findings);
    transfer::check(&plan, declared, findings);
    way_out::check(&plan, &notes, findings);
    seat_desk::check(&plan, declared, findings);
    voicemail::check(declared, scope, findings);
    ranking::without_a_say(&plan, declared, &customers.preferred, findings);
    let plan = with_names(plan);
    extensions::check(&plan, declared, findings);
    analysis::check(&plan, declared, scope, &notes, findings);
    plan
}

/// Our numbers as they are when written in full; of two that are one then, the first.
fn in_full(numbers: &[DialledNumber], numbering: &NumberingPlan) -> LookupMap<String, NumberId> {
    let mut full = LookupMap::default();
    for (id, number) in numbers.iter().enumerate().rev() {
        let users = number.aliases.iter().map(String::as_str).chain([&*number.name]);
        let users = users.map(|user| numbering.normal(user)).filter(|user| !user.is_anonymous());
        for user in users {
            full.insert(user.reveal().to_owned(), NumberId(small(id)));
        }
    }
    full
}

/// The language of numbers that name none: the first of the files.
fn default_language(declared: &Declared<'_>, scope: &Scope<'_>) -> LanguageId {
    let first = declared.languages.first().map(|Item { name, .. }| &*name.value).or_else(|| scope.languages.declared().next());
    let id = first.and_then(|code| scope.languages.get(code)).and_then(|id| u8::try_from(id).ok());
    LanguageId(id.unwrap_or(0))
}

fn with_names(mut plan: Plan) -> Plan {
    for (id, seat) in (0..).zip(&plan.seats) {
        if !seat.retired {
            plan.seat_names.insert(seat.name.to_string(), SeatId(id));
            plan.transfer.seats.insert(seat.name.clone(), SeatId(id));
        }
    }
    for (id, queue) in plan.queues.iter().enumerate() {
        if !queue.retired {
            plan.queue_names.insert(queue.name.to_string(), QueueId(small(id)));
            plan.transfer.queues.insert(queue.name.clone(), QueueId(small(id)));
        }
    }
    plan
}
