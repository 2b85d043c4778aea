//! A network without wires: datagrams between simulated phones, late, lost and counted as a seed says, on a clock that only moves here.

use crate::phone::{Channel, Input, UserAgent};
use hotline_model::{Deadlines, Timestamp};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// Datagrams under way; one more is lost.
const UNDER_WAY: usize = 100_000;

/// How bad a network is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    /// Shortest way.
    pub latency: Duration,
    /// Longest way more than the shortest; datagrams overtake each other.
    pub jitter: Duration,
    /// Share of datagrams lost, 0 to 1.
    pub loss: f64,
}

/// A party on the network: its two addresses and its machine.
pub struct Party<'a> {
    /// SIP address.
    pub sip: SocketAddr,
    /// RTP address.
    pub rtp: SocketAddr,
    /// The machine.
    pub agent: &'a mut dyn UserAgent,
}

/// The network and its clock.
#[derive(Debug)]
pub struct Network {
    now: Timestamp,
    weather: Weather,
    random: ChaCha8Rng,
    under_way: Deadlines<Letter>,
    lost: u64,
    delivered: u64,
}

#[derive(Debug)]
struct Letter {
    from: SocketAddr,
    to: SocketAddr,
    bytes: Vec<u8>,
}

impl Network {
    /// A network at time zero.
    pub fn new(weather: Weather, seed: [u8; 32]) -> Self {
        let random = ChaCha8Rng::from_seed(seed);
        Self { now: Timestamp(0), weather, random, under_way: Deadlines::default(), lost: 0, delivered: 0 }
    }

    /// What its clock shows.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Datagrams lost: by the weather, without an addressee, or one too many.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Datagrams delivered.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Lets time pass until `until`: delivers, wakes, collects, in order of time.
    pub fn run(&mut self, until: Timestamp, parties: &mut [Party<'_>]) {
        let addresses: BTreeMap<SocketAddr, (usize, Channel)> = parties
            .iter()
            .enumerate()
            .flat_map(|(place, party)| [(party.sip, (place, Channel::Sip)), (party.rtp, (place, Channel::Rtp))])
            .collect();
        self.collect(parties);
        while let Some(next) = self.next(parties).filter(|next| *next <= until) {
            self.now = self.now.max(next);
            while let Some(Letter { from, to, bytes }) = self.under_way.take_due(self.now) {
                match addresses.get(&to) {
                    Some((place, channel)) => {
                        self.delivered += 1;
                        parties[*place].agent.handle(self.now, Input { channel: *channel, from, bytes: &bytes });
                    }
                    None => self.lost += 1,
                }
            }
            for party in parties.iter_mut().filter(|party| party.agent.poll_timeout().is_some_and(|due| due <= self.now)) {
                party.agent.handle_timeout(self.now);
            }
            self.collect(parties);
        }
        self.now = self.now.max(until);
    }

    fn next(&self, parties: &[Party<'_>]) -> Option<Timestamp> {
        parties.iter().filter_map(|party| party.agent.poll_timeout()).chain(self.under_way.next()).min()
    }

    fn collect(&mut self, parties: &mut [Party<'_>]) {
        for party in parties {
            while let Some(send) = party.agent.poll_send() {
                let from = match send.channel {
                    Channel::Sip => party.sip,
                    Channel::Rtp => party.rtp,
                };
                self.post(Letter { from, to: send.to, bytes: send.bytes });
            }
        }
    }

    fn post(&mut self, letter: Letter) {
        let (lost, late) = (self.random.random::<f64>() < self.weather.loss, self.random.random::<f64>());
        if lost || self.under_way.len() >= UNDER_WAY {
            self.lost += 1;
            return;
        }
        self.under_way.set(self.now + self.weather.latency + self.weather.jitter.mul_f64(late), letter);
    }
}
