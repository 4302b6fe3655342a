//! The online path: accept or refuse a payment in milliseconds, and hand it to settlement.
//!
//! [`router`] is the whole API over the ports of an installation. It opens nothing: what it may
//! link is what the layering test reads from Cargo's resolved graph, and that is the rules, the
//! ports and the desk, with no SQL engine, no Parquet, no bank formats and no store of its own. A
//! binary opens the adapters and serves it: `online/server`.
//!
//! # What a request passes
//!
//! 1. [`front`]: its id, the limits, its caller; afterwards the access log and the problem
//!    document.
//! 2. A handler, found by [`routes::ROUTES`], which the API's description is made from as well.
//! 3. [`wire`]: the body, read strictly and held against a table of fields.
//! 4. `settlement`, which decides, and the ports.

pub mod app;
pub mod calendar;
pub mod callbacks;
pub mod callers;
pub mod docs;
pub mod door;
pub mod events;
pub mod front;
pub mod gateway;
pub mod health;
mod idempotency;
pub mod jwt;
pub mod kept;
pub mod limits;
pub mod merchants;
pub mod metrics;
pub mod openapi;
pub mod payments;
pub mod risk;
pub mod route;
pub mod routes;
pub mod sandbox;
pub mod tokens;
pub mod webhooks;
pub mod who;
pub mod wire;

pub use app::App;
pub use routes::router;
