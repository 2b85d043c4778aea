use crate::{Calendar, Places};
use hotline_model::{
    Category, Class, CustomerLevel, CustomerType, Kind, LanguageId, LookupMap, Name, Nature, Need, Priority, Proficiency, Profile, QueueId,
    RegionId, Revision, SeatId, Topic,
};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// A place in [`Plan::menus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MenuId(pub u16);

/// A place in [`Plan::numbers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberId(pub u16);

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
    /// Distance between regions, `distance[a][b]`, any unit.
    pub distance: Vec<Vec<u32>>,
    /// Calendars.
    pub calendars: Vec<Calendar>,
    /// Numbers that can be dialled.
    pub numbers: Vec<DialledNumber>,
    /// Menus.
    pub menus: Vec<Menu>,
    /// Queues by [`hotline_model::QueueId`].
    pub queues: Vec<Queue>,
    /// Seats by [`hotline_model::SeatId`].
    pub seats: Vec<Seat>,
    /// Clocks and rings.
    pub timers: Timers,
    /// What goes first.
    pub priorities: Priorities,
    /// How seats are chosen.
    pub assign: Assign,
    /// Customers who are known by their numbers.
    pub customers: Vec<Customer>,
    /// A customer's number, as [`customer_key`] writes it, to the place in `customers`.
    pub customer_numbers: LookupMap<String, u32>,
    /// User part or number, as dialled, to its place in `numbers`.
    pub dialled: LookupMap<String, NumberId>,
    /// Seat name to id.
    pub seat_names: LookupMap<String, SeatId>,
    /// Queue name to id.
    pub queue_names: LookupMap<String, QueueId>,
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
    /// What happens after pick-up.
    pub entry: Branch,
    /// The language at the start.
    pub language: LanguageId,
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
}

/// A condition on entering a menu.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Applies while this calendar is closed (R15).
    pub closed: CalendarId,
    /// What to do then.
    pub go: Branch,
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
    /// The conversation is over: say it and wait for the caller to hang up, at most `timers.linger`.
    Goodbye,
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
    /// A matter that goes first (R25, R26).
    pub topic: Option<Topic>,
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
}

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name.
    pub name: Name,
    /// Who may serve it: steps that only relax, the first from 0 s; at least one, at most 10.
    pub steps: Vec<Step>,
    /// Seats named for it; empty means every seat that its steps admit.
    pub seats: Vec<SeatId>,
    /// Priority of its calls where no menu set one.
    pub priority: Option<Priority>,
    /// After-call work of its seats, 0 for none.
    pub wrap_up: Duration,
    /// Most calls that may wait in it; one more goes along the overflows to a queue with room, else it is told that all are busy.
    pub limit: u32,
    /// Where a call waits too after a breach of the answer clock (K3).
    pub overflow: Option<QueueId>,
    /// A caller who breaks off in it and dials again from the same number within this takes up the old place; zero for never.
    pub resume: Duration,
    /// Said on entering.
    pub say: Vec<Say>,
    /// Said after a breach (R75).
    pub breach: Vec<Say>,
    /// Said every `announce_every` while waiting; zero for never.
    pub announce: Vec<Say>,
    /// See `announce`.
    pub announce_every: Duration,
    /// Caller and agent are told nothing and bridged at once; a call with a free seat rings it before any prompt ends.
    pub direct: bool,
    /// No longer in the files: takes no new calls; those that wait in it and can't be moved are served.
    pub retired: bool,
}

/// From some waiting time on, who may serve a queue.
#[derive(Clone, Debug)]
pub struct Step {
    /// Waiting time from which it holds.
    pub after: Duration,
    /// What a seat must master.
    pub requires: Expression,
}

/// A condition on a seat's skills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Everybody.
    Anyone,
    /// `skill >= n`.
    AtLeast(Need),
    /// All of them.
    All(Vec<Expression>),
    /// One of them.
    Any(Vec<Expression>),
}

impl Expression {
    /// Whether proficiencies (by [`hotline_model::SkillId`]) fulfil it.
    pub fn admits(&self, proficiency: &[Proficiency]) -> bool {
        match self {
            Self::Anyone => true,
            Self::AtLeast(need) => has(proficiency, *need),
            Self::All(parts) => parts.iter().all(|part| part.admits(proficiency)),
            Self::Any(parts) => parts.iter().any(|part| part.admits(proficiency)),
        }
    }
}

/// Whether proficiencies (by [`hotline_model::SkillId`]) fulfil one need.
pub fn has(proficiency: &[Proficiency], need: Need) -> bool {
    proficiency.get(need.skill.index()).is_some_and(|mastered| *mastered >= need.at_least)
}

/// Whose staff a seat is (R37, H20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Our own.
    Internal,
    /// Partner or outsourced.
    External,
}

/// How a seat proves who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// It can't register (static contact).
    None,
    /// A password as written in the file.
    Password(String),
    /// Hashes of `user:realm:password`, hex, per algorithm.
    Ha1 {
        /// MD5.
        md5: Option<String>,
        /// SHA-256.
        sha256: Option<String>,
    },
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if *self == Self::None { "Secret::None" } else { "Secret(hidden)" })
    }
}

/// A seat.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Its SIP user part, also its name everywhere.
    pub name: Name,
    /// The agent's name.
    pub agent: Name,
    /// Where it stands.
    pub region: Option<RegionId>,
    /// Whose staff.
    pub origin: Origin,
    /// Proficiency by [`hotline_model::SkillId`], 0 for not at all; as long as `Plan::skills`.
    pub proficiency: Vec<Proficiency>,
    /// A fixed SIP URI instead of a registration.
    pub contact: Option<String>,
    /// Whether a fixed contact is asked by OPTIONS if it lives.
    pub ping: bool,
    /// How it registers.
    pub secret: Secret,
    /// Challenge with SHA-256 instead of MD5 (RFC 8760).
    pub sha256: bool,
    /// Cleared for sensitive calls (R68).
    pub cleared: bool,
    /// Its own after-call work instead of the queue's.
    pub wrap_up: Option<Duration>,
    /// Ready as soon as it can be reached; otherwise signed out until it signs in.
    pub sign_in: bool,
    /// No longer in the files: signed out for good.
    pub retired: bool,
}

impl Seat {
    /// Whether it counts as reachable as long as the rules have it: its contact is an address, not a host name, and nobody asks if it lives.
    pub fn always_reachable(&self) -> bool {
        !self.ping && self.contact.as_deref().is_some_and(names_address)
    }
}

/// Whether the host of a contact, `sip:1001@192.0.2.7:5060` or `sip:[2001:db8::7]`, is an address.
fn names_address(contact: &str) -> bool {
    let rest = contact.split_once(':').map_or(contact, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = rest.split([';', '?']).next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(rest) => rest.split([']', '%']).next().is_some_and(|ip| ip.parse::<Ipv6Addr>().is_ok()),
        None => host.split(':').next().is_some_and(|ip| ip.parse::<Ipv4Addr>().is_ok()),
    }
}

/// A customer who is known by the number.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The name in the files.
    pub name: Name,
    /// What is known from the first moment of the call on.
    pub set: Changes,
    /// The dedicated agent, offered first (R45, R57).
    pub agent: Option<SeatId>,
}

impl Customer {
    /// What no menu can know, and the journal does not keep.
    pub fn introduce(&self, profile: &mut Profile) {
        profile.customer_type = self.set.customer_type.unwrap_or(profile.customer_type);
        profile.customer_level = self.set.customer_level.unwrap_or(profile.customer_level);
        profile.owner = self.agent.or(profile.owner);
    }
}

/// A number as customers are looked up by it: its digits, without `+86` or `0086`.
pub fn customer_key(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let rest = if number.starts_with('+') { digits.strip_prefix("86") } else { digits.strip_prefix("0086") };
    rest.map_or(digits.clone(), str::to_owned)
}

/// From when the answer clock K3 runs (H2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerClockStart {
    /// From entering the queue.
    Queue,
    /// From arrival.
    Arrival,
}

/// Clocks and rings (manual.md Part J, `timers.*`).
#[derive(Clone, Debug)]
pub struct Timers {
    /// K1, R2: at most 3 s.
    pub pickup: Duration,
    /// K2, R10: at most 3 s.
    pub voice_response: Duration,
    /// K3, R5: at most 30 s.
    pub answer: Duration,
    /// From when K3 runs.
    pub answer_clock_start: AnswerClockStart,
    /// K4, R6.
    pub first_communication: Duration,
    /// K5, R7.
    pub handling: Duration,
    /// K11, R79.
    pub complaint_record: Duration,
    /// R45: how long a dedicated agent has at least for a session.
    pub dedicated_min: Duration,
    /// Share of a limit after which a clock warns.
    pub warn_at: f64,
    /// Longest ring of one offer.
    pub ring_per_offer: Duration,
    /// Shortest ring of one offer.
    pub ring_min: Duration,
    /// No 1xx within this: the seat is unreachable.
    pub no_progress: Duration,
    /// After this a seat whose phone did not answer an INVITE is tried again, unless it is known to be gone.
    pub unreachable_retry: Duration,
    /// How long a call whose conversation is over is kept up for the caller to hang up.
    pub linger: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            pickup: Duration::from_secs(3),
            voice_response: Duration::from_secs(3),
            answer: Duration::from_secs(30),
            answer_clock_start: AnswerClockStart::Queue,
            first_communication: Duration::from_secs(300),
            handling: Duration::from_secs(900),
            complaint_record: Duration::from_secs(600),
            dedicated_min: Duration::from_secs(1_800),
            warn_at: 0.8,
            ring_per_offer: Duration::from_secs(10),
            ring_min: Duration::from_secs(6),
            no_progress: Duration::from_secs(2),
            unreachable_retry: Duration::from_secs(30),
            linger: Duration::from_secs(300),
        }
    }
}

/// What goes first (manual.md Part J, `priority.*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priorities {
    /// Topics that are always urgent and of which supervisors are told (R25, R26).
    pub urgent: Vec<Topic>,
    /// Complaints about a product go one step before other complaints (R52).
    pub product_first: bool,
}

impl Default for Priorities {
    fn default() -> Self {
        Self { urgent: Topic::ALL.to_vec(), product_first: true }
    }
}

impl Priorities {
    /// The priority of a call, from the one that its menus and its queue gave it.
    pub fn of(&self, profile: &Profile) -> Priority {
        let product = profile.kind == Some(Kind::Complaint) && profile.category == Some(Category::Product);
        match profile.priority {
            _ if profile.topic.is_some_and(|topic| self.urgent.contains(&topic)) => Priority::Urgent,
            Priority::Ordinary if product && self.product_first => Priority::Important,
            Priority::Important if product && self.product_first => Priority::Urgent,
            Priority::Urgent | Priority::Important | Priority::Ordinary => profile.priority,
        }
    }
}

/// A tier of seats (R37, R39).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Our own, near the caller.
    InternalNear,
    /// Our own, anywhere.
    Internal,
    /// Anybody's.
    External,
}

/// What orders the seats inside a tier, most telling first (R40-R43).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The owner of the caller's matter, then the agent who spoke with the caller last (R57, R43).
    Owner,
    /// Higher proficiency in the skills that the queue's step asks for (R40).
    Proficiency,
    /// The nearer region (R42).
    Region,
    /// Longest idle (R41).
    LongestIdle,
}

/// How seats are chosen.
#[derive(Clone, Debug)]
pub struct Assign {
    /// Tiers in order, each with its hold: how long the next tier waits while a seat of this one is signed in and reachable.
    pub tiers: Vec<(Tier, Duration)>,
    /// Keys inside a tier.
    pub keys: Vec<Key>,
    /// Regions at most this far apart are near.
    pub near: u32,
    /// What a seat must master to serve a problem class (R48).
    pub levels: Vec<(Class, Need)>,
}

impl Default for Assign {
    fn default() -> Self {
        Self {
            tiers: vec![(Tier::InternalNear, Duration::ZERO), (Tier::Internal, Duration::ZERO), (Tier::External, Duration::ZERO)],
            keys: vec![Key::Owner, Key::Proficiency, Key::Region, Key::LongestIdle],
            near: 0,
            levels: Vec::new(),
        }
    }
}

impl Plan {
    /// A seat's facts.
    pub fn seat(&self, id: SeatId) -> &Seat {
        &self.seats[id.index()]
    }

    /// A queue's facts.
    pub fn queue(&self, id: QueueId) -> &Queue {
        &self.queues[id.index()]
    }

    /// A menu's facts.
    pub fn menu(&self, id: MenuId) -> &Menu {
        &self.menus[usize::from(id.0)]
    }

    /// The number that a caller dialled.
    pub fn number(&self, id: NumberId) -> &DialledNumber {
        &self.numbers[usize::from(id.0)]
    }

    /// A calendar.
    pub fn calendar(&self, id: CalendarId) -> &Calendar {
        &self.calendars[usize::from(id.0)]
    }

    /// A language's facts.
    pub fn language(&self, id: LanguageId) -> &Language {
        &self.languages[id.index()]
    }

    /// The customer with this number.
    pub fn customer(&self, number: &str) -> Option<&Customer> {
        let place = self.customer_numbers.get(&customer_key(number)).filter(|_| !number.is_empty())?;
        self.customers.get(*place as usize)
    }

    /// The region whose area code begins a caller's number; the longest code wins. `+86` and `86` before it are ignored.
    pub fn region_of(&self, number: &str) -> Option<RegionId> {
        let national = number.strip_prefix("+86").or_else(|| number.strip_prefix("0086")).unwrap_or(number);
        let matches = |code: &&String| national.starts_with(code.as_str()) || national.starts_with(code.trim_start_matches('0'));
        let longest = |region: &Region| region.area_codes.iter().filter(matches).map(|code| code.len()).max();
        let best = self.regions.iter().enumerate().filter(|(_, region)| !region.retired);
        let best = best
            .filter_map(|(index, region)| longest(region).map(|length| (length, index)))
            .max_by_key(|(length, index)| (*length, usize::MAX - index));
        best.and_then(|(_, index)| u16::try_from(index).ok()).map(RegionId)
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
