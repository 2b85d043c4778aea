//! Loads the rules again when their files change or SIGHUP says so. A wrong file never changes a running hotline.

use crate::engine_thread::{Mailbox, Message, Reply};
use crate::folder::{self, Refused, Revision};
use crate::serve::{Failed, keep_rules, refused_in_words, tell_warnings};
use anyhow::Context;
use crossbeam_channel::{RecvTimeoutError, Sender};
use hotline_rules::{Diagnostic, Plan, Source};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the files are looked at; a change counts once two looks agree, so that a half-written file is left alone.
const LOOK: Duration = Duration::from_millis(500);

enum Order {
    /// Whoever asked may be told what came of it.
    Reload(Option<Reply<Result<Fresh, Refused>>>),
    Stop,
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
    /// The files.
    pub sources: Vec<Source>,
}

/// A way to the thread that watches the rules.
#[derive(Clone)]
pub struct Reloading(Sender<Order>);

impl Reloading {
    /// Nobody loads anything.
    #[cfg(test)]
    pub fn to_nobody() -> Self {
        Self(crossbeam_channel::bounded(1).0)
    }

    /// Loads again, changed or not; `None` if reloads are under way already, or it takes longer than `limit`.
    pub async fn reload(&self, limit: Duration) -> Option<Result<Fresh, Refused>> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.0.try_send(Order::Reload(Some(Box::new(move |done| drop(sender.send(done)))))).ok()?;
        tokio::time::timeout(limit, receiver).await.ok()?.ok()
    }
}

/// The thread that watches the rules.
pub struct Reloader {
    orders: Sender<Order>,
    thread: JoinHandle<()>,
}

impl Reloader {
    /// Watches a folder that was loaded as `sources` and `plan`.
    ///
    /// # Errors
    /// The thread can't be started.
    pub fn spawn(place: Watch, sources: Vec<Source>, plan: Arc<Plan>, mailbox: Mailbox) -> anyhow::Result<Self> {
        let (orders, receiver) = crossbeam_channel::bounded(4);
        let mut watched = Watched { place, mailbox, plan, seen: sources.clone(), tried: sources, unreadable: String::new() };
        let thread = std::thread::Builder::new().name("rules".into()).spawn(move || {
            loop {
                match receiver.recv_timeout(LOOK) {
                    Ok(Order::Reload(answer)) => {
                        let done = watched.reload();
                        if let Some(answer) = answer {
                            answer(done);
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => watched.look(),
                    Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        Ok(Self { orders, thread: thread.context("cannot start the thread that watches the rules")? })
    }

    /// A way to it for others.
    pub fn reloading(&self) -> Reloading {
        Reloading(self.orders.clone())
    }

    /// Loads again, changed or not.
    pub fn reload_now(&self) {
        if self.orders.try_send(Order::Reload(None)).is_err() {
            tracing::warn!("rules: a reload is under way already");
        }
    }

    /// Ends the watch.
    pub fn stop(self) {
        if self.orders.send(Order::Stop).is_ok() && self.thread.join().is_err() {
            tracing::error!("the thread that watched the rules had panicked");
        }
    }
}

/// What is watched, and what new rules need.
pub struct Watch {
    /// The folder of rules.
    pub dir: PathBuf,
    /// The data directory, in which each revision is kept.
    pub data: PathBuf,
    /// Where SIP is listened for.
    pub listeners: Vec<SocketAddr>,
}

struct Watched {
    place: Watch,
    mailbox: Mailbox,
    plan: Arc<Plan>,
    /// What the last look saw.
    seen: Vec<Source>,
    /// What was last loaded or refused.
    tried: Vec<Source>,
    /// Why the folder can't be read, as it was told.
    unreadable: String,
}

impl Watched {
    fn look(&mut self) {
        let now = match folder::read_sources(&self.place.dir) {
            Ok(now) => now,
            Err(error) => return self.tell_unreadable(&format!("{error:#}")),
        };
        self.unreadable.clear();
        let settled = now == self.seen;
        self.seen = now;
        if settled && self.seen != self.tried {
            // What came of it is in the log.
            let _ = self.reload();
        }
    }

    fn tell_unreadable(&mut self, why: &str) {
        if self.unreadable != why {
            why.clone_into(&mut self.unreadable);
            tracing::error!(running = %self.plan.revision, "rules: {why}; the running ones stay");
        }
    }

    fn reload(&mut self) -> Result<Fresh, Refused> {
        match folder::load(&self.place.dir, &self.place.listeners, Some(&self.plan)) {
            Ok(revision) => Ok(self.apply(revision)),
            Err(refused) => {
                self.tried = self.seen.clone();
                tracing::error!(running = %self.plan.revision, "rules refused, the running ones stay:\n{}", in_words(&refused));
                Err(refused)
            }
        }
    }

    fn apply(&mut self, revision: Revision) -> Fresh {
        self.tried = revision.sources.clone();
        self.seen = revision.sources.clone();
        self.plan = Arc::clone(&revision.plan);
        tell_warnings(&revision);
        keep_rules(&self.place.data, revision.plan.revision, &revision.sources);
        let (name, seats) = (revision.plan.revision, revision.seats());
        let fresh = Fresh { revision: name, seats, warnings: revision.warnings.clone(), sources: revision.sources.clone() };
        if !self.mailbox.send(Message::Rules(Box::new(revision))) {
            tracing::error!(revision = %name, seats, "the engine is gone: nobody took the rules");
        }
        fresh
    }
}

fn in_words(refused: &Refused) -> String {
    match refused_in_words(refused, false) {
        Failed::Rules(text) => text,
        Failed::Setup(error) => format!("{error:#}"),
    }
}
