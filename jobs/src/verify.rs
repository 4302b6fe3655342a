//! Verify: prove, offline, that a package is the day that was sealed.

use crate::retrieved::{CHAIN, DAY, MANIFEST, bring};
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use jiff::civil::Date;
use serde::Serialize;
use settlement::archive::{Link, Manifest, Member, Verifier};
use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

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
    pub chain: String,
}

/// What a verification leaves that cannot read to the end.
const NOTHING_PROVED: &str = "nothing was proved and nothing changed; run the same again";
/// What to do about a folder that is not as the archive has it.
const AGAIN: &str = "retrieve the day again into a new folder";
/// What to do about an unpacked file that is not as the package has it.
const UNPACK: &str = "unpack it from the package again, with any tar";
/// What to do about a package that is not as it was sealed.
const REPLACE: &str = "retrieve the day again; where it comes back the same, the archive's copy is \
                       damaged: restore that from another";

/// Bytes read at a time.
const PIECE: usize = 1 << 20;

/// Verifies the folder that `tieout retrieve` made: `manifest.json` against `chain.json` and, where
/// it is given, the hash that somebody has kept elsewhere; the package; and what was unpacked.
///
/// Manifest, chain link and package lie in one folder: who can write all three can make another
/// day that agrees with itself. Against that stands only a hash from outside of the folder.
///
/// # Errors
/// Where a file is missing, or the first byte range or file that is not as it was sealed.
pub fn folder(dir: &Path, expected: Option<&str>) -> Result<Proof> {
    let manifest_path = dir.join(MANIFEST);
    let text = read(&manifest_path)?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| {
        let path = manifest_path.display();
        Failure::findings(format!(
            "{path}: not a manifest ({error}): it was changed or torn"
        ))
        .remedy(AGAIN)
    })?;
    let chain_path = dir.join(CHAIN);
    let mut chain = Vec::new();
    if let Ok(link) = std::fs::read(&chain_path) {
        chain.push(against_chain(&link, &chain_path, manifest.date, &text)?);
    }
    if let Some(expected) = expected {
        let own = Link::to(manifest.date, &text).manifest_sha256.to_string();
        if !own.eq_ignore_ascii_case(expected.trim()) {
            return Err(Failure::findings(format!(
                "{}: its SHA-256 is {own}, not the one given: it is another manifest",
                manifest_path.display()
            ))
            .remedy("retrieve the day again, and see whether the hash is that day's"));
        }
        chain.push("manifest is the one whose hash was given".to_owned());
    }
    if chain.is_empty() {
        return Err(Failure::findings(format!(
            "{}: no such file: nothing says which manifest is right",
            chain_path.display()
        ))
        .remedy("retrieve the day again, or give the hash you have of it with --manifest"));
    }
    let package = dir.join(names::package(manifest.date));
    let mut proof = prove(&package, &manifest, chain.join("; "))?;
    proof.unpacked = unpacked(&dir.join(DAY), &manifest)?;
    Ok(proof)
}

/// Holds every file below `day` against its member; answers how many there are, none where the
/// package was not unpacked.
fn unpacked(day: &Path, manifest: &Manifest) -> Result<usize> {
    let mut left: BTreeMap<PathBuf, &Member> = BTreeMap::new();
    for member in &manifest.members {
        left.insert(day.join(&member.name), member);
    }
    let (mut folders, mut right) = (vec![day.to_path_buf()], 0usize);
    let failed = |path: &Path| Failure::of_file(path, NOTHING_PROVED);
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && folder == day => return Ok(0),
            entries => entries.map_err(failed(&folder))?,
        };
        for entry in entries {
            let entry = entry.map_err(failed(&folder))?;
            let path = entry.path();
            if entry.file_type().map_err(failed(&path))?.is_dir() {
                folders.push(path);
                continue;
            }
            let wrong = |what| Failure::findings(format!("{}: {what}", path.display()));
            let member = left.remove(&path);
            let stray = || wrong("no member of the package").remedy("move it out of the folder");
            let member = member.ok_or_else(stray)?;
            let body = std::fs::read(&path).map_err(failed(&path))?;
            if settlement::archive::sha256(&body) != member.sha256 {
                return Err(wrong("not as it was sealed; the package beside it is").remedy(UNPACK));
            }
            right += 1;
        }
    }
    match left.keys().next() {
        Some(gone) => Err(Failure::findings(format!(
            "{}: gone; the package has it",
            gone.display()
        ))
        .remedy(UNPACK)),
        None => Ok(right),
    }
}

/// Verifies a day in the archive, and its manifest against the chain.
///
/// # Errors
/// As [`folder`].
pub async fn archived(desk: &Desk, date: Date) -> Result<Proof> {
    let owner_only = std::fs::Permissions::from_mode(0o700);
    let kept = "nothing was proved; make room there or set TMPDIR, then run the same again";
    let folder = tempfile::Builder::new().permissions(owner_only).tempdir();
    let folder = folder.map_err(Failure::of_file(&std::env::temp_dir(), kept))?;
    let dir = folder.path().join("day");
    bring(desk, date, &dir).await?;
    self::folder(&dir, None)
}

/// Holds a manifest's text against the link the chain has for its date.
fn against_chain(chain: &[u8], path: &Path, date: Date, text: &[u8]) -> Result<String> {
    let link: Link = serde_json::from_slice(chain).map_err(|e| {
        Failure::findings(format!("{}: not a link ({e})", path.display())).remedy(AGAIN)
    })?;
    if link.date != date {
        return Err(Failure::findings(format!(
            "{}: the chain's link is of {}, the manifest of {date}",
            path.display(),
            link.date
        ))
        .remedy(AGAIN));
    }
    link.check(text)
        .map_err(|fault| Failure::findings(fault.to_string()).remedy(AGAIN))?;
    Ok(format!(
        "manifest is the one the chain names ({})",
        link.manifest_sha256
    ))
}

fn prove(path: &Path, manifest: &Manifest, chain: String) -> Result<Proof> {
    let refuse =
        |what: String| Failure::findings(format!("{}: {what}", path.display())).remedy(REPLACE);
    let mut verifier = Verifier::new(manifest).map_err(|e| refuse(e.to_string()))?;
    let mut file = std::fs::File::open(path).map_err(|e| {
        Failure::usage(format!("{}: {e}", path.display())).remedy("name the folder")
    })?;
    let mut piece = vec![0; PIECE];
    loop {
        let count = file
            .read(&mut piece)
            .map_err(Failure::of_file(path, NOTHING_PROVED))?;
        if count == 0 {
            break;
        }
        verifier.update(&piece[..count]);
    }
    let verified = verifier
        .finish()
        .map_err(|fault| refuse(fault.to_string()))?;
    Ok(Proof {
        date: manifest.date,
        bytes: verified.bytes,
        members: verified.members,
        tree_hash: verified.tree_hash.to_string(),
        unpacked: 0,
        chain,
    })
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        Failure::usage(format!("{}: {error}", path.display()))
            .remedy("name a folder that tieout retrieve made")
    })
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} is as it was sealed", self.date)?;
        writeln!(f, "  bytes      {}", self.bytes)?;
        writeln!(f, "  members    {}", self.members)?;
        writeln!(f, "  tree hash  {}", self.tree_hash)?;
        if self.unpacked > 0 {
            writeln!(f, "  unpacked   {} files", self.unpacked)?;
        }
        write!(f, "  chain      {}", self.chain)
    }
}
