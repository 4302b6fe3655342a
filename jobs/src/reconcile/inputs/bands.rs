//! Claims and entries of a date in bands of payments, in files without names: however many there
//! are, one band is in memory.

use desk::failure::{Failure, Result};
use jiff::civil::Date;
use settlement::ids::{BatchKey, PaymentId, TraceNumber};
use settlement::money::SignedCents;
use settlement::reconcile::legs::l1::{Claimed, Sent};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

/// Claims in a band. By the sizes of the rows and of what the matching makes of them a band takes
/// some sixty megabytes, whatever the day; a day of four million is sixteen bands.
pub const BAND_CLAIMS: u64 = 250_000;

/// Bytes of a claim.
const CLAIM: usize = 16;

/// Bytes of an entry.
const ENTRY: usize = 29;

/// The claims of a date, by payment, on their way.
pub struct Claims {
    rows: BufWriter<File>,
    /// Of each band its first payment, and its claims.
    bands: Vec<(PaymentId, u64)>,
    last: Option<PaymentId>,
    most: u64,
}

impl Claims {
    /// None yet; `most` begin a new band.
    pub fn begin(most: u64) -> Result<Claims> {
        Ok(Claims {
            rows: BufWriter::new(tempfile::tempfile().map_err(no_room)?),
            bands: Vec::new(),
            last: None,
            most,
        })
    }

    /// Adds one; they come by payment, and all of one payment are in one band.
    pub fn push(&mut self, claim: Claimed) -> Result<()> {
        let is_another = self.last.is_none_or(|last| last < claim.payment);
        match self.bands.last_mut() {
            Some((_, claims)) if *claims < self.most || !is_another => *claims += 1,
            _ => self.bands.push((claim.payment, 1)),
        }
        self.last = self.last.max(Some(claim.payment));
        let key = claim.payment.key().to_le_bytes();
        let cents = claim.cents.get().to_le_bytes();
        self.rows.write_all(&key).map_err(no_room)?;
        self.rows.write_all(&cents).map_err(no_room)
    }

    /// Ends them: their bands wait for entries.
    pub fn bands(self, date: Date) -> Result<Bands> {
        let count = self.bands.len().max(1);
        let file = || Ok(BufWriter::new(tempfile::tempfile().map_err(no_room)?));
        let entries = (0..count).map(|_| file()).collect::<Result<_>>()?;
        Ok(Bands {
            date,
            claims: BufReader::new(rewound(self.rows)?),
            bands: self.bands,
            entries,
            next: 0,
        })
    }
}

/// Claims in bands, and the entries of the same payments.
pub struct Bands {
    date: Date,
    claims: BufReader<File>,
    bands: Vec<(PaymentId, u64)>,
    entries: Vec<BufWriter<File>>,
    next: usize,
}

impl Bands {
    /// Adds an entry of a file of the date.
    pub fn push(&mut self, entry: &Sent) -> Result<()> {
        let behind = self
            .bands
            .partition_point(|(first, _)| *first <= entry.payment);
        let band = behind.saturating_sub(1); // saturates: before the first is with the first
        let Some(file) = self.entries.get_mut(band) else {
            return Err(Failure::impossible("a band of claims without a file"));
        };
        let mut row = [0; ENTRY];
        let fields = [
            &entry.payment.key().to_le_bytes()[..],
            &entry.cents.get().to_le_bytes(),
            &u64::from(entry.trace).to_le_bytes(),
            &entry.batch.number().to_le_bytes(),
            &[entry.batch.modifier()],
        ];
        let bytes = fields.into_iter().flatten();
        row.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        file.write_all(&row).map_err(no_room)
    }

    /// The claims and the entries of the next band; `None` after the last.
    pub fn next(&mut self) -> Result<Option<(Vec<Claimed>, Vec<Sent>)>> {
        if self.next >= self.entries.len() {
            return Ok(None);
        }
        let count = self.bands.get(self.next).map_or(0, |(_, count)| *count);
        self.next += 1;
        let mut claimed = Vec::new();
        for _ in 0..count {
            let mut row = [0; CLAIM];
            self.claims.read_exact(&mut row).map_err(no_room)?;
            let [key, cents] = numbers(&row);
            claimed.push(Claimed {
                payment: PaymentId::from_key(key)?,
                cents: SignedCents::new(cents),
            });
        }
        let Some(file) = self.entries.get_mut(self.next - 1) else {
            return Ok(None);
        };
        file.flush().map_err(no_room)?;
        let mut file = file.get_ref();
        file.rewind().map_err(no_room)?;
        let sent = entries(self.date, BufReader::new(file))?;
        Ok(Some((claimed, sent)))
    }
}

fn entries(date: Date, mut file: impl Read) -> Result<Vec<Sent>> {
    let (mut sent, mut row) = (Vec::new(), [0; ENTRY]);
    loop {
        match file.read_exact(&mut row) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(sent),
            Err(e) => return Err(no_room(e)),
        }
        let [key, cents, trace] = numbers(&row);
        let [.., a, b, c, d, modifier] = row;
        sent.push(Sent {
            payment: PaymentId::from_key(key)?,
            cents: SignedCents::new(cents),
            batch: BatchKey::new(date, modifier, u32::from_le_bytes([a, b, c, d]))?,
            trace: TraceNumber::from_number(trace.unsigned_abs())?,
        });
    }
}

/// The whole numbers that a row begins with.
fn numbers<const N: usize>(row: &[u8]) -> [i64; N] {
    let mut all = [0; N];
    let (words, _) = row.as_chunks::<8>();
    for (number, word) in all.iter_mut().zip(words) {
        *number = i64::from_le_bytes(*word);
    }
    all
}

/// What was written, from its start.
fn rewound(file: BufWriter<File>) -> Result<File> {
    let mut file = file.into_inner().map_err(|e| no_room(e.into_error()))?;
    file.rewind().map_err(no_room)?;
    Ok(file)
}

fn no_room(error: std::io::Error) -> Failure {
    let kept = "nothing was reconciled; make room there or set TMPDIR, then run the same again";
    Failure::of_file(&std::env::temp_dir(), kept)(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: Date = Date::constant(2026, 11, 24);

    fn claim(key: i64) -> Claimed {
        Claimed {
            payment: PaymentId::from_key(key).unwrap(),
            cents: SignedCents::new(-key),
        }
    }

    fn entry(key: i64) -> Sent {
        Sent {
            payment: PaymentId::from_key(key).unwrap(),
            cents: SignedCents::new(key),
            batch: BatchKey::new(DATE, b'D', 2).unwrap(),
            trace: TraceNumber::from_number(91_000_010_000_000 + key.unsigned_abs()).unwrap(),
        }
    }

    #[test]
    fn all_of_a_payment_is_in_one_band_and_nothing_is_lost() {
        let claimed = [3, 5, 5, 5, 8, 9];
        let mut claims = Claims::begin(2).unwrap();
        claimed
            .into_iter()
            .for_each(|key| claims.push(claim(key)).unwrap());
        let mut bands = claims.bands(DATE).unwrap();
        let sent = [9, 1, 5, 7, 8, 5, 100, 3];
        sent.into_iter()
            .for_each(|key| bands.push(&entry(key)).unwrap());
        let mut found = Vec::new();
        while let Some((claimed, sent)) = bands.next().unwrap() {
            let claimed: Vec<_> = claimed.iter().map(|one| one.payment.key()).collect();
            assert!(sent.iter().all(|one| *one == entry(one.payment.key())));
            let sent: Vec<_> = sent.iter().map(|one| one.payment.key()).collect();
            found.push((claimed, sent));
        }
        let expected = [
            (vec![3, 5, 5, 5], vec![1, 5, 7, 5, 3]),
            (vec![8, 9], vec![9, 8, 100]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn entries_without_a_claim_are_in_a_band_as_well() {
        let mut bands = Claims::begin(2).unwrap().bands(DATE).unwrap();
        bands.push(&entry(4)).unwrap();
        assert_eq!(bands.next().unwrap(), Some((Vec::new(), vec![entry(4)])));
        assert_eq!(bands.next().unwrap(), None);
    }
}
