//! Why two sides cannot be matched at all.

/// Why rows cannot be matched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KernelError {
    /// The two columns of a chunk differ in length.
    #[error("a chunk has {keys} keys but {cents} amounts; give one amount for each key")]
    Uneven {
        /// Keys given.
        keys: usize,
        /// Amounts given.
        cents: usize,
    },
    /// A row number does not fit.
    #[error("row {0} is beyond the last row the kernel can name; split the input")]
    TooManyRows(u64),
    /// Two partitioners were not made for the same number of partitions.
    #[error("{left} partitions cannot be matched with {right}; make both sides for one size")]
    Shape {
        /// Partitions of the one.
        left: usize,
        /// Partitions of the other.
        right: usize,
    },
    /// A worker thread did not come back.
    #[error("a matching thread was lost; run again with one thread")]
    ThreadLost,
}
