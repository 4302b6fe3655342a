//! What a manifest says, and the chain that the manifests form.

use super::hash::{Hash256, LEAF_BYTES, sha256, tree_root};
use crate::exact::Exact;
use crate::foreign;
use crate::money::SignedCents;
use jiff::{Span, civil::Date};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, ops::Range};

/// The version of the manifest's own form.
pub const SCHEMA_VERSION: u32 = 1;

/// The version of the head's own form; from 2 on it carries a checksum of itself.
pub const HEAD_VERSION: u32 = 2;

/// Seven years: covers the six years that banks keep entries, five of the Bank Secrecy Act and
/// seven of audit papers. Nacha Rules 2013 1.4.1; 17 CFR 210.2-06.
pub const DEFAULT_RETENTION_DAYS: u32 = 2_557;

/// Largest package: 128 GiB, 131,072 leaves. A day of ten million payments is under 4 GiB.
pub const MAX_PACKAGE_BYTES: u64 = 1 << 37;

/// Most members of a package. A day has some hundreds of files and tables.
pub const MAX_MEMBERS: usize = 40_000;

/// Longest name of a member: what the header of a tar file has room for.
const MAX_NAME_BYTES: usize = 255;

/// Longest text of a manifest. The largest package's leaves take 10 MiB of it and the most
/// members 20; parsed, it is smaller than its text.
pub const MAX_MANIFEST_BYTES: u64 = 32 << 20;

/// How long a package must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Retention {
    /// Days after the business date.
    pub days: u32,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention {
            days: DEFAULT_RETENTION_DAYS,
        }
    }
}

impl Retention {
    /// The first date on which a package of `date` may be deleted; none beyond the year 9999.
    pub fn until(self, date: Date) -> Option<Date> {
        date.checked_add(Span::new().try_days(self.days).ok()?).ok()
    }
}

/// One file in a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name on the object store: `outbound/.../A.ach`.
    pub name: String,
    /// Where its content starts in the package, in bytes.
    pub offset: u64,
    /// Bytes of its content.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: Hash256,
    /// Rows of a table or entries of a file, where that can be counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// What its amounts add up to, in cents, where it has amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cents: Option<SignedCents>,
}

impl Member {
    /// The bytes of the package that are its content.
    pub fn range(&self) -> Range<u64> {
        // saturates: `Manifest::check` refuses a member that ends beyond 64 bits
        self.offset..self.offset.saturating_add(self.size)
    }
}

/// The package as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of all its bytes.
    pub sha256: Hash256,
    /// SHA-256 tree hash of all its bytes, as Glacier computes it.
    pub tree_hash: Hash256,
    /// SHA-256 of the bytes that belong to no member: headers and padding, in order.
    pub between_sha256: Hash256,
    /// The leaves under the tree hash, one for each MiB.
    pub leaf_hashes: Vec<Hash256>,
}

/// A sealed day's name in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The business date.
    pub date: Date,
    /// SHA-256 of the manifest's text, exactly as it is stored.
    pub manifest_sha256: Hash256,
}

impl Link {
    /// The link to the manifest of `date` whose stored text is `text`.
    pub fn to(date: Date, text: &[u8]) -> Link {
        Link {
            date,
            manifest_sha256: sha256(text),
        }
    }

    /// Whether `text` is the manifest that this link names.
    ///
    /// # Errors
    /// [`ChainFault::Manifest`] where it is not.
    pub fn check(&self, text: &[u8]) -> Result<(), ChainFault> {
        let found = sha256(text);
        if found == self.manifest_sha256 {
            return Ok(());
        }
        Err(ChainFault::Manifest {
            date: self.date,
            expected: self.manifest_sha256,
            found,
        })
    }
}

/// The small record that names the newest sealed day; it alone is replaced, under a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of this form.
    pub schema_version: u32,
    /// The newest sealed day.
    pub newest: Link,
    /// How many days the chain has.
    pub days: u64,
}

impl Head {
    /// The head after sealing `newest` on top of `before`; none after more days than a u64 counts.
    pub fn after(before: Option<&Head>, newest: Link) -> Option<Head> {
        let days = before.map_or(0, |head| head.days).checked_add(1)?;
        Some(Head {
            schema_version: HEAD_VERSION,
            newest,
            days,
        })
    }
}

/// What was sealed for one business date. Stored as JSON with the fields in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// The business date.
    pub date: Date,
    /// The first date on which the package may be deleted.
    pub retention_until: Date,
    /// The day sealed before; none for the first day of a chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Link>,
    /// The package as a whole.
    pub package: Package,
    /// Its files, in the order of their places.
    pub members: Vec<Member>,
}

/// How two sealed days fail to be neighbours in a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// The stored text is not what was sealed.
    #[error("manifest of {date}: SHA-256 is {found}, sealed was {expected}: its text was changed")]
    Manifest {
        /// The business date.
        date: Date,
        /// The hash that the next manifest or the head holds.
        expected: Hash256,
        /// The hash of the text.
        found: Hash256,
    },
    /// It names another day before it than the one that stands there.
    #[error("manifest of {date}: follows {named}, but the day before it in the chain is {stands}")]
    Other {
        /// The business date.
        date: Date,
        /// What the manifest names.
        named: String,
        /// What stands there.
        stands: String,
    },
    /// It is not later than the day before it.
    #[error("manifest of {date}: is not later than {previous}, the day before it in the chain")]
    Order {
        /// The business date.
        date: Date,
        /// The business date before.
        previous: Date,
    },
}

/// How a manifest contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("manifest of {date}: {what}: it was not written by this program or was changed")]
pub struct BadManifest {
    /// The business date.
    pub date: Date,
    /// What is wrong.
    pub what: String,
}

impl Manifest {
    /// Whether this day is the one sealed directly after `previous`; none means it is the first.
    ///
    /// # Errors
    /// [`ChainFault::Other`] where it names another day, [`ChainFault::Order`] where it is older.
    pub fn follows(&self, previous: Option<&Link>) -> Result<(), ChainFault> {
        if self.previous.as_ref() != previous {
            let say = |link: Option<&Link>| match link {
                Some(link) => format!("{} ({})", link.date, link.manifest_sha256),
                None => "none".to_owned(),
            };
            let (named, stands) = (say(self.previous.as_ref()), say(previous));
            return Err(ChainFault::Other {
                date: self.date,
                named,
                stands,
            });
        }
        match previous {
            Some(link) if link.date >= self.date => Err(ChainFault::Order {
                date: self.date,
                previous: link.date,
            }),
            _ => Ok(()),
        }
    }

    /// Whether the manifest agrees with itself: leaves with tree hash and size, members in order,
    /// inside the package and apart from each other, names that stay inside a folder and are used
    /// once.
    ///
    /// # Errors
    /// [`BadManifest`] with the first contradiction.
    pub fn check(&self) -> Result<(), BadManifest> {
        let bad = |what: String| {
            Err(BadManifest {
                date: self.date,
                what,
            })
        };
        if self.schema_version != SCHEMA_VERSION {
            let version = self.schema_version;
            return bad(format!("schema version is {version}, this program reads 1"));
        }
        let (size, leaves) = (self.package.size, self.package.leaf_hashes.len() as u64);
        if size > MAX_PACKAGE_BYTES || self.members.len() > MAX_MEMBERS {
            return bad(format!(
                "{size} bytes, {} members: too many",
                self.members.len()
            ));
        }
        if leaves != size.div_ceil(LEAF_BYTES).max(1) {
            return bad(format!("{leaves} leaf hashes do not fit {size} bytes"));
        }
        if tree_root(&self.package.leaf_hashes) != self.package.tree_hash {
            return bad("the leaf hashes do not give the tree hash".to_owned());
        }
        self.check_members().or_else(bad)
    }

    fn check_members(&self) -> Result<(), String> {
        let (mut end, mut names) = (0, BTreeSet::new());
        for (at, member) in self.members.iter().enumerate() {
            let number = at.plus(1);
            if !is_inside(&member.name) {
                let name = name_in(&member.name);
                return Err(format!(
                    "member {number}: {name} is no name inside of a folder"
                ));
            }
            if !names.insert(member.name.as_str()) {
                let name = name_in(&member.name);
                return Err(format!("member {number}: name {name} is used twice"));
            }
            let fits = member
                .offset
                .checked_add(member.size)
                .filter(|e| *e <= self.package.size);
            match fits {
                Some(next) if member.offset >= end => end = next,
                Some(_) => return Err(format!("member {number}: overlaps the one before it")),
                None => return Err(format!("member {number}: reaches past the package's end")),
            }
        }
        let both = |name: &&&str| is_folder(&names, name);
        names.iter().find(both).map_or(Ok(()), |name| {
            Err(format!(
                "{}: is a member and a folder of one",
                name_in(name)
            ))
        })
    }
}

/// Whether a file of `names` is in a folder called `name`, which may be a name itself.
fn is_folder(names: &BTreeSet<&str>, name: &str) -> bool {
    let within = format!("{name}/");
    let next = names.range(within.as_str()..).next();
    next.is_some_and(|next| next.starts_with(&within))
}

/// Whether a name of a member stays inside the folder that it is unpacked into, and is spelled in
/// the one way that a folder tells it back.
fn is_inside(name: &str) -> bool {
    let part = |part: &str| !matches!(part, "" | "." | "..");
    name.len() <= MAX_NAME_BYTES && !name.contains('\0') && name.split('/').all(part)
}

/// The folders that the file called `name` is in, the outermost first: `a` and `a/b` of `a/b/c`.
pub fn folders(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').filter_map(|(at, _)| name.get(..at))
}

/// A member's name in a message: in one line, and not without end.
fn name_in(name: &str) -> String {
    let seen = foreign::line(name);
    match seen.char_indices().nth(MAX_NAME_BYTES) {
        Some((end, _)) => format!("{}…", seen.get(..end).unwrap_or("")),
        None => seen.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Sealer;
    use jiff::civil::date;

    fn sealed(day: Date, previous: Option<Link>) -> Manifest {
        let mut sealer = Sealer::new();
        sealer.between(b"head");
        sealer
            .begin("a.ach", Some(2), Some(SignedCents::new(-500)))
            .unwrap();
        sealer.content(b"content").unwrap();
        sealer.end().unwrap();
        sealer
            .finish()
            .unwrap()
            .manifest(day, previous, Retention::default())
            .unwrap()
    }

    #[test]
    fn seven_years_are_2557_days() {
        assert_eq!(
            Retention::default().until(date(2026, 1, 15)),
            Some(date(2033, 1, 15))
        );
        assert_eq!(Retention { days: u32::MAX }.until(date(2026, 1, 15)), None);
    }

    #[test]
    fn a_chain_holds_until_a_text_in_it_changes() {
        let text = |m: &Manifest| toml::to_string(m).unwrap().into_bytes();
        let first = sealed(date(2026, 1, 15), None);
        let link = Link::to(first.date, &text(&first));
        let second = sealed(date(2026, 1, 16), Some(link));
        assert_eq!(first.follows(None), Ok(()));
        assert_eq!(second.follows(Some(&link)), Ok(()));
        assert_eq!(link.check(&text(&first)), Ok(()));

        let mut tampered = first.clone();
        tampered.members[0].cents = Some(SignedCents::new(-400));
        assert!(matches!(
            link.check(&text(&tampered)),
            Err(ChainFault::Manifest { .. })
        ));
        let other = Link::to(first.date, &text(&tampered));
        assert!(matches!(
            second.follows(Some(&other)),
            Err(ChainFault::Other { .. })
        ));
        assert!(matches!(
            second.follows(None),
            Err(ChainFault::Other { .. })
        ));
        let early = sealed(date(2026, 1, 15), Some(link));
        assert!(matches!(
            early.follows(Some(&link)),
            Err(ChainFault::Order { .. })
        ));

        let head = Head::after(None, link).unwrap();
        let newest = Link::to(second.date, &text(&second));
        assert_eq!(Head::after(Some(&head), newest).unwrap().days, 2);
    }

    #[test]
    fn a_manifest_reads_back_as_it_was_written() {
        let manifest = sealed(date(2026, 1, 15), None);
        assert_eq!(
            toml::from_str(&toml::to_string(&manifest).unwrap()),
            Ok(manifest)
        );
    }

    #[test]
    fn a_manifest_that_contradicts_itself_is_refused() {
        let good = sealed(date(2026, 1, 15), None);
        assert_eq!(good.check(), Ok(()));
        let broken: [fn(&mut Manifest); 6] = [
            |m| m.schema_version = 2,
            |m| m.package.size = 3 * LEAF_BYTES,
            |m| m.package.leaf_hashes.push(sha256(b"")),
            |m| m.package.tree_hash = sha256(b""),
            |m| m.members[0].size = u64::MAX,
            |m| m.members.push(m.members[0].clone()),
        ];
        let names = [
            "", "/etc/x", "../x", "a/../x", "a/./x", "a//x", "a/", ".", "a\0b",
        ];
        for name in names {
            let mut manifest = good.clone();
            manifest.members[0].name = name.to_owned();
            let said = manifest.check().unwrap_err().to_string();
            assert!(said.contains("inside of a folder"), "{name:?}: {said}");
        }
        let mut manifest = good.clone();
        let (mut inner, end) = (manifest.members[0].clone(), manifest.members[0].range().end);
        (inner.name, inner.offset, inner.size) = (format!("{}/x", inner.name), end, 0);
        manifest.members.push(inner);
        assert!(manifest.check().is_err(), "a file that is a folder too");
        for (case, break_it) in broken.iter().enumerate() {
            let mut manifest = good.clone();
            break_it(&mut manifest);
            assert!(manifest.check().is_err(), "case {case}");
        }
    }
}
