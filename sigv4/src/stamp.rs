//! The instant of signing as text.

use std::time::SystemTime;

use time::UtcDateTime;
use tucuxi_core::Error;

/// `20150830T123600Z`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp([u8; 16]);

impl Stamp {
    pub(crate) fn new(at: SystemTime) -> Result<Self, Error> {
        let (before, since) = match at.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => (false, since.as_secs()),
            Err(error) => (true, error.duration().as_secs()),
        };
        let at = i64::try_from(since)
            .ok()
            .filter(|_| !before)
            .and_then(|seconds| UtcDateTime::from_unix_timestamp(seconds).ok())
            .ok_or_else(|| Error::invalid_config("the time of signing is not between 1970 and 9999"))?;
        let mut text = *b"00000000T000000Z";
        let year = at.year().unsigned_abs();
        two(&mut text, 0, (year / 100) as u8);
        two(&mut text, 2, (year % 100) as u8);
        two(&mut text, 4, at.month().into());
        two(&mut text, 6, at.day());
        two(&mut text, 9, at.hour());
        two(&mut text, 11, at.minute());
        two(&mut text, 13, at.second());
        Ok(Self(text))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// `20150830`
    pub(crate) fn date(&self) -> [u8; 8] {
        let mut date = [0; 8];
        date.copy_from_slice(&self.0[..8]);
        date
    }
}

fn two(text: &mut [u8; 16], at: usize, number: u8) {
    text[at] = b'0' + number / 10;
    text[at + 1] = b'0' + number % 10;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(seconds: u64, expected: Option<&str>) {
        let stamp = Stamp::new(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(stamp.ok().map(|stamp| stamp.0), expected.map(|text| text.as_bytes().try_into().unwrap()));
    }

    #[test]
    fn instants_are_written_to_the_second() {
        check(0, Some("19700101T000000Z"));
        check(1_440_938_160, Some("20150830T123600Z"));
        check(253_402_300_799, Some("99991231T235959Z"));
        check(253_402_300_800, None);
    }

    #[test]
    fn before_1970_there_is_nothing_to_sign() {
        assert!(Stamp::new(SystemTime::UNIX_EPOCH - Duration::from_secs(1)).is_err());
    }
}
