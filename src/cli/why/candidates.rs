//! The seats at a decision, put together by what became of them.

use super::causes::Around;
use super::held::{By, Passed, help_place, openings};
use super::pauses::Setting;
use super::rules::{Asks, Rules};
use hotline_archive::{SeatStates, StoredDecision};
use hotline_model::history::{DecidingKey, EventKind};
use hotline_model::{CallEvent, Decision, Name, QueueId, SeatId, SeatState};
use hotline_router::{Candidate, Opening, Openings, Turn, Verdict};
use hotline_rules::{Expression, Plan, Spot, Tier, print_expression};
use std::collections::BTreeMap;
use std::time::Duration;

/// What became of some seats.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// The router chose it.
    Chosen,
    /// Ready, but others were better.
    Ready,
    /// Ready by its state, but in the pause after an offer that failed; until the call has waited so long, if that is known.
    Paused(Option<Duration>),
    /// Ready, but not yet: it comes when the call has waited so long, and what keeps it till then.
    Later(Duration, By),
    /// Ready, but until it has waited so long the call waits for an agent of its own.
    AfterOwn(Duration),
    /// Ready, but of the reserve of a queue that is not crowded.
    Reserve(Calm),
    /// None of the queue's own: it helps from so long on (`overflow`, with its place); what it is at.
    Helps(Duration, Option<String>, SeatState),
    /// Not ready.
    At(SeatState),
    /// Not ready, and of the reserve of a queue that is not crowded.
    OfReserve(SeatState),
    /// Its step comes later, whatever it is at.
    Step(usize),
    /// It does not master what the caller needs.
    Lacks(String),
    /// Not cleared for sensitive calls.
    NotCleared,
    /// The queue names other seats.
    NotNamed,
    /// Its list of queues leaves this one out.
    NotServed,
    /// No step admits it.
    NoStep,
    /// No tier takes it.
    NoTier,
}

impl Fate {
    /// Seats of the same fate stand together; of states that have the same word, one stands for all.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::At(one), Self::At(other)) | (Self::OfReserve(one), Self::OfReserve(other)) => one.word() == other.word(),
            (Self::Helps(from, _, one), Self::Helps(others, _, other)) => from == others && one.word() == other.word(),
            (one, other) => one == other,
        }
    }

    /// Whether what holds a ready seat back ends by itself before the call has waited longer than so long: then a pause up to there is
    /// what it waits for.
    fn ends_by(&self, until: Duration) -> bool {
        match self {
            Self::Later(at, _) | Self::AfterOwn(at) => *at <= until,
            Self::Helps(at, _, state) => state.is_ready() && *at <= until,
            Self::Reserve(calm) => calm.serves.is_some_and(|at| at <= until),
            Self::Chosen | Self::Ready | Self::Paused(_) | Self::At(_) | Self::OfReserve(_) | Self::Step(_) | Self::Lacks(_) => false,
            Self::NotCleared | Self::NotNamed | Self::NotServed | Self::NoStep | Self::NoTier => false,
        }
    }
}

/// How crowded a queue was, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowd {
    /// So many calls waited in it, the longest so long.
    All(u32, Duration),
    /// So many up to the call asked about, which has waited so long; of those behind it nothing is known.
    UpTo(u32, Duration),
}

impl Crowd {
    /// So many calls are known to wait.
    pub fn calls(self) -> u32 {
        self.known().0
    }

    /// The same as one call more waits there, which has waited so long.
    pub fn with(self, waited: Duration) -> Self {
        match self {
            Self::All(calls, longest) => Self::All(calls.saturating_add(1), longest.max(waited)),
            Self::UpTo(calls, longest) => Self::UpTo(calls.saturating_add(1), longest.max(waited)),
        }
    }

    fn known(self) -> (u32, Duration) {
        match self {
            Self::All(calls, longest) | Self::UpTo(calls, longest) => (calls, longest),
        }
    }
}

/// A queue too calm for its reserve: what that asks for, with where it is written, and how far it is from there.
#[derive(Clone, Debug, PartialEq)]
pub struct Calm {
    /// So many calls must wait.
    pub waiting: Option<(u32, Option<String>)>,
    /// Or one must have waited so long.
    pub longest: Option<(Duration, Option<String>)>,
    /// What is known.
    pub crowd: Crowd,
    /// How long the call asked about has waited as the longest has waited long enough, and so it may have the seat.
    pub serves: Option<Duration>,
}

impl Calm {
    /// `None` where the reserve serves, or there is none.
    pub fn of(plan: &Plan, queue: QueueId, crowd: Crowd) -> Option<Self> {
        let (calls, longest) = crowd.known();
        Self::asked(plan, queue, crowd).filter(|asks| {
            let many = asks.waiting.as_ref().is_some_and(|(least, _)| calls >= *least);
            !many && asks.longest.as_ref().is_none_or(|(least, _)| longest < *least)
        })
    }

    /// What the reserve of a queue asks for, if it has one.
    fn asked(plan: &Plan, queue: QueueId, crowd: Crowd) -> Option<Self> {
        let reserve = plan.queue(queue).reserve.as_ref()?;
        let waiting = Some(reserve.waiting).filter(|calls| *calls > 0);
        let patience = Some(reserve.longest).filter(|longest| !longest.is_zero());
        let place = |spot| plan.places.spot(spot).map(|place| place.to_string());
        let waiting = waiting.map(|calls| (calls, place(Spot::ReserveWaiting(queue))));
        Some(Self { waiting, longest: patience.map(|longest| (longest, place(Spot::ReserveLongest(queue)))), crowd, serves: None })
    }

    /// What keeps a ready seat of the reserve, and until what wait.
    pub fn keeps(&self) -> (Duration, By) {
        match (self.serves, &self.longest) {
            (Some(at), Some((least, place))) => (at, By::Longest(*least, place.clone(), 0)),
            (_, longest) => {
                let waiting = self.waiting.as_ref().and_then(|(_, place)| place.clone());
                (Duration::MAX, By::Reserve(waiting.or_else(|| longest.as_ref()?.1.clone())))
            }
        }
    }

    /// The same for a seat that opens to a call in a crowded queue as it has waited so long.
    fn for_seat(&self, opens: Duration, waited: Duration) -> Self {
        let left = match (self.crowd, &self.longest) {
            (Crowd::All(_, longest), Some((least, _))) => Some(least.saturating_sub(longest)),
            (Crowd::All(..) | Crowd::UpTo(..), _) => None,
        };
        Self { serves: left.map(|left| opens.max(waited + left)), ..self.clone() }
    }
}

/// A seat that was ready, with what decides between such.
#[derive(Clone, Debug, PartialEq)]
pub struct One {
    /// Its name.
    pub seat: Name,
    /// Its tier and proficiency in what its step asks for; `None` for seats that may not serve the call.
    pub rank: Option<(Tier, u32)>,
    /// Its score if it was ready and weights order the seats.
    pub score: Option<u32>,
    /// How long it had been idle, where that decided and it was ready.
    pub idle: Option<Duration>,
    /// Where it is written, if that is what keeps it away.
    pub place: Option<String>,
}

/// What the seats that were ready say of the one that was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Others were ready, and could not have the call yet.
    pub held: bool,
    /// Its score, and the best of the others.
    pub score: Option<(u32, Option<u32>)>,
    /// How many have its score, with itself.
    pub equal: usize,
    /// How long it had been idle, if that decided.
    pub idle: Option<Duration>,
}

/// Seats of the same fate, the best first.
pub type Group = (Fate, Vec<One>);

/// How a search for a seat ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search<'a> {
    /// This seat was chosen.
    Won(&'a Name),
    /// Nobody: a seat that seems ready was in the pause after an offer that failed.
    Nobody,
    /// Nobody searches: it is asked how the seats stand.
    None,
}

/// What is known of the moment of a search, besides the rules and the seats' states.
#[derive(Clone, Debug, PartialEq)]
pub struct Sought<'a> {
    /// So long the call had waited.
    pub waited: Duration,
    /// The queue.
    pub crowd: Crowd,
    /// How it ended.
    pub search: Search<'a>,
    /// Seats that had refused this call, and until what wait of it they get no offer.
    pub paused: BTreeMap<&'a Name, Duration>,
    /// What is known of the others that were ready by their states, if a seat was chosen.
    pub others: Others,
}

/// Of seats that are ready by their states, and were not chosen, which had refused another call just before: they are in its pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Nothing is known.
    Unknown,
    /// Those that would have had the call before the chosen one.
    BetterArePaused,
    /// All of them: the chosen one was the only one that was ready.
    Paused,
}

impl Others {
    fn of(decision: &Decision) -> Self {
        if decision.key == DecidingKey::ByHand {
            Self::Unknown
        } else if decision.ready == 1 || decision.key == DecidingKey::OnlyReady {
            Self::Paused
        } else {
            Self::BetterArePaused
        }
    }
}

/// All seats at a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Seats {
    /// The queue.
    pub queue: Name,
    /// The step in force, from 0.
    pub step: usize,
    /// What is asked.
    pub asks: Asks,
    /// Where the step is written.
    pub step_place: Option<String>,
    /// Where the caller's language is written.
    pub needs_place: Option<String>,
    /// Where the queue is written, which names its seats.
    pub queue_place: Option<String>,
    /// Where its last step is written.
    pub last_place: Option<String>,
    /// Steps up to that one which were passed over.
    pub passed: Vec<Passed>,
    /// What the reserve waits for, if some of the seats are of it.
    pub calm: Option<Calm>,
    /// What the reserve asked for, if it serves and some of the seats are of it.
    pub crowded: Option<Calm>,
    /// So many of the seats that the steps in force admit only help, later, or are of a reserve that does not serve.
    pub beyond: usize,
    /// The seats.
    pub groups: Vec<Group>,
    /// What says how long each of the seats in a pause gets no offer, as far as it is known.
    pub settings: BTreeMap<Name, Setting>,
}

impl Seats {
    /// What says how long the pause of all these is, if that is one thing.
    pub fn setting(&self, seats: &[One]) -> Option<Setting> {
        let of = seats.iter().map(|one| self.settings.get(&one.seat).copied());
        of.reduce(|one, other| one.filter(|_| one == other)).flatten()
    }

    /// Where it is written that keeps all seats of a fate away, if the heading does not say it.
    pub fn written(&self, fate: &Fate) -> Option<String> {
        let by_queue = self.queue_place.as_ref().filter(|_| *fate == Fate::NotNamed);
        by_queue.or_else(|| self.last_place.as_ref().filter(|_| *fate == Fate::NoStep)).cloned()
    }

    fn of_fate<'a>(&'a self, wanted: &'a Fate) -> impl Iterator<Item = &'a One> {
        self.groups.iter().filter(move |(fate, _)| fate == wanted).flat_map(|(_, seats)| seats)
    }

    /// How proficient the chosen one is in what was asked.
    pub fn proficiency(&self) -> Option<u32> {
        self.of_fate(&Fate::Chosen).find_map(|one| one.rank).map(|(_, proficiency)| proficiency)
    }

    /// What is said of the chosen one beside the others.
    pub fn beside(&self) -> Beside {
        let helps = |fate: &Fate| matches!(fate, Fate::Helps(_, _, state) if state.is_ready());
        let is_held = |fate: &Fate| helps(fate) || matches!(fate, Fate::Later(..) | Fate::AfterOwn(_) | Fate::Reserve(_) | Fate::Paused(_));
        let (held, chosen) = (self.groups.iter().any(|(fate, _)| is_held(fate)), self.of_fate(&Fate::Chosen).next());
        let scores: Vec<u32> = self.of_fate(&Fate::Ready).filter_map(|one| one.score).collect();
        let score = chosen.and_then(|one| one.score);
        let equal = 1 + scores.iter().filter(|other| Some(**other) == score).count();
        let score = score.map(|score| (score, scores.iter().max().copied()));
        Beside { held, score, equal, idle: chosen.and_then(|one| one.idle) }
    }

    /// The seats at a stored decision; `None` if the rules don't have its queue.
    pub fn at(stored: &StoredDecision, rules: &Rules, states: &SeatStates, events: &[CallEvent], around: &Around) -> Option<Self> {
        let waited = Duration::from_millis(u64::from(stored.decision.waited_ms));
        let search = stored.seat.as_ref().map_or(Search::Nobody, Search::Won);
        let crowd = Crowd::UpTo(stored.decision.ahead.saturating_add(1), waited);
        let pauses = around.paused(up_to(events, stored), &rules.plan, stored.at);
        let paused = pauses.iter().map(|(seat, (until, _))| (*seat, waited + until.since(stored.at))).collect();
        let mut seats =
            Self::of(rules, &stored.queue, states, Sought { waited, crowd, search, paused, others: Others::of(&stored.decision) })?;
        seats.settings = pauses.into_iter().map(|(seat, (_, setting))| (seat.clone(), setting)).collect();
        if stored.decision.key.told(stored.decision.ready) == DecidingKey::LongestIdle {
            let ready = seats.groups.iter_mut().filter(|(fate, _)| matches!(fate, Fate::Chosen | Fate::Ready));
            for one in ready.flat_map(|(_, all)| all) {
                one.idle = states.get(&one.seat).map(|event| stored.at.since(event.at));
            }
        }
        Some(seats)
    }

    /// So many of the seats that a decision counts as admitted were there for the call.
    pub fn own(&self, admitted: u32) -> u32 {
        let own = admitted.saturating_sub(u32::try_from(self.beyond).unwrap_or(u32::MAX));
        if own > 0 { own } else { admitted }
    }

    /// The seats for a call in a queue.
    pub fn of(rules: &Rules, name: &Name, states: &SeatStates, sought: Sought<'_>) -> Option<Self> {
        let Sought { waited, crowd, search, paused, others } = sought;
        let queue = *rules.plan.queue_names.get(&**name)?;
        let plan = &rules.plan;
        let openings = openings(rules, queue, states);
        let step = openings.step_at(waited);
        let candidates = rules.candidates(queue, waited, states);
        let chosen = candidates.iter().find(|one| search == Search::Won(&plan.seat(one.seat).name)).and_then(place);
        let ready_from = match others {
            Others::Unknown => 0,
            Others::BetterArePaused => chosen.unwrap_or(0),
            Others::Paused => usize::MAX,
        };
        let by_hand = others == Others::Unknown;
        let is_reserve = |seat: SeatId| openings.of(seat).is_some_and(|opening| opening.reserve);
        // Whoever has been found by the router served: more may have waited behind the call than is known.
        let found = candidates.iter().find(|one| !by_hand && search == Search::Won(&plan.seat(one.seat).name));
        let calm = Calm::of(plan, queue, crowd).filter(|_| found.is_none_or(|one| !is_reserve(one.seat)));
        let crowded = Calm::asked(plan, queue, crowd).filter(|_| calm.is_none() && candidates.iter().any(|one| is_reserve(one.seat)));
        let then = Then { queue, step, waited, calm, search, paused, ready_from, by_hand, openings: &openings };
        let shown = |place: Option<hotline_rules::Place<'_>>| place.map(|place| place.to_string());
        let (mut groups, mut beyond, mut reserve): (Vec<Group>, _, _) = (Vec::new(), 0, false);
        for candidate in candidates {
            let seat = plan.seat(candidate.seat).name.clone();
            let Some((fate, rank)) = fate(rules, &candidate, &seat, &then) else { continue };
            reserve |= matches!(fate, Fate::Reserve(_) | Fate::OfReserve(_));
            let is_beyond = matches!(fate, Fate::Helps(from, ..) if from > waited) || matches!(fate, Fate::Reserve(_) | Fate::OfReserve(_));
            beyond += usize::from(is_beyond && openings.of(candidate.seat).is_some_and(|opening| opening.step <= step));
            let score =
                if let Verdict::Member { score, state, .. } = candidate.verdict { score.filter(|_| state.is_ready()) } else { None };
            let by_itself = matches!(fate, Fate::NotServed | Fate::NotCleared);
            let place = shown(plan.places.seat(candidate.seat)).filter(|_| by_itself);
            let one = One { seat, rank, score, idle: None, place };
            match groups.iter_mut().find(|(other, _)| other.is_same(&fate)) {
                Some((_, seats)) => seats.push(one),
                None => groups.push((fate, vec![one])),
            }
        }
        groups.sort_by_key(|(fate, _)| order(fate));
        let profile = &rules.profile;
        let language = plan.language(profile.language).need.filter(|need| profile.skills.contains(need));
        let level = plan.assign.levels.iter().find(|(class, need)| profile.class == Some(*class) && profile.skills.contains(need));
        let level = level.and_then(|_| shown(plan.places.spot(Spot::Assign("levels"))));
        Some(Self {
            queue: name.clone(),
            step,
            asks: rules.asks(queue, step),
            step_place: shown(plan.places.step(queue, step)),
            queue_place: shown(plan.places.queue(queue)),
            last_place: shown(plan.queue(queue).steps.len().checked_sub(1).and_then(|last| plan.places.step(queue, last))),
            needs_place: Some([language.and_then(|_| shown(plan.places.language(profile.language))), level].into_iter().flatten())
                .map(|places| places.collect::<Vec<_>>().join(", "))
                .filter(|places| !places.is_empty()),
            passed: Passed::all(&openings, plan, queue).into_iter().filter(|passed| passed.step < step).collect(),
            calm: then.calm.clone().filter(|_| reserve),
            crowded,
            beyond,
            groups,
            settings: BTreeMap::new(),
        })
    }
}

/// What had happened to a call as it was decided on: what came of that may bear the same time.
fn up_to<'a>(events: &'a [CallEvent], stored: &StoredDecision) -> &'a [CallEvent] {
    let follows = |event: &CallEvent| {
        let EventKind::Offered { decision, .. } = &event.kind else { return false };
        event.at == stored.at && *decision >= stored.decision.seq
    };
    &events[..events.iter().position(follows).unwrap_or(events.len())]
}

/// The moment of a search.
struct Then<'a> {
    queue: QueueId,
    /// The step in force.
    step: usize,
    waited: Duration,
    /// If the queue's reserve does not serve.
    calm: Option<Calm>,
    search: Search<'a>,
    paused: BTreeMap<&'a Name, Duration>,
    /// Seats that seem ready, and of which fewer go before them, were paused.
    ready_from: usize,
    /// No search: a person chose.
    by_hand: bool,
    openings: &'a Openings,
}

/// How many go before a seat that seems ready.
fn place(candidate: &Candidate) -> Option<usize> {
    if let Verdict::Member { turn: Turn::Ready(place), .. } = candidate.verdict { Some(place) } else { None }
}

impl Then<'_> {
    fn turn(&self, seat: SeatId, turn: Turn) -> Turn {
        self.openings.of(seat).map_or(turn, |opening| in_crowd(turn, &opening, self.calm.is_none(), self.waited))
    }
}

/// A search knows one call only: whether the queue is crowded decides what the seats of its reserve wait for.
pub fn in_crowd(turn: Turn, opening: &Opening, crowded: bool, waited: Duration) -> Turn {
    match turn {
        _ if !opening.reserve => turn,
        Turn::AfterOwn(_) | Turn::Ready(_) | Turn::NotReady => turn,
        Turn::Reserve | Turn::Later(_) if !crowded => Turn::Reserve,
        Turn::Reserve | Turn::Later(_) if opening.opens > waited => Turn::Later(opening.opens),
        Turn::Reserve | Turn::Later(_) => Turn::Ready(0),
    }
}

/// What became of a seat, and its rank; `None` for one that is no longer in the rules.
fn fate(rules: &Rules, candidate: &Candidate, seat: &Name, then: &Then<'_>) -> Option<(Fate, Option<(Tier, u32)>)> {
    let fate = match &candidate.verdict {
        Verdict::Retired => return None,
        Verdict::NotNamed => Fate::NotNamed,
        Verdict::NotServed => Fate::NotServed,
        Verdict::NotCleared => Fate::NotCleared,
        Verdict::Lacks(need) => Fate::Lacks(print_expression(&Expression::AtLeast(*need), &rules.plan.skills)),
        Verdict::NoStep => Fate::NoStep,
        Verdict::NoTier => Fate::NoTier,
        Verdict::Member { step, tier, proficiency, state, turn, .. } => {
            let rank = Some((*tier, *proficiency));
            let turn = then.turn(candidate.seat, *turn);
            let opening = then.openings.of(candidate.seat)?;
            let waits = matches!(turn, Turn::Later(_) | Turn::NotReady) && then.search != Search::Won(seat);
            let helps = || {
                let after = if let Turn::Later(at) = turn { at } else { opening.opens };
                Fate::Helps(after, help_place(&rules.plan, then.queue), *state)
            };
            let by = || By::of(then.openings, &rules.plan, then.queue, candidate.seat).map(|(_, by)| by);
            let fate = match (turn, &then.calm) {
                _ if then.search == Search::Won(seat) => Fate::Chosen,
                _ if opening.helps && waits => helps(),
                (Turn::Later(after), _) => Fate::Later(after, by()?),
                (Turn::AfterOwn(after), _) => Fate::AfterOwn(after),
                (Turn::Reserve, Some(calm)) => Fate::Reserve(calm.for_seat(opening.opens, then.waited)),
                (Turn::NotReady, _) if *step > then.step => Fate::Step(*step),
                (Turn::NotReady, Some(_)) if opening.reserve => Fate::OfReserve(*state),
                (Turn::NotReady, _) => Fate::At(*state),
                (Turn::Ready(_) | Turn::Reserve, _) => match then.search {
                    Search::Won(_) | Search::Nobody | Search::None if then.paused.contains_key(seat) => {
                        Fate::Paused(then.paused.get(seat).copied())
                    }
                    Search::Won(_) if place(candidate).is_some_and(|place| place < then.ready_from) => Fate::Paused(None),
                    // A person chose, whoever was better.
                    Search::Won(_) if then.by_hand => Fate::At(*state),
                    Search::Won(_) => Fate::Ready,
                    Search::Nobody => Fate::Paused(None),
                    Search::None => Fate::At(*state),
                },
            };
            let fate = match then.paused.get(seat) {
                Some(until) if fate.ends_by(*until) => Fate::Paused(Some(*until)),
                Some(_) | None => fate,
            };
            return Some((fate, rank));
        }
    };
    Some((fate, None))
}

/// The nearer to having the call the less.
pub fn order(fate: &Fate) -> u8 {
    match fate {
        Fate::Chosen => 0,
        Fate::Ready => 1,
        Fate::Paused(_) => 2,
        Fate::Later(..) | Fate::AfterOwn(_) => 3,
        Fate::Reserve(_) => 4,
        Fate::At(_) => 5,
        Fate::OfReserve(_) => 6,
        Fate::Step(_) => 7,
        Fate::Helps(..) => 8,
        Fate::Lacks(_) => 9,
        Fate::NotCleared => 10,
        Fate::NoStep => 11,
        Fate::NoTier => 12,
        Fate::NotNamed => 13,
        Fate::NotServed => 14,
    }
}
