//! One file into several: by direction, by batch, by entry class.

use crate::nacha::check::Totals;
use crate::nacha::digits::{number, put};
use crate::nacha::layout::{FILE_HEADER, WIDTH};
use crate::nacha::ops::error::{OpError, only_file};
use crate::nacha::ops::fits::sound;
use crate::nacha::ops::modifier::next_modifier;
use crate::nacha::reader::{Entry, Event, Reader};
use crate::nacha::rules::Rule;
use crate::nacha::writer::{ServiceClass, Writer, WriterOptions};
use settlement::codes::sec::SecCode;
use settlement::exact::Exact;
use settlement::ids::{Direction, FILE_ID_MODIFIERS};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

/// Where a file header says at what time it was made.
const TIME: (usize, usize) = FILE_HEADER.columns("file_creation_time");

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
    /// The modifier of the next part, and how many parts were begun.
    modifier: u8,
    begun: u64,
    batch: u64,
    parts: BTreeMap<String, Part<W>>,
}

/// Splits a file. `begin` opens the part of a label, `done` gets it when it is complete; the
/// headers stay as they were, but that each part has a file id modifier of its own, and a batch
/// split by direction the service class of its direction. Batch numbers and traces stay. After
/// 36 parts the modifiers come again, with a creation time one minute later.
///
/// The source is to be valid: an entry with an error stops the splitting, and so does a file
/// whose batches were not closed, or one with characters of several bytes, which have no column.
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
        begun: 0,
        batch: 0,
        parts: BTreeMap::new(),
    };
    loop {
        let wide = reader.findings().broke(Rule::CharsUtf8);
        let Some(event) = reader.next()? else { break };
        match event {
            _ if wide => return Err(OpError::Wide),
            Event::FileHeader(header, place) => {
                only_file(split.header.is_some(), place)?;
                split.modifier = header.modifier();
                split.header = Some(*header.text());
            }
            // A count of records that were read: 64 bits hold more than any source.
            Event::BatchHeader(..) => split.batch = split.batch.plus(1),
            Event::BatchControl(_, place) => split.end_batch(place.line)?,
            Event::Entry(entry) => split.entry(&entry)?,
            Event::FileControl(..) | Event::Other(_) => {}
        }
    }
    if reader.findings().broke(Rule::CharsUtf8) {
        return Err(OpError::Wide);
    }
    split.end_batch(0)?;
    let parts = std::mem::take(&mut split.parts);
    for (label, part) in parts {
        split.end_part(&label, part)?;
    }
    Ok(())
}

/// Minutes of a day.
const DAY: u64 = 24 * 60;

const NO_MORE: &str = "a day has no more file id modifiers: split by entry class first";

/// The header of a part, made a minute later for each time that the modifiers were used up; the
/// day has so many minutes. What follows midnight is the morning of the same day: only that no
/// other part has the time matters.
#[allow(clippy::arithmetic_side_effects, reason = "minutes of a day")]
fn made_later(mut header: [u8; WIDTH], parts: u64) -> Option<[u8; WIDTH]> {
    let later = parts.checked_div(FILE_ID_MODIFIERS.len() as u64)?;
    if later == 0 {
        return Some(header);
    }
    let clock = header.get_mut(TIME.0..TIME.1)?;
    let said = number(clock).unwrap_or(0);
    let minute = (said / 100 * 60).plus(said % 100).plus(later) % DAY;
    put(clock, (minute / 60 * 100).plus(minute % 60));
    (later < DAY).then_some(header)
}

/// The header of a batch of one direction out of one that holds both.
fn one_direction(header: &[u8; WIDTH], direction: Direction) -> [u8; WIDTH] {
    let mut text = *header;
    if text[1..4] == *b"200" {
        let class = match direction {
            Direction::Credit => ServiceClass::Credits,
            Direction::Debit => ServiceClass::Debits,
        };
        put(&mut text[1..4], class.code());
    }
    text
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
            let header = made_later(header, self.begun).ok_or(bad(NO_MORE))?;
            let options = WriterOptions::default();
            let sink = (self.begin)(&label).map_err(OpError::Part)?;
            let writer = Writer::like(sink, &header, None, self.modifier, options);
            let (writer, batch, open) = (writer.map_err(wrap)?, 0, false);
            self.modifier = next_modifier(self.modifier);
            self.begun = self.begun.plus(1);
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
    use super::*;
    use crate::nacha::generate::{Plan, generate};
    use crate::nacha::validate;
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
    fn no_two_parts_have_the_same_date_time_and_modifier() {
        let plan = Plan {
            batch: 1,
            ..Plan::of(SecCode::Ppd, 100)
        };
        let text = String::from_utf8(generate(Vec::new(), &plan).unwrap().0).unwrap();
        let late = text.replacen("2611230600A", "2611232359M", 1);
        let parts = parts(late.as_bytes(), By::Batch);
        let mut identities = std::collections::BTreeSet::new();
        for part in parts.values() {
            let report = validate(&part[..]).unwrap();
            assert_eq!(report.findings.errors(), 0, "{:?}", report.findings.kept());
            identities.insert(part[23..34].to_vec());
        }
        assert_eq!(identities.len(), 100);
        let whole = [
            &b"2611232359M"[..],
            b"2611232359L",
            b"2611230000M",
            b"2611230001M",
        ];
        for one in whole {
            assert!(identities.contains(one), "{}", String::from_utf8_lossy(one));
        }
        let header = parts["batch-000001"].first_chunk::<WIDTH>().unwrap();
        assert!(made_later(*header, 36 * 1440 - 1).is_some());
        assert!(made_later(*header, 36 * 1440).is_none());
    }

    /// A trace of sequence zero is odd, and no reason to refuse the file.
    #[test]
    fn a_trace_of_zero_is_split_like_any_other() {
        let text = generate(Vec::new(), &Plan::of(SecCode::Ppd, 2)).unwrap().0;
        let text = String::from_utf8(text).unwrap();
        let zero = text.replacen("0076401250000001\n622", "0076401250000000\n622", 1);
        assert_ne!(text, zero);
        assert_eq!(parts(zero.as_bytes(), By::Sec)["PPD"], zero.as_bytes());
    }

    /// A dash of three bytes would come out as a question mark.
    #[test]
    fn characters_of_several_bytes_are_refused_and_not_changed() {
        let text = String::from_utf8(generate(Vec::new(), &Plan::of(SecCode::Ppd, 2)).unwrap().0);
        let text = text.unwrap();
        for (from, to) in [
            ("SAMPLE CO ", "SAMPLE\u{2013}CO "),
            ("PERSON 00000002", "P\u{c9}RSON 00000002"),
            ("SAMPLE DEST", "SAMPLE\u{2013}DEST"),
        ] {
            let wide = text.replacen(from, to, 1);
            for by in [By::Direction, By::Batch, By::Sec] {
                let mut done = 0;
                let count = |_: &str, _, _| {
                    done += 1;
                    Ok(())
                };
                let refused = split(wide.as_bytes(), by, |_| Ok(Vec::new()), count);
                assert!(matches!(refused, Err(OpError::Wide)), "{to}");
                assert_eq!(done, 0);
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
