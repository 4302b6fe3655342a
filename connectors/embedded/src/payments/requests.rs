//! Requests as they are remembered: a payment, and the hash of what was asked.

use super::keyspaces::damaged;
use connectors::Result;
use settlement::ids::PaymentId;

/// The payment and the request's hash behind an idempotency key.
pub fn request(bytes: &[u8]) -> Result<(PaymentId, [u8; 32])> {
    let (id, hash) = bytes
        .split_first_chunk::<8>()
        .ok_or_else(|| damaged("a request"))?;
    let id = PaymentId::from_key(i64::from_be_bytes(*id)).map_err(|_| damaged("a request"))?;
    Ok((id, hash.try_into().map_err(|_| damaged("a request"))?))
}

/// The record of a request.
pub fn of_request(id: PaymentId, hash: &[u8; 32]) -> Vec<u8> {
    [&id.key().to_be_bytes()[..], &hash[..]].concat()
}
