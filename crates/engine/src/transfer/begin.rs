//! The order to transfer or to ask: whether it may be carried out, and if so its beginning.

use super::{Aim, Stage, Transfer, Way};
use crate::call::{Call, Phase, Talking, Waiting};
use crate::live_clock::K9;
use crate::world::World;
use hotline_model::history::{EventKind, PhoneEvent, WhyNot};
use hotline_model::{Class, DeskRefusal, Intent, Need, PhoneNumber, Profile, QueueId, SeatId, Target, TransferMode, TransferReason};
use hotline_rules::{Callee, Route, TransferTarget};
use hotline_sip::DialogId;

/// What was ordered.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub to: Target,
    pub mode: Option<TransferMode>,
    pub reason: Option<TransferReason>,
    /// Somebody is only asked.
    pub consult: bool,
    /// The phone asked by this REFER.
    pub refer: Option<DialogId>,
}

impl Call {
    /// The leg of a seat that talks with the caller, and with nobody else.
    pub fn leg_of_talk(&self, seat: SeatId) -> Result<u8, DeskRefusal> {
        match &self.phase {
            Phase::Talking(Talking { seat: Some(of), leg }) if *of == seat => Ok(*leg),
            Phase::Transferring(_) => Err(DeskRefusal::UnderWay),
            Phase::Menu(_)
            | Phase::Led(_)
            | Phase::Waiting(_)
            | Phase::Offered(..)
            | Phase::Later(_)
            | Phase::Reaching(..)
            | Phase::Talking(_)
            | Phase::Survey(_)
            | Phase::Message(_)
            | Phase::Goodbye
            | Phase::WrapUp
            | Phase::Done => Err(DeskRefusal::NoCall),
        }
    }

    /// Somebody is called to take over, or to be asked. Nothing has changed if it is refused.
    pub fn begin_transfer(&mut self, world: &mut World, seat: SeatId, asked: Asked) -> Result<(), DeskRefusal> {
        let leg = self.leg_of_talk(seat)?;
        let waiting = self.matter.waiting.clone().ok_or(DeskRefusal::NoCall)?;
        let target = world.plan.transfer_to(seat, &asked.to)?;
        let reason = if asked.consult { asked.reason } else { Some(reason(world, asked.reason, &target)?) };
        let mode = if asked.consult { TransferMode::Attended } else { mode(world, asked.mode, &waiting.profile)? };
        if is_only(&target.route, seat) {
            return Err(DeskRefusal::Oneself);
        }
        let way = self.way_to(world, &target.route, &waiting)?;
        if self.legs.free().is_none() || world.ports.is_empty() {
            return Err(DeskRefusal::NoRoom);
        }
        let from = world.seat_name(seat);
        self.record(world, EventKind::TransferBegan { from, to: asked.to, mode, reason, consultation: asked.consult });
        if let Route::Number(number, _) = &target.route
            && number.is_emergency()
        {
            self.record(world, EventKind::Phone(PhoneEvent::Emergency { number: number.digits().into() }));
        }
        world.counters.transfers += u64::from(!asked.consult);
        let limit = world.plan.timers.transfer_answer;
        self.start_clock(world, K9, world.now, limit);
        let aim = if asked.consult { Aim::Consult } else { Aim::TakeOver };
        let answer_by = world.now + limit;
        let (stage, default) = (Stage::Looking, target.reason);
        let transfer = Transfer { aim, from: seat, first: Some(leg), mode, way, reason, default, answer_by, stage, refer: asked.refer };
        self.phase = Phase::Transferring(Box::new(transfer));
        self.legs[leg].parted = false;
        if mode == TransferMode::BlindWithReturn && asked.refer.is_none() {
            self.part_from_first(world);
        }
        self.arrange(world);
        self.call_receiver(world);
        Ok(())
    }

    /// The first agent leaves, and has the wrap-up.
    fn part_from_first(&mut self, world: &mut World) {
        let Some(transfer) = self.transfer_mut() else { return };
        let (leg, seat) = (transfer.first.take(), transfer.from);
        if let Some(leg) = leg {
            self.end_leg(world, leg, None);
        }
        self.release(world, seat);
    }

    /// Where a receiver can be looked for now.
    fn way_to(&self, world: &World, route: &Route, waiting: &Waiting) -> Result<Way, DeskRefusal> {
        let sensitive = waiting.profile.sensitive;
        match route {
            Route::Seat(seat) => self.may_have(world, *seat, sensitive).map(|()| Way::Seats(vec![*seat])),
            Route::Seats(seats) => {
                let tried: Vec<Result<SeatId, DeskRefusal>> =
                    seats.iter().map(|seat| self.may_have(world, *seat, sensitive).map(|()| *seat)).collect();
                let there: Vec<SeatId> = tried.iter().filter_map(|seat| seat.ok()).collect();
                let why = tried.into_iter().filter_map(Result::err).min_by_key(|why| nearest(*why)).unwrap_or(DeskRefusal::NobodyThere);
                if there.is_empty() { Err(why) } else { Ok(Way::Seats(there)) }
            }
            Route::Queue(queue) => attended(world, *queue, &waiting.profile).map(|()| Way::Queue(*queue)),
            // Nobody outside is cleared (R68).
            Route::Number(..) if sensitive => Err(DeskRefusal::NotCleared),
            Route::Number(number, _) if PhoneNumber::parse(self.from.reveal()).as_ref() == Ok(number) => Err(DeskRefusal::NotAllowed),
            Route::Number(number, trunks) => {
                let callee = Callee::Number(number.clone());
                let passes = trunks.iter().any(|trunk| world.trunks.passage(world.now, &world.plan, trunk, &callee).is_ok());
                if passes { Ok(Way::Outside(number.clone(), trunks.clone())) } else { Err(DeskRefusal::NoRoom) }
            }
        }
    }

    fn may_have(&self, world: &World, seat: SeatId, sensitive: bool) -> Result<(), DeskRefusal> {
        world.router.takes(self.id, seat, sensitive).map_err(|why| match why {
            WhyNot::NoSuchSeat => DeskRefusal::NoSuchTarget,
            WhyNot::NotCleared => DeskRefusal::NotCleared,
            WhyNot::NotWaiting | WhyNot::NotReady => {
                let state = world.router.seat_state(seat);
                let there = state.reachable && state.intent != Intent::SignedOut;
                if there { DeskRefusal::NotReady } else { DeskRefusal::NobodyThere }
            }
        })
    }
}

/// Whether nobody else than a seat itself is there.
fn is_only(route: &Route, seat: SeatId) -> bool {
    match route {
        Route::Seat(to) => *to == seat,
        Route::Seats(to) => to.iter().all(|to| *to == seat),
        Route::Queue(_) | Route::Number(..) => false,
    }
}

/// Of several refusals the one that is told: who is there and busy before who is not there.
fn nearest(why: DeskRefusal) -> u8 {
    match why {
        DeskRefusal::NotReady => 0,
        DeskRefusal::NotCleared => 1,
        DeskRefusal::NobodyThere => 2,
        DeskRefusal::NoSuchSeat
        | DeskRefusal::NoCall
        | DeskRefusal::NoReason
        | DeskRefusal::ReasonNotTaken
        | DeskRefusal::AttendedOnly
        | DeskRefusal::NoSuchTarget
        | DeskRefusal::NotAllowed
        | DeskRefusal::NoRoom
        | DeskRefusal::UnderWay
        | DeskRefusal::NotUnderWay
        | DeskRefusal::NotAnswered
        | DeskRefusal::NotYours
        | DeskRefusal::NobodyToGoBackTo
        | DeskRefusal::NoSuchDisposition
        | DeskRefusal::NotNow
        | DeskRefusal::Oneself
        | DeskRefusal::OwnNumber
        | DeskRefusal::SignedOut
        | DeskRefusal::OutsideShifts
        | DeskRefusal::NotAtThisTelephone
        | DeskRefusal::NotFromThisNetwork => 3,
    }
}

/// Never a transfer to a queue with nobody there (manual.md A5), or for a sensitive call nobody cleared (R68).
pub(super) fn attended(world: &World, queue: QueueId, profile: &Profile) -> Result<(), DeskRefusal> {
    if world.plan.queue(queue).retired {
        return Err(DeskRefusal::NoSuchTarget);
    }
    let profile = for_receiver(world, profile);
    if world.router.attends(queue, &profile) {
        return Ok(());
    }
    let anybody = world.router.attends(queue, &Profile { sensitive: false, ..profile.clone() });
    Err(if profile.sensitive && anybody { DeskRefusal::NotCleared } else { DeskRefusal::NobodyThere })
}

/// Who is to take over must speak the caller's language; what else the first queue asked for is not what this one is asked for, and the caller's
/// own agents are not waited for.
pub(super) fn for_receiver(world: &World, profile: &Profile) -> Profile {
    let skills: Vec<Need> = world.plan.language(profile.language).need.into_iter().collect();
    Profile { skills, owner: None, last: None, preferred: None, ..profile.clone() }
}

/// R53: one of the three, stated or the target's own.
pub(super) fn reason(world: &World, stated: Option<TransferReason>, target: &TransferTarget) -> Result<TransferReason, DeskRefusal> {
    taken(world, stated.or(target.reason))
}

/// Whether the rules take a reason.
pub(crate) fn taken(world: &World, reason: Option<TransferReason>) -> Result<TransferReason, DeskRefusal> {
    let reason = reason.ok_or(DeskRefusal::NoReason)?;
    if world.plan.transfer.reasons.contains(&reason) { Ok(reason) } else { Err(DeskRefusal::ReasonNotTaken) }
}

/// R55: whoever connects a complex or major matter first hands it over himself.
fn mode(world: &World, stated: Option<TransferMode>, profile: &Profile) -> Result<TransferMode, DeskRefusal> {
    let is_grave = matches!(profile.class, Some(Class::Complex | Class::Major));
    match stated {
        Some(TransferMode::BlindWithReturn) if is_grave => Err(DeskRefusal::AttendedOnly),
        Some(mode) => Ok(mode),
        None if is_grave => Ok(TransferMode::Attended),
        None => Ok(world.plan.transfer.mode),
    }
}
