//! The feed of events, webhooks out and callbacks in, over real HTTP on temporary installations.

mod called;
mod cut;
mod days;
mod deliver;
mod feed;
mod hostile;
mod killed;
mod receiver;
mod rotated;
mod secure;
mod standard;
mod world;
