//! Where an IP address is.

use crate::error::Result;
use settlement::risk::place::Place;
use std::net::IpAddr;

/// A database of addresses, in memory: an answer waits for nobody.
pub trait GeoReader: Send + Sync {
    /// Where `address` is, as far as the database knows; of one that it does not know, nothing.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] where the database is damaged there. Who scores goes on without
    /// geography then, and says so to people.
    fn place(&self, address: IpAddr) -> Result<Place>;
}
