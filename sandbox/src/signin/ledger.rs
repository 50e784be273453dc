//! The codes and refresh tokens that were given out, and what has become of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::digest::{SHA256, digest};
use tucuxi_core::Clock;

use super::Client;
use super::proof::{PROOF_WINDOW, Proof};
use super::refusal::Refusal;
use crate::keyring::random;

/// Everything here counts once: a code, a refresh token, a proof.
#[derive(Debug)]
pub(super) struct Ledger {
    clock: Arc<dyn Clock>,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    codes: HashMap<String, Code>,
    /// Every refresh token that was given out, and whose it is.
    refresh_tokens: HashMap<String, String>,
    sign_ins: HashMap<String, SignedIn>,
    /// The proofs of the last minutes, and when they came.
    proofs: HashMap<(String, String), SystemTime>,
}

/// What a browser asked for, and what a code is therefore good for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) client: Client,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
}

/// What a client shows to get keys for a code.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) client: Client,
    pub(super) code: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) verifier: &'a str,
}

#[derive(Debug)]
struct Code {
    asked: Asked,
    expires_at: SystemTime,
    spent: bool,
    /// The sign-in that came of it.
    sign_in: Option<String>,
}

#[derive(Debug)]
struct SignedIn {
    client: Client,
    /// The only key that may refresh it.
    thumbprint: String,
    /// The refresh token that counts.
    current: String,
    ends_at: SystemTime,
}

impl Ledger {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, pages: Mutex::default() }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Takes a proof, once.
    pub(super) fn admit(&self, proof: &Proof) -> Result<(), Refusal> {
        self.change(|pages, now| {
            pages.proofs.retain(|_, came| *came + 2 * PROOF_WINDOW >= now);
            match pages.proofs.insert((proof.thumbprint.clone(), proof.id.clone()), now) {
                None => Ok(()),
                Some(_) => Err(Refusal::invalid("the DPoP proof came before")),
            }
        })
    }

    /// A code for whoever signed in.
    pub(super) fn new_code(&self, asked: Asked) -> String {
        let code = random();
        self.change(|pages, now| {
            let entry = Code { asked, expires_at: now + CODE_TTL, spent: false, sign_in: None };
            pages.codes.insert(code.clone(), entry);
        });
        code
    }

    /// The refresh token of a new sign-in. Whoever tries a code has spent it; whoever tries it again ends the sign-in
    /// that came of it.
    pub(super) fn redeem(&self, shown: &Shown<'_>, thumbprint: &str) -> Result<String, Refusal> {
        self.change(|pages, now| {
            let code = pages.codes.get_mut(shown.code).ok_or_else(|| Refusal::code_expired("the code is not known"))?;
            if std::mem::replace(&mut code.spent, true) {
                let sign_in = code.sign_in.take();
                sign_in.and_then(|id| pages.sign_ins.remove(&id));
                return Err(Refusal::code_expired("the code was used before"));
            }
            if code.expires_at <= now {
                return Err(Refusal::code_expired("the code has ended"));
            }
            let Asked { client, redirect_uri, challenge } = &code.asked;
            if *client != shown.client || redirect_uri != shown.redirect_uri {
                return Err(Refusal::invalid("the code was given to another client or for another redirectUri"));
            }
            if !is_verifier(shown.verifier) || self::challenge(shown.verifier) != *challenge {
                return Err(Refusal::invalid("the codeVerifier is not the one whose challenge was sent"));
            }
            let (id, token) = (random(), random());
            code.sign_in = Some(id.clone());
            pages.begin(id, &token, shown.client, thumbprint, now);
            Ok(token)
        })
    }

    /// A sign-in without a browser.
    pub(super) fn sign_in(&self, client: Client, thumbprint: &str) -> String {
        let token = random();
        self.change(|pages, now| pages.begin(random(), &token, client, thumbprint, now));
        token
    }

    /// The next refresh token of a sign-in. A token that was used before ends the sign-in.
    pub(super) fn refresh(&self, client: Client, token: &str, thumbprint: &str) -> Result<String, Refusal> {
        self.change(|pages, now| {
            let unknown = || Refusal::token_expired("the refresh token is not known, or its sign-in has ended");
            let id = pages.refresh_tokens.get(token).cloned().ok_or_else(unknown)?;
            let sign_in = pages.sign_ins.get_mut(&id).ok_or_else(unknown)?;
            if sign_in.client != client || sign_in.thumbprint != thumbprint {
                return Err(Refusal::invalid("the refresh token belongs to another client or another key"));
            }
            if sign_in.ends_at <= now {
                return Err(Refusal::token_expired("the sign-in has ended"));
            }
            if sign_in.current != token {
                pages.sign_ins.remove(&id);
                return Err(Refusal::token_expired("the refresh token was used before, which ends the sign-in"));
            }
            let next = random();
            sign_in.current.clone_from(&next);
            pages.refresh_tokens.insert(next.clone(), id);
            Ok(next)
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Pages, SystemTime) -> T) -> T {
        let now = self.now();
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut pages, now)
    }
}

impl Pages {
    fn begin(&mut self, id: String, token: &str, client: Client, thumbprint: &str, now: SystemTime) {
        self.forget(now);
        self.refresh_tokens.insert(token.to_owned(), id.clone());
        let (thumbprint, current) = (thumbprint.to_owned(), token.to_owned());
        self.sign_ins.insert(id, SignedIn { client, thumbprint, current, ends_at: now + SIGN_IN_TTL });
    }

    /// What ended is remembered for a while, so that whoever comes with it hears why it is refused.
    fn forget(&mut self, now: SystemTime) {
        self.codes.retain(|_, code| code.expires_at + SIGN_IN_TTL > now);
        self.sign_ins.retain(|_, sign_in| sign_in.ends_at + SIGN_IN_TTL > now);
        self.refresh_tokens.retain(|_, id| self.sign_ins.contains_key(id));
    }
}

/// RFC 7636 section 4.2, for what the service calls `SHA-256`.
fn challenge(verifier: &str) -> String {
    Base64UrlUnpadded::encode_string(digest(&SHA256, verifier.as_bytes()).as_ref())
}

/// RFC 7636 section 4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

/// RFC 6749 section 4.1.2 advises 10 minutes at most.
const CODE_TTL: Duration = Duration::from_secs(10 * 60);
/// A console session lasts 12 hours at most.
const SIGN_IN_TTL: Duration = Duration::from_secs(12 * 3600);

#[cfg(test)]
mod tests {
    use tucuxi_testkit::FakeClock;

    use super::*;

    const VERIFIER: &str = "0123456789012345678901234567890123456789-._~";
    const BACK: &str = "http://127.0.0.1:7/oauth/callback";

    fn ledger() -> (Ledger, FakeClock) {
        let clock = FakeClock::new().at("2026-01-01T00:00:00Z");
        (Ledger::new(Arc::new(clock.clone())), clock)
    }

    fn asked() -> Asked {
        Asked { client: Client::SameDevice, redirect_uri: BACK.to_owned(), challenge: challenge(VERIFIER) }
    }

    fn shown(code: &str) -> Shown<'_> {
        Shown { client: Client::SameDevice, code, redirect_uri: BACK, verifier: VERIFIER }
    }

    fn words(refusal: Refusal) -> String {
        format!("{refusal:?}")
    }

    #[test]
    fn a_code_counts_once_for_whoever_asked_for_it() {
        let check = |change: fn(&mut Shown<'_>), expected: &str| {
            let (ledger, _) = ledger();
            let code = ledger.new_code(asked());
            let mut wrong = shown(&code);
            change(&mut wrong);
            let refused = words(ledger.redeem(&wrong, "KEY").unwrap_err());
            assert!(refused.contains(expected), "{refused}");
            let spent = words(ledger.redeem(&shown(&code), "KEY").unwrap_err());
            assert!(spent.contains("AUTHCODE_EXPIRED"), "{spent}");
        };
        check(|shown| shown.client = Client::CrossDevice, "INVALID_REQUEST");
        check(|shown| shown.redirect_uri = "http://127.0.0.1:8/oauth/callback", "INVALID_REQUEST");
        check(|shown| shown.verifier = "0123456789012345678901234567890123456789-._-", "codeVerifier");
        check(|shown| shown.verifier = "", "codeVerifier");
        let (ledger, clock) = ledger();
        assert!(words(ledger.redeem(&shown("CODE"), "KEY").unwrap_err()).contains("not known"));
        let code = ledger.new_code(asked());
        clock.advance(CODE_TTL);
        assert!(words(ledger.redeem(&shown(&code), "KEY").unwrap_err()).contains("has ended"));
    }

    #[test]
    fn a_verifier_is_long_and_plain() {
        for (text, expected) in [("a".repeat(42), false), ("a".repeat(43), true), ("a".repeat(129), false)] {
            assert_eq!(is_verifier(&text), expected, "{text}");
        }
        assert!(!is_verifier(&"ä".repeat(40)) && !is_verifier(&" ".repeat(50)));
        // RFC 7636 appendix B.
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_refresh_token_counts_once_and_a_stolen_one_ends_the_sign_in() {
        let (ledger, clock) = ledger();
        let refresh = |token: &str, key: &str| ledger.refresh(Client::SameDevice, token, key);
        let code = ledger.new_code(asked());
        let first = ledger.redeem(&shown(&code), "KEY").unwrap();
        assert!(words(refresh(&first, "OTHER").unwrap_err()).contains("another key"));
        assert!(ledger.refresh(Client::CrossDevice, &first, "KEY").is_err());
        clock.advance(SIGN_IN_TTL - Duration::from_secs(1));
        let second = refresh(&first, "KEY").unwrap();
        let third = refresh(&second, "KEY").unwrap();
        assert!(words(refresh(&first, "KEY").unwrap_err()).contains("was used before"));
        assert!(words(refresh(&third, "KEY").unwrap_err()).contains("TOKEN_EXPIRED"));

        let other = ledger.sign_in(Client::SameDevice, "KEY");
        clock.advance(SIGN_IN_TTL);
        assert!(words(refresh(&other, "KEY").unwrap_err()).contains("the sign-in has ended"));
    }

    #[test]
    fn a_code_that_comes_again_ends_the_sign_in() {
        let (ledger, _) = ledger();
        let code = ledger.new_code(asked());
        let token = ledger.redeem(&shown(&code), "KEY").unwrap();
        assert!(ledger.redeem(&shown(&code), "KEY").is_err());
        assert!(words(ledger.refresh(Client::SameDevice, &token, "KEY").unwrap_err()).contains("TOKEN_EXPIRED"));
    }

    #[test]
    fn a_proof_counts_once_for_as_long_as_it_could() {
        let (ledger, clock) = ledger();
        let proof = |id: &str, key: &str| Proof { id: id.into(), thumbprint: key.into() };
        assert!(ledger.admit(&proof("1", "KEY")).is_ok());
        clock.advance(2 * PROOF_WINDOW);
        assert!(words(ledger.admit(&proof("1", "KEY")).unwrap_err()).contains("came before"));
        assert!(ledger.admit(&proof("2", "KEY")).is_ok() && ledger.admit(&proof("1", "OTHER")).is_ok());
    }
}
