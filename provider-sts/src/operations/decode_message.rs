//! `DecodeAuthorizationMessage`.

use tucuxi_core::{Credentials, Error};

use crate::Sts;
use crate::wire::{Answered, Form, Operation};

impl Sts {
    /// Decodes what a service adds to its refusal; the answer is JSON that names the policy statements.
    ///
    /// # Errors
    /// See [`Sts`]; asking needs the permission `sts:DecodeAuthorizationMessage`.
    ///
    /// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>
    pub async fn decode_authorization_message(
        &self,
        encoded: &str,
        credentials: &Credentials,
    ) -> Result<String, Error> {
        self.send(&DecodeAuthorizationMessage { encoded }, Some(credentials)).await
    }
}

struct DecodeAuthorizationMessage<'a> {
    encoded: &'a str,
}

impl Operation for DecodeAuthorizationMessage<'_> {
    type Output = String;

    const ACTION: &'static str = "DecodeAuthorizationMessage";

    fn parameters(&self, form: &mut Form) -> Result<(), Error> {
        form.push("EncodedMessage", self.encoded);
        Ok(())
    }

    fn output(&self, result: &Answered<'_>) -> Result<String, Error> {
        result.required("DecodedMessage").map(str::to_owned)
    }
}
