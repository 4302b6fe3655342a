//! The tables and the record of a day's reconciliation.

mod breaks;
mod carried;
mod files;

use crate::new_part::NewPart;
use crate::parts;
use crate::reconcile::inputs::Inputs;
use crate::reconcile::legs::Legs;
use crate::records::part::Part;
use crate::records::reconciled::{LegReport, Reconciled};
use crate::records::sum::Sum;
use crate::stage::did;
use carried::{answered, legacy_until};
use desk::Desk;
use desk::failure::{Result, too_large};
use formats::tables::{Breaks, Match as MatchRow, Matches};
use settlement::allocate::{Expectation, Kind, Receipt};
use settlement::money::{Currency, SignedCents};
use settlement::reconcile::legs::l3::Looked;
use settlement::reconcile::legs::{self, Conservation, Leg, Match};

/// Writes the day's tables and answers with its record.
pub async fn write(desk: &Desk, inputs: Inputs, day: Legs) -> Result<Reconciled> {
    let date = inputs.date;
    let objects = &*desk.ports.objects;
    let breaks = breaks::all(&inputs, &day)?;
    let (inputs, begun) = inputs.without_matches()?;
    let mut written: Vec<Part> = Vec::new();
    let matches = matches(begun, &inputs, desk.bank.currency, &day)?;
    written.extend(matches.put(objects, date, "legs").await?);
    let rows = breaks
        .iter()
        .map(|record| breaks::row(date, desk.bank.currency, record));
    written.extend(parts::put_part::<Breaks>(objects, date, "legs", rows).await?);
    written.extend(inputs.l1.written.clone());
    let legs = day
        .all()
        .map(|(leg, outcome)| report(leg, &outcome.conservation))
        .collect::<Result<_>>()?;
    Ok(Reconciled {
        date,
        previous: (inputs.before.date < date).then_some(inputs.before.date),
        parts: written,
        legs,
        breaks,
        differences: Vec::new(),
        applied: Vec::new(),
        open: Vec::new(),
        open_returns: Vec::new(),
        settled: Vec::new(),
        seen: Vec::new(),
        on_the_way: Some(inputs.l0.on_the_way.iter().copied().collect()),
        legacy_until: legacy_until(&inputs),
        answered: answered(&inputs),
        closing: inputs.closing.clone(),
        statements: inputs.known.remembered(),
        waiting: inputs.known.waiting.clone(),
        started_from: Vec::new(),
    })
}

fn report(leg: Leg, conservation: &Conservation) -> Result<LegReport> {
    Ok(LegReport {
        leg,
        taken: both_sides(conservation, |side| side.taken)?,
        matched: both_sides(conservation, |side| side.matched)?,
        broken: both_sides(conservation, |side| side.broken)?,
        open: both_sides(conservation, |side| side.open)?,
        idle: both_sides(conservation, |side| side.idle)?,
        text: conservation.to_string(),
    })
}

/// What matched, written leg by leg behind the rows of L1.
fn matches(
    mut rows: NewPart<Matches>,
    inputs: &Inputs,
    currency: Currency,
    day: &Legs,
) -> Result<NewPart<Matches>> {
    let sides = (inputs.l3.expectations(), inputs.l3.receipts());
    for (leg, outcome) in day.all() {
        for pair in &outcome.matches {
            let Some((left, right, amount)) = matched(inputs, &sides, leg, *pair) else {
                continue;
            };
            rows.push(&MatchRow {
                recon_date: inputs.date,
                leg: leg.as_str().into(),
                left_id: left.into(),
                right_id: right.into(),
                amount,
                note: "".into(),
                currency: Some(currency.as_str().into()),
            })?;
            did(1);
        }
    }
    Ok(rows)
}

/// The rows of the third leg.
type Sides<'a> = (Vec<Looked<'a, Expectation>>, Vec<Looked<'a, Receipt>>);

/// What matched, by the names of both, and on how much.
fn matched(
    inputs: &Inputs,
    (expected, received): &Sides<'_>,
    leg: Leg,
    Match { left, right }: Match,
) -> Option<(String, String, SignedCents)> {
    Some(match leg {
        // A file, a payment or a balance by itself is matched with no record of another kind.
        Leg::File | Leg::L0 | Leg::L5 => return None,
        Leg::L1 => return None, // written while it ran
        Leg::L2 => {
            let (answer, entry) = (inputs.l2.answers.get(left)?, inputs.l2.entries.get(right)?);
            (answer.id.clone(), entry.payment.to_string(), answer.cents)
        }
        Leg::L3 => {
            let (one, line) = (expected.get(left)?.now, received.get(right)?.now);
            let name = match one.kind {
                Kind::Side(key, _) => key.to_string(),
                Kind::Return(trace, _) => trace.to_string(),
                Kind::Funding(_) => Kind::name_of(&one.id),
            };
            (name, line.id.clone(), line.cents)
        }
        Leg::L4 => {
            let (bank, ledger) = (inputs.l4.bank.get(left)?, inputs.l4.ledger.get(right)?);
            (bank.bank_line.clone(), ledger.reference.clone(), bank.cents)
        }
    })
}

/// Both sides of a leg together.
fn both_sides(
    conservation: &Conservation,
    part: impl Fn(&legs::SideTotals) -> (u64, i128),
) -> Result<Sum> {
    let too_large = || too_large(conservation.leg.as_str());
    let [left, right] = [&conservation.left, &conservation.right].map(part);
    let records = left.0.checked_add(right.0).ok_or_else(too_large)?;
    let cents = left.1.checked_add(right.1).ok_or_else(too_large)?;
    let cents = i64::try_from(cents).map_err(|_| too_large())?;
    Ok(Sum {
        records,
        cents: SignedCents::new(cents),
    })
}
