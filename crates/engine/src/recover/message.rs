//! What the journal says of a message, and a message whose caller is gone.

use super::past::Past;
use crate::call::Call;
use crate::world::World;
use hotline_model::history::{EventKind, MessageOrder};
use hotline_model::{CallEvent, Name, WallTime};

/// A message that was begun, and what became of it.
#[derive(Debug)]
pub(crate) struct PastMessage {
    pub voicemail: Name,
    pub file: Name,
    pub queue: Option<Name>,
    /// When it was left.
    pub left: Option<WallTime>,
    /// Who answers it.
    pub taken: Option<Name>,
}

impl PastMessage {
    /// Reads an event of its call.
    pub fn follow(message: &mut Option<Self>, event: &CallEvent) {
        match (&event.kind, message.as_mut()) {
            (EventKind::MessageBegun { voicemail, file }, _) => {
                *message = Some(Self { voicemail: voicemail.clone(), file: file.clone(), queue: None, left: None, taken: None });
            }
            (EventKind::MessageLeft(left), Some(message)) => (message.queue, message.left) = (Some(left.queue.clone()), Some(event.at)),
            (EventKind::NoMessage { .. }, _) | (EventKind::Message { order: MessageOrder::Done | MessageOrder::Delete, .. }, _) => {
                *message = None
            }
            (EventKind::Message { by, order: MessageOrder::Take | MessageOrder::TakeOver }, Some(message)) => {
                message.taken = Some(by.clone())
            }
            (_, _) => {}
        }
    }
}

impl Call {
    /// Nobody is on the line: the message stays open, with its clock.
    pub(super) fn take_message_over(&mut self, world: &mut World, past: &Past, message: PastMessage) {
        for (number, (started, limit, state)) in &past.clocks {
            self.resume_clock(world, *number, started.to_monotonic(world.wall_offset), *limit, *state);
        }
        self.record(world, EventKind::Recovered);
        let profile = past.known_profile(world);
        self.take_message_up(world, message, profile, false);
    }
}
