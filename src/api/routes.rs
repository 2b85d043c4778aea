//! The one table of the control API: every route, and what each role may do there (manual.md G3). The router, the OpenAPI document, the
//! permission check and the tests read it; what is not in it does not exist, and a role without an entry may not.

use crate::people::{Person, Role};
use hotline_model::history::MessageOrder;

/// What a role may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Nothing.
    None,
    /// The own seat, and the call that is on it.
    Own,
    /// Everything of the kind.
    Any,
}

/// The methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Asks.
    Get,
    /// Changes.
    Post,
}

impl Method {
    /// As in HTTP.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// Whether the process answers at all.
    Healthz,
    /// Whether it takes calls.
    Readyz,
    /// The OpenAPI document.
    OpenApi,
    /// Figures for Prometheus.
    Metrics,
    /// How the hotline is.
    Health,
    /// The rules in force.
    Rules,
    /// Which rules ran when.
    RulesLog,
    /// What is different between two revisions.
    RulesDiff,
    /// The files of a revision.
    RulesFiles,
    /// Loads the rules again.
    Reload,
    /// Restores an earlier revision.
    Rollback,
    /// All seats.
    Seats,
    /// One seat.
    Seat,
    /// Something for a seat.
    SeatOrder(SeatOrder),
    /// The queues.
    Queues,
    /// The live calls.
    Calls,
    /// One call.
    Call,
    /// A caller's number in full, in [`Route::Call`] with `reveal=true`.
    Reveal,
    /// Something for a call.
    CallOrder(CallOrder),
    /// The announcements of the rules, and which are on (R151).
    Announcements,
    /// Switches one.
    Announce,
    /// The messages that nobody is done with (R19).
    Messages,
    /// What a caller said.
    MessageAudio,
    /// What a sensitive caller said, in [`Route::MessageAudio`] (R68).
    RestrictedAudio,
    /// Something with a message.
    MessageOrder(MessageOrder),
    /// The same of a sensitive message, in [`Route::MessageOrder`] (R68).
    RestrictedOrder(MessageOrder),
    /// What happens, as it happens.
    Events,
}

/// What is ordered of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeatOrder {
    SignIn,
    SignOut,
    Ready,
    NotReady,
    BreakAfterCall,
    WrapUpDone,
    Pull,
}

/// What is ordered of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallOrder {
    FirstCommunication,
    Classify,
    Disposition,
    Hold,
    Resume,
    Transfer,
    Consult,
    Complete,
    Cancel,
    ThreeWay,
    Back,
    AcceptOwnership,
    HangUp,
    Assign,
    Priority,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What.
    pub route: Route,
    /// How it is asked.
    pub method: Method,
    /// Where; `{name}` is a seat, `{id}` a call.
    pub path: &'static str,
    /// Who may; `None`: everybody, without a token.
    pub may: Option<[Right; Role::ALL.len()]>,
}

impl Row {
    /// What a person may here: the most of what the roles give.
    pub fn right(&self, person: &Person) -> Right {
        let Some(may) = self.may else { return Right::Any };
        person.roles.iter().map(|role| may[*role as usize]).max().unwrap_or(Right::None)
    }
}

/// The row of a route.
pub fn row(route: Route) -> &'static Row {
    TABLE.iter().find(|row| row.route == route).expect("every route has a row, as a test shows")
}

const N: Right = Right::None;
const O: Right = Right::Own;
const A: Right = Right::Any;

const fn get(route: Route, path: &'static str, may: [Right; Role::ALL.len()]) -> Row {
    Row { route, method: Method::Get, path, may: Some(may) }
}

const fn post(route: Route, path: &'static str, may: [Right; Role::ALL.len()]) -> Row {
    Row { route, method: Method::Post, path, may: Some(may) }
}

const fn open(route: Route, path: &'static str) -> Row {
    Row { route, method: Method::Get, path, may: None }
}

/// Of one's own seat: agents, and specialists who take calls; supervisors override (manual.md G3).
const SEAT_ORDERS: [Right; Role::ALL.len()] = [O, O, A, O, N, O, N, N, N, N, N, N, N];
/// Of the call on one's own seat: whoever takes calls; supervisors of any.
const CALL_ORDERS: [Right; Role::ALL.len()] = SEAT_ORDERS;
/// R44: by a supervisor's hand.
const BY_HAND: [Right; Role::ALL.len()] = [N, N, A, N, N, N, N, N, N, N, N, N, N];

/// R19: whoever serves the message's queue.
const MESSAGE_ORDERS: [Right; Role::ALL.len()] = [O, O, A, A, N, N, N, N, N, N, N, N, N];

/// R68: only cleared seats, and who is responsible for them.
const RESTRICTED: [Right; Role::ALL.len()] = [O, N, A, A, N, N, N, N, N, N, N, N, N];

/// Every route and who may use it.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    open(Route::Healthz, "/healthz"),
    open(Route::Readyz, "/readyz"),
    open(Route::OpenApi, "/api/openapi.json"),
    // agent, tech_support, supervisor, complaint_officer, quality, crm_officer, manager, legal, hr, pr, admin, ops, auditor
    get(Route::Metrics, "/metrics",                     [N, N, A, N, N, N, A, N, N, N, A, A, N]),
    get(Route::Health, "/api/v1/health",                [N, N, A, N, N, N, A, N, N, N, A, A, N]),
    get(Route::Rules, "/api/v1/rules",                  [N, N, A, N, A, N, A, N, N, N, A, A, A]),
    get(Route::RulesLog, "/api/v1/rules/log",           [N, N, A, N, A, N, A, N, N, N, A, A, A]),
    get(Route::RulesDiff, "/api/v1/rules/diff",         [N, N, N, N, N, N, N, N, N, N, A, A, A]),
    get(Route::RulesFiles, "/api/v1/rules/files",       [N, N, N, N, N, N, N, N, N, N, A, A, A]),
    post(Route::Reload, "/api/v1/rules/reload",         [N, N, N, N, N, N, N, N, N, N, N, A, N]),
    post(Route::Rollback, "/api/v1/rules/rollback",     [N, N, N, N, N, N, N, N, N, N, N, A, N]),
    get(Route::Queues, "/api/v1/queues",                [A, A, A, A, A, A, A, N, N, N, A, A, N]),
    get(Route::Announcements, "/api/v1/announcements",  [A, A, A, A, A, A, A, N, N, A, A, A, A]),
    post(Route::Announce, "/api/v1/announcements",      [N, N, A, N, N, N, N, N, N, N, N, A, N]),
    get(Route::Seats, "/api/v1/seats",                  [O, O, A, A, N, O, A, N, N, N, A, N, N]),
    get(Route::Seat, "/api/v1/seats/{name}",            [O, O, A, A, N, O, A, N, N, N, A, N, N]),
    post(Route::SeatOrder(SeatOrder::SignIn), "/api/v1/seats/{name}/sign-in", SEAT_ORDERS),
    post(Route::SeatOrder(SeatOrder::SignOut), "/api/v1/seats/{name}/sign-out", SEAT_ORDERS),
    post(Route::SeatOrder(SeatOrder::Ready), "/api/v1/seats/{name}/ready", SEAT_ORDERS),
    post(Route::SeatOrder(SeatOrder::NotReady), "/api/v1/seats/{name}/not-ready", SEAT_ORDERS),
    post(Route::SeatOrder(SeatOrder::BreakAfterCall), "/api/v1/seats/{name}/break-after-call", SEAT_ORDERS),
    post(Route::SeatOrder(SeatOrder::WrapUpDone), "/api/v1/seats/{name}/wrap-up-done", SEAT_ORDERS),
    post(Route::SeatOrder(SeatOrder::Pull), "/api/v1/seats/{name}/pull", BY_HAND),
    get(Route::Calls, "/api/v1/calls",                  [O, O, A, A, A, A, A, N, N, N, N, N, N]),
    get(Route::Call, "/api/v1/calls/{id}",              [O, O, A, A, A, A, A, N, N, N, N, N, N]),
    get(Route::Reveal, "/api/v1/calls/{id}?reveal=true", [O, N, A, A, N, A, N, N, N, N, N, N, N]),
    post(Route::CallOrder(CallOrder::FirstCommunication), "/api/v1/calls/{id}/first-communication", CALL_ORDERS),
    // A complaint officer classifies, also what others talk about.
    post(Route::CallOrder(CallOrder::Classify), "/api/v1/calls/{id}/classify", [O, O, A, A, N, O, N, N, N, N, N, N, N]),
    post(Route::CallOrder(CallOrder::Disposition), "/api/v1/calls/{id}/disposition", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::Hold), "/api/v1/calls/{id}/hold", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::Resume), "/api/v1/calls/{id}/resume", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::Transfer), "/api/v1/calls/{id}/transfer", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::Consult), "/api/v1/calls/{id}/consult", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::Complete), "/api/v1/calls/{id}/complete", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::Cancel), "/api/v1/calls/{id}/cancel", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::ThreeWay), "/api/v1/calls/{id}/three-way", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::Back), "/api/v1/calls/{id}/back", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::AcceptOwnership), "/api/v1/calls/{id}/accept-ownership", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::HangUp), "/api/v1/calls/{id}/hang-up", CALL_ORDERS),
    post(Route::CallOrder(CallOrder::Assign), "/api/v1/calls/{id}/assign", BY_HAND),
    post(Route::CallOrder(CallOrder::Priority), "/api/v1/calls/{id}/priority", BY_HAND),
    get(Route::Messages, "/api/v1/messages",            [O, O, A, A, A, N, A, N, N, N, N, N, N]),
    get(Route::MessageAudio, "/api/v1/messages/{id}/audio", [O, O, A, A, A, N, N, N, N, N, N, N, N]),
    get(Route::RestrictedAudio, "/api/v1/messages/{id}/audio?sensitive=true", RESTRICTED),
    post(Route::MessageOrder(MessageOrder::Take), "/api/v1/messages/{id}/take", MESSAGE_ORDERS),
    post(Route::MessageOrder(MessageOrder::TakeOver), "/api/v1/messages/{id}/take-over", MESSAGE_ORDERS),
    post(Route::MessageOrder(MessageOrder::Heard), "/api/v1/messages/{id}/heard", MESSAGE_ORDERS),
    post(Route::MessageOrder(MessageOrder::Done), "/api/v1/messages/{id}/done", MESSAGE_ORDERS),
    post(Route::MessageOrder(MessageOrder::Delete), "/api/v1/messages/{id}/delete", BY_HAND),
    // Nobody answers or has heard what they may not hear.
    post(Route::RestrictedOrder(MessageOrder::Take), "/api/v1/messages/{id}/take?sensitive=true", RESTRICTED),
    post(Route::RestrictedOrder(MessageOrder::TakeOver), "/api/v1/messages/{id}/take-over?sensitive=true", RESTRICTED),
    post(Route::RestrictedOrder(MessageOrder::Heard), "/api/v1/messages/{id}/heard?sensitive=true", RESTRICTED),
    post(Route::RestrictedOrder(MessageOrder::Done), "/api/v1/messages/{id}/done?sensitive=true", RESTRICTED),
    post(Route::RestrictedOrder(MessageOrder::Delete), "/api/v1/messages/{id}/delete?sensitive=true", BY_HAND),
    get(Route::Events, "/api/v1/events",                [O, O, A, A, N, O, N, N, N, N, N, N, N]),
];
