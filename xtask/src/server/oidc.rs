//! An OpenID Connect provider, whose tokens SeaweedFS verifies.

use super::{Held, Started, free_ports, fresh_folder, wait_until_ready};
use crate::arguments::Failure;
use crate::npm;

/// The provider, and its issuer as it stands in tokens.
pub(super) fn start() -> Result<(Started, String), Failure> {
    let programs = npm::install(npm::OIDC)?;
    let folder = fresh_folder("oidc")?;
    let [port] = free_ports()?;
    let arguments = ["-a".to_owned(), "127.0.0.1".to_owned(), "-p".to_owned(), port.to_string()];
    let log = folder.join("log");
    let mut held = Held::start(&folder, &log, &programs.join("oauth2-mock-server"), &arguments, &[])?;
    wait_until_ready("oauth2-mock-server", &mut held, port, "/.well-known/openid-configuration", &log)?;
    let variables = vec![("TUCUXI_TEST_OIDC", format!("http://127.0.0.1:{port}"))];
    Ok((Started { variables, held }, format!("http://localhost:{port}")))
}
