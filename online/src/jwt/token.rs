//! A token apart: header, claims, signature (RFC 7515, the compact form).

use super::keys::{Algorithm, KeySet, one, text, unbase64};
use crate::wire::json::Json;

/// The longest name of a key.
const KID_BYTES: usize = 200;

/// Members of a header by which a token brings the key, or says where to fetch it, that is to prove
/// it: only the issuer's own set does.
const BROUGHT: &[&str] = &["jwk", "jku", "x5c", "x5u"];

/// A token whose signature nobody has looked at.
pub struct Unproved<'a> {
    /// The name of its key.
    pub kid: String,
    /// What it says its algorithm is.
    algorithm: Algorithm,
    /// What it claims.
    claims: Json,
    /// What was signed.
    message: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unproved<'a> {
    /// Reads a token.
    ///
    /// # Errors
    /// Why it is none; nothing of it is repeated.
    pub fn read(token: &'a str) -> Result<Unproved<'a>, &'static str> {
        let no_token = "is no signed token in its compact form";
        let (message, signature) = token.rsplit_once('.').ok_or(no_token)?;
        let (header, claims) = message.split_once('.').ok_or(no_token)?;
        let json = |part: &str| {
            let bytes = unbase64(part)?;
            let json = Json::read(&bytes).ok()?;
            once(&json).then_some(json)
        };
        let header = json(header).ok_or(no_token)?;
        let claims = json(claims).ok_or(no_token)?;
        let signature = unbase64(signature).ok_or(no_token)?;
        let algorithm = text(&header, "alg").and_then(Algorithm::of);
        let kid = text(&header, "kid").filter(|kid| kid.len() <= KID_BYTES);
        let kind = ["jwt", "at+jwt", "application/at+jwt"];
        let fits = |found: &str| kind.iter().any(|one| found.eq_ignore_ascii_case(one));
        let known = match one(&header, "typ") {
            None => true,
            Some(Json::Text(found)) => fits(found),
            Some(_) => false,
        };
        if one(&header, "crit").is_some() || one(&header, "zip").is_some() || !known {
            return Err("asks for what is not understood here");
        }
        if BROUGHT.iter().any(|name| has(&header, name)) {
            return Err("brings a key along to prove itself by");
        }
        Ok(Unproved {
            kid: kid.ok_or("names no key (kid)")?.to_owned(),
            algorithm: algorithm.ok_or("is signed neither by RS256 nor by ES256")?,
            claims,
            message,
            signature,
        })
    }

    /// Who it says has signed it.
    pub fn issuer(&self) -> Option<&str> {
        text(&self.claims, "iss")
    }

    /// Its claims, once a key of the issuer has proved them.
    pub fn proved_by(self, keys: &KeySet) -> Option<Json> {
        let message = self.message.as_bytes();
        let good = keys.signed(&self.kid, self.algorithm, message, &self.signature);
        good.then_some(self.claims)
    }
}

/// Whether it has a member of this name, whatever stands in it.
fn has(json: &Json, name: &str) -> bool {
    one(json, name).is_some()
}

/// Whether it is an object of which no name stands twice.
fn once(json: &Json) -> bool {
    let Json::Object(members) = json else {
        return false;
    };
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).all(|two| two[0] != two[1])
}
