//! A runtime to lend.

use std::fmt;

use crate::BoxFuture;

/// Starts work that nobody waits for.
pub trait Spawn: fmt::Debug + Send + Sync {
    /// Runs `task` to its end in the background.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}
