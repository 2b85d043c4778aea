use crate::callback::Back;
use crate::dues::Dues;
use crate::foretell::Heard;
use crate::greeting::Greeting;
use crate::lead_out::Led;
use crate::leg::{Leg, Legs};
use crate::live_clock::Clock;
use crate::look_ups::Asked;
use crate::message::Message;
use crate::outside::Outsiders;
use crate::owner::Matter;
use crate::reply::Turns;
use crate::sounds::Sounds;
use crate::survey::Asking;
use crate::transfer::Transfer;
use crate::wish::Wish;
use crate::world::{Alarm, Alarms, World};
use hotline_ivr::Session;
use hotline_media::Command;
use hotline_model::history::{Cause, Codec, EventKind, LookedUp};
use hotline_model::{CallId, Name, Number, Profile, QueueId, SeatId, Timestamp};
use hotline_rules::Say;
use std::sync::Arc;

/// A call: the customer's journey and its legs. Leg 0 is the caller's.
#[derive(Debug)]
pub(crate) struct Call {
    pub id: CallId,
    /// What the caller dialled.
    pub dialled: Name,
    pub from: Number,
    pub arrived: Timestamp,
    pub phase: Phase,
    pub legs: Legs,
    pub outside: Outsiders,
    /// What it is beside a call if the customer is to be called back.
    pub back: Option<Box<Back>>,
    /// How far a waiting caller's wish to be called back has come.
    pub wish: Option<Wish>,
    /// Queues that it left because they had closed or nobody was there: none of them takes it back, or it would go in circles.
    pub left: Vec<QueueId>,
    /// Since when the caller wants a person, and neither got one nor left for a menu: the rank, wherever the rules lead the call meanwhile.
    pub wanted: Option<Timestamp>,
    /// Since when nobody who may serve it, where it waits, is signed in and reachable; known while its queue's `nobody` counts.
    pub alone_since: Option<Timestamp>,
    /// How often the rules led it outside.
    pub led_out: u8,
    pub clocks: Vec<Clock>,
    pub alarms: Alarms,
    /// The play under way at the caller, and those asked for; a `Played` of an older one is stale.
    pub play: u64,
    /// How soon the caller is replied to.
    pub turns: Turns,
    /// What a waiting caller was told of the wait.
    pub heard: Option<Heard>,
    /// An announcement that waits for what a router at a distance knows of the line.
    pub to_say: Option<Vec<Say>>,
    /// Announcements that were switched on while the caller waits, and are still to be said.
    pub unheard: Vec<Name>,
    /// What was asked about the caller and is not answered yet.
    pub asked: Option<Box<Asked>>,
    /// What sources said of the caller.
    pub looked_up: Vec<LookedUp>,
    /// What it is to those who serve it.
    pub matter: Matter,
    /// What it leaves to be done, and by when.
    pub dues: Dues,
    /// Who hears whom.
    pub sounds: Sounds,
    /// What is said to caller and agent before they talk.
    pub greeting: Option<Greeting>,
    /// The SDP of the 200 that is still to come: what the caller hears meanwhile is early media.
    pub early: Option<Vec<u8>>,
    /// Why the caller is told that nobody takes the call, and is turned away.
    pub turned_away: Option<Cause>,
    /// There was no room for a message of the caller's: none is asked for again.
    pub no_message: bool,
}

/// Where the customer is. The data of a phase exists only in it.
#[derive(Debug)]
pub(crate) enum Phase {
    /// In the menus.
    Menu(Box<Session>),
    /// Led to somebody outside, who rings.
    Led(Box<Led>),
    /// In a queue, nobody rings.
    Waiting(Waiting),
    /// In a queue, a seat rings.
    Offered(Waiting, Offer),
    /// A call-back whose time has not come, or not come again.
    Later(Waiting),
    /// A call-back: the agent is there, the customer is dialled.
    Reaching(Waiting, Talking),
    /// With an agent, or with somebody outside.
    Talking(Talking),
    /// With an agent who has somebody else called, or on the way back to one.
    Transferring(Box<Transfer>),
    /// The agent is gone, and the caller is asked how it was.
    Survey(Box<Asking>),
    /// The caller leaves a message, or has left one that waits for an answer.
    Message(Box<Message>),
    /// All is said; the caller is to hang up.
    Goodbye,
    /// The caller is gone, the seat has after-call work.
    WrapUp,
    /// Over; the call is dropped.
    Done,
}

/// What a waiting call is.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub queue: QueueId,
    pub profile: Profile,
    /// Effective entry time: its rank.
    pub since: Timestamp,
    pub answer_by: Timestamp,
}

/// An offer under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub seat: SeatId,
    /// Index of the seat's leg.
    pub leg: u8,
    /// The phone said 180 or 183.
    pub rang: bool,
    /// How many of the seat's contacts were tried before the present one.
    pub tried: usize,
    /// The phone was answered; the router has yet to say whether in time.
    pub answered: bool,
}

/// A conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talking {
    /// The seat; `None` if somebody outside has the caller.
    pub seat: Option<SeatId>,
    /// Index of the other leg.
    pub leg: u8,
}

impl Call {
    /// A call that came now, without legs.
    pub fn new(world: &World, id: CallId, dialled: Name, from: Number) -> Self {
        Self {
            id,
            dialled,
            from,
            arrived: world.now,
            phase: Phase::Goodbye,
            legs: Legs::default(),
            outside: Outsiders::default(),
            back: None,
            wish: None,
            left: Vec::new(),
            wanted: None,
            alone_since: None,
            led_out: 0,
            clocks: Vec::new(),
            alarms: Alarms::default(),
            play: 0,
            turns: Turns::default(),
            heard: None,
            to_say: None,
            unheard: Vec::new(),
            looked_up: Vec::new(),
            asked: None,
            matter: Matter::default(),
            dues: Dues::new(Arc::clone(&world.plan.deadlines)),
            sounds: Sounds::default(),
            greeting: None,
            early: None,
            turned_away: None,
            no_message: false,
        }
    }

    pub fn record(&self, world: &mut World, kind: EventKind) {
        world.record(self.id, kind);
    }

    /// Sets an alarm for this call.
    pub fn alarm(&mut self, world: &mut World, alarm: Alarm, at: Timestamp) {
        self.alarms.set(world, self.id, alarm, at);
    }

    /// The codec in use on the caller's leg, if it has one.
    pub fn caller_codec(&self) -> Option<Codec> {
        self.legs.live(0)?.media.codec()
    }

    /// The caller's leg; every call has one that is no call-back.
    pub fn caller(&self) -> &Leg {
        &self.legs[0]
    }

    /// Journals what a re-INVITE or BYE on a leg needs, once its dialog and its media stand.
    pub fn record_leg(&self, world: &mut World, index: u8) {
        let Some(leg) = self.legs.get(index) else { return };
        let Some(dialog) = world.sip.state(leg.dialog) else { return };
        let seat = leg.seat.map(|seat| world.seat_name(seat));
        let Some(media) = leg.media.state(world) else { return };
        self.record(world, EventKind::Leg { leg: index, role: leg.role, seat, dialog: Box::new(dialog), media: Some(media) });
    }

    /// Plays clips to the caller and returns whether there was anything to play.
    pub fn play(&mut self, world: &mut World, parts: &[hotline_ivr::Spoken], barge_in: bool, then_music: bool) -> bool {
        if self.legs.live(0).is_none() {
            return false;
        }
        let (clips, missing) = world.prompts.clips(&world.plan, parts);
        world.counters.missing_prompts += missing;
        self.play += 1;
        if !parts.is_empty() {
            self.reply_with(parts, barge_in, then_music);
        }
        let stream = self.caller().media.stream;
        if clips.is_empty() {
            world.media(Command::Stop { stream });
            world.media(Command::Music { stream, on: then_music });
            return false;
        }
        world.media(Command::Play { stream, play: self.play, clips, barge_in, then_music });
        true
    }

    /// What a `say` of the rules means in the caller's language.
    pub fn spoken(&self, world: &World, say: &[Say], profile: &Profile) -> Vec<hotline_ivr::Spoken> {
        hotline_ivr::speech::say(&world.plan, say, profile.language)
    }
}
