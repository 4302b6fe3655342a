//! Deliver: from rendered files to files that stand whole at the bank.
//!
//! An upload is believed only when it was read back: same size, same SHA-256. Where neither the
//! upload nor the reading back answers, the payments become UNKNOWN and nothing is sent again;
//! the next run asks the bank first. Only then the payments are SENT_TO_BANK, and last the
//! delivery is recorded, so a run again does whatever is missing.

use crate::changes::{all_taken, apply_all};
use crate::order::banking_day;
use crate::outbound;
use crate::parts;
use crate::records;
use crate::records::Read;
use crate::records::delivery::Delivery;
use crate::records::frozen::{FrozenCut, FrozenFile};
use crate::tally::Tally;
use connectors::Change;
use desk::Desk;
use desk::failure::{Failure, Result, too_large};
use desk::names;
use formats::tables::AchEntry;
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::money::SignedCents;
use settlement::payment::{EntryRef, Event};

/// Delivers every file cut on `date`.
///
/// # Errors
/// Where the bank cannot be reached or has other bytes under a name of ours.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    for cut in parts::frozen_on(desk, date).await? {
        let rows = parts::of_cut(desk, &cut).await?;
        for (file, members) in parts::by_file(&cut, &rows)? {
            deliver(desk, &cut, file, members).await?;
        }
    }
    report(desk, date).await?.check()
}

/// Entries frozen for `date` against entries in files that were read back at the bank.
///
/// # Errors
/// Where a record cannot be read.
pub async fn report(desk: &Desk, date: Date) -> Result<Tally> {
    let mut tally = Tally::new("deliver", date);
    let objects = &*desk.ports.objects;
    let deliveries = records::all::<Delivery>(objects, &names::delivery_prefix(date)).await?;
    for part in parts::frozen_on(desk, date)
        .await?
        .iter()
        .filter_map(|c| c.entries.as_ref())
    {
        tally.take(part.rows, part.cents)?;
    }
    for delivery in &deliveries {
        tally.give("sent", delivery.entries, delivery.cents)?;
    }
    tally.note("files", deliveries.len());
    Ok(tally)
}

async fn deliver(
    desk: &Desk,
    cut: &Read<FrozenCut>,
    file: &FrozenFile,
    members: &[AchEntry<'_>],
) -> Result<()> {
    let record_name = names::delivery(cut.date, &file.at_bank);
    let objects = &*desk.ports.objects;
    if records::get::<Delivery>(objects, &record_name)
        .await?
        .is_some()
    {
        return Ok(());
    }
    let body = outbound::proved(desk, cut, file).await?;
    let (size, sha256) = (body.len() as u64, settlement::archive::sha256(&body));
    if !at_bank(desk, file, size, sha256.as_bytes()).await? {
        if let Err(error) = desk.ports.bank.upload(&file.at_bank, body).await {
            return unknown(desk, cut, file, members, error).await;
        }
        if !at_bank(desk, file, size, sha256.as_bytes()).await? {
            return Err(Failure::could_not(format!(
                "{}: uploaded, but the bank does not show it",
                file.at_bank
            ))
            .remedy("run deliver again, it asks first"));
        }
    }
    mark(desk, cut, members, |entry| Event::Sent { entry }).await?;
    let sha256 = sha256.to_string();
    let entries = members.len() as u64;
    let amounts = members.iter().map(|row| row.amount);
    let cents = SignedCents::sum(amounts).ok_or_else(|| too_large(&file.at_bank))?;
    let object = file.name.clone();
    let delivery = Delivery {
        object,
        size,
        sha256,
        entries,
        cents,
        cut: Some(cut.source.clone()),
    };
    records::put(objects, &record_name, &delivery).await?;
    Ok(())
}

/// Whether the file stands at the bank, whole.
async fn at_bank(desk: &Desk, file: &FrozenFile, size: u64, sha256: &[u8; 32]) -> Result<bool> {
    match desk.ports.bank.read_back(&file.at_bank).await? {
        None => Ok(false),
        Some(there) if there.size == size && there.sha256 == *sha256 => Ok(true),
        Some(_) => Err(Failure::findings(format!(
            "{}: other bytes stand at the bank under this name; nothing was overwritten",
            file.at_bank
        ))
        .remedy("ask the bank before anything else is sent")),
    }
}

/// The upload failed. If the bank can say that nothing arrived, it may be tried again later; if
/// it cannot, nobody knows.
async fn unknown(
    desk: &Desk,
    cut: &FrozenCut,
    file: &FrozenFile,
    members: &[AchEntry<'_>],
    error: connectors::Error,
) -> Result<()> {
    if desk.ports.bank.read_back(&file.at_bank).await.is_err() {
        let name = file.at_bank.clone();
        mark(desk, cut, members, |_| Event::UploadUnknown {
            file: name.clone(),
        })
        .await?;
    }
    Err(error.into())
}

async fn mark(
    desk: &Desk,
    cut: &FrozenCut,
    members: &[AchEntry<'_>],
    event: impl Fn(EntryRef) -> Event,
) -> Result<()> {
    let (date, at) = (cut.date, desk.cutoff(cut.date, cut.window));
    let change = |row: &AchEntry<'_>| {
        Ok(Change {
            payment: PaymentId::from_key(row.payment_key)?,
            expected_version: None,
            event: event(entry_ref(row)?),
            date,
            at,
        })
    };
    let about = &cut.cut.0;
    let not_taken = apply_all(desk, about, members.iter().map(change)).await?;
    all_taken(about, &not_taken)
}

/// The entry behind a row.
///
/// # Errors
/// Where the row's trace or batch is not one.
pub fn entry_ref(row: &AchEntry<'_>) -> Result<EntryRef> {
    Ok(EntryRef {
        trace: parts::trace(row)?,
        batch: row.batch.parse()?,
        settles_on: row.settles_on,
    })
}
