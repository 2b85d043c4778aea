//! The engine's input log and its replay: the same inputs at the same times give the same outputs, bit for bit.

use crate::folder::Revision;
use crate::input_log::{LogReader, LogThread, LogWriter};
use crate::sealed::Key;
use anyhow::{Context, bail};
use hotline_engine::{Answer, AskId, Engine, Input, Output, PastTalk, Prompts};
use hotline_media::{Clip, Command};
use hotline_model::history::{Flow, HandOrder, MessageOrder, Transport};
use hotline_model::{CallEvent, CallId, DeskOrder, Intent, Name, Number, SeatId, Switch, Timestamp, WallTime, WrongPins};
use hotline_router::{Asked, Letter, Report, Sight};
use hotline_rules::{GroupId, Source};
use hotline_sip::{Binding, Listener, Trunk};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

/// Rules as they can be compiled again.
#[derive(Clone, Serialize, Deserialize)]
struct Rules {
    sources: Vec<(String, String)>,
    prompts: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    now: Timestamp,
    wall_offset: i64,
    listeners: Vec<(Transport, SocketAddr, Option<String>)>,
    realm: String,
    product: Option<String>,
    trunks: Vec<(String, IpAddr, u8, Option<u32>)>,
    rtp_ports: Vec<SocketAddr>,
    rtp_advertise: Option<IpAddr>,
    identity: String,
    epoch: u32,
    shard: u8,
    max_calls: usize,
    seed: [u8; 32],
    rules: Rules,
}

#[derive(Serialize, Deserialize)]
enum Step {
    Head(Box<Head>),
    Live(BTreeMap<CallId, Vec<CallEvent>>),
    Bindings(Vec<LoggedBinding>),
    Datagram(Flow, Vec<u8>),
    Stream(Flow, Vec<u8>),
    StreamClosed(Flow),
    SendFailed(Flow),
    Media(hotline_media::Event),
    Wall(i64),
    Rules(Box<Rules>),
    Intent(SeatId, Intent),
    Answer(AskId, Answer),
    Drain,
    HangUp,
    Timeout,
    /// The hash of all outputs so far, and how many.
    Outputs([u8; 8], u64),
    ByHand(CallId, Name, HandOrder),
    Desk(SeatId, Name, DeskOrder),
    Seated(Name, Name),
    Past(Vec<PastTalk>),
    WrongPins(WrongPins),
    /// How many routers there are, right after the head; one if it is missing.
    Groups(u8),
    /// What the step before saw of seats by the hand of other threads.
    Sights(Vec<Sight>),
    Look(Vec<SeatId>),
    Report(u8, Box<Report>),
    Switch(Switch),
    Emergency(WallTime),
    Surveyed(Vec<(Number, WallTime)>),
    Message(CallId, Name, MessageOrder),
}

/// A registration: account, contact, flow, expiry, Call-ID, CSeq, q, instance.
type LoggedBinding = (String, String, Flow, Timestamp, String, u32, u16, Option<String>);

fn logged(binding: &Binding) -> LoggedBinding {
    let Binding { account, contact, flow, expires, call_id, cseq, q, instance } = binding.clone();
    (account.to_string(), contact, flow, expires, call_id, cseq, q, instance)
}

fn binding((account, contact, flow, expires, call_id, cseq, q, instance): LoggedBinding) -> Binding {
    Binding { account: account.into(), contact, flow, expires, call_id, cseq, q, instance }
}

/// An engine whose inputs are written down, if anybody wants them.
pub struct Recorder {
    engine: Engine,
    log: Option<Log>,
}

struct Log {
    file: LogThread,
    said: Said,
    told: u64,
}

#[derive(Default)]
struct Said {
    hash: Sha256,
    count: u64,
}

impl Recorder {
    /// Makes the engine, with so many routers in all; its inputs are logged from the first on.
    pub fn new(
        now: Timestamp,
        wall_offset: i64,
        config: hotline_engine::Config,
        revision: &Revision,
        groups: u8,
        log: Option<LogWriter>,
    ) -> Self {
        let head = log.is_some().then(|| Step::Head(Box::new(head(now, wall_offset, &config, revision))));
        let (plan, prompts) = (Arc::clone(&revision.plan), Arc::clone(&revision.prompts));
        let mut engine = Engine::with_groups(now, wall_offset, config, Arc::clone(&plan), Arc::clone(&prompts), groups);
        engine.handle(now, Input::Rules { plan, prompts });
        drop(engine.replaced());
        let mut recorder = Self { engine, log: log.map(|file| Log { file: LogThread::start(file), said: Said::default(), told: 0 }) };
        head.iter().for_each(|head| recorder.put(now, head));
        if groups > 1 {
            recorder.put(now, &Step::Groups(groups));
        }
        recorder
    }

    fn put(&mut self, now: Timestamp, step: &Step) {
        let Some(log) = &mut self.log else { return };
        if let Err(error) = log.put(now, step) {
            tracing::warn!(
                bytes = log.file.written(),
                "the input log can't be written and ends here: {error:#}; the hotline goes on without it"
            );
            self.log = None;
        }
    }

    /// Takes up the calls of the last run.
    pub fn restore(&mut self, now: Timestamp, live: &BTreeMap<CallId, Vec<CallEvent>>) {
        if self.log.is_some() {
            self.put(now, &Step::Live(live.clone()));
        }
        self.engine.restore(now, live);
        self.put_sights(now);
    }

    fn put_sights(&mut self, now: Timestamp) {
        let sights = self.engine.take_sights();
        if !sights.is_empty() {
            self.put(now, &Step::Sights(sights));
        }
    }

    /// Takes back the registrations of the last run.
    pub fn restore_bindings(&mut self, now: Timestamp, bindings: Vec<Binding>) {
        if self.log.is_some() {
            self.put(now, &Step::Bindings(bindings.iter().map(logged).collect()));
        }
        self.engine.restore_bindings(now, bindings);
        self.put_sights(now);
    }

    /// See [`Engine::handle`].
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        if self.log.is_some()
            && let Some(step) = step(&input)
        {
            self.put(now, &step);
        }
        self.engine.handle(now, input);
        self.put_sights(now);
    }

    /// New rules; see [`Input::Rules`].
    pub fn new_rules(&mut self, now: Timestamp, revision: Revision) {
        if self.log.is_some() {
            self.put(now, &Step::Rules(Box::new(rules(&revision))));
        }
        let Revision { plan, prompts, .. } = revision;
        self.engine.handle(now, Input::Rules { plan, prompts });
        self.put_sights(now);
    }

    /// See [`Engine::handle_timeout`].
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.put(now, &Step::Timeout);
        self.engine.handle_timeout(now);
        self.put_sights(now);
    }

    /// See [`Engine::poll_output`].
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.engine.poll_output();
        if let (Some(log), Some(output)) = (&mut self.log, &output) {
            log.said.note(output);
        }
        output
    }

    /// To be called when all outputs of a turn were taken.
    pub fn end_turn(&mut self, now: Timestamp) {
        if let Some(log) = &mut self.log
            && log.told != log.said.count
        {
            log.told = log.said.count;
            let outputs = Step::Outputs(log.said.digest(), log.said.count);
            self.put(now, &outputs);
        }
        if let Some(log) = self.log.take_if(|log| log.file.is_full()) {
            tracing::warn!(bytes = log.file.written(), "the input log has reached its limit and ends here; the hotline goes on without it");
        }
    }

    /// The engine, to look at, or for what needs no log.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }
}

impl Log {
    fn put(&mut self, now: Timestamp, step: &Step) -> anyhow::Result<()> {
        self.file.append(postcard::to_stdvec(&(now, step)).expect("a Vec takes any step"))?;
        // It comes each second: more than that is not lost when the process is killed.
        if matches!(step, Step::Wall(_) | Step::Head(_)) { self.file.flush() } else { Ok(()) }
    }
}

impl Said {
    fn note(&mut self, output: &Output) {
        self.count += 1;
        let words = match output {
            Output::Media(Command::Play { stream, play, clips, barge_in, then_music }) => {
                let names: Vec<_> = clips.iter().map(|clip| &clip.name).collect();
                format!("{stream:?} {play} {names:?} {barge_in} {then_music}")
            }
            Output::Media(command) => format!("{command:?}"),
            Output::Letter { group, letter } => in_words(*group, letter),
            output @ (Output::Sip(_) | Output::Journal(_) | Output::BindingsChanged | Output::Ask { .. }) => format!("{output:?}"),
        };
        self.hash.update((words.len() as u64).to_le_bytes());
        self.hash.update(words);
    }

    /// The first 8 bytes of the SHA-256 of all so far: the same from every compiler.
    fn digest(&self) -> [u8; 8] {
        let hash = self.hash.clone().finalize();
        std::array::from_fn(|n| hash[n])
    }
}

/// Rules are known by their revision.
fn in_words(group: GroupId, letter: &Letter) -> String {
    let Letter { heard, asked } = letter;
    match asked {
        Asked::Input(hotline_router::Input::Rules(plan)) => format!("{group:?} {heard} rules {}", plan.revision),
        Asked::Input(input) => format!("{group:?} {heard} {input:?}"),
        Asked::Foresee(call) => format!("{group:?} {heard} {call}?"),
    }
}

fn step(input: &Input<'_>) -> Option<Step> {
    Some(match input {
        Input::Sip(hotline_sip::Input::Datagram { flow, bytes }) => Step::Datagram(*flow, bytes.to_vec()),
        Input::Sip(hotline_sip::Input::Stream { flow, bytes }) => Step::Stream(*flow, bytes.to_vec()),
        Input::Sip(hotline_sip::Input::StreamClosed { flow }) => Step::StreamClosed(*flow),
        Input::Sip(hotline_sip::Input::SendFailed { flow }) => Step::SendFailed(*flow),
        Input::Media(event) => Step::Media(event.clone()),
        Input::Wall { offset } => Step::Wall(*offset),
        Input::Intent { seat, intent } => Step::Intent(*seat, *intent),
        Input::Answer { id, answer } => Step::Answer(*id, answer.clone()),
        Input::ByHand { call, by, order } => Step::ByHand(*call, by.clone(), order.clone()),
        Input::Desk { seat, by, order } => Step::Desk(*seat, by.clone(), order.clone()),
        Input::Seated { phone, seat } => Step::Seated(phone.clone(), seat.clone()),
        Input::WrongPins(tries) => Step::WrongPins(tries.clone()),
        Input::Switch(switch) => Step::Switch(switch.clone()),
        Input::Emergency(at) => Step::Emergency(*at),
        Input::Message { call, by, order } => Step::Message(*call, by.clone(), *order),
        Input::Past(talks) => Step::Past(talks.clone()),
        Input::Surveyed(asked) => Step::Surveyed(asked.clone()),
        Input::Look(seats) => Step::Look(seats.clone()),
        Input::Report { group, report } => Step::Report(group.0, report.clone()),
        Input::Drain => Step::Drain,
        Input::HangUp => Step::HangUp,
        Input::Rules { .. } => return None,
    })
}

fn rules(revision: &Revision) -> Rules {
    Rules {
        sources: revision.sources.iter().map(|source| (source.path.clone(), source.text.clone())).collect(),
        prompts: revision.prompts.names().map(|(language, name)| (language.to_string(), name.to_string())).collect(),
    }
}

fn head(now: Timestamp, wall_offset: i64, config: &hotline_engine::Config, revision: &Revision) -> Head {
    let sip = &config.sip;
    Head {
        now,
        wall_offset,
        listeners: sip.listeners.iter().map(|listener| (listener.transport, listener.local, listener.advertise.clone())).collect(),
        realm: sip.realm.clone(),
        product: sip.product.clone(),
        trunks: sip.trunks.iter().map(|trunk| (trunk.name.to_string(), trunk.net, trunk.prefix, trunk.per_second)).collect(),
        rtp_ports: config.rtp_ports.clone(),
        rtp_advertise: config.rtp_advertise,
        identity: config.identity.clone(),
        epoch: config.epoch,
        shard: config.shard,
        max_calls: config.max_calls,
        seed: config.seed,
        rules: rules(revision),
    }
}

/// What a replay found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// The first difference, in words.
    pub differs: Option<String>,
    /// Inputs fed.
    pub inputs: u64,
    /// Outputs that were the same.
    pub outputs: u64,
    /// Calls that ended.
    pub calls: u64,
}

/// Feeds a log, named by its first file, to a new engine and compares what it says.
///
/// # Errors
/// A log or key that can't be read.
pub fn replay(path: &Path, key: &Key) -> anyhow::Result<Replayed> {
    let mut steps = Steps { log: LogReader::open(path, key)?, next: None };
    let Some((now, Step::Head(head))) = steps.next()? else { bail!("{} is no input log", path.display()) };
    let groups = if let Some((_, Step::Groups(groups))) = steps.next_if(|step| matches!(step, Step::Groups(_)))? { groups } else { 1 };
    let mut engine = begin(now, *head, groups)?;
    let (mut said, mut replayed) = (Said::default(), Replayed::default());
    while let Some((now, step)) = steps.next()? {
        if let Step::Outputs(hash, count) = step {
            while let Some(output) = engine.poll_output() {
                said.note(&output);
            }
            if (said.digest(), said.count) != (hash, count) {
                let words = format!("the outputs differ after input {}: {} outputs here, {count} in the log", replayed.inputs, said.count);
                replayed.differs = Some(words);
                break;
            }
            replayed.outputs = count;
        } else {
            let seen = steps.next_if(|step| matches!(step, Step::Sights(_)))?;
            let seen = if let Some((_, Step::Sights(seen))) = seen { seen } else { Vec::new() };
            engine.foresee_sights(seen.clone());
            feed(&mut engine, now, step)?;
            replayed.inputs += 1;
            if engine.take_sights() != seen {
                replayed.differs = Some(format!("input {} sees other changes of seats than it saw then", replayed.inputs));
                break;
            }
        }
    }
    replayed.calls = engine.counters().ended;
    Ok(replayed)
}

fn begin(now: Timestamp, head: Head, groups: u8) -> anyhow::Result<Engine> {
    let listener = |(transport, local, advertise)| Listener { transport, local, advertise };
    let trunk = |(name, net, prefix, per_second): (String, _, _, _)| Trunk { name: name.into(), net, prefix, per_second };
    let sip = hotline_sip::Config {
        listeners: head.listeners.into_iter().map(listener).collect(),
        realm: head.realm,
        product: head.product,
        trunks: head.trunks.into_iter().map(trunk).collect(),
        ..hotline_sip::Config::default()
    };
    let config = hotline_engine::Config {
        sip,
        rtp_ports: head.rtp_ports,
        rtp_advertise: head.rtp_advertise,
        identity: head.identity,
        epoch: head.epoch,
        shard: head.shard,
        max_calls: head.max_calls,
        seed: head.seed,
    };
    let (plan, prompts) = compile(&head.rules, None)?;
    let mut engine = Engine::with_groups(now, head.wall_offset, config, Arc::clone(&plan), Arc::clone(&prompts), groups);
    engine.handle(now, Input::Rules { plan, prompts });
    Ok(engine)
}

fn compile(rules: &Rules, previous: Option<&hotline_rules::Plan>) -> anyhow::Result<(Arc<hotline_rules::Plan>, Arc<Prompts>)> {
    let sources: Vec<Source> = rules.sources.iter().map(|(path, text)| Source { path: path.clone(), text: text.clone() }).collect();
    let loaded = hotline_rules::load(&sources, previous);
    let loaded = loaded
        .map_err(|findings| anyhow::anyhow!("the log's rules: {}", hotline_rules::summary(&findings, &sources, hotline_model::Lang::En)))?;
    let mut prompts = Prompts::default();
    for (language, name) in &rules.prompts {
        prompts.insert(language, name, Arc::new(Clip::from_pcm16(name.as_str().into(), &[0; 160])));
    }
    Ok((Arc::new(loaded.plan), Arc::new(prompts)))
}

fn feed(engine: &mut Engine, now: Timestamp, step: Step) -> anyhow::Result<()> {
    use hotline_sip::Input as Sip;
    let input = match &step {
        Step::Datagram(flow, bytes) => Input::Sip(Sip::Datagram { flow: *flow, bytes }),
        Step::Stream(flow, bytes) => Input::Sip(Sip::Stream { flow: *flow, bytes }),
        Step::StreamClosed(flow) => Input::Sip(Sip::StreamClosed { flow: *flow }),
        Step::SendFailed(flow) => Input::Sip(Sip::SendFailed { flow: *flow }),
        Step::Media(event) => Input::Media(event.clone()),
        Step::Wall(offset) => Input::Wall { offset: *offset },
        Step::Intent(seat, intent) => Input::Intent { seat: *seat, intent: *intent },
        Step::Answer(id, answer) => Input::Answer { id: *id, answer: answer.clone() },
        Step::WrongPins(tries) => Input::WrongPins(tries.clone()),
        Step::Switch(switch) => Input::Switch(switch.clone()),
        Step::Emergency(at) => Input::Emergency(*at),
        Step::Message(call, by, order) => Input::Message { call: *call, by: by.clone(), order: *order },
        Step::Past(talks) => Input::Past(talks.clone()),
        Step::Surveyed(asked) => Input::Surveyed(asked.clone()),
        Step::Look(seats) => Input::Look(seats.clone()),
        Step::Report(group, report) => Input::Report { group: GroupId(*group), report: report.clone() },
        Step::ByHand(call, by, order) => Input::ByHand { call: *call, by: by.clone(), order: order.clone() },
        Step::Desk(seat, by, order) => Input::Desk { seat: *seat, by: by.clone(), order: order.clone() },
        Step::Seated(phone, seat) => Input::Seated { phone: phone.clone(), seat: seat.clone() },
        Step::Drain => Input::Drain,
        Step::HangUp => Input::HangUp,
        Step::Rules(rules) => {
            let (plan, prompts) = compile(rules, Some(engine.plan()))?;
            Input::Rules { plan, prompts }
        }
        Step::Timeout => {
            engine.handle_timeout(now);
            return Ok(());
        }
        Step::Live(live) => {
            engine.restore(now, live);
            return Ok(());
        }
        Step::Bindings(bindings) => {
            engine.restore_bindings(now, bindings.iter().cloned().map(binding).collect());
            return Ok(());
        }
        Step::Head(_) | Step::Groups(_) | Step::Sights(_) | Step::Outputs(..) => bail!("a second beginning in the log"),
    };
    engine.handle(now, input);
    Ok(())
}

/// The steps of a log, of which the next one may be looked at.
struct Steps {
    log: LogReader,
    next: Option<(Timestamp, Step)>,
}

impl Steps {
    fn next(&mut self) -> anyhow::Result<Option<(Timestamp, Step)>> {
        if self.next.is_some() {
            return Ok(self.next.take());
        }
        let Some(bytes) = self.log.next()? else { return Ok(None) };
        Ok(Some(postcard::from_bytes(&bytes).context("the log is of another version")?))
    }

    /// The next one if it is of that kind.
    fn next_if(&mut self, wanted: impl Fn(&Step) -> bool) -> anyhow::Result<Option<(Timestamp, Step)>> {
        self.next = self.next()?;
        Ok(self.next.take_if(|(_, step)| wanted(step)))
    }
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
