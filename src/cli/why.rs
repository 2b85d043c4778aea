//! `hotline why`: why a call waited as long as it did, from the recorded decisions and the seats' states at each; why a seat gets no
//! calls; why a queue stands still.

mod candidates;
pub mod causes;
pub mod desk;
mod en;
pub mod ends;
pub mod fact;
mod held;
mod looked;
pub mod now;
mod now_en;
mod now_zh;
mod page;
pub mod pauses;
pub mod phone;
pub mod rules;
mod woke;
mod zh;

use super::calls::{self, OutputArgs};
use super::dues;
use super::own::Own;
use super::words::{self, Lang};
use candidates::Seats;
use causes::{Around, Causes, causes};
use clap::Args;
use fact::{Fact, Told};
use hotline_archive::{Found, Look, SeatStates, Source, StoredDecision};
use hotline_model::history::{Identified, LookedUp, OfferEnd, WhyLeft, WhyNot};
use hotline_model::{CallId, EventKind, Name, Priority, Record, Revision, WallTime};
use hotline_rules::{Plan, Tier};
use now::{Gone, Live, Now, QueueNow, SeatNow};
use page::Page;
use rules::{InForce, Load, NotAtHand, Rules, Shelf, step_place, with_places};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use woke::Woke;

/// Seats of a kind that are named; the rest is counted.
const NAMED: usize = 12;

/// A pause whose end made the router look was still on so much before, in us; the more the later it looked.
const JUST_US: [i64; 3] = [50_000, 300_000, 2_000_000];

/// What came of a look-up, in one sentence.
pub fn looked_up_words(looked_up: &LookedUp, lang: Lang) -> String {
    match lang {
        Lang::En => en::looked_up(looked_up),
        Lang::Zh => zh::looked_up(looked_up),
    }
}

/// How an offer failed after which a seat is in a pause.
pub fn paused_after(why: OfferEnd, lang: Lang) -> String {
    match lang {
        Lang::En => now_en::paused_after(why),
        Lang::Zh => now_zh::paused_after(why),
    }
}

/// Why a number stays as it came, if it does.
pub fn identified_words(identified: &Identified, lang: Lang) -> Option<String> {
    let words = || match lang {
        Lang::En => en::identified(identified),
        Lang::Zh => zh::identified(identified),
    };
    identified.odd.map(|_| words())
}

/// Arguments of `why`.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// A call's id, as `calls list` shows it, or the name of a seat or a queue.
    #[arg(value_name = "CALL|SEAT|QUEUE")]
    pub about: String,
    /// It is a seat's name.
    #[arg(long, conflicts_with = "queue")]
    pub seat: bool,
    /// It is a queue's name.
    #[arg(long)]
    pub queue: bool,
    /// The language of the sentences; else that of $LC_ALL or $LANG, else English.
    #[arg(long, value_name = "zh|en", default_value_t = words::lang_of_environment())]
    pub lang: Lang,
    /// The folder of the rules that were in force then; else rules.dir of the configuration.
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What `why` may ask beside the data directory.
pub struct Ask<'a> {
    /// For the rules.
    pub rules: &'a Load<'a>,
    /// The folder that is configured.
    pub folder: &'a Path,
    /// For rules that are not in the folder any more.
    pub past: &'a rules::Past<'a>,
    /// Which rules began to run when, the newest first.
    pub ran: &'a dyn Fn() -> Vec<(WallTime, Revision)>,
    /// For the seats of the hotline that runs on the data directory.
    pub live: &'a dyn Fn() -> Live,
}

/// Runs `hotline why` on a data directory.
pub async fn run(data: &Path, args: &WhyArgs, now: WallTime, ask: &Ask<'_>) -> anyhow::Result<ExitCode> {
    let look = match calls::look(data).await? {
        Ok(look) => look,
        Err(code) => return Ok(code),
    };
    match args.about.parse() {
        Ok(call) if !args.seat && !args.queue => why_call(&look, call, args, now, ask).await,
        Ok(_) | Err(_) => why_name(&look, args, now, ask).await,
    }
}

async fn why_call(look: &Look, call: CallId, args: &WhyArgs, now: WallTime, ask: &Ask<'_>) -> anyhow::Result<ExitCode> {
    let Some(found) = look.call(call).await? else { return calls::not_found(call) };
    let Some(record) = &found.record else {
        calls::tell(&format!("call {call} can't be explained: its arrival was lost to damage in the journal"))?;
        return Ok(ExitCode::from(1));
    };
    let shelf = Shelf::new((ask.rules)(args.rules.as_deref()).map_err(|error| format!("{error:#}")), ask.past);
    let why = Why::read(look, &found, record, &shelf, now).await?;
    calls::print(&if args.output.json { why.json(args) } else { why.text(args) })?;
    Ok(ExitCode::SUCCESS)
}

async fn why_name(look: &Look, args: &WhyArgs, at: WallTime, ask: &Ask<'_>) -> anyhow::Result<ExitCode> {
    let (page, code) = page_on_name(look, args, at, ask).await?;
    match page {
        Ok(page) => calls::print(&if args.output.json { page.json() } else { page.text() })?,
        Err(why) => calls::tell(&why)?,
    }
    Ok(ExitCode::from(code))
}

/// What is said of a seat or a queue, or why nothing is, and the exit code.
///
/// # Errors
/// The data directory can't be read, or no rules are at hand.
pub async fn page_on_name(look: &Look, args: &WhyArgs, at: WallTime, ask: &Ask<'_>) -> anyhow::Result<(Result<Page, String>, u8)> {
    let (folder, live) = ((ask.rules)(args.rules.as_deref()), (ask.live)());
    let ran = if args.rules.is_none() { (ask.ran)() } else { Vec::new() };
    let InForce { plan, not } = InForce::find(folder, ran.first().map(|(_, revision)| *revision), ask.past)?;
    let now = Now::read(look, plan, live, at).await?;
    let name = Name::from(args.about.as_str());
    let is_seat = now.plan.seat_names.get(&*name).is_some() || now.states.contains_key(&name);
    let is_queue = now.plan.queue_names.get(&*name).is_some();
    let mut page = match (is_seat && !args.queue, is_queue && !args.seat) {
        (true, true) => return Ok((Err(format!("{name:?} is the name of a seat and of a queue: say --seat or --queue")), 2)),
        (true, false) => seat_page(&SeatNow::read(look, &now, &name).await?, &now, args),
        (false, true) => QueueNow::read(look, &now, &name).await?.map(|queue| queue_page(&queue, &now, args)).unwrap_or_default(),
        (false, false) => match Gone::of(&now, &name).filter(|_| !args.seat) {
            Some(gone) => gone_page(&gone, &now, args),
            None => {
                let has = |plan: &Plan| {
                    !args.queue && plan.seat_names.contains_key(&*name) || !args.seat && plan.queue_names.contains_key(&*name)
                };
                let removed = if is_seat || is_queue { None } else { Removed::find(&ran, ask.past, has) };
                let why = removed.map_or_else(|| no_such(args, is_seat, is_queue), |removed| removed.in_words(args));
                return Ok((Err(why), 1));
            }
        },
    };
    page.says.extend(not.map(|not| match args.lang {
        Lang::En => en::not_in_force(&not, &now, ask.folder),
        Lang::Zh => zh::not_in_force(&not, &now, ask.folder),
    }));
    Ok((Ok(page), 0))
}

/// So many revisions are looked through for a name that the rules no longer have.
const LOOKED_THROUGH: usize = 50;

/// The last change of the rules by which a name was lost.
struct Removed {
    at: WallTime,
    before: Revision,
    by: Revision,
}

impl Removed {
    fn find(ran: &[(WallTime, Revision)], past: &rules::Past<'_>, has: impl Fn(&Plan) -> bool) -> Option<Self> {
        let mut known: BTreeMap<Revision, bool> = BTreeMap::new();
        for pair in ran.windows(2) {
            let [(at, by), (_, before)] = *pair else { continue };
            if known.len() == LOOKED_THROUGH {
                return None;
            }
            if *known.entry(before).or_insert_with(|| past(before).is_some_and(|plan| has(&plan))) {
                return Some(Self { at, before, by });
            }
        }
        None
    }

    fn in_words(&self, args: &WhyArgs) -> String {
        let Self { at, before, by } = self;
        let (about, at) = (&args.about, args.output.zone.second(*at));
        args.lang.of(
            format!(
                "the rules no longer have {about:?}: it went with {by}, loaded {at}; `hotline rules diff {before} {by}` shows the change"
            ),
            format!("规则中已没有 {about:?}：自 {at} 载入的版本 {by} 起去掉；改动见 `hotline rules diff {before} {by}`"),
        )
    }
}

/// That a name is nobody's, or of the other kind than was said.
fn no_such(args: &WhyArgs, is_seat: bool, is_queue: bool) -> String {
    let about = &args.about;
    match (args.lang, is_seat, is_queue) {
        (Lang::En, true, _) => format!("{about:?} is the name of a seat, and of no queue: say --seat, or neither"),
        (Lang::Zh, true, _) => format!("{about:?} 是坐席的名字，不是队列：请用 --seat，或都不写"),
        (Lang::En, false, true) => format!("{about:?} is the name of a queue, and of no seat: say --queue, or neither"),
        (Lang::Zh, false, true) => format!("{about:?} 是队列的名字，不是坐席：请用 --queue，或都不写"),
        (Lang::En, false, false) => format!("{about:?} is no call's id (like 3-0-1042), and the rules have no seat or queue of this name"),
        (Lang::Zh, false, false) => format!("{about:?} 不是来电编号（如 3-0-1042），规则中也没有叫这个名字的坐席或队列"),
    }
}

/// What is said of a seat.
pub fn seat_page(seat: &SeatNow, now: &Now, args: &WhyArgs) -> Page {
    let page = match args.lang {
        Lang::En => now_en::seat(seat, now, &args.output.zone),
        Lang::Zh => now_zh::seat(seat, now, &args.output.zone),
    };
    page.map(|text| with_places(text, std::slice::from_ref(&now.plan)))
}

/// What is said of a queue.
pub fn queue_page(queue: &QueueNow, now: &Now, args: &WhyArgs) -> Page {
    let page = match args.lang {
        Lang::En => now_en::queue(queue, now, &args.output.zone),
        Lang::Zh => now_zh::queue(queue, now, &args.output.zone),
    };
    page.map(|text| with_places(text, std::slice::from_ref(&now.plan)))
}

/// What is said of a queue that the rules have no more.
pub fn gone_page(gone: &Gone, now: &Now, args: &WhyArgs) -> Page {
    match args.lang {
        Lang::En => now_en::gone(gone, now),
        Lang::Zh => now_zh::gone(gone, now),
    }
}

/// All that can be said of a call.
pub struct Why<'a> {
    found: &'a Found,
    record: &'a Record,
    now: WallTime,
    causes: Causes,
    story: Vec<Told>,
    /// The seats at each decision, or why they can't be told.
    seats: Vec<Result<Option<Seats>, NotAtHand>>,
    /// The rules of the wait; none, if some of them are not at hand.
    plans: Vec<Arc<Plan>>,
}

impl<'a> Why<'a> {
    /// Reads what was recorded and puts it together.
    pub async fn read(look: &Look, found: &'a Found, record: &'a Record, shelf: &Shelf<'_>, now: WallTime) -> anyhow::Result<Self> {
        let places: Vec<_> = found.decisions.iter().map(|stored| (stored.epoch, stored.decision.seq)).collect();
        let states: Vec<SeatStates> = look.seat_states_at(&places).await?;
        let revisions: BTreeSet<Revision> = found.decisions.iter().map(|stored| stored.decision.revision).collect();
        let rules: Vec<Rules> =
            revisions.into_iter().filter_map(|revision| Rules::of(record, &found.events, revision, shelf).ok()).collect();
        let reserves =
            found.decisions.iter().map(|stored| &stored.queue).filter(|queue| rules.iter().any(|rules| rules.has_reserve(queue)));
        let around = Around::read(look, found, record, &reserves.cloned().collect(), now).await?;
        Ok(Self::of(found, record, &states, &around, shelf, now))
    }

    /// Puts together what is at hand: of each decision on the call the seats' states.
    pub fn of(found: &'a Found, record: &'a Record, states: &[SeatStates], around: &Around, shelf: &Shelf<'_>, now: WallTime) -> Self {
        let rules = |revision| Rules::of(record, &found.events, revision, shelf);
        let seats = found.decisions.iter().zip(states);
        let seats: Vec<_> =
            seats.map(|(stored, states)| Ok(seats_at(stored, &rules(stored.decision.revision)?, states, found, around))).collect();
        let last = found.decisions.last().map_or(record.revision, |stored| stored.decision.revision);
        let then = rules(last).ok();
        let past = |revision| rules(revision).ok().map(|rules| rules.plan);
        let mut story = fact::tell(found, record, states, then.as_ref().map(|rules| &*rules.plan), &past, now);
        let paused_by_then = |seat: &Name, at: WallTime| {
            let plan = &then.as_ref()?.plan;
            around.paused(&found.events, plan, at).get(seat).map(|(_, setting)| *setting)
        };
        for told in &mut story {
            if let (Some(decision), Fact::Nobody { woke, .. } | Fact::Chosen { woke, .. }, Some(rules)) =
                (told.decision, &mut told.fact, &then)
            {
                woke.with_others(&found.decisions[decision], &rules.plan, around.decisions());
            }
            if let Some(Ok(Some(seats))) = told.decision.and_then(|decision| seats.get(decision)) {
                told.fact.look_at(seats);
            } else if let Fact::NotAssigned { seat, why: WhyNot::NotReady, was, paused_by } = &mut told.fact {
                *was = around.seat_before(seat, told.at);
                *paused_by = paused_by_then(seat, told.at);
            }
            if let Fact::Chosen { woke: Woke::Pause(setting), seat, .. } = &mut told.fact {
                *setting = JUST_US.iter().find_map(|before| paused_by_then(seat, WallTime(told.at.0 - before)));
            }
        }
        let revisions: Vec<_> = around.revisions(found).into_iter().collect();
        let plans: Option<Vec<_>> = revisions.iter().map(|revision| rules(*revision).ok().map(|rules| rules.plan)).collect();
        let plans = plans.unwrap_or_default();
        let by_revision = revisions.into_iter().filter_map(|revision| Some((revision, rules(revision).ok()?))).collect();
        let (causes, meanwhile) = causes(found, record, &by_revision, around, now);
        fact::with_meanwhile(&mut story, meanwhile);
        Self { found, record, now, causes, story, seats, plans }
    }

    /// What became of a seat at a decision, in words.
    #[allow(dead_code, reason = "the tests that show calls rehearse none")]
    pub fn fate_of(&self, decision: usize, seat: &str, lang: Lang) -> Option<String> {
        let seats = self.seats.get(decision)?.as_ref().ok()?.as_ref()?;
        let (fate, _) = seats.groups.iter().find(|(_, all)| all.iter().any(|one| &*one.seat == seat))?;
        Some(match lang {
            Lang::En => en::fate(fate),
            Lang::Zh => zh::fate(fate),
        })
    }

    fn waited(&self) -> Option<Waited<'_>> {
        let record = self.record;
        let (entered, queue) = record.t2.zip(record.queue.as_ref())?;
        let until = causes::until(self.found, record, self.now);
        let goes_on = record.t3.is_none() && record.t6.is_none() && until == self.now;
        let kept = fact::since(&self.found.events).filter(|since| *since < entered);
        let counts = kept.map(|since| until.since(since));
        let events = &self.found.events;
        let left = events.iter().rev().find(|event| matches!(event.kind, EventKind::Queued { .. }) || event.kind.leaves_all_queues());
        let left = left.filter(|event| event.kind.leaves_all_queues() && record.t3.is_none());
        let full = left.is_some_and(|event| matches!(event.kind, EventKind::LeftQueue { why: WhyLeft::Full(_), .. }));
        let goes_on = goes_on && left.is_none();
        Some(Waited { time: until.since(entered), queue, priority: record.priority, goes_on, left: left.is_some(), full, counts })
    }

    fn summary(&self, args: &WhyArgs) -> String {
        let (record, waited) = (self.record, self.waited());
        let (lang, reveal) = (args.lang, args.output.reveal);
        let from = words::number(record, reveal);
        let own = Own::of(self.found).map(|own| (own.caller(lang), own.callee(lang, record, reveal)));
        let answered =
            self.found.events.iter().find_map(|event| if let EventKind::Answered { seat } = &event.kind { Some(seat) } else { None });
        let head = Head { record, own, answered, from, arrived: args.output.zone.second(record.t0), waited };
        match args.lang {
            Lang::En => en::head(&head),
            Lang::Zh => zh::head(&head),
        }
    }

    fn causes(&self, lang: Lang) -> Option<String> {
        let waited = self.waited().filter(|_| !self.causes.is_empty())?;
        Some(self.placed(match lang {
            Lang::En => en::causes(&self.causes, &waited),
            Lang::Zh => zh::causes(&self.causes, &waited),
        }))
    }

    fn placed(&self, text: String) -> String {
        with_places(&text, &self.plans)
    }

    fn seats(&self, told: &Told, lang: Lang) -> Option<(String, Vec<[String; 2]>)> {
        let seats = self.seats.get(told.decision?)?.as_ref().ok()?.as_ref()?;
        let (rule, rows) = match lang {
            Lang::En => en::seats(seats),
            Lang::Zh => zh::seats(seats),
        };
        Some((rule, rows.into_iter().map(|row| row.map(|cell| self.placed(cell))).collect()))
    }

    /// For machines.
    pub fn json(&self, args: &WhyArgs) -> String {
        let facts = self.story.iter().map(|told| {
            let mut fact = json!({ "at": words::iso(told.at), "says": self.sentence(args.lang, &told.fact) });
            if let Some((rule, rows)) = self.seats(told, args.lang) {
                fact["rule"] = rule.into();
                fact["seats"] = rows.into_iter().map(|[fate, seats]| json!({ "fate": fate, "seats": seats })).collect();
            }
            fact
        });
        let facts: Vec<_> = facts.collect();
        let waited = self.causes(args.lang);
        let call = self.record.call.to_string();
        let due: Vec<_> = self.record.due.iter().map(dues::json).collect();
        format!("{:#}\n", json!({ "call": call, "summary": self.summary(args), "waited": waited, "facts": facts, "due": due }))
    }

    /// For people.
    pub fn text(&self, args: &WhyArgs) -> String {
        let mut text = self.causes(args.lang).map_or(String::new(), |causes| causes + "\n");
        text += &self.summary(args);
        text.push('\n');
        if self.found.source == Source::Live {
            text += match args.lang {
                Lang::En => "It is not over; this is what the journal says so far.\n",
                Lang::Zh => "通话尚未结束，以下是日志到目前为止的记录。\n",
            };
        }
        if !self.story.is_empty() {
            text.push('\n');
        }
        let mut shown = None;
        for told in &self.story {
            text += &format!("  {}  {}\n", args.output.zone.clock(told.at), self.sentence(args.lang, &told.fact));
            let seats = self.seats(told, args.lang);
            if let Some((rule, rows)) = seats.as_ref().filter(|_| seats != shown) {
                text += &format!("            {rule}\n");
                let rows: Vec<_> = rows.iter().map(|[fate, seats]| ["            ".to_owned(), fate.clone(), seats.clone()]).collect();
                text += &words::aligned(&rows);
            }
            shown = seats.or(shown);
        }
        if !self.record.due.is_empty() {
            text.push('\n');
        }
        for due in &self.record.due {
            text += &format!("  {}\n", dues::sentence(due, &args.output.zone, args.lang));
        }
        text + &self.remark(args.lang)
    }

    fn sentence(&self, lang: Lang, fact: &Fact) -> String {
        self.placed(match lang {
            Lang::En => en::fact(fact),
            Lang::Zh => zh::fact(fact),
        })
    }

    /// What can't be said, and why.
    fn remark(&self, lang: Lang) -> String {
        let missing = self.seats.iter().find_map(|seats| seats.as_ref().err());
        let remark = match (lang, missing) {
            (Lang::En, Some(why)) => en::not_at_hand(why),
            (Lang::Zh, Some(why)) => zh::not_at_hand(why),
            (_, None) if self.record.t2.is_none() || !self.found.decisions.is_empty() => return String::new(),
            (_, None) if self.story.iter().any(|told| matches!(told.fact, Fact::TurnedAway { .. })) => return String::new(),
            (Lang::En, None) => "No decision of the router on it is recorded, so that is all that can be said.".into(),
            (Lang::Zh, None) => "没有这通来电的派单记录，只能说明到这里。".into(),
        };
        format!("\n{remark}\n")
    }
}

/// The seats at a decision, with all lines that say what the step asked of them.
fn seats_at(stored: &StoredDecision, rules: &Rules, states: &SeatStates, found: &Found, around: &Around) -> Option<Seats> {
    let mut seats = Seats::at(stored, rules, states, &found.events, around)?;
    seats.step_place = step_place(&rules.plan, *rules.plan.queue_names.get(&*stored.queue)?, seats.step);
    Some(seats)
}

/// What the first sentence says of a call.
struct Head<'a> {
    record: &'a Record,
    /// Who called whom, if it is a seat's own call.
    own: Option<(String, String)>,
    /// The first seat that answered.
    answered: Option<&'a Name>,
    from: String,
    arrived: String,
    waited: Option<Waited<'a>>,
}

/// The wait for a person.
struct Waited<'a> {
    time: Duration,
    queue: &'a Name,
    priority: Option<Priority>,
    /// Nobody has answered, and the caller is still there.
    goes_on: bool,
    /// It is in no queue any more, though nobody answered.
    left: bool,
    /// Because as many waited as may.
    full: bool,
    /// How long it counts as waiting, if that is longer: by the place of a call before, which it took up.
    counts: Option<Duration>,
}

/// A tier as decisions record it.
fn tier_number(tier: Tier) -> u8 {
    match tier {
        Tier::InternalNear => 0,
        Tier::Internal => 1,
        Tier::External => 2,
    }
}
