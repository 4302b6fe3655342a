//! The claims of the original cost proposal (002), each computed again.
//!
//! What was claimed is an input; what it comes to is arithmetic on the claim's own inputs and on
//! the price list; whether it holds follows from comparing the two. A claimed number is met where
//! the value lies within half a unit of the last digit that was claimed.

mod arithmetic;
mod holds;
mod proposal;

pub use holds::Holds;

use super::prices::{PriceError, PriceList};
use crate::exact::Exact;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One claim, computed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// `002-1` to `002-21`.
    pub id: String,
    /// What was claimed.
    pub claimed: String,
    /// How it is computed here.
    pub formula: String,
    /// What comes out.
    pub recomputed: String,
    /// Whether it holds.
    pub holds: Holds,
    /// What to know about it; may be empty.
    pub note: String,
}

/// Every claim, computed with the prices of a date.
///
/// # Errors
/// [`PriceError`] where a price is missing or a value does not fit a decimal.
pub fn claims(list: &PriceList, on: Date) -> Result<Vec<Claim>, PriceError> {
    let inputs = proposal::Inputs::read(list, on)?;
    proposal::CLAIMS
        .iter()
        .enumerate()
        .map(|(at, (claimed, compute))| {
            let found = compute(&inputs).ok_or(PriceError::TooLarge("a claim"))?;
            Ok(Claim {
                id: format!("002-{}", at.plus(1)),
                claimed: (*claimed).to_owned(),
                formula: found.formula,
                recomputed: found.recomputed,
                holds: found.holds,
                note: found.note,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::prices::tests::shipped, *};
    use jiff::civil::date;

    fn all() -> Vec<Claim> {
        claims(&shipped(), date(2026, 1, 15)).unwrap()
    }

    #[test]
    fn each_value_is_the_one_that_its_inputs_give() {
        let expected = [
            "90.63 % of 3.20; 91.30 % of 3.45",
            "3.20",
            "0.30",
            "91.30 % of 3.45; 90.63 % of 3.20",
            "37,800.00",
            "0.0125",
            "0.000003",
            "0.0000008667",
            "0.000000625",
            "0.0075",
            "3,200.00",
            "2.50 and 0.25 each",
            "3,450.00; 225.00; 3,225.00",
            "3.450 %; 0.225 %; 93.478 %",
            "99.00 %",
            "0 such prices in the list",
            "4,762",
            "15.5 months",
            "193,500 undiscounted; 109,052 net of setup at 8 %",
            "0.50 for 100.00, against 2.90 before fees",
            "2.13 for 100.00; saves at most 33.4 % of 3.20",
        ];
        let found: Vec<String> = all().into_iter().map(|claim| claim.recomputed).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn verdicts_are_those_of_the_reference_table() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/reference/tables/seed_cost_claims.tsv"
        );
        let Ok(table) = std::fs::read_to_string(path) else {
            return;
        };
        let rows: Vec<Vec<&str>> = table
            .lines()
            .skip(1)
            .map(|row| row.split('\t').collect())
            .collect();
        assert_eq!(rows.len(), all().len());
        for (row, claim) in rows.iter().zip(all()) {
            let holds = match row[3] {
                "yes, on a wrong base" => Holds::OnAWrongBase,
                yes if yes.starts_with("yes") => Holds::Yes,
                "unsupported" => Holds::Unsupported,
                "omitted" => Holds::Omitted,
                _ => Holds::No,
            };
            assert_eq!((row[0], holds), (claim.id.as_str(), claim.holds));
        }
    }

    #[test]
    fn a_price_of_the_right_kind_would_support_the_batch_claim() {
        let with = include_str!("../../../data/prices.toml").to_owned()
            + "[[price]]\nid='x'\nprovider='Bank'\nitem='batch of any size'\nusd='0.25'\n\
               unit='per batch'\nas_of='2026-01'\nstatus='confirmed'\nsource='s'\n";
        let list = PriceList::parse(&with).unwrap();
        let found = claims(&list, date(2026, 1, 15)).unwrap();
        assert_eq!(found[15].holds, Holds::Yes);
    }
}
