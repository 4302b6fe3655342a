//! XML to elements: names, direct texts and places, in one pass and within bounds.

use crate::finding::{Place, Severity};
use crate::statement::Findings;
use memchr::memchr_iter;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use settlement::exact::Exact;
use std::borrow::Cow;

/// Elements inside each other: the schema needs 15.
const MAX_DEPTH: usize = 64;
/// Bytes kept of one element's text: the schema's longest is 500.
const MAX_TEXT: usize = 4_000;
/// Attributes looked at: the schema has one, a root has a few.
const MAX_ATTRIBUTES: usize = 16;

/// Every name the reader asks for; all others are `?`.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "Acct", "AcctSvcrRef", "AddtlInf", "AddtlNtryInf", "AddtlRmtInf", "AddtlTxInf", "Amt",
    "AmtDtls", "BIC", "BICFI", "Bal", "BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt",
    "BkTxCd", "BookgDt", "Btch", "Ccy", "Cd", "CdOrPrtry", "CdtDbtInd", "CdtrRefInf", "ClrSysRef",
    "CreDtTm", "Document", "Domn", "Dt", "DtTm", "ElctrncSeqNb", "EndToEndId", "FinInstnId",
    "Fmly", "FrToDt", "GrpHdr", "IBAN", "Id", "InstrId", "Issr", "LastPgInd", "LglSeqNb", "MsgId",
    "MsgPgntn", "MsgRcpt", "Nb", "NbOfNtries", "NbOfTxs", "Nm", "Ntfctn", "Ntry", "NtryDtls",
    "NtryRef", "Othr", "PgNb",
    "PmtInfId", "Prtry", "Ref", "Refs", "RfrdDocInf", "RmtInf", "Rpt", "Rsn", "RtrInf", "Stmt",
    "StmtPgntn", "Strd", "Sts", "SubFmlyCd", "Sum", "Svcr", "ToDtTm", "Tp", "TtlAmt",
    "TtlCdtNtries", "TtlDbtNtries", "TtlNtries", "TxAmt", "TxDtls", "TxId", "TxsSummry", "Ustrd",
    "ValDt",
];

fn known(name: &[u8]) -> &'static str {
    NAMES
        .iter()
        .find(|known| known.as_bytes() == name)
        .copied()
        .unwrap_or("?")
}

/// One element as it ends: its path from the root, itself included.
pub(super) struct Element<'e> {
    pub path: &'e [&'static str],
    /// Its own text without blanks around it; empty where it has none.
    pub text: &'e str,
    /// Its currency attribute.
    pub currency: &'e str,
    pub place: Place,
}

/// Who is told of elements.
pub(super) trait Visitor {
    /// The schema that the root names: `camt.053.001.08`.
    fn schema(&mut self, schema: &str);
    /// An element starts.
    fn open(&mut self, path: &[&'static str], place: Place);
    /// An element ends.
    fn close(&mut self, element: &Element, findings: &mut Findings);
}

#[derive(Default)]
struct Frame {
    text: String,
    currency: String,
    place: Place,
}

/// Counts lines as the parser moves on.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
    start: usize,
}

impl Lines<'_> {
    fn place(&mut self, byte: u64) -> Place {
        let to = byte.min(self.bytes.len() as u64) as usize;
        for end in memchr_iter(b'\n', self.bytes.get(self.at..to).unwrap_or_default()) {
            self.line = self.line.plus(1);
            self.start = self.at.plus(end).plus(1);
        }
        self.at = self.at.max(to);
        // saturates: a place before the newest line is told as its first column
        let column = to.saturating_sub(self.start).saturating_add(1) as u64;
        Place {
            line: self.line,
            column,
            byte,
        }
    }
}

/// Walks all elements. Stops at the first thing that is no XML, or that no statement needs.
pub(super) fn walk(bytes: &[u8], visitor: &mut dyn Visitor, findings: &mut Findings) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let why = "not UTF-8: read as Latin-1";
            let place = Place {
                line: 1,
                column: 1,
                byte: 0,
            };
            findings.add(place.finding("ENCODING", Severity::Warning, "file", why));
            Cow::Owned(bytes.iter().copied().map(char::from).collect())
        }
    };
    let mut reader = Reader::from_str(&text);
    let mut lines = Lines {
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        start: 0,
    };
    let mut walk = Walk {
        path: Vec::new(),
        frames: Vec::new(),
    };
    loop {
        let place = lines.place(reader.buffer_position());
        let stop = match reader.read_event() {
            Ok(Event::Start(start)) => walk.start(&start, place, visitor),
            Ok(Event::Empty(start)) => walk.start(&start, place, visitor).or_else(|| {
                walk.end(visitor, findings);
                None
            }),
            Ok(Event::End(_)) => {
                walk.end(visitor, findings);
                None
            }
            Ok(Event::Text(text)) => text.decode().ok().and_then(|text| walk.text(&text)),
            Ok(Event::CData(text)) => text.decode().ok().and_then(|text| walk.text(&text)),
            Ok(Event::GeneralRef(name)) => walk.reference(&name),
            Ok(Event::DocType(_)) => {
                Some("a document type is not allowed in a statement: the rest is left out".into())
            }
            Ok(Event::Eof) if walk.path.is_empty() => return,
            Ok(Event::Eof) => {
                Some("the file ends inside an element: it is torn; fetch it again".into())
            }
            Ok(_) => None,
            Err(_) => {
                Some("no well-formed XML from here on: the file is damaged; fetch it again".into())
            }
        };
        if let Some(why) = stop {
            let why: String = why;
            return findings.add(place.finding("XML", Severity::Error, "element", why));
        }
    }
}

struct Walk {
    path: Vec<&'static str>,
    frames: Vec<Frame>,
}

impl Walk {
    fn start(
        &mut self,
        start: &BytesStart,
        place: Place,
        visitor: &mut dyn Visitor,
    ) -> Option<String> {
        if self.path.len() >= MAX_DEPTH {
            return Some(format!("more than {MAX_DEPTH} elements inside each other"));
        }
        let mut frame = Frame {
            place,
            ..Frame::default()
        };
        for attribute in start
            .attributes()
            .with_checks(false)
            .take(MAX_ATTRIBUTES)
            .flatten()
        {
            let value = String::from_utf8_lossy(&attribute.value);
            if attribute.key.as_ref() == b"Ccy" {
                frame.currency = value.chars().take(3).collect();
            } else if self.path.is_empty()
                && let Some(from) = value.find("camt.05")
            {
                let allowed = |c: &char| c.is_ascii_alphanumeric() || *c == '.';
                let schema: String = value
                    .chars()
                    .skip(from)
                    .take_while(allowed)
                    .take(15)
                    .collect();
                visitor.schema(&schema);
            }
        }
        self.path.push(known(start.local_name().as_ref()));
        self.frames.push(frame);
        visitor.open(&self.path, place);
        None
    }

    fn end(&mut self, visitor: &mut dyn Visitor, findings: &mut Findings) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let element = Element {
            path: &self.path,
            text: frame.text.trim(),
            currency: &frame.currency,
            place: frame.place,
        };
        visitor.close(&element, findings);
        self.path.pop();
    }

    fn text(&mut self, text: &str) -> Option<String> {
        let frame = self.frames.last_mut()?;
        if frame.text.is_empty() && text.trim().is_empty() {
            return None;
        }
        // saturates: a text that is full takes no more
        let room = MAX_TEXT.saturating_sub(frame.text.len());
        let fits = (0..=room.min(text.len()))
            .rev()
            .find(|at| text.is_char_boundary(*at));
        frame
            .text
            .push_str(text.get(..fits.unwrap_or(0)).unwrap_or(""));
        None
    }

    /// A character by number, or one of the five that XML itself names. Nothing else is defined
    /// in a file without a document type.
    fn reference(&mut self, name: &BytesRef) -> Option<String> {
        let name_bytes: &[u8] = name;
        let known = match name_bytes {
            b"amp" => Some('&'),
            b"lt" => Some('<'),
            b"gt" => Some('>'),
            b"quot" => Some('"'),
            b"apos" => Some('\''),
            _ => name.resolve_char_ref().ok().flatten(),
        };
        match known {
            Some(c) => self.text(c.encode_utf8(&mut [0; 4])),
            None => Some("an entity that XML does not define: the rest is left out".to_owned()),
        }
    }
}
