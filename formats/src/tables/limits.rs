//! How large a part of a table gets.

/// Rows in a row group, at most: large enough to compress and scan well, small enough that one
/// group of the widest table stays near 20 MB while it is built.
pub const ROW_GROUP: usize = 65_536;

/// The longest text a column takes, in bytes: no field of any format comes near, and a row group
/// of such texts still fits the 2 GiB that Arrow's text columns can address.
pub const MAX_TEXT: usize = 32_000;
