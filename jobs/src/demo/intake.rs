//! What an API client would do: check a request, encrypt its account number, create the payment.

use crate::desk::{CHUNK, Desk};
use crate::failure::{Failure, Result};
use connectors::{Created, NewRecord};
use sandbox::customers::Request;
use settlement::payment::{Payment, Receiver, State};
use settlement::windows::business_date;

/// What became of a day's requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Intake {
    /// Payments created.
    pub payments: u64,
    /// Their cents.
    pub cents: u64,
}

/// Creates the payments of `requests`.
///
/// # Errors
/// Where a store or the vault does not answer, or a request is not one a payment can be made of.
pub async fn run(desk: &Desk, requests: impl Iterator<Item = Request>) -> Result<Intake> {
    let mut intake = Intake::default();
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut requests = requests.peekable();
    while let Some(request) = requests.next() {
        intake.payments = intake.payments.saturating_add(1);
        intake.cents = intake.cents.saturating_add(request.amount.get());
        chunk.push(record(desk, request).await?);
        if chunk.len() == CHUNK || requests.peek().is_none() {
            create(desk, std::mem::take(&mut chunk)).await?;
        }
    }
    Ok(intake)
}

async fn create(desk: &Desk, chunk: Vec<NewRecord>) -> Result<()> {
    for answer in desk.ports.payments.create(chunk).await? {
        match answer {
            Created::New | Created::Existing(_) => {}
            Created::KeyReused(_) | Created::IdTaken => {
                return Err(Failure::findings(
                    "the sandbox made two payments of one name",
                ));
            }
        }
    }
    Ok(())
}

async fn record(desk: &Desk, request: Request) -> Result<NewRecord> {
    let id = request.id()?;
    let account = request.account_number.reveal();
    let sealed = desk
        .ports
        .vault
        .seal(&id.to_string(), account.as_bytes())
        .await?;
    let token = desk.ports.vault.token(request.routing, account).await?;
    let same = format!("{id} {} {:?}", request.idempotency_key, request.direction);
    let date = business_date(request.created_at, desk.bank.cutoffs.standard);
    let payment = Payment {
        id,
        version: 1,
        state: State::Init,
        direction: request.direction,
        amount: request.amount,
        originator: request.originator,
        sec: request.sec,
        description: request.description,
        speed: request.speed,
        effective: request.effective,
        receiver: Receiver {
            routing: request.routing,
            account: request.account,
            token,
            sealed,
            name: request.name,
        },
        remittance: request.remittance,
        created_at: request.created_at,
        cut: None,
        entry: None,
        settled_on: None,
        hold_ended: false,
        returned: None,
        seen: Vec::new(),
    };
    let request_hash = *settlement::archive::sha256(same.as_bytes()).as_bytes();
    Ok(NewRecord {
        payment,
        idempotency_key: request.idempotency_key,
        request_hash,
        date,
    })
}
