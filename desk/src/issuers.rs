//! Who signs in callers of the online path for us: the issuers of the tokens that it takes.

use crate::failure::{Failure, Result};
use serde::Deserialize;
use settlement::bank::is_short_name;
use settlement::foreign;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// An issuer, as `[[issuers]]` in the configuration says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// What its tokens say in `iss`, to the letter.
    pub issuer: String,
    /// Its public keys, a JWK set: an address of HTTPS, or a file beside the configuration.
    pub jwks: String,
    /// What one of its tokens' `aud` must be.
    #[serde(default)]
    pub audience: Vec<String>,
    /// The clients whose tokens are taken where they have no `aud`, each with its merchant; empty
    /// where the token's claim `custom:merchant` names it.
    #[serde(default)]
    pub clients: BTreeMap<String, String>,
    /// What stands before our scopes in its tokens, `tieout/`.
    #[serde(default)]
    pub scope_prefix: String,
}

/// Where the keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Jwks {
    /// At an address.
    Address(String),
    /// In a file.
    File(PathBuf),
}

impl Issuer {
    /// Where its keys are. An address without TLS is taken of this machine alone.
    ///
    /// # Errors
    /// Exit status 2 where it is an address that nobody vouches for.
    pub fn keys(&self) -> Result<Jwks> {
        let at = &self.jwks;
        if at.starts_with("https://") {
            return Ok(Jwks::Address(at.clone()));
        }
        if let Some(rest) = at.strip_prefix("http://") {
            return match is_here(rest) {
                true => Ok(Jwks::Address(at.clone())),
                false => Err(wrong(self, "jwks is an address without TLS")
                    .remedy("name one that begins with https://, or a file")),
            };
        }
        match at.is_empty() || at.contains("://") {
            true => Err(wrong(self, "jwks is neither an address nor a file")
                .remedy("name an address that begins with https://, or a file")),
            false => Ok(Jwks::File(PathBuf::from(at))),
        }
    }

    /// The same with its file found from `folder`, where the configuration is.
    #[must_use]
    pub fn from_folder(mut self, folder: &Path) -> Issuer {
        if !self.jwks.contains("://") && !self.jwks.is_empty() {
            self.jwks = folder.join(&self.jwks).to_string_lossy().into_owned();
        }
        self
    }
}

/// Whether the host of `host[:port]/path` is this machine, by its number.
fn is_here(rest: &str) -> bool {
    let host = rest.split('/').next().unwrap_or_default();
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    bare.parse::<IpAddr>().is_ok_and(|one| one.is_loopback())
}

fn wrong(issuer: &Issuer, why: &str) -> Failure {
    Failure::usage(format!("issuer {}: {why}", foreign::cell(&issuer.issuer)))
}

/// Refuses issuers of which one could be taken for another, or anybody for a caller.
///
/// # Errors
/// Exit status 2 with what is wrong and where.
pub fn checked(all: &[Issuer]) -> Result<()> {
    for (place, one) in all.iter().enumerate() {
        one.keys()?;
        if one.issuer.is_empty() || all.iter().take(place).any(|two| two.issuer == one.issuer) {
            return Err(wrong(one, "is there more than once, or has no name")
                .remedy("write what stands in iss of its tokens, each issuer once"));
        }
        if one.audience.is_empty() && one.clients.is_empty() {
            return Err(wrong(one, "anybody's tokens would be taken")
                .remedy("name an audience, or the clients with their merchants"));
        }
        let names = one.clients.values().filter(|name| !name.is_empty());
        if let Some(name) = names.into_iter().find(|name| !is_short_name(name)) {
            let why = format!("{} is no merchant's name", foreign::cell(name));
            return Err(wrong(one, &why)
                .remedy("tieout merchants list names them; \"\" where the token does"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(jwks: &str) -> Issuer {
        Issuer {
            issuer: "https://issuer.example".to_owned(),
            jwks: jwks.to_owned(),
            audience: vec!["tieout".to_owned()],
            ..Issuer::default()
        }
    }

    #[test]
    fn keys_come_by_tls_from_here_or_from_a_file() {
        let of = |jwks| issuer(jwks).keys().map_err(|failure| failure.status as u8);
        let address = |at: &str| Ok(Jwks::Address(at.to_owned()));
        for at in [
            "https://issuer.example/keys",
            "http://127.0.0.1:8080/keys",
            "http://[::1]/keys",
        ] {
            assert_eq!(of(at), address(at));
        }
        assert_eq!(of("keys.json"), Ok(Jwks::File("keys.json".into())));
        for at in [
            "",
            "http://issuer.example/keys",
            "http://127.0.0.1.issuer.example/",
            "http://127.0.0.1@issuer.example/",
            "ftp://127.0.0.1/",
            "HTTP://127.0.0.1/",
        ] {
            assert_eq!(of(at), Err(2), "{at}");
        }
    }

    #[test]
    fn an_issuer_for_everybody_is_refused() {
        let good = issuer("keys.json");
        assert!(checked(std::slice::from_ref(&good)).is_ok());
        let nobody = Issuer {
            audience: Vec::new(),
            ..good.clone()
        };
        let odd = Issuer {
            clients: [("one".to_owned(), "../shop".to_owned())].into(),
            ..good.clone()
        };
        for all in [vec![good.clone(), good], vec![nobody], vec![odd]] {
            assert_eq!(
                checked(&all).map_err(|failure| failure.status as u8),
                Err(2)
            );
        }
    }
}
