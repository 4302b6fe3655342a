//! What every handler works with.

use crate::callers::Callers;
use crate::jwt::Issuers;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::payments::ties::Newest;
use crate::sandbox::Sandbox;
use connectors::Ports;
use desk::{Desk, House};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::Semaphore;

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
    /// What moves time and the bank, where this is a sandbox.
    pub sandbox: Option<Arc<dyn Sandbox>>,
    /// A turn for each request that is taken at a time.
    pub turns: Arc<Semaphore>,
    /// The newest reconciliations, as they were read last.
    pub newest: Newest,
    /// What was answered.
    pub metrics: Metrics,
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
            sandbox,
            turns: Arc::new(Semaphore::new(limits.at_a_time)),
            newest: Newest::default(),
            metrics: Metrics::default(),
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

    /// The desk where a payment is.
    pub fn desk_of(&self, bank: &str) -> &Desk {
        // A bank that is configured no more has the home bank's calendar, which is everybody's.
        self.house.place(bank).unwrap_or(&self.house.home)
    }
}
