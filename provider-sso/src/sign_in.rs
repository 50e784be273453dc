//! The end of every sign-in: what was granted is kept.

use std::time::SystemTime;

use tucuxi_core::sign_in::Token;
use tucuxi_core::{Context, Error, format_rfc3339};

use crate::SignInSettings;
use crate::registration::Registration;
use crate::token_file::{
    CLIENT_ID, CLIENT_SECRET, EXPIRES_AT, FORMAT, REGION, REGISTRATION_EXPIRES_AT, START_URL, token_file,
};
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

/// The sign-in that a first grant makes, as the AWS CLI writes it.
fn signed_in(settings: &SignInSettings, client: &Registration, new: NewToken, now: SystemTime) -> Token {
    let mut texts = new.texts;
    texts.extend([
        (START_URL, Some(settings.start_url.as_str().into())),
        (REGION, Some(settings.region.as_str().into())),
        (EXPIRES_AT, Some(format_rfc3339(now + new.lifetime).into())),
        (CLIENT_ID, Some(client.client_id.as_str().into())),
        (CLIENT_SECRET, Some(client.client_secret.clone())),
        (REGISTRATION_EXPIRES_AT, Some(client.expires_at.as_str().into())),
    ]);
    Token::new(&FORMAT, texts)
}
