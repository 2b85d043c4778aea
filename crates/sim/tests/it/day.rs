//! Days on the virtual clock: what is simulated is what was asked for.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use hotline_model::{Intent, LanguageId, NotReadyReason, Priority, Profile, QueueId, SeatId, SeatState};
use hotline_rules::{Plan, Source, load};
use hotline_sim::day::{AgentHabits, Arrivals, CallerClass, Day, Demand, End, Ended, Shift, Spread};
use hotline_sim::theory::hall;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn callers(name: &str, per_hour: f64) -> CallerClass {
    CallerClass {
        name: name.into(),
        queue: QueueId(0),
        profile: Profile::unknown(LanguageId(0)),
        arrivals: Arrivals::per_hour(per_hour),
        handling: Spread::LogNormal { mean: seconds(180), deviation: seconds(150) },
        patience: Some(Spread::exponential(180.0)),
    }
}

fn listed(moments: &[u64], handling: u64, patience: Option<u64>) -> CallerClass {
    CallerClass {
        arrivals: Arrivals::At(moments.iter().map(|moment| seconds(*moment)).collect()),
        handling: Spread::Fixed(seconds(handling)),
        patience: patience.map(|patience| Spread::Fixed(seconds(patience))),
        ..callers("listed", 0.0)
    }
}

fn demand(classes: Vec<CallerClass>, agents: AgentHabits) -> Demand {
    Demand { seed: 42, classes, agents, rota: Vec::new() }
}

fn rules(text: &str) -> Arc<Plan> {
    let sources = [Source { path: "rules.toml".into(), text: format!("[[number]]\nname = \"hotline\"\nqueue = \"hotline\"\n{text}") }];
    Arc::new(load(&sources, None).unwrap_or_else(|findings| panic!("{findings:?}")).plan)
}

fn hall_of(seats: u32) -> Arc<Plan> {
    Arc::new(hall(seats, None).unwrap())
}

fn told(day: &mut Day, until: Duration) -> Vec<Ended> {
    let mut all = Vec::new();
    day.run_telling(until, &mut |ended| all.push(*ended));
    all
}

fn ready(state: SeatState) -> bool {
    state.is_ready()
}

#[test]
fn the_same_plan_and_demand_give_the_same_day() {
    let agents = AgentHabits { answer_after: Spread::exponential(3.0), unanswered: 0.03, ..AgentHabits::default() };
    let run = |seed: u64| {
        let demand = Demand { seed, ..demand(vec![callers("callers", 1000.0)], agents) };
        told(&mut Day::new(hall_of(50), demand), 2 * HOUR)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn each_wait_is_to_the_microsecond_that_of_the_recursion_for_first_come_first_served() {
    let mut day = Day::new(hall_of(50), demand(vec![callers("callers", 1100.0)], AgentHabits::default()));
    let mut all = told(&mut day, 24 * HOUR);
    all.sort_by_key(|ended| ended.arrived);
    all.truncate(all.len() - 200);
    let mut free: BinaryHeap<Reverse<i64>> = (0..50).map(|_| Reverse(0)).collect();
    for caller in &all {
        let Reverse(earliest) = *free.peek().unwrap();
        let start = earliest.max(caller.arrived.0);
        let would_wait = Duration::from_micros((start - caller.arrived.0) as u64);
        if would_wait < caller.patience.unwrap() {
            assert!(matches!(caller.end, End::Served(_)) && caller.waited == would_wait, "{caller:?} would wait {would_wait:?}");
            free.pop();
            free.push(Reverse(start + caller.handling.as_micros() as i64));
        } else {
            assert!(
                caller.end == End::Abandoned && caller.waited.abs_diff(caller.patience.unwrap()) < Duration::from_micros(1),
                "{caller:?}"
            );
        }
    }
    let abandoned = all.iter().filter(|caller| caller.end == End::Abandoned).count();
    assert!(all.len() > 25_000 && abandoned > 2_000, "{abandoned} of {}", all.len());
}

#[test]
fn the_same_callers_come_whatever_the_rules_are() {
    let who = |plan: Arc<Plan>, priority: Priority| {
        let mut urgent = callers("urgent", 200.0);
        urgent.profile.priority = priority;
        let mut all = told(&mut Day::new(plan, demand(vec![callers("others", 800.0), urgent], AgentHabits::default())), HOUR);
        all.sort_by_key(|ended| (ended.arrived, ended.class));
        all.iter().map(|ended| (ended.arrived, (ended.class, ended.handling, ended.patience))).collect::<BTreeMap<_, _>>()
    };
    let (few, many) = (who(hall_of(40), Priority::Urgent), who(hall_of(60), Priority::Ordinary));
    let common = few.iter().filter(|(arrived, _)| many.contains_key(arrived)).count();
    assert!(common > 800, "{common}");
    assert!(few.iter().all(|(arrived, caller)| many.get(arrived).is_none_or(|other| other == caller)));
}

#[test]
fn who_finds_all_places_taken_is_refused() {
    let plan = Arc::new(hall(1, Some(2)).unwrap());
    let mut day = Day::new(plan, demand(vec![listed(&[0, 1, 2, 3, 4], 100, None)], AgentHabits::default()));
    let ends: Vec<End> = told(&mut day, seconds(150)).iter().map(|ended| ended.end).collect();
    assert_eq!(ends, [End::Served(SeatId(0)), End::Blocked, End::Blocked, End::Served(SeatId(0))]);
    assert_eq!((day.in_line(), day.take().all().blocked), (1, 2));
}

#[test]
fn an_agent_who_misses_a_ring_is_not_ready_until_it_chooses_so_and_its_caller_goes_to_the_next() {
    let agents = AgentHabits { unanswered: 1.0, back_after: Spread::Fixed(seconds(5)), ..AgentHabits::default() };
    let mut day = Day::new(hall_of(2), demand(vec![listed(&[1], 60, Some(100))], agents));
    let rona = |day: &Day, seat| day.router().seat_state(SeatId(seat)).intent == Intent::NotReady(NotReadyReason::Rona);
    day.run_until(seconds(12));
    assert!(rona(&day, 0) && !rona(&day, 1));
    day.run_until(seconds(17));
    assert!(!rona(&day, 0));
    day.run_out();
    let figures = day.take();
    assert_eq!(figures.order.shortest_ring, Some(1.0));
    assert_eq!(figures.all().abandoned.count(), 1);
    assert!(figures.seats.iter().all(|seat| seat.refused >= 4 && seat.answered == 0), "{:?}", figures.seats);
    assert!((0..2).all(|seat| ready(day.router().seat_state(SeatId(seat)))));
}

#[test]
fn who_hangs_up_while_a_phone_rings_has_abandoned() {
    let agents = AgentHabits { answer_after: Spread::Fixed(seconds(5)), ..AgentHabits::default() };
    let mut day = Day::new(hall_of(1), demand(vec![listed(&[1, 20], 60, Some(3))], agents));
    let ends: Vec<(End, Duration)> = told(&mut day, seconds(100)).iter().map(|ended| (ended.end, ended.waited)).collect();
    assert_eq!(ends, [(End::Abandoned, seconds(3)), (End::Abandoned, seconds(3))]);
    assert!(ready(day.router().seat_state(SeatId(0))));
    assert_eq!(day.take().seats[0].offered, seconds(6));
}

#[test]
fn a_caller_whom_nobody_answers_and_who_never_hangs_up_ends_the_day_in_line() {
    let agents = AgentHabits { unanswered: 1.0, back_after: Spread::Fixed(seconds(60)), ..AgentHabits::default() };
    let mut day = Day::new(hall_of(1), demand(vec![listed(&[1], 60, None)], agents));
    day.run_until(seconds(10));
    day.run_out();
    assert_eq!(day.in_line(), 1);
    assert!(day.take().seats[0].refused > 1000);
}

#[test]
fn wrap_up_lasts_as_the_rules_say_or_until_the_agent_ends_it() {
    let plan = |wrap_up: &str| {
        let queue = format!("[[queue]]\nname = \"hotline\"\nwrap_up = \"{wrap_up}\"\n[[queue.step]]\nrequires = \"anyone\"\n");
        rules(&format!("{queue}[[seat]]\nname = \"1\"\npassword = \"p\"\n"))
    };
    let wrapped_up = |plan: Arc<Plan>, habit: Option<Spread>| {
        let agents = AgentHabits { wrap_up: habit, ..AgentHabits::default() };
        let mut day = Day::new(plan, demand(vec![listed(&[0, 1, 2], 60, None)], agents));
        day.run_until(seconds(400));
        let seat = day.take().seats[0];
        (seat.answered, seat.wrap_up)
    };
    assert_eq!(wrapped_up(plan("20s"), None), (3, seconds(60)));
    assert_eq!(wrapped_up(plan("20s"), Some(Spread::Fixed(seconds(7)))), (3, seconds(21)));
    assert_eq!(wrapped_up(plan("5s"), Some(Spread::Fixed(seconds(90)))), (3, seconds(15)));
    assert_eq!(wrapped_up(plan("0s"), Some(Spread::Fixed(seconds(7)))), (3, seconds(0)));
}

#[test]
fn the_rota_says_who_is_there() {
    let shift = |at, seat, intent| Shift { at: seconds(at), seat: SeatId(seat), intent };
    let (rest, out) = (Intent::NotReady(NotReadyReason::Break), Intent::SignedOut);
    let rota = vec![shift(0, 0, out), shift(100, 0, Intent::Available), shift(300, 1, rest), shift(400, 1, out)];
    let work = Demand { rota, ..demand(vec![listed(&[10, 20], 50, None)], AgentHabits::default()) };
    let mut day = Day::new(hall_of(2), work);
    let served: Vec<(End, Duration)> = told(&mut day, seconds(500)).iter().map(|ended| (ended.end, ended.waited)).collect();
    assert_eq!(served, [(End::Served(SeatId(1)), seconds(0)), (End::Served(SeatId(1)), seconds(40))]);
    let seats = day.take().seats;
    assert_eq!((seats[0].out, seats[0].occupancy()), (seconds(100), Some(0.0)));
    assert_eq!((seats[1].not_ready, seats[1].out, seats[1].occupancy()), (seconds(100), seconds(100), Some(0.25)));
}

#[test]
fn after_a_breach_of_the_answer_clock_the_seats_of_the_overflow_queue_serve_too() {
    let queue = |name: &str, skill: &str, more: &str| {
        format!("[[queue]]\nname = \"{name}\"\nwrap_up = \"0s\"\n{more}\n[[queue.step]]\nrequires = \"{skill} >= 1\"\n")
    };
    let seat = |name: &str, skill: &str| format!("[[seat]]\nname = \"{name}\"\npassword = \"p\"\nskills = {{ {skill} = 5 }}\n");
    let skills = "[[skill]]\nname = \"a\"\n[[skill]]\nname = \"b\"\n";
    let queues = queue("hotline", "a", "overflow = \"other\"") + &queue("other", "b", "");
    let plan = rules(&format!("{skills}{queues}{}{}", seat("1", "a"), seat("2", "b")));
    let mut day = Day::new(plan, demand(vec![listed(&[0, 10], 100, None)], AgentHabits::default()));
    let served: Vec<(End, Duration)> = told(&mut day, seconds(90)).iter().map(|ended| (ended.end, ended.waited)).collect();
    assert_eq!(served, [(End::Served(SeatId(0)), seconds(0)), (End::Served(SeatId(1)), seconds(30))]);
}

#[test]
fn a_day_of_the_shipped_rules_keeps_the_order_of_callers_in_every_queue() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../routing-rules");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let sources = paths.iter().map(|path| Source { path: path.display().to_string(), text: std::fs::read_to_string(path).unwrap() });
    let plan = Arc::new(load(&sources.collect::<Vec<_>>(), None).unwrap().plan);
    let class = |queue: usize, language: u8, priority: Priority| {
        let id = LanguageId(language);
        let skills = plan.languages[id.index()].need.into_iter().collect();
        let profile = Profile { priority, skills, ..Profile::unknown(id) };
        CallerClass { queue: QueueId(queue as u16), profile, ..callers(&format!("{queue} {language} {priority:?}"), 12.0) }
    };
    let kinds = [(0, Priority::Ordinary), (1, Priority::Ordinary), (0, Priority::Important), (1, Priority::Urgent)];
    let classes = kinds.iter().zip([0, 0, 1, 0]).map(|((queue, priority), language)| class(*queue, language, *priority)).collect();
    let agents =
        AgentHabits { answer_after: Spread::exponential(3.0), unanswered: 0.05, back_after: Spread::exponential(10.0), wrap_up: None };
    let rota = (0..plan.seats.len() as u32).map(|seat| Shift { at: seconds(1), seat: SeatId(seat), intent: Intent::Available }).collect();
    let mut day = Day::new(plan.clone(), Demand { rota, ..demand(classes, agents) });
    day.run_until(24 * HOUR);
    day.run_out();
    let figures = day.take();
    assert!(figures.all().served.count() > 500, "{:?}", figures.order);
    assert!(figures.classes.iter().all(|class| class.served.count() > 100));
    assert_eq!((figures.order.overtaken, figures.order.outranked, figures.order.late), (0, 0, 0), "{:?}", figures.order);
    assert_eq!(figures.order.shortest_ring, Some(1.0));
    assert_eq!(day.in_line(), 0);
}
