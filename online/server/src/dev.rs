//! What `--dev` makes where it is not there: an installation, a merchant and a key.

use crate::own;
use connectors::Documents;
use desk::failure::{Failure, Result};
use desk::merchants::{self, Decided, Key, Merchant, Standing, TEST};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// The merchant, and the originator of the sandbox bank's profile that it is.
const MERCHANT: (&str, &str) = ("demo", "market");

/// The key's name.
const KEY: &str = "dev";

/// Where the key is kept, in clear: it moves a sandbox's money, and whoever tries things out wants
/// to go on with it.
const FILE: &str = "dev-key";

/// Bytes of [`FILE`] at most.
const KEY_BYTES: u64 = 200;

/// The people who approve the merchant: nobody, and so said.
const NOBODY: [&str; 2] = ["tieout-online --dev", "tieout-online --dev, again"];

/// Makes an installation in `dir` by `tieout init`, the command beside this one, where there is
/// none.
///
/// # Errors
/// Where that command is not there, or fails.
pub async fn installation(dir: &Path) -> Result<()> {
    if dir.join("store").exists() {
        return Ok(());
    }
    let tieout = tieout()?;
    let mut command = tokio::process::Command::new(&tieout);
    command
        .arg("init")
        .env("TIEOUT_DATA", format!("file:{}", dir.display()));
    let output = command.output().await.map_err(|e| {
        Failure::could_not(format!("{}: {e}", settlement::foreign::path(&tieout)))
            .remedy("build it: cargo build --workspace --bins")
    })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Failure::could_not(format!(
            "tieout init: {}",
            settlement::foreign::cell(String::from_utf8_lossy(&output.stderr).trim())
        ))
        .remedy("name another folder with --dir")),
    }
}

/// Where the `tieout` command is: beside this one.
///
/// # Errors
/// Where it is not.
pub fn tieout() -> Result<PathBuf> {
    let own = std::env::current_exe().ok();
    let beside = own.and_then(|own| Some(own.parent()?.join("tieout")));
    beside.filter(|path| path.exists()).ok_or_else(|| {
        Failure::could_not("the command tieout is not beside this one")
            .remedy("build both: cargo build --workspace --bins")
    })
}

/// The key of the demo's merchant, for all that one key may: that of the run before, as the file
/// beside the installation says it, as long as it is good. Otherwise a new one, and those of runs
/// before are used no more.
///
/// # Errors
/// Where the store or the file does not take it.
pub async fn key(documents: &dyn Documents, dir: &Path, now: Timestamp) -> Result<String> {
    let file = dir.join(FILE);
    if let Some(before) = kept(&file)
        && let Some(known) = merchants::key(documents, &before).await?
        && known.name == KEY
        && known.merchant.as_deref() == Some(MERCHANT.0)
    {
        return Ok(before);
    }
    let secret = new_key(documents, now).await?;
    own::keep(&file, &secret).map_err(Failure::of_file(
        &file,
        "free some space and start it again",
    ))?;
    Ok(secret)
}

/// The key that the file holds, where it is one.
fn kept(file: &Path) -> Option<String> {
    let found = connectors::regular::Regular::open(file).ok()?;
    let bytes = found.read(KEY_BYTES).ok()??;
    let text = std::str::from_utf8(&bytes).ok()?;
    text.starts_with(TEST).then(|| text.trim().to_owned())
}

async fn new_key(documents: &dyn Documents, now: Timestamp) -> Result<String> {
    let (name, originator) = MERCHANT;
    if merchants::merchant(documents, name).await?.is_none() {
        let new = Merchant::submitted(name, originator, now);
        merchants::submit(documents, &new).await?;
        for by in NOBODY {
            let decided = Decided {
                to: Standing::Approved,
                by: by.to_owned(),
                at: now,
                note: "for trying out".to_owned(),
            };
            merchants::decide(documents, name, decided).await?;
        }
    }
    for (kept, known) in merchants::keys(documents).await? {
        if known.name == KEY && !known.revoked {
            merchants::revoke(documents, &kept).await?;
        }
    }
    let secret = format!("{TEST}{}", connectors_embedded::draw_id(None)?);
    let key = Key::for_all(KEY, Some(name), now);
    merchants::keep(documents, &secret, &key).await?;
    Ok(secret)
}
