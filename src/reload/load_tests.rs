//! Loads that are given up, one by one: what the thread does is done by hand here, so that nothing depends on how long tests take.

use super::job::Job;
use super::loads::{IN_A_ROW, Load, Progress};
use super::quiet::LOOK;
use super::*;
use crate::layouts::Ground;
use crate::waker::Waker;
use hotline_router::{SeatTable, Wanted};
use std::sync::Mutex;

/// What the other tests do with a folder, at once: nothing happens while something loads.
impl Watched {
    pub(super) fn look(&mut self, now: Timestamp) {
        self.notice(now);
        self.finish(now);
    }

    pub(super) fn reload(&mut self, wish: Wish, files: Snapshot) -> Result<Fresh, Refused> {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let answer: Reply<Answered> = Box::new(move |answered| drop(sender.send(answered)));
        self.go_on(Next::Load(Load { wish, answer: Some(answer), instead_of: None }, Some(files)));
        self.finish(self.place.clock.now());
        receiver.try_recv().unwrap().done
    }

    /// Hears whatever is under way to its end.
    fn finish(&mut self, now: Timestamp) {
        while let Some(load) = &self.under_way {
            let said = load.job.heard().recv().ok();
            self.hear(said, now);
        }
    }
}

fn rules(seat: &str) -> String {
    format!(
        "[[language]]\ncode = \"zh-CN\"\n[[skill]]\nname = \"any\"\n[[number]]\nname = \"hotline\"\nqueue = \"line\"\n[[queue]]\nname = \
         \"line\"\n[[queue.step]]\nrequires = \"any >= 1\"\n[[seat]]\nname = \"{seat}\"\npassword = \"k7T-wq2\"\nskills = {{ any = 5 }}\n"
    )
}

struct House {
    rules: tempfile::TempDir,
    _data: tempfile::TempDir,
    watched: Watched,
    now: Timestamp,
    answers: Arc<Mutex<Vec<String>>>,
}

impl House {
    fn new() -> Self {
        let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("a.toml"), rules("1001")).unwrap();
        let (mailbox, messages) = Mailbox::new(Waker::default());
        std::thread::spawn(move || {
            for message in messages {
                if let Message::Survey(answer) = message {
                    answer(Ground { wanted: Wanted::default(), seats: Arc::new(SeatTable::new(64)), routers: 1 });
                }
            }
        });
        let (dir, data_dir, tests) = (folder.path().to_owned(), data.path().to_owned(), TestsBeforeLoad::Require);
        let place = Watch { dir, data: data_dir, listeners: vec![([127, 0, 0, 1], 5060).into()], tests, clock: Clock::start() };
        let Ok(first) = folder::load(&place.dir, &place.listeners, None) else { panic!("they are good") };
        let found = Found { files: Snapshot::of(&place.dir), refused: None, sounds: first.sounds };
        let now = place.clock.now();
        let watched = Watched::new(place, found, first.plan, mailbox, Arc::default());
        let mut house = Self { rules: folder, _data: data, watched, now, answers: Arc::default() };
        house.looks(40);
        assert!(house.watched.under_way.is_none(), "nobody changed anything");
        house
    }

    fn save(&self, text: &str) {
        std::fs::write(self.rules.path().join("a.toml"), text).unwrap();
    }

    /// Looks so often; nothing that loads says anything meanwhile.
    fn looks(&mut self, times: u32) {
        for _ in 0..times {
            self.now = self.now + LOOK;
            self.watched.notice(self.now);
        }
    }

    /// A load of what is saved is under way, and its tests last until somebody gives it up.
    fn saves_slowly(&mut self, seat: &str) {
        self.save(&rules(seat));
        self.looks(5);
        self.never_ends();
    }

    fn never_ends(&mut self) {
        let load = self.watched.under_way.as_mut().unwrap();
        let job = Job::begin(LIMIT, |desk: &job::Desk<Progress>| {
            while !desk.cancel.is_cancelled() {
                std::thread::yield_now();
            }
        });
        assert!(std::mem::replace(&mut load.job, job.unwrap()).end(LIMIT).is_ok());
    }

    /// The load under way has tests that end after all.
    fn is_quick_again(&mut self) {
        let load = self.watched.under_way.as_ref().unwrap();
        let files = load.files.clone();
        let place = self.watched.place.clone();
        let (plan, mailbox) = (Arc::clone(&self.watched.plan), self.watched.mailbox.clone());
        let job = Job::begin(LIMIT, move |desk: &job::Desk<Progress>| loads::work(&place, files, &plan, &mailbox, desk));
        assert!(std::mem::replace(&mut self.watched.under_way.as_mut().unwrap().job, job.unwrap()).end(LIMIT).is_ok());
        self.ends();
    }

    /// The load under way ends as it does.
    fn ends(&mut self) {
        let said = self.watched.under_way.as_ref().unwrap().job.heard().recv().ok();
        self.watched.hear(said, self.now);
    }

    fn seat(&self) -> String {
        self.watched.plan.seats.iter().find(|seat| !seat.retired).unwrap().name.to_string()
    }

    fn order(&mut self) {
        let answers = Arc::clone(&self.answers);
        let answer: Reply<Answered> = Box::new(move |Answered { done, instead_of }| {
            let done = done.map_or_else(|_| "refused".to_owned(), |fresh| fresh.revision.to_string());
            let instead = instead_of.map_or(String::new(), |revision| format!(" instead of {revision}"));
            answers.lock().unwrap().push(done + &instead);
        });
        let wish = Wish { by: Some("wang".into()), note: Some("why".into()), how: How::Api };
        assert!(self.watched.takes_orders());
        self.watched.take(Order::Reload(wish, Some(answer)), self.now);
    }

    fn answers(&self) -> Vec<String> {
        std::mem::take(&mut *self.answers.lock().unwrap())
    }

    fn hows(&self) -> Vec<(How, String)> {
        rules_history::read(&self.watched.place.data).unwrap().into_iter().map(|line| (line.how, line.by)).collect()
    }

    fn revision(&self) -> String {
        hotline_rules::revision_of(&Snapshot::of(self.rules.path()).rules.sources).to_string()
    }
}

#[test]
fn a_file_that_is_broken_while_tests_run_is_refused_at_once_and_what_was_tested_is_never_loaded() {
    let mut house = House::new();
    house.saves_slowly("1002");
    house.save("[[queue");
    house.looks(5);
    house.watched.finish(house.now);
    assert_eq!((house.seat().as_str(), house.watched.status.failures(), house.watched.status.is_refused()), ("1001", 1, true));
    assert_eq!(house.hows(), []);
}

#[test]
fn a_newer_save_is_loaded_instead_of_what_is_tested_and_an_order_in_between_waits_for_it() {
    let mut house = House::new();
    house.saves_slowly("1002");
    house.save(&rules("1003"));
    house.looks(5);
    assert!(!house.watched.takes_orders() && house.watched.next.is_some());
    house.watched.finish(house.now);
    assert_eq!((house.seat().as_str(), house.hows().len()), ("1003", 1));
    assert!(house.watched.takes_orders());
    house.looks(40);
    assert!(house.watched.under_way.is_none(), "once");
}

#[test]
fn whoever_ordered_what_a_newer_save_replaced_is_told_what_came_instead() {
    let mut house = House::new();
    house.saves_slowly("1002");
    let old = house.revision();
    house.order();
    assert!(house.watched.next.is_none(), "what is ordered is what is under way");
    assert!(!house.watched.takes_orders(), "orders follow each other");
    house.save(&rules("1003"));
    house.looks(5);
    house.watched.finish(house.now);
    assert_eq!(house.answers(), [format!("{} instead of {old}", house.revision())]);
    assert_eq!(house.hows()[0].0, How::Watch);

    house.saves_slowly("1004");
    let old = house.revision();
    house.order();
    house.save("[[queue");
    house.looks(5);
    house.watched.finish(house.now);
    assert_eq!(house.answers(), [format!("refused instead of {old}")]);
}

#[test]
fn an_order_is_the_one_that_is_written_down_and_gives_up_what_the_watch_began_of_other_files() {
    let mut house = House::new();
    house.save(&rules("1002"));
    house.looks(5);
    house.order();
    house.watched.finish(house.now);
    assert_eq!((house.seat().as_str(), house.answers()), ("1002", vec![house.revision()]));
    house.saves_slowly("1003");
    house.save(&rules("1004"));
    house.order();
    assert!(house.watched.next.is_some());
    house.watched.finish(house.now);
    assert_eq!((house.seat().as_str(), house.answers()), ("1004", vec![house.revision()]));
    assert_eq!(house.hows(), [(How::Api, "wang".to_owned()), (How::Api, "wang".to_owned())]);
    house.looks(40);
    assert!(house.watched.under_way.is_none());
}

#[test]
fn files_that_are_saved_all_the_time_are_loaded_some_time_and_the_newest_at_last() {
    let mut house = House::new();
    for n in 0..=IN_A_ROW {
        house.save(&rules(&format!("{}", 2_000 + n)));
        house.looks(5);
        if n > 0 {
            // What is given up ends, and the newer one begins.
            house.ends();
        }
        house.never_ends();
    }
    house.save(&rules("4000"));
    house.looks(5);
    assert!(house.watched.next.is_none() && house.watched.newer, "it is not given up any more");
    assert!(!house.watched.takes_orders());
    house.is_quick_again();
    assert_eq!(house.seat(), format!("{}", 2_000 + IN_A_ROW));
    house.looks(5);
    house.watched.finish(house.now);
    assert_eq!(house.seat(), "4000");
    assert_eq!(house.watched.status.failures(), 0);
}

#[test]
fn what_is_broken_meanwhile_is_told_even_if_loads_are_not_given_up_any_more() {
    let mut house = House::new();
    house.saves_slowly("1002");
    house.watched.in_a_row = IN_A_ROW;
    house.save("[[queue");
    house.looks(5);
    assert_eq!(house.watched.status.failures(), 1);
    house.watched.finish(house.now);
    assert_eq!((house.seat().as_str(), house.hows().len()), ("1001", 0), "nothing that is gone is loaded");
    house.save(&rules("1003"));
    house.looks(5);
    house.watched.finish(house.now);
    assert_eq!(house.seat(), "1003");
}

#[test]
fn a_rollback_gives_up_what_is_tested_and_one_that_fails_leaves_the_files_to_the_watch() {
    let mut house = House::new();
    house.saves_slowly("1002");
    let answers = Arc::clone(&house.answers);
    let answer: Reply<Result<Rolled, NotRolled>> =
        Box::new(move |done| answers.lock().unwrap().push(if done.is_ok() { "done" } else { "not done" }.into()));
    let wish = Wish { by: Some("wang".into()), note: None, how: How::Rollback };
    house.watched.take(Order::Rollback(wish, "r1".into(), answer), house.now);
    house.ends();
    assert_eq!((house.answers(), house.seat().as_str()), (vec!["not done".to_owned()], "1001"));
    house.looks(5);
    house.watched.finish(house.now);
    assert_eq!(house.seat(), "1002");
}

#[test]
fn a_stop_ends_the_load_under_way_and_leaves_no_thread_behind() {
    let mut house = House::new();
    house.saves_slowly("1002");
    house.order();
    house.watched.stop();
    assert!(house.watched.under_way.is_none() && house.watched.stuck.is_none());
    assert_eq!(house.answers(), Vec::<String>::new(), "whoever waits hears that the hotline stops");
}

/// A hotline that drains has its watch still: calls may last for minutes, and nothing is loaded for them.
#[test]
fn a_stop_that_waits_for_calls_ends_the_load_under_way_at_once() {
    let mut house = House::new();
    house.saves_slowly("1002");
    let (told, ended) = crossbeam_channel::bounded(1);
    let job = Job::begin(LIMIT, move |desk: &job::Desk<Progress>| {
        while !desk.cancel.is_cancelled() {
            std::thread::yield_now();
        }
        told.send(()).expect("the test listens");
    });
    let load = house.watched.under_way.as_mut().unwrap();
    assert!(std::mem::replace(&mut load.job, job.unwrap()).end(LIMIT).is_ok());
    let (stop, stopped) = crossbeam_channel::bounded(0);
    let (orders, receiver) = crossbeam_channel::bounded(4);
    house.watched.stop = stopped;
    let way = Reloading { orders, status: Arc::default(), dir: PathBuf::new() };
    let watched = house.watched;
    let thread = std::thread::spawn(move || watched.run(&receiver));
    let mut reloader = Reloader { way, stop: Some(stop), thread };
    reloader.begin_stop();
    assert_eq!(ended.recv_timeout(LIMIT), Ok(()), "while the hotline still waits for its calls");
    reloader.stop();
}

#[test]
fn the_watch_writes_down_the_owner_of_the_files_also_when_one_was_taken_away() {
    let mut house = House::new();
    let own = user_name(rustix::process::getuid().as_raw()).to_string();
    std::fs::write(house.rules.path().join("b.toml"), "").unwrap();
    house.looks(5);
    house.watched.finish(house.now);
    std::fs::remove_file(house.rules.path().join("b.toml")).unwrap();
    house.looks(5);
    house.watched.finish(house.now);
    assert_eq!(house.hows(), [(How::Watch, own.clone()), (How::Watch, own)]);
}
