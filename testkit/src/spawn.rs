//! A runtime that runs when told to.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};

use tucuxi_core::{BoxFuture, Spawn};

/// Keeps what it is asked to run until [`run`](Self::run) is called. A clone is the same one.
#[derive(Clone, Default)]
pub struct FakeSpawn {
    tasks: Arc<Mutex<Vec<BoxFuture<'static, ()>>>>,
}

impl FakeSpawn {
    /// Without tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Polls every task, also those that tasks start meanwhile; keeps those that are not done. Yields how
    /// many ended.
    pub fn run(&self) -> usize {
        let mut unfinished = Vec::new();
        let mut ended = 0;
        while let Some(mut task) = self.take() {
            if task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                ended += 1;
            } else {
                unfinished.push(task);
            }
        }
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).append(&mut unfinished);
        ended
    }

    /// How many tasks are not done.
    pub fn pending(&self) -> usize {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn take(&self) -> Option<BoxFuture<'static, ()>> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.is_empty() { None } else { Some(tasks.remove(0)) }
    }
}

impl Spawn for FakeSpawn {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        // Polling here would run the task under whatever lock the caller holds.
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }
}

impl fmt::Debug for FakeSpawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FakeSpawn({} tasks)", self.pending())
    }
}
