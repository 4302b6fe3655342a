//! Real days: what the jobs left behind is told in the feed as the payments' own histories have it,
//! from the lists that real cuts froze. Run where the command `tieout` is beside `tieout-online`,
//! as after a build of the workspace.

use super::feed::{histories, name, said, walk};
use super::world::{World, config};
use connectors::Index;
use std::collections::BTreeMap;
use std::path::Path;
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_of_whole_days_is_the_union_of_the_histories() {
    let tieout = Path::new(env!("CARGO_BIN_EXE_tieout-online")).with_file_name("tieout");
    if !tieout.exists() {
        println!("tieout is not built: no days are played");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let days = dir.path().join("days");
    let played = Command::new(tieout)
        .args(["demo", "--payments", "200", "--days", "2", "--dir"])
        .arg(&days)
        .output()
        .await
        .unwrap();
    assert!(
        played.status.success(),
        "{}",
        String::from_utf8_lossy(&played.stderr)
    );
    let config = config(&days);
    let ports = connectors_embedded::open(&config.addresses).unwrap();
    let world = World::over(ports, &config).await;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let store = &world.app.ports().payments;
        let page = store.page(Index::All, after, 500).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        all.extend(page.iter().map(|payment| payment.id));
    }
    let events = walk(&world.app, "operator", &[200, 7]).await;
    let found: BTreeMap<_, _> = events.iter().map(|one| (name(one), said(one))).collect();
    assert_eq!(found.len(), events.len(), "each once");
    let wanted = histories(&world.app, &all).await;
    assert_eq!(found.len(), wanted.len());
    assert_eq!(found, wanted);
    let settled = events
        .iter()
        .filter(|one| one["type"] == "payment.settled")
        .count();
    assert!(
        settled > 100,
        "{settled} of {} events are of facts",
        events.len()
    );
}
