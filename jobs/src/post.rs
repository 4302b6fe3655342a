//! Post: from a day's facts to its journal and its balances.
//!
//! Only this job writes the ledger. What it reads is fixed by the date: the entries cut, the
//! events dated to the day, the statement lines ingested and what they were allocated to. It
//! starts from the balances it wrote the last time. Its record closes the books of the date.

mod facts;
mod fees;
mod holds;

pub use holds::told_by;

use crate::allocate;
use crate::catalog;
use crate::deliver;
use crate::events::AllEvents;
use crate::ingest;
use crate::new_part::NewPart;
use crate::order::{all_sent, banking_day, in_order};
use crate::parts;
use crate::records;
use crate::records::Read;
use crate::records::allocated::Allocated;
use crate::records::ingested::Ingested;
use crate::records::posted::{BilledLine, PostedDay};
use crate::records::reconciled::{Applied as AppliedLine, Difference, Reconciled};
use crate::reversed;
use crate::stage;
use crate::start::{self, Start};
use crate::tally::Tally;
use desk::Desk;
use desk::failure::{Failure, Result, Status, too_large};
use desk::names;
use formats::tables::{self, Balances, Journal, JournalLine};
use jiff::civil::Date;
use settlement::allocate::{Allocation, Kind, Pass, Receipt};
use settlement::fees::Fees;
use settlement::journal::Account;
use settlement::money::{Cents, Currency, SignedCents};
use settlement::posting::{Balance, Book, Fact, Posted, PostingError};
use std::collections::{BTreeMap, BTreeSet};

/// Posts `date`.
///
/// # Errors
/// Where an input cannot be read or the books do not balance.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let objects = &*desk.ports.objects;
    if let Some(done) = records::get::<PostedDay>(objects, &names::posted(date)).await? {
        return close(desk, &done).await;
    }
    in_order(desk, date).await?;
    all_sent(desk, date).await?;
    allocate::finished(desk, date).await?;
    let Start {
        allocated,
        allocated_before,
        previous,
        before,
        cuts,
        inbound,
        sources,
    } = start::of_posting(desk, date).await?;
    stage::next("holds", None);
    let windows = match &allocated_before {
        Some(before) => before.windows.clone(),
        None => allocated.windows.clone(), // what an earlier version left is in the first one
    };
    let ended = holds::ending(desk, date, &windows).await?;
    stage::next("facts", None);
    let mut book = open(desk, previous.as_deref()).await?;
    let mut ledger = LedgerWriter::new(desk, date)?;
    let before = before.map_or_else(|| Reconciled::first(date), |read| read.record);
    let differences = before.differences.iter().map(Difference::fact);
    let applied = before.applied.iter().map(AppliedLine::fact);
    ledger.fees = previous
        .as_ref()
        .map_or_else(Fees::default, |p| p.fees.clone());
    for taken_back in reversed::on(desk, date).await? {
        ledger.post(&mut book, &taken_back.fact())?;
        ledger.fees.put_back(&taken_back.billed);
    }
    let (opened, openings) = openings(previous.as_deref(), &before, &inbound);
    for fact in openings.into_iter().chain(differences).chain(applied) {
        ledger.post(&mut book, &fact)?;
    }
    let files = cuts.iter().flat_map(|cut| &cut.files);
    for batch in files.flat_map(|file| &file.batches) {
        for fact in facts::initiated(batch) {
            ledger.post(&mut book, &fact)?;
        }
    }
    let (amount, micros) =
        fees::accrue(desk, date, &mut ledger.fees, &cuts, &inbound, &before).await?;
    if !amount.is_zero() {
        let bank = desk.bank.name.clone();
        ledger.post(&mut book, &Fact::FeesAccrued { bank, amount })?;
    }
    events(desk, date, &mut book, &mut ledger).await?;
    for hold in &ended {
        ledger.post(&mut book, &facts::available(hold))?;
    }
    lines(desk, &allocated, &mut book, &mut ledger)?;
    let mut posted = ledger.finish(desk, &book, previous.map(|p| p.date)).await?;
    posted.opened = opened;
    posted.accrued_micros = Some(micros);
    posted.holds = ended;
    posted.started_from = sources;
    records::put(objects, &names::posted(date), &posted).await?;
    close(desk, &posted).await
}

/// Refuses to go on from a posting whose facts are not all in the payments yet.
///
/// # Errors
/// Exit status 2, with what to run first.
pub async fn finished(desk: &Desk, date: Date) -> Result<()> {
    let ran = names::run(date, "post");
    match records::get::<Tally>(&*desk.ports.objects, &ran).await? {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!("{date} is not posted to its end"))
            .remedy(format!("run tieout post --date {date} first"))),
    }
}

/// Closing the books also records what was delivered and ingested until now.
async fn close(desk: &Desk, posted: &PostedDay) -> Result<Tally> {
    deliver::report(desk, posted.date)
        .await?
        .close(desk)
        .await?;
    ingest::report(desk, posted.date).await?.close(desk).await?;
    listed(desk, posted).await?;
    holds::project(desk, posted).await?;
    tally(posted)?.close(desk).await
}

/// Lists the parts of the date's records until now: what a kill left unlisted came in the course
/// of the day.
async fn listed(desk: &Desk, posted: &PostedDay) -> Result<()> {
    let (objects, date) = (&*desk.ports.objects, posted.date);
    for cut in parts::frozen_on(desk, date).await? {
        catalog::list(desk, date, &cut.source.name, &cut.record).await?;
    }
    for came in records::all::<Ingested>(objects, &names::ingested_prefix(date)).await? {
        catalog::list(desk, date, &came.source.name, &came.record).await?;
    }
    catalog::list(desk, date, &names::posted(date), posted).await
}

/// Debits in, credits out; and the balances at the end are those before plus the day's lines.
fn tally(posted: &PostedDay) -> Result<Tally> {
    let mut tally = Tally::new("post", posted.date);
    tally.take(posted.facts, posted.debits)?;
    tally.give("posted", posted.facts, posted.credits)?;
    tally.note("lines", posted.journal.as_ref().map_or(0, |p| p.rows));
    tally.note(
        "open balances",
        posted.balances.as_ref().map_or(0, |p| p.rows),
    );
    Ok(tally)
}

/// The opening balances that are not in the books yet: of accounts whose first statement came
/// today, or came before openings were booked. With them every account that is opened now.
fn openings(
    previous: Option<&PostedDay>,
    before: &Reconciled,
    inbound: &[Read<Ingested>],
) -> (Vec<String>, Vec<Fact>) {
    let mut opened: BTreeSet<String> = previous
        .into_iter()
        .flat_map(|posted| posted.opened.iter().cloned())
        .collect();
    let known = before
        .closing
        .iter()
        .map(|(account, closing)| (account.clone(), closing.opened, closing.date));
    let heads = inbound.iter().flat_map(|file| &file.statements);
    let came =
        heads.filter_map(|head| Some((head.account_last4.clone(), head.opening?, head.as_of)));
    let mut came: Vec<_> = came.collect();
    came.sort_by_key(|(account, _, on)| (account.clone(), *on));
    let mut facts = Vec::new();
    for (account, cents, on) in known.chain(came) {
        if opened.insert(account.clone()) {
            facts.push(Fact::Opened { account, cents, on });
        }
    }
    (opened.into_iter().collect(), facts)
}

async fn open(desk: &Desk, previous: Option<&PostedDay>) -> Result<Book> {
    let Some(part) = previous.and_then(|p| p.balances.as_ref()) else {
        return Ok(Book::default());
    };
    let rows = parts::rows_of::<Balances>(&*desk.ports.objects, part).await?;
    let balance = |row: &tables::Balance<'_>| {
        let account = Account::from_number(&row.account).ok_or_else(|| {
            Failure::damaged(format!("{}: account {} is unknown", part.name, row.account))
        })?;
        let balance = Balance {
            cents: row.balance,
            since: row.since,
        };
        Ok(((account, row.key.to_string()), balance))
    };
    Ok(Book::open(
        rows.iter().map(balance).collect::<Result<Vec<_>>>()?,
    ))
}

/// Posts the day's events.
async fn events(desk: &Desk, date: Date, book: &mut Book, ledger: &mut LedgerWriter) -> Result<()> {
    let mut pages = AllEvents::that_move_books(desk, date);
    while let Some(page) = pages.next().await? {
        for fact in page.iter().filter_map(facts::of_event) {
            ledger.post(book, &fact)?;
        }
    }
    Ok(())
}

/// Posts the day's lines and what they were allocated to: a line that answers one thing, with all
/// of it and on its own day, goes straight there; every other goes through suspense.
fn lines(
    desk: &Desk,
    allocated: &Allocated,
    book: &mut Book,
    ledger: &mut LedgerWriter,
) -> Result<()> {
    let new: BTreeMap<&str, &Receipt> = allocated
        .receipts
        .iter()
        .filter(|received| received.new)
        .map(|received| (received.one.id.as_str(), &received.one))
        .collect();
    let mut direct: BTreeMap<&str, &str> = BTreeMap::new();
    let mut through: Vec<&Allocation> = Vec::new();
    // What was taken back with a line is booked with that line.
    let made = allocated
        .allocations
        .iter()
        .filter(|made| made.pass != Pass::Correction);
    for made in made {
        let pair = made.pair().filter(|(id, _)| {
            new.get(id)
                .is_some_and(|line| made.shares.iter().any(|s| s.cents == line.cents))
        });
        match pair.filter(|(_, of)| Kind::of_id(of).is_some()) {
            Some((id, of)) => {
                direct.insert(id, of);
            }
            None => through.push(made),
        }
    }
    for line in allocated.receipts.iter().filter(|received| received.new) {
        let line = &line.one;
        let fact = ledger.line_fact(desk, line, direct.get(line.id.as_str()).copied());
        ledger.post(book, &fact)?;
    }
    through
        .into_iter()
        .try_for_each(|made| ledger.post(book, &Fact::Allocated(made.clone())))
}

/// Writes the journal of a date as facts are posted.
struct LedgerWriter {
    date: Date,
    currency: Currency,
    at: jiff::Timestamp,
    journal: NewPart<Journal>,
    facts: u64,
    debits: SignedCents,
    credits: SignedCents,
    fees: Fees,
    billed: Vec<String>,
    bills: Vec<BilledLine>,
}

impl LedgerWriter {
    fn new(desk: &Desk, date: Date) -> Result<LedgerWriter> {
        Ok(LedgerWriter {
            date,
            currency: desk.bank.currency,
            at: desk.moment(date),
            journal: NewPart::begin()?,
            facts: 0,
            debits: SignedCents::ZERO,
            credits: SignedCents::ZERO,
            fees: Fees::default(),
            billed: Vec::new(),
            bills: Vec::new(),
        })
    }

    /// What a line is to the books: a bill, where the fees accrued explain it; `answers` is the id
    /// of what it was allocated to.
    fn line_fact(&mut self, desk: &Desk, line: &Receipt, answers: Option<&str>) -> Fact {
        let before = self.fees.days.clone();
        let bill = answers
            .is_none()
            .then(|| fees::bill(desk, &mut self.fees, line))
            .flatten();
        let Some(bill) = bill else {
            let (id, cents, value) = (line.id.clone(), line.cents, line.value);
            if let Some((originator, _)) = answers.and_then(Kind::funded) {
                let originator = originator.map(str::to_owned);
                return Fact::Funded {
                    id,
                    cents,
                    value,
                    originator,
                };
            }
            let answers = answers.and_then(Kind::of_id);
            return Fact::BankLine {
                id,
                cents,
                value,
                answers,
            };
        };
        self.billed.push(line.id.clone());
        let gone = before
            .into_iter()
            .filter(|day| !self.fees.days.contains(day));
        let days = gone.collect();
        self.bills.push(BilledLine {
            line: line.id.clone(),
            days,
        });
        let (line, bank) = (fees::billed(line), desk.bank.name.clone());
        Fact::FeeBilled { line, bank, bill }
    }

    fn post(&mut self, book: &mut Book, fact: &Fact) -> Result<()> {
        let posted = book.post(fact, self.date).map_err(broken)?;
        self.facts += 1;
        stage::did(1);
        posted.iter().try_for_each(|journal| self.write(journal))
    }

    fn write(&mut self, posted: &Posted) -> Result<()> {
        let name = posted.posting.as_str();
        let id = format!("{}-{name}-{}", self.date, posted.source);
        for (line_no, line) in (1..).zip(&posted.lines) {
            let debit = line.cents.get() > 0;
            let amount: Cents = line.cents.magnitude();
            let side = if debit {
                &mut self.debits
            } else {
                &mut self.credits
            };
            let too_large = || too_large(&id);
            let amount = amount.signed().ok_or_else(too_large)?;
            *side = side.checked_add(amount).ok_or_else(too_large)?;
            let row = JournalLine {
                ledger_date: self.date,
                effective_date: posted.effective,
                posted_at: self.at,
                journal_id: id.as_str().into(),
                line_no,
                posting: name.into(),
                account: line.account.number().to_string().into(),
                key: line.key.as_str().into(),
                side: if debit { "D" } else { "C" }.into(),
                amount,
                source: posted.source.as_str().into(),
                corrects: posted.corrects.as_deref().map(Into::into),
                currency: Some(self.currency.as_str().into()),
            };
            self.journal.push(&row)?;
        }
        Ok(())
    }

    async fn finish(self, desk: &Desk, book: &Book, previous: Option<Date>) -> Result<PostedDay> {
        let objects = &*desk.ports.objects;
        let journal = self.journal.put(objects, self.date, "post").await?;
        let (date, currency) = (self.date, self.currency);
        let rows = book
            .balances()
            .map(|((account, key), balance)| tables::Balance {
                ledger_date: date,
                account: account.number().to_string().into(),
                key: key.as_str().into(),
                balance: balance.cents,
                since: balance.since,
                age_days: Some(date.since(balance.since).map_or(0, |span| span.get_days())),
                currency: Some(currency.as_str().into()),
            });
        stage::next("balances", None);
        let balances = parts::put_part::<Balances>(objects, date, "close", rows).await?;
        let (debits, credits, facts) = (self.debits, self.credits, self.facts);
        Ok(PostedDay {
            date,
            previous,
            journal,
            balances,
            facts,
            debits,
            credits,
            fees: self.fees,
            billed: self.billed,
            bills: self.bills,
            opened: Vec::new(),
            accrued_micros: None,
            holds: Vec::new(),
            started_from: Vec::new(),
        })
    }
}

fn broken(error: PostingError) -> Failure {
    let otherwise = "nothing was posted: keep everything as it is and report it";
    Failure::advised(Status::Findings, error, otherwise)
}
