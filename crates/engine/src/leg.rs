use crate::same_key::Pressed;
use crate::world::World;
use hotline_media::{Command, Lease, Setup, StreamId};
use hotline_model::history::{Codec, Direction, MediaState};
use hotline_model::{LegRole, Name, SeatId, Timestamp};
use hotline_sdp::{Agreed, Local};
use hotline_sip::DialogId;
use std::net::{IpAddr, SocketAddr};

/// Our RFC 4733 payload type when we offer.
const TELEPHONE_EVENT: u8 = 101;

/// Most legs of a call (design.md §2).
const MOST_LEGS: u8 = 8;

/// Whether sound comes from a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// It never did.
    None,
    Flows,
    /// It came, and stopped.
    Stopped,
}

/// One SIP side of a call.
#[derive(Debug)]
pub(crate) struct Leg {
    pub dialog: DialogId,
    pub role: LegRole,
    pub seat: Option<SeatId>,
    /// The trunk it occupies.
    pub trunk: Option<Name>,
    pub media: LegMedia,
    /// The peer put us on hold.
    pub holds: bool,
    /// Its person has ordered the other to be held.
    pub parted: bool,
    /// What came from the peer of sound.
    pub sound: Sound,
    /// It waits for its turn to be asked whether it is there.
    pub has_turn: bool,
    /// Keys of a code that its agent has begun.
    pub keys: String,
    /// Its keys that may come again another way.
    pub pressed: Pressed,
    /// When a REFER of its phone was refused last.
    pub refused: Option<Timestamp>,
    /// How many of its phone's REFERs were refused and told.
    pub refusals: u8,
    /// Its dialog is over; its place may be taken by another.
    pub gone: bool,
}

impl Leg {
    /// A leg that begins.
    pub fn new(dialog: DialogId, role: LegRole, media: LegMedia) -> Self {
        let (seat, trunk, refused, keys) = (None, None, None, String::new());
        Self {
            dialog,
            role,
            seat,
            trunk,
            media,
            holds: false,
            parted: false,
            sound: Sound::None,
            has_turn: false,
            keys,
            pressed: Pressed::default(),
            refused,
            refusals: 0,
            gone: false,
        }
    }
}

/// The legs of a call by their numbers, 0 the caller's. One that is gone stays until another takes its number.
#[derive(Debug, Default)]
pub(crate) struct Legs(Vec<Option<Leg>>);

impl Legs {
    /// Puts a leg at a number.
    pub fn put(&mut self, index: u8, leg: Leg) {
        let index = usize::from(index);
        if self.0.len() <= index {
            self.0.resize_with(index + 1, || None);
        }
        self.0[index] = Some(leg);
    }

    /// Takes a live leg out.
    pub fn take(&mut self, index: u8) -> Option<Leg> {
        self.0.get_mut(usize::from(index))?.take_if(|leg| !leg.gone)
    }

    /// A number beside the caller's that no live leg has.
    pub fn free(&self) -> Option<u8> {
        (1..MOST_LEGS).find(|index| self.live(*index).is_none())
    }

    /// The leg at a number, gone or not.
    pub fn get(&self, index: u8) -> Option<&Leg> {
        self.0.get(usize::from(index))?.as_ref()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, index: u8) -> Option<&mut Leg> {
        self.0.get_mut(usize::from(index))?.as_mut()
    }

    /// The leg at a number, unless it is gone.
    pub fn live(&self, index: u8) -> Option<&Leg> {
        self.get(index).filter(|leg| !leg.gone)
    }

    /// Numbers of the legs that are not gone, the last one first.
    pub fn numbers(&self) -> Vec<u8> {
        (0..MOST_LEGS).rev().filter(|index| self.live(*index).is_some()).collect()
    }
}

impl std::ops::Index<u8> for Legs {
    type Output = Leg;

    fn index(&self, index: u8) -> &Leg {
        self.get(index).expect("a phase names a leg that the call has or had")
    }
}

impl std::ops::IndexMut<u8> for Legs {
    fn index_mut(&mut self, index: u8) -> &mut Leg {
        self.get_mut(index).expect("a phase names a leg that the call has or had")
    }
}

/// A leg's media: a leased port from the start, a peer once SDP is agreed.
#[derive(Debug)]
pub(crate) struct LegMedia {
    pub stream: StreamId,
    lease: Lease,
    local: SocketAddr,
    /// Where its SIP comes from.
    signalling: IpAddr,
    ssrc: u32,
    sdp_session: u64,
    sdp_version: u64,
    agreed: Option<Agreed>,
}

impl LegMedia {
    /// Leases a port for a leg whose SIP comes from there; `None` when all are taken.
    pub fn lease(world: &mut World, signalling: IpAddr) -> Option<Self> {
        let (lease, local) = world.ports.take()?;
        let sdp_session = u64::from(world.random() >> 1);
        let (stream, ssrc) = (world.next_stream(), world.random());
        Some(Self { stream, lease, local, signalling, ssrc, sdp_session, sdp_version: sdp_session, agreed: None })
    }

    /// Takes up a stream from the journal; `None` if its port is not to be had.
    pub fn recover(world: &mut World, state: &MediaState, signalling: IpAddr) -> Option<Self> {
        let lease = world.ports.reserve(world.bound(state.local))?;
        let agreed = Agreed {
            remote: state.remote,
            codec: state.codec,
            payload_type: state.payload_type,
            telephone_event: state.telephone_event,
            direction: state.direction,
            ptime_ms: 20,
        };
        let local = world.bound(state.local);
        let stream = world.next_stream();
        let (ssrc, sdp_session, sdp_version) = (state.ssrc, state.sdp_session, state.sdp_version);
        let mut media = Self { stream, lease, local, signalling, ssrc, sdp_session, sdp_version, agreed: None };
        media.agree(world, agreed);
        Some(media)
    }

    /// Our side of an SDP, with the codecs in this order.
    pub fn local<'a>(&self, world: &World, codecs: &'a [Codec]) -> Local<'a> {
        Local {
            address: world.advertised(self.local),
            session: self.sdp_session,
            version: self.sdp_version,
            codecs,
            telephone_event: TELEPHONE_EVENT,
        }
    }

    /// The next SDP we send differs from the last.
    pub fn next_version(&mut self) {
        self.sdp_version += 1;
    }

    /// Opens the stream, or changes it, to what the SDPs agreed.
    pub fn agree(&mut self, world: &mut World, agreed: Agreed) {
        let setup = Setup {
            codec: agreed.codec,
            payload_type: agreed.payload_type,
            telephone_event: agreed.telephone_event,
            remote: agreed.remote,
            also: Some(self.signalling),
            direction: agreed.direction,
            ssrc: self.ssrc,
            first_seq: (world.random() >> 17) as u16,
            first_timestamp: world.random(),
        };
        let stream = self.stream;
        world.media(match self.agreed {
            None => Command::Open { stream, lease: self.lease, setup },
            Some(_) => Command::Modify { stream, setup },
        });
        self.agreed = Some(agreed);
    }

    /// The codec in use, if agreed.
    pub fn codec(&self) -> Option<Codec> {
        self.agreed.as_ref().map(|agreed| agreed.codec)
    }

    /// Whether the peer may hear us.
    pub fn direction(&self) -> Option<Direction> {
        self.agreed.as_ref().map(|agreed| agreed.direction)
    }

    /// Ends the stream and gives the port back (at once, or when the worker has closed it).
    pub fn close(&mut self, world: &mut World) {
        match self.agreed.take() {
            Some(_) => world.media(Command::Close { stream: self.stream }),
            None => world.ports.give_back(self.lease),
        }
    }

    /// What the journal needs; `None` until SDP is agreed.
    pub fn state(&self, world: &World) -> Option<MediaState> {
        let agreed = self.agreed.as_ref()?;
        Some(MediaState {
            local: world.advertised(self.local),
            remote: agreed.remote,
            codec: agreed.codec,
            payload_type: agreed.payload_type,
            telephone_event: agreed.telephone_event,
            ssrc: self.ssrc,
            sdp_session: self.sdp_session,
            sdp_version: self.sdp_version,
            direction: agreed.direction,
        })
    }
}

/// G.711 laws with the one that is in use on the other leg first, so that nothing needs translation (RFC 3551: 0 and 8).
pub(crate) fn preferring(codec: Option<Codec>) -> &'static [Codec] {
    match codec {
        Some(Codec::Pcmu) => &[Codec::Pcmu, Codec::Pcma],
        Some(Codec::Pcma) | None => &[Codec::Pcma, Codec::Pcmu],
    }
}
