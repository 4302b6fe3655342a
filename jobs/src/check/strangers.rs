//! What stands in an installation and belongs to nothing of it: where things of ours stand beside
//! things of others, sooner or later one is taken for the other.
//!
//! A run that was killed leaves things, too, and whoever finds one is not to be alarmed. So what a
//! kill can have left is told apart: a part or a copy whose name has the hash of its bytes, a file
//! of a cut that was never frozen, a package of a day that is not sealed yet, a folder of ours
//! without anything in it.

use crate::check::verdict::{Check, Scope};
use crate::kinds::{INSTALLATION, KINDS};
use crate::parts;
use crate::records::archived::Archived;
use crate::records::frozen::FrozenCut;
use crate::records::{self, Read};
use connectors::{BANKS, Error, Name, Odd, ReadBack, Strangers};
use desk::failure::{Failure, Result};
use desk::{Desk, names};
use formats::tables;
use jiff::civil::Date;
use settlement::archive::Hash256;
use settlement::foreign;
use settlement::windows::Window;
use std::collections::BTreeSet;

/// What to do about something that nobody of ours has put there.
const MOVE_AWAY: &str = "find out who put it there, and move it away";

/// The folders of objects that are no tables.
const FOLDERS: &[&str] = &[
    "allocated",
    "archive",
    "cuts",
    "deliveries",
    "forgotten",
    "fundings",
    "inbound",
    "ingested",
    "members",
    "outbound",
    "posted",
    "reconciled",
    "registry",
    "runs",
    "saved",
    "witnessed",
];

/// Looks through every place of the installation.
pub async fn prove(desk: &Desk, scope: Scope, check: &mut Check) -> Result<()> {
    if scope != Scope::All {
        return Ok(());
    }
    let Strangers { odd, empty, banks } = desk.ports.objects.strangers().await?;
    told("objects", odd, check);
    unlisted(desk, "objects", banks, check);
    for folder in empty {
        match is_ours(&folder) {
            true => check.unnamed.push(format!("{folder}/")),
            false => told("objects", vec![empty_folder(folder)], check),
        }
    }
    // Those of other banks share the places of the home bank, which looks through them.
    let places = desk.ports.places.iter().filter(|_| desk.place.is_empty());
    for place in places {
        let Strangers { odd, empty, banks } = place.mark.strangers().await?;
        told(place.name, odd, check);
        unlisted(desk, place.name, banks, check);
        told(
            place.name,
            empty.into_iter().map(empty_folder).collect(),
            check,
        );
    }
    packages(desk, check).await?;
    receipts(desk, check).await
}

fn empty_folder(name: String) -> Odd {
    let why = "an empty folder, and none that we make".to_owned();
    Odd { name, why }
}

fn told(place: &str, odd: Vec<Odd>, check: &mut Check) {
    for Odd { name, why } in odd {
        let name = foreign::line(&name);
        let message = format!("{name}: foreign, in {place}: {why}");
        check.found(Failure::findings(message).remedy(MOVE_AWAY));
    }
}

/// Places of banks that the configuration does not name: nobody looks at what is kept there, and
/// nobody forgets names in it.
fn unlisted(desk: &Desk, place: &str, banks: Vec<String>, check: &mut Check) {
    for bank in banks.iter().filter(|bank| !desk.beside.contains(bank)) {
        let bank = foreign::line(bank);
        let what = format!("{BANKS}/{bank}, in {place}");
        check.found(not_configured(&what));
    }
}

/// Payments of such banks.
pub fn unlisted_payments(desk: &Desk, banks: &BTreeSet<String>, check: &mut Check) {
    let others = banks.iter().filter(|_| desk.place.is_empty());
    for bank in others.filter(|bank| !desk.beside.contains(bank)) {
        let bank = foreign::line(bank);
        check.found(not_configured(&format!("payments by {bank}, in the store")));
    }
}

/// A bank of which there is something and that is none of the configuration.
fn not_configured(what: &str) -> Failure {
    Failure::findings(format!(
        "{what}: of a bank that the configuration does not name: nothing of it was looked at"
    ))
    .remedy(
        "name its profile in banks again, and its drop box in [addresses.links]; where no payment \
         may go by it any more, leave it out of [routes]",
    )
}

/// Whether a job makes such a folder, and may have been killed before it put anything there.
fn is_ours(folder: &str) -> bool {
    let mut parts = folder.split('/');
    let top = parts.next().unwrap_or_default();
    if folder == BANKS {
        return true;
    }
    let known = FOLDERS.contains(&top) || tables::table(top).is_some();
    known && parts.all(|part| top == "witnessed" || part.contains('='))
}

/// What stands among the objects and no record names.
pub async fn unnamed(
    desk: &Desk,
    listed: &[Name],
    named: &BTreeSet<&Name>,
    check: &mut Check,
) -> Result<()> {
    let cuts = cuts(desk).await;
    for name in listed {
        let ours = KINDS.iter().any(|kind| kind.has(name))
            || INSTALLATION.has(name)
            || name.starts_with(names::WITNESS_PREFIX)
            || name.starts_with(names::PARTS_PREFIX); // held against their records (catalog.rs)
        if ours || named.contains(name) {
            continue;
        }
        if could_be_left(desk, name, &cuts).await? {
            check.unnamed.push(name.to_string());
            continue;
        }
        let name = foreign::line(name);
        check.found(
            Failure::findings(format!(
                "{name}: foreign: no record names it, and no run that was killed leaves it"
            ))
            .remedy(MOVE_AWAY),
        );
    }
    Ok(())
}

/// The frozen cuts, the newest first; none where their chain is broken, which is a finding.
async fn cuts(desk: &Desk) -> Vec<Read<FrozenCut>> {
    let cuts = parts::frozen_since(&*desk.ports.objects, desk.bank.odfi, Date::MIN).await;
    cuts.unwrap_or_default()
}

/// Whether a run that was killed may have left it: a part, or a copy, that no record came to name,
/// or a file of a cut that was not frozen.
async fn could_be_left(desk: &Desk, name: &Name, cuts: &[Read<FrozenCut>]) -> Result<bool> {
    let table = name.split('/').next().unwrap_or_default();
    if name.starts_with("outbound/") || name.starts_with(names::RECEIVERS_PREFIX) {
        return Ok(is_next_cut(desk, name, cuts));
    }
    let hash = match name.strip_suffix(".parquet") {
        Some(part) if tables::table(table).is_some() => part.rsplit('-').next(),
        _ if name.starts_with("inbound/received=") => name.rsplit('.').next(),
        _ if name.starts_with("members/") => name
            .strip_suffix(".csv")
            .and_then(|list| list.rsplit('-').next()),
        _ => None,
    };
    let Some(hash) = hash.filter(|hash| hash.len() >= 8) else {
        return Ok(false);
    };
    // A file gets its name when it is whole, so it has the bytes that its name says.
    match desk.ports.objects.head(name).await {
        Ok(Some(meta)) => Ok(Hash256::from_bytes(meta.sha256)
            .to_string()
            .starts_with(hash)),
        Ok(None) => Ok(false),
        Err(Error::Invalid { .. } | Error::Denied { .. } | Error::Unavailable { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether a file was rendered for a cut that may yet be frozen.
fn is_next_cut(desk: &Desk, name: &Name, cuts: &[Read<FrozenCut>]) -> bool {
    let odfi = desk.bank.odfi;
    let of_cut = |date, window| {
        *name == names::receivers(odfi, date, window)
            || name.starts_with(&names::outbound_prefix(odfi, date, window))
                && name.ends_with(".ach")
    };
    let mut parts = name.split('/');
    let dated = |part: &str| part.split_once("date=")?.1.parse().ok();
    let Some(date) = parts.find_map(dated) else {
        return false;
    };
    let newest = cuts.first().map(|cut| cut.date);
    newest.is_none_or(|newest| date >= newest)
        && Window::ALL.iter().any(|window| of_cut(date, *window))
        && !cuts.iter().any(|cut| of_cut(cut.date, cut.window))
}

/// Every package in the archive is of a day that was sealed, or is about to be.
async fn packages(desk: &Desk, check: &mut Check) -> Result<()> {
    let objects = &*desk.ports.objects;
    let (mut known, mut begun) = (BTreeSet::new(), BTreeSet::new());
    for name in objects.list(names::SEALED_PREFIX).await? {
        let Some(date) = names::date_within(&name) else {
            continue;
        };
        known.insert(names::package(date));
        if let Ok(Some(archived)) = records::get::<Archived>(objects, &names::archived(date)).await
        {
            known.insert(archived.id);
        }
    }
    for name in objects.list(names::SAVED_PREFIX).await? {
        begun.extend(names::date_of(&name).map(names::package));
    }
    for id in desk.ports.archive.list().await? {
        if known.contains(&id.0) {
            continue;
        }
        match begun.contains(&id.0) {
            true => check.unnamed.push(format!("{}, in the archive", id.0)),
            false => told("archive", vec![no_day(id.0)], check),
        }
    }
    Ok(())
}

fn no_day(name: String) -> Odd {
    let why = "no day that was sealed here names it".to_owned();
    Odd { name, why }
}

/// What we remember of the bank must be of the cuts here: a drop box of another installation
/// remembers other files, and would be told that ours have arrived.
async fn receipts(desk: &Desk, check: &mut Check) -> Result<()> {
    let cuts = cuts(desk).await;
    let files = cuts.iter().flat_map(|cut| &cut.files);
    let sent = desk.ports.bank.sent().await?;
    let mut ours = 0u64;
    for (name, receipt) in &sent {
        let Some(file) = files.clone().find(|file| file.at_bank == *name) else {
            continue; // of a later day, where an earlier moment was restored
        };
        let same = |there: &ReadBack| {
            file.content.is_none_or(|content| {
                let sha256 = Hash256::from_bytes(there.sha256);
                (content.size, content.sha256) == (there.size, sha256)
            })
        };
        match receipt.as_ref().is_some_and(same) {
            true => ours += 1,
            false => check.found(another(name)),
        }
    }
    if ours == 0 && !sent.is_empty() && files.clone().next().is_some() {
        check.found(another(&sent[0].0));
    }
    check.count("files that the bank was sent, as our receipts say", ours);
    Ok(())
}

fn another(name: &str) -> Failure {
    let name = foreign::line(name);
    Failure::findings(format!(
        "{name}: the receipt in the drop box is of another file than was cut here: the drop box is \
         of another installation, or the receipt was changed"
    ))
    .remedy(
        "name the right drop box in [addresses]; where it is the right one, ask the bank what it \
         was sent, and restore the receipt",
    )
}
