//! What `calls list`, `calls show` and `why` print, compared with files in tests/golden (written anew with UPDATE_GOLDEN=1).
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[allow(dead_code, reason = "the binary uses the rest")]
#[path = "../src/cli/mod.rs"]
mod cli;

#[path = "shown_calls/between.rs"]
mod between;
#[path = "shown_calls/beyond.rs"]
mod beyond;
#[path = "shown_calls/cut.rs"]
mod cut;
#[path = "shown_calls/held.rs"]
mod held;
#[path = "shown_calls/helping.rs"]
mod helping;
#[path = "shown_calls/left_open.rs"]
mod left_open;
#[path = "shown_calls/messages.rs"]
mod messages;
#[path = "shown_calls/offers.rs"]
mod offers;
#[path = "shown_calls/opens.rs"]
mod opens;
#[path = "shown_calls/pauses.rs"]
mod pauses;
#[path = "shown_calls/seats.rs"]
mod seats;
#[path = "shown_calls/standing.rs"]
mod standing;
#[path = "shown_calls/stories.rs"]
mod stories;
#[path = "shown_calls/until.rs"]
mod until;
#[path = "shown_calls/woke.rs"]
mod woke;

use clap::Parser;
use cli::why::now::{Now, QueueNow, SeatNow};
use cli::words::Lang;
use cli::{calls, why};
use hotline_archive::{Archiver, ArchiverOptions, ArchiverStep, DATABASE, Filter, Found, Journal, Look, Options};
use hotline_model::history::{
    Cause, Classified, ClockChange, ClockEvent, DecidingKey, Decision, Foretold, ForetoldWait, HandOrder, NO_SEAT, OfferEnd, SeatEvent,
    Side, Trigger, Untold, WhyNot,
};
use hotline_model::{
    Activity, CallEvent, CallId, Class, Entry, EventKind, Intent, Kind, Name, NotReadyReason, Number, Priority, QueueId, Revision, SeatId,
    SeatState, Timestamp, WallTime, encode_entry,
};
use hotline_rules::{Plan, Source};
use std::path::Path;
use std::sync::Arc;

/// 2026-03-02 10:03:00 in Shanghai.
const START: i64 = 1_772_416_980_000_000;

fn at(ms: i64) -> WallTime {
    WallTime(START + ms * 1_000)
}

#[derive(Parser)]
enum Command {
    #[command(subcommand)]
    Calls(calls::CallsCommand),
    Why(why::WhyArgs),
}

fn output(json: bool) -> calls::OutputArgs {
    let json = if json { " --json" } else { "" };
    let line = format!("hotline why 1-0-1 --zone Asia/Shanghai{json}");
    match Command::parse_from(line.split(' ')) {
        Command::Why(args) => args.output,
        Command::Calls(_) => unreachable!("it is a why"),
    }
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{name} differs; if that is meant: UPDATE_GOLDEN=1 cargo test --test shown_calls\n--- now\n{text}");
}

fn id(count: u32) -> CallId {
    CallId::new(3, 0, count)
}

fn call(count: u32, at_ms: i64, kind: EventKind) -> Entry {
    Entry::Call(CallEvent { call: id(count), at: at(at_ms), kind })
}

fn arrived(from: &str) -> EventKind {
    EventKind::Arrived {
        dialled: "hotline".into(),
        from: Number::new(from),
        source: ([127, 0, 0, 1], 5071).into(),
        sip_call_id: format!("{from}-1@gw.example"),
        revision: Revision(0x0abc_def0_0000_0000),
    }
}

fn clock(clock: u8, change: ClockChange) -> EventKind {
    let limit_ms = if clock == 1 { 3_000 } else { 30_000 };
    EventKind::Clock(ClockEvent { clock, change, limit_ms })
}

fn seat(seq: u64, at_ms: i64, seat: &str, intent: Intent, activity: Activity) -> Entry {
    let state = SeatState { intent, activity, reachable: true };
    Entry::Seat(SeatEvent { seq, at: at(at_ms), seat: seat.into(), id: SeatId(1), state, call: None })
}

struct Looked {
    seq: u64,
    at_ms: i64,
    call: u32,
    trigger: Trigger,
    key: DecidingKey,
    seat: Option<&'static str>,
    ready: u32,
    ahead: u32,
}

fn decision(look: &Looked) -> Entry {
    let decision = Decision {
        seq: look.seq,
        at: Timestamp(look.at_ms * 1_000),
        call: id(look.call),
        revision: Revision(0x0abc_def0_0000_0000),
        seat: look.seat.map_or(NO_SEAT, |_| 4),
        admitted: 5,
        ready: look.ready,
        ahead: look.ahead,
        waited_ms: 0,
        rank: 0,
        queue: QueueId(0),
        trigger: look.trigger,
        key: look.key,
        step: 0,
        tier: 1,
        priority: Priority::Important,
        proficiency: if look.seat.is_some() { 8 } else { 0 },
    };
    Entry::Decision { decision, at: at(look.at_ms), queue: "billing".into(), seat: look.seat.map(Name::from) }
}

fn looked(seq: u64, at_ms: i64, call: u32, trigger: Trigger, ahead: u32) -> Entry {
    decision(&Looked { seq, at_ms, call, trigger, key: DecidingKey::Nobody, seat: None, ready: 0, ahead })
}

fn chose(seq: u64, at_ms: i64, call: u32, trigger: Trigger, key: DecidingKey, seat: &'static str) -> Entry {
    decision(&Looked { seq, at_ms, call, trigger, key, seat: Some(seat), ready: 1, ahead: 0 })
}

fn classified() -> EventKind {
    EventKind::Classified(Classified {
        class: Some(Class::Complex),
        nature: None,
        kind: Some(Kind::Complaint),
        category: None,
        topic: None,
        priority: Priority::Important,
        language: "zh-CN".into(),
        region: Some("华东".into()),
        skills: vec![("billing".into(), 3)],
        sensitive: false,
    })
}

fn into_queue(count: u32, ms: i64, from: &str) -> Vec<Entry> {
    vec![
        call(count, ms, arrived(from)),
        call(count, ms, clock(1, ClockChange::Started)),
        call(count, ms + 50, EventKind::PickedUp),
        call(count, ms + 50, clock(1, ClockChange::Met)),
        call(count, ms + 100, EventKind::Menu("main".into())),
        call(count, ms + 6_000, EventKind::Digit { menu: "main".into(), digit: '2' }),
        call(count, ms + 6_000, classified()),
        call(count, ms + 6_000, EventKind::Queued { queue: "billing".into(), priority: Priority::Important }),
        call(count, ms + 6_000, clock(3, ClockChange::Started)),
    ]
}

fn offered(count: u32, ms: i64, seat: &str, decision: u64) -> [Entry; 2] {
    let offered = EventKind::Offered { seat: seat.into(), decision, ring_ms: 10_000 };
    [call(count, ms, offered), call(count, ms + 100, EventKind::Ringing { seat: seat.into() })]
}

fn gone(count: u32, ms: i64, side: Side, cause: Cause) -> [Entry; 2] {
    [call(count, ms, EventKind::HungUp { side, cause, q850: Some(16) }), call(count, ms + 5_000, EventKind::Archived)]
}

/// Five seats, of which none is ready until 1004 is; calls 42 (answered), 43 (RONA, breach), 44 (abandoned), 45 (menus), 46 (live).
fn morning() -> Vec<Entry> {
    let seats = [("1001", Activity::OnCall), ("1002", Activity::OnCall), ("1003", Activity::OnCall), ("1004", Activity::WrapUp)];
    let mut all: Vec<_> = (1..).zip(seats).map(|(seq, (name, activity))| seat(seq, 0, name, Intent::Available, activity)).collect();
    all.push(seat(5, 0, "1005", Intent::NotReady(NotReadyReason::Break), Activity::Free));
    all.extend(into_queue(42, 16_000, "13800130021"));
    all.push(looked(6, 22_000, 42, Trigger::CallWaiting, 2));
    all.push(seat(7, 34_300, "1004", Intent::Available, Activity::Free));
    all.push(chose(8, 34_300, 42, Trigger::SeatReady, DecidingKey::CallOrder, "1004"));
    all.extend(offered(42, 34_300, "1004", 8));
    all.extend([call(42, 38_500, EventKind::Answered { seat: "1004".into() }), call(42, 38_500, clock(3, ClockChange::Met))]);
    all.extend(gone(42, 238_500, Side::Caller, Cause::Normal));
    all.extend(into_queue(43, 300_000, "13900000001"));
    all.push(chose(20, 306_000, 43, Trigger::CallWaiting, DecidingKey::OnlyReady, "1004"));
    all.extend(offered(43, 306_000, "1004", 20));
    all.push(call(43, 316_000, EventKind::OfferEnded { seat: "1004".into(), why: OfferEnd::Rona }));
    all.push(seat(21, 316_000, "1004", Intent::NotReady(NotReadyReason::Rona), Activity::Free));
    all.push(looked(22, 316_000, 43, Trigger::OfferFailed, 0));
    all.extend([call(43, 336_000, clock(3, ClockChange::Breached)), call(43, 336_000, EventKind::Overflowed { to: Some("all".into()) })]);
    let wait = ForetoldWait { minutes: 1, low_ms: 4_200, likely_ms: 20_000, high_ms: 47_000 };
    all.push(call(43, 336_000, EventKind::Foretold(Foretold { ahead: 0, wait: Ok(wait) })));
    all.push(looked(23, 336_000, 43, Trigger::Breach, 0));
    all.push(looked(24, 340_000, 43, Trigger::RulesChanged, 0));
    all.push(seat(25, 350_000, "1001", Intent::Available, Activity::Free));
    all.push(chose(26, 350_000, 43, Trigger::SeatReady, DecidingKey::CallOrder, "1001"));
    all.extend(offered(43, 350_000, "1001", 26));
    all.push(seat(27, 352_100, "1001", Intent::Available, Activity::OnCall));
    all.push(call(43, 352_100, EventKind::Answered { seat: "1001".into() }));
    all.push(call(43, 400_000, EventKind::Handled { disposition: "refund".into() }));
    all.extend(gone(43, 410_000, Side::Agent, Cause::Normal));
    all.extend(into_queue(44, 500_000, "13700000002"));
    all.push(looked(30, 506_000, 44, Trigger::CallWaiting, 1));
    all.push(looked(31, 511_000, 44, Trigger::RulesChanged, 1));
    all.push(looked(32, 512_000, 44, Trigger::RulesChanged, 1));
    for ms in [513_000, 523_000] {
        all.push(call(44, ms, EventKind::Foretold(Foretold { ahead: 1, wait: Err(Untold::NobodySignedIn) })));
    }
    all.extend(gone(44, 525_000, Side::Caller, Cause::AbandonedInQueue));
    all.extend([call(45, 600_000, arrived("")), call(45, 600_040, EventKind::PickedUp), call(45, 600_100, EventKind::Menu("main".into()))]);
    all.extend(gone(45, 609_000, Side::System, Cause::Completed));
    all
}

fn live() -> Vec<Entry> {
    let mut all = into_queue(46, 700_000, "13600000003");
    all.push(looked(40, 706_000, 46, Trigger::CallWaiting, 0));
    all
}

fn append(journal: &mut Journal, entries: &[Entry]) {
    let mut bytes = Vec::new();
    entries.iter().for_each(|entry| encode_entry(entry, &mut bytes));
    journal.append(&bytes);
}

const RULES: &str = r#"
[[skill]]
name = "zh"
[[skill]]
name = "billing"
[[language]]
code = "zh-CN"
requires = "zh >= 3"
[[number]]
name = "hotline"
queue = "billing"
[[queue]]
name = "billing"
[[queue.step]]
requires = "billing >= 5"
[[queue.step]]
after = "20s"
requires = "billing >= 2"
[[queue]]
name = "all"
[[queue]]
name = "1008"
seats = ["1008"]
[[queue.step]]
requires = "zh >= 10"
[[seats]]
range = "1001-1005"
skills = { zh = 9, billing = 8 }
password = "x"
[[seat]]
name = "1006"
skills = { zh = 9, billing = 2 }
password = "x"
[[seat]]
name = "1007"
skills = { zh = 2, billing = 8 }
password = "x"
[[seat]]
name = "1008"
skills = { zh = 9, billing = 3 }
password = "x"
"#;

/// The rules of all calls here.
fn rules() -> Arc<Plan> {
    let sources = [Source { path: "routing-rules/all.toml".into(), text: RULES.into() }];
    let loaded = hotline_rules::load(&sources, None);
    let mut plan = loaded
        .unwrap_or_else(|found| panic!("{}", hotline_rules::render(&found, &sources, hotline_rules::Style::Plain, hotline_model::Lang::En)))
        .plan;
    plan.revision = Revision(0x0abc_def0_0000_0000);
    Arc::new(plan)
}

fn urgent(entry: Entry) -> Entry {
    match entry {
        Entry::Decision { decision, at, queue, seat } => {
            Entry::Decision { decision: Decision { priority: Priority::Urgent, ..decision }, at, queue, seat }
        }
        other @ (Entry::Boot { .. }
        | Entry::Registrations { .. }
        | Entry::HotDesk { .. }
        | Entry::WrongPins(_)
        | hotline_model::Entry::Switched(_)
        | Entry::Call(_)
        | Entry::Seat(_)) => other,
    }
}

/// Call 50 waits 43 s: only 1007, whose Chinese is poor, is there until 1001 comes after 31 s, which then serves two urgent calls first.
fn behind_urgent_calls() -> Vec<Entry> {
    let mut all = vec![seat(1, 0, "1007", Intent::Available, Activity::Free), seat(2, 0, "1001", Intent::SignedOut, Activity::Free)];
    all.extend(into_queue(50, 0, "13500000005"));
    for entry in &mut all {
        if let Entry::Call(CallEvent { kind: EventKind::Classified(classified), .. }) = entry {
            classified.skills = vec![("zh".into(), 3)];
        }
    }
    all.push(looked(3, 6_000, 50, Trigger::CallWaiting, 0));
    for (seq, call, begins, ends) in [(10, 51, 37_000, 42_000), (20, 52, 42_000, 49_000)] {
        all.push(seat(seq, begins, "1001", Intent::Available, Activity::Free));
        all.push(urgent(chose(seq + 1, begins, call, Trigger::SeatReady, DecidingKey::CallOrder, "1001")));
        all.push(seat(seq + 2, begins, "1001", Intent::Available, Activity::Offered));
        all.push(seat(seq + 3, begins + 100, "1001", Intent::Available, Activity::OnCall));
        all.push(seat(seq + 4, ends, "1001", Intent::Available, Activity::WrapUp));
    }
    all.push(seat(30, 49_000, "1001", Intent::Available, Activity::Free));
    all.push(chose(31, 49_000, 50, Trigger::SeatReady, DecidingKey::CallOrder, "1001"));
    all.push(call(50, 49_000, EventKind::Offered { seat: "1001".into(), decision: 31, ring_ms: 10_000 }));
    all.push(call(50, 49_000, EventKind::Answered { seat: "1001".into() }));
    all.extend(gone(50, 90_000, Side::Caller, Cause::Normal));
    all
}

/// A data directory in which all but the live call is in the database.
async fn data() -> (tempfile::TempDir, Journal) {
    data_of(&morning(), &live()).await
}

async fn data_of(stored: &[Entry], live: &[Entry]) -> (tempfile::TempDir, Journal) {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { epoch_above: 2, reserve_bytes: 0, ..Options::default() };
    let (mut journal, _) = Journal::open(dir.path(), options).unwrap();
    append(&mut journal, stored);
    let mut archiver = Archiver::new(dir.path(), &dir.path().join(DATABASE), ArchiverOptions::default());
    while archiver.step().await.unwrap() == ArchiverStep::More {}
    append(&mut journal, live);
    (dir, journal)
}

async fn found(dir: &Path, count: u32) -> (Look, Found) {
    let look = Look::open(dir).await.unwrap();
    let found = look.call(id(count)).await.unwrap().unwrap();
    (look, found)
}

const NOW: i64 = 720_000;

#[tokio::test]
async fn the_list_is_an_aligned_table_with_redacted_numbers_and_marks_what_is_live() {
    let (dir, _journal) = data().await;
    let calls = Look::open(dir.path()).await.unwrap().calls(&Filter { limit: 50, ..Filter::default() }).await.unwrap();
    let text = calls::table(&calls, &output(false), at(NOW));
    assert!(!text.contains("13800130021") && text.contains("138****0021"));
    golden("calls_list.txt", &text);
}

#[tokio::test]
async fn the_card_shows_every_time_by_its_name_and_guesses_none() {
    let (dir, _journal) = data().await;
    for (count, name) in
        [(42, "calls_show_answered.txt"), (43, "calls_show_breached.txt"), (45, "calls_show_menus.txt"), (46, "calls_show_live.txt")]
    {
        let (_, found) = found(dir.path(), count).await;
        let text = calls::card(&found, found.record.as_ref().unwrap(), &output(false), at(NOW));
        assert!(!text.contains("13800130021") && !text.contains("13900000001"), "also not in the Call-ID: {text}");
        golden(name, &text);
    }
}

#[tokio::test]
async fn the_json_of_a_call_is_redacted_too_until_revealed() {
    let (dir, _journal) = data().await;
    let (_, found) = found(dir.path(), 42).await;
    let record = found.record.unwrap();
    golden("calls_show_answered.json", &format!("{:#}\n", calls::record_json(&record, hotline_archive::Source::Database, false)));
    let revealed = calls::record_json(&record, hotline_archive::Source::Database, true);
    assert_eq!(revealed["from"], "13800130021");
}

#[tokio::test]
async fn why_tells_who_was_at_what_at_each_decision_in_english_and_chinese() {
    let (dir, _journal) = data().await;
    for (count, name) in [(42, "answered"), (43, "rona_and_breach"), (44, "abandoned"), (45, "menus"), (46, "live")] {
        for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
            let text = said(dir.path(), count, Err("no rules here".into()), lang).await;
            golden(&format!("why_{name}{ending}.txt"), &text);
        }
    }
}

#[tokio::test]
async fn with_the_rules_at_hand_why_names_the_candidates_and_the_rule_that_removed_each() {
    let (dir, _journal) = data().await;
    for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
        golden(&format!("why_candidates{ending}.txt"), &said(dir.path(), 43, Ok(rules()), lang).await);
    }
}

#[tokio::test]
async fn the_first_line_sums_the_wait_up_by_cause_whether_it_is_stored_or_live() {
    let all = behind_urgent_calls();
    for (stored, live) in [(&all[..], &[][..]), (&[], &all[..]), all.split_at(20)] {
        let (dir, _journal) = data_of(stored, live).await;
        let english = said(dir.path(), 50, Ok(rules()), Lang::En).await;
        golden("why_behind_urgent_calls.txt", &english);
        assert!(
            english.starts_with(
                "Waited 43.0 s: 31.0 s no seat with zh >= 3 was signed in and reachable, 12.0 s behind 2 urgent calls, which went first to seats that it could have had, while "
            ),
            "{english}"
        );
        let chinese = said(dir.path(), 50, Ok(rules()), Lang::Zh).await;
        assert!(
            chinese.starts_with(
                "等待 43.0 秒：31.0 秒 没有 zh ≥ 3 的坐席签入且话机可达，12.0 秒 前面有 2 个紧急来电先派到它本可用的坐席，其间"
            ),
            "{chinese}"
        );
    }
}

#[tokio::test]
async fn without_the_rules_of_then_the_first_line_keeps_to_what_was_recorded() {
    let (dir, _journal) = data_of(&behind_urgent_calls(), &[]).await;
    let mut other = Arc::into_inner(rules()).unwrap();
    other.revision = Revision(0x1234_5678_0000_0000);
    let text = said(dir.path(), 50, Ok(Arc::new(other)), Lang::En).await;
    let none = "none of the 5 admitted seats was ready";
    assert!(
        text.starts_with(&format!(
            "Waited 43.0 s: 31.0 s {none}, 12.0 s behind 2 urgent calls, which went first to seats that it could have had, while {none}.\n"
        )),
        "{text}"
    );
    assert!(text.contains("The rules then in force, r0abcdef0, are not at hand (in the folder is r12345678)"), "{text}");
}

#[tokio::test]
async fn rules_that_were_kept_explain_a_call_of_their_time_as_the_folder_did() {
    let (dir, _journal) = data_of(&behind_urgent_calls(), &[]).await;
    let by_folder = said(dir.path(), 50, Ok(rules()), Lang::En).await;
    let (look, found) = found(dir.path(), 50).await;
    let past = |revision| (revision == rules().revision).then(rules);
    for folder in [Err("no rules here".to_owned()), Ok(Arc::new(Plan { revision: Revision(7), ..Arc::into_inner(rules()).unwrap() }))] {
        let shelf = why::rules::Shelf::new(folder, &past);
        let why = why::Why::read(&look, &found, found.record.as_ref().unwrap(), &shelf, at(NOW)).await.unwrap();
        assert_eq!(why.text(&why_args(50, Lang::En)), by_folder);
    }
}

async fn said(dir: &Path, count: u32, rules: Result<Arc<Plan>, String>, lang: Lang) -> String {
    let (look, found) = found(dir, count).await;
    let record = found.record.as_ref().unwrap();
    why::Why::read(&look, &found, record, &why::rules::Shelf::new(rules, &|_| None), at(NOW)).await.unwrap().text(&why_args(count, lang))
}

fn why_args(count: u32, lang: Lang) -> why::WhyArgs {
    why::WhyArgs { about: id(count).to_string(), seat: false, queue: false, lang, rules: None, output: output(false) }
}

/// Call 60 took up the place of call 59, overflowed, has gone up by waiting, and was sorted and given away by hand, once in vain.
fn moved_about() -> Vec<Entry> {
    let lead = |order| EventKind::ByHand { by: "lead".into(), order };
    let (assign, seat_1006) = (HandOrder::Assign { seat: "1006".into() }, || Name::from("1006"));
    let mut all = vec![seat(1, 0, "1006", Intent::Available, Activity::OnCall), seat(2, 0, "1001", Intent::Available, Activity::OnCall)];
    all.extend([
        call(60, 0, arrived("13500000006")),
        call(60, 0, EventKind::PickedUp),
        call(60, 6_000, EventKind::Queued { queue: "billing".into(), priority: Priority::Ordinary }),
        call(60, 6_000, EventKind::PlaceKept { since: at(-20_000), after: id(59) }),
        looked(3, 6_000, 60, Trigger::CallWaiting, 0),
        call(60, 36_000, clock(3, ClockChange::Breached)),
        call(60, 36_000, EventKind::Overflowed { to: Some("all".into()) }),
        call(60, 100_000, lead(assign)),
        call(60, 100_000, EventKind::NotAssigned { seat: seat_1006(), why: WhyNot::NotReady }),
        looked(4, 280_000, 60, Trigger::Aged, 0),
    ]);
    all
}

/// What happened to it next.
fn taken_by_hand() -> Vec<Entry> {
    let lead = |order| EventKind::ByHand { by: "lead".into(), order };
    let mut all = vec![
        call(60, 300_000, lead(HandOrder::Priority { priority: Priority::Urgent })),
        call(60, 300_000, EventKind::Reprioritised { priority: Priority::Urgent }),
        looked(5, 300_000, 60, Trigger::Reprioritised, 0),
        seat(6, 320_000, "1006", Intent::Available, Activity::Free),
        call(60, 320_000, lead(HandOrder::Pull { seat: "1006".into() })),
        chose(7, 320_000, 60, Trigger::ByHand, DecidingKey::ByHand, "1006"),
    ];
    all.extend(offered(60, 320_000, "1006", 7));
    all.push(call(60, 321_000, EventKind::Answered { seat: "1006".into() }));
    all
}

#[tokio::test]
async fn why_tells_a_kept_place_an_overflow_ageing_and_what_was_ordered_by_hand() {
    let (dir, mut journal) = data_of(&[], &moved_about()).await;
    let name = |text: &str| Name::from(text);
    let now = Now::read(&Look::open(dir.path()).await.unwrap(), rules(), None, at(290_000)).await.unwrap();
    for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
        let look = Look::open(dir.path()).await.unwrap();
        let seat = SeatNow::read(&look, &now, &name("1006")).await.unwrap();
        golden(&format!("why_moved_seat{ending}.txt"), &why::seat_page(&seat, &now, &why_args(0, lang)).text());
        let queue = QueueNow::of(&now, &name("all")).unwrap();
        golden(&format!("why_moved_queue{ending}.txt"), &why::queue_page(&queue, &now, &why_args(0, lang)).text());
    }
    append(&mut journal, &taken_by_hand());
    for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
        golden(&format!("why_moved_call{ending}.txt"), &said(dir.path(), 60, Ok(rules()), lang).await);
    }
}

#[tokio::test]
async fn why_seat_and_why_queue_say_what_keeps_them_apart() {
    let (dir, _journal) = data().await;
    let look = Look::open(dir.path()).await.unwrap();
    let ready = SeatState { intent: Intent::Available, activity: Activity::Free, reachable: true };
    let live = vec![(Name::from("1006"), ready), (Name::from("1007"), ready)];
    for (live, seats) in [(None, &["1001", "1004", "1005"][..]), (Some(live), &["1006", "1007"])] {
        let now = Now::read(&look, rules(), live, at(NOW)).await.unwrap();
        for (lang, ending) in [(Lang::En, ""), (Lang::Zh, "_zh")] {
            for seat in seats {
                let seat = SeatNow::read(&look, &now, &Name::from(*seat)).await.unwrap();
                golden(&format!("why_seat_{}{ending}.txt", seat.seat), &why::seat_page(&seat, &now, &why_args(0, lang)).text());
            }
            let (queue, runs) = (QueueNow::of(&now, &Name::from("billing")).unwrap(), if now.runs { "" } else { "_stopped" });
            golden(&format!("why_queue{runs}{ending}.txt"), &why::queue_page(&queue, &now, &why_args(0, lang)).text());
        }
    }
}

fn ask() -> why::Ask<'static> {
    why::Ask { rules: &|_| Ok(rules()), folder: Path::new("rules"), past: &|_| None, ran: &Vec::new, live: &|| None }
}

#[tokio::test]
async fn while_the_folder_has_an_error_a_seat_and_a_queue_are_told_by_the_rules_in_force() {
    let (dir, _journal) = data().await;
    let look = Look::open(dir.path()).await.unwrap();
    let in_force = rules().revision;
    let (wrong, other) = (
        || anyhow::bail!("rules: 1 error in 1 file."),
        || Ok(Arc::new(Plan { revision: Revision(0x1234_5678_0000_0000), ..Arc::into_inner(rules()).unwrap() })),
    );
    let said = async |about: &str, folder: &dyn Fn() -> anyhow::Result<Arc<Plan>>, runs: bool, lang| {
        let past = |revision| (revision == in_force).then(rules);
        let live = || runs.then(Vec::new);
        let ask = why::Ask { rules: &|_| folder(), past: &past, ran: &|| vec![(at(0), in_force)], live: &live, ..ask() };
        let args = why::WhyArgs { about: about.into(), ..why_args(0, lang) };
        why::page_on_name(&look, &args, at(NOW), &ask).await.unwrap().0.unwrap().text()
    };
    for (about, begins) in [("1005", "Seat 1005"), ("billing", "Queue billing")] {
        let text = said(about, &wrong, true, Lang::En).await;
        assert!(text.starts_with(begins), "{text}");
        let remark = "This page goes by the rules in force (r0abcdef0), for those in the folder can't be used: rules: 1 error in 1 file; \
                      `hotline rules check rules` shows why.\n";
        assert!(text.contains(remark), "{text}");
    }
    let text = said("1005", &wrong, false, Lang::Zh).await;
    assert!(
        text.contains(
            "规则目录中的规则不可用（rules: 1 error in 1 file），本页按现行规则（r0abcdef0）说明；`hotline rules check rules` 可查看错误。"
        ),
        "{text}"
    );
    let text = said("1005", &other, true, Lang::En).await;
    assert!(text.contains("The rules in the folder (r12345678) are not in force: this page goes by those that are (r0abcdef0)."), "{text}");
    let text = said("1005", &other, false, Lang::En).await;
    let remark = "The rules in the folder (r12345678) are not those that ran last: this page goes by the latter (r0abcdef0).";
    assert!(text.contains(remark), "{text}");
}

#[tokio::test]
async fn what_the_rules_no_longer_have_is_told_with_the_change_that_removed_it() {
    let (dir, _journal) = data().await;
    let look = Look::open(dir.path()).await.unwrap();
    let with_it = Revision(0x5_0000_0000);
    let mut old = Arc::into_inner(rules()).unwrap();
    old.queue_names.insert("repairs".into(), QueueId(0));
    let (now, old) = (rules().revision, Arc::new(Plan { revision: with_it, ..old }));
    let past = |revision| if revision == with_it { Some(Arc::clone(&old)) } else { Some(rules()).filter(|plan| plan.revision == revision) };
    let ran = || vec![(at(60_000), now), (at(30_000), now), (at(0), with_it)];
    let ask = why::Ask { past: &past, ran: &ran, ..ask() };
    for (about, lang, says) in [
        ("repairs", Lang::En, "the rules no longer have \"repairs\": it went with r0abcdef0, loaded 2026-"),
        ("repairs", Lang::En, "`hotline rules diff r00000005 r0abcdef0` shows the change"),
        ("repairs", Lang::Zh, "规则中已没有 \"repairs\""),
        ("repair", Lang::En, "and the rules have no seat or queue of this name"),
    ] {
        let args = why::WhyArgs { about: about.into(), ..why_args(0, lang) };
        let (page, code) = why::page_on_name(&look, &args, at(NOW), &ask).await.unwrap();
        let said = page.unwrap_err();
        assert!(code == 1 && said.contains(says), "{said}");
    }
}

async fn exit(dir: &Path, line: &str) -> String {
    let code = match Command::try_parse_from(line.split(' ')).unwrap() {
        Command::Calls(command) => calls::run(dir, &command, at(NOW)).await,
        Command::Why(args) => why::run(dir, &args, at(NOW), &ask()).await,
    };
    format!("{:?}", code.unwrap())
}

#[tokio::test]
async fn exit_codes_are_0_for_found_1_for_no_such_call_and_2_for_no_data() {
    let (dir, _journal) = data().await;
    let (ok, none, wrong) = ["0", "1", "2"].map(|code| format!("{:?}", std::process::ExitCode::from(code.parse::<u8>().unwrap()))).into();
    for line in [
        "hotline calls list",
        "hotline calls list --since 1h --seat 1004 --queue billing --json",
        "hotline calls show 3-0-42",
        "hotline why 3-0-42",
    ] {
        assert_eq!(exit(dir.path(), line).await, ok, "{line}");
    }
    for line in ["hotline calls show 9-0-1", "hotline why 9-0-1"] {
        assert_eq!(exit(dir.path(), line).await, none, "{line}");
    }
    for (line, code) in [("1004", &ok), ("billing", &ok), ("1008", &wrong), ("1008 --seat", &ok), ("1008 --queue", &ok), ("1009", &none)] {
        assert_eq!(exit(dir.path(), &format!("hotline why {line}")).await, *code, "{line}");
    }
    let empty = tempfile::tempdir().unwrap();
    for line in ["hotline calls list", "hotline calls show 3-0-42", "hotline why 3-0-42"] {
        assert_eq!(exit(empty.path(), line).await, wrong, "{line}");
    }
    std::fs::write(empty.path().join(DATABASE), "this is no database, and longer than a header".repeat(100)).unwrap();
    assert_eq!(exit(empty.path(), "hotline calls list").await, wrong);
}

#[test]
fn the_language_is_that_of_the_locale_and_english_for_others() {
    for (locale, lang) in
        [("zh_CN.UTF-8", Lang::Zh), ("zh", Lang::Zh), ("en_GB.UTF-8", Lang::En), ("C", Lang::En), ("中", Lang::En), ("", Lang::En)]
    {
        assert_eq!(Lang::of_locale(locale), lang, "{locale}");
    }
}

#[test]
fn wrong_arguments_are_told_by_their_form() {
    for (line, says) in [
        ("hotline calls show 42", "a call id looks like 3-0-1042"),
        ("hotline calls list --since soon", "30s, 5min, 1h30min or 2d"),
        ("hotline calls list --zone Mars/Base", "Asia/Shanghai"),
    ] {
        let error = Command::try_parse_from(line.split(' ')).err().unwrap();
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(error.exit_code(), 2);
    }
}
