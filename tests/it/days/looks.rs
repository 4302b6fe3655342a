//! Commands that only look: what a kill leaves of them, whose damage they name, and what they do
//! where one thing cannot be read.

use crate::child::{command, run};
use crate::days::stage::closed;
use crate::days::world::{block, desk, with_ports};
use crate::tree::walk;
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{Error, Meta, Name, Object, ObjectStore, Put, Result, Strangers};
use jobs::check::{Scope, run as check};
use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

/// The copies of the store below the folder for temporary files, which is the installation's.
fn copies(at: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(at).expect("a folder");
    let all = all.map(|entry| entry.expect("an entry").path());
    all.filter(|path| path.display().to_string().contains("tieout-look-"))
        .collect()
}

#[test]
fn what_a_killed_look_leaves_is_gone_after_the_next_command() {
    let (_dir, at) = closed();
    let mut left = 0;
    for wait in (0..400).step_by(20) {
        let mut looks = command(&at, &["check"]);
        let looks = looks.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = looks.spawn().expect("started");
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let now = copies(&at).len();
        assert!(now <= 1, "the one before is removed by the next");
        left += now;
    }
    assert!(
        left > 0,
        "no kill has left anything: is it at the right time?"
    );
    run(&at, &["funding", "list"]).expect(0, &[]);
    assert_eq!(copies(&at), Vec::<PathBuf>::new());
    // A command that writes clears away as well.
    fs::create_dir(at.join("tieout-look-left")).expect("made");
    fs::write(at.join("tieout-look-left/0.jnl"), "names").expect("written");
    run(&at, &["archive", "--date", "2026-11-27"]).expect(0, &[]);
    assert_eq!(copies(&at), Vec::<PathBuf>::new());
}

/// A question needs no payment: it copies no store, keeps nobody waiting, and waits for nobody.
#[test]
fn who_asks_the_tables_does_not_open_the_store() {
    let (_dir, at) = closed();
    let asked: &[&[&str]] = &[
        &["query", "trial_balance", "--json"],
        &["tables", "list", "--json"],
        &["tables", "ddl", "--engine", "duckdb", "--json"],
        &["funding", "list", "--json"],
    ];
    let answers = |at: &Path| -> Vec<String> {
        let all = asked.iter().map(|args| run(at, args));
        all.map(|answer| answer.expect(0, &[]).text()).collect()
    };
    let before = answers(&at);
    let open = desk(&at);
    assert_eq!(answers(&at), before, "while somebody has it open");
    // Who looks at the store as well borrows it.
    run(&at, &["check"]).expect(0, &["every byte that was looked at"]);
    drop(open);
    // Whatever is wrong with the journal is for those who open it.
    let journals = journals(&at);
    assert!(!journals.is_empty());
    for journal in journals {
        fs::write(&journal, "nothing of it").expect("written");
    }
    assert_eq!(answers(&at), before, "whatever has happened to the store");
}

fn journals(at: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    walk(&at.join("store"), &mut |path, _| {
        if path.extension().is_some_and(|ending| ending == "jnl") {
            all.push(path.to_path_buf());
        }
    });
    all
}

#[test]
fn what_is_damaged_is_named_where_people_know_it() {
    let (_dir, at) = closed();
    let mut tables = Vec::new();
    walk(&at.join("store/keyspaces"), &mut |path, is_dir| {
        if !is_dir
            && path
                .parent()
                .is_some_and(|folder| folder.ends_with("tables"))
        {
            tables.push(path.to_path_buf());
        }
    });
    for table in &tables {
        fs::write(table, "nothing of it").expect("written");
    }
    let answer = run(&at, &["check"]);
    let all = format!("{}{}", answer.text(), answer.err);
    assert!(answer.status == 1 || tables.is_empty(), "{all}");
    assert!(!all.contains("tieout-look-"), "{all}");
}

/// Objects of which one cannot be read.
struct Unreadable {
    objects: Arc<dyn ObjectStore>,
    name: Name,
}

impl Unreadable {
    fn asked(&self, name: &Name) -> Result<()> {
        let refused = || Error::unavailable(name.to_string(), std::io::Error::other("I/O error"));
        match *name == self.name {
            true => Err(refused()),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl ObjectStore for Unreadable {
    async fn put_new(&self, name: &Name, body: Bytes) -> Result<Put> {
        self.objects.put_new(name, body).await
    }

    async fn put_file_new(&self, name: &Name, file: File) -> Result<Put> {
        self.objects.put_file_new(name, file).await
    }

    async fn put_if_match(&self, name: &Name, tag: Option<&str>, body: Bytes) -> Result<String> {
        self.objects.put_if_match(name, tag, body).await
    }

    async fn get(&self, name: &Name) -> Result<Object> {
        self.asked(name)?;
        self.objects.get(name).await
    }

    async fn get_large(&self, name: &Name) -> Result<Object> {
        self.asked(name)?;
        self.objects.get_large(name).await
    }

    async fn size(&self, name: &Name) -> Result<Option<u64>> {
        self.objects.size(name).await
    }

    async fn get_range(&self, name: &Name, range: Range<u64>) -> Result<Bytes> {
        self.asked(name)?;
        self.objects.get_range(name, range).await
    }

    async fn download(&self, name: &Name, to: &Path) -> Result<u64> {
        self.asked(name)?;
        self.objects.download(name, to).await
    }

    async fn head(&self, name: &Name) -> Result<Option<Meta>> {
        self.asked(name)?;
        self.objects.head(name).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        self.objects.list(prefix).await
    }

    async fn strangers(&self) -> Result<Strangers> {
        self.objects.strangers().await
    }
}

#[test]
fn a_check_goes_on_behind_whatever_object_cannot_be_read() {
    let (_dir, at) = closed();
    let whole = desk(&at);
    let objects = Arc::clone(&whole.ports.objects);
    drop(whole);
    let listed = block(objects.list("")).expect("listed");
    // One of each folder, and another thing that is wrong behind it.
    let kinds: std::collections::BTreeMap<&str, &Name> = listed
        .iter()
        .map(|name| (name.split('/').next().unwrap_or_default(), name))
        .collect();
    assert!(kinds.len() > 15, "{kinds:?}");
    let foreign = at.join("objects/zebra.txt");
    fs::write(&foreign, "Dear customer,").expect("written");
    for name in kinds.into_values() {
        let mut there = desk(&at);
        let objects = Arc::clone(&there.ports.objects);
        let name = name.clone();
        there.ports.objects = Arc::new(Unreadable {
            objects,
            name: name.clone(),
        });
        let there = with_ports(&at, there.ports);
        let found =
            block(check(&there, Scope::All, None)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let of = |word: &str| found.findings.iter().any(|one| one.message.contains(word));
        assert!(
            of(name.as_str()) && of("zebra.txt"),
            "{name}: {:?}",
            found.findings
        );
        let payments = found
            .proved
            .iter()
            .any(|one| one.what == "events in the store");
        assert!(payments, "{name}: the store was looked at");
    }
}
