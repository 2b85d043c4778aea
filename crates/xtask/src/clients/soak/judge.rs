//! Whether a run that is over was as it should be: a table, each line of which is true or false.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::Value;

use super::level::{self, Measured};
use super::order::{PassedOver, passed_over};
use super::plan::{Plan, SEATS, full_ring_s};
use super::records::{self, Call, Log, stored};
use super::rings::Rings;

/// The level may differ so much from theory's.
const LEVEL_WITHIN: f64 = 0.03;
/// A phone that rang for less of its full ring did not ring in full; what a busy machine takes to pass a message on is not the ring's.
const RING_LATE_S: f64 = 0.1;
/// A wait as the caller's sipp saw it, beside the record's.
const SEEN_WITHIN_S: f64 = 1.0;
/// Files that may be open at the end and were not at the start: the database's.
const FILES_MORE: f64 = 8.0;
/// Share of unanswered rings, in standard errors.
const UNANSWERED_WITHIN: f64 = 3.0;
/// The memory of the last sample, of that after ten minutes, when all that is kept for ever is in use.
const MEMORY_AT_MOST: f64 = 1.25;

/// Judges the run that is stored in a directory.
pub fn judge(dir: &Path) -> Result<ExitCode> {
    let run = Run::read(dir)?;
    let mut table = Table { good: true };
    println!("\n{} calls in {} minutes; {}\n", run.calls.len(), run.minutes, dir.display());
    run.level(&mut table)?;
    run.order(&mut table)?;
    run.rings(&mut table)?;
    run.afterwards(&mut table)?;
    run.waits(&mut table)?;
    run.machine(&mut table)?;
    println!("\n{}", if table.good { "all of it is as it should be" } else { "NOT all of it is as it should be" });
    Ok(if table.good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A figure of `/metrics`.
pub fn figure(metrics: &str, name: &str) -> Result<u64> {
    let found = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.and_then(|text| text.trim().parse().ok()).with_context(|| format!("/metrics tells no {name}"))
}

struct Table {
    good: bool,
}

impl Table {
    fn line(&mut self, good: bool, what: &str, told: &str) {
        self.good &= good;
        println!("  {:<6} {what:<52} {told}", if good { "ok" } else { "FALSE" });
    }

    fn note(what: &str, told: &str) {
        println!("  {:<6} {what:<52} {told}", "");
    }
}

struct Run {
    minutes: u32,
    plan: Plan,
    calls: Vec<Call>,
    seats_log: Log,
    callers_log: Log,
    callers_ended: String,
    seats: Vec<Value>,
    before: String,
    after: String,
    samples: Vec<Vec<f64>>,
    replay: String,
}

impl Run {
    fn read(dir: &Path) -> Result<Self> {
        let minutes = stored(dir, super::MINUTES)?.trim().parse().context("minutes is a number")?;
        let samples = stored(dir, "samples.csv")?;
        let sample = |line: &str| line.split(',').map(|figure| figure.parse().context("a sample is figures")).collect();
        Ok(Self {
            minutes,
            plan: Plan::read(&stored(dir, "callers.csv")?, &stored(dir, "rings.csv")?)?,
            calls: records::calls(&stored(dir, "calls.json")?)?,
            seats_log: records::log(&stored(dir, "seats/log.txt")?)?,
            callers_log: records::log(&stored(dir, "callers/log.txt")?)?,
            callers_ended: stored(dir, "callers-ended.txt")?,
            seats: serde_json::from_str(&stored(dir, "seats.json")?)?,
            before: stored(dir, "metrics-before.txt")?,
            after: stored(dir, "metrics.txt")?,
            samples: samples.lines().skip(1).map(sample).collect::<Result<_>>()?,
            replay: stored(dir, "replay.txt")?,
        })
    }

    fn level(&self, table: &mut Table) -> Result<()> {
        let measured = level::measure(&self.calls, f64::from(self.minutes) * 60.0);
        let expected = level::expected(&measured, self.minutes)?;
        let Measured { entered, per_hour, handling_s, patience_s, ring_s, abandoned, .. } = measured;
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let points = |difference: f64| format!("{:+.1} points", difference * 100.0);
        Table::note("callers who count, an hour", &format!("{entered}, {per_hour:.0}"));
        Table::note("handling with ring and wrap-up, patience", &format!("{handling_s:.2} s, {patience_s:.0} s"));
        Table::note("load of the 50 seats", &percent(level::load(&measured)));
        Table::note("hung up", &percent(abandoned));
        let beside = |other: f64| format!("{} beside {}: {}", percent(measured.level), percent(other), points(measured.level - other));
        let difference = measured.level - expected.level;
        table.line(difference.abs() <= LEVEL_WITHIN, "30-s level within 3 points of Erlang-A's", &beside(expected.level));
        let runs = |(mean, deviation): (f64, f64)| format!("{} on average, standard error {:.1} points", points(mean), deviation * 100.0);
        Table::note("  such runs lie from Erlang-A, with one priority", &runs(expected.with_one));
        Table::note("  and with the two of the soak", &runs(expected.with_two));
        let (ideal, deviation) = level::of_ideal_queues(&self.plan.callers, &self.plan.misses, ring_s);
        table.line((measured.level - ideal).abs() <= LEVEL_WITHIN, "and of ideal queues' with the same callers", &beside(ideal));
        Table::note("  these lie from their average", &format!("standard deviation {:.1} points", deviation * 100.0));
        Ok(())
    }

    fn order(&self, table: &mut Table) -> Result<()> {
        let offers = self.calls.iter().map(|call| call.offers.len()).sum::<usize>();
        let (longer, higher) = passed_over(&self.calls);
        for priority in ["urgent", "ordinary"] {
            let of = |id: &str| self.calls.iter().any(|call| call.id == id && call.priority == priority);
            let wrong: Vec<&PassedOver<'_>> = longer.iter().filter(|one| of(one.offered)).collect();
            let calls = self.calls.iter().filter(|call| call.priority == priority).count();
            let first = wrong.first().map(|one| format!(", such as {one:?}")).unwrap_or_default();
            let told = format!("{calls} calls, {} passed over{first}", wrong.len());
            table.line(wrong.is_empty(), &format!("the longest wait first among the {priority}"), &told);
        }
        let first = higher.first().map(|one| format!(", such as {one:?}")).unwrap_or_default();
        table.line(higher.is_empty(), "the urgent before the ordinary", &format!("{} passed over{first}", higher.len()));
        let inverted = figure(&self.after, "hotline_offers_inverted_total")?;
        let checked = figure(&self.after, "hotline_offers_checked_total")?;
        let told = format!("{inverted} of {offers} offers ({checked} checked by the hotline itself, all of them here)");
        table.line(inverted == 0, "the hotline's own count of inversions", &told);
        Ok(())
    }

    fn rings(&self, table: &mut Table) -> Result<()> {
        let rings = Rings::read(&self.calls, &self.seats_log)?;
        let (unanswered, all) = (rings.unanswered.len(), rings.unanswered.len() + rings.others);
        let (rang, full) = rings.least().unwrap_or_default();
        let shorter = rings.unanswered.iter().filter(|(_, full)| *full < full_ring_s(0.0)).count();
        let told = format!(
            "{unanswered} RONA ({shorter} of a ring that the answer clock shortened), one after {rang:.3} s of {full:.3} s, all others later"
        );
        table.line(rang >= full - RING_LATE_S, "no RONA before the full ring", &told);
        let z = level::unanswered_z(unanswered, all);
        let told = format!("{unanswered} of {all}: {:.2} %, {z:+.1} standard errors", unanswered as f64 / all as f64 * 100.0);
        table.line(z.abs() <= UNANSWERED_WITHIN, "3 % of offers unanswered", &told);
        let told = format!("{}; others: {:?}", rings.others, rings.strange);
        table.line(rings.strange.is_empty(), "every other ring answered, or its caller gone", &told);
        let told = format!("{} calls differ: {:?}", rings.differ.len(), rings.differ);
        table.line(rings.differ.is_empty(), "the seats saw the rings of the records, and no other", &told);
        Ok(())
    }

    fn afterwards(&self, table: &mut Table) -> Result<()> {
        let ready = self.seats.iter().filter(|seat| seat["state"] == "ready").count();
        table.line(ready == SEATS && self.seats.len() == SEATS, "all seats ready afterwards", &format!("{ready} of {}", self.seats.len()));
        let left = figure(&self.after, "hotline_calls")?;
        let open = self.calls.iter().filter(|call| call.over.is_none()).count();
        table.line(left == 0 && open == 0, "no call left", &format!("{left} live, {open} records without an end"));
        let free = |metrics: &str| figure(metrics, "hotline_rtp_ports_free");
        let (before, after) = (free(&self.before)?, free(&self.after)?);
        table.line(before == after, "no RTP session left", &format!("{after} of {before} ports free"));
        let refused = figure(&self.after, "hotline_calls_refused_total")?;
        let no_port = figure(&self.after, "hotline_calls_no_port_total")?;
        table.line(refused + no_port == 0, "no caller refused", &format!("{refused} refused, {no_port} without a port"));
        table.line(!self.replay.starts_with("FAILED"), "it drains, and a replay of its inputs says the same", self.replay.trim());
        Ok(())
    }

    /// Each caller has one record, which agrees with what the caller itself saw.
    fn waits(&self, table: &mut Table) -> Result<()> {
        let planned = self.plan.callers.len();
        let mut callers: Vec<usize> = self.calls.iter().map(|call| call.caller).collect();
        callers.sort_unstable();
        table.line(callers.iter().copied().eq(1..=planned), "one record for each caller", &format!("{} of {planned}", self.calls.len()));
        table.line(self.callers_ended.starts_with("each"), "the callers' calls went", self.callers_ended.trim());
        let (mut differ, mut furthest) = (Vec::new(), 0.0_f64);
        for call in &self.calls {
            let seen = self.callers_log.get(&call.caller.to_string()).map(Vec::as_slice).unwrap_or_default();
            let at = |what: &str| seen.iter().find(|(kind, _)| kind == what).map(|(_, at)| *at);
            let saw = at("comes").zip(at("answered")).map(|(came, answered)| answered - came);
            match (saw, call.answered) {
                (Some(saw), Some(answered)) => furthest = furthest.max((saw - (answered - call.entered)).abs()),
                (None, None) => {}
                (Some(_), None) | (None, Some(_)) => differ.push(&call.id),
            }
        }
        let good = differ.is_empty() && furthest <= SEEN_WITHIN_S;
        let told = format!("{} answered for one side only, the waits at most {:.0} ms apart", differ.len(), furthest * 1_000.0);
        table.line(good, "callers saw the waits of the records", &told);
        Ok(())
    }

    fn machine(&self, table: &mut Table) -> Result<()> {
        let (first, last) = self.samples.first().zip(self.samples.last()).context("there are no samples")?;
        let warm = self.samples.iter().find(|sample| sample[0] >= 600.0).unwrap_or(last);
        let mb = |sample: &[f64]| sample[1] / 1_024.0;
        let most = self.samples.iter().map(|sample| mb(sample)).fold(0.0, f64::max);
        let told = format!("{:.1} MB at the start, {:.1} after 10 min, {:.1} at the end, {most:.1} at most", mb(first), mb(warm), mb(last));
        table.line(mb(last) <= mb(warm) * MEMORY_AT_MOST, "memory does not grow", &told);
        let told = format!("{} at the start, {} at the end", first[2], last[2]);
        table.line(last[2] <= first[2] + FILES_MORE, "open files", &told);
        let queue = self.samples.iter().map(|sample| sample[3]).fold(0.0, f64::max);
        Table::note("most waiting in a sample", &queue.to_string());
        Ok(())
    }
}
