//! How far this machine's clock is from each server's.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::header::{AGE, DATE};
use http::{HeaderMap, HeaderName};
use tracing::warn;

use crate::{Context, Env, parse_timestamp};

/// What the dates of servers say about this machine's clock, for whoever signs requests to them.
///
/// An answer's `Date` is compared with the middle between sending and receiving. Answers of caches (`Age`)
/// and of exchanges that took more than 15 minutes say nothing. A difference above 4 minutes corrects
/// signatures to that endpoint, until an answer has the right time again.
///
/// A clone shares what was learned. Which part of a URL an endpoint is, is the caller's choice.
///
/// - Reads: `AWS_DISABLE_CLOCK_SKEW_CORRECTION`, only while there is something to correct
/// - Network: none
///
/// # Example
/// ```
/// use std::time::{Duration, SystemTime};
/// use http::{HeaderMap, HeaderValue, header::DATE};
/// use tucuxi_core::{ClockSkew, Context, parse_timestamp};
///
/// let skew = ClockSkew::new(&Context::local());
/// let now = parse_timestamp("2026-01-01T00:00:00Z").unwrap();
/// let mut headers = HeaderMap::new();
/// headers.insert(DATE, HeaderValue::from_static("Thu, 01 Jan 2026 01:00:00 GMT"));
/// skew.observe("s3.eu-west-1.amazonaws.com", &headers, now, now);
/// let hour = Duration::from_secs(3600);
/// assert_eq!(skew.correct("s3.eu-west-1.amazonaws.com", now), now + hour);
/// assert_eq!(skew.correct("sts.amazonaws.com", now), now);
/// assert!(skew.changes("s3.eu-west-1.amazonaws.com", now, now));
/// ```
#[derive(Clone)]
pub struct ClockSkew(Arc<Learned>);

struct Learned {
    env: Env,
    /// Whether there are offsets: nearly always not, and then nobody needs the lock.
    any: AtomicBool,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    offsets: Vec<(String, Offset)>,
    /// The date that was read last; most answers of a second carry the same.
    last: Option<(Vec<u8>, SystemTime)>,
}

/// What to add to this machine's clock, or to take from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offset {
    Ahead(Duration),
    Behind(Duration),
}

impl ClockSkew {
    /// Nothing is known yet.
    pub fn new(context: &Context) -> Self {
        Self(Arc::new(Learned { env: context.env().clone(), any: AtomicBool::new(false), known: Mutex::default() }))
    }

    /// Learns from the headers of an answer to a request that was sent and answered at these instants.
    pub fn observe(&self, endpoint: &str, headers: &HeaderMap, sent: SystemTime, received: SystemTime) {
        let [date, age] = &LOOKED_FOR;
        let Some(date) = headers.get(date).filter(|_| headers.get(age).is_none()) else { return };
        let is_new = {
            let mut known = self.0.known();
            let Some(server) = known.read(date.as_bytes()) else { return };
            let Some(offset) = offset(server, sent, received) else { return };
            let is_new = known.note(endpoint, offset);
            self.0.any.store(!known.offsets.is_empty(), Ordering::Release);
            is_new.then_some(offset)
        };
        if let Some(offset) = is_new.filter(|_| !self.0.is_off()) {
            warn_of(endpoint, offset);
        }
    }

    /// The instant to sign with for this endpoint, when this machine's clock says `now`.
    pub fn correct(&self, endpoint: &str, now: SystemTime) -> SystemTime {
        if !self.0.any.load(Ordering::Acquire) || self.0.is_off() {
            return now;
        }
        let known = self.0.known();
        let corrected = match known.place(endpoint).map(|place| known.offsets[place].1) {
            Some(Offset::Ahead(by)) => now.checked_add(by),
            Some(Offset::Behind(by)) => now.checked_sub(by),
            None => None,
        };
        corrected.unwrap_or(now)
    }

    /// Whether signing again makes a difference to what was signed at `signed`, when this machine's clock
    /// says `now`.
    pub fn changes(&self, endpoint: &str, now: SystemTime, signed: SystemTime) -> bool {
        let corrected = self.correct(endpoint, now);
        corrected.duration_since(signed).unwrap_or_else(|earlier| earlier.duration()) > TOLERATED
    }

    /// Whether a refusal may be due to the time of signing; [`changes`](Self::changes) tells whether it is.
    ///
    /// Some services name the time, some only the signature, and an answer to a HEAD names nothing.
    pub fn may_explain(status: u16, code: Option<&str>) -> bool {
        match code {
            Some(code) => BLAMED.contains(&code.strip_suffix("Exception").unwrap_or(code)),
            None => status == 403,
        }
    }
}

impl fmt::Debug for ClockSkew {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.known().offsets.len();
        f.debug_struct("ClockSkew").field("known", &known).finish_non_exhaustive()
    }
}

impl Known {
    fn read(&mut self, date: &[u8]) -> Option<SystemTime> {
        if let Some((text, instant)) = &self.last
            && text == date
        {
            return Some(*instant);
        }
        let instant = std::str::from_utf8(date).ok().and_then(parse_timestamp)?;
        self.last = Some((date.to_vec(), instant));
        Some(instant)
    }

    /// Keeps an offset, or forgets what was wrong before; tells whether that is one of an endpoint that had none.
    fn note(&mut self, endpoint: &str, offset: Offset) -> bool {
        match (self.place(endpoint), offset.size() > TOLERATED) {
            (Some(place), true) => self.offsets[place].1 = offset,
            (Some(place), false) => drop(self.offsets.swap_remove(place)),
            (None, true) => {
                if self.offsets.len() >= MOST_ENDPOINTS {
                    self.offsets.clear();
                }
                self.offsets.push((endpoint.to_owned(), offset));
                return true;
            }
            (None, false) => {}
        }
        false
    }

    fn place(&self, endpoint: &str) -> Option<usize> {
        self.offsets.iter().position(|(known, _)| known == endpoint)
    }
}

impl Learned {
    #[inline(never)]
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_off(&self) -> bool {
        // A variable that is no text asks for nothing.
        self.env.is_true(SWITCH).unwrap_or(false)
    }
}

impl Offset {
    fn size(self) -> Duration {
        match self {
            Self::Ahead(by) | Self::Behind(by) => by,
        }
    }
}

#[cold]
fn warn_of(endpoint: &str, offset: Offset) {
    warn!(endpoint, ?offset, "this machine's clock is wrong; signing with the server's time");
}

/// The server's clock against this one's; `None` when the exchange says nothing about it.
fn offset(server: SystemTime, sent: SystemTime, received: SystemTime) -> Option<Offset> {
    let took = received.duration_since(sent).ok().filter(|took| *took <= LONGEST_EXCHANGE)?;
    let middle = sent + took / 2;
    Some(match server.duration_since(middle) {
        Ok(by) => Offset::Ahead(by),
        Err(behind) => Offset::Behind(behind.duration()),
    })
}

const TOLERATED: Duration = Duration::from_secs(4 * 60);
/// By reference, as all headers are looked for here: each other way is a function of its own in every program.
static LOOKED_FOR: [HeaderName; 2] = [DATE, AGE];
const LONGEST_EXCHANGE: Duration = Duration::from_secs(15 * 60);
const MOST_ENDPOINTS: usize = 256;
const SWITCH: &str = "AWS_DISABLE_CLOCK_SKEW_CORRECTION";

/// Codes also come with `Exception` at their end.
const BLAMED: [&str; 6] = [
    "RequestTimeTooSkewed",
    "RequestExpired",
    "RequestInTheFuture",
    "SignatureDoesNotMatch",
    "InvalidSignature",
    "AuthFailure",
];

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::Context;

    const HOUR: &str = "Thu, 01 Jan 2026 01:00:00 GMT";

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600 + seconds)
    }

    fn skew(env: Env) -> ClockSkew {
        ClockSkew::new(&Context::local().with_env(env))
    }

    fn unset() -> Env {
        Env::fake::<String, String>([])
    }

    fn dated(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, HeaderValue::from_str(date).unwrap())])
    }

    /// What is signed at `at(0)` after an answer dated `date` that came in `took` seconds.
    fn check(env: &Env, date: &str, age: bool, took: u64, expected: SystemTime) {
        let skew = skew(env.clone());
        let mut headers = dated(date);
        if age {
            headers.insert(AGE, HeaderValue::from_static("1"));
        }
        skew.observe("a", &headers, at(0), at(took));
        assert_eq!(skew.correct("a", at(0)), expected, "{date} {took}");
        assert_eq!(skew.changes("a", at(0), at(0)), expected != at(0), "{date} {took}");
    }

    #[test]
    fn the_offset_counts_above_four_minutes_from_answers_that_can_be_trusted() {
        let env = unset();
        check(&env, HOUR, false, 0, at(3600));
        check(&env, HOUR, false, 100, at(3550));
        check(&env, HOUR, true, 0, at(0));
        check(&env, HOUR, false, 900, at(3150));
        check(&env, HOUR, false, 901, at(0));
        check(&env, "Thu, 01 Jan 2026 00:04:00 GMT", false, 0, at(0));
        check(&env, "Thu, 01 Jan 2026 00:04:01 GMT", false, 0, at(241));
        check(&env, "Wed, 31 Dec 2025 23:00:00 GMT", false, 0, at(0) - Duration::from_secs(3600));
        check(&env, "soon", false, 0, at(0));
        check(&Env::fake([(SWITCH, "true")]), HOUR, false, 0, at(0));
        check(&Env::fake([(SWITCH, "false")]), HOUR, false, 0, at(3600));
    }

    #[test]
    fn a_clock_that_was_set_back_during_the_exchange_says_nothing() {
        let skew = skew(unset());
        skew.observe("a", &dated(HOUR), at(10), at(0));
        assert_eq!(skew.correct("a", at(0)), at(0));
    }

    #[test]
    fn an_answer_with_the_right_time_ends_the_correction() {
        let skew = skew(unset());
        for (date, expected) in [(HOUR, at(3600)), ("Thu, 01 Jan 2026 00:00:01 GMT", at(0)), (HOUR, at(3600))] {
            skew.observe("a", &dated(date), at(0), at(0));
            assert_eq!(skew.correct("a", at(0)), expected);
        }
        // The machine's clock is put right within the second that the server's last date names.
        skew.observe("a", &dated(HOUR), at(3600), at(3600));
        assert_eq!(skew.correct("a", at(3600)), at(3600));
        assert!(!skew.0.any.load(Ordering::Relaxed));
    }

    #[test]
    fn each_endpoint_has_its_own_offset_and_there_are_not_too_many() {
        let skew = skew(unset());
        skew.observe("a", &dated(HOUR), at(0), at(0));
        skew.observe("b", &dated("Thu, 01 Jan 2026 00:00:00 GMT"), at(0), at(0));
        assert_eq!((skew.correct("a", at(0)), skew.correct("b", at(0))), (at(3600), at(0)));
        for number in 0..1000 {
            skew.observe(&number.to_string(), &dated(HOUR), at(0), at(0));
        }
        assert!(skew.0.known().offsets.len() <= MOST_ENDPOINTS);
    }

    #[test]
    fn only_some_refusals_may_be_due_to_the_clock() {
        for code in BLAMED.iter().copied().chain(["InvalidSignatureException"]) {
            assert!(ClockSkew::may_explain(400, Some(code)), "{code}");
        }
        assert!(ClockSkew::may_explain(403, None));
        for (status, code) in [(403, Some("AccessDenied")), (400, Some("ExpiredToken")), (404, None), (500, None)] {
            assert!(!ClockSkew::may_explain(status, code), "{status} {code:?}");
        }
    }
}
