//! Signatures of Standard Webhooks 1.0.0: `v1`, HMAC-SHA256 with a shared secret, and `v1a`,
//! ed25519, for which whoever verifies needs no secret.
//!
//! What is signed is `{id}.{timestamp}.{body}`, the bytes as they are sent. No id holds a stop.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use zeroize::Zeroizing;

/// The headers.
pub const ID: &str = "webhook-id";
/// See [`ID`].
pub const TIMESTAMP: &str = "webhook-timestamp";
/// See [`ID`].
pub const SIGNATURE: &str = "webhook-signature";

/// Bytes of a shared secret; the standard wants 24 to 64.
const SHARED_BYTES: usize = 32;

/// Bytes of the seed of a key pair.
const SEED_BYTES: usize = 32;

/// What stands before a shared secret, and before a public key.
const SHARED: &str = "whsec_";
const PUBLIC: &str = "whpk_";

/// Seconds that a timestamp may be off, either way.
pub const WINDOW_SECONDS: i64 = 5 * 60;

/// Signatures in one header that are looked at: two secrets, and what others may add.
const MOST_SIGNATURES: usize = 16;

/// The longest id.
const MOST_ID: usize = 128;

/// A shared secret and a key pair, in clear for as long as it is used.
pub struct Secret {
    bytes: Zeroizing<Vec<u8>>,
    shared: hmac::Key,
    pair: Ed25519KeyPair,
}

/// The bytes are no secret.
#[derive(Debug)]
pub struct NoSecret;

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub fn draw() -> Result<Secret, NoSecret> {
        let mut bytes = Zeroizing::new(vec![0; SHARED_BYTES + SEED_BYTES]);
        rand::fill(&mut bytes).map_err(|_| NoSecret)?;
        Secret::of(bytes)
    }

    /// The one that these bytes are: the shared secret, then the seed.
    ///
    /// # Errors
    /// Where they are not as many.
    pub fn of(bytes: Zeroizing<Vec<u8>>) -> Result<Secret, NoSecret> {
        let (shared, seed) = bytes.split_at_checked(SHARED_BYTES).ok_or(NoSecret)?;
        Ok(Secret {
            shared: hmac::Key::new(hmac::HMAC_SHA256, shared),
            pair: Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoSecret)?,
            bytes,
        })
    }

    /// Its bytes, to be sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The shared secret as its owner gets it, once.
    pub fn shared(&self) -> Zeroizing<String> {
        let shared = self.bytes.get(..SHARED_BYTES).unwrap_or_default();
        Zeroizing::new(format!("{SHARED}{}", STANDARD.encode(shared)))
    }

    /// The public key.
    pub fn public(&self) -> String {
        let public = self.pair.public_key().as_ref();
        format!("{PUBLIC}{}", STANDARD.encode(public))
    }

    /// Both signatures.
    fn both(&self, signed: &[u8]) -> String {
        let v1 = STANDARD.encode(hmac::sign(&self.shared, signed));
        let v1a = STANDARD.encode(self.pair.sign(signed));
        format!("v1,{v1} v1a,{v1a}")
    }

    /// Whether one of the signatures is its own `v1`, compared in constant time.
    fn has_signed(&self, signed: &[u8], signatures: &str) -> bool {
        let all = signatures.split(' ').take(MOST_SIGNATURES);
        let v1 = all.filter_map(|one| one.strip_prefix("v1,"));
        v1.filter_map(|text| STANDARD.decode(text).ok())
            .any(|found| hmac::verify(&self.shared, signed, &found).is_ok())
    }
}

fn signed(id: &str, seconds: i64, body: &[u8]) -> Vec<u8> {
    [
        id.as_bytes(),
        b".",
        seconds.to_string().as_bytes(),
        b".",
        body,
    ]
    .concat()
}

/// The header of a delivery: the signatures of every secret, the newest first.
pub fn signatures(secrets: &[Secret], id: &str, at: Timestamp, body: &[u8]) -> String {
    let signed = signed(id, at.as_second(), body);
    let all: Vec<String> = secrets.iter().map(|one| one.both(&signed)).collect();
    all.join(" ")
}

/// What came with a callback.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The header `webhook-id`.
    pub id: &'a str,
    /// The header `webhook-timestamp`.
    pub timestamp: &'a str,
    /// The header `webhook-signature`.
    pub signature: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl Presented<'_> {
    /// Whether one of the secrets has signed it, and lately.
    pub fn is_signed(&self, secrets: &[Secret], now: Timestamp) -> bool {
        let plain = |c: u8| c.is_ascii_graphic() && c != b'.';
        let named = (1..=MOST_ID).contains(&self.id.len()) && self.id.bytes().all(plain);
        let seconds = self.timestamp.parse::<i64>().ok();
        let Some(seconds) = seconds.filter(|one| one.to_string() == self.timestamp) else {
            return false;
        };
        let off = now.as_second().checked_sub(seconds);
        let lately = off.is_some_and(|off| off.unsigned_abs() <= WINDOW_SECONDS.unsigned_abs());
        let signed = signed(self.id, seconds, self.body);
        named
            && lately
            && secrets
                .iter()
                .any(|one| one.has_signed(&signed, self.signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use proptest::prelude::*;

    /// The vector of the standard's own libraries (`test_sign_function` in Python's, and the same
    /// in the others').
    const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const V1: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    /// RFC 8032, 7.1, test 2: a seed, and its public key.
    const SEED: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    const KEY: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

    fn hex(text: &str) -> Vec<u8> {
        let digits = (0..text.len()).step_by(2);
        digits
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// The vector's secret has 24 bytes, ours always 32.
    fn of_the_standard() -> Secret {
        let shared = STANDARD.decode(SECRET).unwrap();
        Secret {
            shared: hmac::Key::new(hmac::HMAC_SHA256, &shared),
            ..Secret::of(Zeroizing::new([vec![7; 32], hex(SEED)].concat())).unwrap()
        }
    }

    #[test]
    fn the_vector_of_the_standard_is_ours() {
        let all = signatures(&[of_the_standard()], ID, at(1_614_265_330), BODY);
        assert_eq!(all.split(' ').next(), Some(V1));
        let presented = Presented {
            id: ID,
            timestamp: "1614265330",
            signature: &format!("v2,{} {V1}", &V1[3..]),
            body: BODY,
        };
        let secrets = [Secret::draw().unwrap(), of_the_standard()];
        assert!(presented.is_signed(&secrets, at(1_614_265_330)));
        assert!(!presented.is_signed(&secrets[..1], at(1_614_265_330)));
    }

    #[test]
    fn the_public_key_is_that_of_the_vector_and_verifies() {
        let secret = of_the_standard();
        assert_eq!(
            secret.public(),
            format!("whpk_{}", STANDARD.encode(hex(KEY)))
        );
        let all = signatures(&[secret], ID, at(1_614_265_330), BODY);
        let v1a = all
            .split(' ')
            .find_map(|one| one.strip_prefix("v1a,"))
            .unwrap();
        let signed = [ID.as_bytes(), b".1614265330.", BODY].concat();
        let key = UnparsedPublicKey::new(&ED25519, hex(KEY));
        key.verify(&signed, &STANDARD.decode(v1a).unwrap()).unwrap();
    }

    #[test]
    fn what_is_not_signed_lately_is_refused() {
        let secret = [of_the_standard()];
        let all = signatures(&secret, "a", at(1_000_000), BODY);
        let ask = |id: &str, timestamp: &str, body: &[u8], now: i64| {
            let presented = Presented {
                id,
                timestamp,
                signature: &all,
                body,
            };
            presented.is_signed(&secret, at(now))
        };
        assert!(ask("a", "1000000", BODY, 1_000_300));
        assert!(ask("a", "1000000", BODY, 999_700));
        assert!(!ask("a", "1000000", BODY, 1_000_301));
        assert!(!ask("a", "1000000", BODY, 999_699));
        assert!(!ask("b", "1000000", BODY, 1_000_000));
        assert!(!ask("a", "1000001", BODY, 1_000_000));
        assert!(!ask("a", "+1000000", BODY, 1_000_000));
        assert!(!ask("a", "01000000", BODY, 1_000_000));
        assert!(!ask("a", "-9223372036854775808", BODY, 1_000_000));
        assert!(!ask("a", "1000000", b"{}", 1_000_000));
        // No stop moves from one part to the next.
        assert!(!ask("a.1000000", "1", BODY, 1_000_000));
    }

    proptest! {
        #[test]
        fn no_bit_changes_unseen(at_byte in 0_usize..20, bit in 0_u8..8) {
            let secret = [of_the_standard()];
            let mut body = BODY.to_vec();
            body[at_byte] ^= 1 << bit;
            let timestamp = "1614265330";
            let presented = Presented { id: ID, timestamp, signature: V1, body: &body };
            prop_assert!(!presented.is_signed(&secret, at(1_614_265_330)));
        }

        #[test]
        fn no_header_makes_it_panic(
            id in "\\PC{0,9}",
            timestamp in "\\PC{0,9}",
            signature in "\\PC{0,99}",
        ) {
            let (id, timestamp, signature) = (&id, &timestamp, &signature);
            let presented = Presented { id, timestamp, signature, body: BODY };
            prop_assert!(!presented.is_signed(&[of_the_standard()], at(1_614_265_330)));
        }
    }
}
