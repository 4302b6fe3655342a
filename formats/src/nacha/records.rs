//! Typed views of the records: borrowed, without copying, a name for each field.
//!
//! A view does not judge. A number that is not digits is `None`, a text is given as it stands
//! with the blanks around it gone; what is wrong with it has been found by the reader already.

use crate::nacha::digits::{is_blank, number};
use crate::nacha::layout::{self, Layout, WIDTH};
use jiff::civil::Date;
use settlement::codes::returns::ReturnCode;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{DfiId, TraceNumber};
use settlement::money::Cents;
use std::borrow::Cow;

/// A text of the file: ASCII as it is, any other byte as its Latin-1 character.
pub fn latin(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect()),
    }
}

/// A date `YYMMDD` of this century.
pub fn date(field: &[u8]) -> Option<Date> {
    let (y, m, d) = (
        number(field.get(0..2)?)?,
        number(field.get(2..4)?)?,
        number(field.get(4..)?)?,
    );
    let year = i16::try_from(y).ok()?.checked_add(2000)?;
    Date::new(year, i8::try_from(m).ok()?, i8::try_from(d).ok()?).ok()
}

macro_rules! view {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'a> {
            text: &'a [u8; WIDTH],
            layout: &'static Layout,
        }

        impl<'a> $name<'a> {
            pub(crate) const fn new(text: &'a [u8; WIDTH], layout: &'static Layout) -> $name<'a> {
                $name { text, layout }
            }

            /// The record's 94 columns.
            pub const fn text(&self) -> &'a [u8; WIDTH] {
                self.text
            }

            /// The record's layout.
            pub const fn layout(&self) -> &'static Layout {
                self.layout
            }

            /// The columns of the field of that name, blanks and all.
            pub fn field(&self, name: &str) -> Option<&'a [u8]> {
                self.layout.field(name).map(|f| f.value(self.text))
            }

            /// The text of the field of that name without the blanks around it; empty where the
            /// record has no such field.
            pub fn words(&self, name: &str) -> Cow<'a, str> {
                latin(self.field(name).unwrap_or(&[]).trim_ascii())
            }

            /// The number in the field of that name.
            pub fn number(&self, name: &str) -> Option<u64> {
                self.field(name).and_then(number)
            }

            #[allow(dead_code)] // not every view has columns of its own
            fn at(&self, columns: (usize, usize)) -> &'a [u8] {
                self.text.get(columns.0..columns.1).unwrap_or(&[])
            }
        }

        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.layout.id)
            }
        }
    };
}

view!(
    /// A file header, record type 1.
    FileHeader
);
view!(
    /// A batch header, record type 5.
    BatchHeader
);
view!(
    /// An entry detail, record type 6.
    EntryDetail
);
view!(
    /// An addenda, record type 7.
    Addenda
);
view!(
    /// A batch control, record type 8.
    BatchControl
);
view!(
    /// A file control, record type 9.
    FileControl
);

impl<'a> FileHeader<'a> {
    /// Who the file is for: nine digits of a routing number, or ten characters agreed on.
    pub fn immediate_destination(&self) -> Cow<'a, str> {
        self.words("immediate_destination")
    }

    /// Who the file is from.
    pub fn immediate_origin(&self) -> Cow<'a, str> {
        self.words("immediate_origin")
    }

    /// When the file was made.
    pub fn creation_date(&self) -> Option<Date> {
        self.field("file_creation_date").and_then(date)
    }

    /// Which of the day's files it is: A to Z, 0 to 9.
    pub fn modifier(&self) -> u8 {
        self.text[33]
    }
}

/// The columns of a batch header's fields.
mod header {
    use super::layout::BATCH_HEADER as B;
    pub const COMPANY: (usize, usize) = B.columns("company_name");
    pub const COMPANY_ID: (usize, usize) = B.columns("company_identification");
    pub const SEC: (usize, usize) = B.columns("standard_entry_class_code");
    pub const DESCRIPTION: (usize, usize) = B.columns("company_entry_description");
    pub const EFFECTIVE: (usize, usize) = B.columns("effective_entry_date");
    pub const SETTLEMENT: (usize, usize) = B.columns("settlement_date_julian");
    pub const ODFI: (usize, usize) = B.columns("originating_dfi_identification");
    pub const NUMBER: (usize, usize) = B.columns("batch_number");
    pub const CLASS: (usize, usize) = B.columns("service_class_code");
}

impl<'a> BatchHeader<'a> {
    /// 200 mixed, 220 credits, 225 debits, 280 advices.
    pub fn service_class(&self) -> Option<u16> {
        number(self.at(header::CLASS)).and_then(|n| u16::try_from(n).ok())
    }

    /// The company's name; empty in an international batch.
    pub fn company_name(&self) -> Cow<'a, str> {
        if self.layout.id == layout::BATCH_HEADER_IAT.id {
            return Cow::Borrowed("");
        }
        latin(self.at(header::COMPANY).trim_ascii())
    }

    /// The company's identification.
    pub fn company_id(&self) -> Cow<'a, str> {
        latin(self.at(header::COMPANY_ID).trim_ascii())
    }

    /// The standard entry class code, `None` where it is not one of the 23.
    pub fn sec(&self) -> Option<SecCode> {
        SecCode::from_bytes(&self.at(header::SEC).to_ascii_uppercase())
    }

    /// The company entry description.
    pub fn description(&self) -> Cow<'a, str> {
        latin(self.at(header::DESCRIPTION).trim_ascii())
    }

    /// The day on which the originator wants the entries to settle.
    pub fn effective_date(&self) -> Option<Date> {
        date(self.at(header::EFFECTIVE))
    }

    /// The day of the year on which the operator settled the batch.
    pub fn settlement_day(&self) -> Option<u16> {
        number(self.at(header::SETTLEMENT)).and_then(|n| u16::try_from(n).ok())
    }

    /// The originating bank; of a return the bank that returns.
    pub fn odfi(&self) -> Option<DfiId> {
        dfi(self.at(header::ODFI))
    }

    /// The batch's number in the file.
    pub fn number_in_file(&self) -> Option<u32> {
        number(self.at(header::NUMBER)).and_then(|n| u32::try_from(n).ok())
    }
}

/// The columns that all entries but IAT and ADV share.
pub(crate) mod entry {
    use super::layout::{ENTRY_ADV as ADV, ENTRY_IAT as IAT, ENTRY_PPD as PPD};
    pub const CODE: (usize, usize) = PPD.columns("transaction_code");
    pub const RDFI: (usize, usize) = PPD.columns("receiving_dfi_identification");
    pub const ACCOUNT: (usize, usize) = PPD.columns("dfi_account_number");
    pub const AMOUNT: (usize, usize) = PPD.columns("amount");
    pub const DISCRETIONARY: (usize, usize) = PPD.columns("discretionary_data");
    pub const TRACE: (usize, usize) = PPD.columns("trace_number");
    pub const ADV_ACCOUNT: (usize, usize) = ADV.columns("dfi_account_number");
    pub const ADV_AMOUNT: (usize, usize) = ADV.columns("amount");
    pub const IAT_ACCOUNT: (usize, usize) = IAT.columns("receiver_account_number");
}

impl<'a> EntryDetail<'a> {
    fn is(&self, layout: &Layout) -> bool {
        self.layout.id == layout.id
    }

    /// The transaction code, `None` where the table does not have it.
    pub fn transaction_code(&self) -> Option<TransactionCode> {
        TransactionCode::from_bytes(self.at(entry::CODE))
    }

    /// The receiving bank.
    pub fn rdfi(&self) -> Option<DfiId> {
        dfi(self.at(entry::RDFI))
    }

    /// The check digit of the receiving bank's routing number.
    pub fn check_digit(&self) -> u8 {
        self.text[11]
    }

    /// The receiver's account number, which must not be shown.
    pub fn account_number(&self) -> Cow<'a, str> {
        let columns = match self.layout.id {
            id if id == layout::ENTRY_IAT.id => entry::IAT_ACCOUNT,
            id if id == layout::ENTRY_ADV.id => entry::ADV_ACCOUNT,
            _ => entry::ACCOUNT,
        };
        latin(self.at(columns).trim_ascii())
    }

    /// The amount, `None` where it is not digits.
    pub fn amount(&self) -> Option<Cents> {
        let adv = self.is(layout::ENTRY_ADV);
        number(self.at(if adv {
            entry::ADV_AMOUNT
        } else {
            entry::AMOUNT
        }))
        .map(Cents::new)
    }

    /// What the originator knows the receiver or the payment by; comes back on returns.
    pub fn individual_id(&self) -> Cow<'a, str> {
        let names = [
            "individual_identification_number",
            "identification_number",
            "individual_or_identification_number",
            "individual_id_or_identification_or_check_serial",
            "check_serial_number",
            "original_entry_trace_number",
            "document_reference_number",
        ];
        self.first_of(&names)
    }

    /// The receiver's name.
    pub fn name(&self) -> Cow<'a, str> {
        let names = [
            "individual_name",
            "receiving_company_name",
            "receiving_company_name_or_id",
            "individual_or_company_name",
        ];
        self.first_of(&names)
    }

    fn first_of(&self, names: &[&str]) -> Cow<'a, str> {
        match names.iter().find_map(|name| self.field(name)) {
            Some(field) => latin(field.trim_ascii()),
            None => Cow::Borrowed(""),
        }
    }

    /// Discretionary data, payment type or card transaction type.
    pub fn discretionary_data(&self) -> Cow<'a, str> {
        latin(self.at(entry::DISCRETIONARY).trim_ascii())
    }

    /// Whether the entry says that addenda follow.
    pub fn has_addenda(&self) -> bool {
        self.text[78] == b'1'
    }

    /// The trace number; an advice has none.
    pub fn trace(&self) -> Option<TraceNumber> {
        if self.is(layout::ENTRY_ADV) {
            None
        } else {
            trace(self.at(entry::TRACE))
        }
    }
}

fn dfi(field: &[u8]) -> Option<DfiId> {
    number(field)
        .and_then(|n| u32::try_from(n).ok())
        .and_then(|n| DfiId::new(n).ok())
}

fn trace(field: &[u8]) -> Option<TraceNumber> {
    number(field).and_then(|n| TraceNumber::from_number(n).ok())
}

/// What a return says (addenda 99).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnAddenda<'a> {
    /// Why the entry came back.
    pub code: ReturnCode,
    /// The trace of the entry that came back; of a dishonored return too, the first entry's.
    pub original_trace: Option<TraceNumber>,
    /// The day of death, for R14 and R15.
    pub date_of_death: Option<Date>,
    /// The bank that received the original entry.
    pub original_rdfi: Option<DfiId>,
    /// What else the bank has to say.
    pub information: Cow<'a, str>,
    /// The trace of the return.
    pub trace: Option<TraceNumber>,
    /// What a dishonored or contested return says of the return before it.
    pub earlier: Option<EarlierReturn>,
}

/// What a dishonored or contested return repeats of the return it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierReturn {
    /// The trace of the return.
    pub trace: Option<TraceNumber>,
    /// The day of the year on which it settled.
    pub settlement_day: Option<u16>,
    /// Its reason.
    pub code: Option<ReturnCode>,
}

/// What a notification of change says (addenda 98).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NocAddenda<'a> {
    /// What changed: `C01`; of a refused notification why it is refused: `C61`.
    pub change_code: Cow<'a, str>,
    /// The trace of the entry it is about.
    pub original_trace: Option<TraceNumber>,
    /// The bank that received the original entry.
    pub original_rdfi: Option<DfiId>,
    /// The right data, where the change code says.
    pub corrected_data: Cow<'a, str>,
    /// Of a refused notification: the change code it refuses.
    pub refuses: Option<Cow<'a, str>>,
    /// The trace of the notification.
    pub trace: Option<TraceNumber>,
}

impl<'a> Addenda<'a> {
    /// The two digits of the type.
    pub fn type_code(&self) -> [u8; 2] {
        [self.text[1], self.text[2]]
    }

    /// The payment related information of an addenda 05 or 17.
    pub fn payment_information(&self) -> Option<Cow<'a, str>> {
        let field = self.field("payment_related_information")?;
        Some(latin(field.trim_ascii_end()))
    }

    fn trace_in(&self, name: &str) -> Option<TraceNumber> {
        self.field(name).and_then(trace)
    }

    /// The addenda as a return, dishonored or contested ones too.
    pub fn as_return(&self) -> Option<ReturnAddenda<'a>> {
        if self.type_code() != *b"99" {
            return None;
        }
        let earlier = self
            .field("return_trace_number")
            .map(|field| EarlierReturn {
                trace: trace(field),
                settlement_day: self
                    .number("return_settlement_date")
                    .and_then(|n| u16::try_from(n).ok()),
                code: self.field("return_reason_code").and_then(|f| match *f {
                    [a, b] => ReturnCode::from_bytes(&[b'R', a, b]),
                    _ => None,
                }),
            });
        Some(ReturnAddenda {
            code: ReturnCode::from_bytes(&self.text[3..6].to_ascii_uppercase())?,
            original_trace: self.trace_in("original_entry_trace_number"),
            date_of_death: self.field("date_of_death").and_then(date),
            original_rdfi: self
                .field("original_receiving_dfi_identification")
                .and_then(dfi),
            information: self.words("addenda_information"),
            trace: self.trace_in("trace_number"),
            earlier,
        })
    }

    /// The addenda as a notification of change, refused ones too.
    pub fn as_noc(&self) -> Option<NocAddenda<'a>> {
        if self.type_code() != *b"98" {
            return None;
        }
        let refused = self.layout.id == layout::ADDENDA_98_REFUSED.id;
        Some(NocAddenda {
            change_code: latin(&self.text[3..6]),
            original_trace: self.trace_in("original_entry_trace_number"),
            original_rdfi: self
                .field("original_receiving_dfi_identification")
                .and_then(dfi),
            corrected_data: latin(self.field("corrected_data").unwrap_or(&[]).trim_ascii_end()),
            refuses: refused.then(|| self.words("change_code")),
            trace: self.trace_in("trace_number"),
        })
    }
}

impl BatchControl<'_> {
    /// How many entries and addenda the batch says it has.
    pub fn entry_addenda_count(&self) -> Option<u64> {
        self.number("entry_addenda_count")
    }

    /// The batch's debits as it says, `None` where they are not digits or above 18 quintillion.
    pub fn total_debit(&self) -> Option<Cents> {
        amount(self.field("total_debit_amount"))
    }

    /// The batch's credits as it says.
    pub fn total_credit(&self) -> Option<Cents> {
        amount(self.field("total_credit_amount"))
    }
}

impl FileControl<'_> {
    /// How many batches the file says it has.
    pub fn batch_count(&self) -> Option<u64> {
        self.number("batch_count")
    }

    /// How many entries and addenda the file says it has.
    pub fn entry_addenda_count(&self) -> Option<u64> {
        self.number("entry_addenda_count")
    }

    /// The file's debits as it says.
    pub fn total_debit(&self) -> Option<Cents> {
        amount(self.field("total_debit_amount"))
    }

    /// The file's credits as it says.
    pub fn total_credit(&self) -> Option<Cents> {
        amount(self.field("total_credit_amount"))
    }
}

fn amount(field: Option<&[u8]>) -> Option<Cents> {
    let wide = crate::nacha::digits::long_number(field?)?;
    u64::try_from(wide).ok().map(Cents::new)
}

/// Whether a field says nothing: blanks, or zeros.
pub(crate) fn is_void(field: &[u8]) -> bool {
    is_blank(field) || field.iter().all(|b| *b == b'0' || *b == b' ')
}
