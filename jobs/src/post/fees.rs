//! What the day used of the bank, and the bills among its lines.

use crate::billed::BilledAnswers;
use crate::parts;
use crate::records::Read;
use crate::records::frozen::FrozenCut;
use crate::records::ingested::Ingested;
use crate::records::reconciled::Reconciled;
use desk::Desk;
use desk::failure::{Result, too_large};
use formats::tables::AchReturns;
use jiff::civil::Date;
use settlement::allocate::Receipt;
use settlement::bank::LineRole;
use settlement::fees::{Bill, Fees, Terms, Usage};
use settlement::money::Cents;
use settlement::reconcile::legs::l3::Line;
use settlement::returns::Billed;
use settlement::windows::Window;

/// Adds what the date used to what will be billed, and answers with its cents and, before they
/// are rounded, its millionths of a dollar.
pub(super) async fn accrue(
    desk: &Desk,
    date: Date,
    fees: &mut Fees,
    cuts: &[Read<FrozenCut>],
    inbound: &[Read<Ingested>],
    before: &Reconciled,
) -> Result<(Cents, i64)> {
    let mut usage = Usage::default();
    cuts.iter().for_each(|cut| sent(cut, &mut usage));
    came_back(desk, inbound, before, &mut usage).await?;
    let cost = usage.cost(&desk.bank.prices);
    let accrued = cost.and_then(|cost| Some((fees.accrue(date, cost)?, cost)));
    accrued.ok_or_else(|| too_large("the bank's fees"))
}

fn sent(cut: &FrozenCut, usage: &mut Usage) {
    let batches = || cut.files.iter().flat_map(|file| &file.batches);
    let items = batches().map(|batch| batch.entries).sum::<u64>();
    usage.files += cut.files.len() as u64;
    usage.batches += batches().count() as u64;
    usage.items += items;
    if cut.window != Window::Standard {
        usage.same_day += items;
    }
}

/// Returns and notices, each once however often it is told.
async fn came_back(
    desk: &Desk,
    inbound: &[Read<Ingested>],
    before: &Reconciled,
    usage: &mut Usage,
) -> Result<()> {
    let mut billed = BilledAnswers::before(Some(before));
    let files = inbound.iter();
    for part in files.flat_map(|file| parts::of_table::<AchReturns>(&file.parts)) {
        for row in parts::rows_of::<AchReturns>(&*desk.ports.objects, part).await? {
            let count = match billed.bill(&row)? {
                None => continue,
                Some(Billed::Return) => &mut usage.returns,
                Some(Billed::Change) => &mut usage.changes,
            };
            *count += 1;
        }
    }
    Ok(())
}

/// What a line bills, if it is a fee that the days before it explain.
pub(super) fn bill(desk: &Desk, fees: &mut Fees, line: &Receipt) -> Option<Bill> {
    let fee = line.role == LineRole::Fee && line.cents.get() < 0;
    let terms = Terms::of(&desk.bank);
    fee.then(|| fees.bill(line.cents.magnitude(), line.value, terms))
        .flatten()
}

/// The line as the books know a bill.
pub(super) fn billed(line: &Receipt) -> Line {
    Line {
        id: line.id.clone(),
        role: line.role,
        batch: None,
        trace: None,
        cents: line.cents,
        value_date: line.value,
        reference: line.reference.clone(),
    }
}
