//! Acknowledgements: the bank has a file of ours and accepts or rejects it.
//!
//! An acknowledgement decides whether money moves, so its file name alone decides nothing: it is
//! held against what was frozen and against the bytes that were read back at the bank. One that
//! says anything else is put aside and becomes a break; its file stays as it was.

use crate::changes::{NotTaken, Why, apply_all};
use crate::parts;
use crate::records;
use crate::records::Read;
use crate::records::delivery::Delivery;
use crate::records::frozen::{FrozenCut, FrozenFile};
use crate::records::ingested::{Ingested, Refused};
use bytes::Bytes;
use connectors::Change;
use desk::Desk;
use desk::failure::Result;
use desk::names;
use formats::acks::{self, Ack, Status};
use formats::tables::AchEntry;
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::money::{Cents, SignedCents};
use settlement::payment::Event;

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
    if let Some((field, why)) = contradiction(ack, file, delivery.as_ref()) {
        return put_aside(into, ack, field, &why);
    }
    let rows = parts::of_cut(desk, &cut).await?;
    let members = parts::by_file(&cut, &rows)?;
    let members = members.get(at).map_or(&[][..], |(_, members)| members);
    let refused = into.refused.len();
    apply(desk, date, into, ack, members).await?;
    if ack.status == Status::Rejected && into.refused.len() == refused {
        let Ack {
            line, file, reason, ..
        } = ack;
        into.rejected.push(file.clone());
        into.findings
            .push(format!("line {line}: the bank rejects {file}: {reason}"));
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
    delivery: Option<&Delivery>,
) -> Option<(&'static str, String)> {
    let Some(delivery) = delivery else {
        return Some(("file", "no record that it was delivered".to_owned()));
    };
    if ack.sha256 != delivery.sha256 {
        return Some(("sha256", "not the bytes that we sent".to_owned()));
    }
    let (entries, debits, credits) = file.totals();
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
    let change = |row: &AchEntry<'_>| {
        Ok(Change {
            payment: PaymentId::from_key(row.payment_key)?,
            expected_version: None,
            event: event.clone(),
            date,
            at,
        })
    };
    let not_taken = apply_all(desk, &ack.file, rows.iter().map(change)).await?;
    let refused = not_taken.iter().filter_map(|one| refused(&ack.file, one));
    into.refused.extend(refused);
    Ok(())
}

/// An acknowledgement that a payment cannot take is kept for the reconciliation to name.
fn refused(file: &str, not_taken: &NotTaken) -> Option<Refused> {
    let Why::NotAStep { state, event } = not_taken.why else {
        return None; // no version was asked for
    };
    Some(Refused {
        payment: not_taken.payment.to_string(),
        about: format!("{file}/{}", not_taken.payment),
        event: event.as_str().to_owned(),
        state: state.as_str().to_owned(),
        cents: SignedCents::ZERO,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::frozen::FrozenBatch;
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
        contradiction(&ack, &file(), Some(&delivery)).map(|(field, _)| field)
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
