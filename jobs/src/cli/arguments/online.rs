//! What can be asked of the online path's merchants and keys.

use clap::{Args, Subcommand};
use settlement::codes::sec::SecCode;

/// What can be done with merchants.
#[derive(Clone, Subcommand)]
pub enum MerchantCommand {
    /// Merchants, and where each stands
    List,
    /// Submit a merchant: two people must approve it before it may ask for payments
    Add(NewMerchant),
    /// Approve a merchant, in the name of one person; a second one must do so too
    Approve(Said),
    /// Suspend a merchant: its requests are refused within 5 seconds
    Suspend(Said),
    /// Make a key: its secret is shown this once
    Key(NewKey),
    /// Keys: whose each is, what it is for and what it is kept as; no secret
    Keys {
        /// Only this merchant's
        #[arg(value_name = "MERCHANT")]
        name: Option<String>,
    },
    /// Revoke a key: it is refused within 5 seconds, and for ever
    Revoke {
        /// What it is kept as, as keys shows it, or how that begins
        #[arg(value_name = "KEPT_AS")]
        kept_as: String,
    },
}

/// A new merchant.
#[derive(Args, Clone)]
pub struct NewMerchant {
    /// Its name: 1 to 32 lower-case letters, digits and hyphens, first a letter
    pub name: String,
    /// The originator of the bank's profile that its payments go by: of one merchant alone
    #[arg(long)]
    pub originator: String,
    /// An entry class that it may use; by default all that the bank has agreed to; may be given
    /// several times
    #[arg(long, value_name = "SEC")]
    pub class: Vec<SecCode>,
    /// Dollars of one payment at most
    #[arg(long, value_name = "DOLLARS")]
    pub payment_limit: Option<String>,
    /// Requests a second at most
    #[arg(long, value_name = "N")]
    pub per_second: Option<u32>,
}

/// What a person says of a merchant.
#[derive(Args, Clone)]
pub struct Said {
    /// The merchant
    pub name: String,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// A new key.
#[derive(Args, Clone)]
pub struct NewKey {
    /// The merchant whose it is
    #[arg(required_unless_present = "operator", conflicts_with = "operator")]
    pub merchant: Option<String>,
    /// The operator's own: it sees every merchant's payments and asks for none
    #[arg(long)]
    pub operator: bool,
    /// What people call it
    #[arg(long)]
    pub name: String,
    /// What it may be used for; may be given several times
    #[arg(long, required = true)]
    pub scope: Vec<String>,
    /// For a sandbox: its secret says so
    #[arg(long)]
    pub test: bool,
}

/// What can be done with the keys under which numbers are sealed.
#[derive(Clone, Copy, Subcommand)]
pub enum VaultCommand {
    /// Make a new master key, and wrap the keys of every token by it
    Rotate,
    /// Wrap by the newest master key the keys of every token that still are by an older one
    Rewrap,
}
