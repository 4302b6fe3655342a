//! Days in a row with a bank whose statements can be told in other ways, and files of our own
//! making beside its own.

use crate::bank::sent::Sent;
use crate::days::world::{self, World, block, counts, desk};
use crate::tree::scratch;
use desk::{Desk, names};
use formats::bai2;
use formats::statement::{Line, Statement};
use formats::tables::{self, Balances, Journal};
use jiff::civil::Date;
use jobs::demo::intake;
use jobs::records::breaks::BreakRecord;
use jobs::records::posted::{EndedHold, PostedDay};
use jobs::records::reconciled::Reconciled;
use jobs::{parts, records};
use sandbox::bank::{FaultPlan, Habits, OutFile};
use settlement::calendar::next_banking_day;
use settlement::money::{Cents, SignedCents};
use settlement::payment::{Payment, State};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

pub const CLEARING: &[&str] = &["1110", "2110", "2120", "2130"];
pub const SUSPENSE: &[&str] = &["1900", "2900"];

/// What a statement is told as: its day, and its lines to be changed.
pub type Tell<'a> = &'a mut dyn FnMut(Date, &mut Vec<Line>);

/// Days in a row.
pub struct Week {
    dir: TempDir,
    world: World,
    /// The next day.
    pub today: Date,
    ran: Option<Date>,
    balance: Option<SignedCents>,
    funds: bool,
    /// What every other payment is asked for, where that is said.
    pub alike: Option<Cents>,
}

/// What the last day left: breaks of all days by their last state, and balances not at zero.
pub struct End {
    pub breaks: Vec<BreakRecord>,
    /// Account, key, cents.
    pub balances: Vec<(String, String, i64)>,
    /// Payments in SUCCESS or FINAL.
    pub settled: u64,
}

impl End {
    /// The breaks of a kind.
    pub fn of(&self, kind: &str) -> Vec<&BreakRecord> {
        let named = self.breaks.iter().filter(|b| b.kind.as_str() == kind);
        named.collect()
    }

    /// The balances of some accounts.
    pub fn on(&self, accounts: &[&str]) -> Vec<&(String, String, i64)> {
        let mine = |b: &&(String, String, i64)| accounts.contains(&b.0.as_str());
        self.balances.iter().filter(mine).collect()
    }

    /// Kind and key of each break that somebody has to look at.
    pub fn open(&self) -> Vec<(&str, &str)> {
        let open = self.breaks.iter().filter(|b| b.is_open());
        open.map(|b| (b.kind.as_str(), b.key.as_str())).collect()
    }
}

impl Week {
    /// Before the first day, with a bank without faults.
    pub fn new(first: Date) -> Week {
        Week::with(first, Habits::default())
    }

    /// Before the first day, with a bank of such habits.
    pub fn with(first: Date, habits: Habits) -> Week {
        Week {
            dir: scratch(),
            world: World::new(FaultPlan::none()).with_habits(habits),
            today: first,
            ran: None,
            balance: None,
            funds: true,
            alike: None,
        }
    }

    /// Before the first day, with originators who neither announce nor wire by themselves.
    pub fn unfunded(first: Date) -> Week {
        Week {
            funds: false,
            ..Week::new(first)
        }
    }

    /// Runs a day: the bank's files with its statement told as `tell` has it, other files, and
    /// customers who ask for payments; then the bank takes what was sent.
    pub fn day(&mut self, payments: u64, files: Vec<OutFile>, tell: Tell<'_>) {
        let (at, day) = (self.dir.path(), self.today);
        let desk = desk(at);
        let own = self.world.files(day).into_iter();
        let own = own.map(|file| told(file, &mut self.balance, tell));
        world::put_out(at, own.chain(files).collect());
        block(async {
            world::begin(&desk).await;
            let mut requests = world::requests(&desk, day, payments);
            if let Some(alike) = self.alike {
                let every_other = requests.iter_mut().step_by(2);
                every_other.for_each(|one| one.payment.order.amount = alike);
            }
            let taken = intake::run(&desk, requests.into_iter()).await;
            taken.expect("intake");
            if self.funds {
                self.world.fund(&desk, day).await;
            }
            jobs::day::run(&desk, day).await.expect("a day");
        });
        drop(desk);
        self.world.evening(at, day);
        (self.ran, self.today) = (Some(day), next_banking_day(day));
    }

    /// Begins a quiet day: all before it is allocated.
    pub fn until_allocated(&mut self, tell: Tell<'_>) {
        let (at, day) = (self.dir.path(), self.today);
        let own = self.world.files(day).into_iter();
        let own = own.map(|file| told(file, &mut self.balance, tell));
        world::put_out(at, own.collect());
        let desk = desk(at);
        for job in ["cut", "deliver", "ingest"] {
            block(world::job(&desk, day, job)).expect(job);
        }
    }

    /// Runs quiet days until `day` is the next one.
    pub fn quiet_until(&mut self, day: Date) {
        while self.today < day {
            self.day(0, Vec::new(), &mut |_, _| {});
        }
    }

    /// Takes the waiting files with this in their names out of the drop box.
    pub fn take_out(&self, with: &str) -> Vec<OutFile> {
        let mut taken = Vec::new();
        for path in world::files_in(&self.dir.path().join("bank/from-bank")) {
            let name = path.file_name().expect("a name").to_string_lossy();
            if name.contains(with) {
                let (name, bytes) = (name.into_owned(), fs::read(&path).expect("a file"));
                taken.push(OutFile { name, bytes });
                fs::remove_file(&path).expect("taken out");
            }
        }
        taken
    }

    /// The entries of the files cut on a day, in the order of file and trace.
    pub fn sent(&self, on: Date) -> Vec<Sent> {
        Sent::all(self.dir.path(), &format!("date={on}"))
    }

    /// The kinds of the events of an entry's payment.
    pub fn events(&self, of: &Sent) -> Vec<&'static str> {
        let desk = desk(self.dir.path());
        let all = block(desk.ports.payments.history(of.payment())).expect("a history");
        all.iter()
            .map(|event| event.event.kind().as_str())
            .collect()
    }

    /// The holds that postings have ended.
    pub fn holds(&self) -> Vec<EndedHold> {
        let desk = desk(self.dir.path());
        let all = records::all::<PostedDay>(&*desk.ports.objects, names::POSTED_PREFIX);
        let all = block(all).expect("postings").into_iter();
        all.flat_map(|read| read.record.holds).collect()
    }

    /// New findings that somebody has to look at: what the exit status of the day is of.
    pub fn findings(&self) -> u64 {
        let desk = desk(self.dir.path());
        let last = self.ran.expect("a day");
        block(jobs::reconcile::run(&desk, last))
            .expect("reconciled")
            .findings
    }

    /// The payment of an entry.
    pub fn payment(&self, of: &Sent) -> Payment {
        let desk = desk(self.dir.path());
        let found = block(desk.ports.payments.get(&[of.payment()])).expect("payments");
        found[0].clone().expect("a payment of ours")
    }

    /// Where the payment of an entry stands.
    pub fn state(&self, of: &Sent) -> State {
        self.payment(of).state
    }

    /// What the days left until now.
    pub fn end(&self) -> End {
        let desk = desk(self.dir.path());
        block(end(&desk, self.ran.expect("a day")))
    }

    /// What wires brought originators, debits positive as the books have it.
    pub fn wired(&self) -> i64 {
        let desk = desk(self.dir.path());
        block(wired(&desk))
    }

    /// Where it all stands.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// A file of the bank with its lines told anew, and balances that agree with them.
fn told(file: OutFile, balance: &mut Option<SignedCents>, tell: Tell<'_>) -> OutFile {
    if !file.name.ends_with(".bai") {
        return file;
    }
    let mut document = bai2::read(&file.bytes);
    let mut statement = document.statements.remove(0);
    tell(statement.as_of.expect("a date"), &mut statement.lines);
    let opening = balance.or(statement.opening).expect("a balance");
    let movement = statement.movement().expect("a sum");
    let closing = opening.checked_add(movement);
    *balance = closing;
    let statement = Statement {
        opening: Some(opening),
        closing,
        summaries: Vec::new(),
        ..statement
    };
    document
        .statements
        .push(statement.with_totals().expect("totals"));
    let bytes = bai2::write(&document).expect("a statement");
    OutFile { bytes, ..file }
}

async fn wired(desk: &Desk) -> i64 {
    let objects = &*desk.ports.objects;
    let posted = records::all::<PostedDay>(objects, names::POSTED_PREFIX).await;
    let mut sum = 0;
    for part in posted
        .expect("posted")
        .iter()
        .filter_map(|day| day.journal.as_ref())
    {
        for row in parts::rows_of::<Journal>(objects, part)
            .await
            .expect("rows")
        {
            let wire = row.posting.starts_with("funding") && row.account == "2010";
            let sign = if row.side == "D" { 1 } else { -1 };
            sum += if wire { sign * row.amount.get() } else { 0 };
        }
    }
    sum
}

async fn end(desk: &Desk, last: Date) -> End {
    let objects = &*desk.ports.objects;
    let records = records::all::<Reconciled>(objects, names::RECONCILED_PREFIX);
    let mut breaks = BTreeMap::new();
    for record in records.await.expect("records") {
        breaks.extend(record.record.breaks.into_iter().map(|b| (b.id.clone(), b)));
    }
    let posted = records::get::<PostedDay>(objects, &names::posted(last)).await;
    let part = posted
        .expect("a record")
        .expect("posted")
        .balances
        .expect("balances");
    let body = objects.get(&part.name).await.expect("a table").body;
    let rows = tables::read::<Balances>(body, &part.name).expect("rows");
    let plain = |row: tables::Balance<'_>| {
        (
            row.account.to_string(),
            row.key.to_string(),
            row.balance.get(),
        )
    };
    let counts = counts(desk).await;
    let settled = counts
        .iter()
        .filter(|(state, _)| matches!(state, State::Success | State::Final));
    End {
        breaks: breaks.into_values().collect(),
        balances: rows.map(|row| plain(row.expect("a row"))).collect(),
        settled: settled.map(|(_, (count, _))| *count).sum(),
    }
}
