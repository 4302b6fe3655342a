//! `tieout-online bench`: a server of its own under load, and how fast it answered.
//!
//! The server is a process of its own; the load comes from this one, on the same machine. Every
//! payment is durable before its answer. With a rate, requests are due whether or not those before
//! are answered, and are timed from when they were due: a server that falls behind is seen.

mod figures;
mod server;

use crate::arguments::{Bench, Mode};
use crate::load::{Load, Phase, load};
use desk::failure::Result;
use serde_json::{Value, json};
pub use server::Program;
use server::{Server, could_not};
use std::path::Path;
use std::time::Duration;

/// How many times its capacity a server is asked for.
const OVERLOAD: u32 = 2;

/// How many times the ordinary rate a spike is.
const SPIKE: u32 = 10;

/// How long a spike lasts.
const SPIKE_SECONDS: u64 = 60;

/// How long the ordinary rate lasts before and after a spike.
const BESIDE_SPIKE: Duration = Duration::from_secs(5);

/// The ordinary rate of a spike where nothing is said: what the server must sustain.
const ORDINARY: u32 = 5_000;

/// Connections that are enough for a load that nobody waits for: many more requests than the
/// server takes at a time can be under way.
const OPEN_CONNECTIONS: usize = 1_024;

/// Payments of the long run, and how many between two looks at the memory.
const LONG_RUN: u64 = 1_000_000;
const BETWEEN_LOOKS: u64 = 100_000;

/// Runs the bench with this program as the server, and prints what it found.
///
/// # Errors
/// Where the server cannot be started, or does not answer.
pub async fn bench(asked: Bench) -> Result<()> {
    let own = std::env::current_exe().map_err(|e| could_not("this program", &e))?;
    bench_of(asked, &Program::new(own)).await
}

/// Runs the bench with `program` as the server, and prints what it found.
///
/// # Errors
/// As [`bench()`].
pub async fn bench_of(asked: Bench, program: &Program) -> Result<()> {
    let own = tempfile::tempdir().map_err(|e| could_not("a temporary folder", &e))?;
    let dir = asked.dir.clone();
    let dir = dir.unwrap_or_else(|| own.path().to_path_buf());
    let modes = match asked.mode {
        Mode::All => vec![Mode::Sustained, Mode::Overload, Mode::Spike, Mode::Million],
        one => vec![one],
    };
    let mut found = json!({ "busy_before": figures::busy() });
    for mode in modes {
        let name = mode.name();
        found[name] = one(&asked, mode, program, &dir.join(name)).await?;
    }
    match asked.json {
        true => println!("{found}"),
        false => println!("{}", figures::text(&found)),
    }
    Ok(())
}

/// One mode, on an installation of its own.
async fn one(asked: &Bench, mode: Mode, program: &Program, dir: &Path) -> Result<Value> {
    let mut server = Server::start(program, dir, true).await?;
    let mut found = json!({ "first_answer_ms_of_a_new_installation": server.first_ms });
    server.stop().await;
    found["first_answer_ms_of_one_that_is_there"] = json!(started(program, dir).await?);
    let mut server = Server::start(program, dir, true).await?;
    match mode {
        Mode::Overload => overload(asked, &server, &mut found).await,
        Mode::Spike => spike(asked, &server, &mut found).await,
        Mode::Million => million(asked, &server, &mut found).await,
        Mode::Sustained | Mode::All => {
            let phase = phase(asked, asked.rate, Duration::from_secs(asked.seconds.into()));
            found["load"] = measured(&server, phase).await;
        }
    }
    found["server_peak_mib"] = json!(server.peak_mib());
    server.stop().await;
    found["first_answer_ms_after_the_load"] = json!(started(program, dir).await?);
    Ok(found)
}

/// Milliseconds from the start of a server on an installation that is there to its first answer.
async fn started(program: &Program, dir: &Path) -> Result<f64> {
    let mut server = Server::start(program, dir, false).await?;
    server.stop().await;
    Ok(server.first_ms)
}

fn phase(asked: &Bench, rate: Option<u32>, length: Duration) -> Phase {
    Phase {
        rate,
        length,
        most: u64::MAX,
        connections: asked.connections.max(1),
    }
}

/// Loads a server, and says what came of it and what it used.
async fn measured(server: &Server, phase: Phase) -> Value {
    let before = server.ticks();
    let load: Load = load(server.at, &server.key, &server.next, &phase).await;
    let used = server.ticks().saturating_sub(before);
    figures::of(&load, &phase, used)
}

/// As many as it answers; then twice as many, whether or not it does.
async fn overload(asked: &Bench, server: &Server, found: &mut Value) {
    let length = Duration::from_secs(asked.seconds.into());
    let capacity = measured(server, phase(asked, None, length)).await;
    let per_second = capacity["accepted_per_second"].as_u64().unwrap_or(0);
    let rate = u32::try_from(per_second).unwrap_or(u32::MAX);
    let open = Phase {
        connections: asked.connections.max(OPEN_CONNECTIONS),
        ..phase(asked, Some(rate.saturating_mul(OVERLOAD)), length)
    };
    found["capacity"] = capacity;
    found["overload"] = measured(server, open).await;
}

/// The ordinary rate, ten times as much for a minute, and the ordinary rate again.
async fn spike(asked: &Bench, server: &Server, found: &mut Value) {
    let ordinary = asked.rate.unwrap_or(ORDINARY);
    let open = |rate, length| Phase {
        connections: asked.connections.max(OPEN_CONNECTIONS),
        ..phase(asked, Some(rate), length)
    };
    let spike = open(
        ordinary.saturating_mul(SPIKE),
        Duration::from_secs(SPIKE_SECONDS),
    );
    found["before"] = measured(server, open(ordinary, BESIDE_SPIKE)).await;
    found["spike"] = measured(server, spike).await;
    found["after"] = measured(server, open(ordinary, BESIDE_SPIKE)).await;
}

/// A million payments, and the memory after each tenth of them.
async fn million(asked: &Bench, server: &Server, found: &mut Value) {
    let count = asked.count.unwrap_or(LONG_RUN);
    let mut memory = Vec::new();
    let (mut left, mut tenths) = (count, Vec::new());
    while left > 0 {
        let piece = left.min(BETWEEN_LOOKS);
        let part = Phase {
            most: piece,
            ..phase(asked, asked.rate, Duration::from_secs(3_600))
        };
        let did = measured(server, part).await;
        memory.push(server.memory());
        tenths.push(did);
        left -= piece;
    }
    found["parts"] = json!(tenths);
    found["memory_mib"] = json!(memory);
}
