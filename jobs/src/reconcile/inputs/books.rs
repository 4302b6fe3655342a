//! What the books hold after the posting of a date, besides cash.

use crate::parts;
use crate::records::posted::PostedDay;
use desk::Desk;
use desk::failure::Result;
use formats::tables::{Balance, Balances};
use settlement::fees::Fees;
use std::collections::BTreeSet;

/// What the posting of a date left.
pub struct Books {
    /// Every balance that is not zero.
    pub balances: Vec<Balance<'static>>,
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
            balances: rows,
            fees: posted.fees.clone(),
            billed: posted.billed.iter().cloned().collect(),
        })
    }
}
