//! Callers who have spoken with us before: whose matter is open and who owns it (R57), and who had them last (R43).

use crate::call::Call;
use crate::world::World;
use hotline_model::history::EventKind;
use hotline_model::{CallId, Name, Number, PhoneNumber, Profile, TransferEnd, WallTime};
use hotline_rules::Plan;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Numbers that are remembered; of more, those whose call is longest ago are forgotten.
const MOST: usize = 100_000;

/// A conversation that is over, as far as it matters to the caller's next call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastTalk {
    /// The caller's number.
    pub from: Number,
    /// The seat that is responsible for the matter.
    pub owner: Name,
    /// The seat that had the caller last.
    pub last: Name,
    /// What became of it, as an agent stated.
    pub disposition: Option<Name>,
    /// When the record was complete.
    pub at: WallTime,
}

/// What is known of a call that somebody answered.
#[derive(Clone, Debug)]
struct Talk {
    owner: Name,
    last: Name,
    /// Who had it before the transfer under way, if that is one and not a consultation only.
    receiver: Option<Name>,
    disposition: Option<Name>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Regulars {
    live: BTreeMap<CallId, Talk>,
    over: BTreeMap<PhoneNumber, PastTalk>,
    /// The same by age.
    ages: BTreeSet<(WallTime, PhoneNumber)>,
}

impl Regulars {
    /// Follows the history of a call: who answered it, who owns it, what became of it.
    pub fn note(&mut self, call: CallId, kind: &EventKind) {
        if let EventKind::Answered { seat } = kind {
            let talk = || Talk { owner: seat.clone(), last: seat.clone(), receiver: None, disposition: None };
            self.live.entry(call).or_insert_with(talk).last = seat.clone();
        } else if *kind == EventKind::Archived {
            // A seat's own call is no customer's, and not remembered.
            self.live.remove(&call);
        } else if let Some(talk) = self.live.get_mut(&call) {
            talk.note(kind);
        }
    }

    /// A call's record is complete.
    pub fn close(&mut self, call: CallId, from: &Number, at: WallTime) {
        if let Some(Talk { owner, last, disposition, .. }) = self.live.remove(&call) {
            self.remember(PastTalk { from: from.clone(), owner, last, disposition, at });
        }
    }

    /// Remembers a conversation, unless a later one of that number is known. Callers without a number can't be known again.
    pub fn remember(&mut self, talk: PastTalk) {
        let Ok(number) = PhoneNumber::parse(talk.from.reveal()) else { return };
        if let Some(known) = self.over.get(&number) {
            if known.at > talk.at {
                return;
            }
            self.ages.remove(&(known.at, number.clone()));
        }
        self.ages.insert((talk.at, number.clone()));
        self.over.insert(number, talk);
        if self.over.len() > MOST
            && let Some((_, oldest)) = self.ages.pop_first()
        {
            self.over.remove(&oldest);
        }
    }

    /// The conversation of the last days (`desk.matter_open_for`) with a caller.
    fn of(&self, plan: &Plan, from: &Number, now: WallTime) -> Option<&PastTalk> {
        let number = PhoneNumber::parse(from.reveal()).ok()?;
        self.over.get(&number).filter(|talk| now.since(talk.at) < plan.desk.matter_open_for)
    }
}

impl Talk {
    fn note(&mut self, kind: &EventKind) {
        if let EventKind::Owned { seat } = kind {
            self.owner = seat.clone();
        } else if let EventKind::ReceiverAnswered { receiver } = kind {
            self.receiver = receiver.seat().cloned();
        } else if let EventKind::TransferEnded { end } = kind {
            let moved = matches!(end, TransferEnd::Completed | TransferEnd::TakenOver);
            if let Some(receiver) = self.receiver.take().filter(|_| moved) {
                self.last = receiver;
            }
        } else if let EventKind::Handled { disposition } = kind {
            self.disposition = Some(disposition.clone());
        }
    }
}

impl PastTalk {
    /// The matter is open until an agent states something that closes it (R57).
    fn is_open(&self, plan: &Plan) -> bool {
        let stated = self.disposition.as_ref().and_then(|name| plan.desk.disposition(name));
        stated.is_none_or(|disposition| disposition.open)
    }
}

impl Call {
    /// Whom a caller who has spoken with us before is to have first.
    pub fn recognise(&self, world: &mut World, profile: &mut Profile) {
        let plan = Arc::clone(&world.plan);
        let Some(talk) = world.regulars.of(&plan, &self.from, world.wall()) else { return };
        let is_there = |name: &Name| plan.seat_names.get(&**name).is_some_and(|seat| !plan.seat(*seat).retired);
        let owner = Some(talk.owner.clone()).filter(|owner| talk.is_open(&plan) && is_there(owner));
        let last = Some(talk.last.clone()).filter(is_there);
        if owner.is_none() && last.is_none() {
            return;
        }
        let known = (owner, last);
        introduce(&plan, &known, profile);
        let (owner, last) = known;
        self.record(world, EventKind::Recognised { owner, last });
    }
}

/// Owner and last agent by their seats' names. Agents that the rules name for the customer go before.
pub fn introduce(plan: &Plan, (owner, last): &(Option<Name>, Option<Name>), profile: &mut Profile) {
    let seat = |name: &Option<Name>| plan.seat_names.get(&**name.as_ref()?).copied();
    profile.owner = profile.owner.or(seat(owner));
    profile.last = profile.last.or(seat(last));
}
