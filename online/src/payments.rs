//! Payments: asked for, looked at, and acted upon.

pub mod account;
pub mod act;
pub mod asked;
pub mod cost;
pub mod create;
pub mod faults;
pub mod given;
pub mod handle;
pub mod lapse;
pub mod newest;
pub mod read;
pub mod refund;
pub mod reverse;
pub mod ties;
pub mod view;
