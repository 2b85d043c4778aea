//! `hotline why CALL`: why it waited as long as it did, from the recorded decisions and the seats' states at each.

mod en;
pub mod fact;
mod zh;

use super::calls::{self, OutputArgs};
use super::words::{self, End, Lang};
use clap::Args;
use fact::Fact;
use hotline_archive::{Found, Source};
use hotline_model::{CallId, Name, Priority, Record, WallTime};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Arguments of `why`.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// A call's id, as `calls list` shows it.
    #[arg(value_name = "CALL")]
    pub about: String,
    /// The language of the sentences; else that of $LC_ALL or $LANG, else English.
    #[arg(long, value_enum, default_value_t = Lang::of_environment())]
    pub lang: Lang,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Runs `hotline why CALL` on a data directory.
pub async fn run(data: &Path, args: &WhyArgs, now: WallTime) -> anyhow::Result<ExitCode> {
    let call: CallId = match args.about.parse() {
        Ok(call) => call,
        Err(hint) => {
            calls::tell(&format!("{:?}: {hint}; `why` can't explain seats and queues yet", args.about))?;
            return Ok(ExitCode::from(2));
        }
    };
    let look = match calls::look(data).await? {
        Ok(look) => look,
        Err(code) => return Ok(code),
    };
    let Some(found) = look.call(call).await? else { return calls::not_found(call) };
    let Some(record) = &found.record else {
        calls::tell(&format!("call {call} can't be explained: its arrival was lost to damage in the journal"))?;
        return Ok(ExitCode::from(1));
    };
    let places: Vec<_> = found.decisions.iter().map(|stored| (stored.epoch, stored.decision.seq)).collect();
    let states = look.seat_states_at(&places).await?;
    let story = fact::tell(&found, record, &states, now);
    let text = if args.output.json {
        let facts: Vec<_> = story.iter().map(|(at, fact)| json!({ "at": words::iso(*at), "says": sentence(args.lang, fact) })).collect();
        format!("{:#}\n", json!({ "call": call.to_string(), "summary": summary(record, args, now), "facts": facts }))
    } else {
        text(&found, record, &story, args, now)
    };
    calls::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// What the first sentence says of a call.
struct Head<'a> {
    record: &'a Record,
    from: String,
    arrived: String,
    waited: Option<Waited<'a>>,
}

/// The wait for a person.
struct Waited<'a> {
    time: Duration,
    queue: &'a Name,
    priority: Option<Priority>,
    /// Nobody has answered, and the caller is still there.
    goes_on: bool,
}

fn summary(record: &Record, args: &WhyArgs, now: WallTime) -> String {
    let waited = calls::waited(record, now).zip(record.queue.as_ref()).map(|(time, queue)| Waited {
        time,
        queue,
        priority: record.priority,
        goes_on: record.t3.is_none() && record.t6.is_none(),
    });
    let from = words::number(record, args.output.reveal);
    let head = Head { record, from, arrived: args.output.zone.second(record.t0), waited };
    match args.lang {
        Lang::En => en::head(&head),
        Lang::Zh => zh::head(&head),
    }
}

fn sentence(lang: Lang, fact: &Fact) -> String {
    match lang {
        Lang::En => en::fact(fact),
        Lang::Zh => zh::fact(fact),
    }
}

/// The whole explanation.
pub fn text(found: &Found, record: &Record, story: &[(WallTime, Fact)], args: &WhyArgs, now: WallTime) -> String {
    let mut text = summary(record, args, now) + "\n";
    if found.source == Source::Live {
        text += match args.lang {
            Lang::En => "It is not over; this is what the journal says so far.\n",
            Lang::Zh => "通话尚未结束，以下是日志到目前为止的记录。\n",
        };
    }
    if !story.is_empty() {
        text.push('\n');
    }
    let rows: Vec<_> = story.iter().map(|(at, fact)| ["".to_owned(), args.output.zone.clock(*at), sentence(args.lang, fact)]).collect();
    text += &words::aligned(&rows);
    if record.t2.is_some() && found.decisions.is_empty() {
        text += match args.lang {
            Lang::En => "\nNo decision of the router on it is recorded, so that is all that can be said.\n",
            Lang::Zh => "\n没有这通来电的派单记录，只能说明到这里。\n",
        };
    }
    text
}
