//! Payments in one table of PostgreSQL: what creating one needs, and no more.

use async_trait::async_trait;
use connectors::{
    Applied, Change, Created, Error, Happened, Index, NewRecord, PaymentStore, Request, Result,
    Telling, Told,
};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use jiff::civil::Date;
use settlement::archive::sha256;
use settlement::ids::PaymentId;
use settlement::payment::{Numbered, Payment, PaymentEvent, Side};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};

/// What errors call the store.
const STORE: &str = "PostgreSQL";

/// Connections of the pool: a backend each. More than these were slower on two cores.
const CONNECTIONS: usize = 32;

/// One table with an index for the id and one for the key: the least that the API needs.
const TABLE: &str = "
    DROP TABLE IF EXISTS payments;
    CREATE TABLE payments (
        id bigint PRIMARY KEY,
        idempotency_key bytea NOT NULL UNIQUE,
        request_hash bytea NOT NULL,
        merchant text NOT NULL,
        state text NOT NULL,
        amount_cents bigint NOT NULL,
        body bytea NOT NULL
    )";

const INSERT: &str = "
    INSERT INTO payments
        (id, idempotency_key, request_hash, merchant, state, amount_cents, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (idempotency_key) DO NOTHING";

const BY_KEY: &str = "SELECT id, request_hash FROM payments WHERE idempotency_key = $1";

const BY_ID: &str = "SELECT body FROM payments WHERE id = $1";

/// A [`PaymentStore`] of which only what the bench asks for is there.
pub struct PostgresPayments(Pool);

impl PostgresPayments {
    /// Payments in the database at `url`, of which there are none then.
    pub async fn open(url: &str) -> Result<PostgresPayments> {
        let config = url.parse().map_err(|e| Error::invalid(STORE, failed(&e)))?;
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
        let pool = Pool::builder(manager).max_size(CONNECTIONS).build();
        let store = PostgresPayments(pool.map_err(|e| Error::unavailable(STORE, failed(&e)))?);
        let made = store.client().await?.batch_execute(TABLE).await;
        made.map_err(|e| Error::unavailable(STORE, failed(&e)))?;
        Ok(store)
    }

    async fn client(&self) -> Result<Object> {
        let client = self.0.get().await;
        client.map_err(|e| Error::unavailable(STORE, failed(&e)))
    }

    async fn one(&self, sql: &str, with: &(dyn ToSql + Sync)) -> Result<Option<Row>> {
        let client = self.client().await?;
        let failed = |e| Error::unavailable(STORE, failed(&e));
        let statement = client.prepare_cached(sql).await.map_err(failed)?;
        client.query_opt(&statement, &[with]).await.map_err(failed)
    }

    async fn insert(&self, new: &NewRecord) -> Result<Created> {
        let payment = &new.payment;
        let key = sha256(new.idempotency_key.as_bytes());
        let merchant = payment.accepted.as_ref();
        let merchant = merchant.map_or("", |accepted| accepted.merchant.as_str());
        let amount = i64::try_from(payment.order.amount.get());
        let amount = amount.map_err(|_| Error::invalid(STORE, "an amount of 64 bits"))?;
        let body = serde_json::to_vec(payment).map_err(|e| Error::invalid(STORE, failed(&e)))?;
        let client = self.client().await?;
        let unavailable = |e| Error::unavailable(STORE, failed(&e));
        let statement = client.prepare_cached(INSERT).await.map_err(unavailable)?;
        let state = payment.state.as_str();
        let with: [&(dyn ToSql + Sync); 7] = [
            &payment.id.key(),
            &&key.as_bytes()[..],
            &&new.request_hash[..],
            &merchant,
            &state,
            &amount,
            &body,
        ];
        match client.execute(&statement, &with).await {
            Ok(1) => return Ok(Created::New),
            Ok(_) => drop(client),
            Err(e) if e.code() == Some(&SqlState::UNIQUE_VIOLATION) => return Ok(Created::IdTaken),
            Err(e) => return Err(unavailable(e)),
        }
        let known = self.request(*key.as_bytes()).await?;
        let known = known.ok_or_else(|| Error::corrupt(STORE, "a key that is there is not"))?;
        Ok(match known.request_hash == new.request_hash {
            true => Created::Existing(known.payment),
            false => Created::KeyReused(known.payment),
        })
    }
}

fn failed(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

fn not_asked<T>() -> Result<T> {
    Err(Error::invalid(
        STORE,
        "the bench asks for nothing else of it",
    ))
}

#[async_trait]
impl PaymentStore for PostgresPayments {
    async fn create(&self, new: Vec<NewRecord>) -> Result<Vec<Created>> {
        let mut created = Vec::with_capacity(new.len());
        for record in &new {
            created.push(self.insert(record).await?);
        }
        Ok(created)
    }

    async fn get(&self, ids: &[PaymentId]) -> Result<Vec<Option<Payment>>> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let row = self.one(BY_ID, &id.key()).await?;
            let read = row
                .map(|row| serde_json::from_slice(row.get(0)))
                .transpose();
            found.push(read.map_err(|e| Error::corrupt(STORE, failed(&e)))?);
        }
        Ok(found)
    }

    async fn request(&self, key: [u8; 32]) -> Result<Option<Request>> {
        let Some(row) = self.one(BY_KEY, &&key[..]).await? else {
            return Ok(None);
        };
        let wrong = || Error::corrupt(STORE, "a request");
        let hash: &[u8] = row.get(1);
        Ok(Some(Request {
            key,
            payment: PaymentId::from_key(row.get(0)).map_err(|_| wrong())?,
            request_hash: hash.try_into().map_err(|_| wrong())?,
        }))
    }

    async fn apply(&self, _: Vec<Change>) -> Result<Vec<Applied>> {
        not_asked()
    }

    async fn tell(&self, _: Vec<Telling>) -> Result<Vec<Told>> {
        not_asked()
    }

    async fn forget(&self, _: Vec<PaymentId>) -> Result<u64> {
        not_asked()
    }

    async fn facts(&self, _: Side) -> Result<Vec<Numbered>> {
        not_asked()
    }

    async fn facts_of(&self, _: Date) -> Result<Vec<(Side, Numbered)>> {
        not_asked()
    }

    async fn page(&self, _: Index, _: Option<PaymentId>, _: usize) -> Result<Vec<Payment>> {
        not_asked()
    }

    async fn events(
        &self,
        _: Date,
        _: Option<(PaymentId, u32)>,
        _: usize,
    ) -> Result<Vec<PaymentEvent>> {
        not_asked()
    }

    async fn history(&self, _: PaymentId) -> Result<Vec<PaymentEvent>> {
        not_asked()
    }

    async fn recent(&self, _: &str, _: Option<PaymentId>, _: usize) -> Result<Vec<Payment>> {
        not_asked()
    }

    async fn feed(&self, _: u64, _: usize) -> Result<Vec<(u64, Happened)>> {
        not_asked()
    }

    async fn requests(&self, _: Option<[u8; 32]>, _: usize) -> Result<Vec<Request>> {
        not_asked()
    }
}
