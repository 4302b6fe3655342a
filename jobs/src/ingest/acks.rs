//! Acknowledgements: the bank has a file of ours and accepts or rejects it.

use super::{Ingested, Refused};
use crate::desk::{CHUNK, Desk};
use crate::entries::{self, FrozenFile};
use crate::failure::Result;
use bytes::Bytes;
use connectors::{Applied, Change};
use formats::acks::{self, Ack, Status};
use formats::tables::AchEntry;
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::money::SignedCents;
use settlement::payment::{Event, Refusal};

/// Days back that a file of ours is looked for: an acknowledgement comes within hours.
const LOOK_BACK_DAYS: u16 = 5;

pub(super) async fn take(desk: &Desk, date: Date, file: &mut Ingested, body: &Bytes) -> Result<()> {
    for ack in acks::read(body) {
        file.records.add(SignedCents::ZERO);
        let ack = match ack {
            Ok(ack) => ack,
            Err(error) => {
                file.findings.push(error.to_string());
                file.quarantined.add(SignedCents::ZERO);
                continue;
            }
        };
        if !one(desk, date, file, &ack).await? {
            file.findings
                .push(format!("file: {}: not a file of ours", ack.file));
            file.quarantined.add(SignedCents::ZERO);
        } else if ack.status == Status::Rejected {
            file.rejected.push(ack.file.clone());
        }
    }
    Ok(())
}

/// Applies one acknowledgement; whether the file is ours.
async fn one(desk: &Desk, date: Date, into: &mut Ingested, ack: &Ack) -> Result<bool> {
    let oldest = settlement::calendar::sub_banking_days(date, LOOK_BACK_DAYS);
    let objects = &*desk.ports.objects;
    for cut in entries::frozen_since(objects, desk.bank.odfi, oldest).await? {
        let Some(at) = cut.files.iter().position(|file| file.at_bank == ack.file) else {
            continue;
        };
        let rows = entries::of_cut(desk, &cut).await?;
        let before: u64 = cut.files[..at].iter().map(FrozenFile::entries).sum();
        let from = usize::try_from(before)
            .unwrap_or(usize::MAX)
            .min(rows.len());
        let count = usize::try_from(cut.files[at].entries()).unwrap_or(usize::MAX);
        let until = from.saturating_add(count).min(rows.len());
        apply(desk, date, into, ack, &rows[from..until]).await?;
        return Ok(true);
    }
    Ok(false)
}

async fn apply(
    desk: &Desk,
    date: Date,
    into: &mut Ingested,
    ack: &Ack,
    rows: &[AchEntry<'_>],
) -> Result<()> {
    let event = match ack.status {
        Status::Accepted => Event::Acknowledged {
            file: ack.file.clone(),
        },
        Status::Rejected => Event::Rejected {
            file: ack.file.clone(),
            reason: ack.reason.clone(),
        },
    };
    let at = desk.moment(date);
    for chunk in rows.chunks(CHUNK) {
        let mut changes = Vec::with_capacity(chunk.len());
        for row in chunk {
            let payment = PaymentId::from_key(row.payment_key)?;
            let event = event.clone();
            changes.push(Change {
                payment,
                expected_version: None,
                event,
                date,
                at,
            });
        }
        let answers = desk.ports.payments.apply(changes).await?;
        for (row, answer) in chunk.iter().zip(answers) {
            refused(into, &ack.file, row, answer)?;
        }
    }
    Ok(())
}

/// An acknowledgement that a payment cannot take is kept for the reconciliation to name.
fn refused(into: &mut Ingested, file: &str, row: &AchEntry<'_>, answer: Applied) -> Result<()> {
    match answer {
        Applied::Refused(Refusal::NotAStep { state, event }) => into.refused.push(Refused {
            payment: row.payment_id.to_string(),
            about: format!("{file}/{}", row.payment_id),
            event: event.as_str().to_owned(),
            state: state.as_str().to_owned(),
            cents: SignedCents::ZERO,
        }),
        Applied::NotFound => {
            let why = format!("{file}: an entry of a payment the store does not have");
            return Err(crate::failure::Failure::findings(why));
        }
        _ => {}
    }
    Ok(())
}
