//! From INVITE to 200 in one step, so that nothing can miss the 3 s of K1 (R1, R2).

use crate::block;
use crate::call::Call;
use crate::caller::Caller;
use crate::leg::{Leg, LegMedia, Legs, preferring};
use crate::live_clock::K1;
use crate::world::World;
use hotline_model::history::{Blocked, Cause, Direction, EventKind, Side};
use hotline_model::{CallId, LegRole};
use hotline_rules::{NumberId, PickUp};
use hotline_sip::{DialogId, IncomingInvite, Reject};

/// Retry-After of a 503 in seconds: the whole node is full (RFC 3261 21.5.4).
pub(crate) const RETRY_AFTER: u32 = 10;

/// An INVITE that is not picked up: the answer it gets, and the counter it falls under.
pub(crate) enum Refusal {
    UnknownNumber,
    BadSdp,
    UnacceptableSdp,
    NoPort,
}

/// Picks a call up, or refuses it.
pub(crate) fn pick_up(world: &mut World, id: CallId, dialog: DialogId, invite: &IncomingInvite) -> Option<Call> {
    match answer(world, id, dialog, invite) {
        Ok(call) => Some(call),
        Err(refusal) => {
            refuse(world, dialog, &refusal);
            None
        }
    }
}

/// Refuses an INVITE because the node is full or draining.
pub(crate) fn turn_away(world: &mut World, dialog: DialogId) {
    world.counters.refused += 1;
    reject(world, dialog, 503, Some(RETRY_AFTER));
}

fn refuse(world: &mut World, dialog: DialogId, refusal: &Refusal) {
    let (counter, code, retry_after) = match refusal {
        Refusal::UnknownNumber => (&mut world.counters.unknown_number, 404, None),
        Refusal::BadSdp => (&mut world.counters.unacceptable_sdp, 400, None),
        Refusal::UnacceptableSdp => (&mut world.counters.unacceptable_sdp, 488, None),
        Refusal::NoPort => (&mut world.counters.no_port, 503, Some(RETRY_AFTER)),
    };
    *counter += 1;
    reject(world, dialog, code, retry_after);
}

fn reject(world: &mut World, dialog: DialogId, code: u16, retry_after: Option<u32>) {
    if world.sip.reject(world.now, dialog, Reject { code, q850: None, retry_after }).is_err() {
        world.counters.late += 1;
    }
}

fn answer(world: &mut World, id: CallId, dialog: DialogId, invite: &IncomingInvite) -> Result<Call, Refusal> {
    let caller = world.caller(invite);
    let number = caller.number.ok_or(Refusal::UnknownNumber)?;
    let block = world.turned_away(invite, &caller.from);
    if let Some((blocked, code)) = block.as_ref().and_then(|blocked| Some((blocked, block::status(blocked.answer)?))) {
        return Ok(turn_off(world, id, (dialog, number), invite, (caller, blocked.clone(), code)));
    }
    let mut media = LegMedia::lease(world, invite.flow.remote.ip()).ok_or(Refusal::NoPort)?;
    let body = match negotiate(world, &mut media, invite) {
        Ok(body) => body,
        Err(refusal) => {
            media.close(world);
            return Err(refusal);
        }
    };
    let mut call = begin(world, id, number, dialog, media, invite, caller);
    // Without an offer ours would have to go into a reliable 1xx (RFC 3262 5).
    let early = world.plan.number(number).pick_up == PickUp::EarlyMedia && invite.body.is_some() && block.is_none();
    if early {
        call.begin_early(world, body);
    } else {
        call.answer(world, body);
    }
    match block {
        Some(blocked) => call.tell_off(world, number, blocked),
        None => call.start_menu(world, number),
    }
    Ok(call)
}

/// A caller whom the block list refuses: no port, no clock, but a record.
fn turn_off(
    world: &mut World,
    id: CallId,
    (dialog, number): (DialogId, NumberId),
    invite: &IncomingInvite,
    (caller, blocked, code): (Caller, Blocked, u16),
) -> Call {
    let mut call = arrive(world, id, number, invite, caller);
    call.record(world, EventKind::Blocked(blocked));
    world.counters.blocked += 1;
    reject(world, dialog, code, None);
    call.record(world, EventKind::HungUp { side: Side::System, cause: Cause::Blocked, q850: None });
    call.archive(world);
    call
}

/// Our SDP for the 200: the answer to the caller's offer, or an offer of our own when the INVITE brought none (RFC 3261 13.2.1).
pub(crate) fn negotiate(world: &mut World, media: &mut LegMedia, invite: &IncomingInvite) -> Result<Vec<u8>, Refusal> {
    let Some(offer) = &invite.body else {
        return Ok(hotline_sdp::offer(&media.local(world, preferring(None)), Direction::SendRecv));
    };
    let offer = hotline_sdp::parse(offer).map_err(|_| Refusal::BadSdp)?;
    let local = media.local(world, preferring(None));
    let (body, agreed) = hotline_sdp::answer(&offer, &local, Direction::SendRecv).map_err(|_| Refusal::UnacceptableSdp)?;
    media.agree(world, agreed);
    Ok(body)
}

fn begin(
    world: &mut World,
    id: CallId,
    number: NumberId,
    dialog: DialogId,
    media: LegMedia,
    invite: &IncomingInvite,
    caller: Caller,
) -> Call {
    world.counters.offered += 1;
    world.dialogs.insert(dialog, (id, 0));
    world.streams.insert(media.stream, (id, 0));
    let mut legs = Legs::default();
    legs.put(0, Leg::new(dialog, LegRole::Caller, media));
    let mut call = Call { legs, ..arrive(world, id, number, invite, caller) };
    call.probe_later(world, 0);
    let limit = world.plan.timers.pickup;
    call.start_clock(world, K1, world.now, limit);
    call
}

/// A call of which nothing is known but who calls whom.
fn arrive(world: &mut World, id: CallId, number: NumberId, invite: &IncomingInvite, caller: Caller) -> Call {
    let dialled = world.plan.number(number).name.clone();
    let call = Call::new(world, id, dialled, caller.from);
    let arrived = EventKind::Arrived {
        dialled: call.dialled.clone(),
        from: call.from.clone(),
        source: invite.flow.remote,
        sip_call_id: invite.call_id.clone(),
        revision: world.plan.revision,
    };
    call.record(world, arrived);
    if let Some(identified) = caller.identified {
        call.record(world, EventKind::Identified(identified));
    }
    call
}
