//! Where a payment's request came from: behind what was accepted of it, where that is known.
//!
//! Records of before end there, and what came from nowhere that is known is written as they are.

use super::keyspaces::{STORE, damaged};
use connectors::{Error, Result};
use settlement::payment::{Accepted, CameFrom};

/// What was accepted, of the bytes behind an order.
pub fn read(behind: &[u8]) -> Result<Option<Box<Accepted>>> {
    let wrong = |e| {
        damaged(&format!(
            "what was accepted of a payment cannot be read: {e}"
        ))
    };
    let (mut accepted, rest): (Option<Box<Accepted>>, _) =
        postcard::take_from_bytes(behind).map_err(wrong)?;
    if let (Some(accepted), false) = (&mut accepted, rest.is_empty()) {
        accepted.from = postcard::from_bytes(rest).map_err(wrong)?;
    }
    Ok(accepted)
}

/// The bytes of an order, and of where it came from.
pub fn append(bytes: Vec<u8>, accepted: Option<&Accepted>) -> Result<Vec<u8>> {
    let from = accepted.map(|accepted| accepted.from);
    match from.filter(|from| *from != CameFrom::default()) {
        None => Ok(bytes),
        Some(from) => postcard::to_extend(&from, bytes)
            .map_err(|e| Error::invalid(STORE, format!("an order cannot be written: {e}"))),
    }
}
