//! The signals that end the command.

use crate::failure::Failure;

pub(crate) use system::Signals;

#[cfg(unix)]
mod system {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::{Failure, deaf};
    use crate::failure::{HUNG_UP, TERMINATED};

    /// Ctrl-C, the wish of another process that this one ends, the end of the terminal.
    #[derive(Debug)]
    pub(crate) struct Signals([Option<Signal>; 3]);

    impl Signals {
        /// Listens, except to what whoever started the command has switched off, as `nohup` does.
        pub(crate) fn new() -> Result<Self, Failure> {
            let ignored = ignored();
            let listen = |kind: SignalKind| match ignored >> (kind.as_raw_value() - 1) & 1 {
                0 => signal(kind).map(Some).map_err(deaf),
                _ => Ok(None),
            };
            Ok(Self([
                listen(SignalKind::interrupt())?,
                listen(SignalKind::terminate())?,
                listen(SignalKind::hangup())?,
            ]))
        }

        /// Waits for one, and says how the command ends.
        pub(crate) async fn next(&mut self) -> Failure {
            let [interrupt, terminate, hangup] = &mut self.0;
            tokio::select! {
                () = received(interrupt) => Failure::interrupted(),
                () = received(terminate) => Failure::new(TERMINATED, "terminated"),
                () = received(hangup) => Failure::new(HUNG_UP, "the terminal is gone"),
            }
        }
    }

    async fn received(signal: &mut Option<Signal>) {
        if let Some(signal) = signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }

    /// A bit for each signal that does nothing to this process. Only Linux tells; elsewhere it is taken for granted that
    /// Ctrl-C and an order to end are meant, and a hang-up keeps its own meaning.
    #[expect(clippy::disallowed_methods, reason = "it is this process's own state, no file")]
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").ok();
        let mask = status.as_deref().and_then(mask);
        mask.unwrap_or(1 << (SignalKind::hangup().as_raw_value() - 1))
    }

    fn mask(status: &str) -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(line.trim(), 16).ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_a_process_ignores() {
            assert_eq!(mask("Name:\tx\nSigIgn:\t0000000000000001\nSigCgt:\t2\n"), Some(1));
            assert_eq!(mask("Name:\tx\n"), None);
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Failure, deaf};

    /// Ctrl-C.
    #[derive(Debug)]
    pub(crate) struct Signals;

    impl Signals {
        pub(crate) fn new() -> Result<Self, Failure> {
            Ok(Self)
        }

        pub(crate) async fn next(&mut self) -> Failure {
            tokio::signal::ctrl_c().await.map_or_else(deaf, |()| Failure::interrupted())
        }
    }
}

fn deaf(error: std::io::Error) -> Failure {
    Failure::other(format!("cannot listen for Ctrl-C: {error}"))
}
