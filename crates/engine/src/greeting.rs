//! What is said between the answer and the conversation: 工号播报 to the caller, queue and class to the agent, each to one of them alone and
//! both at the same time. The answer clock is met already (K3).

use crate::call::{Call, Phase, Talking, Waiting};
use crate::keys::WHISPER;
use crate::world::{Alarm, World};
use hotline_ivr::Spoken;
use hotline_media::{Clip, Command};
use hotline_model::LanguageId;
use hotline_model::history::{EventKind, PhoneEvent};
use std::sync::Arc;
use std::time::Duration;

/// Caller and agent wait for each other so long, at most.
const LONGEST: Duration = Duration::from_secs(4);
/// What the caller hears; no menu counts so far.
const TO_CALLER: u64 = WHISPER - 1;
/// What the agent hears.
const TO_AGENT: u64 = WHISPER - 2;

/// Who still listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Greeting {
    pub leg: u8,
    caller: bool,
    agent: bool,
}

impl Call {
    /// Bridges caller and agent, after what is to be said to them before.
    pub fn greet(&mut self, world: &mut World, waiting: &Waiting) {
        let Phase::Talking(Talking { seat: Some(seat), leg }) = self.phase else { return self.bridge(world) };
        let plan = Arc::clone(&world.plan);
        if plan.queue(waiting.queue).direct {
            return self.bridge(world);
        }
        let number = plan.agent_number(seat).filter(|_| plan.desk.announce_agent);
        let announcement = number.map(|number| plan.desk.announcement(&number)).unwrap_or_default();
        let whisper = if plan.desk.whisper { plan.whisper(waiting.queue, waiting.profile.class) } else { Vec::new() };
        let to_caller = clips(world, &announcement, waiting.profile.language);
        let to_agent = clips(world, &whisper, LanguageId(0));
        let greeting = Greeting { leg, caller: !to_caller.is_empty(), agent: !to_agent.is_empty() };
        if !greeting.caller && !greeting.agent {
            return self.bridge(world);
        }
        self.record(world, EventKind::Phone(PhoneEvent::Greeting { announced: greeting.caller, whispered: greeting.agent }));
        self.greeting = Some(greeting);
        self.arrange(world);
        let (caller, agent) = (self.caller().media.stream, self.legs[leg].media.stream);
        for (stream, play, clips) in [(caller, TO_CALLER, to_caller), (agent, TO_AGENT, to_agent)] {
            if clips.is_empty() {
                world.media(Command::Stop { stream });
            } else {
                world.media(Command::Play { stream, play, clips, barge_in: false, then_music: false });
            }
        }
        self.alarm(world, Alarm::Greeting, world.now + LONGEST);
    }

    /// One of both has heard it. `false`: it was something else that was played.
    pub fn on_greeting_played(&mut self, world: &mut World, play: u64) -> bool {
        if play != TO_CALLER && play != TO_AGENT {
            return false;
        }
        if let Some(greeting) = &mut self.greeting {
            greeting.caller &= play != TO_CALLER;
            greeting.agent &= play != TO_AGENT;
            if !greeting.caller && !greeting.agent {
                self.on_greeted(world);
            }
        }
        true
    }

    /// Both have heard it, or it took too long: they talk, if they still are with each other.
    pub fn on_greeted(&mut self, world: &mut World) {
        self.alarms.clear(world, Alarm::Greeting);
        let Some(greeting) = self.greeting.take() else { return };
        let Phase::Talking(talking) = &self.phase else { return };
        if talking.leg != greeting.leg {
            return;
        }
        let agent = self.legs[talking.leg].media.stream;
        self.record(world, EventKind::Phone(PhoneEvent::Greeted));
        world.media(Command::Stop { stream: agent });
        self.bridge(world);
    }
}

/// What is to be said, if all of it can be: half a number would be worse than none.
fn clips(world: &mut World, pieces: &[hotline_model::Name], language: LanguageId) -> Vec<Arc<Clip>> {
    let spoken: Vec<Spoken> = pieces.iter().map(|prompt| Spoken { language, prompt: prompt.clone() }).collect();
    let (clips, missing) = world.prompts.clips(&world.plan, &spoken);
    world.counters.missing_prompts += missing;
    if missing == 0 { clips } else { Vec::new() }
}
