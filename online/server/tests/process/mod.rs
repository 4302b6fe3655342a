//! `tieout-online` as a process of its own, over an installation of the test's.

// Each test uses its own part of it.
#![allow(dead_code)]

use connectors_embedded::Keys;
use desk::config::Config;
use desk::merchants::{self, Decided, Key, Limits, Merchant, SCOPES, Standing};
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A key of the merchant.
pub const SECRET: &str = "tk_test_0000000000000000000000000000000b";

/// Makes an installation with a merchant and a key, [`SECRET`].
pub async fn installation(dir: &Path) {
    let (home, _) = opened(dir, true);
    let (documents, at) = (&*home.documents, "2026-11-25T15:00:00Z".parse().unwrap());
    let new = Merchant {
        name: "shop".to_owned(),
        originator: "market".to_owned(),
        classes: BTreeSet::new(),
        limits: Limits::default(),
        standing: Standing::Submitted,
        decided: Vec::new(),
        created_at: at,
    };
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
    let key = Key {
        name: "key".to_owned(),
        merchant: Some("shop".to_owned()),
        scopes: SCOPES
            .iter()
            .map(|(scope, _)| (*scope).to_owned())
            .collect(),
        created_at: at,
        revoked: false,
    };
    merchants::keep(documents, SECRET, &key).await.unwrap();
    // An installation whose objects hold nothing is taken for one that lost them; what init puts
    // there says whose they are, which a server does not ask.
    std::fs::create_dir_all(dir.join("objects")).unwrap();
    std::fs::write(dir.join("objects/installation.json"), "{}").unwrap();
}

/// Opens it here, or makes it.
pub fn opened(dir: &Path, is_new: bool) -> (connectors::Ports, Vec<connectors::Ports>) {
    let config = Config::read(None).unwrap();
    let config = config.moved(format!("file:{}", dir.display()));
    match is_new {
        true => connectors_embedded::make_all(&config.addresses, &[], Keys::Seeded(7)).unwrap(),
        false => connectors_embedded::open_all(&config.addresses, &[]).unwrap(),
    }
}

/// A process that serves an installation, with more arguments.
pub async fn served(dir: &Path, more: &[&str]) -> (Child, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tieout-online"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(dir)
        .args(more)
        .env("TIEOUT_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let line = out.lines().next_line().await.unwrap().unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let at = said["listening"].as_str().unwrap();
    let at = at.strip_prefix("http://").unwrap().parse().unwrap();
    (child, at)
}
