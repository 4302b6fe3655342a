//! How a command ends when it does not end well: a message and an exit status.

use std::fmt;

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

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::could_not(format!("{error}; nothing half-written was kept, run again"))
    }
}

/// A sum that does not fit: no real day comes near, so something upstream is broken.
pub fn too_large(what: &str) -> Failure {
    Failure::findings(format!(
        "{what}: the sum exceeds what 63 bits of cents can hold"
    ))
}
