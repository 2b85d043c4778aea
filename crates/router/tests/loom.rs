//! Every interleaving of two and three threads on the seats' words, without a bound on preemptions: each pair and each triple of what may
//! happen to a seat, from ready and from offered; and the fence, by which of a seat and a call that cross one sees the other.
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p hotline-router --test loom --release`
#![cfg(loom)]

use hotline_model::{Activity, Intent, SeatId, Timestamp};
use hotline_router::{SeatTable, Word};
use hotline_rules::GroupId;
use loom::sync::Arc;
use loom::thread;

const SEAT: SeatId = SeatId(0);
const MAIN: GroupId = GroupId::MAIN;
const OTHER: GroupId = GroupId(1);

fn ready(word: Word) -> Option<Word> {
    Some(word.with_intent(Intent::Available).with_reachable(true).with_since(Timestamp(1_000)))
}

fn table(seats: usize) -> Arc<SeatTable> {
    let table = SeatTable::shared(seats, 2);
    for seat in 0..seats as u32 {
        table.change(SeatId(seat), ready);
    }
    Arc::new(table)
}

/// What may happen to a seat, each on a thread of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happening {
    /// A call comes, is published, and looks for the seat.
    Offer,
    /// The same in another group.
    OfferElsewhere,
    /// The seat answers the offer that it has from the start.
    Accept,
    /// The lease of that offer runs out; the seat is paused.
    Expire,
    /// The caller of that offer hangs up; the seat is ready again and looks whether anybody waits.
    HangUp,
    /// The agent signs out, which ends whatever offer there is.
    SignOut,
}

use Happening::{Accept, Expire, HangUp, Offer, OfferElsewhere, SignOut};

const ALL: [Happening; 6] = [Offer, OfferElsewhere, Accept, Expire, HangUp, SignOut];

/// How it went: the words before and after, if the seat changed; and whether a waiting call was seen, by who looked for one.
#[derive(Clone, Copy, Debug)]
struct Went {
    what: Happening,
    change: Option<(Word, Word)>,
    saw: Option<bool>,
}

impl Happening {
    /// `offered` is the word of the offer that is there from the start: who ends it ends that one and no later one.
    fn happen(self, table: &SeatTable, offered: Option<Word>) -> Went {
        let end = |next: fn(Word) -> Word| table.change(SEAT, |word| (Some(word) == offered).then(|| next(word)));
        let (mut saw, what, group) = (None, self, if self == OfferElsewhere { OTHER } else { MAIN });
        let change = match self {
            Offer | OfferElsewhere => {
                table.call_waits();
                table.claim(SEAT, group).inspect(|_| table.call_left())
            }
            Accept => end(|word| word.with_activity(Activity::OnCall)),
            Expire => end(|word| word.with_activity(Activity::Free).with_paused(true)),
            HangUp => end(|word| word.with_activity(Activity::Free)).inspect(|_| saw = Some(table.anyone_waits())),
            SignOut => table.change(SEAT, |word| {
                let freed = if word.activity() == Activity::Offered { word.with_activity(Activity::Free) } else { word };
                Some(freed.with_intent(Intent::SignedOut))
            }),
        };
        Went { what, change, saw }
    }

    fn claims(self) -> bool {
        matches!(self, Offer | OfferElsewhere)
    }
}

/// Lets all happen at once, to a seat that is ready or is offered a call already.
fn cross(all: &[Happening], offered: bool) {
    let table = table(1);
    let mine = offered.then(|| table.claim(SEAT, MAIN).expect("it is ready").1);
    let begin = table.word(SEAT);
    let (first, others) = all.split_first().expect("somebody");
    let others: Vec<_> = others
        .iter()
        .map(|what| {
            let (what, table) = (*what, table.clone());
            thread::spawn(move || what.happen(&table, mine))
        })
        .collect();
    let mut went = vec![first.happen(&table, mine)];
    went.extend(others.into_iter().map(|thread| thread.join().unwrap()));
    check(&went, begin, table.word(SEAT));
}

fn check(went: &[Went], begin: Word, end: Word) {
    assert_eq!(one_after_another(went, begin), end, "each change saw the one before it: {went:?}");
    let changed = |what: Happening| went.iter().any(|went| went.what == what && went.change.is_some());
    let ends = [Accept, Expire, HangUp].into_iter().filter(|what| changed(*what)).count();
    let withdrawn =
        went.iter().filter(|went| went.what == SignOut && went.change.is_some_and(|(before, _)| before.activity() == Activity::Offered));
    let taken_back = withdrawn.count();
    let freed = ends - usize::from(changed(Accept)) + taken_back;
    let claims = went.iter().filter(|went| went.what.claims() && went.change.is_some()).count();
    let holders = usize::from(begin.activity() == Activity::Offered) + claims - freed;
    let held = matches!(end.activity(), Activity::Offered | Activity::OnCall);
    assert!(ends <= 1, "an offer ends once: {went:?}");
    assert_eq!(holders, usize::from(held), "a seat has at most one call: {went:?}");
    if went.iter().any(|went| went.what == SignOut) {
        assert!(!end.is_ready() && end.intent() == Intent::SignedOut, "who signed out stays so: {went:?}");
    }
    let unserved = went.iter().any(|went| went.what.claims() && went.change.is_none());
    if end.is_ready() && unserved {
        assert!(went.iter().any(|went| went.saw == Some(true)), "the seat is ready, a call waits, and neither knows: {went:?}");
    }
}

/// The changes in the order in which they must have come, each from what the one before left; the last word.
fn one_after_another(went: &[Went], begin: Word) -> Word {
    let mut changes: Vec<(Word, Word)> = went.iter().filter_map(|went| went.change).collect();
    let mut word = begin;
    while let Some(next) = changes.iter().position(|(before, _)| *before == word) {
        word = changes.swap_remove(next).1;
    }
    assert!(changes.is_empty(), "a change of something that was never there: {went:?}");
    word
}

#[test]
fn every_pair_that_crosses_leaves_one_history() {
    for (at, a) in ALL.iter().enumerate() {
        for b in &ALL[at + 1..] {
            for offered in [false, true] {
                let pair = [*a, *b];
                loom::model(move || cross(&pair, offered));
            }
        }
    }
}

#[test]
fn every_triple_that_crosses_leaves_one_history() {
    let triples = (0..64u8).filter(|set| set.count_ones() == 3);
    for set in triples {
        let triple: Vec<Happening> = ALL.into_iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, what)| what).collect();
        for offered in [false, true] {
            let triple = triple.clone();
            loom::model(move || cross(&triple, offered));
        }
    }
}

#[test]
fn a_seat_that_becomes_ready_and_a_call_that_starts_to_wait_never_miss_each_other() {
    loom::model(|| {
        let table = Arc::new(SeatTable::shared(1, 2));
        let other = table.clone();
        let seat = thread::spawn(move || {
            other.change(SEAT, ready);
            other.anyone_waits()
        });
        table.call_waits();
        let found = table.claim(SEAT, MAIN).is_some();
        assert!(seat.join().unwrap() || found, "the seat is ready, the call waits, and neither knows");
    });
}

#[test]
fn two_seats_and_a_call_that_cross_leave_no_unmatched_pair() {
    loom::model(|| {
        let table = Arc::new(SeatTable::shared(2, 2));
        let seats = [0, 1].map(|seat| {
            let table = table.clone();
            thread::spawn(move || {
                table.change(SeatId(seat), ready);
                table.anyone_waits()
            })
        });
        table.call_waits();
        let found = [0, 1].map(|seat| table.claim(SeatId(seat), MAIN).is_some());
        let saw = seats.map(|seat| seat.join().unwrap());
        assert!((0..2).all(|seat| found[seat] || saw[seat]));
    });
}

#[test]
fn two_calls_of_two_groups_and_a_seat_that_cross_leave_no_unmatched_pair() {
    loom::model(|| {
        let table = Arc::new(SeatTable::shared(1, 2));
        let groups = [(); 2].map(|()| {
            let table = table.clone();
            thread::spawn(move || Offer.happen(&table, None).change.is_some())
        });
        table.change(SEAT, ready);
        let saw = table.anyone_waits();
        let found = groups.map(|group| group.join().unwrap());
        assert!(!(found[0] && found[1]), "one seat, one call");
        assert!(saw || found[0] || found[1], "the seat is ready, the calls wait, and nobody knows");
    });
}

/// A router of one group as far as the seats go: what it was told, the offer it has, the call that waits.
struct Group {
    table: Arc<SeatTable>,
    me: GroupId,
    waits: bool,
    offers: bool,
}

impl Group {
    fn new(table: &Arc<SeatTable>, me: GroupId) -> Self {
        Self { table: table.clone(), me, waits: false, offers: false }
    }

    /// Looks at the seat whether told or not, as a call does that starts to wait.
    fn search(&mut self) {
        if self.waits && !self.offers && self.table.claim(SEAT, self.me).is_some() {
            (self.waits, self.offers) = (false, true);
            self.table.tell(self.me, SEAT);
        }
    }

    fn call_comes(&mut self) {
        self.waits = true;
        self.search();
    }

    /// What was told since: an offer that the agent ended or main took over is taken back, and a ready seat is claimed.
    fn look_around(&mut self) {
        let mut told = false;
        self.table.take_told(self.me, |_| told = true);
        if !told {
            return;
        }
        let word = self.table.word(SEAT);
        if self.offers && !word.is_held_by(self.me) {
            (self.waits, self.offers) = (true, false);
        } else if self.offers && word.intent() == Intent::SignedOut && self.end(|word| word.with_activity(Activity::Free)) {
            (self.waits, self.offers) = (true, false);
        }
        self.search();
    }

    /// Ends the offer or the conversation that the group holds the seat for.
    fn end(&self, next: impl Fn(Word) -> Word) -> bool {
        let ended = self.table.change(SEAT, |word| word.is_held_by(self.me).then(|| next(word))).is_some();
        if ended {
            self.table.tell(self.me, SEAT);
        }
        ended
    }

    fn change(&self, next: impl Fn(Word) -> Word) {
        self.table.change(SEAT, |word| Some(next(word)));
        self.table.tell(self.me, SEAT);
    }
}

/// A seat that both groups share; the first group holds it if `held`.
fn shared(held: bool) -> (Arc<SeatTable>, Group, Group) {
    let table = SeatTable::shared(1, 2);
    table.change(SEAT, ready);
    let table = Arc::new(table);
    let (mut main, other) = (Group::new(&table, MAIN), Group::new(&table, OTHER));
    if held {
        main.call_comes();
        table.take_told(OTHER, |_| {});
    }
    (table, main, other)
}

fn done(mut main: Group, mut other: Group) -> (Group, Group) {
    while !(main.table.has_seen_all(MAIN) && main.table.has_seen_all(OTHER)) {
        main.look_around();
        other.look_around();
    }
    let word = main.table.word(SEAT);
    assert!(!(main.offers && other.offers), "one seat, one call");
    assert!(
        !word.is_ready() || !(main.waits || other.waits),
        "the seat is ready, a call waits, and neither group has anything left to look at"
    );
    (main, other)
}

#[test]
fn a_seat_freed_by_one_group_while_a_call_of_the_other_starts_to_wait_is_offered_to_it() {
    loom::model(|| {
        let (_, mut main, mut other) = shared(true);
        let thread = thread::spawn(move || {
            assert!(main.end(|word| word.with_activity(Activity::Free)));
            main.offers = false;
            main
        });
        other.call_comes();
        other.look_around();
        let (_, other) = done(thread.join().unwrap(), other);
        assert!(other.offers);
    });
}

#[test]
fn of_two_groups_that_claim_one_seat_one_has_it_and_the_other_has_it_when_the_first_caller_hangs_up() {
    loom::model(|| {
        let (_, mut main, mut other) = shared(false);
        let thread = thread::spawn(move || {
            main.call_comes();
            if main.offers && main.end(|word| word.with_activity(Activity::Free)) {
                main.offers = false;
            }
            main
        });
        other.call_comes();
        let (main, other) = done(thread.join().unwrap(), other);
        assert!(other.offers && !main.offers || main.offers && other.waits);
    });
}

#[test]
fn who_signs_out_while_the_other_group_claims_is_left_by_its_call() {
    loom::model(|| {
        let (table, main, mut other) = shared(false);
        let thread = thread::spawn(move || {
            main.change(|word| word.with_intent(Intent::SignedOut));
            main
        });
        other.call_comes();
        other.look_around();
        let (_, other) = done(thread.join().unwrap(), other);
        assert!(other.waits && !other.offers && table.word(SEAT).activity() == Activity::Free);
    });
}

#[test]
fn a_seat_that_main_takes_over_while_its_offer_is_answered_is_in_one_call() {
    loom::model(|| {
        let (table, main, mut other) = shared(false);
        other.call_comes();
        let thread = thread::spawn(move || {
            main.change(|word| word.with_activity(Activity::OnCall).with_holder(MAIN));
            main
        });
        let answered = other.end(|word| word.with_activity(Activity::OnCall));
        let (_, other) = done(thread.join().unwrap(), other);
        assert!(table.word(SEAT).is_held_by(MAIN) && other.waits, "the offer, answered in time ({answered}) or not, is over");
    });
}

#[test]
fn a_group_that_falls_asleep_while_a_seat_is_freed_is_woken_or_stays_awake() {
    loom::model(|| {
        let (table, main, mut other) = shared(true);
        let publisher = table.clone();
        let thread = thread::spawn(move || {
            assert!(main.end(|word| word.with_activity(Activity::Free)));
            publisher.must_wake(OTHER)
        });
        other.call_comes();
        other.look_around();
        let sleeps = table.fall_asleep(OTHER);
        if !sleeps {
            other.look_around();
        }
        assert!(thread.join().unwrap() || other.offers, "it sleeps, the seat is ready for its call, and nobody wakes it");
    });
}

#[test]
fn two_groups_and_a_sign_out_that_cross_leave_no_unmatched_pair() {
    loom::model(|| {
        let table = SeatTable::shared(1, 3);
        table.change(SEAT, ready);
        let table = Arc::new(table);
        let main = Group::new(&table, MAIN);
        let groups = [1, 2].map(|group| {
            let mut group = Group::new(&table, GroupId(group));
            thread::spawn(move || {
                group.call_comes();
                group
            })
        });
        main.change(|word| word.with_intent(Intent::SignedOut));
        let mut groups = groups.map(|group| group.join().unwrap());
        for group in &mut groups {
            group.look_around();
        }
        let word = table.word(SEAT);
        assert!(groups.iter().all(|group| group.waits && !group.offers) && word.activity() == Activity::Free);
    });
}
