//! Pages: a day's statement told in several messages, or in several statements of one.

use crate::statement::Page;

/// What `StmtPgntn` or `MsgPgntn` says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pages {
    number: Option<u32>,
    last: Option<bool>,
}

impl Pages {
    /// An element that ends inside of it.
    pub(super) fn close(&mut self, element: &str, text: &str) {
        match element {
            "PgNb" => self.number = text.parse().ok(),
            "LastPgInd" => self.last = Some(matches!(text, "true" | "1")),
            _ => {}
        }
    }

    /// The page; none where it is the only one, or where nothing is said.
    pub(super) fn page(self) -> Option<Page> {
        let (number, last) = (self.number?, self.last.unwrap_or(true));
        (number != 1 || !last).then_some(Page { number, last })
    }

    /// Whether it says that another page comes.
    pub(super) fn is_followed(self) -> bool {
        self.number.is_some() && self.last == Some(false)
    }
}
