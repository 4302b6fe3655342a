//! The command line of `tieout-online`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Accepts payments in milliseconds, and hands them to settlement.
#[derive(Debug, Parser)]
#[command(name = "tieout-online", version, about)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Log lines on stderr; TIEOUT_LOG says which.
    #[arg(long, global = true, value_enum, default_value_t = Log::Off)]
    pub log: Log,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// None.
    Off,
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the API. Its first line on stdout says where, and with --dev a key.
    ///
    /// Example: tieout-online serve --dev --listen 127.0.0.1:8080 --dir ./tieout-dev
    Serve(Serve),
    /// Loads a server of its own and says how fast it is.
    ///
    /// Example: tieout-online bench --rate 5000 --seconds 20 --json
    Bench(Bench),
}

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// The configuration, tieout.toml.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder of the installation, in place of the configuration's.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// For trying out: makes the installation, a merchant and a key where they are not there. The
    /// key is in the file dev-key of the folder, for its owner alone, and used again.
    #[arg(long)]
    pub dev: bool,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The certificates of the server, PEM; with --tls-key it speaks TLS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the first certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Lets webhooks go to this machine, and without TLS: for trying out.
    #[arg(long)]
    pub webhooks_to_localhost: bool,
    /// The rules by which risk is judged (data/risk/rules.toml); without them it is not. They, the
    /// model, the blocklist and the database are read anew when they change.
    #[arg(long, value_name = "FILE")]
    pub risk: Option<PathBuf>,
    /// The model beside the rules (data/risk/model.toml).
    #[arg(long, value_name = "FILE", requires = "risk")]
    pub risk_model: Option<PathBuf>,
    /// Who is on the blocklist: lines of account, customer, device or ip, and a name.
    #[arg(long, value_name = "FILE", requires = "risk")]
    pub risk_blocklist: Option<PathBuf>,
    /// Where IP addresses are: a database in MaxMind's format.
    #[arg(long, value_name = "FILE", requires = "risk")]
    pub geo: Option<PathBuf>,
    /// Requests that are worked on at a time; more are refused at once.
    #[arg(long, value_name = "N", default_value_t = 2_048)]
    pub at_a_time: usize,
    /// Requests a second of each caller whose merchant has no limit of its own.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub per_second: u32,
}

/// What is asked of a server under load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// A rate, or as many as are answered.
    Sustained,
    /// As many as are answered, then twice as many.
    Overload,
    /// Ten times a rate for a minute.
    Spike,
    /// A million payments, and the memory meanwhile.
    Million,
    /// Each of them.
    All,
}

impl Mode {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Sustained => "sustained",
            Mode::Overload => "overload",
            Mode::Spike => "spike",
            Mode::Million => "million",
            Mode::All => "all",
        }
    }
}

/// How to load.
#[derive(Clone, Debug, Args)]
pub struct Bench {
    /// What is asked of the server.
    #[arg(long, value_enum, default_value_t = Mode::Sustained)]
    pub mode: Mode,
    /// Payments a second, whether or not the ones before are answered; without it as many as are
    /// answered (in a spike: 5000, and ten times as many).
    #[arg(long, value_name = "N")]
    pub rate: Option<u32>,
    /// Payments of the mode million.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// For how long (a spike lasts a minute, a million as long as it takes).
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub seconds: u32,
    /// Connections.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub connections: usize,
    /// The folder of the server's installation; a temporary one where nothing is said.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// One JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}
