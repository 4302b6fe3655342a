//! Savings: what each payment cost, item by item, against two baselines.
//!
//! A payment is counted on the day it is cut; a return or a notification of change adds its own
//! row on the day it comes. Month and year are sums of days, carried from day to day.

use crate::billed::BilledAnswers;
use crate::catalog;
use crate::new_part::NewPart;
use crate::order::banking_day;
use crate::parts::{self, Entries};
use crate::records::frozen::FrozenCut;
use crate::records::ingested::Ingested;
use crate::records::reconciled::Reconciled;
use crate::records::saved::{Costs, Saved};
use crate::records::{self, Source};
use crate::start;
use crate::tally::Tally;
use desk::Desk;
use desk::failure::{Failure, Result, Status};
use desk::names;
use formats::tables::{AchEntry, AchReturn, AchReturns, Saving, Savings};
use jiff::civil::Date;
use settlement::bank::micros;
use settlement::money::{Cents, Currency, SignedCents};
use settlement::returns::Billed;
use settlement::savings::{
    BankPrices, MicroDollars, PaymentCost, PaymentFacts, PriceError, Rates, Totals,
};
use settlement::windows::Window;

/// Computes the cost of `date`.
///
/// # Errors
/// Where a price is missing for the date or an input cannot be read.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let objects = &*desk.ports.objects;
    let posted = start::posted(desk, date).await?;
    if let Some(done) = records::get::<Saved>(objects, &names::saved(date)).await? {
        // What was priced stays priced, whatever prices and rules say by now.
        catalog::list(desk, date, &names::saved(date), &done).await?;
        return saved_already(desk, &done).await?.close(desk).await;
    }
    in_step(desk, date).await?;
    let bank = BankPrices::from_profile(&desk.bank.prices).ok_or_else(|| {
        Failure::usage("bank profile, prices: one does not fit").remedy("correct the price there")
    })?;
    let rates = Rates::on(&desk.prices, bank, date).map_err(prices)?;
    let mut ledger = Ledger {
        date,
        currency: desk.bank.currency,
        price_list: desk.prices.id().to_owned(),
        day: Totals::default(),
        rows: NewPart::begin()?,
    };
    let mut tally = Tally::new("savings", date);
    for cut in parts::frozen_on(desk, date).await? {
        ledger.cut(&rates, &cut, Entries::of(desk, &cut).await?, &mut tally)?;
    }
    let mut nobody = 0i64;
    for (billed, row) in billed(desk, date).await? {
        if row.payment_key.is_none() {
            let price = match billed {
                Billed::Return => desk.bank.prices.return_item,
                Billed::Change => desk.bank.prices.noc,
            };
            let cost = micros(price).and_then(|price| nobody.checked_add(price));
            nobody = cost.ok_or_else(overflow)?;
        }
        ledger.answered(&rates, billed, &row)?;
    }
    let borne = ledger.day.cost.bank().ok_or_else(overflow)?.get();
    let agrees = posted.accrued_micros.map(|books| Costs {
        payments: borne,
        nobody,
        books,
    });
    let mut saved = close(desk, ledger, &posted.source).await?;
    saved.agrees = agrees;
    records::put(objects, &names::saved(date), &saved).await?;
    catalog::list(desk, date, &names::saved(date), &saved).await?;
    note(&mut tally, &saved);
    tally.close(desk).await
}

fn note(tally: &mut Tally, saved: &Saved) {
    let usd =
        |micros: Option<MicroDollars>| micros.map_or("too large".to_owned(), |m| m.to_string());
    tally.note("cost", usd(saved.day.cost.total()));
    tally.note("card baseline", saved.day.cost.card);
    tally.note("like for like", usd(saved.day.cost.like_for_like()));
    if let Some(costs) = saved.agrees {
        let shown = |micros| MicroDollars::new(micros).to_string();
        let Costs {
            payments,
            nobody,
            books,
        } = costs;
        let [borne, rest, accrued] = [payments, nobody, books].map(shown);
        let holds = if costs.hold() {
            "ties out"
        } else {
            "DOES NOT TIE OUT"
        };
        tally.proofs.push(format!(
            "L6 bank's price of the date {accrued} in the books = {borne} on payments + {rest} of \
             answers about none of ours; {holds}"
        ));
        tally.findings = u64::from(!costs.hold());
    }
}

/// The tally of a date that is saved: the entries that were cut against those that were priced.
async fn saved_already(desk: &Desk, saved: &Saved) -> Result<Tally> {
    let mut tally = Tally::new("savings", saved.date);
    for cut in parts::frozen_on(desk, saved.date).await? {
        for row in Entries::of(desk, &cut).await? {
            tally.take(1, row?.amount)?;
        }
    }
    let Totals {
        payments, volume, ..
    } = saved.day;
    if payments > 0 {
        let cents = volume.signed().ok_or_else(overflow)?;
        tally.give("priced", payments, cents)?;
    }
    note(&mut tally, saved);
    Ok(tally)
}

/// Refuses a date before the day before it is saved: month and year carry its costs on, and a
/// day that comes later would be missing from them for ever.
async fn in_step(desk: &Desk, date: Date) -> Result<()> {
    let objects = &*desk.ports.objects;
    let posted = objects.list(names::POSTED_PREFIX).await?;
    let before = posted.iter().filter_map(|name| names::date_of(name));
    let Some(before) = before.filter(|day| *day < date).max() else {
        return Ok(());
    };
    match objects.head(&names::saved(before)).await? {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!("{before} comes before {date}"))
            .remedy(format!("run tieout savings --date {before} first"))),
    }
}

/// The returns and notifications of `date` that the bank bills, as what: those that the books
/// accrue.
async fn billed(desk: &Desk, date: Date) -> Result<Vec<(Billed, AchReturn<'static>)>> {
    let objects = &*desk.ports.objects;
    let before =
        records::newest_before::<Reconciled>(objects, names::RECONCILED_PREFIX, date).await?;
    let (mut rows, mut billed) = (Vec::new(), BilledAnswers::before(before.as_deref()));
    let all = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
    let files = all.iter();
    for part in files.flat_map(|file| parts::of_table::<AchReturns>(&file.parts)) {
        for row in parts::rows_of::<AchReturns>(objects, part).await? {
            rows.extend(billed.bill(&row)?.map(|as_what| (as_what, row)));
        }
    }
    Ok(rows)
}

struct Ledger {
    date: Date,
    currency: Currency,
    price_list: String,
    day: Totals,
    rows: NewPart<Savings>,
}

impl Ledger {
    /// Prices the entries of a cut: each is taken in by the tally, and given once it is priced.
    fn cut(
        &mut self,
        rates: &Rates,
        cut: &FrozenCut,
        mut rest: Entries,
        tally: &mut Tally,
    ) -> Result<()> {
        let same_day = cut.window != Window::Standard;
        for file in &cut.files {
            let many = |_| Failure::damaged(format!("{}: too many entries", file.name));
            let file_entries = u32::try_from(file.entries()).map_err(many)?;
            let mut file_place = 0u32;
            for batch in &file.batches {
                let batch_entries = u32::try_from(batch.entries).map_err(many)?;
                for batch_place in 0..batch_entries {
                    let Some(row) = rest.next() else { break };
                    let row = row?;
                    tally.take(1, row.amount)?;
                    let facts = PaymentFacts {
                        amount: row.amount.magnitude(),
                        direction: row.direction.parse()?,
                        same_day,
                        file_entries,
                        file_place,
                        batch_entries,
                        batch_place,
                        returned: None,
                        changes: 0,
                    };
                    file_place += 1;
                    let cost = rates.cost(&facts).map_err(prices)?;
                    self.add(Row::of_entry(&row), &cost, true)?;
                    tally.give("priced", 1, row.amount)?;
                }
            }
        }
        for row in rest {
            tally.take(1, row?.amount)?; // an entry of no batch: the tally does not tie out
        }
        let batches = cut.files.iter().map(|f| f.batches.len() as u64).sum();
        let files = cut.files.len() as u64;
        let carried = Totals {
            batches,
            files,
            ..Totals::default()
        };
        self.day = self.day.merged(&carried).ok_or_else(overflow)?;
        Ok(())
    }

    /// What an answer costs its payment; one that is about no payment of ours costs none.
    fn answered(&mut self, rates: &Rates, billed: Billed, row: &AchReturn<'_>) -> Result<()> {
        if row.payment_key.is_none() {
            return Ok(());
        }
        let returned = match billed {
            Billed::Return => row.code.parse().ok(),
            Billed::Change => None,
        };
        let facts = PaymentFacts {
            amount: row.amount.magnitude(),
            direction: row.direction.parse()?,
            same_day: false,
            file_entries: 1,
            file_place: 0,
            batch_entries: 1,
            batch_place: 0,
            returned,
            changes: u32::from(billed == Billed::Change),
        };
        let all = rates.cost(&facts).map_err(prices)?;
        // The entry itself was priced on the day it was cut.
        let cost = PaymentCost {
            bank_return: all.bank_return,
            bank_change: all.bank_change,
            network_unauthorized: all.network_unauthorized,
            bank_debit_failure: all.bank_debit_failure,
            ..PaymentCost::default()
        };
        self.add(Row::of_return(row), &cost, false)
    }

    fn add(&mut self, row: Row, cost: &PaymentCost, counts: bool) -> Result<()> {
        let amount = if counts {
            row.amount.magnitude()
        } else {
            Cents::ZERO
        };
        let mut totals = self.day.with(amount, cost).ok_or_else(overflow)?;
        if !counts {
            totals.payments = self.day.payments;
        }
        self.day = totals;
        let sum = |items: &[MicroDollars]| {
            let sum = MicroDollars::sum(items.iter().copied());
            sum.map(MicroDollars::get).ok_or_else(overflow)
        };
        let total = cost.total().ok_or_else(overflow)?;
        let saved = cost.saved_against_card().ok_or_else(overflow)?;
        let row = Saving {
            savings_date: self.date,
            payment_id: row.payment.into(),
            direction: row.direction.into(),
            sec: row.sec.into(),
            window: row.window.into(),
            amount: row.amount,
            bank_file_micros: cost.bank_file.get(),
            bank_batch_micros: cost.bank_batch.get(),
            bank_item_micros: cost.bank_item.get(),
            same_day_micros: sum(&[cost.bank_same_day, cost.network_same_day])?,
            return_micros: sum(&[
                cost.bank_return,
                cost.bank_change,
                cost.network_unauthorized,
            ])?,
            aws_micros: cost.cloud.get(),
            total_micros: total.get(),
            baseline_micros: cost.card.get(),
            saved_micros: saved.get(),
            price_list: self.price_list.as_str().into(),
            currency: Some(self.currency.as_str().into()),
        };
        self.rows.push(&row)
    }
}

/// What a row repeats of its entry or return.
struct Row {
    payment: String,
    direction: String,
    sec: String,
    window: String,
    amount: SignedCents,
}

impl Row {
    fn of_entry(row: &AchEntry<'_>) -> Row {
        Row {
            payment: row.payment_id.to_string(),
            direction: row.direction.to_string(),
            sec: row.sec.to_string(),
            window: row.window.to_string(),
            amount: row.amount,
        }
    }

    fn of_return(row: &AchReturn<'_>) -> Row {
        Row {
            payment: row.payment_id.as_deref().unwrap_or_default().to_owned(),
            direction: row.direction.to_string(),
            sec: row.sec.to_string(),
            window: row.kind.to_string(),
            amount: SignedCents::ZERO,
        }
    }
}

async fn close(desk: &Desk, ledger: Ledger, posted: &Source) -> Result<Saved> {
    let (date, objects) = (ledger.date, &*desk.ports.objects);
    let before = records::newest_before::<Saved>(objects, names::SAVED_PREFIX, date).await?;
    let started_from = start::sources([Some(posted), before.as_ref().map(|b| &b.source)]);
    let mut books = before.map(|saved| saved.record.books).unwrap_or_default();
    books.days.retain(|day, _| day.year() == date.year());
    books.add(date, &ledger.day).ok_or_else(overflow)?;
    let month = books
        .month(date.year(), date.month())
        .ok_or_else(overflow)?;
    let year = books.year(date.year()).ok_or_else(overflow)?;
    let part = ledger.rows.put(objects, date, "payments").await?;
    Ok(Saved {
        date,
        part,
        day: ledger.day,
        month,
        year,
        books,
        agrees: None,
        started_from,
    })
}

fn prices(error: PriceError) -> Failure {
    Failure::advised(Status::Usage, error, "correct the price list")
}

fn overflow() -> Failure {
    desk::failure::too_large("savings")
}
