//! `GetAccessKeyInfo`.

use tucuxi_core::{Credentials, Error};

use crate::Sts;
use crate::wire::{Answered, Form, Operation};

impl Sts {
    /// Asks which account an access key id belongs to.
    ///
    /// # Errors
    /// See [`Sts`].
    ///
    /// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
    pub async fn account_of_key(&self, access_key_id: &str, credentials: &Credentials) -> Result<String, Error> {
        self.send(&GetAccessKeyInfo { access_key_id }, Some(credentials)).await
    }
}

struct GetAccessKeyInfo<'a> {
    access_key_id: &'a str,
}

impl Operation for GetAccessKeyInfo<'_> {
    type Output = String;

    const ACTION: &'static str = "GetAccessKeyInfo";

    fn parameters(&self, form: &mut Form) -> Result<(), Error> {
        form.push("AccessKeyId", self.access_key_id);
        Ok(())
    }

    fn output(&self, result: &Answered<'_>) -> Result<String, Error> {
        result.required("Account").map(str::to_owned)
    }
}
