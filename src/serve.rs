//! `hotline serve`: binds, loads, takes up what was live, runs until told to stop.

use crate::api::{
    self,
    events::{Feed, Hub},
    live::Live,
};
use crate::cli::kept_out;
use crate::cli::words::lang_of_environment;
use crate::clock::Clock;
use crate::config::{Config, TestsBeforeLoad};
use crate::engine_thread::{EngineThread, Mailbox, Message};
use crate::first_rules::{self, First};
use crate::folder::{self, Refused, Revision};
use crate::groups::Groups;
use crate::input_log::{LogWriter, Sizes};
use crate::keep::Years;
use crate::look_up::LookUps;
use crate::media_worker::{self, MediaHandle, MediaOptions, MediaWorker};
use crate::memory;
use crate::notify;
use crate::past_rules::Kept;
use crate::rehearse::before_load;
use crate::reload::{Found, Reloader, Watch};
use crate::replay::Recorder;
use crate::rules_history::{self, How, Line};
use crate::sealed::{self, Key};
use crate::state::{SavedState, StateFile};
use crate::tcp::{Tcp, TcpOut};
use crate::waker::Waker;
use crate::{messages, past_calls, past_rules, rollback};
use anyhow::Context;
use crossbeam_channel::{Receiver, Sender};
use hotline_archive::{Archiver, ArchiverOptions, DATABASE, Journal, Recovered};
use hotline_engine::Input;
use hotline_media::{StreamId, Take};
use hotline_model::history::Transport;
use hotline_model::{Entry, Intent, Record, SeatId};
use hotline_rules::{Plan, Source};
use hotline_sip::{Listener, Trunk};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// Asked of the kernel per SIP socket: its default holds 92 INVITEs.
const RECEIVE_BUFFER: usize = 4 << 20;
/// How long the last BYEs may be answered.
const LAST_BYES: Duration = Duration::from_millis(700);
/// A port may still be held by a predecessor that is just ending.
const BIND_TRIES: u32 = 10;
/// Turns of journal entries that may wait to be told.
pub const NARRATION: usize = 4_096;

/// Findings that are told of rules that are refused; the rest is counted.
const TOLD: usize = 50;

/// The key of input logs, in the data directory.
pub const INPUT_LOG_KEY: &str = "input-log.key";

/// Why there is no hotline.
pub enum Failed {
    /// Wrong configuration or rules, or a port that is taken: exit 2.
    Setup(anyhow::Error),
    /// The rules have errors, already in words.
    Rules(String),
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self::Setup(error)
    }
}

/// What a start may want besides its configuration.
#[derive(Default)]
pub struct StartOptions {
    /// Told what happens, after it was journalled.
    pub narrator: Option<Sender<Vec<Entry>>>,
    /// Where the engine's inputs are logged for `hotline replay`, and how much of them.
    pub input_log: Option<(PathBuf, Sizes)>,
    /// Rather not started than with other rules than those in the folder.
    pub strict: bool,
    /// After-call work of every queue instead of that of the rules (the demo's).
    pub wrap_up: Option<Duration>,
}

/// A hotline that runs.
pub struct Running {
    /// The way to the engine.
    pub mailbox: Mailbox,
    /// The rules it started with.
    pub plan: Arc<Plan>,
    /// Where it listens for SIP over UDP.
    pub udp: Vec<SocketAddr>,
    /// The control API, if `http.listen` is not off.
    pub api: Option<api::Running>,
    clock: Clock,
    engine: JoinHandle<anyhow::Result<()>>,
    io: tokio::runtime::Runtime,
    archiver: ArchiverThread,
    reloader: Reloader,
    media: MediaWorker,
}

/// Starts a hotline.
///
/// # Errors
/// See [`Failed`].
pub fn start(config: &Config, clock: Clock, options: StartOptions) -> Result<Running, Failed> {
    raise_file_limit();
    let data = config.data_dir();
    // Callers' numbers stand in what is written from here on.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    std::fs::create_dir_all(&data).with_context(|| format!("cannot make the data directory {}", data.display()))?;
    let sockets = Sockets::bind(config)?;
    let http = config.http.listen.0.map(api::bind).transpose()?;
    end_rollback(&data, &config.rules_dir());
    let First { revision, found, last_good } = first_rules(config, &data, &sockets, &options)?;
    let (last_good, refused) = last_good.unzip();
    let tests = tests_beside(config, &data, &revision);
    write_history(&config.rules_dir(), &data, clock, &revision, (last_good.as_ref(), tests));
    let found = Found { files: found, refused, sounds: revision.sounds };
    let plan = Arc::clone(&revision.plan);
    let (journal, mut recovered) = open_journal(config, &data)?;
    // Before the archiver drops old segments: what they hold besides calls.
    let (state_file, mut saved) = StateFile::open(&data);
    saved.follow_hot_desks(std::mem::take(&mut recovered.hot_desks));
    saved.follow_wrong_pins(std::mem::take(&mut recovered.wrong_pins));
    saved.follow_switches(std::mem::take(&mut recovered.switched));
    saved.catch_up(std::mem::take(&mut recovered.registrations), std::mem::take(&mut recovered.chosen));
    state_file.keep(&saved);
    let years = Years::of(&plan);
    let archiver = ArchiverThread::spawn(Archiver::new(&data, &data.join(DATABASE), ArchiverOptions::default()).keeping(years.cutoff()))?;

    let waker = Waker::default();
    let (mailbox, messages) = Mailbox::new(waker.clone());
    let (recordings, takes) = messages::way();
    let (media, media_handle, media_events) = start_media(config, waker.clone(), recordings)?;
    let (keeper, kept, keep) = (data.clone(), years.clone(), media_handle.clone());
    spawn("messages", move || messages::keep_all(&keeper, &takes, &keep, &kept))?;
    let engine_config = engine_config(config, &sockets, media.addresses(), recovered.epoch)?;
    let mut engine = make_engine(clock, engine_config, &revision, &data, (&options, config.router.threads), saved, &recovered)?;
    let groups = Groups::spawn(engine.engine(), clock, &mailbox)?;

    let io = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("io").enable_all().build();
    let io = io.context("cannot start the io runtime")?;
    let tcp = start_tcp(&io, sockets.tcp, &mailbox, config.limits.connections)?;
    let (remember, changed) = crossbeam_channel::bounded(1);
    spawn("state", move || state_file.save_all(&changed, clock))?;
    let hub = Arc::new(Hub::new(recovered.epoch, Live::of(recovered.live.values().filter_map(|events| Record::fold(events)))));
    let (missed, mut narrator, mut feed) = (Arc::default(), options.narrator, None);
    if http.is_some() {
        let (sender, entries) = narration();
        feed = Some(Feed { entries, missed: Arc::clone(&missed), next: narrator.replace(sender), data: data.clone() });
    }
    let look_ups = LookUps::new(io.handle().clone(), mailbox.clone(), clock);
    let (udp, media_thread) = (sockets.udp, media_handle);
    let thread = EngineThread {
        clock,
        engine,
        udp,
        messages,
        media: media_thread,
        media_events,
        tcp,
        look_ups,
        groups,
        journal,
        narrator,
        missed,
        contacts: Arc::clone(hub.contacts()),
        remember,
        years,
        waker,
    };
    let engine = spawn("engine", move || thread.run())?;
    let (past, now, told) = (data.clone(), clock.now().to_wall(clock.wall_offset()), mailbox.clone());
    let epoch = recovered.epoch;
    let after_start = move || {
        past_calls::tell(&past, now, &told);
        messages::sweep_unwanted(&past, epoch);
    };
    spawn("past-calls", after_start)?;
    let watched = mailbox.clone();
    spawn("memory", move || memory::watch(&watched))?;
    let reloader = Reloader::spawn(
        Watch { dir: config.rules_dir(), data: data.clone(), listeners: sockets.listeners, tests: config.rules.tests, clock },
        found,
        revision.plan,
        mailbox.clone(),
    )?;
    let start_api = |(listener, feed)| {
        let parts = api::Parts { mailbox: mailbox.clone(), clock, reloading: reloader.reloading(), hub, feed };
        api::start(listener, &data, parts)
    };
    let api = http.zip(feed).map(start_api).transpose()?;
    Ok(Running { api, mailbox, plan, udp: sockets.udp_addresses, clock, engine, io, archiver, reloader, media })
}

/// The SIP sockets, bound.
struct Sockets {
    udp: Vec<std::net::UdpSocket>,
    tcp: Vec<std::net::TcpListener>,
    udp_addresses: Vec<SocketAddr>,
    tcp_addresses: Vec<SocketAddr>,
    /// All of them.
    listeners: Vec<SocketAddr>,
}

impl Sockets {
    fn bind(config: &Config) -> anyhow::Result<Self> {
        let udp = config.sip.udp.0.iter().map(|address| bind_udp(*address)).collect::<anyhow::Result<Vec<_>>>()?;
        let tcp = config.sip.tcp.0.iter().map(|address| bind_tcp(*address)).collect::<anyhow::Result<Vec<_>>>()?;
        let udp_addresses: std::io::Result<Vec<_>> = udp.iter().map(std::net::UdpSocket::local_addr).collect();
        let tcp_addresses: std::io::Result<Vec<_>> = tcp.iter().map(std::net::TcpListener::local_addr).collect();
        let (udp_addresses, tcp_addresses) = (udp_addresses.context("a SIP socket")?, tcp_addresses.context("a SIP socket")?);
        let listeners = udp_addresses.iter().chain(&tcp_addresses).copied().collect();
        Ok(Self { udp, tcp, udp_addresses, tcp_addresses, listeners })
    }
}

fn first_rules(config: &Config, data: &Path, sockets: &Sockets, options: &StartOptions) -> Result<First, Failed> {
    let first = first_rules::load(&config.rules_dir(), data, &sockets.listeners, options.strict);
    let mut first = first.map_err(|refused| refused_in_words(&refused, true))?;
    tell_warnings(&first.revision);
    if let Some(wrap_up) = options.wrap_up {
        shorten_wrap_up(&mut first.revision, wrap_up);
    }
    Ok(first)
}

/// Without them `why` tells less of the calls of now some day, which is no reason not to run.
pub fn keep_rules(data: &Path, revision: hotline_model::Revision, kept: &Kept) {
    if let Err(error) = past_rules::keep(data, revision, kept) {
        tracing::warn!(%revision, "{error:#}: once they have changed, `why` explains the calls of now by seats' states only");
    }
}

/// A rollback during which the last run ended is ended before the rules are read.
fn end_rollback(data: &Path, dir: &Path) {
    match rollback::finish(data, dir) {
        Ok(None) => {}
        Ok(Some(revision)) => {
            tracing::warn!(%revision, "rules: the last run ended while it restored this revision; its files are complete now")
        }
        Err(error) => {
            tracing::error!("rules: the last run ended while it restored a revision, and its files can't be completed: {error:#}")
        }
    }
}

/// The tests beside the rules; if they are gone, those of the last run, which a reload asks for.
fn tests_beside(config: &Config, data: &Path, revision: &Revision) -> Vec<Source> {
    let found = folder::reader::tests(&config.rules_dir()).sources;
    let last = rules_history::running(data).ok().flatten().and_then(|name| past_rules::find(data, name));
    let Some(last) = last.filter(|_| config.rules.tests == TestsBeforeLoad::Require) else { return found };
    let Some((finding, source)) = before_load::gone(&last.tests, &revision.plan, &found) else { return found };
    let (lang, place) = (lang_of_environment(), source.path);
    let says = lang.of("until then no rules are loaded", "在此之前不加载新的规则");
    let (message, help) = (finding.message.of(lang), finding.help.as_ref().map_or("", |help| help.of(lang)));
    tracing::warn!(code = finding.code, place, "{message}; {help}; {says}");
    last.tests
}

/// Says which rules run from now on, and whether they are those that ran last.
fn write_history(dir: &Path, data: &Path, clock: Clock, revision: &Revision, (last_good, tests): (Option<&Kept>, Vec<Source>)) {
    let name = revision.plan.revision;
    let found = || Kept { dir: dir.to_owned(), sources: revision.sources.clone(), tests };
    keep_rules(data, name, &last_good.cloned().unwrap_or_else(found));
    if let Ok(Some(before)) = rules_history::running(data)
        && before != name
    {
        tracing::warn!(before = %before, now = %name, "rules: the files are not those that ran when the hotline ended; `hotline rules diff {before} {name}` shows the difference");
    }
    let how = if last_good.is_some() { How::LastGood } else { How::Start };
    let mut line = Line::new(clock.now().to_wall(clock.wall_offset()), name, &api::auth::local_name(), how);
    line.prompts = revision.sounds.map(|hash| hash.to_string());
    (line.files, line.seats) = (revision.sources.len() as u64, Some(revision.seats() as u64));
    if let Err(error) = rules_history::append(data, &line) {
        tracing::warn!(revision = %name, "{error:#}: `hotline rules log` will not show it");
    }
}

fn open_journal(config: &Config, data: &Path) -> anyhow::Result<(Journal, Recovered)> {
    let spool = hotline_archive::Options {
        segment_bytes: config.data.segment_mib << 20,
        reserve_bytes: config.data.reserve_mib << 20,
        memory_bytes: config.data.memory_mib << 20,
        ..hotline_archive::Options::default()
    };
    let (journal, recovered) = Journal::open(data, spool).map_err(|error| anyhow::anyhow!(error))?;
    tell_damage(&recovered);
    journal.syncer().spawn(Duration::from_secs(1)).context("cannot start the journal's syncer")?;
    Ok((journal, recovered))
}

fn start_media(
    config: &Config,
    waker: Waker,
    recordings: Sender<(StreamId, Take)>,
) -> anyhow::Result<(MediaWorker, MediaHandle, Receiver<hotline_media::Event>)> {
    let addresses = config.rtp.ports.even().map(|port| SocketAddr::new(config.rtp.address, port)).collect();
    media_worker::spawn(MediaOptions { addresses, recordings: Some(recordings), ..MediaOptions::default() }, move || waker.wake())
}

fn make_engine(
    clock: Clock,
    config: hotline_engine::Config,
    revision: &Revision,
    data: &Path,
    (options, groups): (&StartOptions, u8),
    saved: SavedState,
    recovered: &Recovered,
) -> anyhow::Result<Recorder> {
    let create = |(path, sizes): &(PathBuf, Sizes)| LogWriter::create(path, &Key::read_or_make(&data.join(INPUT_LOG_KEY))?, *sizes);
    let log = options.input_log.as_ref().map(create).transpose()?;
    let mut engine = Recorder::new(clock.now(), clock.wall_offset(), config, revision, groups, log);
    take_back(&mut engine, &clock, saved);
    engine.restore(clock.now(), &recovered.live);
    tell_kept_out(engine.engine(), &clock);
    Ok(engine)
}

/// Nobody works, nobody may begin to, and callers are let in (R138).
fn tell_kept_out(engine: &hotline_engine::Engine, clock: &Clock) {
    let plan = engine.plan();
    let seats = (0u32..).map(SeatId).take(plan.seats.len());
    let works = seats.map(|seat| engine.seat_state(seat).intent).any(|intent| intent != Intent::SignedOut);
    if let Some(why) = kept_out::while_callers_wait(plan, clock.now().to_wall(clock.wall_offset())).filter(|_| !works) {
        tracing::warn!("{}", why.of(lang_of_environment()));
    }
}

fn start_tcp(
    io: &tokio::runtime::Runtime,
    listeners: Vec<std::net::TcpListener>,
    mailbox: &Mailbox,
    limit: usize,
) -> anyhow::Result<TcpOut> {
    let (hub, out) = Tcp::new(mailbox.clone(), limit);
    let _runtime = io.enter();
    let listeners = listeners.into_iter().map(tokio::net::TcpListener::from_std).collect::<std::io::Result<Vec<_>>>();
    io.spawn(hub.run(listeners.context("a SIP socket")?));
    Ok(out)
}

fn spawn<T: Send + 'static>(name: &str, run: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<JoinHandle<T>> {
    std::thread::Builder::new().name(name.into()).spawn(run).with_context(|| format!("cannot start the thread {name}"))
}

impl Running {
    /// Waits for SIGTERM or SIGINT, then lets live calls end (at most `limit`; a second signal cuts that short), then stops.
    ///
    /// # Errors
    /// The engine's thread failed.
    pub fn wait_for_signal(mut self, limit: Duration) -> anyhow::Result<()> {
        let mut signals = {
            let _runtime = self.io.enter();
            [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal)
        };
        let [terminate, interrupt, hangup] = &mut signals;
        let (Ok(terminate), Ok(interrupt), Ok(hangup)) = (terminate, interrupt, hangup) else { anyhow::bail!("cannot listen for signals") };
        self.io.block_on(async {
            loop {
                tokio::select! {
                    _ = terminate.recv() => break,
                    _ = interrupt.recv() => break,
                    _ = hangup.recv() => self.reloader.reload_now(),
                    () = tokio::time::sleep(Duration::from_secs(1)) => if self.engine.is_finished() { break },
                }
            }
        });
        self.reloader.begin_stop();
        self.io.block_on(async {
            self.drain(limit, terminate, interrupt).await;
            self.hang_up().await;
        });
        self.stop()
    }

    async fn drain(&self, limit: Duration, terminate: &mut tokio::signal::unix::Signal, interrupt: &mut tokio::signal::unix::Signal) {
        notify::tell("STOPPING=1");
        tracing::info!("draining: no new calls, live ones may end (at most {} s; a second signal ends them now)", limit.as_secs());
        self.mailbox.send(Message::Drain);
        if let Some(api) = &self.api {
            api.drain();
        }
        let until = Instant::now() + limit;
        while Instant::now() < until && self.has_calls_on_line() {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = interrupt.recv() => return,
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
        }
    }

    /// Whether somebody is on the line; an engine too busy to say has callers. A wrap-up holds nobody up: the stop ends it.
    fn has_calls_on_line(&self) -> bool {
        !self.engine.is_finished() && self.mailbox.look().is_none_or(|look| look.on_line > 0)
    }

    /// Whether calls are live or in wrap-up; an engine too busy to say has some.
    fn has_calls(&self) -> bool {
        !self.engine.is_finished() && self.mailbox.look().is_none_or(|look| look.calls > 0)
    }

    /// Ends what is left with BYE, and waits for the answers.
    async fn hang_up(&self) {
        let Some(look) = self.mailbox.look().filter(|look| look.calls > 0) else { return };
        self.mailbox.send(Message::HangUp);
        if look.on_line > 0 {
            tracing::warn!(calls = look.on_line, "hanging up");
            tokio::time::sleep(LAST_BYES).await;
        }
    }

    /// Takes no new calls and waits until all are archived, at most `limit`.
    pub fn settle(&self, limit: Duration) {
        self.mailbox.send(Message::Drain);
        let until = Instant::now() + limit;
        while Instant::now() < until && self.has_calls() {
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Stops at once; live calls are taken up again by the next start.
    ///
    /// # Errors
    /// The engine's thread failed.
    pub fn stop(self) -> anyhow::Result<()> {
        self.mailbox.send(Message::Stop);
        let ended = self.engine.join().map_err(|_| anyhow::anyhow!("the engine's thread panicked"))?;
        if let Some(api) = self.api {
            api.stop();
        }
        self.reloader.stop();
        self.media.stop();
        self.archiver.stop();
        self.io.shutdown_background();
        tracing::info!(uptime_s = self.clock.now().0 / 1_000_000, "stopped");
        ended
    }
}

/// The archiver on a thread of its own: its reads block.
struct ArchiverThread {
    stop: tokio::sync::watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl ArchiverThread {
    fn spawn(archiver: Archiver) -> anyhow::Result<Self> {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the archiver")?;
        let run = move || runtime.block_on(archiver.run(stopped));
        let thread = std::thread::Builder::new().name("archive".into()).spawn(run).context("cannot start the archiver")?;
        Ok(Self { stop, thread })
    }

    fn stop(self) {
        self.stop.send_replace(true);
        if self.thread.join().is_err() {
            tracing::error!("the archiver had panicked; the journal keeps what it did not store");
        }
    }
}

fn engine_config(config: &Config, sockets: &Sockets, rtp_ports: &[SocketAddr], epoch: u32) -> anyhow::Result<hotline_engine::Config> {
    let listener = |transport| move |local: &SocketAddr| Listener { transport, local: *local, advertise: config.sip.advertise.clone() };
    let (udp, tcp) = (&sockets.udp_addresses, &sockets.tcp_addresses);
    let listeners = udp.iter().map(listener(Transport::Udp)).chain(tcp.iter().map(listener(Transport::Tcp))).collect();
    let mut sip = hotline_sip::Config { listeners, realm: config.sip.realm.clone(), ..hotline_sip::Config::default() };
    sip.product = (!config.sip.product.is_empty()).then(|| config.sip.product.clone());
    for trunk in &config.sip.trunks {
        let (net, prefix) = trunk.network().expect("checked when it was read");
        sip.trunks.push(Trunk { name: trunk.name.as_str().into(), net, prefix, per_second: trunk.per_second });
    }
    let first = udp.first().or(tcp.first()).expect("one listener at least, checked when it was read");
    let identity = config.sip.advertise.clone().unwrap_or_else(|| first.to_string());
    Ok(hotline_engine::Config {
        sip,
        rtp_ports: rtp_ports.to_vec(),
        rtp_advertise: config.rtp.advertise,
        identity,
        epoch,
        shard: 0,
        max_calls: config.limits.calls,
        seed: sealed::random()?,
    })
}

fn take_back(engine: &mut Recorder, clock: &Clock, saved: SavedState) {
    let (hot_desks, wrong_pins, switches, emergency) = (saved.hot_desks(), saved.wrong_pins(), saved.switches(), saved.emergency());
    let (bindings, chosen) = saved.into_parts(clock.wall_offset());
    // Who is signed out leaves the telephone of others at the next change of its state: what agents chose comes before where they sit.
    for (name, intent) in chosen {
        let seat = engine.engine().plan().seat_names.get(&*name).copied();
        if let Some(seat) = seat.filter(|seat| engine.engine().seat_state(*seat).intent != intent) {
            engine.handle(clock.now(), Input::Intent { seat, intent });
        }
    }
    for (phone, seat) in hot_desks {
        engine.handle(clock.now(), Input::Seated { phone, seat });
    }
    for tries in wrong_pins {
        engine.handle(clock.now(), Input::WrongPins(tries));
    }
    for switch in switches {
        engine.handle(clock.now(), Input::Switch(switch));
    }
    if let Some(at) = emergency {
        engine.handle(clock.now(), Input::Emergency(at));
    }
    if !bindings.is_empty() {
        tracing::info!(registrations = bindings.len(), "taken back from the last run");
    }
    engine.restore_bindings(clock.now(), bindings);
}

fn bind_udp(address: SocketAddr) -> anyhow::Result<std::net::UdpSocket> {
    let socket = patiently(|| std::net::UdpSocket::bind(address)).with_context(|| cannot_listen("UDP", address))?;
    socket.set_nonblocking(true).context("a SIP socket")?;
    let forced = rustix::net::sockopt::set_socket_recv_buffer_size_force(&socket, RECEIVE_BUFFER);
    if forced.is_err() && rustix::net::sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER).is_err() {
        tracing::warn!(%address, "the SIP receive buffer could not be enlarged; see `hotline doctor`");
    }
    Ok(socket)
}

fn bind_tcp(address: SocketAddr) -> anyhow::Result<std::net::TcpListener> {
    let listener = patiently(|| std::net::TcpListener::bind(address)).with_context(|| cannot_listen("TCP", address))?;
    listener.set_nonblocking(true).context("a SIP socket")?;
    Ok(listener)
}

fn patiently<T>(bind: impl Fn() -> std::io::Result<T>) -> std::io::Result<T> {
    let in_use = |bound: &std::io::Result<T>| bound.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
    for _ in 1..BIND_TRIES {
        let bound = bind();
        if !in_use(&bound) {
            return bound;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bind()
}

fn cannot_listen(transport: &str, address: SocketAddr) -> String {
    format!(
        "cannot listen on {transport} {address} (is another hotline or SIP server running there? change sip.udp/sip.tcp, or see `hotline doctor`)"
    )
}

fn raise_file_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum && setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_err() {
        tracing::warn!("the limit of open files could not be raised; see `hotline doctor`");
    }
}

/// Logs the findings of rules that are used all the same.
pub fn tell_warnings(revision: &Revision) {
    let lang = lang_of_environment();
    let rules = lang.of("rules: ", "规则：");
    for finding in &revision.warnings {
        let (line, column) = finding.line_and_column(&revision.sources);
        let place = format!("{}:{line}:{column}", revision.sources[finding.file].path);
        tracing::warn!(code = finding.code, place, "{rules}{}", finding.message.of(lang));
    }
    for fault in &revision.left_out {
        tracing::warn!("{rules}{}", fault.in_words().of(lang));
    }
    let loaded = lang.of("rules loaded", "规则已加载");
    tracing::info!(revision = %revision.plan.revision, files = revision.sources.len(), seats = revision.seats(), "{loaded}");
}

fn tell_damage(recovered: &Recovered) {
    for (path, error) in &recovered.damaged {
        tracing::warn!(segment = %path.display(), "journal: {error}");
    }
    if !recovered.live.is_empty() {
        tracing::warn!(calls = recovered.live.len(), "the last run ended with live calls: they are taken up again");
    }
}

/// A refusal for people.
pub fn refused_in_words(refused: &Refused, at_start: bool) -> Failed {
    let lang = lang_of_environment();
    let end = if at_start {
        lang.of(" Nothing was started.", "未启动。")
    } else {
        lang.of(" The running rules stay.", "仍使用当前规则。")
    };
    match refused {
        Refused::Unreadable(why) => Failed::Setup(anyhow::anyhow!("{}", why.of(lang))),
        Refused::Findings(findings, sources) => {
            let shown = &findings[..findings.len().min(TOLD)];
            let text = hotline_rules::render(shown, sources, hotline_rules::Style::Plain, lang);
            Failed::Rules(format!("{text}\n{}{end}", hotline_rules::summary(findings, sources, lang)))
        }
        Refused::Tests(tests) => Failed::Rules(format!("{}{}{end}", tests.text(lang), lang.of(".", "。"))),
    }
}

fn shorten_wrap_up(revision: &mut Revision, wrap_up: Duration) {
    let plan = Arc::get_mut(&mut revision.plan).expect("nobody else has it yet");
    plan.queues.iter_mut().for_each(|queue| queue.wrap_up = wrap_up);
    plan.seats.iter_mut().for_each(|seat| seat.wrap_up = None);
}

/// Says why there is no hotline, for exit 2.
pub fn tell(failed: Failed) -> ExitCode {
    match failed {
        Failed::Rules(text) => eprintln!("{text}"),
        Failed::Setup(error) => eprintln!("hotline: {error:#}"),
    }
    ExitCode::from(2)
}

/// A channel for what happens, of the usual size.
pub fn narration() -> (Sender<Vec<Entry>>, Receiver<Vec<Entry>>) {
    crossbeam_channel::bounded(NARRATION)
}
