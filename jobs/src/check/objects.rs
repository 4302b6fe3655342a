//! Every object against the records that name it.

use crate::check::verdict::{Check, Scope};
use crate::kinds::{INSTALLATION, KINDS, Kind, Said};
use crate::records::named::Named;
use connectors::{Error, Name, ObjectStore};
use desk::failure::{Failure, Result};
use desk::records::checksum::Checksum;
use desk::records::{RESTORE, Source, witness};
use desk::{Desk, names};
use formats::tables::{
    AchEntries, AchReturns, Balances, BankLines, Breaks, JobRuns, Journal, Matches, PaymentEvents,
    Savings, Table,
};
use jiff::civil::Date;
use settlement::archive::Hash256;
use std::collections::{BTreeMap, BTreeSet};

/// Every table that a job writes parts of.
const TABLES: &[&str] = &[
    AchEntries::INFO.name,
    AchReturns::INFO.name,
    Balances::INFO.name,
    BankLines::INFO.name,
    Breaks::INFO.name,
    JobRuns::INFO.name,
    Journal::INFO.name,
    Matches::INFO.name,
    PaymentEvents::INFO.name,
    Savings::INFO.name,
];

/// The objects of an installation, proved.
pub struct Objects {
    /// SHA-256 of each that was read; none where a record names one that is gone.
    hashes: BTreeMap<Name, Option<Hash256>>,
}

/// A record, and what it names.
struct Linked {
    name: Name,
    said: Said,
}

impl Objects {
    /// Reads every record in `scope`, and proves all that it names.
    pub async fn prove(desk: &Desk, scope: Scope, check: &mut Check) -> Result<()> {
        let store = &*desk.ports.objects;
        let listed = store.list("").await?;
        let mut objects = Objects {
            hashes: BTreeMap::new(),
        };
        let mut linked = Vec::new();
        for kind in KINDS.iter().chain([&INSTALLATION]) {
            let of_kind = listed.iter().filter(|name| kind.has(name));
            for name in of_kind.filter(|name| inside(scope, name)) {
                linked.extend(objects.record(store, kind, name, check).await?);
            }
        }
        for Linked { name, said } in &linked {
            for named in &said.contents {
                objects.content(store, name, named, check).await?;
            }
            for source in &said.started_from {
                objects.source(store, name, source, check).await?;
            }
        }
        objects.witnesses(store, &listed, check).await?;
        if scope == Scope::All {
            unnamed(&listed, &linked, check);
        }
        Ok(())
    }

    /// Holds a record against its own checksum, or what the upgrade saw of it.
    async fn record(
        &mut self,
        store: &dyn ObjectStore,
        kind: &Kind,
        name: &Name,
        check: &mut Check,
    ) -> Result<Option<Linked>> {
        let object = match store.get(name).await {
            Err(Error::NotFound { .. }) => return Ok(None),
            // Something else has its name: a finding like any other.
            Err(error @ Error::Corrupt { .. }) => {
                check.found(error.into());
                return Ok(None);
            }
            object => object?,
        };
        let found = Hash256::from_bytes(object.sha256);
        self.hashes.insert(name.clone(), Some(found));
        let Some(said) = check.take((kind.read)(name, &object.body)) else {
            return Ok(None);
        };
        if kind.checked && said.checksum == Checksum::Absent {
            let held = witness::hold(store, name, found).await;
            if check.take(held).is_none() {
                return Ok(None);
            }
        }
        check.count(kind.name, 1);
        let name = name.clone();
        Ok(Some(Linked { name, said }))
    }

    async fn content(
        &mut self,
        store: &dyn ObjectStore,
        by: &Name,
        named: &Named,
        check: &mut Check,
    ) -> Result<()> {
        match self.hash(store, &named.name).await? {
            None => check.found(gone(&named.name, by)),
            Some(found) => {
                if check.take(named.hold(found)).is_some() {
                    check.count("files and parts, each time a record names one", 1);
                }
            }
        }
        Ok(())
    }

    async fn source(
        &mut self,
        store: &dyn ObjectStore,
        by: &Name,
        source: &Source,
        check: &mut Check,
    ) -> Result<()> {
        match self.hash(store, &source.name).await? {
            None => check.found(gone(&source.name, by)),
            Some(found) => {
                if check.take(source.hold(found, by)).is_some() {
                    check.count("links from a record to one that it started from", 1);
                }
            }
        }
        Ok(())
    }

    /// The hash of an object as it stands, read once; none where there is no such object.
    async fn hash(&mut self, store: &dyn ObjectStore, name: &Name) -> Result<Option<Hash256>> {
        if let Some(known) = self.hashes.get(name) {
            return Ok(*known);
        }
        let meta = store.head(name).await?;
        let found = meta.map(|meta| Hash256::from_bytes(meta.sha256));
        self.hashes.insert(name.clone(), found);
        Ok(found)
    }

    /// What the upgrade saw must still be there.
    async fn witnesses(
        &mut self,
        store: &dyn ObjectStore,
        listed: &[Name],
        check: &mut Check,
    ) -> Result<()> {
        for witness in listed {
            let Some(record) = witness.strip_prefix(names::WITNESS_PREFIX) else {
                continue;
            };
            let replaced = names::archive_head() == record; // the one record that goes on
            let record = Name::parse(record)?;
            if !replaced && self.hash(store, &record).await?.is_none() {
                check.found(gone(&record, witness));
            }
        }
        Ok(())
    }
}

fn gone(name: &Name, by: &Name) -> Failure {
    Failure::findings(format!("{name}: gone, and {by} names it")).remedy(RESTORE)
}

/// Whether an object belongs to what is looked at: cuts are a chain, and looked at whole.
fn inside(scope: Scope, name: &Name) -> bool {
    match scope {
        Scope::All => true,
        Scope::Date(_) if name.starts_with("cuts/") || INSTALLATION.has(name) => true,
        Scope::Date(date) => date_in(name) == Some(date),
    }
}

/// The date in an object's name: `posted/2026-11-25.json`, `runs/date=2026-11-25/post.json`.
fn date_in(name: &Name) -> Option<Date> {
    let parts = name
        .split('/')
        .map(|part| part.strip_suffix(".json").unwrap_or(part));
    let mut dates = parts.filter_map(|part| part.rsplit('=').next()?.parse().ok());
    dates.next()
}

/// What stands there and no record names.
fn unnamed(listed: &[Name], linked: &[Linked], check: &mut Check) {
    let contents = linked.iter().flat_map(|linked| &linked.said.contents);
    let named: BTreeSet<&Name> = contents.map(|named| &named.name).collect();
    for name in listed {
        let ours = KINDS.iter().any(|kind| kind.has(name))
            || INSTALLATION.has(name)
            || name.starts_with(names::WITNESS_PREFIX);
        if ours || named.contains(name) {
            continue;
        }
        if could_be_left(name) {
            check.unnamed.push(name.to_string());
            continue;
        }
        check.found(
            Failure::findings(format!(
                "{name}: foreign: nothing of tieout's has such a name"
            ))
            .remedy("find out who put it there, and move it away"),
        );
    }
}

/// Whether a run that was killed may have left it: a part, or a copy, that no record came to name.
fn could_be_left(name: &Name) -> bool {
    let table = name.split('/').next().unwrap_or_default();
    let part = name.ends_with(".parquet") && TABLES.contains(&table);
    part || name.starts_with("inbound/received=") || name.starts_with("outbound/odfi=")
}
