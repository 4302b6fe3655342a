//! `tieout-online` as a process of its own, over an installation of the test's.

use crate::people;
use connectors_embedded::Keys;
use desk::config::Config;
use serde_json::Value;
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
    people::shop(&*home.documents, SECRET).await;
    people::init(home).await;
}

/// Opens it here, or makes it.
pub fn opened(dir: &Path, is_new: bool) -> (connectors::Ports, Vec<connectors::Ports>) {
    let config = Config::read(None).unwrap();
    let config = config.moved(dir).expect("a folder");
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
