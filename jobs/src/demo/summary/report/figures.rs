//! What this run measures of itself: the speed of the NACHA engine on the run's own files, the
//! time to cut, and the memory it took at most.

use crate::demo::summary::input::Input;
use crate::parts;
use crate::report::data::number;
use desk::failure::{Failure, Result};
use formats::nacha::{self, generate};
use settlement::codes::sec::SecCode;
use std::time::{Duration, Instant};

/// Entries written to measure the writer: about 19 MB, a few hundredths of a second.
const WRITTEN: u64 = 200_000;

/// Measures, and says what was measured.
pub async fn measure(input: &Input<'_>) -> Result<Vec<(String, String)>> {
    let (mut bytes, mut reading, mut cut) = (0u64, Duration::ZERO, 0u64);
    for day in &input.scene.days {
        for frozen in parts::frozen_on(input.desk, day.date).await? {
            cut += frozen.entries.as_ref().map_or(0, |part| part.rows);
            for file in &frozen.files {
                let body = input.desk.ports.objects.get_large(&file.name).await?.body;
                let started = Instant::now();
                let unreadable = |error| {
                    Failure::could_not(format!("{}: {error}", file.name))
                        .remedy("run the same again")
                };
                let report = nacha::validate(&body[..]).map_err(unreadable)?;
                reading += started.elapsed();
                if !report.findings.ok() {
                    return Err(Failure::impossible(format!("{}: not valid", file.name)));
                }
                bytes += body.len() as u64;
            }
        }
    }
    let mut figures = Vec::new();
    let mut say = |name: &str, figure: String| figures.push((name.to_owned(), figure));
    say(
        "NACHA validating read of the files sent, one core",
        rate(bytes, reading),
    );
    let started = Instant::now();
    let plan = generate::Plan::of(SecCode::Ppd, WRITTEN);
    let (file, _) = generate::generate(Vec::new(), &plan)
        .map_err(|error| Failure::impossible(error.to_string()))?;
    let writing = started.elapsed();
    say(
        "NACHA write of 200,000 made-up entries, one core",
        rate(file.len() as u64, writing),
    );
    let ms = input.scene.elapsed_ms.get("cut").copied().unwrap_or(0);
    if let Some(per) = (ms * 100_000).checked_div(cut) {
        say(
            "cut, for each 100,000 payments, all windows",
            format!("{} ms", number(per)),
        );
    }
    if let Some(kib) = peak_kib() {
        say("memory at most", format!("{} MB", number(kib / 1024)));
    }
    Ok(figures)
}

fn rate(bytes: u64, took: Duration) -> String {
    let micros = u64::try_from(took.as_micros()).expect("within half a million years");
    let micros = micros.max(1);
    let whole = number(bytes / 1_000_000);
    // Bytes a microsecond are megabytes a second.
    format!(
        "{} MB/s ({whole} MB in {} ms)",
        number(bytes / micros),
        micros / 1000
    )
}

/// The most memory this process has had resident, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
