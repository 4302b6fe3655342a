//! A file that is hashed while it is written.

use crate::records::frozen::Content;
use settlement::archive::Sha256;
use std::fs::File;
use std::io::{self, Write};

/// Writes through to a file, and knows what was written.
pub struct Hashing {
    file: File,
    size: u64,
    sha256: Sha256,
}

impl Hashing {
    /// Over an empty file.
    pub fn new(file: File) -> Hashing {
        Hashing {
            file,
            size: 0,
            sha256: Sha256::new(),
        }
    }

    /// The file, and what was written.
    pub fn finish(self) -> (File, Content) {
        let content = Content {
            size: self.size,
            sha256: self.sha256.finish(),
        };
        (self.file, content)
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        let written = bytes.get(..count).unwrap_or(bytes);
        self.sha256.update(written);
        self.size += written.len() as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
