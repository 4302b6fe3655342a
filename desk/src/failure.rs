//! How a command ends when it does not end well: a message and an exit status.

use std::fmt;
use std::io;
use std::path::Path;

/// What to do about an object that is not as it was written.
pub const RESTORE: &str = "restore it from the sealed day (tieout retrieve) or a backup, then run \
                           tieout check";

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
    /// What is wrong and where, for a person.
    pub message: String,
    /// What to do about it; empty only where an error of a library says that within its message.
    pub remedy: String,
}

impl Status {
    /// The status of a number; `None` for 0, and for what is none.
    pub const fn of(number: u8) -> Option<Status> {
        match number {
            1 => Some(Status::Findings),
            2 => Some(Status::Usage),
            3 => Some(Status::CouldNot),
            _ => None,
        }
    }

    /// What programs call it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Findings => "findings",
            Status::Usage => "usage",
            Status::CouldNot => "could_not",
        }
    }
}

/// The result of a job.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    const fn new(status: Status, message: String) -> Failure {
        Failure {
            status,
            message,
            remedy: String::new(),
        }
    }

    /// Says what to do, apart from what is wrong.
    #[must_use]
    pub fn remedy(mut self, what_to_do: impl Into<String>) -> Failure {
        self.remedy = what_to_do.into();
        self
    }

    /// Something was found: exit status 1.
    pub fn findings(message: impl Into<String>) -> Failure {
        Failure::new(Status::Findings, message.into())
    }

    /// The question is wrong: exit status 2.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Status::Usage, message.into())
    }

    /// It could not be done: exit status 3.
    pub fn could_not(message: impl Into<String>) -> Failure {
        Failure::new(Status::CouldNot, message.into())
    }

    /// Something stored is not as it was written: exit status 1.
    pub fn damaged(message: impl Into<String>) -> Failure {
        Failure::findings(message).remedy(RESTORE)
    }

    /// Our own rules exclude it, so one of them or what they were given is wrong: exit status 1.
    pub fn impossible(message: impl Into<String>) -> Failure {
        Failure::findings(message).remedy(
            "this should not happen: keep everything as it is and report it with the version \
             (tieout --version)",
        )
    }

    /// An error of ours that ends with what to do, after its last semicolon; `otherwise` is for
    /// those of its kind that do not.
    pub fn advised(status: Status, error: impl fmt::Display, otherwise: &str) -> Failure {
        let text = error.to_string();
        match text.rsplit_once("; ") {
            Some((what, remedy)) => Failure::new(status, what.to_owned()).remedy(remedy),
            None => Failure::new(status, text).remedy(otherwise),
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
    /// let message = read.unwrap_err().to_string();
    /// assert!(message.starts_with("no/such/file: ") && message.ends_with("; nothing was read"));
    /// ```
    pub fn of_file(path: &Path, kept: &'static str) -> impl FnOnce(io::Error) -> Failure + use<> {
        let path = path.display().to_string();
        move |error| Failure::could_not(format!("{path}: {error}")).remedy(kept)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.remedy.as_str() {
            "" => Ok(()),
            remedy => write!(f, "; {remedy}"),
        }
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
        let otherwise = match &error {
            E::Denied { .. } => "give the user that runs this the permission, then run it again",
            E::Invalid { .. } => "correct it, then run the same again",
            _ => "find out who else writes there, then run the same again",
        };
        match error {
            // What their words after a semicolon say is no advice, or not always.
            E::Conflict { .. } | E::Invalid { .. } => {
                Failure::new(status, error.to_string()).remedy(otherwise)
            }
            _ => Failure::advised(status, error, otherwise),
        }
    }
}

impl From<settlement::cut::CutError> for Failure {
    fn from(error: settlement::cut::CutError) -> Failure {
        Failure::advised(
            Status::Usage,
            error,
            "correct the bank profile; nothing was frozen",
        )
    }
}

/// A job reads ids from what was stored; where a person gives one, the command says so itself.
impl From<settlement::ids::BadId> for Failure {
    fn from(error: settlement::ids::BadId) -> Failure {
        Failure::damaged(error.to_string())
    }
}

/// A sum that does not fit: no real day comes near, so something upstream is broken.
pub fn too_large(what: &str) -> Failure {
    Failure::findings(format!(
        "{what}: the sum exceeds what 63 bits of cents can hold"
    ))
    .remedy("find the amount that is wrong: nothing was written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_stands_apart_from_what_is_wrong() {
        let plain = Failure::usage("--date 2026-02-30: no such day");
        assert_eq!(plain.to_string(), "--date 2026-02-30: no such day");
        let told = Failure::usage("2026-11-27 is not cut").remedy("run tieout cut first");
        assert_eq!(
            told.to_string(),
            "2026-11-27 is not cut; run tieout cut first"
        );
        let gone = Failure::from(connectors::Error::not_found("posted/2026-11-27.json"));
        assert_eq!(gone.message, "posted/2026-11-27.json: not found");
        assert!(gone.remedy.starts_with("check the name"), "{gone:?}");
        let lost = Failure::from(connectors::Error::conflict(
            "a.json",
            "other bytes are there",
        ));
        assert!(lost.message.ends_with("nothing was changed"), "{lost:?}");
        assert!(lost.remedy.starts_with("find out who"), "{lost:?}");
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let unwritten = Failure::of_file(Path::new("a/b"), "free some space and run again")(full);
        assert!(unwritten.message.starts_with("a/b: "), "{unwritten:?}");
        assert_eq!(unwritten.remedy, "free some space and run again");
    }
}
