//! Features and scores as files: Parquet for programs, CSV for people and other programs.
//!
//! A sheet of features has `at` (seconds since 1970, UTC), `credit` (1 where money goes out, 0
//! where it is pulled), `fraud` (1 where it is known to be one), `kind` (the number of the planted
//! kind; empty in the world) and a column for each feature, empty where it is unknown. A sheet of
//! scores has `score`, and `fraud` where that is known.

use super::replay::Row;
use crate::risk::measure::Scored;
use bytes::Bytes;
use connectors::given;
use desk::failure::{Failure, Result, Status};
use formats::tables::{Cell, SheetWriter, read_sheet};
use sandbox::history::Fraud;
use settlement::exact::Exact;
use settlement::foreign;
use settlement::ids::Direction;
use settlement::risk::feature::{Feature, Features};
use settlement::risk::reason::MOST_SCORE;
use std::io::{self, Read, Write};
use std::path::Path;

/// Bytes of a sheet that are read: two million rows of features have less.
const SHEET_BYTES: u64 = 1_500_000_000;

/// Rows of one.
const MOST_ROWS: usize = 2_000_000;

/// Columns before the features.
const BEFORE: [&str; 4] = ["at", "credit", "fraud", "kind"];

fn columns() -> Vec<&'static str> {
    let features = Feature::ALL.iter().map(|feature| feature.as_str());
    BEFORE.into_iter().chain(features).collect()
}

fn cells(row: &Row) -> Vec<Cell> {
    let flag = |is: bool| Some(i64::from(is));
    let kind = row.kind.map(|kind| kind as i64 + 1);
    let before = [
        Some(row.at),
        flag(row.direction == Direction::Credit),
        flag(row.fraud),
        kind,
    ];
    let features = Feature::ALL
        .iter()
        .map(|feature| row.features.get(*feature));
    before.into_iter().chain(features).collect()
}

/// A sheet of features as Parquet.
///
/// # Errors
/// Where `sink` refuses bytes.
pub fn write<W: Write + Send>(sink: W, rows: &[Row]) -> Result<W> {
    let failed = |error| {
        Failure::advised(
            Status::CouldNot,
            error,
            "free some space, and run the same again",
        )
    };
    let mut writer = SheetWriter::new(sink, &columns()).map_err(failed)?;
    for row in rows {
        writer.push(&cells(row)).map_err(failed)?;
    }
    writer.finish().map_err(failed)
}

/// A sheet of scores as CSV.
///
/// # Errors
/// Where `sink` refuses bytes.
pub fn write_scores(sink: impl Write, scored: &[(u16, Option<bool>)]) -> io::Result<()> {
    let mut sink = io::BufWriter::new(sink);
    writeln!(sink, "score,fraud")?;
    for (score, fraud) in scored {
        match fraud {
            Some(fraud) => writeln!(sink, "{score},{}", u8::from(*fraud))?,
            None => writeln!(sink, "{score},")?,
        }
    }
    sink.flush()
}

/// Reads a sheet of features, Parquet or CSV by its content.
///
/// # Errors
/// Where the file cannot be read or is no such sheet; with the row.
pub fn read(path: &Path) -> Result<Vec<Row>> {
    let table = table(path, &columns())?;
    let rows = (1..).zip(&table).map(|(number, cells)| {
        row(cells).ok_or_else(|| {
            Failure::usage(format!(
                "{}: row {number}: at must be a time, credit and fraud 0 or 1",
                foreign::path(path)
            ))
            .remedy("mend the row, or export the sheet again")
        })
    });
    rows.collect()
}

fn row(cells: &[Cell]) -> Option<Row> {
    let (before, values) = cells.split_at_checked(BEFORE.len())?;
    let flag = |cell: Cell| match cell? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    };
    let [at, credit, fraud, kind] = *before else {
        return None;
    };
    let mut features = Features::default();
    for (feature, value) in Feature::ALL.iter().zip(values) {
        if let Some(value) = value {
            features.set(*feature, *value);
        }
    }
    let kind = kind.and_then(|kind| usize::try_from(kind).ok()?.checked_sub(1));
    Some(Row {
        at: at?,
        direction: if flag(credit)? {
            Direction::Credit
        } else {
            Direction::Debit
        },
        features,
        fraud: flag(fraud)?,
        kind: kind.and_then(|kind| Fraud::ALL.get(kind)).copied(),
    })
}

/// Reads the scores of a sheet.
///
/// # Errors
/// As [`read`].
pub fn read_scores(path: &Path) -> Result<Vec<u16>> {
    let table = table(path, &["score"])?;
    let scores = (1..).zip(&table).map(|(number, cells)| {
        let score = cells.first().copied().flatten();
        let score = score.and_then(|score| u16::try_from(score).ok());
        score.filter(|score| *score <= MOST_SCORE).ok_or_else(|| {
            let path = foreign::path(path);
            Failure::usage(format!(
                "{path}: row {number}: no score from 0 to {MOST_SCORE}"
            ))
            .remedy("mend the row, or export the sheet again")
        })
    });
    scores.collect()
}

/// The scores of rows without their kinds, for a sheet.
pub fn labelled(scored: &[Scored]) -> Vec<(u16, Option<bool>)> {
    scored
        .iter()
        .map(|one| (one.score, Some(one.fraud)))
        .collect()
}

fn table(path: &Path, columns: &[&str]) -> Result<Vec<Vec<Cell>>> {
    let name = foreign::path(path);
    let mut bytes = Vec::new();
    let read = given::open(path, SHEET_BYTES).and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(|error| {
        Failure::usage(format!("{name}: {error}")).remedy("name a file that can be read")
    })?;
    if bytes.starts_with(b"PAR1") {
        let read = read_sheet(Bytes::from(bytes), &name, columns, MOST_ROWS);
        return read.map_err(|error| {
            Failure::advised(
                Status::Usage,
                error,
                "name a sheet that tieout risk features wrote",
            )
        });
    }
    of_csv(&bytes, columns).map_err(|what| {
        Failure::usage(format!("{name}: {what}"))
            .remedy("name a sheet as tieout risk features or train --scores writes it")
    })
}

fn of_csv(bytes: &[u8], columns: &[&str]) -> std::result::Result<Vec<Vec<Cell>>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(bytes);
    let damaged = |_| "no CSV: a line is no UTF-8 or has another number of cells".to_owned();
    let heads = reader.headers().map_err(damaged)?.clone();
    let place = |name: &&str| {
        let place = heads.iter().position(|head| head.trim() == *name);
        place.ok_or_else(|| format!("no column {name}"))
    };
    let places = columns.iter().map(place);
    let places = places.collect::<std::result::Result<Vec<usize>, String>>()?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(damaged)?;
        let number = rows.len().plus(1);
        if number > MOST_ROWS {
            return Err(format!("more than {MOST_ROWS} rows"));
        }
        let cell = |(place, name): (&usize, &&str)| match record.get(*place).unwrap_or("").trim() {
            "" => Ok(None),
            text => text
                .parse::<i64>()
                .map(Some)
                .map_err(|_| format!("row {number}: {name} is no whole number")),
        };
        let cells = places.iter().zip(columns).map(cell);
        rows.push(cells.collect::<std::result::Result<Vec<Cell>, String>>()?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::replay::rows;
    use sandbox::history::history;
    use std::fs;

    #[test]
    fn features_survive_the_round_trip() {
        let rows = rows(&history(7, 1_000));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.parquet");
        fs::write(&path, write(Vec::new(), &rows).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap(), rows);
    }

    #[test]
    fn what_is_no_sheet_is_refused_with_its_row() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.csv");
        for (text, word) in [
            ("", "no column score"),
            ("points\n5\n", "no column score"),
            ("score\n5\nmany\n", "row 2: score is no whole number"),
            ("score\n1001\n", "row 1: no score"),
            ("score\n\"\"\n", "row 1: no score"),
            ("score,fraud\n1,2,3\n", "no CSV"),
            ("PAR1 and nothing", "Parquet"),
        ] {
            fs::write(&path, text).unwrap();
            let error = read_scores(&path).unwrap_err();
            assert!(error.to_string().contains(word), "{text:?}: {error}");
            assert_eq!(error.status, Status::Usage);
        }
        fs::write(&path, "fraud,score\n1,900\n,0\n").unwrap();
        assert_eq!(read_scores(&path).unwrap(), [900, 0]);
    }

    #[test]
    fn scores_are_read_as_they_were_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.csv");
        let scored = [(5, Some(true)), (0, None), (1_000, Some(false))];
        write_scores(fs::File::create(&path).unwrap(), &scored).unwrap();
        assert_eq!(read_scores(&path).unwrap(), [5, 0, 1_000]);
    }
}
