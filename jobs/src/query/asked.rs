//! What is asked, as it comes from a command.

use jiff::civil::Date;
use std::collections::BTreeMap;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The name of a question, or SQL.
    pub question: String,
    /// The close as of which it is asked; the newest without it.
    pub as_of: Option<Date>,
    /// The first day of a question about days.
    pub from: Option<Date>,
    /// The last one.
    pub to: Option<Date>,
    /// Other parameters, by name.
    pub parameters: BTreeMap<String, String>,
}
