//! The key of a development server: it survives a restart, and nobody who fails to start touches
//! it.

use crate::process::served;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_development_server_keeps_its_key_and_binds_before_it_makes_one() {
    let tieout = Path::new(env!("CARGO_BIN_EXE_tieout-online")).with_file_name("tieout");
    if !tieout.exists() {
        println!("tieout is not built: there is no development server");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join("dev");
    let file = at.join("dev-key");
    let (mut child, address) = served(&at, &["--dev"]).await;
    let key = std::fs::read_to_string(&file).unwrap();
    assert!(key.starts_with("tk_test_"), "a key");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Another one that finds the address in use.
    let second = Command::new(env!("CARGO_BIN_EXE_tieout-online"))
        .args(["serve", "--dev", "--listen", &address.to_string(), "--dir"])
        .arg(&at)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .await
        .unwrap();
    assert_eq!(second.status.code(), Some(3), "{second:?}");
    let empty = dir.path().join("empty");
    let third = Command::new(env!("CARGO_BIN_EXE_tieout-online"))
        .args(["serve", "--dev", "--listen", &address.to_string(), "--dir"])
        .arg(&empty)
        .output()
        .await
        .unwrap();
    assert_eq!(third.status.code(), Some(3), "{third:?}");
    assert!(!empty.exists(), "nothing was made");
    child.kill().await.unwrap();
    let (mut child, _) = served(&at, &["--dev"]).await;
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        key,
        "the same after a restart"
    );
    child.kill().await.unwrap();
    // What is no key of this installation is replaced.
    std::fs::write(&file, "tk_test_other").unwrap();
    let (mut child, _) = served(&at, &["--dev"]).await;
    assert_ne!(std::fs::read_to_string(&file).unwrap(), "tk_test_other");
    child.kill().await.unwrap();
}
