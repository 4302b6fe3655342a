//! Which of the day's files comes next.

use settlement::ids::FILE_ID_MODIFIERS;

/// The file id modifier after this one: A to Z, 0 to 9, and A again.
pub(super) fn next_modifier(modifier: u8) -> u8 {
    let mut after = FILE_ID_MODIFIERS
        .iter()
        .skip_while(|m| **m != modifier)
        .skip(1);
    after.next().copied().unwrap_or(b'A')
}
