//! Every command has its help, and every example is one of its command lines.

use super::super::command;
use super::*;

/// Every command of the command line with its words.
fn walk(command: &Command, path: &str, all: &mut Vec<(String, String, bool)>) {
    let help = command.get_after_help().map(ToString::to_string);
    let leaf = !command.has_subcommands();
    all.push((path.to_owned(), help.unwrap_or_default(), leaf));
    for sub in command.get_subcommands() {
        walk(sub, format!("{path} {}", sub.get_name()).trim(), all);
    }
}

fn all() -> Vec<(String, String, bool)> {
    let mut all = Vec::new();
    walk(&command(), "", &mut all);
    all
}

#[test]
fn every_help_has_exit_statuses_and_an_example() {
    let all = all();
    assert!(all.iter().filter(|(_, _, leaf)| *leaf).count() > 25);
    for (path, help, _) in &all {
        for words in [
            "Examples:\n  tieout ",
            "Exit status:\n  0  done",
            "\n  2  ",
            "\n  3  ",
        ] {
            assert!(
                help.contains(words),
                "tieout {path} --help: {words:?} is missing"
            );
        }
    }
    for row in ROWS {
        assert!(
            all.iter().any(|(path, _, _)| path == row.path),
            "{}",
            row.path
        );
    }
}

#[test]
fn every_example_is_a_command_line_of_its_command() {
    for row in ROWS {
        for example in row.examples {
            let call = example.split(['<', '>', '|']).next().unwrap();
            let words: Vec<&str> = call.split_whitespace().collect();
            assert_eq!(words[0], "tieout");
            let own: Vec<&str> = row.path.split_whitespace().collect();
            assert!(words[1..].starts_with(&own), "{example}");
            if let Err(error) = command().try_get_matches_from(words) {
                panic!("{example}: {error}");
            }
            assert!(example.len() <= 96, "{example}: does not fit on a line");
        }
    }
}

#[test]
fn the_command_line_is_sound() {
    command().debug_assert();
}
