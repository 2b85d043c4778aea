//! Loads the rules again when their files change, or somebody says so, and restores earlier ones. Wrong files never change a running hotline.

mod job;
#[cfg(test)]
mod load_tests;
mod loads;
mod quiet;
mod status;
#[cfg(test)]
mod tests;

use loads::{Loaded, Next, UnderWay};
use quiet::{Quiet, Stamps};
pub use status::Status;

use crate::api::auth::{local_name, user_name};
use crate::cli::words::lang_of_environment;
use crate::clock::Clock;
use crate::config::TestsBeforeLoad;
use crate::engine_thread::{Mailbox, Message, Reply};
use crate::folder::reader::{self, Fault, Texts};
use crate::folder::sounds::{self, SoundsHash};
use crate::folder::{self, FirstError, Refused, Snapshot};
use crate::layouts::{self, Bin, Ready};
use crate::past_rules::{self, Kept, NotNamed};
use crate::rehearse::before_load::{self, FailedTests, Fewer};
use crate::rehearse::patience::Cancel;
use crate::rollback::{self, Restored};
use crate::rules_history::{self, How, Line, Tested};
use crate::serve::{Failed, keep_rules, refused_in_words, tell_warnings};
use anyhow::Context;
use crossbeam_channel::{Receiver, Sender};
use hotline_model::{Lang, Timestamp};
use hotline_rules::report::shown;
use hotline_rules::{Diagnostic, Plan, Said, Source};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// How long reading, checking and testing may take in all: the last resort, as tests have limits of their own.
const LIMIT: Duration = Duration::from_secs(360);

/// Who wants rules to be loaded, why, and how they said so.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Who; `None` for whoever changed the files, or sent the signal.
    pub by: Option<String>,
    /// Why, in their words.
    pub note: Option<String>,
    /// How.
    pub how: How,
}

enum Order {
    /// Whoever asked may be told what came of it.
    Reload(Wish, Option<Reply<Answered>>),
    /// To the revision of this name.
    Rollback(Wish, String, Reply<Result<Rolled, NotRolled>>),
}

/// Rules that were loaded just now.
#[derive(Debug)]
pub struct Fresh {
    /// Their revision.
    pub revision: hotline_model::Revision,
    /// Seats in them.
    pub seats: usize,
    /// What could be better.
    pub warnings: Vec<Diagnostic>,
    /// What was left out.
    pub left_out: Vec<Fault>,
    /// The files.
    pub sources: Vec<Source>,
    /// What their tests gave, if they were run.
    pub tests: Option<FailedTests>,
}

/// What came of a reload that was ordered.
pub struct Answered {
    /// It.
    pub done: Result<Fresh, Refused>,
    /// What was to be loaded, if the files were saved anew while it was tested: what came is of those.
    pub instead_of: Option<hotline_model::Revision>,
}

/// Why an order has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// Others wait already, and it is not taken.
    Full,
    /// It takes longer than was waited for, and goes on.
    Late,
    /// The hotline stops.
    Stopped,
}

/// An earlier revision that runs again.
#[derive(Debug)]
pub struct Rolled {
    /// It.
    pub fresh: Fresh,
    /// What became of the files that were in the folder.
    pub restored: Restored,
}

/// Why an earlier revision does not run again. Nothing was changed.
pub enum NotRolled {
    /// None is kept of this name, or several are.
    NotNamed(NotNamed),
    /// It runs, and the files are its.
    Runs(hotline_model::Revision),
    /// It can no longer be loaded, as with a key that a later version of the hotline knows no more.
    Refused(Refused),
    /// The files can't be written.
    Files(Said),
}

/// A way to the thread that watches the rules.
#[derive(Clone)]
pub struct Reloading {
    orders: Sender<Order>,
    status: Arc<Status>,
    dir: PathBuf,
}

impl Reloading {
    /// Nobody loads anything.
    #[cfg(test)]
    pub fn to_nobody() -> Self {
        Self { orders: crossbeam_channel::bounded(1).0, status: Arc::default(), dir: PathBuf::new() }
    }

    /// How the last load went.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// The folder of rules.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Loads again, changed or not.
    ///
    /// # Errors
    /// There is no answer, or not within `limit`.
    pub async fn reload(&self, wish: Wish, limit: Duration) -> Result<Answered, Unanswered> {
        self.ask(|answer| Order::Reload(wish, Some(answer)), limit).await
    }

    /// Restores a revision by its name.
    ///
    /// # Errors
    /// As for [`Reloading::reload`].
    pub async fn roll_back(&self, wish: Wish, to: String, limit: Duration) -> Result<Result<Rolled, NotRolled>, Unanswered> {
        self.ask(|answer| Order::Rollback(wish, to, answer), limit).await
    }

    async fn ask<T: Send + 'static>(&self, order: impl FnOnce(Reply<T>) -> Order, limit: Duration) -> Result<T, Unanswered> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let sent = self.orders.try_send(order(Box::new(move |done| drop(sender.send(done)))));
        sent.map_err(|error| if error.is_full() { Unanswered::Full } else { Unanswered::Stopped })?;
        let answered = tokio::time::timeout(limit, receiver).await.map_err(|_| Unanswered::Late)?;
        answered.map_err(|_| Unanswered::Stopped)
    }
}

/// The thread that watches the rules.
pub struct Reloader {
    way: Reloading,
    /// Nothing is ever sent: the thread ends when this is dropped.
    stop: Option<Sender<Infallible>>,
    thread: JoinHandle<()>,
}

impl Reloader {
    /// Watches a folder of which `found` was loaded, or was refused, so that `plan` is of other files.
    ///
    /// # Errors
    /// The thread can't be started.
    pub fn spawn(place: Watch, found: Found, plan: Arc<Plan>, mailbox: Mailbox) -> anyhow::Result<Self> {
        let (orders, receiver) = crossbeam_channel::bounded(4);
        let status = Arc::new(Status::default());
        status.loaded(place.clock.now().to_wall(place.clock.wall_offset()));
        let way = Reloading { orders, status: Arc::clone(&status), dir: place.dir.clone() };
        if let Some(first) = found.refused.clone() {
            status.refused(first);
        }
        let mut watched = Watched::new(place, found, plan, mailbox, status);
        let (stop, stopped) = crossbeam_channel::bounded(0);
        watched.stop = stopped;
        let thread = std::thread::Builder::new().name("rules".into()).spawn(move || watched.run(&receiver));
        Ok(Self { way, stop: Some(stop), thread: thread.context("cannot start the thread that watches the rules")? })
    }

    /// A way to it for others.
    pub fn reloading(&self) -> Reloading {
        self.way.clone()
    }

    /// Loads again, changed or not.
    pub fn reload_now(&self) {
        let wish = Wish { by: None, note: None, how: How::Sighup };
        if self.way.orders.try_send(Order::Reload(wish, None)).is_err() {
            tracing::warn!("rules: a reload is under way already");
        }
    }

    /// Ends the watch, and a load under way with it: a hotline that stops takes no new rules, however long its calls last.
    pub fn begin_stop(&mut self) {
        self.stop = None;
    }

    /// Ends the watch and waits for its end.
    pub fn stop(mut self) {
        self.begin_stop();
        if self.thread.join().is_err() {
            tracing::error!("the thread that watched the rules had panicked");
        }
    }
}

/// What a start found in the folder.
pub struct Found {
    /// It.
    pub files: Snapshot,
    /// Why it is not what runs.
    pub refused: Option<FirstError>,
    /// The recordings that are played.
    pub sounds: Option<SoundsHash>,
}

/// What is watched, and what new rules need.
#[derive(Clone)]
pub struct Watch {
    /// The folder of rules.
    pub dir: PathBuf,
    /// The data directory, in which each revision is kept.
    pub data: PathBuf,
    /// Where SIP is listened for.
    pub listeners: Vec<SocketAddr>,
    /// What tests of the rules are for.
    pub tests: TestsBeforeLoad,
    /// The time.
    pub clock: Clock,
}

struct Watched {
    place: Watch,
    mailbox: Mailbox,
    plan: Arc<Plan>,
    /// The rules before, so that the last of them is given up here and not in the middle of a call.
    last: Option<Arc<Plan>>,
    /// What they replaced in the engine.
    bin: Bin,
    status: Arc<Status>,
    /// When the files may be read.
    quiet: Quiet,
    /// What was last loaded or refused.
    tried: Snapshot,
    /// The stamps of what was loaded.
    loaded: Stamps,
    /// The recordings that are played.
    sounds: Option<SoundsHash>,
    /// The load under way, and what follows it.
    under_way: Option<UnderWay>,
    next: Option<Next>,
    /// Loads in a row that were given up for newer files.
    in_a_row: u32,
    /// Files were saved during a load that is not given up for them.
    newer: bool,
    /// Work that took too long, and may still be going on.
    stuck: Option<JoinHandle<()>>,
    /// Nothing comes here until the hotline stops.
    stop: Receiver<Infallible>,
}

impl Watched {
    fn new(place: Watch, found: Found, plan: Arc<Plan>, mailbox: Mailbox, status: Arc<Status>) -> Self {
        let (tried, sounds, loaded) = (found.files, found.sounds, reader::stamps(&place.dir));
        let quiet = Quiet::new(loaded.clone(), place.clock.now());
        Self {
            place,
            mailbox,
            plan,
            last: None,
            bin: Bin::default(),
            status,
            quiet,
            tried,
            loaded,
            sounds,
            under_way: None,
            next: None,
            in_a_row: 0,
            newer: false,
            stuck: None,
            stop: crossbeam_channel::never(),
        }
    }

    /// Looks at the files and hears what orders and loads say, until it is told to stop.
    fn run(mut self, orders: &Receiver<Order>) {
        let clock = self.place.clock;
        let (no_order, no_load, stop) = (crossbeam_channel::never(), crossbeam_channel::never(), self.stop.clone());
        loop {
            let load = self.under_way.as_ref().map_or(&no_load, |load| load.job.heard()).clone();
            let orders = if self.takes_orders() { orders } else { &no_order };
            crossbeam_channel::select! {
                recv(stop) -> _ => return self.stop(),
                recv(orders) -> order => match order {
                    Ok(order) => self.take(order, clock.now()),
                    Err(_) => return self.stop(),
                },
                recv(load) -> said => self.hear(said.ok(), clock.now()),
                default(self.quiet.pause(clock.now())) => self.notice(clock.now()),
            }
        }
    }

    /// Looks at the files; what is to be loaded begins.
    fn notice(&mut self, now: Timestamp) {
        self.bin.empty();
        self.end_if_late(now);
        if self.next.is_some() || self.under_way.as_ref().is_some_and(|load| load.files.is_none()) {
            return;
        }
        let files = self.changed(now);
        self.tell_restless();
        if let Some(files) = files {
            self.saved(files);
        }
    }

    /// The files, if they are to be loaded: whole, and not what was tried last. The stamps are always older than what was read, and stay so over
    /// a load, so that what is saved meanwhile is noticed by the next look.
    fn changed(&mut self, now: Timestamp) -> Option<Snapshot> {
        if !self.quiet.look(reader::stamps(&self.place.dir), now) {
            return None;
        }
        let files = Snapshot::of(&self.place.dir);
        if !self.quiet.look(reader::stamps(&self.place.dir), now) {
            return None;
        }
        self.quiet.read(now);
        if files == self.tried {
            return None;
        }
        if self.only_touched(&files) {
            self.tried = files;
            return None;
        }
        Some(files)
    }

    /// Files that are not read since one of them never rests: told once, and once more when it rests.
    fn tell_restless(&self) {
        let lang = lang_of_environment();
        if let Some(path) = self.quiet.restless() {
            let file = path.strip_prefix(&self.place.dir).unwrap_or(path).display().to_string();
            if self.status.changes(Some(file.clone())).is_none() {
                let says = lang.of(
                    "rules: a file keeps changing, so that none is loaded; the running ones stay until it rests, or it is moved out of the folder",
                    "规则：有文件一直在变化，暂不加载；仍使用当前规则，待其停止变化或移出文件夹",
                );
                tracing::warn!(file, running = %self.plan.revision, "{says}");
            }
        } else if self.quiet.is_read()
            && let Some(file) = self.status.changes(None)
        {
            tracing::info!(file, "{}", lang.of("rules: the file rests, and the files were read", "规则：文件已停止变化，已读取"));
        }
    }

    /// Whether recordings were written anew with what they had; a load under way may have others.
    fn only_touched(&self, files: &Snapshot) -> bool {
        let same = self.under_way.is_none() && files.rules == self.tried.rules && files.tests == self.tried.tests;
        same && !self.status.is_refused() && sounds::hash(&self.place.dir) == self.sounds
    }

    /// Before the files are read at somebody's word; later the watch reads them too.
    fn look_anew(&mut self, now: Timestamp) {
        self.quiet = Quiet::new(reader::stamps(&self.place.dir), now);
    }

    fn roll_back(&mut self, wish: Wish, to: &str, now: Timestamp) -> Result<Rolled, NotRolled> {
        let Watch { dir, data, listeners, .. } = self.place.clone();
        let named = if to == "running" { Ok(self.plan.revision) } else { past_rules::named(&data, to) };
        let revision = named.map_err(NotRolled::NotNamed)?;
        let mut kept = past_rules::find(&data, revision).ok_or(NotRolled::NotNamed(NotNamed::None))?;
        let present = Snapshot::steady(&dir, &Cancel::default());
        let tests_gone = before_load::gone(&kept.tests, &self.plan, &present.tests.sources).is_some();
        if present.rules.refused().is_none() && present.rules.sources == kept.sources && !tests_gone {
            if revision == self.plan.revision {
                return Err(NotRolled::Runs(revision));
            }
            // Tests have no revisions of their own: those beside the same rules stay.
            kept.tests.clone_from(&present.tests.sources);
        }
        let texts = Texts { sources: kept.sources.clone(), faults: Vec::new() };
        let (folder, plan) = (dir.clone(), Arc::clone(&self.plan));
        let loaded = self.do_now(move || folder::load_texts(&folder, texts, &listeners, Some(&plan)));
        let revived = loaded.unwrap_or_else(|broke| Err(Refused::Unreadable(broke.in_words(LIMIT)))).map_err(NotRolled::Refused)?;
        self.tell_other_sounds(revision, revived.sounds);
        let restored = rollback::restore(&data, &dir, &kept, &present).map_err(NotRolled::Files)?;
        if restored.before != self.plan.revision && restored.before != revision {
            let mut line = self.line(&wish, self.quiet.stamps(), restored.before, How::SetAside);
            line.files = present.rules.sources.len() as u64;
            self.write_down(&line);
        }
        self.look_anew(now);
        let files = Snapshot::of(&dir);
        // What somebody saved just then is none of it: the watch tries that.
        self.tried = if files.rules.sources == kept.sources { files } else { Snapshot::default() };
        let ready = self.prepare(&revived.plan);
        let stamps = self.quiet.stamps().clone();
        let fresh = self.apply(&wish, stamps, Loaded { revision: revived, tested: None, ready }, kept.tests);
        Ok(Rolled { fresh, restored })
    }

    fn apply(&mut self, wish: &Wish, stamps: Stamps, loaded: Loaded, tests: Vec<Source>) -> Fresh {
        let Loaded { revision, tested, ready } = loaded;
        let name = revision.plan.revision;
        tell_warnings(&revision);
        if let Some(failed) = tested.as_ref().filter(|tested| tested.failed > 0) {
            let lang = lang_of_environment();
            tracing::warn!(revision = %name, "{}\n{}", lang.of("rules: tests fail, and they are loaded all the same (rules.tests = \"warn\"):", "规则：测试未通过，仍按 rules.tests = \"warn\" 加载："), failed.text(lang));
        }
        if let Some(Fewer { before, gone }) = tested.as_ref().and_then(|tested| tested.fewer.as_ref()) {
            let (tests, gone) = (tested.as_ref().map(|tested| tested.ran), shown(&gone.join(", ")).into_owned());
            let lang = lang_of_environment();
            tracing::warn!(revision = %name, tests, before, gone, "{}", lang.of("rules: there are fewer tests than before", "规则：测试比以前少"));
        }
        let kept = Kept { dir: self.place.dir.clone(), sources: revision.sources.clone(), tests };
        keep_rules(&self.place.data, name, &kept);
        let mut line = self.line(wish, &stamps, name, wish.how);
        line.tests = tested.as_ref().map(Tested::of);
        (line.files, line.seats) = (revision.sources.len() as u64, Some(revision.seats() as u64));
        line.prompts = revision.sounds.map(|hash| hash.to_string());
        if revision.sounds != self.sounds {
            tell_sounds(revision.sounds);
        }
        self.sounds = revision.sounds;
        self.loaded = stamps;
        self.last = Some(std::mem::replace(&mut self.plan, Arc::clone(&revision.plan)));
        let fresh = Fresh {
            revision: name,
            seats: revision.seats(),
            warnings: revision.warnings.clone(),
            left_out: revision.left_out.clone(),
            sources: revision.sources.clone(),
            tests: tested,
        };
        self.bin.empty();
        if let Some(ready) = ready {
            // If the engine is gone, whoever sends the rules says so.
            self.mailbox.send(Message::Ready(Box::new(ready), self.bin.way()));
        }
        if !self.mailbox.send(Message::Rules(Box::new(revision))) {
            tracing::error!(revision = %name, "the engine is gone: nobody took the rules");
        }
        self.write_down(&line);
        self.status.loaded(self.place.clock.now().to_wall(self.place.clock.wall_offset()));
        fresh
    }

    /// Recordings are not kept, and so not restored.
    fn tell_other_sounds(&self, revision: hotline_model::Revision, now: Option<SoundsHash>) {
        let lines = rules_history::read(&self.place.data).unwrap_or_default();
        let then = lines.iter().rev().find(|line| line.revision() == revision && line.how != How::SetAside);
        if then.is_some_and(|then| then.prompts != now.map(|hash| hash.to_string())) {
            let lang = lang_of_environment();
            let says = lang.of(
                "rules: the folder's prompts are not those of then; a rollback restores no recordings",
                "规则：文件夹中的提示音与当时不同；回滚不恢复录音",
            );
            tracing::warn!(%revision, "{says}");
        }
    }

    /// Without it the engine's step takes longer, and that is all.
    fn prepare(&mut self, plan: &Arc<Plan>) -> Option<Ready> {
        let (plan, mailbox) = (Arc::clone(plan), self.mailbox.clone());
        self.do_now(move || layouts::prepare(&plan, &mailbox)).ok().flatten()
    }

    fn line(&self, wish: &Wish, stamps: &Stamps, revision: hotline_model::Revision, how: How) -> Line {
        let by = wish.by.clone().unwrap_or_else(|| match wish.how {
            How::Watch => self.who_changed(stamps),
            How::Start | How::Sighup | How::Api | How::Rollback | How::LastGood | How::SetAside => local_name().to_string(),
        });
        let now = self.place.clock.now().to_wall(self.place.clock.wall_offset());
        Line { note: wish.note.clone(), ..Line::new(now, revision, &by, how) }
    }

    /// The owner of the file that was changed last since the rules were loaded; of one that was taken away, of the folder in which it was.
    fn who_changed(&self, stamps: &Stamps) -> String {
        let changed = stamps.iter().filter(|(path, stamp)| self.loaded.get(*path) != Some(stamp));
        let last = changed.max_by_key(|(_, stamp)| stamp.2.max(stamp.3)).map(|(path, _)| path.as_path());
        let gone = self.loaded.keys().find(|path| !stamps.contains_key(*path)).and_then(|path| path.parent());
        let places = [last, gone, Some(&*self.place.dir)].into_iter().flatten();
        let owner = places.filter_map(|place| std::fs::metadata(place).ok()).next();
        owner.map_or_else(|| local_name().to_string(), |place| user_name(place.uid()).to_string())
    }

    fn write_down(&self, line: &Line) {
        if let Err(error) = rules_history::append(&self.place.data, line) {
            tracing::warn!(revision = line.revision, "{error:#}: `hotline rules log` will not show it");
        }
    }
}

fn tell_sounds(now: Option<SoundsHash>) {
    let lang = lang_of_environment();
    let hash = now.map(|hash| hash.to_string());
    tracing::info!(prompts = hash, "{}", lang.of("rules: the folder's prompts are others than before", "规则：文件夹中的提示音有变化"));
}

fn tell_refused(refused: &Refused, running: &Plan) {
    let lang = lang_of_environment();
    let words = in_words(refused);
    let says = lang.of("rules refused, the running ones stay", "规则未被采用，仍使用当前规则");
    let FirstError { code, place } = refused.first_error();
    tracing::error!(running = %running.revision, code, place, "{says}{}\n{words}", if lang == Lang::Zh { "：" } else { ":" });
}

fn in_words(refused: &Refused) -> String {
    match refused_in_words(refused, false) {
        Failed::Rules(text) => text,
        Failed::Setup(error) => format!("{error:#}"),
    }
}
