use crate::announce::Switches;
use crate::callback::{CallBacks, Order};
use crate::engine::Output;
use crate::figures::Counters;
use crate::hosts::Contacts;
use crate::hot_desk::HotDesks;
use crate::look_ups::LookUps;
use crate::message::Messages;
use crate::pins::PinGuard;
use crate::prompts::Prompts;
use crate::regulars::Regulars;
use crate::resume::Places;
use crate::routers::Routers;
use crate::survey::Surveys;
use crate::talk::Asking;
use crate::tones::Tones;
use crate::trunks::Trunks;
use crate::ways::WayTaken;
use hotline_media::{Command, LeasePool, StreamId};

use hotline_model::{CallId, Deadline, Deadlines, Entry, EventKind, LookupMap, Name, SeatId, Timestamp, WallTime};
use hotline_rules::Plan;
use hotline_sip::{DialogId, Endpoint};
use rand::Rng;
use rand::rngs::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What all calls share: the machines below, the plan, ports, deadlines, and the way out.
pub(crate) struct World {
    pub now: Timestamp,
    /// Wall minus monotonic, in microseconds.
    pub wall_offset: i64,
    pub sip: Endpoint,
    pub router: Routers,
    pub plan: Arc<Plan>,
    pub prompts: Arc<Prompts>,
    pub ports: LeasePool,
    pub rtp: RtpAddress,
    pub deadlines: Deadlines<(CallId, Alarm)>,
    /// Which leg a dialog is.
    pub dialogs: LookupMap<DialogId, (CallId, u8)>,
    /// Which leg a stream is.
    pub streams: LookupMap<StreamId, (CallId, u8)>,
    /// Seats in wrap-up and the call it follows.
    pub wrapping: BTreeMap<SeatId, CallId>,
    /// Seats that were signed in and reachable when last heard of.
    pub present: BTreeSet<SeatId>,
    /// Fixed contacts of seats, those whose address is known.
    pub fixed_contacts: Contacts,
    /// `host[:port]` in From of the calls we make, per transport.
    pub identity: String,
    /// Places kept for callers who broke off.
    pub places: Places,
    /// Ways to the telephone network.
    pub trunks: Trunks,
    /// Callers who have spoken with us before.
    pub regulars: Regulars,
    /// Questions about callers.
    pub look_ups: LookUps,
    /// Open call-backs.
    pub call_backs: CallBacks,
    /// What surveys came to, and whom they asked.
    pub surveys: Surveys,
    /// Messages that callers have left.
    pub messages: Messages,
    /// Announcements that were switched.
    pub switches: Switches,
    /// When a seat called an emergency service last.
    pub emergency_at: Option<Timestamp>,
    /// What calls want done beyond themselves.
    pub orders: VecDeque<Order>,
    /// Who sits at whose telephone.
    pub desks: HotDesks,
    /// Wrong PINs of late.
    pub pins: PinGuard,
    /// What is heard where a prompt is missing.
    pub tones: Tones,
    pub counters: Counters,
    pub outputs: VecDeque<Output>,
    pub rng: ChaCha8Rng,
    pub streams_made: u64,
    /// Phones are asked one after the other.
    pub asking: Asking,
    /// See [`crate::Engine::watch_ways`].
    pub ways: Option<Vec<(CallId, Timestamp, WayTaken)>>,
}

/// Where RTP is received and what is told to peers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RtpAddress {
    pub bound: IpAddr,
    pub advertised: IpAddr,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// The menu's own timer.
    Menu,
    /// The survey's own timer.
    Survey,
    /// A source did not answer about the caller.
    LookUp,
    /// No 1xx came from the seat.
    NoProgress,
    /// The ring is over.
    Ring,
    /// The next one outside is to be called.
    Outside,
    /// No 1xx came from a trunk.
    OutsideNoProgress,
    /// The ring outside is over.
    OutsideRing,
    /// A call-back's time has come.
    Turn,
    /// A call-back waits as long as a caller may.
    Rank,
    /// The agent of a call-back was told that nobody was reached.
    Told,
    /// A caller who wishes to be called back says nothing more.
    Wish,
    /// Is there room in the queue now?
    Room,
    /// The next announcement is due.
    Announce,
    /// Has the queue closed?
    Closing,
    /// Nobody could serve the call for so long.
    Nobody,
    /// The caller did not hang up after goodbye.
    Linger,
    /// Caller and agent have waited for each other long enough.
    Greeting,
    /// No further key of a code came from this leg.
    Keys(u8),
    /// Is the peer of this leg still there?
    Probe(u8),
    /// The tone or the recorder is not heard of.
    Message,
    /// The recorder was told to end, and is not heard of.
    RecorderLost,
    /// A clock's warning; the clock's number.
    Warn(u8),
    /// A clock's limit; the clock's number.
    Limit(u8),
}

/// The alarms a call has set, so that none outlives it.
#[derive(Debug, Default)]
pub(crate) struct Alarms(Vec<(Alarm, Deadline)>);

impl Alarms {
    /// Sets an alarm; an earlier one of the same kind is dropped.
    pub fn set(&mut self, world: &mut World, call: CallId, alarm: Alarm, at: Timestamp) {
        self.clear(world, alarm);
        self.0.push((alarm, world.deadlines.set(at, (call, alarm))));
    }

    /// Drops an alarm, if set.
    pub fn clear(&mut self, world: &mut World, alarm: Alarm) {
        if let Some(index) = self.0.iter().position(|(set, _)| *set == alarm) {
            let (_, deadline) = self.0.swap_remove(index);
            world.deadlines.cancel(deadline);
        }
    }

    /// Drops all alarms.
    pub fn clear_all(&mut self, world: &mut World) {
        for (_, deadline) in self.0.drain(..) {
            world.deadlines.cancel(deadline);
        }
    }
}

impl World {
    pub fn random(&mut self) -> u32 {
        self.rng.next_u32()
    }

    pub fn next_stream(&mut self) -> StreamId {
        self.streams_made += 1;
        StreamId(self.streams_made)
    }

    pub fn wall(&self) -> WallTime {
        self.now.to_wall(self.wall_offset)
    }

    pub fn media(&mut self, command: Command) {
        self.outputs.push_back(Output::Media(command));
    }

    /// Appends to the history of a call.
    pub fn record(&mut self, call: CallId, kind: EventKind) {
        self.regulars.note(call, &kind);
        let event = hotline_model::CallEvent { call, at: self.wall(), kind };
        self.outputs.push_back(Output::Journal(Entry::Call(event)));
    }

    /// The address of a port as peers see it.
    pub fn advertised(&self, local: SocketAddr) -> SocketAddr {
        SocketAddr::new(self.rtp.advertised, local.port())
    }

    /// The address at which an advertised port is bound.
    pub fn bound(&self, advertised: SocketAddr) -> SocketAddr {
        SocketAddr::new(self.rtp.bound, advertised.port())
    }

    pub fn seat_name(&self, seat: SeatId) -> Name {
        self.plan.seat(seat).name.clone()
    }
}
