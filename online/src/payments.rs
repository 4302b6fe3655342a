//! Payments: asked for, looked at, and acted upon.

pub mod act;
pub mod asked;
pub mod create;
pub mod faults;
pub mod read;
pub mod refund;
pub mod ties;
pub mod view;
