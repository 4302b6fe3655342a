//! What a demo's report is made from.

use crate::demo::options::Options;
use crate::demo::scene::Scene;
use crate::demo::summary::document::AllBreaks;
use crate::records::reconciled::Reconciled;
use crate::report::data::Recounted;
use desk::Desk;

/// What the report is made from.
pub struct Input<'a> {
    pub desk: &'a Desk,
    pub options: &'a Options,
    pub scene: &'a Scene,
    pub records: &'a [Reconciled],
    pub breaks: &'a AllBreaks,
    pub recounted: Recounted,
}
