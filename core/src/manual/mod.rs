//! Manuals: no items, only words.

pub mod refresh;
