//! The manual and the shell completions, drawn from the command line itself.

use super::arguments::command;
use super::output::{Output, unprinted};
use super::schema;
use crate::ach::draft::{Draft, unkept};
use crate::ach::sort::Sort;
use crate::terminal;
use clap_complete::Shell;
use desk::failure::{Failure, Result, Status};
use serde::Serialize;
use settlement::foreign;
use std::io::Write;
use std::path::Path;

/// The document of `tieout man --out DIR --json`.
#[derive(Serialize)]
struct Pages {
    files: Vec<String>,
}

/// Prints what `shell` needs to complete our commands.
pub fn completions(out: &Output, shell: Shell) -> Result<Option<Status>> {
    if out.json {
        let what = "--json: the completions are a script, on stdout";
        return Err(Failure::usage(what).remedy("leave --json out"));
    }
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "tieout", &mut script);
    print(&script)
}

/// Prints the manual's first page, or writes every page into a folder.
pub fn manual(out: &Output, folder: Option<&Path>) -> Result<Option<Status>> {
    let Some(folder) = folder else {
        if out.json {
            let what = "--json: the page itself would go to stdout";
            return Err(Failure::usage(what).remedy("name a folder with --out, or leave it out"));
        }
        let page = clap_mangen::Man::new(command());
        let mut text = Vec::new();
        page.render(&mut text).map_err(|e| unprinted(&e))?;
        return print(&text);
    };
    let mut files = Vec::new();
    for (name, text) in pages() {
        let mut page = Draft::begin_in(folder, &name, Sort::Page)?;
        page.write_all(&text).map_err(unkept)?;
        page.keep()?;
        files.push(folder.join(name).display().to_string());
    }
    if out.json {
        out.document(schema::MAN, &Pages { files })?;
    } else {
        files
            .iter()
            .try_for_each(|file| out.remark(foreign::line(file)))?;
    }
    Ok(None)
}

fn print(bytes: &[u8]) -> Result<Option<Status>> {
    let mut out = terminal::file();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|e| unprinted(&e))?;
    Ok(None)
}

/// Each command's page with its name: `tieout-ach-merge.1`.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut root = command().disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    add(&root, &mut pages);
    pages
}

fn add(command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) {
    let page = clap_mangen::Man::new(command.clone());
    let mut text = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = page.render(&mut text);
    pages.push((page.get_filename(), text));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        add(sub, pages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_statuses_and_examples() {
        let pages = pages();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert!(
            names.contains(&"tieout.1") && names.contains(&"tieout-ach-merge.1"),
            "{names:?}"
        );
        for (name, text) in &pages {
            let text = String::from_utf8_lossy(text);
            assert!(
                text.contains("Exit status") && text.contains("Examples"),
                "{name}"
            );
        }
    }

    #[test]
    fn every_shell_completes_every_command() {
        for shell in [
            Shell::Bash,
            Shell::Zsh,
            Shell::Fish,
            Shell::PowerShell,
            Shell::Elvish,
        ] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command(), "tieout", &mut script);
            let script = String::from_utf8_lossy(&script);
            for name in ["reconcile", "from-json", "--dry-run"] {
                let bare = name.trim_start_matches('-');
                assert!(script.contains(bare), "{shell}: {name}");
            }
        }
    }
}
