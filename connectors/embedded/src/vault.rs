//! A key file that only its owner reads.
//!
//! Account numbers are sealed under a data key, the data key is wrapped by a master key, and the
//! master keys stand in `keys.json`, newest last. Rotating appends one; older ones still open what
//! they wrapped. A data key seals a bounded number of secrets before the next one is drawn. The
//! key for tokens is apart and never changes, or yesterday's tokens would not match today's.
//!
//! A seeded vault derives every key and nonce from a seed, so that a demonstration gives the same
//! bytes each time. It protects nothing and says so in its file.

mod cipher;
mod file;

use crate::files::{self, Folder};
use crate::locked;
use crate::strangers::Ours;
use async_trait::async_trait;
use aws_lc_rs::aead::{LessSafeKey, NONCE_LEN};
use aws_lc_rs::{hmac, rand};
use cipher::{KEY_BYTES, Key, cipher, decrypt, encrypt};
use connectors::{Error, KeyVault, Name, Result};
use file::{KeyFile, damaged, load_file, to_bytes};
use settlement::ids::{AccountToken, RoutingNumber};
use settlement::payment::Sealed;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

const FILE: &str = "keys.json";

/// Secrets sealed under one data key. Far below 2^32, where random nonces begin to collide.
const DATA_KEY_USES: u32 = 100_000;

/// For how long a data key seals before the next one is drawn, and an unwrapped one is kept for
/// opening: what is read out of this process's memory opens an hour's numbers and no more.
const DATA_KEY_AGE: Duration = Duration::from_secs(3_600);

/// Unwrapped data keys kept for opening.
const CACHED_KEYS: usize = 64;

/// Times that an unwrapped data key opens something before it is unwrapped again.
const OPENED_USES: u32 = 1_000_000;

/// Binds a wrapped key to its use.
const WRAPPING: &[u8] = b"tieout data key";

/// What a vault makes.
pub(crate) fn ours(parts: &[&str]) -> Ours {
    match parts == [FILE] {
        true => Ours::File,
        false => Ours::Nothing,
    }
}

/// A data key in use.
struct DataKey {
    secret: Key,
    wrapped: Vec<u8>,
    uses: u32,
    since: Instant,
}

/// A data key that was unwrapped; its bytes are wiped when it is dropped.
struct Opened {
    key: Arc<LessSafeKey>,
    uses: u32,
    since: Instant,
}

struct Keys {
    seeded: bool,
    token: hmac::Key,
    masters: Vec<Key>,
    current: Option<DataKey>,
    /// Wrapped form to key.
    opened: BTreeMap<Vec<u8>, Opened>,
}

/// A [`KeyVault`] in a file.
pub struct FileVault {
    folder: Folder,
    keys: Mutex<Keys>,
}

impl FileVault {
    /// The vault in `dir`, which must have keys: new ones would open nothing that was sealed.
    ///
    /// # Errors
    /// [`Error::Denied`] where others than its owner may read the key file, and
    /// [`Error::Invalid`] where there is none.
    pub fn open(dir: &Path) -> Result<FileVault> {
        if !has_keys(dir) {
            return Err(missing(dir));
        }
        let folder = Folder::over(dir);
        let keys = Mutex::new(load(&dir.join(FILE))?);
        Ok(FileVault { folder, keys })
    }

    /// The vault in `dir`; where there is none, one whose keys the operating system draws.
    ///
    /// # Errors
    /// [`Error::Denied`] where others than its owner may read the key file.
    pub fn create(dir: &Path) -> Result<FileVault> {
        let draw = || Ok([hex_key(&*random_key()?), hex_key(&*random_key()?)]);
        FileVault::open_or_create(dir, draw, false)
    }

    /// The vault in `dir`; where there is none, one whose every byte comes from `seed`.
    ///
    /// # Errors
    /// As [`FileVault::create`].
    pub fn create_seeded(dir: &Path, seed: u64) -> Result<FileVault> {
        let derive = |label: &str| {
            let seed = hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes());
            hex_key(hmac::sign(&seed, label.as_bytes()).as_ref())
        };
        FileVault::open_or_create(dir, || Ok([derive("token"), derive("master 0")]), true)
    }

    fn open_or_create(
        dir: &Path,
        draw: impl FnOnce() -> Result<[String; 2]>,
        seeded: bool,
    ) -> Result<FileVault> {
        let folder = Folder::open(dir)?;
        let name = Name::parse(FILE)?;
        let path = folder.path(&name);
        if !path.exists() {
            let [token_key, master] = draw()?;
            let file = KeyFile {
                form: 1,
                seeded,
                token_key,
                master_keys: vec![master],
            };
            match folder.put_new(&name, &to_bytes(&file)?) {
                // Somebody else drew keys in the meantime; theirs are the keys.
                Ok(_) | Err(Error::Conflict { .. }) => {}
                Err(e) => return Err(e),
            }
        }
        let keys = load(&path)?;
        Ok(FileVault {
            folder,
            keys: Mutex::new(keys),
        })
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `dir` has a key file.
pub(crate) fn has_keys(dir: &Path) -> bool {
    // What is no file, or is not to be seen, is not taken for nothing: it is named when it is read.
    let found = std::fs::symlink_metadata(dir.join(FILE));
    found.map_or_else(|e| e.kind() == io::ErrorKind::PermissionDenied, |_| true)
}

/// There are no keys in `dir`, and what was sealed needs them.
pub(crate) fn missing(dir: &Path) -> Error {
    let why = "the keys are not there, and account numbers are sealed under them: put keys.json \
               back from its copy, or name the right folder; new keys would open nothing";
    Error::invalid(format!("vault {}", dir.display()), why)
}

/// What tells the keys in `dir` from others and gives nothing of them away; `None` where there
/// are none. Rotating leaves it as it is.
pub(crate) fn fingerprint(dir: &Path) -> Result<Option<String>> {
    if !has_keys(dir) {
        return Ok(None);
    }
    let keys = load(&dir.join(FILE))?;
    let hash = hmac::sign(&keys.token, b"tieout installation");
    Ok(Some(files::hex(
        hash.as_ref().get(..16).unwrap_or_default(),
    )))
}

/// 32 hexadecimal digits: random, or derived from `seed`.
///
/// # Errors
/// Where the system's random source does not answer.
pub fn draw_id(seed: Option<u64>) -> Result<String> {
    let mut id = [0; 16];
    match seed {
        None => fill(&mut id)?,
        Some(seed) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes());
            let hash = hmac::sign(&key, b"installation");
            id.copy_from_slice(hash.as_ref().get(..16).unwrap_or(&[0; 16]));
        }
    }
    Ok(files::hex(&id))
}

fn random_key() -> Result<Key> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    fill(&mut *key)?;
    Ok(key)
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    let none = |_| Error::unavailable("key vault", "the system's random source does not answer");
    rand::fill(bytes).map_err(none)
}

fn hex_key(key: &[u8]) -> String {
    files::hex(key)
}

fn load(path: &Path) -> Result<Keys> {
    let file = load_file(path)?;
    if file.form != 1 || file.master_keys.is_empty() {
        return Err(damaged(path, "not a key file of this release"));
    }
    let key = |text: &String| -> Result<Key> {
        let bytes = files::unhex(text).map(Zeroizing::new);
        let bytes = bytes.ok_or_else(|| damaged(path, "a key is not hexadecimal"))?;
        let key: [u8; KEY_BYTES] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| damaged(path, "a key has not 32 bytes"))?;
        Ok(Zeroizing::new(key))
    };
    let masters: Result<Vec<Key>> = file.master_keys.iter().map(key).collect();
    Ok(Keys {
        seeded: file.seeded,
        token: hmac::Key::new(hmac::HMAC_SHA256, &*key(&file.token_key)?),
        masters: masters?,
        current: None,
        opened: BTreeMap::new(),
    })
}

/// Which master key wraps a wrapped key, by its place in the file.
fn place_of(wrapped: &[u8]) -> Option<usize> {
    let place = wrapped.first_chunk::<4>().copied().map(u32::from_be_bytes);
    place.map(|place| place as usize)
}

impl Keys {
    /// A nonce: random, or in a seeded vault a function of everything it protects.
    fn nonce(&self, key: &[u8], parts: [&[u8]; 2]) -> Result<[u8; NONCE_LEN]> {
        let mut nonce = [0; NONCE_LEN];
        if self.seeded {
            let hash = self.derive(&[key, parts[0], b"\0", parts[1]].concat());
            nonce.copy_from_slice(&hash[..NONCE_LEN]);
        } else {
            fill(&mut nonce)?;
        }
        Ok(nonce)
    }

    fn derive(&self, label: &[u8]) -> Key {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        key.copy_from_slice(hmac::sign(&self.token, label).as_ref());
        key
    }

    /// The data key to seal with, wrapped by the newest master key.
    fn data_key(&mut self, now: Instant) -> Result<&mut DataKey> {
        // saturates: a clock that went back is as young as one can be
        let old = |since: Instant| now.saturating_duration_since(since) >= DATA_KEY_AGE;
        let used_up = |k: &DataKey| (k.uses >= DATA_KEY_USES || old(k.since)) && !self.seeded;
        if self.current.as_ref().is_none_or(used_up) {
            let place = self.masters.len() - 1;
            let secret = if self.seeded {
                self.derive(format!("data key {place}").as_bytes())
            } else {
                random_key()?
            };
            let wrapped = self.wrap(&secret)?;
            self.current = Some(DataKey {
                secret,
                wrapped,
                uses: 0,
                since: now,
            });
        }
        self.current
            .as_mut()
            .ok_or_else(|| Error::unavailable("key vault", "no data key"))
    }

    /// A data key under the newest master key: that one's place, a nonce, and the ciphertext.
    fn wrap(&self, secret: &Key) -> Result<Vec<u8>> {
        // saturates: there is always one
        let place = self.masters.len().saturating_sub(1);
        let none = || Error::invalid("key vault", "there is no master key");
        let master = self.masters.last().ok_or_else(none)?;
        let nonce = self.nonce(&**master, [WRAPPING, &**secret])?;
        let many = |_| Error::invalid("key vault", "more master keys than 32 bits count");
        let mut wrapped = u32::try_from(place).map_err(many)?.to_be_bytes().to_vec();
        wrapped.extend_from_slice(&nonce);
        wrapped.extend(encrypt(&cipher(master)?, nonce, WRAPPING, &**secret)?);
        Ok(wrapped)
    }

    /// Whether the master key of a wrapped key is among those that were read.
    fn knows(&self, wrapped: &[u8]) -> bool {
        let place = wrapped.first_chunk::<4>().copied().map(u32::from_be_bytes);
        place.is_none_or(|place| (place as usize) < self.masters.len())
    }

    /// The data key of a wrapped one.
    fn secret(&self, wrapped: &[u8]) -> Result<Key> {
        let shape = || Error::corrupt("key vault", "a wrapped key has the wrong shape");
        let (place, rest) = wrapped.split_first_chunk::<4>().ok_or_else(shape)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(shape)?;
        let place = u32::from_be_bytes(*place) as usize;
        let unknown = || Error::corrupt("key vault", "a master key is missing from the key file");
        let master = self.masters.get(place).ok_or_else(unknown)?;
        let secret = decrypt(&cipher(master)?, nonce, WRAPPING, sealed)?;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        match secret.len() == KEY_BYTES {
            true => key.copy_from_slice(&secret),
            false => return Err(shape()),
        }
        Ok(key)
    }

    /// The data key of a wrapped one, ready to open; kept for the next time within bounds.
    fn unwrap(&mut self, wrapped: &[u8], now: Instant) -> Result<Arc<LessSafeKey>> {
        let fresh = |one: &Opened| {
            // saturates: a clock that went back is as young as one can be
            one.uses < OPENED_USES && now.saturating_duration_since(one.since) < DATA_KEY_AGE
        };
        if let Some(one) = self.opened.get_mut(wrapped).filter(|one| fresh(one)) {
            one.uses += 1;
            return Ok(Arc::clone(&one.key));
        }
        self.opened.retain(|_, one| fresh(one));
        let key = Arc::new(cipher(&*self.secret(wrapped)?)?);
        if self.opened.len() >= CACHED_KEYS {
            self.opened.pop_first();
        }
        let opened = Opened {
            key: Arc::clone(&key),
            uses: 1,
            since: now,
        };
        self.opened.insert(wrapped.to_vec(), opened);
        Ok(key)
    }
}

#[async_trait]
impl KeyVault for FileVault {
    async fn seal(&self, context: &str, secret: &[u8]) -> Result<Sealed> {
        let mut keys = self.keys();
        let (key, wrapped_key) = {
            let data = keys.data_key(Instant::now())?;
            data.uses += 1;
            (data.secret.clone(), data.wrapped.clone())
        };
        let nonce = keys.nonce(&*key, [context.as_bytes(), secret])?;
        drop(keys);
        let ciphertext = encrypt(&cipher(&key)?, nonce, context.as_bytes(), secret)?;
        Ok(Sealed {
            wrapped_key,
            nonce: nonce.to_vec(),
            ciphertext,
        })
    }

    async fn open(&self, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        let mut keys = self.keys();
        if !keys.knows(&sealed.wrapped_key) {
            // Another process may have rotated since the keys were read.
            *keys = load(&self.folder.path(&Name::parse(FILE)?))?;
        }
        let key = keys.unwrap(&sealed.wrapped_key, Instant::now())?;
        drop(keys);
        decrypt(&key, &sealed.nonce, context.as_bytes(), &sealed.ciphertext)
    }

    async fn rewrap(&self, sealed: &Sealed) -> Result<Sealed> {
        let mut keys = self.keys();
        // The newest master key is the file's, whoever made it.
        *keys = load(&self.folder.path(&Name::parse(FILE)?))?;
        let newest = keys.masters.len().checked_sub(1);
        if place_of(&sealed.wrapped_key).is_some_and(|place| Some(place) == newest) {
            keys.secret(&sealed.wrapped_key)?;
            return Ok(sealed.clone());
        }
        let secret = keys.secret(&sealed.wrapped_key)?;
        Ok(Sealed {
            wrapped_key: keys.wrap(&secret)?,
            ..sealed.clone()
        })
    }

    fn key_id(&self, sealed: &Sealed) -> String {
        match place_of(&sealed.wrapped_key) {
            Some(place) => format!("local/{place}"),
            None => "local/unknown".to_owned(),
        }
    }

    async fn token(&self, routing: RoutingNumber, account: &str) -> Result<AccountToken> {
        let key = self.keys().token.clone();
        let mut signed = hmac::Context::with_key(&key);
        signed.update(format!("{routing}:").as_bytes());
        signed.update(account.as_bytes());
        let hash = signed.sign();
        let token = files::hex(&hash.as_ref()[..12]);
        let characters = account.chars().count();
        // Of a short number four digits would be most of it.
        let shown = if characters >= 8 { 4 } else { characters / 2 };
        let last4 = account.chars().skip(characters - shown).collect();
        Ok(AccountToken { token, last4 })
    }

    async fn fingerprint(&self, about: &str, secret: &[u8]) -> Result<[u8; 32]> {
        let key = self.keys().token.clone();
        let mut signed = hmac::Context::with_key(&key);
        // What a token is made of begins with digits; the length keeps the parts apart.
        signed.update(format!("fingerprint {} {about}:", about.len()).as_bytes());
        signed.update(secret);
        let mut hash = [0; 32];
        hash.copy_from_slice(signed.sign().as_ref());
        Ok(hash)
    }

    async fn rotate(&self) -> Result<()> {
        let mut keys = self.keys();
        let name = Name::parse(FILE)?;
        let path = self.folder.path(&name);
        let _held = locked::folder(self.folder.root())?; // another process may rotate as well
        let mut file = load_file(&path)?;
        let place = file.master_keys.len();
        let master = if keys.seeded {
            keys.derive(format!("master {place}").as_bytes())
        } else {
            random_key()?
        };
        file.master_keys.push(hex_key(&*master));
        self.folder.replace(&name, &to_bytes(&file)?)?;
        *keys = load(&path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
