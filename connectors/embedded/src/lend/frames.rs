//! Messages on a connection: frames of bounded length, and messages of some of them.
//!
//! A frame is its length (32 bits), its kind (one byte), the number of the request that it belongs
//! to (64 bits), numbers with the smallest byte first, and then its bytes. A message that is longer
//! than a frame comes in parts, one behind the other.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The bytes of a frame, its head apart: what a reader makes room for at once.
pub const FRAME_BYTES: usize = 256 << 10;

/// The bytes before those of a frame.
const HEAD_BYTES: usize = 13;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Part of a message that goes on in the next frame.
    Part,
    /// The end of a message, or all of it.
    Last,
    /// The lender is there. It has no bytes, and answers nothing.
    Alive,
    /// The lender leaves: it answers what it is asked until the other side ends its half.
    Leaving,
}

impl Kind {
    const fn of(byte: u8) -> Option<Kind> {
        match byte {
            0 => Some(Kind::Part),
            1 => Some(Kind::Last),
            2 => Some(Kind::Alive),
            3 => Some(Kind::Leaving),
            _ => None,
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Kind::Part => 0,
            Kind::Last => 1,
            Kind::Alive => 2,
            Kind::Leaving => 3,
        }
    }
}

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// [`Kind::Last`], or what a frame says without bytes.
    pub kind: Kind,
    /// The request that it is, or answers.
    pub number: u64,
    /// What it says.
    pub body: Vec<u8>,
}

/// The frames of a message.
pub fn frames(number: u64, body: &[u8]) -> Vec<u8> {
    let count = body.len() / FRAME_BYTES + 1;
    let mut bytes = Vec::with_capacity(body.len() + count * HEAD_BYTES);
    let mut rest = body;
    loop {
        let (now, later) = rest.split_at(rest.len().min(FRAME_BYTES));
        let kind = match later.is_empty() {
            true => Kind::Last,
            false => Kind::Part,
        };
        head(&mut bytes, kind, number, now.len());
        bytes.extend_from_slice(now);
        rest = later;
        if rest.is_empty() {
            return bytes;
        }
    }
}

/// A frame without bytes.
pub fn bare(kind: Kind) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD_BYTES);
    head(&mut bytes, kind, 0, 0);
    bytes
}

fn head(bytes: &mut Vec<u8>, kind: Kind, number: u64, length: usize) {
    // saturates: a frame has at most FRAME_BYTES, which is far below 2^32
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.push(kind.byte());
    bytes.extend_from_slice(&number.to_le_bytes());
}

/// The next message, of at most `most` bytes; nothing where the other side has ended its half
/// between two of them. Room is made for a frame at a time.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] where what comes is no message, or a longer one.
pub async fn next(from: &mut (impl AsyncRead + Unpin), most: usize) -> io::Result<Option<Message>> {
    let mut body = Vec::new();
    let mut belongs = None;
    loop {
        let Some((kind, number, length)) = next_head(from, belongs.is_none()).await? else {
            return Ok(None);
        };
        let alone = matches!(kind, Kind::Alive | Kind::Leaving);
        if alone && (length > 0 || belongs.is_some()) {
            return Err(wrong("a frame inside of another's message"));
        }
        if belongs.is_some_and(|first| first != number) || body.len() + length > most {
            return Err(wrong("a message that is too long, or of two requests"));
        }
        if kind == Kind::Part && length == 0 {
            return Err(wrong("a part of nothing"));
        }
        let start = body.len();
        body.resize(start + length, 0);
        from.read_exact(body.get_mut(start..).unwrap_or_default())
            .await?;
        if kind != Kind::Part {
            return Ok(Some(Message { kind, number, body }));
        }
        belongs = Some(number);
    }
}

async fn next_head(
    from: &mut (impl AsyncRead + Unpin),
    may_end: bool,
) -> io::Result<Option<(Kind, u64, usize)>> {
    let mut head = [0; HEAD_BYTES];
    let (first, rest) = head.split_at_mut(1);
    if from.read(first).await? == 0 {
        return match may_end {
            true => Ok(None),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        };
    }
    from.read_exact(rest).await?;
    let [a, b, c, d, kind, number @ ..] = head;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    let kind = Kind::of(kind).ok_or_else(|| wrong("a frame of no kind"))?;
    if length > FRAME_BYTES {
        return Err(wrong("a frame that is too long"));
    }
    Ok(Some((kind, u64::from_le_bytes(number), length)))
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOST: usize = 3 * FRAME_BYTES;

    fn read(bytes: &[u8]) -> io::Result<Option<Message>> {
        let turns = tokio::runtime::Builder::new_current_thread().build()?;
        let mut bytes = bytes;
        turns.block_on(next(&mut bytes, MOST))
    }

    #[test]
    fn the_bytes_are_these() {
        let golden = [
            2, 0, 0, 0, 1, 7, 0, 0, 0, 0, 0, 0, 0, 9, 8, // a message of two bytes, number 7
        ];
        assert_eq!(frames(7, &[9, 8]), golden);
        assert_eq!(bare(Kind::Alive), [0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_message_of_any_length_comes_through_and_a_longer_one_does_not() {
        for length in [0, 1, FRAME_BYTES, FRAME_BYTES + 1, MOST] {
            let body = vec![5; length];
            let read = read(&frames(3, &body)).unwrap().unwrap();
            assert_eq!((read.number, read.body), (3, body), "{length}");
        }
        assert!(read(&frames(3, &vec![5; MOST + 1])).is_err());
        assert!(read(&[]).unwrap().is_none());
    }

    #[test]
    fn a_message_that_breaks_off_is_none() {
        let whole = frames(3, &vec![5; FRAME_BYTES + 9]);
        for length in [1, 12, 13, FRAME_BYTES + 13, whole.len() - 1] {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much_for_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Some(message)) = read(&bytes) {
                prop_assert!(message.body.len() <= bytes.len());
            }
        }
    }
}
