//! What a cut has claimed: of each payment what its row and its entry need, in a file without a
//! name, the account number sealed as it is stored, and in memory where it stands there. So a cut
//! holds sixteen bytes for each payment, whatever a receiver is called, and asks the store for it
//! once.

use desk::failure::{Failure, Result};
use serde::{Deserialize, Serialize};
use settlement::foreign;
use settlement::forgetting::{SALT_BYTES, salt};
use settlement::ids::{AccountToken, PaymentId, RoutingNumber};
use settlement::payment::{Payment, Sealed};
use std::cell::RefCell;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;

/// What a row needs of a payment, beside its entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Whose payment.
    pub originator: String,
    /// The receiver's bank.
    pub routing: RoutingNumber,
    /// What stands for the account number.
    pub token: AccountToken,
    /// Who receives.
    pub name: String,
    /// Payment related information.
    pub remittance: Option<String>,
    /// The client's own name for it.
    pub reference: Option<String>,
    /// The salt of what commits to name and remittance.
    pub salt: [u8; SALT_BYTES],
    /// The account number, which the vault opens.
    pub sealed: Sealed,
}

/// How long a payment is in the file: it stands before it.
const LENGTH_BYTES: usize = 4;

/// What is read at once: nearly every payment whole.
const READ_BYTES: usize = 512;

/// The payments that a cut has claimed.
pub struct Claimed {
    file: BufWriter<File>,
    end: u64,
    /// Where each payment begins.
    places: Vec<(PaymentId, u64)>,
    sorted: bool,
    ended: bool,
    /// Whether any has a reference.
    referred: bool,
    buffer: RefCell<Vec<u8>>,
}

impl Claimed {
    /// None yet.
    ///
    /// # Errors
    /// Where there is no room for temporary files.
    pub fn new() -> Result<Claimed> {
        let file = tempfile::tempfile().map_err(no_room)?;
        Ok(Claimed {
            file: BufWriter::new(file),
            end: 0,
            places: Vec::new(),
            sorted: true,
            ended: false,
            referred: false,
            buffer: RefCell::default(),
        })
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// Takes one more.
    ///
    /// # Errors
    /// Where there is no room for temporary files.
    pub fn push(&mut self, payment: Payment) -> Result<()> {
        let id = payment.id;
        let taken = Taken {
            salt: salt(id, &payment.receiver.sealed),
            originator: payment.order.originator,
            routing: payment.receiver.routing,
            token: payment.receiver.token,
            name: payment.receiver.name,
            remittance: payment.remittance,
            reference: payment.reference,
            sealed: payment.receiver.sealed,
        };
        let buffer = self.buffer.get_mut();
        buffer.clear();
        buffer.extend_from_slice(&[0; LENGTH_BYTES]);
        let bytes = postcard::to_extend(&taken, std::mem::take(buffer));
        *buffer = bytes.map_err(|e| Failure::impossible(format!("a claimed payment: {e}")))?;
        let length = u32::try_from(buffer.len()).map_err(|_| too_long(id))?;
        let (before, _) = buffer
            .split_first_chunk_mut::<LENGTH_BYTES>()
            .ok_or_else(|| too_long(id))?;
        *before = length.to_le_bytes();
        self.file.write_all(buffer).map_err(no_room)?;
        self.sorted &= self.places.last().is_none_or(|(last, _)| *last < id);
        self.places.push((id, self.end));
        let end = self.end.checked_add(u64::from(length));
        self.end = end.ok_or_else(|| too_long(id))?;
        self.referred |= taken.reference.is_some();
        Ok(())
    }

    /// Ends the taking: what was taken can be found.
    ///
    /// # Errors
    /// Where there is no room for temporary files.
    pub fn sort(&mut self) -> Result<()> {
        self.file.flush().map_err(no_room)?;
        if !self.sorted {
            self.places.sort_unstable();
        }
        self.places.shrink_to_fit();
        self.ended = true;
        Ok(())
    }

    /// The client's own name for one of them, as a cell: empty where it has none, and `None` where
    /// none of them has.
    pub fn reference(&self, taken: &Taken) -> Option<String> {
        self.referred.then(|| {
            let reference = taken.reference.as_deref().unwrap_or_default();
            foreign::cell(reference).into_owned()
        })
    }

    /// One of them.
    ///
    /// # Errors
    /// Where it cannot be read back, or was not taken.
    pub fn get(&self, id: PaymentId) -> Result<Taken> {
        assert!(
            self.ended,
            "claimed payments are sorted before they are looked for"
        );
        let at = self.places.binary_search_by_key(&id, |(id, _)| *id);
        let place = at.ok().and_then(|at| self.places.get(at));
        let (_, from) = place.ok_or_else(|| {
            Failure::impossible(format!("payment {id}: planned, and not claimed"))
        })?;
        let mut buffer = self.buffer.borrow_mut();
        self.read(*from, READ_BYTES, &mut buffer)?;
        let length = buffer.first_chunk::<LENGTH_BYTES>();
        let length = length.map_or(0, |length| u32::from_le_bytes(*length) as usize);
        if length > buffer.len() {
            self.read(*from, length, &mut buffer)?;
        }
        let bytes = buffer.get(LENGTH_BYTES..length).unwrap_or_default();
        postcard::from_bytes(bytes)
            .map_err(|e| Failure::impossible(format!("payment {id}, as it was claimed: {e}")))
    }

    /// The bytes from `from` on, `most` of them where there are as many.
    fn read(&self, from: u64, most: usize, buffer: &mut Vec<u8>) -> Result<()> {
        let left = self
            .end
            .checked_sub(from)
            .and_then(|left| usize::try_from(left).ok());
        buffer.resize(left.map_or(most, |left| left.min(most)), 0);
        let read = self.file.get_ref().read_exact_at(buffer, from);
        read.map_err(no_room)
    }
}

/// The file is in the folder for temporary files.
fn no_room(error: std::io::Error) -> Failure {
    let kept = "nothing was frozen; make room there or set TMPDIR, then run the same again";
    Failure::of_file(&std::env::temp_dir(), kept)(error)
}

fn too_long(id: PaymentId) -> Failure {
    Failure::impossible(format!("payment {id}: more than a file can hold"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors_conformance::sample_payment;

    #[test]
    fn what_was_taken_is_found_whatever_the_order() {
        let mut claimed = Claimed::new().unwrap();
        for number in [5, 3, 9, 1] {
            let mut payment = sample_payment(number);
            if number == 3 {
                payment.remittance = Some("x".repeat(2 * READ_BYTES));
            }
            claimed.push(payment).unwrap();
        }
        claimed.sort().unwrap();
        assert_eq!(claimed.len(), 4);
        for number in [1, 3, 5, 9] {
            let payment = sample_payment(number);
            let found = claimed.get(payment.id).unwrap();
            let receiver = payment.receiver;
            assert_eq!(
                (found.name, found.token, found.sealed),
                (receiver.name, receiver.token, receiver.sealed)
            );
        }
        assert!(claimed.get(sample_payment(2).id).is_err());
    }
}
