//! What an API client would do: ask for payments, and ask again where an answer says how.

use connectors::{Created, NewRecord};
use desk::authorize::{self, Authorized};
use desk::failure::{Failure, Result};
use desk::{CHUNK, Desk};
use jiff::civil::Date;
use sandbox::customers::Request;
use settlement::authorize::{Checked, Fault, Faults};
use settlement::payment::Speed;
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
        intake.payments += 1;
        intake.cents += request.payment.order.amount.get();
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
                return Err(Failure::impossible(
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
    let date = business_date(request.created_at, desk.bank.cutoffs.standard);
    let checked = check(desk, &request, account, date)?;
    let same = format!(
        "{id} {} {:?}",
        request.idempotency_key, request.payment.order.direction
    );
    let authorized = Authorized {
        id,
        created_at: request.created_at,
        checked,
        routing: request.payment.routing,
        request_hash: *settlement::archive::sha256(same.as_bytes()).as_bytes(),
        idempotency_key: request.idempotency_key.clone(),
    };
    authorize::record(desk, authorized, account).await
}

/// What a client does with an answer: some customers ask for the same day above its limit, are
/// told to request standard, and do.
fn check(desk: &Desk, request: &Request, account: &str, today: Date) -> Result<Checked> {
    let mut wished = request.payment.clone();
    let refused = |faults: Faults| {
        Failure::findings(format!("the sandbox's customer: {faults}"))
            .remedy("let the bank profile allow what its customers ask for")
    };
    match wished.clone().check(account, &desk.bank, today) {
        Err(Faults(faults)) if matches!(faults.as_slice(), [Fault::SameDayLimit(_)]) => {
            wished.order.speed = Speed::Standard;
            wished.check(account, &desk.bank, today).map_err(refused)
        }
        answer => answer.map_err(refused),
    }
}
