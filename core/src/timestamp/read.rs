//! The two forms. The digits stand at fixed places, and reading those takes a fraction of the code of a parser for any
//! format; which days there are and when they were is `time`'s to know.

use std::time::{Duration, SystemTime};

use time::{Date, Month};

use super::{FIRST, LAST};

/// `2026-01-01T00:00:00Z`, with fractions, in any zone, also as `UTC`.
pub(super) fn rfc3339(text: &str) -> Option<SystemTime> {
    let mut rest = Rest(text.as_bytes());
    let year = rest.number(4)?;
    let month = rest.one_of(b"-").and_then(|_| rest.number(2))?;
    let day = rest.one_of(b"-").and_then(|_| rest.number(2))?;
    rest.one_of(b"Tt ")?;
    let mut of_day = rest.hour_and_minute()?;
    of_day.second = rest.one_of(b":").and_then(|_| rest.number(2))?;
    if rest.one_of(b".").is_some() {
        of_day.nanosecond = rest.fraction()?;
    }
    let offset = match rest.0 {
        b"Z" | b"z" => 0,
        zone if zone.trim_ascii_start() == b"UTC" => 0,
        _ => rest.offset(b":")?,
    };
    instant([year, month, day], &of_day, offset)
}

/// `Thu, 01 Jan 2026 00:00:00 GMT`; the name of the day and the seconds may be missing.
pub(super) fn rfc2822(text: &str) -> Option<SystemTime> {
    let text = match text.split_once(',') {
        Some((day, rest)) => place(DAYS, day).map(|_| rest)?,
        None => text,
    };
    let mut words = text.split_ascii_whitespace();
    let day = Rest(words.next().filter(|day| day.len() <= 2)?.as_bytes()).all()?;
    let month = place(MONTHS, words.next()?)?;
    let year = words.next().filter(|year| year.len() == 4)?;
    let year = Rest(year.as_bytes()).all()?;
    let mut rest = Rest(words.next()?.as_bytes());
    let mut of_day = rest.hour_and_minute()?;
    if rest.one_of(b":").is_some() {
        of_day.second = rest.number(2)?;
    }
    let zone = words.next()?.as_bytes();
    let offset = match UTC.iter().any(|known| zone.eq_ignore_ascii_case(known)) {
        true => 0,
        false => Rest(zone).offset(b"")?,
    };
    let is_all = rest.0.is_empty() && words.next().is_none();
    is_all.then(|| instant([year, month, day], &of_day, offset)).flatten()
}

/// The place, from 1, among names of three letters.
fn place(names: &[u8], name: &str) -> Option<u32> {
    (1..).zip(names.chunks_exact(3)).find(|(_, known)| name.as_bytes().eq_ignore_ascii_case(known)).map(|(at, _)| at)
}

/// A time of day.
#[derive(Default)]
struct OfDay {
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
}

fn instant([year, month, day]: [u32; 3], of_day: &OfDay, offset: i64) -> Option<SystemTime> {
    let small = |number: u32| u8::try_from(number).ok();
    let (is_leap, second, nanosecond) = match of_day.second {
        60 => (true, 59, LAST_NANOSECOND),
        second => (false, second, of_day.nanosecond),
    };
    let month = Month::try_from(small(month)?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, small(day)?).ok()?;
    let there = date.with_hms(small(of_day.hour)?, small(of_day.minute)?, small(second)?).ok()?.assume_utc();
    let seconds = there.unix_timestamp().checked_sub(offset)?;
    if !(FIRST..=LAST).contains(&seconds) || is_leap && (seconds + 1) % DAY != 0 {
        return None;
    }
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let at = match seconds {
        0.. => SystemTime::UNIX_EPOCH.checked_add(whole),
        _ => SystemTime::UNIX_EPOCH.checked_sub(whole),
    };
    at?.checked_add(Duration::from_nanos(nanosecond.into()))
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn one_of(&mut self, allowed: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        allowed.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        Rest(number).all()
    }

    /// A number that is all there is.
    fn all(&self) -> Option<u32> {
        let is_number = matches!(self.0.len(), 1..=9) && self.0.iter().all(u8::is_ascii_digit);
        is_number.then(|| self.0.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// `00:00`
    fn hour_and_minute(&mut self) -> Option<OfDay> {
        let hour = self.number(2)?;
        let minute = self.one_of(b":").and_then(|_| self.number(2))?;
        Some(OfDay { hour, minute, ..OfDay::default() })
    }

    /// The digits behind the point, in nanoseconds; those that are less do not count.
    fn fraction(&mut self) -> Option<u32> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(digits).filter(|(digits, _)| !digits.is_empty())?;
        self.0 = rest;
        Some((0..9).fold(0, |number, at| number * 10 + digits.get(at).map_or(0, |digit| u32::from(digit - b'0'))))
    }

    /// How many seconds ahead of UTC the zone is, which ends the text: `+00:00`, with what is `between`.
    fn offset(mut self, between: &[u8]) -> Option<i64> {
        let sign = if self.one_of(b"+-")? == b'+' { 1 } else { -1 };
        let hours = self.number(2).filter(|hours| *hours < 24)?;
        if !between.is_empty() {
            self.one_of(between)?;
        }
        let minutes = self.number(2).filter(|minutes| *minutes < 60)?;
        self.0.is_empty().then(|| sign * i64::from(hours * 60 + minutes) * 60)
    }
}

const DAY: i64 = 86_400;
const LAST_NANOSECOND: u32 = 999_999_999;
const UTC: [&[u8]; 4] = [b"Z", b"GMT", b"UTC", b"UT"];
const DAYS: &[u8] = b"MonTueWedThuFriSatSun";
const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use time::format_description::well_known::{Rfc2822, Rfc3339};

    use super::*;

    /// Many texts, good and bad: every field at its ends and beyond, with what may follow.
    fn all(form: fn([&str; 6], &str) -> String, months: &[&str], zones: &[&str]) -> Vec<String> {
        let years = ["1899", "1900", "1970", "1999", "2000", "2023", "2024", "2100", "9998", "26", "20260", "-001"];
        let (days, hours) = (["00", "01", "28", "29", "30", "31", "32", "x1", ""], ["00", "09", "23", "24", "7", ""]);
        let (minutes, seconds) = (["00", "59", "60", "5"], ["00", "01", "59", "61", "+1", ""]);
        let mut texts = Vec::new();
        for year in years {
            for month in months {
                for day in days {
                    texts.push(form([year, month, day, "12", "30", "15"], zones[0]));
                }
            }
        }
        for hour in hours {
            for minute in minutes {
                for second in seconds {
                    texts.extend(zones.iter().map(|zone| form(["2024", months[1], "29", hour, minute, second], zone)));
                }
            }
        }
        texts
    }

    #[test]
    fn rfc3339_is_read_as_by_the_parser_of_time() {
        let months = ["01", "02", "04", "12", "00", "13", "1"];
        let zones = [
            "Z",
            "z",
            "+00:00",
            "-00:00",
            "+01:00",
            "-01:30",
            "+23:59",
            "-23:59",
            "+24:00",
            "+01:60",
            "+0100",
            "+01",
            "",
            "+1:00",
            "Z ",
            "ZZ",
            "Europe",
            ".5Z",
            ".123456789Z",
            ".123456789999+02:00",
            ".Z",
            ".",
            ",5Z",
            ".5",
        ];
        let form = |[year, month, day, hour, minute, second]: [&str; 6], zone: &str| {
            format!("{year}-{month}-{day}T{hour}:{minute}:{second}{zone}")
        };
        let texts = all(form, &months, &zones);
        let (mut good, mut bad) = (0, 0);
        for text in &texts {
            let theirs = OffsetDateTime::parse(text, &Rfc3339).ok().map(SystemTime::from);
            assert_eq!(rfc3339(text), theirs, "{text}");
            *(if theirs.is_some() { &mut good } else { &mut bad }) += 1;
        }
        assert!(good > 300 && bad > 300, "{good} and {bad}");
    }

    #[test]
    fn rfc2822_is_read_as_by_the_parser_of_time() {
        let months = ["Jan", "feb", "APR", "Dec", "January", "", "1"];
        let zones = ["GMT", "UT", "+0000", "-0000", "+0100", "-0130", "+2359", "+0160", "+01:00", "+01", "", "XYZT"];
        let form = |[year, month, day, hour, minute, second]: [&str; 6], zone: &str| {
            format!("Thu, {day} {month} {year} {hour}:{minute}:{second} {zone}")
        };
        let (mut good, mut bad) = (0, 0);
        // Two digits of a year mean what its reader thinks, and before 1900 there was no mail.
        let is_read = |text: &&String| !["1899", " 26 "].iter().any(|year| text.contains(year));
        for text in all(form, &months, &zones).iter().filter(is_read) {
            let theirs = OffsetDateTime::parse(text, &Rfc2822).ok().map(SystemTime::from);
            assert_eq!(rfc2822(text), theirs, "{text}");
            *(if theirs.is_some() { &mut good } else { &mut bad }) += 1;
        }
        assert!(good > 200 && bad > 200, "{good} and {bad}");
    }
}
