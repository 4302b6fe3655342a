//! What a cut has claimed: of each payment what its row needs, in a file without a name, and in
//! memory where it stands there. So a cut holds some forty bytes for each payment, whatever a
//! receiver is called.

use desk::failure::{Failure, Result};
use serde::{Deserialize, Serialize};
use settlement::foreign;
use settlement::forgetting::{SALT_BYTES, salt};
use settlement::ids::{AccountToken, PaymentId, RoutingNumber};
use settlement::payment::Payment;
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
}

/// The payments that a cut has claimed.
pub struct Claimed {
    file: BufWriter<File>,
    end: u64,
    /// Where each payment begins, and how long it is.
    places: Vec<(PaymentId, u64, u32)>,
    sorted: bool,
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
        let taken = Taken {
            salt: salt(payment.id, &payment.receiver.sealed),
            originator: payment.order.originator,
            routing: payment.receiver.routing,
            token: payment.receiver.token,
            name: payment.receiver.name,
            remittance: payment.remittance,
            reference: payment.reference,
        };
        let buffer = self.buffer.get_mut();
        buffer.clear();
        let bytes = postcard::to_extend(&taken, std::mem::take(buffer));
        *buffer = bytes.map_err(|e| Failure::impossible(format!("a claimed payment: {e}")))?;
        self.file.write_all(buffer).map_err(no_room)?;
        let length = u32::try_from(buffer.len()).map_err(|_| too_long(payment.id))?;
        self.places.push((payment.id, self.end, length));
        self.end = self
            .end
            .checked_add(u64::from(length))
            .ok_or_else(|| too_long(payment.id))?;
        self.sorted = false;
        self.referred |= taken.reference.is_some();
        Ok(())
    }

    /// Ends the taking: what was taken can be found.
    ///
    /// # Errors
    /// Where there is no room for temporary files.
    pub fn sort(&mut self) -> Result<()> {
        self.file.flush().map_err(no_room)?;
        self.places.sort_unstable();
        self.sorted = true;
        Ok(())
    }

    /// The client's own name for one of them, as a cell: empty where it has none, and `None` where
    /// none of them has.
    ///
    /// # Errors
    /// As [`Claimed::get`].
    pub fn reference(&self, id: PaymentId) -> Result<Option<String>> {
        match self.referred {
            true => {
                let reference = self.get(id)?.reference.unwrap_or_default();
                Ok(Some(foreign::cell(&reference).into_owned()))
            }
            false => Ok(None),
        }
    }

    /// One of them.
    ///
    /// # Errors
    /// Where it cannot be read back, or was not taken.
    pub fn get(&self, id: PaymentId) -> Result<Taken> {
        assert!(
            self.sorted,
            "claimed payments are sorted before they are looked for"
        );
        let at = self.places.binary_search_by_key(&id, |(id, ..)| *id);
        let place = at.ok().and_then(|at| self.places.get(at));
        let (_, from, length) = place.ok_or_else(|| {
            Failure::impossible(format!("payment {id}: planned, and not claimed"))
        })?;
        let mut buffer = self.buffer.borrow_mut();
        buffer.resize(*length as usize, 0);
        self.file
            .get_ref()
            .read_exact_at(&mut buffer, *from)
            .map_err(no_room)?;
        postcard::from_bytes(&buffer)
            .map_err(|e| Failure::impossible(format!("payment {id}, as it was claimed: {e}")))
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
    use connectors::conformance::sample_payment;

    #[test]
    fn what_was_taken_is_found_whatever_the_order() {
        let mut claimed = Claimed::new().unwrap();
        for number in [5, 3, 9, 1] {
            claimed.push(sample_payment(number)).unwrap();
        }
        claimed.sort().unwrap();
        assert_eq!(claimed.len(), 4);
        for number in [1, 3, 5, 9] {
            let payment = sample_payment(number);
            let found = claimed.get(payment.id).unwrap();
            assert_eq!(
                (found.name, found.token),
                (payment.receiver.name, payment.receiver.token)
            );
        }
        assert!(claimed.get(sample_payment(2).id).is_err());
    }
}
