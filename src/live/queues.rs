//! `hotline queues`: the queues of a running hotline, how long its next callers would wait, and how well announced waits came true.

use crate::cli::{calls, words};
use crate::control::{self, QueueNow, Reply, Request, Waits};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Runs `hotline queues` against the hotline on a data directory.
///
/// # Errors
/// No hotline answers.
pub fn run(data: &Path, json: bool) -> anyhow::Result<ExitCode> {
    match control::ask(data, &Request::Queues)? {
        Reply::Queues(queues, waits) if json => calls::print(&format!("{:#}\n", machine(&queues, &waits)))?,
        Reply::Queues(queues, waits) => calls::print(&page(&queues, &waits))?,
        Reply::Seats(_) | Reply::Done | Reply::NotByHand(_) => anyhow::bail!("the hotline answers something else than was asked"),
        Reply::Refused(why) => {
            calls::tell(&why)?;
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn machine(queues: &[QueueNow], waits: &Waits) -> Value {
    let queue = |queue: &QueueNow| {
        let [low, likely, high] = queue.expected.map_or([None; 3], |wait| wait.map(Some));
        json!({
            "queue": queue.name, "waiting": queue.waiting, "low_ms": low, "likely_ms": likely, "high_ms": high,
            "untold": queue.expected.err().map(words::untold),
        })
    };
    json!({ "queues": queues.iter().map(queue).collect::<Vec<_>>(), "announced_waits": waits })
}

fn page(queues: &[QueueNow], waits: &Waits) -> String {
    let mut rows = vec![["QUEUE", "WAITING", "NEXT CALLER WAITS"].map(str::to_owned)];
    rows.extend(queues.iter().map(|queue| [queue.name.to_string(), queue.waiting.to_string(), expected(queue)]));
    let mut page = words::aligned(&rows);
    let percent = |share: Option<f64>| format!("{:.0} %", share.unwrap_or_default() * 100.0);
    let error = waits.median_error_s.map_or("more than 20 min".to_owned(), |error| format!("at most {error} s"));
    let _ = match waits.answered {
        0 => writeln!(page, "\nNobody who was told a wait has been answered yet."),
        answered => writeln!(
            page,
            "\nOf {answered} calls that were told a wait: {} answered inside the interval (80 % is right), {} later than announced; median error {error}.",
            percent(waits.inside),
            percent(waits.later)
        ),
    };
    page
}

fn expected(queue: &QueueNow) -> String {
    let told = |ms: u64| words::seconds(Duration::from_millis(ms));
    match queue.expected {
        Ok([_, _, 0]) => "not at all: a seat is ready".into(),
        Ok([low, likely, high]) => format!("{} (four in five {} to {})", told(likely), told(low), told(high)),
        Err(why) => format!("not known: {}", words::untold(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::history::Untold;

    #[test]
    fn the_queues_and_the_calibration_are_told_in_words() {
        let queue = |name: &str, waiting, expected| QueueNow { name: name.into(), waiting, expected };
        let queues = [queue("a", 0, Ok([0; 3])), queue("b", 3, Ok([21_000, 65_000, 130_000])), queue("c", 1, Err(Untold::NobodySignedIn))];
        let waits = Waits { answered: 40, inside: Some(0.8), later: Some(0.15), median_error_s: Some(45) };
        let page = page(&queues, &waits);
        assert!(page.contains("not at all"), "{page}");
        assert!(page.contains("1 min 05 s (four in five 21.0 s to 2 min 10 s)"), "{page}");
        assert!(page.contains("no seat that may serve it"), "{page}");
        assert!(page.contains("Of 40 calls that were told a wait: 80 % answered inside") && page.contains("15 % later"), "{page}");
        assert_eq!(machine(&queues, &waits)["queues"][1]["likely_ms"], 65_000);
    }
}
