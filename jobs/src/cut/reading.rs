//! Reading payments on threads of their own, while the one before is worked on.

use connectors::Index;
use desk::failure::{Failure, Result};
use desk::{CHUNK, Desk};
use settlement::ids::PaymentId;
use settlement::payment::Payment;
use std::sync::Arc;
use tokio::task::{JoinError, JoinHandle};

/// The next page of waiting payments.
pub async fn ready(desk: &Desk, index: &Index, after: Option<PaymentId>) -> Result<Vec<Payment>> {
    let (payments, index) = (Arc::clone(&desk.ports.payments), index.clone());
    let page = async move { payments.page(index, after, CHUNK).await };
    Ok(tokio::spawn(page).await.map_err(lost)??)
}

/// Begins to read the payments of `ids`.
pub fn begin(desk: &Desk, ids: Vec<PaymentId>) -> Reading {
    let payments = Arc::clone(&desk.ports.payments);
    Reading(tokio::spawn(async move { payments.get(&ids).await }))
}

/// Payments that are being read.
pub struct Reading(JoinHandle<connectors::Result<Vec<Option<Payment>>>>);

impl Reading {
    /// The payments, in the order of their ids.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn payments(self) -> Result<Vec<Option<Payment>>> {
        Ok(self.0.await.map_err(lost)??)
    }
}

fn lost(error: JoinError) -> Failure {
    Failure::could_not(format!("reading payments stopped ({error})")).remedy("run the same again")
}
