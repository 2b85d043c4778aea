//! After a restart: a seat's own call in which both talked is taken up again; any other one is over, and whoever rang or listened is told so.

use crate::call::Call;
use crate::call::{Phase, Talking};
use crate::engine::Engine;
use crate::own_call::{OwnCall, State};
use crate::recover::take_up_leg;
use crate::world::World;
use hotline_model::history::{Cause, DialogState, EventKind, MediaState, PhoneEvent, Side};
use hotline_model::{CallEvent, CallId, LegRole, Name};
use hotline_router::Input;
use std::collections::BTreeMap;

type PastLeg = (LegRole, Option<Name>, DialogState, Option<MediaState>);

/// What the journal says of a call of a seat's own.
#[derive(Default)]
struct Past {
    phone: Option<Name>,
    seat: Option<Name>,
    legs: BTreeMap<u8, PastLeg>,
    inviting: Vec<(u8, DialogState, u64)>,
    /// The callee answered: a seat, or a trunk by which somebody outside is on the line.
    answered: Option<Other>,
    hung_up: bool,
}

enum Other {
    Seat(Name),
    Trunk(Name),
}

impl Past {
    fn read(events: &[CallEvent]) -> Option<Self> {
        let calls = |event: &CallEvent| matches!(event.kind, EventKind::Phone(PhoneEvent::Calls { .. }));
        // It is the second event of such a call, and of no other.
        events.get(1).filter(|event| calls(event))?;
        let mut past = Self::default();
        events.iter().for_each(|event| past.apply(&event.kind));
        Some(past)
    }

    fn apply(&mut self, kind: &EventKind) {
        if let EventKind::Leg { leg, .. } | EventKind::LegEnded { leg } = kind
            && let Some(last) = self.inviting.iter().rposition(|(of, ..)| of == leg)
        {
            self.inviting.remove(last);
        }
        if let EventKind::Phone(PhoneEvent::Calls { phone, seat, .. }) = kind {
            (self.phone, self.seat) = (Some(phone.clone()), seat.clone());
        } else if let EventKind::Inviting { leg, dialog, branch } = kind {
            self.inviting.push((*leg, (**dialog).clone(), *branch));
        } else if let EventKind::Leg { leg, role, seat, dialog, media } = kind {
            self.legs.insert(*leg, (*role, seat.clone(), (**dialog).clone(), media.clone()));
        } else if let EventKind::LegEnded { leg } = kind {
            self.legs.remove(leg);
        } else if let EventKind::Answered { seat } = kind {
            self.answered = Some(Other::Seat(seat.clone()));
        } else if let EventKind::OutsideAnswered { trunk, .. } = kind {
            self.answered = Some(Other::Trunk(trunk.clone()));
        } else if let EventKind::HungUp { .. } = kind {
            self.hung_up = true;
        }
    }
}

impl Engine {
    /// Takes up the calls of the seats' own among these, or ends them; the others are given back.
    pub(crate) fn restore_own<'a>(&mut self, live: &'a BTreeMap<CallId, Vec<CallEvent>>) -> BTreeMap<CallId, &'a [CallEvent]> {
        let mut others = BTreeMap::new();
        for (id, events) in live {
            match (Past::read(events), events.first().map(|event| &event.kind)) {
                (Some(past), Some(EventKind::Arrived { dialled, from, .. })) => {
                    let mut call = OwnCall {
                        base: Call::new(&self.world, *id, dialled.clone(), from.clone()),
                        phone: past.phone.clone().unwrap_or("".into()),
                        seat: past.seat.as_ref().and_then(|name| self.world.own_seat(name)),
                        state: State::New,
                        answer: None,
                        engaged: false,
                    };
                    call.take_up(&mut self.world, past);
                    if !call.is_over() {
                        self.own.insert(*id, call);
                    }
                    self.settle();
                }
                (Some(_) | None, _) => {
                    others.insert(*id, events.as_slice());
                }
            }
        }
        others
    }
}

impl OwnCall {
    fn take_up(&mut self, world: &mut World, mut past: Past) {
        for (_, invite, branch) in std::mem::take(&mut past.inviting) {
            if world.sip.cancel_of_past(world.now, invite, branch).is_err() {
                world.counters.late += 1;
            }
        }
        for (index, leg) in std::mem::take(&mut past.legs) {
            if let Some(leg) = take_up_leg(world, self.base.id, index, leg) {
                self.base.legs.put(index, leg);
            }
        }
        if past.hung_up {
            for index in self.base.legs.numbers() {
                self.base.end_leg(world, index, None);
            }
            return self.base.archive(world);
        }
        let other = self.base.legs.numbers().into_iter().find(|index| *index != 0);
        let (Some(_), Some(leg), Some(answered)) = (self.base.legs.live(0), other, past.answered) else {
            return self.finish(world, None, Side::System, Cause::Technical, None);
        };
        world.counters.recovered += 1;
        self.base.record(world, EventKind::Recovered);
        let seat = match answered {
            Other::Seat(name) => world.own_seat(&name),
            Other::Trunk(trunk) => {
                world.trunks.take(&trunk);
                self.base.legs[leg].trunk = Some(trunk);
                None
            }
        };
        if let Some(seat) = seat {
            world.router.handle(world.now, Input::Engaged { call: self.base.id, seat, queue: None });
        }
        self.state = State::Talking(seat);
        self.base.phase = Phase::Talking(Talking { seat, leg });
        self.engage(world);
        for index in [0, leg] {
            self.base.reinvite(world, index);
        }
        self.base.bridge(world);
    }
}
