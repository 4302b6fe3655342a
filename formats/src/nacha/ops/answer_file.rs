//! The file of answers, begun with the first of them.
//!
//! The answers to one batch wait until it is over, or until they fill their room, and go out in
//! batches of the banks that give them, in the order in which the banks appear: a batch of
//! answers names one bank.

mod records;

use crate::nacha::check::Totals;
use crate::nacha::findings::Place;
use crate::nacha::layout::WIDTH;
use crate::nacha::ops::creation::Creation;
use crate::nacha::ops::error::{OpError, only_file};
use crate::nacha::ops::fits::{Answer, Answered};
use crate::nacha::reader::Entry;
use crate::nacha::records::FileHeader;
use crate::nacha::writer::{WriteError, Writer, WriterOptions};
use jiff::civil::Date;
use records::Text;
use settlement::codes::transactions::TransactionCode;
use settlement::exact::Exact;
use settlement::ids::{DfiId, TraceNumber};
use std::collections::BTreeMap;
use std::io::Write;

/// Records of answers that wait at most: 1.5 MB, a batch of 8,192 returns.
const ROOM: usize = 16_384;

/// Where the new file goes, seen from the one it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To where that came from.
    Back,
    /// To where that went.
    Same,
}

/// The file of answers.
pub(super) struct AnswerFile<W: Write> {
    sink: Option<W>,
    writer: Option<Writer<W>>,
    header: Option<Text>,
    creation: Creation,
    way: Way,
    open: bool,
    number: u32,
    last: u64,
    waiting: Waiting,
    /// The line of the first reversed batch that was a reversal itself.
    pub again: Option<u64>,
}

/// Answers to entries of one batch.
struct Waiting {
    header: Text,
    /// Notices and returns of each bank, numbered as they appear.
    groups: BTreeMap<(bool, DfiId), usize>,
    answers: Vec<Waits>,
    records: Vec<Text>,
}

/// One answer; its records stand in [`Waiting::records`].
#[derive(Clone, Copy)]
struct Waits {
    group: usize,
    line: u64,
    from: usize,
    to: usize,
}

impl<W: Write> AnswerFile<W> {
    pub fn new(sink: W, creation: Creation, way: Way) -> AnswerFile<W> {
        AnswerFile {
            sink: Some(sink),
            writer: None,
            header: None,
            creation,
            way,
            open: false,
            number: 0,
            last: 0,
            waiting: Waiting::empty(),
            again: None,
        }
    }

    /// Takes the header of the file that is answered: there is but one.
    pub fn file(&mut self, header: FileHeader<'_>, place: Place) -> Result<(), OpError> {
        only_file(self.header.is_some(), place)?;
        self.header = Some(*header.text());
        Ok(())
    }

    /// Keeps an answer until its batch is over.
    #[allow(clippy::arithmetic_side_effects, reason = "places in a bounded list")]
    pub fn answer(
        &mut self,
        entry: &Entry<'_>,
        answered: &Answered<'_>,
        trace: TraceNumber,
        settlement_day: u16,
    ) -> Result<(), OpError> {
        let line = entry.place.line;
        if self.waiting.records.len() >= ROOM {
            self.end_answers(settlement_day)?;
        }
        let cor = matches!(answered.answer, Answer::Change { .. });
        let own = records::own(entry.detail, answered, trace).ok_or(OpError::Entry {
            line,
            why: "the words are longer than their columns or not printable ASCII",
        })?;
        let waiting = &mut self.waiting;
        if waiting.answers.is_empty() {
            waiting.header = *entry.batch().text();
        }
        let from = waiting.records.len();
        waiting.records.push(own);
        if answered.iat && !cor {
            // The seven that say who pays whom go back, no remittance and no other bank.
            let seven = entry.addenda();
            let seven = seven.filter(|a| matches!(a.type_code(), [b'1', b'0'..=b'6']));
            let seven = seven.map(|addenda| records::follows(addenda, trace));
            waiting.records.splice(from..from, seven);
        }
        let count = waiting.records.len() - from;
        let detail = records::answering(entry.detail, answered, trace, count);
        waiting.records.push(detail);
        let next = waiting.groups.len();
        let group = *waiting.groups.entry((cor, answered.rdfi)).or_insert(next);
        let to = waiting.records.len();
        waiting.answers.push(Waits {
            group,
            line,
            from,
            to,
        });
        Ok(())
    }

    /// Writes the answers that wait.
    pub fn end_answers(&mut self, settlement_day: u16) -> Result<(), OpError> {
        let mut waiting = std::mem::replace(&mut self.waiting, Waiting::empty());
        waiting.answers.sort_by_key(|answer| answer.group);
        let mut groups: Vec<_> = waiting.groups.iter().collect();
        groups.sort_unstable_by_key(|(_, number)| **number);
        let of_group = waiting
            .answers
            .chunk_by(|one, other| one.group == other.group);
        for (((cor, bank), _), answers) in groups.into_iter().zip(of_group) {
            let header = records::answers(&waiting.header, *cor, *bank, settlement_day);
            for answer in answers {
                self.begin_batch(answer.line, || header)?;
                if let Some([addenda @ .., detail]) = waiting.records.get(answer.from..answer.to) {
                    self.copy(answer.line, detail, addenda)?;
                }
            }
            self.end_batch()?;
        }
        waiting.clear();
        self.waiting = waiting;
        Ok(())
    }

    /// Takes an entry back, its addenda with it.
    pub fn reversal(
        &mut self,
        entry: &Entry<'_>,
        code: TransactionCode,
        trace: TraceNumber,
        effective: Date,
    ) -> Result<(), OpError> {
        let (line, batch) = (entry.place.line, entry.batch());
        self.begin_batch(line, || records::reversal(batch, effective))?;
        if records::is_reversal(batch) {
            self.again.get_or_insert(line);
        }
        let addenda = entry
            .addenda()
            .map(|addenda| records::follows(addenda, trace));
        self.waiting.records.clear();
        self.waiting.records.extend(addenda);
        let addenda = std::mem::take(&mut self.waiting.records);
        let copied = self.copy(
            line,
            &records::reversed(entry.detail, code, trace),
            &addenda,
        );
        self.waiting.records = addenda;
        copied
    }

    fn copy(&mut self, line: u64, detail: &Text, addenda: &[Text]) -> Result<(), OpError> {
        let writer = self.writer.as_mut().ok_or(OpError::Entry {
            line,
            why: "no file",
        })?;
        let copied = writer.copy(detail, addenda.iter());
        copied.map_err(|error| OpError::Write { line, error })
    }

    /// Begins the file and the batch where they are not begun.
    fn begin_batch(&mut self, line: u64, header: impl FnOnce() -> Text) -> Result<(), OpError> {
        self.last = line;
        if self.open {
            return Ok(());
        }
        let wrap = |error: WriteError| OpError::Write { line, error };
        if let Some(sink) = self.sink.take() {
            let why = "the file has no header";
            let answered = self.header.as_ref().ok_or(OpError::Entry { line, why })?;
            let file = match self.way {
                Way::Back => records::way_back(answered),
                Way::Same => records::same_way(answered),
            };
            let made = Some((self.creation.date, self.creation.time));
            let options = WriterOptions::default();
            let writer = Writer::like(sink, &file, made, self.creation.modifier, options);
            self.writer = Some(writer.map_err(wrap)?);
        }
        // The writer refuses what seven columns cannot hold.
        self.number = self.number.plus(1);
        if let Some(writer) = self.writer.as_mut() {
            writer.begin_like(&header(), self.number).map_err(wrap)?;
        }
        self.open = true;
        Ok(())
    }

    pub fn end_batch(&mut self) -> Result<(), OpError> {
        if std::mem::take(&mut self.open)
            && let Some(writer) = self.writer.as_mut()
        {
            writer.end_batch().map_err(|error| OpError::Write {
                line: self.last,
                error,
            })?;
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<Option<(W, Totals)>, OpError> {
        self.end_batch()?;
        let finished = self.writer.map(Writer::finish).transpose();
        finished.map_err(|error| OpError::Write { line: 0, error })
    }
}

impl Waiting {
    fn empty() -> Waiting {
        Waiting {
            header: [b' '; WIDTH],
            groups: BTreeMap::new(),
            answers: Vec::new(),
            records: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.groups.clear();
        self.answers.clear();
        self.records.clear();
    }
}
