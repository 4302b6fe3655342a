//! What a job of a date starts from, proved.
//!
//! A record names what it started from by hash, so the days form a chain before they are sealed:
//! the posting of a date names the posting and the reconciliation before it, the newest cut, and
//! every file that came or went; the reconciliation and the costs name the posting. Whoever goes
//! on from such a record holds all it names against what stands there now. What was changed, put
//! back from another moment or lost in between is seen before anything is built on it.

use crate::announced;
use crate::parts;
use crate::records::allocated::Allocated;
use crate::records::delivery::Delivery;
use crate::records::frozen::FrozenCut;
use crate::records::funding::FundingFact;
use crate::records::ingested::Ingested;
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
use crate::records::{self, Read, Source};
use connectors::{Name, ObjectStore};
use desk::failure::{Failure, Result};
use desk::records::RESTORE;
use desk::{Desk, names};
use jiff::civil::Date;

/// What the allocation of a date starts from.
pub struct AllocationStart {
    /// The allocation before it; none before the first.
    pub before: Option<Read<Allocated>>,
    /// The reconciliation before it.
    pub reconciled: Option<Read<Reconciled>>,
    /// The posting before it.
    pub previous: Option<Read<PostedDay>>,
    /// The cuts of the date, in the order in which they were frozen.
    pub cuts: Vec<Read<FrozenCut>>,
    /// The files that came on the date.
    pub inbound: Vec<Read<Ingested>>,
    /// What was said of fundings, up to the date.
    pub fundings: Vec<Read<FundingFact>>,
    /// All of it by hash.
    pub sources: Vec<Source>,
}

/// Reads what the allocation of `date` starts from, and proves that the days before it stand as
/// they were left.
///
/// # Errors
/// Where a record is not as it was written, or not the one that the chain of days has.
pub async fn of_allocation(desk: &Desk, date: Date) -> Result<AllocationStart> {
    let objects = &*desk.ports.objects;
    let before = records::newest_before::<Allocated>(objects, names::ALLOCATED_PREFIX, date);
    let before = before.await?;
    let reconciled = records::newest_before::<Reconciled>(objects, names::RECONCILED_PREFIX, date);
    let reconciled = reconciled.await?;
    let previous = records::newest_before::<PostedDay>(objects, names::POSTED_PREFIX, date);
    let previous = previous.await?;
    if let Some(reconciled) = &reconciled {
        stands(objects, &reconciled.source.name, &reconciled.started_from).await?;
    }
    if let Some(before) = &before {
        stands(objects, &before.source.name, &before.started_from).await?;
    }
    let cuts = parts::frozen_on(desk, date).await?;
    let inbound = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
    let taken = before.as_ref().map_or(0, |before| before.funding_facts);
    let fundings = announced::on(objects, taken, date).await?;
    let newest = [
        before.as_ref().map(|read| &read.source),
        reconciled.as_ref().map(|read| &read.source),
        previous.as_ref().map(|read| &read.source),
        cuts.last().map(|read| &read.source),
    ];
    let files = inbound.iter().map(|read| Some(&read.source));
    let said = fundings.iter().map(|read| Some(&read.source));
    let sources = sources(newest.into_iter().chain(files).chain(said));
    Ok(AllocationStart {
        before,
        reconciled,
        previous,
        cuts,
        inbound,
        fundings,
        sources,
    })
}

/// What the posting of a date starts from.
pub struct Start {
    /// The allocation of the date.
    pub allocated: Read<Allocated>,
    /// The allocation before it.
    pub allocated_before: Option<Read<Allocated>>,
    /// The posting before it.
    pub previous: Option<Read<PostedDay>>,
    /// The reconciliation before it.
    pub before: Option<Read<Reconciled>>,
    /// The cuts of the date, in the order in which they were frozen.
    pub cuts: Vec<Read<FrozenCut>>,
    /// The files that came on the date.
    pub inbound: Vec<Read<Ingested>>,
    /// All of it by hash, and the deliveries of the date.
    pub sources: Vec<Source>,
}

/// Reads what the posting of `date` starts from, and proves that the days before it stand as they
/// were left.
///
/// # Errors
/// Where a record is not as it was written, or not the one that the chain of days has.
pub async fn of_posting(desk: &Desk, date: Date) -> Result<Start> {
    let objects = &*desk.ports.objects;
    let before = records::newest_before::<Reconciled>(objects, names::RECONCILED_PREFIX, date);
    let before = before.await?;
    let previous = records::newest_before::<PostedDay>(objects, names::POSTED_PREFIX, date);
    let previous = previous.await?;
    if let Some(before) = &before {
        stands(objects, &before.source.name, &before.started_from).await?;
    }
    if let Some(previous) = &previous {
        stands(objects, &previous.source.name, &previous.started_from).await?;
    }
    let allocated = allocated(desk, date).await?;
    let allocated_before =
        records::newest_before::<Allocated>(objects, names::ALLOCATED_PREFIX, date).await?;
    let cuts = parts::frozen_on(desk, date).await?;
    let inbound = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
    let sent = records::all::<Delivery>(objects, &names::delivery_prefix(date)).await?;
    let newest = [
        previous.as_ref().map(|read| &read.source),
        before.as_ref().map(|read| &read.source),
        cuts.last().map(|read| &read.source),
        Some(&allocated.source),
    ];
    let files = inbound.iter().map(|read| &read.source);
    let files = files.chain(sent.iter().map(|read| &read.source));
    let sources = sources(newest.into_iter().chain(files.map(Some)));
    Ok(Start {
        allocated,
        allocated_before,
        previous,
        before,
        cuts,
        inbound,
        sources,
    })
}

/// What an inbound file of `date` is decided by: the newest cut and the reconciliation of the days
/// before, so that it makes no difference when on the date it is taken.
///
/// # Errors
/// As [`of_posting`].
pub async fn of_inbound(desk: &Desk, date: Date) -> Result<Vec<Source>> {
    let objects = &*desk.ports.objects;
    let before = records::newest_before::<Reconciled>(objects, names::RECONCILED_PREFIX, date);
    let before = before.await?.map(|read| read.source);
    let newest = parts::frozen_before(desk, date).await?;
    let newest = newest.map(|read| read.source);
    Ok(sources([newest.as_ref(), before.as_ref()]))
}

/// The allocation of a date, and all it started from as it was then.
///
/// # Errors
/// Exit status 2 where the date is not allocated yet; otherwise as [`of_allocation`].
pub async fn allocated(desk: &Desk, date: Date) -> Result<Read<Allocated>> {
    let objects = &*desk.ports.objects;
    let allocated = records::read::<Allocated>(objects, &names::allocated(date)).await?;
    let allocated = allocated.ok_or_else(|| {
        Failure::usage(format!("{date} is not allocated yet"))
            .remedy(format!("run tieout allocate --date {date} first"))
    })?;
    stands(objects, &allocated.source.name, &allocated.started_from).await?;
    Ok(allocated)
}

/// The posting of a date, and all it started from as it was then.
///
/// # Errors
/// Exit status 2 where the date is not posted yet; otherwise as [`of_posting`].
pub async fn posted(desk: &Desk, date: Date) -> Result<Read<PostedDay>> {
    let objects = &*desk.ports.objects;
    let posted = records::read::<PostedDay>(objects, &names::posted(date)).await?;
    let posted = posted.ok_or_else(|| {
        Failure::usage(format!("{date} is not posted yet"))
            .remedy(format!("run tieout post --date {date} first"))
    })?;
    stands(objects, &posted.source.name, &posted.started_from).await?;
    if !posted.started_from.is_empty() {
        nothing_more(objects, &posted, &names::ingested_prefix(date)).await?;
        nothing_more(objects, &posted, &names::delivery_prefix(date)).await?;
    }
    Ok(posted)
}

/// Holds all that a record started from against what stands there now.
///
/// # Errors
/// Where something of it is missing or another.
pub async fn stands(objects: &dyn ObjectStore, by: &Name, started_from: &[Source]) -> Result<()> {
    desk::records::prove(objects, by, started_from).await
}

/// Refuses a record that came after the books of its date were closed.
async fn nothing_more(
    objects: &dyn ObjectStore,
    posted: &Read<PostedDay>,
    prefix: &str,
) -> Result<()> {
    for name in objects.list(prefix).await? {
        if !posted.started_from.iter().any(|source| source.name == name) {
            let by = &posted.source.name;
            return Err(Failure::findings(format!(
                "{name}: not there when {by} closed the books of its date"
            ))
            .remedy(RESTORE));
        }
    }
    Ok(())
}

/// The sources that are there.
pub fn sources<'a>(all: impl IntoIterator<Item = Option<&'a Source>>) -> Vec<Source> {
    all.into_iter().flatten().cloned().collect()
}
