//! Acknowledgements: the bank has a file of ours and accepts or rejects it.
//!
//! An acknowledgement decides whether money moves, so its file name alone decides nothing: it is
//! held against what was frozen and against the bytes that were read back at the bank. One that
//! says anything else is put aside and becomes a break; its file stays as it was.

use crate::changes::{Why, apply_all};
use crate::parts;
use crate::records;
use crate::records::Read;
use crate::records::delivery::Delivery;
use crate::records::frozen::{FrozenBatch, FrozenCut, FrozenFile};
use crate::records::ingested::{Held, Ingested};
use bytes::Bytes;
use connectors::Change;
use desk::failure::{Result, too_large};
use desk::names;
use desk::{CHUNK, Desk};
use formats::acks::{self, Ack, Status};
use formats::tables::AchEntry;
use jiff::civil::Date;
use settlement::ids::{Direction, PaymentId};
use settlement::money::{Cents, SignedCents};
use settlement::payment::{Event, State};
use std::collections::BTreeMap;

/// Banking days back that a file of ours is looked for: an acknowledgement comes within hours.
const LOOK_BACK_DAYS: u16 = 5;

pub(super) async fn ingest(
    desk: &Desk,
    date: Date,
    file: &mut Ingested,
    body: &Bytes,
) -> Result<()> {
    for ack in acks::read(body) {
        file.count(SignedCents::ZERO)?;
        match ack {
            Ok(ack) => ingest_ack(desk, date, file, &ack).await?,
            Err(error) => file.put_aside(error.line, SignedCents::ZERO, error.to_string())?,
        }
    }
    Ok(())
}

/// Applies one acknowledgement, or puts it aside.
async fn ingest_ack(desk: &Desk, date: Date, into: &mut Ingested, ack: &Ack) -> Result<()> {
    let Some((cut, at)) = sent(desk, date, &ack.file).await? else {
        let why = format!("no file that we sent in the last {LOOK_BACK_DAYS} banking days");
        return put_aside(into, ack, "file", &why);
    };
    let Some(file) = cut.files.get(at) else {
        return Ok(());
    };
    let delivery = names::delivery(cut.date, &file.at_bank);
    let delivery: Option<Delivery> = records::get(&*desk.ports.objects, &delivery).await?;
    let batch = match ack.batch {
        None => None,
        Some(number) => match file
            .batches
            .iter()
            .find(|batch| batch.key.number() == number)
        {
            None => return put_aside(into, ack, "batch", "no batch of the file"),
            batch => batch,
        },
    };
    if let Some((field, why)) = contradiction(ack, file, batch, delivery.as_ref()) {
        return put_aside(into, ack, field, &why);
    }
    let rows = parts::of_cut(desk, &cut).await?;
    let members = parts::by_file(&cut, &rows)?;
    let members = members.get(at).map_or(&[][..], |(_, members)| members);
    let of_batch = |row: &&AchEntry<'_>| batch.is_none_or(|of| row.batch == of.key.to_string());
    let members: Vec<&AchEntry<'_>> = members.iter().filter(of_batch).collect();
    apply(desk, date, into, ack, &members).await?;
    if ack.status == Status::Rejected {
        let Ack {
            line, file, reason, ..
        } = ack;
        let what = match batch {
            None => {
                into.rejected.push(file.clone());
                file.clone()
            }
            Some(batch) => {
                into.rejected_batches.push(batch.key);
                format!("batch {} of {file}", batch.key)
            }
        };
        into.findings
            .push(format!("line {line}: the bank rejects {what}: {reason}"));
    }
    Ok(())
}

fn put_aside(into: &mut Ingested, ack: &Ack, field: &str, why: &str) -> Result<()> {
    let Ack { line, file, .. } = ack;
    let why = format!("line {line}, {field}: {file}: {why}: nothing was applied, ask the bank");
    into.put_aside(*line, SignedCents::ZERO, why)
}

/// The cut that froze the file called `at_bank`, and the file's place in it.
async fn sent(desk: &Desk, date: Date, at_bank: &str) -> Result<Option<(Read<FrozenCut>, usize)>> {
    let oldest = settlement::calendar::sub_banking_days(date, LOOK_BACK_DAYS);
    let cuts = parts::frozen_since(&*desk.ports.objects, desk.bank.odfi, oldest).await?;
    let mut places = cuts.into_iter().filter_map(|cut| {
        let at = cut.files.iter().position(|file| file.at_bank == at_bank)?;
        Some((cut, at))
    });
    Ok(places.next())
}

/// What of an acknowledgement is not so: its field, and why. A bank that rejects a file need not
/// have counted it; but what it counts must be what we sent.
fn contradiction(
    ack: &Ack,
    file: &FrozenFile,
    batch: Option<&FrozenBatch>,
    delivery: Option<&Delivery>,
) -> Option<(&'static str, String)> {
    let Some(delivery) = delivery else {
        return Some(("file", "no record that it was delivered".to_owned()));
    };
    if ack.sha256 != delivery.sha256 {
        return Some(("sha256", "not the bytes that we sent".to_owned()));
    }
    let (entries, debits, credits) = batch.map_or_else(|| file.totals(), FrozenBatch::totals);
    let told = (ack.entries, ack.debit_cents.get(), ack.credit_cents.get());
    if ack.status == Status::Rejected && told == (0, 0, 0) {
        return None;
    }
    let [debits, credits] = [debits, credits].map(Cents::new);
    if ack.entries != entries {
        let why = format!("{} where we sent {entries}", ack.entries);
        return Some(("entries", why));
    }
    for (field, told, sent) in [
        ("debit_cents", ack.debit_cents, debits),
        ("credit_cents", ack.credit_cents, credits),
    ] {
        if told != sent {
            return Some((field, format!("{told} where we sent {sent}")));
        }
    }
    None
}

async fn apply(
    desk: &Desk,
    date: Date,
    into: &mut Ingested,
    ack: &Ack,
    rows: &[&AchEntry<'_>],
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
    let change = |row: &&AchEntry<'_>| {
        Ok(Change {
            payment: PaymentId::from_key(row.payment_key)?,
            expected_version: None,
            event: event.clone(),
            date,
            at,
        })
    };
    let mut elsewhere = match ack.status {
        Status::Rejected => came_back(desk, rows).await?,
        Status::Accepted => Vec::new(),
    };
    let not_taken = apply_all(desk, &ack.file, rows.iter().map(change)).await?;
    // No version was asked for, so there is no other reason.
    elsewhere.extend(not_taken.iter().filter_map(|one| match one.why {
        Why::NotAStep { state, .. } => Some((one.at, state.as_str())),
        Why::NotTheNewest => None,
    }));
    into.held.extend(held(ack, rows, &elsewhere)?);
    Ok(())
}

/// Entries that came back before the bank rejects them, by their places. What has settled is no
/// such: the allocation of the date names it, with its money.
async fn came_back(desk: &Desk, rows: &[&AchEntry<'_>]) -> Result<Vec<(usize, &'static str)>> {
    let mut found = Vec::new();
    for (chunk, first) in rows.chunks(CHUNK).zip((0..).step_by(CHUNK)) {
        let ids = chunk.iter().map(|row| PaymentId::from_key(row.payment_key));
        let ids = ids.collect::<std::result::Result<Vec<_>, _>>()?;
        let payments = desk.ports.payments.get(&ids).await?;
        let back = payments.iter().zip(first..).filter(|(payment, _)| {
            let of = payment.as_ref().filter(|one| one.state == State::Failed);
            of.is_some_and(|one| one.returned.is_some())
        });
        found.extend(back.map(|(_, at)| (at, "came back")));
    }
    Ok(found)
}

/// What the reconciliation names, once for the file: payments of it that cannot take what the bank
/// says of it, with the money that they moved or are to move.
fn held(
    ack: &Ack,
    rows: &[&AchEntry<'_>],
    elsewhere: &[(usize, &'static str)],
) -> Result<Option<Held>> {
    let (mut payments, mut cents) = (0u64, SignedCents::ZERO);
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for (at, state) in elsewhere {
        let Some(row) = rows.get(*at) else {
            continue;
        };
        let direction: Direction = row.direction.parse()?;
        let moves = direction.on_our_account(row.amount.magnitude());
        let sum = moves.and_then(|moves| cents.checked_add(moves));
        cents = sum.ok_or_else(|| too_large(&ack.file))?;
        payments += 1;
        *states.entry(state).or_insert(0) += 1;
    }
    let event = match ack.status {
        Status::Accepted => "accepts",
        Status::Rejected => "rejects",
    };
    let states: Vec<_> = states
        .iter()
        .map(|(state, n)| format!("{n} {state}"))
        .collect();
    let what = match ack.batch {
        None => ack.file.clone(),
        Some(batch) => format!("{}/{batch}", ack.file),
    };
    let why = format!(
        "the bank {event} {what}, and {payments} of its payments stand elsewhere by now ({}): they \
         stay where their money is, ask the bank",
        states.join(", ")
    );
    Ok((payments > 0).then_some(Held {
        file: what,
        payments,
        cents,
        why,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors::Name;
    use settlement::codes::sec::SecCode;
    use settlement::ids::BatchKey;

    const SENT: &str = "ab";

    fn file() -> FrozenFile {
        let day = jiff::civil::date(2026, 11, 24);
        FrozenFile {
            name: Name::parse("D.ach").expect("a name"),
            at_bank: "x-D.ach".to_owned(),
            modifier: 'D',
            content: None,
            batches: vec![FrozenBatch {
                key: BatchKey::new(day, b'D', 1).unwrap(),
                originator: "billing".to_owned(),
                company: Default::default(),
                sec: SecCode::Ppd,
                description: "BILL PAY".to_owned(),
                side: None,
                effective: day,
                settles_on: day,
                entries: 3,
                debits: Cents::new(500),
                credits: Cents::new(70),
                offset: None,
            }],
        }
    }

    fn field(change: impl FnOnce(&mut Ack)) -> Option<&'static str> {
        let mut ack = Ack {
            line: 2,
            file: "x-D.ach".to_owned(),
            sha256: SENT.repeat(32),
            status: Status::Accepted,
            entries: 3,
            debit_cents: Cents::new(500),
            credit_cents: Cents::new(70),
            reason: String::new(),
            batch: None,
        };
        change(&mut ack);
        let delivery = Delivery {
            object: Name::parse("D.ach").expect("a name"),
            size: 940,
            sha256: SENT.repeat(32),
            entries: 3,
            cents: SignedCents::new(570),
            cut: None,
        };
        contradiction(&ack, &file(), None, Some(&delivery)).map(|(field, _)| field)
    }

    #[test]
    fn a_file_is_acknowledged_by_its_bytes_and_totals_and_not_by_its_name() {
        assert_eq!(field(|_| {}), None);
        assert_eq!(field(|ack| ack.sha256 = "00".repeat(32)), Some("sha256"));
        assert_eq!(field(|ack| ack.entries = 1), Some("entries"));
        let debits = field(|ack| ack.debit_cents = Cents::new(501));
        assert_eq!(debits, Some("debit_cents"));
        let credits = field(|ack| ack.credit_cents = Cents::new(0));
        assert_eq!(credits, Some("credit_cents"));
    }

    #[test]
    fn a_bank_that_rejects_need_not_count_but_must_mean_these_bytes() {
        let uncounted = |ack: &mut Ack| {
            ack.status = Status::Rejected;
            (ack.entries, ack.debit_cents, ack.credit_cents) = (0, Cents::ZERO, Cents::ZERO);
        };
        assert_eq!(field(uncounted), None);
        assert_eq!(field(|ack| ack.status = Status::Rejected), None);
        let of_other_bytes = |ack: &mut Ack| {
            uncounted(ack);
            ack.sha256 = "00".repeat(32);
        };
        assert_eq!(field(of_other_bytes), Some("sha256"));
        let half = |ack: &mut Ack| (ack.status, ack.entries) = (Status::Rejected, 1);
        assert_eq!(field(half), Some("entries"));
    }
}
