//! From a checked request to a payment in the store: what the online path does for each request,
//! and an import or a demonstration for many.

use crate::Desk;
use crate::failure::Result;
use connectors::NewRecord;
use jiff::Timestamp;
use settlement::authorize::Checked;
use settlement::ids::{PaymentId, RoutingNumber};
use settlement::windows::business_date;

/// A request that passed every check.
#[derive(Clone, Debug)]
pub struct Authorized {
    /// The payment's id.
    pub id: PaymentId,
    /// When it was asked for; its business date follows from the bank's standard cutoff.
    pub created_at: Timestamp,
    /// What was checked.
    pub checked: Checked,
    /// The receiver's bank.
    pub routing: RoutingNumber,
    /// The client's name for the request.
    pub idempotency_key: String,
    /// SHA-256 of the request: a repeated request has the same, a key used twice another.
    pub request_hash: [u8; 32],
}

/// The record of a payment at the bank of this desk, whose account number is sealed: from here on
/// it is nowhere in clear.
///
/// # Errors
/// Where the vault does not answer.
pub async fn record(desk: &Desk, authorized: Authorized, account: &str) -> Result<NewRecord> {
    let Authorized { id, created_at, .. } = authorized;
    let vault = &desk.ports.vault;
    let sealed = vault.seal(&id.to_string(), account.as_bytes()).await?;
    let token = vault.token(authorized.routing, account).await?;
    let mut payment = authorized
        .checked
        .into_payment(id, created_at, token, sealed);
    payment.bank.clone_from(&desk.place);
    Ok(NewRecord {
        payment,
        idempotency_key: authorized.idempotency_key,
        request_hash: authorized.request_hash,
        date: business_date(created_at, desk.bank.cutoffs.standard),
    })
}
