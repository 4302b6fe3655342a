//! What a server gives the online path so that it can send: absent where nothing is sent, as in a
//! function that lives for one request.

use super::sender::Sender;
use connectors::Clock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// How webhooks leave, and what wakes who sends them.
#[derive(Default)]
pub struct Hooks {
    /// The way out.
    pub sender: OnceLock<Arc<dyn Sender>>,
    /// The clock of those outside; the installation's own where there is none.
    pub clock: OnceLock<Arc<dyn Clock>>,
    /// Told when an endpoint was changed.
    pub changed: Notify,
    ending: AtomicBool,
}

impl Hooks {
    /// Nobody is to wait for anything any more.
    pub fn end(&self) {
        self.ending.store(true, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Whether the server is about to end.
    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }
}
