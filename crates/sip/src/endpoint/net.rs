use super::config::{Config, Counters};
use super::event::{Event, Output};
use crate::print::push_line;
use crate::uri::{Host, host_port};
use hotline_model::history::{Flow, Transport};
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What goes out, and under which name.
#[derive(Debug)]
pub(crate) struct Net {
    pub(crate) counters: Counters,
    outputs: VecDeque<Output>,
    names: Vec<(Transport, SocketAddr, String)>,
    product: Option<String>,
    realm: Option<Host>,
}

impl Net {
    pub(crate) fn new(config: &Config) -> Self {
        let name = |advertise: &Option<String>, local| advertise.clone().unwrap_or_else(|| plain_name(local));
        let names = config.listeners.iter().map(|it| (it.transport, it.local, name(&it.advertise, it.local))).collect();
        let clean = |text: &String| text.chars().filter(|c| !c.is_control()).collect();
        Self {
            counters: Counters::default(),
            outputs: VecDeque::new(),
            names,
            product: config.product.as_ref().map(clean),
            realm: Host::parse(&config.realm).ok(),
        }
    }

    pub(crate) fn send(&mut self, flow: Flow, bytes: Vec<u8>) {
        self.counters.sent += 1;
        self.outputs.push_back(match flow.transport {
            Transport::Udp => Output::Datagram { flow, bytes },
            Transport::Tcp => Output::Stream { flow, bytes },
        });
    }

    pub(crate) fn close(&mut self, flow: Flow) {
        self.outputs.push_back(Output::Close { flow });
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    pub(crate) fn take(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.outputs.len()
    }

    /// `host:port` for Via and Contact.
    pub(crate) fn name(&self, flow: Flow) -> String {
        let known = self.names.iter().find(|(transport, local, _)| *transport == flow.transport && *local == flow.local);
        known.map_or_else(|| plain_name(flow.local), |(_, _, name)| name.clone())
    }

    /// Whether a host means us.
    pub(crate) fn is_ours(&self, host: &Host) -> bool {
        let is_it = |(_, local, name): &(Transport, SocketAddr, String)| {
            host.ip() == Some(local.ip().to_canonical()) || host_port(name).is_ok_and(|(name, _)| name == *host)
        };
        self.realm.as_ref() == Some(host) || self.names.iter().any(is_it)
    }

    /// Our Contact URI on a flow.
    pub(crate) fn contact(&self, user: &str, flow: Flow) -> String {
        let at = if user.is_empty() { "" } else { "@" };
        let transport = if flow.transport == Transport::Tcp { ";transport=tcp" } else { "" };
        format!("sip:{}{at}{}{transport}", crate::uri::escape(user), self.name(flow))
    }

    /// Server in a response, User-Agent in a request, if we are to tell.
    pub(crate) fn push_product(&self, out: &mut Vec<u8>, header: &str) {
        if let Some(product) = &self.product {
            push_line(out, header, product.as_bytes());
        }
    }
}

/// A wildcard address means nothing to a peer; whoever listens on one has to advertise another.
fn plain_name(local: SocketAddr) -> String {
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, local.port()).to_string()
}

/// `Via` transport.
pub(crate) fn transport_name(flow: Flow) -> &'static str {
    match flow.transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
    }
}
