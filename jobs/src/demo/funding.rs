//! What the sandbox's originators announce: each banking day, what the payouts that wait for it
//! need beyond what they have, rounded up to whole thousands of dollars.
//!
//! An originator counts on all that it has wired before, also on a wire that never came: it does
//! not know.

use crate::funding::{self, Stand};
use crate::parts;
use crate::records;
use crate::records::posted::PostedDay;
use connectors::Index;
use desk::failure::{Failure, Result, too_large};
use desk::{CHUNK, Desk, names};
use formats::tables::Balances;
use jiff::civil::Date;
use sandbox::bank::Wire;
use settlement::funding::Funding;
use settlement::ids::Direction;
use settlement::journal::Account;
use settlement::money::SignedCents;
use std::collections::BTreeMap;

/// A thousand dollars, in cents.
const THOUSAND: i128 = 100_000;

/// Announces what is needed for `date`, and answers with the wires that ought to come.
///
/// # Errors
/// Where a record cannot be read, or an announcement is refused.
pub async fn announced(desk: &Desk, date: Date) -> Result<Vec<Wire>> {
    let mut needs = waiting(desk).await?;
    for (originator, balance) in available(desk, date).await? {
        if let Some(need) = needs.get_mut(&originator) {
            *need += balance;
        }
    }
    for one in funding::list(desk, None).await? {
        let whose = one.funding.originator.as_ref();
        if let Some(need) = whose.and_then(|name| needs.get_mut(name)) {
            *need -= i128::from(one.funding.cents.get());
        }
    }
    let before = funding::list(desk, Some(date)).await?.len();
    let mut wires = Vec::new();
    for (originator, need) in needs.into_iter().filter(|(_, need)| *need > 0) {
        let cents = (need + THOUSAND - 1) / THOUSAND * THOUSAND;
        let cents = i64::try_from(cents).map_err(|_| too_large(&originator))?;
        let plain = originator.chars().filter(char::is_ascii_alphanumeric);
        let name: String = plain.take(16).collect::<String>().to_uppercase();
        let number = before + wires.len() + 1;
        let reference = format!("FUNDING-{name}-{}-{number}", date.strftime("%y%m%d"));
        let funding = Funding {
            originator: Some(originator.clone()),
            cents: SignedCents::new(cents),
            on: date,
            reference: reference.clone(),
        };
        let announced = funding::announce(desk, funding).await?;
        if announced.stand != Stand::Waits {
            return Err(Failure::impossible(format!("{announced}: announced today")));
        }
        wires.push(Wire {
            originator,
            reference,
            cents,
            on: date,
            came: None,
            gone: None,
        });
    }
    Ok(wires)
}

/// The cents of the payouts that wait to be cut, by originator.
async fn waiting(desk: &Desk) -> Result<BTreeMap<String, i128>> {
    let (mut needs, mut after) = (BTreeMap::new(), None);
    loop {
        let index = Index::Ready {
            speed: None,
            until: None,
        };
        let page = desk.ports.payments.page(index, after, CHUNK).await?;
        let Some(last) = page.last() else {
            return Ok(needs);
        };
        after = Some(last.id);
        let payouts = page.iter().map(|payment| &payment.order);
        for order in payouts.filter(|order| order.direction == Direction::Credit) {
            let need: &mut i128 = needs.entry(order.originator.clone()).or_default();
            *need += i128::from(order.amount.get());
        }
    }
}

/// What each originator may spend after the days before: less than zero where it has something.
async fn available(desk: &Desk, date: Date) -> Result<Vec<(String, i128)>> {
    let objects = &*desk.ports.objects;
    let last = records::newest_before::<PostedDay>(objects, names::POSTED_PREFIX, date).await?;
    let Some(part) = last.and_then(|last| last.record.balances) else {
        return Ok(Vec::new());
    };
    let number = Account::CustomerAvailable.number().to_string();
    let rows = parts::rows_of::<Balances>(objects, &part).await?;
    let rows = rows.iter().filter(|row| *row.account == number);
    Ok(rows
        .map(|row| (row.key.to_string(), i128::from(row.balance.get())))
        .collect())
}
