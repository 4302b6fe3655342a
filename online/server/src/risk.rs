//! How risk is judged: by the rules and the model of two files.

use connectors::given;
use desk::failure::{Failure, Result};
use online::risk::Risk;
use settlement::risk::judge::Judge;
use settlement::risk::model::Model;
use settlement::risk::rules::RuleSet;
use std::path::Path;
use std::sync::Arc;

/// The largest file of rules or of a model.
const FILE_BYTES: u64 = 4 << 20;

/// What judges by these files; nothing where there are none.
///
/// # Errors
/// Exit status 2 where a file is none of them.
pub fn judge(rules: Option<&Path>, model: Option<&Path>) -> Result<Option<Risk>> {
    let Some(rules) = rules else { return Ok(None) };
    let wrong = |path: &Path, why: &dyn std::fmt::Display| {
        let path = settlement::foreign::path(path);
        Failure::usage(format!("{path}: {why}")).remedy("tieout risk rules checks a file of rules")
    };
    let read = |path: &Path| given::text(path, FILE_BYTES).map_err(|e| wrong(path, &e));
    let set = RuleSet::parse(&read(rules)?).map_err(|e| wrong(rules, &e))?;
    let model = match model {
        None => None,
        Some(path) => Some(Model::parse(&read(path)?).map_err(|e| wrong(path, &e))?),
    };
    Ok(Some(Risk::new(Arc::new(Judge::new(set, model)))))
}
