//! Ten million ledger entries against ten million bank entries, from Parquet, to the cent.
//!
//! ```text
//! reconcile_10m generate DIR ROWS sorted|shuffled   writes DIR/ledger.parquet and bank.parquet
//! reconcile_10m run DIR [THREADS]                   reconciles them; one line of JSON on stdout
//! ```
//!
//! `bench/reconcile.py` calls both and sets DuckDB beside them on the same files. The files are
//! encoded as our tables are (keys and cents as packed differences, `DELTA_BINARY_PACKED`, the
//! rest under zstd): two columns that matter among others that do not. The ledger is sorted by
//! trace, as tables are, or shuffled; the bank's file is always shuffled. About one row in a
//! hundred is wrong on purpose.

use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use formats::tables::{IN_MEMORY, Numbers, read_numbers, reconcile_columns};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use settlement::reconcile::kernel::{Flow, Options, RUN_ROWS};
use std::{error::Error, fs, fs::File, path::Path, process::ExitCode, sync::Arc, time::Instant};

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "usage: reconcile_10m generate DIR ROWS sorted|shuffled | run DIR [THREADS]";
const LEDGER: &str = "ledger.parquet";
const BANK: &str = "bank.parquet";

/// Sixteen times the tables' own: DuckDB reads large groups best, and we do not mind.
const ROW_GROUP: usize = 1 << 20;

/// Where each file's shuffle begins: two seeds, so that neither order tells of the other.
const OUR_SHUFFLE: u64 = 1;
const BANK_SHUFFLE: u64 = 2;

/// In which order a file's rows stand.
#[derive(Clone, Copy)]
enum Order {
    /// By trace.
    Sorted,
    /// Anyhow, by a seed.
    Shuffled(u64),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["generate", dir, rows, order] => match (rows.parse(), *order) {
            (Ok(rows), "sorted") => generate(Path::new(dir), rows, Order::Sorted),
            (Ok(rows), "shuffled") => generate(Path::new(dir), rows, Order::Shuffled(OUR_SHUFFLE)),
            _ => Err(USAGE.into()),
        },
        ["run", dir] => run(Path::new(dir), 2),
        ["run", dir, threads] => match threads.parse() {
            Ok(threads) => run(Path::new(dir), threads),
            Err(why) => Err(format!("THREADS {threads:?}: {why}").into()),
        },
        _ => Err(USAGE.into()),
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
    let (ledger, bank) = (open(&dir.join(LEDGER))?, open(&dir.join(BANK))?);
    let options = Options {
        threads,
        ..Options::default()
    };
    let bands = || tempfile::tempfile_in(dir);
    let found = reconcile_columns(ledger, bank, options, IN_MEMORY, bands)?;
    let s = found.summary;
    let json = serde_json::json!({
        "wall_ms": start.elapsed().as_millis(), "cpu_ms": cpu_ms(),
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

fn open(path: &Path) -> Fallible<Numbers<File, 2>> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|why| format!("{name}: {why}; run `generate` first"))?;
    Ok(read_numbers(file, &name, ["trace", "amount_cents"])?)
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

fn generate(dir: &Path, rows: u32, order: Order) -> Fallible<()> {
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
    write(&dir.join(LEDGER), &mut ledger, order, amount)?;
    // Fates 5 to 7: the bank moved another amount.
    let at_bank = |i| {
        if (5..=7).contains(&fate(i)) {
            amount(i) + 1
        } else {
            amount(i)
        }
    };
    write(
        &dir.join(BANK),
        &mut bank,
        Order::Shuffled(BANK_SHUFFLE),
        at_bank,
    )
}

fn write(path: &Path, rows: &mut [u32], order: Order, cents: impl Fn(u32) -> i64) -> Fallible<()> {
    match order {
        Order::Sorted => rows.sort_unstable_by_key(|i| trace(*i)),
        Order::Shuffled(seed) => {
            for i in (1..rows.len()).rev() {
                let to = chance(seed << 40 ^ i as u64) % (i as u64 + 1);
                rows.swap(i, usize::try_from(to)?);
            }
        }
    }
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(ROW_GROUP));
    for numbers in ["trace", "amount_cents"].map(ColumnPath::from) {
        properties = properties
            .set_column_dictionary_enabled(numbers.clone(), false)
            .set_column_encoding(numbers.clone(), Encoding::DELTA_BINARY_PACKED)
            .set_column_compression(numbers, Compression::UNCOMPRESSED);
    }
    let properties = properties.build();
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
