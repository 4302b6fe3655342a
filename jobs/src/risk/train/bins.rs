//! Features in bins: a step can be cut only where a bin ends.

use crate::risk::replay::Row;
use settlement::risk::feature::{Feature, Features};
use settlement::risk::model::MOST_CUTS;

/// The bin of what is unknown.
pub const UNKNOWN: u8 = u8::MAX;

/// The values of one feature at which bins begin, and the bin of each row.
pub struct Column {
    pub feature: Feature,
    pub cuts: Vec<i64>,
    pub bins: Vec<u8>,
}

/// All features of all rows.
pub struct Binned {
    pub columns: Vec<Column>,
}

impl Binned {
    pub fn new(rows: &[Row]) -> Binned {
        let columns = Feature::ALL.iter().map(|feature| {
            let values = rows.iter().map(|row| row.features.get(*feature));
            let cuts = cuts(values.clone().flatten().collect());
            let bins = values.map(|value| bin(&cuts, value)).collect();
            Column {
                feature: *feature,
                cuts,
                bins,
            }
        });
        Binned {
            columns: columns.filter(|column| !column.cuts.is_empty()).collect(),
        }
    }
}

/// The bin of a value.
pub fn bin(cuts: &[i64], value: Option<i64>) -> u8 {
    let bin = value.map(|value| cuts.partition_point(|cut| *cut <= value));
    bin.and_then(|bin| u8::try_from(bin).ok())
        .unwrap_or(UNKNOWN)
}

/// The bin of each feature of the columns.
pub fn of(columns: &[(Feature, &[i64])], features: &Features) -> Vec<u8> {
    let bins = columns
        .iter()
        .map(|(feature, cuts)| bin(cuts, features.get(*feature)));
    bins.collect()
}

/// At most [`MOST_CUTS`] cuts: between all values where they are few; else half of the cuts spread
/// evenly over the rows, and half over the upper tenth of them, where frauds are.
fn cuts(mut values: Vec<i64>) -> Vec<i64> {
    values.sort_unstable();
    let mut each = values.clone();
    each.dedup();
    if each.len() <= MOST_CUTS + 1 {
        return each.split_off(1.min(each.len()));
    }
    let half = MOST_CUTS / 2;
    let upper = values.len() * 9 / 10;
    let low = (1..=half).map(|part| values[upper * part / (half + 1)]);
    let high = (0..half).map(|part| values[upper + (values.len() - upper) * part / half]);
    let mut cuts: Vec<i64> = low.chain(high).collect();
    cuts.dedup();
    // Below the first value there is nobody.
    cuts.retain(|cut| *cut > values[0]);
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_rise_and_are_few() {
        assert!(cuts(vec![]).is_empty() && cuts(vec![5, 5]).is_empty());
        assert_eq!(cuts(vec![3, 1, 2, 2]), [2, 3]);
        let many = cuts((0..10_000).map(|n| n * n).collect());
        assert!(many.len() <= MOST_CUTS && many.is_sorted_by(|a, b| a < b));
        assert!(many.len() > MOST_CUTS / 2);
    }

    #[test]
    fn a_bin_is_told_as_the_model_tells_it() {
        let cuts = [2, 5];
        let bins = [Some(1), Some(2), Some(4), Some(5), None].map(|value| bin(&cuts, value));
        assert_eq!(bins, [0, 1, 1, 2, UNKNOWN]);
    }
}
