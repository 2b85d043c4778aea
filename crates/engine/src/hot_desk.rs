//! Who sits at which telephone: a seat at its own, unless it signed in elsewhere with its PIN (hot desking). One telephone has one seat, one
//! seat one telephone.

use crate::codes::Who;
use crate::engine::{Engine, Output};
use crate::world::World;
use hotline_model::Suspect;
use hotline_model::history::{CodeRefusal, EventKind, Flow, PhoneEvent};
use hotline_model::{Activity, CallId, DeskOrder, DeskRefusal, Entry, Intent, Name, SeatId};
use hotline_router::Input;
use std::collections::BTreeMap;

/// Seats that sit at telephones which aren't their own.
#[derive(Debug, Default)]
pub(crate) struct HotDesks {
    at: BTreeMap<Name, SeatId>,
    of: BTreeMap<SeatId, Name>,
}

impl HotDesks {
    fn put(&mut self, phone: &Name, seat: SeatId) {
        self.at.insert(phone.clone(), seat);
        self.of.insert(seat, phone.clone());
    }

    fn take(&mut self, phone: &Name) -> Option<SeatId> {
        let seat = self.at.remove(phone)?;
        self.of.remove(&seat);
        Some(seat)
    }
}

impl World {
    /// The seat whose calls ring at a telephone.
    pub fn seat_at(&self, phone: &str) -> Option<SeatId> {
        let own = || self.own_seat(phone).filter(|seat| !self.desks.of.contains_key(seat));
        self.desks.at.get(phone).copied().or_else(own)
    }

    /// The seat of that name.
    pub fn own_seat(&self, phone: &str) -> Option<SeatId> {
        self.plan.seat_names.get(phone).copied().filter(|seat| !self.plan.seat(*seat).retired)
    }

    /// Whether somebody may sign in for a seat now, at this telephone or the one where it rings (R138). A telephone of which nothing is
    /// known yet is from nowhere: it gets no calls either.
    ///
    /// # Errors
    /// What of `[access]` is against it.
    pub fn may_work(&self, seat: SeatId, phone: Option<&Name>) -> Result<(), DeskRefusal> {
        let access = &self.plan.settings.access;
        if access.shifts.is_some_and(|shifts| !self.plan.calendar(shifts).is_open(self.wall())) {
            return Err(DeskRefusal::OutsideShifts);
        }
        let Some(phone) = phone.or_else(|| self.phone_of(seat)) else { return Ok(()) };
        if !access.takes_device(phone) {
            return Err(DeskRefusal::NotAtThisTelephone);
        }
        let in_place = self.contacts_at(phone).iter().all(|(_, flow)| access.takes_address(flow.remote.ip()));
        if in_place { Ok(()) } else { Err(DeskRefusal::NotFromThisNetwork) }
    }

    /// The telephone at which a seat's calls ring; none if somebody else sits at its own.
    fn phone_of(&self, seat: SeatId) -> Option<&Name> {
        let own = &self.plan.seat(seat).name;
        self.desks.of.get(&seat).or_else(|| (!self.desks.at.contains_key(own)).then_some(own))
    }

    /// Where a seat can be called: at the fixed contact of its telephone, or at the registered ones, the most preferred first.
    pub fn contacts_of(&self, seat: SeatId) -> Vec<(String, Flow)> {
        self.phone_of(seat).map(|phone| self.contacts_at(phone)).unwrap_or_default()
    }

    fn contacts_at(&self, phone: &Name) -> Vec<(String, Flow)> {
        let fixed = self.own_seat(phone).and_then(|owner| self.fixed_contacts.get(&owner));
        fixed.map_or_else(|| self.sip.contacts(phone), |fixed| vec![fixed.clone()])
    }
}

/// Why a sign-in did not happen.
pub(crate) enum NoSignIn {
    /// The PIN is to be asked for.
    NeedsPin(Who),
    /// And why.
    Refused(CodeRefusal),
}

impl Engine {
    /// Signs a seat in at a telephone, in a call that was made there.
    ///
    /// # Errors
    /// The PIN is missing or wrong, or somebody is in a call.
    pub(crate) fn sign_in_at(&mut self, call: CallId, phone: &Name, who: &Who) -> Result<SeatId, NoSignIn> {
        let seat = match &who.seat {
            Some(typed) => self.world.plan.seat_called(typed),
            None => self.world.own_seat(phone),
        };
        let of_seat = seat.map(|seat| Suspect::Seat(self.world.seat_name(seat)));
        let suspects: Vec<Suspect> = of_seat.into_iter().chain([Suspect::Phone(phone.clone())]).collect();
        if self.world.pins.locked(self.world.now, &suspects).is_some() {
            return Err(NoSignIn::Refused(CodeRefusal::Locked));
        }
        let Some(typed) = &who.pin else { return Err(NoSignIn::NeedsPin(who.clone())) };
        let known = seat.filter(|seat| self.world.plan.seat(*seat).desk.pin.as_ref().is_some_and(|pin| pin.is(typed)));
        let Some(seat) = known else {
            let until = self.world.pins.wrong(self.world.now, &suspects);
            self.record_pins(&suspects);
            let seat = seat.map_or("unknown".into(), |seat| self.world.seat_name(seat));
            let locked_until = until.map(|until| until.to_wall(self.world.wall_offset));
            self.world.counters.wrong_pins += 1;
            self.world.record(call, EventKind::Phone(PhoneEvent::WrongPin { phone: phone.clone(), seat, locked_until }));
            return Err(NoSignIn::Refused(CodeRefusal::WrongPin));
        };
        let forgiven = self.world.pins.right(&suspects);
        self.record_pins(&forgiven);
        self.sit_down(seat, phone).map_err(|why| NoSignIn::Refused(CodeRefusal::Desk(why)))?;
        Ok(seat)
    }

    fn sit_down(&mut self, seat: SeatId, phone: &Name) -> Result<(), DeskRefusal> {
        self.world.may_work(seat, Some(phone))?;
        let is_here = self.world.phone_of(seat) == Some(phone);
        if !is_here {
            self.make_way(seat, phone)?;
            self.move_to_phone(seat, phone);
        }
        let name = self.world.seat_name(seat);
        self.on_desk(seat, name, DeskOrder::SignIn);
        self.answered
    }

    /// Who sat there is signed out; nobody moves during a call.
    fn make_way(&mut self, seat: SeatId, phone: &Name) -> Result<(), DeskRefusal> {
        let occupant = self.world.seat_at(phone).filter(|other| *other != seat);
        let activity = |engine: &Self, seat| engine.world.router.seat_state(seat).activity;
        let busy = occupant.is_some_and(|other| matches!(activity(self, other), Activity::OnCall | Activity::Offered));
        if busy || activity(self, seat) == Activity::OnCall {
            return Err(DeskRefusal::NotNow);
        }
        let now = self.world.now;
        if let Some(other) = occupant {
            let name = self.world.seat_name(other);
            self.on_desk(other, name, DeskOrder::SignOut);
            self.leave_phone(other);
            self.world.router.handle(now, Input::Reachable { seat: other, reachable: false });
        }
        // What rings at the old telephone rings elsewhere from now on.
        self.world.router.handle(now, Input::Intent { seat, intent: Intent::SignedOut });
        Ok(())
    }

    fn move_to_phone(&mut self, seat: SeatId, phone: &Name) {
        if let Some(old) = self.world.desks.of.get(&seat).cloned() {
            self.world.desks.take(&old);
            self.record_hot_desk(old, None);
        }
        if self.world.own_seat(phone) != Some(seat) {
            self.world.desks.put(phone, seat);
            self.record_hot_desk(phone.clone(), Some(seat));
        }
        let reachable = !self.world.contacts_of(seat).is_empty();
        self.world.router.handle(self.world.now, Input::Reachable { seat, reachable });
    }

    /// A seat that sat at another telephone is at its own again, and so is whoever's telephone it was.
    pub(crate) fn leave_phone(&mut self, seat: SeatId) {
        let Some(phone) = self.world.desks.of.get(&seat).cloned() else { return };
        self.world.desks.take(&phone);
        self.record_hot_desk(phone.clone(), None);
        for seat in [Some(seat), self.world.own_seat(&phone)].into_iter().flatten() {
            let reachable = !self.world.contacts_of(seat).is_empty();
            self.world.router.handle(self.world.now, Input::Reachable { seat, reachable });
        }
    }

    fn record_hot_desk(&mut self, phone: Name, seat: Option<SeatId>) {
        let world = &mut self.world;
        let seat = seat.map(|seat| world.seat_name(seat));
        world.outputs.push_back(Output::Journal(Entry::HotDesk { at: world.wall(), phone, seat }));
        world.outputs.push_back(Output::BindingsChanged);
    }

    /// Telephones and the seats that sit there without being their owners, for the state file.
    pub fn hot_desks(&self) -> Vec<(Name, Name)> {
        self.world.desks.at.iter().map(|(phone, seat)| (phone.clone(), self.world.seat_name(*seat))).collect()
    }

    /// A saved state says who sits there.
    pub(crate) fn restore_hot_desk(&mut self, phone: &Name, seat: &str) {
        let there = self.world.own_seat(phone).is_some() || self.world.plan.phone(phone).is_some();
        let free = there && !self.world.desks.at.contains_key(phone) && self.world.own_seat(phone) != self.world.own_seat(seat);
        let Some(seat) = self.world.own_seat(seat).filter(|seat| free && !self.world.desks.of.contains_key(seat)) else { return };
        let owner = self.world.own_seat(phone);
        self.world.desks.put(phone, seat);
        for seat in [Some(seat), owner].into_iter().flatten() {
            let reachable = !self.world.contacts_of(seat).is_empty();
            self.world.router.handle(self.world.now, Input::Reachable { seat, reachable });
        }
    }

    /// New rules: telephones and seats that they no longer have are left.
    pub(crate) fn leave_retired_phones(&mut self) {
        let gone = |(phone, seat): (&Name, &SeatId)| {
            let there = self.world.own_seat(phone).is_some() || self.world.plan.phone(phone).is_some();
            (!there || self.world.plan.seat(*seat).retired).then_some(*seat)
        };
        let gone: Vec<SeatId> = self.world.desks.at.iter().filter_map(gone).collect();
        gone.into_iter().for_each(|seat| self.leave_phone(seat));
    }
}
