use super::*;
use crate::input_log::Sizes;
use hotline_engine::{Answer, Question};
use hotline_model::{NotReadyReason, Priority, SeatId};
use std::path::PathBuf;
use std::time::Duration;

const RULES: &str = r#"
skill = [{ name = "any" }]
queue = [{ name = "line", step = [{ requires = "any >= 1" }] }]
number = [{ name = "hotline", queue = "line" }]
seat = [{ name = "1001", contact = "sip:1001@phone7.office", skills = { any = 5 } }]
"#;
const LOCAL: ([u8; 4], u16) = ([127, 0, 0, 1], 5060);

struct Place {
    dir: tempfile::TempDir,
    key: Key,
    revision: Revision,
}

impl Place {
    fn new() -> Self {
        Self::of(RULES)
    }

    fn of(text: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let rules = dir.path().join("rules");
        std::fs::create_dir(&rules).unwrap();
        std::fs::write(rules.join("rules.toml"), text).unwrap();
        let Ok(revision) = crate::folder::load(&rules, &[LOCAL.into()], None) else { panic!("the rules are good") };
        let key = Key::read_or_make(&dir.path().join("key")).unwrap();
        Self { dir, key, revision }
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("inputs")
    }

    fn file(&self, number: u32) -> PathBuf {
        self.dir.path().join(format!("inputs.{number:06}"))
    }

    fn recorder(&self, log: Option<LogWriter>) -> Recorder {
        self.recorder_of(1, log)
    }

    fn recorder_of(&self, groups: u8, log: Option<LogWriter>) -> Recorder {
        let most = if groups > 1 { 80_u16 } else { 4 };
        let listeners = vec![Listener { transport: Transport::Udp, local: LOCAL.into(), advertise: None }];
        let config = hotline_engine::Config {
            sip: hotline_sip::Config { listeners, ..hotline_sip::Config::default() },
            rtp_ports: (0..2 * most).map(|n| SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n))).collect(),
            rtp_advertise: None,
            identity: "127.0.0.1:5060".into(),
            epoch: 1,
            shard: 0,
            max_calls: usize::from(most),
            seed: [9; 32],
        };
        Recorder::new(Timestamp(1), 1_794_967_200_000_000, config, &self.revision, groups, log)
    }

    /// A day's life in small: a host found, a caller, an agent who rests, a supervisor who sorts and assigns, new rules; how many inputs that was.
    fn live(&self, recorder: &mut Recorder) -> u64 {
        let (mut inputs, mut called) = (0, false);
        for second in 1..=60 {
            let now = Timestamp(1) + Duration::from_secs(second);
            recorder.handle(now, Input::Wall { offset: 1_794_967_200_000_000 + second as i64 });
            let intent = if second % 2 == 0 { Intent::Available } else { Intent::NotReady(NotReadyReason::Break) };
            recorder.handle(now, Input::Intent { seat: SeatId(0), intent });
            let call = CallId::new(1, 0, second as u32 % 4);
            let order = HandOrder::Priority { priority: Priority::ALL[second as usize % 3] };
            recorder.handle(now, Input::ByHand { call, by: "lead".into(), order });
            recorder.handle(now, Input::ByHand { call, by: "lead".into(), order: HandOrder::Assign { seat: "1001".into() } });
            let flow = Flow { transport: Transport::Udp, local: LOCAL.into(), remote: ([127, 0, 0, 3], 7001).into(), connection: 0 };
            recorder.handle(now, Input::Sip(hotline_sip::Input::Datagram { flow, bytes: &invite(second) }));
            recorder.handle_timeout(now);
            inputs += 6;
            while let Some(output) = recorder.poll_output() {
                if let Output::Sip(hotline_sip::Output::Datagram { flow, .. }) = &output {
                    called |= flow.remote == SocketAddr::from(([127, 0, 0, 2], 5060));
                }
                if let Output::Ask { id, question: Question::Host { .. }, .. } = output {
                    recorder.handle(now, Input::Answer { id, answer: Answer::Addresses(vec![IpAddr::from([127, 0, 0, 2])]) });
                    inputs += 1;
                }
            }
            recorder.end_turn(now);
        }
        assert!(called, "the seat is called where its host was found");
        inputs
    }
}

fn invite(count: u64) -> Vec<u8> {
    let body = "v=0\r\no=- 1 1 IN IP4 127.0.0.3\r\ns=-\r\nc=IN IP4 127.0.0.3\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";
    format!(
        "INVITE sip:hotline@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.3:7001;branch=z9hG4bK{count}\r\nMax-Forwards: 70\r\n\
         From: <sip:1@127.0.0.3>;tag={count}\r\nTo: <sip:hotline@127.0.0.1>\r\nCall-ID: {count}@127.0.0.3\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:1@127.0.0.3:7001>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[test]
fn a_run_logged_in_many_files_replays_to_the_byte_answers_included() {
    let place = Place::new();
    let mut recorder = place.recorder(Some(LogWriter::create(&place.log(), &place.key, Sizes::tiny(4_000, u64::MAX)).unwrap()));
    let inputs = place.live(&mut recorder);
    let said = recorder.log.as_ref().unwrap().said.count;
    drop(recorder);
    assert!(place.file(9).exists() && !place.file(200).exists());
    let replayed = replay(&place.log(), &place.key).unwrap();
    assert_eq!(replayed, Replayed { differs: None, inputs, outputs: said, calls: replayed.calls });
    std::fs::remove_file(place.file(5)).unwrap();
    let error = replay(&place.log(), &place.key).unwrap_err().to_string();
    assert!(error.contains("inputs.000005 is missing"), "{error}");
}

#[test]
fn an_engine_that_says_something_else_is_found_out() {
    let place = Place::new();
    let mut recorder = place.recorder(Some(LogWriter::create(&place.log(), &place.key, Sizes::at_most(u64::MAX)).unwrap()));
    recorder.log.as_mut().unwrap().said.hash.update("a word that no replay says");
    place.live(&mut recorder);
    drop(recorder);
    let replayed = replay(&place.log(), &place.key).unwrap();
    assert!(replayed.differs.unwrap().starts_with("the outputs differ after input"));
}

#[test]
fn a_log_at_its_limit_ends_and_the_hotline_goes_on() {
    let place = Place::new();
    let mut recorder = place.recorder(Some(LogWriter::create(&place.log(), &place.key, Sizes::tiny(4_000, 30_000)).unwrap()));
    let inputs = place.live(&mut recorder);
    recorder.see_end_of_log();
    assert!(recorder.log.is_none());
    assert_eq!(recorder.engine().counters().offered, place.offered_without_a_log());
    let replayed = replay(&place.log(), &place.key).unwrap();
    assert_eq!(replayed.differs, None);
    assert!((1..inputs).contains(&replayed.inputs));
}

#[test]
fn a_full_disk_ends_the_log_and_disturbs_no_call() {
    let place = Place::new();
    let mut recorder = place.recorder(Some(LogWriter::on_full_disk(&place.key)));
    place.live(&mut recorder);
    recorder.see_end_of_log();
    assert!(recorder.log.is_none());
    assert_eq!(recorder.engine().counters().offered, place.offered_without_a_log());
}

impl Recorder {
    /// What its thread tells is seen in the next turn.
    fn see_end_of_log(&mut self) {
        let now = Timestamp(1) + Duration::from_secs(1_000);
        if let Some(log) = &self.log {
            log.file.wait();
            self.put(now, &Step::Wall(0));
            self.end_turn(now);
        }
    }
}

impl Place {
    fn offered_without_a_log(&self) -> u64 {
        let mut recorder = self.recorder(None);
        self.live(&mut recorder);
        let offered = recorder.engine().counters().offered;
        assert!(offered > 0);
        offered
    }
}

/// As [`RULES`], with a second queue in a group of its own and a second seat.
const TWO_GROUPS: &str = r#"
skill = [{ name = "any" }]
queue = [
    { name = "line", step = [{ requires = "any >= 1" }] },
    { name = "other", group = "other", step = [{ requires = "any >= 1" }] },
]
assign = { delays = { busy = "1s" } }
number = [{ name = "hotline", queue = "line" }, { name = "second", queue = "other" }]
seat = [
    { name = "1001", contact = "sip:1001@127.0.0.2:6001", skills = { any = 5 } },
    { name = "1002", contact = "sip:1002@127.0.0.2:6002", skills = { any = 5 } },
]
"#;

/// The other group's router on a thread of its own for the length of a run: what it does to seats falls anywhere into the engine's steps.
struct OtherThread {
    letters: Option<std::sync::mpsc::Sender<hotline_router::Letter>>,
    reports: std::sync::mpsc::Receiver<Report>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl OtherThread {
    fn start(recorder: &mut Recorder) -> Self {
        let engine = recorder.engine();
        let share = hotline_router::Share { group: GroupId(1), routers: 2 };
        let mut outpost = hotline_router::Outpost::new(Timestamp(1), Arc::clone(engine.plan()), Arc::clone(engine.seats()), share);
        let (letters, received) = std::sync::mpsc::channel::<hotline_router::Letter>();
        let (sender, reports) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut now = Timestamp(1);
            loop {
                // Its own time: far enough for rings to end, and no clock.
                now = now + Duration::from_millis(1);
                match received.try_recv() {
                    Ok(letter) => outpost.take(now, letter),
                    Err(std::sync::mpsc::TryRecvError::Empty) => std::thread::yield_now(),
                    Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
                }
                outpost.look_around(now);
                outpost.handle_timeout(now);
                while let Some(report) = outpost.poll_report() {
                    let _ = sender.send(report);
                }
            }
        });
        Self { letters: Some(letters), reports, thread: Some(thread) }
    }
}

impl Drop for OtherThread {
    fn drop(&mut self) {
        self.letters = None;
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

fn dial(number: &str, count: u64) -> Vec<u8> {
    String::from_utf8(invite(count)).unwrap().replace("sip:hotline@", &format!("sip:{number}@")).into_bytes()
}

/// The phone is busy.
fn busy(invite: &str) -> Vec<u8> {
    let names = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
    let copied = invite.lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
    let tagged = copied.map(|line| if line.starts_with("To:") { format!("{line};tag=7\r\n") } else { format!("{line}\r\n") });
    format!("SIP/2.0 486 Busy Here\r\n{}Content-Length: 0\r\n\r\n", tagged.collect::<String>()).into_bytes()
}

/// Callers of both groups, agents who come and go; the phones are busy.
fn live_in_two_groups(recorder: &mut Recorder) {
    let other = OtherThread::start(recorder);
    let (mut letters, mut reports) = (0, 0);
    let mut answers: Vec<(Flow, Vec<u8>)> = Vec::new();
    for turn in 1..=3_000_u64 {
        let now = Timestamp(1) + Duration::from_millis(10 * turn);
        let flow = Flow { transport: Transport::Udp, local: LOCAL.into(), remote: ([127, 0, 0, 3], 7001).into(), connection: 0 };
        if turn % 47 == 1 {
            let number = if turn % 2 == 0 { "hotline" } else { "second" };
            recorder.handle(now, Input::Sip(hotline_sip::Input::Datagram { flow, bytes: &dial(number, turn) }));
        }
        for (flow, bytes) in answers.drain(..) {
            recorder.handle(now, Input::Sip(hotline_sip::Input::Datagram { flow, bytes: &bytes }));
        }
        let seat = SeatId(turn as u32 % 2);
        let intent = if turn % 3 == 0 { Intent::SignedOut } else { Intent::Available };
        recorder.handle(now, Input::Intent { seat, intent });
        let mut told = Vec::new();
        recorder.engine().seats().take_told(GroupId::MAIN, |seat| told.push(seat));
        recorder.handle(now, Input::Look(told));
        // On a busy machine the other thread gets its turn, too.
        let patience = Duration::from_millis(if turn % 4 == 0 { 5 } else { 0 });
        while let Ok(report) = other.reports.recv_timeout(patience) {
            reports += 1;
            recorder.handle(now, Input::Report { group: GroupId(1), report: Box::new(report) });
        }
        recorder.handle_timeout(now);
        while let Some(output) = recorder.poll_output() {
            match output {
                Output::Letter { letter, .. } => {
                    letters += 1;
                    other.letters.as_ref().unwrap().send(*letter).unwrap();
                }
                Output::Sip(hotline_sip::Output::Datagram { flow, bytes }) if bytes.starts_with(b"INVITE") => {
                    answers.push((flow, busy(&String::from_utf8(bytes).unwrap())));
                }
                Output::Sip(_) | Output::Media(_) | Output::Journal(_) | Output::BindingsChanged | Output::Ask { .. } => {}
            }
        }
        recorder.end_turn(now);
    }
    assert!(letters > 20 && reports > 10, "{letters} letters, {reports} reports");
}

#[test]
fn a_run_beside_the_thread_of_another_group_replays_without_it_to_the_byte() {
    let place = Place::of(TWO_GROUPS);
    let mut recorder = place.recorder_of(2, Some(LogWriter::create(&place.log(), &place.key, Sizes::at_most(u64::MAX)).unwrap()));
    live_in_two_groups(&mut recorder);
    let said = recorder.log.as_ref().unwrap().said.count;
    drop(recorder);
    let replayed = replay(&place.log(), &place.key).unwrap();
    assert_eq!((&replayed.differs, replayed.outputs), (&None, said));
    let mut steps = Steps { log: LogReader::open(&place.log(), &place.key).unwrap(), next: None };
    let mut sights = 0;
    while let Some((_, step)) = steps.next().unwrap() {
        sights += usize::from(matches!(step, Step::Sights(_)));
    }
    assert!(sights > 0, "{sights} steps saw what the other thread did");
}

#[test]
fn announcements_that_were_switched_while_callers_were_there_are_said_again_by_a_replay_r151() {
    let place = Place::of(&format!("{RULES}announcement = [{{ name = \"fault\", say = \"network-fault\" }}]\n"));
    let mut recorder = place.recorder(Some(LogWriter::create(&place.log(), &place.key, Sizes::at_most(1 << 20)).unwrap()));
    let (mut said, mut switched) = (0, 0);
    for second in 1..=20_u64 {
        let now = Timestamp(1) + Duration::from_secs(second);
        if second % 5 == 0 {
            let at = now.to_wall(1_794_967_200_000_000);
            let switch = Switch { at, announcement: "fault".into(), by: "duty".into(), on: second % 10 == 5, until: None, note: None };
            recorder.handle(now, Input::Switch(switch));
        }
        let flow = Flow { transport: Transport::Udp, local: LOCAL.into(), remote: ([127, 0, 0, 3], 7001).into(), connection: 0 };
        recorder.handle(now, Input::Sip(hotline_sip::Input::Datagram { flow, bytes: &invite(second) }));
        recorder.handle_timeout(now);
        while let Some(output) = recorder.poll_output() {
            let Output::Journal(entry) = output else { continue };
            let is_said = |event: &CallEvent| matches!(event.kind, hotline_model::EventKind::AnnouncementSaid { .. });
            said += u32::from(matches!(&entry, hotline_model::Entry::Call(event) if is_said(event)));
            switched += u32::from(matches!(entry, hotline_model::Entry::Switched(_)));
        }
        recorder.end_turn(now);
    }
    assert!(said > 0, "to those who wait and to those who come");
    assert_eq!(switched, 4);
    let outputs = recorder.log.as_ref().unwrap().said.count;
    drop(recorder);
    let replayed = replay(&place.log(), &place.key).unwrap();
    assert_eq!((replayed.differs, replayed.outputs), (None, outputs));
}
