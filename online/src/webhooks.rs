//! Webhooks out, by Standard Webhooks 1.0.0: events are posted to where a merchant wants them.
//!
//! The feed is the queue. Each endpoint has a cursor over it and a task of its own, which reads a
//! page of events, posts them, and keeps what became of them before the cursor moves: whoever dies
//! on the way posts the page again under the same ids. What fails is kept as waiting and posted
//! again by [`schedule::DELAYS`], and holds back nothing else; an endpoint that takes nothing is
//! asked ever more seldom, and the feed keeps the rest. Nothing here orders an endpoint's events;
//! `version` does.
//!
//! - [`endpoints`]: where, which types, and the secrets, sealed by the vault.
//! - [`sign`]: signatures. [`schedule`]: when again. [`address`]: where nothing is ever sent.
//! - [`post`]: one attempt. [`deliveries`]: what became of events. [`waiting`]: which wait, and
//!   until when. [`sweep`]: what is old.
//! - [`pump`]: the task of an endpoint. [`runner`]: the one process that runs those tasks.
//! - [`manage`], [`look`]: what the API does about them. [`routes`]: by which paths.

pub mod address;
pub mod deliveries;
pub mod endpoints;
pub mod hooks;
pub mod look;
pub mod manage;
pub mod post;
pub mod pump;
pub mod routes;
pub mod runner;
pub mod schedule;
pub mod sender;
pub mod sign;
pub mod sweep;
pub mod waiting;
