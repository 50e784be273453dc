//! A runtime to lend.

use std::fmt;

use crate::BoxFuture;

/// Starts work that nobody waits for.
pub trait Spawn: Send + Sync {
    /// Runs `task` to its end in the background.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}

impl fmt::Debug for dyn Spawn + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn Spawn")
    }
}
