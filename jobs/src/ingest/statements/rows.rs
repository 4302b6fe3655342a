//! What a placed statement writes: its rows, its balances, and what is remembered of it.

use super::candidate::Candidate;
use super::details::details;
use crate::known::{Known, Lines};
use crate::records::ingested::StatementHead;
use crate::statement_lines::receipt_of;
use desk::Desk;
use desk::failure::{Result, too_large};
use formats::statement::AccountNumber;
use formats::tables::{BankBalance, BankLine, BankLineDetail};
use settlement::bank::LineRole;
use settlement::ids::{BatchKey, TraceNumber};
use settlement::money::{Currency, SignedCents};
use settlement::reconcile::chain::{Place, plausible};
use settlement::reconcile::receipt::{Changes, Names, changes, reversal};

/// A statement that is booked.
pub(super) struct Booking {
    pub candidate: Candidate,
    pub head: StatementHead,
    /// Its lines that are new, and those that it takes back.
    pub rows: Vec<BankLine<'static>>,
    /// The parts of those that are new, where the bank lists them.
    pub details: Vec<BankLineDetail<'static>>,
    pub balance: BankBalance<'static>,
    /// What is odd about its place, and keeps it out of nothing.
    pub odd: Option<String>,
    /// Lines that were booked before and stay.
    kept: u64,
    /// The cents of these.
    kept_cents: SignedCents,
    /// What it takes back.
    back: u64,
    back_cents: SignedCents,
}

impl Booking {
    /// What the bank told, less what was booked before, and what is taken back: what its rows
    /// must sum to. None where that does not fit.
    pub fn moves(&self) -> Option<SignedCents> {
        let told = self.candidate.statement.movement()?;
        told.checked_sub(self.kept_cents)?
            .checked_add(self.back_cents)
    }

    /// Lines that it brings beside those of the file that is being taken.
    pub fn brought(&self) -> u64 {
        let kept = self.candidate.pieces.iter().filter(|piece| !piece.own);
        kept.map(|piece| piece.statement.lines.len() as u64)
            .sum::<u64>()
            + self.back
    }

    /// Lines that it brings and that were booked before.
    pub fn left_out(&self) -> u64 {
        self.kept
    }
}

/// Books a candidate in its place among the days.
pub(super) fn book(
    desk: &Desk,
    known: &Known,
    lines: &Lines,
    candidate: Candidate,
    how: &Place,
) -> Result<Booking> {
    let last4 = AccountNumber::new(&desk.bank.account.number);
    let last4 = last4.last4();
    let day = candidate.whole.as_of;
    let what = &candidate.pieces[0].file;
    let differ = match how {
        Place::Version => differ(known, lines, &candidate),
        _ => Changes {
            added: (0..candidate.statement.lines.len()).collect(),
            ..Changes::default()
        },
    };
    let mut names = Names::new(last4, day);
    let standing = lines.standing.iter().map(|row| &*row.line_id);
    let dropped = lines.dropped.iter().map(String::as_str);
    standing.chain(dropped).for_each(|name| names.taken(name));
    let (mut rows, mut parts) = (Vec::new(), Vec::new());
    let mut back_cents = SignedCents::ZERO;
    for row in differ
        .dropped
        .iter()
        .filter_map(|at| lines.standing.get(*at))
    {
        let back = taken_back(row, &candidate).ok_or_else(|| too_large(what))?;
        let sum = back_cents.checked_add(back.amount);
        back_cents = sum.ok_or_else(|| too_large(what))?;
        rows.push(back);
    }
    for at in &differ.added {
        let name = names.name(&candidate.hashes[*at]);
        let line = &candidate.statement.lines[*at];
        parts.extend(details(day, desk.bank.currency, &name, line));
        rows.push(row(desk, &candidate, last4, name, *at));
    }
    // What stays is summed from what was booked, so that the tally holds two things together.
    let stays = match how {
        Place::Version => SignedCents::sum(lines.standing.iter().map(|row| row.amount)),
        _ => Some(SignedCents::ZERO),
    };
    let kept_cents = stays.and_then(|stays| stays.checked_add(back_cents));
    let head = head(known, &candidate, last4, how).ok_or_else(|| too_large(what))?;
    Ok(Booking {
        balance: balance(&candidate, desk.bank.currency, last4, head.nth),
        odd: odd(known, &candidate, how),
        head,
        rows,
        details: parts,
        kept: differ.kept as u64,
        kept_cents: kept_cents.ok_or_else(|| too_large(what))?,
        back: differ.dropped.len() as u64,
        back_cents,
        candidate,
    })
}

/// How a version's lines differ from those that stand. A correction in another format is compared
/// by what both formats tell alike.
fn differ(known: &Known, lines: &Lines, candidate: &Candidate) -> Changes {
    let day = known.days.get(&candidate.whole.as_of);
    match day.is_some_and(|day| candidate.is_foreign_to(day)) {
        true => {
            let booked: Vec<_> = lines.standing.iter().map(|row| row.amount).collect();
            changes(&booked, &candidate.amounts())
        }
        false => {
            let booked = lines.standing.iter().map(|row| receipt_of(row).hash());
            changes(&booked.collect::<Vec<_>>(), &candidate.hashes)
        }
    }
}

/// What a day's number says that its balances do not.
fn odd(known: &Known, candidate: &Candidate, how: &Place) -> Option<String> {
    let before = known.days.range(..candidate.whole.as_of).next_back();
    let (_, before) = before.filter(|_| *how == Place::Day)?;
    candidate.misses(before)
}

/// What is recorded of a statement; `None` where the sum of its lines does not fit.
fn head(known: &Known, candidate: &Candidate, last4: &str, how: &Place) -> Option<StatementHead> {
    let whole = candidate.whole;
    Some(StatementHead {
        file: candidate.pieces.first()?.file.clone(),
        account_last4: last4.to_owned(),
        as_of: whole.as_of,
        opening: Some(whole.opening),
        closing: Some(whole.closing),
        lines: candidate.statement.lines.len() as u64,
        movement: candidate.statement.movement()?,
        nth: known.next(whole.as_of),
        corrects: *how == Place::Version,
        more: candidate.statement.more,
        rows: None,
        told: Some(candidate.told.clone()),
    })
}

fn balance(candidate: &Candidate, ours: Currency, last4: &str, nth: u32) -> BankBalance<'static> {
    let (statement, whole) = (&candidate.statement, candidate.whole);
    let currency = match statement.currency.as_str() {
        "" => ours.as_str(),
        currency => currency,
    };
    BankBalance {
        statement_date: whole.as_of,
        account: last4.to_owned().into(),
        opening: whole.opening,
        closing: whole.closing,
        available: statement.available().filter(|one| plausible([*one], [])),
        currency: currency.to_owned().into(),
        file: candidate.pieces[0].file.clone().into(),
        nth: i32::try_from(nth).ok(),
    }
}

/// The row that takes a line back: the same, the other way.
fn taken_back(row: &BankLine<'static>, by: &Candidate) -> Option<BankLine<'static>> {
    Some(BankLine {
        line_id: reversal(&row.line_id).into(),
        file: by.pieces.first()?.file.clone().into(),
        line: i64::try_from(by.statement.line).ok()?,
        amount: row.amount.checked_neg()?,
        corrects: Some(row.line_id.clone()),
        ..row.clone()
    })
}

fn row(
    desk: &Desk,
    candidate: &Candidate,
    last4: &str,
    name: String,
    at: usize,
) -> BankLine<'static> {
    let line = &candidate.statement.lines[at];
    let as_of = candidate.whole.as_of;
    let role = desk.bank.role(&line.type_code);
    let reference = line.customer_reference.trim();
    let (batch, trace) = named(role, reference);
    BankLine {
        statement_date: as_of,
        value_date: line.value_date.unwrap_or(as_of),
        line_id: name.into(),
        file: candidate.file_of(at).to_owned().into(),
        line: i64::try_from(line.line).expect("lines of a file in memory"),
        account_last4: last4.to_owned().into(),
        type_code: line.type_code.clone().into(),
        role: role.as_str().into(),
        amount: line.amount,
        bank_reference: line.bank_reference.clone().into(),
        customer_reference: reference.to_owned().into(),
        text: line.text.clone().into(),
        batch_key: batch.map(BatchKey::key),
        trace: trace.map(TraceNumber::key),
        corrects: None,
        currency: Some(desk.bank.currency.as_str().into()),
    }
}

/// The batch or the trace that a line's reference names, as its role says which.
fn named(role: LineRole, reference: &str) -> (Option<BatchKey>, Option<TraceNumber>) {
    match role {
        LineRole::CreditSettlement | LineRole::DebitSettlement => (reference.parse().ok(), None),
        LineRole::CreditReturned | LineRole::DebitReturned => {
            let fifteen = reference.len() == 15 && reference.bytes().all(|b| b.is_ascii_digit());
            let number = fifteen.then(|| reference.parse::<u64>().ok()).flatten();
            (None, number.and_then(|n| TraceNumber::from_number(n).ok()))
        }
        LineRole::Fee | LineRole::Funding | LineRole::Other => (None, None),
    }
}
