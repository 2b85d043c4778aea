use crate::people::*;
use hotline_model::history::{Flow, Transport};
use hotline_model::{Name, Timestamp};
use hotline_sim::network::{Network, Party};
use hotline_sim::{Agent, AgentConfig, AgentReport, Channel, Datagram, Input, Standing, UserAgent};
use hotline_sip::{Account, Config, Endpoint, Event, Listener, Output, Secret};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// The registrar of the hotline, alone.
struct Registrar {
    endpoint: Endpoint,
    local: SocketAddr,
    sends: VecDeque<Datagram>,
    events: Vec<Event>,
}

impl Registrar {
    fn new(password: &str, sha256: bool) -> Self {
        let local = address(9, 5060);
        let listeners = vec![Listener { transport: Transport::Udp, local, advertise: None }];
        let mut endpoint = Endpoint::new(Config { listeners, ..Config::default() });
        endpoint.set_accounts(vec![Account {
            name: Name::from("2001"),
            secret: Secret::Password(password.to_owned()),
            sha256,
            ping: false,
        }]);
        Self { endpoint, local, sends: VecDeque::new(), events: Vec::new() }
    }

    fn settle(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Datagram { flow, bytes } => self.sends.push_back(Datagram { channel: Channel::Sip, to: flow.remote, bytes }),
                Output::Event(event) => self.events.push(event),
                Output::Stream { .. } | Output::Close { .. } => {}
            }
        }
    }
}

impl UserAgent for Registrar {
    fn handle(&mut self, now: Timestamp, input: Input<'_>) {
        let flow = Flow { transport: Transport::Udp, local: self.local, remote: input.from, connection: 0 };
        self.endpoint.handle(now, hotline_sip::Input::Datagram { flow, bytes: input.bytes });
        self.settle();
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.endpoint.handle_timeout(now);
        self.settle();
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.endpoint.poll_timeout()
    }

    fn poll_send(&mut self) -> Option<Datagram> {
        self.sends.pop_front()
    }
}

struct Office {
    network: Network,
    registrar: Registrar,
    agent: Agent,
}

impl Office {
    fn new(weather: hotline_sim::network::Weather, right: &str, typed: &str, sha256: bool) -> Self {
        let config = AgentConfig { registrar: Some((address(9, 5060), typed.to_owned())), ..agent(None) };
        let network = Network::new(weather, [3; 32]);
        Self { network, registrar: Registrar::new(right, sha256), agent: Agent::new(Timestamp(0), config) }
    }

    fn run_to(&mut self, until: u64) -> Vec<Standing> {
        let mut parties = [
            Party { sip: address(1, 5060), rtp: address(1, 4000), agent: &mut self.agent },
            Party { sip: address(9, 5060), rtp: address(9, 4000), agent: &mut self.registrar },
        ];
        self.network.run(Timestamp(0) + seconds(until), &mut parties);
        let reports = std::iter::from_fn(|| self.agent.poll_report());
        reports.filter_map(|report| if let AgentReport::Standing(standing) = report { Some(standing) } else { None }).collect()
    }
}

#[test]
fn an_agent_registers_by_digest_with_md5_and_sha_256_rfc_8760() {
    for sha256 in [false, true] {
        let mut office = Office::new(FINE, "secret", "secret", sha256);
        assert_eq!(office.run_to(1), [Standing::Registered]);
        assert_eq!(office.registrar.endpoint.contacts("2001")[0].0, "sip:2001@127.0.0.1:5060");
    }
}

#[test]
fn a_registration_is_refreshed_before_it_runs_out() {
    let mut office = Office::new(FINE, "secret", "secret", false);
    let standings = office.run_to(2000);
    assert!(standings.len() > 10 && standings.iter().all(|standing| *standing == Standing::Registered), "{standings:?}");
    assert!(!office.registrar.events.iter().any(|event| matches!(event, Event::Unregistered { .. })));
}

#[test]
fn a_wrong_password_is_told_and_tried_again_only_after_a_while() {
    let mut office = Office::new(FINE, "secret", "guess", false);
    let standings = office.run_to(9);
    assert!(standings.len() == 1 && matches!(standings[0], Standing::Refused(_)), "{standings:?}");
    assert!(office.network.delivered() < 20);
}

#[test]
fn a_lossy_network_only_delays_a_registration() {
    let weather = hotline_sim::network::Weather { loss: 0.4, ..FINE };
    let mut office = Office::new(weather, "secret", "secret", false);
    assert!(office.run_to(40).contains(&Standing::Registered));
}

#[test]
fn a_silent_registrar_is_told_as_unanswered_and_asked_again() {
    let mut office = Office::new(hotline_sim::network::Weather { loss: 1.0, ..FINE }, "secret", "secret", false);
    assert_eq!(office.run_to(33), [Standing::Unanswered]);
    assert_eq!(office.run_to(80), [Standing::Unanswered]);
}

#[test]
fn leaving_takes_the_registration_back() {
    let mut office = Office::new(FINE, "secret", "secret", false);
    office.run_to(1);
    office.agent.leave(office.network.now());
    assert_eq!(office.run_to(2), [Standing::Left]);
    assert!(office.registrar.endpoint.contacts("2001").is_empty());
}
