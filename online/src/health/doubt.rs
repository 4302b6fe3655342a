//! Whether it is doubted that requests can be done.

use crate::wire::problem::Problem;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether something was not done for a reason of ours, so that a write must show that the next one
/// can be. Without that nothing is written: whoever asks how we are needs no key.
#[derive(Default)]
pub struct Doubt(AtomicBool);

impl Doubt {
    /// Something was answered; where it is our fault, it is doubted.
    pub fn answered(&self, problem: &Problem) {
        if matches!(problem.code, "unavailable" | "internal" | "day-stopped") {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    /// Whether it is doubted.
    pub fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// A write showed that the store takes them.
    pub fn is_over(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
