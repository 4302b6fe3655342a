//! Until when payments make a window at a bank.

use crate::windows::Window;
use jiff::civil::Time;
use serde::Deserialize;

/// The bank's deadlines, Eastern time.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cutoffs {
    /// Before the first same-day window.
    pub sd1: Time,
    /// Before the second.
    pub sd2: Time,
    /// Before the third.
    pub sd3: Time,
    /// For everything that settles on a later day; also the end of the business date.
    pub standard: Time,
}

impl Cutoffs {
    /// The one of a window.
    pub const fn of(&self, window: Window) -> Time {
        match window {
            Window::SameDay1 => self.sd1,
            Window::SameDay2 => self.sd2,
            Window::SameDay3 => self.sd3,
            Window::Standard => self.standard,
        }
    }
}
