//! Verify: prove, offline, that a package is the day that was sealed.
//!
//! A folder may come from anybody. What is in it is opened only where it is a file, read only as
//! far as the manifest says that it goes, and the manifest only as far as one can go
//! ([`regular`]); what the manifest names stays inside the folder, or it is none. And a proof says
//! no more than was compared: what the manifest was held against is part of it.

use crate::regular;
use crate::retrieved::{
    CHAIN, DAY, MANIFEST, Sealed, UNFINISHED, Unpacked, manifest, stranger, tops,
};
use crate::scratch::Scratch;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use jiff::civil::Date;
use serde::Serialize;
use settlement::archive::{
    Hash256, Link, MAX_MANIFEST_BYTES, Manifest, Member, Sha256, Verified, Verifier, size_fault,
};
use settlement::foreign;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// What the manifest itself was held against: how much its word is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldAgainst {
    /// The link in its own folder: whoever could change the one could change the other.
    OwnFolder,
    /// The installation's chain of sealed days.
    Chain,
    /// A hash that somebody has kept elsewhere.
    Hash,
}

/// What a verification proved.
#[derive(Debug, Serialize)]
pub struct Proof {
    /// The business date.
    pub date: Date,
    /// Bytes read and found right.
    pub bytes: u64,
    /// Members found right.
    pub members: usize,
    /// The tree hash, as Glacier computes it.
    pub tree_hash: String,
    /// Files beside the package that were unpacked from it and found right.
    pub unpacked: usize,
    /// What the manifest itself was held against.
    pub held_against: HeldAgainst,
    /// The same in words.
    pub chain: String,
}

/// What a verification leaves that cannot read to the end.
const NOTHING_PROVED: &str = "nothing was proved and nothing changed; run the same again";

/// What to do about a folder that is none of ours.
const NAME_A_FOLDER: &str = "name a folder that tieout retrieve made";

/// What to do about a day that is not as it was sealed.
const FETCH_AGAIN: &str = "retrieve the day again, and keep this folder to find out who changed it";

/// Bytes read at a time.
const PIECE: usize = 1 << 20;

/// The longest text of a link in the chain: a date and a hash.
const MAX_LINK_BYTES: u64 = 4 << 10;

/// Verifies the folder that `tieout retrieve` made: `manifest.json` against `chain.json` and, where
/// it is given, the hash that somebody has kept elsewhere; the package; and what was unpacked.
///
/// Manifest, chain link and package lie in one folder: who can write all three can make another
/// day that agrees with itself. Against that stands only a hash from outside of the folder, and
/// without one the proof says so.
///
/// # Errors
/// Where a file is missing or none, or the first byte range or file that is not as it was sealed.
pub fn folder(dir: &Path, expected: Option<Hash256>) -> Result<Proof> {
    if fs::symlink_metadata(dir.join(UNFINISHED)).is_ok() {
        let dir = foreign::path(dir);
        return Err(
            Failure::findings(format!("{dir}: a retrieve that was not finished"))
                .remedy("run it again with the same --to: it starts over"),
        );
    }
    let path = dir.join(MANIFEST);
    let text = regular::small(&path, MAX_MANIFEST_BYTES)?;
    let text = text.ok_or_else(|| not_there(&path))?;
    let manifest = manifest(&foreign::path(&path), &text)?;
    let held = held_against(dir, &manifest, &text, expected)?;
    drop(text);
    let path = dir.join(names::package(manifest.date));
    let package = regular::open(&path)?.ok_or_else(|| not_there(&path))?;
    let verified = package_of(&manifest, package, &path, |_| Ok(()))?;
    let unpacked = unpacked(&dir.join(DAY), &manifest)?;
    nothing_else(dir, &manifest)?;
    Ok(Proof::of(&manifest, &verified, unpacked, held))
}

/// Verifies a day in the archive, and its manifest against the chain.
///
/// # Errors
/// As [`folder`].
pub async fn archived(desk: &Desk, date: Date) -> Result<Proof> {
    let sealed = Sealed::of(desk, date).await?;
    let scratch = Scratch::begin()?;
    let path = scratch.path().join(names::package(date));
    desk.ports.archive.fetch(&sealed.id, &path).await?;
    let package = regular::open(&path)?.ok_or_else(|| not_there(&path))?;
    // It has no name any more: whatever happens now leaves nothing behind.
    scratch.end()?;
    let place = names::package(date);
    let verified = package_of(&sealed.manifest, package, Path::new(&place), |_| Ok(()))?;
    Ok(Proof::of(
        &sealed.manifest,
        &verified,
        0,
        by_chain(&sealed.link),
    ))
}

/// How a manifest is known that the installation's chain names.
pub fn by_chain(link: &Link) -> (HeldAgainst, String) {
    let hash = link.manifest_sha256;
    let said = format!("manifest is the one the chain names ({hash})");
    (HeldAgainst::Chain, said)
}

/// Proves an open package of `path`, once and in one pass; every piece of it is handed on as well.
/// It is not read at all where its size is wrong, and no further where more would prove nothing.
///
/// # Errors
/// The first range that is not as it was sealed, or what `hand_on` says.
pub fn package_of(
    manifest: &Manifest,
    (file, size): (File, u64),
    path: &Path,
    mut hand_on: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Verified> {
    let refuse = |what: String| {
        Failure::findings(format!("{}: {what}", foreign::path(path))).remedy(FETCH_AGAIN)
    };
    let mut verifier = Verifier::new(manifest).map_err(|bad| refuse(bad.to_string()))?;
    if let Some(fault) = size_fault(manifest, size) {
        return Err(refuse(fault.to_string()));
    }
    let mut source = file.take(size);
    let mut piece = vec![0; PIECE];
    while !verifier.is_decided() {
        let read = source.read(&mut piece);
        let count = read.map_err(Failure::of_file(path, NOTHING_PROVED))?;
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        verifier.update(bytes);
        hand_on(bytes)?;
    }
    verifier.finish().map_err(|fault| refuse(fault.to_string()))
}

/// Holds a manifest against what is known of it: the link beside it, and a hash from elsewhere.
fn held_against(
    dir: &Path,
    manifest: &Manifest,
    text: &[u8],
    expected: Option<Hash256>,
) -> Result<(HeldAgainst, String)> {
    let path = dir.join(CHAIN);
    let link = regular::small(&path, MAX_LINK_BYTES)?;
    if let Some(link) = &link {
        against_link(link, &path, manifest.date, text)?;
    }
    let own = Link::to(manifest.date, text).manifest_sha256;
    match (expected, link) {
        (Some(expected), _) if own == expected => {
            let said = format!("manifest is the one whose hash was given ({own})");
            Ok((HeldAgainst::Hash, said))
        }
        (Some(_), _) => {
            let path = foreign::path(&dir.join(MANIFEST));
            let what =
                format!("{path}: its SHA-256 is {own}, not the one given: it is another manifest");
            Err(Failure::findings(what).remedy(FETCH_AGAIN))
        }
        (None, Some(_)) => {
            let said = format!("manifest is the one that {CHAIN} beside it names ({own})");
            Ok((HeldAgainst::OwnFolder, said))
        }
        (None, None) => {
            let path = foreign::path(&path);
            let what = format!("{path}: no such file: nothing says which manifest is right");
            Err(Failure::findings(what)
                .remedy("retrieve the day again, or give the hash you have of it with --manifest"))
        }
    }
}

/// Holds a manifest's text against the link that lies beside it.
fn against_link(link: &[u8], path: &Path, date: Date, text: &[u8]) -> Result<()> {
    let path = foreign::path(path);
    let wrong = |what: String| Failure::findings(what).remedy(FETCH_AGAIN);
    let link: Link =
        serde_json::from_slice(link).map_err(|e| wrong(format!("{path}: not a link ({e})")))?;
    if link.date != date {
        let of = link.date;
        return Err(wrong(format!(
            "{path}: the chain's link is of {of}, the manifest of {date}"
        )));
    }
    link.check(text).map_err(|fault| wrong(fault.to_string()))
}

/// Refuses a folder with anything in it that no retrieve has put there: nothing vouches for it.
fn nothing_else(dir: &Path, manifest: &Manifest) -> Result<()> {
    let known = tops(manifest);
    for entry in fs::read_dir(dir).map_err(Failure::of_file(dir, NOTHING_PROVED))? {
        let entry = entry.map_err(Failure::of_file(dir, NOTHING_PROVED))?;
        if !known
            .iter()
            .any(|known| entry.file_name() == known.as_str())
        {
            let what = "no part of a sealed day; all that is of the day is as it was sealed";
            return Err(stranger(&entry.path(), what));
        }
    }
    Ok(())
}

/// Holds every file below `day` against its member; answers how many there are, none where the
/// package was not unpacked.
fn unpacked(day: &Path, manifest: &Manifest) -> Result<usize> {
    let found = Unpacked::below(day, manifest)?;
    if found.folders.is_empty() {
        return Ok(0);
    }
    for (path, member) in &found.files {
        if !is_member(path, member)? {
            let what = format!("{}: not as it was sealed", foreign::path(path));
            return Err(Failure::findings(what).remedy("the package beside it is"));
        }
    }
    match found.missing(manifest) {
        Some(gone) => {
            let gone = foreign::path(&day.join(&gone.name));
            Err(Failure::findings(format!("{gone}: gone")).remedy("the package has it"))
        }
        None => Ok(found.files.len()),
    }
}

/// Whether a file has the bytes of a member; one of another size is not read.
fn is_member(path: &Path, member: &Member) -> Result<bool> {
    let Some((file, size)) = regular::open(path)? else {
        return Ok(false);
    };
    if size != member.size {
        return Ok(false);
    }
    let (mut source, mut hash) = (file.take(size), Sha256::new());
    let mut piece = vec![0; PIECE.min(usize::try_from(size).unwrap_or(PIECE).max(1))];
    loop {
        let read = source.read(&mut piece);
        let count = read.map_err(Failure::of_file(path, NOTHING_PROVED))?;
        match piece.get(..count).filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => hash.update(bytes),
            None => return Ok(hash.finish() == member.sha256),
        }
    }
}

fn not_there(path: &Path) -> Failure {
    let error = std::io::Error::from_raw_os_error(libc::ENOENT);
    Failure::usage(format!("{}: {error}", foreign::path(path))).remedy(NAME_A_FOLDER)
}

impl Proof {
    /// What was proved of the day of `manifest`.
    pub fn of(
        manifest: &Manifest,
        verified: &Verified,
        unpacked: usize,
        (held_against, chain): (HeldAgainst, String),
    ) -> Proof {
        Proof {
            date: manifest.date,
            bytes: verified.bytes,
            members: verified.members,
            tree_hash: verified.tree_hash.to_string(),
            unpacked,
            held_against,
            chain,
        }
    }
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.unpacked {
            0 => "the package",
            _ => "the package, and each file unpacked from it,",
        };
        match self.held_against {
            HeldAgainst::OwnFolder => {
                writeln!(f, "{}: {what} agrees with its manifest", self.date)?
            }
            _ => writeln!(f, "{}: {what} is as it was sealed", self.date)?,
        }
        writeln!(f, "  bytes      {}", self.bytes)?;
        writeln!(f, "  members    {}", self.members)?;
        writeln!(f, "  tree hash  {}", self.tree_hash)?;
        if self.unpacked > 0 {
            writeln!(f, "  unpacked   {} files", self.unpacked)?;
        }
        write!(f, "  chain      {}", self.chain)?;
        if self.held_against == HeldAgainst::OwnFolder {
            let date = self.date;
            write!(
                f,
                "\n  not known  whether that manifest was ever sealed: all of it lies in this \
                 folder.\n             Give the hash you kept of it with --manifest, or run \
                 tieout verify --date {date}"
            )?;
        }
        Ok(())
    }
}
