use hotline_model::Timestamp;
use hotline_model::history::Codec;
use hotline_sim::network::{Network, Party, Weather};
use hotline_sim::{
    Agent, AgentCall, AgentConfig, AgentReport, Caller, CallerCall, CallerConfig, Fingerprint, PhoneConfig, Voice, artificial,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub const FINE: Weather = Weather { latency: Duration::from_millis(1), jitter: Duration::ZERO, loss: 0.0 };
pub const ROUGH: Weather = Weather { latency: Duration::from_millis(20), jitter: Duration::from_millis(15), loss: 0.02 };

pub fn address(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, host], port))
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn agents_voice() -> Arc<Voice> {
    Arc::new(artificial::voice("agent", 11))
}

pub fn callers_voice() -> Arc<Voice> {
    Arc::new(artificial::voice("caller", 12))
}

pub fn phone(user: &str, host: u8, codecs: &[Codec]) -> PhoneConfig {
    PhoneConfig {
        user: user.to_owned(),
        sip: address(host, 5060),
        rtp: address(host, 4000),
        codecs: codecs.to_vec(),
        remembers: seconds(60),
        seed: [host; 32],
    }
}

pub fn agent(talk: Option<Duration>) -> AgentConfig {
    let phone = phone("2001", 1, &[Codec::Pcma, Codec::Pcmu]);
    AgentConfig { phone, registrar: None, ring: seconds(2), voice: agents_voice(), talk }
}

pub fn caller() -> CallerConfig {
    CallerConfig {
        phone: phone("02155550021", 2, &[Codec::Pcma, Codec::Pcmu]),
        hotline: address(1, 5060),
        number: "2001".to_owned(),
        keys: vec![(seconds(1), '2'), (seconds(2), '1')],
        voice: callers_voice(),
        agents: Arc::from([Fingerprint::of(&agents_voice()).expect("it is long and loud")]),
        talk: seconds(6),
        patience: seconds(30),
    }
}

pub struct Scene {
    pub network: Network,
    pub agent: Agent,
    pub caller: Caller,
}

impl Scene {
    pub fn new(weather: Weather, agent: AgentConfig, caller: CallerConfig) -> Self {
        let network = Network::new(weather, [7; 32]);
        Self { network, agent: Agent::new(Timestamp(0), agent), caller: Caller::new(Timestamp(0), caller) }
    }

    pub fn run_to(&mut self, until: Duration) {
        let (agent, caller) = (&mut self.agent, &mut self.caller);
        let party = |host, agent| Party { sip: address(host, 5060), rtp: address(host, 4000), agent };
        self.network.run(Timestamp(0) + until, &mut [party(1, agent), party(2, caller)]);
    }

    pub fn callers_call(&mut self) -> CallerCall {
        *self.caller.poll_done().expect("the call is over")
    }

    pub fn agents_call(&mut self) -> AgentCall {
        let mut reports = std::iter::from_fn(|| self.agent.poll_report());
        reports.find_map(|report| if let AgentReport::Ended(call) = report { Some(*call) } else { None }).expect("the call is over")
    }
}
