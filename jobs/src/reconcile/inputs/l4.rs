//! L4: the bank's lines, the cash lines that posting made of them, and what the statements assert.

use crate::parts;
use crate::records::Read;
use crate::records::allocated::Allocated;
use crate::records::ingested::{Ingested, StatementHead};
use crate::records::part::Part;
use crate::records::posted::PostedDay;
use crate::records::reconciled::{Closing, Reconciled};
use desk::Desk;
use desk::failure::{Result, too_large};
use formats::tables::{self, Journal, JournalLine};
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
        before: &Reconciled,
        files: &[Read<Ingested>],
    ) -> Result<L4Inputs> {
        let ledger = match &posted.journal {
            None => Vec::new(),
            Some(part) => ledger(desk, part).await?,
        };
        // A chain of statements is asserted from where the last one ended.
        let ended = before.closing.values().map(ended);
        let heads = files.iter().flat_map(|file| &file.statements);
        Ok(L4Inputs {
            bank: allocated
                .receipts
                .iter()
                .filter(|one| one.new)
                .map(|one| bank_line(&one.one))
                .collect(),
            ledger,
            statements: ended.chain(heads.filter_map(asserted)).collect(),
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

/// The lines of a journal on our accounts at the bank.
async fn ledger(desk: &Desk, part: &Part) -> Result<Vec<CashLine>> {
    let cash = [Account::BankFbo, Account::BankOperating];
    let cash = cash.map(|account| account.number().to_string());
    let body = parts::fetch(&*desk.ports.objects, part).await?;
    let mut ledger = Vec::new();
    for row in tables::read::<Journal>(body, &part.name).map_err(parts::torn)? {
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

fn ended(closing: &Closing) -> StatementBalance {
    StatementBalance {
        account: Account::BankFbo.number().to_string(),
        date: closing.date,
        opening: closing.cents,
        lines: SignedCents::ZERO,
        closing: closing.cents,
    }
}

/// What a statement says of its balances, where it says both.
fn asserted(head: &StatementHead) -> Option<StatementBalance> {
    Some(StatementBalance {
        account: Account::BankFbo.number().to_string(),
        date: head.as_of,
        opening: head.opening?,
        lines: head.movement,
        closing: head.closing?,
    })
}
