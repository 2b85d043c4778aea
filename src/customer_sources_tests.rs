use super::*;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

/// What a webhook does with a connection.
#[derive(Clone)]
enum Behaviour {
    Answers(&'static str),
    /// Answers so late.
    Late(Duration),
    Never,
    HangsUp,
    Garbage,
    /// Sends so many bytes of body.
    Floods(usize),
    /// One byte now and then.
    Drips,
}

/// Serves one connection after the other; what the last one asked.
async fn webhook(behaviour: Behaviour) -> (String, tokio::sync::watch::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hears) = tokio::sync::watch::channel(String::new());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (behaviour, heard) = (behaviour.clone(), heard.clone());
            tokio::spawn(async move {
                let mut bytes = vec![0; 4_096];
                let length = stream.read(&mut bytes).await.unwrap_or(0);
                heard.send_replace(String::from_utf8_lossy(&bytes[..length]).into_owned());
                behave(&mut stream, behaviour).await;
            });
        }
    });
    (format!("http://{address}"), hears)
}

async fn behave(stream: &mut TcpStream, behaviour: Behaviour) {
    let json = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    match behaviour {
        Behaviour::Answers(text) if text.starts_with("HTTP/") => drop(stream.write_all(text.as_bytes()).await),
        Behaviour::Answers(body) => drop(stream.write_all(json(body).as_bytes()).await),
        Behaviour::Late(after) => {
            tokio::time::sleep(after).await;
            drop(stream.write_all(json("{}").as_bytes()).await);
        }
        Behaviour::Never => std::future::pending().await,
        Behaviour::HangsUp => {}
        Behaviour::Garbage => drop(stream.write_all(&[0xff; 300]).await),
        Behaviour::Floods(bytes) => {
            drop(stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n").as_bytes()).await);
            let block = vec![b' '; 64 << 10];
            for _ in 0..bytes / block.len() {
                if stream.write_all(&block).await.is_err() {
                    return;
                }
            }
        }
        Behaviour::Drips => {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await);
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn http(url: String) -> LookupSource {
    LookupSource::Http { url }
}

fn says(values: &[(&str, &str)]) -> Answer {
    Answer::Customer(Some(values.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect()))
}

fn why(answer: Answer) -> String {
    if let Answer::Failed(why) = answer { why } else { panic!("{answer:?}") }
}

#[tokio::test]
async fn a_webhook_is_asked_by_get_with_the_number_in_its_address_or_by_post_of_json() {
    let (url, heard) =
        webhook(Behaviour::Answers("{\"customer_type\":\"vip\",\"sensitive\":true,\"skills\":[\"zh >= 3\",\"en >= 1\"],\"agent\":null}"))
            .await;
    let sources = Sources::default();
    let known = says(&[("agent", ""), ("customer_type", "vip"), ("sensitive", "true"), ("skills", "zh >= 3; en >= 1")]);
    assert_eq!(sources.ask(&http(format!("{url}/c/{{number}}?full=1")), "138").await, known);
    let asked = heard.borrow().clone();
    assert!(asked.starts_with("GET /c/138?full=1 HTTP/1.1\r\n") && asked.to_lowercase().contains("\r\nhost: 127.0.0.1:"), "{asked}");
    assert_eq!(sources.ask(&http(url), "138").await, known);
    let asked = heard.borrow().clone();
    assert!(asked.starts_with("POST / HTTP/1.1\r\n") && asked.ends_with("\r\n\r\n{\"number\":\"138\"}"), "{asked}");
}

#[tokio::test]
async fn a_number_that_is_not_known_is_no_failure() {
    for text in ["HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n", "null"] {
        let (url, _heard) = webhook(Behaviour::Answers(text)).await;
        assert_eq!(Sources::default().ask(&http(url), "138").await, Answer::Customer(None), "{text}");
    }
}

#[tokio::test]
async fn answers_that_mean_nothing_are_failures_and_no_redirect_is_followed() {
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    for (behaviour, told) in [
        (Behaviour::Answers(moved), "HTTP 302"),
        (Behaviour::Answers("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), "HTTP 500"),
        (Behaviour::Answers("[1]"), "no object"),
        (Behaviour::Answers("{"), "not JSON"),
        (Behaviour::HangsUp, "no answer"),
        (Behaviour::Garbage, "no answer"),
        (Behaviour::Floods(10 << 20), "more than 64 KiB"),
    ] {
        let (url, _heard) = webhook(behaviour).await;
        let why = why(Sources::default().ask(&http(url), "138").await);
        assert!(why.contains(told), "{why}");
    }
    assert!(why(Sources::default().ask(&http("http://127.0.0.1:1/".into()), "138").await).contains("cannot connect"));
}

fn database(dir: &std::path::Path) -> String {
    let path = dir.join("crm.db").display().to_string();
    let make = async {
        use sqlx::ConnectOptions;
        let mut made = SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
        let sql = "CREATE TABLE c (number TEXT PRIMARY KEY, kind TEXT, agent INTEGER, weight REAL, face BLOB, sensitive BOOLEAN);
             INSERT INTO c VALUES ('138', 'vip', 1002, 1.5, x'00ff', 1), ('139', NULL, NULL, NULL, NULL, 0)";
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut made).await.unwrap();
    };
    std::thread::scope(|scope| {
        scope.spawn(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(make));
    });
    path
}

#[tokio::test]
async fn a_database_is_asked_and_never_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = database(dir.path());
    let sqlite = |query: &str| LookupSource::Sqlite { path: path.clone(), query: query.into() };
    let sources = Sources::default();
    let ask = sqlite("SELECT kind AS customer_type, agent, sensitive FROM c WHERE number = ?1");
    assert_eq!(sources.ask(&ask, "138").await, says(&[("customer_type", "vip"), ("agent", "1002"), ("sensitive", "1")]));
    assert_eq!(sources.ask(&ask, "139").await, says(&[("sensitive", "0")]));
    assert_eq!(sources.ask(&ask, "140").await, Answer::Customer(None));
    assert_eq!(sources.ask(&ask, "1' OR '1'='1").await, Answer::Customer(None));
    let write = why(sources.ask(&sqlite("DELETE FROM c WHERE number = ?1 RETURNING agent"), "138").await);
    assert!(write.contains("readonly"), "{write}");
    assert!(matches!(sources.ask(&ask, "138").await, Answer::Customer(Some(_))));
    let gone = LookupSource::Sqlite { path: "/nowhere/crm.db".into(), query: "SELECT ?1".into() };
    assert!(!why(sources.ask(&gone, "138").await).is_empty());
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_ended_with_its_limit_and_holds_up_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = database(dir.path());
    let sqlite = |query: &str| LookupSource::Sqlite { path: path.clone(), query: query.into() };
    let counts = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) AS agent FROM c WHERE x <> ?1";
    let first_then_counts = format!("SELECT 7 AS agent WHERE ?1 <> '' UNION ALL SELECT * FROM ({counts})");
    let good = sqlite("SELECT agent FROM c WHERE number = ?1");
    let sources = Sources::default();
    assert_eq!(sources.ask(&good, "138").await, says(&[("agent", "1002")]));
    for _ in 0..CONNECTIONS * 2 {
        assert!(timeout(Duration::from_millis(50), sources.ask(&sqlite(counts), "138")).await.is_err(), "it never ends by itself");
        assert_eq!(sources.ask(&sqlite(&first_then_counts), "138").await, says(&[("agent", "7")]));
    }
    let asks = (0..CONNECTIONS * 2).map(|_| sources.ask(&good, "138"));
    for answer in futures_of(asks).await {
        assert_eq!(answer, says(&[("agent", "1002")]), "every connection is free again");
    }
}

/// What all of them give, asked at a time.
async fn futures_of(asks: impl Iterator<Item = impl Future<Output = Answer>>) -> Vec<Answer> {
    let mut asks: Vec<_> = asks.map(Box::pin).collect();
    let mut answers: Vec<Option<Answer>> = asks.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (ask, answer) in asks.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let std::task::Poll::Ready(ready) = ask.as_mut().poll(context)
            {
                *answer = Some(ready);
            }
        }
        if answers.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().collect()
}

fn check_of(path: &str, query: &str) -> Vec<(&'static str, (usize, usize), Said)> {
    let rules = format!(
        "queue = [{{ name = \"q\" }}]\nnumber = [{{ name = \"hotline\", queue = \"q\" }}]\n[lookup.crm]\nsqlite = \"{path}\"\nquery = \"{query}\"\n"
    );
    let sources = [hotline_rules::Source { path: "r.toml".into(), text: rules }];
    let plan = hotline_rules::load(&sources, None).unwrap_or_else(|found| panic!("{found:?}")).plan;
    let found = check(&plan).into_iter();
    found.map(|one| (one.code, one.line_and_column(&sources), one.message)).collect()
}

#[tokio::test]
async fn a_database_or_query_that_can_not_be_used_is_found_at_its_place_in_both_languages() {
    let dir = tempfile::tempdir().unwrap();
    let path = database(dir.path());
    assert_eq!(check_of(&path, "SELECT kind AS customer_type FROM c WHERE number = ?1"), []);
    let no_database = dir.path().join("r.toml").display().to_string();
    std::fs::write(&no_database, "x = 1 # this is no database, whatever its first bytes are").unwrap();
    for (path, query, code, line, told) in [
        (path.as_str(), "SELECT kind FROM d WHERE number = ?1", "HL242", 5, "no such table: d"),
        (&path, "SELECT kind FROM c WHERE number = ?1", "HL242", 5, "gives a column `kind`"),
        (&path, "SELECT agent FROM c WHERE number = ?1 AND kind = ?2", "HL242", 5, "2 parameters"),
        (&path, "SELECT agent FRM c WHERE number = ?1", "HL242", 5, "syntax error"),
        ("/nowhere/crm.db", "SELECT agent FROM c WHERE number = ?1", "HL241", 4, "/nowhere/crm.db: No such file or directory"),
        (&no_database, "SELECT agent FROM c WHERE number = ?1", "HL241", 4, "file is not a database"),
    ] {
        let found = check_of(path, query);
        let [(is, at, said)] = &found[..] else { panic!("{query}: {found:?}") };
        assert_eq!((*is, *at), (code, (line, if line == 4 { 10 } else { 9 })), "{said:?}");
        assert!(said.en.contains("look-up `crm`") && said.en.contains(told) && said.zh.starts_with("查询 `crm` 的"), "{said:?}");
    }
}

/// The fault drill: whatever the webhook does, the question is over at the limit, and nothing is left running.
#[tokio::test]
async fn whatever_a_webhook_does_the_limit_holds() {
    let limit = Duration::from_millis(300);
    for behaviour in
        [Behaviour::Late(Duration::from_secs(5)), Behaviour::Never, Behaviour::Drips, Behaviour::Floods(10 << 20), Behaviour::Garbage]
    {
        let (url, _heard) = webhook(behaviour).await;
        let source = http(url);
        let sources = Sources::default();
        let begin = Instant::now();
        let answer = timeout(limit, sources.ask(&source, "138")).await;
        assert!(begin.elapsed() < limit * 3, "{:?}", begin.elapsed());
        assert!(!matches!(answer, Ok(Answer::Customer(_))), "{answer:?}");
    }
}
