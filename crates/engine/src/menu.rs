//! `Phase::Menu`: the caller's keys go to the menus, their prompts to the caller, and the end of it into a queue.

use crate::call::{Call, Phase};
use crate::world::{Alarm, World};
use hotline_ivr::{Input, Output, Session};
use hotline_media::Command;
use hotline_model::history::{Cause, EventKind, Judged, LookedAt, Side};
use hotline_model::{Intent, QueueId, SeatId};
use hotline_rules::{Door, Looked, NumberId, Plan, QueueFacts};
use std::sync::Arc;
use std::time::Duration;

/// How queues are, as the menus ask of them.
pub(crate) struct Queues<'w>(pub &'w World);

impl QueueFacts for Queues<'_> {
    fn waiting(&self, queue: QueueId) -> u32 {
        u32::try_from(self.0.router.waiting(queue)).unwrap_or(u32::MAX)
    }

    fn longest(&self, queue: QueueId) -> Duration {
        self.0.router.oldest(queue, self.0.now).unwrap_or_default()
    }

    fn signed_in(&self, queue: QueueId) -> u32 {
        self.0.router.signed_in(queue)
    }
}

impl Call {
    /// The caller's first step after pick-up.
    pub fn start_menu(&mut self, world: &mut World, number: NumberId) {
        let mut session = Session::new(Arc::clone(&world.plan), number, &self.from);
        session.notices(world.notices(&world.plan, number));
        self.phase = Phase::Menu(Box::new(session));
        self.watch_menu(world);
        self.ask_about_caller(world);
        self.tell_menu(world, Input::Start);
    }

    /// A digit from the caller, whichever way it came.
    pub fn on_digit(&mut self, world: &mut World, digit: char) {
        match &self.phase {
            Phase::Waiting(_) | Phase::Offered(..) => {
                self.reply_due(world);
                self.on_waiting_digit(world, digit);
                self.settle_reply(world);
            }
            Phase::Menu(_) => self.tell_menu(world, Input::Digit(digit)),
            Phase::Survey(_) => self.tell_survey(world, Input::Digit(digit)),
            Phase::Message(_) => self.on_message_digit(world, digit),
            Phase::Led(_)
            | Phase::Later(_)
            | Phase::Reaching(..)
            | Phase::Talking(_)
            | Phase::Transferring(_)
            | Phase::Goodbye
            | Phase::WrapUp
            | Phase::Done => {}
        }
    }

    /// A play ended by itself.
    pub fn on_played(&mut self, world: &mut World, play: u64) {
        if play == self.play && self.turned_away == Some(Cause::Blocked) {
            self.hang_up_blocked(world);
        } else if play == self.play && matches!(self.phase, Phase::Message(_)) {
            self.on_message_played(world);
        } else if play == self.play {
            self.tell_menu(world, Input::Played);
            self.tell_survey(world, Input::Played);
        }
    }

    /// The menu's timer.
    pub fn on_menu_timeout(&mut self, world: &mut World) {
        let Phase::Menu(session) = &mut self.phase else { return };
        session.handle_timeout(world.now, world.wall_offset, &Queues(world));
        self.hear_menu(world);
    }

    /// Gives the menu an input and does what it says.
    pub fn tell_menu(&mut self, world: &mut World, input: Input) {
        let Phase::Menu(session) = &mut self.phase else { return };
        session.handle(world.now, world.wall_offset, &Queues(world), input);
        self.hear_menu(world);
    }

    /// Does what the menus say.
    pub fn hear_menu(&mut self, world: &mut World) {
        self.follow_menu(world);
        self.settle_reply(world);
    }

    fn follow_menu(&mut self, world: &mut World) {
        self.note_menu_ways(world);
        while let Phase::Menu(session) = &mut self.phase {
            let Some(output) = session.poll_output() else { break };
            let plan = Arc::clone(session.plan());
            match output {
                Output::Say { parts, barge_in } => {
                    if !self.play(world, &parts, barge_in, false)
                        && let Phase::Menu(session) = &mut self.phase
                    {
                        session.handle(world.now, world.wall_offset, &Queues(world), Input::Played);
                        self.note_menu_ways(world);
                    }
                }
                Output::Stop => world.media(Command::Stop { stream: self.caller().media.stream }),
                Output::Menu(menu) => self.record(world, EventKind::Menu(plan.menu(menu).name.clone())),
                Output::Digit { menu, digit } => {
                    self.forget_reply(world);
                    self.record(world, EventKind::Digit { menu: plan.menu(menu).name.clone(), digit });
                }
                Output::ReplyDue => self.reply_due(world),
                Output::Judged { door, taken, looked } => self.record(world, judged(&plan, door, taken, looked)),
                Output::Language(language) => self.record(world, EventKind::Language(plan.language(language).code.clone())),
                Output::Collected { menu, name, digits } => {
                    self.record(world, EventKind::Collected { menu: plan.menu(menu).name.clone(), name: name.clone(), digits });
                    self.ask_with_value(world, &name);
                }
                Output::Spared(menu) => self.record(world, EventKind::Spared { menu: plan.menu(menu).name.clone() }),
                Output::Classified { mut profile, queue, call_back, led } => {
                    if let Some(seat) = self.first_of(world, &led, profile.sensitive) {
                        profile.owner = Some(seat);
                        self.record(world, EventKind::LedToSeat { seat: plan.seat(seat).name.clone() });
                    }
                    self.enter_queue(world, queue, profile, Vec::new());
                    return if call_back {
                        self.wish_call_back(world)
                    };
                }
                Output::Out { profile, way } => return self.lead_out(world, plan, way, profile, &[]),
                Output::Noticed(announcement) => self.record(world, EventKind::AnnouncementSaid { announcement }),
                Output::Goodbye => return self.say_goodbye(world),
                Output::Voicemail { voicemail, profile } => {
                    self.classify(world, &plan, &profile);
                    return self.begin_message(world, plan.voicemail(voicemail).clone(), profile, &[]);
                }
                Output::HangUp => return self.finish(world, None, Side::System, Cause::Completed, None),
            }
        }
        self.set_menu_alarm(world);
    }

    /// Of the seats to which the menus led the call the first that is ready, else the first that may have it.
    fn first_of(&self, world: &World, seats: &[SeatId], sensitive: bool) -> Option<SeatId> {
        let ready = seats.iter().find(|seat| world.router.takes(self.id, **seat, sensitive).is_ok());
        let state = |seat: &&SeatId| world.router.seat_state(**seat);
        let there = || seats.iter().find(|seat| state(seat).reachable && state(seat).intent == Intent::Available);
        ready.or_else(there).or(seats.first()).copied()
    }

    fn set_menu_alarm(&mut self, world: &mut World) {
        let Phase::Menu(session) = &self.phase else { return };
        match session.poll_timeout() {
            Some(at) => self.alarm(world, Alarm::Menu, at),
            None => self.alarms.clear(world, Alarm::Menu),
        }
    }

    /// All is said: the caller is to hang up; after `timers.linger` we do.
    pub fn say_goodbye(&mut self, world: &mut World) {
        self.alarms.clear(world, Alarm::Menu);
        self.phase = Phase::Goodbye;
        let linger = world.plan.timers.linger;
        self.alarm(world, Alarm::Linger, world.now + linger);
    }
}

fn judged(plan: &Plan, door: Door, taken: Option<usize>, looked: Vec<(usize, Looked)>) -> EventKind {
    let menu = match door {
        Door::Number(_) => None,
        Door::Menu(menu) => Some(plan.menu(menu).name.clone()),
    };
    let place = |place: usize| u16::try_from(place).unwrap_or(u16::MAX);
    let looked = looked.into_iter().map(|(gate, Looked { fact, value })| LookedAt { gate: place(gate), fact, value });
    EventKind::Judged(Judged { menu, taken: taken.map(place), looked: looked.collect() })
}
