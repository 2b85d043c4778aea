//! `hotline announce`: what is said before the menu is switched on and off in a running hotline (R151).

use crate::api::client::{Client, Refusal};
use crate::api::nouns::{AnnouncementList, AnnouncementShown};
use crate::cli::calls;
use crate::cli::words::{self, lang_of_environment};
use clap::Subcommand;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// What is done.
#[derive(Debug, Subcommand)]
pub enum AnnounceCommand {
    /// Switches an announcement on.
    On {
        /// Its name in the rules.
        name: String,
        /// Until when: a time with an offset (2026-11-18T20:00:00+08:00), one of this machine's zone (2026-11-18T20:00), or from now on (2h).
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Why; it is kept with the switch.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Switches an announcement off.
    Off {
        /// Its name in the rules.
        name: String,
        /// Why; it is kept with the switch.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Lists the announcements of the rules, and which are on.
    List {
        /// JSON for machines.
        #[arg(long)]
        json: bool,
    },
}

/// Runs `hotline announce` against the hotline on a data directory.
///
/// # Errors
/// No hotline answers, or `--until` is no time.
pub fn run(data: &Path, command: AnnounceCommand) -> anyhow::Result<ExitCode> {
    let client = || Client::open(data, lang_of_environment().code());
    let (name, on, until, note) = match command {
        AnnounceCommand::List { json } => return list(&client()?, json),
        AnnounceCommand::On { name, until, note } => (name, true, until.as_deref().map(moment).transpose()?, note),
        AnnounceCommand::Off { name, note } => (name, false, None, note),
    };
    let mut body = json!({ "announcement": name, "on": on });
    until.into_iter().for_each(|until| body["until"] = until.into());
    note.into_iter().for_each(|note| body["note"] = note.into());
    told(client()?.post::<AnnouncementShown>("/api/v1/announcements", Some(&body))?, |shown| format!("{}\n", line(&shown)))
}

fn list(client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    told(client.get::<AnnouncementList>("/api/v1/announcements")?, |list| {
        if json {
            return format!("{:#}\n", json!(list));
        }
        let lines: Vec<String> = list.announcements.iter().map(line).collect();
        if lines.is_empty() { "The rules have no [[announcement]].\n".into() } else { lines.join("\n") + "\n" }
    })
}

fn told<T>(answer: Result<T, Refusal>, shown: impl FnOnce(T) -> String) -> anyhow::Result<ExitCode> {
    match answer {
        Ok(good) => calls::print(&shown(good))?,
        Err(refusal) => {
            calls::tell(&refusal.detail)?;
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(shown: &AnnouncementShown) -> String {
    let AnnouncementShown { name, on, by, at, until, note } = shown;
    let mut line = format!("{name}  {}", if *on { "on" } else { "off" });
    if let (true, Some(until)) = (on, until) {
        line += &format!(" until {until}");
    }
    if let Some((by, at)) = by.as_ref().zip(at.as_ref()) {
        line += &format!("  (switched by {by} at {at}{})", note.as_ref().map_or(String::new(), |note| format!(": {note}")));
    }
    line
}

/// A time as the API wants it.
fn moment(text: &str) -> anyhow::Result<String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at.to_string());
    }
    if let Ok(local) = text.parse::<jiff::civil::DateTime>() {
        return Ok(local.to_zoned(jiff::tz::TimeZone::system())?.timestamp().to_string());
    }
    let after = words::duration(text)
        .map_err(|_| anyhow::anyhow!("--until: `{text}` is neither a time like 2026-11-18T20:00 nor a duration like 2h"))?;
    Ok(jiff::Timestamp::now().checked_add(after)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_have_an_offset_or_none_or_be_so_long_from_now() {
        assert_eq!(moment("2026-11-18T20:00:00+08:00").unwrap(), "2026-11-18T12:00:00Z");
        assert!(moment("2026-11-18T20:00").is_ok() && moment("2h").is_ok() && moment("soon").is_err());
    }

    #[test]
    fn a_line_says_who_switched_it_until_when_and_why() {
        let text = |text: &str| Some(text.to_owned());
        let (at, until) = (text("2026-11-18T12:00:00Z"), text("2026-11-18T14:00:00Z"));
        let shown = AnnouncementShown { name: "fault".into(), on: true, by: text("duty"), at, until, note: text("backbone") };
        assert_eq!(line(&shown), "fault  on until 2026-11-18T14:00:00Z  (switched by duty at 2026-11-18T12:00:00Z: backbone)");
        let never = AnnouncementShown { name: "fault".into(), on: false, by: None, at: None, until: None, note: None };
        assert_eq!(line(&never), "fault  off");
    }
}
