//! Questions over the tables: a port of its own, because its engine is the heaviest thing that the
//! house links, and only reports and finance ask.

mod bounds;
mod folder;
mod port;

pub use folder::FolderWarehouse;
pub use port::{Kind, KnownTable, Table, Value, View, Warehouse};
