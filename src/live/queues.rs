//! `hotline queues`: the queues of a running hotline, how long its next callers would wait, and how well announced waits came true.

use crate::api::client::{Client, Refusal};
use crate::api::nouns::{QueueList, QueueShown, Waits};
use crate::cli::words::lang_of_environment;
use crate::cli::{calls, words};
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
    let list: Result<QueueList, Refusal> = Client::open(data, lang_of_environment().code())?.get("/api/v1/queues")?;
    match list {
        Ok(list) if json => calls::print(&format!("{:#}\n", machine(&list.queues, &list.announced_waits)))?,
        Ok(list) => calls::print(&page(&list.queues, &list.announced_waits))?,
        Err(refusal) => {
            calls::tell(&refusal.detail)?;
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn machine(queues: &[QueueShown], waits: &Waits) -> Value {
    let queue = |queue: &QueueShown| {
        json!({
            "queue": queue.name, "waiting": queue.waiting, "low_ms": queue.low_ms, "likely_ms": queue.likely_ms, "high_ms": queue.high_ms,
            "untold": queue.untold.map(|why| words::untold(why.into())),
        })
    };
    json!({ "queues": queues.iter().map(queue).collect::<Vec<_>>(), "announced_waits": waits })
}

fn page(queues: &[QueueShown], waits: &Waits) -> String {
    let mut rows = vec![["QUEUE", "WAITING", "NEXT CALLER WAITS"].map(str::to_owned)];
    rows.extend(queues.iter().map(|queue| [queue.name.clone(), queue.waiting.to_string(), expected(queue)]));
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

fn expected(queue: &QueueShown) -> String {
    let told = |ms: u64| words::seconds(Duration::from_millis(ms));
    match (queue.low_ms, queue.likely_ms, queue.high_ms) {
        (_, _, Some(0)) => "not at all: a seat is ready".into(),
        (Some(low), Some(likely), Some(high)) => format!("{} (four in five {} to {})", told(likely), told(low), told(high)),
        _ => format!("not known: {}", queue.untold.map_or("", |why| words::untold(why.into()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_model::history::Untold;

    #[test]
    fn the_queues_and_the_calibration_are_told_in_words() {
        let queue = |name: &str, waiting, expected: Result<[u64; 3], Untold>| {
            let [low_ms, likely_ms, high_ms] = expected.map_or([None; 3], |wait| wait.map(Some));
            QueueShown { name: name.into(), waiting, low_ms, likely_ms, high_ms, untold: expected.err().map(Into::into) }
        };
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
