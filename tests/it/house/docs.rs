//! What the documents say is what there is: commands, links, jobs, schedules.

use crate::child::run;
use crate::house::source::{Text, assert_none, file, files, root};
use crate::tree::scratch;
use jobs::JOBS;

fn documents() -> Vec<Text> {
    files(&["md"])
}

fn readme() -> String {
    file("README.md").expect("a README")
}

#[test]
fn the_readme_has_the_two_commands() {
    for command in ["cargo run -- demo", "cargo test --workspace"] {
        assert!(readme().contains(command), "README.md: {command}");
    }
}

#[test]
fn the_checks_are_those_that_contributors_are_told() {
    let checks = file(".ci/run").expect("the checks");
    let told = file("CONTRIBUTING.md").expect("the rules");
    for command in [
        "cargo fmt --all -- --check",
        "cargo machete",
        "RUSTDOCFLAGS=\"-D warnings\" cargo doc --workspace --no-deps",
        "cargo clippy --workspace --all-targets -- -D warnings",
        "cargo test --workspace",
    ] {
        let runs = checks.lines().any(|line| line == command);
        assert!(runs, ".ci/run: {command}");
    }
    assert!(told.contains(".ci/run"), "CONTRIBUTING.md: .ci/run");
}

/// The targets of a document's links that are files of the project.
fn links(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for piece in text.split("](").skip(1) {
        let Some((target, _)) = piece.split_once(')') else {
            continue;
        };
        let target = target.split('#').next().unwrap_or_default().trim();
        let elsewhere = target.contains("://") || target.starts_with("mailto:");
        if !target.is_empty() && !elsewhere {
            targets.push(target.to_owned());
        }
    }
    targets
}

#[test]
fn every_link_leads_somewhere() {
    let (mut broken, mut seen) = (Vec::new(), 0);
    for text in documents() {
        let path = root().join(&text.name);
        let folder = path.parent().expect("a folder");
        for target in links(&text.text) {
            seen += 1;
            if !folder.join(&target).exists() {
                broken.push(format!("{}: {target}", text.name));
            }
        }
    }
    assert!(seen > 10, "the scan found only {seen} links: is it broken?");
    assert_none("links to files that are not there", &broken);
}

#[test]
fn every_source_file_that_is_named_is_there() {
    let mut gone = Vec::new();
    for text in documents()
        .iter()
        .filter(|text| text.name != "CHANGELOG.md")
    {
        for named in text.text.split('`').skip(1).step_by(2) {
            let folders = [
                "settlement/",
                "formats/",
                "connectors/",
                "desk/",
                "sandbox/",
                "online/",
                "jobs/",
                "tests/",
                "data/",
            ];
            let ours = folders.iter().any(|folder| named.starts_with(folder));
            let plain = !named.contains([' ', '*', '<', '{', ':', '=']);
            if ours && plain && !root().join(named).exists() {
                gone.push(format!("{}: {named}", text.name));
            }
        }
    }
    assert_none("files that are named and not there", &gone);
}

#[test]
fn every_job_is_a_stop_of_the_table() {
    let text = file("ARCHITECTURE.md").expect("the map");
    for job in JOBS {
        let row = format!("\n| {} |", job.name);
        assert!(
            text.contains(&row),
            "ARCHITECTURE.md: no row for {}",
            job.name
        );
        let shell = format!("jobs/src/{}.rs", job.name);
        assert!(text.contains(&shell), "ARCHITECTURE.md: {shell}");
    }
}

#[test]
fn every_schedule_runs_a_job_that_there_is() {
    let Some(text) = file("schedules/schedules.toml") else {
        return;
    };
    let table: toml::Table = text.parse().expect("schedules.toml");
    let rows = table["schedule"].as_array().expect("schedules");
    for row in rows {
        let job = row["job"].as_str().expect("a job");
        assert!(
            JOBS.iter().any(|known| known.name == job),
            "schedules.toml: {job}"
        );
        if job == "cut" {
            let window = row["window"].as_str().expect("a cut names its window");
            window.parse::<settlement::windows::Window>().expect(window);
        }
    }
    for job in JOBS {
        let scheduled = rows.iter().any(|row| row["job"].as_str() == Some(job.name));
        assert!(scheduled, "schedules.toml: nothing runs {}", job.name);
    }
}

/// The commands that `--help` lists.
fn commands(of: &[&str]) -> Vec<String> {
    let dir = scratch();
    let args: Vec<&str> = of.iter().copied().chain(["--help"]).collect();
    let help = run(dir.path(), &args);
    let text = help.expect(0, &["Commands:"]).text();
    let (_, list) = text.split_once("Commands:\n").expect("a list");
    let lines = list.lines().take_while(|line| !line.trim().is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_is_documented() {
    let all: String = documents().into_iter().map(|text| text.text).collect();
    let top = commands(&[]);
    assert!(top.len() > 10, "{top:?}");
    let mut missing = Vec::new();
    for command in &top {
        if !all.contains(&format!("tieout {command}")) {
            missing.push(format!("tieout {command}"));
        }
    }
    for family in ["ach", "statement"] {
        for command in commands(&[family]) {
            // Several of a family are often told at once: `tieout ach validate|describe`.
            let told = all
                .lines()
                .any(|l| l.contains(family) && l.contains(&command));
            if !told {
                missing.push(format!("tieout {family} {command}"));
            }
        }
    }
    assert_none("commands that no document tells", &missing);
    for job in JOBS {
        assert!(
            top.iter().any(|command| command == job.name),
            "no command {}",
            job.name
        );
    }
}
