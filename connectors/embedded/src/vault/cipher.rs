//! AES-256-GCM, as the vault uses it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use connectors::{Error, Result};
use zeroize::Zeroizing;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;

/// A key; wiped when dropped.
pub(super) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// A cipher of a key.
pub(super) fn cipher(key: &[u8; KEY_BYTES]) -> Result<LessSafeKey> {
    let key = UnboundKey::new(&AES_256_GCM, key);
    Ok(LessSafeKey::new(key.map_err(|_| {
        Error::invalid("key vault", "a key of wrong length")
    })?))
}

/// Encrypts `secret`; `aad` must be given again to decrypt it.
pub(super) fn encrypt(
    key: &LessSafeKey,
    nonce: [u8; NONCE_LEN],
    aad: &[u8],
    secret: &[u8],
) -> Result<Vec<u8>> {
    // Room for the tag as well: a vector that grows leaves the secret behind where it was.
    // saturates: no secret is near the end of memory
    let room = secret.len().saturating_add(AES_256_GCM.tag_len());
    let mut bytes = Vec::with_capacity(room);
    bytes.extend_from_slice(secret);
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(aad),
        &mut bytes,
    )
    .map_err(|_| Error::invalid("key vault", "the secret is too long"))?;
    Ok(bytes)
}

/// Decrypts; the bytes are wiped when dropped.
pub(super) fn decrypt(
    key: &LessSafeKey,
    nonce: &[u8],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let refused = || Error::corrupt("key vault", "a sealed value does not open in this context");
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| refused())?;
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let length = key
        .open_in_place(nonce, Aad::from(aad), &mut bytes)
        .map_err(|_| refused())?
        .len();
    bytes.truncate(length);
    Ok(bytes)
}
