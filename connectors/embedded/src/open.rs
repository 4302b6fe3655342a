//! From addresses to open ports: of an installation that is there, or of one that is being made.

use crate::archive::FolderArchive;
use crate::away::Away;
use crate::bank::{DropBox, is_open, written};
use crate::clock::SystemClock;
use crate::lend::{LentDocuments, LentPayments, LentQueue, Node, Plan, Role, Store, Whose};
use crate::locked::{self, Lock};
use crate::mark::{FolderMark, Kept};
use crate::notifier::AlertLog;
use crate::objects::FolderObjects;
use crate::site::Site;
use crate::vault::FileVault;
use crate::{database, files, left};
use connectors::{Addresses, BankLink, Error, Place, Ports, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the keys of a new vault come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// The operating system draws them.
    Drawn,
    /// Every byte comes from a seed: for demonstrations.
    Seeded(u64),
}

/// The places that say whose they are, as the addresses name them. Nothing is opened or made.
///
/// # Errors
/// [`connectors::Error::Invalid`] where an address is not one this build opens.
pub fn places(at: &Addresses) -> Result<Vec<Place>> {
    Ok(Site::of(at)?.places())
}

/// Where everything is, by name. Nothing is opened or made.
///
/// # Errors
/// As [`places`].
pub fn folders(at: &Addresses) -> Result<Vec<(&'static str, String)>> {
    let site = Site::of(at)?;
    let all = [
        ("store", &site.store),
        ("objects", &site.objects),
        ("archive", &site.archive),
        ("vault", &site.vault),
        ("bank", &site.bank),
        ("notifier", &site.alerts),
    ];
    let told = |(name, path): (_, &std::path::PathBuf)| (name, path.display().to_string());
    Ok(all.map(told).into())
}

/// Refuses a place at which there is no installation, or of which a part is missing. Nothing is
/// opened or made.
///
/// # Errors
/// [`connectors::Error::Invalid`] with what is not there.
pub fn is_there(at: &Addresses) -> Result<()> {
    Site::of(at)?.is_there()
}

/// Refuses a place for a new installation that is somebody's already; nothing is made.
///
/// # Errors
/// [`connectors::Error::Invalid`] where it is a link, or holds what no installation has.
pub fn is_free(at: &Addresses) -> Result<()> {
    Site::of(at)?.is_free()
}

/// Refuses a place at which no installation can be, nor be made.
///
/// # Errors
/// [`connectors::Error::Invalid`] where it is no folder, and leads to none.
pub fn is_place(at: &Addresses) -> Result<()> {
    Site::of(at)?.is_place()
}

/// Refuses an installation that another process has open; nothing is made where there is none.
///
/// # Errors
/// [`connectors::Error::Conflict`] where one has.
pub fn in_use(at: &Addresses) -> Result<Option<Lock>> {
    let store = Site::of(at)?.store;
    match store.join(database::LOCK).exists() {
        true => database::lock(&store).map(Some),
        false => Ok(None),
    }
}

/// Opens every port of an installation, beside whoever else has it open. One that is not there, or
/// of which a part is missing, is refused, and nothing is made.
///
/// # Errors
/// [`connectors::Error::Invalid`] where there is none, or an address is not one this build opens;
/// otherwise what stands in the way.
pub fn open(at: &Addresses) -> Result<Ports> {
    Ok(open_all(at, &[])?.0)
}

/// Another bank than the home bank: its name, and where its things are.
pub type Beside = (String, Addresses);

/// As [`open`], with the ports of every bank beside the home bank, in the order of `others`.
///
/// # Errors
/// As [`open`].
pub fn open_all(at: &Addresses, others: &[Beside]) -> Result<(Ports, Vec<Ports>)> {
    opened(at, others, |_| Ok(None))
}

/// As [`open_all`], for a job: none other works on the installation until the ports are dropped.
///
/// # Errors
/// As [`open`]; [`connectors::Error::Conflict`] where another command works on it.
pub fn work_all(at: &Addresses, others: &[Beside]) -> Result<(Ports, Vec<Ports>)> {
    opened(at, others, |site| working(site).map(Some))
}

fn opened(
    at: &Addresses,
    others: &[Beside],
    first: impl FnOnce(&Site) -> Result<Option<Lock>>,
) -> Result<(Ports, Vec<Ports>)> {
    let site = Site::of(at)?;
    site.is_there()?;
    let sites = sites(others)?;
    for (_, site) in &sites {
        site.is_beside()?;
    }
    left::clear(&std::env::temp_dir());
    let vault = FileVault::open(&site.vault)?;
    let works = first(&site)?;
    let node = Node::start(plan(&site, Role::Works, database::open))?;
    node.keep(works);
    for folder in site.own().into_iter().filter(|own| own.exists()) {
        files::make_private(folder)?;
    }
    all(&site, &sites, node, vault, bank)
}

/// A drop box that is there; one that is away refuses whatever is asked of it, and keeps nobody
/// from what needs none, nor another bank from its work.
fn bank(root: &Path) -> Result<Arc<dyn BankLink>> {
    Ok(match is_open(root) {
        Ok(()) => Arc::new(DropBox::open(root)?),
        Err(_) => Arc::new(Away::at(root)),
    })
}

fn make_bank(root: &Path) -> Result<Arc<dyn BankLink>> {
    Ok(Arc::new(DropBox::open(root)?))
}

/// The lock of the one command that works on an installation.
pub(crate) fn working(site: &Site) -> Result<Lock> {
    let held = || {
        let what = format!("store {}", site.store.display());
        let why = "another command works on it; wait until it ends or stop it";
        Error::conflict(what, why)
    };
    locked::of_file(&site.store.join(database::WORK), held)
}

/// How the store of an installation is opened, or made.
fn plan(site: &Site, role: Role, open: fn(&Path) -> Result<fjall::Database>) -> Plan {
    let store = site.store.clone();
    Plan {
        store: store.clone(),
        role,
        open: Arc::new(move || Store::new(open(&store)?, Arc::new(SystemClock), None)),
        whose: whose(site),
    }
}

/// Reads whose store it is.
pub(crate) fn whose(site: &Site) -> Whose {
    let mark = FolderMark::new(&site.store, Kept::Store);
    Arc::new(move || mark.read_now())
}

/// Opens every port; folders, store and keys that are missing are made, and nobody but the owner
/// keeps any right to what is there. Keys are not made where account numbers are sealed already.
///
/// # Errors
/// As [`open`].
pub fn make(at: &Addresses, keys: Keys) -> Result<Ports> {
    Ok(make_all(at, &[], keys)?.0)
}

/// As [`make`], with the ports of every bank beside the home bank.
///
/// # Errors
/// As [`open`].
pub fn make_all(at: &Addresses, others: &[Beside], keys: Keys) -> Result<(Ports, Vec<Ports>)> {
    let site = Site::of(at)?;
    let sites = sites(others)?;
    if site.store.is_dir() {
        database::nothing_is_lost(&site.store)?;
    }
    files::make_folder(&site.store)?;
    let works = working(&site)?;
    let node = Node::start(plan(&site, Role::Makes, database::make))?;
    node.keep(works);
    let made = node.own().map(|store| store.payments("")?.has_payments());
    if made.transpose()?.unwrap_or(true) {
        site.is_there()?; // what belongs to payments is not made anew beside them
        site.has_bank()?;
    }
    let vault = match keys {
        Keys::Drawn => FileVault::create(&site.vault)?,
        Keys::Seeded(seed) => FileVault::create_seeded(&site.vault, seed)?,
    };
    let ports = all(&site, &sites, node, vault, make_bank)?;
    for folder in site.own() {
        files::make_all_private(folder)?;
    }
    Ok(ports)
}

fn sites(others: &[Beside]) -> Result<Vec<(&str, Site)>> {
    let others = others.iter();
    others
        .map(|(name, at)| Ok((name.as_str(), Site::of(at)?)))
        .collect()
}

/// The ports of all banks.
fn all(
    site: &Site,
    others: &[(&str, Site)],
    node: Node,
    vault: FileVault,
    bank: fn(&Path) -> Result<Arc<dyn BankLink>>,
) -> Result<(Ports, Vec<Ports>)> {
    // Where nobody else has the installation open, nobody is writing what is unfinished.
    let users = site.store.join(database::USERS);
    node.keep(locked::shared(&users, || discard_all(site, others))?);
    let node = Arc::new(node);
    let home = ports(site, &node, vault, bank(&site.bank)?)?;
    let beside = others.iter().map(|(name, site)| {
        Ok(Ports {
            payments: Arc::new(LentPayments::seen_from(Arc::clone(&node), name)?),
            objects: Arc::new(FolderObjects::open(&site.objects)?),
            bank: bank(&site.bank)?,
            archive: Arc::new(FolderArchive::open(&site.archive)?),
            places: shared(&home),
            ..home.clone()
        })
    });
    let beside = beside.collect::<Result<Vec<_>>>()?;
    Ok((home, beside))
}

/// The places that all banks share; the archive's mark is at its root, which is the home bank's.
pub(crate) fn shared(home: &Ports) -> Vec<Place> {
    let mut places = home.places.clone();
    places.retain(|place| place.name != "archive");
    places
}

/// Throws away what runs that were killed have left unfinished at any bank.
fn discard_all(site: &Site, others: &[(&str, Site)]) -> Result<()> {
    let own: [&Path; 4] = [&site.objects, &site.vault, &site.archive, &site.store];
    discard_unfinished(site, &own)?;
    let mut others = others.iter();
    others.try_for_each(|(_, site)| discard_unfinished(site, &[&site.objects, &site.archive]))
}

fn discard_unfinished(site: &Site, own: &[&Path]) -> Result<()> {
    let there = is_open(&site.bank).is_ok();
    let parts: Vec<PathBuf> = written(&site.bank).into_iter().filter(|_| there).collect();
    for part in &parts {
        files::is_real_folder(part)?; // before anything in it is thrown away
    }
    for folder in parts.iter().map(|part| &**part).chain(own.iter().copied()) {
        files::discard_unfinished(folder)?;
    }
    Ok(())
}

fn ports(
    site: &Site,
    node: &Arc<Node>,
    vault: FileVault,
    bank: Arc<dyn BankLink>,
) -> Result<Ports> {
    Ok(Ports {
        payments: Arc::new(LentPayments::seen_from(Arc::clone(node), "")?),
        objects: Arc::new(FolderObjects::open(&site.objects)?),
        bank,
        vault: Arc::new(vault),
        documents: Arc::new(LentDocuments::over(Arc::clone(node))),
        queue: Arc::new(LentQueue::over(Arc::clone(node))),
        archive: Arc::new(FolderArchive::open(&site.archive)?),
        notifier: Arc::new(AlertLog::open(&site.alerts)?),
        clock: Arc::new(SystemClock),
        places: site.places(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn one_folder_opens_everything_again_and_again() {
        let dir = tempfile::tempdir().unwrap();
        let at = Addresses::in_dir(dir.path());
        for _ in 0..2 {
            let ports = make(&at, Keys::Drawn).unwrap();
            let page = ports.payments.page(connectors::Index::All, None, 1).await;
            assert!(page.unwrap().is_empty());
            assert!(matches!(in_use(&at), Err(Error::Conflict { .. })));
        }
        drop(in_use(&at).unwrap().expect("a lock"));
    }

    #[test]
    fn what_this_build_cannot_open_is_said_before_anything_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let mut addresses = Addresses::in_dir(dir.path());
        addresses.objects = Some("s3://bucket/prefix".to_owned());
        let error = make(&addresses, Keys::Drawn)
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("s3://bucket/prefix") && error.contains("file:DIR"),
            "{error}"
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_no_installation_is_refused_and_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let at = Addresses::in_dir(dir.path());
        let refused = open(&at).map(drop).unwrap_err().to_string();
        assert!(refused.contains("tieout init"), "{refused}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        drop(make(&at, Keys::Drawn).unwrap());
        fs::write(dir.path().join("objects/x"), "x").unwrap();
        for part in ["store", "objects", "vault", "archive"] {
            let (there, away) = (dir.path().join(part), dir.path().join("away"));
            fs::rename(&there, &away).unwrap();
            let refused = open(&at).map(drop).unwrap_err().to_string();
            assert!(refused.contains(&*there.to_string_lossy()), "{refused}");
            assert!(!there.exists(), "{part} was made");
            fs::write(&there, "").unwrap();
            let refused = open(&at).map(drop).unwrap_err().to_string();
            assert!(
                refused.contains("where a folder must be"),
                "{part}: {refused}"
            );
            fs::remove_file(&there).unwrap();
            fs::rename(&away, &there).unwrap();
        }
        drop(open(&at).unwrap());
    }

    #[tokio::test]
    async fn a_drop_box_that_is_away_refuses_and_keeps_nothing_else_from_working() {
        let dir = tempfile::tempdir().unwrap();
        let at = Addresses::in_dir(dir.path());
        drop(make(&at, Keys::Drawn).unwrap());
        fs::write(dir.path().join("objects/x"), "x").unwrap();
        for part in ["bank", "bank/from-bank", "bank/receipts"] {
            let (there, away) = (dir.path().join(part), dir.path().join("away"));
            fs::rename(&there, &away).unwrap();
            for file in [false, true] {
                if file {
                    fs::write(&there, "").unwrap();
                }
                let ports = open(&at).unwrap();
                let refused = ports.bank.ready().await.unwrap_err().to_string();
                assert!(refused.contains(&*there.to_string_lossy()), "{refused}");
                assert!(ports.bank.list().await.is_err());
                let looks = crate::look(&at).unwrap();
                assert!(looks.bank.ready().await.is_err());
            }
            fs::remove_file(&there).unwrap();
            fs::rename(&away, &there).unwrap();
            assert!(open(&at).unwrap().bank.ready().await.is_ok());
        }
    }

    #[test]
    fn others_keep_no_right_to_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let at = Addresses::in_dir(dir.path());
        for folder in ["objects/a", "bank/from-bank", "store"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        fs::write(dir.path().join("objects/a/b"), "x").unwrap();
        drop(make(&at, Keys::Drawn).unwrap());
        let mut waiting = vec![dir.path().join("objects"), dir.path().join("bank")];
        waiting.extend(["store", "vault", "archive", "alerts"].map(|part| dir.path().join(part)));
        while let Some(path) = waiting.pop() {
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
            if path.is_dir() {
                waiting.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            }
        }
        let objects = dir.path().join("objects");
        fs::set_permissions(&objects, fs::Permissions::from_mode(0o755)).unwrap();
        drop(open(&at).unwrap());
        let mode = fs::metadata(&objects).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
