//! An event, from its key and its record.

use super::keyspaces::STORE;
use super::{keys, records};
use connectors::{Error, Result};
use settlement::payment::PaymentEvent;

/// The event under a key of its own bank.
pub fn event(key: &[u8], value: &[u8]) -> Result<PaymentEvent> {
    let parts = keys::event_parts(key);
    let (date, id, version) = parts.ok_or_else(|| Error::corrupt(STORE, "an event's key"))?;
    records::event(date, id, version, value)
}
