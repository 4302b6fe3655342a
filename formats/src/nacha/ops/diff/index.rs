//! Files whose traces do not ascend: paired by an index, differing entries read again.

use crate::nacha::findings::Place;
use crate::nacha::layout::WIDTH;
use crate::nacha::ops::diff::comparison::Comparison;
use crate::nacha::ops::diff::difference::{Difference, Side};
use crate::nacha::ops::diff::side::{Key, NOWHERE, Row, Stream, key};
use crate::nacha::reader::{Event, Reader};
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read, Seek, SeekFrom};

/// An entry of an index, 32 bytes.
#[derive(Clone, Copy)]
struct Slot {
    key: Key,
    byte: u64,
    hash: u64,
    line: u32,
    batch: u32,
}

impl Slot {
    fn place(&self) -> Place {
        Place {
            line: u64::from(self.line),
            byte: self.byte,
        }
    }
}

/// A batch of an index.
#[derive(Clone, Copy)]
struct Batch {
    place: Place,
    hash: u64,
}

struct Index<R> {
    source: R,
    slots: Vec<Slot>,
    batches: Vec<Batch>,
}

/// Compares two files by their indexes.
#[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
pub(super) fn compare<L, R, F>(left: L, right: R, out: &mut Comparison<F>) -> io::Result<()>
where
    L: Read + Seek,
    R: Read + Seek,
    F: FnMut(&Difference) -> io::Result<()>,
{
    let (mut left, mut right) = (Index::of(left)?, Index::of(right)?);
    let (mut one, mut two) = (0, 0);
    loop {
        let (a, b) = (left.slots.get(one).copied(), right.slots.get(two).copied());
        let order = match (a, b) {
            (Some(a), Some(b)) => a.key.cmp(&b.key),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return Ok(()),
        };
        match (order, a, b) {
            (Ordering::Less, Some(a), _) => out.only(Side::Left, a.key, u64::from(a.line))?,
            (Ordering::Greater, _, Some(b)) => out.only(Side::Right, b.key, u64::from(b.line))?,
            (_, Some(a), Some(b)) => pair(&mut left, &mut right, (a, b), out)?,
            _ => {}
        }
        one += usize::from(order != Ordering::Greater);
        two += usize::from(order != Ordering::Less);
    }
}

#[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
fn pair<L, R, F>(
    left: &mut Index<L>,
    right: &mut Index<R>,
    (a, b): (Slot, Slot),
    out: &mut Comparison<F>,
) -> io::Result<()>
where
    L: Read + Seek,
    R: Read + Seek,
    F: FnMut(&Difference) -> io::Result<()>,
{
    let (one, two) = (left.batch(a), right.batch(b));
    let headers = one.hash == two.hash || out.batches == Some((one.place.line, two.place.line));
    if headers && a.hash == b.hash {
        out.compared.same += 1;
        return Ok(());
    }
    if out.shows() {
        let (mut one, mut two) = (left.row(a)?, right.row(b)?);
        if headers {
            out.batches = Some((one.batch_place.line, two.batch_place.line));
        }
        (one.key, two.key) = (a.key, b.key);
        return out.pair(&one, &two);
    }
    if !headers {
        out.batches = Some((one.place.line, two.place.line));
        out.compared.differences += 1;
    }
    if a.hash == b.hash {
        out.compared.same += 1;
    } else {
        out.compared.changed += 1;
        out.compared.differences += 1;
    }
    Ok(())
}

impl<R: Read + Seek> Index<R> {
    #[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
    fn of(mut source: R) -> io::Result<Index<R>> {
        let (mut slots, mut batches) = (
            Vec::new(),
            vec![Batch {
                place: NOWHERE,
                hash: 0,
            }],
        );
        let mut reader = Reader::new(&mut source);
        while let Some(event) = reader.next()? {
            match event {
                Event::BatchHeader(record, place) => {
                    let hash = hash([record.text()].into_iter());
                    batches.push(Batch { place, hash });
                }
                Event::Entry(entry) => {
                    let text = entry.detail.text();
                    let addenda = entry.addenda().map(|addenda| addenda.text());
                    slots.push(Slot {
                        key: key(text),
                        byte: entry.place.byte,
                        line: short(entry.place.line)?,
                        hash: hash([text].into_iter().chain(addenda)),
                        batch: short(batches.len() as u64 - 1)?,
                    });
                }
                _ => {}
            }
        }
        drop(reader);
        slots.sort_unstable_by_key(|slot: &Slot| (slot.key, slot.byte));
        Ok(Index {
            source,
            slots,
            batches,
        })
    }

    fn batch(&self, slot: Slot) -> Batch {
        let none = Batch {
            place: NOWHERE,
            hash: 0,
        };
        self.batches
            .get(slot.batch as usize)
            .copied()
            .unwrap_or(none)
    }

    /// Reads an entry again, under its batch's header.
    fn row(&mut self, slot: Slot) -> io::Result<Row> {
        let batch = self.batch(slot);
        let mut header = Vec::new();
        if batch.place.line > 0 {
            self.source.seek(SeekFrom::Start(batch.place.byte))?;
            let mut reader = Reader::new(&mut self.source);
            if let Some(record) = reader.next_record()? {
                header.extend_from_slice(record.raw);
            }
        }
        self.source.seek(SeekFrom::Start(slot.byte))?;
        let mut stream = Stream::new(header.as_slice().chain(&mut self.source));
        stream.advance()?;
        let mut row = stream.row;
        (row.place, row.batch_place) = (slot.place(), batch.place);
        Ok(row)
    }
}

/// A line or batch as an index keeps it.
fn short(number: u64) -> io::Result<u32> {
    let many = |_| io::Error::other("more than 4,294,967,295 lines: split the file first");
    u32::try_from(number).map_err(many)
}

fn hash<'a>(records: impl Iterator<Item = &'a [u8; WIDTH]>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for record in records {
        hasher.write(record);
    }
    hasher.finish()
}
