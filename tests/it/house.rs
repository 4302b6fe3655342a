//! The rules that hold the source itself, so that a reader may rely on them: how long things are,
//! who may see whom, and that the documents say what there is.

mod circles;
mod docs;
mod imports;
mod layering;
mod modules;
mod pages;
mod readme;
mod saturation;
mod shared;
mod sinks;
pub mod source;
mod terms;
mod tidy;
mod words;
mod workspace;
