//! `hotline messages`: what callers left, as the hotline that runs has it (R19).

use crate::api::client::{Client, Refusal, segment};
use crate::api::messages::{MessageList, MessageShown};
use crate::api::nouns::Done;
use crate::cli::calls;
use crate::cli::words::{aligned, lang_of_environment};
use anyhow::Context;
use clap::Subcommand;
use hotline_model::Lang;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is done.
#[derive(Debug, Subcommand)]
pub enum MessagesCommand {
    /// Lists the messages that nobody is done with, the oldest first.
    List {
        /// JSON for machines.
        #[arg(long)]
        json: bool,
    },
    /// Shows one message.
    Show {
        /// The call in which it was left.
        call: String,
        /// JSON for machines.
        #[arg(long)]
        json: bool,
    },
    /// Writes the recording into a WAV file; who listens is kept.
    Fetch {
        /// The call in which it was left.
        call: String,
        /// The file, which must not be there yet.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Takes a message, to answer it: its clock stops (K8). What somebody else has taken is refused.
    Take {
        /// The call in which it was left.
        call: String,
        /// Also if somebody else has it: they are no longer to answer it.
        #[arg(long)]
        force: bool,
    },
    /// It is answered by who took it, and leaves the list. The recording is kept as long as the rules say (`retention.recordings`).
    Done {
        /// The call in which it was left.
        call: String,
        /// Also if nobody has taken it, or somebody else has: it is taken over first.
        #[arg(long)]
        force: bool,
    },
    /// As `done`, and the recording is deleted at once.
    Delete {
        /// The call in which it was left.
        call: String,
        /// Also if nobody has taken it, or somebody else has: it is taken over first.
        #[arg(long)]
        force: bool,
    },
}

/// Runs `hotline messages` against the hotline on a data directory.
///
/// # Errors
/// No hotline answers, or the file can't be written.
pub fn run(data: &Path, command: &MessagesCommand) -> anyhow::Result<ExitCode> {
    let lang = lang_of_environment();
    let client = Client::open(data, lang.code())?;
    let list = || client.get::<MessageList>("/api/v1/messages");
    let order = |call: &str, word: &str| client.post::<Done>(&format!("/api/v1/messages/{}/{word}", segment(call)), None);
    let over = |call: &str, word: &str, force: bool| match force.then(|| order(call, "take-over")).transpose()? {
        Some(Err(refusal)) => Ok(Err(refusal)),
        Some(Ok(_)) | None => order(call, word),
    };
    match command {
        MessagesCommand::List { json } => told(list()?, |list| shown(&list, *json, lang)),
        MessagesCommand::Show { call, json } => match list()? {
            Ok(list) => show(list, call, *json, lang),
            Err(refusal) => told::<()>(Err(refusal), |()| String::new()),
        },
        MessagesCommand::Fetch { call, output } => fetch(&client, call, output),
        MessagesCommand::Take { call, force } => told(order(call, if *force { "take-over" } else { "take" })?, |_| String::new()),
        MessagesCommand::Done { call, force } => told(over(call, "done", *force)?, |_| String::new()),
        MessagesCommand::Delete { call, force } => told(over(call, "delete", *force)?, |_| String::new()),
    }
}

fn show(list: MessageList, call: &str, json: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    let found: Vec<MessageShown> = list.messages.into_iter().filter(|message| message.id == call).collect();
    if found.is_empty() {
        calls::tell(lang.of("no such message waits", "没有这条待处理的留言"))?;
        return Ok(ExitCode::FAILURE);
    }
    calls::print(&shown(&MessageList { messages: found }, json, lang))?;
    Ok(ExitCode::SUCCESS)
}

fn fetch(client: &Client, call: &str, output: &Path) -> anyhow::Result<ExitCode> {
    let sound = match client.bytes(&format!("/api/v1/messages/{}/audio", segment(call)))? {
        Ok(sound) => sound,
        Err(refusal) => return told::<()>(Err(refusal), |()| String::new()),
    };
    let mut file = std::fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let mut file = file.write(true).create_new(true).open(output).with_context(|| format!("cannot make {}", output.display()))?;
    std::io::Write::write_all(&mut file, &sound)?;
    Ok(ExitCode::SUCCESS)
}

fn shown(list: &MessageList, json: bool, lang: Lang) -> String {
    if json {
        return format!("{:#}\n", json!(list));
    }
    if list.messages.is_empty() {
        return lang.of("No message waits.\n", "没有待处理的留言。\n").into();
    }
    let head = lang.of(
        ["CALL", "VOICEMAIL", "QUEUE", "FROM", "LEFT", "LENGTH", "ANSWER BY", "TAKEN BY"],
        ["来电", "留言", "处理排队", "主叫", "留言时间", "时长", "最迟认领", "认领人"],
    );
    let rows = list.messages.iter().map(|message| {
        let late = if message.late { lang.of(" late", " 超时") } else { "" };
        let by = message.answer_by.as_deref().unwrap_or("-");
        let sensitive = if message.sensitive { lang.of(" (sensitive)", "（敏感）") } else { "" };
        let length = format!("{}.{} s", message.length_ms / 1_000, message.length_ms % 1_000 / 100);
        let taken = message.taken_by.clone().unwrap_or_else(|| "-".into());
        let voicemail = format!("{}{sensitive}", message.voicemail);
        [
            message.id.clone(),
            voicemail,
            message.queue.clone(),
            message.from.clone(),
            message.left.clone(),
            length,
            format!("{by}{late}"),
            taken,
        ]
    });
    let rows: Vec<[String; 8]> = [head.map(str::to_owned)].into_iter().chain(rows).collect();
    aligned(&rows)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str) -> MessageShown {
        MessageShown {
            id: id.into(),
            voicemail: "evening".into(),
            queue: "service".into(),
            from: "138****8000".into(),
            left: "2026-11-18T12:00:00Z".into(),
            length_ms: 12_340,
            end: "key".into(),
            sensitive: true,
            answer_by: Some("2026-11-18T12:10:00Z".into()),
            late: true,
            heard_by: None,
            taken_by: Some("Li Na".into()),
        }
    }

    #[test]
    fn a_list_says_who_left_what_and_by_when_it_is_to_be_answered() {
        let list = MessageList { messages: vec![message("3-0-7")] };
        let line = shown(&list, false, Lang::En);
        let words = ["3-0-7", "evening (sensitive)", "138****8000", "12.3 s", "2026-11-18T12:10:00Z late", "Li Na"];
        assert!(words.iter().all(|word| line.contains(word)), "{line}");
        assert!(shown(&list, false, Lang::Zh).contains("超时"));
        assert_eq!(shown(&MessageList { messages: Vec::new() }, false, Lang::En), "No message waits.\n");
        assert!(shown(&list, true, Lang::En).contains("\"length_ms\": 12340"));
    }
}
