//! The ports of an installation for who only looks: nothing in it is written, not even a time.
//!
//! Where another process lends the store, it is borrowed, and refuses to be written. Otherwise the
//! database cannot be opened so: it cuts the end of its journal off and clears away. So a copy
//! is opened, in a temporary folder for its owner alone: the journal is copied, and the tables,
//! which never change, are linked to. The lock of the real one is held as long, shared with others
//! who look. A copy that a kill left is removed by the next command that opens an installation
//! with the same folder for temporary files (`left.rs`).

use crate::archive::FolderArchive;
use crate::bank::{RECEIPTS, is_open, receipts_in};
use crate::clock::SystemClock;
use crate::left::Held;
use crate::lend::{LentDocuments, LentPayments, LentQueue, Node, Plan, Role, Store};
use crate::locked::Lock;
use crate::notifier::AlertLog;
use crate::objects::FolderObjects;
use crate::open::{Beside, shared, whose, working};
use crate::site::Site;
use crate::tables::TABLES;
use crate::unseen::Unseen;
use crate::vault::FileVault;
use crate::{database, files, left};
use async_trait::async_trait;
use bytes::Bytes;
use connectors::regular::Regular;
use connectors::{
    Addresses, BankLink, Documents, Error, Fetched, Listing, PaymentStore, Ports, Queue, ReadBack,
    Remote, Removed, Result, Standing,
};
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes copied at once; a block of zeros becomes a hole.
const BLOCK: usize = 1 << 16;

/// Opens an installation to look at it. Payments that are written so are gone when the ports are;
/// the bank answers nothing.
///
/// # Errors
/// As [`crate::open`].
pub fn look(at: &Addresses) -> Result<Ports> {
    Ok(look_all(at, &[])?.0)
}

/// As [`look`], with the ports of every bank beside the home bank, in the order of `others`.
///
/// # Errors
/// As [`look`].
pub fn look_all(at: &Addresses, others: &[Beside]) -> Result<(Ports, Vec<Ports>)> {
    looked(at, others, |_| Ok(None))
}

/// As [`look_all`], while no command works on the installation. Where none ever has, there is no
/// lock of those who do, and none is made.
///
/// # Errors
/// As [`look`]; [`Error::Conflict`] where another command works on it.
pub fn look_alone(at: &Addresses, others: &[Beside]) -> Result<(Ports, Vec<Ports>)> {
    looked(at, others, |site| {
        let has = site.store.join(database::WORK).exists();
        has.then(|| working(site)).transpose()
    })
}

fn looked(
    at: &Addresses,
    others: &[Beside],
    first: impl FnOnce(&Site) -> Result<Option<Lock>>,
) -> Result<(Ports, Vec<Ports>)> {
    let sites = sites(at, others)?;
    let works = first(&sites.home)?;
    let node = Node::start(plan(&sites.home))?;
    node.keep(works);
    let node = Arc::new(node);
    let seen = |bank: &str| LentPayments::seen_from(Arc::clone(&node), bank);
    let store = Opened {
        payments: Arc::new(seen("")?),
        documents: Arc::new(LentDocuments::over(Arc::clone(&node))),
        queue: Arc::new(LentQueue::over(Arc::clone(&node))),
    };
    let home = ports(&sites.home, store)?;
    let beside = others.iter().zip(&sites.beside);
    let beside = beside.map(|((name, _), site)| {
        let payments = Arc::new(seen(name)?);
        Ok(ports_beside(site, payments, &home))
    });
    let beside = beside.collect::<Result<Vec<_>>>()?;
    Ok((home, beside))
}

/// As [`look_all`], for who asks the tables alone: the store is neither copied nor locked, so that
/// a question keeps no day waiting, and payments, documents and queue refuse whatever they are
/// asked.
///
/// # Errors
/// As [`look`]; that another process has the installation open is none.
pub fn look_at_tables(at: &Addresses, others: &[Beside]) -> Result<(Ports, Vec<Ports>)> {
    let sites = sites(at, others)?;
    let store = Opened {
        payments: Arc::new(Unseen),
        documents: Arc::new(Unseen),
        queue: Arc::new(Unseen),
    };
    let home = ports(&sites.home, store)?;
    let beside = sites.beside.iter();
    let beside = beside.map(|site| ports_beside(site, Arc::new(Unseen), &home));
    let beside = beside.collect();
    Ok((home, beside))
}

/// The ports of a database.
struct Opened {
    payments: Arc<dyn PaymentStore>,
    documents: Arc<dyn Documents>,
    queue: Arc<dyn Queue>,
}

/// The folders of all banks.
struct Sites {
    home: Site,
    beside: Vec<Site>,
}

/// The folders, each of which must be there. What an earlier look left is cleared away.
fn sites(at: &Addresses, others: &[Beside]) -> Result<Sites> {
    let home = Site::of(at)?;
    home.is_there()?;
    let beside = others.iter().map(|(_, at)| Site::of(at));
    let beside = beside.collect::<Result<Vec<_>>>()?;
    beside.iter().try_for_each(Site::is_beside)?;
    left::clear(&std::env::temp_dir());
    Ok(Sites { home, beside })
}

fn ports(site: &Site, store: Opened) -> Result<Ports> {
    Ok(Ports {
        payments: store.payments,
        objects: Arc::new(FolderObjects::over(&site.objects)),
        bank: no_bank(site),
        vault: Arc::new(FileVault::open(&site.vault)?),
        documents: store.documents,
        queue: store.queue,
        archive: Arc::new(FolderArchive::over(&site.archive)),
        notifier: Arc::new(AlertLog::over(&site.alerts)),
        clock: Arc::new(SystemClock),
        places: site.places(),
    })
}

fn ports_beside(site: &Site, payments: Arc<dyn PaymentStore>, home: &Ports) -> Ports {
    Ports {
        payments,
        objects: Arc::new(FolderObjects::over(&site.objects)),
        bank: no_bank(site),
        archive: Arc::new(FolderArchive::over(&site.archive)),
        places: shared(home),
        ..home.clone()
    }
}

fn no_bank(site: &Site) -> Arc<dyn BankLink> {
    let root = site.bank.clone();
    Arc::new(NoBank { root })
}

/// A copy of the store, or what another process lends.
fn plan(site: &Site) -> Plan {
    let store = site.store.clone();
    let open = move || {
        let copy = StoreCopy::of(&store)?;
        let db = database::open_copy(copy.folder.path(), &store)?;
        Store::new(db, Arc::new(SystemClock), Some(Box::new(copy)))
    };
    Plan {
        store: site.store.clone(),
        role: Role::Looks,
        open: Arc::new(open),
        whose: whose(site),
    }
}

/// A copy of the store, and the lock of the real one.
struct StoreCopy {
    folder: Held,
    /// None where the store has no lock: then nobody has it open.
    _lock: Option<Lock>,
}

impl StoreCopy {
    fn of(store: &Path) -> Result<StoreCopy> {
        let path = store.join(database::LOCK);
        database::regular_only(store)?; // before anything in it is opened
        let lock = match Regular::open(&path) {
            Ok(lock) => Some(lock.into_file()),
            Err(Error::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        if lock
            .as_ref()
            .is_some_and(|lock| lock.try_lock_shared().is_err())
        {
            return Err(database::in_use(&format!("store {}", store.display())));
        }
        let lock = lock.map(Lock::over);
        database::prove(store)?; // here, where a message names the files that people know
        let folder = Held::new(&std::env::temp_dir())?;
        // A link needs the whole path of what it leads to.
        let store = fs::canonicalize(store).map_err(|e| Error::io(store, e))?;
        copy(&store, folder.path())?;
        Ok(StoreCopy {
            folder,
            _lock: lock,
        })
    }
}

/// Copies what changes of a store, and links to what does not.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).map_err(|e| Error::io(from, e))? {
        let path = entry.map_err(|e| Error::io(from, e))?.path();
        let name = path.file_name().unwrap_or_default();
        let target = to.join(name);
        if path.is_dir() {
            files::make_folder(&target)?;
            copy(&path, &target)?;
        } else if from.file_name().is_some_and(|folder| folder == TABLES) {
            symlink(&path, &target).map_err(|e| Error::io(&target, e))?;
        } else if !database::is_about_users(name) {
            copy_file(&path, &target)?;
        } else if name == database::LOCK {
            files::private()
                .write(true)
                .create_new(true)
                .open(&target)
                .map_err(|e| Error::io(&target, e))?;
        }
    }
    Ok(())
}

/// A new journal is a large file of zeros: holes stay holes.
fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let failed = |e| Error::io(to, e);
    let mut source = Regular::open(from)?.into_file();
    let target = files::private().write(true).create_new(true).open(to);
    let mut target = target.map_err(failed)?;
    let mut block = vec![0; BLOCK];
    let mut size = 0;
    loop {
        let count = source.read(&mut block).map_err(|e| Error::io(from, e))?;
        let Some(bytes) = block.get(..count).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        size += count as u64;
        if bytes.iter().all(|byte| *byte == 0) {
            target.seek(SeekFrom::Start(size)).map_err(failed)?;
        } else {
            target.write_all(bytes).map_err(failed)?;
        }
    }
    target.set_len(size).map_err(failed)
}

/// In the bank's place for who only looks: what we remember is there, and nothing is asked.
struct NoBank {
    root: PathBuf,
}

fn not_asked<T>() -> Result<T> {
    Err(Error::Denied {
        what: "bank".to_owned(),
        why: "who only looks does not speak with the bank; run it without --dry-run".to_owned(),
    })
}

#[async_trait]
impl BankLink for NoBank {
    async fn ready(&self) -> Result<()> {
        is_open(&self.root)
    }

    async fn list(&self) -> Result<Listing> {
        not_asked()
    }

    async fn fetch(&self, _: &Remote) -> Result<Fetched> {
        not_asked()
    }

    async fn upload(&self, _: &str, _: Bytes) -> Result<()> {
        not_asked()
    }

    async fn read_back(&self, _: &str, _: &ReadBack) -> Result<Standing> {
        not_asked()
    }

    async fn taken(&self, _: &str, _: &ReadBack) -> Result<()> {
        not_asked()
    }

    async fn sent(&self) -> Result<Vec<(String, Option<ReadBack>)>> {
        let receipts = self.root.join(RECEIPTS);
        files::blocking(move || receipts_in(&receipts)).await
    }

    async fn set_aside(&self, _: &str, _: &ReadBack) -> Result<Option<String>> {
        not_asked()
    }

    async fn remove(&self, _: &str, _: &ReadBack) -> Result<Removed> {
        not_asked()
    }
}
