//! The end of every sign-in: what was granted is kept.

use tucuxi_core::sign_in::Token;
use tucuxi_core::{Context, Error};

use crate::SignInSettings;
use crate::registration::Registration;
use crate::token_file::{signed_in, token_file};
use crate::wire::NewToken;

/// Keeps what was granted, in a turn of its own: whoever refreshes the sign-in before it must not write it over.
pub(crate) async fn keep(
    context: &Context,
    settings: &SignInSettings,
    client: &Registration,
    new: NewToken,
) -> Result<Token, Error> {
    let token = signed_in(settings, client, new, context.clock().now());
    token_file(context, settings.key()).write(&token).await?;
    Ok(token)
}
