//! What the books hold after the posting of a date, besides cash.

use crate::parts;
use crate::records::posted::PostedDay;
use desk::Desk;
use desk::failure::Result;
use formats::tables::{Balance, Balances};
use settlement::fees::Fees;
use settlement::journal::Account;
use settlement::reconcile::residue::Residue;
use std::collections::BTreeSet;

/// What the posting of a date left.
pub struct Books {
    /// What the clearing accounts hold.
    pub clearing: Vec<Residue>,
    /// The bank's fees accrued and not billed.
    pub fees: Fees,
    /// Fee lines that the prices explain.
    pub billed: BTreeSet<String>,
}

impl Books {
    pub async fn read(desk: &Desk, posted: &PostedDay) -> Result<Books> {
        let rows = match &posted.balances {
            None => Vec::new(),
            Some(part) => parts::rows_of::<Balances>(&*desk.ports.objects, part).await?,
        };
        Ok(Books {
            clearing: rows.into_iter().filter_map(clearing).collect(),
            fees: posted.fees.clone(),
            billed: posted.billed.iter().cloned().collect(),
        })
    }
}

fn clearing(row: Balance<'_>) -> Option<Residue> {
    let account = Account::from_number(&row.account).filter(|a| a.is_clearing())?;
    Some(Residue {
        account,
        key: row.key.into_owned(),
        cents: row.balance,
        since: row.since,
    })
}
