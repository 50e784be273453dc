//! How credentials stay fresh: what happens when.
//!
//! A [`Cache`](crate::Cache) stands in front of every source. It decides by three instants, which are fixed when
//! credentials are fetched: where their *advisory* window begins, where their *mandatory* window begins, and their
//! expiry. Time comes from the [`Clock`](crate::Clock) of the context alone.
//!
//! # The windows
//!
//! | the credentials live | advisory window | mandatory window |
//! |---|---|---|
//! | up to 20 min | the last 5 min | the last minute |
//! | less than 90 min | the last 15 min | the last minute |
//! | 90 min or more | the last 60 min | the last minute |
//!
//! [`CacheOptions::windows`](crate::CacheOptions) sets others.
//!
//! # The timeline
//!
//! Credentials of one hour, fetched at 0:
//!
//! ```text
//!   0 min                                      45 min             59 min   60 min
//!   |                                          |                  |        |
//!   | fetched            fresh                 |     advisory     |mandat. | expired
//!   |==========================================|------------------|........|~~~~~~~~~~~~~~~~~~~>
//!   |                                          |                  |        |
//!   a caller gets:                             |                  |        |
//!     the credentials at once: no lock,        | the credentials  | the new credentials, after
//!     no allocation, one look at the clock     | at once          | waiting for the one fetch
//!                                              |                  |        |
//!   behind its back:                           |                  |        |
//!     nothing                                  | one fetch        | one fetch, the same for all
//!                                              | begins           |        |
//!                                              |                  |        |
//!   when the source cannot be reached:         |                  |        |
//!                                              | the old credentials       | the old ones, marked,
//!                                              | at once, next try after   | from sources that AWS
//!                                              | 5 to 10 min               | keeps alive; an error
//!                                              |                           | from the others
//!   when the source says no:                   |                  |        |
//!                                              | the old credentials       | the error, at once;
//!                                              | at once, next try after   | next try after 1 to 5 s
//!                                              | 1 to 5 s                  |
//! ```
//!
//! In the advisory window the fetch runs on the runtime that the context lends ([`Spawn`](crate::Spawn)). A program
//! without one refreshes in the mandatory window.
//!
//! # One fetch
//!
//! However many callers there are, a cache asks its source once at a time, and all who wait get that one answer, also
//! when it is a failure. The fetch belongs to the cache: a caller that is cancelled cancels nothing, whether it started
//! the fetch or joined it. A fetch that takes longer than its limit counts as a source that cannot be reached; the
//! limit is 30 s, for a profile that names a helper program 62 s (the helper itself is ended after 60), and a minute
//! more where a person types the code of an MFA device. [`CacheOptions::fetch_limit`](crate::CacheOptions) sets another.
//!
//! # What a failure means
//!
//! | the source | with valid credentials in hand | with expired ones | with none |
//! |---|---|---|---|
//! | cannot be reached, answers nonsense or with credentials that have expired, is gone altogether (`Unavailable`, `NotConfigured`) | goes on with them, next try after 5 to 10 min | goes on with them, marked, if the source is stable (below); otherwise the error | the error, next try after 1 to 5 s |
//! | says no, or is set up wrongly (`Denied`, `InvalidConfig`) | goes on with them, next try after 1 to 5 s | the error, next try after 1 to 5 s | the error, next try after 1 to 5 s |
//!
//! Both spans are drawn at random, so that a fleet does not try in step. Within them nobody asks the source, whatever
//! the number of callers. For keys that stand in a file the pause is 1 to 5 s in either case.
//!
//! # Static stability
//!
//! When AWS cannot renew sessions it goes on accepting those it gave out. Sessions of instance metadata, the
//! container endpoint, the Security Token Service (roles, web identity, SAML and the others), IAM Identity Center and
//! console sign-in are therefore handed out past their expiry while their source cannot be reached. The log warns, and
//! the credentials show it: [`Provenance::is_past_expiry`](crate::Provenance::is_past_expiry), and `(past expiry)`
//! behind the provenance in words. A helper program or a provider of the program's own promises nothing of the kind;
//! its credentials end when they say.
//!
//! # Without a runtime to lend
//!
//! A context without a [`Spawn`](crate::Spawn) has nobody to drive a fetch but whoever waits for it. Nothing is refreshed
//! behind the callers' backs then, and a fetch that all of them left stands still, with the turn it may have taken among
//! processes, until somebody asks again. `tucuxi_transport::system()` lends tokio.
//!
//! # Nothing in hand
//!
//! At a cold start, and for keys of helper programs and custom sources past their end, a failure is remembered for 1 to
//! 5 s only: a program that starts in an outage works a moment after it ends. The pause of 5 to 10 min is for those who
//! have something to go on with.
//!
//! # Answers that are odd
//!
//! - *Nothing newer*: the source answers, but with credentials that end no later than those in hand. They are used, and
//!   the next try comes after 5 to 10 min, at the latest where their mandatory window begins, and in it when they expire.
//! - *Short-lived*: credentials that are in their own advisory window when they arrive. The next refresh in the
//!   background comes after half of the time that is left until the mandatory one.
//! - *No end*: kept for ever and never fetched again, but for keys that stand in a file.
//!
//! # Keys in a file
//!
//! Once a second at most, and behind the callers' backs, the cache looks at length and time of change of the file that
//! the provenance names. When either is another it asks the source again, which reads the file; the cache itself
//! reads nothing. After the first fetch and after each change the source is asked once or twice more, a second or two later:
//! what it remembered of the file may be older than the cache's look.
//!
//! # Rejected keys
//!
//! A service that answers `ExpiredToken`, `ExpiredTokenException`, `InvalidAccessKeyId` or `TokenRefreshRequired` knows
//! more than the expiry does. [`Cache::invalidate`](crate::Cache::invalidate) marks the credentials with that key id, and
//! no others, so that a hundred requests that fail together cost one fetch. The pause after a failed refresh still holds, and
//! a source that has the same key again is not asked for 1 to 5 s. The S3 client does this itself and then signs once
//! more.
//!
//! # The log
//!
//! Every step is a `tracing` event of a target below `tucuxi_core::cache`, with key id, provenance and instants, and never a
//! secret:
//!
//! | level | event | fields |
//! |---|---|---|
//! | debug | `fetching credentials` | `held`, `phase` |
//! | debug | `fetched credentials` | `access_key_id`, `provenance`, `expires_at`, `refresh_at` |
//! | debug | `the file of the credentials has changed` | `access_key_id`, `file` |
//! | warn | `no credentials` | `error`, `kind`, `next_try` |
//! | warn | `the refresh failed, going on with the old credentials` | `error`, `kind`, `access_key_id`, `expires_at`, `next_try` |
//! | warn | `serving credentials past their expiry, their source cannot be reached` | `access_key_id`, `provenance`, `expired_at`, `until` |
//! | warn | `a service rejected the credentials` | `access_key_id`, `provenance` |
//! | debug | `a service rejected credentials that are no longer held` | `access_key_id` |
