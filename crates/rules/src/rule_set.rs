mod arrival;
mod at_desk;
mod deadlines;
mod desk;
mod inclusion;
mod lookup;
mod outside;
mod policy;
mod predicate;
mod prefixes;
mod queue;
mod seat;
mod settings;
mod survey;
mod transfer;
mod voicemail;
mod way_out;

pub use arrival::{Announcement, Block, PickUp};
pub use deadlines::{Basis, ComplaintLimits, Deadlines, Limits, Moments};
pub use desk::{CODES, Code, Desk, DeskPrompt, Disposition, Label, PIN_DIGITS, Pin, SeatDesk};
pub use lookup::{CallerFacts, LONGEST_LOOK_UP, Lookup, LookupSource, Understood, Written};
pub use outside::{Callee, DialRole, DidFrom, Outbound, Outside, OutsideOverflow, Pattern, Trunk};
pub use policy::{AnswerClockStart, Assign, Delays, Key, Priorities, Ranking, Rona, RonaAction, Tier, Timers, WaitFor};
pub(crate) use predicate::WEEKDAYS;
pub use predicate::{Compare, Digits, Door, EmptyQueues, Facts, Gate, Looked, Passage, Predicate, QueueFacts, Test, When, pass};
pub use prefixes::Prefixes;
pub(crate) use prefixes::{LONGEST_PREFIX, code as prefix_code};
pub(crate) use queue::has;
pub use queue::{Callback, Closing, Expression, Helper, Nobody, Outward, Queue, Reserve, Step};
pub(crate) use seat::address_of;
pub use seat::{Origin, Phone, Seat, Secret, Serves};
pub use settings::{Access, Classification, ConnectRate, Indicators, Network, Retention, Settings};
pub use survey::{Question, Survey, SurveyPiece};
pub(crate) use transfer::Allowed;
pub use transfer::{Receiver, Route, Transfer, TransferTarget};
pub use voicemail::{Voicemail, VoicemailId};
pub use way_out::{WayOut, WayOutId};

use crate::hidden::masked;
use crate::{Calendar, Places};
use hotline_model::{
    Assessment, Category, Class, ComplaintLevel, CustomerLevel, CustomerType, Kind, LanguageId, LookupMap, Name, Nature, Need, Number,
    NumberingPlan, PhoneNumber, Priority, Profile, QueueId, RegionId, Revision, SeatId, Target, Topic,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A place in [`Plan::menus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MenuId(pub u16);

/// A place in [`Plan::numbers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberId(pub u16);

/// A place in [`Plan::groups`]: queues that one router serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupId(pub u8);

impl GroupId {
    /// The group of queues that name none.
    pub const MAIN: Self = Self(0);

    /// Its place.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The name of [`GroupId::MAIN`].
pub const MAIN_GROUP: &str = "main";

/// A place in [`Plan::calendars`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarId(pub u16);

/// The checked rules. All ids inside are valid places in its lists. Skills, languages, regions, queues and seats keep their
/// ids from one revision to the next within a run (a removed one stays in its place, `retired`), so that running calls and the router need no translation.
#[derive(Debug, Default)]
pub struct Plan {
    /// Content hash of all files.
    pub revision: Revision,
    /// Skills by [`hotline_model::SkillId`].
    pub skills: Vec<Skill>,
    /// Languages by [`hotline_model::LanguageId`]; the first is the default.
    pub languages: Vec<Language>,
    /// Regions by [`hotline_model::RegionId`].
    pub regions: Vec<Region>,
    /// Beginnings of callers' numbers by region, beside the regions' own area codes.
    pub prefixes: Prefixes,
    /// Distance between regions, `distance[a][b]`, any unit.
    pub distance: Vec<Vec<u32>>,
    /// Calendars.
    pub calendars: Vec<Calendar>,
    /// Numbers that can be dialled.
    pub numbers: Vec<DialledNumber>,
    /// Menus.
    pub menus: Vec<Menu>,
    /// Messages that callers may leave.
    pub voicemails: Vec<Voicemail>,
    /// Queues by [`hotline_model::QueueId`].
    pub queues: Vec<Queue>,
    /// Groups of queues by [`GroupId`], the first of them `main`; empty means that only.
    pub groups: Vec<Name>,
    /// The group of each queue; a queue beyond it is of `main`.
    pub queue_groups: Vec<GroupId>,
    /// Seats by [`hotline_model::SeatId`].
    pub seats: Vec<Seat>,
    /// Clocks and rings.
    pub timers: Timers,
    /// By when what a call left open is to be done.
    pub deadlines: Arc<Deadlines>,
    /// What goes first.
    pub priorities: Priorities,
    /// What is sensitive, who may work when and where, indicators, retention, words in use.
    pub settings: Settings,
    /// What callers are asked once the agent has gone.
    pub survey: Survey,
    /// How seats are chosen.
    pub assign: Assign,
    /// Customers who are known by their numbers; those of CSV files come last.
    pub customers: Vec<Customer>,
    /// How many customers come from CSV files.
    pub listed_customers: usize,
    /// A customer's number, as [`Plan::numbering`] writes it, to the place in `customers`.
    pub customer_numbers: LookupMap<String, u32>,
    /// Sources that are asked about callers, in the order of the files; of two that say the same of a caller the later counts.
    pub lookups: Vec<Lookup>,
    /// Ways to the telephone network, in the order of the files.
    pub trunks: Vec<Trunk>,
    /// What may leave the house.
    pub outbound: Outbound,
    /// Ways that lead outside, by [`WayOutId`].
    pub ways_out: Vec<WayOut>,
    /// How calls are transferred.
    pub transfer: Transfer,
    /// What the people at the seats may say, and what is said to them.
    pub desk: Desk,
    /// Telephones at which any agent with a PIN may sign in (hot desking), by name.
    pub phones: BTreeMap<String, Phone>,
    /// Callers who are turned away, in the order of the files.
    pub blocks: Vec<Block>,
    /// A blocked number, as [`Plan::numbering`] writes it, to the place in `blocks`.
    pub blocked_numbers: LookupMap<String, u32>,
    /// What can be switched on to be said (R151).
    pub announcements: Vec<Announcement>,
    /// How numbers are written (`[numbers]`).
    pub numbering: NumberingPlan,
    /// User part or number, as dialled, to its place in `numbers`.
    pub dialled: LookupMap<String, NumberId>,
    /// The same by what [`Plan::numbering`] makes of them.
    pub dialled_in_full: LookupMap<String, NumberId>,
    /// Seat name to id.
    pub seat_names: LookupMap<String, SeatId>,
    /// Queue name to id.
    pub queue_names: LookupMap<String, QueueId>,
    /// What a telephone dials for somebody beside the name (`extension`): digits, and no two alike.
    pub extensions: LookupMap<String, Target>,
    /// Where in the files it is written.
    pub places: Places,
}

/// A skill.
#[derive(Clone, Debug)]
pub struct Skill {
    /// Its name in expressions.
    pub name: Name,
    /// No longer in the files.
    pub retired: bool,
}

/// A language spoken with callers (R12).
#[derive(Clone, Debug)]
pub struct Language {
    /// `zh-CN`, `en`: also the folder of its prompts.
    pub code: Name,
    /// What a seat must master to speak it; added to the needs of every call in this language.
    pub need: Option<Need>,
    /// No longer in the files.
    pub retired: bool,
}

/// A region of callers and seats (R39).
#[derive(Clone, Debug)]
pub struct Region {
    /// Its name.
    pub name: Name,
    /// Number prefixes of its callers, without the country code: `021`, `0571`.
    pub area_codes: Vec<String>,
    /// No longer in the files.
    pub retired: bool,
}

/// A number that callers dial.
#[derive(Clone, Debug)]
pub struct DialledNumber {
    /// The user part of the Request-URI.
    pub name: Name,
    /// Other user parts that mean the same.
    pub aliases: Vec<String>,
    /// Looked at after pick-up, in order; the first that applies is taken instead of `entry`.
    pub gates: Vec<Gate>,
    /// What happens after pick-up.
    pub entry: Branch,
    /// The language at the start.
    pub language: LanguageId,
    /// When its calls are answered.
    pub pick_up: PickUp,
}

/// A menu of the IVR.
#[derive(Clone, Debug)]
pub struct Menu {
    /// Its name.
    pub name: Name,
    /// Looked at on entry, in order; the first that applies is taken instead of the menu.
    pub gates: Vec<Gate>,
    /// Said on entry; a key interrupts it (barge-in).
    pub say: Vec<Say>,
    /// What each key does. `0` always leads to a person (R9).
    pub keys: BTreeMap<char, Branch>,
    /// How long to wait for a key after the prompt, default 5 s.
    pub wait: Duration,
    /// Wrong or missing inputs before `failed`, default 3.
    pub attempts: u8,
    /// Said after a missing input, before `say` again.
    pub no_input: Vec<Say>,
    /// Said after a wrong key, before `say` again.
    pub invalid: Vec<Say>,
    /// Taken after `attempts` wrong or missing inputs: a person.
    pub failed: Branch,
    /// Whom it serves without a person.
    pub self_service: SelfService,
    /// It takes several digits as one value.
    pub collect: Option<Collect>,
}

/// Digits that a menu takes as one value, which no record shows. A lone `0` leads to a person (R9).
#[derive(Clone, Debug)]
pub struct Collect {
    /// The value's name.
    pub name: Name,
    /// Fewest digits.
    pub min: u8,
    /// Most digits; with the last of them it is complete.
    pub max: u8,
    /// The key that ends it before.
    pub end: Option<char>,
    /// How long to wait for the next digit, before it is taken as it is.
    pub between: Duration,
    /// What is done with a good value.
    pub done: Branch,
}

/// Whom a menu serves without a person (R8, R47).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelfService {
    /// Nobody: it only finds out where a call belongs.
    #[default]
    No,
    /// All but VIP customers, who are led where its key `0` leads.
    Ordinary,
    /// VIP customers too.
    Everybody,
}

/// What a key, a number or a gate does: change the profile, say something, go on.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Changes to what we know of the caller.
    pub set: Changes,
    /// Said before going on, not interruptible by keys unless `go` is a menu.
    pub say: Vec<Say>,
    /// Where to go.
    pub go: Go,
}

/// Where a branch leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// To a menu.
    Menu(MenuId),
    /// The same menu again, which costs no attempt.
    Again,
    /// To a queue.
    Queue(QueueId),
    /// To a queue, and to be called back at once instead of waiting on the line.
    Callback(QueueId),
    /// The conversation is over: say it and wait for the caller to hang up, at most `timers.linger`.
    Goodbye,
    /// The conversation is over: say it and hang up.
    HangUp,
    /// Outside, and on from there if nobody answers.
    Out(WayOutId),
    /// The caller may leave a message (R19).
    Voicemail(VoicemailId),
}

/// Changes to a profile; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Language (R12).
    pub language: Option<LanguageId>,
    /// Problem class (R23).
    pub class: Option<Class>,
    /// Problem nature (R28).
    pub nature: Option<Nature>,
    /// Request kind.
    pub kind: Option<Kind>,
    /// Complaint category (R29).
    pub category: Option<Category>,
    /// How grave the complaint is (R30).
    pub level: Option<ComplaintLevel>,
    /// A matter that goes first (R25, R26).
    pub topic: Option<Topic>,
    /// Whether it is ours and how far it reaches (R33, R34).
    pub assessed: Assessment,
    /// Priority (R24).
    pub priority: Option<Priority>,
    /// Customer type (R36).
    pub customer_type: Option<CustomerType>,
    /// Customer level (R36).
    pub customer_level: Option<CustomerLevel>,
    /// Further needs.
    pub skills: Vec<Need>,
    /// Only cleared seats (R68).
    pub sensitive: Option<bool>,
    /// The seat that is offered the call first, as a dedicated agent is.
    pub seat: Option<SeatId>,
    /// Further seats to choose from: of all that are named, the first that is ready is the one.
    pub others: Vec<SeatId>,
    /// The department or person to whom the branch leads: whose seats, queue or number it is.
    pub whose: Option<Target>,
}

/// A piece of speech.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// A prompt by name, in the caller's language.
    Prompt(Name),
    /// A prompt by name in a given language ("For English, press 9").
    PromptIn(LanguageId, Name),
    /// The hours of a calendar in words (R18: hours announced are the hours in force).
    Hours(CalendarId),
    /// How many callers are before this one; only while waiting in a queue.
    Position,
    /// How long the wait will be, where that can be told honestly (R18, R75); only while waiting in a queue.
    ExpectedWait,
}

/// A customer who is known by the number.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The name in the files.
    pub name: Name,
    /// The first of its numbers, as [`Plan::numbering`] writes it.
    pub number: Option<String>,
    /// What is known from the first moment of the call on.
    pub set: Changes,
    /// The dedicated agent, offered first (R45, R57).
    pub agent: Option<SeatId>,
    /// The agent whom the customer prefers (R43).
    pub preferred: Option<SeatId>,
}

impl Customer {
    /// The name as it may be shown, without the middle of a number: who has no name is named by one.
    pub fn title(&self) -> String {
        if self.is_named_by_number() { Number::new(&self.name).to_string() } else { masked(&self.name) }
    }

    pub(crate) fn is_named_by_number(&self) -> bool {
        self.number.as_deref() == Some(&*self.name)
    }

    /// What no menu can know, and the journal does not keep.
    pub fn introduce(&self, profile: &mut Profile) {
        profile.customer_type = self.set.customer_type.unwrap_or(profile.customer_type);
        profile.customer_level = self.set.customer_level.unwrap_or(profile.customer_level);
        profile.owner = self.agent.or(profile.owner);
        profile.preferred = self.preferred.or(profile.preferred);
    }
}

impl Plan {
    /// A seat's facts.
    pub fn seat(&self, id: SeatId) -> &Seat {
        &self.seats[id.index()]
    }

    /// How a seat serves a queue; `None` if its list of queues leaves it out. Who waits in a retired queue, which no list can name, is
    /// served by every seat.
    pub fn serves(&self, seat: SeatId, queue: QueueId) -> Option<Serves> {
        let everyone = Serves { queue, priority: 1, delay: Duration::ZERO };
        if self.queue(queue).retired { Some(everyone) } else { self.seat(seat).serves(queue) }
    }

    /// Whether a seat is one of a queue's: named for it, if it names any, served by it and admitted by a step of it, early or late.
    pub fn admits(&self, seat: SeatId, queue: QueueId) -> bool {
        let (rules, facts) = (self.queue(queue), self.seat(seat));
        let named = rules.seats.is_empty() || rules.seats.binary_search(&seat).is_ok();
        !facts.retired && named && self.serves(seat, queue).is_some() && rules.steps.iter().any(|step| step.admits(facts))
    }

    /// A queue's facts.
    pub fn queue(&self, id: QueueId) -> &Queue {
        &self.queues[id.index()]
    }

    /// The order of a queue's seats inside a tier.
    pub fn ranking(&self, id: QueueId) -> &Ranking {
        self.queue(id).ranking.as_ref().unwrap_or(&self.assign.ranking)
    }

    /// The group of a queue.
    pub fn group_of(&self, queue: QueueId) -> GroupId {
        self.group_of_place(queue.index())
    }

    pub(crate) fn group_of_place(&self, queue: usize) -> GroupId {
        self.queue_groups.get(queue).copied().unwrap_or_default()
    }

    /// A menu's facts.
    pub fn menu(&self, id: MenuId) -> &Menu {
        &self.menus[usize::from(id.0)]
    }

    /// A trunk's facts, while the rules have it.
    pub fn trunk(&self, name: &str) -> Option<&Trunk> {
        self.trunks.iter().find(|trunk| &*trunk.name == name)
    }

    /// Whether a number may be dialled: the rules allow it, and it is not one of our own, behind which we would call ourselves.
    pub fn may_dial(&self, number: &PhoneNumber) -> bool {
        self.outbound.allows(number) && !self.is_own(number)
    }

    /// The number that a caller dialled.
    pub fn number(&self, id: NumberId) -> &DialledNumber {
        &self.numbers[usize::from(id.0)]
    }

    /// A way that leads outside.
    pub fn way_out(&self, id: WayOutId) -> &WayOut {
        &self.ways_out[usize::from(id.0)]
    }

    /// A calendar.
    pub fn calendar(&self, id: CalendarId) -> &Calendar {
        &self.calendars[usize::from(id.0)]
    }

    /// A language's facts.
    pub fn language(&self, id: LanguageId) -> &Language {
        &self.languages[id.index()]
    }

    /// The number of ours that a user part or URI means, however it is written.
    pub fn dialled(&self, user: &str) -> Option<NumberId> {
        let exact = self.dialled.get(user).copied();
        exact.or_else(|| self.dialled_in_full.get(self.numbering.normal(user).reveal()).copied())
    }

    /// The customer with this number, however it is written.
    pub fn customer(&self, number: &str) -> Option<&Customer> {
        self.customers.get(self.customer_place(number)?)
    }

    /// The place of the customer with this number, however it is written.
    pub fn customer_place(&self, number: &str) -> Option<usize> {
        let key = self.numbering.normal(number);
        self.customer_numbers.get(key.reveal()).filter(|_| !key.is_anonymous()).map(|place| *place as usize)
    }

    /// Customers that stand in the TOML files themselves.
    pub fn declared_customers(&self) -> &[Customer] {
        &self.customers[..self.customers.len().saturating_sub(self.listed_customers)]
    }

    /// The region whose area code or prefix begins a caller's number; however it is written; the longest one wins.
    pub fn region_of(&self, number: &str) -> Option<RegionId> {
        let normal = self.numbering.normal(number);
        let national = self.numbering.national(normal.reveal());
        let matches = |code: &&String| national.starts_with(code.as_str()) || national.starts_with(code.trim_start_matches('0'));
        let longest = |region: &Region| region.area_codes.iter().filter(matches).map(|code| code.len()).max();
        let best = self.regions.iter().enumerate().filter(|(_, region)| !region.retired);
        let best = best
            .filter_map(|(index, region)| longest(region).map(|length| (length, index)))
            .max_by_key(|(length, index)| (*length, usize::MAX - index));
        let best = best.and_then(|(length, index)| Some((length, RegionId(u16::try_from(index).ok()?))));
        let listed = self.prefixes.longest(&national).filter(|(length, _)| best.is_none_or(|(code, _)| *length > code));
        listed.or(best).map(|(_, region)| region)
    }

    /// Whether two regions are near each other (R39).
    pub fn is_near(&self, a: RegionId, b: RegionId) -> bool {
        a == b || self.distance_between(a, b).is_some_and(|distance| distance <= self.assign.near)
    }

    /// The distance between two regions, if the table has it.
    pub fn distance_between(&self, a: RegionId, b: RegionId) -> Option<u32> {
        if a == b {
            return Some(0);
        }
        self.distance.get(a.index())?.get(b.index()).copied()
    }
}
