//! The rules and the model that ship, and those that somebody names in their place.

use connectors::given;
use desk::failure::{Failure, Result};
use settlement::foreign;
use settlement::risk::judge::Judge;
use settlement::risk::model::{MODEL_BYTES, Model};
use settlement::risk::rules::{RULES_BYTES, RuleSet};
use std::path::Path;

/// The rules that ship.
pub const RULES: &str = include_str!("../../../data/risk/rules.toml");

/// The model that ships, trained on the sandbox's history.
pub const MODEL: &str = include_str!("../../../data/risk/model.toml");

/// The rules of a file, or those that ship.
///
/// # Errors
/// Where the file cannot be read or is refused; with its line.
pub fn rules(path: Option<&Path>) -> Result<RuleSet> {
    rules_of(&rules_text(path)?, path)
}

/// The text of a file of rules, or of those that ship.
///
/// # Errors
/// Where the file cannot be read.
pub fn rules_text(path: Option<&Path>) -> Result<String> {
    text(path, RULES, RULES_BYTES)
}

/// The rules of a text, which is that of `path`.
///
/// # Errors
/// Where it is refused; with its line.
pub fn rules_of(text: &str, path: Option<&Path>) -> Result<RuleSet> {
    RuleSet::parse(text).map_err(|error| {
        Failure::usage(format!("{}: {error}", said(path, "the rules that ship")))
            .remedy("mend that line; data/risk/rules.toml shows every field")
    })
}

/// The model of a file, or the one that ships.
///
/// # Errors
/// Where the file cannot be read or is refused.
pub fn model(path: Option<&Path>) -> Result<Model> {
    let text = text(path, MODEL, MODEL_BYTES)?;
    Model::parse(&text).map_err(|error| {
        let what = format!("{}: {error}", said(path, "the model that ships"));
        Failure::advised(desk::failure::Status::Usage, what, "train it again")
    })
}

/// Both.
///
/// # Errors
/// As [`rules`] and [`model`].
pub fn judge(of_rules: Option<&Path>, of_model: Option<&Path>) -> Result<Judge> {
    Ok(Judge::new(rules(of_rules)?, Some(model(of_model)?)))
}

fn said(path: Option<&Path>, shipped: &str) -> String {
    path.map_or_else(|| shipped.to_owned(), foreign::path)
}

fn text(path: Option<&Path>, shipped: &str, most: u64) -> Result<String> {
    let Some(path) = path else {
        return Ok(shipped.to_owned());
    };
    given::text(path, most).map_err(|error| {
        Failure::usage(format!("{}: {error}", foreign::path(path)))
            .remedy("name a file that can be read")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_is_read() {
        let judge = judge(None, None).unwrap();
        assert!(judge.model().is_some_and(|model| model.tables().len() > 10));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rules.toml");
        std::fs::write(
            &path,
            RULES.replacen("\"amount_to_new_payee_cents\"", "\"x\"", 1),
        )
        .unwrap();
        let error = rules(Some(&path)).unwrap_err().to_string();
        assert!(
            error.contains("rules.toml: line ") && error.contains("no feature x"),
            "{error}"
        );
        std::fs::write(&path, MODEL.replacen("unknown = ", "unknown = 1", 1)).unwrap();
        let error = model(Some(&path)).unwrap_err().to_string();
        assert!(error.contains("not as it was written"), "{error}");
        assert!(model(Some(&dir.path().join("gone"))).is_err());
    }
}
