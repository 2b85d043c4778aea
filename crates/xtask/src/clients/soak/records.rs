//! What was stored of a run: the hotline's records, and what either sipp logged. Times are in seconds.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::plan::{RETRY_S, full_ring_s};
use crate::clients::house;
use crate::clients::sipp::Moment;

/// A phone that rang for a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    pub seat: String,
    pub at: f64,
    /// How it ended without an answer.
    pub ended: Option<String>,
    /// When it ended in that way.
    pub until: Option<f64>,
}

impl Offer {
    pub fn is_rona(&self) -> bool {
        house::is_rona(&self.ended)
    }
}

/// A call, from the first call's arrival on.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub id: String,
    /// Its caller's place in the plan, from 1.
    pub caller: usize,
    pub priority: String,
    /// t2.
    pub entered: f64,
    /// t3.
    pub answered: Option<f64>,
    /// t6; `None` if it is not over.
    pub over: Option<f64>,
    /// t7.
    pub wrapped_up: Option<f64>,
    pub offers: Vec<Offer>,
}

impl Call {
    /// The ring that was answered.
    pub fn answered_ring(&self) -> Option<f64> {
        self.answered.and_then(|_| self.offers.last()).map(|offer| offer.at)
    }

    /// Until when it is in line, in the sense of theory: a seat is taken as it begins to ring, and what then follows is service.
    pub fn leaves_line(&self) -> f64 {
        self.answered_ring().or(self.over).unwrap_or(f64::INFINITY)
    }

    /// How long a phone rings at most.
    pub fn full_ring(&self, offer: &Offer) -> f64 {
        full_ring_s(offer.at - self.entered)
    }

    /// From when to when an offer keeps its seat from other calls.
    pub fn takes_seat(&self, offer: &Offer) -> (f64, f64) {
        let until = match &offer.ended {
            None => self.wrapped_up.or(self.over).unwrap_or(f64::INFINITY),
            Some(_) if offer.is_rona() => offer.until.map_or(f64::INFINITY, |until| until + RETRY_S),
            Some(_) => self.over.unwrap_or(f64::INFINITY),
        };
        (offer.at, until)
    }

    fn read(record: &Value, first: Moment) -> Result<Self> {
        let moment = |value: &Value| value.as_str().and_then(Moment::parse).map(|moment| moment.ms_since(first) / 1_000.0);
        let text = |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("a text is missing in {record:#}"));
        let offer = |value: &Value| {
            let at = moment(&value["at"]).with_context(|| format!("an offer without its time in {record:#}"))?;
            let (ended, until) = (value["ended"].as_str().map(str::to_owned), moment(&value["until"]));
            ensure!(ended.is_some() == until.is_some(), "an offer ended without its time in {record:#}");
            Ok(Offer { seat: text(&value["seat"])?, at, ended, until })
        };
        let caller = record["sip_call_id"].as_str().and_then(|id| id.strip_suffix("@soak")?.parse().ok());
        Ok(Self {
            id: text(&record["call"])?,
            caller: caller.with_context(|| format!("not a call of ours: {record:#}"))?,
            priority: text(&record["priority"])?,
            entered: moment(&record["t2"]).with_context(|| format!("it never waited: {record:#}"))?,
            answered: moment(&record["t3"]),
            over: moment(&record["t6"]),
            wrapped_up: moment(&record["t7"]),
            offers: record["offers"].as_array().context("offers are a list")?.iter().map(offer).collect::<Result<_>>()?,
        })
    }
}

/// The calls of `calls list --json`, in order of entry.
pub fn calls(json: &str) -> Result<Vec<Call>> {
    let records: Vec<Value> = serde_json::from_str(json)?;
    let arrivals = records.iter().map(|record| house::time(record, "t0")).collect::<Result<Vec<Moment>>>()?;
    let any = *arrivals.first().context("there are no calls")?;
    let first = arrivals.into_iter().min_by(|one, other| one.ms_since(any).total_cmp(&other.ms_since(any))).unwrap_or(any);
    let mut calls = records.iter().map(|record| Call::read(record, first)).collect::<Result<Vec<Call>>>()?;
    calls.sort_by(|one, other| one.entered.total_cmp(&other.entered));
    Ok(calls)
}

/// What a sipp logged: what happened, to whom, and when on its own clock.
pub type Log = BTreeMap<String, Vec<(String, f64)>>;

/// Lines such as `rings;1-0-3;2026-01-31<tab>12:00:00.000001<tab>1769860800.000001`, by whom they are about.
pub fn log(text: &str) -> Result<Log> {
    let mut log = Log::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.split(';').collect();
        let [what, whom, time] = parts[..] else { anyhow::bail!("no line of ours: {line}") };
        let at = time.rsplit('\t').next().and_then(|seconds| seconds.trim().parse().ok());
        log.entry(whom.to_owned()).or_default().push((what.to_owned(), at.with_context(|| format!("no time in {line}"))?));
    }
    Ok(log)
}

/// A stored file.
pub fn stored(dir: &Path, name: &str) -> Result<String> {
    let path = dir.join(name);
    std::fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_by_whom_it_is_about() {
        let read = log("comes;7;2026-01-31\t12:00:00.5\t100.5\nanswered;7;x\t109.0\n").unwrap();
        assert_eq!(read["7"], [("comes".to_owned(), 100.5), ("answered".to_owned(), 109.0)]);
        assert!(log("rings;1-0-1\n").is_err());
    }

    #[test]
    fn a_record_says_who_waited_from_when_to_when_and_which_phones_rang() {
        let json = r#"[{"call":"1-0-1","sip_call_id":"2@soak","priority":"urgent","t0":"2026-01-31T23:59:59.000000Z",
            "t2":"2026-01-31T23:59:59.000000Z","t3":"2026-02-01T00:00:09.000000Z","t6":"2026-02-01T00:00:30.000000Z",
            "t7":"2026-02-01T00:00:32.000000Z","offers":[
              {"seat":"s01","at":"2026-01-31T23:59:59.000000Z","ended":"rang in full, not answered (RONA)",
                "until":"2026-02-01T00:00:07.000000Z"},
              {"seat":"s02","at":"2026-02-01T00:00:08.000000Z","ended":null,"until":null}]},
          {"call":"1-0-0","sip_call_id":"1@soak","priority":"ordinary","t0":"2026-01-31T23:59:58.500000Z",
            "t2":"2026-01-31T23:59:58.500000Z","t3":null,"t6":null,"t7":null,"offers":[]}]"#;
        let [waits, served] = &calls(json).unwrap()[..] else { panic!("two calls") };
        assert_eq!((waits.caller, waits.entered, waits.over, waits.leaves_line()), (1, 0.0, None, f64::INFINITY));
        assert_eq!((served.caller, served.entered, served.answered, served.leaves_line()), (2, 0.5, Some(10.5), 9.5));
        assert_eq!(served.takes_seat(&served.offers[0]), (0.5, 0.5 + 8.0 + RETRY_S), "a seat that did not answer pauses (R41)");
        assert_eq!(served.takes_seat(&served.offers[1]), (9.5, 33.5), "wrap-up is the call's");
    }
}
