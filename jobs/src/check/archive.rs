//! The chain of sealed days, from its head to its first, and every package against its manifest.

use crate::chain;
use crate::check::verdict::{Check, Scope};
use crate::sealed;
use connectors::ObjectStore;
use desk::failure::{Failure, Result};
use desk::records::RESTORE;
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::{Head, Link};
use std::collections::BTreeSet;

/// The chain as it stands.
#[derive(Default)]
struct Walked {
    /// What links there are, the newest first.
    links: Vec<Link>,
    /// The days whose manifests are gone or other ones.
    holes: BTreeSet<Date>,
}

/// Proves the chain; answers with its links, the newest first.
pub async fn prove(desk: &Desk, scope: Scope, check: &mut Check) -> Result<Vec<Link>> {
    let objects = &*desk.ports.objects;
    let dates = chain::sealed_dates(objects).await?;
    let head = check.take(chain::head(objects).await).flatten();
    let Some(head) = head.map(|at| at.head) else {
        // A head that cannot be read is a finding already.
        if let Some(newest) = dates
            .last()
            .filter(|_| !check.names(&names::archive_head()))
        {
            lost(dates.len(), *newest, check);
        }
        return Ok(Vec::new());
    };
    let mut walked = walk(desk, scope, &head, &dates, check).await?;
    for date in chain::begun_dates(objects).await? {
        let sealed = date <= head.newest.date && !dates.contains(&date);
        if sealed && walked.holes.insert(date) {
            check.found(chain::gone(date));
        }
    }
    let Walked { links, holes } = walked;
    let found = links.len() as u64 + holes.len() as u64;
    if found != head.days {
        let (name, days) = (names::archive_head(), head.days);
        check.found(
            Failure::findings(format!(
                "{name}: says {days} sealed days, and the chain has {found}"
            ))
            .remedy(RESTORE),
        );
    }
    for date in dates {
        let known = holes.contains(&date) || links.iter().any(|link| link.date == date);
        if !known {
            outside(&head, date, check);
        }
    }
    check.count("sealed days in their chain", links.len() as u64);
    Ok(links)
}

fn lost(days: usize, newest: Date, check: &mut Check) {
    let name = names::archive_head();
    check.found(
        Failure::findings(format!("{name}: gone, and {days} days are sealed")).remedy(format!(
            "run tieout archive --date {newest}, which writes it again"
        )),
    );
}

/// A manifest that the head does not lead to.
fn outside(head: &Head, date: Date, check: &mut Check) {
    let (name, newest) = (names::manifest(date), head.newest.date);
    let failure = Failure::findings(format!(
        "{name}: sealed, and not in the chain, whose head is {newest}"
    ));
    check.found(match date > newest {
        true => failure.remedy(format!(
            "a run was killed, or archive/head.json was put back from another moment: run tieout \
             archive --date {date}, which proves and mends it"
        )),
        false => failure.remedy(
            "find out who put it there, and move it away: nothing that was sealed names it",
        ),
    });
}

async fn walk(
    desk: &Desk,
    scope: Scope,
    head: &Head,
    dates: &[Date],
    check: &mut Check,
) -> Result<Walked> {
    let objects = &*desk.ports.objects;
    let (mut walked, mut next) = (Walked::default(), Some(head.newest));
    while let Some(link) = next {
        let Some(manifest) = check.take(chain::linked(objects, &link).await) else {
            walked.holes.insert(link.date);
            next = behind(objects, dates, link.date).await?;
            continue;
        };
        let previous = manifest.previous;
        let follows = manifest.follows(previous.as_ref());
        check.take(follows.map_err(|e| Failure::findings(e.to_string()).remedy(RESTORE)));
        walked.links.push(link);
        next = previous;
        let asked = match scope {
            Scope::All => true,
            Scope::Date(date) => date == manifest.date,
        };
        if asked {
            let proved = sealed::package(desk, &manifest).await;
            if check.take(proved).is_some() {
                check.count("packages in the archive", 1);
            }
        }
    }
    Ok(walked)
}

/// The newest manifest behind one that is gone: what is missing is that one, and not all that was
/// sealed before it.
async fn behind(objects: &dyn ObjectStore, dates: &[Date], hole: Date) -> Result<Option<Link>> {
    let Some(date) = dates.iter().copied().rfind(|date| *date < hole) else {
        return Ok(None);
    };
    let text = objects.get(&names::manifest(date)).await?.body;
    Ok(Some(Link::to(date, &text)))
}
