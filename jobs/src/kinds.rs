//! Every kind of record there is, for whoever reads them all: the upgrade and the check.

use crate::records::Source;
use crate::records::allocated::Allocated;
use crate::records::archived::Archived;
use crate::records::delivery::Delivery;
use crate::records::forgotten::ForgottenFact;
use crate::records::frozen::FrozenCut;
use crate::records::funding::FundingFact;
use crate::records::ingested::{Ingested, Registered};
use crate::records::named::{Expected, Named, Names};
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
use crate::records::saved::Saved;
use crate::registry;
use crate::tally::Tally;
use connectors::Name;
use desk::failure::Result;
use desk::installation::Installation;
use desk::names;
use desk::records::checksum::Checksum;
use desk::records::{Record, from_bytes};
use settlement::archive::{Head, Manifest};

/// Records of one kind: where they are, and how they are read.
pub struct Kind {
    /// What they are called.
    pub name: &'static str,
    /// How their names begin.
    pub prefix: &'static str,
    /// How their names end.
    pub ending: &'static str,
    /// Reads one.
    pub read: fn(&str, &[u8]) -> Result<Said>,
    /// The version that is written now.
    pub version: u32,
    /// Whether they carry a checksum from some version on.
    pub checked: bool,
}

/// What a record says to somebody who does not care for its kind.
pub struct Said {
    /// Whether its own checksum proves it.
    pub checksum: Checksum,
    /// The files and parts that were written for it.
    pub contents: Vec<Named>,
    /// The records that it started from.
    pub started_from: Vec<Source>,
}

impl Kind {
    /// Whether a name is that of one.
    pub fn has(&self, name: &Name) -> bool {
        name.starts_with(self.prefix) && name.ends_with(self.ending)
    }
}

/// Every kind.
pub const KINDS: &[Kind] = &[
    kind::<FrozenCut>("frozen cuts", "cuts/", ".json", linked::<FrozenCut>),
    kind::<Delivery>("deliveries", "deliveries/", ".json", linked::<Delivery>),
    kind::<Registered>("registrations", "registry/", ".json", registered),
    kind::<Ingested>("inbound files", "ingested/", ".json", inbound),
    kind::<FundingFact>(
        "announcements and withdrawals of funding",
        names::FUNDINGS_PREFIX,
        ".json",
        linked::<FundingFact>,
    ),
    kind::<ForgottenFact>(
        "customers that were forgotten",
        names::FORGOTTEN_PREFIX,
        ".json",
        linked::<ForgottenFact>,
    ),
    kind::<Allocated>(
        "allocations",
        names::ALLOCATED_PREFIX,
        ".json",
        linked::<Allocated>,
    ),
    kind::<PostedDay>(
        "postings",
        names::POSTED_PREFIX,
        ".json",
        linked::<PostedDay>,
    ),
    kind::<Reconciled>(
        "reconciliations",
        names::RECONCILED_PREFIX,
        ".json",
        linked::<Reconciled>,
    ),
    kind::<Saved>("costs", names::SAVED_PREFIX, ".json", linked::<Saved>),
    kind::<Tally>("tallies", "runs/", ".json", alone::<Tally>),
    kind::<Archived>(
        "archived packages",
        names::SEALED_PREFIX,
        "/archived.json",
        alone::<Archived>,
    ),
    kind::<Manifest>(
        "manifests",
        names::SEALED_PREFIX,
        "/manifest.json",
        manifest,
    ),
    kind::<Head>("heads", "archive/", "/head.json", alone::<Head>),
];

/// What the installation says of itself: not one of the kinds that an upgrade reads, for it is
/// what an upgrade writes.
pub const INSTALLATION: Kind = kind::<Installation>(
    "installations",
    "installation.json",
    "",
    alone::<Installation>,
);

const fn kind<T: Record>(
    name: &'static str,
    prefix: &'static str,
    ending: &'static str,
    read: fn(&str, &[u8]) -> Result<Said>,
) -> Kind {
    Kind {
        name,
        prefix,
        ending,
        read,
        version: T::VERSION,
        checked: T::CHECKED_FROM != u32::MAX,
    }
}

fn alone<T: Record>(name: &str, body: &[u8]) -> Result<Said> {
    let (_, checksum) = from_bytes::<T>(name, body)?;
    Ok(Said {
        checksum,
        contents: Vec::new(),
        started_from: Vec::new(),
    })
}

fn linked<T: Record + Names>(name: &str, body: &[u8]) -> Result<Said> {
    let (record, checksum) = from_bytes::<T>(name, body)?;
    Ok(Said {
        checksum,
        contents: record.contents()?,
        started_from: record.started_from().to_vec(),
    })
}

/// A registration names the copy of the file that it says was the first.
fn registered(name: &str, body: &[u8]) -> Result<Said> {
    let (said, checksum) = from_bytes::<Registered>(name, body)?;
    let mut contents = Vec::new();
    if let Some(sha256) = registry::content(name) {
        contents.push(Named {
            name: names::inbound(said.received, &said.name, sha256),
            bytes: match sha256.parse() {
                Ok(sha256) => Expected::Hash(sha256),
                Err(_) => Expected::Anything,
            },
        });
    }
    Ok(Said {
        checksum,
        contents,
        started_from: Vec::new(),
    })
}

/// What came is registered by its content, too.
fn inbound(name: &str, body: &[u8]) -> Result<Said> {
    let mut said = linked::<Ingested>(name, body)?;
    let (came, _) = from_bytes::<Ingested>(name, body)?;
    said.contents.push(Named {
        name: names::registered(&came.sha256, 1),
        bytes: Expected::Anything,
    });
    Ok(said)
}

fn manifest(name: &str, body: &[u8]) -> Result<Said> {
    let (manifest, checksum) = from_bytes::<Manifest>(name, body)?;
    let mut contents = Vec::new();
    for member in manifest.members {
        contents.push(Named {
            name: Name::parse(member.name)?,
            bytes: Expected::Hash(member.sha256),
        });
    }
    Ok(Said {
        checksum,
        contents,
        started_from: Vec::new(),
    })
}
