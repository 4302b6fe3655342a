//! What we agreed with one bank: who we are to it, when it takes files, how large they may be,
//! what it charges, and how it writes its statements.
//!
//! A profile is data (`data/banks/*.toml`). Banks differ in all of this, and none of it is a
//! rule of Nacha; so a new bank is a new file and no code.

mod check;
mod cutoffs;
pub mod dialect;
mod naming;
pub mod netted;
pub mod shape;

pub use cutoffs::Cutoffs;
pub use naming::is_short_name;

use crate::codes::sec::SecCode;
use crate::ids::{DfiId, Direction, RoutingNumber};
use crate::money::{Cents, Currency};
use crate::payment::AccountKind;
use dialect::Habit;
use netted::NettedTerms;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};
use shape::ShapeFrom;
use std::{collections::BTreeMap, fmt};

/// One bank's profile. Every field is checked by [`BankProfile::parse`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankProfile {
    /// The profile's name in reports: lower case, no blanks.
    pub name: String,
    /// The originating bank's eight digits: the first half of every trace we assign.
    pub odfi: DfiId,
    /// Where files go. File header, positions 4-13.
    pub immediate_destination: RoutingNumber,
    /// At most 23 characters.
    pub immediate_destination_name: String,
    /// Who sends: ten characters as the bank asks for them. File header, positions 14-23.
    pub immediate_origin: String,
    /// At most 23 characters.
    pub immediate_origin_name: String,
    /// The currency of the account, and of everything that goes by this bank.
    #[serde(default)]
    pub currency: Currency,
    /// How records end.
    #[serde(default)]
    pub line_end: LineEnd,
    /// How the bank writes statements.
    pub statement_format: StatementFormat,
    /// The account whose statements the bank sends and where batches settle.
    pub account: SettlementAccount,
    /// Limits of a batch.
    pub batch: BatchLimits,
    /// Limits of a file.
    pub file: FileLimits,
    /// The largest single entry the bank takes.
    pub max_entry_cents: Cents,
    /// The bank's own deadlines, Eastern time: earlier than the operator's.
    pub cutoffs: Cutoffs,
    /// What the bank charges.
    pub prices: Prices,
    /// Fees that the contract lets the bank keep from a settlement.
    #[serde(default)]
    pub netted_fees: Vec<NettedTerms>,
    /// How the bank settles, each from its day on; a line for each batch and return where nothing
    /// is said.
    #[serde(default)]
    pub settlement: Vec<ShapeFrom>,
    /// In what the bank's ACH files differ from the rules; none where it keeps to them.
    #[serde(default)]
    pub dialect: Vec<Habit>,
    /// How we know that a file the bank puts out is whole.
    #[serde(default)]
    pub inbound: Inbound,
    /// When a difference or a delay becomes a break.
    pub tolerance: Tolerance,
    /// What the bank's statement type codes mean to us: code to role.
    pub statement_codes: BTreeMap<String, LineRole>,
    /// For how many days names of receivers are kept after the last that moved money.
    #[serde(default = "kept_days")]
    pub names_kept_days: u16,
    /// Who originates through this bank, by our own short name.
    pub originators: BTreeMap<String, Originator>,
}

const fn kept_days() -> u16 {
    crate::forgetting::KEPT_DAYS
}

/// How records of a NACHA file end; banks differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineEnd {
    /// Line feed.
    #[default]
    Lf,
    /// Carriage return and line feed.
    CrLf,
    /// Nothing: records follow each other.
    None,
}

/// No way in which records end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("records end in lf, crlf or none")]
pub struct UnknownLineEnd;

impl LineEnd {
    /// Every one.
    pub const ALL: &[LineEnd] = &[LineEnd::Lf, LineEnd::CrLf, LineEnd::None];

    /// As profiles and the command line say it: `lf`, `crlf`, `none`.
    pub const fn as_str(self) -> &'static str {
        match self {
            LineEnd::Lf => "lf",
            LineEnd::CrLf => "crlf",
            LineEnd::None => "none",
        }
    }

    /// What stands after the 94 columns of a record.
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            LineEnd::Lf => b"\n",
            LineEnd::CrLf => b"\r\n",
            LineEnd::None => b"",
        }
    }
}

impl fmt::Display for LineEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for LineEnd {
    type Err = UnknownLineEnd;
    fn from_str(text: &str) -> Result<LineEnd, UnknownLineEnd> {
        let mut all = LineEnd::ALL.iter().copied();
        all.find(|end| end.as_str() == text).ok_or(UnknownLineEnd)
    }
}

/// How a bank writes statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum StatementFormat {
    Bai2,
    Camt053,
}

/// Our account at the bank.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettlementAccount {
    /// The bank that keeps it.
    pub routing: RoutingNumber,
    /// Its number; never printed.
    pub number: String,
    /// Its kind.
    pub kind: AccountKind,
    /// Its holder's name, for offset entries: at most 22 characters.
    pub holder: String,
}

impl fmt::Debug for SettlementAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SettlementAccount({}, {})", self.routing, self.last4())
    }
}

impl SettlementAccount {
    /// What tells the account from another one, and may be written down.
    pub fn described(&self) -> String {
        let SettlementAccount {
            routing,
            kind,
            holder,
            ..
        } = self;
        format!("{routing} {} {kind:?} {holder}", self.last4())
    }

    /// The last four characters, which may be shown.
    pub fn last4(&self) -> &str {
        let from = self.number.len().saturating_sub(4); // saturates: a shorter one is all of it
        self.number.get(from..).unwrap_or("")
    }
}

/// Limits of a batch.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchLimits {
    /// Entries in a batch, the offset entry included.
    pub max_entries: u32,
    /// Whether credits and debits share a batch of service class 200.
    #[serde(default)]
    pub mixed: bool,
    /// Whether each batch ends in an entry that balances it.
    #[serde(default)]
    pub balanced: bool,
}

/// Limits of a file.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileLimits {
    /// Entries in a file.
    pub max_entries: u32,
    /// Cents of either side in a file.
    pub max_cents: Cents,
}

/// What the bank charges, in US dollars, as the contract states it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// For a file.
    pub per_file: Decimal,
    /// For a batch.
    pub per_batch: Decimal,
    /// For an entry.
    pub per_item: Decimal,
    /// On top, for a same-day entry.
    pub same_day: Decimal,
    /// For a returned entry.
    pub return_item: Decimal,
    /// For a notification of change.
    pub noc: Decimal,
    /// At least this each month.
    pub monthly_minimum: Decimal,
}

/// Millionths of a dollar in a dollar.
const MICROS: i64 = 1_000_000;

/// `usd` in millionths of a dollar, rounded half to even; `None` where it does not fit.
pub fn micros(usd: Decimal) -> Option<i64> {
    usd.checked_mul(Decimal::from(MICROS))?.round().to_i64()
}

/// How we know that a file the bank puts out is whole: it writes it in its own time, and a file
/// that is taken half written fails its totals.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbound {
    /// Seconds for which size and time of a file must not have changed. Not asked where the bank
    /// marks what is whole.
    #[serde(default = "settle_seconds")]
    pub settle_seconds: u32,
    /// What the bank's done-marker has behind the name of its file: with `.done`, `A.ach` is taken
    /// only where `A.ach.done` stands beside it.
    #[serde(default)]
    pub done_suffix: Option<String>,
}

/// Longer than any bank pauses while it writes a file, and no delay that a day would notice.
const fn settle_seconds() -> u32 {
    60
}

impl Default for Inbound {
    fn default() -> Inbound {
        Inbound {
            settle_seconds: settle_seconds(),
            done_suffix: None,
        }
    }
}

/// When a difference or a delay becomes a break.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Differences of a bill up to this are rounding.
    pub rounding_cents: Cents,
    /// Differences of a settlement up to this are rounding: ACH does not round, so nothing, unless
    /// the contract says why.
    #[serde(default)]
    pub settlement_cents: Cents,
    /// Why a settlement may be rounded.
    #[serde(default)]
    pub settlement_reason: String,
    /// Banking days after the expected settlement date before a missing line is a break.
    pub settlement_days: u32,
}

/// What a statement line is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineRole {
    /// Money left us to fund a batch of credits we originated.
    CreditSettlement,
    /// Money came from a batch of debits we originated.
    DebitSettlement,
    /// A debit we originated came back: money left us.
    DebitReturned,
    /// A credit we originated came back: money came in.
    CreditReturned,
    /// What the bank charges us.
    Fee,
    /// A wire that funds the account, or takes money out of it.
    Funding,
    /// Anything else.
    Other,
}

impl LineRole {
    /// The name of the role in tables and profiles.
    pub const fn as_str(self) -> &'static str {
        match self {
            LineRole::CreditSettlement => "credit_settlement",
            LineRole::DebitSettlement => "debit_settlement",
            LineRole::DebitReturned => "debit_returned",
            LineRole::CreditReturned => "credit_returned",
            LineRole::Fee => "fee",
            LineRole::Funding => "funding",
            LineRole::Other => "other",
        }
    }

    /// Which side of a batch a line of this role settles: its credits or its debits. `None` where
    /// it settles none: returns come one by one, and fees and others are of no batch.
    pub const fn side(self) -> Option<Direction> {
        match self {
            LineRole::CreditSettlement => Some(Direction::Credit),
            LineRole::DebitSettlement => Some(Direction::Debit),
            LineRole::DebitReturned | LineRole::CreditReturned => None,
            LineRole::Fee | LineRole::Funding | LineRole::Other => None,
        }
    }
}

impl std::str::FromStr for LineRole {
    type Err = ProfileError;
    fn from_str(text: &str) -> Result<LineRole, ProfileError> {
        use LineRole as R;
        let all = [
            R::CreditSettlement,
            R::DebitSettlement,
            R::DebitReturned,
            R::CreditReturned,
            R::Fee,
            R::Funding,
            R::Other,
        ];
        let wrong = || ProfileError::Field("statement role", "is not one of the seven".into());
        all.into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(wrong)
    }
}

/// One originating company.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Originator {
    /// At most 16 characters. Batch header, positions 5-20.
    pub company_name: String,
    /// Ten characters. Batch header, positions 41-50.
    pub company_id: String,
    /// At most 20 characters. Batch header, positions 21-40.
    #[serde(default)]
    pub discretionary_data: String,
    /// US dollars by which what it may spend may stand below zero.
    #[serde(default)]
    pub limit: Decimal,
    /// The entry classes it may use, each with its usual entry description.
    pub classes: BTreeMap<SecCode, String>,
}

/// Why a bank profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not the TOML of a profile.
    #[error("bank profile: {}", crate::foreign::fault(.0))]
    Toml(#[from] toml::de::Error),
    /// A field is missing or out of range.
    #[error("bank profile, {0}: {1}")]
    Field(&'static str, String),
}

impl BankProfile {
    /// Reads and checks a profile.
    ///
    /// # Errors
    /// Where it is not TOML of this shape, or a field does not fit the NACHA record it goes to.
    pub fn parse(text: &str) -> Result<BankProfile, ProfileError> {
        let profile: BankProfile = toml::from_str(text)?;
        profile.check()?;
        Ok(profile)
    }

    /// What a statement type code means to us.
    pub fn role(&self, type_code: &str) -> LineRole {
        self.statement_codes
            .get(type_code)
            .copied()
            .unwrap_or(LineRole::Other)
    }
}

/// The largest amount of one entry: ten digits of cents. Nacha Rules 2013 Appendix Three.
pub const MAX_ENTRY: Cents = Cents::new(9_999_999_999);

/// The largest debit or credit total of a batch or file: twelve digits of cents.
pub const MAX_TOTAL: Cents = Cents::new(999_999_999_999);

impl Prices {
    /// What `items` entries in `batches` batches of `files` files cost, in micro-dollars.
    pub fn cost(&self, files: u64, batches: u64, items: u64, same_day: u64) -> Option<i64> {
        let part =
            |price: Decimal, count: u64| micros(price)?.checked_mul(i64::try_from(count).ok()?);
        part(self.per_file, files)?
            .checked_add(part(self.per_batch, batches)?)?
            .checked_add(part(self.per_item, items)?)?
            .checked_add(part(self.same_day, same_day)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    const SANDBOX: &str = include_str!("../../data/banks/sandbox.toml");

    #[test]
    fn the_profile_we_ship_is_sound() {
        let profile = BankProfile::parse(SANDBOX).unwrap();
        assert_eq!(profile.batch.max_entries, 2500);
        assert_eq!(profile.role("447"), LineRole::CreditSettlement);
        assert_eq!(profile.role("999"), LineRole::Other);
        assert!(!format!("{profile:?}").contains(&profile.account.number));
        assert_eq!(
            profile.inbound.settle_seconds, 0,
            "the sandbox writes whole files"
        );
        let unsaid = SANDBOX.replacen("[inbound]\nsettle_seconds = 0", "", 1);
        let unsaid = BankProfile::parse(&unsaid).unwrap().inbound;
        assert_eq!(unsaid, Inbound::default());
        assert_eq!(unsaid.settle_seconds, 60);
    }

    #[test]
    fn each_side_of_a_batch_is_settled_by_one_role() {
        use LineRole as R;
        let settles = |direction| {
            let roles = [R::CreditSettlement, R::DebitSettlement, R::DebitReturned];
            let more = [R::CreditReturned, R::Fee, R::Funding, R::Other];
            let all = roles.into_iter().chain(more);
            all.filter(|role| role.side() == Some(direction))
                .collect::<Vec<_>>()
        };
        assert_eq!(settles(Direction::Credit), [R::CreditSettlement]);
        assert_eq!(settles(Direction::Debit), [R::DebitSettlement]);
    }

    #[test]
    fn prices_are_whole_micro_dollars() {
        let prices = BankProfile::parse(SANDBOX).unwrap().prices;
        let cost = prices.cost(1, 2, 3, 0).unwrap();
        let one = |d: Decimal| micros(d).unwrap();
        let expected = one(prices.per_file) + 2 * one(prices.per_batch) + 3 * one(prices.per_item);
        assert_eq!(cost, expected);
    }

    #[test]
    fn line_ends_are_written_as_they_are_read() {
        for end in LineEnd::ALL {
            assert_eq!(end.as_str().parse(), Ok(*end));
            let text: StrDeserializer<'_, Error> = end.as_str().into_deserializer();
            assert_eq!(LineEnd::deserialize(text), Ok(*end));
        }
        assert_eq!("cr".parse::<LineEnd>(), Err(UnknownLineEnd));
    }
}
