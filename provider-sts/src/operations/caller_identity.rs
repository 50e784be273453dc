//! `GetCallerIdentity`.

use tucuxi_core::{Credentials, Error};

use crate::Sts;
use crate::wire::Form;

/// Whose credentials they are.
///
/// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    account: String,
    arn: String,
    user_id: String,
}

impl CallerIdentity {
    /// The account, 12 digits.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The user, role session or federated user.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The identity's id, which stays when its name changes.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }
}

impl Sts {
    /// Asks whose `credentials` they are; everybody may ask.
    ///
    /// # Errors
    /// See [`Sts`]; `Denied` means that the service knows no such key or does not accept its signature.
    pub async fn caller_identity(&self, credentials: &Credentials) -> Result<CallerIdentity, Error> {
        let result = self.send(Ok(Form::new("GetCallerIdentity")), Some(credentials)).await?;
        Ok(CallerIdentity {
            account: result.required("Account")?.to_owned(),
            arn: result.required("Arn")?.to_owned(),
            user_id: result.required("UserId")?.to_owned(),
        })
    }
}
