//! Dates in headers.

use std::time::SystemTime;

use time::UtcDateTime;

/// `Thu, 01 Jan 2026 00:00:00 GMT`, as HTTP writes an instant.
pub(crate) fn http_date(at: SystemTime) -> String {
    let at = UtcDateTime::from(at);
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        &at.weekday().to_string()[..3],
        at.day(),
        &at.month().to_string()[..3],
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn instants_are_written_as_http_wants_and_read_back() {
        for (seconds, expected) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_767_225_600, "Thu, 01 Jan 2026 00:00:00 GMT"),
        ] {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(http_date(at), expected);
            assert_eq!(tucuxi_core::parse_timestamp(expected), Some(at));
        }
    }
}
