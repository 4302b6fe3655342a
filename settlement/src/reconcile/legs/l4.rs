//! L4: every statement line is in the books once, and every statement adds up.

use super::{
    BreakKind, Details, Finding, Leg, Outcome, capped, difference, in_order, keyed, place_of,
};
use crate::calendar::next_banking_day;
use crate::money::SignedCents;
use crate::reconcile::kernel::{KernelError, Kind, Side, text_key};
use jiff::civil::Date;

/// A statement line, or a ledger line on a cash account (1010, 1020) whose source it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashLine {
    /// The statement line's id; for a ledger line the one it was posted from.
    pub bank_line: String,
    /// What it moves on our account.
    pub cents: SignedCents,
    /// What names the record itself in a report: the bank's reference, or the journal.
    pub reference: String,
}

/// What a statement says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementBalance {
    /// The account, as our chart names it (`1010`); never the bank's account number.
    pub account: String,
    /// The statement's date.
    pub date: Date,
    /// Balance before its lines.
    pub opening: SignedCents,
    /// The sum of its lines.
    pub lines: SignedCents,
    /// Balance after its lines.
    pub closing: SignedCents,
}

/// Matches statement lines (left) with cash lines of the ledger (right), and holds each
/// statement against its own arithmetic and the one before it. Give the last statement of the
/// day before as well: it is where the chain begins.
///
/// # Errors
/// Where there are more than four billion rows.
pub fn reconcile(
    bank: &[CashLine],
    ledger: &[CashLine],
    statements: &[StatementBalance],
) -> Result<Outcome, KernelError> {
    let cents = |lines: &[CashLine]| lines.iter().map(|l| l.cents).collect::<Vec<_>>();
    let mut found = Finding::new(Leg::L4, &cents(bank), &cents(ledger));
    balances(statements, &mut found);
    // A line of no amount moves nothing, and the books have nothing of it.
    for (side, lines) in [(Side::Left, bank), (Side::Right, ledger)] {
        for (row, _) in lines.iter().enumerate().filter(|(_, l)| l.cents.is_zero()) {
            found.idle(side, row);
        }
    }
    let keys = |lines: &[CashLine]| -> Vec<_> {
        in_order(lines, |l| {
            (l.bank_line.clone(), l.reference.clone(), l.cents)
        })
        .into_iter()
        .filter_map(|i| {
            let line = lines.get(i).filter(|l| !l.cents.is_zero())?;
            Some((text_key(line.bank_line.as_bytes()), line.cents, i))
        })
        .collect()
    };
    let (left, right) = (keys(bank), keys(ledger));
    let line = |(side, i): (Side, usize)| {
        let lines = if side == Side::Left { bank } else { ledger };
        lines.get(i).map(|l| l.bank_line.as_str())
    };
    let pass = keyed(&left, &right, |a, b| line(a) == line(b))?;
    for (l, r) in pass.pairs {
        found.matched(l, r);
    }
    for outcome in pass.outcomes {
        let (l, r) = (
            place_of(&left, outcome.left),
            place_of(&right, outcome.right),
        );
        let (ours, books) = (l.and_then(|l| bank.get(l)), r.and_then(|r| ledger.get(r)));
        let (kind, why) = name(outcome.kind);
        let cents = match (ours, books) {
            (Some(a), Some(b)) => difference(a.cents, b.cents),
            (a, b) => a.or(b).map(|line| line.cents).unwrap_or_default(),
        };
        let details = Details {
            key: ours
                .or(books)
                .map(|line| line.bank_line.clone())
                .unwrap_or_default(),
            cents,
            left: ours.map(|line| line.reference.clone()),
            right: books.map(|line| line.reference.clone()),
            explanation: why.to_owned(),
        };
        found.breaks(kind, l, r, details);
    }
    Ok(found.finish())
}

const fn name(kind: Kind) -> (BreakKind, &'static str) {
    match kind {
        Kind::LeftOnly => (
            BreakKind::MissingInLedger,
            "on the statement, not in the books",
        ),
        Kind::RightOnly => (BreakKind::MissingAtBank, "in the books, on no statement"),
        Kind::AmountDiffers => (BreakKind::Amount, "posted with another amount"),
        Kind::DuplicateLeft => (
            BreakKind::DupStatement,
            "on statements more often than posted",
        ),
        Kind::DuplicateRight => (BreakKind::DupEntry, "posted more often than on statements"),
        Kind::Ambiguous => (BreakKind::Ambiguous, "several lines, none of equal amount"),
    }
}

/// Opening and lines are closing; opening is the closing before, of the banking day before.
fn balances(statements: &[StatementBalance], found: &mut Finding) {
    let order = in_order(statements, |s| {
        (s.account.clone(), s.date, s.opening, s.closing)
    });
    let mut before: Option<&StatementBalance> = None;
    for statement in order.into_iter().filter_map(|i| statements.get(i)) {
        let expected = statement.opening.checked_add(statement.lines);
        if expected != Some(statement.closing) {
            let lines =
                i128::from(statement.opening.get()).wrapping_add(i128::from(statement.lines.get()));
            let off = capped(i128::from(statement.closing.get()).wrapping_sub(lines));
            let why = format!("opening and lines miss closing by {off}");
            found.breaks(
                BreakKind::BalanceAssertion,
                None,
                None,
                about_statement(statement, off, why),
            );
        }
        if let Some(before) = before.filter(|b| b.account == statement.account) {
            let off = difference(before.closing, statement.opening);
            let missing = next_banking_day(before.date) < statement.date;
            if missing || !off.is_zero() {
                let why = match missing {
                    true => format!("the day before it on a statement is {}", before.date),
                    false => format!("opens {off} away from the closing of {}", before.date),
                };
                found.breaks(
                    BreakKind::SequenceGap,
                    None,
                    None,
                    about_statement(statement, off, why),
                );
            }
        }
        before = Some(statement);
    }
}

fn about_statement(
    statement: &StatementBalance,
    cents: SignedCents,
    explanation: String,
) -> Details {
    let key = format!("{}/{}", statement.account, statement.date);
    Details {
        key,
        cents,
        left: None,
        right: None,
        explanation,
    }
}
