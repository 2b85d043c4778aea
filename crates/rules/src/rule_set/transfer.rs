use super::{Label, Pattern};
use hotline_model::{LookupMap, Name, PhoneNumber, QueueId, SeatId, Target, TransferMode, TransferReason};
use std::collections::BTreeSet;

/// Where a transfer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To a seat.
    Seat(SeatId),
    /// To the first of these seats that is ready; at least one.
    Seats(Vec<SeatId>),
    /// To whoever of a queue is free.
    Queue(QueueId),
    /// Outside, over the first of these trunks that takes it; at least one.
    Number(PhoneNumber, Vec<Name>),
}

/// Somebody to whom calls may be transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferTarget {
    /// The name of the seat, queue, department or person; of a number outside its digits.
    pub name: Name,
    /// How it is shown, where the rules say so (departments, persons).
    pub label: Option<Label>,
    /// Where to.
    pub route: Route,
    /// The reason of a transfer that states none (R53); without one such a transfer is refused.
    pub reason: Option<TransferReason>,
}

/// `[[department]]` or `[[person]]`: a business department, or who is responsible (R54, R60).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its name.
    pub name: Name,
    /// How it is shown.
    pub label: Label,
    /// Where to. A department's is a queue or seats, a person's a seat or a number.
    pub route: Route,
    /// The reason of a transfer that states none.
    pub reason: Option<TransferReason>,
}

/// What `transfer.targets` leaves over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) seats: bool,
    pub(crate) queues: bool,
    pub(crate) departments: bool,
    pub(crate) persons: bool,
    pub(crate) numbers: bool,
    pub(crate) single: BTreeSet<Target>,
    pub(crate) patterns: Vec<Pattern>,
}

impl Allowed {
    fn has(&self, target: &Target) -> bool {
        let all = match target {
            Target::Seat(_) => self.seats,
            Target::Queue(_) => self.queues,
            Target::Department(_) => self.departments,
            Target::Person(_) => self.persons,
            Target::Number(number) => self.numbers || self.patterns.iter().any(|pattern| pattern.matches(number)),
        };
        all || self.single.contains(target)
    }
}

/// How calls are transferred (R53-R60).
#[derive(Debug)]
pub struct Transfer {
    /// The reasons that are taken; never empty.
    pub reasons: Vec<TransferReason>,
    /// What a transfer is that doesn't say. Complex and major calls are transferred attended whatever this says (R55).
    pub mode: TransferMode,
    /// Departments.
    pub departments: Vec<Receiver>,
    /// Responsible persons.
    pub persons: Vec<Receiver>,
    /// The reason of transfers to seats, queues and numbers that state none.
    pub reason: Option<TransferReason>,
    /// Targets, if not all.
    pub(crate) allowed: Option<Allowed>,
    pub(crate) seats: LookupMap<Name, SeatId>,
    pub(crate) queues: LookupMap<Name, QueueId>,
    /// The trunks for numbers that an agent names.
    pub(crate) trunks: Vec<Name>,
}

impl Default for Transfer {
    /// All reasons, attended, to nobody.
    fn default() -> Self {
        Self {
            reasons: TransferReason::ALL.to_vec(),
            mode: TransferMode::Attended,
            departments: Vec::new(),
            persons: Vec::new(),
            reason: None,
            allowed: None,
            seats: LookupMap::default(),
            queues: LookupMap::default(),
            trunks: Vec::new(),
        }
    }
}

impl Transfer {
    /// Where a target is, if the rules have it and `transfer.targets` leaves it. A number is given as long as there is a trunk: whether
    /// this seat may dial it is for [`crate::Plan::may_seat_dial`].
    pub fn to(&self, target: &Target) -> Option<TransferTarget> {
        if self.allowed.as_ref().is_some_and(|allowed| !allowed.has(target)) {
            return None;
        }
        let plain = |name: &Name, route| TransferTarget { name: name.clone(), label: None, route, reason: self.reason };
        match target {
            Target::Seat(name) => Some(plain(name, Route::Seat(*self.seats.get(name)?))),
            Target::Queue(name) => Some(plain(name, Route::Queue(*self.queues.get(name)?))),
            Target::Department(name) => receiver(&self.departments, name),
            Target::Person(name) => receiver(&self.persons, name),
            Target::Number(_) if self.trunks.is_empty() => None,
            Target::Number(number) => Some(plain(&number.digits().into(), Route::Number(number.clone(), self.trunks.clone()))),
        }
    }
}

fn receiver(all: &[Receiver], name: &Name) -> Option<TransferTarget> {
    let one = all.iter().find(|one| one.name == *name)?;
    Some(TransferTarget { name: one.name.clone(), label: Some(one.label.clone()), route: one.route.clone(), reason: one.reason })
}
