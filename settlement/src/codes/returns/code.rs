//! A return reason code as it stands in an addenda 99, known to the table or not.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A return reason code as it was received, known to the table or not: `R01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnCode([u8; 3]);

/// The text is not `R` and two digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("return reason code: must be R and two digits")]
pub struct BadReturnCode;

impl ReturnCode {
    /// The code behind three bytes, `None` where they are not `R` and two digits.
    pub const fn from_bytes(text: &[u8]) -> Option<ReturnCode> {
        match *text {
            [b'R', a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(ReturnCode([b'R', a, b])),
            _ => None,
        }
    }

    /// The three characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("R00")
    }
}

impl fmt::Display for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReturnCode {
    type Err = BadReturnCode;
    fn from_str(text: &str) -> Result<ReturnCode, BadReturnCode> {
        ReturnCode::from_bytes(text.as_bytes()).ok_or(BadReturnCode)
    }
}

impl TryFrom<String> for ReturnCode {
    type Error = BadReturnCode;
    fn try_from(text: String) -> Result<ReturnCode, BadReturnCode> {
        text.parse()
    }
}

impl From<ReturnCode> for String {
    fn from(code: ReturnCode) -> String {
        code.as_str().to_owned()
    }
}
