//! Makes files for tests and benchmarks: any entry class, any size, the same bytes for the same
//! plan. The people, companies and accounts are invented from a counter.

mod chance;
mod defect;

use chance::{Chance, odfi};
pub use defect::{DEFECTS, Defect, Planter};

use crate::nacha::check::Totals;
use crate::nacha::layout;
use crate::nacha::writer::{
    AddendaSpec, BatchSpec, EntrySpec, FileSpec, ServiceClass, WriteError, Writer, WriterOptions,
};
use jiff::civil::{date, time};
use settlement::codes::returns::ReturnCode;
use settlement::codes::sec::{AddendaNeed, Directions, SecCode};
use settlement::codes::transactions::TransactionCode;
use settlement::ids::{DfiId, TraceNumber};
use settlement::money::Cents;
use std::io::Write;

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The entry class.
    pub sec: SecCode,
    /// How many entries.
    pub entries: u64,
    /// How many of them to a batch.
    pub batch: u64,
    /// Where chance begins.
    pub seed: u64,
    /// Whether each entry is a return with an addenda 99.
    pub returns: bool,
    /// What ends the records.
    pub options: WriterOptions,
}

impl Plan {
    /// `entries` forward entries of a class in batches of 2,500.
    pub fn of(sec: SecCode, entries: u64) -> Plan {
        let options = WriterOptions::default();
        Plan {
            sec,
            entries,
            batch: 2_500,
            seed: 1,
            returns: false,
            options,
        }
    }
}

/// The largest amount that is drawn.
const MOST_CENTS: u64 = 500_000;

/// Why invented returns come back: entries of every class and both directions do.
const REASON: &str = "R03";

/// Writes the file of a plan.
///
/// # Errors
/// Where the sink cannot be written, the plan outgrows a file, or returns are planned of a class
/// whose entries do not come back.
#[allow(clippy::arithmetic_side_effects, reason = "counters of a plan")]
pub fn generate<W: Write>(sink: W, plan: &Plan) -> Result<(W, Totals), WriteError> {
    if plan.returns && matches!(plan.sec, SecCode::Adv | SecCode::Cor) {
        return Err(WriteError::Order(
            "advices and notifications of change do not come back: generate forward ones",
        ));
    }
    let file = FileSpec {
        destination: "076401251",
        origin: "056005075",
        date: date(2026, 11, 23),
        time: time(6, 0, 0, 0),
        modifier: b'A',
        destination_name: "SAMPLE DEST BANK",
        origin_name: "SAMPLE ORIGIN BANK",
        reference: if plan.sec == SecCode::Adv {
            "ADV FILE"
        } else {
            ""
        },
    };
    let mut writer = Writer::new(sink, &file, plan.options)?;
    let mut chance = Chance::new(plan.seed);
    let mut done = 0;
    let mut number = 0;
    while done < plan.entries {
        number += 1;
        writer.begin_batch(&batch(plan, number))?;
        let size = plan.batch.max(1).min(plan.entries - done);
        for _ in 0..size {
            done += 1;
            entry(&mut writer, plan, done, &mut chance)?;
        }
        writer.end_batch()?;
    }
    writer.finish()
}

fn batch(plan: &Plan, number: u32) -> BatchSpec<'static> {
    let sec = plan.sec;
    let (name, extra, dates) = match sec {
        SecCode::Iat => ("", "FF3               US", "USDUSD"),
        SecCode::Xck => ("CHECK DESTROYED", "", ""),
        _ => ("SAMPLE CO", "", ""),
    };
    let description = match sec {
        SecCode::Rck => "REDEPCHECK",
        SecCode::Xck => "NO CHECK",
        SecCode::Enr => "AUTOENROLL",
        SecCode::Ppd => "PAYROLL",
        _ => "INVOICE",
    };
    BatchSpec {
        service_class: match (sec, sec.rule().directions) {
            (SecCode::Adv, _) => ServiceClass::Advices,
            (SecCode::Cor | SecCode::Ack | SecCode::Atx, _) => ServiceClass::Mixed,
            (_, Directions::Debits | Directions::Adjusted) => ServiceClass::Debits,
            _ => ServiceClass::Credits,
        },
        company_name: name,
        discretionary_data: extra,
        company_id: "1123456789",
        sec,
        description,
        descriptive_date: dates,
        effective_date: (sec != SecCode::Enr).then(|| date(2026, 11, 24)),
        settlement_day: (plan.returns || sec == SecCode::Cor).then_some(329),
        originator_status: match sec {
            SecCode::Adv => b'0',
            SecCode::Dne => b'2',
            _ => b'1',
        },
        odfi: odfi(),
        number,
    }
}

/// The transaction code of a class's sample entry.
fn code(plan: &Plan) -> TransactionCode {
    let forward = match plan.sec.rule().directions {
        Directions::Debits | Directions::Adjusted => 27,
        Directions::Enrolls => 23,
        Directions::Acks => 24,
        Directions::Notices => 21,
        Directions::Advices => 81,
        Directions::Both | Directions::Credits => 22,
    };
    let forward =
        TransactionCode::new(forward).unwrap_or_else(|| unreachable!("a code of the table"));
    if plan.returns {
        forward.return_code().unwrap_or(forward)
    } else {
        forward
    }
}

#[allow(clippy::arithmetic_side_effects, reason = "counters of a plan")]
fn entry<W: Write>(
    writer: &mut Writer<W>,
    plan: &Plan,
    number: u64,
    chance: &mut Chance,
) -> Result<(), WriteError> {
    let (rdfi, routing) = chance.bank();
    let amount = match plan.sec.rule().limit_cents {
        0 => 0,
        limit if limit >= MOST_CENTS => 1 + chance.below(MOST_CENTS),
        limit => 1 + chance.below(limit),
    };
    let trace = u32::try_from(number % 10_000_000).unwrap_or(1);
    let trace = TraceNumber::new(odfi(), trace).unwrap_or_else(|_| unreachable!("seven digits"));
    match plan.sec {
        SecCode::Iat => return international(writer, plan, (rdfi, amount), trace),
        SecCode::Adv => return advice(writer, rdfi, amount, number),
        _ => {}
    }
    // Account, id and name in one text: it is found to be one once.
    let mut words = *b"000000000000EMP000000000000PERSON 00000000";
    crate::nacha::digits::put(&mut words[..12], 100_000_000 + number * 37);
    crate::nacha::digits::put(&mut words[15..27], number);
    crate::nacha::digits::put(&mut words[34..], number);
    let words = std::str::from_utf8(&words).unwrap_or_default();
    let (account, words) = words.split_at(12);
    let (id, name) = words.split_at(15);
    let mut seq = [0u8; 15];
    let acks = matches!(plan.sec, SecCode::Ack | SecCode::Atx);
    let seq = if acks || plan.sec.rule().addenda_type == "02" {
        decimal(&mut seq, b"", trace.get())
    } else {
        ""
    };
    let terminal = terminal(seq);
    let addenda = addenda(
        plan,
        TraceNumber::new(rdfi, trace.sequence()).unwrap_or(trace),
        &terminal,
    );
    let id = match plan.sec {
        SecCode::Ack | SecCode::Atx => seq,
        SecCode::Pop => "000000123NYC NY",
        SecCode::Shr => "122700000000001",
        _ => id,
    };
    writer.entry(&EntrySpec {
        code: code(plan),
        rdfi: routing,
        account,
        amount: Cents::new(amount),
        id,
        name: match plan.sec {
            SecCode::Xck | SecCode::Trc => "PROC01ITEM 1",
            SecCode::Shr => "0000004111111111111111",
            _ => name,
        },
        discretionary: match plan.sec {
            SecCode::Web | SecCode::Tel => "S",
            SecCode::Pos | SecCode::Shr => "01",
            _ => "",
        },
        trace,
        addenda: addenda.as_slice(),
    })
}

/// What an addenda 02 says of the terminal; the first two only that of a machine transfer.
fn terminal(trace: &str) -> [(&'static str, &str); 9] {
    [
        ("transaction_description", "DEPOSIT"),
        ("transaction_time", "121500"),
        ("terminal_identification_code", "T00001"),
        ("transaction_serial_number", "000123"),
        ("transaction_date", "1123"),
        ("terminal_location", "MAIN STREET"),
        ("terminal_city", "SPRINGFIELD"),
        ("terminal_state", "NY"),
        ("trace_number", trace),
    ]
}

/// The addenda a class's entry must have, and those it usually has.
fn addenda<'a>(
    plan: &Plan,
    original: TraceNumber,
    terminal: &'a [(&'a str, &'a str)],
) -> Option<AddendaSpec<'a>> {
    if plan.returns {
        Some(AddendaSpec::Return {
            code: ReturnCode::from_bytes(REASON.as_bytes()).unwrap_or_else(|| unreachable!("R03")),
            original_trace: original,
            original_rdfi: odfi(),
            date_of_death: None,
            information: "",
        })
    } else {
        match (plan.sec, plan.sec.rule().addenda) {
            (SecCode::Cor, _) => Some(AddendaSpec::Noc {
                code: "C01",
                original_trace: original,
                original_rdfi: odfi(),
                corrected_data: "1918171614",
            }),
            (SecCode::Mte, _) => Some(AddendaSpec::Fields(layout::ADDENDA_02_MTE, terminal)),
            (_, AddendaNeed::NotPrenote) => {
                Some(AddendaSpec::Fields(layout::ADDENDA_02, terminal.get(2..)?))
            }
            (SecCode::Ctx | SecCode::Ccd, _) | (_, AddendaNeed::Mandatory) => {
                Some(AddendaSpec::Payment("RMR*IV*INVOICE**2500.00\\"))
            }
            _ => None,
        }
    }
}

/// `prefix` and the digits of `value`, without the allocation of `format!`.
#[inline(always)]
fn decimal<'a>(field: &'a mut [u8], prefix: &[u8], value: u64) -> &'a str {
    let (head, tail) = field.split_at_mut(prefix.len());
    head.copy_from_slice(prefix);
    crate::nacha::digits::put(tail, value);
    std::str::from_utf8(field).unwrap_or("")
}

fn international<W: Write>(
    writer: &mut Writer<W>,
    plan: &Plan,
    (rdfi, amount): (DfiId, u64),
    trace: TraceNumber,
) -> Result<(), WriteError> {
    let code = code(plan).to_string();
    let routing = rdfi.routing_number().to_string();
    let (bank, check) = routing.split_at(8);
    let (money, trace_text) = (amount.to_string(), trace.to_string());
    let sequence = format!("{:07}", trace.sequence());
    let own = ("entry_detail_sequence_number", sequence.as_str());
    writer.record(
        layout::ENTRY_IAT,
        &[
            ("transaction_code", &code),
            ("go_or_receiving_dfi_identification", bank),
            ("check_digit", check),
            (
                "number_of_addenda_records",
                if plan.returns { "8" } else { "7" },
            ),
            ("amount", &money),
            ("receiver_account_number", "123456789"),
            ("addenda_record_indicator", "1"),
            ("trace_number", &trace_text),
        ],
    )?;
    seven(writer, &money, own)?;
    if !plan.returns {
        return Ok(());
    }
    let original = TraceNumber::new(rdfi, trace.sequence()).unwrap_or(trace);
    let (original, receiver) = (original.to_string(), odfi().to_string());
    writer.record(
        layout::ADDENDA_99_IAT,
        &[
            ("return_reason_code", REASON),
            ("original_entry_trace_number", &original),
            ("original_receiving_dfi_identification", &receiver),
            ("original_forward_entry_payment_amount", &money),
            ("trace_number", &trace_text),
        ],
    )
}

/// The seven addenda of an international entry.
fn seven<W: Write>(
    writer: &mut Writer<W>,
    money: &str,
    own: (&'static str, &str),
) -> Result<(), WriteError> {
    let person = ("receiving_name", "ADA EXAMPLE");
    writer.record(
        layout::ADDENDA_10,
        &[
            ("transaction_type_code", "ANN"),
            ("foreign_payment_amount", money),
            person,
            own,
        ],
    )?;
    let street = ("originator_street_address", "15 WEST PLACE STREET");
    writer.record(
        layout::ADDENDA_11,
        &[("originator_name", "SAMPLE CO"), street, own],
    )?;
    let city = ("originator_city_state_province", "SPRINGFIELD*NY\\");
    let country = ("originator_country_postal_code", "US*19305\\");
    writer.record(layout::ADDENDA_12, &[city, country, own])?;
    let bank = [
        ("originating_dfi_name", "SAMPLE BANK"),
        ("originating_dfi_id_number_qualifier", "01"),
    ];
    let id = ("originating_dfi_identification", "076401251");
    let country = ("originating_dfi_branch_country_code", "US");
    writer.record(layout::ADDENDA_13, &[bank[0], bank[1], id, country, own])?;
    let bank = [
        ("receiving_dfi_name", "OTHER BANK"),
        ("receiving_dfi_id_number_qualifier", "01"),
    ];
    let id = ("receiving_dfi_identification", "056005075");
    let country = ("receiving_dfi_branch_country_code", "US");
    writer.record(layout::ADDENDA_14, &[bank[0], bank[1], id, country, own])?;
    let street = ("receiver_street_address", "2121 FRONT STREET");
    writer.record(layout::ADDENDA_15, &[street, own])?;
    let city = ("receiver_city_state_province", "LETTERTOWN*CO\\");
    let country = ("receiver_country_postal_code", "US*80014\\");
    writer.record(layout::ADDENDA_16, &[city, country, own])
}

fn advice<W: Write>(
    writer: &mut Writer<W>,
    rdfi: DfiId,
    amount: u64,
    number: u64,
) -> Result<(), WriteError> {
    let routing = rdfi.routing_number().to_string();
    let (bank, check) = routing.split_at(8);
    let (money, sequence) = (amount.to_string(), (number % 10_000).to_string());
    writer.record(
        layout::ENTRY_ADV,
        &[
            ("transaction_code", "81"),
            ("receiving_dfi_identification", bank),
            ("check_digit", check),
            ("dfi_account_number", "744567890"),
            ("amount", &money),
            ("advice_routing_number", "076401251"),
            ("individual_name", "SAMPLE BANK"),
            ("addenda_record_indicator", "0"),
            ("routing_number_of_ach_operator", "01100001"),
            ("julian_date_advice_created", "327"),
            ("sequence_number_within_batch", &sequence),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nacha::{Reader, validate};

    #[test]
    fn every_entry_class_is_written_and_read_without_an_error() {
        for sec in SecCode::ALL {
            for returns in [false, true] {
                let plan = Plan {
                    batch: 7,
                    returns,
                    ..Plan::of(*sec, 20)
                };
                if returns && matches!(sec, SecCode::Adv | SecCode::Cor) {
                    assert!(generate(Vec::new(), &plan).is_err(), "{sec}");
                    continue;
                }
                let (bytes, wrote) = generate(Vec::new(), &plan).unwrap();
                let report = validate(&bytes[..]).unwrap();
                assert_eq!(
                    report.findings.errors(),
                    0,
                    "{sec} {:?}",
                    report.findings.kept()
                );
                let read = report.totals;
                assert_eq!((read.entries, read.addenda), (wrote.entries, wrote.addenda));
                assert_eq!(
                    (read.debit, read.credit),
                    (wrote.debit, wrote.credit),
                    "{sec}"
                );
                assert_eq!(read.stated_hash(), wrote.stated_hash());
                let answers = returns || matches!(sec, SecCode::Cor | SecCode::Adv);
                assert_eq!(read.kind() == "forward", !answers, "{sec} {}", read.kind());
                assert_eq!(read.sec_codes().collect::<Vec<_>>(), [*sec]);
                assert_eq!((bytes.len() / 95) % 10, 0, "whole blocks");
            }
        }
    }

    #[test]
    fn each_entry_comes_once_with_all_its_addenda() {
        for sec in SecCode::ALL {
            let (bytes, wrote) = generate(Vec::new(), &Plan::of(*sec, 20)).unwrap();
            let mut reader = Reader::new(&bytes[..]);
            let (mut entries, mut addenda) = (0, 0);
            while let Some(event) = reader.next().unwrap() {
                if let crate::nacha::Event::Entry(entry) = event {
                    entries += 1;
                    addenda += entry.addenda().count() as u64;
                    assert_eq!(entry.sec(), Some(*sec));
                }
            }
            assert_eq!((entries, addenda), (wrote.entries, wrote.addenda), "{sec}");
        }
    }
}
