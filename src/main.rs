//! The hotline's shell: sockets, threads, clock, files and the command line around the machines.
//! Knows no rule of the business and no SIP.

mod api;
mod audit;
mod bench;
mod cli;
mod clock;
mod config;
mod contacts;
mod customer_sources;
mod demo;
mod doctor;
mod embedded_prompts;
mod engine_thread;
mod figures_log;
mod first_rules;
mod folder;
mod groups;
mod input_log;
mod keep;
mod layouts;
mod live;
mod look_up;
mod media_worker;
mod memory;
mod messages;
mod narrate;
mod notify;
mod panics;
mod past_calls;
mod past_rules;
mod people;
mod rehearse;
mod reload;
mod replay;
mod rollback;
#[path = "cli/rules_beside.rs"]
mod rules_beside;
#[path = "cli/rules_check.rs"]
mod rules_check;
#[path = "cli/rules_files.rs"]
mod rules_files;
mod rules_history;
#[path = "cli/rules_log.rs"]
mod rules_log;
mod sealed;
mod serve;
mod state;
mod tcp;
mod waker;

use clap::{Parser, Subcommand};
use clock::Clock;
use config::{Config, LogFormat};
use hotline_model::WallTime;
use serve::StartOptions;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// A call-center telephony engine.
#[derive(Parser)]
#[command(name = "hotline", version, arg_required_else_help = true)]
struct Cli {
    /// The configuration; else $HOTLINE_CONFIG, ./hotline.toml, /etc/hotline/hotline.toml, the defaults.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the hotline until SIGTERM (drains) or Ctrl-C.
    Serve {
        /// Logs every input of the engine here, for `hotline replay` (encrypted; its key is made in data.dir). It goes on in FILE.000002
        /// and so on, 256 MiB each; the logs of the last three runs are kept as FILE.1 to FILE.3.
        #[arg(long, value_name = "FILE")]
        input_log: Option<PathBuf>,
        /// The input log ends at this size in all, in MiB; the hotline goes on.
        #[arg(long, value_name = "MIB", default_value_t = 4096, requires = "input_log", value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
        input_log_limit: u64,
        /// Exits with 2 if the rules in the folder are refused. Else the hotline starts on the revision that ran last, and says so loudly.
        #[arg(long)]
        strict: bool,
    },
    /// A hotline with simulated agents and callers on this machine.
    Demo(live::demo::DemoArgs),
    /// Measures.
    Bench {
        #[command(subcommand)]
        command: BenchCommand,
    },
    /// Feeds an input log to a new engine, all its files; exit 1 if it says anything else than it said then.
    Replay {
        /// The log's first file.
        log: PathBuf,
        /// Its key; else input-log.key in data.dir.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Checks routing rules.
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Looks up calls, says by hand which seat a waiting one gets or what it is worth, or orders what the seat that has one could: transfers, hold.
    Calls {
        #[command(subcommand)]
        command: CallsCommand,
    },
    /// Lists the seats of a running hotline, states what an agent chose, or gives a seat a waiting call.
    Seats {
        #[command(subcommand)]
        command: live::seats::SeatsCommand,
    },
    /// Lists the queues of a running hotline with the next caller's expected wait, and how well announced waits came true.
    Queues {
        /// JSON for machines.
        #[arg(long)]
        json: bool,
    },
    /// Switches what is said before the menu on and off, e.g. in a fault (R151).
    Announce {
        #[command(subcommand)]
        command: live::announce::AnnounceCommand,
    },
    /// Lists what callers left as messages, fetches their sound, and says who answers them (R19).
    Messages {
        #[command(subcommand)]
        command: live::messages::MessagesCommand,
    },
    /// Says in words why a call waited and got the seat it got, why a seat gets no calls, or why a queue stands still.
    Why(cli::why::WhyArgs),
    /// Tells figures of the past, out of what is stored of calls.
    Report {
        #[command(subcommand)]
        command: cli::report::ReportCommand,
    },
    /// Says who may use the control API: people with roles and tokens.
    People {
        #[command(subcommand)]
        command: live::people::PeopleCommand,
    },
    /// Looks at what was changed, or tried, through the control API.
    Audit {
        #[command(subcommand)]
        command: live::people::AuditCommand,
    },
    /// Looks for the usual faults: ports, limits, buffers, addresses, prompts.
    Doctor(doctor::DoctorArgs),
}

#[derive(Subcommand)]
enum BenchCommand {
    /// Whole calls over loopback, by SIPp: CPU per call of the engine's thread, the media's, the process.
    Calls(bench::calls::CallsArgs),
    /// The router alone: time per decision at up to 100,000 seats, and how the instructions grow.
    Router(bench::router::RouterArgs),
    /// Large rules: how long their check takes, and how long their reload keeps calls waiting.
    Rules(bench::rules::RulesArgs),
}

#[derive(Subcommand)]
enum CallsCommand {
    #[command(flatten)]
    Look(cli::calls::CallsCommand),
    #[command(flatten)]
    ByHand(live::by_hand::CallsByHand),
    #[command(flatten)]
    AtDesk(live::desk::CallsAtDesk),
}

#[derive(Subcommand)]
enum RulesCommand {
    Check(rules_check::CheckArgs),
    /// Explains a code of a finding (HL012): what it means, why, and an example; exit 2 if there is no such code.
    ExplainCode(cli::rules_explain_code::ExplainCodeArgs),
    Fmt(cli::rules_fmt::FmtArgs),
    Schema(cli::rules_schema::SchemaArgs),
    /// Runs the tests in DIR/tests, each a call rehearsed through the real menus and router on a virtual clock; exit 1 if one fails, 2 if they can't be run.
    Test(rehearse::test_command::TestArgs),
    #[command(flatten)]
    History(rules_log::HistoryCommand),
    /// Explains what a call would meet, with file and line for each decision: hours, menus, queue, steps, and why each seat falls out.
    Explain(Box<rehearse::explain::ExplainArgs>),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = match Config::read(cli.config.as_deref()) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("hotline: {error:#}");
            return ExitCode::from(2);
        }
    };
    start_log(&config, matches!(cli.command, Command::Demo(_)));
    match cli.command {
        Command::Serve { input_log, input_log_limit, strict } => {
            serve(&config, input_log.map(|path| (path, input_log::Sizes::at_most(input_log_limit << 20))), strict)
        }
        Command::Demo(args) => live::demo::run(config, &args),
        Command::Bench { command: BenchCommand::Calls(args) } => done(bench::calls::calls(&args)),
        Command::Bench { command: BenchCommand::Router(args) } => done(bench::router::run(&args)),
        Command::Bench { command: BenchCommand::Rules(args) } => done(bench::rules::run(&args)),
        Command::Replay { log, key } => replay_log(&log, &key.unwrap_or_else(|| config.data_dir().join(serve::INPUT_LOG_KEY))),
        Command::Rules { command: RulesCommand::Check(args) } => rules_check::run(&args, config.rules_dir()),
        Command::Rules { command: RulesCommand::ExplainCode(args) } => done(cli::rules_explain_code::run(&args)),
        Command::Rules { command: RulesCommand::Fmt(args) } => {
            done(cli::rules_fmt::run(&args, &config.rules_dir(), &folder::read_sources, &|found, sources| {
                eprint!("{}", hotline_rules::render(found, sources, rules_check::style(), cli::words::lang_of_environment()));
            }))
        }
        Command::Rules { command: RulesCommand::Schema(args) } => done(cli::rules_schema::run(&args)),
        Command::Rules { command: RulesCommand::Test(args) } => {
            done(rehearse::test_command::run(&args, &config.rules_dir(), rules_check::style()))
        }
        Command::Rules { command: RulesCommand::History(command) } => {
            done(rules_log::run(&command, &config.data_dir(), &config.rules_dir()))
        }
        Command::Rules { command: RulesCommand::Explain(args) } => {
            done(rehearse::explain::run(&args, &config.rules_dir(), rules_check::style()))
        }
        Command::Calls { command: CallsCommand::ByHand(command) } => done(live::by_hand::run(&config.data_dir(), command)),
        Command::Calls { command: CallsCommand::AtDesk(command) } => done(live::desk::run(&config.data_dir(), &command)),
        Command::Calls { command: CallsCommand::Look(command) } => {
            look_up(async |data, now| cli::calls::run(&data, &command, now).await, &config)
        }
        Command::Seats { command } => done(live::seats::run(&config.data_dir(), command)),
        Command::Queues { json } => done(live::queues::run(&config.data_dir(), json)),
        Command::Announce { command } => done(live::announce::run(&config.data_dir(), command)),
        Command::Messages { command } => done(live::messages::run(&config.data_dir(), &command)),
        Command::Why(args) => {
            let rules = |dir: Option<&std::path::Path>| plan_of(&dir.map_or_else(|| config.rules_dir(), PathBuf::from), args.lang);
            let live = || live::seats::all(&config.data_dir()).ok().and_then(Result::ok);
            let past = |revision| past_rules::plan(&config.data_dir(), revision);
            let ran = || rules_history::began(&config.data_dir()).unwrap_or_default();
            let ask = cli::why::Ask { rules: &rules, folder: &config.rules_dir(), past: &past, ran: &ran, live: &live };
            look_up(async |data, now| cli::why::run(&data, &args, now, &ask).await, &config)
        }
        Command::Report { command } => look_up(
            async |data, now| {
                cli::report::run(&data, &command, now, || plan_of(&config.rules_dir(), cli::words::lang_of_environment())).await
            },
            &config,
        ),
        Command::People { command } => done(live::people::run(&config.data_dir(), command, wall_now(), || {
            plan_of(&config.rules_dir(), cli::words::lang_of_environment())
        })),
        Command::Audit { command } => done(live::people::audit(&config.data_dir(), &command)),
        Command::Doctor(args) => doctor::run(&args, &config),
    }
}

fn serve(config: &Config, input_log: Option<(PathBuf, input_log::Sizes)>, strict: bool) -> ExitCode {
    panics::to_log();
    let (sender, receiver) = serve::narration();
    let narrator = tracing::enabled!(tracing::Level::INFO).then_some(sender);
    let running = match serve::start(config, Clock::start(), StartOptions { narrator, input_log, strict, wrap_up: None }) {
        Ok(running) => running,
        Err(failed) => return serve::tell(failed),
    };
    let narrating = std::thread::Builder::new().name("log".into()).spawn(move || narrate::narrate(&receiver));
    if let Err(error) = narrating {
        tracing::warn!(%error, "calls are not told in the log");
    }
    let addresses: Vec<String> = running.udp.iter().map(|address| format!("sip:hotline@{address}")).collect();
    let http = running.api.as_ref().map(|api| format!("http://{}", api.address));
    tracing::info!(sip = addresses.join(" "), http, "ready");
    notify::tell("READY=1");
    match running.wait_for_signal(config.drain_limit()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout, reason = "the command's data")]
fn replay_log(log: &std::path::Path, key: &std::path::Path) -> ExitCode {
    match sealed::Key::read(key).and_then(|key| replay::replay(log, &key)) {
        Ok(replay::Replayed { differs: Some(words), .. }) => {
            println!("{words}");
            ExitCode::FAILURE
        }
        Ok(replayed) => {
            println!("{} inputs, {} calls ended: all {} outputs are the same", replayed.inputs, replayed.calls, replayed.outputs);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("hotline: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs a command that reads the archive.
fn look_up(command: impl AsyncFnOnce(PathBuf, WallTime) -> anyhow::Result<ExitCode>, config: &Config) -> ExitCode {
    let data = config.data_dir();
    let now = now_on(&data);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(command(data, now)));
    self::done(done)
}

/// What the clock of the hotline that runs on a data directory shows (a demo's shows another hour); the machine's if none runs.
fn now_on(data: &std::path::Path) -> WallTime {
    live::seats::clock(data).unwrap_or_else(wall_now)
}

fn wall_now() -> WallTime {
    let now = Clock::start();
    now.now().to_wall(now.wall_offset())
}

/// The rules of a folder, without their prompts.
fn plan_of(dir: &std::path::Path, lang: cli::words::Lang) -> anyhow::Result<std::sync::Arc<hotline_rules::Plan>> {
    let sources = folder::read_sources(dir)?;
    match hotline_rules::load(&sources, None) {
        Ok(loaded) => Ok(std::sync::Arc::new(loaded.plan)),
        Err(findings) => {
            anyhow::bail!("{}: {}", dir.display(), hotline_rules::summary(&findings, &sources, lang))
        }
    }
}

fn done(done: anyhow::Result<ExitCode>) -> ExitCode {
    let nobody_reads =
        |error: &anyhow::Error| error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe);
    match done {
        Ok(code) => code,
        Err(error) if nobody_reads(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", hotline_rules::report::shown_lines(&format!("hotline: {error:#}")));
            ExitCode::from(2)
        }
    }
}

fn start_log(config: &Config, quiet: bool) {
    let level = if quiet { "warn" } else { &config.log.level };
    let filter = tracing_subscriber::EnvFilter::try_new(level).unwrap_or_else(|error| {
        eprintln!("hotline: log.level: {error}; `info` is used");
        tracing_subscriber::EnvFilter::new("info")
    });
    let terminal = std::io::stderr().is_terminal();
    let human = match config.log.format {
        LogFormat::Auto => terminal,
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if human {
        builder.with_target(false).with_ansi(terminal).init();
    } else {
        builder.json().init();
    }
}
