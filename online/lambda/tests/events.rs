//! The function as Lambda runs it: a process that fetches events from a runtime API, here one of
//! the test's own, and answers them there.

use connectors_embedded::Keys;
use desk::Desk;
use desk::config::Config;
use desk::identity;
use desk::installation::Step;
use desk::merchants::{self, Decided, Key, Merchant, Standing};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};

/// For how long the function may take to fetch or to answer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const SECRET: &str = "tk_test_0000000000000000000000000000000a";

/// The runtime API of one function.
struct Runtime {
    events: mpsc::Sender<Value>,
    answers: mpsc::Receiver<Value>,
    _function: Child,
}

impl Runtime {
    /// Starts the function over an installation.
    async fn begin(dir: &Path) -> Runtime {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let (events, waiting) = mpsc::channel(1);
        let (answer, answers) = mpsc::channel(1);
        let waiting = Arc::new(Mutex::new(waiting));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, Arc::clone(&waiting), answer.clone()));
            }
        });
        let mut function = Command::new(env!("CARGO_BIN_EXE_tieout-online-lambda"));
        function
            .env("AWS_LAMBDA_RUNTIME_API", at)
            .env("AWS_LAMBDA_FUNCTION_NAME", "tieout")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("TIEOUT_DATA", format!("file:{}", dir.display()))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Runtime {
            _function: function.spawn().unwrap(),
            events,
            answers,
        }
    }

    /// What the function answers an event.
    async fn ask(&mut self, event: &Value) -> Value {
        self.events.send(event.clone()).await.unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
        answer.unwrap().unwrap()
    }
}

/// Serves a connection of the function: an event where it fetches one, and thanks for an answer.
async fn connection(
    stream: TcpStream,
    events: Arc<Mutex<mpsc::Receiver<Value>>>,
    answers: mpsc::Sender<Value>,
) {
    let mut stream = BufReader::new(stream);
    while let Some((path, body)) = request(&mut stream).await {
        if path.ends_with("/invocation/next") {
            let Some(event) = events.lock().await.recv().await else {
                return;
            };
            let head = "lambda-runtime-aws-request-id: 1\r\n\
                lambda-runtime-deadline-ms: 4102444800000\r\n\
                lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:0:function:t\r\n";
            respond(&mut stream, 200, head, &event.to_string()).await;
            continue;
        }
        respond(&mut stream, 202, "", "{}").await;
        let answer = match path.ends_with("/invocation/1/response") {
            true => serde_json::from_str(&body).unwrap(),
            false => json!({ "failed": path, "with": body }),
        };
        answers.send(answer).await.unwrap();
    }
}

async fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut line = String::new();
    reader.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).await.ok()?;
        let head = line.trim().to_ascii_lowercase();
        if head.is_empty() {
            break;
        }
        if let Some(value) = head.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        assert!(
            !head.starts_with("transfer-encoding:"),
            "answers have a length"
        );
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.ok()?;
    Some((path, String::from_utf8(body).unwrap()))
}

async fn respond(stream: &mut BufReader<TcpStream>, status: u16, head: &str, body: &str) {
    let text = format!(
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\n{head}content-length: {}\r\n\r\n\
         {body}",
        body.len()
    );
    // A function that has ended reads nothing any more.
    let _ = stream.get_mut().write_all(text.as_bytes()).await;
}

/// An installation with a merchant and a key.
async fn installation(dir: &Path) {
    let config = Config::read(None).unwrap();
    let config = config.moved(dir).expect("a folder");
    let (home, _) = connectors_embedded::make_all(&config.addresses, &[], Keys::Seeded(7)).unwrap();
    let (documents, at) = (&*home.documents, "2026-11-25T15:00:00Z".parse().unwrap());
    let new = Merchant::submitted("shop", "market", at);
    merchants::submit(documents, &new).await.unwrap();
    for by in ["one", "two"] {
        let decided = Decided {
            to: Standing::Approved,
            by: by.to_owned(),
            at,
            note: String::new(),
        };
        merchants::decide(documents, "shop", decided).await.unwrap();
    }
    let key = Key::for_all("key", Some("shop"), at);
    merchants::keep(documents, SECRET, &key).await.unwrap();
    let desk = Desk::over(home, config);
    identity::begin(&desk, Step::Made, "0".repeat(32))
        .await
        .unwrap();
}

fn recorded(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/events")
        .join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The recorded event of an HTTP API, asked at a path under a stage.
fn http_api(method: &str, stage: &str, path: &str) -> Value {
    let mut event = recorded("http-api.json");
    let raw = match stage {
        "$default" => path.to_owned(),
        stage => format!("/{stage}{path}"),
    };
    event["requestContext"]["stage"] = json!(stage);
    event["requestContext"]["http"]["method"] = json!(method);
    event["requestContext"]["http"]["path"] = json!(raw);
    event["rawPath"] = json!(raw);
    event["headers"]["authorization"] = json!(format!("Bearer {SECRET}"));
    event
}

fn body(answer: &Value) -> Value {
    assert_eq!(answer["isBase64Encoded"], false, "{answer}");
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_both_kinds_meet_the_same_router_whatever_the_stage() {
    let dir = tempfile::tempdir().unwrap();
    installation(dir.path()).await;
    let mut runtime = Runtime::begin(dir.path()).await;

    // A REST API, by its stage: the payment is made.
    let mut event = recorded("rest-api.json");
    event["headers"]["Authorization"] = json!(format!("Bearer {SECRET}"));
    event["multiValueHeaders"]["Authorization"] = json!([format!("Bearer {SECRET}")]);
    let made = runtime.ask(&event).await;
    assert_eq!(made["statusCode"], 201, "{made}");
    let id = body(&made)["id"].as_str().unwrap().to_owned();

    // The same request again, its body in Base64 this time, as a gateway sends what it takes for
    // binary.
    event["body"] = json!(base64(event["body"].as_str().unwrap().as_bytes()));
    event["isBase64Encoded"] = json!(true);
    let again = runtime.ask(&event).await;
    assert_eq!(again["statusCode"], 201);
    assert_eq!(
        again["multiValueHeaders"]["idempotent-replayed"],
        json!(["true"])
    );
    assert_eq!(body(&again)["id"], id.as_str());

    // An HTTP API, with a stage and without, sees it.
    for stage in ["$default", "prod", "v1"] {
        let shown = runtime
            .ask(&http_api("GET", stage, &format!("/v1/payments/{id}")))
            .await;
        assert_eq!(shown["statusCode"], 200, "{stage}: {shown}");
        assert_eq!(body(&shown)["amount_cents"], 1250);
    }

    // Queries and problems pass as text.
    let mut event = http_api("GET", "prod", "/v1/payments");
    event["rawQueryString"] = json!("limit=1&direction=credit");
    event["queryStringParameters"] = json!({"limit": "1", "direction": "credit"});
    let list = runtime.ask(&event).await;
    assert_eq!(body(&list)["data"].as_array().unwrap().len(), 1, "{list}");
    let gone = runtime.ask(&http_api("GET", "prod", "/v1/nothing")).await;
    assert_eq!(gone["statusCode"], 404);
    assert_eq!(body(&gone)["code"], "not-found");
    let mut nobody = http_api("GET", "prod", "/v1/payments");
    nobody["headers"]
        .as_object_mut()
        .unwrap()
        .remove("authorization");
    assert_eq!(runtime.ask(&nobody).await["statusCode"], 401);
}

/// Base64 as RFC 4648 writes it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut bits = [0; 3];
        bits[..three.len()].copy_from_slice(three);
        let number = u32::from_be_bytes([0, bits[0], bits[1], bits[2]]);
        for place in 0..4 {
            let digit = (number >> (18 - 6 * place)) & 63;
            match place <= three.len() {
                true => text.push(char::from(DIGITS[digit as usize])),
                false => text.push('='),
            }
        }
    }
    text
}
