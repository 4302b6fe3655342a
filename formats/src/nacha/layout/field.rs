//! What a layout is made of: fields that follow each other, what each may hold, whether it must
//! be filled, what it says about a person.

use settlement::exact::Exact;

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
    pub fn value<'a>(&self, record: &'a [u8; WIDTH]) -> &'a [u8] {
        let from = self.start.less(1);
        record.get(from..from.plus(self.len)).unwrap_or(&[])
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

    /// The columns of the field of that name in a record; empty where the layout has none.
    pub fn value<'a>(&self, name: &str, record: &'a [u8; WIDTH]) -> &'a [u8] {
        self.field(name).map_or(&[], |field| field.value(record))
    }

    /// The columns of the field of that name, as a range into a record. For constants: a name
    /// that the layout does not have stops the compiler.
    #[allow(
        clippy::arithmetic_side_effects,
        reason = "columns of a record, at compile time"
    )]
    pub const fn columns(&self, name: &str) -> (usize, usize) {
        let mut at = 0;
        while at < self.fields.len() {
            let field = &self.fields[at];
            if same(field.name.as_bytes(), name.as_bytes()) {
                let from = field.start - 1;
                return (from, from + field.len);
            }
            at += 1;
        }
        panic!("the layout has no field of that name")
    }
}

#[allow(
    clippy::arithmetic_side_effects,
    reason = "columns of a record, at compile time"
)]
const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

pub(super) const fn f(
    name: &'static str,
    start: usize,
    len: usize,
    kind: Kind,
    need: Need,
) -> Field {
    Field {
        name,
        start,
        len,
        kind,
        need,
    }
}

/// A layout; only one whose fields follow each other and end in column 94 compiles.
#[allow(
    clippy::arithmetic_side_effects,
    reason = "columns of a record, at compile time"
)]
pub(super) const fn layout(
    id: &'static str,
    title: &'static str,
    fields: &'static [Field],
) -> Layout {
    let mut next = 1usize;
    let mut at = 0;
    while at < fields.len() {
        assert!(
            fields[at].start == next,
            "a field does not start where the one before ends"
        );
        next += fields[at].len;
        at += 1;
    }
    assert!(next == 95, "the widths do not add up to 94");
    Layout { id, title, fields }
}
