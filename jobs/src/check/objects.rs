//! Every object against the records that name it.

use crate::check::strangers;
use crate::check::verdict::{Check, Scope};
use crate::kinds::{INSTALLATION, KINDS, Kind, Said};
use crate::receivers::{self, Register};
use crate::records;
use crate::records::frozen::FrozenCut;
use crate::records::ingested::{Ingested, Registered};
use crate::records::named::Named;
use crate::registry;
use connectors::{Error, Name, ObjectStore};
use desk::failure::{Failure, Result};
use desk::records::checksum::Checksum;
use desk::records::{RESTORE, Source, witness};
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::Hash256;
use std::collections::{BTreeMap, BTreeSet};

/// The objects of an installation, proved.
pub struct Objects {
    /// Each that was looked at.
    seen: BTreeMap<Name, Seen>,
}

/// An object as it stands.
#[derive(Clone, Copy)]
enum Seen {
    /// Its bytes.
    There { size: u64, sha256: Hash256 },
    /// A record names it, and it is not there.
    Gone,
    /// It cannot be read, which is a finding already.
    Unreadable,
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
            seen: BTreeMap::new(),
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
                if !named.is_sealed() {
                    objects.receivers(store, name, named, check).await?;
                    continue;
                }
                objects.content(store, name, named, check).await?;
            }
            for source in &said.started_from {
                objects.source(store, name, source, check).await?;
            }
        }
        objects.registered(store, &linked, check).await?;
        objects.witnesses(store, &listed, check).await?;
        if scope == Scope::All {
            let contents = linked.iter().flat_map(|linked| &linked.said.contents);
            let named: BTreeSet<&Name> = contents.map(|named| &named.name).collect();
            strangers::unnamed(desk, &listed, &named, check).await?;
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
            Err(error) if is_finding(&error) => {
                self.seen.insert(name.clone(), Seen::Unreadable);
                unreadable(name, error, check);
                return Ok(None);
            }
            object => object?,
        };
        let found = Hash256::from_bytes(object.sha256);
        let (size, sha256) = (object.body.len() as u64, found);
        self.seen.insert(name.clone(), Seen::There { size, sha256 });
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
        match self.look(store, &named.name, check).await? {
            Seen::Unreadable => {}
            Seen::Gone => check.found(gone(&named.name, by)),
            Seen::There { sha256, .. } => match check.take(named.hold(sha256)) {
                Some(()) => check.count("files and parts, each time a record names one", 1),
                None => drop(check.contradicted.insert(named.name.clone())),
            },
        }
        Ok(())
    }

    /// Who receives the entries of a cut: by hash where nobody was forgotten, else row by row.
    async fn receivers(
        &mut self,
        store: &dyn ObjectStore,
        by: &Name,
        named: &Named,
        check: &mut Check,
    ) -> Result<()> {
        match self.look(store, &named.name, check).await? {
            Seen::There { sha256, .. } if named.hold(sha256).is_err() => {}
            _ => return self.content(store, by, named, check).await,
        }
        let Some(register) = check.take(Register::read(store).await) else {
            return Ok(());
        };
        let Ok(Some(cut)) = records::get::<FrozenCut>(store, by).await else {
            return Ok(()); // a finding already
        };
        if let Some(held) = check.take(receivers::prove(store, &cut, &register).await) {
            check.count("files and parts, each time a record names one", 1);
            check.count("names that were forgotten", held.forgotten);
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
        match self.look(store, &source.name, check).await? {
            Seen::Unreadable => {}
            Seen::Gone => check.found(gone(&source.name, by)),
            Seen::There { sha256, .. } => match check.take(source.hold(sha256, by)) {
                Some(()) => check.count("links from a record to one that it started from", 1),
                None => drop(check.contradicted.insert(source.name.clone())),
            },
        }
        Ok(())
    }

    /// An object as it stands, read once.
    async fn look(
        &mut self,
        store: &dyn ObjectStore,
        name: &Name,
        check: &mut Check,
    ) -> Result<Seen> {
        if let Some(known) = self.seen.get(name) {
            return Ok(*known);
        }
        let seen = match store.head(name).await {
            Ok(None) => Seen::Gone,
            Ok(Some(meta)) => Seen::There {
                size: meta.size,
                sha256: Hash256::from_bytes(meta.sha256),
            },
            Err(error) if is_finding(&error) => {
                unreadable(name, error, check);
                Seen::Unreadable
            }
            Err(error) => return Err(error.into()),
        };
        self.seen.insert(name.clone(), seen);
        Ok(seen)
    }

    /// Holds each registration against the copy of the file that it names, which is among its
    /// contents, and what became of that file.
    async fn registered(
        &mut self,
        store: &dyn ObjectStore,
        linked: &[Linked],
        check: &mut Check,
    ) -> Result<()> {
        for Linked { name, .. } in linked {
            let Some(sha256) = registry::content(name) else {
                continue;
            };
            let Ok(Some(said)) = records::get::<Registered>(store, name).await else {
                continue; // a finding already
            };
            let copy = names::inbound(said.received, &said.name, sha256);
            let record = names::ingested(said.received, &said.name, sha256);
            let Seen::There { size, .. } = self.look(store, &copy, check).await? else {
                continue; // a finding already
            };
            let Ok(came) = records::get::<Ingested>(store, &record).await else {
                continue; // a finding already
            };
            check.take(registry::hold(name, &said, size, came.as_ref()));
        }
        Ok(())
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
            let seen = self.look(store, &record, check).await?;
            if !replaced && matches!(seen, Seen::Gone) {
                check.found(gone(&record, witness));
            }
        }
        Ok(())
    }
}

/// Whether an error is about the object, and not about the store that was asked for it.
pub(super) fn is_finding(error: &Error) -> bool {
    is_refused(error) || matches!(error, Error::Invalid { .. } | Error::Corrupt { .. })
}

/// Whether the store, which has listed the object, may not or cannot read it.
const fn is_refused(error: &Error) -> bool {
    matches!(error, Error::Denied { .. } | Error::Unavailable { .. })
}

/// Keeps an object that cannot be read as a finding.
pub(super) fn unreadable(name: &Name, error: Error, check: &mut Check) {
    let remedy = match is_refused(&error) {
        true => "let the user that runs this read it, or restore it; the rest was looked at",
        false => "find out who put it there, move it away, and restore what was there",
    };
    check.unreadable |= is_refused(&error);
    check.found(Failure::findings(format!("{name}: {error}")).remedy(remedy));
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
