//! What most likely helps when no source of credentials is configured. Pure.

use std::borrow::Cow;

use crate::{Attempt, Error};

/// At most three, the likeliest first: what the sources themselves suggest, then what sets up those that were asked.
pub(crate) fn likeliest(attempts: &[Attempt]) -> Vec<Cow<'static, str>> {
    let mut cures: Vec<Cow<'static, str>> = Vec::new();
    for attempt in attempts {
        if let Some(hint) = attempt.error().and_then(Error::hint) {
            add(&mut cures, hint);
        }
    }
    for (links, cure) in USUAL {
        if attempts.iter().any(|attempt| links.contains(&attempt.id())) {
            add(&mut cures, cure);
        }
    }
    if cures.is_empty() {
        cures.push("set one of the sources up".into());
    }
    cures
}

fn add(cures: &mut Vec<Cow<'static, str>>, cure: &str) {
    if cures.len() < MOST && !cures.iter().any(|known| known == cure) {
        cures.push(cure.to_owned().into());
    }
}

/// The links that a cure sets up.
const USUAL: [(&[&str], &str); 4] = [
    (&["shared-credentials-file", "config-file"], "run `aws configure` to keep the keys of a user"),
    (&["sso"], "run `aws configure sso` to sign in through IAM Identity Center"),
    (&["env"], "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    (&["container-role", "iam-role"], "give the container or the instance a role"),
];
pub(crate) const MOST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(attempts: &[(&'static str, Option<&'static str>)], expected: &[&str]) {
        let attempt = |(id, hint): &(&'static str, Option<&'static str>)| {
            let error = Error::not_configured("absent");
            Attempt::new(*id, Err(hint.map_or(error.clone(), |hint| error.with_hint(hint))))
        };
        assert_eq!(likeliest(&attempts.iter().map(attempt).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn what_a_source_suggests_comes_first_and_only_once() {
        let (keys, sso) = (
            "run `aws configure` to keep the keys of a user",
            "run `aws configure sso` to sign in through IAM Identity Center",
        );
        let env = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
        check(&[("env", None), ("sso", None), ("config-file", None), ("iam-role", None)], &[keys, sso, env]);
        let profile = Some("set AWS_PROFILE to dev");
        check(&[("env", None), ("sso", profile), ("config-file", profile)], &["set AWS_PROFILE to dev", keys, sso]);
        check(&[("env", None), ("iam-role", None)], &[env, "give the container or the instance a role"]);
        check(&[("iam-role", Some("attach a role"))], &["attach a role", "give the container or the instance a role"]);
        check(&[("vault", None)], &["set one of the sources up"]);
    }
}
