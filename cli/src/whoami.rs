//! `tucuxi whoami`: the identity in use.

use serde_json::json;
use tucuxi::{Session, Trace, Verdict};

use crate::args::WhoamiArgs;
use crate::explain::{expiry, summary};
use crate::failure::{CONFIGURATION, Failure};
use crate::output::{Output, printable};

/// Prints whose credentials are in use; asks STS only with `--verify`.
pub(crate) async fn run(session: &Session, args: &WhoamiArgs, output: &mut Output) -> Result<(), Failure> {
    if args.verify { verified(session, args, output).await } else { offline(session, args, output).await }
}

async fn offline(session: &Session, args: &WhoamiArgs, output: &mut Output) -> Result<(), Failure> {
    let trace = session.trace_offline().await;
    let credentials = trace.outcome().map_err(|error| match error.is_offline() {
        true => unknown(&trace),
        false => Failure::from(error),
    })?;
    if args.json {
        return output.print(&format!("{:#}\n", summary(credentials)));
    }
    let mut text = format!("key       {}\n", credentials.access_key_id());
    if let Some(account_id) = credentials.account_id() {
        text.push_str(&format!("account   {}\n", printable(account_id)));
    }
    text.push_str(&format!("from      {}\n", printable(&credentials.provenance().to_string())));
    text.push_str(&format!("expires   {}\n", expiry(credentials, session.context().clock().now())));
    output.print(&text)
}

/// Nothing here has credentials, and what may have some was not asked.
fn unknown(trace: &Trace) -> Failure {
    let open = trace.verdicts().filter(|(_, verdict)| *verdict == Verdict::NotAsked);
    let open: Vec<&str> = open.map(|(attempt, _)| attempt.id()).collect();
    let hint = "use --verify to ask, or run `tucuxi explain` to see what each source looked for";
    let report = format!("no identity without the network; not asked: {}\n  try: {hint}", open.join(", "));
    Failure::new(CONFIGURATION, report)
}

async fn verified(session: &Session, args: &WhoamiArgs, output: &mut Output) -> Result<(), Failure> {
    let credentials = session.credentials().provide_credentials().await?;
    let identity = session.caller_identity().await?;
    if args.json {
        let mut document = summary(&credentials);
        document["account_id"] = json!(identity.account());
        document["arn"] = json!(identity.arn());
        document["user_id"] = json!(identity.user_id());
        return output.print(&format!("{document:#}\n"));
    }
    output.print(&format!(
        "arn       {}\naccount   {}\nuser      {}\nkey       {}\nfrom      {}\nexpires   {}\n",
        printable(identity.arn()),
        printable(identity.account()),
        printable(identity.user_id()),
        credentials.access_key_id(),
        printable(&credentials.provenance().to_string()),
        expiry(&credentials, session.context().clock().now()),
    ))
}
