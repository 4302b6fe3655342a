//! The table `parts` against the records that it repeats: an engine that reads only the table
//! must see what they say, and nothing else.

use crate::catalog::{self, Listed, tally_after};
use crate::check::objects::{is_finding, unreadable};
use crate::check::verdict::{Check, Scope};
use connectors::Name;
use desk::failure::{Failure, Result};
use desk::records::RESTORE;
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::{Hash256, sha256};
use settlement::foreign;
use std::collections::BTreeSet;

/// Proves every file of the table in `scope`.
pub async fn prove(desk: &Desk, scope: Scope, check: &mut Check) -> Result<()> {
    let objects = &*desk.ports.objects;
    let there: BTreeSet<Name> = objects
        .list(names::PARTS_PREFIX)
        .await?
        .into_iter()
        .collect();
    // A record that cannot be read is a finding already, and what it names is not known.
    let Ok(known) = catalog::there(desk).await else {
        return Ok(());
    };
    let days = there.iter().filter_map(|name| names::date_within(name));
    // A version that listed nothing made the days before the first one.
    let first = days.min().unwrap_or(Date::MAX); // saturates: nothing is listed
    let newest = known.iter().map(|listed| listed.date).max();
    let mut ours = BTreeSet::new();
    for listed in &known {
        let name = listed.name();
        let inside = scope == Scope::All || scope == Scope::Date(listed.date);
        if inside && listed.date >= first {
            one(desk, listed, there.contains(&name), newest, check).await?;
        }
        ours.insert(name);
    }
    let strays = there.iter().filter(|name| !ours.contains(*name));
    for name in strays.filter(|_| scope == Scope::All) {
        check.found(match lost(name) {
            Some(manifest) if manifest.ends_with("/manifest.json") => continue, // missed elsewhere
            Some(record) => {
                let why = format!("{record}: gone, and {name} repeats what it named");
                Failure::findings(why).remedy(RESTORE)
            }
            None => {
                let name = foreign::line(name);
                let why = format!("{name}: foreign: it is of no record, and engines read it");
                Failure::findings(why).remedy("find out who put it there, and move it away")
            }
        });
    }
    Ok(())
}

/// The record of a date that a file of the table repeats, where it could be one.
fn lost(name: &Name) -> Option<Name> {
    let date = names::date_within(name)?;
    let records = [
        names::allocated,
        names::posted,
        names::reconciled,
        names::saved,
        names::manifest,
    ];
    let mut records = records.into_iter().map(|record| record(date));
    records.find(|record| names::listed_parts(date, record) == *name)
}

async fn one(
    desk: &Desk,
    listed: &Listed,
    is_there: bool,
    newest: Option<Date>,
    check: &mut Check,
) -> Result<()> {
    let Some(bytes) = check.take(listed.bytes()).flatten() else {
        return Ok(()); // it names no part
    };
    let (objects, name) = (&*desk.ports.objects, listed.name());
    if !is_there {
        let over = match tally_after(listed) {
            Some(tally) => objects.head(&tally).await?.is_some(),
            None => newest.is_some_and(|newest| newest > listed.date),
        };
        if over {
            let why = format!("{name}: gone, and {} names parts", listed.record);
            check.found(Failure::findings(why).remedy("run tieout tables parts"));
        }
        return Ok(());
    }
    match objects.head(&name).await {
        Ok(Some(meta)) if Hash256::from_bytes(meta.sha256) == sha256(&bytes) => {
            check.count("records whose parts are in the table parts", 1);
        }
        Err(error) if is_finding(&error) => unreadable(&name, error, check),
        Err(error) => return Err(error.into()),
        Ok(_) => {
            let why = format!("{name}: it does not say what {} says", listed.record);
            let remedy = "move it away, then run tieout tables parts";
            check.found(Failure::findings(why).remedy(remedy));
        }
    }
    Ok(())
}
