//! What goes on, folded from what the engine journals: the live calls and which call each seat is at.

use hotline_model::history::SeatEvent;
use hotline_model::{CallEvent, CallId, Entry, EventKind, Intent, Name, Record, WallTime};
use std::collections::BTreeMap;

/// The live calls and the seats at them.
#[derive(Debug, Default)]
pub struct Live {
    calls: BTreeMap<CallId, Record>,
    seats: BTreeMap<Name, CallId>,
    /// What agents chose in this run, and when.
    chosen: BTreeMap<Name, (Intent, WallTime)>,
}

impl Live {
    /// Begins with the calls that the last run left.
    pub fn of(left: impl Iterator<Item = Record>) -> Self {
        Self { calls: left.map(|record| (record.call, record)).collect(), ..Self::default() }
    }

    /// Folds what happened; the call that is over with it.
    pub fn take(&mut self, entry: &Entry) -> Option<Record> {
        match entry {
            Entry::Call(event) => return self.take_call(event),
            Entry::Seat(event) => self.take_seat(event),
            Entry::Boot { .. }
            | Entry::Decision { .. }
            | Entry::Registrations { .. }
            | Entry::HotDesk { .. }
            | Entry::WrongPins(_)
            | Entry::Switched(_) => {}
        }
        None
    }

    fn take_call(&mut self, event: &CallEvent) -> Option<Record> {
        if matches!(event.kind, EventKind::Archived) {
            return self.calls.remove(&event.call);
        }
        if let Some(record) = self.calls.get_mut(&event.call) {
            record.apply(event);
        } else if let Some(record) = Record::begin(event) {
            self.calls.insert(event.call, record);
        }
        None
    }

    fn take_seat(&mut self, event: &SeatEvent) {
        let (intent, at) = (event.state.intent, event.at);
        if self.chosen(&event.seat).is_none_or(|(before, _)| before != intent) {
            self.chosen.insert(event.seat.clone(), (intent, at));
        }
        let busy = event.state.activity != hotline_model::Activity::Free;
        match event.call.filter(|_| busy) {
            Some(call) => drop(self.seats.insert(event.seat.clone(), call)),
            None if busy => {}
            None => drop(self.seats.remove(&event.seat)),
        }
    }

    /// The call that a seat is offered, in, or wraps up.
    pub fn at(&self, seat: &str) -> Option<CallId> {
        self.seats.get(seat).copied()
    }

    /// What a seat's agent chose last, and when, if that was in this run.
    pub fn chosen(&self, seat: &str) -> Option<(Intent, WallTime)> {
        self.chosen.get(seat).copied()
    }

    /// A call that is live.
    pub fn call(&self, call: CallId) -> Option<&Record> {
        self.calls.get(&call)
    }

    /// Live calls behind one, in the order of their ids.
    pub fn after(&self, after: Option<CallId>) -> impl Iterator<Item = &Record> {
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        self.calls.range((from, std::ops::Bound::Unbounded)).map(|(_, record)| record)
    }

    /// The seats at a call.
    pub fn seats_of(&self, call: CallId) -> impl Iterator<Item = &Name> {
        self.seats.iter().filter(move |(_, at)| **at == call).map(|(seat, _)| seat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::{Activity, NotReadyReason, Number, Revision, SeatId, SeatState};

    fn call(count: u32, kind: EventKind) -> Entry {
        Entry::Call(CallEvent { call: CallId::new(1, 0, count), at: WallTime(i64::from(count)), kind })
    }

    fn arrived(count: u32) -> Entry {
        let source = ([127, 0, 0, 1], 5061).into();
        call(
            count,
            EventKind::Arrived {
                dialled: "hotline".into(),
                from: Number::new("13800138000"),
                source,
                sip_call_id: "x".into(),
                revision: Revision(1),
            },
        )
    }

    fn seat(activity: Activity, call: Option<u32>) -> Entry {
        let state = SeatState { intent: Intent::Available, activity, reachable: true };
        let call = call.map(|count| CallId::new(1, 0, count));
        Entry::Seat(SeatEvent { seq: 1, at: WallTime(1), seat: "1001".into(), id: SeatId(0), state, call })
    }

    #[test]
    fn a_call_is_live_from_its_arrival_to_its_archiving_and_a_seat_at_it_until_it_is_free() {
        let mut live = Live::default();
        for entry in
            [arrived(1), arrived(2), seat(Activity::Offered, Some(2)), seat(Activity::OnCall, Some(2)), seat(Activity::WrapUp, None)]
        {
            live.take(&entry);
        }
        let second = CallId::new(1, 0, 2);
        assert_eq!((live.at("1001"), live.at("1002")), (Some(second), None));
        assert_eq!(live.after(None).count(), 2);
        assert_eq!(live.after(Some(CallId::new(1, 0, 1))).map(|record| record.call).collect::<Vec<_>>(), [second]);
        live.take(&seat(Activity::Free, Some(2)));
        live.take(&call(2, EventKind::Archived));
        assert_eq!((live.at("1001"), live.call(second)), (None, None));
        live.take(&call(9, EventKind::PickedUp));
        assert_eq!(live.after(None).count(), 1, "a call without its beginning is none");
    }

    #[test]
    fn what_an_agent_chose_is_known_with_its_time_whatever_the_seat_did_since() {
        let mut live = Live::default();
        let resting = Intent::NotReady(NotReadyReason::Meal);
        for (at, intent, activity) in
            [(1, Intent::Available, Activity::OnCall), (2, resting, Activity::OnCall), (3, resting, Activity::Free)]
        {
            let state = SeatState { intent, activity, reachable: true };
            live.take(&Entry::Seat(SeatEvent { seq: 1, at: WallTime(at), seat: "1001".into(), id: SeatId(0), state, call: None }));
        }
        assert_eq!((live.chosen("1001"), live.chosen("1002")), (Some((resting, WallTime(2))), None));
    }
}
