//! Two hours of real SIP calls at 110 % of what 50 seats can do, and what came of it beside what queueing theory expects.
//!
//! One sipp is all callers, another the telephones of all seats, the hotline between them is the real binary. Callers come at random
//! (Poisson), talk for exponential times, and are of exponential patience, which `--seed` decides. What a call was is stored by the
//! hotline's own records and by either sipp; [`judge`] reads only what was stored, so that a run can be judged again.
//!
//! Nobody sends RTP: the hotline asks the silent callers by OPTIONS whether they are there, and sipp says so. A caller waits for the
//! agent's voice; since there is none, the seat's sipp tells the caller's by a MESSAGE that somebody answered.
//!
//! **What the level is held against.** Erlang-A knows one priority. Who goes first does not change how many wait, but it changes how the
//! waits are spread, and so the share below 30 s. So that "in each priority" means something, one caller in twenty is urgent: few
//! enough for the level to lie only 1.7 points lower than it would with one priority, which the simulator tells beside the result.
//! And two hours are short: runs of the simulator's lie from Erlang-A with a standard deviation of 2.6 points, though its load,
//! handling and patience are those measured in each run (it is 5.7 for the planned ones). So the seed is that of typical two hours
//! ([`plan::SEED`]), and the level is held against that of ideal queues with the very same callers too ([`ideal`]): what lies between
//! these is the hotline's doing, and not chance's.

mod ideal;
mod judge;
mod level;
mod order;
mod plan;
mod records;
mod rings;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::hotline::{Build, Hotline};
use super::house::{House, RECORDED_WITHIN};
use super::sipp::{self, Sipp};
use crate::process::free_port;
use plan::Plan;

/// What the port of the telephones is called in the rules.
const SEATS: &str = "seats";
/// The file that says how long a run was, and that a directory is one's.
const MINUTES: &str = "minutes";
/// 50 conversations of two legs, 100 callers in line, and as many again: of two ports each.
const RTP_PORTS: u16 = 800;
/// How long the last conversations may take.
const LAST_CALLS: Duration = Duration::from_secs(20 * 60);
/// sipp ends itself if the machine holds it up too often; two hours are not to end with that.
const GOES_ON: [&str; 4] = ["-watchdog_minor_maxtriggers", "100000", "-watchdog_major_maxtriggers", "1000"];
const SAMPLE_EVERY: Duration = Duration::from_secs(60);

struct Wishes {
    minutes: u32,
    seed: u64,
    dir: PathBuf,
    /// Not the one that is to be built now.
    binary: Option<PathBuf>,
    judge: Option<PathBuf>,
}

impl Wishes {
    fn read(args: &[String]) -> Result<Self> {
        let mut wishes = Self { minutes: 120, seed: plan::SEED, dir: own_dir(), binary: None, judge: None };
        for pair in args.chunks(2) {
            let [key, value] = pair else { bail!("{} needs a value", pair[0]) };
            match key.as_str() {
                "--minutes" => wishes.minutes = value.parse().context("--minutes is a number")?,
                "--seed" => wishes.seed = value.parse().context("--seed is a number")?,
                "--dir" => wishes.dir = std::path::absolute(value)?,
                "--binary" => wishes.binary = Some(std::path::absolute(value)?),
                "--judge" => wishes.judge = Some(value.into()),
                _ => bail!("{key}: known are --minutes, --seed, --dir, --binary, --judge"),
            }
        }
        ensure!(
            (2..=600).contains(&wishes.minutes),
            "--minutes is 2 (the first is not judged) to 600 (records are told apart within half a day)"
        );
        Ok(wishes)
    }
}

fn own_dir() -> PathBuf {
    crate::root().join("target/xtask/soak")
}

/// `cargo xtask soak`.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let wishes = Wishes::read(args)?;
    if let Some(dir) = &wishes.judge {
        return judge::judge(dir);
    }
    let ours = wishes.dir == own_dir() || wishes.dir.join(MINUTES).exists();
    ensure!(ours || !wishes.dir.exists(), "{} is there and is no earlier soak: it is not emptied", wishes.dir.display());
    crate::tools::require_clients()?;
    if wishes.binary.is_none() {
        super::build()?;
    }
    let binary = wishes.binary.clone().unwrap_or_else(super::hotline::binary);
    let house = House::start_build(
        Build { binary, rtp_ports: RTP_PORTS },
        &wishes.dir.display().to_string(),
        &["fixtures/soak/rules.toml"],
        |_| Ok(()),
    )?;
    soak(house, &wishes)?;
    judge::judge(&wishes.dir)
}

/// Lets the callers come, and stores all that is judged.
fn soak(house: House, wishes: &Wishes) -> Result<()> {
    let plan = Plan::new(wishes.seed, wishes.minutes);
    let store = Store { dir: &wishes.dir };
    store.keep("callers.csv", &plan.callers_csv())?;
    store.keep("rings.csv", &plan.rings_csv())?;
    store.keep(MINUTES, &wishes.minutes.to_string())?;
    store.keep("metrics-before.txt", &house.hotline.metrics()?)?;
    let mut samples = Samples::new(&house.hotline)?;
    let (seats, mut callers) = phones(&house, wishes, &plan)?;
    println!("{} callers in {} minutes", plan.callers.len(), wishes.minutes);
    let mut due = Instant::now() + SAMPLE_EVERY;
    while callers.goes_on() {
        if Instant::now() >= due {
            due += SAMPLE_EVERY;
            // On a machine that is busy with other things a sample may fail; the run goes on.
            println!("{}", samples.take(&house.hotline).unwrap_or_else(|error| format!("no sample: {error:#}")));
            store.keep("samples.csv", &samples.text)?;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    let callers = callers.finish();
    store.keep("callers-ended.txt", &callers.map_or_else(|error| format!("{error:#}"), |()| "each as its scenario says".into()))?;
    settle(&house.hotline)?;
    samples.take(&house.hotline)?;
    store.keep("samples.csv", &samples.text)?;
    store.keep("seats.json", &serde_json::to_string_pretty(&house.hotline.seat_states()?)?)?;
    store.keep("metrics.txt", &house.hotline.metrics()?)?;
    store.keep("calls.json", &house.hotline.calls_json(plan.callers.len() * 2)?)?;
    drop(seats);
    store.keep("replay.txt", &house.hotline.stop().unwrap_or_else(|error| format!("FAILED: {error:#}")))
}

/// The two sipps.
fn phones(house: &House, wishes: &Wishes, plan: &Plan) -> Result<(Sipp, Sipp)> {
    let limit = Duration::from_secs(u64::from(wishes.minutes) * 60) + LAST_CALLS;
    let file = |name: &str| wishes.dir.join(name).display().to_string();
    let (callers_at, hotline_at) = (free_port()?.to_string(), house.hotline.port.to_string());
    let quiet = [&["-f", "60", "-trace_logs", "-log_file", "log.txt"][..], &GOES_ON].concat();
    let rings = file("rings.csv");
    let ports = ["-inf", &rings, "-key", "hotline", &hotline_at, "-key", "callers", &callers_at];
    let seats = sipp::seat_with(&house.logs("seats"), "uas_soak", house.port(SEATS)?, &[&ports[..], &quiet].concat(), limit)?;
    std::thread::sleep(Duration::from_secs(1));
    let (count, who) = (plan.callers.len().to_string(), file("callers.csv"));
    let come = ["-inf", &who, "-p", &callers_at, "-cid_str", "%u@soak", "-m", &count, "-l", &count, "-r", "2000"];
    let callers = sipp::caller(&house.logs("callers"), &house.hotline, "uac_soak", "ordinary", &[&come[..], &quiet].concat(), limit)?;
    Ok((seats, callers))
}

/// Waits until the last wrap-up is over; what is not so by then is told by the judge.
fn settle(hotline: &Hotline) -> Result<()> {
    let until = Instant::now() + RECORDED_WITHIN;
    let is_over = || {
        let ready = hotline.seat_states()?.iter().all(|seat| seat["state"] == "ready");
        Ok::<_, anyhow::Error>(ready && judge::figure(&hotline.metrics()?, "hotline_calls")? == 0)
    };
    while Instant::now() < until && !is_over()? {
        std::thread::sleep(Duration::from_millis(500));
    }
    Ok(())
}

struct Store<'a> {
    dir: &'a Path,
}

impl Store<'_> {
    fn keep(&self, name: &str, text: &str) -> Result<()> {
        let path = self.dir.join(name);
        std::fs::write(&path, text).with_context(|| format!("{} could not be written", path.display()))
    }
}

/// What the hotline takes of the machine, each minute.
struct Samples {
    began: Instant,
    text: String,
}

impl Samples {
    fn new(hotline: &Hotline) -> Result<Self> {
        let mut samples =
            Self { began: Instant::now(), text: "second,resident_kb,open_files,waiting,talking,free_ports,inverted\n".into() };
        samples.take(hotline)?;
        Ok(samples)
    }

    /// One more line, which it returns.
    fn take(&mut self, hotline: &Hotline) -> Result<String> {
        let process = PathBuf::from(format!("/proc/{}", hotline.pid()));
        let status = std::fs::read_to_string(process.join("status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()).context("no VmRSS")?;
        let files = std::fs::read_dir(process.join("fd"))?.count();
        let metrics = hotline.metrics()?;
        let figures = ["hotline_calls_waiting", "hotline_calls_talking", "hotline_rtp_ports_free", "hotline_offers_inverted_total"];
        let mut line = format!("{},{resident},{files}", self.began.elapsed().as_secs());
        for name in figures {
            write!(line, ",{}", judge::figure(&metrics, name)?)?;
        }
        self.text += &line;
        self.text.push('\n');
        Ok(line)
    }
}
