//! What a report says, before it is laid out.

use super::breaks::Breaks;
pub use super::sums::Tally;
use jiff::civil::Date;
use serde::Serialize;
use settlement::foreign;
use settlement::{
    money::SignedCents,
    savings::{Books, CardInputs, Claim, MicroDollars, Totals},
};
use std::collections::BTreeMap;

/// A run of business days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportData {
    /// Whose days: `Sandbox bank, seed 7`.
    pub source: String,
    /// The first business date.
    pub from: Date,
    /// The last business date.
    pub to: Date,
    /// Whether everything agrees, breaks explained.
    pub tied_out: bool,
    /// Why not; empty where it does.
    pub reasons: Vec<String>,
    /// Where every payment is.
    pub conservation: Conservation,
    /// One row for each business date.
    pub days: Vec<Day>,
    /// Every break found, in the order to read them.
    pub breaks: Breaks,
    /// The clearing accounts, zero or not.
    pub clearing: Vec<Clearing>,
    /// Returns by code, the most money first.
    pub returns: Vec<Returned>,
    /// Return rates against the network's thresholds.
    pub rates: Vec<ReturnRate>,
    /// Cost and savings; none where the job has not run.
    pub savings: Option<Savings>,
    /// Figures that were counted a second time.
    pub recounted: Recounted,
    /// What each job handled, and how long it took. The page leaves the times out.
    pub timings: Vec<Timing>,
    /// What was measured in this run: name and figure. The page leaves them out.
    pub figures: Vec<(String, String)>,
    /// The folder that everything is below, as it was given. The page, which lies in it, leaves
    /// it out.
    pub dir: String,
    /// Where the files are.
    pub files: Vec<Files>,
    /// The chain of sealed days.
    pub archive: Vec<SealedDay>,
}

/// Each payment is in exactly one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Conservation {
    /// Payments taken in.
    pub taken_in: Tally,
    /// Settled and not come back.
    pub settled: Tally,
    /// Settled and come back.
    pub returned: Tally,
    /// Refused, or come back before they settled.
    pub failed: Tally,
    /// Withdrawn before they were sent.
    pub canceled: Tally,
    /// Not yet at an end.
    pub waiting: Tally,
}

impl Conservation {
    /// The places a payment can be in, with their names.
    pub const fn places(&self) -> [(&'static str, Tally); 5] {
        [
            ("Settled", self.settled),
            ("Returned", self.returned),
            ("Failed", self.failed),
            ("Canceled", self.canceled),
            ("Waiting", self.waiting),
        ]
    }

    /// All places together; none where a sum does not fit.
    pub fn accounted_for(&self) -> Option<Tally> {
        self.places()
            .into_iter()
            .try_fold(Tally::default(), |sum, (_, part)| sum.checked_add(part))
    }

    /// Whether the places add up to what was taken in.
    pub fn holds(&self) -> bool {
        self.accounted_for() == Some(self.taken_in)
    }
}

/// One business date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The business date.
    pub date: Date,
    /// Payments cut.
    pub cut: Tally,
    /// Files sent.
    pub files: u64,
    /// Payments that settled.
    pub settled: Tally,
    /// Payments that came back.
    pub returned: Tally,
    /// Breaks found.
    pub breaks: u64,
    /// Whether the day tied out.
    pub tied_out: bool,
}

/// Figures of the jobs that SQL over the tables counted again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recounted {
    /// How many.
    pub figures: u64,
    /// How many of them differ.
    pub differ: u64,
}

impl Recounted {
    /// So many, of which so many differ.
    pub const fn new(figures: usize, differ: usize) -> Recounted {
        Recounted {
            figures: figures as u64,
            differ: differ as u64,
        }
    }
}

/// One clearing account at the end of the last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clearing {
    /// Its number: `1110`.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Keys that are not at zero.
    pub open_keys: u64,
    /// Its balance, in cents.
    pub balance: SignedCents,
    /// The breaks that explain its keys; empty where none does.
    pub why: String,
    /// Keys that no break explains.
    pub unexplained: u64,
}

impl Clearing {
    /// Whether every key is at zero: keys that cancel each other are not.
    pub const fn is_clear(&self) -> bool {
        self.open_keys == 0 && self.balance.is_zero()
    }
}

/// Returns of one code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Returned {
    /// `R01`.
    pub code: String,
    /// What it says.
    pub meaning: String,
    /// How many and how much.
    pub tally: Tally,
}

/// A return rate against its threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReturnRate {
    /// `Unauthorized`.
    pub name: String,
    /// The codes that count: `R05 R07 R10 R11 R29 R51`.
    pub codes: String,
    /// Debits that came back with one of them.
    pub returned: u64,
    /// Debits sent.
    pub originated: u64,
    /// The threshold in hundredths of a percent: 50, 300, 1500.
    pub limit: u32,
}

impl ReturnRate {
    /// The rate in hundredths of a percent, rounded down; 0 without debits.
    pub const fn rate(&self) -> u64 {
        match (self.returned * 10_000).checked_div(self.originated) {
            Some(rate) => rate,
            None => 0,
        }
    }

    /// Whether the rate is above the threshold, without rounding.
    pub fn exceeded(&self) -> bool {
        u128::from(self.returned) * 10_000 > u128::from(self.originated) * u128::from(self.limit)
    }
}

/// Cost and savings of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Savings {
    /// All days together.
    pub totals: Totals,
    /// By month and by year, with their names.
    pub periods: Vec<(String, Totals)>,
    /// What the bank adds where a month's fees stay under its minimum.
    pub minimum_gap: MicroDollars,
    /// What cards would cost with interchange and an acquirer; none unless both were given.
    pub own_cards: Option<MicroDollars>,
    /// What the figures leave out, in sentences.
    pub not_included: Vec<String>,
    /// The claims of the cost proposal, computed again.
    pub claims: Vec<Claim>,
}

/// What every savings report leaves out.
const NOT_INCLUDED: [&str; 5] = [
    "The card baseline changes the payment method. Like for like, a bank debit or credit is \
     compared with the same processor's bank debit or credit.",
    "Fraud losses, engineering, support and compliance are not in any column.",
    "The cloud column is what one payment uses; fixed monthly costs (keys, logs, networks, alarms) \
     are not in it and outweigh it.",
    "The network's entry fees are billed to the originating bank; they are counted as passed on.",
    "Prices are list prices of the dates in data/prices.toml, some from secondary sources; they \
     are rounded half to even, once for each item.",
];

impl Savings {
    /// From the books of a run; none where a sum does not fit.
    ///
    /// `minimum` is the bank's monthly minimum in micro-dollars.
    pub fn of(
        books: &Books,
        minimum: i64,
        cards: &CardInputs,
        own_cards: Option<MicroDollars>,
        claims: Vec<Claim>,
    ) -> Option<Savings> {
        let (mut months, mut years) = (BTreeMap::new(), BTreeMap::new());
        for date in books.days.keys() {
            let (year, month) = (date.year(), date.month());
            months.insert((year, month), books.month(year, month)?);
            years.insert(year, books.year(year)?);
        }
        let gaps = months.values().map(|month| month.minimum_gap(minimum));
        let minimum_gap = MicroDollars::sum(gaps.collect::<Option<Vec<_>>>()?)?;
        let months = months
            .into_iter()
            .map(|((y, m), totals)| (format!("{y:04}-{m:02}"), totals));
        let years = years
            .into_iter()
            .map(|(y, totals)| (format!("{y:04}"), totals));
        let not_included = NOT_INCLUDED
            .map(str::to_owned)
            .into_iter()
            .chain(cards.absent());
        Some(Savings {
            totals: books.all()?,
            periods: months.chain(years).collect(),
            minimum_gap,
            own_cards,
            not_included: not_included.collect(),
            claims,
        })
    }
}

/// How long one job took over the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// The job: `cut`.
    pub job: String,
    /// Milliseconds, all days together.
    pub elapsed_ms: u64,
    /// What it handled: payments, entries or lines.
    pub items: u64,
}

impl Timing {
    /// Items a second; none under a millisecond.
    pub const fn per_second(&self) -> Option<u64> {
        (self.items * 1000).checked_div(self.elapsed_ms)
    }
}

/// Files of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Files {
    /// What they are: `Files sent to the bank`.
    pub what: String,
    /// Where they are, below the report's folder: `objects/outbound`.
    pub place: String,
    /// How many.
    pub count: u64,
    /// Bytes together.
    pub bytes: u64,
}

/// One sealed day of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealedDay {
    /// The business date.
    pub date: Date,
    /// Bytes of the package.
    pub bytes: u64,
    /// Members of the package.
    pub members: u64,
    /// The package's tree hash, in hexadecimal.
    pub tree_hash: String,
    /// The manifest's SHA-256, in hexadecimal; the next day holds it as `previous`.
    pub manifest: String,
    /// The manifest of the day before; empty for the first.
    pub previous: String,
    /// The first date on which it may be deleted.
    pub retention_until: Date,
    /// Whether it was read back and proved.
    pub proved: bool,
}

impl ReportData {
    /// The claims that have a page of their own; empty where nothing was computed.
    pub fn claims(&self) -> &[Claim] {
        self.savings.as_ref().map_or(&[], |savings| &savings.claims)
    }

    /// A path below the run's folder, as it was given.
    pub fn below(&self, name: &str) -> String {
        let path = std::path::Path::new(&self.dir).join(name);
        foreign::path(&path)
    }
}

/// Dollars and cents of micro-dollars, thousands separated, rounded half to even.
pub fn usd(amount: MicroDollars) -> String {
    let cents = amount.usd().round_dp(2).mantissa();
    let scale = amount.usd().round_dp(2).scale();
    let cents = if scale == 0 { cents * 100 } else { cents };
    let cents = i64::try_from(cents).expect("fewer cents than 64 bits of their ten-thousandths");
    SignedCents::new(cents).to_string()
}

/// A number with thousands separators.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Hundredths of a percent as a percentage: `0.50 %`.
pub fn percent(hundredths: u64) -> String {
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// Bytes in the largest unit that leaves a whole number of at least one: `12 MiB`.
pub fn bytes(value: u64) -> String {
    match value {
        0..1024 => format!("{value} B"),
        1024..1_048_576 => format!("{} KiB", value >> 10),
        1_048_576..1_073_741_824 => format!("{} MiB", value >> 20),
        _ => format!("{} GiB", value >> 30),
    }
}
