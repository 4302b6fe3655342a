//! The parts of the table `names`: who receives the entries of a cut. They are the one kind of
//! part of which rows may be taken away, so what stands there is not held against the hash of what
//! was written but row by row against what the entries commit to.

use crate::new_part::Ended;
use crate::parts::{self, torn};
use crate::records::forgotten::ForgottenFact;
use crate::records::frozen::FrozenCut;
use crate::records::part::Part;
use crate::records::{self, Read, Source};
use bytes::Bytes;
use connectors::{Error, Name, ObjectStore};
use desk::failure::{Failure, Result};
use desk::names;
use desk::records::RESTORE;
use formats::tables::{self, AchEntries, AchEntry, ReceiverName, ReceiverNames};
use settlement::archive::{Hash256, sha256};
use settlement::exact::Exact;
use settlement::forgetting::{Customer, commitment};
use settlement::ids::PaymentId;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _};

/// Bytes of a part for each of its rows, at most: names, texts and salts are short.
const ROW_BYTES: u64 = 1 << 10;

/// Bytes of a part without rows, at most.
const EMPTY_BYTES: u64 = 1 << 16;

/// Everybody who was forgotten.
#[derive(Debug, Default)]
pub struct Register {
    /// By customer: the newest payment that was forgotten.
    until: BTreeMap<Customer, PaymentId>,
    /// The newest fact's number.
    pub newest: u32,
    /// The newest fact.
    pub source: Option<Source>,
}

impl Register {
    /// Reads the chain of the forgotten.
    ///
    /// # Errors
    /// Where a fact is missing, or not as it was written.
    pub async fn read(objects: &dyn ObjectStore) -> Result<Register> {
        let mut register = Register::default();
        let listed = objects.list(names::FORGOTTEN_PREFIX).await?;
        for (name, number) in listed.iter().zip(1u32..) {
            let expected = names::forgotten(number);
            if *name != expected {
                let why = format!("{expected}: gone, or {name} is none of ours");
                return Err(Failure::findings(why).remedy(RESTORE));
            }
            let Some(read) = records::read::<ForgottenFact>(objects, name).await? else {
                continue;
            };
            register.take(name, read)?;
        }
        Ok(register)
    }

    fn take(&mut self, name: &Name, read: Read<ForgottenFact>) -> Result<()> {
        let Read { record, source } = read;
        if record.previous != self.source || record.number != self.newest.plus(1) {
            let why = format!("{name}: it is not the one that follows in its chain");
            return Err(Failure::findings(why).remedy(RESTORE));
        }
        let until = self.until.entry(record.customer).or_insert(record.until);
        *until = record.until.max(*until);
        self.newest = record.number;
        self.source = Some(source);
        Ok(())
    }

    /// The newest payment of a customer that was forgotten.
    pub fn until(&self, customer: &Customer) -> Option<PaymentId> {
        self.until.get(customer).copied()
    }

    fn has(&self, entry: &AchEntry<'_>) -> Result<bool> {
        let customer = Customer {
            originator: entry.originator.to_string(),
            token: entry.account_token.to_string(),
        };
        let payment = PaymentId::from_key(entry.payment_key)?;
        Ok(self.until(&customer).is_some_and(|until| payment <= until))
    }
}

/// Stores the part of a cut that is about to be frozen, in place of what a run of it that was
/// killed has left; of one that was frozen before, and has lost its record, nothing is replaced.
///
/// # Errors
/// Where the store does not take it, or other names stand there.
pub async fn put(
    objects: &dyn ObjectStore,
    name: Name,
    names: Ended,
    was_frozen: bool,
) -> Result<Part> {
    let there = objects.head(&name).await?;
    let other = there.filter(|meta| Hash256::from_bytes(meta.sha256) != names.content.sha256);
    if was_frozen || other.is_none() {
        return names.put(objects, name).await;
    }
    let part = names.stored(&name);
    let bytes = read_back(names.file).map_err(no_room)?;
    replace(objects, &name, bytes).await?;
    Ok(part)
}

/// What stands in a file that was just written.
fn read_back(mut file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn no_room(error: std::io::Error) -> Failure {
    let kept = "nothing was frozen; make room there or set TMPDIR, then run the same again";
    Failure::of_file(&std::env::temp_dir(), kept)(error)
}

/// Lets the object called `name` have these bytes.
async fn replace(objects: &dyn ObjectStore, name: &Name, bytes: Vec<u8>) -> Result<()> {
    let there = objects.head(name).await?;
    let same = |meta: &connectors::Meta| Hash256::from_bytes(meta.sha256) == sha256(&bytes);
    if there.as_ref().is_some_and(same) {
        return Ok(());
    }
    let tag = there.map(|meta| meta.etag);
    objects
        .put_if_match(name, tag.as_deref(), bytes.into())
        .await?;
    Ok(())
}

/// The part as it stands.
async fn body(objects: &dyn ObjectStore, part: &Part) -> Result<Bytes> {
    let name = &part.name;
    let gone = || Failure::findings(format!("{name}: gone, and its cut names it")).remedy(RESTORE);
    let size = objects.size(name).await?.ok_or_else(gone)?;
    let room = part.rows.checked_mul(ROW_BYTES);
    let room = room.and_then(|room| room.checked_add(EMPTY_BYTES));
    if room.is_none_or(|room| size > room) {
        let why = format!("{name}: larger than a part of as many rows can be");
        return Err(Failure::findings(why).remedy(RESTORE));
    }
    match objects.get_large(name).await {
        Ok(object) => Ok(object.body),
        Err(Error::NotFound { .. }) => Err(gone()),
        Err(error) => Err(error.into()),
    }
}

/// What was found of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Rows that are what the entries commit to.
    pub rows: u64,
    /// Rows that were forgotten.
    pub forgotten: u64,
}

/// Proves the names of a cut: each row is what its entry commits to, and each row that is missing
/// is of a customer who was forgotten.
///
/// # Errors
/// With the first thing that is not so.
pub async fn prove(objects: &dyn ObjectStore, cut: &FrozenCut, all: &Register) -> Result<Held> {
    let mut held = Held {
        rows: 0,
        forgotten: 0,
    };
    let (Some(part), Some(entries)) = (&cut.names, &cut.entries) else {
        return Ok(held);
    };
    let body = body(objects, part).await?;
    let found = sha256(&body);
    let rows = tables::read::<ReceiverNames>(body, &part.name);
    let mut rows = rows.map_err(torn)?;
    let entries = parts::read::<AchEntries>(objects, entries).await?;
    let mut next = rows.next().transpose().map_err(torn)?;
    for entry in entries {
        let entry = entry.map_err(torn)?;
        match &next {
            Some(row) if (row.trace, row.payment_key) == (entry.trace, entry.payment_key) => {
                hold(part, &entry, row)?;
                held.rows = held.rows.plus(1);
                next = rows.next().transpose().map_err(torn)?;
            }
            _ if all.has(&entry)? => held.forgotten = held.forgotten.plus(1),
            _ => {
                let id = &entry.payment_id;
                return Err(edited(part, &format!("the row of payment {id} is gone")));
            }
        }
    }
    match next {
        // Nobody is missing: then it is the part that was written, to the bit.
        None if held.forgotten == 0 => part.hold(found).map(|()| held),
        None => Ok(held),
        Some(_) => Err(edited(part, "a row is of no entry, or not in its place")),
    }
}

/// Holds a row against what its entry commits to.
fn hold(part: &Part, entry: &AchEntry<'_>, row: &ReceiverName<'_>) -> Result<()> {
    let id = PaymentId::from_key(row.payment_key)?;
    let salt = unhex(&row.salt);
    let found = salt.map(|salt| {
        commitment(id, &salt, &row.individual_name, row.remittance.as_deref()).to_string()
    });
    let same = found.as_deref() == entry.name_commitment.as_deref()
        && row.payment_id == entry.payment_id
        && row.cut_date == entry.cut_date
        && row.originator == entry.originator
        && row.account_token == entry.account_token;
    match same && found.is_some() {
        true => Ok(()),
        false => Err(edited(
            part,
            &format!("the row of payment {id} is not what its entry commits to"),
        )),
    }
}

fn edited(part: &Part, why: &str) -> Failure {
    let name = &part.name;
    Failure::findings(format!(
        "{name}: {why}: it is not the part that was written"
    ))
    .remedy(RESTORE)
}

/// Takes the rows of a customer, up to a payment, out of the names of a cut, and answers how many
/// those were.
///
/// # Errors
/// Where what stands there is not what was written, or the store does not take it.
pub async fn without(
    objects: &dyn ObjectStore,
    cut: &FrozenCut,
    all: &Register,
    customer: &Customer,
    until: PaymentId,
) -> Result<u64> {
    prove(objects, cut, all).await?;
    let Some(part) = &cut.names else { return Ok(0) };
    let rows = tables::read::<ReceiverNames>(body(objects, part).await?, &part.name);
    let (mut kept, mut gone) = (Vec::new(), 0u64);
    for row in rows.map_err(torn)? {
        let row = row.map_err(torn)?;
        let theirs = row.originator == customer.originator
            && row.account_token == customer.token
            && PaymentId::from_key(row.payment_key)? <= until;
        match theirs {
            true => gone = gone.plus(1),
            false => kept.push(row),
        }
    }
    if gone > 0 {
        let (bytes, _) = tables::to_bytes::<ReceiverNames>(kept).map_err(torn)?;
        replace(objects, &part.name, bytes).await?;
    }
    Ok(gone)
}

/// The rows of a customer in the names of a cut.
///
/// # Errors
/// Where what stands there cannot be read.
pub async fn of_customer(
    objects: &dyn ObjectStore,
    part: &Part,
    customer: &Customer,
) -> Result<Vec<ReceiverName<'static>>> {
    let rows = tables::read::<ReceiverNames>(body(objects, part).await?, &part.name);
    let mut theirs = Vec::new();
    for row in rows.map_err(torn)? {
        let row = row.map_err(torn)?;
        if row.originator == customer.originator && row.account_token == customer.token {
            theirs.push(row);
        }
    }
    Ok(theirs)
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|two| {
        let two = std::str::from_utf8(two).ok().filter(|two| two.len() == 2)?;
        u8::from_str_radix(two, 16).ok()
    });
    digits.collect()
}
