//! Ports that fail on purpose.
//!
//! All wrapped ports of a test share one [`Faults`]. It counts the calls that change something and
//! fails the n-th, before or after it took effect; the second is how an answer gets lost on the
//! way back. A test runs its job for every n until [`Faults::struck`] stays false, runs it again
//! without faults, and compares the bytes.

use crate::{
    Applied, Archive, ArchiveId, ArchiveMeta, BankLink, Change, Created, Error, Fetched, Happened,
    Identity, Index, Listing, Mark, Meta, Name, NewRecord, Object, ObjectStore, PaymentStore,
    Place, Ports, Put, ReadBack, Remote, Removed, Request, Restore, Result, Standing, Strangers,
    Telling, Told,
};
use async_trait::async_trait;
use bytes::Bytes;
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::payment::{Numbered, Payment, PaymentEvent, Side};
use std::fs::File;
use std::future::Future;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// On which side of its effect a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing happened.
    Before,
    /// It happened, but the caller is not told.
    After,
}

/// Which call fails, shared by every port of a test.
#[derive(Clone, Debug)]
pub struct Faults {
    counted: Arc<AtomicU64>,
    struck: Arc<AtomicBool>,
    at: u64,
    when: When,
}

impl Faults {
    /// Fails the `nth` changing call, counted from 1; 0 fails none and only counts.
    pub fn at(nth: u64, when: When) -> Faults {
        Faults {
            counted: Arc::default(),
            struck: Arc::default(),
            at: nth,
            when,
        }
    }

    /// Changing calls so far.
    pub fn counted(&self) -> u64 {
        self.counted.load(Ordering::SeqCst)
    }

    /// Whether a call has failed.
    pub fn struck(&self) -> bool {
        self.struck.load(Ordering::SeqCst)
    }

    /// `ports` with its payments, objects, bank, archive and marks failing as said.
    pub fn around(&self, ports: &Ports) -> Ports {
        Ports {
            payments: Arc::new(Faulty::new(Arc::clone(&ports.payments), self)),
            objects: Arc::new(Faulty::new(Arc::clone(&ports.objects), self)),
            bank: Arc::new(Faulty::new(Arc::clone(&ports.bank), self)),
            archive: Arc::new(Faulty::new(Arc::clone(&ports.archive), self)),
            places: ports
                .places
                .iter()
                .map(|place| self.at_place(place))
                .collect(),
            ..ports.clone()
        }
    }

    fn at_place(&self, place: &Place) -> Place {
        let mark: Arc<dyn Mark> = Arc::new(Faulty::new(Arc::clone(&place.mark), self));
        Place {
            mark,
            ..place.clone()
        }
    }

    async fn change<T>(&self, what: &str, call: impl Future<Output = Result<T>>) -> Result<T> {
        let turn = self.counted.fetch_add(1, Ordering::SeqCst) + 1;
        if turn != self.at {
            return call.await;
        }
        self.struck.store(true, Ordering::SeqCst);
        if self.when == When::After {
            call.await?;
        }
        let source = format!("fault on purpose, {:?} change {turn}", self.when);
        Err(Error::unavailable(what, source))
    }
}

/// A port whose changing calls fail as its [`Faults`] say.
pub struct Faulty<P: ?Sized> {
    port: Arc<P>,
    faults: Faults,
}

impl<P: ?Sized> Faulty<P> {
    /// `port`, failing as `faults` say.
    pub fn new(port: Arc<P>, faults: &Faults) -> Faulty<P> {
        Faulty {
            port,
            faults: faults.clone(),
        }
    }
}

#[async_trait]
impl PaymentStore for Faulty<dyn PaymentStore> {
    async fn create(&self, new: Vec<NewRecord>) -> Result<Vec<Created>> {
        self.faults
            .change("payment store", self.port.create(new))
            .await
    }

    async fn get(&self, ids: &[PaymentId]) -> Result<Vec<Option<Payment>>> {
        self.port.get(ids).await
    }

    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<Applied>> {
        self.faults
            .change("payment store", self.port.apply(changes))
            .await
    }

    async fn page(
        &self,
        index: Index,
        after: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>> {
        self.port.page(index, after, limit).await
    }

    async fn events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>> {
        self.port.events(date, after, limit).await
    }

    async fn history(&self, payment: PaymentId) -> Result<Vec<PaymentEvent>> {
        self.port.history(payment).await
    }

    async fn recent(
        &self,
        merchant: &str,
        before: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>> {
        self.port.recent(merchant, before, limit).await
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<(u64, Happened)>> {
        self.port.feed(after, limit).await
    }

    async fn request(&self, key: [u8; 32]) -> Result<Option<Request>> {
        self.port.request(key).await
    }

    async fn requests(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<Request>> {
        self.port.requests(after, limit).await
    }

    async fn tell(&self, facts: Vec<Telling>) -> Result<Vec<Told>> {
        self.faults
            .change("payment store", self.port.tell(facts))
            .await
    }

    async fn forget(&self, payments: Vec<PaymentId>) -> Result<u64> {
        self.faults
            .change("payment store", self.port.forget(payments))
            .await
    }

    async fn facts(&self, side: Side) -> Result<Vec<Numbered>> {
        self.port.facts(side).await
    }

    async fn facts_of(&self, date: Date) -> Result<Vec<(Side, Numbered)>> {
        self.port.facts_of(date).await
    }
}

#[async_trait]
impl ObjectStore for Faulty<dyn ObjectStore> {
    async fn put_new(&self, name: &Name, body: Bytes) -> Result<Put> {
        self.faults
            .change(name, self.port.put_new(name, body))
            .await
    }

    async fn put_file_new(&self, name: &Name, file: File) -> Result<Put> {
        self.faults
            .change(name, self.port.put_file_new(name, file))
            .await
    }

    async fn put_if_match(
        &self,
        name: &Name,
        expected: Option<&str>,
        body: Bytes,
    ) -> Result<String> {
        self.faults
            .change(name, self.port.put_if_match(name, expected, body))
            .await
    }

    async fn get(&self, name: &Name) -> Result<Object> {
        self.port.get(name).await
    }

    async fn get_large(&self, name: &Name) -> Result<Object> {
        self.port.get_large(name).await
    }

    async fn size(&self, name: &Name) -> Result<Option<u64>> {
        self.port.size(name).await
    }

    async fn get_range(&self, name: &Name, range: Range<u64>) -> Result<Bytes> {
        self.port.get_range(name, range).await
    }

    async fn download(&self, name: &Name, to: &Path) -> Result<u64> {
        self.port.download(name, to).await
    }

    async fn head(&self, name: &Name) -> Result<Option<Meta>> {
        self.port.head(name).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Name>> {
        self.port.list(prefix).await
    }

    async fn strangers(&self) -> Result<Strangers> {
        self.port.strangers().await
    }
}

#[async_trait]
impl BankLink for Faulty<dyn BankLink> {
    async fn ready(&self) -> Result<()> {
        self.port.ready().await
    }

    async fn list(&self) -> Result<Listing> {
        self.port.list().await
    }

    async fn fetch(&self, file: &Remote) -> Result<Fetched> {
        self.port.fetch(file).await
    }

    async fn upload(&self, name: &str, body: Bytes) -> Result<()> {
        self.faults.change(name, self.port.upload(name, body)).await
    }

    async fn read_back(&self, name: &str, sent: &ReadBack) -> Result<Standing> {
        self.port.read_back(name, sent).await
    }

    async fn taken(&self, name: &str, sent: &ReadBack) -> Result<()> {
        self.faults.change(name, self.port.taken(name, sent)).await
    }

    async fn sent(&self) -> Result<Vec<(String, Option<ReadBack>)>> {
        self.port.sent().await
    }

    async fn set_aside(&self, name: &str, sent: &ReadBack) -> Result<Option<String>> {
        self.faults
            .change(name, self.port.set_aside(name, sent))
            .await
    }

    async fn remove(&self, name: &str, taken: &ReadBack) -> Result<Removed> {
        self.faults
            .change(name, self.port.remove(name, taken))
            .await
    }
}

#[async_trait]
impl Archive for Faulty<dyn Archive> {
    async fn store(&self, name: &str, file: File, retain_until: Date) -> Result<ArchiveId> {
        self.faults
            .change(name, self.port.store(name, file, retain_until))
            .await
    }

    async fn list(&self) -> Result<Vec<ArchiveId>> {
        self.port.list().await
    }

    async fn head(&self, id: &ArchiveId) -> Result<Option<ArchiveMeta>> {
        self.port.head(id).await
    }

    async fn verify(&self, id: &ArchiveId) -> Result<ArchiveMeta> {
        self.port.verify(id).await
    }

    async fn request_restore(&self, id: &ArchiveId) -> Result<Restore> {
        self.port.request_restore(id).await
    }

    async fn fetch(&self, id: &ArchiveId, to: &Path) -> Result<u64> {
        self.port.fetch(id, to).await
    }

    async fn delete(&self, id: &ArchiveId, today: Date) -> Result<()> {
        self.faults.change(&id.0, self.port.delete(id, today)).await
    }
}

#[async_trait]
impl Mark for Faulty<dyn Mark> {
    async fn read(&self) -> Result<Option<Identity>> {
        self.port.read().await
    }

    async fn write(&self, expected: Option<&Identity>, identity: &Identity) -> Result<()> {
        let call = self.port.write(expected, identity);
        self.faults.change("mark", call).await
    }

    async fn holds(&self) -> Result<bool> {
        self.port.holds().await
    }

    async fn strangers(&self) -> Result<Strangers> {
        self.port.strangers().await
    }
}
