//! Figures in the text form that Prometheus reads. Nothing of a caller is in them.

use crate::contacts::ContactSums;
use crate::engine_thread::Look;
use crate::folder::FirstError;
use crate::reload::Status;
use hotline_engine::{Counters, SurveySums, VoiceReplies};
use hotline_model::history::LookUpOutcome;
use std::fmt::Write;

/// All figures.
pub fn text(look: &Look, contacts: ContactSums, rules: &Status) -> String {
    let (figures, sums) = (&look.figures, &look.counters);
    let mut out = String::new();
    let mut gauge = |name: &str, help: &str, value: f64| one(&mut out, name, "gauge", help, value);
    gauge("hotline_calls", "Live calls.", figures.calls as f64);
    gauge("hotline_calls_in_menu", "Of these, in the menus.", figures.in_menu as f64);
    gauge("hotline_calls_waiting", "Waiting or ringing at a seat.", figures.waiting as f64);
    gauge("hotline_calls_talking", "Talking.", figures.talking as f64);
    gauge("hotline_call_backs_open", "Open call-backs.", figures.call_backs as f64);
    gauge("hotline_calls_in_survey", "Asked how it was; the agent is gone.", figures.in_survey as f64);
    gauge("hotline_messages_open", "Messages of callers that nobody is done with.", figures.messages as f64);
    gauge("hotline_oldest_wait_seconds", "The longest wait.", figures.oldest_wait.as_secs_f64());
    gauge("hotline_rtp_ports_free", "Free RTP ports.", figures.free_ports as f64);
    let mut sum = |name: &str, help: &str, value: u64| one(&mut out, name, "counter", help, value as f64);
    sum("hotline_calls_offered_total", "Calls that came (t0).", sums.offered);
    sum("hotline_calls_queued_total", "Calls that entered a queue (t2).", sums.queued);
    sum("hotline_calls_answered_total", "Calls bridged with an agent (t3).", sums.answered);
    sum("hotline_calls_answered_in_time_total", "Of these, within the answer clock (K3).", sums.answered_in_time);
    sum("hotline_calls_abandoned_total", "Callers who left in a queue.", sums.abandoned);
    sum("hotline_clock_breached_total", "Answer clocks breached (K3).", sums.breached);
    sum("hotline_offers_rona_total", "Offers that rang out.", sums.rona);
    sum("hotline_calls_refused_total", "INVITEs refused: full or draining.", sums.refused);
    sum("hotline_calls_blocked_total", "Callers turned away by the block list.", sums.blocked);
    sum("hotline_calls_no_port_total", "INVITEs refused: no RTP port.", sums.no_port);
    sum("hotline_refers_refused_total", "Transfers by REFER that were refused.", sums.refers_refused);
    offers(&mut out, &look.counters);
    connection(&mut out, look);
    voice(&mut out, &look.counters.voice);
    satisfaction(&mut out, look);
    complaints(&mut out, look, contacts);
    head(&mut out, "hotline_customer_look_ups_total", "counter", "Look-ups of callers by what came of them.");
    let outcomes = [
        (LookUpOutcome::Known, sums.customers_known),
        (LookUpOutcome::Unknown, sums.customers_unknown),
        (LookUpOutcome::Late, sums.customers_late),
        (LookUpOutcome::Failed, sums.customers_failed),
        (LookUpOutcome::Full, sums.customers_full),
    ];
    for (outcome, count) in outcomes {
        let _ = writeln!(out, "hotline_customer_look_ups_total{{outcome=\"{}\"}} {count}", outcome.word());
    }
    let ignored = sums.customer_values_ignored as f64;
    one(&mut out, "hotline_customer_values_ignored_total", "counter", "Values of look-ups that were wrong and left out.", ignored);
    head(&mut out, "hotline_seats", "gauge", "Seats by state.");
    for (word, count) in &figures.seats {
        let _ = writeln!(out, "hotline_seats{{state=\"{word}\"}} {count}");
    }
    head(&mut out, "hotline_queue_waiting", "gauge", "Calls waiting in a queue.");
    for queue in figures.queues.iter().filter(|queue| !queue.retired || queue.waiting > 0) {
        let _ = writeln!(out, "hotline_queue_waiting{{queue=\"{}\"}} {}", label(&queue.name), queue.waiting);
    }
    let loaded = rules.last_load().0 as f64 / 1_000_000.0;
    one(
        &mut out,
        "hotline_rules_refused",
        "gauge",
        "1 while the files on disk are refused and other rules run.",
        f64::from(u8::from(rules.is_refused())),
    );
    head(&mut out, "hotline_rules_refused_info", "gauge", "The first error of the files that are refused.");
    if let Some(FirstError { code, place }) = rules.refused_for() {
        let (code, place) = (code.unwrap_or_default(), place.unwrap_or_default());
        let _ = writeln!(out, "hotline_rules_refused_info{{code=\"{}\",place=\"{}\"}} 1", label(&code), label(&place));
    }
    let changing = rules.changing();
    let help = "1 while a file on disk keeps changing, so that none is loaded.";
    one(&mut out, "hotline_rules_changing", "gauge", help, f64::from(u8::from(changing.is_some())));
    head(&mut out, "hotline_rules_changing_info", "gauge", "The file that keeps changing.");
    if let Some(file) = changing {
        let _ = writeln!(out, "hotline_rules_changing_info{{file=\"{}\"}} 1", label(&file));
    }
    one(&mut out, "hotline_rules_reload_failed_total", "counter", "Loads of the rules that were refused.", rules.failures() as f64);
    one(&mut out, "hotline_rules_loaded_timestamp_seconds", "gauge", "When rules were loaded last.", loaded);
    head(&mut out, "hotline_rules_revision_info", "gauge", "The rules in force.");
    let _ = writeln!(out, "hotline_rules_revision_info{{revision=\"{}\"}} 1", look.plan.revision);
    head(&mut out, "hotline_trunk_up", "gauge", "Whether a trunk can be called through.");
    for trunk in &figures.trunks {
        let _ = writeln!(out, "hotline_trunk_up{{trunk=\"{}\"}} {}", label(&trunk.name), u8::from(trunk.up));
    }
    out
}

/// The routers' order of calls, and what crosses between queue groups.
fn offers(out: &mut String, sums: &Counters) {
    let mut sum = |name: &str, help: &str, value: u64| one(out, name, "counter", help, value as f64);
    sum("hotline_offers_total", "Offers of calls to seats, but for those by hand.", sums.offers);
    let checked = "Of these, those compared with the best other call that the seat could have had; where nobody else waits there is none.";
    sum("hotline_offers_checked_total", checked, sums.offers_checked);
    let inverted = "Of these, those that passed over a call of higher rank: 0, else the hotline is wrong.";
    sum("hotline_offers_inverted_total", inverted, sums.inversions);
    sum("hotline_seats_crossed_total", "Offers to a seat whose offer before was of another queue group.", sums.seats_crossed);
    let late = "What routers of other queue groups said of calls that had left or moved meanwhile: dropped.";
    sum("hotline_reports_late_total", late, sums.reports_late);
    let guessed =
        "Changes of a seat by several queue groups that were journalled by their times, since not all were heard of within a second.";
    sum("hotline_seat_changes_guessed_total", guessed, sums.seat_changes_guessed);
}

/// How soon the voice system replied (R10).
fn voice(out: &mut String, replies: &VoiceReplies) {
    let name = "hotline_voice_response_seconds";
    head(out, name, "histogram", "From the end of a caller's input to the first sound of the reply (K2, R10).");
    for (bound, count) in VoiceReplies::BOUNDS_MS.iter().zip(replies.within) {
        let _ = writeln!(out, "{name}_bucket{{le=\"{}\"}} {count}", *bound as f64 / 1_000.0);
    }
    let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {}", replies.heard);
    let _ = writeln!(out, "{name}_sum {}\n{name}_count {}", replies.total.as_secs_f64(), replies.heard);
    one(out, "hotline_voice_response_slowest_seconds", "gauge", "The slowest since the start.", replies.slowest.as_secs_f64());
    let help = "Inputs of callers without a reply that was heard within timers.voice_response.";
    one(out, "hotline_voice_response_breached_total", "counter", help, replies.breached as f64);
}

/// The two connect rates since the start, with their grades (R3, R4, H16); nothing before the first call.
fn connection(out: &mut String, look: &Look) {
    let (sums, grades) = (&look.counters, look.plan.settings.connect_rate);
    let rates = [
        ("system", "Picked up (t1) of the calls that came (t0)", sums.picked_up, sums.offered),
        ("agent", "Answered by a person (t3) of the calls that entered a queue (t2)", sums.answered, sums.queued),
    ];
    for (name, help, part, whole) in rates.into_iter().filter(|(.., whole)| *whole > 0) {
        let rate = part as f64 / whole as f64;
        one(out, &format!("hotline_{name}_connect_rate"), "gauge", &format!("{help}, since the start."), rate);
        one(
            out,
            &format!("hotline_{name}_connect_grade"),
            "gauge",
            "Its grade by kpi.connect_rate, 1 to 4.",
            f64::from(grades.grade(rate)),
        );
    }
    one(out, "hotline_connect_rate_floor", "gauge", "What a connect rate should reach (kpi.connect_rate.floor).", grades.floor);
}

/// What callers said in surveys since the start, of each queue that asked any (R109).
fn satisfaction(out: &mut String, look: &Look) {
    let asked: Vec<(String, SurveySums)> =
        look.figures.queues.iter().filter(|queue| queue.survey.asked > 0).map(|queue| (label(&queue.name), queue.survey)).collect();
    let mut of_each = |name: &str, kind: &str, help: &str, value: &dyn Fn(&SurveySums) -> Option<f64>| {
        let values: Vec<(&String, f64)> = asked.iter().filter_map(|(queue, sums)| Some((queue, value(sums)?))).collect();
        if !values.is_empty() {
            head(out, name, kind, help);
        }
        for (queue, value) in values {
            let _ = writeln!(out, "{name}{{queue=\"{queue}\"}} {value}");
        }
    };
    let count = |of: fn(&SurveySums) -> u64| move |sums: &SurveySums| Some(of(sums) as f64);
    of_each("hotline_surveys_asked_total", "counter", "Callers who were asked.", &count(|sums| sums.asked));
    of_each("hotline_surveys_answered_total", "counter", "Of these, those who gave a score.", &count(|sums| sums.responded));
    of_each("hotline_ratings_total", "counter", "Scores that were given.", &count(|sums| sums.ratings));
    of_each("hotline_ratings_satisfied_total", "counter", "Of these, satisfied ones (survey.satisfied).", &count(|sums| sums.satisfied));
    of_each("hotline_ratings_low_total", "counter", "Of these, low ones (survey.low).", &count(|sums| sums.low));
    of_each("hotline_csat", "gauge", "Satisfied scores of all that were given, since the start (R109).", &SurveySums::csat);
    of_each("hotline_rating_mean", "gauge", "The mean score, since the start.", &SurveySums::mean);
    of_each("hotline_survey_response_rate", "gauge", "Who gave a score, of those asked, since the start.", &SurveySums::response_rate);
    one(out, "hotline_csat_floor", "gauge", "What CSAT should reach (kpi.csat).", look.plan.survey.csat);
}

/// Complaints of the contacts that were served since the start (R110); no rate before the first.
fn complaints(out: &mut String, look: &Look, contacts: ContactSums) {
    let served = "Calls that a person answered or a menu completed, and messages dealt with, once they are over.";
    one(out, "hotline_contacts_served_total", "counter", served, contacts.served as f64);
    one(out, "hotline_complaints_total", "counter", "Of these, complaints.", contacts.complaints as f64);
    if let Some(rate) = contacts.complaint_rate() {
        one(out, "hotline_complaint_rate", "gauge", "Complaints of the contacts that were served, since the start (R110).", rate);
    }
    let ceiling = look.plan.settings.indicators.complaint_rate;
    one(out, "hotline_complaint_rate_ceiling", "gauge", "What the complaint rate should not exceed (kpi.complaint_rate).", ceiling);
}

fn one(out: &mut String, name: &str, kind: &str, help: &str, value: f64) {
    head(out, name, kind, help);
    let _ = writeln!(out, "{name} {value}");
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
