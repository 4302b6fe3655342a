//! The addenda: of the right type, in the right order, naming their entry, saying what they must.

use crate::nacha::check::checker::Checker;
use crate::nacha::digits::number;
use crate::nacha::findings::Place;
use crate::nacha::layout::{self, Layout, WIDTH};
use crate::nacha::rules::Rule;
use settlement::codes::sec::SecCode;
use settlement::exact::Exact;

/// The layout of an addenda, by its type code, its reason code and its batch.
pub(super) fn layout_of(text: &[u8; WIDTH], sec: Option<SecCode>, iat: bool) -> &'static Layout {
    let reason = (text[3].to_ascii_uppercase(), number(&text[4..6]));
    match &text[1..3] {
        b"02" if sec == Some(SecCode::Mte) => layout::ADDENDA_02_MTE,
        b"02" => layout::ADDENDA_02,
        b"10" => layout::ADDENDA_10,
        b"11" => layout::ADDENDA_11,
        b"12" => layout::ADDENDA_12,
        b"13" => layout::ADDENDA_13,
        b"14" => layout::ADDENDA_14,
        b"15" => layout::ADDENDA_15,
        b"16" => layout::ADDENDA_16,
        b"17" => layout::ADDENDA_17,
        b"18" => layout::ADDENDA_18,
        b"98" if iat => layout::ADDENDA_98_IAT,
        b"98" => match reason {
            (b'C', Some(61..=69)) => layout::ADDENDA_98_REFUSED,
            _ => layout::ADDENDA_98,
        },
        b"99" if iat => layout::ADDENDA_99_IAT,
        b"99" => match reason {
            (b'R', Some(61..=70)) => layout::ADDENDA_99_DISHONORED,
            (b'R', Some(71..=77)) => layout::ADDENDA_99_CONTESTED,
            _ => layout::ADDENDA_99,
        },
        _ => layout::ADDENDA_05,
    }
}

impl Checker {
    pub(super) fn addenda(&mut self, text: &[u8; WIDTH], place: Place, layout: &'static Layout) {
        if !self.entry.open {
            self.reopen_entry();
        }
        if !self.entry.open {
            self.whole(Rule::AddendaAlone, place, layout.id);
            self.stray_batch();
            self.batch.tally.count_record();
            return;
        }
        if self.entry.answered {
            self.plain_field(Rule::ReturnOnce, place, layout, "addenda_type_code");
        }
        self.entry.addenda = self.entry.addenda.plus(1);
        self.batch.tally.count_record();
        let Some(kind) = number(&text[1..3]).filter(|k| matches!(k, 2 | 5 | 10..=18 | 98 | 99))
        else {
            self.plain_field(Rule::AddendaType, place, layout, "addenda_type_code");
            return;
        };
        self.fields(layout, text, place);
        match kind {
            98 => self.notice(text, place, layout),
            99 => self.came_back(text, place, layout),
            _ => self.with_forward(kind, text, place, layout),
        }
        self.names_its_entry(kind, text, place, layout);
    }

    /// An addenda that goes with a forward entry (or an international return).
    fn with_forward(
        &mut self,
        kind: u64,
        text: &[u8; WIDTH],
        place: Place,
        layout: &'static Layout,
    ) {
        let allowed = match self.batch.sec.map(|s| s.rule().addenda_type) {
            Some("10") if self.entry.back => (10..=16).contains(&kind),
            Some("10") => (10..=18).contains(&kind),
            Some("02") => kind == 2,
            Some("05") => kind == 5,
            Some(_) => false,
            None => true,
        };
        if !allowed || (self.entry.back && !self.batch.iat) {
            let sec = self.batch.sec.map_or("?", SecCode::as_str);
            let what = if self.entry.back { "return" } else { "batch" };
            self.field(
                Rule::AddendaSec,
                place,
                (layout, "addenda_type_code"),
                || format!("{kind:02} in a {what} of {sec}"),
            );
            return;
        }
        if kind >= 10 {
            self.international(kind, place, layout);
        }
        if let Some(sequence) = layout.field("addenda_sequence_number") {
            let expected = if kind == 5 {
                self.entry.addenda
            } else {
                self.entry.run
            };
            if number(sequence.value(text)).is_some_and(|stated| stated != expected) {
                let at = (layout, "addenda_sequence_number");
                self.field(Rule::AddendaSequence, place, at, || {
                    format!("must be {expected}")
                });
            }
        }
    }

    /// 10 to 16 once each and in order, then up to two 17, then up to five 18.
    #[allow(clippy::arithmetic_side_effects, reason = "a type of two digits")]
    fn international(&mut self, kind: u64, place: Place, layout: &'static Layout) {
        let last = u64::from(self.entry.last_type);
        self.entry.run = if kind == last {
            self.entry.run.plus(1)
        } else {
            1
        };
        let run = self.entry.run;
        let good = match kind {
            10 => last == 0,
            11..=16 => last == kind - 1,
            17 => last == 16 || (last == 17 && run <= 2),
            _ => matches!(last, 16 | 17) || (last == 18 && run <= 5),
        };
        if !good {
            self.field(
                Rule::AddendaOrder,
                place,
                (layout, "addenda_type_code"),
                || {
                    if last == 0 {
                        format!("{kind} comes first")
                    } else {
                        format!("{kind} after {last}")
                    }
                },
            );
        }
        self.entry.last_type = u8::try_from(kind).unwrap_or(0);
    }

    /// Addenda repeat the trace of their entry, whole or its last seven digits.
    fn names_its_entry(
        &mut self,
        kind: u64,
        text: &[u8; WIDTH],
        place: Place,
        layout: &'static Layout,
    ) {
        let own = self.entry.trace % 10_000_000;
        if matches!(kind, 2 | 98 | 99) {
            let words = (
                crate::nacha::digits::word(text, 79),
                crate::nacha::digits::word(text, 86),
            );
            if words != self.entry.trace_words {
                self.plain_field(Rule::AddendaTrace, place, layout, "trace_number");
            }
        } else if number(&text[87..94]).is_some_and(|stated| stated != own) {
            let at = (layout, "entry_detail_sequence_number");
            self.field(Rule::AddendaEntry, place, at, || {
                format!("must be {own:07}")
            });
        }
    }
}
