//! The ways to the telephone network: where they are, which of them live, and how many calls each carries.

use hotline_model::history::{Flow, NoPassage};
use hotline_model::{Name, Timestamp};
use hotline_rules::{Callee, Plan, Trunk};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// A pinged trunk's name among the accounts of the SIP endpoint; no seat's name has a space.
const PREFIX: &str = "trunk ";

/// What is known of the trunks of the rules, by name.
#[derive(Debug, Default)]
pub(crate) struct Trunks {
    /// Where they are, those whose address is known.
    ways: BTreeMap<Name, Flow>,
    /// Pinged ones that answered last.
    up: BTreeSet<Name>,
    /// Ones that failed a call are left alone until then.
    rests: BTreeMap<Name, Timestamp>,
    calls: BTreeMap<Name, u32>,
}

/// Through which trunk somebody is called.
#[derive(Clone, Debug)]
pub(crate) struct Passage {
    pub target: String,
    pub flow: Flow,
    /// Our own user part.
    pub from: Name,
}

impl Trunks {
    /// The name under which a trunk is pinged.
    pub fn account(trunk: &str) -> Name {
        Name::from(format!("{PREFIX}{trunk}"))
    }

    /// The trunk that is pinged under a name, if it is one.
    pub fn of_account(account: &str) -> Option<&str> {
        account.strip_prefix(PREFIX)
    }

    /// New rules: where their trunks are. Calls under way go on.
    pub fn renew(&mut self, ways: BTreeMap<Name, Flow>) {
        self.up.retain(|name| ways.contains_key(name));
        self.rests.retain(|name, _| ways.contains_key(name));
        self.ways = ways;
    }

    /// The trunk at an address; of several at one host, the one that sends from that port.
    pub fn at(&self, remote: SocketAddr) -> Option<&Name> {
        let ip = remote.ip().to_canonical();
        let mut there = self.ways.iter().filter(|(_, way)| way.remote.ip().to_canonical() == ip);
        let first = there.clone().next();
        there.find(|(_, way)| way.remote.port() == remote.port()).or(first).map(|(name, _)| name)
    }

    /// A trunk's host is at another address now, or at none.
    pub fn set_way(&mut self, trunk: &Name, way: Option<Flow>) {
        match way {
            Some(way) => self.ways.insert(trunk.clone(), way),
            None => self.ways.remove(trunk),
        };
    }

    /// A ping was answered, or no longer is.
    pub fn set_up(&mut self, trunk: &str, is_up: bool) {
        if is_up {
            self.up.insert(Name::from(trunk));
            self.rests.remove(trunk);
        } else {
            self.up.remove(trunk);
        }
    }

    /// A call could not be made through it.
    pub fn rest(&mut self, trunk: &Name, until: Timestamp) {
        self.rests.insert(trunk.clone(), until);
    }

    /// The way to somebody through a trunk.
    ///
    /// # Errors
    /// The rules have it no longer, it is full, dead or nowhere.
    pub fn passage(&self, now: Timestamp, plan: &Plan, trunk: &str, callee: &Callee) -> Result<Passage, NoPassage> {
        let passage = self.any_passage(plan, trunk, callee)?;
        let trunk = plan.trunk(trunk).ok_or(NoPassage::NotInRules)?;
        if !self.answers(trunk) {
            Err(NoPassage::Down)
        } else if self.rests(now, &trunk.name) {
            Err(NoPassage::Resting)
        } else if self.calls(&trunk.name) >= trunk.limit {
            Err(NoPassage::Full)
        } else {
            Ok(passage)
        }
    }

    /// The way to somebody through a trunk that may be full, dead or resting: for an emergency whatever there is, is tried.
    ///
    /// # Errors
    /// The rules have it no longer, or it is nowhere.
    pub fn any_passage(&self, plan: &Plan, trunk: &str, callee: &Callee) -> Result<Passage, NoPassage> {
        let trunk = plan.trunk(trunk).ok_or(NoPassage::NotInRules)?;
        let target = match callee {
            Callee::Number(number) => trunk.target(number.digits()),
            Callee::Uri(uri) => uri.clone(),
        };
        let flow = *self.ways.get(&trunk.name).ok_or(NoPassage::NoAddress)?;
        Ok(Passage { target, flow, from: trunk.from.clone() })
    }

    /// All trunks: those that live and have room, then the full ones, then those that seem dead.
    pub fn best_first(&self, now: Timestamp, plan: &Plan) -> Vec<Name> {
        let mut all: Vec<&Trunk> = plan.trunks.iter().collect();
        all.sort_by_key(|trunk| (!self.is_up(now, trunk), self.calls(&trunk.name) >= trunk.limit));
        all.into_iter().map(|trunk| trunk.name.clone()).collect()
    }

    /// How many calls it carries, those that ring included.
    pub fn calls(&self, trunk: &str) -> u32 {
        self.calls.get(trunk).copied().unwrap_or(0)
    }

    /// Whether it can be called through, apart from its limit.
    pub fn is_up(&self, now: Timestamp, trunk: &Trunk) -> bool {
        self.answers(trunk) && self.ways.contains_key(&trunk.name) && !self.rests(now, &trunk.name)
    }

    fn answers(&self, trunk: &Trunk) -> bool {
        !trunk.ping || self.up.contains(&trunk.name)
    }

    fn rests(&self, now: Timestamp, trunk: &str) -> bool {
        self.rests.get(trunk).is_some_and(|until| *until > now)
    }

    /// One more call.
    pub fn take(&mut self, trunk: &Name) {
        *self.calls.entry(trunk.clone()).or_default() += 1;
    }

    /// One call less.
    pub fn give_back(&mut self, trunk: &Name) {
        if let Some(calls) = self.calls.get_mut(trunk) {
            *calls = calls.saturating_sub(1);
            if *calls == 0 {
                self.calls.remove(trunk);
            }
        }
    }
}
