//! What a process logs, at its loudest, holds no secret of those who ask.

use crate::process::{SECRET, installation, served};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

/// An account number, a name and what else a client may send where it does not belong.
const ACCOUNT: &str = "918273645546";
const NAME: &str = "Wilhelmina Quetzal";

async fn sent(at: std::net::SocketAddr, request: String) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn post(path: &str, key: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\nidempotency-key: {ACCOUNT}\r\ncontent-length: {}\r\n\r\n\
         {body}",
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_a_line_of_the_log() {
    let dir = tempfile::tempdir().unwrap();
    installation(dir.path()).await;
    let (mut child, at) = served(dir.path(), &["--log", "json"]).await;
    let mut err = child.stderr.take().unwrap();
    let logged = tokio::spawn(async move {
        let mut text = String::new();
        err.read_to_string(&mut text).await.unwrap();
        text
    });
    let payment = format!(
        "{{\"direction\":\"credit\",\"amount_cents\":1250,\"sec\":\"PPD\",\
         \"description\":\"PAYOUT\",\
         \"account\":{{\"routing\":\"091000019\",\"number\":\"{ACCOUNT}\",\"kind\":\"checking\"}},\
         \"name\":\"{NAME}\"}}"
    );
    let made = sent(at, post("/v1/payments", SECRET, &payment)).await;
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    // In a wrong field, in no field, in what is no JSON, in the path, in the query, as the key.
    let wrong = payment.replace("\"checking\"", &format!("\"{ACCOUNT}\""));
    sent(at, post("/v1/payments", SECRET, &wrong)).await;
    sent(
        at,
        post(
            "/v1/payments",
            SECRET,
            &format!("{{\"{ACCOUNT}\":\"{NAME}\"}}"),
        ),
    )
    .await;
    sent(
        at,
        post("/v1/payments", SECRET, &format!("{{{ACCOUNT} {NAME}")),
    )
    .await;
    sent(at, post(&format!("/v1/{ACCOUNT}"), SECRET, &payment)).await;
    sent(
        at,
        post(
            &format!("/v1/payments?{ACCOUNT}={ACCOUNT}"),
            SECRET,
            &payment,
        ),
    )
    .await;
    sent(
        at,
        post(&format!("/v1/payments/{ACCOUNT}/cancel"), SECRET, "{}"),
    )
    .await;
    sent(
        at,
        post("/v1/payments", &format!("tk_test_{ACCOUNT}"), &payment),
    )
    .await;
    let id = child.id().unwrap().to_string();
    Command::new("kill").arg(id).status().await.unwrap();
    assert!(child.wait().await.unwrap().success());
    let logged = logged.await.unwrap();
    assert!(logged.lines().count() >= 7, "it logs: {logged}");
    for secret in [ACCOUNT, NAME, SECRET, &SECRET[8..]] {
        let line = logged.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
