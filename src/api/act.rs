//! What is done for each route, once it is known who asks and that they may.

use crate::api::asked::{
    AnnounceBody, AssignBody, ClassifyBody, CompleteBody, ConsultBody, DispositionBody, NotReadyBody, PriorityBody, PullBody, TransferBody,
    named,
};
use crate::api::events::Listener;
use crate::api::nouns::{
    AnnouncementList, AnnouncementShown, CallList, CallShown, Done, Health, PAGE, QueueList, SeatList, SeatShown, TrunkShown,
};
use crate::api::problem::Problem;
use crate::api::routes::{CallOrder, Right, Route, SeatOrder, row};
use crate::api::{Api, absent, openapi};
use crate::cli::kept_out;
use crate::cli::words;
use crate::engine_thread::{At, DeskNo, Look, Message};
use crate::people::Person;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use hotline_model::history::{HandOrder, WhyNot};
use hotline_model::{CallId, DeskOrder, DeskRefusal, Name, NotReadyReason, Record};
use hotline_rules::Said;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A request by somebody who may.
pub struct Asked {
    /// What.
    pub route: Route,
    /// Who.
    pub person: Arc<Person>,
    /// Own or any.
    pub right: Right,
    /// `{name}` or `{id}` of the path.
    pub object: Option<String>,
    /// The query.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body of a POST.
    pub body: Bytes,
    /// Whose connection it is.
    pub peer: Option<SocketAddr>,
}

/// An answer, or why there is none.
pub type Answer = Result<Response<Body>, Problem>;

impl Asked {
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let media = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = media.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Problem::media_type());
        }
        let value: Value = serde_json::from_slice(&self.body).map_err(Problem::malformed)?;
        serde_json::from_value(value).map_err(Problem::unfit)
    }

    /// A body that may be absent.
    pub(super) fn read_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        if self.body.is_empty() { Ok(T::default()) } else { self.read() }
    }

    pub(super) fn by(&self) -> Name {
        self.person.name.clone()
    }

    /// The seat of the path, if the person may see or order it.
    fn seat(&self) -> Result<Name, Problem> {
        let name = self.object.clone().unwrap_or_default();
        let own = self.person.seat.as_deref() == Some(&*name);
        if self.right == Right::Own && !own {
            return Err(Problem::denied());
        }
        named(name).map_err(|_| Problem::no_seat())
    }

    /// The call of the path.
    fn call(&self) -> Result<CallId, Problem> {
        self.object.as_deref().unwrap_or_default().parse().map_err(Problem::malformed)
    }

    /// The own seat; whoever has none has nothing of their own.
    fn own_seat(&self) -> Result<Name, Problem> {
        self.person.seat.clone().ok_or(Problem::denied())
    }

    /// The values of the known keys of the query.
    pub(super) fn query<const N: usize>(&self, keys: [&str; N]) -> Result<[Option<&str>; N], Problem> {
        let mut values = [None; N];
        for (key, value) in &self.query {
            let Some(at) = keys.iter().position(|known| known == key) else {
                return Err(Problem::malformed(format!("unknown key in the query: {key}")));
            };
            if values[at].replace(value.as_str()).is_some() {
                return Err(Problem::malformed(format!("{key} twice in the query")));
            }
        }
        Ok(values)
    }
}

impl Api {
    /// Does what is asked.
    pub async fn act(self: &Arc<Self>, asked: &Asked) -> Answer {
        match asked.route {
            Route::Healthz => json(&serde_json::json!({ "alive": true })),
            Route::Readyz => self.readyz().await,
            Route::OpenApi => json(openapi::document()),
            Route::Metrics => self.metrics().await,
            Route::Health => self.health().await,
            Route::Rules => self.rules().await,
            Route::RulesLog => self.rules_log(asked).await,
            Route::RulesDiff => self.rules_diff(asked).await,
            Route::RulesFiles => self.rules_files(asked).await,
            Route::Reload => self.reload(asked).await,
            Route::Rollback => self.roll_back(asked).await,
            Route::Seats => self.seats(asked).await,
            Route::Seat => self.seat(asked).await,
            Route::SeatOrder(SeatOrder::Pull) => self.pull(asked).await,
            Route::SeatOrder(order) => self.seat_order(asked, order).await,
            Route::Queues => json(&QueueList::of(&*self.look().await?)),
            Route::Announcements => {
                let look = self.look().await?;
                json(&AnnouncementList { announcements: look.announcements.iter().map(AnnouncementShown::of).collect() })
            }
            Route::Announce => self.announce(asked).await,
            Route::Calls => self.calls(asked),
            Route::Call | Route::Reveal => self.call(asked).await,
            Route::CallOrder(CallOrder::Assign) => {
                let seat = named(asked.read::<AssignBody>()?.seat).map_err(Problem::unfit)?;
                self.by_hand(asked, asked.call()?, HandOrder::Assign { seat: seat.clone() }, Some(seat)).await
            }
            Route::CallOrder(CallOrder::Priority) => {
                let priority = asked.read::<PriorityBody>()?.priority.into();
                self.by_hand(asked, asked.call()?, HandOrder::Priority { priority }, None).await
            }
            Route::CallOrder(order) => self.call_order(asked, order).await,
            Route::Messages => self.messages(asked).await,
            Route::MessageAudio | Route::RestrictedAudio => self.message_audio(asked).await,
            Route::MessageOrder(order) | Route::RestrictedOrder(order) => self.message_order(asked, order).await,
            Route::Events => self.events(asked),
        }
    }

    async fn announce(&self, asked: &Asked) -> Answer {
        let body = asked.read::<AnnounceBody>()?;
        if self.look().await?.plan.announcement(&body.announcement).is_none() {
            return Err(Problem::no_announcement());
        }
        let switch = body.switch(asked.by()).map_err(Problem::unfit)?;
        let name = switch.announcement.clone();
        self.mailbox.ask(|answer| Message::Switch(switch, answer)).await.ok_or_else(Problem::silent)?;
        self.forget_look().await;
        let look = self.look().await?;
        let shown = look.announcements.iter().find(|state| state.name == name).map(AnnouncementShown::of);
        json(&shown.ok_or_else(Problem::no_announcement)?)
    }

    async fn readyz(&self) -> Answer {
        if self.draining.load(Ordering::Relaxed) {
            return Err(Problem::draining());
        }
        self.look().await?;
        json(&serde_json::json!({ "ready": true }))
    }

    async fn health(&self) -> Answer {
        let look = self.look().await?;
        let figures = &look.figures;
        let trunks = figures.trunks.iter().map(|trunk| TrunkShown {
            name: trunk.name.to_string(),
            calls: trunk.calls,
            limit: trunk.limit,
            up: trunk.up,
        });
        json(&Health {
            version: env!("CARGO_PKG_VERSION").into(),
            draining: self.draining.load(Ordering::Relaxed),
            now: words::iso(self.now()),
            uptime_s: self.clock.now().0.unsigned_abs() / 1_000_000,
            revision: look.plan.revision.to_string(),
            calls: figures.calls as u64,
            in_menu: figures.in_menu as u64,
            waiting: figures.waiting as u64,
            talking: figures.talking as u64,
            oldest_wait_ms: u64::try_from(figures.oldest_wait.as_millis()).unwrap_or(u64::MAX),
            call_backs: figures.call_backs as u64,
            free_ports: figures.free_ports as u64,
            audit_written: self.auditor.is_good(),
            listeners: self.hub.listeners() as u64,
            trunks: trunks.collect(),
        })
    }

    async fn metrics(&self) -> Answer {
        let text = crate::api::metrics::text(&*self.look().await?, self.hub.contacts().sums(), self.reloading.status());
        let mut answer = Response::new(Body::from(text));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
        Ok(answer)
    }

    async fn seats(&self, asked: &Asked) -> Answer {
        let look = self.look().await?;
        let own = if asked.right == Right::Own { Some(asked.own_seat()?) } else { None };
        let seats = look.seats.iter().filter(|(name, _)| own.as_ref().is_none_or(|own| own == name));
        let live = self.hub.live();
        let seats = seats.map(|(name, state)| SeatShown::of(name, *state, live.at(name).map(|call| call.to_string())));
        json(&SeatList { seats: seats.collect() })
    }

    async fn seat(&self, asked: &Asked) -> Answer {
        let seat = asked.seat()?;
        let look = self.look().await?;
        let (name, state) = look.seats.iter().find(|(name, _)| *name == seat).ok_or_else(Problem::no_seat)?;
        let call = self.hub.live().at(name).map(|call| call.to_string());
        json(&SeatShown::of(name, *state, call))
    }

    async fn seat_order(&self, asked: &Asked, order: SeatOrder) -> Answer {
        let seat = asked.seat()?;
        let order = match order {
            SeatOrder::SignIn => DeskOrder::SignIn,
            SeatOrder::SignOut => DeskOrder::SignOut,
            SeatOrder::Ready => DeskOrder::Ready,
            SeatOrder::NotReady => DeskOrder::NotReady(chosen(asked)?),
            SeatOrder::BreakAfterCall => DeskOrder::BreakAfterCall,
            SeatOrder::WrapUpDone => DeskOrder::WrapUpDone,
            SeatOrder::Pull => return self.pull(asked).await,
        };
        self.desk(asked, At::Seat(seat), order, None).await
    }

    async fn pull(&self, asked: &Asked) -> Answer {
        let seat = asked.seat()?;
        let call = asked.read::<PullBody>()?.call.parse().map_err(Problem::unfit)?;
        self.by_hand(asked, call, HandOrder::Pull { seat: seat.clone() }, Some(seat)).await
    }

    fn calls(&self, asked: &Asked) -> Answer {
        let [limit, after] = asked.query(["limit", "after"])?;
        let limit = limit.map_or(Ok(200), |limit| limit.parse::<u32>().ok().filter(|limit| (1..=PAGE).contains(limit)).ok_or(()));
        let limit = limit.map_err(|()| Problem::malformed(format!("limit is a number from 1 to {PAGE}")))?;
        let after: Option<CallId> = after.map(str::parse).transpose().map_err(Problem::malformed)?;
        let live = self.hub.live();
        let own = if asked.right == Right::Own { Some(live.at(&asked.own_seat()?)) } else { None };
        let mine = |record: &&Record| own.is_none_or(|own| own == Some(record.call));
        let mut page: Vec<_> = live.after(after).filter(mine).take(limit as usize + 1).collect();
        let more = page.len() > limit as usize;
        page.truncate(limit as usize);
        let next = page.last().filter(|_| more).map(|record| record.call.to_string());
        json(&CallList { calls: page.into_iter().map(|record| CallShown::of(record, false)).collect(), next })
    }

    async fn call(&self, asked: &Asked) -> Answer {
        let id = asked.call()?;
        let [reveal] = asked.query(["reveal"])?;
        let reveal = match reveal {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Problem::malformed("reveal is true or false")),
        };
        let least = if reveal { asked.right.min(row(Route::Reveal).right(&asked.person)) } else { asked.right };
        let own = || Some(self.hub.live().at(asked.person.seat.as_deref()?) == Some(id));
        if least == Right::None || least == Right::Own && own() != Some(true) {
            return Err(Problem::denied());
        }
        // A number in full is shown when the audit log says so, not before.
        if reveal && !self.audit_now(asked, "done").await {
            return Err(Problem::no_audit());
        }
        if let Some(record) = self.hub.live().call(id) {
            return json(&CallShown::of(record, reveal));
        }
        let records = self.records().await?;
        let found = records.call(id).await.map_err(Problem::no_records)?.and_then(|found| found.record);
        json(&CallShown::of(&found.ok_or_else(Problem::no_call)?, reveal))
    }

    async fn call_order(&self, asked: &Asked, order: CallOrder) -> Answer {
        let call = asked.call()?;
        let order = match order {
            CallOrder::FirstCommunication => DeskOrder::FirstCommunication,
            CallOrder::Classify => asked.read::<ClassifyBody>()?.order().ok_or_else(|| Problem::unfit("nothing of it is said"))?,
            CallOrder::Disposition => DeskOrder::Dispose(named(asked.read::<DispositionBody>()?.disposition).map_err(Problem::unfit)?),
            CallOrder::Hold => DeskOrder::Hold,
            CallOrder::Resume => DeskOrder::Resume,
            CallOrder::Transfer => asked.read::<TransferBody>()?.order().map_err(Problem::unfit)?,
            CallOrder::Consult => DeskOrder::Consult { to: asked.read::<ConsultBody>()?.to.target().map_err(Problem::unfit)? },
            CallOrder::Complete => DeskOrder::Complete { reason: asked.read_or_default::<CompleteBody>()?.reason.map(Into::into) },
            CallOrder::Cancel => DeskOrder::Cancel,
            CallOrder::ThreeWay => DeskOrder::ThreeWay,
            CallOrder::Back => DeskOrder::Back,
            CallOrder::AcceptOwnership => DeskOrder::AcceptOwnership,
            CallOrder::HangUp => DeskOrder::HangUp,
            CallOrder::Assign | CallOrder::Priority => return Err(Problem::no_path()),
        };
        let at = if asked.right == Right::Own {
            At::Own { seat: asked.own_seat()?, call }
        } else {
            let seat = self.hub.live().call(call).map(|record| record.seat.clone());
            At::Call { call, seat: seat.ok_or_else(Problem::no_call)? }
        };
        self.desk(asked, at, order, Some(call)).await
    }

    async fn desk(&self, asked: &Asked, at: At, order: DeskOrder, call: Option<CallId>) -> Answer {
        let by = asked.by();
        let ordered = order.clone();
        let done = self.mailbox.ask(|answer| Message::Desk { at, by, order, answer }).await.ok_or_else(Problem::silent)?;
        self.forget_look().await;
        match done {
            Ok(seat) => json(&Done { done: true, seat: Some(seat.to_string()), call: call.map(|call| call.to_string()) }),
            Err(DeskNo::NotAtIt) => Err(Problem::denied()),
            Err(DeskNo::Refused(DeskRefusal::NoSuchSeat)) => Err(Problem::no_seat()),
            Err(DeskNo::Refused(why)) => {
                let words = self.look().await.ok().and_then(|look| {
                    let away = absent::sentences(&look, &ordered, why);
                    let away = away.map(|(en, zh)| Said { en: en.into(), zh: zh.into() });
                    away.or_else(|| kept_out::from_signing_in(&look.plan, why, self.now()))
                });
                Err(Problem::refused(why).in_words(words))
            }
        }
    }

    async fn by_hand(&self, asked: &Asked, call: CallId, order: HandOrder, seat: Option<Name>) -> Answer {
        let by = asked.by();
        let done = self.mailbox.ask(|answer| Message::ByHand { call, by, order, answer }).await.ok_or_else(Problem::silent)?;
        self.forget_look().await;
        match done {
            None => json(&Done { done: true, seat: seat.map(|seat| seat.to_string()), call: Some(call.to_string()) }),
            Some(WhyNot::NotWaiting) if self.hub.live().call(call).is_none() => Err(Problem::no_call()),
            Some(why) => {
                let seat = seat.filter(|_| why == WhyNot::NotReady);
                let words = match (seat, self.look().await) {
                    (Some(seat), Ok(look)) => {
                        let chosen = self.hub.live().chosen(&seat);
                        let pause = match self.records().await {
                            Ok(records) => absent::pause(records, &look, &seat, self.now()).await.map_err(Problem::no_records),
                            Err(problem) => Err(problem),
                        };
                        // Records that can't be read are told in the log: the order was refused all the same.
                        let pause = pause.ok().flatten();
                        absent::by_hand(&look, &seat, chosen, pause.as_ref(), self.now())
                    }
                    (Some(_), Err(_)) | (None, _) => None,
                };
                Err(Problem::not_by_hand(why).in_words(words))
            }
        }
    }

    fn events(self: &Arc<Self>, asked: &Asked) -> Answer {
        if asked.right == Right::Own {
            asked.own_seat()?;
        }
        let last = match asked.headers.get("last-event-id").map(HeaderValue::to_str) {
            None => None,
            Some(Ok("")) => None,
            Some(Ok(last)) => Some(last),
            Some(Err(_)) => return Err(Problem::malformed("Last-Event-ID: ids look like 3-1042")),
        };
        let (api, person) = (Arc::downgrade(self), Arc::clone(&asked.person));
        let may = move || api.upgrade().is_some_and(|api| api.auth.still(&person, api.now()));
        let stream = self.hub.listen(Listener { person: Arc::clone(&asked.person), right: asked.right }, last, may)?;
        let mut answer = Response::new(Body::new(stream));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(answer)
    }

    /// What is going on, asked of the engine at most five times a second whatever comes.
    pub(super) async fn look(&self) -> Result<Arc<Look>, Problem> {
        let mut kept = self.kept_look.lock().await;
        if let Some((at, look)) = &*kept
            && at.elapsed() < Duration::from_millis(200)
        {
            return Ok(Arc::clone(look));
        }
        let look = Arc::new(self.mailbox.ask(Message::Look).await.ok_or_else(Problem::silent)?);
        *kept = Some((std::time::Instant::now(), Arc::clone(&look)));
        Ok(look)
    }

    /// Whoever changed something sees it.
    pub(super) async fn forget_look(&self) {
        *self.kept_look.lock().await = None;
    }
}

fn chosen(asked: &Asked) -> Result<NotReadyReason, Problem> {
    Ok(asked.read::<NotReadyBody>()?.reason.into())
}

/// A JSON answer.
pub fn json(value: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(value).expect("our nouns can always be written");
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = StatusCode::OK;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(answer)
}
