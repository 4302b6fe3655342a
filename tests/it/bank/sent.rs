//! Entries as they were sent, and files that bring them back: in time and late, right and wrong,
//! disputed, told twice.

use crate::tree::bytes;
use formats::nacha::{
    AddendaSpec, BatchSpec, Earlier, EntrySpec, FileSpec, ServiceClass, Writer, WriterOptions,
};
use formats::statement::Line;
use jiff::civil::{Date, time};
use sandbox::bank::OutFile;
use settlement::codes::returns::ReturnCode;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{DfiId, PaymentId, TraceNumber};
use settlement::money::{Cents, SignedCents};
use std::path::Path;

/// An entry as it stands in a file that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub trace: TraceNumber,
    pub rdfi: DfiId,
    pub cents: u64,
    pub sec: SecCode,
    pub effective: Date,
    /// The number of its batch.
    pub batch: u32,
    /// What the bank calls its file.
    pub file: String,
    code: u8,
    account: String,
    id: String,
    name: String,
    company_name: String,
    company_id: String,
    description: String,
}

/// What comes back of an entry, and in what it differs from what a bank would say.
#[derive(Clone, Debug)]
pub struct Back<'a> {
    pub of: &'a Sent,
    /// R01 or C01; R61 to R70 dishonor, R71 to R77 contest.
    pub code: &'static str,
    /// The sequence of its own trace.
    pub by: u32,
    /// The day of the year in its batch header.
    pub settled: Option<u16>,
    /// Another trace than the entry's.
    pub original: Option<TraceNumber>,
    /// Another amount than the entry's.
    pub cents: Option<u64>,
    /// Whether it repeats our payment id.
    pub names_payment: bool,
}

impl Sent {
    /// The entries of the files below `objects/outbound` with this in their names.
    pub fn all(at: &Path, with: &str) -> Vec<Sent> {
        let files = bytes(at, &["objects/outbound"]);
        let files = files.iter().filter(|(name, _)| name.contains(with));
        let each = files.map(|(name, body)| of_file(name, &String::from_utf8_lossy(body)));
        each.flatten().collect()
    }

    pub const fn is_debit(&self) -> bool {
        self.code % 10 >= 5
    }

    pub fn payment(&self) -> PaymentId {
        self.id.parse().expect("a payment of ours")
    }

    /// The line of a statement that moves its amount: `back` the other way.
    pub fn line(&self, back: bool) -> Line {
        let cents = i64::try_from(self.cents).expect("ten digits");
        let cents = if self.is_debit() { cents } else { -cents };
        let cents = if back { -cents } else { cents };
        Line {
            type_code: if cents < 0 { "557" } else { "257" }.to_owned(),
            amount: SignedCents::new(cents),
            bank_reference: format!("RT{}{}", self.trace.sequence(), cents),
            customer_reference: self.trace.to_string(),
            ..Line::default()
        }
    }

    /// The key of its batch.
    pub fn key(&self) -> String {
        let mut parts = self.file.rsplit('-');
        let (letter, _, day) = (parts.next(), parts.next(), parts.next());
        let (letter, day) = (letter.expect("a letter"), day.expect("a day"));
        format!("{}{}{:07}", &day[2..], &letter[..1], self.batch)
    }

    /// It comes back with this code.
    pub fn back(&self, code: &'static str, by: u32) -> Back<'_> {
        Back {
            of: self,
            code,
            by,
            settled: None,
            original: None,
            cents: None,
            names_payment: true,
        }
    }
}

fn of_file(name: &str, text: &str) -> Vec<Sent> {
    let window = name.split("window=").nth(1).expect("a window");
    let (window, letter) = window.split_once('/').expect("a file");
    let day = name.split("date=").nth(1).expect("a date")[..10].replace('-', "");
    let odfi = &name.split("odfi=").nth(1).expect("a bank")[..8];
    let file = format!("{odfi}-{day}-{window}-{letter}");
    let (mut all, mut header) = (Vec::new(), "");
    for line in text.lines() {
        let number = |from: usize, to: usize| line[from..to].parse::<u64>().expect("digits");
        if line.starts_with('5') {
            header = line;
        }
        if !line.starts_with('6') {
            continue;
        }
        all.push(Sent {
            trace: TraceNumber::from_number(number(79, 94)).expect("a trace"),
            rdfi: DfiId::new(u32::try_from(number(3, 11)).expect("a bank")).expect("a bank"),
            cents: number(29, 39),
            sec: SecCode::from_bytes(&header.as_bytes()[50..53]).expect("a class"),
            effective: effective(header),
            batch: header[87..94].parse().expect("a number"),
            file: file.clone(),
            code: u8::try_from(number(1, 3)).expect("a code"),
            account: line[12..29].trim().to_owned(),
            id: line[39..54].trim().to_owned(),
            name: line[54..76].trim().to_owned(),
            company_name: header[4..20].trim().to_owned(),
            company_id: header[40..50].trim().to_owned(),
            description: header[53..63].trim().to_owned(),
        });
    }
    all
}

/// The effective entry date of a batch header.
fn effective(header: &str) -> Date {
    let part = |from: usize| header[from..from + 2].parse::<i8>().expect("digits");
    Date::new(2000 + i16::from(part(69)), part(71), part(73)).expect("a date")
}

impl Back<'_> {
    fn is_notice(&self) -> bool {
        self.code.starts_with('C')
    }

    fn trace(&self) -> TraceNumber {
        TraceNumber::new(self.of.rdfi, self.by).expect("a trace")
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>, day: Date, number: u32) {
        let of = self.of;
        let settled = self.settled.unwrap_or(day.day_of_year().unsigned_abs());
        let class = match of.is_debit() {
            true => ServiceClass::Debits,
            false => ServiceClass::Credits,
        };
        let batch = BatchSpec {
            service_class: class,
            company_name: &of.company_name,
            discretionary_data: "",
            company_id: &of.company_id,
            sec: if self.is_notice() {
                SecCode::Cor
            } else {
                of.sec
            },
            description: &of.description,
            descriptive_date: "",
            effective_date: Some(of.effective),
            settlement_day: (settled > 0).then_some(settled),
            originator_status: b'1',
            odfi: of.rdfi,
            number,
        };
        writer.begin_batch(&batch).expect("a batch");
        let code = of.code / 10 * 10 + if of.is_debit() { 6 } else { 1 };
        let amount = match self.is_notice() {
            true => 0,
            false => self.cents.unwrap_or(of.cents),
        };
        let entry = EntrySpec {
            code: TransactionCode::try_from(code).expect("a code"),
            rdfi: of.trace.odfi().routing_number(),
            account: &of.account,
            amount: Cents::new(amount),
            id: if self.names_payment { &of.id } else { "" },
            name: &of.name,
            discretionary: "",
            trace: self.trace(),
            addenda: &[self.addenda(day)],
        };
        writer.entry(&entry).expect("an entry");
        writer.end_batch().expect("a batch");
    }

    fn addenda(&self, day: Date) -> AddendaSpec<'static> {
        let original_trace = self.original.unwrap_or(self.of.trace);
        let original_rdfi = self.of.rdfi;
        if self.is_notice() {
            return AddendaSpec::Noc {
                code: self.code,
                original_trace,
                original_rdfi,
                corrected_data: "1918171614",
            };
        }
        let code: ReturnCode = self.code.parse().expect("a code");
        let earlier = |code: &str| Earlier {
            trace: self.trace(),
            settlement_day: day.day_of_year().unsigned_abs(),
            code: code.parse().expect("a code"),
        };
        match self.code[1..].parse::<u8>().expect("digits") {
            61..=70 => AddendaSpec::Dishonored {
                code,
                original_trace,
                original_rdfi,
                returned: earlier("R01"),
                information: "",
            },
            71..=77 => AddendaSpec::Contested {
                code,
                original_trace,
                original_rdfi,
                timely: Some((day, day.day_of_year().unsigned_abs())),
                returned: earlier("R01"),
                dishonored: earlier("R68"),
            },
            _ => AddendaSpec::Return {
                code,
                original_trace,
                original_rdfi,
                date_of_death: None,
                information: "",
            },
        }
    }
}

/// A file of what comes back on a day.
pub fn file(name: &str, day: Date, modifier: u8, backs: &[Back<'_>]) -> OutFile {
    let spec = FileSpec {
        destination: "056005075",
        origin: "076401251",
        date: day,
        time: time(6, 45, 0, 0),
        modifier,
        destination_name: "TIEOUT DEMO",
        origin_name: "SANDBOX BANK",
        reference: "",
    };
    let writer = Writer::new(Vec::new(), &spec, WriterOptions::default());
    let mut writer = writer.expect("a file");
    for (back, number) in backs.iter().zip(1..) {
        back.write(&mut writer, day, number);
    }
    OutFile {
        name: name.to_owned(),
        bytes: writer.finish().expect("a file").0,
    }
}
