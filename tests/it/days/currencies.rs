//! A bank in dollars of the United States and one in those of Canada, in one installation: whole
//! days tie out at both, every table says its currency, and no amount of one meets the other's.

use crate::child;
use crate::days::banks::{configure_in, copied_of};
use crate::days::whole::play;
use crate::tree::{assert_same, bytes, scratch};
use settlement::money::Currency;
use std::collections::BTreeSet;
use std::fs;

const DAY: &str = "2026-12-04";

/// Tables with a currency, and the column of days that each is parted by.
const TABLES: &[(&str, &str)] = &[
    ("payment_events", "event_date"),
    ("ach_entries", "cut_date"),
    ("ach_returns", "received_date"),
    ("bank_lines", "statement_date"),
    ("bank_balances", "statement_date"),
    ("journal", "ledger_date"),
    ("balances", "ledger_date"),
    ("matches", "recon_date"),
    ("allocations", "allocation_date"),
    ("breaks", "recon_date"),
    ("savings", "savings_date"),
    ("job_runs", "run_date"),
    ("parts", "sealed_in"),
];

#[test]
fn whole_days_in_two_currencies_tie_out_and_their_amounts_never_meet() {
    let dir = scratch();
    let verdict = play(dir.path(), |options| {
        (options.banks, options.payments, options.days) = (2, 150, 2);
        options.second_currency = Currency::Cad;
        options.leave_open = true;
    });
    let [north] = &verdict.others[..] else {
        panic!("one other bank")
    };
    // The recount by SQL is one of the reasons that there could be.
    let reasons = (&verdict.reasons, &north.reasons);
    assert!(verdict.tied_out(), "{reasons:#?}");
    assert_eq!(north.summary.breaks.planted, north.summary.breaks.found);
    let copy = copied_of(dir.path());
    let at = copy.path().join("copy");
    configure_in(&at, Currency::Cad);
    child::run(&at, &["day", "--date", DAY]).ran(&["bank sandbox:", "bank north:"]);
    child::run(&at, &["check"]).expect(0, &[]);
    for (table, partition) in TABLES {
        let sql = format!(
            "SELECT currency, COUNT(*) AS some FROM {table} WHERE {partition} >= DATE \
             '2026-01-01' GROUP BY currency"
        );
        let answer = child::run(&at, &["query", &sql, "--csv"]);
        let text = answer.expect(0, &[]).text();
        let said: BTreeSet<&str> = text
            .lines()
            .skip(1)
            .filter_map(|line| line.rsplit_once(',').map(|(said, _)| said))
            .collect();
        assert_eq!(
            said,
            BTreeSet::from(["north,CAD", "sandbox,USD"]),
            "{table}"
        );
    }
    a_statement_of_the_other_currency_is_not_booked(&at);
    // Its books stay in the currency that they were begun in.
    let before = bytes(&at, &["objects", "archive"]);
    configure_in(&at, Currency::Usd);
    let says = [
        "the books of the bank north are in CAD",
        "its profile is in USD",
    ];
    for command in [
        &["check"][..],
        &["query", "trial_balance"],
        &["day", "--date", DAY],
    ] {
        let bank = [command, &["--bank", "north"]].concat();
        child::run(&at, &bank).expect(2, &says);
    }
    child::run(&at, &["init"]).expect(2, &says);
    assert_same("refused", &before, &bytes(&at, &["objects", "archive"]));
}

/// A statement of the bank's own account that says another currency.
fn a_statement_of_the_other_currency_is_not_booked(at: &std::path::Path) {
    let all = bytes(at, &["north/bank/from-bank", "objects/banks/north/inbound"]);
    let mut statements = all.iter().filter(|(name, _)| name.contains("statement"));
    let (name, body) = statements.next_back().expect("a statement");
    let text = String::from_utf8(body.clone()).expect("camt");
    assert!(text.contains("CAD") && !text.contains("USD"), "{name}");
    let other = at.join("north/bank/from-bank/2026-12-07-0500-statement-other.xml");
    fs::write(&other, text.replace("CAD", "USD")).expect("written");
    let day = child::run(at, &["ingest", "--date", "2026-12-07", "--bank", "north"]);
    day.expect(1, &["its currency is not CAD: not booked"]);
}

#[test]
fn a_bank_in_another_currency_needs_prices_in_it_and_a_known_currency() {
    let dir = scratch();
    let at = dir.path();
    child::installation(at);
    configure_in(at, Currency::Cad);
    let profile = at.join("north.toml");
    let text = fs::read_to_string(&profile).expect("the profile");
    for odd in ["XAU", "usd", "JPY", ""] {
        let other = text.replace("currency = \"CAD\"", &format!("currency = \"{odd}\""));
        fs::write(&profile, other).expect("written");
        child::run(at, &["check"]).expect(2, &["north.toml", "line 1"]);
    }
    fs::write(&profile, &text).expect("written");
    let config = at.join("tieout.toml");
    let whole = fs::read_to_string(&config).expect("the configuration");
    let (without, _) = whole.split_once("[bank_prices]").expect("prices");
    fs::write(&config, without).expect("written");
    child::run(at, &["check"]).expect(2, &["the bank is in CAD", "[bank_prices]"]);
}
