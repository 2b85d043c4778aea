//! `hotline people` and `hotline audit`: who may use the API, and what they did.

use crate::api;
use crate::audit::{self, Attempt, AuditLog};
use crate::cli::{calls, words};
use crate::people::{self, NewPerson, People, Role};
use anyhow::{Context, ensure};
use clap::Subcommand;
use hotline_model::WallTime;
use hotline_rules::Plan;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Seats that are named to whoever named none of them.
const SHOWN: usize = 12;

/// What can be done about people.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// Adds a person and prints the token, this once. A running hotline knows it at once.
    Add {
        /// The name in the history and the audit log.
        name: String,
        /// agent, tech_support, supervisor, complaint_officer, quality, crm_officer, manager, legal, hr, pr, admin, ops or auditor; may be given again.
        #[arg(long = "role", required = true, value_parser = people::parse_role)]
        roles: Vec<Role>,
        /// The person's own seat, which the rules must have; an agent needs one.
        #[arg(long)]
        seat: Option<String>,
        /// How long the token is good, e.g. 12h, 90d.
        #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = words::duration)]
        expires: Duration,
    },
    /// Lists people; nobody's token.
    List {
        /// JSON for machines.
        #[arg(long)]
        json: bool,
    },
    /// Takes a person out: the token is refused from now on.
    Remove {
        /// The name.
        name: String,
    },
    /// Gives a person another token and prints it; the old one is refused from now on.
    Renew {
        /// The name.
        name: String,
        /// How long the token is good, e.g. 12h, 90d.
        #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = words::duration)]
        expires: Duration,
    },
}

/// What can be done with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Checks that no line was changed, taken out, moved or cut off; exit 1 and the first bad line if one was.
    Verify,
}

/// Runs `hotline people …` on a data directory; `rules` reads the rules in which a person's seat is looked for.
///
/// # Errors
/// The file can't be read or written, or the change can't be made, as when the rules have no such seat.
pub fn run(
    data: &Path,
    command: PeopleCommand,
    now: WallTime,
    rules: impl FnOnce() -> anyhow::Result<Arc<Plan>>,
) -> anyhow::Result<ExitCode> {
    match command {
        PeopleCommand::List { json } => list(data, json, now)?,
        PeopleCommand::Add { name, roles, seat, expires } => {
            if let Some(seat) = &seat {
                check_seat(seat, rules)?;
            }
            let new = NewPerson { name: name.clone(), roles, seat, expires: after(now, expires) };
            let (told, seat) = (new.roles.iter().map(|role| role.word()).collect::<Vec<_>>(), new.seat.clone());
            let token = People::change(data, |people| people.add(new, now))?;
            tell_audit(data, "people add", json!({ "name": name, "roles": told, "seat": seat }), now)?;
            show(&token)?;
        }
        PeopleCommand::Renew { name, expires } => {
            let token = People::change(data, |people| people.renew(&name, after(now, expires), now))?;
            tell_audit(data, "people renew", json!({ "name": name }), now)?;
            show(&token)?;
        }
        PeopleCommand::Remove { name } => {
            People::change(data, |people| people.remove(&name))?;
            tell_audit(data, "people remove", json!({ "name": name }), now)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A person at a seat that does not exist could do nothing: the rules tell, where they can be read.
fn check_seat(seat: &str, rules: impl FnOnce() -> anyhow::Result<Arc<Plan>>) -> anyhow::Result<()> {
    let plan = match rules() {
        Ok(plan) => plan,
        Err(error) => return calls::tell(&format!("warning: whether there is a seat {seat} could not be checked: {error:#}")),
    };
    let seats = || plan.seats.iter().filter(|seat| !seat.retired).map(|seat| &*seat.name);
    let shown = seats().take(SHOWN).collect::<Vec<_>>().join(", ");
    let more = if seats().count() > SHOWN { ", ..." } else { "" };
    ensure!(
        plan.seat_names.contains_key(seat),
        "the rules have no seat `{}`: add it there first (`[[seat]]`), or name one of {shown}{more}",
        seat.escape_debug()
    );
    Ok(())
}

/// `hotline audit verify`.
///
/// # Errors
/// The log can't be read.
pub fn audit(data: &Path, AuditCommand::Verify: &AuditCommand) -> anyhow::Result<ExitCode> {
    let (says, good) = audit::verify_in_words(data)?;
    if good {
        calls::print(&format!("{says}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    calls::tell(&says)?;
    Ok(ExitCode::FAILURE)
}

fn after(now: WallTime, expires: Duration) -> WallTime {
    WallTime(now.0.saturating_add(i64::try_from(expires.as_micros()).unwrap_or(i64::MAX)))
}

fn show(token: &str) -> anyhow::Result<()> {
    calls::print(&format!("{token}\n"))?;
    calls::tell("this token is shown once; only its hash is kept")
}

fn tell_audit(data: &Path, what: &str, with: serde_json::Value, now: WallTime) -> anyhow::Result<()> {
    let attempt = Attempt {
        at: now,
        who: api::auth::local_name().to_string(),
        what: what.into(),
        with: Some(with),
        result: "done".into(),
        source: None,
    };
    AuditLog::open(data)?.append(attempt).context("it is done, but not in the audit log")
}

fn list(data: &Path, json: bool, now: WallTime) -> anyhow::Result<()> {
    let people = People::read(data)?.people;
    if json {
        let rows: Vec<_> = people
            .iter()
            .map(|person| {
                let roles: Vec<_> = person.roles.iter().map(|role| role.word()).collect();
                json!({ "name": person.name, "roles": roles, "seat": person.seat, "made": words::iso(person.made), "expires": words::iso(person.expires), "expired": person.expires <= now })
            })
            .collect();
        return calls::print(&format!("{}\n", serde_json::to_string_pretty(&rows)?));
    }
    let mut rows = vec![["NAME", "ROLES", "SEAT", "EXPIRES"].map(str::to_owned)];
    rows.extend(people.iter().map(|person| {
        let expires = if person.expires <= now { format!("{} (expired)", words::iso(person.expires)) } else { words::iso(person.expires) };
        let roles: Vec<_> = person.roles.iter().map(|role| role.word()).collect();
        [person.name.to_string(), roles.join(", "), person.seat.as_deref().unwrap_or("-").to_owned(), expires]
    }));
    calls::print(&words::aligned(&rows))
}
