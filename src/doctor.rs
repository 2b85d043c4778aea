//! `hotline doctor`: looks for the usual faults and says what to do about each.

use crate::api::client::Client;
use crate::api::nouns::RulesShown;
use crate::cli::kept_out;
use crate::config::Config;
use crate::folder::{self, Refused};
use crate::live::seats;
use crate::{past_rules, rules_history};
use hotline_model::{Intent, WallTime};
use rustix::process::{Resource, getrlimit};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::ExitCode;

/// Receive buffer that holds a burst of some 2,000 INVITEs, in bytes.
const RECEIVE_BUFFER: usize = 4 << 20;

struct Report {
    faults: usize,
}

impl Report {
    fn good(&self, what: &str) {
        self.line("ok   ", what);
    }

    fn bad(&mut self, what: &str, help: &str) {
        self.faults += 1;
        self.line("FAULT", what);
        self.line("     ", &format!("-> {help}"));
    }

    fn line(&self, mark: &str, text: &str) {
        // A reader that went away needs no more lines.
        let _ = writeln!(std::io::stdout().lock(), "{mark} {text}");
    }
}

/// Checks and reports; exit 1 if something is wrong.
pub fn run(config: &Config) -> ExitCode {
    let mut report = Report { faults: 0 };
    let running = seats::all(&config.data_dir()).ok().and_then(Result::ok);
    if let Some(seats) = &running {
        report.good(&format!("a hotline runs here with {} seats; it has the ports", seats.len()));
    } else {
        check_ports(config, &mut report);
        check_rtp(config, &mut report);
    }
    let works = running.is_some_and(|seats| seats.iter().any(|(_, seat)| seat.intent != Intent::SignedOut));
    check_files(config, &mut report);
    check_buffer(&mut report);
    check_addresses(config, &mut report);
    check_rules(config, &mut report, works);
    check_data(config, &mut report);
    if report.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check_ports(config: &Config, report: &mut Report) {
    for address in &config.sip.udp.0 {
        match UdpSocket::bind(address) {
            Ok(_) => report.good(&format!("UDP {address} is free for SIP")),
            Err(error) => report.bad(&format!("UDP {address}: {error}"), "stop what listens there (`ss -ulpn`), or change sip.udp"),
        }
    }
    if let Some(address) = config.http.listen.0 {
        match TcpListener::bind(address) {
            Ok(_) => report.good(&format!("TCP {address} is free for HTTP")),
            Err(error) => report.bad(&format!("TCP {address}: {error}"), "stop what listens there (`ss -tlpn`), or change http.listen"),
        }
    }
    for address in &config.sip.tcp.0 {
        match TcpListener::bind(address) {
            Ok(_) => report.good(&format!("TCP {address} is free for SIP")),
            Err(error) => report.bad(&format!("TCP {address}: {error}"), "stop what listens there (`ss -tlpn`), or change sip.tcp"),
        }
    }
}

fn check_rtp(config: &Config, report: &mut Report) {
    let (mut free, mut taken) = (0usize, Vec::new());
    for port in config.rtp.ports.even() {
        match UdpSocket::bind(SocketAddr::new(config.rtp.address, port)) {
            Ok(_) => free += 1,
            Err(_) => taken.push(port),
        }
    }
    match taken.first() {
        None => report.good(&format!("{free} RTP ports on {}: enough for {} calls with two legs", config.rtp.address, free / 2)),
        Some(first) if free <= taken.len() => {
            report.bad(
                &format!("{} of {} RTP ports are taken, {first} first", taken.len(), free + taken.len()),
                "change rtp.ports to a free range",
            );
        }
        Some(first) => {
            report.good(&format!("{free} RTP ports on {}; {} are taken ({first} first) and left out", config.rtp.address, taken.len()))
        }
    }
}

fn check_files(config: &Config, report: &mut Report) {
    let limit = getrlimit(Resource::Nofile).maximum;
    let needed = config.rtp.ports.even().count() as u64 + config.limits.connections as u64 + 64;
    match limit {
        Some(limit) if limit < needed => report.bad(
            &format!("at most {limit} files may be open, {needed} are needed"),
            "LimitNOFILE=65536 in the systemd unit, or a smaller rtp.ports or limits.connections",
        ),
        Some(limit) => report.good(&format!("up to {limit} files may be open, {needed} are needed")),
        None => report.good("any number of files may be open"),
    }
}

fn check_buffer(report: &mut Report) {
    let Ok(socket) = UdpSocket::bind("127.0.0.1:0") else { return };
    let forced = rustix::net::sockopt::set_socket_recv_buffer_size_force(&socket, RECEIVE_BUFFER).is_ok();
    let set = forced || rustix::net::sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER).is_ok();
    let size = rustix::net::sockopt::socket_recv_buffer_size(&socket).unwrap_or(0);
    if set && size >= RECEIVE_BUFFER {
        report.good(&format!("SIP receive buffer: {} KiB", size / 1024));
    } else {
        report.bad(
            &format!("SIP receive buffer: only {} KiB; a burst of calls would be lost and repeated", size / 1024),
            "sysctl -w net.core.rmem_max=4194304",
        );
    }
}

fn check_addresses(config: &Config, report: &mut Report) {
    let loopback = config.sip.udp.0.iter().chain(&config.sip.tcp.0).all(|address| address.ip().is_loopback());
    let rtp = config.rtp.advertise.unwrap_or(config.rtp.address);
    match (loopback, rtp.is_loopback()) {
        (true, _) => report.good("listens on this machine only (set sip.udp, sip.tcp and rtp.address to be reached from elsewhere)"),
        (false, true) => report.bad(
            &format!("SIP is reachable from elsewhere, but {rtp} is told for sound: calls would be silent"),
            "set rtp.address, or rtp.advertise behind NAT",
        ),
        (false, false) => report.good(&format!(
            "peers are told {} for SIP and {rtp} for sound",
            config.sip.advertise.as_deref().unwrap_or("the listener's address")
        )),
    }
}

/// Which rules run, if they are not those in the folder; or would after a start.
fn check_running_rules(config: &Config, report: &mut Report, refused: bool) {
    let data = config.data_dir();
    let says = Client::open(&data, hotline_model::Lang::En.code()).and_then(|client| client.get::<RulesShown>("/api/v1/rules"));
    match says {
        Ok(Ok(rules)) if rules.refused => report.bad(
            &format!(
                "the hotline runs on {}: the files in {} were refused{}",
                rules.revision,
                config.rules_dir().display(),
                rules.refused_for.unwrap_or_default().in_brackets(hotline_model::Lang::En)
            ),
            "mend them, they are loaded when they are saved; or `hotline rules rollback running` puts the files of what runs back",
        ),
        Ok(Ok(RulesShown { changing: Some(file), revision, .. })) => report.bad(
            &format!(
                "the hotline runs on {revision}: {file} in {} keeps changing, so that no file is loaded",
                config.rules_dir().display()
            ),
            "end what writes to it, or move it out of the folder",
        ),
        Ok(_) => {}
        Err(_) if refused => {
            match rules_history::ran(&data).ok().and_then(|ran| ran.into_iter().find(|name| past_rules::find(&data, *name).is_some())) {
                Some(last) => report
                    .line("     ", &format!("   a start would go on with {last}, which ran last, unless it is `hotline serve --strict`")),
                None => report.line("     ", "   a start would exit with 2"),
            }
        }
        Err(_) => {}
    }
}

fn check_rules(config: &Config, report: &mut Report, works: bool) {
    let dir = config.rules_dir();
    let listeners: Vec<SocketAddr> = config.sip.udp.0.iter().chain(&config.sip.tcp.0).copied().collect();
    let loaded = folder::load(&dir, &listeners, None);
    let refused = loaded.is_err();
    match loaded {
        Ok(revision) => {
            report.good(&format!("rules in {}: {} files, {} seats", dir.display(), revision.sources.len(), revision.plan.seats.len()));
            if revision.plan.settings.access == hotline_rules::Access::default() {
                report.good("working time, networks and telephones are not checked: set [access] in the rules to keep others out (R138)");
            }
            let now = WallTime(jiff::Timestamp::now().as_microsecond());
            if let Some(why) = kept_out::while_callers_wait(&revision.plan, now).filter(|_| !works) {
                report.bad(&why.en, "seats that are signed in stay; after a restart all sign in anew");
            }
            for (language, name) in revision.missing_prompts() {
                report.bad(
                    &format!("prompt {language}/{name} is missing"),
                    &format!("put a WAV (8 kHz, mono) at {}/prompts/{language}/{name}.wav", dir.display()),
                );
            }
        }
        Err(Refused::Unreadable(why)) => report.bad(&why.en, "set rules.dir, or start in the project's folder"),
        Err(Refused::Tests(tests)) => report.bad(&tests.summary(hotline_model::Lang::En), "see `hotline rules test`"),
        Err(Refused::Findings(findings, sources)) => {
            report.bad(&hotline_rules::summary(&findings, &sources, hotline_model::Lang::En), "see `hotline rules check`")
        }
    }
    check_running_rules(config, report, refused);
}

fn check_data(config: &Config, report: &mut Report) {
    let dir = config.data_dir();
    let probe = dir.join(".doctor");
    let written = std::fs::create_dir_all(&dir).and_then(|()| std::fs::write(&probe, b"x")).and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => report.good(&format!("data directory {} can be written", dir.display())),
        Err(error) => report
            .bad(&format!("data directory {}: {error}", dir.display()), "set data.dir, or give the user of the service the right to write"),
    }
}
