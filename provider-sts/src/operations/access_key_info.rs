//! `GetAccessKeyInfo`.

use tucuxi_core::{Credentials, Error};

use crate::Sts;
use crate::wire::Form;

impl Sts {
    /// Asks which account an access key id belongs to. Needs the feature `operations`.
    ///
    /// # Errors
    /// See [`Sts`].
    ///
    /// Specification: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
    pub async fn account_of_key(&self, access_key_id: &str, credentials: &Credentials) -> Result<String, Error> {
        let mut form = Form::new("GetAccessKeyInfo");
        form.push("AccessKeyId", access_key_id);
        self.send(Ok(form), Some(credentials)).await?.required("Account").map(str::to_owned)
    }
}
