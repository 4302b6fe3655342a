//! What payments and indexes are called where they cannot be read.

use super::keyspaces::Keyspaces;
use super::records::PaymentRecord;
use connectors::{Index, Result};
use settlement::ids::PaymentId;
use std::fmt;

/// The record of `id`, which must be about it; `order` gives the bytes of its order.
pub fn read_record<B: AsRef<[u8]>>(
    all: &Keyspaces,
    id: PaymentId,
    bytes: &[u8],
    order: impl FnOnce() -> fjall::Result<Option<B>>,
) -> Result<PaymentRecord> {
    let order = || order().map_err(|e| all.failed(name(id), &e));
    let read = PaymentRecord::read(bytes, order).map_err(|e| all.named(name(id), e))?;
    if read.payment.id != id {
        let why = "another payment stands in its place";
        return Err(all.contradicts(name(id), why));
    }
    Ok(read)
}

/// What a payment is called.
pub fn name(id: PaymentId) -> String {
    format!("payment {id}")
}

/// What an index is called where it cannot be read.
pub fn index_name(index: &Index) -> String {
    match index {
        Index::Ready { .. } => "index of payments that wait to be cut".to_owned(),
        Index::Claimed(Some(cut)) => format!("index of the cut {}", cut.0),
        Index::Claimed(None) => "index of the cuts".to_owned(),
        Index::Apart(batch) => format!("index of the batch {batch}"),
        Index::All => "payments".to_owned(),
    }
}

/// A place in something that is read in the order of payments.
pub struct Near(pub String, pub Option<PaymentId>);

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Near(what, None) => write!(f, "{what}, at its start"),
            Near(what, Some(before)) => write!(f, "{what}, behind payment {before}"),
        }
    }
}
