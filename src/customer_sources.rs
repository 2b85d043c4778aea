//! Asks the sources of `[lookup.NAME]` about callers, on the `io` runtime: a SQLite database that is only read, or a webhook.

use anyhow::{Context, bail};
use hotline_engine::Answer;
use hotline_rules::{Diagnostic, Lookup, LookupFault, LookupSource, Plan, Said, failed_lookup, http_parts};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Column, Either, Executor, Row, SqlSafeStr, Statement, TypeInfo, ValueRef};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;

/// Longest answer of a webhook, in bytes.
const LONGEST: usize = 64 << 10;
/// Connections to one database.
const CONNECTIONS: u32 = 4;
/// Databases kept open.
const MOST_OPEN: usize = 16;
/// Values of an answer that are handed on.
const MOST_VALUES: usize = 64;
/// A database that is being written is waited for as long as anybody waits for the answer.
const BUSY: Duration = Duration::from_millis(300);
/// Steps of SQLite's machine between two looks whether anybody still waits: well under a millisecond.
const STEPS: i32 = 1_000;
/// The columns that mean something, besides `number` and `name`.
const COLUMNS: [&str; 10] =
    ["number", "name", "customer_type", "customer_level", "language", "priority", "skills", "agent", "preferred", "sensitive"];

/// The databases that are open.
#[derive(Default)]
pub struct Sources {
    pools: Mutex<BTreeMap<String, SqlitePool>>,
}

impl Sources {
    /// Asks one source; whoever asks stops waiting by dropping this.
    pub async fn ask(&self, source: &LookupSource, number: &str) -> Answer {
        let answer = match source {
            LookupSource::Sqlite { path, query } => self.ask_database(path, query, number).await,
            LookupSource::Http { url } => ask_webhook(url, number).await,
            // The engine reads it itself.
            LookupSource::Csv { .. } => Err(anyhow::anyhow!("a file of the rules is not asked")),
        };
        answer.map_or_else(|error| Answer::Failed(format!("{error:#}")), Answer::Customer)
    }

    async fn ask_database(&self, path: &str, query: &str, number: &str) -> anyhow::Result<Option<Vec<(String, String)>>> {
        let mut connection = self.pool(path).acquire().await?;
        let over = Over::default();
        let stops = Arc::clone(&over.0);
        connection.lock_handle().await?.set_progress_handler(STEPS, move || !stops.load(Ordering::Relaxed));
        let row = sqlx::query(AssertSqlSafe(query)).bind(number).fetch_optional(&mut *connection).await?;
        Ok(row.as_ref().map(values_of))
    }

    fn pool(&self, path: &str) -> SqlitePool {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if pools.len() >= MOST_OPEN && !pools.contains_key(path) {
            pools.pop_first();
        }
        let open = || SqlitePoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(BUSY).connect_lazy_with(options(path));
        pools.entry(path.to_owned()).or_insert_with(open).clone()
    }
}

/// Ends a query when nobody waits for it any more: its answer came, with more rows behind it or not, or it took too long. SQLite runs on a
/// thread of its own, which no dropped future stops.
#[derive(Default)]
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn options(path: &str) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).read_only(true).create_if_missing(false).busy_timeout(BUSY).pragma("query_only", "ON")
}

fn values_of(row: &SqliteRow) -> Vec<(String, String)> {
    let columns = row.columns().iter().take(MOST_VALUES);
    let value = |column: &sqlx::sqlite::SqliteColumn| Some((column.name().to_owned(), text_of(row, column.ordinal())?));
    columns.filter_map(value).collect()
}

/// A value as text; what is NULL or a blob says nothing.
fn text_of(row: &SqliteRow, place: usize) -> Option<String> {
    let raw = row.try_get_raw(place).ok()?;
    let kind = raw.type_info();
    match (raw.is_null(), kind.name()) {
        (true, _) => None,
        (false, "INTEGER" | "BOOLEAN") => row.try_get_unchecked::<i64, _>(place).ok().map(|number| number.to_string()),
        (false, "REAL") => row.try_get_unchecked::<f64, _>(place).ok().map(|number| number.to_string()),
        (false, _) => row.try_get_unchecked::<String, _>(place).ok(),
    }
}

/// Asks by HTTP/1.1, over a connection of its own; the answer is read to its end or to its limit, and no redirect is followed.
async fn ask_webhook(url: &str, number: &str) -> anyhow::Result<Option<Vec<(String, String)>>> {
    let (host, port, target) = http_parts(url).context("not an address")?;
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.context("cannot connect")?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = Driven(tokio::spawn(async move { drop(connection.await) }));
    let answer = sender.send_request(request(host, port, target, number)?).await.context("no answer")?;
    let known = match answer.status() {
        StatusCode::NOT_FOUND | StatusCode::NO_CONTENT => None,
        StatusCode::OK => understood(&whole(answer.into_body()).await?)?,
        status => bail!("HTTP {}", status.as_u16()),
    };
    drop(driver);
    Ok(known)
}

/// A task that ends when nobody waits for it any more.
struct Driven(tokio::task::JoinHandle<()>);

impl Drop for Driven {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn request(host: &str, port: u16, target: &str, number: &str) -> anyhow::Result<Request<String>> {
    let plain = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let gets = target.contains("{number}");
    let target = target.replace("{number}", &number.bytes().map(plain).collect::<String>());
    let body = if gets { String::new() } else { serde_json::json!({ "number": number }).to_string() };
    let mut request = Request::builder().method(if gets { Method::GET } else { Method::POST });
    request = request.uri(if target.is_empty() { "/" } else { &target }).header(HOST, format!("{host}:{port}"));
    request = request.header(ACCEPT, "application/json").header(CONNECTION, "close");
    if !gets {
        request = request.header(CONTENT_TYPE, "application/json").header(CONTENT_LENGTH, body.len());
    }
    Ok(request.body(body)?)
}

async fn whole(mut body: Incoming) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let data: Bytes = frame?.into_data().unwrap_or_default();
        if bytes.len() + data.len() > LONGEST {
            bail!("an answer of more than {} KiB", LONGEST >> 10);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// A JSON object of columns and values; `null` for a number that is not known.
fn understood(bytes: &[u8]) -> anyhow::Result<Option<Vec<(String, String)>>> {
    let object = match serde_json::from_slice(bytes).context("not JSON")? {
        Value::Null => return Ok(None),
        Value::Object(object) => object,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => bail!("JSON, but no object"),
    };
    let text = |value: Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Array(values) if values.iter().all(Value::is_string) => {
            values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
        }
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    };
    Ok(Some(object.into_iter().take(MOST_VALUES).map(|(column, value)| (column, text(value))).collect()))
}

/// What is wrong with the databases of rules: each is opened, and its queries are prepared. A webhook may come later, and is not asked.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let in_database = |lookup: &&Lookup| matches!(*lookup.source, LookupSource::Sqlite { .. });
    let databases: Vec<&Lookup> = plan.lookups.iter().filter(in_database).collect();
    if databases.is_empty() {
        return Vec::new();
    }
    let all = async {
        let mut found = Vec::new();
        for lookup in &databases {
            if let LookupSource::Sqlite { path, query } = &*lookup.source
                && let Err(fault) = check_database(path, query).await
            {
                found.push(failed_lookup(lookup, &fault));
            }
        }
        found
    };
    // Whoever loads rules may do so on a runtime, which can't wait for another.
    let run = || anyhow::Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(all));
    let done = std::thread::scope(|scope| scope.spawn(run).join()).unwrap_or_else(|_| bail!("the check of the databases panicked"));
    done.unwrap_or_else(|error| {
        let fault = LookupFault::NotOpened(format!("{error:#}"));
        databases.iter().map(|lookup| failed_lookup(lookup, &fault)).collect()
    })
}

async fn check_database(path: &str, query: &str) -> Result<(), LookupFault> {
    use sqlx::ConnectOptions;
    // The system says more about a file than SQLite does; a pipe would be waited for.
    let not_opened = |error: std::io::Error| LookupFault::NotOpened(format!("{path}: {error}"));
    if !std::fs::metadata(path).map_err(not_opened)?.is_file() {
        return Err(LookupFault::NotOpened(format!("{path}: not a regular file")));
    }
    std::fs::File::open(path).map_err(not_opened)?;
    let opened = options(path).connect().await;
    let unusable = |error: sqlx::Error| LookupFault::NotOpened(format!("{path}: {}", said_by_database(&error)));
    let mut connection = opened.map_err(unusable)?;
    // Only now it reads the file.
    (&mut connection).prepare(AssertSqlSafe("SELECT 1 FROM sqlite_master").into_sql_str()).await.map_err(unusable)?;
    let prepared = (&mut connection).prepare(AssertSqlSafe(query).into_sql_str()).await;
    let statement = prepared.map_err(|error| LookupFault::Query(Said::alike(said_by_database(&error))))?;
    if let Some(Either::Right(count)) = statement.parameters()
        && count != 1
    {
        return Err(LookupFault::Query(Said {
            en: format!("it has {count} parameters: `?1`, the number, is the one there is").into(),
            zh: format!("有 {count} 个参数，而只有 `?1`（号码）一个").into(),
        }));
    }
    let known = COLUMNS.join(", ");
    match statement.columns().iter().map(Column::name).find(|name| !COLUMNS.contains(name)) {
        Some(name) => Err(LookupFault::Query(Said {
            en: format!("it gives a column `{name}`; known are {known} (write `... AS agent`)").into(),
            zh: format!("结果中有未知的列 `{name}`；已知的列：{known}（可写 `... AS agent`）").into(),
        })),
        None => Ok(()),
    }
}

/// What SQLite says, without the codes around it.
fn said_by_database(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

#[cfg(test)]
#[path = "customer_sources_tests.rs"]
mod tests;
