//! `tieout ach`: ACH files for people and for programs.

mod arguments;

pub use arguments::Command;

use super::output::Output;
use super::schema;
use crate::ach::answers::AnswerKind;
use crate::ach::draft::{Made, apart};
use crate::ach::make;
use crate::ach::{self, describe, rules, several};
use crate::terminal::say;
use arguments::{Answered, Ends, Entries, Generate, Merge, New, Together, Under};
use desk::failure::{Failure, Result, Status};
use formats::nacha::generate::{Defect, Plan};
use formats::nacha::ops::{By, Caps, Creation};
use formats::nacha::{LineEnd, WriterOptions};
use jiff::civil::Date;
use settlement::codes::sec::SecCode;
use std::path::{Path, PathBuf};

/// Runs one of them.
///
/// # Errors
/// Where a file cannot be read or written, and whatever else the command says.
pub fn run(command: Command, out: &Output) -> Result<Option<Status>> {
    match command {
        Command::Validate { files, under } => validated(out, &files, &under),
        Command::Describe { files, mask } if out.json => {
            describe::json(schema::ACH_DESCRIBE.as_str(), &files, mask, out.progress)
        }
        Command::Describe { files, mask } => describe::text(&files, mask, out.progress),
        Command::Json { file } => ach::json(&file, out.progress),
        Command::FromJson { file, out: to } => {
            to_be_made(out, to.as_deref(), Some(file.as_path()))?;
            let file = ach::from_json(&file, to.as_deref(), out.progress)?;
            made(out, &file)?;
            Ok((file.errors > 0).then_some(Status::Findings))
        }
        Command::Rules(under) => ruled(out, &under),
        Command::Generate(generate) => {
            to_be_made(out, generate.out.as_deref(), None)?;
            made(out, &invent(&generate)?)
        }
        Command::Mask { file, key, out: to } => {
            let made_of = [Some(file.as_path()), key.as_deref()];
            to_be_made(out, to.as_deref(), made_of.into_iter().flatten())?;
            masked(out, &file, key.as_deref(), to.as_deref())
        }
        Command::Reverse {
            file,
            new,
            effective,
        } => {
            to_be_made(out, new.out.as_deref(), Some(file.as_path()))?;
            reversed(out, &file, &new, effective.unwrap_or(new.date))
        }
        Command::Diff { left, right, most } => {
            let diff = several::diff(&left, &right, most, out.progress)?;
            out.show(schema::ACH_DIFF, &diff, diff.status().is_none())?;
            Ok(diff.status())
        }
        Command::Merge(merge) => {
            let merged = put_together(&merge, out)?;
            out.show(schema::ACH_MERGE, &merged, merged.status().is_none())?;
            Ok(merged.status())
        }
        Command::Split { file, by, out: to } => {
            let split = several::split(&file, parts(by), &to, out.progress)?;
            out.show(schema::ACH_SPLIT, &split, true)?;
            Ok(None)
        }
        Command::Return { file, answered } => answer(out, &file, AnswerKind::Return, answered),
        Command::Noc { file, answered } => answer(out, &file, AnswerKind::Change, answered),
    }
}

/// A file may be made where it takes the place of none that it is made of. With `--json` a command
/// that makes one reports on stdout, so the file must go elsewhere.
fn to_be_made<'a>(
    out: &Output,
    to: Option<&Path>,
    made_of: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    if let Some(to) = to {
        return apart(to, made_of);
    }
    if out.json {
        let what = "--json: the file itself would go to stdout, and leave no room for a report";
        return Err(
            Failure::usage(what).remedy("name the file with --out FILE, or leave --json out")
        );
    }
    Ok(())
}

fn validated(out: &Output, files: &[PathBuf], under: &Under) -> Result<Option<Status>> {
    let report = ach::validate(files, &under.dialect()?, out.progress);
    if out.json {
        out.document(schema::ACH_VALIDATE, &report)?;
        return Ok(report.status());
    }
    for file in &report.files {
        if file.is_clean() {
            out.remark(file)?;
        } else {
            out.text(file)?;
        }
    }
    Ok(report.status())
}

fn ruled(out: &Output, under: &Under) -> Result<Option<Status>> {
    let dialect = under.dialect()?;
    if out.json {
        out.document(schema::ACH_RULES, &rules::all(&dialect))?;
    } else {
        out.text(rules::text(&dialect))?;
    }
    Ok(None)
}

/// Masks a file; its faults stay, and are said.
fn masked(
    out: &Output,
    file: &Path,
    key: Option<&Path>,
    to: Option<&Path>,
) -> Result<Option<Status>> {
    let key = key.map(make::key).transpose()?;
    let masked = make::mask(file, key, to, out.progress)?;
    made(out, &masked)?;
    if masked.errors == 0 {
        return Ok(None);
    }
    let (file, errors) = (file.display(), masked.errors);
    say(format_args!(
        "tieout: {file}: {errors} errors; masked with them, `tieout ach validate` names them"
    ));
    Ok(Some(Status::Findings))
}

/// Takes a file back; that some of it was a reversal itself is said.
fn reversed(out: &Output, file: &Path, new: &New, effective: Date) -> Result<Option<Status>> {
    let to = new.out.as_deref();
    let reversed = make::reverse(file, new.creation(), effective, new.first, to)?;
    made(out, &reversed)?;
    let Some(line) = reversed.reversal_line else {
        return Ok(None);
    };
    let file = file.display();
    let why = "a reversal itself: what it took back goes again; is that what you want?";
    say(format_args!(
        "tieout: {file}: line {line} is in a batch that is {why}"
    ));
    Ok(Some(Status::Findings))
}

fn answer(
    out: &Output,
    file: &Path,
    kind: AnswerKind,
    answered: Answered,
) -> Result<Option<Status>> {
    to_be_made(out, answered.new.out.as_deref(), Some(file))?;
    made(out, &answered.run(kind, file)?)
}

fn parts(by: Together) -> By {
    match by {
        Together::Direction => By::Direction,
        Together::Batch => By::Batch,
        Together::Sec => By::Sec,
    }
}

fn put_together(merge: &Merge, out: &Output) -> Result<several::Merge> {
    let creation = Creation {
        date: merge.date,
        time: merge.time,
        modifier: u8::try_from(merge.modifier).unwrap_or(b' '),
    };
    let caps = Caps {
        lines: merge.max_lines,
        entries: merge.max_entries,
        cents: merge.max_cents,
    };
    several::merge(&merge.files, creation, caps, &merge.out, out.progress)
}

fn invent(generate: &Generate) -> Result<Made> {
    let line_end = match generate.line_end {
        Ends::Lf => LineEnd::Lf,
        Ends::Crlf => LineEnd::CrLf,
        Ends::None => LineEnd::None,
    };
    let defect = generate.defect.as_deref().map(|id| {
        Defect::of_rule(id).ok_or_else(|| {
            Failure::usage(format!("--defect {id}: no such defect can be planted"))
                .remedy("`tieout ach rules` lists the ids")
        })
    });
    let defect = defect.transpose()?;
    let shown = defect.map_or((SecCode::Ppd, false), |d| (d.sec, d.returns));
    let plan = Plan {
        sec: generate.sec.unwrap_or(shown.0),
        entries: generate.entries,
        batch: generate.batch,
        seed: generate.seed,
        returns: generate
            .kind
            .map_or(shown.1, |kind| matches!(kind, Entries::Returns)),
        options: WriterOptions { line_end },
    };
    make::invent(&plan, defect, generate.out.as_deref())
}

/// Says what was made; where the file itself went to stdout, nothing else goes there.
fn made(out: &Output, made: &Made) -> Result<Option<Status>> {
    if !made.path.is_empty() {
        out.show(schema::ACH_FILE, made, true)?;
    }
    Ok(None)
}
