//! Change codes: what a receiving bank asks us to correct in a notification of change.
//!
//! A notification of change (NOC) says that an entry was posted and that its data were wrong. Its
//! code says which data; the corrected ones stand in 29 columns, each at its offset. [`decode`]
//! reads them, [`encode`] writes them. No money moves; but the next entry to the account must
//! carry the correction, or the bank may return it.
//!
//! Offsets are the rule, and what we write. Some software right-aligns what it writes into these
//! columns; where the offsets hold nothing valid, [`decode`] reads word by word, and accepts what
//! can mean only one thing. An account number never shows: [`AccountNumber`] has no `Display`, and
//! its `Debug` says only how long it is.
//!
//! Source: Nacha Rules 2013 Appendix Five.

use super::sec::SecCode;
use super::transactions::TransactionCode;
use crate::exact::Exact;
use crate::ids::RoutingNumber;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A change code as it was received, known to the table or not: `C01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChangeCode([u8; 3]);

/// The text is not `C` and two digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("change code: must be C and two digits")]
pub struct BadChangeCode;

impl ChangeCode {
    /// The code behind three bytes, `None` where they are not `C` and two digits.
    pub const fn from_bytes(text: &[u8]) -> Option<ChangeCode> {
        match *text {
            [b'C', a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(ChangeCode([b'C', a, b])),
            _ => None,
        }
    }

    /// The three characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("C00")
    }

    /// The code's row; `None` where the table does not know it.
    pub fn row(self) -> Option<&'static ChangeRow> {
        let at = CHANGE_CODES.binary_search_by_key(&self, |row| row.code);
        at.ok().and_then(|at| CHANGE_CODES.get(at))
    }
}

impl fmt::Display for ChangeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ChangeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ChangeCode {
    type Err = BadChangeCode;
    fn from_str(text: &str) -> Result<ChangeCode, BadChangeCode> {
        ChangeCode::from_bytes(text.as_bytes()).ok_or(BadChangeCode)
    }
}

impl TryFrom<String> for ChangeCode {
    type Error = BadChangeCode;
    fn try_from(text: String) -> Result<ChangeCode, BadChangeCode> {
        text.parse()
    }
}

impl From<ChangeCode> for String {
    fn from(code: ChangeCode) -> String {
        code.as_str().to_owned()
    }
}

// ---------------------------------------------------------------------------------- the table

/// What a code corrects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Part {
    Routing,
    Account,
    TransactionCode,
    Name,
    IndividualId,
    /// The identification of a foreign bank.
    ReceivingBank,
    SecCode,
    /// Words for a person.
    Remark,
}

impl Part {
    /// The name of the part in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Part::Routing => "routing number",
            Part::Account => "account number",
            Part::TransactionCode => "transaction code",
            Part::Name => "name",
            Part::IndividualId => "individual identification",
            Part::ReceivingBank => "receiving bank's identification",
            Part::SecCode => "entry class",
            Part::Remark => "remark",
        }
    }
}

/// How a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// A receiving bank or a gateway asks for a correction.
    Asks,
    /// The same, no longer in the rules; still read.
    Retired,
    /// Our bank refuses a notification; its corrected data are a copy.
    Refuses,
}

/// What is known of one change code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// The code.
    pub code: ChangeCode,
    /// Whether it asks or refuses.
    pub standing: Standing,
    /// The parts, each with its first and last column, counted from 1.
    pub parts: &'static [(Part, usize, usize)],
    /// A short title.
    pub title: &'static str,
}

const fn row(
    code: &str,
    standing: Standing,
    title: &'static str,
    parts: &'static [(Part, usize, usize)],
) -> ChangeRow {
    let Some(code) = ChangeCode::from_bytes(code.as_bytes()) else {
        panic!("a code of this table is not C and two digits") // at compile time
    };
    ChangeRow {
        code,
        standing,
        parts,
        title,
    }
}

use Part::{Account, IndividualId, Name, ReceivingBank, Remark, Routing, TransactionCode as Code};
use Standing::{Asks, Refuses, Retired};

/// Every change code, by number: standing, title, parts with their columns.
#[rustfmt::skip]
pub const CHANGE_CODES: &[ChangeRow] = &[
    row("C01", Asks,    "account number",             &[(Account, 1, 17)]),
    row("C02", Asks,    "routing number",             &[(Routing, 1, 9)]),
    row("C03", Asks,    "routing and account number", &[(Routing, 1, 9), (Account, 13, 29)]),
    row("C04", Retired, "receiver's name",            &[(Name, 1, 22)]),
    row("C05", Asks,    "transaction code",           &[(Code, 1, 2)]),
    row("C06", Asks,    "account number and code",    &[(Account, 1, 17), (Code, 21, 22)]),
    row("C07", Asks,    "all three of them",
        &[(Routing, 1, 9), (Account, 10, 26), (Code, 27, 28)]),
    row("C08", Asks,    "foreign bank (IAT)",         &[(ReceivingBank, 1, 34)]),
    row("C09", Asks,    "individual identification",  &[(IndividualId, 1, 22)]),
    row("C10", Retired, "company name",               &[]),
    row("C11", Retired, "company identification",     &[]),
    row("C12", Retired, "company name and id",        &[]),
    row("C13", Asks,    "addenda format",             &[(Remark, 1, 29)]),
    row("C14", Asks,    "entry class: send IAT",      &[(Part::SecCode, 1, 3)]),
    row("C61", Refuses, "notice went astray",         &[]),
    row("C62", Refuses, "trace number",               &[]),
    row("C63", Refuses, "company identification",     &[]),
    row("C64", Refuses, "individual identification",  &[]),
    row("C65", Refuses, "corrected data malformed",   &[]),
    row("C66", Refuses, "discretionary data",         &[]),
    row("C67", Refuses, "routing number not ours",    &[]),
    row("C68", Refuses, "account number not ours",    &[]),
    row("C69", Refuses, "transaction code",           &[]),
];

/// Columns of corrected data in a domestic notification. Addenda 98, positions 36-64.
pub const CORRECTED_COLUMNS: usize = 29;

/// Columns of corrected data in an international notification.
const INTERNATIONAL_COLUMNS: usize = 35;

// -------------------------------------------------------------------------------- corrected data

/// An account number that does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountNumber(String);

impl AccountNumber {
    /// The account number in `text`, without the blanks around it; `None` where that is nothing,
    /// more than 35 characters, or not printable ASCII.
    pub fn new(text: &str) -> Option<AccountNumber> {
        let text = text.trim_matches(' ');
        let fits = (1..=INTERNATIONAL_COLUMNS).contains(&text.len());
        let printable = text.bytes().all(|b| (0x20..=0x7E).contains(&b));
        (fits && printable).then(|| AccountNumber(text.to_owned()))
    }

    /// The characters: for sealing and for the entry, never for a message.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountNumber({} characters)", self.0.len())
    }
}

/// The data a notification of change asks us to use from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corrections {
    /// The receiving bank.
    pub routing: Option<RoutingNumber>,
    /// The account there.
    pub account: Option<AccountNumber>,
    /// The transaction code, and with it the kind of account.
    pub transaction: Option<TransactionCode>,
    /// The receiver's name.
    pub name: Option<String>,
    /// The individual identification number.
    pub individual_id: Option<String>,
    /// The foreign bank.
    pub receiving_bank: Option<String>,
    /// The entry class.
    pub sec: Option<SecCode>,
    /// Words for a person.
    pub remark: Option<String>,
}

/// Why corrected data cannot be read or written. Never repeats them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The table does not have the code.
    #[error("change code {0}: unknown; look at the notification and apply it by hand")]
    Unknown(ChangeCode),
    /// The code's data have no layout.
    #[error("change code {0}: its corrected data have no known layout; apply it by hand")]
    NoLayout(ChangeCode),
    /// A part is not what it should be.
    #[error(
        "change code {code}: columns {from}-{to} of the corrected data must be a {part}; \
         refuse the notification with C65",
        part = .part.as_str()
    )]
    Malformed {
        /// The code.
        code: ChangeCode,
        /// The part.
        part: Part,
        /// Its first column.
        from: usize,
        /// Its last column.
        to: usize,
    },
}

/// The corrections in the corrected data `data` of a notification with `code`.
///
/// ```
/// use settlement::codes::changes::{ChangeCode, decode};
///
/// let code: ChangeCode = "C02".parse().unwrap();
/// let corrections = decode(code, "076401251").unwrap();
/// assert_eq!(corrections.routing.unwrap().to_string(), "076401251");
/// ```
///
/// # Errors
/// Where the code has no layout, or neither its offsets nor its words hold what it says.
pub fn decode(code: ChangeCode, data: &str) -> Result<Corrections, ChangeError> {
    let row = code.row().ok_or(ChangeError::Unknown(code))?;
    if row.parts.is_empty() {
        return Err(ChangeError::NoLayout(code));
    }
    let data = data.trim_end_matches(' ');
    by_offset(row, data).or_else(|error| by_words(row, data).ok_or(error))
}

/// Reads each part at its columns; every other column must be blank.
fn by_offset(row: &ChangeRow, data: &str) -> Result<Corrections, ChangeError> {
    let mut corrections = Corrections::default();
    let mut read = 0;
    for (part, from, to) in row.parts {
        let wrong = ChangeError::Malformed {
            code: row.code,
            part: *part,
            from: *from,
            to: *to,
        };
        let first = from.less(1);
        let last = data.len().min(*to);
        let between = data.get(read..first.min(data.len()));
        if between.is_none_or(|gap| gap.bytes().any(|b| b != b' ')) {
            return Err(wrong);
        }
        let text = data.get(first.min(last)..last).unwrap_or("");
        corrections.set(*part, text).ok_or(wrong)?;
        read = last;
    }
    match (data.get(read..), row.parts.last()) {
        (Some(""), _) => Ok(corrections),
        (_, Some((part, from, to))) => Err(ChangeError::Malformed {
            code: row.code,
            part: *part,
            from: *from,
            to: *to,
        }),
        _ => Ok(corrections),
    }
}

/// Reads the parts in their order, wherever they stand: a routing number is the first nine
/// characters, a transaction code the last word, and the account number what is between.
fn by_words(row: &ChangeRow, data: &str) -> Option<Corrections> {
    let mut corrections = Corrections::default();
    let mut rest = data.trim_matches(' ');
    let has = |wanted| row.parts.iter().any(|(part, _, _)| *part == wanted);
    if has(Routing) {
        let (head, tail) = rest.split_at_checked(9)?;
        corrections.set(Routing, head)?;
        rest = tail;
    }
    if has(Code) {
        let (head, last) = rest.rsplit_once(' ').unwrap_or(("", rest));
        corrections.set(Code, last)?;
        rest = head;
    }
    for (part, from, to) in row
        .parts
        .iter()
        .filter(|(part, ..)| ![Routing, Code].contains(part))
    {
        let text = std::mem::take(&mut rest).trim_matches(' ');
        let alone = row.parts.len() == 1;
        let width = to.less(from.less(1));
        if text.len() > if alone { INTERNATIONAL_COLUMNS } else { width } {
            return None;
        }
        corrections.set(*part, text)?;
    }
    rest.trim_matches(' ').is_empty().then_some(corrections)
}

impl Corrections {
    /// Sets one part from its columns; `None` where they do not hold it.
    fn set(&mut self, part: Part, text: &str) -> Option<()> {
        let text = text.trim_matches(' ');
        let words = || (!text.is_empty()).then(|| text.to_owned());
        match part {
            Part::Routing => self.routing = Some(text.parse().ok()?),
            Part::Account => self.account = Some(AccountNumber::new(text)?),
            Part::TransactionCode => {
                self.transaction = Some(TransactionCode::from_bytes(text.as_bytes())?);
            }
            Part::Name => self.name = Some(words()?),
            Part::IndividualId => self.individual_id = Some(words()?),
            Part::ReceivingBank => self.receiving_bank = Some(words()?),
            Part::SecCode => self.sec = Some(text.parse().ok()?),
            Part::Remark => self.remark = Some(words()?),
        }
        Some(())
    }

    /// One part as text.
    fn get(&self, part: Part) -> Option<String> {
        match part {
            Part::Routing => self.routing.map(|it| it.to_string()),
            Part::Account => self.account.as_ref().map(|it| it.expose().to_owned()),
            Part::TransactionCode => self.transaction.map(|it| it.to_string()),
            Part::Name => self.name.clone(),
            Part::IndividualId => self.individual_id.clone(),
            Part::ReceivingBank => self.receiving_bank.clone(),
            Part::SecCode => self.sec.map(|it| it.to_string()),
            Part::Remark => self.remark.clone(),
        }
    }
}

/// The corrected data of a notification with `code`: each part at its columns, 29 in all, more
/// only for an international one.
///
/// # Errors
/// Where the code has no layout, or a part is missing or wider than its columns.
pub fn encode(code: ChangeCode, corrections: &Corrections) -> Result<String, ChangeError> {
    let row = code.row().ok_or(ChangeError::Unknown(code))?;
    if row.parts.is_empty() {
        return Err(ChangeError::NoLayout(code));
    }
    let mut data = String::with_capacity(INTERNATIONAL_COLUMNS);
    for (part, from, to) in row.parts {
        let wrong = ChangeError::Malformed {
            code,
            part: *part,
            from: *from,
            to: *to,
        };
        let text = corrections.get(*part).ok_or(wrong.clone())?;
        let first = from.less(1);
        if text.is_empty() || !text.is_ascii() || text.len() > to.less(first) {
            return Err(wrong);
        }
        data = format!("{data:<first$}{text}");
    }
    Ok(format!("{data:<CORRECTED_COLUMNS$}"))
}

#[cfg(test)]
mod tests;
