//! Bytes of the store that turn, one at a time and anywhere: whoever reads is told, and nothing is
//! silently another payment, or one less.

use super::*;
use connectors_conformance as conformance;
use settlement::ids::{BatchKey, CutId, DfiId, TraceNumber};
use settlement::payment::{EntryRef, SideFact};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Payments in the store.
const PAYMENTS: u32 = 300;

/// Bits turned in each kind of file; `TIEOUT_FLIPS` says another number, `TIEOUT_SEED` where.
const FLIPS: u64 = 60;

fn asked(variable: &str, otherwise: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

/// Everything that can be read of a store.
type Sight = (
    Vec<Payment>,
    Vec<Vec<PaymentEvent>>,
    Vec<(Side, Numbered)>,
    [Vec<PaymentId>; 2],
);

fn open(dir: &Path) -> Result<EmbeddedPayments> {
    EmbeddedPayments::new(database::open(dir)?)
}

const SENT_ON: Date = Date::constant(2026, 11, 25);

fn cut() -> CutId {
    CutId("2026-11-25/standard/09100001".to_owned())
}

fn side() -> Side {
    Side {
        batch: BatchKey::new(SENT_ON, b'A', 1).unwrap(),
        direction: settlement::ids::Direction::Credit,
    }
}

/// Sends payments in one batch and has it acknowledged.
async fn send(store: &EmbeddedPayments, new: &[NewRecord]) {
    let odfi = DfiId::new(9_100_001).unwrap();
    let sent = new.iter().zip(1..).map(|(record, sequence)| Change {
        payment: record.payment.id,
        expected_version: None,
        event: Event::Sent {
            entry: EntryRef {
                trace: TraceNumber::new(odfi, sequence).unwrap(),
                batch: side().batch,
                settles_on: SENT_ON,
            },
        },
        date: SENT_ON,
        at: record.payment.created_at,
    });
    store.apply(sent.collect()).await.unwrap();
    let file = "A.ach".to_owned();
    let event = Event::Acknowledged { file };
    let at = jiff::Timestamp::UNIX_EPOCH;
    let fact = SideFact::new(event, SENT_ON, at, Vec::new()).unwrap();
    let side = side();
    store.tell(vec![Telling { side, fact }]).await.unwrap();
}

/// A store with payments in tables and in the journal.
async fn store(dir: &Path) {
    let store = EmbeddedPayments::new(database::make(dir).unwrap()).unwrap();
    let new: Vec<NewRecord> = (0..PAYMENTS).map(conformance::record).collect();
    let claims = |new: &[NewRecord]| -> Vec<Change> {
        let claim = |record: &NewRecord| Change {
            payment: record.payment.id,
            expected_version: Some(1),
            event: Event::Claimed { cut: cut() },
            date: record.date,
            at: record.payment.created_at,
        };
        new.iter().map(claim).collect()
    };
    store.create(new.clone()).await.unwrap();
    let all = &store.shared.keyspaces;
    for keyspace in [
        &all.payments,
        &all.orders,
        &all.events,
        &all.waiting,
        &all.facts,
        &all.facts_by_date,
        &all.idempotency,
    ] {
        keyspace.rotate_memtable_and_wait().unwrap();
    }
    store.apply(claims(&new[..50])).await.unwrap();
    send(&store, &new[..20]).await;
    store.apply(claims(&new[50..90])).await.unwrap();
}

async fn sight(store: &EmbeddedPayments) -> Result<Sight> {
    let payments = store.page(Index::All, None, 1_000).await?;
    let mut histories = Vec::new();
    for payment in &payments {
        histories.push(store.history(payment.id).await?);
    }
    let (mut facts, side) = (store.facts_of(SENT_ON).await?, side());
    let kept = store.facts(side).await?.into_iter();
    facts.extend(kept.map(|fact| (side, fact)));
    let [ready, claimed] = [
        Index::Ready {
            speed: None,
            until: None,
        },
        Index::Claimed(Some(cut())),
    ];
    let ids = |page: Vec<Payment>| page.iter().map(|payment| payment.id).collect();
    let ready = ids(store.page(ready, None, 1_000).await?);
    let claimed = ids(store.page(claimed, None, 1_000).await?);
    Ok((payments, histories, facts, [ready, claimed]))
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let (mut found, mut waiting) = (Vec::new(), vec![dir.to_path_buf()]);
    while let Some(path) = waiting.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => waiting.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    found
}

/// Copies a store, without the zeros at the end of its journal.
fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let mut body = fs::read(&file).unwrap();
        if file.extension().is_some_and(|end| end == "jnl") {
            let end = body.iter().rposition(|byte| *byte != 0);
            body.truncate(end.map_or(0, |end| end + 1));
        }
        fs::write(target, body).unwrap();
    }
}

fn places(dir: &Path) -> Vec<(PathBuf, u64)> {
    let below = |path: PathBuf| {
        let size = fs::metadata(&path).unwrap().len();
        (path.strip_prefix(dir).unwrap().to_path_buf(), size)
    };
    files_below(dir).into_iter().map(below).collect()
}

/// What was said about a store with one bit turned; `None` where nothing was, and nothing is
/// different.
async fn told(sound: &Path, file: &Path, at: usize, bit: u8, whole: &Sight) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    copy(sound, dir.path());
    let path = dir.path().join(file);
    let mut body = fs::read(&path).unwrap();
    body[at] ^= 1 << bit;
    fs::write(&path, body).unwrap();
    let seen = match open(dir.path()) {
        Ok(store) => sight(&store).await,
        Err(error) => Err(error),
    };
    match seen {
        Ok(seen) => {
            let same = seen == *whole;
            assert!(same, "silent: {}, byte {at}, bit {bit}", file.display());
            None
        }
        Err(Error::Corrupt { what, why }) => Some(format!("{what}: {why}")),
        Err(other) => panic!("{}, byte {at}, bit {bit}: {other:?}", file.display()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bit_that_turns_anywhere_is_told_or_changes_nothing() {
    let made = tempfile::tempdir().unwrap();
    store(made.path()).await;
    let sound = tempfile::tempdir().unwrap();
    copy(made.path(), sound.path());
    let opened = tempfile::tempdir().unwrap();
    copy(sound.path(), opened.path());
    let whole = sight(&open(opened.path()).unwrap()).await.unwrap();
    assert_eq!(whole.0.len(), PAYMENTS as usize);
    let (mut random, mut said) = (asked("TIEOUT_SEED", 7), BTreeSet::new());
    let mut next = |below: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 33) % below.max(1)
    };
    let (journals, others): (Vec<_>, Vec<_>) = places(sound.path())
        .into_iter()
        .filter(|(_, size)| *size > 0)
        .partition(|(path, _)| path.extension().is_some_and(|e| e == "jnl"));
    assert!(!journals.is_empty() && others.len() > 10, "{others:?}");
    for kind in [journals, others] {
        for _ in 0..asked("TIEOUT_FLIPS", FLIPS) {
            let (file, size) = &kind[next(kind.len() as u64) as usize];
            let (at, bit) = (next(*size) as usize, next(8) as u8);
            said.extend(told(sound.path(), file, at, bit, &whole).await);
        }
    }
    let raw = |told: &String| told.contains("Error") || told.contains("Mismatch");
    assert!(!said.iter().any(raw), "{said:#?}");
    let named = said.iter().any(|told| told.starts_with("payment"));
    assert!(named && said.len() > 5, "{said:#?}");
}
