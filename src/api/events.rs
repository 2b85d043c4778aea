//! Server-sent events: what happens, with ids by which a listener that was cut off goes on. Whoever cannot keep up is let go; the engine
//! never waits for anybody.

use crate::api::live::Live;
use crate::api::problem::Problem;
use crate::api::routes::Right;
use crate::api::told::{self, Told};
use crate::contacts::Contacts;
use crate::engine_thread::Mailbox;
use crate::people::Person;
use axum::body::Bytes;
use crossbeam_channel::{Receiver, Sender};
use hotline_archive::Look;
use hotline_model::{CallId, Entry, Name};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc};

/// Happenings that are kept for listeners who come back, and behind which a slow one may be.
const KEPT: usize = 4_096;
/// Listeners at a time.
pub const LISTENERS: usize = 256;
/// Between comments that keep the connection open, and looks whether the listener still may listen.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Pieces that wait for a listener's connection.
const PIECES: usize = 64;
/// How soon a listener that was cut off should come back, in milliseconds.
const RETRY_MS: u32 = 2_000;

/// Something that happened, ready to be sent.
#[derive(Debug)]
struct Happening {
    seq: u64,
    word: &'static str,
    data: String,
    seats: Vec<Name>,
}

/// Where listeners listen.
pub struct Hub {
    epoch: u32,
    kept: Mutex<Kept>,
    live: Mutex<Live>,
    contacts: Arc<Contacts>,
    sender: broadcast::Sender<Arc<Happening>>,
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct Kept {
    ring: VecDeque<Arc<Happening>>,
    seq: u64,
}

/// Who listens, and what they may hear.
#[derive(Clone)]
pub struct Listener {
    /// Who.
    pub person: Arc<Person>,
    /// Own: of the own seat only.
    pub right: Right,
}

impl Listener {
    fn hears(&self, happening: &Happening) -> bool {
        match self.right {
            Right::Any => true,
            Right::Own => self.person.seat.as_ref().is_some_and(|seat| happening.seats.contains(seat)),
            Right::None => false,
        }
    }
}

impl Hub {
    /// A hub for one run; ids carry its boot epoch.
    pub fn new(epoch: u32, live: Live) -> Self {
        let (sender, _) = broadcast::channel(KEPT);
        let (kept, live, contacts) = (Mutex::default(), Mutex::new(live), Arc::default());
        Self { epoch, kept, live, contacts, sender, room: Arc::new(Semaphore::new(LISTENERS)) }
    }

    /// What it counts of calls that are over.
    pub fn contacts(&self) -> &Arc<Contacts> {
        &self.contacts
    }

    /// What goes on now.
    pub fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        LISTENERS - self.room.available_permits()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what was journalled.
    pub fn take(&self, entries: &[Entry]) {
        for entry in entries {
            let told = {
                let mut live = self.live();
                // The seats at a call before and after, so that whoever leaves it hears of that.
                let call = if let Entry::Call(event) = entry { Some(event.call) } else { None };
                let mut seats = call.map(|call| concerned(&live, call)).unwrap_or_default();
                if let Some(over) = live.take(entry) {
                    self.contacts.count(&over);
                }
                let told = told(entry);
                if let Some(Told { for_owner: true, .. }) = &told {
                    seats.extend(call.and_then(|call| live.call(call)?.owner.clone()));
                }
                told.map(|told| (told, seats))
            };
            if let Some((told, seats)) = told {
                self.tell(told, seats);
            }
        }
    }

    fn tell(&self, told: Told, mut seats: Vec<Name>) {
        seats.extend(told.seats);
        seats.sort_unstable();
        seats.dedup();
        let mut kept = self.kept();
        kept.seq += 1;
        let happening = Arc::new(Happening { seq: kept.seq, word: told.word, data: told.data.to_string(), seats });
        if kept.ring.len() == KEPT {
            kept.ring.pop_front();
        }
        kept.ring.push_back(Arc::clone(&happening));
        // Nobody may be listening.
        let _ = self.sender.send(happening);
    }

    /// Entries were lost on the way: listeners are told, and what goes on is read from the journal.
    fn gap(&self, live: Option<Live>) {
        if let Some(live) = live {
            *self.live() = live;
        }
        let mut kept = self.kept();
        kept.seq += 1;
        kept.ring.clear();
        let happening = Happening { seq: kept.seq, word: "gap", data: "{}".into(), seats: Vec::new() };
        let _ = self.sender.send(Arc::new(happening));
    }

    /// Begins to listen, behind a place if one is given.
    ///
    /// # Errors
    /// No place for another listener, an id that is none, or one whose successors are no longer kept.
    pub fn listen(
        self: &Arc<Self>,
        listener: Listener,
        last: Option<&str>,
        may: impl Fn() -> bool + Send + 'static,
    ) -> Result<Stream, Problem> {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else { return Err(Problem::busy()) };
        let (receiver, missed, seq) = {
            let kept = self.kept();
            let missed = match last {
                Some(last) => self.behind(&kept, last)?,
                None => Vec::new(),
            };
            // What is missed comes behind the greeting: a cut before its end must not lose the rest.
            let seq = missed.first().map_or(kept.seq, |first| first.seq - 1);
            (self.sender.subscribe(), missed, seq)
        };
        let (pieces, stream) = mpsc::channel(PIECES);
        let telling = Telling { epoch: self.epoch, listener, pieces, receiver };
        tokio::spawn(async move {
            let _room: OwnedSemaphorePermit = room;
            telling.run(missed, seq, may).await;
        });
        Ok(Stream(stream))
    }

    fn behind(&self, kept: &Kept, last: &str) -> Result<Vec<Arc<Happening>>, Problem> {
        let id = last.split_once('-').and_then(|(epoch, seq)| Some((epoch.parse::<u32>().ok()?, seq.parse::<u64>().ok()?)));
        let Some((epoch, seq)) = id else { return Err(Problem::malformed("Last-Event-ID: ids look like 3-1042")) };
        let oldest = kept.ring.front().map_or(kept.seq + 1, |first| first.seq);
        if epoch != self.epoch || seq > kept.seq || seq + 1 < oldest {
            return Err(Problem::gone());
        }
        Ok(kept.ring.iter().filter(|happening| happening.seq > seq).cloned().collect())
    }
}

fn told(entry: &Entry) -> Option<Told> {
    match entry {
        Entry::Call(event) => told::call(event),
        Entry::Seat(event) => Some(told::seat(event)),
        Entry::Switched(switch) => Some(told::switched(switch)),
        Entry::HotDesk { at, phone, seat } => Some(told::hot_desk(*at, phone, seat.as_ref())),
        Entry::Boot { .. } | Entry::Decision { .. } | Entry::Registrations { .. } | Entry::WrongPins(_) => None,
    }
}

fn concerned(live: &Live, call: CallId) -> Vec<Name> {
    live.seats_of(call).cloned().collect()
}

struct Telling {
    epoch: u32,
    listener: Listener,
    pieces: mpsc::Sender<Bytes>,
    receiver: broadcast::Receiver<Arc<Happening>>,
}

impl Telling {
    async fn run(mut self, missed: Vec<Arc<Happening>>, seq: u64, may: impl Fn() -> bool) {
        if !self.send(format!("retry: {RETRY_MS}\nid: {}-{seq}\nevent: hello\ndata: {{}}\n\n", self.epoch)).await {
            return;
        }
        for happening in missed {
            if !self.say(&happening).await {
                return;
            }
        }
        let mut keep_alive = tokio::time::interval(KEEP_ALIVE);
        keep_alive.tick().await;
        loop {
            tokio::select! {
                happening = self.receiver.recv() => match happening {
                    Ok(happening) if happening.word == "gap" => return self.close("gap").await,
                    Ok(happening) => if !self.say(&happening).await { return },
                    Err(broadcast::error::RecvError::Lagged(_)) => return self.close("too_slow").await,
                    Err(broadcast::error::RecvError::Closed) => return self.close("stopped").await,
                },
                _ = keep_alive.tick() => {
                    if !may() {
                        return self.close("no_longer_allowed").await;
                    }
                    if !self.send(": here\n\n".to_owned()).await {
                        return;
                    }
                }
                () = self.pieces.closed() => return,
            }
        }
    }

    async fn say(&self, happening: &Happening) -> bool {
        if !self.listener.hears(happening) {
            return true;
        }
        let Happening { seq, word, data, .. } = happening;
        self.send(format!("id: {}-{seq}\nevent: {word}\ndata: {data}\n\n", self.epoch)).await
    }

    async fn close(&self, why: &str) {
        self.send(format!("event: closed\ndata: {{\"reason\":\"{why}\"}}\n\n")).await;
    }

    async fn send(&self, text: String) -> bool {
        self.pieces.send(Bytes::from(text)).await.is_ok()
    }
}

/// A listener's answer as it grows.
pub struct Stream(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(hyper::body::Frame::data(piece))))
    }
}

/// What stands between the engine's thread, the hub, and whoever else is told.
pub struct Feed {
    /// What the engine's thread tells.
    pub entries: Receiver<Vec<Entry>>,
    /// How many entries it could not tell.
    pub missed: Arc<AtomicU64>,
    /// Who is told next.
    pub next: Option<Sender<Vec<Entry>>>,
    /// The data directory.
    pub data: PathBuf,
}

impl Feed {
    /// Hands on what comes until the engine is gone; to be called on a thread of its own.
    pub fn run(self, hub: &Hub, mailbox: &Mailbox) {
        let mut missed = 0;
        for entries in &self.entries {
            hub.take(&entries);
            if let Some(next) = &self.next {
                // The log keeps up or leaves out; the journal has everything.
                let _ = next.try_send(entries);
            }
            let now = self.missed.load(Ordering::Acquire);
            if std::mem::replace(&mut missed, now) != now {
                tracing::warn!(entries = now, "API: events could not keep up; listeners begin anew");
                hub.gap(self.look(mailbox));
            }
        }
    }

    /// What goes on by the journal.
    fn look(&self, _mailbox: &Mailbox) -> Option<Live> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let look = runtime.block_on(Look::open(&self.data)).ok()?;
        Some(Live::of(runtime.block_on(look.live()).ok()?.into_iter().map(|(record, _)| record)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Role;
    use hotline_model::{CallEvent, EventKind, Number, Revision, TransferEnd, WallTime};

    fn entry(count: u32, kind: EventKind) -> Entry {
        Entry::Call(CallEvent { call: CallId::new(1, 0, count), at: WallTime(1), kind })
    }

    fn arrived(count: u32) -> Entry {
        let source = ([127, 0, 0, 1], 5061).into();
        entry(
            count,
            EventKind::Arrived { dialled: "h".into(), from: Number::new("1"), source, sip_call_id: "x".into(), revision: Revision(1) },
        )
    }

    fn listener(right: Right, seat: Option<&str>) -> Listener {
        let mut person = Person::local("x".into(), vec![Role::Supervisor]);
        person.seat = seat.map(Name::from);
        Listener { person: Arc::new(person), right }
    }

    fn hear(hub: &Arc<Hub>, who: Listener, last: Option<&str>, then: &[Entry], pieces: usize) -> Result<Vec<String>, Problem> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut stream = hub.listen(who, last, || true)?;
            hub.take(then);
            let mut heard = Vec::new();
            for _ in 0..pieces {
                heard.push(String::from_utf8(stream.0.recv().await.unwrap().to_vec()).unwrap());
            }
            Ok(heard)
        })
    }

    #[test]
    fn a_listener_goes_on_where_it_was_cut_off() {
        let hub = Arc::new(Hub::new(7, Live::default()));
        hub.take(&[arrived(1), arrived(2)]);
        let heard = hear(&hub, listener(Right::Any, None), Some("7-1"), &[arrived(3)], 3).unwrap();
        assert!(heard[0].contains("id: 7-1\nevent: hello"), "a cut right behind it loses nothing: {heard:?}");
        assert!(heard[1].starts_with("id: 7-2\nevent: call_arrived\ndata: {") && heard[2].starts_with("id: 7-3\n"), "{heard:?}");
    }

    #[test]
    fn a_place_that_is_no_longer_kept_or_of_another_run_is_gone() {
        let hub = Arc::new(Hub::new(7, Live::default()));
        let many: Vec<_> = (0..KEPT as u32 + 2).map(arrived).collect();
        hub.take(&many);
        let status = |last| hear(&hub, listener(Right::Any, None), Some(last), &[], 0).map_err(|problem| problem.status.as_u16()).err();
        assert_eq!(status("7-1"), Some(410));
        assert_eq!(status("6-4000"), Some(410));
        assert_eq!(status("7-99999"), Some(410));
        assert_eq!(status("nonsense"), Some(400));
        assert_eq!(status("7-2"), None);
    }

    #[test]
    fn an_agent_hears_of_the_own_seat_and_the_result_of_a_transfer_as_owner_r56() {
        let hub = Arc::new(Hub::new(7, Live::default()));
        let happenings = [
            arrived(1),
            entry(1, EventKind::Answered { seat: "1001".into() }),
            entry(1, EventKind::Owned { seat: "1001".into() }),
            arrived(2),
            entry(2, EventKind::Answered { seat: "1002".into() }),
            entry(1, EventKind::TransferEnded { end: TransferEnd::Completed }),
        ];
        let heard = hear(&hub, listener(Right::Own, Some("1001")), None, &happenings, 4).unwrap();
        let words: Vec<_> = heard.iter().map(|piece| piece.split("event: ").nth(1).unwrap().lines().next().unwrap()).collect();
        assert_eq!(words, ["hello", "call_answered", "call_owned", "transfer_ended"]);
    }

    #[test]
    fn whoever_cannot_keep_up_is_told_so_and_let_go() {
        let hub = Arc::new(Hub::new(7, Live::default()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let last = runtime.block_on(async {
            let mut stream = hub.listen(listener(Right::Any, None), None, || true).unwrap();
            tokio::task::yield_now().await;
            let many: Vec<_> = (0..2 * KEPT as u32).map(arrived).collect();
            hub.take(&many);
            let mut last = String::new();
            while let Some(piece) = stream.0.recv().await {
                last = String::from_utf8(piece.to_vec()).unwrap();
            }
            last
        });
        assert_eq!(last, "event: closed\ndata: {\"reason\":\"too_slow\"}\n\n");
        assert_eq!(hub.listeners(), 0);
    }

    #[test]
    fn there_is_no_room_for_any_number_of_listeners() {
        let hub = Arc::new(Hub::new(7, Live::default()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listen = || hub.listen(listener(Right::Any, None), None, || true);
            let all: Vec<_> = (0..LISTENERS).map(|_| listen().unwrap_or_else(|problem| panic!("{problem:?}"))).collect();
            assert_eq!(listen().err().map(|problem| problem.status.as_u16()), Some(503));
            drop(all);
        });
    }
}
