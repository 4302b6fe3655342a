//! The days that are not sealed yet: what their records say, held against what they say it of. A
//! day that is sealed has the hashes of its records in its manifest; a record of an older version
//! has no checksum, and until its day is sealed nothing but what it is about proves it.

use crate::chain;
use crate::check::verdict::{Check, Scope};
use crate::ingest;
use crate::outbound;
use crate::parts::{self, Entries};
use crate::records;
use crate::records::frozen::{FrozenBatch, FrozenCut};
use crate::records::ingested::Ingested;
use crate::tally::Tally;
use connectors::Name;
use desk::failure::{Failure, Result};
use desk::records::RESTORE;
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::ids::Direction;
use std::collections::BTreeSet;

/// Where the tallies are.
const TALLIES: &str = "runs/";

/// Proves the cuts, inbound files and tallies of the days that are not sealed.
///
/// # Errors
/// Where a store does not answer.
pub async fn prove(desk: &Desk, scope: Scope, check: &mut Check) -> Result<()> {
    let objects = &*desk.ports.objects;
    let sealed: BTreeSet<Date> = chain::sealed_dates(objects).await?.into_iter().collect();
    let open = |date: &Date| {
        let asked = scope == Scope::All || scope == Scope::Date(*date);
        asked && !sealed.contains(date)
    };
    let Ok(cuts) = parts::frozen_since(objects, desk.bank.odfi, Date::MIN).await else {
        return Ok(()); // the chain of cuts is a finding already
    };
    for cut in cuts.iter().filter(|cut| open(&cut.date)) {
        let name = names::frozen(desk.bank.odfi, cut.seq);
        let summed = sums(&name, desk, cut).await;
        // Keys that open nothing render nothing, and are a finding already.
        if held(&name, summed, check) && check.foreign.is_none() {
            files(desk, cut, check).await;
        }
    }
    for name in objects.list(names::INGESTED_PREFIX).await? {
        if names::date_within(&name).as_ref().is_some_and(open)
            && let Ok(Some(file)) = records::get::<Ingested>(objects, &name).await
        {
            let tied = ingest::ties_out(&file).and_then(|ties| match ties {
                true => Ok(()),
                false => Err(another(
                    &name,
                    "it says other sums than what was made of its file",
                )),
            });
            held(&name, tied, check);
        }
    }
    for name in objects.list(TALLIES).await? {
        if names::date_within(&name).as_ref().is_some_and(open)
            && let Ok(Some(tally)) = records::get::<Tally>(objects, &name).await
            && !tally.ties_out()
        {
            let why = another(&name, "what it took in is not what it gave out");
            held(&name, Err(why), check);
        }
    }
    Ok(())
}

/// Keeps what contradicts a record, of which then no hash is taken; answers whether nothing does.
fn held(name: &Name, proved: Result<()>, check: &mut Check) -> bool {
    let is_held = check.take(proved).is_some();
    if !is_held {
        check.contradicted.insert(name.clone());
    }
    is_held
}

/// Every batch has the entries, the sums and the day of settlement of its rows.
async fn sums(name: &Name, desk: &Desk, cut: &FrozenCut) -> Result<()> {
    let mut rows = Entries::of(desk, cut).await?;
    for batch in cut.files.iter().flat_map(|file| &file.batches) {
        let (mut debits, mut credits) = (0_u64, 0_u64);
        for _ in 0..batch.entries {
            let row = rows.next().ok_or_else(|| differs(name, batch))??;
            if row.batch != batch.key.to_string() || row.settles_on != batch.settles_on {
                return Err(differs(name, batch));
            }
            let debit = row.direction == Direction::Debit.as_str();
            let sum = if debit { &mut debits } else { &mut credits };
            let more = sum.checked_add(row.amount.magnitude().get());
            *sum = more.ok_or_else(|| differs(name, batch))?;
        }
        let (_, all_debits, all_credits) = batch.totals();
        let own = batch.offset.as_ref().map_or(0, |own| own.amount.get());
        let same = match own {
            0 => (debits, credits) == (all_debits, all_credits),
            own => {
                let rows = u128::from(debits) + u128::from(credits) + u128::from(own);
                rows == u128::from(all_debits) + u128::from(all_credits)
            }
        };
        if !same {
            return Err(differs(name, batch));
        }
    }
    Ok(())
}

/// The files are those that the cut renders to, and have its totals.
async fn files(desk: &Desk, cut: &FrozenCut, check: &mut Check) {
    for file in &cut.files {
        let name = &file.name;
        if check.names(name) {
            continue; // a finding already
        }
        match outbound::proved(desk, cut, file).await {
            Ok(_) => check.count("files of open days, each what its cut renders to", 1),
            Err(failure) => {
                held(name, Err(failure), check);
            }
        }
    }
}

fn differs(name: &Name, batch: &FrozenBatch) -> Failure {
    let key = &batch.key;
    another(
        name,
        &format!("of batch {key} it says something else than its entries"),
    )
}

fn another(name: &Name, why: &str) -> Failure {
    Failure::findings(format!("{name}: {why}")).remedy(RESTORE)
}
