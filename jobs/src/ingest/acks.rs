//! Acknowledgements: the bank has a file of ours and accepts or rejects it.
//!
//! An acknowledgement decides whether money moves, so its file name alone decides nothing: it is
//! held against what was frozen and against the bytes that were read back at the bank. One that
//! says anything else is put aside and becomes a break; its file stays as it was.

use crate::changes::tell_all;
use crate::members::Batches;
use crate::parts;
use crate::records;
use crate::records::Read;
use crate::records::delivery::Delivery;
use crate::records::frozen::{FrozenBatch, FrozenCut, FrozenFile};
use crate::records::ingested::{Held, Ingested};
use crate::sides::SideOf;
use crate::stage::did;
use bytes::Bytes;
use connectors::Telling;
use desk::Desk;
use desk::failure::{Failure, Result, too_large};
use desk::names;
use formats::acks::{self, Ack, Status};
use jiff::civil::Date;
use settlement::exact::Exact;
use settlement::money::{Cents, SignedCents};
use settlement::payment::{Event, Payment, Side, SideFact, State, step};
use std::collections::{BTreeMap, BTreeSet};

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

/// A file of ours that `body` answers and that no record says was delivered, with its date: the
/// bank has it, and the delivery has died or goes on. What it answers is known once that is
/// recorded.
///
/// # Errors
/// Where a record cannot be read.
pub(super) async fn undelivered(
    desk: &Desk,
    date: Date,
    body: &[u8],
) -> Result<Option<(String, Date)>> {
    let answered: BTreeSet<String> = acks::read(body).into_iter().flatten().map(named).collect();
    if answered.is_empty() {
        return Ok(None);
    }
    for cut in recent(desk, date).await? {
        for file in &cut.files {
            let delivery = names::delivery(cut.date, &file.at_bank);
            if answered.contains(&file.at_bank)
                && desk.ports.objects.head(&delivery).await?.is_none()
            {
                return Ok(Some((file.at_bank.clone(), cut.date)));
            }
        }
    }
    Ok(None)
}

fn named(ack: Ack) -> String {
    ack.file
}

/// The cuts whose files are still answered on `date`.
async fn recent(desk: &Desk, date: Date) -> Result<Vec<Read<FrozenCut>>> {
    let oldest = settlement::calendar::sub_banking_days(date, LOOK_BACK_DAYS);
    parts::frozen_since(&*desk.ports.objects, desk.bank.odfi, oldest).await
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
    let sides: Vec<Side> = match batch {
        Some(batch) => batch.sides().collect(),
        None => file.batches.iter().flat_map(FrozenBatch::sides).collect(),
    };
    apply(desk, date, into, ack, &sides).await?;
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
    let cuts = recent(desk, date).await?;
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

/// Says of each side of the file, or of one batch of it, what the bank says of all its entries.
async fn apply(
    desk: &Desk,
    date: Date,
    into: &mut Ingested,
    ack: &Ack,
    sides: &[Side],
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
    if ack.status == Status::Rejected {
        into.held.extend(elsewhere(desk, ack, sides, &event).await?);
    }
    let facts = sides.iter().map(|side| {
        let fact = SideFact::new(event.clone(), date, at, Vec::new());
        let fact = fact.map_err(|e| Failure::impossible(e.to_string()))?;
        Ok(Telling { side: *side, fact })
    });
    let facts = facts.collect::<Result<Vec<_>>>()?;
    did(facts.len());
    tell_all(desk, facts).await
}

/// What the reconciliation names, once for the file: payments of it that the bank rejects when they
/// stand elsewhere by then, with the money that they moved or are to move. They came back, or what
/// has happened to them since has no such step. What has settled is no such: the allocation of the
/// date names it, with its money.
async fn elsewhere(desk: &Desk, ack: &Ack, sides: &[Side], event: &Event) -> Result<Option<Held>> {
    let mut batches = Batches::of(desk, sides.iter().map(|side| side.batch)).await?;
    let (mut payments, mut cents) = (0u64, SignedCents::ZERO);
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for side in sides {
        let read = SideOf::read(desk, &mut batches, *side).await?;
        for alike in read.alike(&*desk.ports.payments).await? {
            let Some(state) = stands_elsewhere(&alike.one, event) else {
                continue;
            };
            for member in alike.members {
                let moves = member.direction.on_our_account(member.amount);
                let sum = moves.and_then(|moves| cents.checked_add(moves));
                cents = sum.ok_or_else(|| too_large(&ack.file))?;
                payments = payments.plus(1);
                let count = states.entry(state).or_insert(0);
                *count = count.plus(1);
            }
        }
    }
    Ok((payments > 0).then(|| held(ack, payments, cents, &states)))
}

/// Where a payment stands that does not take its rejection, or came back before it.
fn stands_elsewhere(payment: &Payment, event: &Event) -> Option<&'static str> {
    if payment.state == State::Failed && payment.returned.is_some() {
        return Some("came back");
    }
    let told = step(payment.state, event.kind());
    told.is_none().then(|| payment.state.as_str())
}

fn held(ack: &Ack, payments: u64, cents: SignedCents, states: &BTreeMap<&str, u64>) -> Held {
    let states: Vec<_> = states
        .iter()
        .map(|(state, n)| format!("{n} {state}"))
        .collect();
    let file = match ack.batch {
        None => ack.file.clone(),
        Some(batch) => format!("{}/{batch}", ack.file),
    };
    let why = format!(
        "the bank rejects {file}, and {payments} of its payments stand elsewhere by now ({}): they \
         stay where their money is, ask the bank",
        states.join(", ")
    );
    Held {
        file,
        payments,
        cents,
        why,
    }
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
                members: None,
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
