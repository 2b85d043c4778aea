use hotline_model::history::Transport;
use hotline_model::{Name, Number};
use hotline_rules::LookupSource;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// The handle of one question; its answer comes with it. Never used twice by an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AskId(pub(crate) u64);

/// What an engine wants to know from the world outside, without waiting for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// At which addresses is a host (the fixed contact of a seat)?
    Host {
        /// Its name, in lower case.
        host: Name,
        /// The port of the contact, 5060 if it names none.
        port: u16,
        /// How it is called.
        transport: Transport,
    },
    /// What does a source know of a caller?
    Customer {
        /// The source's name.
        lookup: Name,
        /// The caller's number, written in full (E.164) where it can be.
        number: Number,
        /// Where.
        source: Arc<LookupSource>,
    },
}

/// The answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Question::Host`]: its addresses, the preferred one first.
    Addresses(Vec<IpAddr>),
    /// Nobody knows, and why, for people.
    Failed(String),
    /// To [`Question::Customer`]: columns and values, or `None` if the number is not known there.
    Customer(Option<Vec<(String, String)>>),
    /// Nobody was asked: too many questions are open.
    Full,
}

/// Why a host name leads to no seat, or only to where it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The look-up failed, and why.
    Failed(String),
    /// No answer before the deadline.
    NoAnswer,
    /// The name exists and has no address.
    NoAddress,
    /// We listen on no address of the family that this one is of: its seats are unreachable.
    NoListener(IpAddr),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) => f.write_str(why),
            Self::NoAnswer => f.write_str("no answer in time"),
            Self::NoAddress => f.write_str("the name has no address"),
            Self::NoListener(address) => write!(f, "no listener is of the family of {address}"),
        }
    }
}

/// A host name of the rules that can't be looked up now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostTrouble {
    /// What was asked.
    pub question: Question,
    /// The first seat that has it in its contact, or `trunk ` and the name of a trunk.
    pub seat: Name,
    /// How many seats and trunks have it.
    pub seats: usize,
    /// The address they are still called at.
    pub last: Option<IpAddr>,
    /// What is wrong.
    pub why: Trouble,
}
