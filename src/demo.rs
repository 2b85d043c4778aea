//! Simulated agents and callers on real sockets: drives the people of hotline-sim over loopback against a hotline.

use crate::clock::Clock;
use anyhow::Context;
use hotline_model::history::Codec;
use hotline_sim::demo::{Load, Planned, Planner, Summary};
use hotline_sim::expect::{self, Finding, Limits};
use hotline_sim::{
    Agent, AgentConfig, AgentReport, Caller, CallerCall, CallerConfig, Channel, Fingerprint, Input, PhoneConfig, Standing, UserAgent, Voice,
};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};

/// Longest datagram read.
const DATAGRAM: usize = 65_536;
/// Datagrams read in a row before timers are looked at.
const IN_A_ROW: usize = 64;
/// Failed reads in a row after which a phone is broken.
const READ_ERRORS: u32 = 16;
/// What phones may have told and nobody has read; one more waits.
const TOLD: usize = 1024;
/// Longest wait for the agents' registrations, and for the last calls to end on the agents' side.
const SETTLING: Duration = Duration::from_secs(5);
/// Longest sound remembered of one call.
const REMEMBERED: Duration = Duration::from_secs(180);
/// Most agents.
const AGENTS: usize = 1000;

/// What a demonstration is made of.
pub struct DemoOptions {
    /// Where the hotline takes SIP over UDP.
    pub hotline: SocketAddr,
    /// The number that callers dial.
    pub number: String,
    /// Where the phones are; the hotline must take calls from there.
    pub local: IpAddr,
    /// Seats and their passwords, at most 1000.
    pub agents: Vec<(String, String)>,
    /// What agents say: 8 kHz, mono, 16 bit.
    pub agent_voice: Voice,
    /// What callers say.
    pub caller_voice: Voice,
    /// Shortest and longest ring before an agent answers.
    pub ring: (Duration, Duration),
    /// Calls: how often, how many, how long.
    pub load: Load,
    /// Callers at once; one more is not made and counted as skipped.
    pub most_callers: usize,
    /// A caller hangs up after this long without an agent.
    pub patience: Duration,
    /// What calls are held to.
    pub limits: Limits,
    /// The process's clock.
    pub clock: Clock,
}

/// What happens in a demonstration.
#[derive(Clone, Debug)]
pub enum Happening {
    /// An agent's registration stands like this.
    Standing {
        /// The seat.
        seat: String,
        /// How it stands.
        standing: Standing,
    },
    /// A caller dials.
    Dialling {
        /// The call's count.
        count: u32,
        /// What the caller wants.
        story: &'static str,
        /// The caller's number.
        number: String,
    },
    /// Too many callers were there already.
    Skipped {
        /// The call's count.
        count: u32,
    },
    /// A caller's call is over.
    CallerDone {
        /// The call's count.
        count: u32,
        /// What the caller wanted.
        story: &'static str,
        /// From INVITE to 200.
        pickup: Option<Duration>,
        /// From the last key to the agent's voice.
        answer: Option<Duration>,
        /// What was wrong.
        findings: Vec<Finding>,
    },
    /// A call is over that an agent answered.
    AgentDone {
        /// The seat.
        seat: String,
        /// What was wrong.
        findings: Vec<Finding>,
    },
    /// A phone could not be set up or lost its sockets.
    Broken {
        /// Whose.
        who: String,
        /// Why.
        why: String,
    },
}

enum Told {
    Standing { seat: String, standing: Standing },
    Answered,
    AgentDone { seat: String, findings: Vec<Finding> },
    CallerDone { planned: Box<Planned>, call: Box<CallerCall> },
    Broken { who: String, why: String },
}

/// Lets agents work and callers call until all planned calls are over or `stop` resolves; then everybody hangs up and leaves.
///
/// # Errors
/// If there are no agents or too many, or a voice can't be told from others.
pub async fn run(
    options: DemoOptions,
    mut observer: impl FnMut(&Happening, &Summary),
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Summary> {
    anyhow::ensure!((1..=AGENTS).contains(&options.agents.len()), "a demonstration needs 1 to {AGENTS} agents");
    let stage = Stage::new(options)?;
    let (sender, told) = mpsc::channel(TOLD);
    let (leave, left) = watch::channel(false);
    let mut agents = JoinSet::new();
    for (place, (seat, password)) in (0..).zip(stage.options.agents.iter().cloned()) {
        agents.spawn(agent(Arc::clone(&stage), place, seat, password, sender.clone(), left.clone()));
    }
    let (callers, summary) = (JoinSet::new(), Summary::default());
    let mut show = Show { stage, agents, callers, sender, told, left, talking: 0, is_over: false, summary };
    tokio::select! {
        () = show.run(&mut observer) => {}
        () = stop => {}
    }
    show.is_over = true;
    leave.send_replace(true);
    show.close(&mut observer).await;
    Ok(show.summary)
}

struct Stage {
    options: DemoOptions,
    agent_voice: Arc<Voice>,
    caller_voice: Arc<Voice>,
    agents_known: Arc<[Fingerprint]>,
    callers_known: [Fingerprint; 1],
}

impl Stage {
    fn new(options: DemoOptions) -> anyhow::Result<Arc<Self>> {
        let known = |voice: &Voice| Fingerprint::of(voice).with_context(|| format!("the voice {} is too short or too quiet", voice.name));
        let agents_known = Arc::from([known(&options.agent_voice)?]);
        let callers_known = [known(&options.caller_voice)?];
        let (agent_voice, caller_voice) = (Arc::new(options.agent_voice.clone()), Arc::new(options.caller_voice.clone()));
        Ok(Arc::new(Self { options, agent_voice, caller_voice, agents_known, callers_known }))
    }

    fn ring(&self, place: u32) -> Duration {
        let (shortest, longest) = self.options.ring;
        let share = f64::from(place.wrapping_mul(0x9e37_79b9)) / f64::from(u32::MAX);
        shortest + longest.saturating_sub(shortest).mul_f64(share)
    }

    fn phone(&self, user: String, sockets: &Sockets, seed: [u8; 32]) -> PhoneConfig {
        let codecs = if seed[0].is_multiple_of(2) { vec![Codec::Pcma, Codec::Pcmu] } else { vec![Codec::Pcmu, Codec::Pcma] };
        PhoneConfig { user, sip: sockets.at_sip, rtp: sockets.at_rtp, codecs, remembers: REMEMBERED, seed }
    }

    fn agent(&self, place: u32, seat: String, password: String, sockets: &Sockets) -> AgentConfig {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.options.load.seed.to_le_bytes());
        seed[8..12].copy_from_slice(&place.to_le_bytes());
        let phone = self.phone(seat, sockets, seed);
        let registrar = Some((self.options.hotline, password));
        AgentConfig { phone, registrar, ring: self.ring(place), voice: Arc::clone(&self.agent_voice), talk: None }
    }

    fn caller(&self, planned: &Planned, sockets: &Sockets) -> CallerConfig {
        CallerConfig {
            phone: self.phone(planned.number.clone(), sockets, planned.seed),
            hotline: self.options.hotline,
            number: self.options.number.clone(),
            keys: planned.story.keys.clone(),
            voice: Arc::clone(&self.caller_voice),
            agents: Arc::clone(&self.agents_known),
            talk: planned.talk,
            patience: self.options.patience,
        }
    }
}

struct Show {
    stage: Arc<Stage>,
    agents: JoinSet<()>,
    callers: JoinSet<()>,
    sender: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
    left: watch::Receiver<bool>,
    talking: usize,
    is_over: bool,
    summary: Summary,
}

impl Show {
    async fn run(&mut self, observer: &mut impl FnMut(&Happening, &Summary)) {
        let mut missing: BTreeSet<String> = self.stage.options.agents.iter().map(|(seat, _)| seat.clone()).collect();
        let here = |told: &Told| {
            if let Told::Standing { seat, .. } | Told::Broken { who: seat, .. } = told {
                missing.remove(seat);
            }
            missing.is_empty()
        };
        self.listen(SETTLING, observer, here).await;
        let mut plan = Planner::new(self.stage.options.load.clone()).peekable();
        let begun = Instant::now();
        while !self.callers.is_empty() || plan.peek().is_some() {
            let due = plan.peek().and_then(|planned| begun.checked_add(planned.at));
            tokio::select! {
                Some(told) = self.told.recv() => self.take(told, observer),
                () = sleep_until(due) => if let Some(planned) = plan.next() { self.dial(planned, observer) },
                Some(ended) = self.callers.join_next() => self.ended("a caller", ended),
            }
        }
        self.read(observer);
        let mut talking = self.talking;
        self.listen(SETTLING, observer, |told| {
            talking = talking.saturating_sub(usize::from(matches!(told, Told::AgentDone { .. })));
            talking == 0
        })
        .await;
    }

    /// Takes what is told until `enough` of it or for this long.
    async fn listen(&mut self, time: Duration, observer: &mut impl FnMut(&Happening, &Summary), mut enough: impl FnMut(&Told) -> bool) {
        let until = Instant::now() + time;
        loop {
            tokio::select! {
                Some(told) = self.told.recv() => {
                    let is_enough = enough(&told);
                    self.take(told, observer);
                    if is_enough {
                        return;
                    }
                }
                () = sleep_until(Some(until)) => return,
            }
        }
    }

    async fn close(&mut self, observer: &mut impl FnMut(&Happening, &Summary)) {
        let until = Instant::now() + SETTLING;
        while !(self.agents.is_empty() && self.callers.is_empty()) {
            tokio::select! {
                Some(told) = self.told.recv() => self.take(told, observer),
                Some(ended) = self.agents.join_next() => self.ended("an agent", ended),
                Some(ended) = self.callers.join_next() => self.ended("a caller", ended),
                () = sleep_until(Some(until)) => break,
            }
        }
        self.read(observer);
    }

    fn read(&mut self, observer: &mut impl FnMut(&Happening, &Summary)) {
        while let Ok(told) = self.told.try_recv() {
            self.take(told, observer);
        }
    }

    fn ended(&mut self, who: &str, ended: Result<(), JoinError>) {
        if let Err(error) = ended {
            self.summary.broken(who, &error.to_string());
        }
    }

    fn dial(&mut self, planned: Planned, observer: &mut impl FnMut(&Happening, &Summary)) {
        let count = planned.count;
        if self.callers.len() >= self.stage.options.most_callers {
            self.summary.skipped += 1;
            return observer(&Happening::Skipped { count }, &self.summary);
        }
        observer(&Happening::Dialling { count, story: planned.story.name, number: planned.number.clone() }, &self.summary);
        self.callers.spawn(caller(Arc::clone(&self.stage), planned, self.sender.clone(), self.left.clone()));
    }

    fn take(&mut self, told: Told, observer: &mut impl FnMut(&Happening, &Summary)) {
        let happening = match told {
            Told::Standing { seat, standing } => Happening::Standing { seat, standing },
            Told::Answered => {
                self.talking += 1;
                return;
            }
            Told::AgentDone { .. } | Told::CallerDone { .. } if self.is_over => return,
            Told::AgentDone { seat, findings } => {
                self.talking = self.talking.saturating_sub(1);
                self.summary.agent(&seat, &findings);
                Happening::AgentDone { seat, findings }
            }
            Told::CallerDone { planned, call } => {
                let findings = self.summary.caller(planned.story.name, &call, &self.stage.options.limits);
                let (count, story) = (planned.count, planned.story.name);
                Happening::CallerDone { count, story, pickup: call.pickup_time(), answer: call.answer_time(), findings }
            }
            Told::Broken { who, why } => {
                self.summary.broken(&who, &why);
                Happening::Broken { who, why }
            }
        };
        observer(&happening, &self.summary);
    }
}

async fn agent(stage: Arc<Stage>, place: u32, seat: String, password: String, told: mpsc::Sender<Told>, left: watch::Receiver<bool>) {
    let mut sockets = match Sockets::bind(stage.options.local).await {
        Ok(sockets) => sockets,
        Err(error) => return tell(&told, Told::Broken { who: seat, why: error.to_string() }).await,
    };
    let clock = stage.options.clock;
    let mut agent = Agent::new(clock.now(), stage.agent(place, seat.clone(), password, &sockets));
    let mut going = Going { left, gone: false };
    loop {
        match sockets.turn(&mut agent, &clock, &mut going).await {
            Ok(Turn::Went) => {}
            Ok(Turn::Leave) => agent.leave(clock.now()),
            Err(error) => return tell(&told, Told::Broken { who: seat, why: error.to_string() }).await,
        }
        while let Some(report) = agent.poll_report() {
            match report {
                AgentReport::Ringing => {}
                AgentReport::Answered => tell(&told, Told::Answered).await,
                AgentReport::Standing(standing) => {
                    tell(&told, Told::Standing { seat: seat.clone(), standing }).await;
                    if standing == Standing::Left {
                        return;
                    }
                }
                AgentReport::Ended(call) if call.answered.is_some() => {
                    let (stage, told, seat) = (Arc::clone(&stage), told.clone(), seat.clone());
                    tokio::spawn(async move {
                        let judge = move || expect::of_agent(&call, &stage.callers_known, &stage.options.limits);
                        let findings = tokio::task::spawn_blocking(judge).await.unwrap_or_default();
                        tell(&told, Told::AgentDone { seat, findings }).await;
                    });
                }
                AgentReport::Ended(_) => {}
            }
        }
    }
}

async fn caller(stage: Arc<Stage>, planned: Planned, told: mpsc::Sender<Told>, left: watch::Receiver<bool>) {
    let broken = |error: std::io::Error| Told::Broken { who: planned.number.clone(), why: error.to_string() };
    let mut sockets = match Sockets::bind(stage.options.local).await {
        Ok(sockets) => sockets,
        Err(error) => return tell(&told, broken(error)).await,
    };
    let clock = stage.options.clock;
    let mut caller = Caller::new(clock.now(), stage.caller(&planned, &sockets));
    let mut going = Going { left, gone: false };
    loop {
        if let Some(call) = caller.poll_done() {
            return tell(&told, Told::CallerDone { planned: Box::new(planned), call }).await;
        }
        match sockets.turn(&mut caller, &clock, &mut going).await {
            Ok(Turn::Went) => {}
            Ok(Turn::Leave) => caller.hang_up(clock.now()),
            Err(error) => return tell(&told, broken(error)).await,
        }
    }
}

async fn tell(told: &mpsc::Sender<Told>, what: Told) {
    if told.send(what).await.is_err() {
        tracing::debug!("nobody watches the demonstration any more");
    }
}

struct Going {
    left: watch::Receiver<bool>,
    gone: bool,
}

enum Turn {
    Went,
    Leave,
}

struct Sockets {
    sip: UdpSocket,
    rtp: UdpSocket,
    at_sip: SocketAddr,
    at_rtp: SocketAddr,
    buffer: Vec<u8>,
}

impl Sockets {
    async fn bind(local: IpAddr) -> std::io::Result<Self> {
        let (sip, rtp) = (UdpSocket::bind((local, 0)).await?, UdpSocket::bind((local, 0)).await?);
        let (at_sip, at_rtp) = (sip.local_addr()?, rtp.local_addr()?);
        Ok(Self { sip, rtp, at_sip, at_rtp, buffer: vec![0; DATAGRAM] })
    }

    /// Sends what is to be sent, waits for the next thing, takes it.
    async fn turn(&mut self, phone: &mut impl UserAgent, clock: &Clock, going: &mut Going) -> std::io::Result<Turn> {
        while let Some(datagram) = phone.poll_send() {
            let socket = if datagram.channel == Channel::Sip { &self.sip } else { &self.rtp };
            if let Err(error) = socket.send_to(&datagram.bytes, datagram.to).await {
                tracing::debug!(%error, to = %datagram.to, "a datagram could not be sent");
            }
        }
        let due = phone.poll_timeout().map(|at| clock.instant(at));
        tokio::select! {
            biased;
            () = sleep_until(due) => phone.handle_timeout(clock.now()),
            ready = self.sip.readable() => {
                ready?;
                drain(&self.sip, &mut self.buffer, Channel::Sip, phone, clock)?;
            }
            ready = self.rtp.readable() => {
                ready?;
                drain(&self.rtp, &mut self.buffer, Channel::Rtp, phone, clock)?;
            }
            changed = going.left.changed(), if !going.gone => {
                going.gone = true;
                return Ok(if changed.is_ok() { Turn::Leave } else { Turn::Went });
            }
        }
        Ok(Turn::Went)
    }
}

/// Takes what is there, a limited number of datagrams; an ICMP error of something sent before is no reason to stop.
fn drain(socket: &UdpSocket, buffer: &mut [u8], channel: Channel, phone: &mut impl UserAgent, clock: &Clock) -> std::io::Result<()> {
    let mut errors = 0;
    for _ in 0..IN_A_ROW {
        match socket.try_recv_from(buffer) {
            Ok((length, from)) => phone.handle(clock.now(), Input { channel, from, bytes: &buffer[..length] }),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if errors >= READ_ERRORS => return Err(error),
            Err(_) => errors += 1,
        }
    }
    Ok(())
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::Name;
    use hotline_model::history::{Flow, Transport};
    use hotline_sim::artificial;
    use hotline_sip::{Account, Config, Endpoint, Event, Listener, Output, Reject, Secret};
    use tokio::sync::Notify;

    /// Registers the seats `1001` and `1002` and refuses every call.
    async fn refusing_hotline(socket: UdpSocket, clock: Clock) {
        let local = socket.local_addr().unwrap();
        let listeners = vec![Listener { transport: Transport::Udp, local, advertise: None }];
        let mut endpoint = Endpoint::new(Config { listeners, ..Config::default() });
        let account =
            |name: &str| Account { name: Name::from(name), secret: Secret::Password("secret".to_owned()), sha256: false, ping: false };
        endpoint.set_accounts(vec![account("1001"), account("1002")]);
        let mut buffer = vec![0; DATAGRAM];
        loop {
            let due = endpoint.poll_timeout().map(|at| clock.instant(at));
            tokio::select! {
                received = socket.recv_from(&mut buffer) => {
                    let (length, remote) = received.unwrap();
                    let flow = Flow { transport: Transport::Udp, local, remote, connection: 0 };
                    endpoint.handle(clock.now(), hotline_sip::Input::Datagram { flow, bytes: &buffer[..length] });
                }
                () = sleep_until(due) => endpoint.handle_timeout(clock.now()),
            }
            while let Some(output) = endpoint.poll_output() {
                if let Output::Event(Event::Invite { dialog, .. }) = &output {
                    let busy = Reject { code: 486, q850: Some(17), retry_after: None };
                    endpoint.reject(clock.now(), *dialog, busy).unwrap();
                } else if let Output::Datagram { flow, bytes } = output {
                    socket.send_to(&bytes, flow.remote).await.unwrap();
                }
            }
        }
    }

    /// So many calls; without a number they come until the first of them is over.
    async fn show(passwords: [&str; 2], calls: Option<u32>) -> (Summary, Vec<Happening>) {
        let clock = Clock::start();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let hotline = socket.local_addr().unwrap();
        let server = tokio::spawn(refusing_hotline(socket, clock));
        let second = Duration::from_secs(1);
        let options = DemoOptions {
            hotline,
            number: "hotline".to_owned(),
            local: hotline.ip(),
            agents: vec![("1001".into(), passwords[0].into()), ("1002".into(), passwords[1].into())],
            agent_voice: artificial::voice("agent", 1),
            caller_voice: artificial::voice("caller", 2),
            ring: (second, second),
            load: Load { per_minute: 600.0, calls, talk: (second, second), stories: Vec::new(), seed: 1 },
            most_callers: 10,
            patience: 30 * second,
            limits: Limits::default(),
            clock,
        };
        let (mut happenings, over) = (Vec::new(), Notify::new());
        let observer = |happening: &Happening, _: &Summary| {
            happenings.push(happening.clone());
            if calls.is_none() && matches!(happening, Happening::CallerDone { .. }) {
                over.notify_one();
            }
        };
        let summary = run(options, observer, over.notified()).await.unwrap();
        server.abort();
        (summary, happenings)
    }

    fn standings(happenings: &[Happening], wanted: Standing) -> usize {
        happenings.iter().filter(|happening| matches!(happening, Happening::Standing { standing, .. } if *standing == wanted)).count()
    }

    #[tokio::test]
    async fn agents_register_callers_are_refused_and_everybody_leaves() {
        let (summary, happenings) = show(["secret", "secret"], Some(3)).await;
        assert_eq!((summary.calls, summary.wrong, summary.picked_up_in_time), (3, 3, 0), "{summary}");
        assert!(summary.findings[0].contains("refused with 486"), "{summary}");
        assert_eq!((standings(&happenings, Standing::Registered), standings(&happenings, Standing::Left)), (2, 2));
    }

    #[tokio::test]
    async fn an_endless_show_ends_when_it_is_stopped() {
        let (summary, happenings) = show(["secret", "secret"], None).await;
        assert!(!summary.is_clean());
        assert_eq!(standings(&happenings, Standing::Left), 2);
    }
}
