//! Connections and what every request goes through: who, may they, the body, the time limits, the audit log.

use crate::api::Api;
use crate::api::act::{Answer, Asked};
use crate::api::problem::{Problem, Tongue};
use crate::api::routes::{Method, Right, Route, Row, TABLE};
use crate::api::wire::{Answers, Wire};
use crate::audit::Attempt;
use crate::cli::kept_out;
use crate::people::Person;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::routing::{MethodFilter, on};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Connections at a time; the next one waits for one to end.
const CONNECTIONS: usize = 512;
/// Longest body, in bytes.
const BODY: usize = 64 << 10;
/// Largest head of a request, in bytes.
const HEAD: usize = 16 << 10;
/// How long a request's head, then its body, may take.
const HEAD_TIME: Duration = Duration::from_secs(10);
const BODY_TIME: Duration = Duration::from_secs(5);
/// How long an answer may take, and that of loading rules, which runs their tests.
const ANSWER_TIME: Duration = Duration::from_secs(10);
const LOADING_TIME: Duration = Duration::from_secs(35);

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Accepts until the runtime ends.
pub async fn run(listener: TcpListener, api: Arc<Api>) {
    let (router, room, answers) = (router(api), Arc::new(Semaphore::new(CONNECTIONS)), Arc::new(Answers::new().await));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let stream = Wire::new(stream, Arc::clone(&answers));
                tokio::spawn(connection(stream, peer, router.clone(), permit));
            }
            Err(error) => {
                tracing::debug!(%error, "HTTP: a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(stream: Wire<TcpStream>, peer: SocketAddr, router: Router, _permit: OwnedSemaphorePermit) {
    let inner = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        inner.call(request)
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, %peer, "HTTP");
    }
}

/// The routes of the table, and problems for everything else.
pub fn router(api: Arc<Api>) -> Router {
    let mut router = Router::new();
    // Numbers in full are asked for in the query of their call.
    for row in TABLE.iter().filter(|row| !row.path.contains('?')) {
        let filter = match row.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
        };
        router = router.route(row.path, on(filter, move |State(api): State<Arc<Api>>, request: Request| answer(api, row, request)));
    }
    router
        .method_not_allowed_fallback(async |request: Request| Problem::method().answer(Tongue::of(request.headers())))
        .fallback(async |request: Request| Problem::no_path().answer(Tongue::of(request.headers())))
        .with_state(api)
}

async fn answer(api: Arc<Api>, row: &'static Row, request: Request) -> Response<Body> {
    let tongue = Tongue::of(request.headers());
    let limit = if matches!(row.route, Route::Reload | Route::Rollback) { LOADING_TIME } else { ANSWER_TIME };
    let done = match timeout(limit, through(api, row, request)).await {
        Ok(done) => done,
        Err(_) => Err(Problem::silent()),
    };
    let mut answer = done.unwrap_or_else(|problem| problem.answer(tongue));
    let headers = answer.headers_mut();
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.entry("cache-control").or_insert(HeaderValue::from_static("no-store"));
    headers.insert("content-security-policy", HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    answer
}

async fn through(api: Arc<Api>, row: &'static Row, request: Request) -> Answer {
    let (mut parts, body) = request.into_parts();
    let person = match row.may {
        None => Arc::new(crate::people::Person::local("-".into(), Vec::new())),
        Some(_) => who(&api, row, &parts).await?,
    };
    if let Err(problem) = may_work(&api, &person, &parts).await {
        let what = format!("{} {}", row.method.word(), parts.uri.path());
        let (result, source) = (format!("denied: {}", problem.code), peer(&parts.extensions));
        api.auditor.write(Attempt { at: api.now(), who: person.name.to_string(), what, with: None, result, source }).await;
        return Err(problem);
    }
    let right = row.right(&person);
    let object = object(&mut parts).await?;
    let (query, peer) = (query(&parts)?, peer(&parts.extensions));
    let mut asked = Asked { route: row.route, person, right, object, query, headers: parts.headers, body: Bytes::new(), peer };
    if right == Right::None {
        api.audit_now(&asked, "denied: not_allowed_to_you").await;
        return Err(Problem::denied());
    }
    let Ok(_room) = api.in_flight.try_acquire() else { return Err(Problem::busy()) };
    if row.method == Method::Post {
        asked.body = read(body).await?;
    }
    let done = api.act(&asked).await;
    if row.method == Method::Post || matches!(&done, Err(problem) if problem.status == StatusCode::FORBIDDEN) {
        api.audit_now(&asked, &result(&done)).await;
    }
    done
}

/// In one or two words for the audit log.
fn result(done: &Answer) -> String {
    match done {
        Ok(_) => "done".to_owned(),
        Err(problem) if problem.status == StatusCode::FORBIDDEN => format!("denied: {}", problem.code),
        Err(problem) => format!("refused: {}", problem.code),
    }
}

async fn who(api: &Api, row: &Row, parts: &Parts) -> Result<Arc<crate::people::Person>, Problem> {
    let header = parts.headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    let peer = peer(&parts.extensions);
    let from = peer.map_or(std::net::IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    match api.auth.who(header, from, api.now()).await {
        Ok(person) => Ok(person),
        Err(unknown) => {
            if unknown.attempt {
                let (what, result) = (format!("{} {}", row.method.word(), parts.uri.path()), format!("denied: {}", unknown.problem.code));
                api.auditor.write(Attempt { at: api.now(), who: "-".into(), what, with: None, result, source: peer }).await;
            }
            Err(unknown.problem)
        }
    }
}

/// Whether a person may use the API now and from there (`[access]`, R138). The operator on this machine always may: somebody must be able to
/// change the rules.
async fn may_work(api: &Api, person: &Person, parts: &Parts) -> Result<(), Problem> {
    if person.id.is_empty() {
        return Ok(());
    }
    let look = api.look().await?;
    let access = &look.plan.settings.access;
    let in_time = access.shifts.is_none_or(|shifts| look.plan.calendar(shifts).is_open(api.now()));
    let in_place = peer(&parts.extensions).is_none_or(|peer| access.takes_address(peer.ip()));
    match (in_time, in_place) {
        (true, true) => Ok(()),
        (false, _) => {
            let problem = Problem::new(
                StatusCode::FORBIDDEN,
                "not_now",
                "not in working time (access.shifts, R138)",
                "不在工作时间（access.shifts，R138）",
            );
            Err(problem.in_words(kept_out::from_the_api(&look.plan, api.now())))
        }
        (true, false) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "not_here",
            "not from this network (access.networks, R138)",
            "不允许从这个网段访问（access.networks，R138）",
        )),
    }
}

fn peer(extensions: &axum::http::Extensions) -> Option<SocketAddr> {
    extensions.get::<Peer>().map(|peer| peer.0)
}

/// The one parameter of the path.
async fn object(parts: &mut Parts) -> Result<Option<String>, Problem> {
    let Ok(params) = RawPathParams::from_request_parts(parts, &()).await else { return Err(Problem::malformed("the path is not UTF-8")) };
    Ok(params.iter().next().map(|(_, value)| value.to_owned()))
}

/// Pairs of the query; what is no pair has an empty value.
fn query(parts: &Parts) -> Result<Vec<(String, String)>, Problem> {
    axum::extract::Query::try_from_uri(&parts.uri).map(|axum::extract::Query(pairs)| pairs).map_err(Problem::malformed)
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    match timeout(BODY_TIME, axum::body::to_bytes(body, BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Problem::too_large()),
        Err(_) => Err(Problem::too_slow()),
    }
}
