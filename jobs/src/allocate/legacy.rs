//! What a version that allocated nothing left: the first allocation of an upgraded installation
//! goes on from its last reconciliation and its balances.
//!
//! Batches and returns that wait become expectations, sides whose windows run are done, and what
//! rests in suspense becomes a receipt under the name that it has there. What that version had
//! explained and not booked yet is booked by the next posting as it would have been, so its money
//! is no receipt.

use crate::parts;
use crate::records::allocated::{Allocated, Expected, Received};
use crate::records::reconciled::{OpenBatch, Reconciled};
use crate::start::AllocationStart;
use desk::Desk;
use desk::failure::Result;
use formats::statement::AccountNumber;
use formats::tables::Balances;
use jiff::civil::Date;
use settlement::allocate::{Days, Expectation, Kind, Name, Receipt};
use settlement::bank::LineRole;
use settlement::bank::shape::shape_on;
use settlement::calendar::previous_banking_day;
use settlement::ids::{BatchKey, Direction, TraceNumber};
use settlement::journal::Account;
use settlement::money::SignedCents;
use settlement::reconcile::legs::l3;
use std::collections::BTreeSet;

/// The state that the days before leave, where no day before was allocated.
pub async fn before(desk: &Desk, date: Date, start: &AllocationStart) -> Result<Allocated> {
    let mut before = Allocated::first(date);
    let Some(last) = &start.reconciled else {
        return Ok(before);
    };
    let account = AccountNumber::new(&desk.bank.account.number);
    let account = account.last4();
    before.date = last.date;
    let batches = last.open.iter().map(|batch| of_batch(desk, account, batch));
    // A return of no entry of ours is in no books: its money is nobody's.
    let posted = clearing(desk, start).await?;
    let returns = last
        .open_returns
        .iter()
        .filter(|open| posted.contains(&open.trace.to_string()));
    let returns = returns.map(|open| of_return(desk, account, open));
    before.expectations = batches.chain(returns).collect();
    before.expectations.extend(
        last.settled
            .iter()
            .map(|side| done(account, side.key, side.direction, (side.on, side.closes))),
    );
    before.windows.clone_from(&last.settled);
    before.receipts = suspense(desk, account, date, start, last).await?;
    Ok(before)
}

fn of_batch(desk: &Desk, account: &str, batch: &OpenBatch) -> Expected {
    let kind = Kind::Side(batch.key, batch.direction);
    let (since, due) = (batch.cut_date, batch.settles_on);
    let days = Days { since, due };
    let one = Expectation {
        file: batch.file.clone(),
        shape: shape_on(&desk.bank.settlement, batch.cut_date),
        ..Expectation::new(batch.name(), kind, account, batch.cents, days)
    };
    Expected {
        before: one.remainder,
        by: None,
        closes: None,
        cut: Some(batch.cut_date),
        settles: None,
        one,
    }
}

fn of_return(desk: &Desk, account: &str, open: &l3::Returned) -> Expected {
    // What moves money away was a pull, and takes it back.
    let direction = if open.cents.get() < 0 {
        Direction::Debit
    } else {
        Direction::Credit
    };
    let id = Kind::return_id(open.trace, direction, open.received);
    let kind = Kind::Return(open.trace, direction);
    let (since, due) = (previous_banking_day(open.received), open.received);
    let days = Days { since, due };
    let one = Expectation {
        shape: shape_on(&desk.bank.settlement, open.received),
        ..Expectation::new(id, kind, account, open.cents, days)
    };
    Expected {
        before: one.remainder,
        by: None,
        closes: None,
        cut: None,
        settles: None,
        one,
    }
}

/// A side that settled: a second line of it is a duplicate. How much it was nobody kept.
fn done(
    account: &str,
    key: BatchKey,
    direction: Direction,
    (on, closes): (Date, Date),
) -> Expected {
    let (id, kind) = (Kind::side_id(key, direction), Kind::Side(key, direction));
    let days = Days { since: on, due: on };
    let one = Expectation::new(id, kind, account, SignedCents::ZERO, days);
    let (before, by) = (SignedCents::ZERO, Some("before".to_owned()));
    Expected {
        before,
        by,
        closes: Some(closes),
        cut: None,
        settles: None,
        one,
    }
}

/// The traces under which money of returns rests.
async fn clearing(desk: &Desk, start: &AllocationStart) -> Result<BTreeSet<String>> {
    let mut posted = start.previous.iter();
    let Some(part) = posted.find_map(|posted| posted.balances.as_ref()) else {
        return Ok(BTreeSet::new());
    };
    let rows = parts::rows_of::<Balances>(&*desk.ports.objects, part).await?;
    let number = Account::ReturnsClearing.number().to_string();
    let open = rows.iter().filter(|row| *row.account == number);
    Ok(open.map(|row| row.key.to_string()).collect())
}

/// What rests in suspense, but for what the next posting takes out.
async fn suspense(
    desk: &Desk,
    account: &str,
    date: Date,
    start: &AllocationStart,
    last: &Reconciled,
) -> Result<Vec<Received>> {
    let Some(part) = start
        .previous
        .iter()
        .find_map(|posted| posted.balances.as_ref())
    else {
        return Ok(Vec::new());
    };
    let applied: BTreeSet<String> = last
        .applied
        .iter()
        .map(|one| suspense_key(&one.line))
        .collect();
    let kept = [Account::SuspenseDebits, Account::SuspenseReceipts];
    let mut receipts = Vec::new();
    for row in parts::rows_of::<Balances>(&*desk.ports.objects, part).await? {
        let of = Account::from_number(&row.account).filter(|account| kept.contains(account));
        let Some(of) = of.filter(|_| !applied.contains(&*row.key)) else {
            continue;
        };
        // An account of ours that was credited has brought money, one that was debited cost it.
        let Some(cents) = row.balance.checked_neg() else {
            continue;
        };
        let trace = row
            .key
            .parse()
            .ok()
            .and_then(|key| TraceNumber::from_number(key).ok());
        let role = match (of, trace) {
            (Account::SuspenseDebits, Some(_)) => LineRole::DebitReturned,
            (_, Some(_)) => LineRole::CreditReturned,
            (_, None) => LineRole::Other,
        };
        let one = Receipt {
            id: row.key.to_string(),
            account: account.to_owned(),
            role,
            cents,
            remainder: cents,
            value: row.since,
            names: trace.map_or_else(
                || vec![Name::Else(row.key.to_string())],
                |trace| vec![Name::Trace(trace)],
            ),
            reference: row.key.to_string(),
            text: format!("in suspense before {date}"),
            reverses: false,
            details: Vec::new(),
            found: None,
        };
        receipts.push(Received {
            before: cents,
            new: false,
            one,
        });
    }
    Ok(receipts)
}

/// The key under which that version kept a line's money in suspense.
fn suspense_key(line: &l3::Line) -> String {
    match line.trace {
        Some(trace) => trace.to_string(),
        None if line.reference.is_empty() => line.id.clone(),
        None => line.reference.clone(),
    }
}
