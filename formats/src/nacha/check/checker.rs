//! The checks' memory, and how they say what they found.
//!
//! What is checked stands beside this file, a part of the format in each: [`file`](super::file),
//! [`batch`](super::batch), [`entry`](super::entry), [`addenda`](super::addenda). Each adds its
//! methods to [`Checker`]; none knows another's.

use crate::nacha::check::again::{Payments, Traces};
use crate::nacha::check::header::Batch;
use crate::nacha::check::open::{File, Open, Quiet};
use crate::nacha::check::totals::Totals;
use crate::nacha::dialect::Dialect;
use crate::nacha::findings::{At, Findings, Place};
use crate::nacha::layout::Layout;
use crate::nacha::rules::Rule;
use settlement::exact::Exact;

/// The checks' memory: the file, the batch and the entry that are open.
pub(crate) struct Checker {
    pub findings: Findings,
    pub totals: Totals,
    pub batch: Batch,
    pub(super) file: File,
    pub(super) entry: Open,
    pub(super) traces: Traces,
    pub(super) payments: Payments,
    /// The entry before, where it said that it has no addenda.
    pub(super) quiet: Option<Quiet>,
    /// Errors of an entry that were found when it had all its addenda; the reader takes them.
    pub closing: u64,
    pub(super) records: u64,
}

impl Checker {
    pub fn under(dialect: &Dialect) -> Checker {
        Checker {
            findings: Findings::under(dialect),
            totals: Totals::default(),
            batch: Batch::none(),
            file: File::default(),
            entry: Open::default(),
            traces: Traces::default(),
            payments: Payments::none(),
            quiet: None,
            closing: 0,
            records: 0,
        }
    }

    /// A finding about a whole record or file.
    pub(super) fn whole(&mut self, rule: Rule, place: Place, record: &'static str) {
        let at = At {
            rule,
            place,
            column: 1,
            record,
            field: "",
        };
        self.findings.add(at, || rule.row().reason.to_owned());
    }

    /// A finding about a column, wherever the fields are.
    pub(super) fn column(&mut self, rule: Rule, place: Place, record: &'static str, at: usize) {
        let column = u32::try_from(at.plus(1)).unwrap_or(u32::MAX); // saturates: of a message
        let at = At {
            rule,
            place,
            column,
            record,
            field: "",
        };
        self.findings.add(at, || rule.row().reason.to_owned());
    }

    /// A finding about a field, `more` said after the rule's reason.
    pub(super) fn field(
        &mut self,
        rule: Rule,
        place: Place,
        (layout, name): (&'static Layout, &'static str),
        more: impl FnOnce() -> String,
    ) {
        let column = layout.field(name).map_or(1, |f| f.start);
        let column = u32::try_from(column).unwrap_or(1);
        let at = At {
            rule,
            place,
            column,
            record: layout.id,
            field: name,
        };
        self.findings.add(at, || {
            let more = more();
            let colon = if more.is_empty() { "" } else { ": " };
            format!("{}{colon}{more}", rule.row().reason)
        });
    }

    /// A finding about a field that says all with its reason.
    pub(super) fn plain_field(
        &mut self,
        rule: Rule,
        place: Place,
        layout: &'static Layout,
        name: &'static str,
    ) {
        self.field(rule, place, (layout, name), String::new);
    }
}
