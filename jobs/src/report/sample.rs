//! Five plausible days, for tests of the layout.

use super::breaks::{Break, Breaks};
use super::data::*;
use jiff::civil::{Date, date};
use settlement::{
    ids::Direction,
    money::{Cents, SignedCents},
    savings::{BankPrices, Books, CardInputs, PaymentFacts, PriceList, Rates, Totals, claims},
};

/// Days across a weekend, a missing settlement on the last.
pub fn sample() -> ReportData {
    let dates = [13, 14, 15, 16, 20].map(|day| date(2026, 1, day));
    let t = |count, cents| Tally::new(count, Cents::new(cents));
    ReportData {
        source: "sandbox bank, seed 7".to_owned(),
        from: dates[0],
        to: dates[4],
        tied_out: true,
        reasons: vec![],
        conservation: Conservation {
            taken_in: t(50_000, 1_847_293_155),
            settled: t(38_912, 1_436_004_417),
            returned: t(571, 19_877_201),
            failed: t(204, 8_120_450),
            canceled: t(37, 1_102_004),
            waiting: t(10_276, 382_189_083),
        },
        days: dates.iter().map(|date| day(*date)).collect(),
        breaks: Breaks::of(breaks()).unwrap(),
        clearing: vec![
            account("1110", "ACH debit clearing", 0, 0, ""),
            account(
                "2110",
                "ACH credit clearing",
                1,
                -412_055,
                "MISSING_AT_BANK 260120A0000003",
            ),
            account("2120", "ACH return clearing", 0, 0, ""),
        ],
        returns: vec![
            returned("R01", "insufficient funds", t(402, 13_900_110)),
            returned("R02", "account closed", t(120, 4_100_980)),
            returned("R03", "no account, cannot be located", t(38, 1_400_000)),
            returned("R10", "not authorized by the receiver", t(11, 476_111)),
        ],
        rates: vec![
            rate("Unauthorized", "R05 R07 R10 R11 R29 R51", 11, 50),
            rate("Administrative", "R02 R03 R04", 158, 300),
            rate("Overall", "all debit returns", 571, 1_500),
        ],
        savings: Some(savings(&dates)),
        recounted: Recounted::new(6, 0),
        figures: vec![("validating read".to_owned(), "1,234 MB/s".to_owned())],
        timings: timings(),
        dir: "tieout-data".to_owned(),
        files: vec![
            files("Sent to the bank", "objects/outbound", 45, 4_812_000),
            files("Received from the bank", "objects/inbound", 21, 912_000),
            files("Tables", "objects/journal", 88, 9_120_000),
            files("Sealed days", "archive", 10, 14_900_000),
        ],
        archive: dates.iter().map(|date| sealed(*date)).collect(),
    }
}

fn timings() -> Vec<Timing> {
    [
        "cut",
        "deliver",
        "ingest",
        "post",
        "reconcile",
        "savings",
        "archive",
    ]
    .iter()
    .zip([1_120, 95, 640, 410, 305, 120, 230])
    .map(|(job, elapsed_ms)| Timing {
        job: (*job).to_owned(),
        elapsed_ms,
        items: 50_000,
    })
    .collect()
}

fn day(date: Date) -> Day {
    let t = |count, cents| Tally::new(count, Cents::new(cents));
    Day {
        date,
        cut: t(10_000, 369_458_631),
        files: 9,
        settled: t(7_782, 287_200_883),
        returned: t(114, 3_975_440),
        breaks: 1,
        tied_out: true,
    }
}

fn breaks() -> Vec<Break> {
    let found = |kind: &str, key: &str, cents, explanation: &str, status: &str| Break {
        kind: kind.to_owned(),
        key: key.to_owned(),
        date: date(2026, 1, 20),
        amount: SignedCents::new(cents),
        explanation: explanation.to_owned(),
        status: status.to_owned(),
    };
    vec![
        found(
            "MISSING_AT_BANK",
            "260120A0000003",
            -412_055,
            "The bank has not settled the batch two banking days after it was due.",
            "open",
        ),
        found(
            "DUP_STATEMENT",
            "260114A0000001",
            93_818_112,
            "The same statement line stands twice; the second is not booked.",
            "auto cleared",
        ),
        found(
            "FEE_NETTED",
            "260115A0000004",
            -2_500,
            "The settlement is short by the bank's fee of 25.00.",
            "auto cleared",
        ),
        found(
            "DATE",
            "260113A0000002",
            0,
            "Settled one banking day after it was due.",
            "auto cleared",
        ),
    ]
}

fn account(account: &str, name: &str, open_keys: u64, cents: i64, why: &str) -> Clearing {
    let (account, name, why) = (account.to_owned(), name.to_owned(), why.to_owned());
    Clearing {
        account,
        name,
        open_keys,
        balance: SignedCents::new(cents),
        why,
        unexplained: 0,
    }
}

fn returned(code: &str, meaning: &str, tally: Tally) -> Returned {
    Returned {
        code: code.to_owned(),
        meaning: meaning.to_owned(),
        tally,
    }
}

fn rate(name: &str, codes: &str, returned: u64, limit: u32) -> ReturnRate {
    let (name, codes) = (name.to_owned(), codes.to_owned());
    ReturnRate {
        name,
        codes,
        returned,
        originated: 24_510,
        limit,
    }
}

fn files(what: &str, place: &str, count: u64, bytes: u64) -> Files {
    Files {
        what: what.to_owned(),
        place: place.to_owned(),
        count,
        bytes,
    }
}

fn sealed(date: Date) -> SealedDay {
    let link = |day: i8| settlement::archive::sha256(&[day.unsigned_abs()]).to_string();
    SealedDay {
        date,
        bytes: 2_980_000,
        members: 31,
        tree_hash: settlement::archive::sha256(date.to_string().as_bytes()).to_string(),
        manifest: link(date.day()),
        previous: if date.day() == 13 {
            String::new()
        } else {
            link(date.day() - 1)
        },
        retention_until: date.checked_add(jiff::Span::new().days(2_557)).unwrap(),
        proved: true,
    }
}

fn savings(dates: &[Date]) -> Savings {
    let list = PriceList::parse(include_str!("../../../data/prices.toml")).unwrap();
    let bank = BankPrices {
        per_file: 5_000_000,
        per_batch: 100_000,
        per_item: 60_000,
        return_item: 2_000_000,
        ..BankPrices::default()
    };
    let rates = Rates::on(&list, bank, dates[0]).unwrap();
    let mut books = Books::default();
    for date in dates {
        let mut day = Totals {
            files: 9,
            batches: 14,
            ..Totals::default()
        };
        for place in 0..1_000 {
            let facts = PaymentFacts {
                amount: Cents::new(36_945),
                direction: if place % 2 == 0 {
                    Direction::Debit
                } else {
                    Direction::Credit
                },
                same_day: place % 5 == 0,
                file_entries: 1_000,
                file_place: place,
                batch_entries: 1_000,
                batch_place: place,
                returned: (place % 90 == 0).then(|| "R01".parse().unwrap()),
                changes: 0,
            };
            day = day
                .with(facts.amount, &rates.cost(&facts).unwrap())
                .unwrap();
        }
        books.add(*date, &day).unwrap();
    }
    let claims = claims(&list, dates[0]).unwrap();
    Savings::of(&books, 100_000_000, &CardInputs::default(), None, claims).unwrap()
}
