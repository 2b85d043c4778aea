//! How much of the rules the rehearsed calls used: only what a journal or a decision shows counts.

use super::Outcome;
use hotline_engine::WayTaken;
use hotline_ivr::{Took, Way};
use hotline_model::{EventKind, QueueId};
use hotline_rules::{Customer, Door, MenuId, NumberId, Place, Plan, SelfService, Spot, SurveyPiece, WayOutId};
use std::collections::BTreeSet;

/// Something of the rules that a call can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// A number is dialled.
    Number(NumberId),
    /// A menu is entered.
    Menu(MenuId),
    /// A number's gate, by its place.
    NumberGate(NumberId, usize),
    /// A menu's gate, by its place.
    Gate(MenuId, usize),
    /// A key.
    Key(MenuId, char),
    /// A wrong key.
    Invalid(MenuId),
    /// A missing key.
    NoInput(MenuId),
    /// Too many wrong or missing keys.
    Failed(MenuId),
    /// A VIP customer is led past a self-service menu.
    Spared(MenuId),
    /// Digits that a menu collected.
    Collected(MenuId),
    /// A step of a queue, from 0: a seat is looked for in it.
    Step(QueueId, usize),
    /// A queue's branch outside its hours.
    Closed(QueueId),
    /// A queue's branch when nobody is there.
    Nobody(QueueId),
    /// What follows a way outside on which nobody answers.
    Otherwise(WayOutId),
    /// A queue's overflow at a breach.
    Overflow(QueueId),
    /// A customer who is known by the number.
    Customer(usize),
    /// A block turns a caller away.
    Block(usize),
    /// An announcement is said.
    Announcement(usize),
    /// A source is asked.
    Lookup(usize),
    /// Words of the survey are said.
    Survey(SurveyPiece),
}

/// See the module.
#[derive(Debug, Default)]
pub struct Coverage {
    used: BTreeSet<Piece>,
}

/// What was used of all that there is.
#[derive(Debug)]
pub struct Counted {
    /// All pieces.
    pub all: usize,
    /// Those that no call used.
    pub missing: Vec<Piece>,
}

impl Counted {
    /// Pieces that were used.
    pub fn used(&self) -> usize {
        self.all - self.missing.len()
    }

    /// In percent; all of nothing is 100.
    pub fn percent(&self) -> f64 {
        if self.all == 0 { 100.0 } else { 100.0 * self.used() as f64 / self.all as f64 }
    }
}

impl Coverage {
    /// Notes what a call used.
    pub fn note(&mut self, outcome: &Outcome) {
        let plan = &outcome.plan;
        self.used.extend(outcome.ways.iter().filter_map(|(_, way)| piece(*way)));
        let Some(record) = outcome.record() else { return };
        let at = |name: &hotline_model::Name| plan.numbers.iter().position(|number| number.name == *name);
        self.used.extend(at(&record.dialled).and_then(|place| u16::try_from(place).ok()).map(|place| Piece::Number(NumberId(place))));
        let menus = record.menus.iter().filter_map(|name| plan.menus.iter().position(|menu| menu.name == *name));
        self.used.extend(menus.filter_map(|place| u16::try_from(place).ok()).map(|place| Piece::Menu(MenuId(place))));
        let decisions = outcome.found.decisions.iter().map(|stored| &stored.decision);
        self.used.extend(decisions.map(|decision| Piece::Step(decision.queue, usize::from(decision.step))));
        let overflowed = outcome.found.events.iter().any(|event| matches!(event.kind, EventKind::Overflowed { to: Some(_) }));
        let queue = record.queue.as_ref().filter(|_| overflowed).and_then(|name| plan.queue_names.get(&**name));
        self.used.extend(queue.map(|queue| Piece::Overflow(*queue)));
        self.used.extend(plan.customer_place(record.from.reveal()).map(Piece::Customer));
        self.used.extend(outcome.found.events.iter().filter_map(|event| of_event(plan, &event.kind)));
    }

    /// What was used of a plan, and what was not, in the order of the plan.
    pub fn of(&self, plan: &Plan) -> Counted {
        let all = pieces(plan);
        let missing: Vec<Piece> = all.iter().copied().filter(|piece| !self.used.contains(piece)).collect();
        Counted { all: all.len(), missing }
    }
}

fn of_event(plan: &Plan, kind: &EventKind) -> Option<Piece> {
    if let EventKind::Blocked(blocked) = kind {
        let at = |place: &usize| plan.places.spot(Spot::Block(*place)).is_some_and(|at| at.to_string() == blocked.rule);
        (0..plan.blocks.len()).find(at).map(Piece::Block)
    } else if let EventKind::AnnouncementSaid { announcement } = kind {
        plan.announcements.iter().position(|one| one.name == *announcement).map(Piece::Announcement)
    } else if let EventKind::LookedUp(looked_up) = kind {
        plan.lookups.iter().position(|one| one.name == looked_up.source).map(Piece::Lookup)
    } else {
        None
    }
}

fn piece(way: WayTaken) -> Option<Piece> {
    Some(match way {
        WayTaken::Menu(Way { door: Door::Number(number), took: Took::Gate(place) }) => Piece::NumberGate(number, place),
        WayTaken::Menu(Way { door: Door::Number(_), .. }) => return None,
        WayTaken::Menu(Way { door: Door::Menu(menu), took }) => match took {
            Took::Entry => return None,
            Took::Gate(place) => Piece::Gate(menu, place),
            Took::Key(key) => Piece::Key(menu, key),
            Took::Invalid(_) => Piece::Invalid(menu),
            Took::NoInput => Piece::NoInput(menu),
            Took::Failed => Piece::Failed(menu),
            Took::Spared => Piece::Spared(menu),
            Took::Collected => Piece::Collected(menu),
        },
        WayTaken::Closed(queue) => Piece::Closed(queue),
        WayTaken::Nobody(queue) => Piece::Nobody(queue),
        WayTaken::Otherwise(way) => Piece::Otherwise(way),
        WayTaken::Survey(piece) => Piece::Survey(piece),
    })
}

/// All that calls can use, as far as coverage counts it.
fn pieces(plan: &Plan) -> Vec<Piece> {
    let mut all: Vec<Piece> = (0u16..).zip(&plan.numbers).map(|(id, _)| Piece::Number(NumberId(id))).collect();
    for (id, number) in (0u16..).map(NumberId).zip(&plan.numbers) {
        all.extend((0..number.gates.len()).map(|place| Piece::NumberGate(id, place)));
    }
    for (id, menu) in (0u16..).map(MenuId).zip(&plan.menus) {
        all.push(Piece::Menu(id));
        all.extend((0..menu.gates.len()).map(|place| Piece::Gate(id, place)));
        all.extend(menu.keys.keys().map(|key| Piece::Key(id, *key)));
        all.extend(Some(Piece::Spared(id)).filter(|_| menu.self_service == SelfService::Ordinary));
        all.extend(menu.collect.iter().map(|_| Piece::Collected(id)));
        all.extend([Piece::Invalid(id), Piece::NoInput(id), Piece::Failed(id)]);
    }
    for (id, queue) in (0u16..).map(QueueId).zip(&plan.queues).filter(|(_, queue)| !queue.retired) {
        all.extend((0..queue.steps.len()).map(|step| Piece::Step(id, step)));
        all.extend(queue.closed.iter().map(|_| Piece::Closed(id)));
        all.extend(queue.nobody.iter().map(|_| Piece::Nobody(id)));
        all.extend(queue.overflow.iter().map(|_| Piece::Overflow(id)));
    }
    all.extend((0u16..).zip(&plan.ways_out).map(|(id, _)| Piece::Otherwise(WayOutId(id))));
    all.extend((0..plan.declared_customers().len()).map(Piece::Customer));
    all.extend((0..plan.blocks.len()).map(Piece::Block));
    all.extend((0..plan.announcements.len()).map(Piece::Announcement));
    all.extend((0..plan.lookups.len()).map(Piece::Lookup));
    all.extend(plan.survey.pieces().into_iter().map(Piece::Survey));
    all
}

impl Piece {
    /// What it is, in words.
    pub fn words(self, plan: &Plan) -> String {
        let menu = |id: MenuId| &plan.menu(id).name;
        let queue = |id: QueueId| &plan.queue(id).name;
        match self {
            Self::Number(id) => format!("number `{}`", plan.number(id).name),
            Self::Menu(id) => format!("menu `{}`", menu(id)),
            Self::NumberGate(id, place) => format!("gate {} of number `{}`", place + 1, plan.number(id).name),
            Self::Gate(id, place) => format!("gate {} of menu `{}`", place + 1, menu(id)),
            Self::Key(id, key) => format!("key `{key}` of menu `{}`", menu(id)),
            Self::Invalid(id) => format!("a wrong key in menu `{}`", menu(id)),
            Self::NoInput(id) => format!("no key in menu `{}`", menu(id)),
            Self::Failed(id) => format!("`failed` of menu `{}`", menu(id)),
            Self::Spared(id) => format!("a VIP customer past self-service menu `{}` (R47)", menu(id)),
            Self::Collected(id) => format!("`collect` of menu `{}`", menu(id)),
            Self::Step(id, step) => format!("step {} of queue `{}`", step + 1, queue(id)),
            Self::Closed(id) => format!("`closed` of queue `{}`", queue(id)),
            Self::Nobody(id) => format!("`nobody` of queue `{}`", queue(id)),
            Self::Otherwise(id) => format!("`otherwise` of the way to `{}`", plan.way_out(id).to.name),
            Self::Overflow(id) => format!("`overflow` of queue `{}`", queue(id)),
            Self::Block(place) => format!("block {}", place + 1),
            Self::Announcement(place) => {
                format!("announcement `{}`", plan.announcements.get(place).map_or("", |announcement| &*announcement.name))
            }
            Self::Lookup(place) => format!("look-up `{}`", plan.lookups.get(place).map_or("", |lookup| &*lookup.name)),
            Self::Survey(piece) => match piece {
                SurveyPiece::Intro => "`intro` of the survey".to_owned(),
                SurveyPiece::NoInput => "`no_input` of the survey".to_owned(),
                SurveyPiece::Invalid => "`invalid` of the survey".to_owned(),
                SurveyPiece::Thanks => "`thanks` of the survey".to_owned(),
                SurveyPiece::Question(place) => {
                    format!(
                        "question `{}` of the survey",
                        plan.survey.questions.get(place).map_or("", |question| question.dimension.word())
                    )
                }
            },
            Self::Customer(place) => format!("customer `{}`", plan.customers.get(place).map_or_else(String::new, Customer::title)),
        }
    }

    /// Where it is written.
    pub fn place(self, plan: &Plan) -> Option<Place<'_>> {
        let spot = match self {
            Self::Number(id) => Spot::Number(id),
            Self::Menu(id) => Spot::Menu(id),
            Self::NumberGate(id, place) => Spot::NumberGate(id, place),
            Self::Gate(id, place) => Spot::Gate(id, place),
            Self::Key(id, key) => Spot::Key(id, key),
            Self::Invalid(id) => Spot::Invalid(id),
            Self::NoInput(id) => Spot::NoInput(id),
            Self::Failed(id) => Spot::Failed(id),
            Self::Spared(id) => Spot::Key(id, '0'),
            Self::Collected(id) => Spot::Collected(id),
            Self::Step(id, step) => return plan.places.step(id, step),
            Self::Closed(id) => Spot::Closed(id),
            Self::Nobody(id) => Spot::Nobody(id),
            Self::Otherwise(id) => Spot::Otherwise(id),
            Self::Overflow(id) => Spot::Overflow(id),
            Self::Customer(place) => Spot::Customer(place),
            Self::Block(place) => Spot::Block(place),
            Self::Announcement(place) => Spot::Announcement(place),
            Self::Lookup(place) => Spot::Lookup(place),
            Self::Survey(piece) => Spot::Survey(piece),
        };
        plan.places.spot(spot)
    }

    /// What a way in the menus or around a queue is.
    pub fn of(way: WayTaken) -> Option<Self> {
        piece(way)
    }
}
