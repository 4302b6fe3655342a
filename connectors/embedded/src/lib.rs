//! The default adapters: a folder on this machine, nothing to install, nothing to start.
//!
//! Payments and queues share one embedded database, files and tables are files, the bank is a
//! drop box, keys are a file that only its owner reads. Whatever is answered as done has been
//! fsynced: `kill -9` and a power cut lose nothing that a caller was told.

pub mod archive;
mod away;
pub mod bank;
pub mod clock;
pub mod database;
pub mod documents;
mod files;
mod journal;
mod left;
mod lend;
mod locked;
mod look;
mod mark;
pub mod notifier;
pub mod objects;
mod open;
pub mod payments;
pub mod queue;
mod site;
mod strangers;
mod tables;
mod unseen;
pub mod vault;

pub use locked::Lock;
pub use look::{look, look_all, look_alone, look_at_tables};
pub use open::{
    Beside, Keys, folders, in_use, is_free, is_place, is_there, make, make_all, open, open_all,
    places, work_all,
};
pub use vault::draw_id;
