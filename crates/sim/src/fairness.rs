//! One day under several rules of whom to serve first: what each kind of callers and each seat gets of it.

mod working_day;

pub use working_day::working_day;

use crate::day::{AgentHabits, Arrivals, CallerClass, ClassFigures, Day, Demand, Figures, OrderFigures, SeatFigures};
use crate::erlang::Line;
use hotline_model::Priority;
use hotline_rules::Plan;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A rule of whom to serve first. One that the router learns by a setting of the plan is one more entry of [`POLICIES`].
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Its name.
    pub name: &'static str,
    /// What it changes before the day begins.
    pub prepare: fn(&mut Plan, &mut Demand),
}

/// The rules that are compared.
pub const POLICIES: [Policy; 3] = [
    Policy { name: "first come, first served", prepare: all_alike },
    Policy { name: "strict priority", prepare: by_priority },
    Policy { name: "our rule", prepare: as_they_are },
];

fn all_alike(plan: &mut Plan, demand: &mut Demand) {
    by_priority(plan, demand);
    demand.classes.iter_mut().for_each(|class| class.profile.priority = Priority::Ordinary);
}

/// Urgent before important before ordinary (R24), inside each who waited longest.
fn by_priority(plan: &mut Plan, _: &mut Demand) {
    let answer = plan.timers.answer;
    plan.queues.iter_mut().for_each(|queue| (queue.target, queue.weight) = (answer, 1));
}

/// The router's own order: by priority, inside each by waiting time / target x weight of the queue.
fn as_they_are(_: &mut Plan, _: &mut Demand) {}

/// A day under several policies, for people to read.
#[derive(Clone, Debug)]
pub struct Report {
    /// The names of the classes, and the targets of their queues.
    pub classes: Vec<(String, Duration)>,
    /// What counts as in time.
    pub limit: Duration,
    /// By policy, its name and what happened.
    pub days: Vec<(&'static str, Figures)>,
    /// [`pooled_level`] of the day, if it is known.
    pub pooled: Option<f64>,
}

/// Runs the same day once for each policy: callers come for so long, and those who are there then are served too.
pub fn compare<E>(
    plan: impl Fn() -> Result<Plan, E>,
    demand: &Demand,
    policies: &[Policy],
    lasts: Duration,
    limit: Duration,
) -> Result<Report, E> {
    let one = |policy: &Policy| {
        let (mut plan, mut demand) = (plan()?, demand.clone());
        (policy.prepare)(&mut plan, &mut demand);
        let mut day = Day::new(Arc::new(plan), demand);
        day.run_until(lasts);
        day.run_out();
        Ok((policy.name, day.take()))
    };
    let days = policies.iter().map(one).collect::<Result<_, _>>()?;
    let plan = plan()?;
    let classes = demand.classes.iter().map(|class| (class.name.clone(), plan.queue(class.queue).target)).collect();
    Ok(Report { classes, limit, days, pooled: pooled_level(&plan, demand, lasts, limit) })
}

/// The level if every seat could serve every caller and nobody were served before another, by Erlang A, each interval of the day taken
/// as steady. Wrap-up, answering and missed rings cost the seats as much as they do in the day. `None` if callers come as listed, or
/// nobody ever answers.
pub fn pooled_level(plan: &Plan, demand: &Demand, lasts: Duration, limit: Duration) -> Option<f64> {
    let answer = demand.agents.answer_after.mean();
    let mut changes = BTreeSet::from([Duration::ZERO, lasts]);
    for class in &demand.classes {
        let Arrivals::Poisson(rates) = &class.arrivals else { return None };
        changes.extend(rates.iter().map(|(from, _)| *from).filter(|from| *from < lasts));
    }
    let changes: Vec<Duration> = changes.into_iter().collect();
    let (mut came, mut in_time) = (0.0, 0.0);
    for interval in changes.windows(2) {
        let line = pooled_line(plan, demand, interval[0])?;
        let callers = line.per_hour * (interval[1] - interval[0]).as_secs_f64();
        came += callers;
        in_time += callers * line.steady().map_or(0.0, |steady| steady.answered_within(limit.saturating_sub(answer)));
    }
    (came > 0.0).then(|| in_time / came)
}

fn pooled_line(plan: &Plan, demand: &Demand, at: Duration) -> Option<Line> {
    let rates: Vec<(&CallerClass, f64)> = demand.classes.iter().map(|class| Some((class, rate_at(class, at)?))).collect::<Option<_>>()?;
    let per_hour: f64 = rates.iter().map(|(_, rate)| rate).sum();
    let mean = |of: &dyn Fn(&CallerClass) -> f64| {
        let sum: f64 = rates.iter().map(|(class, rate)| rate * of(class)).sum();
        Duration::from_secs_f64(if per_hour > 0.0 { sum / per_hour } else { 1.0 })
    };
    let lost = lost_to_offers(&demand.agents, plan.timers.ring_per_offer)?;
    let handling = mean(&|class| (class.handling.mean() + plan.queue(class.queue).wrap_up).as_secs_f64() + lost);
    let patient = rates.iter().any(|(class, _)| class.patience.is_none());
    let patience = mean(&|class| class.patience.map_or(0.0, |patience| patience.mean().as_secs_f64()));
    let seats = plan.seats.iter().filter(|seat| seat.sign_in && !seat.retired).count() as u32;
    Some(Line { per_hour, handling, patience: (!patient).then_some(patience), seats, places: None })
}

/// Seconds of a seat that an answered call costs beside the conversation: ringing, and missed rings before it.
fn lost_to_offers(agents: &AgentHabits, ring: Duration) -> Option<f64> {
    let missed = (agents.unanswered < 1.0).then(|| agents.unanswered / (1.0 - agents.unanswered))?;
    Some(agents.answer_after.mean().as_secs_f64() + missed * (ring + agents.back_after.mean()).as_secs_f64())
}

fn rate_at(class: &CallerClass, at: Duration) -> Option<f64> {
    let Arrivals::Poisson(rates) = &class.arrivals else { return None };
    Some(rates.iter().take_while(|(from, _)| *from <= at).last().map_or(0.0, |(_, rate)| *rate))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.limit.as_secs();
        let (within, aim) = (format!("in {limit} s"), "in target");
        writeln!(f, "{:28}{:>9}{within:>11}{aim:>17}{:>9}{:>11}{:>11}", "callers", "offered", "lost", "mean wait", "95 % wait")?;
        for (name, figures) in &self.days {
            writeln!(f, "{name}")?;
            for ((class, target), figures) in self.classes.iter().zip(&figures.classes) {
                self.class(f, class, figures, Some(*target))?;
            }
            self.class(f, "all", &figures.all(), None)?;
        }
        if let Some(level) = self.pooled {
            writeln!(f, "{:28}{:>9}{:>9.1} %", "Erlang A, one pool", "", level * 100.0)?;
        }
        writeln!(f)?;
        self.days.iter().try_for_each(|(name, figures)| seats(f, name, figures))
    }
}

impl Report {
    fn class(&self, f: &mut fmt::Formatter<'_>, name: &str, figures: &ClassFigures, target: Option<Duration>) -> fmt::Result {
        let (level, lost) = (figures.level(self.limit) * 100.0, figures.share_lost() * 100.0);
        let (mean, most) = (figures.mean_wait(), figures.served.quantile(0.95).as_secs_f64());
        let aim = target.map(|target| format!("{:.1} % in {} s", figures.level(target) * 100.0, target.as_secs()));
        let aim = aim.unwrap_or_default();
        writeln!(f, "  {name:26}{:>9}{level:>9.1} %{aim:>17}{lost:>7.1} %{mean:>9.1} s{most:>9.1} s", figures.offered())
    }
}

fn seats(f: &mut fmt::Formatter<'_>, name: &str, figures: &Figures) -> fmt::Result {
    let (mean, deviation) = figures.occupancy_spread();
    let (least, most) = figures.occupancy_range().unwrap_or_default();
    writeln!(f, "seats, {name}")?;
    let percent = [mean, deviation, least, most].map(|share| share * 100.0);
    writeln!(f, "  occupancy {:.1} % +- {:.1}, from {:.1} % to {:.1} %", percent[0], percent[1], percent[2], percent[3])?;
    let refused = |seat: &SeatFigures| seat.refused;
    let (all, most) = (figures.seats.iter().map(refused).sum::<u64>(), figures.seats.iter().map(refused).max().unwrap_or(0));
    writeln!(f, "  offers missed {:.1} a seat, at most {most}", all as f64 / figures.seats.len() as f64)?;
    order(f, &figures.order)
}

fn order(f: &mut fmt::Formatter<'_>, order: &OrderFigures) -> fmt::Result {
    let OrderFigures { offers, overtaken, outranked, inversions, not_longest_idle, idle_passed_over, .. } = order;
    let share = *not_longest_idle as f64 * 100.0 / *offers as f64;
    let longer = if *not_longest_idle == 0 { 0.0 } else { idle_passed_over.as_secs_f64() / *not_longest_idle as f64 };
    writeln!(f, "  past a longer idle seat {share:.1} % of {offers} offers, which was idle {longer:.0} s longer on average")?;
    writeln!(f, "  past a longer wait of the same priority {overtaken}, past a higher priority {outranked}")?;
    writeln!(f, "  past a call that this rule puts first {inversions}")
}
