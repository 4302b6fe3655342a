//! A drop box that is not there: a mount that is away, a folder that somebody moved.

use crate::bank::is_open;
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{BankLink, Error, Fetched, Listing, ReadBack, Remote, Removed, Result, Standing};
use std::path::{Path, PathBuf};

/// A [`BankLink`] that says what is not there, whatever is asked of it.
pub(crate) struct Away(PathBuf);

impl Away {
    pub fn at(root: &Path) -> Away {
        Away(root.to_path_buf())
    }

    /// What was not there when it was opened. What came back since serves whoever opens it next.
    fn refused<T>(&self) -> Result<T> {
        is_open(&self.0)?;
        let why = "it was not there when this command began: run the same again";
        Err(Error::invalid(self.0.display().to_string(), why))
    }
}

#[async_trait]
impl BankLink for Away {
    async fn ready(&self) -> Result<()> {
        self.refused()
    }

    async fn list(&self) -> Result<Listing> {
        self.refused()
    }

    async fn fetch(&self, _: &Remote) -> Result<Fetched> {
        self.refused()
    }

    async fn upload(&self, _: &str, _: Bytes) -> Result<()> {
        self.refused()
    }

    async fn read_back(&self, _: &str, _: &ReadBack) -> Result<Standing> {
        self.refused()
    }

    async fn taken(&self, _: &str, _: &ReadBack) -> Result<()> {
        self.refused()
    }

    async fn sent(&self) -> Result<Vec<(String, Option<ReadBack>)>> {
        self.refused()
    }

    async fn set_aside(&self, _: &str, _: &ReadBack) -> Result<Option<String>> {
        self.refused()
    }

    async fn remove(&self, _: &str, _: &ReadBack) -> Result<Removed> {
        self.refused()
    }
}
