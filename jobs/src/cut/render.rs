//! From a frozen cut to the bytes of its files, once more: where one is missing after a crash, or
//! is to be compared. What the cut says is not asked for again, so a file that is rendered again is
//! the same file; what it only names, account numbers in the vault and our own in the profile, must
//! still be what it names.

use crate::cut::file::{OpenFile, Receiving, Rendered};
use crate::cut::reading::{self, Reading};
use crate::parts::Entries;
use crate::records::frozen::{Content, FrozenBatch, FrozenCut, FrozenFile};
use crate::stage;
use connectors::Name;
use desk::failure::{Failure, Result};
use desk::records::RESTORE;
use desk::{CHUNK, Desk, names};
use formats::tables::AchEntry;
use settlement::archive::Hash256;
use settlement::forgetting::{commitment, salt};
use settlement::ids::PaymentId;
use settlement::payment::Payment;

/// Refuses to freeze a cut whose files are there already with other bytes: it was frozen before,
/// and its record is lost.
pub async fn agrees_with_what_is_there(desk: &Desk, cut: &FrozenCut) -> Result<()> {
    let files = names::outbound_prefix(desk.bank.odfi, cut.date, cut.window);
    for name in desk.ports.objects.list(&files).await? {
        let found = desk.ports.objects.head(&name).await?;
        let found = found.map(|meta| (meta.size, Hash256::from_bytes(meta.sha256)));
        let ours = cut.files.iter().find(|file| file.name == name);
        let ours = ours.and_then(|file| file.content);
        if found != ours.map(|content| (content.size, content.sha256)) {
            let lost = names::frozen(desk.bank.odfi, cut.seq);
            return Err(Failure::findings(format!(
                "{name}: there already with other bytes than {} comes to: {lost} is lost",
                cut.cut.0
            ))
            .remedy(RESTORE));
        }
    }
    Ok(())
}

/// Gives the files of a frozen cut their names.
pub async fn put(desk: &Desk, frozen: &FrozenCut, all: Vec<Rendered>) -> Result<()> {
    for (file, rendered) in frozen.files.iter().zip(all) {
        desk.ports
            .objects
            .put_file_new(&file.name, rendered.file)
            .await?;
    }
    Ok(())
}

/// Renders every file of a frozen cut that is not there yet.
pub async fn missing(desk: &Desk, frozen: &FrozenCut) -> Result<()> {
    let objects = &*desk.ports.objects;
    let mut missing = Vec::new();
    for file in &frozen.files {
        if objects.head(&file.name).await?.is_none() {
            missing.push(&file.name);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    same_account(desk, frozen)?;
    let files = frozen
        .files
        .iter()
        .filter(|file| missing.contains(&&file.name));
    stage::next("render", Some(files.map(FrozenFile::entries).sum()));
    let mut rows = Entries::of(desk, frozen).await?;
    for file in &frozen.files {
        if !missing.contains(&&file.name) {
            skip(&mut rows, file.entries())?;
            continue;
        }
        let rendered = self::file(desk, frozen, file, &mut rows).await?;
        is_what_was_frozen(file, rendered.content)?;
        objects.put_file_new(&file.name, rendered.file).await?;
    }
    nothing_more(frozen, rows)
}

/// Renders the file of a frozen cut that is called `name`; `None` where it has none.
///
/// # Errors
/// As [`file`].
pub async fn again(desk: &Desk, frozen: &FrozenCut, name: &Name) -> Result<Option<Content>> {
    same_account(desk, frozen)?;
    let mut rows = Entries::of(desk, frozen).await?;
    for file in &frozen.files {
        if file.name == *name {
            let rendered = self::file(desk, frozen, file, &mut rows).await?;
            return Ok(Some(rendered.content));
        }
        skip(&mut rows, file.entries())?;
    }
    Ok(None)
}

/// Goes past the entries of a file.
fn skip(rows: &mut Entries, entries: u64) -> Result<()> {
    let passed = usize::try_from(entries).unwrap_or(usize::MAX); // saturates: no part has as many
    rows.take(passed).try_for_each(|row| row.map(drop))
}

fn nothing_more(cut: &FrozenCut, rows: Entries) -> Result<()> {
    match rows.count() {
        0 => Ok(()),
        more => Err(Failure::damaged(format!(
            "{}: {more} rows belong to no file",
            cut.cut.0
        ))),
    }
}

/// Refuses a rendering that is not the one whose hash was frozen.
fn is_what_was_frozen(file: &FrozenFile, content: Content) -> Result<()> {
    if file.content.is_none_or(|frozen| frozen == content) {
        return Ok(());
    }
    Err(Failure::findings(format!(
        "{}: rendered again it is another file than the one that was frozen",
        file.name
    ))
    .remedy(
        "an account number in the vault or the bank profile has changed since: put it back, or \
         restore the file from a backup",
    ))
}

/// The account that batches balance to is only named in the cut.
pub fn same_account(desk: &Desk, frozen: &FrozenCut) -> Result<()> {
    let mut batches = frozen.files.iter().flat_map(|file| &file.batches);
    let (then, now) = (&frozen.header.account, desk.bank.account.described());
    if *then != now && batches.any(|batch| batch.offset.is_some()) {
        return Err(Failure::usage(format!(
            "{} is frozen to balance to {then}, and the bank profile now names {now}",
            frozen.cut.0
        ))
        .remedy("put the account back, run the cut again, and change it afterwards"));
    }
    Ok(())
}

/// Renders one file of a cut, whose entries are the next of `rows`.
async fn file(
    desk: &Desk,
    frozen: &FrozenCut,
    file: &FrozenFile,
    rows: &mut Entries,
) -> Result<Rendered> {
    let mut open = OpenFile::begin(&frozen.header, frozen.date, file.modifier)?;
    for batch in &file.batches {
        let members = rows.take_next(batch.entries)?;
        write_batch(desk, &mut open, batch, &members).await?;
    }
    open.finish()
}

async fn write_batch(
    desk: &Desk,
    open: &mut OpenFile,
    batch: &FrozenBatch,
    members: &[AchEntry<'_>],
) -> Result<()> {
    open.begin_batch(desk, batch)?;
    let mut chunks = members.chunks(CHUNK);
    let mut next = chunks.next().map(|rows| fetch(desk, rows));
    while let Some(fetched) = next {
        let (rows, payments) = fetched?.payments().await?;
        // While this chunk is written the next one is read, on another thread.
        next = chunks.next().map(|rows| fetch(desk, rows));
        write_entries(desk, open, rows, payments).await?;
    }
    open.end_batch(desk, batch)
}

/// A chunk of rows whose payments are being read.
struct Fetch<'a, 'e> {
    rows: &'a [AchEntry<'e>],
    reading: Reading,
}

fn fetch<'a, 'e>(desk: &Desk, rows: &'a [AchEntry<'e>]) -> Result<Fetch<'a, 'e>> {
    let ids = rows.iter().map(|row| PaymentId::from_key(row.payment_key));
    let ids = ids.collect::<std::result::Result<Vec<_>, _>>()?;
    let reading = reading::begin(desk, ids);
    Ok(Fetch { rows, reading })
}

impl<'a, 'e> Fetch<'a, 'e> {
    async fn payments(self) -> Result<(&'a [AchEntry<'e>], Vec<Option<Payment>>)> {
        Ok((self.rows, self.reading.payments().await?))
    }
}

async fn write_entries(
    desk: &Desk,
    open: &mut OpenFile,
    rows: &[AchEntry<'_>],
    payments: Vec<Option<Payment>>,
) -> Result<()> {
    for (row, payment) in rows.iter().zip(payments) {
        let id = &row.payment_id;
        let payment: Payment = payment.ok_or_else(|| {
            Failure::findings(format!("payment {id} is frozen in {} and gone", row.batch))
                .remedy("restore the payment store, then run the same again")
        })?;
        let (name, remittance) = receiver(row, &payment)?;
        let to = Receiving {
            name,
            remittance,
            sealed: &payment.receiver.sealed,
        };
        open.entry(desk, row, to).await?;
    }
    stage::did(rows.len());
    Ok(())
}

/// Name and remittance of an entry: of the payment, which must be what the entry commits to, or of
/// the entry itself, where a version before wrote it.
fn receiver<'a>(row: &'a AchEntry<'_>, payment: &'a Payment) -> Result<(&'a str, Option<&'a str>)> {
    let (id, receiver) = (payment.id, &payment.receiver);
    if payment.is_forgotten() {
        let why = format!("payment {id}: its receiver was forgotten: no file of it is made again");
        return Err(Failure::findings(why).remedy("restore the file from a backup or its package"));
    }
    let Some(committed) = row.name_commitment.as_deref() else {
        return Ok((&row.individual_name, row.remittance.as_deref()));
    };
    let salt = salt(id, &receiver.sealed);
    let remittance = payment.remittance.as_deref();
    if commitment(id, &salt, &receiver.name, remittance).to_string() != committed {
        let why = format!("payment {id}: its name is not the one that was frozen");
        return Err(Failure::findings(why).remedy(RESTORE));
    }
    Ok((&receiver.name, remittance))
}
