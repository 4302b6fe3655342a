//! What a process has of a store: the store itself, which it lends, or a connection to whoever has
//! it; and the election that decides which, at the start and whenever a lender is gone.
//!
//! Whoever has the seat (`seat.rs`) opens the store and lends it; everybody else borrows. All of it
//! runs on a thread of its own, so that a store is lent whatever its process does, and a port may
//! be asked from any runtime.

use super::ask::{Hello, PROTOCOL};
use super::lender::{Lender, Whose};
use super::link::Link;
use super::place::Place;
use super::seat::{self, Seat};
use super::store::Store;
use super::wire::ErrorForm;
use crate::database;
use connectors::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

/// How long an election may take: longer than a lender that leaves waits for its borrowers, and
/// closes its store.
const ELECTION: Duration = Duration::from_secs(15);

/// How far apart an election asks again.
const PAUSE: Duration = Duration::from_millis(10);

/// How long whoever makes an installation waits for somebody who is about to end.
const MAKING: Duration = Duration::from_millis(300);

/// Callers that wait for an election; more wait at the door.
const WISHES: usize = 64;

/// Threads that read for borrowers, and whose store it is for who comes: more than may be busy for
/// long at once. They are started when they are needed.
const READERS: usize = 16;

/// What a process wants of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// To work with it, and to lend it where nobody else does.
    Works,
    /// To make it, and lend it. Nobody else may have it.
    Makes,
    /// To look at it. It is not lent, and nothing is written.
    Looks,
}

/// How a store is opened.
pub struct Plan {
    /// Its folder.
    pub store: PathBuf,
    /// What for.
    pub role: Role,
    /// Opens it, or whatever stands for it to look at.
    pub open: Arc<dyn Fn() -> Result<Store> + Send + Sync>,
    /// Reads whose it is.
    pub whose: Whose,
}

/// A way to the store.
#[derive(Clone)]
pub enum Access {
    /// It is open here.
    Own(Arc<Store>),
    /// Somebody lends it.
    Link(Arc<Link>),
}

impl Access {
    fn is_usable(&self) -> bool {
        match self {
            Access::Own(_) => true,
            Access::Link(link) => link.is_open(),
        }
    }
}

/// The way to the store, as ports find it.
type Held = RwLock<Option<Access>>;

/// Asks for a way to the store.
type Wish = oneshot::Sender<Result<Access>>;

/// What a process has of a store. Dropping it hands over what others have borrowed.
pub struct Node {
    held: Arc<Held>,
    role: Role,
    wishes: Option<mpsc::Sender<Wish>>,
    thread: Option<JoinHandle<()>>,
    /// What must stay as long as the store is open: fields are dropped after the thread has ended.
    kept: Mutex<Vec<Box<dyn Send + Sync>>>,
}

impl Node {
    /// Opens a store or borrows it.
    ///
    /// # Errors
    /// What stands in the way of both.
    pub fn start(plan: Plan) -> Result<Node> {
        let held = Arc::<Held>::default();
        let (wishes, waiting) = mpsc::channel(WISHES);
        let (told, first) = std::sync::mpsc::channel();
        let (what, role) = (what(&plan.store), plan.role);
        let candidate = Candidate::new(plan, Arc::clone(&held));
        let thread = std::thread::Builder::new()
            .name("store-lender".to_owned())
            .spawn(move || run(candidate, waiting, &told))
            .map_err(|e| Error::unavailable(&what, e))?;
        let node = Node {
            held,
            role,
            wishes: Some(wishes),
            thread: Some(thread),
            kept: Mutex::default(),
        };
        let gone = |_| Error::unavailable(&what, "its thread has ended; run the same again");
        first.recv().map_err(gone)??;
        Ok(node)
    }

    /// Keeps something until the store is closed.
    pub fn keep(&self, kept: impl Send + Sync + 'static) {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Box::new(kept));
    }

    /// The store, where it is open here.
    pub fn own(&self) -> Option<Arc<Store>> {
        match usable(&self.held)? {
            Access::Own(store) => Some(store),
            Access::Link(_) => None,
        }
    }

    /// Whether nothing may be written.
    pub fn only_looks(&self) -> bool {
        self.role == Role::Looks
    }

    /// A way to the store, by an election where there is none any more.
    ///
    /// # Errors
    /// What stands in the way of it.
    pub async fn access(&self) -> Result<Access> {
        if let Some(access) = usable(&self.held) {
            return Ok(access);
        }
        let gone = || Error::unavailable("store", "its thread has ended; run the same again");
        let (wish, promise) = oneshot::channel();
        let wishes = self.wishes.as_ref().ok_or_else(gone)?;
        wishes.send(wish).await.map_err(|_| gone())?;
        promise.await.map_err(|_| gone())?
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.wishes = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn usable(held: &Held) -> Option<Access> {
    let held = held.read().unwrap_or_else(PoisonError::into_inner);
    held.clone().filter(Access::is_usable)
}

fn what(store: &Path) -> String {
    format!("store {}", store.display())
}

/// The life of the thread.
fn run(
    mut candidate: Candidate,
    waiting: mpsc::Receiver<Wish>,
    told: &std::sync::mpsc::Sender<Result<()>>,
) {
    let turns = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(READERS)
        .build();
    let turns = match turns {
        Ok(turns) => turns,
        Err(e) => return told.send(Err(Error::unavailable("store", e))).unwrap_or(()),
    };
    let seat = turns.block_on(async {
        let first = candidate.elect().await.map(drop);
        let is_open = first.is_ok();
        // Whoever started this waits for it.
        told.send(first).unwrap_or(());
        if is_open {
            candidate.answer(waiting).await;
        }
        candidate.leave().await
    });
    drop(turns); // what still reads ends first
    drop(seat);
}

/// Who may have to open a store and lend it.
struct Candidate {
    plan: Plan,
    place: Place,
    held: Arc<Held>,
    office: Option<(Seat, Lender)>,
    /// The highest epoch that was seen: who has a lower one has lost the store since.
    seen: u64,
    /// Whether the store was open or borrowed before.
    was_there: bool,
}

impl Candidate {
    fn new(plan: Plan, held: Arc<Held>) -> Candidate {
        Candidate {
            place: Place::of(&plan.store),
            plan,
            held,
            office: None,
            seen: 0,
            was_there: false,
        }
    }

    /// Holds elections for those who wish one. What one wish finds is what all find that wait.
    async fn answer(&mut self, mut waiting: mpsc::Receiver<Wish>) {
        while let Some(first) = waiting.recv().await {
            let access = match usable(&self.held) {
                Some(access) => Ok(access),
                None => self.elect().await.map_err(ErrorForm::of),
            };
            let mut next = Some(first);
            while let Some(wish) = next.or_else(|| waiting.try_recv().ok()) {
                let told = access.clone().map_err(ErrorForm::read);
                let _ = wish.send(told); // who has gone away loses only this
                next = None;
            }
        }
    }

    /// Finds a way to the store.
    async fn elect(&mut self) -> Result<Access> {
        self.hold(None);
        let begun = Instant::now();
        loop {
            let (access, why) = match self.take_or_borrow().await {
                Ok(access) => (access, None),
                // Somebody is about to end, or looks at it.
                Err(why @ Error::Conflict { .. }) if self.was_there => (None, Some(why)),
                Err(why) => return Err(why),
            };
            if let Some(access) = access {
                self.hold(Some(access.clone()));
                self.was_there = true;
                return Ok(access);
            }
            let patience = match self.plan.role {
                Role::Makes => MAKING,
                Role::Works | Role::Looks => ELECTION,
            };
            if begun.elapsed() > patience {
                return Err(why.unwrap_or_else(|| self.nobody_lends()));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn take_or_borrow(&mut self) -> Result<Option<Access>> {
        match self.plan.role {
            Role::Makes => self.take().await,
            Role::Works => match self.take().await? {
                Some(access) => Ok(Some(access)),
                None => self.borrow().await,
            },
            Role::Looks => match self.open().await {
                Ok(store) => Ok(Some(Access::Own(store))),
                Err(Error::Conflict { .. }) => self.borrow().await,
                Err(other) => Err(other),
            },
        }
    }

    /// Opens the store and lends it; nothing where somebody else has the seat. The socket is there
    /// before the store is open, so that nobody takes a long recovery for a lender that is gone.
    async fn take(&mut self) -> Result<Option<Access>> {
        let Some(seat) = Seat::take(&self.plan.store)? else {
            return Ok(None);
        };
        let whose = Arc::clone(&self.plan.whose);
        let lender = Lender::open(&self.place, seat.epoch(), whose)?;
        match self.open().await {
            Ok(store) => {
                lender.lend(Arc::clone(&store));
                self.seen = seat.epoch();
                self.office = Some((seat, lender));
                Ok(Some(Access::Own(store)))
            }
            Err(error) => {
                lender.leave().await;
                Err(error)
            }
        }
    }

    async fn open(&self) -> Result<Arc<Store>> {
        let open = Arc::clone(&self.plan.open);
        let opened = tokio::task::spawn_blocking(move || open()).await;
        let opened = opened.map_err(|e| Error::unavailable(what(&self.plan.store), e))?;
        opened.map(Arc::new)
    }

    async fn borrow(&mut self) -> Result<Option<Access>> {
        let whose = Arc::clone(&self.plan.whose);
        let read = tokio::task::spawn_blocking(move || whose()).await;
        let installation = read.map_err(|e| Error::unavailable(what(&self.plan.store), e))??;
        let hello = Hello {
            protocol: PROTOCOL,
            installation,
        };
        let link = Link::to(&self.place, &hello).await?;
        let Some(link) = link.filter(|link| link.epoch() >= self.seen) else {
            return Ok(None);
        };
        self.seen = link.epoch();
        Ok(Some(Access::Link(Arc::new(link))))
    }

    fn hold(&self, access: Option<Access>) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        *held = access;
    }

    /// Closes the store when nobody needs it any more; the seat is the last to go.
    async fn leave(&mut self) -> Option<Seat> {
        let office = self.office.take();
        let seat = match office {
            None => None,
            Some((seat, lender)) => {
                lender.leave().await;
                Some(seat)
            }
        };
        self.hold(None);
        seat
    }

    fn nobody_lends(&self) -> Error {
        let store = &self.plan.store;
        if self.plan.role == Role::Makes {
            return database::in_use(&what(store));
        }
        let process = seat::last_process(store);
        let who = process.map_or("another process".to_owned(), |number| {
            format!("process {number}")
        });
        let why = format!("{who} has it open and does not lend it; wait until it ends or stop it");
        Error::conflict(what(store), why)
    }
}
