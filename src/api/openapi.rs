//! The OpenAPI 3.1 document: paths from the permission table, schemas from the nouns.

use crate::api::asked::{
    AnnounceBody, AssignBody, ClassifyBody, CompleteBody, ConsultBody, DispositionBody, NotReadyBody, PriorityBody, PullBody, ReloadBody,
    RollbackBody, TransferBody,
};
use crate::api::messages::{MessageList, MessageShown};
use crate::api::nouns::{
    AnnouncementList, AnnouncementShown, CallList, CallShown, Done, Health, PAGE, QueueList, Reloaded, RolledBack, RulesDiff, RulesFiles,
    RulesLog, RulesShown, SeatList, SeatShown,
};
use crate::api::problem::ProblemDetails;
use crate::api::routes::{CallOrder, Method, Right, Route, Row, SeatOrder, TABLE};
use crate::people::Role;
use hotline_model::history::MessageOrder;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(components(schemas(
    AnnounceBody,
    AnnouncementList,
    AnnouncementShown,
    AssignBody,
    CallList,
    CallShown,
    ClassifyBody,
    CompleteBody,
    ConsultBody,
    DispositionBody,
    Done,
    Health,
    MessageList,
    MessageShown,
    NotReadyBody,
    PriorityBody,
    ProblemDetails,
    PullBody,
    QueueList,
    ReloadBody,
    Reloaded,
    RollbackBody,
    RolledBack,
    RulesDiff,
    RulesFiles,
    RulesLog,
    RulesShown,
    SeatList,
    SeatShown,
    TransferBody
)))]
struct Schemas;

/// The document, made once.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(make)
}

fn make() -> Value {
    let mut document = serde_json::to_value(Schemas::openapi()).expect("a document of strings and numbers can be written");
    document["info"] = json!({
        "title": "hotline control API",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Seats, calls, transfers and rules of a running hotline. Times are ISO 8601 in UTC. Callers' numbers are masked. \
                        Everything but success is application/problem+json (RFC 9457) with a `code` for machines and a `detail` for people, \
                        in English or Chinese by Accept-Language. Beside what is listed, any path may answer 405, 413 or 431.",
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    document["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer", "description": "A person's token, from `hotline people add`" }
    });
    let mut paths = Map::new();
    for row in TABLE.iter().filter(|row| !row.path.contains('?')) {
        let item = paths.entry(row.path).or_insert_with(|| json!({}));
        item[row.method.word().to_lowercase()] = operation(row);
    }
    document["paths"] = paths.into();
    document
}

/// What a route is, what it takes, and what it gives.
struct Facts {
    summary: &'static str,
    body: Option<&'static str>,
    body_required: bool,
    gives: Gives,
    parameters: Vec<Value>,
    statuses: &'static [u16],
}

enum Gives {
    Schema(&'static str),
    Object,
    Text,
    Events,
    Sound,
}

fn operation(row: &Row) -> Value {
    let facts = facts(row.route);
    let mut parameters = Vec::new();
    if row.path.contains("{name}") {
        parameters.push(json!({ "name": "name", "in": "path", "required": true, "description": "A seat of the rules",
            "schema": { "type": "string", "minLength": 1, "maxLength": 64 } }));
    }
    if row.path.contains("{id}") {
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "description": "A call's id",
            "schema": { "type": "string", "pattern": ID }, "example": "3-0-42" }));
    }
    parameters.extend(facts.parameters);
    let mut responses = Map::new();
    responses.insert("200".into(), good(&facts.gives));
    for status in statuses(row, facts.body.is_some(), facts.statuses) {
        responses.insert(
            status.to_string(),
            json!({
                "description": words(status),
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/ProblemDetails" } } },
            }),
        );
    }
    let mut operation = json!({
        "operationId": id(row), "summary": facts.summary, "tags": [tag(row.path)], "parameters": parameters, "responses": responses,
        "security": if row.may.is_some() { json!([{ "token": [] }]) } else { json!([]) },
    });
    if let Some(may) = row.may {
        operation["description"] = may_words(&may).into();
    }
    if let Some(body) = facts.body {
        let schema = json!({ "$ref": format!("#/components/schemas/{body}") });
        operation["requestBody"] = json!({ "required": facts.body_required, "content": { "application/json": { "schema": schema } } });
    }
    operation
}

const ID: &str = "^(0|[1-9][0-9]{0,6})-(0|[1-9][0-9]?|1[0-9]{2})-(0|[1-9][0-9]{0,8})$";

fn good(gives: &Gives) -> Value {
    let (media, schema) = match gives {
        Gives::Schema(name) => ("application/json", json!({ "$ref": format!("#/components/schemas/{name}") })),
        Gives::Object => ("application/json", json!({ "type": "object" })),
        Gives::Text => ("text/plain", json!({ "type": "string" })),
        Gives::Events => ("text/event-stream", json!({ "type": "string" })),
        Gives::Sound => ("audio/wav", json!({ "type": "string", "format": "binary" })),
    };
    json!({ "description": "Good", "content": { media: { "schema": schema } } })
}

fn statuses(row: &Row, has_body: bool, own: &[u16]) -> Vec<u16> {
    let mut all = own.to_vec();
    if row.may.is_some() {
        all.extend([401, 403, 429, 503]);
    }
    if row.method == Method::Post {
        all.extend([408, 413]);
    }
    if has_body {
        all.extend([400, 415, 422]);
    }
    if row.path.contains('{') {
        all.extend([400, 404]);
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn words(status: u16) -> &'static str {
    match status {
        400 => "Not understood",
        401 => "No token, or a wrong one",
        403 => "Not with these roles, or not of another's seat or call",
        404 => "No such seat, call or revision",
        408 => "The body did not come in time",
        409 => "Refused; `code` says why, and nothing changed",
        410 => "What came after that id is no longer kept",
        413 => "The body is too long",
        415 => "Not application/json",
        422 => "Understood, and it cannot be",
        429 => "Too many wrong tokens from this address",
        503 => "Too busy, draining, or the engine does not answer; see Retry-After",
        _ => "Problem",
    }
}

fn may_words(may: &[Right; Role::ALL.len()]) -> String {
    let of =
        |right: Right| Role::ALL.iter().filter(|role| may[**role as usize] == right).map(|role| role.word()).collect::<Vec<_>>().join(", ");
    let mut said = Vec::new();
    for (right, what) in [(Right::Own, "Of the own seat"), (Right::Any, "Of any")] {
        let roles = of(right);
        if !roles.is_empty() {
            said.push(format!("{what}: {roles}."));
        }
    }
    said.join(" ")
}

fn tag(path: &str) -> &str {
    path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()).unwrap_or("process")
}

fn id(row: &Row) -> String {
    let parts = row.path.split(['/', '.', '{', '}', '-']).filter(|part| !part.is_empty() && !["api", "v1"].contains(part));
    format!("{}_{}", row.method.word().to_lowercase(), parts.collect::<Vec<_>>().join("_"))
}

fn facts(route: Route) -> Facts {
    let of = |summary, gives| Facts { summary, body: None, body_required: true, gives, parameters: Vec::new(), statuses: &[] };
    let order = |summary, body| Facts { body, statuses: &[409], ..of(summary, Gives::Schema("Done")) };
    let query = |name: &str, schema: Value, says: &str| json!({ "name": name, "in": "query", "schema": schema, "description": says });
    match route {
        Route::Healthz => of("Whether the process answers", Gives::Object),
        Route::Readyz => Facts { statuses: &[503], ..of("Whether it takes calls", Gives::Object) },
        Route::OpenApi => of("This document", Gives::Object),
        Route::Metrics => of("Figures for Prometheus", Gives::Text),
        Route::Health => of("How the hotline is", Gives::Schema("Health")),
        Route::Rules => of("The rules in force", Gives::Schema("RulesShown")),
        Route::RulesLog => Facts {
            parameters: vec![query(
                "limit",
                json!({ "type": "integer", "minimum": 1, "maximum": PAGE, "default": 50 }),
                "Lines, the newest first",
            )],
            statuses: &[400],
            ..of("Which rules ran when, and who loaded them", Gives::Schema("RulesLog"))
        },
        Route::RulesDiff => Facts {
            parameters: vec![
                query("from", json!({ "type": "string", "default": "running" }), "A revision or its beginning, `running`, or `files`"),
                query("to", json!({ "type": "string", "default": "files" }), "The same"),
            ],
            statuses: &[400, 404, 409],
            ..of("What is different between two revisions, without passwords and PINs", Gives::Schema("RulesDiff"))
        },
        Route::RulesFiles => Facts {
            parameters: vec![query(
                "revision",
                json!({ "type": "string", "default": "running" }),
                "A revision or its beginning, `running`, or `files`",
            )],
            statuses: &[400, 404, 409],
            ..of("The files of a revision, without passwords and PINs", Gives::Schema("RulesFiles"))
        },
        Route::Reload => Facts {
            body: Some("ReloadBody"),
            body_required: false,
            statuses: &[409],
            ..of("Load the rules again, once their tests pass; wrong ones change nothing", Gives::Schema("Reloaded"))
        },
        Route::Rollback => Facts {
            body: Some("RollbackBody"),
            statuses: &[404, 409],
            ..of(
                "Restore an earlier revision: it runs at once, and its files are put back; what was in the folder is kept",
                Gives::Schema("RolledBack"),
            )
        },
        Route::Seats => of("All seats, or the own one", Gives::Schema("SeatList")),
        Route::Seat => of("One seat", Gives::Schema("SeatShown")),
        Route::SeatOrder(order_of_seat) => match order_of_seat {
            SeatOrder::SignIn => order("To work, and ready", None),
            SeatOrder::SignOut => order("Home; in a call, when it is over", None),
            SeatOrder::Ready => order("Takes calls", None),
            SeatOrder::NotReady => order("Takes none; in a call, when it is over", Some("NotReadyBody")),
            SeatOrder::BreakAfterCall => order("小休 after the present call and its wrap-up", None),
            SeatOrder::WrapUpDone => order("话后 is done", None),
            SeatOrder::Pull => order("The seat takes a call that waits (R44)", Some("PullBody")),
        },
        Route::Queues => of("The queues, and how announced waits came true", Gives::Schema("QueueList")),
        Route::Calls => Facts {
            parameters: vec![
                query("limit", json!({ "type": "integer", "minimum": 1, "maximum": PAGE, "default": 200 }), "Calls on a page"),
                query("after", json!({ "type": "string", "pattern": ID }), "`next` of the page before"),
            ],
            statuses: &[400],
            ..of("The live calls", Gives::Schema("CallList"))
        },
        Route::Call | Route::Reveal => Facts {
            parameters: vec![query("reveal", json!({ "type": "boolean" }), "The caller's number in full; that is audited")],
            ..of("One call, live or from the records", Gives::Schema("CallShown"))
        },
        Route::CallOrder(order_of_call) => match order_of_call {
            CallOrder::FirstCommunication => order("t4: first communication is done (R6)", None),
            CallOrder::Classify => order("It is something else than the menus thought", Some("ClassifyBody")),
            CallOrder::Disposition => order("t5: what became of it (R7)", Some("DispositionBody")),
            CallOrder::Hold => order("The caller hears music", None),
            CallOrder::Resume => order("The caller is taken back from hold", None),
            CallOrder::Transfer => order("Somebody is to take it over (R53-R55)", Some("TransferBody")),
            CallOrder::Consult => order("Somebody is asked; the caller hears music", Some("ConsultBody")),
            CallOrder::Complete => Facts { body_required: false, ..order("The receiver has the caller", Some("CompleteBody")) },
            CallOrder::Cancel => order("The transfer or consultation ends; the first agent has the caller", None),
            CallOrder::ThreeWay => order("All three talk with each other", None),
            CallOrder::Back => order("The receiver gives the caller back to the first agent", None),
            CallOrder::AcceptOwnership => order("The receiver becomes the owner of the matter (R57)", None),
            CallOrder::HangUp => order("The seat's leg ends", None),
            CallOrder::Assign => order("A supervisor gives a waiting call to a seat (R44)", Some("AssignBody")),
            CallOrder::Priority => order("A waiting call is worth more or less", Some("PriorityBody")),
        },
        Route::Announcements => of("The announcements of the rules, and which are on (R151)", Gives::Schema("AnnouncementList")),
        Route::Announce => Facts {
            body: Some("AnnounceBody"),
            statuses: &[404],
            ..of("An announcement is switched on or off (R151)", Gives::Schema("AnnouncementShown"))
        },
        Route::Messages => of("Messages of callers that nobody is done with (R19)", Gives::Schema("MessageList")),
        Route::MessageAudio | Route::RestrictedAudio => Facts {
            parameters: vec![query(
                "sensitive",
                json!({ "type": "boolean" }),
                "Nothing changes by it; a sensitive message is for cleared people (R68)",
            )],
            statuses: &[404, 409],
            ..of("What a caller said; that is audited, and told as heard", Gives::Sound)
        },
        Route::MessageOrder(order_of_message) | Route::RestrictedOrder(order_of_message) => match order_of_message {
            MessageOrder::Take => order("Somebody answers it: its clock stops (K8); 409 `taken` if somebody else has it", None),
            MessageOrder::TakeOver => order("Somebody answers it instead of whoever has it", None),
            MessageOrder::Heard => order("Somebody has listened to it", None),
            MessageOrder::Done => {
                order("It is answered, by who has taken it; 409 `taken` or `not_taken` to others, who may `take-over` first", None)
            }
            MessageOrder::Delete => order("As `done`, and the recording is deleted", None),
        },
        Route::Events => Facts {
            parameters: vec![
                json!({ "name": "Last-Event-ID", "in": "header", "schema": { "type": "string", "pattern": "^[0-9]{1,7}-[0-9]{1,18}$" },
                "description": "The last id that was read: what came after it is sent first" }),
            ],
            statuses: &[400, 410],
            ..of(
                "What happens, as server-sent events. Ends with `closed` and a reason (too_slow, gap, no_longer_allowed, stopped)",
                Gives::Events,
            )
        },
    }
}
