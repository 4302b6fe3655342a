//! The contract between the bank and us, as its profile states it.

use super::sent::Batch;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::bank::shape::Shape;
use settlement::bank::{BankProfile, LineRole, StatementFormat, micros};
use settlement::ids::{BatchKey, DfiId, RoutingNumber};
use settlement::money::Currency;

/// What the bank knows of its contract with us, from the profile.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) odfi: DfiId,
    pub(super) bank: RoutingNumber,
    pub(super) bank_name: String,
    pub(super) customer: String,
    pub(super) customer_name: String,
    pub(super) account: String,
    #[serde(default)]
    pub(super) currency: Currency,
    pub(super) format: StatementFormat,
    pub(super) credit_settlement: Vec<String>,
    pub(super) debit_settlement: Vec<String>,
    pub(super) debit_returned: String,
    pub(super) credit_returned: String,
    pub(super) fee: String,
    /// The codes of wires: in, and out.
    #[serde(default)]
    pub(super) wires: (String, String),
    /// How it settles, each from its day on.
    #[serde(default)]
    pub(super) shapes: Vec<(Option<Date>, Shape)>,
    pub(super) netted_fee: u64,
    pub(super) prices: PriceList,
    /// One company of ours, for returns of entries we never sent.
    pub(super) company_name: String,
    pub(super) company_id: String,
}

/// What the bank nets where the profile names no amount, in cents.
const DEFAULT_NETTED_FEE: u64 = 2_500;

impl Terms {
    pub(super) fn of(profile: &BankProfile) -> Terms {
        let codes = |role: LineRole, usual: &str| -> Vec<String> {
            let ours = profile.statement_codes.iter().filter(|(_, r)| **r == role);
            let codes: Vec<_> = ours.map(|(code, _)| code.clone()).collect();
            if codes.is_empty() {
                vec![usual.to_owned()]
            } else {
                codes
            }
        };
        let one = |role, usual: &str| codes(role, usual).swap_remove(0);
        let wires = codes(LineRole::Funding, "195");
        let (of_in, of_out): (Vec<_>, Vec<_>) =
            wires.into_iter().partition(|code| code.as_str() < "400");
        let first = |codes: Vec<String>, usual: &str| {
            codes.into_iter().next().unwrap_or_else(|| usual.to_owned())
        };
        let company = profile.originators.values().next();
        Terms {
            odfi: profile.odfi,
            bank: profile.immediate_destination,
            bank_name: profile.immediate_destination_name.clone(),
            customer: profile.immediate_origin.clone(),
            customer_name: profile.immediate_origin_name.clone(),
            account: profile.account.number.clone(),
            currency: profile.currency,
            format: profile.statement_format,
            credit_settlement: codes(LineRole::CreditSettlement, "447"),
            debit_settlement: codes(LineRole::DebitSettlement, "166"),
            debit_returned: one(LineRole::DebitReturned, "557"),
            credit_returned: one(LineRole::CreditReturned, "257"),
            fee: one(LineRole::Fee, "698"),
            wires: (first(of_in, "195"), first(of_out, "495")),
            shapes: profile
                .settlement
                .iter()
                .map(|one| (one.from, one.shape))
                .collect(),
            netted_fee: profile
                .netted_fees
                .first()
                .map_or(DEFAULT_NETTED_FEE, |fee| fee.fee().cents.get()),
            prices: PriceList::of(profile),
            company_name: company
                .map_or("DEMO", |c| c.company_name.as_str())
                .to_owned(),
            company_id: company
                .map_or("1900000000", |c| c.company_id.as_str())
                .to_owned(),
        }
    }

    /// How it settles what moves on a day.
    pub(super) fn shape_on(&self, day: Date) -> Shape {
        let holds = self
            .shapes
            .iter()
            .filter(|(from, _)| from.is_none_or(|from| from <= day));
        holds
            .max_by_key(|(from, _)| *from)
            .map(|(_, shape)| *shape)
            .unwrap_or_default()
    }

    /// The type code of the line that settles a batch of debits. A bank with two codes uses both.
    pub(super) fn debit_code(&self, batch: BatchKey) -> &str {
        Terms::turn(&self.debit_settlement, batch)
    }

    /// The type code of the line that funds a batch of credits.
    pub(super) fn credit_code(&self, batch: BatchKey) -> &str {
        Terms::turn(&self.credit_settlement, batch)
    }

    fn turn(codes: &[String], batch: BatchKey) -> &str {
        codes
            .get(batch.number() as usize % codes.len().max(1))
            .map_or("", String::as_str)
    }
}

/// What the contract says that things cost, in micro-dollars.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PriceList {
    file: i64,
    batch: i64,
    item: i64,
    same_day: i64,
    pub(super) returned: i64,
    pub(super) change: i64,
}

impl PriceList {
    pub(super) fn of(profile: &BankProfile) -> PriceList {
        let prices = &profile.prices;
        let price = |usd| micros(usd).unwrap_or(0);
        PriceList {
            file: price(prices.per_file),
            batch: price(prices.per_batch),
            item: price(prices.per_item),
            same_day: price(prices.same_day),
            returned: price(prices.return_item),
            change: price(prices.noc),
        }
    }

    /// What a file costs that came on `date`.
    pub(super) fn file<'a>(&self, date: Date, batches: impl Iterator<Item = &'a Batch>) -> i64 {
        let batches = batches.map(|batch| {
            let on_top = if batch.settles == date {
                self.same_day
            } else {
                0
            };
            self.batch
                + (self.item + on_top) * i64::try_from(batch.entries).expect("entries of a file")
        });
        self.file + batches.sum::<i64>()
    }
}
