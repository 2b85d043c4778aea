//! `Phase::Transferring`: somebody else is called for a caller who is with an agent: to take over, to be asked, or to have the caller back
//! (manual.md A5). The caller hears music; in an attended transfer the first agent stays until the receiver has answered and the agent says so
//! (R54, R55), and nobody is left without somebody to talk to or to wait for.

mod begin;
mod cleared;
mod end;
mod receiver;

use crate::call::{Call, Phase, Talking};
use crate::world::World;
use hotline_model::history::Receiver;
use hotline_model::{Name, PhoneNumber, QueueId, SeatId, Timestamp, TransferMode, TransferReason};
use hotline_sip::DialogId;

pub(crate) use begin::{Asked, taken};

/// A transfer, a consultation, or the way back to an agent.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    pub aim: Aim,
    /// The seat whose agent gave the order.
    pub from: SeatId,
    /// That agent's leg, while it is there.
    pub first: Option<u8>,
    pub mode: TransferMode,
    /// Who is still to be called.
    pub way: Way,
    /// Why (R53).
    pub reason: Option<TransferReason>,
    /// Why, if nobody says it.
    pub default: Option<TransferReason>,
    /// K9: when somebody is to have answered.
    pub answer_by: Timestamp,
    pub stage: Stage,
    /// The REFER that is told how it goes (RFC 3515 2.4.5).
    pub refer: Option<DialogId>,
}

/// What it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// The receiver is to have the caller.
    TakeOver,
    /// The receiver is asked; the order to complete makes it a transfer.
    Consult,
    /// The receiver of an earlier transfer gives the caller back.
    GiveBack,
    /// Nobody took the caller of a blind transfer: back to the first agent (R59).
    Return,
}

/// Where a receiver is looked for.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// One of these seats, in this order.
    Seats(Vec<SeatId>),
    /// Whoever of a queue is free, one after the other.
    Queue(QueueId),
    /// Outside, over one of these trunks, in this order.
    Outside(PhoneNumber, Vec<Name>),
}

/// How far it has come.
#[derive(Clone, Debug)]
pub(crate) enum Stage {
    /// Nobody rings.
    Looking,
    /// A receiver rings.
    Ringing(Ring),
    /// The receiver talks with the first agent.
    Consulting(Talking),
    /// Both talk with the caller.
    ThreeWay(Talking),
}

/// A receiver who rings.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    /// Who, and the leg.
    pub party: Talking,
    /// Who, for the history.
    pub who: Receiver,
    pub rang: bool,
    /// How many of the seat's contacts were tried before the present one.
    pub tried: usize,
    /// The seat's phone was answered; the router has yet to say whether in time.
    pub answered: bool,
}

impl Transfer {
    /// Who has answered.
    pub fn receiver(&self) -> Option<Talking> {
        match &self.stage {
            Stage::Consulting(receiver) | Stage::ThreeWay(receiver) => Some(*receiver),
            Stage::Looking | Stage::Ringing(_) => None,
        }
    }

    /// Whether the receiver has the caller as soon as he answers.
    fn is_at_once(&self) -> bool {
        match self.aim {
            Aim::Consult => false,
            Aim::GiveBack | Aim::Return => true,
            Aim::TakeOver => self.first.is_none() || self.mode == TransferMode::BlindWithReturn || self.refer.is_some(),
        }
    }

    /// Whether it is a transfer or a consultation of the record.
    fn is_told(&self) -> bool {
        matches!(self.aim, Aim::TakeOver | Aim::Consult)
    }
}

impl Call {
    /// The transfer under way.
    pub fn transfer(&self) -> Option<&Transfer> {
        match &self.phase {
            Phase::Transferring(transfer) => Some(transfer),
            Phase::Menu(_)
            | Phase::Led(_)
            | Phase::Waiting(_)
            | Phase::Offered(..)
            | Phase::Later(_)
            | Phase::Reaching(..)
            | Phase::Talking(_)
            | Phase::Survey(_)
            | Phase::Goodbye
            | Phase::WrapUp
            | Phase::Done => None,
        }
    }

    fn transfer_mut(&mut self) -> Option<&mut Transfer> {
        let Phase::Transferring(transfer) = &mut self.phase else { return None };
        Some(transfer)
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(transfer) = self.transfer_mut() {
            transfer.stage = stage;
        }
    }

    /// The receiver who rings.
    fn ring(&self) -> Option<&Ring> {
        let Stage::Ringing(ring) = &self.transfer()?.stage else { return None };
        Some(ring)
    }

    /// Whether a leg is that of a receiver who rings.
    pub fn is_ringing_receiver(&self, leg: u8) -> bool {
        self.ring().is_some_and(|ring| ring.party.leg == leg)
    }

    /// The REFER that asked for it is told how it goes; whether anybody still listens is no matter.
    fn tell_refer(&mut self, world: &mut World, code: u16) {
        let Some(dialog) = self.transfer().and_then(|transfer| transfer.refer) else { return };
        if world.sip.refer_progress(world.now, dialog, code).is_err() {
            world.counters.late += 1;
        }
    }
}
