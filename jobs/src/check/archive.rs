//! The chain of sealed days, from its head to its first, and every package against its manifest.

use crate::chain;
use crate::check::verdict::{Check, Scope};
use crate::records;
use crate::records::archived::Archived;
use connectors::{ArchiveId, Error};
use desk::failure::{Failure, Result};
use desk::records::RESTORE;
use desk::{Desk, names};
use settlement::archive::{Hash256, Head, Link, Manifest};

/// Proves the chain; answers with its links, the newest first.
pub async fn prove(desk: &Desk, scope: Scope, check: &mut Check) -> Result<Vec<Link>> {
    let dates = chain::sealed_dates(&*desk.ports.objects).await?;
    let head = check
        .take(chain::head(&*desk.ports.objects).await)
        .flatten();
    let Some(head) = head.map(|at| at.head) else {
        if let Some(newest) = dates.last().filter(|_| !lost_already(check)) {
            lost(dates.len(), *newest, check);
        }
        return Ok(Vec::new());
    };
    let links = walk(desk, scope, &head, check).await?;
    if links.len() as u64 != head.days {
        let (name, days, found) = (names::archive_head(), head.days, links.len());
        check.found(
            Failure::findings(format!(
                "{name}: says {days} sealed days, and the chain has {found}"
            ))
            .remedy(RESTORE),
        );
    }
    for date in dates {
        if !links.iter().any(|link| link.date == date) {
            outside(&head, date, check);
        }
    }
    check.count("sealed days in their chain", links.len() as u64);
    Ok(links)
}

/// A head that cannot be read is a finding already.
fn lost_already(check: &Check) -> bool {
    let head = names::archive_head();
    let mut messages = check.findings.iter().map(|finding| &finding.message);
    messages.any(|message| message.starts_with(head.as_str()))
}

fn lost(days: usize, newest: jiff::civil::Date, check: &mut Check) {
    let name = names::archive_head();
    check.found(
        Failure::findings(format!("{name}: gone, and {days} days are sealed")).remedy(format!(
            "run tieout archive --date {newest}, which writes it again"
        )),
    );
}

/// A manifest that the head does not lead to.
fn outside(head: &Head, date: jiff::civil::Date, check: &mut Check) {
    let (name, newest) = (names::manifest(date), head.newest.date);
    let failure = Failure::findings(format!(
        "{name}: sealed, and not in the chain, whose head is {newest}"
    ));
    check.found(match date > newest {
        true => failure.remedy(format!(
            "a run was killed, or archive/head.json was put back from another moment: run tieout \
             archive --date {date}, which proves and mends it"
        )),
        false => failure.remedy(RESTORE),
    });
}

async fn walk(desk: &Desk, scope: Scope, head: &Head, check: &mut Check) -> Result<Vec<Link>> {
    let (mut links, mut next) = (Vec::new(), Some(head.newest));
    while let Some(link) = next {
        let Some(manifest) = check.take(chain::linked(&*desk.ports.objects, &link).await) else {
            break;
        };
        let previous = manifest.previous;
        let follows = manifest.follows(previous.as_ref());
        check.take(follows.map_err(|e| Failure::findings(e.to_string()).remedy(RESTORE)));
        links.push(link);
        next = previous;
        let asked = match scope {
            Scope::All => true,
            Scope::Date(date) => date == manifest.date,
        };
        if asked {
            let proved = package(desk, &manifest).await;
            if check.take(proved).is_some() {
                check.count("packages in the archive", 1);
            }
        }
    }
    Ok(links)
}

/// Holds a package, all its bytes, against its manifest.
async fn package(desk: &Desk, manifest: &Manifest) -> Result<()> {
    let date = manifest.date;
    let name = names::archived(date);
    let archived = records::get::<Archived>(&*desk.ports.objects, &name).await?;
    let gone = |what: String| {
        Failure::findings(format!("{what}: gone, and {date} is sealed"))
            .remedy("put the archive back from its copy")
    };
    let archived = archived.ok_or_else(|| gone(name.to_string()))?;
    let id = ArchiveId(archived.id);
    let stored = match desk.ports.archive.verify(&id).await {
        Err(Error::NotFound { .. }) => return Err(gone(names::package(date))),
        stored => stored?,
    };
    let sealed = (manifest.package.size, manifest.package.sha256);
    let found = (stored.size, Hash256::from_bytes(stored.sha256));
    let counted = (archived.size, archived.members) == (sealed.0, manifest.members.len() as u64);
    if found == sealed && counted {
        return Ok(());
    }
    Err(Failure::findings(format!(
        "{}: not the package that was sealed on {date}",
        names::package(date)
    ))
    .remedy("put the archive back from its copy"))
}
