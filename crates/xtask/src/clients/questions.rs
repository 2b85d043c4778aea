//! What menus ask and agents find out, and what follows from it: how far a problem reaches, what a keyed number means to sources outside, and
//! menus that are written anew while a caller is in them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use super::house::{House, id, numbers, recorded, time};
use super::parties::{Hears, Party, SIGNALLED_WITHIN, stage};
use super::sipp::{self, Sipp};
use crate::process::succeed;
use crate::steps::{Outcome, Steps};
use crate::tools;

const RULES: [&str; 4] = [
    "fixtures/scenarios/questions/assess.toml",
    "fixtures/scenarios/questions/lookup.toml",
    "fixtures/scenarios/questions/contracts.csv",
    "fixtures/scenarios/questions/walk.toml",
];
const PASSWORD: &str = "correct-horse";
const MINUTES: Duration = Duration::from_secs(100);
/// The longest limit of a source.
const LIMIT_MS: f64 = 300.0;
/// How much later than at its limit the engine may go on, on a machine that is busy with other things.
const SLACK_MS: f64 = 150.0;
/// The slow device's answer, far beyond the limit.
const TOO_LATE: Duration = Duration::from_secs(2);

type Check = fn(&House) -> Result<Outcome>;

/// Each has numbers and seats of its own, so that all run at once; the last rewrites the rules, and no other check minds.
const CHECKS: [(&str, Check); 5] = [
    ("questions: an agent keys *17 and *18: supervisors are told, the call waits as urgent (R33 R34)", assess),
    ("questions: a menu asks how far it reaches, and what reaches far overtakes (R33 R24)", reach),
    ("questions: a keyed number is looked up in a file, a database and by a webhook (R36 R141)", looked_up),
    ("questions: a webhook that answers too late holds nobody up (R36)", too_late),
    ("questions: a walk ends by the menu with which it began, and waiting calls keep their rank over a reload", reloaded),
];

/// Runs those checks whose name is `wanted`, all at once.
pub fn run_steps(steps: &mut Steps, wanted: impl Fn(&str) -> bool) {
    let checks: Vec<(&str, Check)> = CHECKS.into_iter().filter(|(name, _)| wanted(name)).collect();
    if checks.is_empty() {
        return;
    }
    let mut started = None;
    steps.run("hotline serve gets ready for the questions", || {
        started = Some(House::start_with("questions", &RULES, accounts)?);
        Ok(Outcome::Passed(String::new()))
    });
    let Some(house) = started else { return };
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (there, over) = (&house, &over);
        let devices = scope.spawn(move || Devices::answer(there.port("devices")?, over));
        let running: Vec<_> = checks.into_iter().map(|(name, check)| (name, scope.spawn(move || check(there)))).collect();
        for (name, running) in running {
            steps.run(name, || running.join().map_err(|_| anyhow!("the check panicked"))?);
        }
        over.store(true, Ordering::Relaxed);
        steps.run("the webhook of the questions was asked and ends", || {
            Ok(Outcome::Passed(format!("asked {} times", devices.join().map_err(|_| anyhow!("the webhook panicked"))??)))
        });
    });
    steps.run("the hotline of the questions drains, and a replay of its inputs says the same", || {
        Ok(Outcome::Passed(house.hotline.stop()?))
    });
}

/// The database, with one account.
fn accounts(rules: &Path) -> Result<()> {
    let tables = "CREATE TABLE accounts (number TEXT PRIMARY KEY, customer_type TEXT, agent TEXT); INSERT INTO accounts VALUES ('72001', 'vip', '4201');";
    let file = rules.join("accounts.db");
    if tools::has("sqlite3") {
        return succeed(Command::new("sqlite3").arg(&file).arg(tables));
    }
    let script = "import sqlite3, sys; base = sqlite3.connect(sys.argv[1]); base.executescript(sys.argv[2]); base.close()";
    succeed(Command::new("python3").args(["-c", script]).arg(&file).arg(tables)).context("neither sqlite3 nor python3 makes a database")
}

/// A webhook that knows device 82001, does not know others, and is slow about 82999.
struct Devices;

impl Devices {
    /// Answers until all is over; how often it was asked.
    fn answer(port: u16, over: &AtomicBool) -> Result<usize> {
        let listener = TcpListener::bind(("127.0.0.1", port)).context("the webhook's port")?;
        listener.set_nonblocking(true)?;
        let mut asked = 0;
        std::thread::scope(|scope| {
            while !over.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((stream, _)) => {
                        asked += 1;
                        // Who asked may be gone by the time it answers.
                        scope.spawn(move || Self::tell(stream).ok());
                    }
                    Err(_) => std::thread::sleep(Duration::from_millis(5)),
                }
            }
        });
        Ok(asked)
    }

    fn tell(mut stream: TcpStream) -> Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let mut request = Vec::new();
        let mut buffer = [0; 1024];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut buffer)? {
                0 => break,
                count => request.extend_from_slice(&buffer[..count]),
            }
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        let device = request.split(' ').nth(1).and_then(|path| path.strip_prefix("/devices/")).unwrap_or_default().to_owned();
        if device == "82999" {
            std::thread::sleep(TOO_LATE);
        }
        let (status, body) = match device.as_str() {
            "82001" | "82999" => ("200 OK", r#"{"customer_type": "vip", "agent": "4201"}"#),
            _ => ("404 Not Found", ""),
        };
        let head = format!("Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close", body.len());
        Ok(write!(stream, "HTTP/1.1 {status}\r\n{head}\r\n\r\n{body}")?)
    }
}

/// Keyed in the conversation: nobody hears it, the record has it, supervisors are told once. Then the agent goes while somebody else rings:
/// the call waits again, and is urgent now. After the call the code is dialled.
fn assess(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("assess"), house.hotline.address());
    let mut agent = Party::at_seat("first", &logs, "4101", &address, PASSWORD, true)?;
    let mut other = Party::at_seat("receiver", &logs, "4102", &address, PASSWORD, false)?;
    let mut caller = Party::caller(&logs, "13800134101")?;
    caller.dial("assess", &address)?;
    let talk = [Hears::Voices(&["first"]), Hears::Voices(&["caller"])];
    stage("caller and agent talk", &mut [(&mut caller, talk[0]), (&mut agent, talk[1])])?;
    let call = id(&house.dialled("assess", |call| call["t3"].is_string())?)?.to_owned();
    let far = "a problem that reaches far";
    for (keys, key, value) in [("*172", "impact", "several"), ("*182", "scope", "outside"), ("*174", "impact", "everybody")] {
        ensure!(!house.told(&call, far)?, "supervisors were told before {keys}");
        agent.phone.press(keys)?;
        recorded(&format!("{keys}: {key} {value}"), || Ok((house.hotline.show(&call)?[key] == value).then_some(())))?;
    }
    recorded("supervisors are told", || Ok(house.told(&call, far)?.then_some(())))?;
    stage("the codes were not for the caller", &mut [(&mut caller, talk[0]), (&mut agent, talk[1])])?;
    ensure!(house.hotline.show(&call)?["priority"] == "ordinary", "it was ordinary as it waited");

    agent.phone.press("*74102*1#")?;
    other.phone.wait_for("CALL_INCOMING", SIGNALLED_WITHIN).context("the receiver does not ring")?;
    agent.hang_up()?;
    recorded("the call waits again, urgent now", || Ok((house.hotline.show(&call)?["priority"] == "urgent").then_some(())))?;
    caller.hang_up()?;
    let record = house.dialled("assess", |call| call["t6"].is_string())?;
    ensure!(record["impact"] == "everybody" && record["scope"] == "outside", "the record: {record:#}");
    ensure!(house.times_told(&call, far)? == 1, "supervisors were told twice");
    house.explains(&call, &["it reaches everybody", "Supervisors were told at once"])?;
    house.seat_is("4101", "wrap-up")?;
    agent.dial_code("*171", &address, "desk-done")?;
    recorded("*171 dialled in the wrap-up", || Ok((house.hotline.show(&call)?["impact"] == "one").then_some(())))?;
    Ok(Outcome::Passed("several, outside, everybody by keys; urgent as it waited again; one person by dialling".into()))
}

/// One seat, not ready; an ordinary caller waits before one whose problem is everybody's. The second is served first.
fn reach(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("reach"), house.hotline.address());
    let seat = house.seat_for(&logs, "4103", "uas_hangs_up", &["-m", "2"], MINUTES)?;
    let mut ids = Vec::new();
    let mut callers = Vec::new();
    for (from, key) in [("13800134131", "1"), ("13800134133", "3")] {
        let mut caller = Party::caller(&logs, from)?;
        caller.dial("assess-asks", &address)?;
        caller.phone.talk(Duration::from_millis(700))?;
        caller.phone.press(key)?;
        let waiting = house.live("reach", ids.len() + 1, |call| call["t2"].is_string())?;
        ids.push(id(waiting.last().context("it waits")?)?.to_owned());
        callers.push(caller);
    }
    let shown = ids.iter().map(|call| house.hotline.show(call)).collect::<Result<Vec<Value>>>()?;
    let what = |call: &Value| ["priority", "scope", "impact"].map(|key| call[key].as_str().unwrap_or_default().to_owned());
    ensure!(what(&shown[0]) == ["ordinary", "inside", "one"], "the first: {:#}", shown[0]);
    ensure!(what(&shown[1]) == ["urgent", "outside", "everybody"], "the second: {:#}", shown[1]);
    house.hotline.choose("4103", "ready")?;
    for caller in &mut callers {
        caller.phone.wait_for("CALL_CLOSED", SIGNALLED_WITHIN)?;
    }
    seat.finish()?;
    ensure!(
        rang(&logs.join("4103"))? == [ids[1].clone(), ids[0].clone()],
        "not the urgent one first: {:?} of {ids:?}",
        rang(&logs.join("4103"))?
    );
    ensure!(house.times_told(&ids[1], "a problem that reaches far")? == 1, "supervisors were not told once");
    house.explains(&ids[1], &["The menus found", "Supervisors were told at once"])?;
    Ok(Outcome::Passed("everybody's problem before one person's, which came earlier".into()))
}

/// A caller keys a number and is led on; the record, and how many milliseconds passed from the last digit to the queue.
fn keys(house: &House, logs: &Path, from: &str, dials: &str, digits: &str) -> Result<(Value, f64)> {
    let mut caller = Party::caller(logs, from)?;
    caller.dial(dials, &house.hotline.address())?;
    caller.phone.talk(Duration::from_millis(700))?;
    let before = house.hotline.calls()?.iter().filter(|call| call["dialled"] == dials && call["t2"].is_string()).count();
    caller.phone.press(digits)?;
    let call = recorded(&format!("{dials} {digits} is led on"), || {
        let calls = house.hotline.calls()?;
        let mut queued: Vec<&Value> = calls.iter().filter(|call| call["dialled"] == dials && call["t2"].is_string()).collect();
        queued.sort_by_key(|call| call["t2"].as_str());
        Ok((queued.len() > before).then(|| queued.last().map(|call| (*call).clone())).flatten())
    })?;
    caller.hang_up()?;
    let why = house.hotline.why(&[id(&call)?])?;
    let facts = why["facts"].as_array().context("`why` has facts")?;
    let looked = facts.iter().find(|fact| fact["says"].as_str().is_some_and(|says| says.starts_with("Look-up")));
    let looked = looked.with_context(|| format!("`why` tells of no look-up: {why:#}"))?;
    let asked = ms_in(looked["says"].as_str().unwrap_or_default()).with_context(|| format!("how long did it take? {looked:#}"))?;
    let took = asked + time(&call, "t2")?.ms_since(time(looked, "at")?);
    ensure!(!why.to_string().contains(digits), "`why` tells what was keyed: {why:#}");
    Ok((call, took))
}

/// The number before the first `ms`.
fn ms_in(says: &str) -> Option<f64> {
    let words: Vec<&str> = says.split(' ').collect();
    let at = words.iter().position(|word| word.starts_with("ms"))?;
    words.get(at.checked_sub(1)?)?.trim_start_matches('(').parse().ok()
}

/// Each source knows one number and does not know another; what was keyed stands nowhere.
fn looked_up(house: &House) -> Result<Outcome> {
    let logs = house.logs("looked-up");
    let mut told = Vec::new();
    for (place, (dials, source, digits)) in
        (0..).zip([("contract", "contracts", "62"), ("account", "accounts", "72"), ("device", "devices", "82")])
    {
        let (known, took) = keys(house, &logs.join(source), &format!("1380013420{place}"), dials, &format!("{digits}001"))?;
        ensure!(known["queue"] == "known", "{source}: {known:#}");
        house.explains(id(&known)?, &[&format!("Look-up `{source}` knew"), "customer type vip", "agent 4201"])?;
        let (unknown, _) = keys(house, &logs.join(format!("{source}-not")), &format!("1380013421{place}"), dials, &format!("{digits}777"))?;
        ensure!(unknown["queue"] == "unknown" && unknown["priority"] == "ordinary", "{source}: {unknown:#}");
        house.explains(id(&unknown)?, &[&format!("Look-up `{source}` did not know")])?;
        ensure!(took < LIMIT_MS, "{source}: {took:.0} ms from the last digit to the queue");
        told.push(format!("{source} {took:.0} ms"));
    }
    for digits in ["62001", "72001", "82001", "62777"] {
        ensure!(!house.hotline.says(digits)?, "{digits} stands in the log");
    }
    Ok(Outcome::Passed(format!("from the last digit to the queue: {}", told.join(", "))))
}

/// It sleeps for 2 s: at its limit the fallback holds and the caller goes on, and nobody else is held up meanwhile.
fn too_late(house: &House) -> Result<Outcome> {
    let logs = house.logs("too-late");
    let (late, took) = keys(house, &logs, "13800134230", "device", "82999")?;
    ensure!(late["queue"] == "unknown" && late["priority"] == "important", "the fallback: {late:#}");
    house.explains(id(&late)?, &["Look-up `devices` did not answer within", "the fallback holds: priority important"])?;
    ensure!((LIMIT_MS - 1.0..LIMIT_MS + SLACK_MS).contains(&took), "{took:.0} ms from the last digit to the queue, not 300");
    Ok(Outcome::Passed(format!("led on {took:.0} ms after the last digit, by the fallback")))
}

/// One is in the menu and three wait as the rules are written anew.
fn reloaded(house: &House) -> Result<Outcome> {
    let (logs, address) = (house.logs("reloaded"), house.hotline.address());
    let seat = house.seat_for(&logs, "4302", "uas_hangs_up", &["-m", "3"], MINUTES)?;
    let mut waiting: Vec<Sipp> = Vec::new();
    for n in 1..=3 {
        let dir = logs.join(n.to_string());
        waiting.push(house.caller_for(&dir, "uac_served", "", &["-inf", &numbers(&dir, &["rank"])?, "-m", "1"], MINUTES)?);
        house.live("rank", n, |call| call["t2"].is_string())?;
    }
    let came = house.live("rank", 3, |_| true)?.iter().map(|call| Ok(id(call)?.to_owned())).collect::<Result<Vec<_>>>()?;
    let mut first = Party::caller(&logs, "13800134301")?;
    first.dial("walk", &address)?;
    let before = id(&house.dialled("walk", |call| call["t1"].is_string())?)?.to_owned();
    let loads = house.hotline.times_said(&["rules loaded"])?;
    house.rewrite_rules("walk.toml", "1 = { queue = \"walk-old\" }", "1 = { queue = \"walk-new\" }")?;
    recorded("the rules are loaded again", || Ok((house.hotline.times_said(&["rules loaded"])? > loads).then_some(())))?;
    first.phone.press("1")?;
    let old = recorded("the first walk ends", || walk(house, |call| call == before, "t2"))?;
    let mut second = Party::caller(&logs, "13800134302")?;
    second.dial("walk", &address)?;
    second.phone.talk(Duration::from_millis(700))?;
    second.phone.press("1")?;
    let new = recorded("the second walk ends", || walk(house, |call| call != before, "t2"))?;
    ensure!(old["queue"] == "walk-old" && new["queue"] == "walk-new", "first {:#}, second {:#}", old, new);
    ensure!(old["revision"] != new["revision"], "both walks have one revision: {}", old["revision"]);
    house.hotline.choose("4302", "ready")?;
    for caller in waiting {
        caller.finish()?;
    }
    seat.finish()?;
    ensure!(rang(&logs.join("4302"))? == came, "the seat was called for {:?}, not for {came:?}", rang(&logs.join("4302"))?);
    first.hang_up()?;
    second.hang_up()?;
    Ok(Outcome::Passed("the old menu for who was in it, the new one for who came later; three waiting calls in their order".into()))
}

fn walk(house: &House, wanted: impl Fn(&str) -> bool, has: &str) -> Result<Option<Value>> {
    let is_it = |call: &Value| call["dialled"] == "walk" && call[has].is_string() && call["call"].as_str().is_some_and(&wanted);
    Ok(house.hotline.calls()?.into_iter().find(is_it))
}

/// For which calls a seat was called, in order.
pub(super) fn rang(logs: &Path) -> Result<Vec<String>> {
    let invites = sipp::messages(logs)?.into_iter().filter(|message| !message.sent && message.what == "INVITE");
    let mut calls: Vec<String> = invites.filter_map(|message| message.call).collect();
    calls.dedup();
    Ok(calls)
}
