//! What every handler works with.

use crate::callers::Callers;
use crate::door::Door;
use crate::events::known::Feed;
use crate::health::doubt::Doubt;
use crate::jwt::Issuers;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::payments::newest::Newest;
use crate::risk::Risk;
use crate::sandbox::behind::Sandbox;
use crate::webhooks::hooks::Hooks;
use connectors::Ports;
use desk::{Desk, House};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;

/// Requests that anybody may make, at a time: descriptions, pages, health.
const OPEN_AT_A_TIME: usize = 256;

/// Requests that may wait for something, at a time: as many as wait for events, and as many more,
/// which are answered at once.
const SLOW_AT_A_TIME: usize = 512;

/// The online path of one installation.
pub struct App {
    /// A desk for each bank.
    pub house: House,
    /// Who calls, as far as it is known by now.
    pub callers: Callers,
    /// Who signs in callers for us.
    pub issuers: Issuers,
    /// What is taken at most.
    pub limits: Limits,
    /// How risk is judged, where it is.
    pub risk: std::sync::OnceLock<Risk>,
    /// What moves time and the bank, where this is a sandbox.
    pub sandbox: Option<Arc<dyn Sandbox>>,
    /// The newest reconciliations, as they were read last.
    pub newest: Newest,
    /// Where requests of callers are let in.
    pub door: Arc<Door>,
    /// A turn for each request that anybody may make: whether the process lives is answered though
    /// the door is full.
    pub open_turns: Arc<Semaphore>,
    /// A turn for each request that may wait for something to happen.
    pub slow_turns: Arc<Semaphore>,
    /// Whether it is doubted that the store takes writes.
    pub doubt: Doubt,
    /// What was answered.
    pub metrics: Metrics,
    /// The feed of events, as far as it is known by now.
    pub feed: Feed,
    /// What sends webhooks.
    pub hooks: Hooks,
}

impl App {
    /// The online path over the desks of an installation.
    pub fn new(house: House, limits: Limits, sandbox: Option<Arc<dyn Sandbox>>) -> Arc<App> {
        App::with(house, limits, sandbox, Issuers::default())
    }

    /// The same, with issuers whose tokens are taken.
    pub fn with(
        house: House,
        limits: Limits,
        sandbox: Option<Arc<dyn Sandbox>>,
        issuers: Issuers,
    ) -> Arc<App> {
        Arc::new(App {
            house,
            issuers,
            callers: Callers::default(),
            risk: std::sync::OnceLock::new(),
            sandbox,
            newest: Newest::default(),
            door: Arc::new(Door::new(limits.at_a_time, Instant::now())),
            open_turns: Arc::new(Semaphore::new(OPEN_AT_A_TIME)),
            slow_turns: Arc::new(Semaphore::new(SLOW_AT_A_TIME)),
            doubt: Doubt::default(),
            metrics: Metrics::default(),
            feed: Feed::default(),
            hooks: Hooks::default(),
            limits,
        })
    }

    /// The ports that all banks share.
    pub fn ports(&self) -> &Ports {
        &self.house.home.ports
    }

    /// The moment it is.
    pub fn now(&self) -> Timestamp {
        self.ports().clock.now()
    }

    /// The moment it is for those outside, who hold signatures against their own clocks: never a
    /// sandbox's moved one.
    pub fn wall(&self) -> Timestamp {
        let clock = self.hooks.clock.get();
        clock.map_or_else(|| self.now(), |clock| clock.now())
    }

    /// The desk where a payment is.
    pub fn desk_of(&self, bank: &str) -> &Desk {
        // A bank that is configured no more has the home bank's calendar, which is everybody's.
        self.house.place(bank).unwrap_or(&self.house.home)
    }
}
