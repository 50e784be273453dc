//! Progress of long work, on standard error, when somebody watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for `total` bytes, or a spinner when the total is not known. Hidden unless standard error is a
/// terminal.
pub(crate) fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{bytes}/{total_bytes} {wide_bar} {bytes_per_sec} {eta}"),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} {bytes_per_sec}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
