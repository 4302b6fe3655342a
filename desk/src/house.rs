//! All desks of one installation: a desk for each bank, in the order of the configuration.

use crate::config::Config;
use crate::desk::Desk;
use crate::failure::{Failure, Result};
use connectors::Ports;
use jiff::Timestamp;
use settlement::authorize::Fault;
use settlement::bank::BankProfile;
use settlement::foreign;
use settlement::money::Currency;
use settlement::payment::Order;
use settlement::route::{self, Routes};

/// The desks of an installation. Nothing is ever summed over two of them: their money is at two
/// banks, and may be of two currencies.
pub struct House {
    /// The home bank's desk, whose names and places are as those of an installation of one bank.
    pub home: Desk,
    /// The others.
    pub others: Vec<Desk>,
    /// By which of them an originator may go.
    pub routes: Routes,
}

impl House {
    /// The desks of a configuration over their ports: the home bank's, and those of the others in
    /// their order.
    pub fn over(home: Ports, others: Vec<Ports>, mut config: Config) -> House {
        let beside = config.beside();
        let configs = std::mem::take(&mut config.others);
        let others = others.into_iter().zip(configs);
        House {
            routes: std::mem::take(&mut config.routes),
            others: others
                .map(|(ports, config)| Desk::over(ports, config))
                .collect(),
            home: Desk {
                beside,
                ..Desk::over(home, config)
            },
        }
    }

    /// Every desk, the home bank's first.
    pub fn desks(&self) -> impl Iterator<Item = &Desk> {
        [&self.home].into_iter().chain(&self.others)
    }

    /// The desks that a command is for: all, or that of the bank whose profile has this name.
    ///
    /// # Errors
    /// Exit status 2 where no profile has it.
    pub fn of(&self, name: Option<&str>) -> Result<Vec<&Desk>> {
        let Some(name) = name else {
            return Ok(self.desks().collect());
        };
        let found = self.desks().find(|desk| desk.bank.name == name);
        found.map(|desk| vec![desk]).ok_or_else(|| {
            let all: Vec<&str> = self.desks().map(|desk| desk.bank.name.as_str()).collect();
            Failure::usage(format!(
                "--bank {}: there is no such bank",
                foreign::cell(name)
            ))
            .remedy(format!("name one of {}", all.join(", ")))
        })
    }

    /// The desk at which a payment is to be authorized: see [`route::choose`].
    ///
    /// # Errors
    /// What leaves no bank for it.
    pub fn route(
        &self,
        order: &Order,
        currency: Currency,
        at: Timestamp,
    ) -> std::result::Result<&Desk, Fault> {
        let banks: Vec<&BankProfile> = self.desks().map(|desk| &desk.bank).collect();
        let place = route::choose(order, currency, at, &self.routes, &banks)?;
        self.desks().nth(place).ok_or(Fault::NoBank)
    }

    /// The desk where a payment is, by the name that the payment says.
    pub fn place(&self, bank: &str) -> Option<&Desk> {
        self.desks().find(|desk| desk.place == bank)
    }
}
