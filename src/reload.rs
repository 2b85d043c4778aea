//! Loads the rules again when their files change or SIGHUP says so. A wrong file never changes a running hotline.

use crate::engine_thread::{Mailbox, Message};
use crate::folder::{self, Revision};
use crate::serve::{Failed, keep_rules, refused_in_words, tell_warnings};
use anyhow::Context;
use crossbeam_channel::{RecvTimeoutError, Sender};
use hotline_rules::{Plan, Source};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the files are looked at; a change counts once two looks agree, so that a half-written file is left alone.
const LOOK: Duration = Duration::from_millis(500);

enum Order {
    Reload,
    Stop,
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
                    Ok(Order::Reload) => watched.reload(),
                    Err(RecvTimeoutError::Timeout) => watched.look(),
                    Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        Ok(Self { orders, thread: thread.context("cannot start the thread that watches the rules")? })
    }

    /// Loads again, changed or not.
    pub fn reload_now(&self) {
        if self.orders.try_send(Order::Reload).is_err() {
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
            self.reload();
        }
    }

    fn tell_unreadable(&mut self, why: &str) {
        if self.unreadable != why {
            why.clone_into(&mut self.unreadable);
            tracing::error!(running = %self.plan.revision, "rules: {why}; the running ones stay");
        }
    }

    fn reload(&mut self) {
        match folder::load(&self.place.dir, &self.place.listeners, Some(&self.plan)) {
            Ok(revision) => self.apply(revision),
            Err(refused) => {
                self.tried = self.seen.clone();
                let words = match refused_in_words(refused, false) {
                    Failed::Rules(text) => text,
                    Failed::Setup(error) => format!("{error:#}"),
                };
                tracing::error!(running = %self.plan.revision, "rules refused, the running ones stay:\n{words}");
            }
        }
    }

    fn apply(&mut self, revision: Revision) {
        self.tried = revision.sources.clone();
        self.seen = revision.sources.clone();
        self.plan = Arc::clone(&revision.plan);
        tell_warnings(&revision);
        keep_rules(&self.place.data, revision.plan.revision, &revision.sources);
        let (name, seats) = (revision.plan.revision, revision.seats());
        if !self.mailbox.send(Message::Rules(Box::new(revision))) {
            tracing::error!(revision = %name, seats, "the engine is gone: nobody took the rules");
        }
    }
}
