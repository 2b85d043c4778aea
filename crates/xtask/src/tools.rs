//! The programs the checks need, and how to get those that are missing.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::process::succeed;
use crate::steps::Outcome;

/// A program of another maker, and its Debian package.
type Tool = (&'static str, &'static str);

/// Against which the hotline is checked.
const CLIENTS: [Tool; 2] = [("sipp", "sip-tester"), ("baresip", "baresip-core")];
/// Counts instructions.
const COUNTER: [Tool; 1] = [("valgrind", "valgrind")];

/// Makes sure the real clients are there: installs them on Debian as root, names them otherwise.
pub fn require_clients() -> Result<Outcome> {
    require(&CLIENTS)
}

/// The same of what counts instructions.
pub fn require_counter() -> Result<Outcome> {
    require(&COUNTER)
}

fn require(tools: &[Tool]) -> Result<Outcome> {
    let missing = missing(tools);
    if missing.is_empty() {
        let names: Vec<&str> = tools.iter().map(|(program, _)| *program).collect();
        return Ok(Outcome::Passed(names.join(", ")));
    }
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    let hint = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    if !is_root() || !has("apt-get") {
        let names: Vec<&str> = missing.iter().map(|(program, _)| *program).collect();
        bail!("missing: {}. On Debian, as root: {hint}", names.join(", "));
    }
    succeed(Command::new("apt-get").args(["-qq", "update"]))?;
    let mut install = Command::new("apt-get");
    install.args(["-qq", "install", "-y", "--no-install-recommends"]).args(&packages).env("DEBIAN_FRONTEND", "noninteractive");
    succeed(&mut install)?;
    match self::missing(tools).first() {
        None => Ok(Outcome::Passed(format!("installed {}", packages.join(", ")))),
        Some((program, package)) => bail!("{program} is still missing after {package} was installed"),
    }
}

fn missing(tools: &[Tool]) -> Vec<Tool> {
    tools.iter().copied().filter(|(program, _)| !has(program)).collect()
}

/// Whether a program is on the PATH.
pub fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// Whether `cargo NAME` works.
pub fn has_cargo(subcommand: &str) -> bool {
    let mut command = Command::new("cargo");
    command.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether we may open raw sockets and install packages.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

/// Where Debian's sipp keeps its recorded RFC 4733 digits.
pub fn sipp_digits() -> &'static Path {
    Path::new("/usr/share/sip-tester")
}
