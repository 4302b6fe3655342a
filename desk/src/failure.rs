//! How a command ends when it does not end well: a message and an exit status.

use std::fmt;
use std::io;
use std::path::Path;

/// Exit statuses of DESIGN's contract: scripts depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Findings: an invalid file, breaks past their SLA, a proof that fails.
    Findings = 1,
    /// The command was asked in a way it cannot answer.
    Usage = 2,
    /// It could not be done: storage, network, permissions.
    CouldNot = 3,
}

/// Why a command did not do what it was asked: what, where, and what to do.
#[derive(Debug)]
pub struct Failure {
    /// The exit status.
    pub status: Status,
    /// One or more sentences for a person.
    pub message: String,
}

/// The result of a job.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// Something was found: exit status 1.
    pub fn findings(message: impl Into<String>) -> Failure {
        Failure {
            status: Status::Findings,
            message: message.into(),
        }
    }

    /// The question is wrong: exit status 2.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure {
            status: Status::Usage,
            message: message.into(),
        }
    }

    /// It could not be done: exit status 3.
    pub fn could_not(message: impl Into<String>) -> Failure {
        Failure {
            status: Status::CouldNot,
            message: message.into(),
        }
    }

    /// A file or folder of this machine could not be used: exit status 3. Named are its path, why,
    /// and what was kept and is to be done.
    ///
    /// ```
    /// use desk::failure::Failure;
    /// use std::path::Path;
    ///
    /// let path = Path::new("no/such/file");
    /// let read = std::fs::read(path).map_err(Failure::of_file(path, "nothing was read"));
    /// let message = read.unwrap_err().message;
    /// assert!(message.starts_with("no/such/file: ") && message.ends_with("; nothing was read"));
    /// ```
    pub fn of_file(path: &Path, kept: &'static str) -> impl FnOnce(io::Error) -> Failure + use<> {
        let path = path.display().to_string();
        move |error| Failure::could_not(format!("{path}: {error}; {kept}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<connectors::Error> for Failure {
    fn from(error: connectors::Error) -> Failure {
        use connectors::Error as E;
        let status = match &error {
            E::Invalid { .. } => Status::Usage,
            E::Corrupt { .. } => Status::Findings,
            _ => Status::CouldNot,
        };
        Failure {
            status,
            message: error.to_string(),
        }
    }
}

impl From<settlement::cut::CutError> for Failure {
    fn from(error: settlement::cut::CutError) -> Failure {
        Failure::usage(error.to_string())
    }
}

impl From<settlement::ids::BadId> for Failure {
    fn from(error: settlement::ids::BadId) -> Failure {
        Failure::findings(error.to_string())
    }
}

/// A sum that does not fit: no real day comes near, so something upstream is broken.
pub fn too_large(what: &str) -> Failure {
    Failure::findings(format!(
        "{what}: the sum exceeds what 63 bits of cents can hold"
    ))
}
