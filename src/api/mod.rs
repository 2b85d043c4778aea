//! The control API: HTTP on a runtime of its own, in front of the engine's mailbox. It never makes the engine wait, and says 503 when that is late.

mod absent;
pub mod act;
pub mod asked;
pub mod auditor;
pub mod auth;
pub mod client;
pub mod events;
pub mod live;
pub mod messages;
mod metrics;
pub mod nouns;
pub mod openapi;
pub mod problem;
pub mod routes;
mod rules;
mod serve;
#[cfg(test)]
mod tests;
pub mod told;
mod wire;

use crate::audit::Attempt;
use crate::clock::Clock;
use crate::engine_thread::{Look, Mailbox};
use crate::reload::Reloading;
use act::Asked;
use anyhow::Context;
use auditor::Auditor;
use auth::Auth;
use events::{Feed, Hub};
use hotline_archive::Look as Records;
use hotline_model::WallTime;
use problem::Problem;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::sync::{OnceCell, Semaphore};

/// Requests that are being answered at a time, listeners to events aside.
const AT_A_TIME: usize = 64;

/// All that answering needs.
pub struct Api {
    clock: Clock,
    mailbox: Mailbox,
    auth: Auth,
    auditor: Auditor,
    hub: Arc<Hub>,
    reloading: Reloading,
    data: PathBuf,
    records: OnceCell<Records>,
    kept_look: tokio::sync::Mutex<Option<(Instant, Arc<Look>)>>,
    /// Orders on messages follow each other.
    message_orders: tokio::sync::Mutex<()>,
    in_flight: Semaphore,
    draining: Arc<AtomicBool>,
}

/// What the API needs of the hotline.
pub struct Parts {
    /// The way to the engine.
    pub mailbox: Mailbox,
    /// The time.
    pub clock: Clock,
    /// The way to the rules.
    pub reloading: Reloading,
    /// What happens, and the calls that the last run left.
    pub hub: Arc<Hub>,
    /// What fills the hub.
    pub feed: Feed,
}

/// The API while it runs.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    runtime: tokio::runtime::Runtime,
    draining: Arc<AtomicBool>,
    data: PathBuf,
}

impl Running {
    /// From now on `/readyz` says that no new calls are taken.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Ends it.
    pub fn stop(self) {
        client::forget(&self.data);
        self.runtime.shutdown_background();
    }
}

/// Starts the API on a bound listener; the way for the command line is left in the data directory.
///
/// # Errors
/// The people or the audit log can't be read, or a thread or a file can't be made.
pub fn start(listener: TcpListener, data: &Path, parts: Parts) -> anyhow::Result<Running> {
    let address = listener.local_addr().context("the HTTP socket")?;
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "http.listen: tokens go over the network in clear; put a TLS proxy in front, and keep others out");
    }
    let (auth, token) = Auth::open(data)?;
    let auditor = Auditor::spawn(data)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).max_blocking_threads(4).thread_name("http").enable_all().build();
    let runtime = runtime.context("cannot start the http runtime")?;
    let Parts { mailbox, clock, reloading, hub, feed } = parts;
    let draining = Arc::new(AtomicBool::new(false));
    let (fed, box_of_feed) = (Arc::clone(&hub), mailbox.clone());
    std::thread::Builder::new()
        .name("events".into())
        .spawn(move || feed.run(&fed, &box_of_feed))
        .context("cannot start the events' thread")?;
    let api = Arc::new(Api {
        clock,
        mailbox,
        auth,
        auditor,
        hub,
        reloading,
        data: data.to_owned(),
        records: OnceCell::new(),
        kept_look: tokio::sync::Mutex::new(None),
        message_orders: tokio::sync::Mutex::new(()),
        in_flight: Semaphore::new(AT_A_TIME),
        draining: Arc::clone(&draining),
    });
    // Who is answered finds this run's token there, whatever was asked with: see [`client::Client`].
    client::leave(data, address, &token)?;
    {
        let _runtime = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener).context("the HTTP socket")?;
        runtime.spawn(serve::run(listener, api));
    }
    Ok(Running { address, runtime, draining, data: data.to_owned() })
}

/// Binds the API's address.
///
/// # Errors
/// It is taken, or not this machine's.
pub fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address);
    let listener = bound.with_context(|| {
        format!("cannot listen on HTTP {address} (does another program, or another hotline, listen there? change http.listen; \"off\" does without)")
    })?;
    listener.set_nonblocking(true).context("the HTTP socket")?;
    Ok(listener)
}

impl Api {
    fn now(&self) -> WallTime {
        self.clock.now().to_wall(self.clock.wall_offset())
    }

    /// The records, opened once.
    async fn records(&self) -> Result<&Records, Problem> {
        self.records.get_or_try_init(|| Records::open(&self.data)).await.map_err(Problem::no_records)
    }

    /// Writes what was tried into the audit log; whether it is in the file.
    async fn audit_now(&self, asked: &Asked, result: &str) -> bool {
        let method = routes::row(asked.route).method.word();
        let path = routes::row(asked.route).path;
        let object = asked.object.as_deref().unwrap_or_default();
        let what = format!("{method} {}", path.replace("{name}", object).replace("{id}", object));
        let reveal = asked.query.iter().any(|(key, value)| key == "reveal" && value == "true");
        let what = if reveal { format!("{what}?reveal=true") } else { what };
        let with = serde_json::from_slice(&asked.body).ok().filter(|_| asked.body.len() <= 1_024);
        let source = asked.peer;
        self.auditor
            .write(Attempt { at: self.now(), who: asked.person.name.to_string(), what, with, result: result.to_owned(), source })
            .await
    }
}
