//! L4: the bank's lines, the cash lines that posting made of them, and what the statements assert.

use crate::known::Known;
use crate::parts;
use crate::records::allocated::Allocated;
use crate::records::ingested::Ingested;
use crate::records::part::Part;
use crate::records::posted::PostedDay;
use crate::reversed::Reversed;
use desk::Desk;
use desk::failure::{Result, too_large};
use formats::tables::{Journal, JournalLine};
use settlement::allocate::Receipt;
use settlement::journal::{Account, Side};
use settlement::money::SignedCents;
use settlement::reconcile::legs::l4::{CashLine, StatementBalance};

/// What the fourth leg holds against each other.
pub struct L4Inputs {
    pub bank: Vec<CashLine>,
    pub ledger: Vec<CashLine>,
    pub statements: Vec<StatementBalance>,
}

impl L4Inputs {
    pub async fn read(
        desk: &Desk,
        posted: &PostedDay,
        allocated: &Allocated,
        back: &[Reversed],
        known: &Known,
        files: &[&Ingested],
    ) -> Result<L4Inputs> {
        let ledger = match &posted.journal {
            None => Vec::new(),
            Some(part) => ledger(desk, part).await?,
        };
        Ok(L4Inputs {
            bank: allocated
                .receipts
                .iter()
                .filter(|one| one.new)
                .map(|one| bank_line(&one.one))
                .chain(back.iter().map(taken_back))
                .collect(),
            ledger,
            statements: asserted(known, files),
        })
    }
}

fn bank_line(line: &Receipt) -> CashLine {
    CashLine {
        bank_line: line.id.clone(),
        cents: line.cents,
        reference: line.reference.clone(),
    }
}

/// The row that takes a line back.
fn taken_back(back: &Reversed) -> CashLine {
    CashLine {
        bank_line: back.row.line_id.to_string(),
        cents: back.row.amount,
        reference: back.row.bank_reference.to_string(),
    }
}

/// The lines of a journal on our accounts at the bank.
async fn ledger(desk: &Desk, part: &Part) -> Result<Vec<CashLine>> {
    let cash = [Account::BankFbo, Account::BankOperating];
    let cash = cash.map(|account| account.number().to_string());
    let mut ledger = Vec::new();
    for row in parts::read::<Journal>(&*desk.ports.objects, part).await? {
        let row = row.map_err(parts::torn)?;
        let opening = row.source.starts_with("opening/"); // of no statement's line
        if !opening && cash.iter().any(|number| *number == *row.account) {
            ledger.push(ledger_line(&row)?);
        }
    }
    Ok(ledger)
}

fn ledger_line(row: &JournalLine<'_>) -> Result<CashLine> {
    let debit = row.side == Side::Debit.as_str();
    let cents = if debit {
        Some(row.amount)
    } else {
        row.amount.checked_neg()
    };
    Ok(CashLine {
        bank_line: row.source.to_string(),
        cents: cents.ok_or_else(|| too_large(&row.journal_id))?,
        reference: row.journal_id.to_string(),
    })
}

/// The days that a statement of today is of and all after them, each with what it says of its
/// balances, from where the day before them ended.
fn asserted(known: &Known, files: &[&Ingested]) -> Vec<StatementBalance> {
    let heads = files.iter().flat_map(|file| &file.statements);
    let Some(first) = heads.map(|head| head.as_of).min() else {
        return Vec::new();
    };
    let before = known
        .chain()
        .range(..first)
        .next_back()
        .map(|(day, before)| (*day, before.closing, SignedCents::ZERO, before.closing));
    let touched = known.days.range(first..).filter_map(|(day, of)| {
        let (opening, lines, closing) = of.asserted()?;
        Some((*day, opening, lines, closing))
    });
    let all = before.into_iter().chain(touched);
    all.map(|(date, opening, lines, closing)| StatementBalance {
        account: Account::BankFbo.number().to_string(),
        date,
        opening,
        lines,
        closing,
    })
    .collect()
}
