//! The client against HTTP that follows a script.

mod clock;
mod common;
mod listings;
mod objects;
mod presigning;
mod sending;
mod trouble;
