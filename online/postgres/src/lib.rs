//! The same API over PostgreSQL, to measure the online path against: what a service that keeps its
//! payments in a relational database needs for one. No installation runs on it.

mod store;

use clap::{Args, Parser, Subcommand};
use desk::failure::{Failure, Result};
use std::process::ExitCode;
use std::sync::Arc;
use store::PostgresPayments;
use tieout_online::arguments::{Bench, Serve};
use tieout_online::bench::{self, Program};
use tieout_online::{begin, serve};

#[derive(Debug, Parser)]
#[command(
    name = "tieout-online-postgres",
    about = "The online path over PostgreSQL, for the bench"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves as tieout-online does; payments are in PostgreSQL.
    Serve(Served),
    /// Loads such a server.
    Bench(Benched),
}

#[derive(Debug, Args)]
struct Served {
    #[command(flatten)]
    serve: Serve,
    /// The database, postgres://USER@HOST:PORT/NAME; its table is made anew.
    #[arg(long, value_name = "URL")]
    url: String,
}

#[derive(Debug, Args)]
struct Benched {
    #[command(flatten)]
    bench: Bench,
    /// The database.
    #[arg(long, value_name = "URL")]
    url: String,
    /// The database's first process, whose time and whose children's counts as the server's.
    #[arg(long, value_name = "PID")]
    postmaster: u32,
}

/// Runs the command line.
pub fn main() -> ExitCode {
    begin::ended(run(Arguments::parse().command))
}

fn run(command: Command) -> Result<()> {
    let runtime = begin::runtime()?;
    match command {
        Command::Serve(asked) => runtime.block_on(async {
            let store = PostgresPayments::open(&asked.url).await;
            let store = store.map_err(|e| {
                Failure::could_not(e.to_string()).remedy("start PostgreSQL and name it by --url")
            })?;
            let store = Arc::new(store);
            serve::serve_over(asked.serve, |house| {
                for desk in [&mut house.home].into_iter().chain(&mut house.others) {
                    desk.ports.payments = Arc::<PostgresPayments>::clone(&store);
                }
            })
            .await
        }),
        Command::Bench(asked) => {
            let own = std::env::current_exe().map_err(|e| Failure::could_not(e.to_string()))?;
            let program = Program {
                more: vec!["--url".to_owned(), asked.url],
                beside: Some(asked.postmaster),
                ..Program::new(own)
            };
            runtime.block_on(bench::bench_of(asked.bench, &program))
        }
    }
}
