//! `hotline demo`: a whole hotline with simulated people on this machine, at a stated business instant so that it works at any hour.

use crate::clock::Clock;
use crate::config::Config;
use crate::demo::{self, DemoOptions, Happening};
use crate::engine_thread::{Look, Mailbox};
use crate::input_log::Sizes;
use crate::live::shared_seats::{self, Talks};
use crate::serve::{self, Failed, StartOptions};
use anyhow::Context;
use clap::Args;
use crossbeam_channel::Receiver;
use hotline_model::Entry;
use hotline_rules::{Plan, Secret};
use hotline_sim::demo::{Load, Summary};
use hotline_sim::expect::Limits;
use hotline_sim::{Standing, Voice};
use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Wednesday 2026-11-18, 10:00 in Shanghai: a working day inside the service hours (R15).
const BUSINESS_INSTANT: i64 = 1_794_967_200_000_000;
/// After-call work in the demo, so that twelve agents are enough.
const WRAP_UP: Duration = Duration::from_secs(1);
/// Largest input log.
const INPUT_LOG: u64 = 4 << 30;
/// Decisions shown with each status line.
const DECISIONS_SHOWN: usize = 3;

/// Arguments of `demo`.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// Calls per minute.
    #[arg(long, default_value_t = 15.0)]
    rate: f64,
    /// Ends by itself after so many calls, with exit 0 only if every one was as it should be.
    #[arg(long)]
    calls: Option<u32>,
    /// Agents: the first so many seats of the rules that can register.
    #[arg(long, default_value_t = 12)]
    agents: usize,
    /// Where the hotline takes SIP.
    #[arg(long, default_value = "127.0.0.1:5060", value_name = "ADDRESS")]
    sip: SocketAddr,
    /// Where the demo keeps its journal and database.
    #[arg(long, default_value = "data/demo", value_name = "DIR")]
    data: PathBuf,
    /// Queue groups that share the seats, each routed by a thread of its own: the rules' queues are dealt out to them, in a copy beside the data.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    groups: u8,
    /// Also logs every input of the engine, for `hotline replay`; earlier runs' logs are set aside.
    #[arg(long, value_name = "FILE")]
    input_log: Option<PathBuf>,
}

/// Runs the demo until its calls are over or Ctrl-C.
pub fn run(mut config: Config, args: &DemoArgs) -> ExitCode {
    let args = &match any_port(args.sip) {
        Ok(sip) => DemoArgs { sip, ..args.clone() },
        Err(error) => return serve::tell(Failed::Setup(error)),
    };
    if !args.sip.ip().is_loopback() {
        return serve::tell(Failed::Setup(anyhow::anyhow!(
            "the demo's passwords are known to everybody: --sip must be on this machine (127.0.0.1)"
        )));
    }
    config.sip.udp.0 = vec![args.sip];
    config.sip.tcp.0 = vec![args.sip];
    config.http.listen.0 = config.http.listen.0.map(|address| (address.ip(), 0).into());
    config.data.dir = Some(args.data.clone());
    config.router.threads = args.groups;
    match deal_out(&mut config, args).map_err(Failed::Setup).and_then(|dealt| play(&config, args, dealt)) {
        Ok(played) => close(&played, args),
        Err(failed) => serve::tell(failed),
    }
}

/// The demo's own copy of the rules if it is to be replayed or has groups; else they are used as they are. Whether there is a copy.
fn deal_out(config: &mut Config, args: &DemoArgs) -> anyhow::Result<bool> {
    let is_needed = args.groups > 1 || args.input_log.is_some();
    if is_needed {
        let to = args.data.join("rules");
        shared_seats::deal_out(&config.rules_dir(), &to, args.groups, WRAP_UP)?;
        config.rules.dir = Some(to);
    }
    Ok(is_needed)
}

/// What came of it.
struct Played {
    summary: Summary,
    /// Offers to a seat whose offer before was of another group.
    crossed: u64,
    /// Answers of a seat that had another call.
    double: u64,
}

fn play(config: &Config, args: &DemoArgs, dealt: bool) -> Result<Played, Failed> {
    let clock = Clock::start_at_wall(BUSINESS_INSTANT);
    let (narrator, entries) = serve::narration();
    let input_log = args.input_log.clone().map(|path| (path, Sizes::at_most(INPUT_LOG)));
    let options = StartOptions { narrator: Some(narrator), strict: true, wrap_up: (!dealt).then_some(WRAP_UP), input_log };
    let running = serve::start(config, clock, options)?;
    let plan = Arc::clone(&running.plan);
    let options = demo_options(args, &plan, clock)?;
    banner(args, &plan, options.agents.len());
    let mut screen = Screen { mailbox: running.mailbox.clone(), entries, plan, decisions: Vec::new(), talks: Talks::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the demo")?;
    let (happenings, told) = crossbeam_channel::bounded(4096);
    let (over, is_over) = crossbeam_channel::bounded::<()>(0);
    let people = std::thread::Builder::new().name("people".into()).spawn(move || {
        let observer = move |happening: &Happening, summary: &Summary| {
            // The screen shows what it can; the summary counts everything.
            let _ = happenings.try_send((happening.clone(), summary.calls));
        };
        let summary = runtime.block_on(demo::run(options, observer, async { drop(tokio::signal::ctrl_c().await) }));
        drop(over);
        summary
    });
    let people = people.context("cannot start a thread")?;
    while let Err(crossbeam_channel::RecvTimeoutError::Timeout) = is_over.recv_timeout(Duration::from_secs(1)) {
        screen.show(&told);
    }
    screen.show(&told);
    let summary = people.join().map_err(|_| anyhow::anyhow!("the simulated people panicked"))??;
    running.settle(WRAP_UP * 5);
    let crossed = running.mailbox.look().map_or(0, |look| look.counters.seats_crossed);
    running.stop()?;
    screen.read_entries();
    Ok(Played { summary, crossed, double: screen.talks.double })
}

fn demo_options(args: &DemoArgs, plan: &Plan, clock: Clock) -> anyhow::Result<DemoOptions> {
    let seats = plan.seats.iter().filter(|seat| !seat.retired);
    let registering = seats.filter_map(|seat| match &seat.secret {
        Secret::Password(password) => Some((seat.name.to_string(), password.clone())),
        Secret::Ha1 { .. } | Secret::None => None,
    });
    let agents: Vec<_> = registering.take(args.agents).collect();
    anyhow::ensure!(!agents.is_empty(), "the rules have no seat with a password: nobody could answer");
    let voice = |name: &str, bytes: &[u8]| Voice::from_wav(name, bytes).with_context(|| format!("the voice of the {name}"));
    let longest = talk_for(args.rate, agents.len());
    Ok(DemoOptions {
        hotline: args.sip,
        number: "hotline".into(),
        local: args.sip.ip(),
        agents,
        agent_voice: voice("agent", include_bytes!("../../fixtures/voices/agent.wav"))?,
        caller_voice: voice("caller", include_bytes!("../../fixtures/voices/caller.wav"))?,
        ring: (Duration::from_millis(500), Duration::from_millis(1500)),
        load: Load { per_minute: args.rate, calls: args.calls, talk: (Duration::from_secs(2), longest), stories: Vec::new(), seed: 1 },
        most_callers: 1000,
        patience: Duration::from_secs(120),
        limits: Limits::default(),
        clock,
    })
}

/// The same, with a free port where none is named: agents and callers have to know it.
fn any_port(sip: SocketAddr) -> anyhow::Result<SocketAddr> {
    if sip.port() != 0 {
        return Ok(sip);
    }
    UdpSocket::bind(sip).and_then(|socket| socket.local_addr()).with_context(|| format!("no port is free on {}", sip.ip()))
}

/// Longest talk that leaves the agents busy for two fifths of their time.
fn talk_for(per_minute: f64, agents: usize) -> Duration {
    let mean = 0.4 * agents as f64 * 60.0 / per_minute.max(0.1) - 2.0;
    Duration::from_secs_f64((2.0 * mean - 2.0).clamp(2.5, 30.0))
}

fn banner(args: &DemoArgs, plan: &Plan, agents: usize) {
    let (ip, port) = (args.sip.ip(), args.sip.port());
    let seats = plan.seats.len();
    say(&format!(
        "hotline {} demo: everything stays on this machine; it is Wednesday 2026-11-18, 10:00 in Shanghai\n\
         \x20 hotline   sip:hotline@{}\n\
         \x20 agents    {agents} of {seats} seats, simulated; after-call work is cut to {} s here\n\
         \x20 callers   {} a minute (--rate){}\n\
         \x20 try       sipp -sn uac {ip}:{port} -s hotline -m 10 -d 5000 -nostdin\n\
         \x20           or call sip:hotline@{ip}:{port} with any SIP phone on this machine\n",
        env!("CARGO_PKG_VERSION"),
        args.sip,
        WRAP_UP.as_secs(),
        args.rate,
        args.calls.map_or_else(String::new, |calls| format!(", {calls} calls in all")),
    ));
}

/// The lines that come each second.
struct Screen {
    mailbox: Mailbox,
    entries: Receiver<Vec<Entry>>,
    plan: Arc<Plan>,
    decisions: Vec<String>,
    talks: Talks,
}

impl Screen {
    fn show(&mut self, told: &Receiver<(Happening, u32)>) {
        for (happening, _) in told.try_iter() {
            tell_happening(&happening);
        }
        self.read_entries();
        if let Some(look) = self.mailbox.look() {
            say(&status(&look));
        }
        let skip = self.decisions.len().saturating_sub(DECISIONS_SHOWN);
        self.decisions.drain(..).skip(skip).for_each(|line| say(&line));
    }
}

impl Screen {
    fn read_entries(&mut self) {
        for entry in self.entries.try_iter().flatten() {
            if let Entry::Call(event) = &entry {
                self.talks.note(event);
            }
            if let Entry::Decision { decision, .. } = entry {
                self.decisions.push(format!("    {}", hotline_router::explain(&self.plan, &decision)));
            }
        }
    }
}

fn tell_happening(happening: &Happening) {
    match happening {
        Happening::CallerDone { count, story, pickup, answer, findings } => {
            let seconds = |time: &Option<Duration>| time.map_or_else(|| "never".to_owned(), |time| format!("{:.2} s", time.as_secs_f64()));
            say(&format!("  call {count} ({story}) is over: picked up after {}, agent heard after {}", seconds(pickup), seconds(answer)));
            findings.iter().for_each(|finding| say(&format!("  ! call {count} ({story}): {finding}")));
        }
        Happening::AgentDone { seat, findings } => findings.iter().for_each(|finding| say(&format!("  ! seat {seat}: {finding}"))),
        Happening::Broken { who, why } => say(&format!("  ! {who}: {why}")),
        Happening::Skipped { count } => say(&format!("  ! call {count} was not made: too many callers at once")),
        Happening::Dialling { count, story, number } => say(&format!("  call {count}: {number} dials, wants: {story}")),
        Happening::Standing { seat, standing } => match standing {
            Standing::Registered | Standing::Left => {}
            Standing::Refused(code) => say(&format!("  ! seat {seat}: its registration was refused with {code}")),
            Standing::Unanswered => say(&format!("  ! seat {seat}: its registration is not answered")),
        },
    }
}

fn status(look: &Look) -> String {
    let (now, sums) = (&look.figures, &look.counters);
    let share = |part: u64, whole: u64| if whole == 0 { "-".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) };
    let seats: Vec<String> = now.seats.iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!(
        "calls {} ({} live)  connect rate {}  in 30 s {}  waiting {}, oldest {:.0} s  seats: {}",
        sums.offered,
        now.calls,
        share(sums.answered, sums.answered + sums.abandoned),
        share(sums.answered_in_time, sums.answered + sums.abandoned),
        now.waiting,
        now.oldest_wait.as_secs_f64(),
        seats.join(", "),
    )
}

fn close(played: &Played, args: &DemoArgs) -> ExitCode {
    let Played { summary, crossed, double } = played;
    say(&format!("\n{summary}"));
    if args.groups > 1 {
        say(&format!(
            "queue groups: {} threads route; seats went from one group to another {crossed} times, {double} were in two calls",
            args.groups
        ));
    }
    if let Some(log) = &args.input_log {
        let key = args.data.join(serve::INPUT_LOG_KEY);
        say(&format!("the same once more: hotline replay {} --key {}", log.display(), key.display()));
    }
    let (data, own) = (args.data.display(), std::env::args().next().unwrap_or_else(|| "hotline".into()));
    say(&format!("look at any of them: HOTLINE__DATA__DIR={data} {own} calls list, and the same with `why CALL`"));
    if summary.is_clean() && summary.calls > 0 && *double == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(text: &str) {
    // A reader that went away must not end the demo.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}
