//! Which format a file is of, from its content.
//!
//! Names lie: banks send statements as `.txt` and returns as `.dat`. The first kilobytes do
//! not: a NACHA file starts `101` and says that its records have 94 characters, BAI2 starts
//! `01,`, and the camt messages name their schema. Whatever is not clearly one of them is
//! [`Kind::Unknown`], which a person looks at; a guess would book money.

use serde::Serialize;

/// Bytes that are enough to tell: a comment before an XML root is seldom longer.
pub const HEAD: usize = 4_096;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// ACH entries, returns, changes: NACHA.
    Nacha,
    /// A statement of American banks.
    Bai2,
    /// An end-of-day statement, ISO 20022.
    Camt053,
    /// An intraday report, ISO 20022.
    Camt052,
    /// A debit or credit notification, ISO 20022.
    Camt054,
    /// A bank's answer to a file, [`crate::acks`].
    Ack,
    /// Anything else.
    Unknown,
}

impl Kind {
    /// The name in reports: `bai2`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Nacha => "nacha",
            Kind::Bai2 => "bai2",
            Kind::Camt053 => "camt053",
            Kind::Camt052 => "camt052",
            Kind::Camt054 => "camt054",
            Kind::Ack => "ack",
            Kind::Unknown => "unknown",
        }
    }

    /// Whether this is a bank statement, which [`crate::bai2`] or [`crate::camt053`] reads.
    pub const fn is_statement(self) -> bool {
        matches!(
            self,
            Kind::Bai2 | Kind::Camt053 | Kind::Camt052 | Kind::Camt054
        )
    }
}

/// The kind of the file that starts with `head`: the whole file, or at least its first [`HEAD`]
/// bytes.
///
/// ```
/// use formats::detect::{Kind, detect};
/// assert_eq!(detect(b"\r\n  01,121140399,121140399,230214,0754,1,,,2/"), Kind::Bai2);
/// assert_eq!(detect(b"{\\rtf1\\ansi 101 076401251"), Kind::Unknown);
/// ```
pub fn detect(head: &[u8]) -> Kind {
    let head = head.get(..HEAD).unwrap_or(head);
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = head.trim_ascii_start();
    if text.starts_with(b"<") {
        return xml(text);
    }
    let line = text
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .next()
        .unwrap_or(text);
    if line.starts_with(b"01,") {
        Kind::Bai2
    } else if line
        .to_ascii_lowercase()
        .starts_with(b"file,sha256,status,")
    {
        Kind::Ack
    } else if is_file_header(line) || is_batch_header(line) {
        Kind::Nacha
    } else {
        Kind::Unknown
    }
}

/// `1`, two names of banks, a date and a time, and the sizes that every NACHA file has: records
/// of 94 characters, in blocks of 10. A header whose sizes are wrong is still one where it has
/// its priority code and digits where they belong; the NACHA reader says what is wrong with it.
fn is_file_header(line: &[u8]) -> bool {
    let at = |from: usize, to: usize| line.get(from..to).unwrap_or_default();
    let digits = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    let sizes = line.starts_with(b"1") && at(34, 39) == b"09410";
    let named = digits(at(4, 13)) || digits(at(3, 13)) || digits(at(23, 29));
    sizes || (line.starts_with(b"101") && named)
}

/// A file whose header is lost still starts with a batch: `5`, a service class, and an entry
/// class where it belongs.
fn is_batch_header(line: &[u8]) -> bool {
    let at = |from: usize, to: usize| line.get(from..to).unwrap_or_default();
    let service = matches!(at(0, 4), b"5200" | b"5220" | b"5225" | b"5280");
    let class = at(50, 53);
    service && line.len() >= 53 && class.iter().all(u8::is_ascii_uppercase)
}

/// The camt message that an XML file's first elements name, in its schema or in its root.
fn xml(text: &[u8]) -> Kind {
    let has = |needle: &str| memchr::memmem::find(text, needle.as_bytes()).is_some();
    if has("camt.053.") || has("<BkToCstmrStmt") || has(":BkToCstmrStmt") {
        Kind::Camt053
    } else if has("camt.052.") || has("BkToCstmrAcctRpt") {
        Kind::Camt052
    } else if has("camt.054.") || has("BkToCstmrDbtCdtNtfctn") {
        Kind::Camt054
    } else {
        Kind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NACHA: &str = "101 076401251 1210428820611261030A094101SOME BANK              \
                         SAMPLE CO                     ";

    #[test]
    fn a_file_is_known_by_its_content() {
        assert_eq!(detect(NACHA.as_bytes()), Kind::Nacha);
        assert_eq!(
            detect(format!("\u{feff}\r\n {NACHA}\r\n").as_bytes()),
            Kind::Nacha
        );
        let ack = format!("{}\n", crate::acks::HEADER);
        assert_eq!(detect(ack.as_bytes()), Kind::Ack);
        let xml = "<?xml version=\"1.0\"?>\n<!-- a bank -->\n<n:Document xmlns:n=\"";
        let of = |name: &str| detect(format!("{xml}urn:{name}.001.04\">").as_bytes());
        assert_eq!(of("camt.053"), Kind::Camt053);
        assert_eq!(of("camt.052"), Kind::Camt052);
        assert_eq!(of("camt.054"), Kind::Camt054);
        assert_eq!(of("pain.001"), Kind::Unknown);
    }

    #[test]
    fn what_is_none_of_them_is_unknown() {
        for text in [
            "",
            " ",
            "\n\n",
            "{\\rtf1",
            "PK\u{3}\u{4}",
            "1",
            "101",
            "01",
            "<html>",
        ] {
            assert_eq!(detect(text.as_bytes()), Kind::Unknown, "{text:?}");
        }
    }

    /// Every statement and every NACHA file of the corpus is known for what it is.
    #[test]
    fn the_corpus_is_known() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus");
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries.flatten() {
                let path = entry.path().display().to_string();
                if entry.path().is_dir() {
                    folders.push(path);
                    continue;
                }
                let Ok(bytes) = std::fs::read(&path) else {
                    continue;
                };
                let kind = detect(&bytes);
                let name = path.rsplit('/').next().unwrap_or("");
                let expected = match name {
                    _ if path.contains("statements/bai2") && name.contains('.') => Kind::Bai2,
                    _ if name.ends_with(".xsd") => continue,
                    _ if name.starts_with("camt053") => Kind::Camt053,
                    _ if name.starts_with("camt052") => Kind::Camt052,
                    _ if name.starts_with("camt054") => Kind::Camt054,
                    _ => continue,
                };
                let licence = name.starts_with("LICENSE");
                assert!(kind == expected || licence, "{path}: {kind:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_kind(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = detect(&bytes);
        }
    }
}
