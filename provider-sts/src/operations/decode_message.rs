//! `DecodeAuthorizationMessage`.

use tucuxi_core::{Credentials, Error};

use crate::Sts;
use crate::wire::Form;

impl Sts {
    /// Decodes what a service adds to its refusal; the answer is JSON that names the policy statements.
    /// Needs the feature `operations`.
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
        let mut form = Form::new("DecodeAuthorizationMessage");
        form.push("EncodedMessage", encoded);
        self.send(Ok(form), Some(credentials)).await?.required("DecodedMessage").map(str::to_owned)
    }
}
