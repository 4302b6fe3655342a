//! What stands on the wire: JSON read strictly, fields by tables, and problems.

pub mod fields;
pub mod json;
pub mod problem;
