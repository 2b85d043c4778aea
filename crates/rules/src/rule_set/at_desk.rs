//! What a plan allows and says to the person at a seat.

use super::{Phone, Plan, Receiver, TransferTarget};
use hotline_model::{Class, DeskRefusal, Name, PhoneNumber, QueueId, SeatId, Target};

impl Plan {
    /// Whom somebody at a telephone means by what is dialled, typed or given to REFER: an emergency number before all, then an
    /// `extension`, then the name of a seat, of a department, of a person, of a queue, else a number outside. `None` if it is none of
    /// these; whether it may be called or have a call is for others to say.
    pub fn target(&self, dialled: &str) -> Option<Target> {
        let number = PhoneNumber::parse(dialled).ok();
        if let Some(number) = number.as_ref().filter(|number| number.is_emergency()) {
            return Some(Target::Number(number.clone()));
        }
        if let Some(target) = self.extensions.get(dialled) {
            return Some(target.clone());
        }
        let has = |all: &[Receiver]| all.iter().any(|one| *one.name == *dialled);
        let known = [
            (self.seat_names.contains_key(dialled), Target::Seat as fn(Name) -> Target),
            (has(&self.transfer.departments), Target::Department),
            (has(&self.transfer.persons), Target::Person),
            (self.queue_names.contains_key(dialled), Target::Queue),
        ];
        let named = known.into_iter().find(|(known, _)| *known).map(|(_, target)| target(dialled.into()));
        named.or(number.map(Target::Number))
    }

    /// The seat that is meant by a name or an `extension`.
    pub fn seat_called(&self, typed: &str) -> Option<SeatId> {
        let name = match self.extensions.get(typed) {
            Some(Target::Seat(name)) => name,
            Some(Target::Queue(_) | Target::Department(_) | Target::Person(_) | Target::Number(_)) | None => typed,
        };
        self.seat_names.get(name).copied()
    }

    /// Whether a number is one that callers of ours dial, or that a trunk shows: we would call ourselves.
    pub fn is_own(&self, number: &PhoneNumber) -> bool {
        let dialled = self.numbers.iter().flat_map(|own| std::iter::once(&*own.name).chain(own.aliases.iter().map(String::as_str)));
        let mut own = dialled.chain(self.trunks.iter().map(|trunk| &*trunk.from));
        own.any(|own| PhoneNumber::parse(own).is_ok_and(|own| own == *number))
    }

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
    /// The rules have no such target, or the seat may not dial the number, or nobody may as it is our own.
    pub fn transfer_to(&self, by: SeatId, target: &Target) -> Result<TransferTarget, DeskRefusal> {
        if let Target::Number(number) = target
            && !self.may_seat_dial(by, number)
        {
            return Err(if self.is_own(number) { DeskRefusal::OwnNumber } else { DeskRefusal::NotAllowed });
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
