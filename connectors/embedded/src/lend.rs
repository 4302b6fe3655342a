//! A store that is lent: one process has it open, all of them work with it.
//!
//! [`Node`] is what a process has of a store: the store, which it lends, or a connection to whoever
//! has it. [`LentPayments`], [`LentQueue`] and [`LentDocuments`] are the ports over it, and the
//! same whichever it is.
//! When a lender is gone, the next call elects: whoever gets the seat opens the store and lends it,
//! and the others borrow from there. What was asked and not answered is asked again. Why so:
//! docs/adr/0030.

mod again;
mod ask;
mod asking;
mod documents;
mod frames;
mod lender;
mod link;
mod node;
mod payments;
mod place;
mod queue;
mod seat;
mod serve;
mod store;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use documents::LentDocuments;
pub(crate) use lender::Whose;
pub(crate) use node::{Node, Plan, Role};
pub(crate) use payments::LentPayments;
pub(crate) use queue::LentQueue;
pub(crate) use store::Store;
