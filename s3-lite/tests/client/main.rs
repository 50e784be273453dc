//! The client against HTTP that follows a script.

mod clock;
mod common;
mod deleting;
mod echoes;
mod listings;
mod objects;
mod payload;
mod presigning;
mod renewing;
mod replaying;
mod sending;
mod trickling;
mod trouble;
