//! The account of a request: by its number, or by the token that stands for it.

use crate::wire::fields::{Field, Kind, Wrong, must, wrong};
use settlement::authorize::ACCOUNT_COLUMNS;
use settlement::ids::RoutingNumber;
use settlement::payment::AccountKind;

/// An account by its number.
pub const ACCOUNT: &[Field] = &[
    must(
        "routing",
        Kind::Text { least: 9, most: 9 },
        "the nine digits of the receiver's bank",
    ),
    must(
        "number",
        Kind::Text {
            least: 1,
            most: ACCOUNT_COLUMNS,
        },
        "the account number; it is sealed, and never shown again but for its last four",
    ),
    must(
        "kind",
        Kind::Choice(&["checking", "savings", "general_ledger", "loan"]),
        "the kind of account",
    ),
];

/// An account by its token.
pub const BY_TOKEN: &[Field] = &[must(
    "token",
    Kind::Text { least: 1, most: 64 },
    "the token of an account, as POST /v1/tokens gave it",
)];

/// The receiver's account: one of them.
pub const EITHER: &[&[Field]] = &[ACCOUNT, BY_TOKEN];

/// The routing number of nine digits whose check digit holds and that can be a bank's, where the
/// client wrote it.
pub fn routing(text: &str, at: &str, faults: &mut Vec<Wrong>) -> Option<RoutingNumber> {
    let is_number = text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        faults.push(wrong(at, "digits", "must be nine digits"));
        return None;
    }
    let number = text.parse().ok().map(RoutingNumber::new);
    match number {
        Some(Ok(number)) if !number.dfi().is_a_bank() => {
            let message = "zeros are no bank's; look at it again";
            faults.push(wrong(at, "no-bank", message));
            None
        }
        Some(Ok(number)) => Some(number),
        _ => {
            let message = "the check digit does not fit the other eight; look at it again";
            faults.push(wrong(at, "check-digit", message));
            None
        }
    }
}

/// The kind of account of a word that the table lets through.
pub fn kind(text: &str) -> AccountKind {
    match text {
        "savings" => AccountKind::Savings,
        "general_ledger" => AccountKind::GeneralLedger,
        "loan" => AccountKind::Loan,
        _ => AccountKind::Checking,
    }
}
