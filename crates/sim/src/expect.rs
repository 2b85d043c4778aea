//! What a call must have been, by the manual: picked up in 3 s, answered in 30 s, sound both ways, no holes in it.

use crate::agent::AgentCall;
use crate::caller::{CallerCall, Ending};
use crate::listen::Fingerprint;
use std::fmt;
use std::time::Duration;

/// The limits a call is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From INVITE to 200 (K1, R2).
    pub pickup: Duration,
    /// From the last key, or the pick-up if none was pressed, to the agent's voice (K3, R5).
    pub answer: Duration,
    /// Longest hole in the sound of a bridged call.
    pub gap: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pickup: Duration::from_secs(3), answer: Duration::from_secs(30), gap: Duration::from_millis(300) }
    }
}

/// What was wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// No 200 ever came.
    NotPickedUp(Ending),
    /// It came late (K1, R2).
    LatePickup(Duration),
    /// The caller heard nothing at all.
    Silence,
    /// No agent was heard.
    NoAgent(Ending),
    /// One was heard late (K3, R5).
    LateAnswer(Duration),
    /// The sound had a hole.
    Gap(Duration),
    /// We hung up before the caller did, or signalling was lost.
    Cut(Ending),
    /// The agent did not hear the caller.
    CallerUnheard,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |time: &Duration| format!("{:.1} s", time.as_secs_f64());
        match self {
            Self::NotPickedUp(ending) => write!(f, "not picked up ({ending})"),
            Self::LatePickup(after) => write!(f, "picked up after {} (R2: 3 s)", seconds(after)),
            Self::Silence => f.write_str("the caller heard nothing"),
            Self::NoAgent(ending) => write!(f, "no agent was heard ({ending})"),
            Self::LateAnswer(after) => write!(f, "an agent was heard after {} (R5: 30 s)", seconds(after)),
            Self::Gap(gap) => write!(f, "a hole of {} in the sound", seconds(gap)),
            Self::Cut(ending) => write!(f, "cut off ({ending})"),
            Self::CallerUnheard => f.write_str("the agent did not hear the caller"),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content => f.write_str("the caller hung up content"),
            Self::Impatient => f.write_str("the caller lost patience"),
            Self::ByHotline => f.write_str("the hotline hung up"),
            Self::Refused(code) => write!(f, "refused with {code}"),
            Self::Broken => f.write_str("signalling or sound could not be agreed or was lost"),
        }
    }
}

impl CallerCall {
    /// From INVITE to 200 (K1).
    pub fn pickup_time(&self) -> Option<Duration> {
        Some(self.picked_up?.since(self.dialled))
    }

    /// From the 200 to the first sound heard (K2).
    pub fn first_audio(&self) -> Option<Duration> {
        Some(self.heard.first_sound()?.since(self.picked_up?))
    }

    /// From the last key, or the 200, to the agent's voice (K3 with what is said before it).
    pub fn answer_time(&self) -> Option<Duration> {
        let (bridged, _) = self.bridged.as_ref()?;
        Some(bridged.since(self.last_key.or(self.picked_up)?))
    }
}

/// What was wrong with a call on the caller's side.
pub fn of_caller(call: &CallerCall, limits: &Limits) -> Vec<Finding> {
    let Some(pickup) = call.pickup_time() else { return vec![Finding::NotPickedUp(call.ending)] };
    let mut findings = Vec::new();
    if pickup > limits.pickup {
        findings.push(Finding::LatePickup(pickup));
    }
    if call.heard.first_sound().is_none() {
        findings.push(Finding::Silence);
    }
    match call.answer_time() {
        None => findings.push(Finding::NoAgent(call.ending)),
        Some(answer) if answer > limits.answer => findings.push(Finding::LateAnswer(answer)),
        Some(_) => {}
    }
    if call.bridged.is_some() {
        if call.heard.longest_gap() > limits.gap {
            findings.push(Finding::Gap(call.heard.longest_gap()));
        }
        if call.ending != Ending::Content {
            findings.push(Finding::Cut(call.ending));
        }
    }
    findings
}

/// What was wrong with an answered call on the agent's side; `callers` are the voices that may be heard.
pub fn of_agent(call: &AgentCall, callers: &[Fingerprint], limits: &Limits) -> Vec<Finding> {
    if call.answered.is_none() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if !callers.iter().any(|caller| caller.is_in(call.heard.samples())) {
        findings.push(Finding::CallerUnheard);
    }
    if call.heard.longest_gap() > limits.gap {
        findings.push(Finding::Gap(call.heard.longest_gap()));
    }
    findings
}
