//! L1: claims of a date by the event log, entries of the date by the files of its cuts.

use crate::events::AllEvents;
use crate::outbound;
use crate::reconcile::inputs::events::EventRows;
use crate::records::Read;
use crate::records::frozen::{FrozenCut, FrozenFile};
use crate::records::part::Part;
use crate::sent_before::{Back, SentBefore};
use crate::stage::did;
use desk::Desk;
use desk::failure::{Failure, Result, too_large};
use formats::nacha::{Entry, Event as Nacha, Reader};
use jiff::civil::Date;
use settlement::ids::{BatchKey, PaymentId};
use settlement::payment::{Event, PaymentEvent, Side};
use settlement::reconcile::legs::l1::{Claimed, Sent};
use std::collections::{BTreeMap, BTreeSet};

/// What the first leg holds against each other.
pub struct L1Inputs {
    pub claimed: Vec<Claimed>,
    pub sent: Vec<Sent>,
    /// What of it a cut of a day before has sent, and which.
    pub before: BTreeMap<PaymentId, String>,
    /// The sides of which something happened to single entries after they were sent.
    pub touched: BTreeSet<Side>,
    /// The events of the date, as a part of their table.
    pub written: Option<Part>,
}

impl L1Inputs {
    pub async fn read(desk: &Desk, date: Date, cuts: &[Read<FrozenCut>]) -> Result<L1Inputs> {
        let (claimed, touched, written) = events(desk, date).await?;
        let mut sent = Vec::new();
        for cut in cuts {
            for file in &cut.files {
                sent.extend(read_back(desk, cut, file).await?);
            }
        }
        let mut before = SentBefore::over(Back::before(desk, date).await?);
        let before = before.of(desk, sent.iter().map(|one| one.payment)).await?;
        Ok(L1Inputs {
            claimed,
            sent,
            before,
            touched,
            written,
        })
    }
}

/// The claims of a date, the sides of whose entries its events say more, and the table of all its
/// events. They are read once.
async fn events(desk: &Desk, date: Date) -> Result<(Vec<Claimed>, BTreeSet<Side>, Option<Part>)> {
    let (mut claimed, mut touched) = (Vec::new(), BTreeSet::new());
    let mut rows = EventRows::new(desk)?;
    let mut pages = AllEvents::new(desk, date);
    while let Some(page) = pages.next().await? {
        rows.take(&page)?;
        for event in page.iter().filter(|event| event.fact.is_none()) {
            match (&event.event, event.entry) {
                (Event::Claimed { .. }, _) => claimed.push(claim(event)?),
                (Event::Sent { .. }, _) | (_, None) => {}
                (_, Some(entry)) => {
                    let (batch, direction) = (entry.batch, event.direction);
                    touched.insert(Side { batch, direction });
                }
            }
        }
    }
    Ok((claimed, touched, rows.part(desk, date).await?))
}

fn claim(event: &PaymentEvent) -> Result<Claimed> {
    let cents = event.direction.on_our_account(event.amount);
    Ok(Claimed {
        payment: event.payment,
        cents: cents.ok_or_else(|| too_large(&event.payment.to_string()))?,
    })
}

/// The entries of a file as its bytes say, not as our own table does: what was rendered is what
/// the bank has.
async fn read_back(desk: &Desk, cut: &FrozenCut, file: &FrozenFile) -> Result<Vec<Sent>> {
    let body = outbound::proved(desk, cut, file).await?;
    let modifier = u8::try_from(file.modifier).unwrap_or(b'A');
    let wrong = || Failure::damaged(format!("{}: not the file that was rendered", file.name));
    let unreadable =
        |e| Failure::could_not(format!("{}: {e}", file.name)).remedy("run the same again");
    let (mut reader, mut sent) = (Reader::new(&body[..]), Vec::new());
    while let Some(event) = reader.next().map_err(unreadable)? {
        let Nacha::Entry(entry) = event else { continue };
        did(1);
        let number = entry.batch().number_in_file().ok_or_else(wrong)?;
        let batch = BatchKey::new(cut.date, modifier, number)?;
        let id = entry.detail.individual_id();
        if *id == batch.to_string() {
            continue; // the entry that balances the batch carries no payment
        }
        sent.push(carried(&entry, batch, id.parse()?).ok_or_else(wrong)?);
    }
    match reader.finish().map_err(unreadable)?.findings.ok() {
        true => Ok(sent),
        false => Err(wrong()),
    }
}

/// The entry that carries a payment; `None` where a field of it is none of its kind.
fn carried(entry: &Entry<'_>, batch: BatchKey, payment: PaymentId) -> Option<Sent> {
    let code = entry.detail.transaction_code()?;
    Some(Sent {
        payment,
        cents: code.direction().on_our_account(entry.detail.amount()?)?,
        batch,
        trace: entry.detail.trace()?,
    })
}
