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
        let dir = tempfile::tempdir().unwrap();
        let rules = dir.path().join("rules");
        std::fs::create_dir(&rules).unwrap();
        std::fs::write(rules.join("rules.toml"), RULES).unwrap();
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
        let listeners = vec![Listener { transport: Transport::Udp, local: LOCAL.into(), advertise: None }];
        let config = hotline_engine::Config {
            sip: hotline_sip::Config { listeners, ..hotline_sip::Config::default() },
            rtp_ports: (0..8).map(|n| SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n))).collect(),
            rtp_advertise: None,
            identity: "127.0.0.1:5060".into(),
            epoch: 1,
            shard: 0,
            max_calls: 4,
            seed: [9; 32],
        };
        Recorder::new(Timestamp(1), 1_794_967_200_000_000, config, &self.revision, 1, log)
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
    assert!(recorder.log.is_none());
    assert_eq!(recorder.engine().counters().offered, place.offered_without_a_log());
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
