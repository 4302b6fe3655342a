//! L1: claims of a date by the event log, entries of the date by the files of its cuts.

use crate::events::AllEvents;
use crate::new_part::NewPart;
use crate::outbound;
use crate::reconcile::inputs::bands::{BAND_CLAIMS, Bands, Claims};
use crate::reconcile::inputs::events::EventRows;
use crate::records::Read;
use crate::records::frozen::{FrozenCut, FrozenFile};
use crate::records::part::Part;
use crate::sent_before::{Back, SentBefore};
use crate::stage::did;
use desk::Desk;
use desk::failure::{Failure, Result, Status, too_large};
use formats::nacha::{Entry, Event as Nacha, Reader};
use formats::tables::{Match, Matches};
use jiff::civil::Date;
use settlement::ids::{BatchKey, PaymentId};
use settlement::money::Currency;
use settlement::payment::{Event, PaymentEvent, Side};
use settlement::reconcile::kernel::KernelError;
use settlement::reconcile::legs::l1::{self, Claimed, Sent};
use settlement::reconcile::legs::{Leg, Outcome};
use std::collections::BTreeSet;

/// What the first leg found. It is run while its rows are read: a day has millions.
pub struct L1Inputs {
    /// Without its matches, which are rows already.
    pub found: Outcome,
    /// The table of what matched, so far.
    pub matches: NewPart<Matches>,
    /// The sides of which something happened to single entries after they were sent.
    pub touched: BTreeSet<Side>,
    /// The events of the date, as a part of their table.
    pub written: Option<Part>,
}

impl L1Inputs {
    pub async fn read(desk: &Desk, date: Date, cuts: &[Read<FrozenCut>]) -> Result<L1Inputs> {
        let (claims, touched, written) = events(desk, date).await?;
        let mut bands = claims.bands(date)?;
        for cut in cuts {
            for file in &cut.files {
                read_back(desk, cut, file, &mut bands).await?;
            }
        }
        let mut before = SentBefore::over(Back::before(desk, date).await?);
        let (mut found, mut matches) = (None, NewPart::begin()?);
        while let Some((claimed, sent)) = bands.next()? {
            let before = before.of(desk, sent.iter().map(|one| one.payment)).await?;
            let band = l1::reconcile(&claimed, &sent, &before).map_err(kernel)?;
            for pair in &band.matches {
                let rows = claimed.get(pair.left).zip(sent.get(pair.right));
                let Some((claim, entry)) = rows else { continue };
                matches.push(&row(date, desk.bank.currency, claim, entry))?;
                did(1);
            }
            found = Some(match found {
                None => band.without_matches(),
                Some(found) => band.joined(found),
            });
        }
        Ok(L1Inputs {
            found: found.ok_or_else(|| Failure::impossible("a leg without a band"))?,
            matches,
            touched,
            written,
        })
    }
}

fn kernel(error: KernelError) -> Failure {
    let otherwise = "nothing was reconciled: keep everything as it is and report it";
    Failure::advised(Status::Findings, format!("reconcile: {error}"), otherwise)
}

/// What matched, by the names of both.
fn row(date: Date, currency: Currency, claim: &Claimed, entry: &Sent) -> Match<'static> {
    Match {
        recon_date: date,
        leg: Leg::L1.as_str().into(),
        left_id: claim.payment.to_string().into(),
        right_id: format!("{}/{}", entry.batch, entry.trace).into(),
        amount: claim.cents,
        note: "".into(),
        currency: Some(currency.as_str().into()),
    }
}

/// The claims of a date, the sides of whose entries its events say more, and the table of all its
/// events. They are read once.
async fn events(desk: &Desk, date: Date) -> Result<(Claims, BTreeSet<Side>, Option<Part>)> {
    let (mut claims, mut touched) = (Claims::begin(BAND_CLAIMS)?, BTreeSet::new());
    let mut rows = EventRows::new(desk)?;
    let mut pages = AllEvents::new(desk, date);
    while let Some(page) = pages.next().await? {
        rows.take(&page)?;
        for event in page.iter().filter(|event| event.fact.is_none()) {
            match (&event.event, event.entry) {
                (Event::Claimed { .. }, _) => claims.push(claim(event)?)?,
                (Event::Sent { .. }, _) | (_, None) => {}
                (_, Some(entry)) => {
                    let (batch, direction) = (entry.batch, event.direction);
                    touched.insert(Side { batch, direction });
                }
            }
        }
    }
    Ok((claims, touched, rows.part(desk, date).await?))
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
async fn read_back(
    desk: &Desk,
    cut: &FrozenCut,
    file: &FrozenFile,
    bands: &mut Bands,
) -> Result<()> {
    let body = outbound::proved(desk, cut, file).await?;
    let modifier = u8::try_from(file.modifier).unwrap_or(b'A');
    let wrong = || Failure::damaged(format!("{}: not the file that was rendered", file.name));
    let unreadable =
        |e| Failure::could_not(format!("{}: {e}", file.name)).remedy("run the same again");
    let mut reader = Reader::new(&body[..]);
    while let Some(event) = reader.next().map_err(unreadable)? {
        let Nacha::Entry(entry) = event else { continue };
        did(1);
        let number = entry.batch().number_in_file().ok_or_else(wrong)?;
        let batch = BatchKey::new(cut.date, modifier, number)?;
        let id = entry.detail.individual_id();
        if *id == batch.to_string() {
            continue; // the entry that balances the batch carries no payment
        }
        bands.push(&carried(&entry, batch, id.parse()?).ok_or_else(wrong)?)?;
    }
    match reader.finish().map_err(unreadable)?.findings.ok() {
        true => Ok(()),
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
