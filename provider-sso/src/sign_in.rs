//! The end of every sign-in: what was granted is kept.

use tucuxi_core::{Context, Error};

use crate::registration::Registration;
use crate::wire::NewToken;
use crate::{SignInSettings, Token, TokenFile};

/// Keeps what was granted, in a turn of its own: whoever refreshes the sign-in before it must not write it over.
pub(crate) async fn keep(
    context: &Context,
    settings: &SignInSettings,
    client: &Registration,
    new: NewToken,
) -> Result<Token, Error> {
    let token = Token::signed_in(settings, client, new, context.clock().now());
    let file = TokenFile::new(context, settings.key());
    let _turn = file.turn().await;
    file.write(&token).await?;
    Ok(token)
}
