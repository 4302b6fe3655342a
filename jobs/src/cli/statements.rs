//! `tieout statement`: bank statements for people and for programs.

use super::arguments::StatementCommand;
use super::failed::Trouble;
use super::output::Output;
use super::schema;
use crate::statement;
use crate::terminal::say;
use desk::failure::{Result, Status};
use formats::statement::Document;
use serde::Serialize;
use std::path::Path;

/// The document: one of `files` for each that was named.
#[derive(Serialize)]
struct Statements {
    files: Vec<Named>,
}

/// A file, and what it holds or why it holds nothing.
#[derive(Serialize)]
struct Named {
    path: String,
    #[serde(flatten)]
    document: Option<Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings_left_out: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Trouble>,
}

/// Runs one of them. A file that is no statement does not hide the others.
///
/// # Errors
/// Where stdout cannot be written.
pub fn run(command: StatementCommand, out: &Output) -> Result<Option<Status>> {
    let (files, json) = match command {
        StatementCommand::Describe { files } => (files, out.json),
        StatementCommand::Json { files } => (files, true),
    };
    let mut status = None;
    let mut documents = Vec::new();
    for path in &files {
        let read = statement::read(path);
        status = weight(&read).or(status);
        match &read {
            Ok(document) if !json => out.text(document.describe())?,
            Err(failure) => say(format_args!("tieout: {failure}")),
            Ok(_) => {}
        }
        documents.push(named(path, read));
    }
    if json {
        out.document(schema::STATEMENT, &Statements { files: documents })?;
    }
    Ok(status)
}

fn weight(read: &Result<Document>) -> Option<Status> {
    match read {
        Ok(document) => (!document.is_ok()).then_some(Status::Findings),
        Err(failure) => Some(failure.status),
    }
}

fn named(path: &Path, read: Result<Document>) -> Named {
    let error = read.as_ref().err().map(Trouble::of);
    let document = read.ok();
    Named {
        path: path.display().to_string(),
        findings_left_out: document.as_ref().map(|d| d.findings.left_out()),
        document,
        error,
    }
}
