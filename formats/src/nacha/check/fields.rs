//! What a layout alone says of a record: digits where digits belong, fixed texts, dates, blanks.

use crate::nacha::check::checker::Checker;
use crate::nacha::digits::{is_blank, number};
use crate::nacha::findings::Place;
use crate::nacha::layout::{Field, Kind, Layout, Need, Privacy, WIDTH};
use crate::nacha::records::{date, is_void, latin};
use crate::nacha::rules::Rule;
use settlement::codes::sec::SecCode;
use settlement::exact::Exact;

impl Checker {
    /// Checks each field of a record against its layout.
    pub(super) fn fields(&mut self, layout: &'static Layout, text: &[u8; WIDTH], place: Place) {
        for field in layout.fields {
            let value = field.value(text);
            let Some(rule) = broken(field, value) else {
                continue;
            };
            let rule = own_rule(layout, field, rule, value);
            if self.may_be_blank(layout, field, text) && is_blank(value) {
                continue;
            }
            self.field(rule, place, (layout, field.name), || {
                expected(layout, field, value)
            });
        }
    }
}

impl Checker {
    /// Fields that are required, but not in such a batch.
    fn may_be_blank(&self, layout: &Layout, field: &Field, text: &[u8; WIDTH]) -> bool {
        match field.name {
            // Enrolments settle nothing: their batches have no date.
            "effective_entry_date" => self.batch.sec == Some(SecCode::Enr),
            // The indicator before it says that there is none.
            "foreign_exchange_reference" => {
                layout.value("foreign_exchange_reference_indicator", text) == b"3"
            }
            _ => false,
        }
    }
}

/// The rule a field's value breaks by its kind and need.
fn broken(field: &Field, value: &[u8]) -> Option<Rule> {
    let missing = match field.need {
        Need::Mandatory => Some(Rule::FieldBlank),
        Need::Required => Some(Rule::FieldMissing),
        _ => None,
    };
    let digits = value.iter().all(u8::is_ascii_digit);
    match field.kind {
        Kind::Fixed(text) if value == text.as_bytes() => None,
        Kind::Fixed(_) => Some(Rule::FieldFixed),
        Kind::Blank if is_void(value) => None,
        Kind::Blank => Some(Rule::FieldReserved),
        _ if is_blank(value) => match field.kind {
            Kind::Choice(of) if of.split('/').any(|c| c == " ") => None,
            _ => missing,
        },
        Kind::Text | Kind::Routing => None,
        Kind::Digits | Kind::Cents | Kind::Dfi | Kind::Julian => {
            if digits {
                let day = field.kind != Kind::Julian || is_day_of_year(value);
                (!day).then_some(Rule::FieldDay)
            } else {
                (field.need != Need::Optional).then_some(Rule::FieldDigits)
            }
        }
        Kind::Date if date(value).is_some() => None,
        Kind::Date if field.need == Need::Mandatory => Some(Rule::FieldDate),
        Kind::Date if is_void(value) => missing,
        Kind::Date => Some(Rule::FieldDateOdd),
        Kind::Time => (!is_time(value)).then_some(Rule::FieldTime),
        Kind::Letters if value.iter().any(u8::is_ascii_lowercase) => Some(Rule::FieldCase),
        Kind::Letters => None,
        Kind::Modifier if value.iter().any(u8::is_ascii_lowercase) => Some(Rule::FieldCase),
        Kind::Modifier => {
            let good = value
                .iter()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            (!good).then_some(Rule::FieldChoice)
        }
        Kind::Code(letter) => code(letter, value),
        Kind::Choice(of) => {
            let good = of.split('/').any(|choice| choice.as_bytes() == value);
            (!good).then_some(Rule::FieldChoice)
        }
    }
}

fn code(letter: &str, value: &[u8]) -> Option<Rule> {
    let upper = value.to_ascii_uppercase();
    let shaped =
        upper.starts_with(letter.as_bytes()) && upper.iter().skip(1).all(u8::is_ascii_digit);
    match (shaped, upper == value) {
        (false, _) => Some(Rule::FieldChoice),
        (true, false) => Some(Rule::FieldCase),
        (true, true) => None,
    }
}

fn is_day_of_year(value: &[u8]) -> bool {
    number(value).is_some_and(|day| (1..=366).contains(&day))
}

fn is_time(value: &[u8]) -> bool {
    match value.first_chunk::<4>() {
        Some([a, b, c, d]) => {
            value.iter().all(u8::is_ascii_digit)
                && (*a < b'2' || (*a == b'2' && *b < b'4'))
                && *c < b'6'
                && d.is_ascii_digit()
        }
        None => false,
    }
}

/// Fields whose breaking has a rule and a return code of its own.
fn own_rule(layout: &Layout, field: &Field, rule: Rule, value: &[u8]) -> Rule {
    let entry = layout.id.starts_with('6');
    match field.name {
        "priority_code" => Rule::FieldPriority,
        "service_class_code" => Rule::BatchClass,
        "amount" if entry => Rule::EntryAmount,
        "receiving_dfi_identification" | "go_or_receiving_dfi_identification" if entry => {
            Rule::EntryRouting
        }
        "check_digit" if entry => Rule::EntryCheckDigit,
        "dfi_account_number" if entry => Rule::EntryAccount,
        "trace_number" if entry => Rule::EntryTrace,
        "transaction_code" if entry => Rule::EntryCode,
        "addenda_record_indicator" if entry => Rule::EntryIndicator,
        "number_of_addenda_records" if entry => Rule::EntryCount,
        "payment_type_code" if entry => Rule::EntryPayment,
        "originator_status_code" => Rule::BatchStatus,
        "originating_dfi_identification" | "go_or_originating_dfi_identification"
            if layout.id.starts_with('5') =>
        {
            Rule::BatchOdfi
        }
        "company_name" | "company_identification" | "company_entry_description"
            if layout.id.starts_with('5') =>
        {
            Rule::BatchBlank
        }
        "effective_entry_date" if is_void(value) => Rule::BatchDateBlank,
        "effective_entry_date" => Rule::BatchDate,
        "corrected_data" => Rule::NocData,
        // Mandatory only in an answer to R73, says the field's note.
        "original_settlement_date" if rule as u8 == Rule::FieldBlank as u8 => Rule::FieldMissing,
        _ => rule,
    }
}

/// What the field should be, and where nobody's secret is in it, what it is.
fn expected(layout: &Layout, field: &Field, value: &[u8]) -> String {
    let found = || match field.privacy() {
        Privacy::Open if !may_be_secret(layout, field) => format!("found \"{}\"", latin(value)),
        _ => "found something else".to_owned(),
    };
    match field.kind {
        Kind::Fixed(text) => format!("must be \"{text}\", {}", found()),
        Kind::Digits | Kind::Cents | Kind::Dfi => {
            format!("must be {} digits, {}", field.len, found())
        }
        Kind::Date | Kind::Julian | Kind::Time | Kind::Letters | Kind::Modifier => found(),
        Kind::Code(letter) => format!("must be {letter} and two digits, {}", found()),
        Kind::Choice(of) => format!("must be one of {of}, {}", found()),
        Kind::Text | Kind::Routing | Kind::Blank => String::new(),
    }
}

/// Columns in which some layout of the record has an account, a name or free text: where a record
/// stands in a batch of another class, or is of another type than its code says, they are there.
fn may_be_secret(layout: &Layout, field: &Field) -> bool {
    let columns: &[(usize, usize)] = match layout.id.as_bytes().first() {
        Some(b'6') => &[(13, 29), (40, 76)],
        Some(b'7') => &[(4, 87)],
        _ => &[],
    };
    let last = field.start.plus(field.len).less(1);
    let over = |&(from, to): &(usize, usize)| field.start <= to && last >= from;
    columns.iter().any(over)
}
