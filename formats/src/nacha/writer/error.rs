//! Why the writer refused, with the field and what is wrong with it.

use std::io;

/// Why the writer refused.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A field does not fit or breaks a rule.
    #[error("{field}: {why}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The calls came in the wrong order.
    #[error("{0}")]
    Order(&'static str),
    /// The file or batch is full.
    #[error("{0}")]
    Full(&'static str),
    /// A layout has no field of that name.
    #[error("{layout} has no field {field}")]
    NoField {
        /// The layout's id.
        layout: &'static str,
        /// The name that was given.
        field: String,
    },
    /// The sink cannot be written.
    #[error("the file cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl WriteError {
    /// A field that does not fit or breaks a rule.
    pub(super) const fn field(field: &'static str, why: &'static str) -> WriteError {
        WriteError::Field { field, why }
    }
}

/// No batch is open.
pub(super) const NO_BATCH: WriteError = WriteError::Order("no batch is open: begin one first");
