//! Every record of the format as a table: which field stands in which columns and what it may
//! hold.
//!
//! The reader, the checks, the writer, the person's view and the JSON form are all driven by
//! these tables; a test compares them with the reference. A layout whose fields do not join up
//! to 94 columns does not compile.

mod addenda;
mod entries;
mod envelope;
mod field;
mod international;

pub use addenda::*;
pub use entries::*;
pub use envelope::*;
pub use field::{Field, Kind, Layout, Need, Privacy, WIDTH};
pub use international::*;

/// Every layout, in the order of the record types.
pub const LAYOUTS: &[&Layout] = &[
    FILE_HEADER,
    BATCH_HEADER,
    BATCH_HEADER_IAT,
    ENTRY_PPD,
    ENTRY_CCD,
    ENTRY_WEB,
    ENTRY_TEL,
    ENTRY_CIE,
    ENTRY_MTE,
    ENTRY_ARC,
    ENTRY_BOC,
    ENTRY_POP,
    ENTRY_RCK,
    ENTRY_XCK,
    ENTRY_TRC,
    ENTRY_POS,
    ENTRY_SHR,
    ENTRY_DNE,
    ENTRY_CTX,
    ENTRY_ENR,
    ENTRY_TRX,
    ENTRY_ACK,
    ENTRY_ATX,
    ENTRY_COR,
    ENTRY_RETURN,
    ENTRY_IAT,
    ENTRY_ADV,
    ADDENDA_02,
    ADDENDA_02_MTE,
    ADDENDA_05,
    ADDENDA_10,
    ADDENDA_11,
    ADDENDA_12,
    ADDENDA_13,
    ADDENDA_14,
    ADDENDA_15,
    ADDENDA_16,
    ADDENDA_17,
    ADDENDA_18,
    ADDENDA_98,
    ADDENDA_98_IAT,
    ADDENDA_98_REFUSED,
    ADDENDA_99,
    ADDENDA_99_IAT,
    ADDENDA_99_DISHONORED,
    ADDENDA_99_CONTESTED,
    BATCH_CONTROL,
    BATCH_CONTROL_ADV,
    FILE_CONTROL,
    FILE_CONTROL_ADV,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layouts_are_the_reference() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/reference/tables/record_layouts.tsv"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        let ours = LAYOUTS
            .iter()
            .flat_map(|l| l.fields.iter().map(move |f| (l.id, f)));
        let mut seen = 0;
        for (line, (id, field)) in text.lines().skip(1).zip(ours) {
            let cells: Vec<&str> = line.split('\t').collect();
            let place = (field.start.to_string(), field.len.to_string());
            assert_eq!((cells[0], cells[3]), (id, field.name));
            assert_eq!(
                (cells[4], cells[6]),
                (place.0.as_str(), place.1.as_str()),
                "{id}"
            );
            let need = match field.need {
                Need::Mandatory => "M",
                Need::Required => "R",
                Need::Optional => "O",
                Need::Operator => "OP",
                Need::Unused => "-",
            };
            assert_eq!(
                cells[8].get(..need.len()),
                Some(need),
                "{id} {}",
                field.name
            );
            seen += 1;
        }
        assert_eq!(seen, text.lines().count() - 1);
    }

    #[test]
    fn every_layout_has_an_id_of_its_own() {
        for (at, layout) in LAYOUTS.iter().enumerate() {
            assert!(
                LAYOUTS
                    .iter()
                    .skip(at + 1)
                    .all(|other| other.id != layout.id)
            );
        }
    }
}
