//! Looks at a folder, one by one, without the thread.

use super::quiet::LOOK;
use super::*;
use crate::layouts::Ground;
use crate::waker::Waker;
use crossbeam_channel::Receiver;
use hotline_router::{SeatTable, Wanted};

const RULES: &str = r#"
[[language]]
code = "zh-CN"
[[skill]]
name = "any"
[[number]]
name = "hotline"
queue = "line"
[[queue]]
name = "line"
[[queue.step]]
requires = "any >= 1"
[[seat]]
name = "1001"
password = "k7T-wq2"
skills = { any = 5 }
"#;

const FAILING: &str = "[[test]]\nname = \"t\"\ngiven = { at = 2026-11-18T10:00:00 }\nexpect = { queue = \"line\", answered = false }\n";

struct House {
    rules: tempfile::TempDir,
    _data: tempfile::TempDir,
    watched: Watched,
    messages: Receiver<Message>,
    now: Timestamp,
}

/// A mailbox whose engine says at once for what rules are to be laid out, as reloads would wait for it otherwise; it hands on the rest.
fn engine() -> (Mailbox, Receiver<Message>) {
    let (mailbox, messages) = Mailbox::new(Waker::default());
    let (sender, others) = crossbeam_channel::bounded(1_024);
    std::thread::spawn(move || {
        for message in messages {
            if let Message::Survey(answer) = message {
                answer(Ground { wanted: Wanted::default(), seats: Arc::new(SeatTable::new(64)), routers: 1 });
            } else if sender.send(message).is_err() {
                return;
            }
        }
    });
    (mailbox, others)
}

impl House {
    fn new(tests: TestsBeforeLoad) -> Self {
        let (rules, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(rules.path().join("a.toml"), RULES).unwrap();
        let (mailbox, messages) = engine();
        let (dir, data_dir) = (rules.path().to_owned(), data.path().to_owned());
        let place = Watch { dir, data: data_dir, listeners: vec![([127, 0, 0, 1], 5060).into()], tests, clock: Clock::start() };
        let Ok(first) = folder::load(&place.dir, &place.listeners, None) else { panic!("they are good") };
        let found = Found { files: Snapshot::of(&place.dir), refused: None, sounds: first.sounds };
        let now = place.clock.now();
        let watched = Watched::new(place, found, first.plan, mailbox, Arc::default());
        let mut house = Self { rules, _data: data, watched, messages, now };
        assert_eq!(house.looks(40), 0, "nobody changed anything");
        house
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.rules.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Looks so often; how many times rules were loaded then.
    fn looks(&mut self, times: u32) -> usize {
        for _ in 0..times {
            self.now = self.now + LOOK;
            self.watched.look(self.now);
        }
        // What stands before this in the mailbox has come by then.
        assert!(self.watched.mailbox.send(Message::Look(Box::new(drop))));
        let until = self.messages.iter().take_while(|message| !matches!(message, Message::Look(_)));
        until.filter(|message| matches!(message, Message::Rules(_))).count()
    }

    fn lines(&self) -> Vec<(How, Option<Tested>)> {
        rules_history::read(&self.watched.place.data).unwrap().into_iter().map(|line| (line.how, line.tests)).collect()
    }
}

#[test]
fn a_file_that_is_still_being_written_is_left_alone_until_nobody_writes_any_more() {
    let mut house = House::new(TestsBeforeLoad::Require);
    let whole = RULES.replace("1001", "1007") + "# end\n";
    for end in [50, 100, 150] {
        house.write("a.toml", &whole[..end]);
        assert_eq!(house.looks(2), 0, "half of it");
    }
    house.write("a.toml", &whole);
    assert_eq!((house.looks(10), house.looks(1), house.looks(40)), (0, 1, 0), "two seconds after a file that was seen growing, and once");
    assert_eq!(house.watched.status.failures(), 0, "no half of it was refused either");
    assert_eq!(house.lines(), [(How::Watch, Some(Tested { run: 0, failed: 0, before: None }))]);
}

#[test]
fn seats_that_are_written_four_at_a_time_are_loaded_all_at_once() {
    let mut house = House::new(TestsBeforeLoad::Require);
    let path = house.rules.path().join("b.toml");
    let mut file = std::fs::File::options().create(true).append(true).open(path).unwrap();
    for n in 0..40 {
        let seat = format!("[[seat]]\nname = \"{}\"\npassword = \"k7T-wq-{n}\"\nskills = {{ any = 5 }}\n", 2_000 + n);
        std::io::Write::write_all(&mut file, seat.as_bytes()).unwrap();
        // Every 0.4 s four of them.
        assert_eq!(if n % 4 == 3 { house.looks(2) } else { 0 }, 0, "after {n}");
    }
    assert_eq!((house.looks(20), house.watched.plan.seats.len(), house.lines().len()), (1, 41, 1));
}

/// The looks until the files are to be loaded, as the thread has them.
fn changed(house: &mut House) -> Snapshot {
    (0..40)
        .find_map(|_| {
            house.now = house.now + LOOK;
            house.watched.changed(house.now)
        })
        .unwrap()
}

#[test]
fn what_is_saved_or_taken_away_while_a_load_runs_is_noticed_after_it() {
    let wish = || Wish { by: None, note: None, how: How::Watch };
    let name =
        |house: &House| house.watched.plan.seats.iter().filter(|seat| !seat.retired).map(|seat| seat.name.to_string()).collect::<Vec<_>>();
    let mut house = House::new(TestsBeforeLoad::Require);
    house.write("a.toml", RULES.replace("1001", "1002"));
    let files = changed(&mut house);
    house.write("a.toml", RULES.replace("1001", "1003"));
    assert!(house.watched.reload(wish(), files).is_ok());
    assert_eq!(name(&house), ["1002"]);
    assert_eq!((house.looks(40), name(&house)), (2, vec!["1003".to_owned()]));

    let other = RULES[RULES.find("[[seat]]").unwrap()..].replace("1001", "2001");
    house.write("b.toml", other);
    let files = changed(&mut house);
    std::fs::remove_file(house.rules.path().join("b.toml")).unwrap();
    assert!(house.watched.reload(wish(), files).is_ok());
    assert_eq!(name(&house), ["1003", "2001"]);
    assert_eq!((house.looks(40), name(&house)), (2, vec!["1003".to_owned()]));
}

#[test]
fn what_is_saved_while_the_hotline_starts_is_loaded_too() {
    let house = House::new(TestsBeforeLoad::Require);
    let Watched { place, plan, mailbox, status, tried, .. } = house.watched;
    std::fs::write(house.rules.path().join("a.toml"), RULES.replace("1001", "1009")).unwrap();
    let found = Found { files: tried, refused: None, sounds: None };
    let now = house.now;
    let watched = Watched::new(place, found, plan, mailbox, status);
    let mut house = House { rules: house.rules, _data: house._data, watched, messages: house.messages, now };
    assert_eq!(house.looks(10), 1);
}

#[test]
fn a_file_that_grows_for_ever_is_told_of_by_its_name_and_loaded_once_it_rests() {
    let mut house = House::new(TestsBeforeLoad::Require);
    let running = house.watched.plan.revision;
    let mut text = RULES.replace("1001", "1007");
    for look in 0..=151 {
        assert_eq!(house.watched.status.changing().as_deref(), (look > 150).then_some("a.toml"), "{look}");
        text.push('#');
        house.write("a.toml", &text);
        assert_eq!(house.looks(1), 0);
    }
    assert_eq!((house.watched.plan.revision, house.lines().len()), (running, 0), "the old ones stay");
    assert_eq!((house.watched.status.is_refused(), house.watched.status.failures()), (false, 0));
    // An order does not end it: it is read later, and told then.
    house.watched.look_anew(house.now);
    assert_eq!(house.looks(1), 0);
    assert_eq!(house.watched.status.changing().as_deref(), Some("a.toml"));
    assert_eq!((house.looks(12), house.watched.status.changing()), (1, None));
}

#[test]
fn wrong_files_are_refused_once_and_the_figure_falls_when_they_are_mended() {
    let mut house = House::new(TestsBeforeLoad::Require);
    let running = house.watched.plan.revision;
    house.write("a.toml", "[[queue");
    assert_eq!(house.looks(6), 0);
    assert_eq!((house.watched.status.failures(), house.watched.status.is_refused()), (1, true));
    assert_eq!(house.watched.plan.revision, running);
    let place = |house: &House| house.watched.status.refused_for().and_then(|first| first.place).unwrap_or_default();
    assert!(place(&house).ends_with("/a.toml:1:2"), "{}", place(&house));
    // An unused skill above the seat is only warned of: what forbids the rules is told first.
    house.write("a.toml", RULES.replace("[[number]]", "[[skill]]\nname = \"idle\"\n[[number]]").replace("any >= 1", "none >= 1"));
    assert_eq!(house.looks(6), 0);
    assert!(place(&house).ends_with("/a.toml:14:13"), "{}", place(&house));
    house.write("a.toml", RULES);
    assert_eq!((house.looks(4), house.watched.status.is_refused()), (1, false));
    std::fs::remove_file(house.rules.path().join("a.toml")).unwrap();
    assert_eq!((house.looks(4), house.watched.status.is_refused()), (0, true), "a folder without rules");
}

#[test]
fn a_recording_that_can_not_be_played_refuses_the_rules_with_its_code_and_place() {
    let mut house = House::new(TestsBeforeLoad::Require);
    house.write("prompts/zh-CN/desk-ready.wav", "not a wav");
    assert_eq!((house.looks(6), house.watched.status.is_refused()), (0, true));
    let first = house.watched.status.refused_for().unwrap();
    assert_eq!(first.code.as_deref(), Some("HL144"));
    assert!(first.place.as_ref().unwrap().ends_with("/prompts/zh-CN/desk-ready.wav:1:1"), "{first:?}");
    house.write("prompts/zh-CN/desk-ready.wav", crate::folder::sounds::tests::wav(9));
    assert_eq!((house.looks(6), house.watched.status.is_refused()), (1, false));
    for unheard in ["prompts/fr/desk-ready.wav", "prompts/zh-CN/unsaid.wav"] {
        house.write(unheard, "not a wav");
        assert_eq!((house.looks(6), house.watched.status.is_refused()), (1, false), "{unheard}: nobody misses it");
    }
}

#[test]
fn tests_that_fail_refuse_the_rules_or_are_told_or_are_not_run_as_it_is_set() {
    let tested = Some(Tested { run: 1, failed: 1, before: None });
    for (tests, loads, lines) in [
        (TestsBeforeLoad::Require, 0, vec![]),
        (TestsBeforeLoad::Warn, 1, vec![(How::Watch, tested)]),
        (TestsBeforeLoad::Off, 1, vec![(How::Watch, None)]),
    ] {
        let mut house = House::new(tests);
        house.write("tests/t.toml", FAILING);
        assert_eq!((house.looks(4), house.watched.status.is_refused()), (loads, loads == 0), "{tests:?}");
        assert_eq!(house.lines(), lines);
        // A file of tests that is wrong itself.
        house.write("tests/t.toml", "[[test]]\nnaem = 1\n");
        assert_eq!((house.looks(4), house.watched.status.is_refused()), (loads, loads == 0), "{tests:?}");
    }
}

#[test]
fn tests_that_vanish_refuse_the_rules_where_they_are_required_and_say_which_file_had_them() {
    let passing = FAILING.replace("answered = false", "answered = true");
    for emptied in [true, false] {
        let mut house = House::new(TestsBeforeLoad::Require);
        house.write("tests/t.toml", &passing);
        assert_eq!((house.looks(4), house.watched.status.is_refused()), (1, false));
        if emptied {
            house.write("tests/t.toml", "# none\n");
        } else {
            std::fs::remove_dir_all(house.rules.path().join("tests")).unwrap();
        }
        assert_eq!((house.looks(40), house.watched.status.is_refused()), (0, true), "{emptied}");
        let first = house.watched.status.refused_for().unwrap();
        assert_eq!(first.code.as_deref(), Some("HL332"));
        assert!(first.place.unwrap().ends_with("/tests/t.toml:1:1"));
        // Nor do rules that are changed without them.
        house.write("a.toml", RULES.replace("1001", "1002"));
        assert_eq!((house.looks(40), house.watched.status.is_refused()), (0, true), "{emptied}");
        house.write("tests/t.toml", &passing);
        assert_eq!((house.looks(40), house.watched.status.is_refused()), (1, false), "{emptied}");
        // Or a rollback to what runs puts them back.
        std::fs::remove_dir_all(house.rules.path().join("tests")).unwrap();
        assert_eq!((house.looks(40), house.watched.status.is_refused()), (0, true), "{emptied}");
        let wish = Wish { by: None, note: None, how: How::Rollback };
        assert!(house.watched.roll_back(wish, "running", house.now).is_ok(), "{emptied}");
        assert_eq!(std::fs::read_to_string(house.rules.path().join("tests/t.toml")).unwrap(), passing);
        assert!(!house.watched.status.is_refused());
    }
    let mut house = House::new(TestsBeforeLoad::Warn);
    house.write("tests/t.toml", &passing);
    assert_eq!(house.looks(4), 1);
    std::fs::remove_dir_all(house.rules.path().join("tests")).unwrap();
    assert_eq!((house.looks(40), house.watched.status.is_refused()), (1, false), "it is only told");
}

#[test]
fn a_file_of_tests_that_vanishes_while_others_stay_is_told_and_refuses_nothing() {
    let passing = FAILING.replace("answered = false", "answered = true");
    let mut house = House::new(TestsBeforeLoad::Require);
    let last = |house: &House| house.lines().pop().and_then(|(_, tests)| tests);
    house.write("tests/t.toml", &passing);
    house.write("tests/u.toml", passing.clone() + &passing.replace("\"t\"", "\"u\""));
    assert_eq!((house.looks(4), last(&house)), (1, Some(Tested { run: 3, failed: 0, before: None })));
    std::fs::remove_file(house.rules.path().join("tests/u.toml")).unwrap();
    assert_eq!((house.looks(40), house.watched.status.is_refused()), (1, false));
    assert_eq!(last(&house), Some(Tested { run: 1, failed: 0, before: Some(3) }));
    // Told once: the next is compared with what runs then.
    house.write("a.toml", RULES.replace("1001", "1002"));
    assert_eq!((house.looks(40), last(&house)), (1, Some(Tested { run: 1, failed: 0, before: None })));
    // Under another name they are the same.
    std::fs::rename(house.rules.path().join("tests/t.toml"), house.rules.path().join("tests/v.toml")).unwrap();
    assert_eq!((house.looks(40), last(&house)), (1, Some(Tested { run: 1, failed: 0, before: None })));
}

#[test]
fn a_revision_that_can_no_longer_be_loaded_or_does_not_exist_changes_nothing() {
    let mut house = House::new(TestsBeforeLoad::Require);
    let wish = || Wish { by: Some("wang".into()), note: None, how: How::Rollback };
    assert!(matches!(house.watched.roll_back(wish(), "r1", house.now), Err(NotRolled::NotNamed(NotNamed::None))));
    let path = house.rules.path().join("a.toml").display().to_string();
    let old = vec![Source { path, text: "an_old_key = 1\n".into() }];
    let kept = Kept { dir: house.rules.path().to_owned(), sources: old, tests: Vec::new() };
    past_rules::keep(&house.watched.place.data, kept.revision(), &kept).unwrap();
    let name = format!("{:016x}", kept.revision().0);
    assert!(matches!(house.watched.roll_back(wish(), &name, house.now), Err(NotRolled::Refused(Refused::Findings(..)))));
    assert_eq!(std::fs::read_to_string(house.rules.path().join("a.toml")).unwrap(), RULES);
    assert_eq!((house.looks(4), house.lines()), (0, vec![]));
}

#[test]
fn a_recording_that_is_put_there_changed_or_broken_is_noticed_and_one_that_was_only_touched_is_not() {
    let mut house = House::new(TestsBeforeLoad::Require);
    let revision = house.watched.plan.revision;
    let prompts = |house: &House| rules_history::read(&house.watched.place.data).unwrap().last().and_then(|line| line.prompts.clone());
    house.write("prompts/zh-CN/desk-ready.wav", sounds::tests::wav(9));
    assert_eq!((house.looks(3), house.looks(1), house.looks(40)), (0, 1, 0), "half a second after it was noticed, and once");
    assert_eq!((house.watched.plan.revision, house.lines().len()), (revision, 1), "the texts are the same");
    let first = prompts(&house);
    assert_eq!(first, house.watched.sounds.map(|hash| hash.to_string()));
    assert!(first.is_some());

    house.write("prompts/zh-CN/desk-ready.wav", sounds::tests::wav(9));
    assert_eq!(house.looks(4), 0, "the same again");
    house.write("prompts/zh-CN/desk-ready.wav", sounds::tests::wav(10));
    assert_eq!(house.looks(4), 1);
    assert!(prompts(&house) != first);

    house.write("prompts/zh-CN/desk-ready.wav", b"RIFF");
    assert_eq!((house.looks(4), house.watched.status.failures(), house.watched.status.is_refused()), (0, 1, true));
    std::fs::remove_file(house.rules.path().join("prompts/zh-CN/desk-ready.wav")).unwrap();
    assert_eq!((house.looks(4), house.watched.status.is_refused(), prompts(&house)), (1, false, None), "the built-in one is left");
}
