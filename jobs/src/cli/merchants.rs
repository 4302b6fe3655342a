//! `tieout merchants` and `tieout vault`: who may ask for payments online, and under which keys
//! numbers are sealed. Both are of the whole installation, whichever banks it has.

use super::arguments::{MerchantCommand, NewKey, NewMerchant, Said, VaultCommand};
use super::output::Output;
use super::schema;
use crate::{open, terminal, upgrade};
use desk::config::Config;
use desk::failure::{Failure, Result, Status};
use desk::merchants::{self, APPROVALS, Decided, Key, LIVE, Limits, Merchant, Standing, TEST};
use desk::{House, installation, tokens};
use jiff::Timestamp;
use serde::Serialize;
use settlement::foreign;
use settlement::funding::dollars;
use std::collections::BTreeSet;

/// Characters of what a key is kept as that are shown to people: enough to tell keys apart.
const SHOWN: usize = 16;

/// The document of merchants.
#[derive(Serialize)]
struct Merchants<'a> {
    merchants: Vec<OfMerchant<'a>>,
}

#[derive(Serialize)]
struct OfMerchant<'a> {
    #[serde(flatten)]
    merchant: &'a Merchant,
    approvals: usize,
}

/// The document of keys.
#[derive(Serialize)]
struct Keys<'a> {
    keys: Vec<OfKey<'a>>,
}

#[derive(Serialize)]
struct OfKey<'a> {
    kept_as: &'a str,
    name: &'a str,
    merchant: Option<&'a str>,
    scopes: &'a BTreeSet<String>,
    created_at: Timestamp,
    revoked: bool,
    /// Of a new key alone: it stands nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

/// The document of a rotation.
#[derive(Serialize)]
struct Rotated {
    tokens: u64,
    rewrapped: u64,
}

async fn opened(config: Config, looks: bool) -> Result<House> {
    upgrade::before_opening(&config, upgrade::For::Work).await?;
    let house = match looks {
        true => open::look_at_all(config)?,
        false => open::house(config)?,
    };
    installation::current(&house.home).await?;
    Ok(house)
}

/// Runs one of them.
///
/// # Errors
/// As the command itself, and where stdout cannot be written.
pub async fn run(command: MerchantCommand, config: Config, out: &Output) -> Result<Option<Status>> {
    let looks = matches!(
        command,
        MerchantCommand::List | MerchantCommand::Keys { .. }
    );
    let house = opened(config, looks).await?;
    let documents = &*house.home.ports.documents;
    match command {
        MerchantCommand::List => shown(out, &merchants::all(documents).await?, true)?,
        MerchantCommand::Add(new) => shown(out, &[added(&house, new).await?], false)?,
        MerchantCommand::Approve(said) => {
            shown(
                out,
                &[decided(&house, said, Standing::Approved).await?],
                false,
            )?;
        }
        MerchantCommand::Suspend(said) => {
            shown(
                out,
                &[decided(&house, said, Standing::Suspended).await?],
                false,
            )?;
        }
        MerchantCommand::Key(new) => made_key(&house, new, out).await?,
        MerchantCommand::Keys { name } => {
            if let Some(name) = &name {
                merchants::named(documents, name).await?;
            }
            let mut all = merchants::keys(documents).await?;
            all.retain(|(_, key)| name.is_none() || key.merchant == name);
            shown_keys(out, &all, None)?;
        }
        MerchantCommand::Revoke { kept_as } => {
            let (kept, key) = merchants::revoke(documents, &kept_as).await?;
            shown_keys(out, &[(kept, key)], None)?;
        }
    }
    Ok(None)
}

async fn added(house: &House, new: NewMerchant) -> Result<Merchant> {
    let known = |name: &str| {
        house
            .desks()
            .any(|desk| desk.bank.originators.contains_key(name))
    };
    if !known(&new.originator) {
        let name = foreign::cell(&new.originator);
        return Err(Failure::usage(format!("no bank has an originator {name}"))
            .remedy("name one of [originators.NAME] of the bank's profile"));
    }
    let payment_cents = match new.payment_limit.as_deref() {
        None => None,
        Some(text) => {
            let cents = dollars(text).and_then(|cents| u64::try_from(cents.get()).ok());
            let wrong = || {
                Failure::usage("--payment-limit: not an amount of dollars")
                    .remedy("write 25000 or 25000.00")
            };
            Some(cents.filter(|cents| *cents > 0).ok_or_else(wrong)?)
        }
    };
    let merchant = Merchant {
        name: new.name,
        originator: new.originator,
        classes: new.class.into_iter().collect(),
        limits: Limits {
            payment_cents,
            requests_per_second: new.per_second,
        },
        standing: Standing::Submitted,
        decided: Vec::new(),
        created_at: house.home.ports.clock.now(),
    };
    merchants::submit(&*house.home.ports.documents, &merchant).await?;
    Ok(merchant)
}

async fn decided(house: &House, said: Said, to: Standing) -> Result<Merchant> {
    let decided = Decided {
        to,
        by: said.by,
        at: house.home.ports.clock.now(),
        note: said.note.unwrap_or_default(),
    };
    merchants::decide(&*house.home.ports.documents, &said.name, decided).await
}

async fn made_key(house: &House, new: NewKey, out: &Output) -> Result<()> {
    let documents = &*house.home.ports.documents;
    if let Some(name) = &new.merchant {
        merchants::named(documents, name).await?;
    }
    let key = Key {
        name: new.name,
        merchant: new.merchant,
        scopes: new.scope.into_iter().collect(),
        created_at: house.home.ports.clock.now(),
        revoked: false,
    };
    let begins = if new.test { TEST } else { LIVE };
    // 256 bits.
    let (one, two) = (
        connectors_embedded::draw_id(None)?,
        connectors_embedded::draw_id(None)?,
    );
    let secret = format!("{begins}{one}{two}");
    let unread = || {
        Failure::could_not("stdout is nowhere: nobody would read the secret of the key")
            .remedy("run it again with its output open; no key can be used that nobody has seen")
    };
    if terminal::is_nowhere() {
        return Err(unread());
    }
    let kept_as = merchants::kept_as(&secret);
    merchants::keep(documents, &secret, &key).await?;
    let shown = shown_keys(out, &[(kept_as.clone(), key)], Some(&secret));
    if shown.is_err() || terminal::is_nowhere() {
        // Nobody has seen the secret, and nobody will: such a key is good for nothing.
        merchants::revoke(documents, &kept_as).await?;
        return shown.and(Err(unread()));
    }
    Ok(())
}

fn shown(out: &Output, all: &[Merchant], asked: bool) -> Result<()> {
    if out.json {
        let of = |merchant| OfMerchant {
            merchant,
            approvals: Merchant::approvals(merchant),
        };
        let merchants = all.iter().map(of).collect();
        return out.document(schema::MERCHANTS, &Merchants { merchants });
    }
    if all.is_empty() {
        return out.remark("there are no merchants; tieout merchants add submits one");
    }
    all.iter().try_for_each(|one| match asked {
        true => out.text(line(one)),
        false => out.remark(line(one)),
    })
}

fn line(merchant: &Merchant) -> String {
    let standing = match merchant.standing {
        Standing::Approved => "approved".to_owned(),
        other => format!(
            "{}, approved by {} of {APPROVALS}",
            other.as_str(),
            merchant.approvals()
        ),
    };
    let originator = foreign::cell(&merchant.originator);
    format!("{:32} {originator:20} {standing}", merchant.name)
}

fn shown_keys(out: &Output, all: &[(String, Key)], secret: Option<&str>) -> Result<()> {
    if out.json {
        let keys = all
            .iter()
            .map(|(kept_as, key)| of_key(kept_as, key, secret));
        let keys = keys.collect();
        return out.document(schema::MERCHANT_KEYS, &Keys { keys });
    }
    if all.is_empty() {
        return out.remark("there are no keys; tieout merchants key makes one");
    }
    for (kept_as, key) in all {
        let kept = kept_as.get(..SHOWN).unwrap_or(kept_as);
        let whose = key.merchant.as_deref().unwrap_or("(the operator)");
        let name = foreign::cell(&key.name);
        let scopes = key
            .scopes
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        let revoked = if key.revoked { " revoked" } else { "" };
        out.text(format!("{kept} {whose:32} {name:20} {scopes}{revoked}"))?;
    }
    match secret {
        Some(secret) => out.text(format!(
            "{secret}\n  it is shown this once, and kept nowhere"
        )),
        None => Ok(()),
    }
}

fn of_key<'a>(kept_as: &'a str, key: &'a Key, secret: Option<&'a str>) -> OfKey<'a> {
    OfKey {
        kept_as,
        name: &key.name,
        merchant: key.merchant.as_deref(),
        scopes: &key.scopes,
        created_at: key.created_at,
        revoked: key.revoked,
        secret,
    }
}

/// Runs what is done to the vault.
///
/// # Errors
/// As the command itself, and where stdout cannot be written.
pub async fn vault(command: VaultCommand, config: Config, out: &Output) -> Result<Option<Status>> {
    let house = opened(config, false).await?;
    let ports = &house.home.ports;
    match command {
        VaultCommand::Rotate => ports.vault.rotate().await?,
        VaultCommand::Rewrap => {}
    }
    let done = tokens::rewrap_all(&*ports.documents, &*ports.vault).await?;
    if out.json {
        let rotated = Rotated {
            tokens: done.tokens,
            rewrapped: done.rewrapped,
        };
        out.document(schema::VAULT, &rotated)?;
        return Ok(None);
    }
    out.remark(format!(
        "{} of {} tokens were wrapped by the newest master key",
        done.rewrapped, done.tokens
    ))?;
    Ok(None)
}
