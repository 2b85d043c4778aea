//! Schedules as files: each input at its moment, in numbers that mean the same whatever is drawn differently later.

use super::shrink::shrunk;
use super::world::World;
use super::{BEGIN, Both, Checked, Heard, Taken, guarded, plan};
use hotline_model::history::OfferEnd;
use hotline_model::{CallId, CustomerType, Intent, LanguageId, Need, Priority, Profile, QueueId, RegionId, SeatId, SkillId, Timestamp};
use hotline_router::{Input, Output};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Every file in it is replayed for ever.
pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schedules");

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// What it shows, in a sentence.
    pub shows: String,
    #[serde(rename = "input")]
    pub moments: Vec<Moment>,
    /// The rules at the start, and those that an input brings.
    #[serde(rename = "world")]
    pub worlds: Vec<World>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Since the start.
    pub at_ms: i64,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// Time passes.
    Nothing,
    Wait(Caller),
    Leave {
        call: u32,
    },
    Ringing {
        call: u32,
        seat: u32,
    },
    Answered {
        call: u32,
        seat: u32,
    },
    Failed {
        call: u32,
        seat: u32,
        why: OfferEnd,
    },
    Engaged {
        call: u32,
        seat: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue: Option<u16>,
    },
    Released {
        call: u32,
        seat: u32,
    },
    WrapUpDone {
        seat: u32,
    },
    Intent {
        seat: u32,
        intent: Intent,
    },
    Reachable {
        seat: u32,
        reachable: bool,
    },
    Breached {
        call: u32,
    },
    Reprioritise {
        call: u32,
        priority: Priority,
    },
    Assign {
        call: u32,
        seat: u32,
    },
    Overflow {
        call: u32,
        queue: u16,
    },
    Direct {
        call: u32,
        seat: u32,
        queue: Option<u16>,
        sensitive: bool,
        answer_within_ms: i64,
    },
    Look {
        seat: u32,
    },
    WrapsUp {
        call: u32,
        seat: u32,
        /// From when it is told.
        for_ms: i64,
    },
    /// Its place among the worlds.
    Rules {
        world: usize,
    },
}

fn is_plain<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Who starts to wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Caller {
    pub call: u32,
    pub queue: u16,
    pub priority: Priority,
    /// Each with how well it must be mastered.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub skills: Vec<(u16, u8)>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub region: Option<u16>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub owner: Option<u32>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub last: Option<u32>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub preferred: Option<u32>,
    pub customer_type: CustomerType,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub sensitive: bool,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub admitted: bool,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub waited_ms: i64,
    /// From when it began to wait.
    pub answer_within_ms: i64,
}

/// Calls are known by their count.
fn number(call: u32) -> CallId {
    CallId::new(1, 0, call)
}

impl Schedule {
    /// What was taken under these first rules.
    pub fn of(shows: String, first: World, taken: &Taken) -> Self {
        let mut worlds = vec![first];
        let moments = taken.iter().map(|(at, input)| {
            let what = input.as_ref().map_or(What::Nothing, |input| What::of(*at, input, &mut worlds));
            Moment { at_ms: (at.0 - BEGIN.0) / 1000, what }
        });
        Self { shows, moments: moments.collect(), worlds }
    }

    /// Through the router and through the reference; and how many of its inputs made no sense when they came.
    pub fn replay(&self, heard: Heard) -> (Checked, usize) {
        let mut idle = 0;
        let first = Arc::new(self.worlds[0].plan());
        let checked = guarded(|| {
            let mut both = Both::new(0, first, heard);
            for moment in &self.moments {
                both.pass(moment.at())?;
                match moment.what.input(moment.at(), &self.worlds) {
                    Some(input) if both.makes_sense(&input) => both.take(input)?,
                    Some(_) => idle += 1,
                    None => {}
                }
            }
            both.finish()
        });
        (checked, idle)
    }
}

impl Moment {
    fn at(&self) -> Timestamp {
        Timestamp(BEGIN.0 + self.at_ms * 1000)
    }
}

impl What {
    fn of(at: Timestamp, input: &Input, worlds: &mut Vec<World>) -> Self {
        match input {
            Input::Wait { call, queue, profile, since, answer_by, admitted } => Self::Wait(Caller {
                admitted: *admitted,
                call: call.count(),
                queue: queue.0,
                priority: profile.priority,
                skills: profile.skills.iter().map(|need| (need.skill.0, need.at_least)).collect(),
                region: profile.region.map(|region| region.0),
                owner: profile.owner.map(|seat| seat.0),
                last: profile.last.map(|seat| seat.0),
                preferred: profile.preferred.map(|seat| seat.0),
                customer_type: profile.customer_type,
                sensitive: profile.sensitive,
                waited_ms: (at.0 - since.0) / 1000,
                answer_within_ms: (answer_by.0 - since.0) / 1000,
            }),
            Input::Leave { call } => Self::Leave { call: call.count() },
            Input::Ringing { call, seat } => Self::Ringing { call: call.count(), seat: seat.0 },
            Input::Answered { call, seat } => Self::Answered { call: call.count(), seat: seat.0 },
            Input::Failed { call, seat, why } => Self::Failed { call: call.count(), seat: seat.0, why: *why },
            Input::Engaged { call, seat, queue } => Self::Engaged { call: call.count(), seat: seat.0, queue: queue.map(|queue| queue.0) },
            Input::Released { call, seat } => Self::Released { call: call.count(), seat: seat.0 },
            Input::WrapUpDone { seat } => Self::WrapUpDone { seat: seat.0 },
            Input::Intent { seat, intent } => Self::Intent { seat: seat.0, intent: *intent },
            Input::Reachable { seat, reachable } => Self::Reachable { seat: seat.0, reachable: *reachable },
            Input::Breached { call } => Self::Breached { call: call.count() },
            Input::Reprioritise { call, priority } => Self::Reprioritise { call: call.count(), priority: *priority },
            Input::Assign { call, seat } => Self::Assign { call: call.count(), seat: seat.0 },
            Input::Direct { call, seat, queue, sensitive, answer_by } => Self::Direct {
                call: call.count(),
                seat: seat.0,
                queue: queue.map(|queue| queue.0),
                sensitive: *sensitive,
                answer_within_ms: (answer_by.0 - at.0) / 1000,
            },
            Input::Overflow { call, queue } => Self::Overflow { call: call.count(), queue: queue.0 },
            Input::Look { seat } => Self::Look { seat: seat.0 },
            Input::WrapsUp { call, seat, until } => Self::WrapsUp { call: call.count(), seat: seat.0, for_ms: (until.0 - at.0) / 1000 },
            Input::Rules(plan) => {
                worlds.push(World::from(&**plan));
                Self::Rules { world: worlds.len() - 1 }
            }
        }
    }

    fn input(&self, at: Timestamp, worlds: &[World]) -> Option<Input> {
        let (id, of) = (|call: &u32| number(*call), |seat: &u32| SeatId(*seat));
        Some(match self {
            Self::Nothing => return None,
            Self::Wait(caller) => caller.waits(at),
            Self::Leave { call } => Input::Leave { call: id(call) },
            Self::Ringing { call, seat } => Input::Ringing { call: id(call), seat: of(seat) },
            Self::Answered { call, seat } => Input::Answered { call: id(call), seat: of(seat) },
            Self::Failed { call, seat, why } => Input::Failed { call: id(call), seat: of(seat), why: *why },
            Self::Engaged { call, seat, queue } => Input::Engaged { call: id(call), seat: of(seat), queue: queue.map(QueueId) },
            Self::Released { call, seat } => Input::Released { call: id(call), seat: of(seat) },
            Self::WrapUpDone { seat } => Input::WrapUpDone { seat: of(seat) },
            Self::Intent { seat, intent } => Input::Intent { seat: of(seat), intent: *intent },
            Self::Reachable { seat, reachable } => Input::Reachable { seat: of(seat), reachable: *reachable },
            Self::Breached { call } => Input::Breached { call: id(call) },
            Self::Reprioritise { call, priority } => Input::Reprioritise { call: id(call), priority: *priority },
            Self::Assign { call, seat } => Input::Assign { call: id(call), seat: of(seat) },
            Self::Direct { call, seat, queue, sensitive, answer_within_ms } => Input::Direct {
                call: id(call),
                seat: of(seat),
                queue: queue.map(QueueId),
                sensitive: *sensitive,
                answer_by: Timestamp(at.0 + answer_within_ms * 1000),
            },
            Self::Overflow { call, queue } => Input::Overflow { call: id(call), queue: QueueId(*queue) },
            Self::Look { seat } => Input::Look { seat: of(seat) },
            Self::WrapsUp { call, seat, for_ms } => {
                Input::WrapsUp { call: id(call), seat: of(seat), until: Timestamp(at.0 + for_ms * 1000) }
            }
            Self::Rules { world } => Input::Rules(Arc::new(worlds[*world].plan())),
        })
    }
}

impl Caller {
    fn waits(&self, at: Timestamp) -> Input {
        let need = |(skill, at_least): &(u16, u8)| Need { skill: SkillId(*skill), at_least: *at_least };
        let profile = Profile {
            priority: self.priority,
            skills: self.skills.iter().map(need).collect(),
            region: self.region.map(RegionId),
            owner: self.owner.map(SeatId),
            last: self.last.map(SeatId),
            preferred: self.preferred.map(SeatId),
            customer_type: self.customer_type,
            sensitive: self.sensitive,
            ..Profile::unknown(LanguageId(0))
        };
        let since = Timestamp(at.0 - self.waited_ms * 1000);
        let answer_by = Timestamp(since.0 + self.answer_within_ms * 1000);
        Input::Wait { call: number(self.call), queue: QueueId(self.queue), profile, since, answer_by, admitted: self.admitted }
    }
}

impl Both {
    /// Whether the engine could tell the router this now: what is left after something else was left out may tell of what never was.
    fn makes_sense(&self, input: &Input) -> bool {
        let is_in = |call: &CallId| self.calls.contains_key(call);
        let talks = |call: &CallId| self.talking.values().any(|other| other == call);
        let of_plan = |queue: &Option<QueueId>| queue.is_none_or(|queue| queue.index() < self.reference.plan.queues.len());
        match input {
            Input::Wait { call, .. } => is_in(call) || !talks(call),
            Input::Leave { call }
            | Input::Ringing { call, .. }
            | Input::Answered { call, .. }
            | Input::Failed { call, .. }
            | Input::Breached { call }
            | Input::Reprioritise { call, .. }
            | Input::Overflow { call, .. } => is_in(call),
            Input::Engaged { call, queue, .. } => of_plan(queue) && (is_in(call) || !talks(call)),
            Input::Released { call, seat } => self.talking.get(seat) == Some(call) || is_in(call),
            Input::Direct { queue, .. } => of_plan(queue),
            Input::WrapUpDone { .. }
            | Input::Intent { .. }
            | Input::Reachable { .. }
            | Input::Assign { .. }
            | Input::Look { .. }
            | Input::WrapsUp { .. }
            | Input::Rules(_) => true,
        }
    }
}

/// Shrinks a schedule that failed, writes it into a folder, and says what it came to.
pub fn keep(folder: &Path, (seed, error): (u64, &str), taken: &Taken, heard: Heard) -> String {
    let whole = Schedule::of(format!("seed {seed}: {error}"), World::from(&*plan(seed)), taken);
    if whole.replay(heard).0.is_ok() {
        return format!("as a file it does not fail: do the files tell all that is drawn?\n{taken:#?}");
    }
    let small = shrunk(whole, &|schedule| schedule.replay(heard).0.is_err());
    let (error, _) = small.replay(heard);
    let text = small.text();
    let path = folder.join(format!("seed-{seed}.toml"));
    match std::fs::write(&path, &text) {
        Ok(()) => format!("shrunk: {error:?}; kept in {}\n{text}", path.display()),
        Err(why) => format!("shrunk: {error:?}; not kept in {}: {why}\n{text}", path.display()),
    }
}

impl Schedule {
    pub fn text(&self) -> String {
        toml::to_string(self).expect("every schedule can be written")
    }
}

fn kept(folder: &Path) -> Vec<(String, Schedule)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.display().to_string();
        let schedule = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, schedule)
    };
    paths.iter().map(read).collect()
}

#[test]
fn every_schedule_that_was_kept_goes_through_the_router_as_through_the_reference() {
    let kept = kept(Path::new(FOLDER));
    assert!(kept.len() >= 3);
    for (name, schedule) in kept {
        let (checked, idle) = schedule.replay(Some);
        assert_eq!(checked, Ok(()), "{name}: {}", schedule.shows);
        assert_eq!(idle, 0, "{name}: an input tells of what never was");
    }
}

/// Answers from seat 4 that come too late are not heard of.
fn unheard(output: Output) -> Option<Output> {
    (!matches!(output, Output::Late { seat: SeatId(4), .. })).then_some(output)
}

#[test]
fn a_schedule_that_fails_is_kept_and_fails_again_when_it_is_read() {
    let mut taken = Taken::new();
    let fails = (0..500).find_map(|seed| {
        taken.clear();
        Some((seed, super::run(seed, &super::schedule(seed), unheard, &mut taken).err()?))
    });
    let (seed, error) = fails.unwrap();
    let folder = std::env::temp_dir().join(format!("hotline-schedules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let said = keep(&folder, (seed, &error), &taken, unheard);
    let kept = kept(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
    let (_, schedule) = kept.first().unwrap_or_else(|| panic!("{said}"));
    assert!(schedule.moments.len() <= 3 && schedule.shows.contains(&error), "{said}");
    assert!(schedule.replay(unheard).0.is_err() && schedule.replay(Some) == (Ok(()), 0), "{said}");
}

#[test]
fn a_random_schedule_written_down_and_read_again_tells_the_router_the_same() {
    for seed in 0..100 {
        let mut taken = Taken::new();
        super::run(seed, &super::schedule(seed), Some, &mut taken).unwrap();
        let schedule = Schedule::of(String::new(), World::from(&*plan(seed)), &taken);
        let read: Schedule = toml::from_str(&schedule.text()).unwrap();
        assert_eq!(read, schedule);
        for (moment, (at, input)) in read.moments.iter().zip(&taken) {
            let again = moment.what.input(moment.at(), &read.worlds);
            let is_rules = matches!(input, Some(Input::Rules(_)));
            assert!(moment.at() == *at && (is_rules || format!("{again:?}") == format!("{input:?}")), "seed {seed}: {again:?}, {input:?}");
        }
        assert_eq!(read.replay(Some), (Ok(()), 0), "seed {seed}");
    }
}

#[test]
fn time_that_passes_is_a_moment_too() {
    let at = Duration::from_millis(1500);
    let moment = Moment { at_ms: 1500, what: What::Nothing };
    assert_eq!((moment.at(), moment.what.input(moment.at(), &[]).is_none()), (BEGIN + at, true));
}
