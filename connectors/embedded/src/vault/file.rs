//! The file in which the keys stand.

use connectors::{Error, Result, given};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::{Zeroize, Zeroizing};

/// The longest key file: some thousand rotations.
const FILE_BYTES: u64 = 1 << 20;

/// What stands in the key file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyFile {
    pub form: u32,
    /// A seeded vault is for demonstrations only.
    pub seeded: bool,
    pub token_key: String,
    /// Newest last; a wrapped key names its place.
    pub master_keys: Vec<String>,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.token_key.zeroize();
        self.master_keys.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// The bytes of the file.
pub(super) fn to_bytes(file: &KeyFile) -> Result<Zeroizing<Vec<u8>>> {
    let bytes = serde_json::to_vec_pretty(file).map_err(|e| Error::unavailable("key vault", e))?;
    Ok(Zeroizing::new(bytes))
}

/// Reads the file.
///
/// # Errors
/// [`Error::Denied`] where others than its owner may read it.
pub(super) fn load_file(path: &Path) -> Result<KeyFile> {
    let opened = given::open_file(path, FILE_BYTES).map_err(|e| unread(path, e))?;
    let metadata = opened.metadata().map_err(|e| Error::io(path, e))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        let what = format!("key file {}", path.display());
        let why = "others than its owner may read it; run chmod 600 on it, and replace the keys \
                   if somebody did";
        return Err(Error::Denied {
            what,
            why: why.to_owned(),
        });
    }
    // Room for all of it: what grows leaves keys behind where it was.
    let room = usize::try_from(metadata.len()).unwrap_or(0) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let read = opened.take(FILE_BYTES).read_to_end(&mut bytes);
    read.map_err(|e| Error::io(path, e))?;
    // The parser's own message could repeat a key.
    serde_json::from_slice(&bytes).map_err(|_| damaged(path, "not a key file"))
}

fn unread(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::InvalidInput => damaged(path, &error.to_string()),
        _ => Error::io(path, error),
    }
}

/// The file is not as it was written.
pub(super) fn damaged(path: &Path, why: &str) -> Error {
    Error::corrupt(path.display().to_string(), why)
}
