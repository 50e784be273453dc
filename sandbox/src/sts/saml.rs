//! The sandbox's own identity provider for SAML.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use base64ct::{Base64, Encoding};
use tucuxi_core::{Clock, format_rfc3339};

use super::identity::Untrusted;
use crate::keyring::random;

/// The assertions that were issued, each for one person and one role.
///
/// Nothing is signed: an assertion is known to the letter or it is refused, which no signature could be stricter about.
#[derive(Debug)]
pub(crate) struct Assertions {
    clock: Arc<dyn Clock>,
    issued: Mutex<HashMap<String, Issued>>,
}

#[derive(Clone, Debug)]
struct Issued {
    role_arn: String,
    ends: SystemTime,
}

impl Assertions {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, issued: Mutex::default() }
    }

    /// A response of the provider in base64, as a browser would post it; it counts for `ttl`.
    pub(crate) fn issue(&self, role_arn: &str, provider_arn: &str, ttl: Duration) -> String {
        let ends = self.clock.now() + ttl;
        let document = format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_{}\" Version=\"2.0\">\
             <saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"><saml:Issuer>{SAML_ISSUER}</saml:Issuer>\
             <saml:Subject><saml:NameID>{SAML_SUBJECT}</saml:NameID></saml:Subject>\
             <saml:Conditions NotOnOrAfter=\"{}\"/><saml:AttributeStatement>\
             <saml:Attribute Name=\"https://aws.amazon.com/SAML/Attributes/Role\">\
             <saml:AttributeValue>{role_arn},{provider_arn}</saml:AttributeValue></saml:Attribute>\
             </saml:AttributeStatement></saml:Assertion></samlp:Response>",
            random(),
            format_rfc3339(ends),
        );
        let assertion = Base64::encode_string(document.as_bytes());
        self.lock().insert(assertion.clone(), Issued { role_arn: role_arn.to_owned(), ends });
        assertion
    }

    /// Whether an assertion lets somebody take the role.
    pub(super) fn verify(&self, assertion: &str, role_arn: &str) -> Result<(), Untrusted> {
        let Some(issued) = self.lock().get(assertion).cloned() else {
            return Err(Untrusted::Invalid("Response signature invalid".to_owned()));
        };
        if issued.ends <= self.clock.now() {
            return Err(Untrusted::Expired);
        }
        match issued.role_arn == role_arn {
            true => Ok(()),
            false => Err(Untrusted::Invalid("Specified role is not among those of the assertion".to_owned())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Issued>> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of the provider in IAM.
pub(crate) const SAML_PROVIDER: &str = "sandbox";
pub(super) const SAML_ISSUER: &str = "https://saml.sandbox.test";
pub(super) const SAML_SUBJECT: &str = "somebody";
