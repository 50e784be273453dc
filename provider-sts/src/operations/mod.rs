//! One file for each operation: what it asks and what its answer means.

#[cfg(feature = "operations")]
mod access_key_info;
mod assume_role;
#[cfg(feature = "operations")]
mod assume_root;
mod caller_identity;
#[cfg(feature = "operations")]
mod decode_message;
#[cfg(feature = "operations")]
mod federation_token;
#[cfg(feature = "operations")]
mod saml;
#[cfg(feature = "operations")]
mod session_token;
mod web_identity;

pub use assume_role::AssumeRole;
#[cfg(feature = "operations")]
pub use assume_root::AssumeRoot;
pub use caller_identity::CallerIdentity;
#[cfg(feature = "operations")]
pub use federation_token::FederationToken;
#[cfg(feature = "operations")]
pub use saml::AssumeRoleWithSaml;
#[cfg(feature = "operations")]
pub use session_token::SessionToken;
pub use web_identity::AssumeRoleWithWebIdentity;

use tucuxi_core::{Error, ErrorKind, failure, trimmed};

use crate::wire::Form;

/// Where an answer names the user that is a role.
pub(crate) const ASSUMED_USER: &str = "AssumedRoleUser";

/// Adds a role's ARN, which nothing works without.
#[inline(never)]
fn push_role(form: &mut Form, role_arn: &str) -> Result<(), Error> {
    if trimmed(role_arn).is_empty() {
        let cure = format_args!("write it like arn:aws:iam::123456789012:role/name");
        return Err(failure(ErrorKind::InvalidConfig, format_args!("the role's ARN is empty"), Some(cure)));
    }
    form.push("RoleArn", trimmed(role_arn));
    form.role_arn.push_str(trimmed(role_arn));
    Ok(())
}

/// Adds the name of the role's session.
#[inline(never)]
fn push_name(form: &mut Form, role_arn: &str, name: Option<&str>) -> Result<(), Error> {
    let name = name.ok_or_else(|| {
        failure(ErrorKind::InvalidConfig, format_args!("the session of role {role_arn} has no name"), None)
    })?;
    form.push("RoleSessionName", name);
    Ok(())
}

/// Adds policies that narrow what the session may do.
#[inline(never)]
fn push_policies(form: &mut Form, policy: Option<&str>, policy_arns: &[String]) {
    form.push_some("Policy", policy);
    form.push_members("PolicyArns", ".arn", policy_arns);
}

/// Adds session tags.
#[inline(never)]
fn push_tags(form: &mut Form, tags: &[(String, String)]) {
    for (index, (key, value)) in tags.iter().enumerate() {
        form.push_member("Tags", index, ".Key", key);
        form.push_member("Tags", index, ".Value", value);
    }
}
