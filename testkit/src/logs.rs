//! What is logged meanwhile.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// Runs `work` and collects every `tracing` event and span of this thread, at every level, as text.
pub fn capture<T>(work: impl FnOnce() -> T) -> (T, String) {
    // Where there is one dispatcher only, tracing asks the thread that comes to an event first whether anybody wants
    // it, and believes it for all threads. With a second one it asks all dispatchers.
    LazyLock::force(&ANOTHER);
    let collector = Collector::default();
    let lines = Arc::clone(&collector.lines);
    let output = tracing::subscriber::with_default(collector, work);
    let text = lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (output, text)
}

/// Wants everything, and gets nothing.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Collector::default()));

#[derive(Default)]
struct Collector {
    lines: Arc<Mutex<String>>,
    spans: AtomicU64,
}

impl Collector {
    fn write(&self, what: &str, record: impl FnOnce(&mut Line)) {
        let mut line = Line(what.to_owned());
        record(&mut line);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_str(&line.0);
        lines.push('\n');
    }
}

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write(span.metadata().name(), |line| span.record(line));
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.write("record", |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        self.write(&format!("{} {}", metadata.level(), metadata.target()), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        // Without quotes and escapes, so that a secret is found as it is.
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!(" {}={value:?}", field.name()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_collected_although_another_thread_came_to_it_first() {
        fn event() {
            tracing::warn!("seen");
        }
        let ((), logs) = capture(|| {
            std::thread::spawn(event).join().unwrap();
            event();
        });
        assert!(logs.contains("seen"), "{logs}");
    }

    #[test]
    fn every_level_and_field_is_collected() {
        let (answer, logs) = capture(|| {
            let _span = tracing::trace_span!("outer", id = "AKID").entered();
            tracing::trace!(secret = "a/b\"c", "hello {}", "you");
            7
        });
        assert_eq!(answer, 7);
        assert!(logs.contains("outer id=AKID") && logs.contains("a/b\"c") && logs.contains("hello you"), "{logs}");
        assert!(logs.contains("TRACE"), "{logs}");
    }
}
