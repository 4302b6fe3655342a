//! The vault: each of its keys opens what was sealed under it. Keys of another installation, and
//! a key of which a digit was changed, look like any others until something is to be opened.

use crate::check::verdict::{Check, Finding};
use connectors::Error;
use desk::failure::{Failure, Result};
use desk::{Desk, tokens};
use settlement::payment::Payment;
use std::collections::BTreeMap;

/// Opens what is given: a payment, and a token, for each key that sealed one.
///
/// # Errors
/// Where the vault does not answer.
pub async fn prove(
    desk: &Desk,
    sealed: &BTreeMap<String, Payment>,
    check: &mut Check,
) -> Result<()> {
    let (documents, vault) = (&*desk.ports.documents, &*desk.ports.vault);
    for (key, payment) in sealed {
        let what = format!("payment {}", payment.id);
        hold(desk, key, &what, opens(desk, payment).await?, check);
    }
    for token in tokens::of_each_key(documents, vault).await? {
        let key = vault.key_id(&token.sealed);
        let what = format!("token {}", token.token);
        hold(
            desk,
            &key,
            &what,
            tokens::opens(vault, &token).await?,
            check,
        );
    }
    Ok(())
}

fn hold(desk: &Desk, key: &str, what: &str, opens: bool, check: &mut Check) {
    if opens {
        check.count("keys of the vault, each time one opens what it sealed", 1);
        return;
    }
    let mut places = desk.ports.places.iter();
    let vault = places.find(|place| place.name == "vault");
    let vault = vault.map_or("vault".to_owned(), ToString::to_string);
    let failure = Failure::findings(format!(
        "{vault}: its key {key} does not open what was sealed of {what}: the keys are those of \
         another installation, or were changed"
    ))
    .remedy("put keys.json back from its copy; nothing was changed");
    check.foreign.get_or_insert(Finding {
        message: failure.message.clone(),
        what_to_do: failure.remedy.clone(),
    });
    check.found(failure);
}

/// Whether the sealed account number opens, and is the one of the payment's token.
async fn opens(desk: &Desk, payment: &Payment) -> Result<bool> {
    let (vault, receiver) = (&*desk.ports.vault, &payment.receiver);
    let opened = vault.open(&payment.id.to_string(), &receiver.sealed).await;
    let Some(number) = answered(opened)? else {
        return Ok(false);
    };
    let Ok(number) = std::str::from_utf8(&number) else {
        return Ok(false);
    };
    Ok(vault.token(receiver.routing, number).await? == receiver.token)
}

/// What a vault answers; nothing where it says that what was sealed is not its own.
fn answered<T>(answer: connectors::Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::Corrupt { .. } | Error::Invalid { .. }) => Ok(None),
        Err(other) => Err(other.into()),
    }
}
