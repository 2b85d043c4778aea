//! Recording what the peer of a stream says.

use super::{Check, Pending, Worker, on};
use crate::control::Event;
use crate::recorder::{EVERY, Order, RecordEnd, Recorder, Take};
use crate::rtp::Header;
use hotline_model::Timestamp;
use hotline_model::history::Codec;

impl Worker {
    pub(super) fn record(&mut self, now: Timestamp, lease: u32, order: Order) {
        self.end_record(now, lease, RecordEnd::Closed);
        let check = self.checks.set(now + EVERY, Check::Record(lease));
        let Some(stream) = on(&mut self.streams, lease) else { return };
        let (id, file) = (stream.id, order.file.clone());
        let mut recorder = Recorder::new(now, order);
        recorder.hold(now, !stream.receives());
        stream.recorder = Some(Box::new((recorder, check)));
        self.pending.push_back(Pending::Record(id, Take::Begin { file }));
        self.reschedule(now, lease);
    }

    /// What a recording made could not be stored.
    pub fn record_failed(&mut self, now: Timestamp, stream: crate::StreamId) {
        if let Some(&lease) = self.by_id.get(&stream) {
            self.end_record(now, lease, RecordEnd::Failed);
        }
    }

    pub(super) fn end_record(&mut self, now: Timestamp, lease: u32, end: RecordEnd) {
        let Some(stream) = on(&mut self.streams, lease) else { return };
        let Some(recording) = stream.recorder.take() else { return };
        let (mut recorder, check) = *recording;
        let id = stream.id;
        self.checks.cancel(check);
        let cut = recorder.end(now, end);
        if let Some(samples) = recorder.take(true) {
            self.pending.push_back(Pending::Record(id, Take::Sound { samples }));
        }
        let over = if recorder.counts() { Take::End { cut } } else { Take::Discard { file: recorder.order.file.clone() } };
        self.pending.push_back(Pending::Record(id, over));
        let (length_ms, spoken_ms) = recorder.lengths(cut);
        self.event(Event::Recorded { stream: id, record: recorder.order.record, end, length_ms, spoken_ms });
        self.reschedule(now, lease);
    }

    pub(super) fn record_sound(&mut self, now: Timestamp, lease: u32, header: &Header, codec: Codec, sound: &[u8]) {
        if let Some(recording) = on(&mut self.streams, lease).and_then(|stream| stream.recorder.as_mut()) {
            recording.0.packet(now, header, codec, sound);
        }
    }

    pub(super) fn hold_record(&mut self, now: Timestamp, lease: u32) {
        let Some(stream) = on(&mut self.streams, lease) else { return };
        let held = !stream.receives();
        if let Some(recording) = &mut stream.recorder {
            recording.0.hold(now, held);
        }
    }

    pub(super) fn check_record(&mut self, now: Timestamp, lease: u32) {
        let next = self.checks.set(now + EVERY, Check::Record(lease));
        let Some(stream) = on(&mut self.streams, lease) else { return };
        let id = stream.id;
        let Some((recorder, check)) = stream.recorder.as_deref_mut() else { return };
        *check = next;
        let end = recorder.advance(now);
        if let Some(samples) = recorder.take(false) {
            self.pending.push_back(Pending::Record(id, Take::Sound { samples }));
        }
        if let Some(end) = end {
            self.end_record(now, lease, end);
        }
    }
}
