//! Standard entry class codes: what kind of payment an entry is.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! sec_codes {
    ($($variant:ident $text:literal),* $(,)?) => {
        /// A standard entry class code. NACHA.md 1.9.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[allow(missing_docs)]
        pub enum SecCode { $(#[serde(rename = $text)] $variant),* }

        impl SecCode {
            /// Every code, in alphabetical order.
            pub const ALL: &[SecCode] = &[$(SecCode::$variant),*];

            /// The three letters of the code.
            pub const fn as_str(self) -> &'static str {
                match self { $(SecCode::$variant => $text),* }
            }

            /// The code behind three letters, which must be upper case.
            pub const fn from_bytes(text: &[u8]) -> Option<SecCode> {
                $(if let [a, b, c] = *text {
                    let t = $text.as_bytes();
                    if a == t[0] && b == t[1] && c == t[2] { return Some(SecCode::$variant); }
                })*
                None
            }
        }
    };
}

sec_codes! {
    Ack "ACK", Adv "ADV", Arc "ARC", Atx "ATX", Boc "BOC", Ccd "CCD", Cie "CIE", Cor "COR",
    Ctx "CTX", Dne "DNE", Enr "ENR", Iat "IAT", Mte "MTE", Pop "POP", Pos "POS", Ppd "PPD",
    Rck "RCK", Shr "SHR", Tel "TEL", Trc "TRC", Trx "TRX", Web "WEB", Xck "XCK",
}

impl fmt::Display for SecCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SecCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a standard entry class code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("standard entry class code: must be one of the 23, in upper case")]
pub struct UnknownSecCode;

impl FromStr for SecCode {
    type Err = UnknownSecCode;
    fn from_str(text: &str) -> Result<SecCode, UnknownSecCode> {
        SecCode::from_bytes(text.as_bytes()).ok_or(UnknownSecCode)
    }
}
