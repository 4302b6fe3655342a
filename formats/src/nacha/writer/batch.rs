//! The batch that is being written: what may stand in it, and how much.

use crate::nacha::check::{HASH_MODULUS, Tally, code_fits, direction_fits};
use crate::nacha::layout::{self, WIDTH};
use crate::nacha::writer::columns::put_all;
use crate::nacha::writer::entry::Columns;
use crate::nacha::writer::error::WriteError;
use crate::nacha::writer::spec::{EntrySpec, ServiceClass, WrittenBatch};
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::{Purpose, TransactionCode};
use settlement::ids::Direction;
use settlement::money::Cents;

/// What the columns of a count or a total hold at most. Appendix Three.
pub(super) const MAX_BATCH_COUNT: u64 = 999_999;
pub(super) const MAX_FILE_COUNT: u64 = 99_999_999;
const MAX_TOTAL: u64 = 999_999_999_999;
/// Totals of advices have 20 columns; this is what an amount is counted in holds.
const MAX_ADVICES: u64 = i64::MAX.unsigned_abs();
const MAX_AMOUNT: u64 = 9_999_999_999;

/// The batch that is being written.
pub(super) struct OpenBatch {
    pub sec: SecCode,
    pub class: ServiceClass,
    pub tally: Tally,
    /// The columns the control repeats: company identification, originating bank and number.
    pub company_id: [u8; 10],
    pub tail: [u8; 15],
    pub odfi: u64,
    pub number: u32,
    pub last_trace: Option<u64>,
    pub entries: u64,
    /// The batch takes entries back, against its class's direction.
    pub reversal: bool,
    pub columns: Columns,
}

impl OpenBatch {
    /// The record that ends the batch.
    pub fn control(&self) -> Result<[u8; WIDTH], WriteError> {
        let advices = self.sec == SecCode::Adv;
        let layout = if advices {
            layout::BATCH_CONTROL_ADV
        } else {
            layout::BATCH_CONTROL
        };
        let mut text = [b' '; WIDTH];
        let fields = [
            ("service_class_code", self.class.code()),
            ("entry_addenda_count", self.tally.count),
            ("entry_hash", self.tally.hash % HASH_MODULUS),
            ("total_debit_amount", self.tally.debit),
            ("total_credit_amount", self.tally.credit),
        ];
        text[0] = b'8';
        put_all(&mut text, layout, &fields)?;
        if !advices {
            text[44..54].copy_from_slice(&self.company_id);
        }
        text[79..94].copy_from_slice(&self.tail);
        Ok(text)
    }

    /// What the batch came to.
    pub fn written(&self) -> WrittenBatch {
        WrittenBatch {
            number: self.number,
            entry_addenda_count: self.tally.count,
            entry_hash: self.tally.hash % HASH_MODULUS,
            debit: Cents::new(self.tally.debit),
            credit: Cents::new(self.tally.credit),
        }
    }

    /// Whether the entry may stand here; gives the last eight digits of its trace.
    #[inline(always)]
    pub fn accepts(&self, entry: &EntrySpec<'_>) -> Result<u64, WriteError> {
        let row = entry.code.row();
        self.class_fits(entry.code)?;
        if !code_fits(row, self.sec) || !(self.reversal || direction_fits(row, self.sec)) {
            return Err(WriteError::field(
                "transaction_code",
                "the entry class does not allow it",
            ));
        }
        let amount = entry.amount.get();
        let wrong = match row.purpose {
            Purpose::Live => amount == 0,
            Purpose::Prenote | Purpose::ZeroDollar | Purpose::Reserved => amount != 0,
            Purpose::ReturnOrNoc => self.sec == SecCode::Cor && amount != 0,
            Purpose::Advice => false,
        };
        if wrong {
            return Err(WriteError::field(
                "amount",
                "must be zero for prenotes, zero-dollar entries and notices, and only for them",
            ));
        }
        let limit = self.sec.rule().limit_cents;
        let live = row.purpose == Purpose::Live;
        if amount > MAX_AMOUNT || (live && amount > limit) {
            return Err(WriteError::field(
                "amount",
                "is above what the entry class allows",
            ));
        }
        if row.purpose == Purpose::ReturnOrNoc && entry.addenda.len() != 1 {
            return Err(WriteError::field(
                "addenda",
                "a return or notification of change has exactly one",
            ));
        }
        let most = usize::from(self.sec.rule().max_addenda).max(1);
        if entry.addenda.len() > most {
            return Err(WriteError::field(
                "addenda",
                "more than the entry class allows",
            ));
        }
        self.ascends(entry.trace.get())
    }

    /// Whether the code goes the way of the batch's service class.
    #[inline(always)]
    pub fn class_fits(&self, code: TransactionCode) -> Result<(), WriteError> {
        let credit = code.direction() == Direction::Credit;
        match self.class {
            ServiceClass::Credits if !credit => Err(AGAINST_CLASS),
            ServiceClass::Debits if credit => Err(AGAINST_CLASS),
            _ => Ok(()),
        }
    }

    /// Whether the trace is above the last one; gives its last eight digits.
    #[inline(always)]
    pub fn ascends(&self, trace: u64) -> Result<u64, WriteError> {
        let tail = trace % 100_000_000;
        if self.last_trace.is_some_and(|last| tail <= last) {
            return Err(WriteError::field(
                "trace_number",
                "must ascend in the batch",
            ));
        }
        Ok(tail)
    }
}

const AGAINST_CLASS: WriteError =
    WriteError::field("transaction_code", "goes against the batch's service class");

/// More money than a file holds.
pub(super) const OUTGROWN: WriteError =
    WriteError::Full("a total outgrows its columns: begin another file");

/// Whether the sums still fit their columns.
#[inline(always)]
pub(super) fn room(tally: &Tally, most: u64, sec: SecCode) -> Result<(), WriteError> {
    if tally.count > most {
        return Err(WriteError::Full(
            "the entry and addenda count does not fit its columns",
        ));
    }
    let cents = if sec == SecCode::Adv {
        MAX_ADVICES
    } else {
        MAX_TOTAL
    };
    if tally.overflown || tally.debit > cents || tally.credit > cents {
        return Err(OUTGROWN);
    }
    Ok(())
}
