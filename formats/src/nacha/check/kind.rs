//! What a record is, told by its first column.

use crate::nacha::layout::WIDTH;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum RecordKind {
    FileHeader,
    BatchHeader,
    Entry,
    Addenda,
    BatchControl,
    FileControl,
    /// A record of nines that fills up the last block.
    Filler,
    /// A blank line or a byte order mark.
    Blank,
    /// No record of the format.
    Unknown,
}

/// What a record is, by its first column. Records of nines are the filler.
pub(super) fn kind_of(text: &[u8; WIDTH]) -> RecordKind {
    match text[0] {
        b'1' => RecordKind::FileHeader,
        b'5' => RecordKind::BatchHeader,
        b'6' => RecordKind::Entry,
        b'7' => RecordKind::Addenda,
        b'8' => RecordKind::BatchControl,
        b'9' if text.trim_ascii_end().iter().all(|b| *b == b'9') => RecordKind::Filler,
        b'9' => RecordKind::FileControl,
        _ => RecordKind::Unknown,
    }
}
