//! botocore's kinds of errors in ours.

/// Which of our kinds say the same as one of botocore's; empty when any of ours does.
pub(super) fn same_as(theirs: &str) -> &'static [&'static str] {
    const INVALID: &[&str] = &["invalid_config"];
    const DENIED: &[&str] = &["denied"];
    const UNAVAILABLE: &[&str] = &["unavailable"];
    match theirs {
        // A leaked Python exception says nothing; any typed error is as good.
        _ if theirs.starts_with("py:") => &[],
        "mfa_prompt" | "sso_unauthorized" | "login_refresh_required" | "login_permissions" | "mfa_refresh" => DENIED,
        // The token that a sign-in leaves is missing or unreadable: sign in, or put the file right.
        "sso_token_load" | "login_token_load" | "token_retrieval" | "login" => &["denied", "invalid_config"],
        // The service's code decides between a refusal and an outage.
        "service_error" => &["denied", "unavailable"],
        // The HTTP library refused the request or lost the answer.
        "http" => &["unavailable", "invalid_config"],
        "connect" | "read_timeout" | "metadata" => UNAVAILABLE,
        // An answer without a body: its status decides.
        "response_parse" => &["unavailable", "denied"],
        // A program or an endpoint failed, or what it said could not be used.
        "retrieval" => &["unavailable", "denied", "invalid_config"],
        "json" | "utf8" => &["unavailable", "invalid_config"],
        "still_expired" | "bad_timestamp" => &["unavailable", "denied", "invalid_config"],
        _ => INVALID,
    }
}
