//! Why a JSON text is not a file, with its place.

use std::io;

/// Why a JSON text is not the form of a file.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The text is not JSON, or not of this form.
    #[error("byte {at}: {why}")]
    Shape {
        /// The offset in the text.
        at: u64,
        /// What was expected.
        why: &'static str,
    },
    /// A record's field is unknown, too long or not Latin-1.
    #[error("byte {at}, record {record}, {field}: {why}")]
    Field {
        /// The offset in the text.
        at: u64,
        /// The record, from 1.
        record: u64,
        /// The field's name.
        field: String,
        /// What is wrong.
        why: &'static str,
    },
    /// The source cannot be read or the sink cannot be written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl JsonError {
    /// A field of a record that is not as it should be.
    pub(super) fn field(at: u64, record: u64, field: &[u8], why: &'static str) -> JsonError {
        let field = String::from_utf8_lossy(field).into_owned();
        JsonError::Field {
            at,
            record,
            field,
            why,
        }
    }
}
