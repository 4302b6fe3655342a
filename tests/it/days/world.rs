//! A desk, its bank and its customers, day by day, in a folder that can be copied between any
//! two jobs.

use connectors::{Addresses, Index, Ports};
use connectors_embedded::Keys;
use desk::Desk;
use desk::config::{Config, PRICES, SANDBOX_BANK};
use desk::failure::Result;
use jiff::civil::Date;
use jobs::demo::{funding, intake};
use jobs::{JOBS, allocate, archive, cut, deliver, ingest, post, reconcile, savings};
use sandbox::bank::{Bank, FaultPlan, Habits, OutFile, Telling};
use sandbox::customers::{self, Request};
use settlement::bank::{BankProfile, StatementFormat};
use settlement::ids::BatchKey;
use settlement::money::SignedCents;
use settlement::payment::{Payment, State};
use settlement::savings::PriceList;
use settlement::windows::Window;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::{fs, sync::Arc};

/// What every world here is drawn from.
pub const SEED: u64 = 7;

/// The configuration of an installation below `dir`.
pub fn config(dir: &Path) -> Config {
    Config {
        place: String::new(),
        others: Vec::new(),
        issuers: Vec::new(),
        routes: Default::default(),
        addresses: Addresses::in_dir(dir),
        bank: BankProfile::parse(SANDBOX_BANK).expect("the sandbox bank's profile"),
        prices: PriceList::parse(PRICES).expect("the price list"),
    }
}

/// A desk over the ports below `dir`.
pub fn desk(dir: &Path) -> Desk {
    let config = config(dir);
    let keys = Keys::Seeded(SEED);
    let ports = connectors_embedded::make(&config.addresses, keys).expect("ports");
    desk_over(config, ports)
}

/// The same desk with other ports.
pub fn with_ports(dir: &Path, ports: Ports) -> Desk {
    desk_over(config(dir), ports)
}

fn desk_over(config: Config, ports: Ports) -> Desk {
    Desk {
        place: String::new(),
        beside: Vec::new(),
        ports,
        bank: config.bank,
        prices: config.prices,
    }
}

/// What `tieout init` does once the ports are open.
pub async fn begin(desk: &Desk) {
    let init = jobs::init::settle(desk, Some(SEED), false).await;
    init.expect("an installation");
}

/// Waits for `work` on a runtime that ends with it, so that every port it opened is closed.
pub fn block<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(work)
}

/// Runs one job of [`JOBS`] by its name.
pub async fn job(desk: &Desk, date: Date, name: &str) -> Result<()> {
    assert!(JOBS.iter().any(|job| job.name == name), "{name}");
    match name {
        "cut" => {
            for window in Window::ALL.iter().copied() {
                cut::run(desk, date, window).await?;
            }
            Ok(())
        }
        "deliver" => deliver::run(desk, date).await.map(drop),
        "ingest" => ingest::run(desk, date).await.map(drop),
        "allocate" => allocate::run(desk, date).await.map(drop),
        "post" => post::run(desk, date).await.map(drop),
        "reconcile" => reconcile::run(desk, date).await.map(drop),
        "savings" => savings::run(desk, date).await.map(drop),
        "archive" => archive::run(desk, date).await.map(drop),
        other => panic!("this test does not know the job {other}: add it here"),
    }
}

/// The world outside of the desk's folder: the bank's memory. A clone remembers the same.
#[derive(Clone)]
pub struct World {
    bank: Bank,
}

impl World {
    /// A world that has seen nothing yet.
    pub fn new(plan: FaultPlan) -> World {
        let profile = BankProfile::parse(SANDBOX_BANK).expect("profile");
        let opening = SignedCents::new(1_000_000_000);
        let bank = Bank::new(SEED, &profile, plan).with_opening_balance(opening);
        World { bank }
    }

    /// A world whose bank makes no mistakes, and tells its days in a format and ways of its own.
    pub fn telling(format: StatementFormat, telling: Telling) -> World {
        let mut profile = BankProfile::parse(SANDBOX_BANK).expect("profile");
        profile.statement_format = format;
        let opening = SignedCents::new(1_000_000_000);
        let bank = Bank::new(SEED, &profile, FaultPlan::none()).with_opening_balance(opening);
        World {
            bank: bank.telling(telling),
        }
    }

    /// What the account holds at the end of the bank's last day.
    pub fn balance(&self) -> SignedCents {
        self.bank.balance()
    }

    /// The same world with a bank of such habits.
    pub fn with_habits(mut self, habits: Habits) -> World {
        self.bank = self.bank.with_habits(habits);
        self
    }

    /// The bank puts out what it has for the morning, customers ask for `payments`, and originators
    /// announce and wire what these need.
    pub async fn morning(&mut self, dir: &Path, desk: &Desk, date: Date, payments: u64) {
        begin(desk).await;
        put_out(dir, self.files(date));
        ask(desk, date, payments).await;
        self.fund(desk, date).await;
    }

    /// Originators announce and wire what the payments that wait need.
    pub async fn fund(&mut self, desk: &Desk, date: Date) {
        let wires = funding::announced(desk, date).await.expect("announced");
        self.bank.wire(date, wires);
    }

    /// What the bank has for the morning.
    pub fn files(&mut self, date: Date) -> Vec<OutFile> {
        self.bank.morning(date).expect("the bank's files")
    }

    /// The bank takes what was uploaded and answers.
    pub fn evening(&mut self, dir: &Path, date: Date) {
        let to_bank = dir.join("bank/to-bank");
        let mut paths = files_in(&to_bank);
        paths.sort();
        for path in paths {
            let name = path.file_name().expect("name").to_string_lossy();
            let answer = self
                .bank
                .receive(date, &name, &fs::read(&path).expect("file"));
            fs::remove_file(&path).expect("taken");
            put_out(dir, answer);
        }
    }
}

/// Customers ask for `payments`.
pub async fn ask(desk: &Desk, date: Date, payments: u64) {
    let requests = requests(desk, date, payments);
    intake::run(desk, requests.into_iter())
        .await
        .expect("intake");
}

/// What customers ask for on a date.
pub fn requests(desk: &Desk, date: Date, payments: u64) -> Vec<Request> {
    customers::payments(SEED, &desk.bank, date, payments).collect()
}

/// Files that the bank puts into its drop box.
pub fn put_out(dir: &Path, files: Vec<OutFile>) {
    for file in files {
        let folder = dir.join("bank/from-bank");
        fs::create_dir_all(&folder).expect("drop box");
        fs::write(folder.join(&file.name), &file.bytes).expect("drop box");
    }
}

/// The files directly in a folder, hidden ones left out.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("entry").path());
    let hidden = |path: &PathBuf| {
        let name = path.file_name().expect("name").to_string_lossy();
        name.starts_with('.')
    };
    paths.filter(|p| p.is_file() && !hidden(p)).collect()
}

/// Every payment's event of a date, as text: two stores that agree on it have the same history.
pub async fn story(desk: &Desk, date: Date) -> Vec<String> {
    let payments = Arc::clone(&desk.ports.payments);
    let events = payments.events(date, None, 100_000).await.expect("events");
    let mut lines: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
    let facts = payments.facts_of(date).await.expect("facts");
    lines.extend(facts.iter().map(|fact| format!("{fact:?}")));
    lines.push(format!("{:?}", counts(desk).await));
    lines
}

/// Every payment of the store.
pub async fn everyone(desk: &Desk) -> Vec<Payment> {
    let page = desk.ports.payments.page(Index::All, None, 1_000_000).await;
    page.expect("payments")
}

/// Payments and cents in each state that has any.
pub async fn counts(desk: &Desk) -> BTreeMap<State, (u64, u64)> {
    let mut counts: BTreeMap<State, (u64, u64)> = BTreeMap::new();
    for payment in everyone(desk).await {
        let (count, cents) = counts.entry(payment.state).or_default();
        (*count, *cents) = (*count + 1, *cents + payment.order.amount.get());
    }
    counts
}

/// The payments that a batch carries.
pub async fn carried_by(desk: &Desk, batch: BatchKey) -> Vec<Payment> {
    let mut all = everyone(desk).await;
    all.retain(|payment| payment.entry.is_some_and(|entry| entry.batch == batch));
    all
}
