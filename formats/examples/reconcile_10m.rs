//! Ten million ledger entries against ten million bank entries, from Parquet, to the cent.
//!
//! ```text
//! reconcile_10m generate DIR [ROWS]   writes DIR/ledger.parquet and DIR/bank.parquet
//! reconcile_10m run DIR [THREADS]     reconciles them; one line of JSON on stdout
//! ```
//!
//! `bench/reconcile.py` calls both and sets DuckDB beside them on the same files. The files are
//! shaped like the archive's: zstd, row groups of a million rows, two columns that matter among
//! others that do not. Rows are shuffled, and about one in a hundred is wrong on purpose.

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use settlement::reconcile::kernel::{Flow, Options, Partitioner, Partitions, RUN_ROWS, reconcile};
use std::{error::Error, fs, fs::File, path::Path, process::ExitCode, sync::Arc, time::Instant};

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ROWS: u32 = 10_000_000;
const LEDGER: &str = "ledger.parquet";
const BANK: &str = "bank.parquet";

/// As the tables are written: large enough to compress, small enough to stream.
const ROW_GROUP: usize = 1 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["generate", dir] => generate(Path::new(dir), ROWS),
        ["generate", dir, rows] => match rows.parse() {
            Ok(rows) => generate(Path::new(dir), rows),
            Err(why) => Err(format!("ROWS {rows:?}: {why}").into()),
        },
        ["run", dir] => run(Path::new(dir), 2),
        ["run", dir, threads] => match threads.parse() {
            Ok(threads) => run(Path::new(dir), threads),
            Err(why) => Err(format!("THREADS {threads:?}: {why}").into()),
        },
        _ => Err("usage: reconcile_10m generate DIR [ROWS] | run DIR [THREADS]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("reconcile_10m: {why}");
            ExitCode::from(2)
        }
    }
}

// ------------------------------------------------------------------------------------ the run

fn run(dir: &Path, threads: usize) -> Fallible<()> {
    let start = Instant::now();
    let (ledger, bank) = (dir.join(LEDGER), dir.join(BANK));
    let shape = Partitions::for_rows(rows_of(&ledger)?.max(rows_of(&bank)?));
    let (left, right) = if threads == 1 {
        (read(&ledger, shape)?, read(&bank, shape)?)
    } else {
        std::thread::scope(|scope| -> Fallible<_> {
            let left = scope.spawn(|| read(&ledger, shape));
            let right = read(&bank, shape)?;
            Ok((
                left.join().map_err(|_| "the reading thread was lost")??,
                right,
            ))
        })?
    };
    let read_ms = start.elapsed().as_millis();
    let found = reconcile(
        left,
        right,
        Options {
            threads,
            ..Options::default()
        },
    )?;
    let s = found.summary;
    let json = serde_json::json!({
        "read_ms": read_ms, "wall_ms": start.elapsed().as_millis(), "cpu_ms": cpu_ms(),
        "peak_mb": peak_mb(), "conserves": s.conserves(), "outcomes_kept": found.outcomes.len(),
        "left": flow(s.left), "right": flow(s.right), "matched": flow(s.matched),
        "left_only": flow(s.left_only), "right_only": flow(s.right_only),
        "amount_differs_left": flow(s.amount_differs_left),
        "amount_differs_right": flow(s.amount_differs_right),
        "duplicate_left": flow(s.duplicate_left), "duplicate_right": flow(s.duplicate_right),
        "ambiguous": [s.ambiguous_left.rows, s.ambiguous_right.rows],
    });
    println!("{json}");
    Ok(())
}

fn flow(flow: Flow) -> serde_json::Value {
    // Sums of ten million amounts fit; a JSON number has no 128 bits.
    serde_json::json!([flow.rows, i64::try_from(flow.cents).unwrap_or(i64::MAX)])
}

fn open(path: &Path) -> Fallible<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path)
        .map_err(|why| format!("{}: {why}; run `generate` first", path.display()))?;
    Ok(ParquetRecordBatchReaderBuilder::try_new(file)?)
}

fn rows_of(path: &Path) -> Fallible<u64> {
    Ok(u64::try_from(
        open(path)?.metadata().file_metadata().num_rows(),
    )?)
}

/// Streams the two columns into the kernel: one row group's pages are in memory at a time.
fn read(path: &Path, shape: Partitions) -> Fallible<Partitioner> {
    let builder = open(path)?;
    let columns = ["trace", "amount_cents"];
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns);
    let mut side = Partitioner::new(shape);
    let mut base = 0u32;
    for batch in builder
        .with_projection(mask)
        .with_batch_size(RUN_ROWS)
        .build()?
    {
        let batch = batch?;
        let [keys, cents] = columns.map(|name| {
            let column = batch
                .column_by_name(name)?
                .as_primitive_opt::<Int64Type>()?;
            (column.nulls().is_none()).then_some(column.values())
        });
        let (Some(keys), Some(cents)) = (keys, cents) else {
            return Err(format!("{}: trace and amount_cents must be int64", path.display()).into());
        };
        side.push(keys, cents, base)?;
        base = base
            .checked_add(u32::try_from(batch.num_rows())?)
            .ok_or("too many rows")?;
    }
    Ok(side)
}

// --------------------------------------------------------------------------- what it has cost

/// User and system time of this process in milliseconds; 0 where there is no /proc.
fn cpu_ms() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |n: usize| -> u64 {
        after_name
            .split_whitespace()
            .nth(n)
            .and_then(|t| t.parse().ok())
            .unwrap_or(0)
    };
    (ticks(11) + ticks(12)) * 10 // a hundred ticks a second on every Linux
}

/// The most memory this process ever held, in megabytes; 0 where there is no /proc.
fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or(0) / 1_000
}

// ------------------------------------------------------------------------------ the two files

/// What happens to one payment on its way, by one number in a thousand.
fn fate(i: u32) -> u64 {
    chance(u64::from(i) ^ 0x7_1e07) % 1_000
}

fn chance(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Four banks' traces, counted up.
fn trace(i: u32) -> i64 {
    (9_100_001 + i64::from(i % 4) * 1_000) * 10_000_000 + i64::from(i / 4)
}

/// Payouts are negative, pulls positive: 1.00 to a few thousand dollars, small ones more often.
fn amount(i: u32) -> i64 {
    let roll = chance(u64::from(i));
    let cents = 100 + i64::try_from((roll % 1_000) * (roll >> 32) % 500_000).unwrap_or(0);
    if roll & 7 < 5 { -cents } else { cents }
}

fn generate(dir: &Path, rows: u32) -> Fallible<()> {
    fs::create_dir_all(dir)?;
    let mut ledger: Vec<u32> = Vec::new();
    let mut bank: Vec<u32> = Vec::new();
    for i in 0..rows {
        let (ours, theirs) = match fate(i) {
            0..=2 => (1, 0), // never reached the bank
            3..=4 => (0, 1), // not in the ledger
            8 => (2, 1),     // posted twice
            9 => (1, 2),     // on two statements
            _ => (1, 1),
        };
        ledger.extend(std::iter::repeat_n(i, ours));
        bank.extend(std::iter::repeat_n(i, theirs));
    }
    write(&dir.join(LEDGER), &mut ledger, 1, amount)?;
    // Fates 5 to 7: the bank moved another amount.
    let at_bank = |i| {
        if (5..=7).contains(&fate(i)) {
            amount(i) + 1
        } else {
            amount(i)
        }
    };
    write(&dir.join(BANK), &mut bank, 2, at_bank)
}

fn write(path: &Path, rows: &mut [u32], seed: u64, cents: impl Fn(u32) -> i64) -> Fallible<()> {
    for i in (1..rows.len()).rev() {
        let to = chance(seed << 40 ^ i as u64) % (i as u64 + 1);
        rows.swap(i, usize::try_from(to)?);
    }
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_column_dictionary_enabled("trace".into(), false)
        .set_column_dictionary_enabled("amount_cents".into(), false)
        .build();
    let mut writer: Option<ArrowWriter<File>> = None;
    for chunk in rows.chunks(RUN_ROWS) {
        let ints = |f: &dyn Fn(u32) -> i64| -> ArrayRef {
            Arc::new(chunk.iter().map(|i| Some(f(*i))).collect::<Int64Array>())
        };
        let days = chunk
            .iter()
            .map(|i| Some(20_800 + i32::try_from(i % 5).unwrap_or(0)));
        let names = chunk
            .iter()
            .map(|i| Some(format!("RECEIVER {:06}", chance(u64::from(*i)) >> 44)));
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("trace", ints(&trace), false),
            ("amount_cents", ints(&cents), false),
            (
                "settles_on",
                Arc::new(days.collect::<Date32Array>()) as ArrayRef,
                true,
            ),
            (
                "receiver",
                Arc::new(names.collect::<StringArray>()) as ArrayRef,
                true,
            ),
        ])?;
        if writer.is_none() {
            let file = File::create(path)?;
            let properties = Some(properties.clone());
            writer = Some(ArrowWriter::try_new(file, batch.schema(), properties)?);
        }
        if let Some(writer) = &mut writer {
            writer.write(&batch)?;
        }
    }
    match writer {
        Some(writer) => writer.close().map(drop).map_err(Into::into),
        None => Err("no rows to write: ask for more".into()),
    }
}
