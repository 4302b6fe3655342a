//! What a question may take: a slip in a join makes billions of rows of hundreds, and would end the
//! machine.

use std::fs;
use std::io::{Error, ErrorKind};
use std::time::Duration;

/// Time that a question may take.
const SECONDS: u64 = 600;

/// How often its memory is looked at: the engine makes less than a gigabyte in that time.
const LOOK: Duration = Duration::from_millis(200);

/// Of the memory that is free when a question begins it may take this part: one half.
const PART: u64 = 2;

/// Memory that a question may take at least, however little is free, in KiB.
const LEAST_KIB: u64 = 1 << 20;

/// Waits until a question takes more than it may; says what.
pub(crate) async fn left() -> Error {
    let (begun, most) = (ours().unwrap_or(0), most());
    let looks = SECONDS * 1_000 / 200;
    for _ in 0..looks {
        tokio::time::sleep(LOOK).await;
        let now = ours().unwrap_or(0);
        if now.checked_sub(begun).is_some_and(|more| more > most) {
            let why = format!(
                "the question takes more than {} MiB of memory; ask for fewer days, or join by \
                 columns that few rows have in common",
                most >> 10
            );
            return Error::new(ErrorKind::OutOfMemory, why);
        }
    }
    let why = format!(
        "the question takes longer than {SECONDS} seconds; ask for fewer days, or join by columns \
         that few rows have in common"
    );
    Error::new(ErrorKind::TimedOut, why)
}

/// What a question may take, in KiB.
fn most() -> u64 {
    let free = kib("/proc/meminfo", "MemAvailable:");
    free.map_or(LEAST_KIB, |free| (free / PART).max(LEAST_KIB))
}

/// The memory of this process, in KiB; none where the system does not say so.
fn ours() -> Option<u64> {
    kib("/proc/self/status", "VmRSS:")
}

fn kib(file: &str, line: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|one| one.strip_prefix(line))?;
    line.split_whitespace().next()?.parse().ok()
}
