//! What the cache synchronises with. In this crate's own unit tests a model checker takes the place of the standard
//! library, so that `cache/model.rs` checks the very code that ships.

#[cfg(not(test))]
pub(crate) use std::{
    sync::{Mutex, MutexGuard, atomic::AtomicU64},
    thread_local,
};

#[cfg(test)]
pub(crate) use shuttle::{
    sync::{Mutex, MutexGuard, atomic::AtomicU64},
    thread_local,
};

/// Counts across every cache of the process, which is no part of what the model checker looks at.
pub(crate) use std::sync::atomic::AtomicU64 as Counter;
