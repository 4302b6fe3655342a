//! What every object is called. A name says what is in it, so that writing it twice is harmless
//! and a person who lists the store can read it.

use connectors::Name;
use jiff::civil::Date;
use settlement::ids::{BatchKey, DfiId};
use settlement::windows::Window;
use std::borrow::Cow;

/// A name made here: of dates, numbers and hashes, and of the bank's names as [`stored`] gives
/// them. That such a name is none is a defect of this file, never of anybody's data.
fn made(name: String) -> Name {
    match Name::parse(name) {
        Ok(name) => name,
        Err(error) => panic!("{error}"),
    }
}

/// The frozen cuts of an originating bank, in the order in which they were frozen.
pub fn frozen_prefix(odfi: DfiId) -> String {
    format!("cuts/odfi={odfi}/")
}

/// The frozen cut with the number `seq` in its bank's chain: the commit point of a cut.
pub fn frozen(odfi: DfiId, seq: u64) -> Name {
    made(format!("cuts/odfi={odfi}/{seq:08}.json"))
}

/// The files of one cut.
pub fn outbound_prefix(odfi: DfiId, date: Date, window: Window) -> String {
    format!("outbound/odfi={odfi}/date={date}/window={window}/")
}

/// A rendered NACHA file.
pub fn outbound(odfi: DfiId, date: Date, window: Window, modifier: u8) -> Name {
    let modifier = char::from(modifier);
    made(format!(
        "outbound/odfi={odfi}/date={date}/window={window}/{modifier}.ach"
    ))
}

/// The list of a batch's payments. Its hash is part of the name: a cut that was killed before it
/// was frozen may have begun another.
pub fn members(odfi: DfiId, date: Date, batch: BatchKey, sha256: &str) -> Name {
    let hash = sha256.get(..8).unwrap_or(sha256);
    made(format!(
        "members/odfi={odfi}/date={date}/{batch}-{hash}.csv"
    ))
}

/// The part of the table `names` of one cut. It is the one kind of part that is written anew: by a
/// cut that was killed before it was frozen, and where names are forgotten.
pub fn receivers(odfi: DfiId, date: Date, window: Window) -> Name {
    made(format!(
        "{RECEIVERS_PREFIX}cut_date={date}/{window}-{odfi}.parquet"
    ))
}

/// All parts of the table `names`.
pub const RECEIVERS_PREFIX: &str = "names/";

/// What the bank sees the file as.
pub fn at_bank(odfi: DfiId, date: Date, window: Window, modifier: u8) -> String {
    let modifier = char::from(modifier);
    format!("{odfi}-{}-{window}-{modifier}.ach", date.strftime("%Y%m%d"))
}

/// The proof that a file stands whole at the bank.
pub fn delivery(date: Date, at_bank: &str) -> Name {
    made(format!("deliveries/date={date}/{}.json", stored(at_bank)))
}

/// All proofs of all dates.
pub const DELIVERIES_PREFIX: &str = "deliveries/";

/// All proofs of a date.
pub fn delivery_prefix(date: Date) -> String {
    format!("deliveries/date={date}/")
}

/// The longest name of the bank's that becomes part of a record's name as it is, of a table
/// part's, and what is kept of a longer one. Hashes, dates and endings come to it, and the last
/// part of a name in a tar file has at most 100 bytes.
const MAX_NAME: usize = 84;
const MAX_STEM: usize = 60;
const KEPT_NAME: usize = 40;

/// The bank's name for a file as part of a name of ours. A name that no store would take (a
/// folder in it, a control character, too long) has that replaced and its own hash behind it, so
/// that one odd name stops nothing and two names stay two.
pub fn stored(name: &str) -> Cow<'_, str> {
    within(name, MAX_NAME)
}

/// As [`stored`], for a part of a table, whose hash is longer.
pub fn stem(name: &str) -> Cow<'_, str> {
    within(name, MAX_STEM)
}

fn within(name: &str, most: usize) -> Cow<'_, str> {
    let plain = |c: char| !c.is_control() && !matches!(c, '/' | '\\' | '~');
    let fits = !name.is_empty() && name.len() <= most && !name.starts_with('.');
    if fits && name.chars().all(plain) {
        return Cow::Borrowed(name);
    }
    let hash = settlement::archive::sha256(name.as_bytes()).to_string();
    let hash = hash.get(..8).unwrap_or(&hash);
    let kept = name.trim_start_matches('.').chars();
    let mut kept: String = kept.map(|c| if plain(c) { c } else { '_' }).collect();
    let end = (0..=KEPT_NAME.min(kept.len()))
        .rev()
        .find(|at| kept.is_char_boundary(*at));
    kept.truncate(end.unwrap_or(0));
    Cow::Owned(format!("{kept}~{hash}"))
}

/// The copy of an inbound file. Its hash is part of the name: a bank may use a name twice.
pub fn inbound(date: Date, name: &str, sha256: &str) -> Name {
    let (name, hash) = (stored(name), sha256.get(..8).unwrap_or(sha256));
    made(format!("inbound/received={date}/{name}.{hash}"))
}

/// All copies of a date.
pub fn inbound_prefix(date: Date) -> String {
    format!("inbound/received={date}/")
}

/// Where a content was first seen; from the second on, where one was seen that was quarantined
/// all the times before.
pub fn registered(sha256: &str, nth: u32) -> Name {
    made(match nth {
        0 | 1 => format!("registry/{sha256}.json"),
        nth => format!("registry/{sha256}.{nth}.json"),
    })
}

/// What became of an inbound file.
pub fn ingested(date: Date, name: &str, sha256: &str) -> Name {
    let (name, hash) = (stored(name), sha256.get(..8).unwrap_or(sha256));
    made(format!("ingested/received={date}/{name}.{hash}.json"))
}

/// What became of all inbound files of all dates.
pub const INGESTED_PREFIX: &str = "ingested/";

/// What became of all inbound files of a date.
pub fn ingested_prefix(date: Date) -> String {
    format!("ingested/received={date}/")
}

/// The report of a job's run.
pub fn run(date: Date, job: &str) -> Name {
    made(format!("runs/date={date}/{job}.json"))
}

/// All reports of a date.
pub fn run_prefix(date: Date) -> String {
    format!("runs/date={date}/")
}

/// What was said of fundings, by its number in their chain.
pub fn funding(number: u32) -> Name {
    made(format!("{FUNDINGS_PREFIX}{number:010}.json"))
}

/// All that was said of fundings.
pub const FUNDINGS_PREFIX: &str = "fundings/";

/// Whose name was forgotten, by its number in the chain of the forgotten.
pub fn forgotten(number: u32) -> Name {
    made(format!("{FORGOTTEN_PREFIX}{number:010}.json"))
}

/// All whose names were forgotten.
pub const FORGOTTEN_PREFIX: &str = "forgotten/";

/// What a date's receipts were allocated to: the commit point of its reconciliation.
pub fn allocated(date: Date) -> Name {
    made(format!("allocated/{date}.json"))
}

/// All allocations.
pub const ALLOCATED_PREFIX: &str = "allocated/";

/// What a date's posting read and wrote; once it is there the date's books are closed.
pub fn posted(date: Date) -> Name {
    made(format!("posted/{date}.json"))
}

/// All postings.
pub const POSTED_PREFIX: &str = "posted/";

/// What a date's reconciliation found, and what it leaves open for the next.
pub fn reconciled(date: Date) -> Name {
    made(format!("reconciled/{date}.json"))
}

/// All reconciliations.
pub const RECONCILED_PREFIX: &str = "reconciled/";

/// What a date cost.
pub fn saved(date: Date) -> Name {
    made(format!("saved/{date}.json"))
}

/// A part of a table: `<table>/<partition>=<date>/<what>-<hash>.parquet`.
pub fn table_part(table: &str, partition: &str, date: Date, what: &str, sha256: &str) -> Name {
    let hash = sha256.get(..16).unwrap_or(sha256);
    made(format!("{table}/{partition}={date}/{what}-{hash}.parquet"))
}

/// What the table `parts` says of one record of a date.
pub fn listed_parts(date: Date, record: &Name) -> Name {
    let record = record.strip_suffix(".json").unwrap_or(record);
    let record = record.replace('/', ".");
    made(format!("{PARTS_PREFIX}sealed_in={date}/{record}.parquet"))
}

/// All that the table `parts` is made of.
pub const PARTS_PREFIX: &str = "parts/";

/// The package of a date in the archive.
pub fn package(date: Date) -> String {
    format!("tieout-{date}.tar")
}

/// The manifest of a date.
pub fn manifest(date: Date) -> Name {
    made(format!("archive/date={date}/manifest.json"))
}

/// All manifests, and what stands beside them.
pub const SEALED_PREFIX: &str = "archive/date=";

/// All that the archive says of the days in it.
pub const ARCHIVE_PREFIX: &str = "archive/";

/// Where the archive's name of a date's package is kept.
pub fn archived(date: Date) -> Name {
    made(format!("archive/date={date}/archived.json"))
}

/// The newest manifest's hash.
pub fn archive_head() -> Name {
    made("archive/head.json".to_owned())
}

/// All days' costs.
pub const SAVED_PREFIX: &str = "saved/";

/// What the installation says of itself.
pub fn installation() -> Name {
    made("installation.json".to_owned())
}

/// What the upgrade saw of a record that carries no checksum.
pub fn witness(record: &Name) -> Name {
    made(format!("{WITNESS_PREFIX}{record}"))
}

/// All that upgrades saw.
pub const WITNESS_PREFIX: &str = "witnessed/";

/// The date behind a record's name, `posted/2026-11-25.json`.
pub fn date_of(name: &str) -> Option<Date> {
    let stem = name.strip_suffix(".json")?;
    stem.rsplit(['/', '=']).next()?.parse().ok()
}

/// The date of what lies below a date's part of a name, `deliveries/date=2026-11-25/A.ach.json`.
pub fn date_within(name: &str) -> Option<Date> {
    let mut parts = name.split('/');
    parts.find_map(|part| part.split_once('=')?.1.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_name_of_the_banks_stays_as_it_is_unless_no_store_takes_it() {
        for name in ["a b-1.bai", "rücklauf.ach", &"n".repeat(MAX_NAME)] {
            assert_eq!(stored(name), name);
        }
        let (long, longer) = ("ü".repeat(200), "n".repeat(MAX_STEM + 1));
        assert!(stored(&longer) == longer && stem(&longer).len() <= MAX_STEM);
        let odd = [
            "",
            ".x",
            "..",
            "a\\b",
            "a/b",
            "a_b~1",
            "a\nb",
            &long,
            &"n".repeat(249),
        ];
        let mut names: Vec<String> = odd.iter().map(|name| stored(name).into_owned()).collect();
        for name in &names {
            let bad = ['/', '\\', '\n'];
            assert!(name.len() <= MAX_NAME && !name.contains(bad), "{name}");
            assert!(!name.starts_with('.') && *stored(name) != **name, "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), odd.len(), "two names stay two");
    }

    #[test]
    fn a_record_says_its_date() {
        let day = date(2026, 11, 25);
        assert_eq!(date_of(&posted(day)), Some(day));
        assert_eq!(date_of("posted/notes.txt"), None);
        assert_eq!(date_within(&delivery(day, "A.ach")), Some(day));
        assert_eq!(date_within(&ingested(day, "a=b", "ab")), Some(day));
        assert_eq!(date_within(&archive_head()), None);
    }
}
