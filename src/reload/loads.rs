//! The load under way, and what becomes of it when files are saved anew or somebody orders something else meanwhile.

use super::job::{Broke, Desk, Job};
use super::{Answered, LIMIT, NotRolled, Order, Rolled, Watch, Watched, Wish, in_words, tell_refused};
use crate::cli::words::lang_of_environment;
use crate::config::TestsBeforeLoad;
use crate::engine_thread::{Mailbox, Reply};
use crate::folder::{self, Refused, Revision, Snapshot};
use crate::layouts::{self, Ready};
use crate::past_rules;
use crate::rehearse::before_load::{self, FailedTests};
use crate::rehearse::patience::Cancel;
use crate::reload::quiet::Stamps;
use crate::rules_history::How;
use hotline_model::Timestamp;
use hotline_rules::Plan;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// Loads in a row that are given up for newer files. The next one goes on: files that are saved every few seconds are loaded some time.
pub(super) const IN_A_ROW: u32 = 3;
/// How long work that nobody wants any more is waited for; tests end within milliseconds, a check within a second.
const ENDING: Duration = Duration::from_secs(3);

/// A load that somebody wants.
pub(super) struct Load {
    pub wish: Wish,
    /// Whoever ordered it is told what came of it.
    pub answer: Option<Reply<Answered>>,
    /// What was ordered, if newer files took its place.
    pub instead_of: Option<hotline_model::Revision>,
}

impl Load {
    /// Of files that were saved.
    pub fn of_watch() -> Self {
        Self { wish: Wish { by: None, note: None, how: How::Watch }, answer: None, instead_of: None }
    }
}

/// What follows the load under way.
pub(super) enum Next {
    /// Of these files, or of those that are in the folder by then.
    Load(Load, Option<Snapshot>),
    /// To a revision.
    Rollback(Wish, String, Reply<Result<Rolled, NotRolled>>),
}

/// A load under way.
pub(super) struct UnderWay {
    load: Load,
    /// `None` until they are read.
    pub files: Option<Snapshot>,
    stamps: Stamps,
    pub job: Job<Progress>,
    /// Nobody wants it any more, and it ends soon.
    given_up: bool,
}

impl UnderWay {
    fn revision(&self) -> Option<hotline_model::Revision> {
        self.files.as_ref().map(|files| hotline_rules::revision_of(&files.rules.sources))
    }
}

/// What a load says.
pub(super) enum Progress {
    /// What it found in the folder.
    Read(Box<Snapshot>),
    /// What came of it.
    Done(Box<Result<Loaded, Refused>>),
}

/// Rules that can be handed to the engine.
pub(super) struct Loaded {
    pub revision: Revision,
    pub tested: Option<FailedTests>,
    /// Without it the engine's step takes longer, and that is all.
    pub ready: Option<Ready>,
}

impl Watched {
    /// Whether an order is taken now; else it waits in its channel. Orders follow each other; what the watch began makes room for one.
    pub(super) fn takes_orders(&self) -> bool {
        let free = |load: &UnderWay| !load.given_up && load.load.answer.is_none() && load.files.is_some();
        self.next.is_none() && self.in_a_row < IN_A_ROW && self.under_way.as_ref().is_none_or(free)
    }

    pub(super) fn take(&mut self, order: Order, now: Timestamp) {
        match order {
            Order::Reload(wish, answer) => self.ordered(Load { wish, answer, instead_of: None }, now),
            Order::Rollback(wish, to, answer) => {
                if self.under_way.is_some() {
                    // Should it come to nothing, the watch finds them again.
                    self.tried = Snapshot::default();
                    self.look_anew(now);
                }
                self.make_room_for(Next::Rollback(wish, to, answer));
            }
        }
    }

    fn ordered(&mut self, load: Load, now: Timestamp) {
        self.look_anew(now);
        if let Some(under_way) = &mut self.under_way
            && under_way.files.as_ref() == Some(&Snapshot::of(&self.place.dir))
        {
            // What is ordered is what is under way.
            under_way.load = load;
            return;
        }
        self.make_room_for(Next::Load(load, None));
    }

    /// Files were saved.
    pub(super) fn saved(&mut self, files: Snapshot) {
        if self.under_way.as_ref().is_some_and(|load| !load.given_up) && self.in_a_row >= IN_A_ROW {
            self.check_only(files);
        } else {
            self.make_room_for(Next::Load(Load::of_watch(), Some(files)));
        }
    }

    /// Gives up the load under way, if there is one, for another.
    fn make_room_for(&mut self, mut next: Next) {
        if let Some(under_way) = &mut self.under_way {
            let revision = under_way.revision();
            if !under_way.given_up {
                tell_given_up(revision, &next);
                self.in_a_row += u32::from(matches!(next, Next::Load(..)));
            }
            under_way.job.cancel();
            under_way.given_up = true;
            if let (Next::Load(load, _), Some(answer)) = (&mut next, under_way.load.answer.take()) {
                load.instead_of = under_way.load.instead_of.or(revision);
                load.answer = Some(answer);
            }
            if let Next::Load(_, Some(files)) = &next {
                self.tried = files.clone();
            }
            self.next = Some(next);
        } else {
            self.go_on(next);
        }
    }

    pub(super) fn go_on(&mut self, next: Next) {
        match next {
            Next::Load(load, files) => self.begin(load, files),
            Next::Rollback(wish, to, answer) => {
                let now = self.place.clock.now();
                answer(self.roll_back(wish, &to, now));
            }
        }
    }

    fn begin(&mut self, load: Load, files: Option<Snapshot>) {
        if let Some(files) = &files {
            self.tried = files.clone();
        }
        let stamps = self.quiet.stamps().clone();
        let (place, plan, mailbox, given) = (self.place.clone(), Arc::clone(&self.plan), self.mailbox.clone(), files.clone());
        let begun = self.job(move |desk: &Desk<Progress>| work(&place, given, &plan, &mailbox, desk));
        match begun {
            Ok(job) => self.under_way = Some(UnderWay { load, files, stamps, job, given_up: false }),
            Err(broke) => self.end(load, stamps, Vec::new(), Err(Refused::Unreadable(broke.in_words(LIMIT)))),
        }
    }

    /// Begins work, unless what took too long before still goes on.
    fn job<T: Send + 'static>(&mut self, work: impl FnOnce(&Desk<T>) + Send + 'static) -> Result<Job<T>, Broke> {
        if self.stuck.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Err(Broke::TooLong);
        }
        Job::begin(LIMIT, work)
    }

    /// Does something short on such a thread and waits for it.
    pub(super) fn do_now<T: Send + 'static>(&mut self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Broke> {
        let job = self.job(move |desk| desk.say(work()))?;
        let done = job.wait(&self.stop);
        self.put_down(job);
        done
    }

    fn put_down<T: Send + 'static>(&mut self, job: Job<T>) {
        if let Err(thread) = job.end(ENDING) {
            self.stuck = Some(thread);
        }
    }

    /// What the load under way says; `None` if it can say nothing any more.
    pub(super) fn hear(&mut self, said: Option<Progress>, now: Timestamp) {
        match said {
            Some(Progress::Read(files)) => {
                if let Some(under_way) = self.under_way.as_mut().filter(|load| !load.given_up) {
                    self.tried.clone_from(&files);
                    under_way.files = Some(*files);
                }
            }
            Some(Progress::Done(done)) => self.ended(*done, now),
            None => self.ended(Err(Refused::Unreadable(Broke::Panicked.in_words(LIMIT))), now),
        }
    }

    /// The load under way is given up if it takes too long.
    pub(super) fn end_if_late(&mut self, now: Timestamp) {
        if self.under_way.as_ref().is_some_and(|load| load.job.is_late()) {
            self.ended(Err(Refused::Unreadable(Broke::TooLong.in_words(LIMIT))), now);
        }
    }

    fn ended(&mut self, done: Result<Loaded, Refused>, now: Timestamp) {
        let Some(UnderWay { load, files, stamps, job, given_up }) = self.under_way.take() else { return };
        self.put_down(job);
        if !given_up {
            self.in_a_row = 0;
            self.end(load, stamps, files.map_or_else(Vec::new, |files| files.tests.sources), done);
        }
        if std::mem::take(&mut self.newer) {
            self.tried = Snapshot::default();
            self.look_anew(now);
        }
        if let Some(next) = self.next.take() {
            self.go_on(next);
        }
    }

    fn end(&mut self, load: Load, stamps: Stamps, tests: Vec<hotline_rules::Source>, done: Result<Loaded, Refused>) {
        let done = match done {
            Ok(loaded) => Ok(self.apply(&load.wish, stamps, loaded, tests)),
            Err(refused) => {
                self.status.refused(refused.first_error());
                tell_refused(&refused, &self.plan);
                Err(refused)
            }
        };
        if let Some(answer) = load.answer {
            answer(Answered { done, instead_of: load.instead_of });
        }
    }

    /// The load under way goes on, since too many were given up; of what was saved meanwhile it is only told what is wrong, and then nothing
    /// that is gone is loaded.
    fn check_only(&mut self, files: Snapshot) {
        let (place, plan, rules) = (self.place.clone(), Arc::clone(&self.plan), files.rules.clone());
        let checked = self.do_now(move || folder::load_texts(&place.dir, rules, &place.listeners, Some(&plan)).map(drop));
        let refused = match checked.unwrap_or_else(|broke| Err(Refused::Unreadable(broke.in_words(LIMIT)))) {
            Ok(()) => {
                if !std::mem::replace(&mut self.newer, true) {
                    tell_newer();
                }
                return;
            }
            Err(refused) => refused,
        };
        let Some(under_way) = &mut self.under_way else { return };
        under_way.job.cancel();
        under_way.given_up = true;
        let instead_of = under_way.load.instead_of.or(under_way.revision());
        let load = Load { answer: under_way.load.answer.take(), instead_of, ..Load::of_watch() };
        (self.tried, self.newer, self.in_a_row) = (files, false, 0);
        self.end(load, Stamps::new(), Vec::new(), Err(refused));
    }

    /// Gives up whatever is under way, and waits until it has ended.
    pub(super) fn stop(&mut self) {
        self.next = None;
        if let Some(under_way) = self.under_way.take() {
            if let Some(revision) = under_way.revision().filter(|_| !under_way.given_up) {
                let lang = lang_of_environment();
                tracing::info!(%revision, "{}", lang.of("rules: this load is given up, as the hotline stops", "规则：hotline 正在停止，放弃本次加载"));
            }
            self.put_down(under_way.job);
        }
        if self.stuck.take().is_some_and(|thread| !thread.is_finished()) {
            tracing::error!("rules: a load that was given up still goes on; it ends with the process");
        }
    }
}

fn tell_given_up(revision: Option<hotline_model::Revision>, next: &Next) {
    let (lang, revision) = (lang_of_environment(), revision.map(|revision| revision.to_string()));
    match next {
        Next::Load(_, Some(files)) => {
            let newer = hotline_rules::revision_of(&files.rules.sources).to_string();
            let says = lang.of(
                "rules: the files were saved anew while this revision was tested: it is given up for the newer one",
                "规则：该版本测试期间文件又有保存：放弃它，改为加载较新的版本",
            );
            tracing::warn!(revision, newer, "{says}");
        }
        Next::Load(_, None) => {
            let says = lang.of(
                "rules: the files changed while this revision was tested, and are to be loaded: it is given up for them",
                "规则：该版本测试期间文件有变化，且收到加载命令：放弃它，改为加载当前文件",
            );
            tracing::warn!(revision, "{says}");
        }
        Next::Rollback(_, to, _) => {
            let says = lang.of("rules: this load is given up for a rollback that was ordered", "规则：收到回滚命令，放弃正在进行的加载");
            tracing::warn!(revision, to, "{says}");
        }
    }
}

fn tell_newer() {
    let lang = lang_of_environment();
    let says = lang.of(
        "rules: files are saved more often than they can be tested: the load under way is ended first, and the newest follow it",
        "规则：文件保存过于频繁，来不及测试：先完成正在进行的加载，再加载最新的文件",
    );
    tracing::warn!("{says}");
}

/// What a load does on its thread.
pub(super) fn work(place: &Watch, files: Option<Snapshot>, plan: &Plan, mailbox: &Mailbox, desk: &Desk<Progress>) {
    let files = files.unwrap_or_else(|| {
        let files = Snapshot::steady(&place.dir, &desk.cancel);
        desk.say(Progress::Read(Box::new(files.clone())));
        files
    });
    let done = tested(place, files, plan, &desk.cancel).map(|(revision, tested)| {
        let prepare = AssertUnwindSafe(|| layouts::prepare(&revision.plan, mailbox));
        let ready = if desk.cancel.is_cancelled() { None } else { std::panic::catch_unwind(prepare).ok().flatten() };
        Loaded { revision, tested, ready }
    });
    desk.say(Progress::Done(Box::new(done)));
}

/// Everything that new rules need before they are laid out for the engine.
fn tested(place: &Watch, now: Snapshot, plan: &Plan, cancel: &Cancel) -> Result<(Revision, Option<FailedTests>), Refused> {
    let revision = folder::load_texts(&place.dir, now.rules, &place.listeners, Some(plan))?;
    if place.tests == TestsBeforeLoad::Off || cancel.is_cancelled() {
        return Ok((revision, None));
    }
    // The tests know nothing of what the rules had before.
    let alone = match hotline_rules::load(&revision.sources, None) {
        Ok(loaded) => Arc::new(loaded.plan),
        Err(findings) => return Err(Refused::Findings(findings, revision.sources)),
    };
    let ran = before_load::run(&alone, &revision.prompts, now.tests, cancel).and_then(|tested| not_gone(place, plan, tested));
    match (ran, place.tests) {
        (Ok(tested), TestsBeforeLoad::Require) if tested.failed > 0 => Err(Refused::Tests(Box::new(tested))),
        (Ok(tested), _) => Ok((revision, Some(tested))),
        (Err(refused), _) if cancel.is_cancelled() => Err(refused),
        (Err(refused), TestsBeforeLoad::Require) => Err(refused),
        (Err(refused), TestsBeforeLoad::Warn | TestsBeforeLoad::Off) => {
            tracing::warn!("{}", in_words(&refused));
            Ok((revision, None))
        }
    }
}

/// Tests that vanished let everything pass: what runs had some, and nobody said that there are to be none. If some are left, it is told.
fn not_gone(place: &Watch, running: &Plan, mut tested: FailedTests) -> Result<FailedTests, Refused> {
    let had = past_rules::find(&place.data, running.revision).map(|kept| kept.tests).unwrap_or_default();
    let gone = if tested.ran == 0 { before_load::gone(&had, running, &tested.sources) } else { None };
    match gone {
        Some((finding, source)) => Err(Refused::for_findings(vec![finding], vec![source])),
        None => {
            tested.fewer = before_load::fewer(&had, running, &tested);
            Ok(tested)
        }
    }
}
