//! The world around the desk: the bank at the other end of the drop box, and what a day took.

use crate::day::Day;
use crate::demo::intake::Intake;
use crate::progress::elapsed_ms;
use crate::{open, outside};
use connectors::Addresses;
use desk::failure::{Failure, Result};
use jiff::civil::Date;
use sandbox::bank::{Bank, OutFile};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Marks a folder as made by a demo, so that the next one may clear it.
const MARK: &str = ".tieout-demo";

/// The bank, its drop box, and the story so far.
pub struct Scene {
    pub bank: Bank,
    to_bank: PathBuf,
    from_bank: PathBuf,
    /// The business days run.
    pub days: Vec<Day>,
    /// Payments taken in.
    pub taken: Intake,
    /// Milliseconds spent in each job, and in taking payments in.
    pub elapsed_ms: BTreeMap<&'static str, u64>,
    /// Files the bank took and put out.
    pub files: (u64, u64),
}

/// Makes `dir` a fresh folder; one with anything else in it is left alone, and so is one in which
/// another demo or command works. The answer keeps other demos away as long as it is held.
///
/// # Errors
/// Where the folder holds something that no demo made, or somebody works in it.
pub fn clear(dir: &Path) -> Result<File> {
    let could_not = |e: std::io::Error| {
        let dir = dir.display();
        Failure::could_not(format!("--dir {dir}: {e}")).remedy("name a new folder that can be made")
    };
    outside::of_installations(dir)?;
    let mark = dir.join(MARK);
    fs::create_dir_all(dir).map_err(could_not)?;
    if !mark.exists() && fs::read_dir(dir).map_err(could_not)?.next().is_some() {
        return Err(Failure::usage(format!(
            "--dir {}: holds something that no demo made",
            dir.display()
        ))
        .remedy("name a new folder"));
    }
    let options = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&mark);
    let mut held = options.map_err(could_not)?;
    if held.try_lock().is_err() {
        return Err(Failure::could_not(format!(
            "--dir {}: another demo runs in this folder",
            dir.display()
        ))
        .remedy("wait until it ends, or name another folder; nothing was changed"));
    }
    let in_use = open::lock(&Addresses::in_dir(dir))?;
    empty(dir).map_err(could_not)?;
    drop(in_use);
    held.set_len(0).map_err(could_not)?;
    held.write_all(b"Made by tieout demo, which clears it when it runs again.\n")
        .map_err(could_not)?;
    Ok(held)
}

/// Removes what is in `dir`, the mark apart: its lock is ours. The store goes last, because its
/// lock keeps others out.
fn empty(dir: &Path) -> std::io::Result<()> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir)? {
        paths.push(entry?.path());
    }
    paths.sort_by_key(|path| path.ends_with("store"));
    for path in paths.iter().filter(|path| !path.ends_with(MARK)) {
        match path.is_dir() && !path.is_symlink() {
            true => fs::remove_dir_all(path)?,
            false => fs::remove_file(path)?,
        }
    }
    Ok(())
}

/// What is left where the drop box of the demo fails.
const AGAIN: &str = "the demo is not finished; run it again, it clears its folder first";

impl Scene {
    /// A scene whose drop box is below `dir`.
    ///
    /// # Errors
    /// Where the folders cannot be made.
    pub fn new(dir: &Path, bank: Bank) -> Result<Scene> {
        let (to_bank, from_bank) = (dir.join("bank/to-bank"), dir.join("bank/from-bank"));
        for folder in [&to_bank, &from_bank] {
            fs::create_dir_all(folder).map_err(Failure::of_file(folder, AGAIN))?;
        }
        Ok(Scene {
            bank,
            to_bank,
            from_bank,
            days: Vec::new(),
            taken: Intake::default(),
            elapsed_ms: BTreeMap::new(),
            files: (0, 0),
        })
    }

    /// The bank puts out what it has for the morning of `date`.
    ///
    /// # Errors
    /// Where the drop box cannot be written.
    pub fn morning(&mut self, date: Date) -> Result<()> {
        let files = self
            .bank
            .morning(date)
            .map_err(|e| Failure::findings(e.to_string()).remedy("correct the bank profile"))?;
        self.put_out(files)
    }

    /// Counts what was taken in.
    pub fn took_in(&mut self, intake: &Intake, started: Instant) {
        self.taken.payments += intake.payments;
        self.taken.cents += intake.cents;
        self.took("intake", elapsed_ms(started));
    }

    /// The day's jobs are done: what they took is counted, and the bank takes what was uploaded and
    /// answers.
    ///
    /// # Errors
    /// Where the drop box cannot be read or written.
    pub fn evening(&mut self, date: Date, day: Day) -> Result<()> {
        for (job, ms) in &day.elapsed_ms {
            self.took(job, *ms);
        }
        self.days.push(day);
        self.midday(date)
    }

    /// The bank takes what was uploaded and answers, while the day may still go on.
    ///
    /// # Errors
    /// Where the drop box cannot be read or written.
    pub fn midday(&mut self, date: Date) -> Result<()> {
        let mut names = Vec::new();
        let failed = |error| Failure::of_file(&self.to_bank, AGAIN)(error);
        for entry in fs::read_dir(&self.to_bank).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        for name in names {
            let path = self.to_bank.join(&name);
            let body = fs::read(&path).map_err(Failure::of_file(&path, AGAIN))?;
            let answer = self.bank.receive(date, &name, &body);
            fs::remove_file(&path).map_err(Failure::of_file(&path, AGAIN))?;
            self.files.0 += 1;
            self.put_out(answer)?;
        }
        Ok(())
    }

    fn put_out(&mut self, files: Vec<OutFile>) -> Result<()> {
        for file in files {
            let path = self.from_bank.join(&file.name);
            fs::write(&path, &file.bytes).map_err(Failure::of_file(&path, AGAIN))?;
            self.files.1 += 1;
        }
        Ok(())
    }

    fn took(&mut self, job: &'static str, ms: u64) {
        *self.elapsed_ms.entry(job).or_default() += ms;
    }

    /// One line about the day just run.
    pub fn line(&self, date: Date, busy: bool) -> String {
        let Some(day) = self.days.last() else {
            return String::new();
        };
        let sum = |job: &str, name: &str| {
            let tallies = day.tallies.iter().filter(|t| t.job.starts_with(job));
            tallies
                .flat_map(|t| &t.given)
                .filter(|part| name.is_empty() || part.name == name)
                .map(|part| part.sum.records)
                .sum::<u64>()
        };
        let ms: u64 = day.elapsed_ms.values().sum();
        let quiet = if busy { "" } else { " (quiet day)" };
        let (sent, read) = (sum("deliver", "sent"), sum("ingest", ""));
        format!(
            "{date} {}: sent {sent}, read {read} from the bank, {ms} ms{quiet}",
            date.strftime("%a")
        )
    }
}
