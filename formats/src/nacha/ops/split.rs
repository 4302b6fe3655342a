//! One file into several: by direction, by batch, by entry class.

use super::super::Totals;
use super::super::layout::WIDTH;
use super::super::reader::{Entry, Event, Reader};
use super::super::writer::{Writer, WriterOptions, one_direction};
use super::answer::OpError;
use super::fits::sound;
use super::{next_modifier, one_file};
use settlement::codes::sec::SecCode;
use settlement::ids::Direction;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

/// What decides into which part an entry goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// `credits` and `debits`; a batch of both becomes two. Advices stay together: `advices`.
    Direction,
    /// A part for each batch, by its place in the file: `batch-000001`.
    Batch,
    /// A part for each entry class: `PPD`.
    Sec,
}

/// A part that is being written.
struct Part<W: Write> {
    writer: Writer<W>,
    /// Its batch, by the batch's place in the source.
    batch: u64,
    open: bool,
}

/// The file that is being split.
struct Split<B, D, W: Write> {
    by: By,
    begin: B,
    done: D,
    header: Option<[u8; WIDTH]>,
    modifier: u8,
    batch: u64,
    parts: BTreeMap<String, Part<W>>,
}

/// Splits a file. `begin` opens the part of a label, `done` gets it when it is complete; the
/// headers stay as they were, but that each part has a file id modifier of its own, and a batch
/// split by direction the service class of its direction. Batch numbers and traces stay.
///
/// The source is to be valid: an entry with an error stops the splitting, and so does a file
/// whose batches were not closed.
///
/// # Errors
/// Where the source cannot be read, a part cannot be written, or an entry has errors.
pub fn split<W: Write>(
    source: impl Read,
    by: By,
    begin: impl FnMut(&str) -> io::Result<W>,
    done: impl FnMut(&str, W, Totals) -> io::Result<()>,
) -> Result<(), OpError> {
    let mut reader = Reader::new(source);
    let mut split = Split {
        by,
        begin,
        done,
        header: None,
        modifier: b'A',
        batch: 0,
        parts: BTreeMap::new(),
    };
    while let Some(event) = reader.next()? {
        match event {
            Event::FileHeader(header, place) => {
                one_file(split.header.is_some(), place)?;
                split.modifier = header.modifier();
                split.header = Some(*header.text());
            }
            Event::BatchHeader(..) => split.batch = split.batch.saturating_add(1),
            Event::BatchControl(_, place) => split.end_batch(place.line)?,
            Event::Entry(entry) => split.entry(&entry)?,
            Event::FileControl(..) | Event::Other(_) => {}
        }
    }
    split.end_batch(0)?;
    let parts = std::mem::take(&mut split.parts);
    for (label, part) in parts {
        split.end_part(&label, part)?;
    }
    Ok(())
}

impl<B, D, W> Split<B, D, W>
where
    B: FnMut(&str) -> io::Result<W>,
    D: FnMut(&str, W, Totals) -> io::Result<()>,
    W: Write,
{
    fn entry(&mut self, entry: &Entry<'_>) -> Result<(), OpError> {
        let line = entry.place.line;
        let bad = |why| OpError::Entry { line, why };
        sound(entry).map_err(bad)?;
        let sec = entry.sec().ok_or(bad("the entry class is unknown"))?;
        let code = entry.detail.transaction_code();
        let code = code.ok_or(bad("the transaction code is unknown"))?;
        let advice = sec == SecCode::Adv;
        let label = match (self.by, code.direction()) {
            (By::Direction, _) if advice => "advices".to_owned(),
            (By::Direction, Direction::Credit) => "credits".to_owned(),
            (By::Direction, Direction::Debit) => "debits".to_owned(),
            (By::Batch, _) => format!("batch-{:06}", self.batch),
            (By::Sec, _) => sec.as_str().to_owned(),
        };
        let wrap = |error| OpError::Write { line, error };
        if !self.parts.contains_key(&label) {
            let header = self.header.ok_or(bad("the file has no header"))?;
            let options = WriterOptions::default();
            let sink = (self.begin)(&label).map_err(OpError::Part)?;
            let writer = Writer::like(sink, &header, None, self.modifier, options);
            let (writer, batch, open) = (writer.map_err(wrap)?, 0, false);
            self.modifier = next_modifier(self.modifier);
            self.parts.insert(
                label.clone(),
                Part {
                    writer,
                    batch,
                    open,
                },
            );
        }
        let Some(part) = self.parts.get_mut(&label) else {
            return Ok(());
        };
        if !part.open || part.batch != self.batch {
            let mut header = *entry.batch().text();
            if self.by == By::Direction {
                header = one_direction(&header, code.direction());
            }
            let number = entry.batch().number_in_file();
            let number = number.ok_or(bad("the batch number is unreadable"))?;
            part.writer.begin_like(&header, number).map_err(wrap)?;
            (part.batch, part.open) = (self.batch, true);
        }
        let addenda = entry.addenda().map(|addenda| addenda.text());
        part.writer.copy(entry.detail.text(), addenda).map_err(wrap)
    }

    fn end_batch(&mut self, line: u64) -> Result<(), OpError> {
        for part in self.parts.values_mut().filter(|part| part.open) {
            part.open = false;
            let ended = part.writer.end_batch();
            ended.map_err(|error| OpError::Write { line, error })?;
        }
        if self.by == By::Batch {
            while let Some((label, part)) = self.parts.pop_first() {
                self.end_part(&label, part)?;
            }
        }
        Ok(())
    }

    fn end_part(&mut self, label: &str, part: Part<W>) -> Result<(), OpError> {
        let ended = part.writer.finish();
        let (sink, totals) = ended.map_err(|error| OpError::Write { line: 0, error })?;
        (self.done)(label, sink, totals).map_err(OpError::Part)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::generate::{Plan, generate};
    use super::super::super::validate;
    use super::*;
    use settlement::money::Cents;

    fn parts(bytes: &[u8], by: By) -> BTreeMap<String, Vec<u8>> {
        let mut parts = BTreeMap::new();
        let keep = |label: &str, bytes: Vec<u8>, _| {
            parts.insert(label.to_owned(), bytes);
            Ok(())
        };
        split(bytes, by, |_| Ok(Vec::new()), keep).unwrap();
        parts
    }

    #[test]
    fn every_class_is_split_in_every_way_and_nothing_is_lost() {
        for sec in SecCode::ALL {
            let plan = Plan {
                batch: 4,
                ..Plan::of(*sec, 10)
            };
            let (bytes, whole) = generate(Vec::new(), &plan).unwrap();
            for (by, count) in [(By::Direction, 1), (By::Batch, 3), (By::Sec, 1)] {
                let parts = parts(&bytes, by);
                assert_eq!(parts.len(), count, "{sec}");
                let (mut entries, mut addenda, mut money) = (0, 0, Cents::ZERO);
                for part in parts.values() {
                    let report = validate(&part[..]).unwrap();
                    assert_eq!(report.findings.errors(), 0, "{:?}", report.findings.kept());
                    entries += report.totals.entries;
                    addenda += report.totals.addenda;
                    money = [money, report.totals.debit, report.totals.credit]
                        .into_iter()
                        .fold(Cents::ZERO, |sum, more| sum.checked_add(more).unwrap());
                }
                let all = whole.debit.checked_add(whole.credit).unwrap();
                assert_eq!(
                    (entries, addenda, money),
                    (whole.entries, whole.addenda, all)
                );
            }
        }
    }

    #[test]
    fn a_batch_of_both_directions_becomes_one_of_each_with_its_own_class() {
        let bytes = generate(Vec::new(), &Plan::of(SecCode::Ccd, 4)).unwrap().0;
        let text = String::from_utf8(bytes).unwrap();
        let mut turned = 0;
        let lines = text.lines().map(|line| match line.get(..3) {
            Some("522") => line.replacen("5220", "5200", 1),
            Some("622") if turned < 2 => {
                turned += 1;
                line.replacen("622", "627", 1)
            }
            _ => line.to_owned(),
        });
        let mixed: String = lines.map(|line| line + "\n").collect();
        let parts = parts(mixed.as_bytes(), By::Direction);
        let kinds: Vec<_> = parts.keys().map(String::as_str).collect();
        assert_eq!(kinds, ["credits", "debits"]);
        for (label, class) in [("credits", "5220"), ("debits", "5225")] {
            let part = String::from_utf8(parts[label].clone()).unwrap();
            assert!(part.lines().nth(1).unwrap().starts_with(class));
            assert!(validate(part.as_bytes()).unwrap().findings.ok());
        }
    }
}
