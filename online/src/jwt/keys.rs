//! The public keys of an issuer: a JWK set (RFC 7517).

use crate::wire::json::Json;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Keys of a set at most: an issuer has a few, and two of each while it changes them.
const MOST_KEYS: usize = 64;

/// Bytes of a modulus at most: 8192 bits.
const MODULUS_BYTES: usize = 1_024;

/// Bytes of each coordinate of a point of P-256.
const COORDINATE_BYTES: usize = 32;

/// How a token is signed: of all that are registered, those that a public key proves and that
/// issuers use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, of 2048 bits at least.
    Rs256,
    /// ECDSA over P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// The algorithm of a name.
    pub fn of(name: &str) -> Option<Algorithm> {
        match name {
            "RS256" => Some(Algorithm::Rs256),
            "ES256" => Some(Algorithm::Es256),
            _ => None,
        }
    }
}

#[derive(PartialEq, Eq)]
enum Public {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    Point(Vec<u8>),
}

impl Public {
    const fn is_for(&self, algorithm: Algorithm) -> bool {
        matches!(
            (self, algorithm),
            (Public::Rsa { .. }, Algorithm::Rs256) | (Public::Point(_), Algorithm::Es256)
        )
    }
}

/// A public key.
#[derive(PartialEq, Eq)]
struct Key {
    id: String,
    public: Public,
}

/// The keys of an issuer.
pub struct KeySet(Vec<Key>);

/// Bytes of base64url without padding (RFC 7515).
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

impl KeySet {
    /// Reads a set. A key that is for something else, or of a kind that is not used, is passed
    /// over; one that is there twice is one.
    ///
    /// # Errors
    /// Why it is none, or of no use.
    pub fn read(bytes: &[u8]) -> Result<KeySet, &'static str> {
        let json = Json::read(bytes).map_err(|_| "it is no JSON document")?;
        let Some(Json::List(list)) = one(&json, "keys") else {
            return Err("it has no keys");
        };
        if list.len() > MOST_KEYS {
            return Err("it has too many keys");
        }
        let mut keys: Vec<Key> = Vec::new();
        for key in list.iter().filter_map(key) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        match keys.is_empty() {
            true => Err("it has no key for RS256 or ES256 that has a kid"),
            false => Ok(KeySet(keys)),
        }
    }

    /// Whether it has a key of this name.
    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id == id)
    }

    /// Whether `signature` is that of `message` by the one key of this name for this algorithm.
    pub fn signed(&self, id: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        // Two keys of one name and algorithm: which of them is meant nobody knows.
        let meant = |key: &&Key| key.id == id && key.public.is_for(algorithm);
        let mut meant = self.0.iter().filter(meant);
        let (Some(key), None) = (meant.next(), meant.next()) else {
            return false;
        };
        match (&key.public, algorithm) {
            (Public::Rsa { modulus, exponent }, Algorithm::Rs256) => {
                let key = PublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                    .is_ok()
            }
            (Public::Point(point), Algorithm::Es256) => {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            // What a token says of its algorithm does not change which one its key is for.
            _ => false,
        }
    }
}

/// A member that is there once.
pub fn one<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    let Json::Object(members) = json else {
        return None;
    };
    let mut found = members.iter().filter(|(one, _)| one == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

/// A text that is there once.
pub fn text<'a>(json: &'a Json, name: &str) -> Option<&'a str> {
    match one(json, name) {
        Some(Json::Text(text)) => Some(text),
        _ => None,
    }
}

fn key(json: &Json) -> Option<Key> {
    let is = |name: &str, wanted: &str| text(json, name).is_none_or(|found| found == wanted);
    if !is("use", "sig") {
        return None;
    }
    let bytes = |name: &str| text(json, name).and_then(unbase64);
    let public = match text(json, "kty")? {
        "RSA" if is("alg", "RS256") => {
            let (modulus, exponent) = (bytes("n")?, bytes("e")?);
            (modulus.len() <= MODULUS_BYTES).then_some(Public::Rsa { modulus, exponent })?
        }
        "EC" if is("alg", "ES256") && text(json, "crv")? == "P-256" => {
            let (x, y) = (bytes("x")?, bytes("y")?);
            let fits = x.len() == COORDINATE_BYTES && y.len() == COORDINATE_BYTES;
            // An uncompressed point (SEC 1, 2.3.3).
            fits.then(|| Public::Point([&[4], &x[..], &y[..]].concat()))?
        }
        _ => return None,
    };
    Some(Key {
        id: text(json, "kid")?.to_owned(),
        public,
    })
}
