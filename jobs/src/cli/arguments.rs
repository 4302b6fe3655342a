//! What can be asked on the command line.

mod online;

pub use online::{MerchantCommand, NewKey, NewMerchant, Said, VaultCommand};

use super::{ach, help, risks};
use crate::demo;
use crate::typed::day;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::civil::Date;
use settlement::windows::Window;
use std::path::PathBuf;

/// The whole command line, each command's help with its examples and exit statuses.
pub fn command() -> clap::Command {
    help::explained(Cli::command())
}

/// Batch settlement and reconciliation for ACH payments.
#[derive(Parser)]
#[command(
    name = "tieout",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(flatten)]
    pub everywhere: Everywhere,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Args)]
pub struct Everywhere {
    /// Print one JSON document on stdout, also where it fails (docs/json.md)
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// The configuration; by default ./tieout.toml where there is one
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub config: Option<PathBuf>,
    /// One bank of several, by the name of its profile; by default all, one after the other
    // A path, since `ach` has a flag of this name for a file, and both have one type.
    #[arg(long, global = true, value_name = "NAME", help_heading = "Everywhere")]
    pub bank: Option<PathBuf>,
    /// Print only findings, errors, and what was asked to be shown
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub quiet: bool,
    /// Log lines on stderr; TIEOUT_LOG says which, by default info
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "off|text|json",
        default_value_t = Log::Off,
        hide_default_value = true,
        hide_possible_values = true,
        help_heading = "Everywhere"
    )]
    pub log: Log,
}

/// The form of log lines: off, text or json.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// None.
    Off,
    /// Lines for people.
    Text,
    /// A JSON object on each line.
    Json,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Whole business days in a fresh sandbox, then the reports
    Demo(demo::Options),
    /// Make an installation: folders, identity, keys; adopt one that is there
    Init(Init),
    /// Every job of one business date
    Day(OnDate),
    /// Claim waiting payments, freeze them, and render NACHA files
    Cut {
        #[command(flatten)]
        on: OnDate,
        /// One window, sd1, sd2, sd3 or standard; by default all four
        #[arg(long)]
        window: Option<Window>,
        /// Say what would go when and what it would cost, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Upload the day's files and read them back
    Deliver {
        #[command(flatten)]
        on: OnDate,
        /// First move aside what a stranger has put at the bank under the name of a file that is
        /// not delivered; may be given several times
        #[arg(long, value_name = "NAME")]
        set_aside: Vec<String>,
        /// First record that the bank says it has taken a file of ours, of which nothing was seen
        /// after its upload had begun; may be given several times
        #[arg(long, value_name = "NAME")]
        taken: Vec<String>,
    },
    /// Copy, register and read what the bank has put out
    Ingest {
        #[command(flatten)]
        on: OnDate,
        /// Local files instead of the bank's
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Find what each line of a statement answers, and settle the payments of it
    Allocate(OnDate),
    /// Write the journal and the balances
    Post(OnDate),
    /// Prove every leg, name every break
    Reconcile(OnDate),
    /// Compute what each payment cost against the baselines
    Savings(OnDate),
    /// Pack the day with a proof chained to the day before
    Archive(OnDate),
    /// Bring an archived day back, prove it, and unpack it
    Retrieve {
        #[command(flatten)]
        on: OnDate,
        /// A new or empty folder
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Prove that an archived day is as it was sealed
    Verify {
        /// A folder that retrieve made; needs no installation
        #[arg(required_unless_present = "date", conflicts_with = "date")]
        dir: Option<PathBuf>,
        /// The SHA-256 that the folder's manifest must have, from a place of its own
        #[arg(long, value_name = "SHA256", requires = "dir")]
        manifest: Option<String>,
        /// A day in the archive, YYYY-MM-DD
        #[arg(long, value_parser = day)]
        date: Option<Date>,
    },
    /// Prove a whole installation: what of it is missing, changed or foreign
    Check {
        /// One business date, YYYY-MM-DD
        #[arg(long, conflicts_with = "all", value_parser = day)]
        date: Option<Date>,
        /// Everything; so it is without --date
        #[arg(long)]
        all: bool,
        /// The hash of a manifest that was kept elsewhere
        #[arg(long, value_name = "SHA256")]
        known: Option<String>,
    },
    /// Bring an installation of an older version forward
    Upgrade {
        /// Prove what is there, and change nothing
        #[arg(long)]
        dry_run: bool,
        /// Go on where something is missing or changed that cannot be mended
        #[arg(long)]
        despite_findings: bool,
    },
    /// Money that originators, or we, bring to the account or take out: announced before its wire
    #[command(subcommand)]
    Funding(FundingCommand),
    /// Merchants: who may ask for payments online, and their keys
    #[command(subcommand)]
    Merchants(MerchantCommand),
    /// The keys under which account numbers are sealed
    #[command(subcommand)]
    Vault(VaultCommand),
    /// The simulated bank, to try an installation out with
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Who a customer was
    #[command(flatten)]
    Customers(CustomerCommand),
    /// Ask the tables: a named question, or SQL, as known at the close of a day
    Query(Query),
    /// The tables: what there is of each, and how another engine is told of them
    #[command(subcommand)]
    Tables(TablesCommand),
    /// ACH files: check, describe, convert, make
    #[command(subcommand)]
    Ach(ach::Command),
    /// Bank statements: BAI2 and camt.052, .053, .054
    #[command(subcommand)]
    Statement(StatementCommand),
    /// Risk of fraud: train a model, score a request, watch for drift
    #[command(subcommand)]
    Risk(risks::Command),
    /// What a shell needs to complete our commands, on stdout
    Completions {
        /// The shell
        shell: Shell,
    },
    /// The manual: one page on stdout, or a page for each command in a folder
    Man {
        /// The folder the pages go into, tieout.1, tieout-day.1, ...; made where it is not there
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// What becomes of an installation.
#[derive(Args)]
pub struct Init {
    /// Its folder, in place of the configuration's; by default ./tieout-data
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// It was brought back from copies: prove it and raise its epoch, so that what was left
    /// behind is known
    #[arg(long)]
    pub restored: bool,
}

/// What is asked of the tables.
#[derive(Args, Clone)]
pub struct Query {
    /// The name of a question, as --list shows it, or one SELECT
    #[arg(value_name = "NAME|SQL", required_unless_present = "list")]
    pub question: Option<String>,
    /// Show the questions that have a name, and what they take
    #[arg(long, conflicts_with_all = ["question", "csv", "sql", "param", "as_of", "from", "to"])]
    pub list: bool,
    /// Answer as it was known at the close of this day, YYYY-MM-DD, or of the last one before it
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
    /// The first day; by default that of the month of the last one
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub from: Option<Date>,
    /// The last day; by default that of --as-of
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub to: Option<Date>,
    /// Another parameter of the question; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub param: Vec<String>,
    /// Print the answer as CSV
    #[arg(long, conflicts_with_all = ["json", "sql"])]
    pub csv: bool,
    /// Print the SQL, with its parameters in it, and ask nothing
    #[arg(long)]
    pub sql: bool,
}

/// What can be done with the tables.
#[derive(Clone, Subcommand)]
pub enum TablesCommand {
    /// Parts, rows, cents and days of each table
    List {
        /// As it was known at the close of this day, YYYY-MM-DD, or of the last one before it
        #[arg(long, value_name = "DATE", value_parser = day)]
        as_of: Option<Date>,
    },
    /// The statements that tell an engine of the tables
    Ddl {
        /// The engine
        #[arg(long, value_enum, default_value_t = EngineName::Athena)]
        engine: EngineName,
        /// Where the tables are, s3://bucket/prefix; for DuckDB by default the folder itself
        #[arg(long, value_name = "PLACE")]
        location: Option<String>,
    },
    /// List the parts of every record in the table parts, where one is not listed yet
    Parts,
}

/// An engine by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// Amazon Athena.
    Athena,
    /// DuckDB.
    Duckdb,
}

/// A business date.
#[derive(Args, Clone, Copy)]
pub struct OnDate {
    /// The business date, YYYY-MM-DD: a banking day
    #[arg(long, value_parser = day)]
    pub date: Date,
}

/// What can be asked of a customer.
#[derive(Clone, Subcommand)]
pub enum CustomerCommand {
    /// Forget who a customer was: names and account numbers go, amounts and proofs stay
    Forget {
        #[command(flatten)]
        whose: Whose,
        /// Say what would be forgotten, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Everything that is held of a customer, as one JSON document
    ExportCustomer {
        #[command(flatten)]
        whose: Whose,
        /// The file that the document goes into, readable by its owner alone; refused where
        /// something has its name
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

impl CustomerCommand {
    /// Whom it is about.
    pub const fn whose(&self) -> &Whose {
        match self {
            CustomerCommand::Forget { whose, .. }
            | CustomerCommand::ExportCustomer { whose, .. } => whose,
        }
    }
}

/// A customer: an account as one originator knows it.
#[derive(Args, Clone)]
pub struct Whose {
    /// The originator, by the profile's name
    #[arg(long)]
    pub originator: String,
    /// The account's token, as account_token in the tables has it
    #[arg(long)]
    pub token: String,
}

/// What can be done with the simulated bank.
#[derive(Clone, Subcommand)]
pub enum SandboxCommand {
    /// A business date in the sandbox: the bank's morning, every job, the bank's evening
    Day {
        #[command(flatten)]
        on: OnDate,
        /// What the bank draws its chances from, where it is made by this
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Have the bank return a payment's entry, or notify a change
    Answer {
        /// The payment's id
        payment: String,
        /// The code: R01, R10, C05
        #[arg(long)]
        code: String,
        /// What the bank draws its chances from, where it is made by this
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// What can be said of fundings.
#[derive(Clone, Subcommand)]
pub enum FundingCommand {
    /// Announce money: its wire is expected, and what it says is credited
    Announce {
        /// Whose it is, by the profile's name
        #[arg(long, required_unless_present = "own", conflicts_with = "own")]
        originator: Option<String>,
        /// Our own money
        #[arg(long)]
        own: bool,
        /// Dollars that come; less than zero where they go
        #[arg(long, value_name = "DOLLARS", allow_hyphen_values = true)]
        amount: String,
        /// The day of the wire, YYYY-MM-DD: a banking day whose books are open
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Date,
        /// What the wire will say: 4 to 35 letters, digits, blanks and - . : +
        #[arg(long)]
        reference: String,
    },
    /// Announcements that wait, or all that were made for a day
    List {
        /// The day of the wires, YYYY-MM-DD
        #[arg(long, value_parser = day)]
        date: Option<Date>,
    },
    /// Withdraw an announcement: its wire will not come
    Withdraw {
        /// Its number, as list shows it
        number: u32,
    },
}

/// What can be done with statements.
#[derive(Subcommand)]
pub enum StatementCommand {
    /// Statements for people: accounts, balances, lines, findings
    Describe {
        /// BAI2 or camt files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Statements for programs; the same as describe --json
    Json {
        /// BAI2 or camt files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}
