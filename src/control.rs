//! A socket in the data directory by which the command line asks a running hotline and tells it what agents chose.

use crate::engine_thread::{Look, Mailbox, Message};
use anyhow::{Context, bail};
use hotline_model::history::{HandOrder, Untold, WhyNot};
use hotline_model::seat::{Intent, NotReadyReason};
use hotline_model::{CallId, Name, SeatState};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest request and answer, in bytes.
const LONGEST: u64 = 4 << 20;
const PATIENCE: Duration = Duration::from_secs(2);

/// What can be asked.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// All seats and their states.
    Seats,
    /// All queues, and how well announced waits came true.
    Queues,
    /// What a seat's agent chose.
    Choose {
        /// The seat.
        seat: String,
        /// The choice.
        intent: Intent,
    },
    /// A person orders something of a call that waits (R44).
    ByHand {
        /// The call.
        call: CallId,
        /// What.
        order: HandOrder,
    },
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The seats by name.
    Seats(Vec<(Name, SeatState)>),
    /// The queues in the order of the rules, and the calibration since the start.
    Queues(Vec<QueueNow>, Waits),
    /// Done.
    Done,
    /// Not done, and why.
    Refused(String),
    /// An order by hand could not be carried out.
    NotByHand(WhyNot),
}

/// A queue now.
#[derive(Debug, Serialize, Deserialize)]
pub struct QueueNow {
    /// Its name.
    pub name: Name,
    /// Calls waiting in it.
    pub waiting: usize,
    /// The next ordinary caller's expected wait in milliseconds: 10 % quantile, mean, 90 % quantile; or why it can't be told.
    pub expected: Result<[u64; 3], Untold>,
}

/// Waits that callers were told against what came true (R75), since the start.
#[derive(Debug, Serialize, Deserialize)]
pub struct Waits {
    /// Calls answered that had been told a wait.
    pub answered: u64,
    /// The share answered inside the interval of four in five, 0 to 1.
    pub inside: Option<f64>,
    /// The share answered later than announced, 0 to 1.
    pub later: Option<f64>,
    /// The median difference between announced and real wait, in seconds, rounded up.
    pub median_error_s: Option<u64>,
}

fn queues(look: &Look) -> Reply {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let queues = look.figures.queues.iter().filter(|queue| !queue.retired || queue.waiting > 0);
    let queues = queues.map(|queue| QueueNow {
        name: queue.name.clone(),
        waiting: queue.waiting,
        expected: queue.expected.map(|wait| [wait.low, wait.likely, wait.high].map(ms)),
    });
    let told = look.counters.foretold;
    let error = told.median_error().map(|error| error.as_secs());
    Reply::Queues(
        queues.collect(),
        Waits { answered: told.answered, inside: told.share_inside(), later: told.share_later(), median_error_s: error },
    )
}

/// The words for a choice, as the command line takes them.
pub fn parse_intent(word: &str) -> Result<Intent, String> {
    Ok(match word {
        "ready" => Intent::Available,
        "signed-out" => Intent::SignedOut,
        "break" => Intent::NotReady(NotReadyReason::Break),
        "meal" => Intent::NotReady(NotReadyReason::Meal),
        "meeting" => Intent::NotReady(NotReadyReason::Meeting),
        "training" => Intent::NotReady(NotReadyReason::Training),
        "other" => Intent::NotReady(NotReadyReason::Other),
        "off-shift" => Intent::NotReady(NotReadyReason::OffShift),
        _ => return Err("one of: ready, break, meal, meeting, training, other, off-shift, signed-out".into()),
    })
}

fn path(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Answers requests until the process ends; only the same user (and root) may ask.
///
/// # Errors
/// The socket can't be made.
pub fn serve(data: &Path, mailbox: Mailbox) -> anyhow::Result<()> {
    let path = path(data);
    if let Err(error) = std::fs::remove_file(&path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        bail!("cannot replace {}: {error}", path.display());
    }
    let listener = UnixListener::bind(&path).with_context(|| format!("cannot make {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .with_context(|| format!("cannot protect {}", path.display()))?;
    let run = move || {
        for stream in listener.incoming() {
            let answered = stream.map_err(anyhow::Error::from).and_then(|stream| answer(stream, &mailbox));
            if let Err(error) = answered {
                tracing::debug!("control socket: {error:#}");
            }
        }
    };
    std::thread::Builder::new().name("control".into()).spawn(run).context("cannot start the control thread")?;
    Ok(())
}

fn answer(mut stream: UnixStream, mailbox: &Mailbox) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let by = user(rustix::net::sockopt::socket_peercred(&stream)?.uid.as_raw());
    let mut line = String::new();
    BufReader::new((&stream).take(LONGEST)).read_line(&mut line)?;
    let reply = match serde_json::from_str(&line) {
        Ok(request) => carry_out(request, by, mailbox),
        Err(error) => Reply::Refused(format!("not understood: {error}")),
    };
    serde_json::to_writer(&mut stream, &reply)?;
    Ok(stream.write_all(b"\n")?)
}

/// The name of a user of this system, for the history of what was ordered.
fn user(uid: u32) -> Name {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_of(&users, uid).map_or_else(|| Name::from(format!("uid {uid}")), Name::from)
}

/// A user's name in passwd(5)'s format.
fn name_of(users: &str, uid: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })
}

fn carry_out(request: Request, by: Name, mailbox: &Mailbox) -> Reply {
    const SILENT: &str = "the engine does not answer";
    match request {
        Request::Seats => mailbox.look().map_or(Reply::Refused(SILENT.into()), |look| Reply::Seats(look.seats)),
        Request::Queues => mailbox.look().map_or(Reply::Refused(SILENT.into()), |look| queues(&look)),
        Request::Choose { seat, intent } => {
            let Some(Look { seats, .. }) = mailbox.look() else { return Reply::Refused(SILENT.into()) };
            if !seats.iter().any(|(name, _)| **name == *seat) {
                return Reply::Refused(format!("no seat `{seat}`"));
            }
            match mailbox.try_send(Message::Intent(seat.into(), intent)) {
                Ok(()) => Reply::Done,
                Err(_) => Reply::Refused("the engine is too busy".into()),
            }
        }
        Request::ByHand { call, order } => match mailbox.by_hand(call, by, order) {
            Some(None) => Reply::Done,
            Some(Some(why)) => Reply::NotByHand(why),
            None => Reply::Refused(SILENT.into()),
        },
    }
}

/// Asks the hotline that runs on a data directory.
///
/// # Errors
/// None runs there, or it does not answer.
pub fn ask(data: &Path, request: &Request) -> anyhow::Result<Reply> {
    let path = path(data);
    let mut stream = UnixStream::connect(&path)
        .with_context(|| format!("no hotline answers at {} (does one run with this configuration?)", path.display()))?;
    stream.set_read_timeout(Some(PATIENCE * 2))?;
    serde_json::to_writer(&mut stream, request)?;
    stream.write_all(b"\n")?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST)).read_line(&mut line).context("the hotline does not answer")?;
    serde_json::from_str(&line).context("the hotline answers in another version's words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asked_is_named_as_the_system_names_its_users() {
        let users = "root:x:0:0:root:/:/bin/sh\n\n:x:7:7::/:\nlead:x:1001:100:Team lead:/srv/lead:/bin/sh\nbroken:x\n";
        assert_eq!([0, 1001, 7, 5].map(|uid| name_of(users, uid)), [Some("root"), Some("lead"), None, None]);
    }
}
