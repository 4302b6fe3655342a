//! The names of the JSON documents. docs/json.md describes each of them; a field is added to a
//! document as it is, and what else changes gets the next number.

use serde::Serialize;

/// The name of a document: its first member, `schema`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Schema(&'static str);

impl Schema {
    /// As it stands in the document.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// Why a command did not do what it was asked.
pub const ERROR: Schema = Schema("tieout/error/1");
/// What a command did at each of several banks.
pub const BANKS: Schema = Schema("tieout/banks/1");
/// `demo`.
pub const DEMO: Schema = Schema("tieout/demo/1");
/// `day`.
pub const DAY: Schema = Schema("tieout/day/1");
/// `cut`. What came before it had no name, and three shapes.
pub const CUT: Schema = Schema("tieout/cut/2");
/// `deliver`, `ingest`, `post`, `reconcile`, `savings`, `archive`.
pub const TALLY: Schema = Schema("tieout/tally/1");
/// `retrieve`, `verify`.
pub const PROOF: Schema = Schema("tieout/proof/1");
/// `check`.
pub const CHECK: Schema = Schema("tieout/check/1");
/// `funding announce`, `list`, `withdraw`.
pub const FUNDING: Schema = Schema("tieout/funding/1");
/// `merchants list`, `add`, `approve`, `suspend`.
pub const MERCHANTS: Schema = Schema("tieout/merchants/1");
/// `merchants key`, `keys`, `revoke`.
pub const MERCHANT_KEYS: Schema = Schema("tieout/merchant-keys/1");
/// `vault rotate`, `rewrap`.
pub const VAULT: Schema = Schema("tieout/vault/1");
/// `sandbox answer`.
pub const SANDBOX: Schema = Schema("tieout/sandbox/1");
/// `forget`.
pub const FORGET: Schema = Schema("tieout/forget/1");
/// `export-customer --out`.
pub const EXPORTED: Schema = Schema("tieout/exported/1");
/// `export-customer`.
pub const EXPORT_CUSTOMER: Schema = Schema("tieout/export-customer/1");
/// `query`.
pub const QUERY: Schema = Schema("tieout/query/1");
/// `query --list`.
pub const QUERIES: Schema = Schema("tieout/queries/1");
/// `tables list`.
pub const TABLES: Schema = Schema("tieout/tables/1");
/// `tables ddl`.
pub const DDL: Schema = Schema("tieout/tables-ddl/1");
/// `tables parts`.
pub const TABLES_PARTS: Schema = Schema("tieout/tables-parts/1");
/// `ach validate`.
pub const ACH_VALIDATE: Schema = Schema("tieout/ach-validate/1");
/// `ach describe`.
pub const ACH_DESCRIBE: Schema = Schema("tieout/ach-describe/1");
/// `ach rules`.
pub const ACH_RULES: Schema = Schema("tieout/ach-rules/1");
/// `ach generate`, `mask`, `reverse`, `return`, `noc`, `from-json`: one file that was made.
pub const ACH_FILE: Schema = Schema("tieout/ach-file/1");
/// `ach diff`.
pub const ACH_DIFF: Schema = Schema("tieout/ach-diff/1");
/// `ach merge`.
pub const ACH_MERGE: Schema = Schema("tieout/ach-merge/1");
/// `ach split`.
pub const ACH_SPLIT: Schema = Schema("tieout/ach-split/1");
/// `statement describe`, `statement json`.
pub const STATEMENT: Schema = Schema("tieout/statement/1");
/// `risk train`.
pub const RISK_TRAIN: Schema = Schema("tieout/risk-train/1");
/// `risk features`.
pub const RISK_FEATURES: Schema = Schema("tieout/risk-features/1");
/// `risk score`.
pub const RISK_SCORE: Schema = Schema("tieout/risk-score/1");
/// `risk drift`.
pub const RISK_DRIFT: Schema = Schema("tieout/risk-drift/1");
/// `risk rules`.
pub const RISK_RULES: Schema = Schema("tieout/risk-rules/1");
/// `init`.
pub const INIT: Schema = Schema("tieout/init/1");
/// `upgrade`.
pub const UPGRADE: Schema = Schema("tieout/upgrade/1");
/// `man --out`.
pub const MAN: Schema = Schema("tieout/man/1");

/// A document: its schema first, then its own members.
#[derive(Serialize)]
pub struct Document<T> {
    schema: Schema,
    #[serde(flatten)]
    body: T,
}

impl<T: Serialize> Document<T> {
    /// `body` under its name.
    pub const fn new(schema: Schema, body: T) -> Document<T> {
        Document { schema, body }
    }
}
