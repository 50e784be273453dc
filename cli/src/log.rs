//! What the libraries say while they work, on standard error.

use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Shows warnings from here on, and with `debug` everything. None of it holds a secret: the libraries see to that.
pub(crate) fn show(debug: bool) {
    let most = if debug { LevelFilter::DEBUG } else { LevelFilter::WARN };
    let shown = FilterFn::new(move |event| {
        // Other crates know nothing of secrets, and what ends the command is told at its end.
        *event.level() <= most && event.target().starts_with("tucuxi") && (debug || event.name() != "no_credentials")
    });
    let lines = fmt::layer().without_time().with_target(false).with_ansi(false).with_writer(std::io::stderr);
    // A standard error that cannot be written to must not end the work.
    let lines = lines.log_internal_errors(false);
    // Fails when somebody else listens already, and nobody does.
    drop(tracing_subscriber::registry().with(lines.with_filter(shown.with_max_level_hint(most))).try_init());
}
