//! The standard's own library verifies what we send. It is Python's, and asked where
//! `TIEOUT_STANDARDWEBHOOKS` names an interpreter that has it: `bench/webhooks/verify.py` says how.

use super::receiver::Receiver;
use super::world::{World, pay};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// The interpreter.
const VARIABLE: &str = "TIEOUT_STANDARDWEBHOOKS";

#[tokio::test(flavor = "multi_thread")]
async fn the_library_of_the_standard_verifies_what_we_send() {
    let Ok(python) = std::env::var(VARIABLE) else {
        println!("{VARIABLE} is not set: the library is not asked");
        return;
    };
    let world = World::new().await;
    world.sends();
    let receiver = Receiver::willing().await;
    let old = world.hook("demo", &receiver.url()).await;
    let path = format!("/v1/webhooks/{}/rotate", old["id"].as_str().unwrap());
    let new = world.must(200, "demo", "POST", &path, &Value::Null).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    pay(&world.app, "demo", 1).await;
    let came = receiver.at_least(1).await.remove(0);
    let mut lines = String::new();
    for hook in [&old, &new] {
        let line = json!({
            "secret": hook["secret"],
            "public_key": hook["keys"][0]["public_key"],
            "headers": {
                "webhook-id": came.id,
                "webhook-timestamp": came.timestamp,
                "webhook-signature": came.signature,
            },
            "body": came.body,
        });
        lines.push_str(&format!("{line}\n"));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut child = Command::new(python)
        .arg(root.join("bench/webhooks/verify.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut into = child.stdin.take().unwrap();
    into.write_all(lines.as_bytes()).await.unwrap();
    drop(into);
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("verified 2, forgeries refused 2"), "{said}");
}
