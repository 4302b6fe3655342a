//! Every record of the format as a table: which field stands in which columns and what it may
//! hold.
//!
//! The reader, the checks, the writer, the person's view and the JSON form are all driven by
//! these tables; a test compares them with the reference. A layout whose fields do not join up
//! to 94 columns does not compile.

mod addenda;
mod entries;
mod envelope;
mod international;

pub use addenda::*;
pub use entries::*;
pub use envelope::*;
pub use international::*;

/// The width of every record. Nacha Rules 2013 OR62.
pub const WIDTH: usize = 94;

/// What a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Exactly this text.
    Fixed(&'static str),
    /// Digits, right-justified, zero-filled.
    Digits,
    /// Digits: an amount in cents.
    Cents,
    /// `YYMMDD`.
    Date,
    /// `HHMM`.
    Time,
    /// Three digits: the day of the year.
    Julian,
    /// The first eight digits of a routing number.
    Dfi,
    /// A blank and a routing number of nine digits, or ten characters agreed on.
    Routing,
    /// Upper-case letters.
    Letters,
    /// The file id modifier: one of A-Z and 0-9.
    Modifier,
    /// This letter and two digits.
    Code(&'static str),
    /// One of these, separated by `/`.
    Choice(&'static str),
    /// Any printable characters, left-justified, blank-filled.
    Text,
    /// Blanks.
    Blank,
}

/// Whether a field must be filled. Nacha Rules 2013 OR102.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The operator rejects a record without it.
    Mandatory,
    /// The receiving bank may return an entry without it.
    Required,
    /// May be blank.
    Optional,
    /// Filled in by the operator.
    Operator,
    /// Not used.
    Unused,
}

/// What a field says about a person, which decides what is shown of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// Nothing that must be hidden.
    Open,
    /// An account or card number.
    Account,
    /// A name, an identification, an address, a birthday.
    Person,
    /// Free text that may repeat either.
    Words,
}

/// One field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field's name, as the rules have it.
    pub name: &'static str,
    /// Its first column, counted from 1.
    pub start: usize,
    /// Its width.
    pub len: usize,
    /// What it may hold.
    pub kind: Kind,
    /// Whether it must be filled.
    pub need: Need,
}

impl Field {
    /// The field's columns of a record.
    pub fn of<'a>(&self, record: &'a [u8; WIDTH]) -> &'a [u8] {
        let from = self.start.saturating_sub(1);
        record
            .get(from..from.saturating_add(self.len))
            .unwrap_or(&[])
    }

    /// What the field says about a person.
    pub fn privacy(&self) -> Privacy {
        match self.name {
            "dfi_account_number" | "receiver_account_number" | "individual_card_account_number" => {
                Privacy::Account
            }
            "payment_related_information" | "addenda_information" | "corrected_data" => {
                Privacy::Words
            }
            // The sender's name in a credit of WEB, often a number of the receiver's elsewhere.
            "individual_identification_number"
            | "identification_number"
            | "individual_or_identification_number"
            | "individual_id_or_identification_or_check_serial"
            | "individual_name"
            | "individual_or_company_name"
            | "receiving_company_name"
            | "receiving_company_name_or_id"
            | "receiving_name"
            | "originator_name"
            | "originator_street_address"
            | "originator_city_state_province"
            | "originator_country_postal_code"
            | "reserved_or_originator_date_of_birth"
            | "receiver_identification_number"
            | "receiver_street_address"
            | "receiver_city_state_province"
            | "receiver_country_postal_code"
            | "reserved_or_receiver_date_of_birth"
            | "date_of_death" => Privacy::Person,
            _ => Privacy::Open,
        }
    }
}

/// One kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The record type and its variant: `6.PPD`, `7.99.DISHONORED`.
    pub id: &'static str,
    /// What a person calls it.
    pub title: &'static str,
    /// Its fields, in the order of their columns.
    pub fields: &'static [Field],
}

impl Layout {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The columns of the field of that name, as a range into a record. For constants: a name
    /// that the layout does not have stops the compiler.
    pub const fn columns(&self, name: &str) -> (usize, usize) {
        let mut at = 0;
        while at < self.fields.len() {
            let field = &self.fields[at];
            if same(field.name.as_bytes(), name.as_bytes()) {
                let from = field.start.saturating_sub(1);
                return (from, from.saturating_add(field.len));
            }
            at = at.saturating_add(1);
        }
        panic!("the layout has no field of that name")
    }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at = at.saturating_add(1);
    }
    true
}

const fn f(name: &'static str, start: usize, len: usize, kind: Kind, need: Need) -> Field {
    Field {
        name,
        start,
        len,
        kind,
        need,
    }
}

/// A layout; only one whose fields follow each other and end in column 94 compiles.
const fn layout(id: &'static str, title: &'static str, fields: &'static [Field]) -> Layout {
    let mut next = 1usize;
    let mut at = 0;
    while at < fields.len() {
        assert!(
            fields[at].start == next,
            "a field does not start where the one before ends"
        );
        next = next.saturating_add(fields[at].len);
        at = at.saturating_add(1);
    }
    assert!(next == 95, "the widths do not add up to 94");
    Layout { id, title, fields }
}

/// Every layout, in the order of the record types.
pub const LAYOUTS: &[&Layout] = &[
    FILE_HEADER,
    BATCH_HEADER,
    BATCH_HEADER_IAT,
    ENTRY_PPD,
    ENTRY_CCD,
    ENTRY_WEB,
    ENTRY_TEL,
    ENTRY_CIE,
    ENTRY_MTE,
    ENTRY_ARC,
    ENTRY_BOC,
    ENTRY_POP,
    ENTRY_RCK,
    ENTRY_XCK,
    ENTRY_TRC,
    ENTRY_POS,
    ENTRY_SHR,
    ENTRY_DNE,
    ENTRY_CTX,
    ENTRY_ENR,
    ENTRY_TRX,
    ENTRY_ACK,
    ENTRY_ATX,
    ENTRY_COR,
    ENTRY_RETURN,
    ENTRY_IAT,
    ENTRY_ADV,
    ADDENDA_02,
    ADDENDA_02_MTE,
    ADDENDA_05,
    ADDENDA_10,
    ADDENDA_11,
    ADDENDA_12,
    ADDENDA_13,
    ADDENDA_14,
    ADDENDA_15,
    ADDENDA_16,
    ADDENDA_17,
    ADDENDA_18,
    ADDENDA_98,
    ADDENDA_98_IAT,
    ADDENDA_98_REFUSED,
    ADDENDA_99,
    ADDENDA_99_IAT,
    ADDENDA_99_DISHONORED,
    ADDENDA_99_CONTESTED,
    BATCH_CONTROL,
    BATCH_CONTROL_ADV,
    FILE_CONTROL,
    FILE_CONTROL_ADV,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layouts_are_the_reference() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/reference/tables/record_layouts.tsv"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        let ours = LAYOUTS
            .iter()
            .flat_map(|l| l.fields.iter().map(move |f| (l.id, f)));
        let mut seen = 0;
        for (line, (id, field)) in text.lines().skip(1).zip(ours) {
            let cells: Vec<&str> = line.split('\t').collect();
            let place = (field.start.to_string(), field.len.to_string());
            assert_eq!((cells[0], cells[3]), (id, field.name));
            assert_eq!(
                (cells[4], cells[6]),
                (place.0.as_str(), place.1.as_str()),
                "{id}"
            );
            let need = match field.need {
                Need::Mandatory => "M",
                Need::Required => "R",
                Need::Optional => "O",
                Need::Operator => "OP",
                Need::Unused => "-",
            };
            assert_eq!(
                cells[8].get(..need.len()),
                Some(need),
                "{id} {}",
                field.name
            );
            seen += 1;
        }
        assert_eq!(seen, text.lines().count() - 1);
    }

    #[test]
    fn every_layout_has_an_id_of_its_own() {
        for (at, layout) in LAYOUTS.iter().enumerate() {
            assert!(
                LAYOUTS
                    .iter()
                    .skip(at + 1)
                    .all(|other| other.id != layout.id)
            );
        }
    }
}
