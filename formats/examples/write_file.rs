//! Writes an ACH file of one batch with two payments of wages, and reads it back.
//!
//! `cargo run -p formats --example write_file`

use formats::nacha::{
    AccountKind, AddendaSpec, BatchSpec, Cents, Direction, EntrySpec, FileSpec, RoutingNumber,
    SecCode, ServiceClass, TraceNumber, TransactionCode, Writer, WriterOptions, validate,
};
use jiff::civil::{date, time};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let odfi = "076401251".parse::<RoutingNumber>()?.dfi();
    let file = FileSpec {
        destination: "076401251",
        origin: "1123456789",
        date: date(2026, 11, 23),
        time: time(14, 30, 0, 0),
        modifier: b'A',
        destination_name: "SAMPLE BANK",
        origin_name: "SAMPLE CO",
        reference: "",
    };
    let batch = BatchSpec {
        service_class: ServiceClass::Credits,
        company_name: "SAMPLE CO",
        discretionary_data: "",
        company_id: "1123456789",
        sec: SecCode::Ppd,
        description: "PAYROLL",
        descriptive_date: "NOV 23",
        effective_date: Some(date(2026, 11, 24)),
        settlement_day: None,
        originator_status: b'1',
        odfi,
        number: 1,
    };
    let people = [
        ("EMP0001", "ADA EXAMPLE", "123456789", 125_000),
        ("EMP0002", "BEN EXAMPLE", "987654321", 98_750),
    ];

    let mut writer = Writer::new(Vec::new(), &file, WriterOptions::default())?;
    writer.begin_batch(&batch)?;
    for ((id, name, account, cents), sequence) in people.into_iter().zip(1..) {
        writer.entry(&EntrySpec {
            code: TransactionCode::live(AccountKind::Checking, Direction::Credit),
            rdfi: "056005075".parse()?,
            account,
            amount: Cents::new(cents),
            id,
            name,
            discretionary: "",
            trace: TraceNumber::new(odfi, sequence)?,
            addenda: &[AddendaSpec::Payment("WAGES OF NOVEMBER")],
        })?;
    }
    let written = writer.end_batch()?;
    let (bytes, totals) = writer.finish()?;

    print!("{}", String::from_utf8(bytes.clone())?);
    println!(
        "batch 1 pays {}, the file {}",
        written.credit, totals.credit
    );
    println!("no error in it: {}", validate(&bytes[..])?.findings.ok());
    Ok(())
}
