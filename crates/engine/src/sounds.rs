//! Who hears whom: those who talk are joined, who waits hears music, who has somebody called hears it ring. Derived from the phase each time,
//! so that nobody is ever in two conversations or in silence.

use crate::call::{Call, Phase};
use crate::transfer::Stage;
use crate::world::World;
use hotline_media::{Command, StreamId};

/// Numbers of the legs that hear something of ours or each other; a leg stands in one list at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sounds {
    /// Two or more that talk with each other.
    pub joined: Vec<u8>,
    pub music: Vec<u8>,
    pub ring_back: Vec<u8>,
}

impl Sounds {
    /// A leg is gone; whom it talked with hears nobody by that.
    pub fn forget(&mut self, leg: u8) {
        for list in [&mut self.joined, &mut self.music, &mut self.ring_back] {
            list.retain(|other| *other != leg);
        }
    }
}

impl Call {
    /// What the phase and the holds say; `None` before the first conversation and after the last.
    pub fn sounds_due(&self) -> Option<Sounds> {
        let (parties, mut sounds) = match &self.phase {
            Phase::Talking(talking) if self.greeting.is_some_and(|greeting| greeting.leg == talking.leg) => {
                (Vec::new(), Sounds { music: vec![0], ..Sounds::default() })
            }
            Phase::Talking(talking) => (vec![0, talking.leg], Sounds::default()),
            Phase::Transferring(transfer) => {
                let first: Vec<u8> = transfer.first.into_iter().collect();
                match &transfer.stage {
                    Stage::Looking | Stage::Ringing(_) => (Vec::new(), Sounds { music: vec![0], ring_back: first, ..Sounds::default() }),
                    Stage::Consulting(receiver) => ([first, vec![receiver.leg]].concat(), Sounds { music: vec![0], ..Sounds::default() }),
                    Stage::ThreeWay(receiver) => ([vec![0], first, vec![receiver.leg]].concat(), Sounds::default()),
                }
            }
            // What is said to the caller is no sound of these.
            Phase::Survey(_) => (Vec::new(), Sounds::default()),
            Phase::Menu(_)
            | Phase::Led(_)
            | Phase::Waiting(_)
            | Phase::Offered(..)
            | Phase::Later(_)
            | Phase::Reaching(..)
            | Phase::Goodbye
            | Phase::WrapUp
            | Phase::Done => return None,
        };
        let live = |leg: &u8| self.legs.live(*leg).is_some();
        let talks = |leg: &u8| self.legs.live(*leg).is_some_and(|leg| !leg.holds && !leg.parted);
        let talking: Vec<u8> = parties.into_iter().filter(talks).collect();
        match talking.as_slice() {
            // The others hold this one.
            [held] => sounds.music.push(*held),
            _ => sounds.joined = talking,
        }
        sounds.music.retain(live);
        sounds.ring_back.retain(|leg| live(leg) && talks(leg));
        Some(sounds)
    }

    /// Lets everybody hear what is due, and nothing else.
    pub fn arrange(&mut self, world: &mut World) {
        let Some(due) = self.sounds_due() else { return };
        let before = std::mem::replace(&mut self.sounds, due.clone());
        let stream = |leg: &u8| self.legs[*leg].media.stream;
        part(world, &before.joined, &due.joined, stream);
        for leg in before.music.iter().filter(|leg| !due.music.contains(leg)) {
            world.media(Command::Music { stream: stream(leg), on: false });
        }
        for leg in before.ring_back.iter().filter(|leg| !due.ring_back.contains(leg)) {
            world.media(Command::RingBack { stream: stream(leg), on: false });
        }
        for leg in due.music.iter().filter(|leg| !before.music.contains(leg)) {
            world.media(Command::Music { stream: stream(leg), on: true });
        }
        for leg in due.ring_back.iter().filter(|leg| !before.ring_back.contains(leg)) {
            world.media(Command::RingBack { stream: stream(leg), on: true });
        }
        if due.joined.iter().any(|leg| !before.joined.contains(leg)) {
            let streams: Vec<StreamId> = due.joined.iter().map(stream).collect();
            match streams.as_slice() {
                [a, b] => world.media(Command::Bridge { a: *a, b: *b }),
                _ => world.media(Command::Conference { streams }),
            }
        }
    }
}

/// Takes those who talk no longer out of the conversation; with whom nobody is left talks with nobody.
fn part(world: &mut World, before: &[u8], due: &[u8], stream: impl Fn(&u8) -> StreamId) {
    let mut left: Vec<u8> = before.to_vec();
    for leg in before.iter().filter(|leg| !due.contains(leg)) {
        let Some(other) = left.iter().find(|other| *other != leg) else { return };
        world.media(Command::Unbridge { a: stream(leg), b: stream(other) });
        left.retain(|other| other != leg);
    }
}
