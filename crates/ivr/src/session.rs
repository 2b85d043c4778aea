use crate::profile::Draft;
use crate::speech;
use hotline_model::{LanguageId, Name, Number, Profile, QueueId, Timestamp, WallTime};
use hotline_rules::{Branch, Facts, Go, Menu, MenuId, NumberId, Plan, Say};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Keys kept while none can be taken.
const TYPE_AHEAD: usize = 16;
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
        /// The key.
        digit: char,
    },
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
    },
    /// The conversation is over after what was said.
    Goodbye,
}

/// A way that a conversation took, for those who want to see which of them are ever taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// The menu; `None`: the number that was dialled.
    pub menu: Option<MenuId>,
    /// Which of its ways.
    pub took: Took,
}

/// See [`Way`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Took {
    /// Where the dialled number leads.
    Entry,
    /// A gate, by its place in the menu: the menu itself was not entered.
    Gate(usize),
    /// A key that the menu has.
    Key(char),
    /// A key that it lacks: it asks again.
    Invalid(char),
    /// No key came: it asks again.
    NoInput,
    /// Too many wrong or missing keys, or `0` in a menu without one.
    Failed,
}

/// One caller's conversation with the menus. It keeps the plan with which it began.
#[derive(Debug)]
pub struct Session {
    plan: Arc<Plan>,
    number: NumberId,
    draft: Draft,
    stage: Stage,
    /// Sources are asked about the caller: nothing is decided without their answer.
    expects: bool,
    entries: u16,
    typed: VecDeque<char>,
    dropped: u32,
    outputs: VecDeque<Output>,
    ways: Option<Vec<Way>>,
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
    Goodbye,
}

#[derive(Clone, Copy)]
struct Clock {
    now: Timestamp,
    wall: WallTime,
}

impl Session {
    /// A conversation with a caller of whom only the number is known: language of the dialled number, region by area code (R39).
    pub fn new(plan: Arc<Plan>, number: NumberId, caller: &Number) -> Self {
        let draft = Draft::new(&plan, number, caller);
        Self::at(plan, number, draft, None)
    }

    /// Goes on after a restart: on [`Input::Start`] it says the menu again, without looking at its gates; an unknown menu means the
    /// number's entry.
    pub fn resume(plan: Arc<Plan>, number: NumberId, menu: &str, profile: Profile) -> Self {
        let draft = Draft::resume(&plan, number, profile);
        let place = plan.menus.iter().position(|known| &*known.name == menu);
        let menu = place.and_then(|place| u16::try_from(place).ok()).map(MenuId);
        Self::at(plan, number, draft, menu)
    }

    fn at(plan: Arc<Plan>, number: NumberId, draft: Draft, resume: Option<MenuId>) -> Self {
        let (typed, outputs) = (VecDeque::new(), VecDeque::new());
        Self { plan, number, draft, stage: Stage::New { resume }, expects: false, entries: 0, typed, dropped: 0, outputs, ways: None }
    }

    /// Sources are asked about the caller: the way into a queue waits until [`Session::learn`] says what they know, which whoever says
    /// this owes it.
    pub fn expect_customer(&mut self) {
        self.expects = true;
    }

    /// What the sources know of the caller, or what holds without them; of two that say the same the later counts, and what a menu has set
    /// before all of them.
    pub fn learn<'f>(&mut self, known: impl IntoIterator<Item = &'f Facts>) {
        let plan = Arc::clone(&self.plan);
        for facts in known {
            if let Some(language) = self.draft.learn(&plan, facts) {
                self.outputs.push_back(Output::Language(language));
            }
        }
        self.expects = false;
        if let Stage::Expecting { end } = self.stage {
            self.finish(end);
        }
    }

    /// Takes an input; `wall_offset` is wall minus monotonic time in microseconds.
    pub fn handle(&mut self, now: Timestamp, wall_offset: i64, input: Input) {
        let clock = Clock { now, wall: now.to_wall(wall_offset) };
        match input {
            Input::Start => self.start(clock),
            Input::Digit(digit) => self.digit(clock, digit),
            Input::Played => self.played(clock),
        }
        self.take_typed(clock);
    }

    /// Takes what is due at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp, wall_offset: i64) {
        if self.poll_timeout().is_none_or(|due| due > now) {
            return;
        }
        let clock = Clock { now, wall: now.to_wall(wall_offset) };
        match self.stage {
            Stage::InMenu(visit, Turn::Listening { .. }) => self.failure(clock, visit, Took::NoInput, |menu| &menu.no_input),
            Stage::InMenu(_, Turn::Speaking { .. }) | Stage::Leaving { .. } => self.played(clock),
            Stage::New { .. } | Stage::Expecting { .. } | Stage::Over => {}
        }
        self.take_typed(clock);
    }

    /// When [`Session::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::InMenu(_, Turn::Speaking { heard_by }) | Stage::Leaving { heard_by, .. } => Some(heard_by),
            Stage::InMenu(_, Turn::Listening { until }) => Some(until),
            Stage::New { .. } | Stage::Expecting { .. } | Stage::Over => None,
        }
    }

    /// From now on the ways that it takes are kept for [`Session::take_ways`].
    pub fn watch(&mut self) {
        self.ways.get_or_insert_default();
    }

    /// The ways taken since they were last asked for, at most 256; none unless they are watched.
    pub fn take_ways(&mut self) -> Vec<Way> {
        self.ways.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn took(&mut self, menu: Option<MenuId>, took: Took) {
        if let Some(ways) = self.ways.as_mut().filter(|ways| ways.len() < MOST_WAYS) {
            ways.push(Way { menu, took });
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

    /// The menu in which the caller is.
    pub fn menu(&self) -> Option<MenuId> {
        match self.stage {
            Stage::New { resume } => resume,
            Stage::InMenu(visit, _) => Some(visit.menu),
            Stage::Leaving { .. } | Stage::Expecting { .. } | Stage::Over => None,
        }
    }

    /// Keys that nobody could take: beyond the type-ahead, or after the last menu.
    pub fn dropped_digits(&self) -> u32 {
        self.dropped
    }

    fn start(&mut self, clock: Clock) {
        let Stage::New { resume } = self.stage else { return };
        match resume {
            Some(menu) => self.say_menu(clock, Visit::to(menu), Vec::new()),
            None => {
                let plan = Arc::clone(&self.plan);
                self.took(None, Took::Entry);
                self.follow(clock, &plan.number(self.number).entry, None);
            }
        }
    }

    fn digit(&mut self, clock: Clock, digit: char) {
        if !matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D') {
            return;
        }
        match self.stage {
            Stage::InMenu(visit, turn) => self.press(clock, visit, turn, digit),
            Stage::New { .. } | Stage::Leaving { .. } if self.typed.len() < TYPE_AHEAD => self.typed.push_back(digit),
            Stage::New { .. } | Stage::Leaving { .. } | Stage::Expecting { .. } | Stage::Over => {
                self.dropped = self.dropped.saturating_add(1)
            }
        }
    }

    fn take_typed(&mut self, clock: Clock) {
        while let Stage::InMenu(visit, turn) = self.stage {
            let Some(digit) = self.typed.pop_front() else { return };
            self.press(clock, visit, turn, digit);
        }
    }

    fn press(&mut self, clock: Clock, visit: Visit, turn: Turn, digit: char) {
        if matches!(turn, Turn::Speaking { .. }) {
            self.outputs.push_back(Output::Stop);
        }
        self.outputs.push_back(Output::Digit { menu: visit.menu, digit });
        let plan = Arc::clone(&self.plan);
        let menu = plan.menu(visit.menu);
        match menu.keys.get(&digit) {
            Some(branch) => {
                self.took(Some(visit.menu), Took::Key(digit));
                self.follow(clock, branch, Some(visit));
            }
            None if digit == '0' => {
                self.took(Some(visit.menu), Took::Failed);
                self.follow(clock, &menu.failed, Some(visit));
            }
            None => self.failure(clock, visit, Took::Invalid(digit), |menu| &menu.invalid),
        }
    }

    fn failure(&mut self, clock: Clock, mut visit: Visit, why: Took, told: impl Fn(&Menu) -> &[Say]) {
        let plan = Arc::clone(&self.plan);
        let menu = plan.menu(visit.menu);
        visit.failures = visit.failures.saturating_add(1);
        self.took(Some(visit.menu), why);
        if visit.failures >= menu.attempts {
            self.took(Some(visit.menu), Took::Failed);
            return self.follow(clock, &menu.failed, Some(visit));
        }
        let said = self.words(told(menu));
        self.say_menu(clock, visit, said);
    }

    fn played(&mut self, clock: Clock) {
        match self.stage {
            Stage::InMenu(visit, Turn::Speaking { .. }) => self.listen(clock, visit),
            Stage::Leaving { end, .. } => self.finish(end),
            Stage::InMenu(_, Turn::Listening { .. }) | Stage::New { .. } | Stage::Expecting { .. } | Stage::Over => {}
        }
    }

    fn follow(&mut self, clock: Clock, branch: &Branch, mut visit: Option<Visit>) {
        let plan = Arc::clone(&self.plan);
        let (mut branch, mut said) = (branch, Vec::new());
        for _ in 0..STEPS {
            if let Some(language) = self.draft.change(&plan, &branch.set) {
                self.outputs.push_back(Output::Language(language));
            }
            said.extend(self.words(&branch.say));
            branch = match (branch.go, visit) {
                (Go::Queue(queue), _) => return self.leave(clock, said, End::Queue { queue, call_back: false }),
                (Go::Callback(queue), _) => return self.leave(clock, said, End::Queue { queue, call_back: true }),
                (Go::Goodbye, _) | (Go::Again, None) => return self.leave(clock, said, End::Goodbye),
                (Go::Again, Some(here)) if here.repeats < REPEATS => {
                    return self.say_menu(clock, Visit { repeats: here.repeats + 1, ..here }, said);
                }
                (Go::Again, Some(here)) => {
                    self.took(Some(here.menu), Took::Failed);
                    &plan.menu(here.menu).failed
                }
                (Go::Menu(menu), _) => {
                    visit = Some(Visit::to(menu));
                    match self.detour(clock, menu, plan.menu(menu)) {
                        Some(detour) => detour,
                        None => return self.say_menu(clock, Visit::to(menu), said),
                    }
                }
            };
        }
        self.give_up(clock, visit);
    }

    fn detour<'a>(&mut self, clock: Clock, id: MenuId, menu: &'a Menu) -> Option<&'a Branch> {
        if self.entries >= ENTRIES {
            self.took(Some(id), Took::Failed);
            return Some(&menu.failed);
        }
        let (place, gate) = menu.gates.iter().enumerate().find(|(_, gate)| !self.plan.calendar(gate.closed).is_open(clock.wall))?;
        self.took(Some(id), Took::Gate(place));
        Some(&gate.go)
    }

    fn give_up(&mut self, clock: Clock, visit: Option<Visit>) {
        let plan = Arc::clone(&self.plan);
        let failed = visit.map(|visit| &plan.menu(visit.menu).failed);
        match failed.map(|failed| (failed, failed.go)) {
            Some((failed, Go::Queue(queue))) => {
                let said = self.words(&failed.say);
                self.leave(clock, said, End::Queue { queue, call_back: false });
            }
            Some((_, Go::Menu(_) | Go::Callback(_) | Go::Again | Go::Goodbye)) | None => self.leave(clock, Vec::new(), End::Goodbye),
        }
    }

    fn say_menu(&mut self, clock: Clock, visit: Visit, mut said: Vec<Spoken>) {
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

    fn listen(&mut self, clock: Clock, visit: Visit) {
        let until = clock.now + self.plan.menu(visit.menu).wait;
        self.stage = Stage::InMenu(visit, Turn::Listening { until });
    }

    fn leave(&mut self, clock: Clock, said: Vec<Spoken>, end: End) {
        if said.is_empty() {
            return self.finish(end);
        }
        self.outputs.push_back(Output::Say { parts: said, barge_in: false });
        self.stage = Stage::Leaving { end, heard_by: clock.now + LONGEST_PROMPT };
    }

    fn finish(&mut self, end: End) {
        if self.expects && matches!(end, End::Queue { .. }) {
            self.stage = Stage::Expecting { end };
            return;
        }
        let unread = u32::try_from(self.typed.len()).unwrap_or(u32::MAX);
        self.dropped = self.dropped.saturating_add(unread);
        self.typed.clear();
        self.stage = Stage::Over;
        self.outputs.push_back(match end {
            End::Queue { queue, call_back } => Output::Classified { profile: self.draft.classified(&self.plan, queue), queue, call_back },
            End::Goodbye => Output::Goodbye,
        });
    }

    fn words(&self, say: &[Say]) -> Vec<Spoken> {
        speech::say(&self.plan, say, self.draft.language())
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
