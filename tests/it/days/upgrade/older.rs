//! An installation of an older program: what is in a fixture, how it runs on, and what is compared.

use crate::child::{configuration, run};
use crate::days::asked::answers;
use crate::days::world::{block, config, everyone};
use crate::tree::scratch;
use desk::{Desk, names};
use formats::tables::Balances;
use jiff::civil::Date;
use jobs::query::NAMED;
use jobs::records::breaks::BreakRecord;
use jobs::records::posted::PostedDay;
use jobs::records::reconciled::Reconciled;
use jobs::{day, parts, records};
use settlement::payment::{Payment, PaymentEvent, State};
use std::collections::BTreeMap;
use std::fs;
use tempfile::TempDir;

/// An installation that an older program stopped in the middle of a week, with the files that the
/// bank put out on each later day, and what that program itself came to.
pub struct Older {
    pub folder: TempDir,
}

/// Where a payment stands, and in which version.
pub type Rule = fn(&Payment, &[PaymentEvent]) -> (State, u32);

impl Older {
    /// The fixture, unpacked.
    pub fn unpack(packed: &[u8]) -> Older {
        let folder = scratch();
        let plain = zstd::Decoder::new(packed).expect("zstd");
        tar::Archive::new(plain)
            .unpack(folder.path())
            .expect("unpacked");
        Older { folder }
    }

    pub fn installation(&self) -> std::path::PathBuf {
        self.folder.path().join("installation")
    }

    pub fn desk(&self) -> Desk {
        let at = config(&self.installation());
        jobs::open::desk(at).expect("an installation")
    }

    /// `tieout` with `args` on the installation.
    pub fn tieout(&self, args: &[&str]) -> crate::child::Answer {
        let file = configuration(&self.installation());
        let config = file.to_str().expect("a path");
        run(self.folder.path(), &[&["--config", config], args].concat())
    }

    /// Every named question as of a day, and one about names; some that any books answer have rows.
    pub fn questions(&self, as_of: &str) -> Vec<String> {
        let at = self.installation();
        configuration(&at);
        let mut all = answers(&at, as_of);
        assert_eq!(all.len(), NAMED.len());
        for name in ["trial_balance", "settlement_by_day", "clearing_balances"] {
            let of = format!("\"name\":\"{name}\"");
            let asked = all.iter().find(|answer| answer.contains(&of));
            let asked = asked.unwrap_or_else(|| panic!("{name} is not answered"));
            assert!(!asked.contains("\"rows\":[]"), "{asked}");
        }
        let named = "SELECT cut_date, COUNT(*) AS entries, COUNT(NULLIF(individual_name, '')) AS \
                     named FROM v_ach_entries WHERE cut_date > DATE '2026-01-01' GROUP BY cut_date \
                     ORDER BY cut_date";
        let answer = run(&at, &["query", named, "--as-of", as_of, "--csv"]);
        let text = answer.expect(0, &[]).text();
        assert!(text.lines().count() > 1, "{text}");
        for line in text.lines().skip(1) {
            let figures: Vec<&str> = line.split(',').collect();
            assert_eq!(figures[1], figures[2], "every entry has a name: {line}");
        }
        all.push(text);
        all
    }

    /// Runs the rest of the week, each day with the files that the bank put out for it.
    pub fn run_to_the_end(&self) {
        let later = self.folder.path().join("later");
        let mut days: Vec<_> = fs::read_dir(later)
            .expect("later days")
            .map(|entry| entry.expect("a day").path())
            .collect();
        days.sort();
        for folder in days {
            let today = folder.file_name().and_then(|name| name.to_str());
            let today: Date = today.expect("a date").parse().expect("a date");
            for file in fs::read_dir(&folder).expect("files") {
                let file = file.expect("a file").path();
                let to = self.installation().join("bank/from-bank");
                fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("copied");
            }
            let desk = self.desk();
            block(day::run(&desk, today)).expect("a day");
        }
    }

    pub fn expected(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("expected.txt")).expect("text");
        text.lines().map(str::to_owned).collect()
    }
}

/// What two programs must agree on at the end, a line each.
pub async fn facts(desk: &Desk, last: Date, rule: Rule) -> Vec<String> {
    let mut facts = Vec::new();
    let (payments, objects) = (&desk.ports.payments, &*desk.ports.objects);
    let mut states: BTreeMap<State, (u64, u64)> = BTreeMap::new();
    for payment in everyone(desk).await {
        let history = payments.history(payment.id).await.expect("a history");
        let (state, version) = rule(&payment, &history);
        let id = payment.id;
        facts.push(format!("payment {id} {} version {version}", state.as_str()));
        let (count, cents) = states.entry(state).or_default();
        (*count, *cents) = (*count + 1, *cents + payment.order.amount.get());
    }
    for (state, (count, cents)) in states {
        facts.push(format!("state {} {count} {cents}", state.as_str()));
    }
    let posted: Option<PostedDay> = records::get(objects, &names::posted(last))
        .await
        .expect("posted");
    let part = posted.and_then(|posted| posted.balances).expect("balances");
    for row in parts::rows_of::<Balances>(objects, &part)
        .await
        .expect("rows")
    {
        let (account, key, cents) = (&row.account, &row.key, row.balance.get());
        facts.push(format!("balance {account} {key} {cents}"));
    }
    let done: Option<Reconciled> = records::get(objects, &names::reconciled(last))
        .await
        .expect("read");
    facts.extend(done.expect("reconciled").breaks.iter().map(told));
    for name in objects.list("outbound/").await.expect("files") {
        let body = objects.get(&name).await.expect("a file").body;
        facts.push(format!(
            "sent {name} {}",
            settlement::archive::sha256(&body)
        ));
    }
    facts.sort();
    facts
}

fn told(found: &BreakRecord) -> String {
    let BreakRecord {
        kind, key, status, ..
    } = found;
    format!("break {kind} {key} {} {status}", found.cents.get())
}

/// Fails with what one program came to and the other did not.
#[track_caller]
pub fn assert_agree(expected: &[String], found: &[String]) {
    let missing: Vec<_> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let surplus: Vec<_> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "the older program came to {missing:#?}, this one to {surplus:#?}"
    );
}
