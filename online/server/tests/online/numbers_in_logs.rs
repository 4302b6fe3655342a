//! No number, key or token of a caller stands in any line that a run logs, at any level. It hears
//! what a whole process says, so it runs in one of its own.

use crate::hostile::world::{KEY, World, payment};
use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// All that was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Lines;

    fn make_writer(&self) -> Lines {
        self.clone()
    }
}

const NUMBER: &str = "000998877665";
const CARD: &str = "4111111111111111";

async fn run(world: &World) -> Vec<String> {
    let asked = AtomicU32::new(0);
    let ask = async |path: &str, body: &str| {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let key = format!("idempotency-key: a{number}\r\n");
        world.ask_with("POST", path, KEY, &key, Some(body)).await
    };
    let account =
        format!("{{\"routing\":\"091000019\",\"number\":\"{NUMBER}\",\"kind\":\"loan\"}}");
    let card = format!("{{\"number\":\"{CARD}\",\"exp_month\":1,\"exp_year\":2040}}");
    let made = ask("/v1/tokens", &format!("{{\"bank_account\":{account}}}")).await;
    assert_eq!(made.status, 201, "{made:?}");
    let token = made.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(
        ask("/v1/tokens", &format!("{{\"card\":{card}}}"))
            .await
            .status,
        201
    );
    let by_token = payment(&format!("{{\"token\":\"{token}\"}}"));
    assert_eq!(ask("/v1/payments", &by_token).await.status, 201);
    for odd in [
        // Where nobody expects one: in another field, under another name, as a number, cut off.
        payment(&account).replace("RECEIVER", NUMBER),
        payment(&account).replace("\"kind\":\"loan\"", &format!("\"kind\":\"{NUMBER}\"")),
        payment(&account).replace("\"kind\"", &format!("\"{CARD}\":1,\"kind\"")),
        format!("{{\"account\":{CARD},\"x{NUMBER}\":1}}"),
        format!("{{\"card\":\"{CARD}\""),
        format!("{CARD} {NUMBER}"),
    ] {
        ask("/v1/payments", &odd).await;
        ask("/v1/tokens", &odd).await;
        ask("/v1/validate", &odd).await;
    }
    let path = format!("/v1/tokens/{token}");
    world.ask("GET", &path, KEY, None).await;
    world.ask("DELETE", &path, KEY, None).await;
    world
        .ask(
            "GET",
            &format!("/v1/tokens/{CARD}?number={NUMBER}"),
            KEY,
            None,
        )
        .await;
    world
        .ask("GET", &format!("/v1/payments/{NUMBER}"), CARD, None)
        .await;
    world
        .ask("GET", "/v1/payments", &format!("{NUMBER}.{CARD}.x"), None)
        .await;
    vec![NUMBER.to_owned(), CARD.to_owned(), KEY.to_owned(), token]
}

#[test]
fn no_line_that_is_logged_has_a_secret() {
    let alone = [
        "--exact",
        "--ignored",
        "numbers_in_logs::all_that_a_process_logs",
    ];
    let mut child = Command::new(std::env::current_exe().expect("this binary"));
    let ran = child.args(alone).output().expect("a process of its own");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "no_line_that_is_logged_has_a_secret runs it, in a process of its own"]
fn all_that_a_process_logs() {
    let lines = Lines::default();
    let told = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .finish();
    tracing::subscriber::set_global_default(told).unwrap();
    tracing::trace!("the lowest level is heard");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let secrets = runtime.block_on(async { run(&World::new().await).await });
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.lines().count() > 20, "it listens");
    assert!(text.contains("the lowest level is heard"));
    for secret in secrets {
        let found = text.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{} characters", secret.len());
    }
}
