//! A return file as bytes.
//!
//! A return repeats its batch header and entry but for what the rules change: the
//! originating bank is the one that received the original, the receiving bank is ours, the
//! transaction code is that of a return, the trace is a new one, and the addenda says why.

use super::{
    Bank, BankError, OutFile,
    notice::Notice,
    sent::{Entry, Header, Reason},
};
use formats::nacha::{
    AddendaSpec, BatchSpec, Earlier, EntrySpec, FileSpec, ServiceClass, WriteError, Writer,
    WriterOptions,
};
use jiff::civil::{Date, time};
use settlement::{
    codes::{returns::ReturnCode, sec::SecCode, transactions::TransactionCode},
    ids::{BadId, DfiId, TraceNumber},
    money::Cents,
};

impl Bank {
    /// One file of returns and notifications, with the traces their banks gave them.
    pub(super) fn return_file(
        &self,
        morning: Date,
        modifier: u8,
        notices: &[(&Notice, u64)],
    ) -> Result<OutFile, BankError> {
        let bytes = self.render(morning, modifier, notices);
        let bytes = bytes.map_err(|Unwritable(why)| BankError {
            what: "return file",
            why,
        })?;
        let letter = char::from(modifier);
        Ok(OutFile {
            name: match self.habits.one_name {
                true => format!("returns-{letter}.ach"),
                false => format!("{morning}-0630-returns-{letter}.ach"),
            },
            bytes,
        })
    }

    fn render(
        &self,
        morning: Date,
        modifier: u8,
        notices: &[(&Notice, u64)],
    ) -> Result<Vec<u8>, Unwritable> {
        let bank = self.terms.bank.to_string();
        let file = FileSpec {
            destination: self.terms.customer.trim(),
            origin: &bank,
            date: morning,
            time: time(6, 30, 0, 0),
            modifier,
            destination_name: &self.terms.customer_name,
            origin_name: &self.terms.bank_name,
            reference: "",
        };
        let mut writer = Writer::new(Vec::new(), &file, WriterOptions::default())?;
        let groups = notices.chunk_by(|a, b| a.0.group() == b.0.group());
        for (group, number) in groups.zip(1..) {
            self.batch(&mut writer, morning, number, group)?;
        }
        Ok(writer.finish()?.0)
    }

    fn batch(
        &self,
        writer: &mut Writer<Vec<u8>>,
        morning: Date,
        number: u32,
        group: &[(&Notice, u64)],
    ) -> Result<(), Unwritable> {
        let Some((first, _)) = group.first() else {
            return Ok(());
        };
        let header = batch_header(first, number, class(group))?;
        let settled = morning.day_of_year().unsigned_abs();
        let settlement_day = (!self.habits.undated).then_some(settled);
        writer.begin_batch(&BatchSpec {
            settlement_day,
            ..header
        })?;
        for (notice, trace) in group {
            self.notice(writer, notice, *trace)?;
        }
        writer.end_batch()?;
        Ok(())
    }

    fn notice(
        &self,
        writer: &mut Writer<Vec<u8>>,
        notice: &Notice,
        trace: u64,
    ) -> Result<(), Unwritable> {
        let entry = &notice.entry;
        let original_trace = TraceNumber::from_number(notice.original_trace())?;
        let original_rdfi = DfiId::new(entry.rdfi)?;
        let (number, corrected_data);
        let (amount, addenda) = match notice.reason {
            Reason::Return(code) => {
                number = format!("R{code:02}");
                let code = ReturnCode::from_bytes(number.as_bytes());
                let code = code.ok_or(Unwritable("a return code is not R and digits".into()))?;
                let why = returned(notice, code, original_trace, original_rdfi)?;
                (entry.cents, why)
            }
            Reason::Change(code) => {
                (number, corrected_data) = (format!("C{code:02}"), self.corrected(entry, code));
                let (code, corrected_data) = (number.as_str(), corrected_data.as_str());
                let what = AddendaSpec::Noc {
                    code,
                    original_trace,
                    original_rdfi,
                    corrected_data,
                };
                (0, what)
            }
        };
        let code = TransactionCode::try_from(entry.return_code());
        let code = code.map_err(|_| Unwritable("a transaction code has no return".into()))?;
        writer.entry(&EntrySpec {
            code,
            rdfi: self.terms.odfi.routing_number(),
            account: entry.account.trim_end(),
            amount: Cents::new(amount),
            id: entry.individual_id.trim_end(),
            name: entry.name.trim_end(),
            discretionary: entry.discretionary.trim_end(),
            trace: TraceNumber::from_number(trace)?,
            addenda: &[addenda],
        })?;
        Ok(())
    }
}

/// Why an entry comes back, or what disputes that it did.
fn returned(
    notice: &Notice,
    code: ReturnCode,
    original_trace: TraceNumber,
    original_rdfi: DfiId,
) -> Result<AddendaSpec<'static>, Unwritable> {
    let information = "";
    if !notice.is_dispute() {
        return Ok(AddendaSpec::Return {
            code,
            original_trace,
            original_rdfi,
            date_of_death: None,
            information,
        });
    }
    let day = notice.header.effective;
    let earlier = |code: &[u8]| {
        let code = ReturnCode::from_bytes(code);
        let code = code.ok_or(Unwritable("a return code is not R and digits".into()))?;
        Ok::<_, Unwritable>(Earlier {
            trace: original_trace,
            settlement_day: day.day_of_year().unsigned_abs(),
            code,
        })
    };
    let returned = earlier(b"R01")?;
    Ok(match notice.is_dishonored() {
        true => AddendaSpec::Dishonored {
            code,
            original_trace,
            original_rdfi,
            returned,
            information,
        },
        false => AddendaSpec::Contested {
            code,
            original_trace,
            original_rdfi,
            timely: Some((day, day.day_of_year().unsigned_abs())),
            returned,
            dishonored: earlier(b"R68")?,
        },
    })
}

fn batch_header<'a>(
    first: &'a Notice,
    number: u32,
    service_class: ServiceClass,
) -> Result<BatchSpec<'a>, BadId> {
    let header: &Header = &first.header;
    Ok(BatchSpec {
        service_class,
        company_name: header.company_name.trim_end(),
        discretionary_data: header.discretionary.trim_end(),
        company_id: header.company_id.trim_end(),
        sec: if first.is_return() {
            header.sec
        } else {
            SecCode::Cor
        },
        description: header.description.trim_end(),
        descriptive_date: header.descriptive_date.trim_end(),
        effective_date: Some(header.effective),
        settlement_day: None,
        originator_status: b'1',
        odfi: DfiId::new(first.entry.rdfi)?,
        number,
    })
}

fn class(group: &[(&Notice, u64)]) -> ServiceClass {
    let debits = group
        .iter()
        .filter(|(notice, _)| Entry::is_debit(&notice.entry))
        .count();
    match debits {
        0 => ServiceClass::Credits,
        n if n == group.len() => ServiceClass::Debits,
        _ => ServiceClass::Mixed,
    }
}

/// What the writer or a name refused.
struct Unwritable(String);

impl From<WriteError> for Unwritable {
    fn from(why: WriteError) -> Unwritable {
        Unwritable(why.to_string())
    }
}

impl From<BadId> for Unwritable {
    fn from(why: BadId) -> Unwritable {
        Unwritable(why.to_string())
    }
}
