//! A part of a table that is being written: its rows go into a local file without a name, whatever
//! the day's size, and the part gets its name when its bytes are known. A kill leaves nothing.

use crate::hashing::Hashing;
use crate::parts::{named, torn};
use crate::records::frozen::Content;
use crate::records::part::Part;
use connectors::{Name, ObjectStore};
use desk::failure::{Failure, Result};
use formats::tables::{Table, Writer, Written};
use jiff::civil::Date;
use std::fs::File;

/// A part of table `T` on its way.
pub struct NewPart<T: Table>(Writer<T, Hashing>);

/// A part with all of its rows, and without a name.
pub struct Ended {
    table: &'static str,
    /// Its bytes.
    pub file: File,
    /// What they are.
    pub content: Content,
    written: Written,
}

impl<T: Table> NewPart<T> {
    /// Without rows.
    ///
    /// # Errors
    /// Where there is no room for temporary files.
    pub fn begin() -> Result<NewPart<T>> {
        let file = tempfile::tempfile().map_err(no_room)?;
        let rows = Writer::new(Hashing::new(file)).map_err(torn)?;
        Ok(NewPart(rows))
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Where a value does not fit its column, or there is no room for temporary files.
    pub fn push(&mut self, row: &T::Row<'_>) -> Result<()> {
        self.0.push(row).map_err(torn)
    }

    /// Ends it; `None` where it has no rows.
    ///
    /// # Errors
    /// As [`NewPart::push`].
    pub fn end(self) -> Result<Option<Ended>> {
        let (written, sink) = self.0.finish_into().map_err(torn)?;
        let (file, content) = sink.finish();
        Ok((written.rows > 0).then_some(Ended {
            table: T::INFO.name,
            file,
            content,
            written,
        }))
    }

    /// Ends it and stores it under a name of its own; `None` where it has no rows.
    ///
    /// # Errors
    /// Where the store does not take it.
    pub async fn put(
        self,
        objects: &dyn ObjectStore,
        date: Date,
        what: &str,
    ) -> Result<Option<Part>> {
        let Some(ended) = self.end()? else {
            return Ok(None);
        };
        let name = named::<T>(date, what, &ended.content.sha256.to_string());
        ended.put(objects, name).await.map(Some)
    }
}

impl Ended {
    /// Stores it as `name`, which must be free or have its bytes.
    ///
    /// # Errors
    /// Where the store does not take it.
    pub async fn put(self, objects: &dyn ObjectStore, name: Name) -> Result<Part> {
        let part = self.stored(&name);
        objects.put_file_new(&name, self.file).await?;
        Ok(part)
    }

    /// It as a record names it, where it is stored as `name`.
    pub fn stored(&self, name: &Name) -> Part {
        Part {
            table: self.table.to_owned(),
            name: name.clone(),
            rows: self.written.rows,
            cents: self.written.cents,
            sha256: Some(self.content.sha256),
        }
    }
}

fn no_room(error: std::io::Error) -> Failure {
    let kept = "nothing was stored; make room there or set TMPDIR, then run the same again";
    Failure::of_file(&std::env::temp_dir(), kept)(error)
}
