//! A file to the bank while it is being written. Account numbers are opened one at a time, here and
//! nowhere else, and never stay.

use crate::hashing::Hashing;
use crate::parts;
use crate::records::frozen::{Content, FrozenBatch, FrozenHeader};
use desk::Desk;
use desk::failure::{Failure, Result};
use formats::nacha::{
    AddendaSpec, BatchSpec, EntrySpec, FileSpec, ServiceClass, WriteError, Writer, WriterOptions,
};
use formats::tables::AchEntry;
use jiff::civil::Date;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{Direction, RoutingNumber};
use settlement::payment::Sealed;
use std::fs::File;
use std::io::BufWriter;

/// A file that is rendered and has no name yet: it holds account numbers, so nobody can open it,
/// and a kill leaves none.
pub struct Rendered {
    /// Its bytes.
    pub file: File,
    /// What they are.
    pub content: Content,
}

/// What an entry takes of who receives it.
#[derive(Clone, Copy)]
pub struct Receiving<'a> {
    /// The name.
    pub name: &'a str,
    /// Payment related information.
    pub remittance: Option<&'a str>,
    /// The account number.
    pub sealed: &'a Sealed,
}

/// A file that is being written.
pub struct OpenFile(Writer<BufWriter<Hashing>>);

impl OpenFile {
    /// Before its first batch.
    ///
    /// # Errors
    /// Where the header does not fit, or there is no room for temporary files.
    pub fn begin(agreed: &FrozenHeader, date: Date, modifier: char) -> Result<OpenFile> {
        let header = FileSpec {
            destination: &agreed.destination,
            origin: &agreed.origin,
            date,
            time: agreed.time,
            modifier: u8::try_from(modifier).unwrap_or(b'A'),
            destination_name: &agreed.destination_name,
            origin_name: &agreed.origin_name,
            reference: "",
        };
        let line_end = agreed.line_end;
        let sink = Hashing::new(tempfile::tempfile().map_err(not_rendered)?);
        let options = WriterOptions { line_end };
        let writer = Writer::new(BufWriter::new(sink), &header, options).map_err(refused)?;
        Ok(OpenFile(writer))
    }

    /// Begins a batch.
    ///
    /// # Errors
    /// Where a field of it does not fit.
    pub fn begin_batch(&mut self, desk: &Desk, batch: &FrozenBatch) -> Result<()> {
        let service_class = match batch.side {
            _ if batch.offset.is_some() => ServiceClass::Mixed,
            Some(Direction::Credit) => ServiceClass::Credits,
            Some(Direction::Debit) => ServiceClass::Debits,
            None => ServiceClass::Mixed,
        };
        let header = BatchSpec {
            service_class,
            company_name: &batch.company.name,
            discretionary_data: &batch.company.discretionary,
            company_id: &batch.company.id,
            sec: batch.sec,
            description: &batch.description,
            descriptive_date: "",
            effective_date: Some(batch.effective),
            settlement_day: None,
            originator_status: b'1',
            odfi: desk.bank.odfi,
            number: batch.key.number(),
        };
        self.0.begin_batch(&header).map_err(refused)
    }

    /// Writes an entry.
    ///
    /// # Errors
    /// Where its account number does not open, or a field of it does not fit.
    pub async fn entry(
        &mut self,
        desk: &Desk,
        row: &AchEntry<'_>,
        to: Receiving<'_>,
    ) -> Result<()> {
        let id = &row.payment_id;
        let account = desk.ports.vault.open(id, to.sealed).await?;
        let account = std::str::from_utf8(&account)
            .map_err(|_| Failure::damaged(format!("payment {id}: account number is no text")))?;
        let routing = u32::try_from(row.routing)
            .map_err(|_| Failure::damaged(format!("ach_entries: routing of {id} is none")))?;
        let remittance = to.remittance.map(AddendaSpec::Payment);
        let entry = EntrySpec {
            code: transaction_code(row.transaction_code)?,
            rdfi: RoutingNumber::new(routing)?,
            account,
            amount: row.amount.magnitude(),
            id,
            name: to.name,
            discretionary: discretionary(&row.sec),
            trace: parts::trace(row)?,
            addenda: remittance.as_slice(),
        };
        self.0.entry(&entry).map_err(refused)?;
        Ok(())
    }

    /// Ends a batch, with the entry that balances it where the bank wants one.
    ///
    /// # Errors
    /// Where a field of it does not fit.
    pub fn end_batch(&mut self, desk: &Desk, batch: &FrozenBatch) -> Result<()> {
        if let Some(offset) = &batch.offset {
            let account = &desk.bank.account;
            let entry = EntrySpec {
                code: transaction_code(i32::from(offset.code))?,
                rdfi: account.routing,
                account: &account.number,
                amount: offset.amount,
                id: &batch.key.to_string(),
                name: &account.holder,
                discretionary: "",
                trace: offset.trace,
                addenda: &[],
            };
            self.0.entry(&entry).map_err(refused)?;
        }
        self.0.end_batch().map_err(refused)?;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Where there is no room for temporary files.
    pub fn finish(self) -> Result<Rendered> {
        let (sink, _) = self.0.finish().map_err(refused)?;
        let sink = sink.into_inner();
        let (file, content) = sink.map_err(|e| not_rendered(e.into_error()))?.finish();
        Ok(Rendered { file, content })
    }
}

/// A file is rendered in the folder for temporary files.
fn not_rendered(error: std::io::Error) -> Failure {
    let kept = "the file was not made; make room there or set TMPDIR, then run the same again";
    Failure::of_file(&std::env::temp_dir(), kept)(error)
}

/// WEB and TEL need a payment type; every payment here stands for itself: `S`, single.
fn discretionary(sec: &str) -> &'static str {
    if matches!(sec, "WEB" | "TEL") {
        "S"
    } else {
        ""
    }
}

fn transaction_code(code: i32) -> Result<TransactionCode> {
    let code = u8::try_from(code).ok().and_then(TransactionCode::new);
    code.ok_or_else(|| {
        Failure::damaged("ach_entries: an entry has a transaction code that is none")
    })
}

fn refused(error: WriteError) -> Failure {
    Failure::findings(format!("{error}; the file was not written"))
        .remedy("correct what the message names in the bank profile, then run the same again")
}
