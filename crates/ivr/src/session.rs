mod held;
mod unheard;

use crate::profile::Draft;
use crate::speech;
use held::Held;
use hotline_model::{CustomerType, LanguageId, Name, Number, Profile, QueueId, SeatId, Timestamp, WallTime};
use hotline_rules::{
    Branch, CallerFacts, Collect, Door, Facts, Gate, Go, Looked, Menu, MenuId, NumberId, Passage, Plan, QueueFacts, Say, SelfService,
    VoicemailId, WayOutId, pass,
};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Keys kept while none can be taken.
const TYPE_AHEAD: usize = 16;
/// Stands for a digit that is collected.
const HIDDEN: char = 'x';
/// Gates, menus and branches followed for one input.
const STEPS: usize = 32;
/// Times that one visit to a menu may repeat itself on the caller's wish.
const REPEATS: u8 = 10;
/// Menus entered in one conversation, after which a person takes over.
const ENTRIES: u16 = 64;
/// Ways kept for whoever watches.
const MOST_WAYS: usize = 256;
/// A prompt whose end was not reported within this counts as heard.
const LONGEST_PROMPT: Duration = Duration::from_secs(120);

/// What happens to the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The call was picked up.
    Start,
    /// A key: `0`-`9`, `*`, `#`, `A`-`D`; anything else is ignored.
    Digit(char),
    /// The last [`Output::Say`] was heard to its end; not sent for one that was stopped or replaced.
    Played,
    /// Nothing of the last [`Output::Say`] reached the caller in time, nor when it was said again (R10): a person takes over.
    Unheard,
}

/// A prompt in a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Whose recording.
    pub language: LanguageId,
    /// The prompt's name.
    pub prompt: Name,
}

/// What the conversation wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Plays prompts one after the other, instead of whatever plays.
    Say {
        /// In order, never empty.
        parts: Vec<Spoken>,
        /// A key interrupts it.
        barge_in: bool,
    },
    /// Stops what plays.
    Stop,
    /// A menu was entered.
    Menu(MenuId),
    /// A key was taken.
    Digit {
        /// In this menu.
        menu: MenuId,
        /// The key; `x` for a digit that is collected.
        digit: char,
    },
    /// The caller's input is complete, a key or the last digit of a value: a reply is due from now on (K2, R10). What follows tells which; what
    /// leads out of the menus without words has none.
    ReplyDue,
    /// Gates asked predicates of the call; `taken` is the gate that held.
    Judged {
        /// Whose gates.
        door: Door,
        /// The first that held, by its place.
        taken: Option<usize>,
        /// What was looked at, with the gates' places.
        looked: Vec<(usize, Looked)>,
    },
    /// A menu collected digits; [`Session::collected`] has them. Where [`Plan::looks_up`] says so of the name, sources are to be asked with
    /// them, and the way on waits until [`Session::learn`] says what they know.
    Collected {
        /// The menu.
        menu: MenuId,
        /// The value's name.
        name: Name,
        /// How many digits.
        digits: u8,
    },
    /// A VIP customer is led past a self-service menu (R47).
    Spared(MenuId),
    /// The caller's language changed (R12).
    Language(LanguageId),
    /// The caller waits for a person from now on.
    Classified {
        /// What we know of the caller.
        profile: Profile,
        /// Where the call waits.
        queue: QueueId,
        /// The caller wants to be called back instead of waiting on the line.
        call_back: bool,
        /// The seats to one of which the menus led the call first, in the order in which they are asked; the first is the profile's owner too.
        led: Vec<SeatId>,
    },
    /// Somebody outside is to be called for the caller, who waits for a person from now on.
    Out {
        /// What we know of the caller.
        profile: Profile,
        /// Who, how long, and what follows.
        way: WayOutId,
    },
    /// The conversation is over after what was said; the caller is to hang up.
    Goodbye,
    /// The same, and we hang up.
    HangUp,
    /// What is said next begins with this announcement (R151).
    Noticed(Name),
    /// The conversation is over: the caller may leave a message.
    Voicemail {
        /// Where.
        voicemail: VoicemailId,
        /// What we know of the caller.
        profile: Profile,
    },
}

/// An announcement that is switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its name.
    pub name: Name,
    /// What is said.
    pub say: Vec<Say>,
}

/// All that a caller may hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// Before the first menu.
    pub first: Vec<Notice>,
    /// Before a queue.
    pub queues: Vec<(QueueId, Notice)>,
}

/// A way that a conversation took, for those who want to see which of them are ever taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// The menu, or the number that was dialled.
    pub door: Door,
    /// Which of its ways.
    pub took: Took,
}

/// See [`Way`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Took {
    /// Where the dialled number leads.
    Entry,
    /// A gate, by its place in the menu or the number: the menu itself was not entered, or the number's own way not taken.
    Gate(usize),
    /// A key that the menu has.
    Key(char),
    /// A key that it lacks: it asks again.
    Invalid(char),
    /// No key came: it asks again.
    NoInput,
    /// Too many wrong or missing keys, or `0` in a menu without one.
    Failed,
    /// A VIP customer's way past a self-service menu, that of key `0` (R47).
    Spared,
    /// Good digits were collected.
    Collected,
}

/// One caller's conversation with the menus. It keeps the plan with which it began.
#[derive(Debug)]
pub struct Session {
    plan: Arc<Plan>,
    number: NumberId,
    caller: Number,
    draft: Draft,
    stage: Stage,
    /// Sources are asked about the caller: nothing is decided without their answer.
    expects: bool,
    /// Where it goes on once they have answered; `None`: the number.
    held: Option<Held>,
    entries: u16,
    typed: Hidden<VecDeque<char>>,
    dropped: u32,
    /// What is being keyed, and what was, by name.
    keyed: Hidden<String>,
    collected: Hidden<BTreeMap<Name, String>>,
    outputs: VecDeque<Output>,
    ways: Option<Vec<Way>>,
    notices: Notices,
    /// Announcements that were said.
    noticed: Vec<Name>,
}

/// What callers key and nobody is to read: not shown.
#[derive(Default)]
struct Hidden<T>(T);

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    New {
        resume: Option<MenuId>,
    },
    InMenu(Visit, Turn),
    Leaving {
        end: End,
        heard_by: Timestamp,
    },
    /// A gate or a self-service menu asks who calls, or a source is asked with what was keyed, and the answer is not there yet.
    Held,
    /// All is said, but who calls is not known yet.
    Expecting {
        end: End,
    },
    Over,
}

#[derive(Clone, Copy, Debug)]
struct Visit {
    menu: MenuId,
    failures: u8,
    repeats: u8,
}

#[derive(Clone, Copy, Debug)]
enum Turn {
    Speaking { heard_by: Timestamp },
    Listening { until: Timestamp },
}

#[derive(Clone, Copy, Debug)]
enum End {
    Queue { queue: QueueId, call_back: bool },
    Out(WayOutId),
    Goodbye,
    HangUp,
    Voicemail(VoicemailId),
}

#[derive(Clone, Copy)]
struct Clock<'q> {
    now: Timestamp,
    wall: WallTime,
    queues: &'q dyn QueueFacts,
}

impl Session {
    /// A conversation with a caller of whom only the number is known: language of the dialled number, region by area code (R39).
    pub fn new(plan: Arc<Plan>, number: NumberId, caller: &Number) -> Self {
        let draft = Draft::new(&plan, number, caller);
        Self::at(plan, number, caller, draft, None)
    }

    /// Goes on after a restart: on [`Input::Start`] it says the menu again, without looking at its gates; an unknown menu means the
    /// number's entry.
    pub fn resume(plan: Arc<Plan>, number: NumberId, caller: &Number, menu: &str, profile: Profile) -> Self {
        let draft = Draft::resume(&plan, number, profile);
        let place = plan.menus.iter().position(|known| &*known.name == menu);
        let menu = place.and_then(|place| u16::try_from(place).ok()).map(MenuId);
        Self::at(plan, number, caller, draft, menu)
    }

    fn at(plan: Arc<Plan>, number: NumberId, caller: &Number, draft: Draft, resume: Option<MenuId>) -> Self {
        let (typed, outputs, caller) = (Hidden::default(), VecDeque::new(), caller.clone());
        Self {
            plan,
            number,
            caller,
            draft,
            stage: Stage::New { resume },
            expects: false,
            held: None,
            entries: 0,
            typed,
            dropped: 0,
            keyed: Hidden::default(),
            collected: Hidden::default(),
            outputs,
            ways: None,
            notices: Notices::default(),
            noticed: Vec::new(),
        }
    }

    /// Sources are asked about the caller: a way into a queue, or past what asks who calls, waits until [`Session::learn`] says what they know, which whoever says
    /// this owes it.
    pub fn expect_customer(&mut self) {
        self.expects = true;
    }

    /// What the sources know of the caller, or what holds without them; of two that say the same the later counts, and what a menu has set
    /// before all of them.
    pub fn learn<'f>(
        &mut self,
        now: Timestamp,
        wall_offset: i64,
        queues: &dyn QueueFacts,
        known: impl IntoIterator<Item = &'f CallerFacts>,
    ) {
        let (plan, clock) = (Arc::clone(&self.plan), Clock { now, wall: now.to_wall(wall_offset), queues });
        for facts in known {
            if let Some(language) = self.draft.learn(&plan, facts) {
                self.outputs.push_back(Output::Language(language));
            }
        }
        self.expects = false;
        match self.stage {
            Stage::Expecting { end } => self.finish(end),
            Stage::Held => self.go_on(clock),
            Stage::New { .. } | Stage::InMenu(..) | Stage::Leaving { .. } | Stage::Over => {}
        }
        self.take_typed(clock);
    }

    /// Takes an input; `wall_offset` is wall minus monotonic time in microseconds, `queues` tells how queues are now.
    pub fn handle(&mut self, now: Timestamp, wall_offset: i64, queues: &dyn QueueFacts, input: Input) {
        let clock = Clock { now, wall: now.to_wall(wall_offset), queues };
        match input {
            Input::Start => self.start(clock),
            Input::Digit(digit) => self.digit(clock, digit),
            Input::Played => self.played(clock),
            Input::Unheard => self.unheard(clock),
        }
        self.take_typed(clock);
    }

    /// Takes what is due at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp, wall_offset: i64, queues: &dyn QueueFacts) {
        if self.poll_timeout().is_none_or(|due| due > now) {
            return;
        }
        let clock = Clock { now, wall: now.to_wall(wall_offset), queues };
        match self.stage {
            Stage::InMenu(visit, Turn::Listening { .. }) if !self.keyed.0.is_empty() => self.take_keyed(clock, visit),
            Stage::InMenu(visit, Turn::Listening { .. }) => self.failure(clock, visit, Took::NoInput, |menu| &menu.no_input),
            Stage::InMenu(_, Turn::Speaking { .. }) | Stage::Leaving { .. } => self.played(clock),
            Stage::New { .. } | Stage::Held | Stage::Expecting { .. } | Stage::Over => {}
        }
        self.take_typed(clock);
    }

    /// When [`Session::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::InMenu(_, Turn::Speaking { heard_by }) | Stage::Leaving { heard_by, .. } => Some(heard_by),
            Stage::InMenu(_, Turn::Listening { until }) => Some(until),
            Stage::New { .. } | Stage::Held | Stage::Expecting { .. } | Stage::Over => None,
        }
    }

    /// What is switched on from now on; an announcement that was said is not said again.
    pub fn notices(&mut self, notices: Notices) {
        self.notices = notices;
    }

    /// The number that was dialled.
    pub fn number(&self) -> NumberId {
        self.number
    }

    /// From now on the ways that it takes are kept for [`Session::take_ways`].
    pub fn watch(&mut self) {
        self.ways.get_or_insert_default();
    }

    /// The ways taken since they were last asked for, at most 256; none unless they are watched.
    pub fn take_ways(&mut self) -> Vec<Way> {
        self.ways.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn took(&mut self, door: Door, took: Took) {
        if let Some(ways) = self.ways.as_mut().filter(|ways| ways.len() < MOST_WAYS) {
            ways.push(Way { door, took });
        }
    }

    /// What it wants next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The rules it walks by.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// What is known of the caller so far.
    pub fn profile(&self) -> &Profile {
        self.draft.profile()
    }

    /// The digits that a menu collected under a name. They are in no output; whoever asks for them keeps them from records and logs.
    pub fn collected(&self, name: &str) -> Option<&str> {
        self.collected.0.get(name).map(String::as_str)
    }

    /// The menu in which the caller is.
    pub fn menu(&self) -> Option<MenuId> {
        match self.stage {
            Stage::New { resume } => resume,
            Stage::InMenu(visit, _) => Some(visit.menu),
            Stage::Held | Stage::Leaving { .. } | Stage::Expecting { .. } | Stage::Over => None,
        }
    }

    /// Whether the way on waits for what sources know.
    pub fn waits_for_sources(&self) -> bool {
        matches!(self.stage, Stage::Held | Stage::Expecting { .. })
    }

    /// Keys that nobody could take: beyond the type-ahead, or after the last menu.
    pub fn dropped_digits(&self) -> u32 {
        self.dropped
    }

    fn start(&mut self, clock: Clock<'_>) {
        let Stage::New { resume } = self.stage else { return };
        match resume {
            Some(menu) => self.say_menu(clock, Visit::to(menu), Vec::new()),
            None => {
                let plan = Arc::clone(&self.plan);
                if self.must_wait(&plan.number(self.number).gates, SelfService::No) {
                    self.stage = Stage::Held;
                    return;
                }
                let first = std::mem::take(&mut self.notices.first);
                let said = first.iter().flat_map(|notice| self.noticed(notice)).collect();
                let number = plan.number(self.number);
                let passage = self.pass(clock, Door::Number(self.number), &number.gates);
                let gate = passage.taken.and_then(|place| Some((place, number.gates.get(place)?)));
                self.took(Door::Number(self.number), gate.map_or(Took::Entry, |(place, _)| Took::Gate(place)));
                self.follow_saying(clock, gate.map_or(&number.entry, |(_, gate)| &gate.go), None, said);
            }
        }
    }

    fn digit(&mut self, clock: Clock<'_>, digit: char) {
        if !matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D') {
            return;
        }
        match self.stage {
            Stage::InMenu(visit, turn) => self.press(clock, visit, turn, digit),
            Stage::New { .. } | Stage::Held | Stage::Leaving { .. } if self.typed.0.len() < TYPE_AHEAD => self.typed.0.push_back(digit),
            Stage::New { .. } | Stage::Held | Stage::Leaving { .. } | Stage::Expecting { .. } | Stage::Over => {
                self.dropped = self.dropped.saturating_add(1);
            }
        }
    }

    fn take_typed(&mut self, clock: Clock<'_>) {
        while let Stage::InMenu(visit, turn) = self.stage {
            let Some(digit) = self.typed.0.pop_front() else { return };
            self.press(clock, visit, turn, digit);
        }
    }

    fn press(&mut self, clock: Clock<'_>, visit: Visit, turn: Turn, digit: char) {
        if matches!(turn, Turn::Speaking { .. }) {
            self.outputs.push_back(Output::Stop);
        }
        let plan = Arc::clone(&self.plan);
        let menu = plan.menu(visit.menu);
        if let Some(collect) = menu.collect.as_ref().filter(|collect| digit.is_ascii_digit() || collect.end == Some(digit)) {
            return self.key_in(clock, visit, collect, digit);
        }
        self.outputs.extend([Output::Digit { menu: visit.menu, digit }, Output::ReplyDue]);
        self.keyed.0.clear();
        match menu.keys.get(&digit) {
            Some(branch) => {
                self.took(Door::Menu(visit.menu), Took::Key(digit));
                self.follow(clock, branch, Some(visit));
            }
            None if digit == '0' => {
                self.took(Door::Menu(visit.menu), Took::Failed);
                self.follow(clock, &menu.failed, Some(visit));
            }
            None => self.failure(clock, visit, Took::Invalid(digit), |menu| &menu.invalid),
        }
    }

    /// A digit of a value, or its end.
    fn key_in(&mut self, clock: Clock<'_>, visit: Visit, collect: &Collect, digit: char) {
        let ends = collect.end == Some(digit);
        self.outputs.push_back(Output::Digit { menu: visit.menu, digit: if ends { digit } else { HIDDEN } });
        if !ends {
            self.keyed.0.push(digit);
        }
        if ends || self.keyed.0.len() >= usize::from(collect.max) {
            return self.take_keyed(clock, visit);
        }
        self.stage = Stage::InMenu(visit, Turn::Listening { until: clock.now + collect.between });
    }

    /// The value is complete, or no more of it comes. A lone `0` asks for a person (R9).
    fn take_keyed(&mut self, clock: Clock<'_>, visit: Visit) {
        let plan = Arc::clone(&self.plan);
        let menu = plan.menu(visit.menu);
        let keyed = std::mem::take(&mut self.keyed.0);
        let Some(collect) = &menu.collect else { return };
        self.outputs.push_back(Output::ReplyDue);
        if keyed == "0" {
            return self.lead_to_person(clock, visit);
        }
        if keyed.is_empty() {
            return self.failure(clock, visit, Took::NoInput, |menu| &menu.no_input);
        }
        if keyed.len() < usize::from(collect.min) {
            return self.failure(clock, visit, Took::Invalid(HIDDEN), |menu| &menu.invalid);
        }
        let digits = u8::try_from(keyed.len()).unwrap_or(u8::MAX);
        self.collected.0.insert(collect.name.clone(), keyed);
        self.took(Door::Menu(visit.menu), Took::Collected);
        self.outputs.push_back(Output::Collected { menu: visit.menu, name: collect.name.clone(), digits });
        if plan.looks_up(&collect.name) {
            return self.await_answer(visit);
        }
        self.follow(clock, &collect.done, Some(visit));
    }

    fn failure(&mut self, clock: Clock<'_>, mut visit: Visit, why: Took, told: impl Fn(&Menu) -> &[Say]) {
        let plan = Arc::clone(&self.plan);
        let menu = plan.menu(visit.menu);
        visit.failures = visit.failures.saturating_add(1);
        self.took(Door::Menu(visit.menu), why);
        if visit.failures >= menu.attempts {
            self.took(Door::Menu(visit.menu), Took::Failed);
            return self.follow(clock, &menu.failed, Some(visit));
        }
        let said = self.words(told(menu));
        self.say_menu(clock, visit, said);
    }

    fn played(&mut self, clock: Clock<'_>) {
        match self.stage {
            Stage::InMenu(visit, Turn::Speaking { .. }) => self.listen(clock, visit),
            Stage::Leaving { end, .. } => self.finish(end),
            Stage::InMenu(_, Turn::Listening { .. }) | Stage::New { .. } | Stage::Held | Stage::Expecting { .. } | Stage::Over => {}
        }
    }

    fn noticed(&mut self, notice: &Notice) -> Vec<Spoken> {
        if self.noticed.contains(&notice.name) {
            return Vec::new();
        }
        self.noticed.push(notice.name.clone());
        self.outputs.push_back(Output::Noticed(notice.name.clone()));
        self.words(&notice.say)
    }

    fn follow(&mut self, clock: Clock<'_>, branch: &Branch, visit: Option<Visit>) {
        self.follow_saying(clock, branch, visit, Vec::new());
    }

    fn follow_saying(&mut self, clock: Clock<'_>, branch: &Branch, mut visit: Option<Visit>, mut said: Vec<Spoken>) {
        let plan = Arc::clone(&self.plan);
        let mut branch = branch;
        for _ in 0..STEPS {
            if let Some(language) = self.draft.change(&plan, &branch.set) {
                self.outputs.push_back(Output::Language(language));
            }
            said.extend(self.words(&branch.say));
            branch = match (branch.go, visit) {
                (Go::Queue(queue), _) => return self.leave(clock, said, End::Queue { queue, call_back: false }),
                (Go::Callback(queue), _) => return self.leave(clock, said, End::Queue { queue, call_back: true }),
                (Go::Out(way), _) => return self.leave(clock, said, End::Out(way)),
                (Go::Goodbye, _) | (Go::Again, None) => return self.leave(clock, said, End::Goodbye),
                (Go::HangUp, _) => return self.leave(clock, said, End::HangUp),
                (Go::Voicemail(voicemail), _) => return self.leave(clock, said, End::Voicemail(voicemail)),
                (Go::Again, Some(here)) if here.repeats < REPEATS => {
                    return self.say_menu(clock, Visit { repeats: here.repeats + 1, ..here }, said);
                }
                (Go::Again, Some(here)) => {
                    self.took(Door::Menu(here.menu), Took::Failed);
                    &plan.menu(here.menu).failed
                }
                (Go::Menu(menu), _) => {
                    visit = Some(Visit::to(menu));
                    if self.must_wait(&plan.menu(menu).gates, plan.menu(menu).self_service) {
                        (self.stage, self.held) = (Stage::Held, Some(Held::Menu(menu, said)));
                        return;
                    }
                    match self.detour(clock, menu, plan.menu(menu)) {
                        Some(detour) => detour,
                        None => return self.say_menu(clock, Visit::to(menu), said),
                    }
                }
            };
        }
        self.give_up(clock, visit);
    }

    fn detour<'a>(&mut self, clock: Clock<'_>, id: MenuId, menu: &'a Menu) -> Option<&'a Branch> {
        if self.entries >= ENTRIES {
            self.took(Door::Menu(id), Took::Failed);
            return Some(&menu.failed);
        }
        let Some(place) = self.pass(clock, Door::Menu(id), &menu.gates).taken else { return self.spare(id, menu) };
        self.took(Door::Menu(id), Took::Gate(place));
        menu.gates.get(place).map(|gate| &gate.go)
    }

    /// R47: VIP customers are served by people first.
    fn spare<'a>(&mut self, id: MenuId, menu: &'a Menu) -> Option<&'a Branch> {
        let is_vip = self.draft.profile().customer_type == CustomerType::Vip;
        let branch = menu.keys.get(&'0').filter(|_| is_vip && menu.self_service == SelfService::Ordinary)?;
        self.took(Door::Menu(id), Took::Spared);
        self.outputs.push_back(Output::Spared(id));
        Some(branch)
    }

    /// Looks at gates; what predicates looked at is told.
    fn pass(&mut self, clock: Clock<'_>, door: Door, gates: &[Gate]) -> Passage {
        let caller = Some(self.caller.reveal()).filter(|_| !self.caller.is_anonymous());
        let facts = Facts {
            plan: &self.plan,
            profile: self.draft.profile(),
            dialled: Some(self.number),
            caller,
            collected: &self.collected.0,
            at: clock.wall,
            queues: clock.queues,
        };
        let mut passage = pass(gates, &facts);
        if !passage.looked.is_empty() {
            let looked = std::mem::take(&mut passage.looked);
            self.outputs.push_back(Output::Judged { door, taken: passage.taken, looked });
        }
        passage
    }

    fn give_up(&mut self, clock: Clock<'_>, visit: Option<Visit>) {
        let plan = Arc::clone(&self.plan);
        let failed = visit.map(|visit| &plan.menu(visit.menu).failed);
        match failed.map(|failed| (failed, failed.go)) {
            Some((failed, Go::Queue(queue))) => {
                let said = self.words(&failed.say);
                self.leave(clock, said, End::Queue { queue, call_back: false });
            }
            Some((_, Go::Menu(_) | Go::Callback(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_))) | None => {
                self.leave(clock, Vec::new(), End::Goodbye)
            }
        }
    }

    fn say_menu(&mut self, clock: Clock<'_>, visit: Visit, mut said: Vec<Spoken>) {
        self.keyed.0.clear();
        if self.menu() != Some(visit.menu) || visit.is_fresh() {
            self.entries = self.entries.saturating_add(1);
            self.outputs.push_back(Output::Menu(visit.menu));
        }
        let plan = Arc::clone(&self.plan);
        said.extend(self.words(&plan.menu(visit.menu).say));
        if said.is_empty() {
            return self.listen(clock, visit);
        }
        self.outputs.push_back(Output::Say { parts: said, barge_in: true });
        self.stage = Stage::InMenu(visit, Turn::Speaking { heard_by: clock.now + LONGEST_PROMPT });
    }

    fn listen(&mut self, clock: Clock<'_>, visit: Visit) {
        let until = clock.now + self.plan.menu(visit.menu).wait;
        self.stage = Stage::InMenu(visit, Turn::Listening { until });
    }

    fn leave(&mut self, clock: Clock<'_>, mut said: Vec<Spoken>, end: End) {
        if let End::Queue { queue, .. } = end {
            let here: Vec<Notice> = self.notices.queues.iter().filter(|(of, _)| *of == queue).map(|(_, notice)| notice.clone()).collect();
            said.extend(here.iter().flat_map(|notice| self.noticed(notice)));
        }
        if said.is_empty() {
            return self.finish(end);
        }
        self.outputs.push_back(Output::Say { parts: said, barge_in: false });
        self.stage = Stage::Leaving { end, heard_by: clock.now + LONGEST_PROMPT };
    }

    fn finish(&mut self, end: End) {
        if self.expects && matches!(end, End::Queue { .. } | End::Out(_)) {
            self.stage = Stage::Expecting { end };
            return;
        }
        let unread = u32::try_from(self.typed.0.len()).unwrap_or(u32::MAX);
        self.dropped = self.dropped.saturating_add(unread);
        self.typed.0.clear();
        self.stage = Stage::Over;
        self.outputs.push_back(match end {
            End::Queue { queue, call_back } => {
                let led = self.draft.led().to_vec();
                Output::Classified { profile: self.draft.classified(&self.plan, Some(queue)), queue, call_back, led }
            }
            End::Out(way) => Output::Out { profile: self.draft.classified(&self.plan, queue_behind(&self.plan, way)), way },
            End::Goodbye => Output::Goodbye,
            End::HangUp => Output::HangUp,
            End::Voicemail(voicemail) => Output::Voicemail { voicemail, profile: self.draft.profile().clone() },
        });
    }

    fn words(&self, say: &[Say]) -> Vec<Spoken> {
        speech::say(&self.plan, say, self.draft.language())
    }
}

/// The queue in which a call waits that gets nobody outside.
fn queue_behind(plan: &Plan, way: WayOutId) -> Option<QueueId> {
    match plan.way_out(way).otherwise.go {
        Go::Queue(queue) | Go::Callback(queue) => Some(queue),
        Go::Menu(_) | Go::Again | Go::Goodbye | Go::HangUp | Go::Out(_) | Go::Voicemail(_) => None,
    }
}

impl Visit {
    fn to(menu: MenuId) -> Self {
        Self { menu, failures: 0, repeats: 0 }
    }

    fn is_fresh(self) -> bool {
        self.failures == 0 && self.repeats == 0
    }
}
