//! The checks with sipp. What each scenario shows stands at its head in fixtures/sipp.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::hotline::{Hotline, has_ipv6};
use super::{Bench, sipp};
use crate::steps::Outcome;
use crate::tools;

fn passed(detail: &str) -> Result<Outcome> {
    Ok(Outcome::Passed(detail.to_owned()))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// One sipp caller against the shipped rules, until it ends.
fn call(bench: &Bench, logs: &str, scenario: &str, options: &[&str], limit: u64) -> Result<()> {
    sipp::caller(&bench.logs(logs), &bench.shipped, scenario, "hotline", options, seconds(limit))?.finish()
}

/// `sipp -sn uac HOST -s hotline -m 100`, as anybody would type it.
pub(super) fn hundred_calls(bench: &Bench) -> Result<Outcome> {
    call(bench, "hundred-calls", "uac", &["-m", "100", "-r", "50"], 60)?;
    passed("100 of 100")
}

/// What is replayed at the end.
pub(super) fn thousand_calls(bench: &Bench) -> Result<Outcome> {
    call(bench, "thousand-calls", "uac", &["-m", "1000", "-r", "100"], 60)?;
    passed("1000 of 1000")
}

/// `-d 60000` in short: we never hang up first.
pub(super) fn staying_calls(bench: &Bench) -> Result<Outcome> {
    call(bench, "staying-calls", "uac", &["-d", "5000", "-m", "5"], 60)?;
    passed("5 of 5")
}

pub(super) fn over_tcp(bench: &Bench) -> Result<Outcome> {
    call(bench, "over-tcp", "uac", &["-t", "t1", "-m", "20", "-r", "20"], 60)?;
    passed("20 of 20")
}

pub(super) fn over_ipv6(bench: &Bench) -> Result<Outcome> {
    if !has_ipv6() {
        return Ok(Outcome::NotRun("this machine has no IPv6 loopback".into()));
    }
    let logs = bench.logs("over-ipv6");
    let hotline = Hotline::start(&logs.join("hotline"), &crate::root().join("routing-rules"), "[::1]")?;
    sipp::caller(&logs, &hotline, "uac", "hotline", &["-m", "10", "-r", "10"], seconds(60))?.finish()?;
    hotline.stop()?;
    passed("10 of 10")
}

pub(super) fn menu(bench: &Bench) -> Result<Outcome> {
    if !tools::is_root() {
        return Ok(Outcome::NotRun("sipp needs root to send RTP from a capture".into()));
    }
    if !tools::sipp_digits().join("dtmf_2833_2.pcap").exists() {
        return Ok(Outcome::NotRun(format!("{} holds no recorded digits", tools::sipp_digits().display())));
    }
    call(bench, "menu", "uac_menu", &["-m", "1"], 30)?;
    passed("")
}

pub(super) fn menu_info(bench: &Bench) -> Result<Outcome> {
    call(bench, "menu-info", "uac_menu_info", &["-m", "1"], 30)?;
    passed("")
}

pub(super) fn cancel(bench: &Bench) -> Result<Outcome> {
    call(bench, "cancel", "uac_cancel", &["-m", "10", "-default_behaviors", "all,-abortunexp"], 60)?;
    passed("10 of 10")
}

pub(super) fn abandon(bench: &Bench) -> Result<Outcome> {
    call(bench, "abandon", "uac_abandon", &["-m", "40", "-r", "20"], 40)?;
    passed("40 of 40")
}

pub(super) fn hold(bench: &Bench) -> Result<Outcome> {
    call(bench, "hold", "uac_reinvite_hold", &["-m", "1"], 30)?;
    passed("")
}

/// RFC 3261 13.3.1.4: at T1, then doubling up to T2, until 64 x T1 = 32 s; that is 11 times 200.
pub(super) fn no_ack(bench: &Bench) -> Result<Outcome> {
    call(bench, "no-ack", "uac_noack", &["-m", "1", "-trace_msg", "-message_file", "messages.log"], 50)?;
    let messages = std::fs::read_to_string(bench.logs("no-ack").join("messages.log"))?;
    let answers = messages.lines().filter(|line| line.starts_with("SIP/2.0 200")).count();
    let ours = 1;
    let repeated = answers.saturating_sub(ours);
    ensure!((8..=14).contains(&repeated), "200 was sent {repeated} times in 32 s, expected about 11 (RFC 3261 13.3.1.4)");
    passed(&format!("200 came {repeated} times, then BYE"))
}

/// A caller who dials `number`, waits, and hangs up; and the seat's own view of it.
fn with_seat(bench: &Bench, scenario: &str, port: u16, number: &str, stays: Duration) -> Result<Outcome> {
    let logs = bench.logs(scenario);
    let limit = stays + seconds(40);
    let seat = sipp::seat(&logs.join("seat"), scenario, port, limit)?;
    std::thread::sleep(Duration::from_millis(300));
    let stays = stays.as_millis().to_string();
    sipp::caller(&logs.join("caller"), &bench.seats, "uac", number, &["-m", "1", "-d", &stays], limit)?.finish()?;
    seat.finish()?;
    passed("")
}

pub(super) fn seat_refuses(bench: &Bench) -> Result<Outcome> {
    with_seat(bench, "uas_reject", bench.ports.refused, "refused", seconds(3))
}

pub(super) fn seat_is_slow(bench: &Bench) -> Result<Outcome> {
    with_seat(bench, "uas_slow", bench.ports.slow, "slow", seconds(8))
}

pub(super) fn seat_does_not_answer(bench: &Bench) -> Result<Outcome> {
    with_seat(bench, "uas_no_answer", bench.ports.unanswered, "unanswered", seconds(14))
}

/// A phone that registered in the last moment is still known to the next process, and to the one after that, which follows at once; one that
/// rang is cancelled.
pub(super) fn killed(bench: &Bench) -> Result<Outcome> {
    let logs = bench.logs("killed");
    let hotline = Hotline::start(&logs.join("hotline"), &bench.dir.join("rules"), "127.0.0.1")?;
    let ringing = sipp::seat(&logs.join("seat"), "uas_no_answer", bench.ports.unanswered, seconds(60))?;
    std::thread::sleep(Duration::from_millis(300));
    let caller = sipp::caller(&logs.join("caller"), &hotline, "uac", "unanswered", &["-m", "1", "-d", "20000"], seconds(30))?;
    std::thread::sleep(seconds(2));
    let account = ["-m", "1", "-au", "2001", "-ap", "correct-horse"];
    sipp::caller(&logs.join("phone"), &hotline, "uac_register", "2001", &account, seconds(30))?.finish()?;
    let hotline = hotline.crash("second")?;
    // Before the next crash: a run that does not know of the end cancels once more, for which the scenario has no answer.
    ringing.finish()?;
    let hotline = hotline.crash("third")?;
    drop(caller);
    let seats = hotline.seats()?;
    let seat = seats.lines().find(|line| line.contains("2001")).unwrap_or_default();
    ensure!(seat.contains("ready"), "the registration is gone: {seats}");
    drop(hotline);
    passed("the ring was cancelled, the registration is there")
}
