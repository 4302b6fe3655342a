//! Two banks in one installation: the same batch keys and traces, and neither sees the other.

use crate::child;
use crate::days::whole::play;
use crate::days::world::{block, config, everyone};
use crate::tree::{self, assert_same, bytes, scratch};
use desk::House;
use desk::config::{Config, NORTH_BANK, PRICES, SANDBOX_BANK};
use jobs::demo::Verdict;
use settlement::authorize::Fault;
use settlement::codes::sec::SecCode;
use settlement::ids::Direction;
use settlement::money::{Cents, Currency};
use settlement::payment::{Order, Payment, Speed};
use settlement::savings::PriceList;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Moments at which a day is killed, at most: spread over the whole, in an order of their own.
const MOMENTS: u32 = 29;

/// Of these, so many at least.
const AT_LEAST: u32 = 7;

/// What must not depend on a kill, of both banks.
const PRODUCTS: &[&str] = &["objects", "archive", "bank", "north"];

/// Five days at two banks, and the payments of one more that wait; `DAY` is that day.
struct Stage {
    dir: TempDir,
    verdict: Verdict,
}

/// The banking day after the last one of the demo: two with payments and five quiet ones.
const DAY: &str = "2026-12-04";

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let dir = scratch();
        let verdict = play(dir.path(), |options| {
            (options.banks, options.payments, options.days) = (2, 150, 2);
            options.leave_open = true;
        });
        Stage { dir, verdict }
    })
}

/// A copy of the stage with its configuration: both profiles, and where the second drop box is.
pub fn copied() -> TempDir {
    let dir = copied_of(stage().dir.path());
    configure(&dir.path().join("copy"));
    dir
}

/// A copy of an installation of two banks, `copy` in the folder.
pub fn copied_of(made: &Path) -> TempDir {
    let dir = scratch();
    tree::copy(made, &dir.path().join("copy"));
    dir
}

pub fn configure(at: &Path) {
    configure_in(at, Currency::Usd);
}

/// Both profiles, the second one in a currency, with prices in it.
pub fn configure_in(at: &Path, currency: Currency) {
    // The demo's second bank settles a line for each side of a day.
    let settles = "\n[[settlement]]\nby = \"day\"\nreturns = \"day\"\n";
    fs::write(at.join("home.toml"), SANDBOX_BANK).expect("written");
    let (stated, table) = match currency {
        Currency::Usd => (String::new(), ""),
        other => (
            format!("currency = \"{other}\"\n"),
            "[bank_prices]\nnorth = 'north-prices.toml'\n",
        ),
    };
    let north = format!("{stated}{NORTH_BANK}{settles}");
    fs::write(at.join("north.toml"), north).expect("written");
    fs::write(at.join("north-prices.toml"), format!("{stated}{PRICES}")).expect("written");
    let (data, link) = (at.display(), at.join("north/bank"));
    let text = format!(
        "banks = ['home.toml', 'north.toml']\n[addresses]\ndata = 'file:{data}'\n\
         [addresses.links]\nnorth = 'file:{}'\n{table}",
        link.display()
    );
    fs::write(at.join("tieout.toml"), text).expect("written");
}

/// Every payment of every bank.
pub fn everyone_at(at: &Path) -> Vec<Payment> {
    let config = Config::read(Some(&at.join("tieout.toml"))).expect("a configuration");
    let house = jobs::open::look_at_all(config).expect("an installation");
    block(everyone(&house.home))
}

fn names(all: &BTreeMap<String, Vec<u8>>, prefix: &str) -> BTreeSet<String> {
    let of_batch = |name: &String| {
        let (_, file) = name.strip_prefix(prefix)?.rsplit_once('/')?;
        file.get(..14).map(str::to_owned)
    };
    all.keys().filter_map(of_batch).collect()
}

#[test]
fn each_of_two_banks_ties_out_and_finds_what_was_planted_there() {
    let verdict = &stage().verdict;
    let [north] = &verdict.others[..] else {
        panic!("one other bank")
    };
    assert!(
        verdict.tied_out(),
        "{:#?} {:#?}",
        verdict.reasons,
        north.reasons
    );
    for one in [verdict, north] {
        let breaks = &one.summary.breaks;
        assert_eq!(breaks.planted, breaks.found);
        assert!(!breaks.found.is_empty());
        assert_eq!(one.summary.payments["in"], 300, "of this bank alone");
    }
    assert_ne!(verdict.summary.cents["in"], north.summary.cents["in"]);
    assert_ne!(
        verdict.summary.breaks.found, north.summary.breaks.found,
        "each has its own"
    );
    let all = bytes(stage().dir.path(), &["objects"]);
    let batches = names(&all, "objects/members/");
    let theirs = names(&all, "objects/banks/north/members/");
    let shared = batches.intersection(&theirs).count();
    assert!(
        shared > 3,
        "equal batch keys are the point: {batches:?} {theirs:?}"
    );
}

/// A second bank changes no byte of the first: not its files, not its books, not its sealed days.
#[test]
fn the_home_bank_is_to_the_byte_what_it_is_alone() {
    let alone = scratch();
    play(alone.path(), |options| {
        (options.payments, options.days, options.leave_open) = (150, 2, true);
    });
    let own = |dir: &Path| {
        let mut all = bytes(dir, &["objects", "archive"]);
        all.retain(|name, _| !name.split('/').any(|part| part == "banks"));
        all
    };
    assert_same("home", &own(alone.path()), &own(stage().dir.path()));
}

#[test]
fn a_day_runs_at_both_banks_and_all_of_it_is_proved() {
    let dir = copied();
    let at = dir.path().join("copy");
    let day = child::run(&at, &["day", "--date", DAY]);
    day.ran(&["bank sandbox:", "bank north:", "archive"]);
    child::run(&at, &["check"]).expect(0, &["bank sandbox:", "bank north:"]);
    let one = child::run(&at, &["verify", "--date", DAY, "--bank", "north", "--json"]);
    one.expect(0, &["tieout/proof/1"]);
    let both = child::run(&at, &["verify", "--date", DAY, "--json"]);
    both.expect(
        0,
        &["tieout/banks/1", "\"bank\":\"north\"", "tieout/proof/1"],
    );
    let wrong = child::run(&at, &["check", "--bank", "south"]);
    wrong.expect(2, &["--bank south", "name one of sandbox, north"]);
    let announced = ["funding", "withdraw", "1"];
    child::run(&at, &announced).expect(2, &["is for one bank", "--bank NAME"]);
}

#[test]
fn answers_of_two_banks_stand_below_each_other_and_are_not_summed() {
    let dir = copied();
    let at = dir.path().join("copy");
    let sql = "SELECT COUNT(*) AS entries, SUM(amount_cents) AS cents FROM ach_entries \
               WHERE cut_date >= DATE '2026-11-24'";
    let asked = |bank: &[&str]| {
        let mut args = vec!["query", sql, "--csv"];
        args.extend(bank);
        let answer = child::run(&at, &args);
        answer.expect(0, &[]);
        answer.text()
    };
    let both = asked(&[]);
    let lines: Vec<&str> = both.lines().collect();
    let [header, home, north] = lines[..] else {
        panic!("a header and a row for each bank: {both}")
    };
    assert_eq!(header, "bank,entries,cents");
    assert!(
        home.starts_with("sandbox,") && north.starts_with("north,"),
        "{both}"
    );
    for (row, name) in [(home, "sandbox"), (north, "north")] {
        let alone = asked(&["--bank", name]);
        let row = row.strip_prefix(&format!("{name},"));
        assert_eq!(alone.lines().nth(1), row, "as asked of it alone");
    }
}

#[test]
fn what_is_for_the_other_bank_or_garbage_stops_nobody_else() {
    let dir = copied();
    let at = dir.path().join("copy");
    let all = bytes(&at, &["objects/banks/north/inbound"]);
    let statement = all.iter().find(|(name, _)| name.contains(".xml"));
    let (name, body) = statement.unwrap_or_else(|| panic!("{:?}", all.keys()));
    let file = name.rsplit('/').next().expect("a name");
    fs::write(at.join("bank/from-bank").join(file), body).expect("written");
    // Whatever the record of a day of the other bank says now, it is not what was written.
    let posted = at.join("objects/banks/north/posted/2026-12-03.json");
    fs::write(&posted, "garbage").expect("written");
    let day = child::run(&at, &["day", "--date", DAY, "--json"]);
    assert_ne!(day.status, 0, "{}", day.text());
    let text = day.text();
    let document = text.lines().next().expect("a document");
    let document: serde_json::Value = serde_json::from_str(document).expect("JSON");
    let banks = document["banks"].as_array().expect("banks");
    assert_eq!(
        (&banks[0]["bank"], &banks[1]["bank"]),
        (&"sandbox".into(), &"north".into())
    );
    assert_eq!(banks[0]["document"]["schema"], "tieout/day/1", "{text}");
    assert!(
        banks[0]["error"].is_null() && banks[1]["error"].is_object(),
        "{text}"
    );
    let sealed = at.join(format!("objects/archive/date={DAY}/manifest.json"));
    assert!(sealed.is_file(), "the home bank's day is sealed");
    let taken = bytes(&at, &["objects/ingested"]);
    let records = taken.iter().filter(|(name, _)| name.contains(DAY));
    let strangers = records.filter(|(_, body)| {
        let text = String::from_utf8_lossy(body);
        text.contains("quarantined") && text.contains(file)
    });
    assert_eq!(
        strangers.count(),
        1,
        "the other bank's statement is not booked"
    );
}

#[test]
fn a_drop_box_that_is_away_stops_its_own_bank_alone() {
    let dir = copied();
    let at = dir.path().join("copy");
    for (bank, other, folder) in [
        ("north", "sandbox", "north/bank"),
        ("north", "sandbox", "north/bank/from-bank"),
        ("sandbox", "north", "bank"),
    ] {
        let (path, away) = (at.join(folder), at.join("away"));
        fs::rename(&path, &away).expect("a mount that is away");
        let gone = ["nothing is there", "mount it"];
        for job in [&["cut", "--date", DAY][..], &["check"]] {
            let one = |bank: &str| child::run(&at, &[&["--bank", bank], job].concat());
            one(bank).expect(2, &gone);
            one(other).expect(0, &[]);
            let both = child::run(&at, job);
            both.expect(2, &[&gone[..], &[&format!("bank {other}:")]].concat());
        }
        child::run(&at, &["query", "trial_balance"]).expect(0, &[]);
        child::run(&at, &["merchants", "list"]).expect(0, &[]);
        assert!(!path.exists(), "{folder} was made");
        fs::rename(&away, &path).expect("it is back");
    }
    let day = child::run(&at, &["day", "--date", DAY]);
    assert!(day.status <= 1, "{}", day.text());
}

#[test]
fn a_day_at_two_banks_that_is_killed_at_any_moment_ends_with_the_same_bytes() {
    let undisturbed = copied();
    let at = undisturbed.path().join("copy");
    let before = bytes(&at, PRODUCTS);
    let began = Instant::now();
    child::run(&at, &["day", "--date", DAY]).ran(&["archive"]);
    let whole = began.elapsed();
    let expected = bytes(&at, PRODUCTS);
    let mut halfway = 0;
    // How much of the time goes into the beginning is the machine's to say.
    for part in 1..MOMENTS {
        if part > AT_LEAST && halfway >= 2 {
            break;
        }
        let dir = copied();
        let at = dir.path().join("copy");
        let mut command = child::command(&at, &["day", "--date", DAY, "--quiet"]);
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = quiet.spawn().expect("started");
        std::thread::sleep(whole * (part * 7 % MOMENTS) / MOMENTS + Duration::from_millis(3));
        let _ = running.kill();
        running.wait().expect("ended");
        let left = bytes(&at, PRODUCTS);
        halfway += u32::from(left != before && left != expected);
        child::run(&at, &["day", "--date", DAY]).ran(&["archive"]);
        assert_same(&format!("part {part}"), &expected, &bytes(&at, PRODUCTS));
    }
    assert!(
        halfway >= 2,
        "only {halfway} had done something and not all"
    );
}

/// A bank that is added to an installation gets its place by `init`, and nothing before that.
#[test]
fn a_bank_is_added_to_an_installation_that_is_there() {
    let dir = scratch();
    let at = dir.path();
    child::installation(at);
    let before = bytes(at, &["objects"]);
    configure(at);
    child::run(at, &["check"]).expect(2, &["objects/banks/north", "tieout init"]);
    assert_same("nothing was made", &before, &bytes(at, &["objects"]));
    let made = ["has more banks", "bank profile north", "its place was made"];
    child::run(at, &["init"]).expect(0, &made);
    child::run(at, &["init"]).expect(0, &["nothing was changed"]);
    child::run(at, &["check"]).expect(0, &["bank north:"]);
    child::run(at, &["day", "--date", "2026-11-24"]).expect(0, &["bank north:"]);
    // The objects of another installation's bank are not taken for ours.
    let other = scratch();
    configure(other.path());
    child::run(other.path(), &["init"]).expect(0, &["bank profile north"]);
    let record = "objects/banks/north/installation.json";
    fs::copy(other.path().join(record), at.join(record)).expect("copied");
    child::run(at, &["check"]).expect(2, &["two installations are mixed"]);
}

fn prices() -> PriceList {
    PriceList::parse(PRICES).expect("the price list")
}

fn order(originator: &str) -> Order {
    Order {
        direction: Direction::Credit,
        amount: Cents::new(10_000),
        originator: originator.to_owned(),
        sec: SecCode::Ppd,
        description: "PAYROLL".to_owned(),
        speed: Speed::Standard,
        effective: None,
    }
}

#[test]
fn a_house_routes_a_payment_to_the_desk_of_its_bank() {
    let dir = scratch();
    let link = |name: &str| format!("file:{}", dir.path().join(name).display());
    let mut config: Config = config(dir.path())
        .with(&[(NORTH_BANK, prices())], link)
        .expect("two");
    config
        .routes
        .insert("market".to_owned(), vec!["sandbox".to_owned()]);
    let (house, _): (House, _) =
        block(jobs::init::run(config, Some(7), false)).expect("an installation");
    let at = "2026-11-24T12:00:00-05:00".parse().expect("a moment");
    let routed = |originator: &str, currency| {
        let desk = house.route(&order(originator), currency, at)?;
        Ok(desk.place.clone())
    };
    assert_eq!(
        routed("payroll", Currency::Usd),
        Ok("north".to_owned()),
        "the cheaper"
    );
    assert_eq!(
        routed("market", Currency::Usd),
        Ok(String::new()),
        "as the routes say"
    );
    let cad = Fault::NoBankOfCurrency(Currency::Cad);
    assert_eq!(routed("payroll", Currency::Cad), Err(cad));
    assert_eq!(routed("nobody", Currency::Usd), Err(Fault::NoBank));
}
