//! Instants as text.

mod read;

use std::time::SystemTime;

use time::OffsetDateTime;

use crate::trimmed;

/// Reads an instant: RFC 3339 with any offset, the same ending in `UTC`, or RFC 2822 with a year of four digits and an
/// offset or UTC by one of its names (and so the date of HTTP). `None` for anything else, in particular for text without a
/// zone, and for what lies outside of the years 0 to 9999.
///
/// A leap second counts as the last nanosecond of the second before it.
///
/// # Example
/// ```
/// use tucuxi_core::parse_timestamp;
///
/// assert_eq!(parse_timestamp("2026-01-01T01:00:00+01:00"), parse_timestamp("2026-01-01T00:00:00UTC"));
/// assert_eq!(parse_timestamp("2026-01-01T00:00:00"), None);
/// ```
pub fn parse_timestamp(text: &str) -> Option<SystemTime> {
    let text = trimmed(text);
    read::rfc3339(text).or_else(|| read::rfc2822(text))
}

/// Writes an instant as RFC 3339 in UTC, to the second: `2026-01-01T00:00:00Z`. What is outside of the years 0 to 9999
/// counts as their first or last second.
pub fn format_rfc3339(at: SystemTime) -> String {
    let seconds = match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(LAST),
        Err(before) => {
            let before = before.duration();
            i64::try_from(before.as_secs()).map_or(FIRST, |whole| -whole - i64::from(before.subsec_nanos() > 0))
        }
    };
    // Between these two everything is a date.
    let at = OffsetDateTime::from_unix_timestamp(seconds.clamp(FIRST, LAST)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second) = at.to_hms();
    format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", u8::from(month))
}

/// The first second of year 0 and the last of year 9999.
const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(text: &str, seconds: Option<u64>) {
        let expected = seconds.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(parse_timestamp(text), expected, "{text}");
    }

    #[test]
    fn the_forms_that_aws_tools_write() {
        check("2026-01-01T00:00:00Z", Some(1_767_225_600));
        check("2026-01-01t00:00:00z", Some(1_767_225_600));
        check(" 2026-01-01T00:00:00+00:00 ", Some(1_767_225_600));
        check("2026-01-01T00:00:00UTC", Some(1_767_225_600));
        check("2026-01-01T02:00:00+02:00", Some(1_767_225_600));
        check("2025-12-31T22:30:00-01:30", Some(1_767_225_600));
        check("Thu, 01 Jan 2026 00:00:00 GMT", Some(1_767_225_600));
        check("1 Jan 2026 02:00:00 +0200", Some(1_767_225_600));
        check("2026-01-01 00:00:00 UTC", Some(1_767_225_600));
        check("1 Jan 2026 00:00 UT", Some(1_767_225_600));
        check("9999-12-31T23:59:59Z", Some(253_402_300_799));
        check("9999-12-31T23:59:59+00:01", Some(253_402_300_739));
        for bad in [
            "",
            "tomorrow",
            "2026-01-01T00:00:00",
            "1767225600",
            "2026-13-01T00:00:00Z",
            "é026-01-01T00:00:00Z",
            "2026-01-01T00:00:00€",
            "2026-01-01T00:00:00 Z",
            "2026-01-01T00:00:00GMT",
            "1 Jan 2026 00:00:00 EST",
            "1 Jan 26 00:00:00 GMT",
            "001 Jan 2026 00:00:00 GMT",
            "1 Jan 2026 00:00:00 +0000 (UTC)",
        ] {
            check(bad, None);
        }
        for too_late in ["9999-12-31T23:59:59-00:01", "Fri, 31 Dec 9999 23:59:59 -0001"] {
            check(too_late, None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_first_year_is_read() {
        let first = SystemTime::UNIX_EPOCH - Duration::from_secs(FIRST.unsigned_abs());
        assert_eq!(parse_timestamp("0000-01-01T00:00:00Z"), Some(first));
        assert_eq!(parse_timestamp("0000-01-01T00:00:00+00:01"), None);
    }

    #[test]
    fn a_leap_second_is_the_end_of_the_second_before_it() {
        let whole = SystemTime::UNIX_EPOCH + Duration::from_secs(1_483_228_800);
        for text in ["2016-12-31T23:59:60Z", "2017-01-01T05:29:60.5+05:30", "31 Dec 2016 23:59:60 GMT"] {
            assert_eq!(parse_timestamp(text), Some(whole - Duration::from_nanos(1)), "{text}");
        }
        check("2016-12-31T23:58:60Z", None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_225_600_750);
        assert_eq!(format_rfc3339(at), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn what_no_date_can_say_is_the_first_or_last_of_all() {
        let (far, now) = (Duration::from_secs(400_000_000_000), SystemTime::UNIX_EPOCH);
        assert_eq!(format_rfc3339(now + far), "9999-12-31T23:59:59Z");
        assert_eq!(format_rfc3339(now - far), "0000-01-01T00:00:00Z");
        assert_eq!(format_rfc3339(now - Duration::from_millis(1)), "1969-12-31T23:59:59Z");
        assert_eq!(format_rfc3339(now - Duration::from_secs(1)), "1969-12-31T23:59:59Z");
    }
}
