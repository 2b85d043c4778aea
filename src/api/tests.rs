//! The whole API in front of an engine without sockets: two seats, 1001 in call 3-0-1 and 1002 in call 3-0-2.
#![allow(clippy::wildcard_enum_match_arm, reason = "what a test does not ask for")]

mod access;
mod behind;
mod figures;
mod messages;

use super::client::Client;
use super::nouns::{CallList, Done, SeatList};
use super::routes::{CallOrder, Method, Right, Route, Row, SeatOrder, TABLE};
use super::*;
use crate::audit::{Verified, verify};
use crate::people::{NewPerson, People, Role};
use crate::waker::Waker;
use hotline_model::history::SeatEvent;
use hotline_model::{Activity, CallEvent, CallId, Entry, EventKind, Intent, Name, Number, SeatId, SeatState};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

const RULES: &str = r#"
skill = [{ name = "any" }]
queue = [{ name = "line", step = [{ requires = "any >= 1" }] }]
number = [{ name = "hotline", queue = "line" }]
seat = [
    { name = "1001", contact = "sip:1001@127.0.0.1:5071", skills = { any = 5 } },
    { name = "1002", contact = "sip:1002@127.0.0.1:5072", skills = { any = 5 } },
]
[[announcement]]
name = "fault"
say = "welcome"
"#;

struct House {
    dir: tempfile::TempDir,
    running: Running,
    hub: Arc<Hub>,
    /// Journal entries that orders led to.
    written: Arc<AtomicU64>,
    _entries: crossbeam_channel::Sender<Vec<Entry>>,
}

fn busy() -> SeatState {
    SeatState { intent: Intent::Available, activity: Activity::OnCall, reachable: true }
}

fn call(count: u32) -> CallId {
    CallId::new(3, 0, count)
}

fn house(alive: bool) -> House {
    house_of(alive, RULES)
}

fn house_of(alive: bool, rules: &str) -> House {
    house_by(Clock::start(), alive, rules)
}

fn house_by(clock: Clock, alive: bool, rules: &str) -> House {
    let dir = tempfile::tempdir().unwrap();
    let (mailbox, messages) = Mailbox::new(Waker::default());
    let written = Arc::new(AtomicU64::new(0));
    let behind = behind::Behind::new(rules, Arc::clone(&written));
    std::thread::spawn(move || {
        for message in messages {
            if alive {
                behind.take(message);
            } else {
                // Whoever asked waits in vain.
                std::mem::forget(message);
            }
        }
    });
    let hub = Arc::new(Hub::new(3, live::Live::default()));
    let (sender, entries) = crossbeam_channel::bounded(16);
    let feed = Feed { entries, missed: Arc::default(), next: None, data: dir.path().to_owned() };
    for count in [1, 2] {
        let source = ([127, 0, 0, 1], 5061).into();
        let from = Number::new("13800138000");
        let (sip_call_id, revision) = ("x".into(), hotline_model::Revision(1));
        let arrived = EventKind::Arrived { dialled: "hotline".into(), from, source, sip_call_id, revision };
        let seat = Name::from(format!("100{count}"));
        let at = WallTime(1_000_000);
        let event = |kind| Entry::Call(CallEvent { call: call(count), at, kind });
        let on_call = SeatEvent { seq: 1, at, seat: seat.clone(), id: SeatId(count), state: busy(), call: Some(call(count)) };
        hub.take(&[event(arrived), event(EventKind::Answered { seat }), Entry::Seat(on_call)]);
    }
    let parts = Parts { mailbox, clock, reloading: Reloading::to_nobody(), hub: Arc::clone(&hub), feed };
    let running = start(bind("127.0.0.1:0".parse().unwrap()).unwrap(), dir.path(), parts).unwrap();
    House { dir, running, hub, written, _entries: sender }
}

impl House {
    fn person(&self, role: Role) -> String {
        let name = role.word().to_owned();
        let new = NewPerson { name, roles: vec![role], seat: Some("1001".into()), expires: WallTime(i64::MAX) };
        People::change(self.dir.path(), |people| people.add(new, WallTime(0))).unwrap()
    }

    /// Sends bytes and reads until the other side ends, or for `most` bytes.
    fn raw(&self, bytes: &[u8], most: u64) -> String {
        let mut stream = TcpStream::connect(self.running.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // The other side may answer, and end, before it has read all.
        let _ = stream.write_all(bytes);
        let mut read = Vec::new();
        let _ = stream.take(most).read_to_end(&mut read);
        String::from_utf8_lossy(&read).into_owned()
    }

    fn ask(&self, token: &str, method: &str, path: &str, head: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n{head}Content-Length: {length}\r\n\r\n{body}"
        );
        let most = if path.ends_with("/events") { 60 } else { 1 << 20 };
        let said = self.raw(request.as_bytes(), most);
        let status = said.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("{method} {path}: {said}")), said)
    }

    fn local(&self) -> String {
        let way: Value = serde_json::from_slice(&std::fs::read(self.dir.path().join("api.json")).unwrap()).unwrap();
        way["token"].as_str().unwrap().to_owned()
    }
}

const JSON: &str = "Content-Type: application/json\r\n";

/// A body that says all that a route needs.
fn body(route: Route) -> Option<Value> {
    match route {
        Route::Announce => Some(json!({ "announcement": "fault", "on": true })),
        Route::SeatOrder(SeatOrder::NotReady) => Some(json!({ "reason": "break" })),
        Route::SeatOrder(SeatOrder::Pull) => Some(json!({ "call": "3-0-2" })),
        Route::CallOrder(CallOrder::Classify) => Some(json!({ "class": "major" })),
        Route::CallOrder(CallOrder::Disposition) => Some(json!({ "disposition": "solved" })),
        Route::CallOrder(CallOrder::Transfer) => Some(json!({ "to": { "queue": "line" }, "reason": "too_complex" })),
        Route::CallOrder(CallOrder::Consult) => Some(json!({ "to": { "seat": "1002" } })),
        Route::Rollback => Some(json!({ "to": "r1" })),
        Route::CallOrder(CallOrder::Assign) => Some(json!({ "seat": "1002" })),
        Route::CallOrder(CallOrder::Priority) => Some(json!({ "priority": "urgent" })),
        _ => None,
    }
}

/// What the table says of a route's object: own is seat 1001 and its call.
fn expected(row: &Row, right: Right, own: bool) -> bool {
    let has_object = row.path.contains('{');
    match right {
        Right::None => false,
        Right::Own => own || !has_object,
        Right::Any => true,
    }
}

#[test]
fn every_role_may_on_every_route_what_the_table_says_of_own_and_other_objects_and_nothing_else() {
    let house = house(true);
    let tokens: Vec<_> = Role::ALL.iter().map(|role| (*role, house.person(*role))).collect();
    let (mut walked, mut done, mut deviations) = (0, BTreeSet::new(), Vec::new());
    for row in TABLE {
        for (role, token) in &tokens {
            for own in [true, false] {
                let (seat, id) = if own { ("1001", "3-0-1") } else { ("1002", "3-0-2") };
                let path = row.path.replace("{name}", seat).replace("{id}", id);
                let body = body(row.route).map_or(String::new(), |body| body.to_string());
                let head = if body.is_empty() { "" } else { JSON };
                let before = house.written.load(Ordering::SeqCst);
                let (status, _) = house.ask(token, row.method.word(), &path, head, &body);
                let written = house.written.load(Ordering::SeqCst) - before;
                let right = row.may.map_or(Right::Any, |may| may[*role as usize]);
                // 503 is a reload that nobody carries out here, 409 an order that the seat refuses.
                let let_in = matches!(status, 200 | 409 | 503);
                walked += 1;
                if written > 0 && status == 200 {
                    done.insert(row.path.rsplit('/').next().unwrap());
                }
                if written > 0 && !(let_in && row.method == Method::Post) {
                    deviations.push(format!("{} {path} as {}: {status}, and the engine did something", row.method.word(), role.word()));
                }
                if let_in != expected(row, right, own) || !(let_in || status == 403) {
                    deviations.push(format!("{} {path} as {}: {status}, and the table says {right:?}", row.method.word(), role.word()));
                }
            }
        }
    }
    assert!(deviations.is_empty(), "{} of {walked}:\n{}", deviations.len(), deviations.join("\n"));
    assert_eq!(walked, TABLE.len() * Role::ALL.len() * 2);
    // The others find nothing to do in a conversation, or are refused by the engine: 409.
    let carried_out =
        "accept-ownership announcements break-after-call classify first-communication hang-up hold not-ready resume sign-out transfer";
    assert_eq!(done.into_iter().collect::<Vec<_>>().join(" "), carried_out);
}

#[test]
fn every_route_but_the_open_ones_needs_a_token_that_is_somebodys() {
    let house = house(true);
    for row in TABLE {
        let path = row.path.replace("{name}", "1001").replace("{id}", "3-0-1");
        let request = format!("{} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", row.method.word());
        let said = house.raw(request.as_bytes(), 1 << 20);
        let refused =
            said.starts_with("HTTP/1.1 401") && said.contains("www-authenticate: Bearer") && said.contains("application/problem+json");
        assert_eq!(refused, row.may.is_some(), "{path}: {said}");
    }
    let open: Vec<_> = TABLE.iter().filter(|row| row.may.is_none()).map(|row| row.path).collect();
    assert_eq!(open, ["/healthz", "/readyz", "/api/openapi.json"]);
}

#[test]
fn lists_of_an_agent_hold_the_own_seat_and_the_own_call_only() {
    let house = house(true);
    let token = house.person(Role::Agent);
    let read = |path| {
        let (_, said) = house.ask(&token, "GET", path, "", "");
        said.split("\r\n\r\n").nth(1).unwrap().to_owned()
    };
    let seats: SeatList = serde_json::from_str(&read("/api/v1/seats")).unwrap();
    assert_eq!(seats.seats.iter().map(|seat| (&*seat.name, seat.call.as_deref())).collect::<Vec<_>>(), [("1001", Some("3-0-1"))]);
    let calls: CallList = serde_json::from_str(&read("/api/v1/calls")).unwrap();
    assert_eq!(calls.calls.iter().map(|call| (&*call.id, &*call.from)).collect::<Vec<_>>(), [("3-0-1", "138****8000")]);
    assert!(read("/api/v1/calls/3-0-1").contains("138****8000") && read("/api/v1/calls/3-0-1?reveal=true").contains("13800138000"));
    let (status, _) = house.ask(&token, "GET", "/api/v1/calls/3-0-9", "", "");
    assert_eq!(status, 403, "nobody finds out which calls there are");
}

#[test]
fn a_page_of_calls_ends_where_the_next_one_begins() {
    let house = house(true);
    let client = Client::open(house.dir.path(), "en").unwrap();
    let page = |path: &str| client.get::<CallList>(path).unwrap().unwrap();
    let first = page("/api/v1/calls?limit=1");
    assert_eq!((first.calls.len(), first.next.as_deref()), (1, Some("3-0-1")));
    let second = page("/api/v1/calls?limit=1&after=3-0-1");
    assert_eq!((&*second.calls[0].id, second.next), ("3-0-2", None));
    for wrong in ["limit=0", "limit=1001", "limit=x", "after=7", "page=2", "limit=1&limit=2"] {
        let refusal = client.get::<CallList>(&format!("/api/v1/calls?{wrong}")).unwrap().unwrap_err();
        assert_eq!(refusal.status, 400, "{wrong}");
    }
}

#[test]
fn whatever_is_wrong_with_a_request_is_a_problem_in_the_language_asked_for() {
    let house = house(true);
    let token = house.local();
    let transfer = "/api/v1/calls/3-0-1/transfer";
    for (method, path, head, body, status, code) in [
        ("GET", "/nothing", "", "", 404, "no_such_path"),
        ("DELETE", transfer, "", "", 405, "no_such_method"),
        ("POST", transfer, "", "{}", 415, "media_type"),
        ("POST", transfer, JSON, "{", 400, "malformed"),
        ("POST", transfer, JSON, "{}", 422, "unfit"),
        ("POST", transfer, JSON, r#"{"to":{"seat":"1"},"extra":1}"#, 422, "unfit"),
        ("POST", transfer, JSON, r#"{"to":{"number":"sip:x@evil"}}"#, 422, "unfit"),
        ("POST", "/api/v1/calls/7/hold", "", "", 400, "malformed"),
        ("POST", "/api/v1/calls/9-0-9/hold", "", "", 404, "no_such_call"),
        ("POST", "/api/v1/calls/9-0-9/priority", JSON, r#"{"priority":"urgent"}"#, 404, "no_such_call"),
        ("POST", "/api/v1/calls/9-0-9/assign", JSON, r#"{"seat":"1001"}"#, 404, "no_such_call"),
        ("POST", "/api/v1/calls/3-0-2/cancel", "", "", 409, "not_under_way"),
        ("GET", "/api/v1/seats/..%2f..%2fetc%2fpasswd", "", "", 404, "no_such_seat"),
        ("GET", "/api/v1/seats/%00", "", "", 404, "no_such_seat"),
        ("GET", "/api/v1/seats/%ff", "", "", 400, "malformed"),
        ("GET", "/api/v1/calls/%2e%2e%2f", "", "", 400, "malformed"),
    ] {
        let (found, said) = house.ask(&token, method, path, &format!("{head}Accept-Language: zh\r\n"), body);
        assert_eq!(found, status, "{method} {path} {body}: {said}");
        let problem: Value = serde_json::from_str(said.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{path}");
        assert!(said.contains("content-language: zh") && said.contains("application/problem+json"), "{said}");
    }
    let (status, said) = house.ask(&token, "POST", transfer, JSON, &format!("\"{}\"", "x".repeat(70_000)));
    assert!(status == 413 && said.contains("too_large"), "{said}");
    let (_, said) = house.ask(&token, "GET", "/api/v1/seats", "Origin: https://evil.example\r\nCookie: a=b\r\n", "");
    assert!(!said.contains("access-control") && !said.contains("set-cookie"), "no other site reads this: {said}");
}

#[test]
fn what_is_no_request_is_answered_with_a_problem_too() {
    let house = house(true);
    let field = |length: usize| format!("GET /healthz HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(length));
    let fields = format!("GET /healthz HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(101));
    for (request, status, code) in [
        (field(20_000), 431, "head_too_large"),
        (field(40_000), 431, "head_too_large"),
        (fields, 431, "head_too_large"),
        ("no request at all\r\n\r\n".into(), 400, "malformed"),
        ("GET /healthz HTTP/1.1\r\nX\u{0}: y\r\n\r\n".into(), 400, "malformed"),
    ] {
        let said = house.raw(request.as_bytes(), 1 << 20);
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")) && head.contains("application/problem+json"), "{said}");
        assert!(head.contains(&format!("content-length: {}", body.len())) && head.contains("connection: close"), "{said}");
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)));
    }
    let two = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nno request\r\n\r\n";
    let said = house.raw(two.as_bytes(), 1 << 20);
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("HTTP/1.1 400"), "{said}");
}

#[test]
fn an_engine_that_does_not_answer_is_503_and_nobody_waits_long_for_it() {
    let house = house(false);
    let token = house.local();
    for (method, path) in [("GET", "/api/v1/seats"), ("GET", "/readyz"), ("POST", "/api/v1/seats/1001/ready")] {
        let (status, said) = house.ask(&token, method, path, "", "");
        assert!(status == 503 && said.contains("retry-after: 1") && said.contains("\"silent\""), "{said}");
    }
    assert_eq!(house.ask(&token, "GET", "/healthz", "", "").0, 200);
}

#[test]
fn a_hotline_that_drains_says_so_to_load_balancers() {
    let house = house(true);
    assert_eq!(house.ask("-", "GET", "/readyz", "", "").0, 200);
    house.running.drain();
    let (status, said) = house.ask("-", "GET", "/readyz", "", "");
    assert!(status == 503 && said.contains("draining"), "{said}");
}

#[test]
fn every_change_and_every_refusal_leaves_an_audit_line_and_numbers_in_full_too() {
    let house = house(true);
    let (agent, local) = (house.person(Role::Agent), house.local());
    house.ask(&agent, "POST", "/api/v1/calls/3-0-1/hold", "", "");
    house.ask(&agent, "POST", "/api/v1/calls/3-0-2/hold", "", "");
    house.ask(&agent, "POST", "/api/v1/rules/reload", "", "");
    house.ask(&local, "POST", "/api/v1/seats/a%0d%0a%1b[31m/ready", "", "");
    house.ask(&local, "GET", "/api/v1/calls/3-0-1?reveal=true", "", "");
    house.ask(&local, "GET", "/api/v1/seats", "", "");
    house.ask(&format!("hl_{}_{}", "0".repeat(16), "0".repeat(64)), "GET", "/api/v1/seats", "", "");
    let text = std::fs::read_to_string(house.dir.path().join("audit.log")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<_> = lines.iter().map(|line| (line["what"].as_str().unwrap(), line["result"].as_str().unwrap())).collect();
    assert_eq!(said[0], ("POST /api/v1/calls/3-0-1/hold", "done"));
    assert_eq!(said[1], ("POST /api/v1/calls/3-0-2/hold", "denied: not_allowed_to_you"));
    assert_eq!(said[2], ("POST /api/v1/rules/reload", "denied: not_allowed_to_you"));
    assert_eq!(said[3].1, "refused: no_such_seat");
    assert_eq!(said[4], ("GET /api/v1/calls/3-0-1?reveal=true", "done"));
    assert_eq!(said[5], ("GET /api/v1/seats", "denied: wrong_token"));
    assert_eq!((said.len(), &lines[0]["who"]), (6, &json!("agent")));
    assert!(lines[0]["source"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert!(!text.contains(['\r', '\u{1b}']), "{text}");
    assert_eq!(verify(house.dir.path()).unwrap(), Verified::Good(6));
}

#[test]
fn the_command_lines_own_way_is_named_after_its_user() {
    let house = house(true);
    let client = Client::open(house.dir.path(), "zh").unwrap();
    let done: Done = client.post("/api/v1/calls/3-0-2/hold", None).unwrap().unwrap();
    assert_eq!((done.seat.as_deref(), done.call.as_deref()), (Some("1002"), Some("3-0-2")));
    let refusal = client.post::<Done>("/api/v1/calls/3-0-2/cancel", None).unwrap().unwrap_err();
    assert_eq!((refusal.status, &*refusal.detail), (409, "没有正在进行的转接或咨询"));
    house.running.stop();
    assert!(Client::open(house.dir.path(), "en").is_err(), "nobody is there any more");
}

#[test]
fn commands_that_look_things_up_go_by_the_clock_of_the_hotline_that_runs_there() {
    let year_2100 = 4_102_444_800_000_000;
    let house = house_by(Clock::start_at_wall(year_2100), true, RULES);
    assert!(crate::now_on(house.dir.path()).0 >= year_2100);
    house.running.stop();
    assert!(crate::now_on(house.dir.path()).0 < year_2100, "none runs there any more: the machine's clock is all there is");
}

#[test]
fn events_come_as_they_happen_and_go_on_behind_the_last_one() {
    let house = house(true);
    let token = house.local();
    let request = format!("GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nLast-Event-ID: 3-5\r\n\r\n");
    let mut stream = TcpStream::connect(house.running.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut said = String::new();
    let mut until = |text: &str| {
        while !said.contains(text) {
            let mut piece = [0; 4_096];
            let length = stream.read(&mut piece).unwrap();
            said.push_str(&String::from_utf8_lossy(&piece[..length]));
        }
        said.clone()
    };
    let said = until("id: 3-6");
    assert!(said.contains("text/event-stream") && said.contains("event: hello"), "{said}");
    assert!(!said.contains("\nid: 3-5\nevent: call"), "{said}");
    house.hub.take(&[Entry::Call(CallEvent { call: call(1), at: WallTime(2_000_000), kind: EventKind::Archived })]);
    assert!(until("event: call_archived").contains("id: 3-7\n"));
    let gone = house.ask(&token, "GET", "/api/v1/events?", "Last-Event-ID: 2-1\r\n", "");
    assert!(gone.0 == 410 && gone.1.contains("\"gap\""), "{}", gone.1);
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{name} differs; if that is meant: UPDATE_GOLDEN=1 cargo nextest run golden, and look at the difference");
}

#[test]
fn the_golden_document_has_every_route_of_the_table_and_no_other() {
    let document = openapi::document();
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let documented: std::collections::BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (path.clone(), method.to_uppercase())))
        .collect();
    // What is asked for behind a `?` has a right of its own, and no path.
    let rows = TABLE.iter().filter(|row| !row.path.contains('?'));
    let routed: std::collections::BTreeSet<_> = rows.map(|row| (row.path.to_owned(), row.method.word().to_owned())).collect();
    assert_eq!(documented, routed);
    golden("openapi.json", &format!("{document:#}\n"));
}

#[test]
fn the_golden_table_of_who_may_what_is_reviewed_when_it_changes() {
    let words = |right| match right {
        Right::None => "-",
        Right::Own => "own",
        Right::Any => "any",
    };
    let mut rows = vec![["ROUTE".to_owned(), "WHO MAY".to_owned()]];
    for row in TABLE {
        let may = row.may.map_or("everybody, without a token".to_owned(), |may| {
            let roles = Role::ALL.iter().zip(may).filter(|(_, right)| *right != Right::None);
            roles.map(|(role, right)| format!("{} {}", role.word(), words(right))).collect::<Vec<_>>().join(", ")
        });
        rows.push([format!("{} {}", row.method.word(), row.path), may]);
    }
    golden("api_permissions.txt", &crate::cli::words::aligned(&rows));
}

#[test]
fn every_order_has_a_row() {
    assert!(
        TABLE.iter().filter(|row| row.method == Method::Post).count() == 35,
        "7 of seats, 15 of calls, two of rules, announcements, 5 of messages and of sensitive ones"
    );
    for (at, row) in TABLE.iter().enumerate() {
        assert!(TABLE[at + 1..].iter().all(|other| (other.path, other.method) != (row.path, row.method)), "{} twice", row.path);
        assert_eq!(routes::row(row.route).path, row.path);
    }
}

/// A call in which a message was left for `line`, with its recording.
fn leave_message(house: &House, count: u32, sensitive: bool) {
    leave_message_of(house, count, sensitive, 4_200);
}

fn leave_message_of(house: &House, count: u32, sensitive: bool, length_ms: u32) {
    let at = WallTime(1_000_000);
    let event = |kind| Entry::Call(CallEvent { call: call(count), at, kind });
    let arrived = EventKind::Arrived {
        dialled: "hotline".into(),
        from: Number::new("13800138000"),
        source: ([127, 0, 0, 1], 5061).into(),
        sip_call_id: "x".into(),
        revision: hotline_model::Revision(1),
    };
    let classified = hotline_model::history::Classified {
        class: None,
        nature: None,
        kind: None,
        category: None,
        topic: None,
        priority: hotline_model::Priority::Ordinary,
        language: "zh-CN".into(),
        region: None,
        skills: Vec::new(),
        sensitive,
    };
    let file = format!("{}{}.wav", if sensitive { "restricted/" } else { "" }, call(count));
    let path = crate::messages::folder(house.dir.path()).join(&file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, b"RIFFsound").unwrap();
    let end = hotline_model::history::MessageEnd::Key;
    let left = hotline_model::history::MessageLeft { voicemail: "evening".into(), queue: "line".into(), file: file.into(), length_ms, end };
    house.hub.take(&[event(arrived), event(EventKind::Classified(classified)), event(EventKind::MessageLeft(Box::new(left)))]);
}

/// The API hears that somebody has a message.
fn take_over(house: &House, count: u32, by: &str) {
    let kind = EventKind::Message { by: by.into(), order: hotline_model::history::MessageOrder::TakeOver };
    house.hub.take(&[Entry::Call(CallEvent { call: call(count), at: WallTime(1_000_000), kind })]);
}

#[test]
fn messages_are_heard_by_whose_seat_serves_their_queue_and_sensitive_ones_by_cleared_people_only_r19_r68() {
    let house = house(true);
    leave_message(&house, 5, false);
    leave_message(&house, 6, true);
    let (agent, quality, supervisor) = (house.person(Role::Agent), house.person(Role::Quality), house.person(Role::Supervisor));
    let (status, list) = house.ask(&agent, "GET", "/api/v1/messages", "", "");
    assert_eq!(status, 200);
    assert!(["3-0-5", "3-0-6", "138****8000", "\"length_ms\":4200", "evening"].iter().all(|word| list.contains(word)), "{list}");
    let path = crate::messages::folder(house.dir.path()).join("3-0-7.wav");
    leave_message_of(&house, 7, false, 0);
    std::fs::write(path, vec![0; 44 + 16_000]).unwrap();
    let list = house.ask(&agent, "GET", "/api/v1/messages", "", "").1;
    assert!(list.contains("\"length_ms\":1000"), "a restart came in the middle of it, and the recording tells: {list}");
    let audio = |token: &str, id: &str| house.ask(token, "GET", &format!("/api/v1/messages/{id}/audio"), "", "");
    let (status, sound) = audio(&agent, "3-0-5");
    assert!(status == 200 && sound.contains("audio/wav") && sound.ends_with("RIFFsound"), "{sound}");
    assert_eq!((audio(&agent, "3-0-6").0, audio(&quality, "3-0-6").0, audio(&supervisor, "3-0-6").0), (403, 403, 200), "R68");
    assert_eq!(audio(&quality, "3-0-5").0, 200);
    let card = house.ask(&supervisor, "GET", "/api/v1/calls/3-0-5", "", "").1;
    assert!(card.contains("\"voicemail\":\"evening\"") && card.contains("\"length_ms\":4200"), "{card}");
    for id in ["+3-0-5", "03-0-5", "3-0-05"] {
        assert_eq!(audio(&supervisor, id).0, 400, "{id} is no name of a call");
    }
    assert_eq!(house.ask(&supervisor, "POST", "/api/v1/messages/3-0-5/take", JSON, "{\"by\":\"wang\"}").0, 422, "who asks takes it");
    let order = |token: &str, word: &str| house.ask(token, "POST", &format!("/api/v1/messages/3-0-5/{word}"), "", "").0;
    assert_eq!((order(&quality, "take"), order(&agent, "delete")), (403, 403));
    assert_eq!(order(&agent, "take"), 409, "this engine knows of no message");
    assert_eq!((order(&quality, "take-over"), order(&agent, "take-over")), (403, 409));
    let stuck = crate::messages::folder(house.dir.path()).join("3-0-5.wav");
    std::fs::remove_file(&stuck).unwrap();
    std::fs::create_dir(&stuck).unwrap();
    let (status, said) = audio(&supervisor, "3-0-5");
    assert!(status == 404 && said.contains("no_recording"), "{said}");
    assert_eq!(order(&supervisor, "delete"), 409, "nobody has it");
    take_over(&house, 5, "wang");
    assert_eq!((order(&supervisor, "delete"), stuck.exists()), (409, true), "wang has it");
    let log = std::fs::read_to_string(house.dir.path().join("audit.log")).unwrap_or_default();
    assert!(log.contains("GET /api/v1/messages/3-0-5/audio"), "who listens is kept: {log}");
}
