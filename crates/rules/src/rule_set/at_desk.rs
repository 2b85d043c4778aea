//! What a plan allows and says to the person at a seat.

use super::{Phone, Plan, TransferTarget};
use hotline_model::{Class, DeskRefusal, Name, PhoneNumber, QueueId, SeatId, Target};

impl Plan {
    /// Whether the person at a seat may dial a number: emergency numbers always, others as the seat's roles say, our own never.
    pub fn may_seat_dial(&self, seat: SeatId, number: &PhoneNumber) -> bool {
        let Some(seat) = self.seats.get(seat.index()).filter(|seat| !seat.retired) else { return false };
        if number.is_emergency() {
            return true;
        }
        let roles = self.outbound.roles.iter().filter(|role| seat.desk.dial.contains(&role.name));
        !self.is_own(number) && roles.flat_map(|role| &role.allow).any(|pattern| pattern.matches(number))
    }

    /// The number that the person at a seat dialled, if it is one and the seat may dial it. Nothing is cleaned up: a text with anything
    /// but digits and one leading `+` is no number.
    pub fn seat_dials(&self, seat: SeatId, dialled: &str) -> Option<PhoneNumber> {
        PhoneNumber::parse(dialled).ok().filter(|number| self.may_seat_dial(seat, number))
    }

    /// Where a seat may transfer a call to, or whom it may consult.
    ///
    /// # Errors
    /// The rules have no such target, or the seat may not dial the number.
    pub fn transfer_to(&self, by: SeatId, target: &Target) -> Result<TransferTarget, DeskRefusal> {
        if let Target::Number(number) = target
            && !self.may_seat_dial(by, number)
        {
            return Err(DeskRefusal::NotAllowed);
        }
        self.transfer.to(target).ok_or(DeskRefusal::NoSuchTarget)
    }

    /// Most calls outside that a seat may have at a time.
    pub fn dial_limit(&self, seat: SeatId) -> u32 {
        self.seat(seat).desk.dial_limit.unwrap_or(self.outbound.seat_limit)
    }

    /// A telephone at which any agent may sign in.
    pub fn phone(&self, name: &str) -> Option<&Phone> {
        self.phones.get(name)
    }

    /// 工号: the agent's number, which is the seat's agent if that is a number, else the figures of the seat's name; `None` without any.
    pub fn agent_number(&self, seat: SeatId) -> Option<String> {
        let seat = self.seats.get(seat.index())?;
        let whole = Some(&seat.agent).filter(|agent| !agent.is_empty() && agent.bytes().all(|b| b.is_ascii_digit()));
        let figures: String = whole.unwrap_or(&seat.name).chars().filter(char::is_ascii_digit).collect();
        Some(figures).filter(|figures| !figures.is_empty())
    }

    /// What the agent alone hears before the bridge, in the first language: the queue's `whisper`, then the class.
    pub fn whisper(&self, queue: QueueId, class: Option<Class>) -> Vec<Name> {
        let queue = self.queues.get(queue.index()).and_then(|queue| queue.whisper.clone());
        queue.into_iter().chain(class.map(|class| Name::from(format!("whisper-{}", class.word())))).collect()
    }
}
