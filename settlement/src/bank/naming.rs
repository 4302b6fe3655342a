//! What a bank may be called where its name is a place.

/// Whether a profile's name can be the place of a bank: of its objects, its archive and its keys.
pub fn is_short_name(name: &str) -> bool {
    let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(inside)
}
