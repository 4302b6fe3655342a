//! Parts of tables and the entries that frozen cuts name: found through records, never by listing
//! a table.

use crate::records;
use crate::records::Read;
use crate::records::frozen::FrozenCut;
use crate::records::part::Part;
use crate::stage::did;
use bytes::Bytes;
use connectors::{Error, Name, ObjectStore};
use desk::failure::{Failure, Result, Status};
use desk::records::RESTORE;
use desk::{CHUNK, Desk, names, proved};
use formats::tables::{self, AchEntries, AchEntry, Table, TableError, Written};
use jiff::civil::Date;
use settlement::codes::sec::SecCode;
use settlement::exact::Exact;
use settlement::ids::{DfiId, Direction, PaymentId, TraceNumber};
use settlement::returns;
use std::collections::BTreeSet;

/// Cuts of one date looked at, at most: four windows, with room for a bank that adds some.
const CUTS_A_DAY: usize = 64;

/// The newest frozen cuts of a bank, newest first, back to `oldest`; each is the one that the cut
/// after it names.
///
/// # Errors
/// Where a record cannot be read, or is not the one that follows in the chain.
pub async fn frozen_since(
    objects: &dyn ObjectStore,
    odfi: DfiId,
    oldest: Date,
) -> Result<Vec<Read<FrozenCut>>> {
    let names = objects.list(&names::frozen_prefix(odfi)).await?;
    let mut cuts: Vec<Read<FrozenCut>> = Vec::new();
    for name in names.iter().rev() {
        let Some(cut) = records::read::<FrozenCut>(objects, name).await? else {
            continue;
        };
        if let Some(after) = cuts.last() {
            follows(odfi, after, &cut)?;
        }
        if cut.date < oldest {
            break;
        }
        cuts.push(cut);
    }
    Ok(cuts)
}

/// The newest frozen cut of the days before `date`.
///
/// # Errors
/// As [`frozen_since`].
pub async fn frozen_before(desk: &Desk, date: Date) -> Result<Option<Read<FrozenCut>>> {
    let objects = &*desk.ports.objects;
    let names = objects.list(&names::frozen_prefix(desk.bank.odfi)).await?;
    for name in names.iter().rev() {
        let cut = records::read::<FrozenCut>(objects, name).await?;
        if let Some(cut) = cut.filter(|cut| cut.date < date) {
            return Ok(Some(cut));
        }
    }
    Ok(None)
}

/// Refuses a cut that is not the one before `after`: by its place, and by its hash where that is
/// known.
///
/// # Errors
/// Where it is another.
pub fn follows(odfi: DfiId, after: &Read<FrozenCut>, cut: &Read<FrozenCut>) -> Result<()> {
    let by = &after.source.name;
    // saturates: what is before the place 0 is refused here too
    let expected = names::frozen(odfi, after.seq.saturating_sub(1));
    if cut.source.name != expected || cut.seq.checked_add(1) != Some(after.seq) {
        return Err(Failure::findings(format!(
            "{expected}: gone, and {by} is the cut after it: the chain of cuts has a gap"
        ))
        .remedy(RESTORE));
    }
    match &after.previous {
        Some(previous) => previous.hold(cut.source.sha256, by),
        None => Ok(()),
    }
}

/// The frozen cuts of one date, in the order in which they were frozen.
///
/// # Errors
/// Where a record cannot be read.
pub async fn frozen_on(desk: &Desk, date: Date) -> Result<Vec<Read<FrozenCut>>> {
    let mut cuts = frozen_since(&*desk.ports.objects, desk.bank.odfi, date).await?;
    cuts.retain(|cut| cut.date == date);
    cuts.truncate(CUTS_A_DAY);
    cuts.reverse();
    Ok(cuts)
}

/// The bytes of a part, which are those that were written.
///
/// # Errors
/// Where it is missing, or other bytes stand there.
pub async fn fetch(objects: &dyn ObjectStore, part: &Part) -> Result<Bytes> {
    let body = proved::whole(objects, &part.name, |found| part.hold(found)).await?;
    body.ok_or_else(|| Error::not_found(format!("object {}", part.name)).into())
}

/// The largest part that is read from memory: those of a day without millions.
const IN_MEMORY_BYTES: u64 = 8 << 20;

/// The rows of a part, which is what was written: a large one is in no memory.
///
/// # Errors
/// As [`fetch`], and where it is torn.
pub async fn read<T: Table>(objects: &dyn ObjectStore, part: &Part) -> Result<tables::Rows<T>> {
    let gone = || Error::not_found(format!("object {}", part.name));
    let size = objects.size(&part.name).await?.ok_or_else(gone)?;
    let rows = match size > IN_MEMORY_BYTES {
        true => {
            let hold = |found| part.hold(found);
            let file = proved::file(objects, &part.name, hold).await?;
            tables::read::<T>(file.ok_or_else(gone)?, &part.name)
        }
        false => tables::read::<T>(fetch(objects, part).await?, &part.name),
    };
    rows.map_err(torn)
}

/// The payments of a part of `ach_entries`, in their own order: eight bytes of each.
///
/// # Errors
/// As [`read`].
pub async fn payments_of(objects: &dyn ObjectStore, part: &Part) -> Result<Vec<PaymentId>> {
    let file = proved::file(objects, &part.name, |found| part.hold(found)).await?;
    let file = file.ok_or_else(|| Error::not_found(format!("object {}", part.name)))?;
    let mut numbers = tables::read_numbers(file, &part.name, ["payment_key"]).map_err(torn)?;
    let mut ids = Vec::new();
    while let Some([keys]) = numbers.next().map_err(torn)? {
        for key in keys {
            ids.push(PaymentId::from_key(*key)?);
        }
    }
    let (name, have, want) = (&part.name, ids.len(), part.rows);
    if have as u64 != want {
        let why = format!("{name}: {have} rows where the record says {want}");
        return Err(Failure::damaged(why));
    }
    ids.sort_unstable();
    Ok(ids)
}

/// The entries of a part with one of these traces, in their order. One column is read whole, and
/// of the others what these rows need: an answer is about a few of a million.
///
/// # Errors
/// As [`read`].
pub async fn of_traces(
    objects: &dyn ObjectStore,
    part: &Part,
    traces: &BTreeSet<i64>,
) -> Result<Vec<AchEntry<'static>>> {
    let body = proved::file(objects, &part.name, |found| part.hold(found)).await?;
    let body = body.ok_or_else(|| Error::not_found(format!("object {}", part.name)))?;
    let again = body.try_clone().map_err(|e| {
        Failure::could_not(format!("{}: {e}", part.name)).remedy("run the same again")
    })?;
    let mut numbers = tables::read_numbers(again, &part.name, ["trace"]).map_err(torn)?;
    let (mut at, mut places) = (0usize, Vec::new());
    while let Some([column]) = numbers.next().map_err(torn)? {
        for trace in column {
            let next = at.plus(1);
            if traces.contains(trace) {
                places.push(at..next);
            }
            at = next;
        }
    }
    let (name, want) = (&part.name, part.rows);
    if at as u64 != want {
        let why = format!("{name}: {at} rows where the record says {want}");
        return Err(Failure::damaged(why));
    }
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let rows = tables::read_at::<AchEntries>(body, name, places).map_err(torn)?;
    rows.collect::<std::result::Result<_, _>>().map_err(torn)
}

/// The entries of a frozen cut, in file order, one after the other: there may be millions.
pub struct Entries {
    /// None of a cut that took nothing.
    rows: Option<(tables::Rows<AchEntries>, Part)>,
    read: u64,
}

impl Entries {
    /// Before the first one. The part is held against its hash before anything of it is believed.
    ///
    /// # Errors
    /// Where the part is missing or damaged.
    pub async fn of(desk: &Desk, cut: &FrozenCut) -> Result<Entries> {
        let Some(part) = &cut.entries else {
            let (rows, read) = (None, 0);
            return Ok(Entries { rows, read });
        };
        let rows = read::<AchEntries>(&*desk.ports.objects, part).await?;
        Ok(Entries {
            rows: Some((rows, part.clone())),
            read: 0,
        })
    }

    /// The next `count` of them.
    ///
    /// # Errors
    /// Where there are fewer, or the part is damaged.
    pub fn take_next(&mut self, count: u64) -> Result<Vec<AchEntry<'static>>> {
        let many = usize::try_from(count).ok().map(|count| count.min(CHUNK));
        let mut all = Vec::with_capacity(many.unwrap_or_default());
        for _ in 0..count {
            match self.next() {
                Some(row) => all.push(row?),
                None => {
                    let why = format!("{count} entries are left by the cut, and fewer in its part");
                    return Err(Failure::damaged(why));
                }
            }
        }
        Ok(all)
    }
}

impl Iterator for Entries {
    type Item = Result<AchEntry<'static>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (rows, part) = self.rows.as_mut()?;
        if let Some(row) = rows.next() {
            self.read = self.read.plus(1);
            return Some(row.map_err(torn));
        }
        let (name, have, want) = (part.name.clone(), self.read, part.rows);
        self.rows = None;
        (have != want).then(|| {
            Err(Failure::damaged(format!(
                "{name}: {have} rows where the record says {want}"
            )))
        })
    }
}

/// Every row of a part, held against the part's own count.
///
/// # Errors
/// Where the part is missing, damaged, or has another number of rows than it should.
pub async fn rows_of<T: Table>(
    objects: &dyn ObjectStore,
    part: &Part,
) -> Result<Vec<T::Row<'static>>> {
    let rows = read::<T>(objects, part).await?;
    let rows = rows.collect::<std::result::Result<Vec<_>, _>>();
    let rows = rows.map_err(torn)?;
    if rows.len() as u64 == part.rows {
        return Ok(rows);
    }
    let (name, have, want) = (&part.name, rows.len(), part.rows);
    Err(Failure::damaged(format!(
        "{name}: {have} rows where the record says {want}"
    )))
}

/// The parts of one table.
pub fn of_table<T: Table>(parts: &[Part]) -> impl Iterator<Item = &Part> {
    parts.iter().filter(|part| part.table == T::INFO.name)
}

/// What a part of the table with this content is called.
pub fn named<T: Table>(date: Date, what: &str, sha256: &str) -> Name {
    names::table_part(T::INFO.name, T::INFO.partition, date, what, sha256)
}

/// What a table that cannot be read or written means to a job.
pub fn torn(error: TableError) -> Failure {
    Failure::advised(
        Status::Findings,
        error,
        "restore the table from the archive",
    )
}

/// Writes rows as a part named by its content; `None` where there are none.
///
/// # Errors
/// Where the store does not take it.
pub async fn put_part<'a, T: Table>(
    objects: &dyn ObjectStore,
    date: Date,
    what: &str,
    rows: impl IntoIterator<Item = T::Row<'a>>,
) -> Result<Option<Part>> {
    let rows = rows.into_iter().inspect(|_| did(1));
    let (bytes, written) = tables::to_bytes::<T>(rows).map_err(torn)?;
    if written.rows == 0 {
        return Ok(None);
    }
    put_bytes::<T>(objects, date, what, bytes, written)
        .await
        .map(Some)
}

/// Writes the bytes of a part under a name of their own.
///
/// # Errors
/// Where the store does not take it.
pub async fn put_bytes<T: Table>(
    objects: &dyn ObjectStore,
    date: Date,
    what: &str,
    bytes: Vec<u8>,
    written: Written,
) -> Result<Part> {
    let sha256 = settlement::archive::sha256(&bytes);
    let name = named::<T>(date, what, &sha256.to_string());
    objects.put_new(&name, bytes.into()).await?;
    Ok(Part {
        table: T::INFO.name.to_owned(),
        name,
        rows: written.rows,
        cents: written.cents,
        sha256: Some(sha256),
    })
}

/// The trace of an entry.
///
/// # Errors
/// Where the row has none.
pub fn trace(row: &AchEntry<'_>) -> Result<TraceNumber> {
    let none = |_| Failure::damaged(format!("ach_entries: trace of {} is none", row.payment_id));
    Ok(TraceNumber::from_number(
        u64::try_from(row.trace).map_err(none)?,
    )?)
}

/// An entry as an answer may be about it.
///
/// # Errors
/// Where a value of the row is none of its kind.
pub fn sent(row: &AchEntry<'_>) -> Result<returns::Entry> {
    let damaged = |field: &str| {
        let payment = &row.payment_id;
        Failure::damaged(format!("ach_entries: {field} of {payment} is none"))
    };
    let rdfi = u32::try_from(row.routing.div_euclid(10)).map_err(|_| damaged("routing"))?;
    let direction: Direction = row.direction.parse()?;
    let cents = direction.on_our_account(row.amount.magnitude());
    Ok(returns::Entry {
        payment: PaymentId::from_key(row.payment_key)?,
        trace: trace(row)?,
        rdfi: DfiId::new(rdfi)?,
        company: row.company_id.to_string(),
        cents: cents.ok_or_else(|| damaged("amount"))?,
        direction,
        sec: SecCode::from_bytes(row.sec.as_bytes()),
        sent: row.cut_date,
        settles: row.settles_on,
        account_last4: row.account_last4.to_string(),
    })
}
