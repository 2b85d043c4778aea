//! What the journal says of a message, and a message whose caller is gone.

use super::past::Past;
use crate::call::Call;
use crate::world::World;
use hotline_model::history::{EventKind, MessageOrder, NoMessage};
use hotline_model::{CallEvent, Name, WallTime};

/// A message that was begun, and what became of it.
#[derive(Debug)]
pub(crate) struct PastMessage {
    pub voicemail: Name,
    /// The recording; none before the tone was heard.
    pub file: Option<Name>,
    pub queue: Option<Name>,
    /// When it was left.
    pub left: Option<WallTime>,
    /// Who answers it.
    pub taken: Option<Name>,
    /// Nothing is left to be done.
    pub over: bool,
}

impl PastMessage {
    fn new(voicemail: &Name) -> Self {
        Self { voicemail: voicemail.clone(), file: None, queue: None, left: None, taken: None, over: false }
    }

    /// Whether there is one for somebody to answer, though the caller is gone.
    pub fn stays(&self) -> bool {
        self.file.is_some() && !self.over
    }

    /// Reads an event of its call.
    pub fn follow(message: &mut Option<Self>, event: &CallEvent) {
        match (&event.kind, message.as_mut()) {
            (EventKind::MessageAsked { voicemail }, _) => *message = Some(Self::new(voicemail)),
            (EventKind::MessageBegun { voicemail, file }, _) => {
                *message = Some(Self { file: Some(file.clone()), ..Self::new(voicemail) });
            }
            (EventKind::MessageLeft(left), Some(message)) => (message.queue, message.left) = (Some(left.queue.clone()), Some(event.at)),
            (EventKind::NoMessage { why: NoMessage::TooShort, .. }, Some(message))
            | (EventKind::Message { order: MessageOrder::Done | MessageOrder::Delete, .. }, Some(message)) => message.over = true,
            (EventKind::NoMessage { .. }, _) => *message = None,
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
