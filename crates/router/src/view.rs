use crate::seat_table::Sinces;
use crate::{SeatTable, Word};
use hotline_model::{Activity, SeatId};
use hotline_rules::GroupId;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

/// What a router saw of a seat's word that another thread had written: with the sights of each step, the step can be done again elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// At which access to a word in its step, from 1.
    access: u32,
    seat: SeatId,
    word: Word,
}

/// A router's way to the seats' words. It may be asked to keep sights; without, it costs a branch.
#[derive(Debug)]
pub(crate) struct View {
    table: Arc<SeatTable>,
    image: Option<Box<RefCell<Image>>>,
}

/// Where the words of seats are looked up: among those that were read once at the beginning of something long, or else in the table.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    pub known: &'a [Word],
    pub table: &'a View,
}

impl Words<'_> {
    pub fn of(&self, seat: SeatId) -> Word {
        self.known.get(seat.index()).copied().unwrap_or_else(|| self.table.word(seat))
    }
}

/// The words as this router last saw or wrote them.
#[derive(Debug)]
struct Image {
    words: Vec<Word>,
    /// A step is under way: a look from outside of one is no part of what is done again.
    open: bool,
    accesses: u32,
    sights: Vec<Sight>,
    /// Calls of other groups that wait, as last seen.
    others: u32,
    /// The steps are done again, and nobody else has the table.
    alone: bool,
    /// Sights of the step that is done again.
    expected: VecDeque<Sight>,
}

/// Stands in a sight for no seat: its word is how many calls of other groups wait.
const OTHERS: SeatId = SeatId(u32::MAX);

impl View {
    pub fn new(table: Arc<SeatTable>) -> Self {
        Self { table, image: None }
    }

    /// All but the words.
    pub fn shared(&self) -> &SeatTable {
        &self.table
    }

    pub fn table(&self) -> &Arc<SeatTable> {
        &self.table
    }

    pub fn keep_sights(&mut self) {
        let words = (0u32..).take(self.table.capacity()).map(|seat| self.table.word(SeatId(seat))).collect();
        let image = Image { words, open: false, accesses: 0, sights: Vec::new(), others: 0, alone: false, expected: VecDeque::new() };
        self.image = Some(Box::new(RefCell::new(image)));
    }

    pub fn begin_step(&mut self, seen: Option<Vec<Sight>>) {
        if let Some(image) = &mut self.image {
            let image = image.get_mut();
            (image.open, image.accesses, image.alone) = (true, 0, seen.is_some());
            image.expected = seen.unwrap_or_default().into();
            image.sights.clear();
        }
    }

    pub fn end_step(&mut self) -> Vec<Sight> {
        let Some(image) = &mut self.image else { return Vec::new() };
        let image = image.get_mut();
        image.open = false;
        std::mem::take(&mut image.sights)
    }

    /// Whether calls of other groups wait, if so many of the router's own do.
    pub fn others_wait(&self, own: u32) -> bool {
        let others = self.table.waiting().saturating_sub(own);
        match &self.image {
            None => others > 0,
            Some(image) => image.borrow_mut().see_others(others) > 0,
        }
    }

    /// See [`SeatTable::word`].
    #[inline]
    pub fn word(&self, seat: SeatId) -> Word {
        match &self.image {
            None => self.table.word(seat),
            Some(image) => image.borrow_mut().see(&self.table, seat),
        }
    }

    /// Since when seats are as they are, unless sights are kept: then each look counts.
    pub fn sinces(&self) -> Option<Sinces<'_>> {
        self.image.is_none().then(|| self.table.sinces())
    }

    /// See [`SeatTable::change`].
    #[inline]
    pub fn change(&self, seat: SeatId, next: impl FnMut(Word) -> Option<Word>) -> Option<(Word, Word)> {
        match self.image.as_ref().filter(|_| seat.index() < self.table.capacity()) {
            None => self.table.change(seat, next),
            Some(image) => self.change_seen(image, seat, next),
        }
    }

    #[cold]
    fn change_seen(&self, image: &RefCell<Image>, seat: SeatId, mut next: impl FnMut(Word) -> Option<Word>) -> Option<(Word, Word)> {
        let mut seen = image.borrow_mut().see(&self.table, seat);
        loop {
            let after = next(seen)?.next_generation();
            match image.borrow_mut().swap(&self.table, seat, seen, after) {
                Ok(()) => return Some((seen, after)),
                Err(now) => seen = now,
            }
        }
    }

    /// See [`SeatTable::claim`].
    #[inline]
    pub fn claim(&self, seat: SeatId, group: GroupId) -> Option<(Word, Word)> {
        self.change(seat, |word| word.is_ready().then(|| word.with_activity(Activity::Offered).with_holder(group)))
    }
}

impl Image {
    #[cold]
    fn see(&mut self, table: &SeatTable, seat: SeatId) -> Word {
        if self.open {
            self.access(table, seat);
        }
        let word = table.word(seat);
        if self.open {
            self.note(seat, word);
        }
        word
    }

    fn swap(&mut self, table: &SeatTable, seat: SeatId, seen: Word, after: Word) -> Result<(), Word> {
        self.access(table, seat);
        match table.swap(seat, seen, after) {
            Ok(()) => {
                self.words[seat.index()] = after;
                Ok(())
            }
            Err(now) => {
                self.note(seat, now);
                Err(now)
            }
        }
    }

    /// What was seen at this access of the step that is done again is there again.
    fn access(&mut self, table: &SeatTable, seat: SeatId) {
        self.accesses += 1;
        if let Some(sight) = self.expected.pop_front_if(|sight| (sight.access, sight.seat) == (self.accesses, seat)) {
            table.put(seat, sight.word);
        }
    }

    fn see_others(&mut self, others: u32) -> u32 {
        self.accesses += 1;
        let now = if self.alone {
            let expected = self.expected.pop_front_if(|sight| (sight.access, sight.seat) == (self.accesses, OTHERS));
            expected.map_or(self.others, |sight| sight.word.as_count())
        } else {
            others
        };
        if std::mem::replace(&mut self.others, now) != now {
            self.sights.push(Sight { access: self.accesses, seat: OTHERS, word: Word::of_count(now) });
        }
        now
    }

    fn note(&mut self, seat: SeatId, word: Word) {
        let Some(known) = self.words.get_mut(seat.index()) else { return };
        if std::mem::replace(known, word) != word {
            self.sights.push(Sight { access: self.accesses, seat, word });
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use hotline_model::Intent;

    const A: SeatId = SeatId(0);
    const B: SeatId = SeatId(1);
    const OTHER: GroupId = GroupId(1);

    fn ready(table: &SeatTable, seat: SeatId) {
        table.change(seat, |word| Some(word.with_intent(Intent::Available).with_reachable(true).with_activity(Activity::Free)));
    }

    fn house() -> (Arc<SeatTable>, View) {
        let table = Arc::new(SeatTable::shared(2, 2));
        ready(&table, A);
        ready(&table, B);
        let mut view = View::new(Arc::clone(&table));
        view.keep_sights();
        (table, view)
    }

    /// A step in which another thread does something before, between, and in the middle of a change.
    fn step(view: &View, mut other: impl FnMut(usize)) -> Vec<Option<Word>> {
        let mut seen = vec![Some(view.word(A))];
        other(0);
        seen.push(Some(view.word(A)));
        other(1);
        seen.push(view.claim(A, GroupId::MAIN).map(|(_, after)| after));
        let mut calls = 0;
        let claimed = view.change(B, |word| {
            calls += 1;
            if calls == 1 {
                other(2);
            }
            word.is_ready().then(|| word.with_activity(Activity::Offered))
        });
        seen.push(claimed.map(|(_, after)| after));
        seen.push(Some(view.word(B)));
        other(3);
        seen.push(view.others_wait(1).then_some(Word::OUT));
        seen
    }

    #[test]
    fn a_step_done_again_alone_sees_what_it_saw_beside_another_thread() {
        for mask in 0..16_u32 {
            let (table, mut view) = house();
            let other = |at: usize| {
                if mask & 1 << at == 0 {
                    return;
                }
                match at {
                    0 => drop(table.claim(A, OTHER)),
                    1 => ready(&table, A),
                    3 => (0..2).for_each(|_| table.call_waits()),
                    _ => drop(table.claim(B, OTHER)),
                }
            };
            view.begin_step(None);
            let seen = step(&view, other);
            let sights = view.end_step();
            assert_eq!(sights.len(), mask.count_ones() as usize, "{mask}: {sights:?}");
            let (_, mut again) = house();
            again.begin_step(Some(sights.clone()));
            assert_eq!(step(&again, |_| ()), seen, "{mask}");
            assert_eq!(again.end_step(), sights, "{mask}");
        }
    }

    #[test]
    fn a_look_from_outside_of_a_step_is_no_part_of_it() {
        let (table, mut view) = house();
        table.claim(A, OTHER);
        assert!(!view.word(A).is_ready());
        view.begin_step(None);
        view.word(A);
        assert_eq!(view.end_step(), [Sight { access: 1, seat: A, word: table.word(A) }]);
        view.begin_step(None);
        view.word(A);
        assert_eq!((view.word(SeatId(9)), view.change(SeatId(9), Some)), (Word::OUT, None), "beyond the capacity");
        assert_eq!(view.end_step(), [], "it is known by now");
    }
}
