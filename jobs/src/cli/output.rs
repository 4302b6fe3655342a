//! What commands print: text for people, one JSON document for programs.
//!
//! Text is of three kinds, and `--quiet` tells them apart: what was asked to be shown, what
//! somebody must look at, and what only says that all is well. The last one is left out.

use super::schema::{Document, Schema};
use crate::progress::Shown;
use crate::terminal;
use desk::failure::{Failure, Result};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Display;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Where results go.
#[derive(Clone)]
pub struct Output {
    /// One JSON document instead of text.
    pub json: bool,
    /// Nothing that only says that all is well.
    pub quiet: bool,
    /// Who is told how far work is.
    pub progress: Shown,
    /// Where documents go that are parts of one: those of several banks.
    pub parts: Option<Arc<Mutex<Vec<Value>>>>,
}

impl Output {
    /// Prints text that was asked for, or that somebody must look at.
    pub fn text(&self, text: impl Display) -> Result<()> {
        written(writeln!(
            terminal::text(),
            "{}",
            text.to_string().trim_end()
        ))
    }

    /// Prints text that only says that all is well.
    pub fn remark(&self, text: impl Display) -> Result<()> {
        if self.quiet {
            return Ok(());
        }
        self.text(text)
    }

    /// Prints a document.
    pub fn document<T: Serialize>(&self, schema: Schema, body: &T) -> Result<()> {
        let failed = |e| Failure::impossible(format!("the result cannot be printed: {e}"));
        let document = Document::new(schema, body);
        if let Some(parts) = &self.parts {
            let part = serde_json::to_value(&document).map_err(failed)?;
            parts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(part);
            return Ok(());
        }
        let printed = serde_json::to_string(&document).map_err(failed)?;
        written(writeln!(terminal::document(), "{printed}"))
    }

    /// Prints what was found: a document, or text; the text only where it says that `all_well`
    /// is a remark.
    pub fn show<T: Serialize + Display>(
        &self,
        schema: Schema,
        found: &T,
        all_well: bool,
    ) -> Result<()> {
        match (self.json, all_well) {
            (true, _) => self.document(schema, found),
            (false, true) => self.remark(found),
            (false, false) => self.text(found),
        }
    }
}

/// A reader of ours that went away (`| head`) is not an error.
fn written(result: std::io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(unprinted(&error)),
        _ => Ok(()),
    }
}

/// Stdout does not take what is to be printed.
pub fn unprinted(error: &std::io::Error) -> Failure {
    Failure::could_not(format!("the result cannot be printed: {error}"))
        .remedy("free some space or print it elsewhere, and run the same again")
}
