//! The control API against its own OpenAPI document, by schemathesis: no 5xx, no answer that is not documented, none of another form.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::hotline::Hotline;
use super::sipp;
use crate::process::{in_root, shown, spawn_logged, succeed, tail, wait_at_most};
use crate::steps::Outcome;
use crate::tools;

/// As it was when the check was written: another one may find, or not find, other things.
const PACKAGE: &str = "schemathesis==4.32.5";
const SEED: &str = "20261122";
/// How long one run generates requests, in seconds.
const TIME: &str = "40";
/// The hotline promises an answer within 35 s, also of a reload that tests the rules on a busy machine.
const REQUEST: &str = "36";
const AT_MOST: Duration = Duration::from_secs(150);

/// All routes with whatever their schemas allow and forbid; then those of a call, with one that is there.
pub fn check() -> Result<Outcome> {
    let Some(program) = program()? else {
        return Ok(Outcome::NotRun(format!(
            "{PACKAGE} could not be installed (python3 with venv, and the network): the API against its document"
        )));
    };
    let dir = crate::root().join("target/xtask/api");
    if dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("{} could not be emptied", dir.display()))?;
    }
    let hotline = Hotline::start(&dir.join("hotline"), &crate::root().join("routing-rules"), "127.0.0.1")?;
    let all = run(&program, &dir, "all", &["--exclude-path", "/api/v1/events"], "")?;
    let caller = sipp::caller(&dir.join("caller"), &hotline, "uac", "hotline", &["-m", "1", "-d", "120000"], Duration::from_secs(180))?;
    std::thread::sleep(Duration::from_secs(1));
    let calls = run(&program, &dir, "calls", &["--include-path-regex", r"calls/\{id\}"], "[parameters]\n\"path.id\" = \"1-0-0\"\n")?;
    drop(caller);
    let mut hotline = hotline;
    hotline.hang_up()?;
    let log = std::fs::read_to_string(dir.join("hotline/hotline-first.log"))?;
    ensure!(!log.contains("panicked at"), "the hotline's log holds a panic");
    Ok(Outcome::Passed(format!("all routes: {all}; those of a live call: {calls}")))
}

/// Its own words: how many requests it made.
fn run(program: &Path, dir: &Path, name: &str, options: &[&str], settings: &str) -> Result<String> {
    let place = dir.join(name);
    std::fs::create_dir_all(&place)?;
    std::fs::write(place.join("schemathesis.toml"), settings)?;
    let way: Value = serde_json::from_slice(&std::fs::read(dir.join("hotline/data/api.json"))?)?;
    let (address, token) = (way["address"].as_str().unwrap_or_default(), way["token"].as_str().unwrap_or_default());
    let mut command = Command::new(program);
    command.args(["run", "--checks", "all", "--seed", SEED, "--max-time", TIME, "--request-timeout", REQUEST, "--continue-on-failure"]);
    command.args(["--no-color"]).args(options).arg(format!("http://{address}/api/openapi.json")).current_dir(&place);
    println!("$ {}", shown(&command));
    command.args(["-H", &format!("Authorization: Bearer {token}")]);
    let log = place.join("schemathesis.log");
    let mut child = spawn_logged(&mut command, &log)?;
    let status = wait_at_most(&mut child, AT_MOST).with_context(|| tail(&log, 12))?;
    ensure!(status.success(), "schemathesis ended with {status}; {}", tail(&log, 60));
    let said = std::fs::read_to_string(&log)?;
    let cases = said.lines().find(|line| line.contains(" generated, ")).map(str::trim);
    Ok(cases.unwrap_or("it does not say how many requests").to_owned())
}

/// Installs it into a place of ours if it is not there; `None` if that can't be.
fn program() -> Result<Option<PathBuf>> {
    let venv = crate::root().join("target/xtask/schemathesis");
    let program = venv.join("bin/schemathesis");
    let works = || Command::new(&program).arg("--version").output().is_ok_and(|output| output.status.success());
    if works() {
        return Ok(Some(program));
    }
    let place = venv.display().to_string();
    let make = || succeed(&mut in_root("python3", &["-m", "venv", "--clear", &place]));
    if make().is_err() {
        if !tools::is_root() || !tools::has("apt-get") {
            return Ok(None);
        }
        let installed = succeed(Command::new("apt-get").args(["-qq", "update"]))
            .and_then(|()| succeed(Command::new("apt-get").args(["-qq", "install", "-y", "--no-install-recommends", "python3-venv"])));
        if installed.and_then(|()| make()).is_err() {
            return Ok(None);
        }
    }
    let pip = venv.join("bin/pip").display().to_string();
    let installed = succeed(&mut in_root(&pip, &["install", "--quiet", "--disable-pip-version-check", PACKAGE]));
    let good = installed.is_ok() && works();
    Ok(good.then_some(program))
}
