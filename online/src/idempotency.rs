//! The header `Idempotency-Key`, and what makes two requests the same.

use crate::callers::Caller;
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use http::HeaderMap;
use settlement::archive::sha256;
use zeroize::Zeroizing;

/// The header.
pub const HEADER: &str = "idempotency-key";

/// Characters of a key at most.
const MOST_CHARACTERS: usize = 255;

/// The key of a request: bare, or quoted as the draft standard writes it; both are the same key.
///
/// # Errors
/// `idempotency-key-missing`, or `bad-header` where it is none.
pub fn key(headers: &HeaderMap) -> Result<String> {
    let mut all = headers.get_all(HEADER).iter();
    let Some(one) = all.next() else {
        return Err(Problem::new(
            "idempotency-key-missing",
            "the header Idempotency-Key is missing",
        ));
    };
    let bad = |why: &str| Problem::new("bad-header", format!("Idempotency-Key: {why}"));
    if all.next().is_some() {
        return Err(bad("it is there more than once"));
    }
    let text = one.to_str().map_err(|_| bad("it is not ASCII"))?.trim();
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let key = quoted.unwrap_or(text);
    checked(key).map_err(bad)
}

/// A key, as it stands in a header or a query.
///
/// # Errors
/// Why it is none.
pub fn checked(key: &str) -> std::result::Result<String, &'static str> {
    if !(1..=MOST_CHARACTERS).contains(&key.len()) {
        return Err("it must have 1 to 255 characters");
    }
    match key
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'"')
    {
        true => Ok(key.to_owned()),
        false => Err("it must be visible ASCII without blanks and quotes"),
    }
}

/// What the store calls a request: nobody else's keys, and no other route's, are the same. The
/// parts are told apart by a character that none of them has.
pub fn scoped(caller: &Caller, route: &str, key: &str) -> String {
    let merchant = caller.key.merchant.as_deref().unwrap_or_default();
    format!("{merchant}\n{route}\n{key}")
}

/// The hash of a request: blanks and the order of members do not matter.
pub fn fingerprint(request: &Json) -> [u8; 32] {
    *sha256(&Zeroizing::new(request.canonical())).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(values: &[&[u8]]) -> std::result::Result<String, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_bytes(value).unwrap());
        }
        key(&headers).map_err(|problem| problem.code)
    }

    #[test]
    fn a_key_is_the_same_with_quotes_and_without() {
        assert_eq!(of(&[b"abc"]), Ok("abc".to_owned()));
        assert_eq!(of(&[b"\"abc\""]), Ok("abc".to_owned()));
        assert_eq!(of(&[b" abc "]), Ok("abc".to_owned()));
        assert_eq!(of(&[]), Err("idempotency-key-missing"));
        let long = [b'x'; 256];
        let bad: [&[&[u8]]; 7] = [
            &[b""],
            &[b"\"\""],
            &[b"a b"],
            &[b"a\"b"],
            &[b"a", b"a"],
            &[b"\xe9"],
            &[&long],
        ];
        for values in bad {
            assert_eq!(of(values), Err("bad-header"), "{values:?}");
        }
    }
}
