//! L3: the batches that wait for their line, and the lines of the day.

use crate::parts;
use crate::records::reconciled::OpenBatch;
use crate::statement_lines::{line_of, lines};
use desk::Desk;
use desk::failure::Result;
use formats::tables::AchEntry;
use jiff::civil::Date;
use settlement::ids::{BatchKey, Direction, PaymentId, TraceNumber};
use settlement::money::SignedCents;
use settlement::reconcile::legs::l3::{Batch, Line};
use std::collections::{BTreeMap, BTreeSet};

/// What the third leg holds against each other; the returns follow from what the second found.
pub struct L3Inputs {
    pub open: Vec<OpenBatch>,
    /// The open batches as the leg sees them, in the same order.
    pub batches: Vec<Batch>,
    pub lines: Vec<Line>,
    /// Entries of open batches whose line has another amount.
    members: BTreeMap<BatchKey, Vec<Member>>,
}

struct Member {
    trace: TraceNumber,
    direction: Direction,
    cents: SignedCents,
    payment: PaymentId,
}

impl L3Inputs {
    pub async fn read(desk: &Desk, date: Date, open: Vec<OpenBatch>) -> Result<L3Inputs> {
        let lines = lines(desk, date).await?.fresh;
        let lines: Vec<Line> = lines.iter().map(line_of).collect::<Result<_>>()?;
        let odd = odd_batches(&open, &lines);
        Ok(L3Inputs {
            members: members(desk, &open, &odd).await?,
            batches: open.iter().map(OpenBatch::leg).collect(),
            open,
            lines,
        })
    }

    /// The entries of one direction of a batch.
    pub fn of_batch(&self, key: BatchKey, side: Direction) -> Vec<(TraceNumber, SignedCents)> {
        let members = self.members.get(&key).map_or(&[][..], Vec::as_slice);
        members
            .iter()
            .filter(|m| m.direction == side)
            .map(|m| (m.trace, m.cents))
            .collect()
    }

    /// The payment behind a trace of an odd batch.
    pub fn payment_of(&self, trace: &str) -> Option<PaymentId> {
        let number = trace.parse::<u64>().ok()?;
        let mut members = self.members.values().flatten();
        members.find(|m| m.trace.get() == number).map(|m| m.payment)
    }
}

/// The batches that a line names with another amount: only there an entry may be missing.
fn odd_batches(open: &[OpenBatch], lines: &[Line]) -> BTreeSet<BatchKey> {
    let amounts = open.iter().map(|batch| (batch.key, batch.cents.get()));
    let amounts: BTreeSet<(BatchKey, i64)> = amounts.collect();
    let odd = lines.iter().filter_map(|line| {
        let key = line.batch?;
        (!amounts.contains(&(key, line.cents.get()))).then_some(key)
    });
    odd.collect()
}

/// The entries of `odd` among the open batches.
async fn members(
    desk: &Desk,
    open: &[OpenBatch],
    odd: &BTreeSet<BatchKey>,
) -> Result<BTreeMap<BatchKey, Vec<Member>>> {
    let named = open.iter().filter(|batch| odd.contains(&batch.key));
    let dates: BTreeSet<Date> = named.map(|batch| batch.cut_date).collect();
    let mut members: BTreeMap<BatchKey, Vec<Member>> = BTreeMap::new();
    for date in dates {
        for cut in parts::frozen_on(desk, date).await? {
            for row in parts::of_cut(desk, &cut).await? {
                let key: BatchKey = row.batch.parse()?;
                if odd.contains(&key) {
                    members.entry(key).or_default().push(member(&row)?);
                }
            }
        }
    }
    Ok(members)
}

fn member(row: &AchEntry<'_>) -> Result<Member> {
    let entry = parts::sent(row)?;
    Ok(Member {
        trace: entry.trace,
        direction: row.direction.parse()?,
        cents: entry.cents,
        payment: entry.payment,
    })
}
