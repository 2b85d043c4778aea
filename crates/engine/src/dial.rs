//! The dial plan of the seats: what a number, a name or a code that a seat's phone dials leads to. Whatever is written in a way that no number
//! has leads nowhere, and never to a trunk.

use crate::codes::{self, Asked};
use crate::world::World;
use hotline_model::history::NotPutThrough;
use hotline_model::{Intent, Name, PhoneNumber, QueueId, SeatId, Target};
use hotline_rules::Route;
use hotline_sip::{IncomingInvite, Scheme, Uri};

/// Parameters that make another number of the one that stands there (RFC 3966 5.1, RFC 4904).
const NUMBER_PARAMS: [&str; 6] = ["phone-context", "ext", "isub", "postd", "tgrp", "trunk-context"];

/// Where a call of a seat goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dial {
    /// A feature code, or something that only looks like one.
    Code(Result<Asked, ()>),
    Seat(SeatId),
    Queue(QueueId),
    /// Outside, through the first of these trunks that takes it.
    Outside(PhoneNumber, Vec<Name>),
    /// Police, fire brigade, ambulance: through whatever trunk there is.
    Emergency(PhoneNumber),
    Nowhere(NotPutThrough),
}

/// What somebody at a telephone dials; `is_own`: it is that of the seat which sits there, or would.
pub(crate) fn resolve(world: &World, invite: &IncomingInvite, seat: Option<SeatId>, is_own: bool) -> Dial {
    let user = invite.to_user.as_str();
    if let Some(number) = PhoneNumber::parse(user).ok().filter(PhoneNumber::is_emergency) {
        return Dial::Emergency(number);
    }
    if let Some(asked) = codes::dialled(&world.plan.desk, user, is_own) {
        return Dial::Code(asked);
    }
    let present = |seat: &SeatId| world.router.seat_state(*seat).intent != Intent::SignedOut;
    let Some(seat) = seat.filter(present) else { return Dial::Nowhere(NotPutThrough::NotSignedIn) };
    callee(world, invite, seat).unwrap_or_else(Dial::Nowhere)
}

fn callee(world: &World, invite: &IncomingInvite, seat: SeatId) -> Result<Dial, NotPutThrough> {
    let nobody = NotPutThrough::NoSuchNumber;
    let uri = Uri::parse(&invite.request_uri).map_err(|_| nobody)?;
    if !matches!(uri.scheme, Scheme::Sip | Scheme::Sips) {
        return Err(nobody);
    }
    if !is_ours(world, &uri, invite) {
        return Err(NotPutThrough::OtherHost);
    }
    let target = world.plan.target(&invite.to_user).ok_or(nobody)?;
    if matches!(target, Target::Number(_)) && !is_plain(&uri, invite) {
        return Err(nobody);
    }
    let route = world.plan.transfer.departments.iter().chain(&world.plan.transfer.persons).find(|one| match &target {
        Target::Department(name) | Target::Person(name) => one.name == *name,
        Target::Seat(_) | Target::Queue(_) | Target::Number(_) => false,
    });
    match (target, route.map(|one| &one.route)) {
        (Target::Seat(name), _) => world.plan.seat_names.get(&*name).copied().map(Dial::Seat).ok_or(nobody),
        (Target::Queue(name), _) => world.plan.queue_names.get(&*name).copied().map(Dial::Queue).ok_or(nobody),
        (Target::Number(number), _) => outside(world, seat, number, None),
        (Target::Department(_) | Target::Person(_), Some(route)) => by_route(world, seat, route),
        (Target::Department(_) | Target::Person(_), None) => Err(nobody),
    }
}

fn by_route(world: &World, seat: SeatId, route: &Route) -> Result<Dial, NotPutThrough> {
    match route {
        Route::Seat(to) => Ok(Dial::Seat(*to)),
        Route::Seats(seats) => {
            let ready = seats.iter().find(|to| **to != seat && world.router.seat_state(**to).is_ready());
            ready.copied().map(Dial::Seat).ok_or(NotPutThrough::NobodyThere)
        }
        Route::Queue(queue) => Ok(Dial::Queue(*queue)),
        Route::Number(number, trunks) => outside(world, seat, number.clone(), Some(trunks)),
    }
}

fn outside(world: &World, seat: SeatId, number: PhoneNumber, trunks: Option<&Vec<Name>>) -> Result<Dial, NotPutThrough> {
    if !world.plan.may_seat_dial(seat, &number) {
        return Err(if world.plan.is_own(&number) { NotPutThrough::OwnNumber } else { NotPutThrough::NotAllowed });
    }
    let all = || world.plan.trunks.iter().map(|trunk| trunk.name.clone()).collect();
    Ok(Dial::Outside(number, trunks.cloned().unwrap_or_else(all)))
}

/// Whether the address names us, or the domain that the telephone itself lives in.
fn is_ours(world: &World, uri: &Uri, invite: &IncomingInvite) -> bool {
    let Some(host) = &uri.host else { return false };
    let of = |text: &str| Uri::parse(text).ok().and_then(|uri| uri.host);
    let named = of(&format!("sip:{}", world.identity)).as_ref() == Some(host);
    let home = || invite.headers.from().is_ok_and(|from| of(&from.uri).as_ref() == Some(host));
    named || world.sip.is_ours(host) || home()
}

/// Whether nothing but the number itself stands there: no escaped digits, no parameter that changes it, no password.
fn is_plain(uri: &Uri, invite: &IncomingInvite) -> bool {
    let user = invite.request_uri.split_once(':').map_or("", |(_, rest)| rest).split('@').next().unwrap_or_default();
    let changed = NUMBER_PARAMS.iter().any(|name| uri.params.has(name));
    user == invite.to_user && uri.password.is_none() && !changed
}
