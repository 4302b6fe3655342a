//! Frozen cuts and the entries they froze: what was decided once and is only read from then on.

use crate::desk::Desk;
use crate::failure::{Failure, Result};
use crate::{names, record};
use bytes::Bytes;
use connectors::ObjectStore;
use formats::tables::{self, AchEntries, AchEntry, Table};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::codes::sec::SecCode;
use settlement::ids::{BatchKey, CutId, DfiId, Direction, PaymentId, TraceNumber};
use settlement::money::Cents;
use settlement::returns;
use settlement::windows::Window;

/// A part of a table as a record names it: readers trust the record, not a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The object.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// The sum of its first money column.
    pub cents: settlement::money::SignedCents,
}

/// One cut, frozen: its membership, its traces and the shape of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenCut {
    /// Its place in the chain of its bank's cuts.
    pub seq: u64,
    /// What its payments were claimed as.
    pub cut: CutId,
    /// The business date.
    pub date: Date,
    /// The window.
    pub window: Window,
    /// The last trace sequence before this cut.
    pub first_after: u32,
    /// The last trace sequence of this cut.
    pub last_sequence: u32,
    /// What the file headers say of the bank and of us, as agreed when it was frozen.
    pub header: FrozenHeader,
    /// Payments that no window will ever take as things stand, by reason: count and cents.
    pub stuck: std::collections::BTreeMap<String, (u64, u64)>,
    /// Its entries; none where nothing waited.
    pub entries: Option<Part>,
    /// Its files.
    pub files: Vec<FrozenFile>,
}

/// The file header's texts and the time of day, frozen with the cut: a profile that changes later
/// changes no file of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenHeader {
    /// Ten characters.
    pub destination: String,
    /// At most 23.
    pub destination_name: String,
    /// Ten characters.
    pub origin: String,
    /// At most 23.
    pub origin_name: String,
    /// The file creation time, Eastern.
    pub time: jiff::civil::Time,
    /// How records end.
    pub line_end: settlement::bank::LineEnd,
    /// The account that offset entries balance to, its number but for the last four hidden.
    pub account: String,
}

/// One file of a frozen cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenFile {
    /// The object it is rendered to.
    pub name: String,
    /// What the bank sees it as.
    pub at_bank: String,
    /// File id modifier.
    pub modifier: char,
    /// Its batches in order.
    pub batches: Vec<FrozenBatch>,
}

/// One batch of a frozen file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenBatch {
    /// Its name.
    pub key: BatchKey,
    /// Key of the originator in the bank profile.
    pub originator: String,
    /// Its name, discretionary data and id as they were agreed when it was frozen.
    pub company: [String; 3],
    /// The entry class.
    pub sec: SecCode,
    /// Company entry description.
    pub description: String,
    /// Credits or debits, or both.
    pub side: Option<Direction>,
    /// Effective entry date.
    pub effective: Date,
    /// The banking day on which it should settle.
    pub settles_on: Date,
    /// Payments' entries, the offset not counted.
    pub entries: u64,
    /// Sum of its debit entries, the offset included.
    pub debits: Cents,
    /// Sum of its credit entries, the offset included.
    pub credits: Cents,
    /// The balancing entry.
    pub offset: Option<FrozenOffset>,
}

/// The entry that balances a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenOffset {
    /// Its trace.
    pub trace: TraceNumber,
    /// Its transaction code.
    pub code: u8,
    /// How much.
    pub amount: Cents,
}

/// Cuts of one date looked at, at most: four windows, with room for a bank that adds some.
const CUTS_A_DAY: usize = 64;

impl FrozenFile {
    /// How many payments' entries it carries.
    pub fn entries(&self) -> u64 {
        self.batches
            .iter()
            .map(|b| b.entries)
            .fold(0, u64::saturating_add)
    }
}

impl FrozenFile {
    /// What anybody counts in it: entries, debits and credits, the balancing entries included.
    pub fn totals(&self) -> (u64, u64, u64) {
        let of = |batch: &FrozenBatch| {
            let entries = batch
                .entries
                .saturating_add(u64::from(batch.offset.is_some()));
            (entries, batch.debits.get(), batch.credits.get())
        };
        let add = |a: (u64, u64, u64), b: (u64, u64, u64)| {
            let entries = a.0.saturating_add(b.0);
            (entries, a.1.saturating_add(b.1), a.2.saturating_add(b.2))
        };
        self.batches.iter().map(of).fold((0, 0, 0), add)
    }
}

impl FrozenBatch {
    /// What the bank should move on our account for one direction of it: the payments' entries,
    /// not the entry that balances them.
    pub fn side(&self, direction: Direction) -> Cents {
        let total = match direction {
            Direction::Credit => self.credits,
            Direction::Debit => self.debits,
        };
        let larger = self.side.is_none_or(|side| side == direction);
        match &self.offset {
            Some(_) if !larger => Cents::ZERO,
            _ => total,
        }
    }
}

/// The newest frozen cuts of a bank, newest first, back to `oldest`.
///
/// # Errors
/// Where a record cannot be read.
pub async fn frozen_since(
    objects: &dyn ObjectStore,
    odfi: DfiId,
    oldest: Date,
) -> Result<Vec<FrozenCut>> {
    let mut cuts = Vec::new();
    for name in objects
        .list(&names::frozen_prefix(odfi))
        .await?
        .iter()
        .rev()
    {
        let Some(cut) = record::get::<FrozenCut>(objects, name).await? else {
            continue;
        };
        if cut.date < oldest {
            break;
        }
        cuts.push(cut);
    }
    Ok(cuts)
}

/// The frozen cuts of one date, in the order in which they were frozen.
///
/// # Errors
/// Where a record cannot be read.
pub async fn frozen_on(desk: &Desk, date: Date) -> Result<Vec<FrozenCut>> {
    let mut cuts = frozen_since(&*desk.ports.objects, desk.bank.odfi, date).await?;
    cuts.retain(|cut| cut.date == date);
    cuts.truncate(CUTS_A_DAY);
    cuts.reverse();
    Ok(cuts)
}

/// The bytes of a part, from the store.
///
/// # Errors
/// Where it is missing.
pub async fn fetch(objects: &dyn ObjectStore, part: &Part) -> Result<Bytes> {
    Ok(objects.get(&part.name).await?.body)
}

/// Every entry of a frozen cut, in file order.
///
/// # Errors
/// Where the part is missing or damaged.
pub async fn of_cut(desk: &Desk, cut: &FrozenCut) -> Result<Vec<AchEntry<'static>>> {
    let Some(part) = &cut.entries else {
        return Ok(Vec::new());
    };
    rows_of::<AchEntries>(&*desk.ports.objects, part).await
}

/// Every row of a part, held against the part's own count.
///
/// # Errors
/// Where the part is missing, damaged, or has another number of rows than it should.
pub async fn rows_of<T: Table>(
    objects: &dyn ObjectStore,
    part: &Part,
) -> Result<Vec<T::Row<'static>>> {
    let body = fetch(objects, part).await?;
    let rows: Vec<_> =
        tables::read::<T>(body, &part.name)?.collect::<std::result::Result<_, _>>()?;
    if rows.len() as u64 == part.rows {
        return Ok(rows);
    }
    let (name, have, want) = (&part.name, rows.len(), part.rows);
    Err(Failure::findings(format!(
        "{name}: {have} rows where the record says {want}"
    )))
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
    let (bytes, written) = tables::to_bytes::<T>(rows)?;
    if written.rows == 0 {
        return Ok(None);
    }
    let sha256 = settlement::archive::sha256(&bytes).to_string();
    let name = names::table_part(&T::INFO, date, what, &sha256);
    objects.put_new(&name, bytes.into()).await?;
    Ok(Some(Part {
        name,
        rows: written.rows,
        cents: written.cents,
    }))
}

/// An entry as an answer may be about it.
///
/// # Errors
/// Where a value of the row is none of its kind.
pub fn sent(row: &AchEntry<'_>) -> Result<returns::Entry> {
    let damaged = |field: &str| {
        let payment = &row.payment_id;
        Failure::findings(format!(
            "ach_entries, {field} of {payment}: restore the table"
        ))
    };
    let rdfi = u32::try_from(row.routing.div_euclid(10)).map_err(|_| damaged("routing"))?;
    let trace = u64::try_from(row.trace).map_err(|_| damaged("trace"))?;
    let direction: Direction = row.direction.parse()?;
    let cents = direction.on_our_account(row.amount.magnitude());
    Ok(returns::Entry {
        payment: PaymentId::from_key(row.payment_key)?,
        trace: TraceNumber::from_number(trace)?,
        rdfi: DfiId::new(rdfi)?,
        company: row.company_id.to_string(),
        cents: cents.ok_or_else(|| damaged("amount"))?,
        sent: row.cut_date,
        account_last4: row.account_last4.to_string(),
    })
}

/// The entries that can be answered on `date` and have one of `traces`, oldest cut first. A trace
/// alone recurs; who asks must look at bank, company and amount too.
///
/// # Errors
/// Where a part is missing or damaged.
pub async fn with_traces(
    desk: &Desk,
    date: Date,
    traces: &std::collections::BTreeSet<i64>,
) -> Result<Vec<AchEntry<'static>>> {
    let objects = &*desk.ports.objects;
    let oldest = returns::oldest_original(date);
    let mut found = Vec::new();
    for cut in frozen_since(objects, desk.bank.odfi, oldest)
        .await?
        .iter()
        .rev()
    {
        let sequences = traces.iter().map(|trace| trace.rem_euclid(10_000_000));
        let (first, last) = (i64::from(cut.first_after), i64::from(cut.last_sequence));
        // A range that wraps is looked at whole.
        let mut inside = sequences.filter(|s| last < first || (first < *s && *s <= last));
        let Some(part) = cut.entries.as_ref().filter(|_| inside.next().is_some()) else {
            continue;
        };
        for row in tables::read::<AchEntries>(fetch(objects, part).await?, &part.name)? {
            let row = row?;
            if traces.contains(&row.trace) {
                found.push(row);
            }
        }
    }
    Ok(found)
}

/// The rows of a cut, file by file.
///
/// # Errors
/// Where there are more or fewer rows than the cut's files have entries.
pub fn by_file<'c, 'r, 'e>(
    cut: &'c FrozenCut,
    rows: &'r [AchEntry<'e>],
) -> Result<Vec<(&'c FrozenFile, &'r [AchEntry<'e>])>> {
    let (mut files, mut rest) = (Vec::new(), rows);
    for file in &cut.files {
        let count = usize::try_from(file.entries()).unwrap_or(usize::MAX);
        let Some((members, others)) = rest.split_at_checked(count) else {
            return Err(Failure::findings(format!(
                "{}: fewer rows than entries",
                file.name
            )));
        };
        files.push((file, members));
        rest = others;
    }
    if rest.is_empty() {
        return Ok(files);
    }
    Err(Failure::findings(format!(
        "{}: {} rows belong to no file",
        cut.cut.0,
        rest.len()
    )))
}
