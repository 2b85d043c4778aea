//! Answers the engine's questions on the `io` runtime: the engine never waits for DNS.

use crate::clock::Clock;
use crate::customer_sources::Sources;
use crate::engine_thread::{Mailbox, Message};
use hotline_engine::{Answer, AskId, HostTrouble, Question};
use hotline_model::{Name, Number, Timestamp};
use hotline_rules::LookupSource;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::net::lookup_host;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout_at;

/// Look-ups under way at a time; each holds a thread until the system's resolver gives up.
const AT_A_TIME: usize = 16;
/// Callers about whom sources are being asked at a time.
const CUSTOMERS: usize = 256;
/// Addresses that are handed on.
const ADDRESSES: usize = 16;
/// Lines of a kind about host names in a second; the rest is counted.
const LINES: usize = 16;

/// Where questions go.
pub struct LookUps {
    io: Handle,
    mailbox: Mailbox,
    clock: Clock,
    permits: Arc<Semaphore>,
    customers: Arc<Semaphore>,
    sources: Arc<Sources>,
}

impl LookUps {
    /// Answers by a mailbox.
    pub fn new(io: Handle, mailbox: Mailbox, clock: Clock) -> Self {
        let (permits, customers) = (Arc::new(Semaphore::new(AT_A_TIME)), Arc::new(Semaphore::new(CUSTOMERS)));
        Self { io, mailbox, clock, permits, customers, sources: Arc::default() }
    }

    /// Looks for an answer; what finds no place before the deadline is left: the engine gives it up by itself.
    pub fn ask(&self, id: AskId, question: Question, deadline: Timestamp) {
        if let Question::Customer { lookup, number, source } = question {
            return self.ask_about(id, lookup, number, source, deadline);
        }
        let (mailbox, permits, until) = (self.mailbox.clone(), Arc::clone(&self.permits), self.clock.instant(deadline));
        self.io.spawn(async move {
            let Ok(Ok(permit)) = timeout_at(until.into(), permits.acquire_owned()).await else { return };
            let answer = look_up(&question).await;
            drop(permit);
            if !mailbox.send_later(Message::Answer(id, answer)).await {
                tracing::debug!("a look-up's answer found no room: it is asked again");
            }
        });
    }

    /// Asks a source about a caller, unless too many are being asked: nobody waits in a line for that. What is not there at the deadline is
    /// given up.
    fn ask_about(&self, id: AskId, lookup: Name, number: Number, source: Arc<LookupSource>, deadline: Timestamp) {
        let (mailbox, until) = (self.mailbox.clone(), self.clock.instant(deadline));
        let (permit, sources) = (Arc::clone(&self.customers).try_acquire_owned(), Arc::clone(&self.sources));
        self.io.spawn(async move {
            let answer = match permit {
                Err(_) => Answer::Full,
                Ok(_permit) => match timeout_at(until.into(), sources.ask(&source, number.reveal())).await {
                    Ok(answer) => answer,
                    Err(_) => return tracing::debug!(%lookup, "no answer about a caller in time"),
                },
            };
            if let Answer::Failed(why) = &answer {
                tracing::debug!(%lookup, %why, "a source could not be asked about a caller");
            }
            if !mailbox.send_later(Message::Answer(id, answer)).await {
                tracing::debug!("an answer about a caller found no room");
            }
        });
    }
}

async fn look_up(question: &Question) -> Answer {
    let Question::Host { host, port, .. } = question else { return Answer::Full };
    match lookup_host((&**host, *port)).await {
        Ok(found) => {
            let mut addresses = Vec::new();
            for ip in found.map(|address| address.ip().to_canonical()) {
                if addresses.len() < ADDRESSES && !addresses.contains(&ip) {
                    addresses.push(ip);
                }
            }
            Answer::Addresses(addresses)
        }
        Err(error) => Answer::Failed(error.to_string()),
    }
}

/// Tells of host names in trouble: one line when it begins or costs the last address, one when it is over.
#[derive(Default)]
pub struct Teller {
    /// Whether seats are still called at the last address.
    told: BTreeMap<Question, bool>,
}

impl Teller {
    /// Tells what is new.
    pub fn tell(&mut self, troubles: Vec<HostTrouble>) {
        let mut before = std::mem::take(&mut self.told);
        let mut new = Vec::new();
        for trouble in troubles {
            let called = trouble.last.is_some();
            self.told.insert(trouble.question.clone(), called);
            if before.remove(&trouble.question) != Some(called) {
                new.push(trouble);
            }
        }
        let over = before;
        let left_out = new.len().saturating_sub(LINES) + over.len().saturating_sub(LINES);
        new.into_iter().take(LINES).for_each(|trouble| tell_one(&trouble));
        for question in over.into_keys().take(LINES) {
            if let Question::Host { host, .. } = question {
                tracing::info!(%host, "this host is no trouble any more");
            }
        }
        if left_out > 0 {
            tracing::warn!(hosts = left_out, "and more hosts like these");
        }
    }
}

fn tell_one(HostTrouble { question, seat, seats, last, why }: &HostTrouble) {
    let Question::Host { host, .. } = question else { return };
    match last {
        Some(last) => {
            tracing::warn!(%host, %seat, seats, "the host of a contact can't be looked up: {why}; it is called at {last} as before");
        }
        None => tracing::warn!(%host, %seat, seats, "the host of a contact is not known: {why}; the seat can't be called there"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waker::Waker;
    use hotline_engine::{Config, Engine, Input, Output, Prompts};
    use hotline_model::history::Transport;
    use hotline_sip::Listener;
    use std::net::SocketAddr;
    use std::time::Duration;

    const RULES: &str = r#"
skill = [{ name = "any" }]
queue = [{ name = "line", step = [{ requires = "any >= 1" }] }]
number = [{ name = "hotline", queue = "line" }]
seat = [
    { name = "1001", contact = "sip:1001@localhost:5071", skills = { any = 5 } },
    { name = "1002", contact = "sip:1002@phone.invalid", skills = { any = 5 } },
]
"#;

    #[test]
    fn rules_with_names_that_nobody_knows_are_loaded_and_localhost_is_found_by_the_io_runtime() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("rules.toml"), RULES).unwrap();
        let local = SocketAddr::from(([127, 0, 0, 1], 5060));
        let Ok(revision) = crate::folder::load(dir.path(), &[local], None) else { panic!("it needs no DNS to be loaded") };
        let listeners = vec![Listener { transport: Transport::Udp, local, advertise: None }];
        let sip = hotline_sip::Config { listeners, ..hotline_sip::Config::default() };
        let (rtp_ports, identity) = (Vec::new(), local.to_string());
        let config = Config { sip, rtp_ports, rtp_advertise: None, identity, epoch: 1, shard: 0, max_calls: 1, seed: [1; 32] };
        let (clock, prompts) = (Clock::start(), Arc::new(Prompts::default()));
        let mut engine = Engine::new(clock.now(), 0, config, Arc::clone(&revision.plan), Arc::clone(&prompts));
        engine.handle(clock.now(), Input::Rules { plan: Arc::clone(&revision.plan), prompts });

        let io = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (mailbox, messages) = Mailbox::new(Waker::default());
        let look_ups = LookUps::new(io.handle().clone(), mailbox, clock);
        let mut asked = 0;
        while let Some(output) = engine.poll_output() {
            if let Output::Ask { id, question: question @ Question::Host { .. }, deadline } = output {
                let Question::Host { host, .. } = &question else { continue };
                if &**host == "localhost" {
                    look_ups.ask(id, question, deadline);
                }
                asked += 1;
            }
        }
        assert_eq!(asked, 2);
        let Ok(Message::Answer(id, answer)) = messages.recv_timeout(Duration::from_secs(10)) else { panic!("no answer") };
        engine.handle(clock.now(), Input::Answer { id, answer });
        let reachable = |name| engine.seat_state(*revision.plan.seat_names.get(name).unwrap()).reachable;
        assert!(reachable("1001"));
        assert!(!reachable("1002"));
    }
}
