//! The files of a frozen cut as the bank must get them: their bytes, held against what was frozen.
//!
//! Between the cut and its delivery a file lies in a store. What goes out is what was decided: the
//! bytes whose hash the frozen cut fixed, and they are a NACHA file with the cut's own totals.

use crate::cut::render;
use crate::records::frozen::{Content, FrozenCut, FrozenFile};
use bytes::Bytes;
use desk::failure::{Failure, Result};
use desk::{Desk, proved};
use formats::nacha;
use settlement::archive::Hash256;

/// The bytes of a file of a frozen cut, proved.
///
/// # Errors
/// Where the file is missing, or other bytes stand in its place: nothing of it may be used.
pub async fn proved(desk: &Desk, cut: &FrozenCut, file: &FrozenFile) -> Result<Bytes> {
    let fixed = match file.content {
        Some(content) => content,
        None => rendered_again(desk, cut, file).await?,
    };
    let hold = |found| match found == fixed.sha256 {
        true => Ok(()),
        false => Err(changed(cut, file, found, fixed.sha256)),
    };
    let body = proved::whole(&*desk.ports.objects, &file.name, hold).await?;
    let body = body.ok_or_else(|| gone(cut, file))?;
    is_the_cut(&body, cut, file)?;
    Ok(body)
}

fn changed(cut: &FrozenCut, file: &FrozenFile, found: Hash256, fixed: Hash256) -> Failure {
    let name = &file.name;
    Failure::findings(format!(
        "{name}: its SHA-256 is {found}, and the frozen cut fixed {fixed}: it was changed after \
         it was cut"
    ))
    .remedy(again(cut))
}

/// Cuts frozen before hashes were kept fix them by what they render to.
async fn rendered_again(desk: &Desk, cut: &FrozenCut, file: &FrozenFile) -> Result<Content> {
    let content = render::again(desk, cut, &file.name).await?;
    content.ok_or_else(|| gone(cut, file))
}

/// Holds what the file says of itself against the cut: a second proof, which knows nothing of
/// hashes.
fn is_the_cut(body: &[u8], cut: &FrozenCut, file: &FrozenFile) -> Result<()> {
    let name = &file.name;
    let unreadable = |e| Failure::could_not(format!("{name}: {e}")).remedy("run the same again");
    let report = nacha::validate(body).map_err(unreadable)?;
    let counted = &report.totals;
    let counted = (counted.entries, counted.debit.get(), counted.credit.get());
    let mut errors = report.findings.kept().iter();
    let error = errors.find(|finding| finding.severity == nacha::Severity::Error);
    let why = match error {
        Some(error) => format!("no NACHA file that may be sent: {error}"),
        None if counted != file.totals() => "other totals than the frozen cut has".to_owned(),
        None => return Ok(()),
    };
    Err(Failure::findings(format!("{name}: {why}")).remedy(again(cut)))
}

fn gone(cut: &FrozenCut, file: &FrozenFile) -> Failure {
    Failure::findings(format!("{}: gone, and {} names it", file.name, cut.cut.0)).remedy(format!(
        "run tieout cut --date {}: it is rendered again",
        cut.date
    ))
}

fn again(cut: &FrozenCut) -> String {
    format!(
        "nothing of it was used: find out who changed it, move it away and run tieout cut --date \
         {}, which renders it again from the frozen cut",
        cut.date
    )
}
