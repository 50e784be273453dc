//! Which source a case is about, and what of it.

use std::path::Path;

use super::files::{self, Folder};
use super::format::{self, CaseFile};

/// One line of the table of sources and cases: a scenario shows what a source does in one kind of situation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cover {
    /// The source, as the case writes it: `container-role`.
    pub source: String,
    /// The kind of situation: `success`, `absence`, `misconfiguration`, `denial` or `outage`.
    pub case: String,
    /// The scenario's folder.
    pub scenario: String,
    /// What the scenario expects to be named: pieces of the message and of the provenance, and the attempts.
    pub names: Vec<String>,
}

/// The table of every case of a folder, from the key `covers` of each.
///
/// The kind of situation and what the case expects must agree: an outage is `Unavailable`, and so on.
///
/// # Panics
/// When a case is malformed, or expects something else than its kind of situation brings about; the message lists all.
#[track_caller]
pub fn covers(folder: impl AsRef<Path>) -> Vec<Cover> {
    let (mut table, mut faults) = (Vec::new(), Vec::new());
    for case in files::cases(folder.as_ref()) {
        match read(&case) {
            Ok(covers) => table.extend(covers),
            Err(fault) => faults.push(fault),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    table
}

fn read(folder: &Path) -> Result<Vec<Cover>, String> {
    let folder = Folder::open(folder)?;
    let fault = |error: &str| folder.fault("case.toml", error);
    let file = format::parse_case(&folder.text("case.toml")?).map_err(|error| fault(&error))?;
    file.covers.iter().map(|text| cover(text, &file, &folder.name()).map_err(|error| fault(&error))).collect()
}

fn cover(text: &str, file: &CaseFile, scenario: &str) -> Result<Cover, String> {
    let (source, case) = text.split_once(':').ok_or_else(|| format!("{text:?} is not SOURCE:CASE"))?;
    let error = file.expect.error.as_deref();
    let fits = match case {
        "success" => error.is_none(),
        // Nobody asked for the source: another one answers, or none.
        "absence" => error.is_none_or(|kind| kind == "NotConfigured"),
        "misconfiguration" => error == Some("InvalidConfig"),
        "denial" => error == Some("Denied"),
        "outage" => error == Some("Unavailable"),
        _ => return Err(format!("{text:?}: a case is success, absence, misconfiguration, denial or outage")),
    };
    if !fits {
        let outcome = error.unwrap_or("credentials");
        return Err(format!("{text:?} does not go with a scenario that expects {outcome}"));
    }
    let expect = &file.expect;
    let lists = [Some(&expect.message), expect.provenance.as_ref(), expect.attempts.as_ref()];
    let names = lists.into_iter().flatten().flatten().cloned().collect();
    Ok(Cover { source: source.to_owned(), case: case.to_owned(), scenario: scenario.to_owned(), names })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, error: Option<&str>, expected: Result<(&str, &str), &str>) {
        let expect = match error {
            Some(kind) => format!("error = {kind:?}\nattempts = [\"sso\"]\nmessage = [\"m\"]"),
            None => "access_key_id = \"A\"\nprovenance = [\"sso\", \"m\"]".to_owned(),
        };
        let file = format::parse_case(&format!("proves = \"x\"\n[expect]\n{expect}")).unwrap();
        let found = cover(text, &file, "folder");
        if let Ok(found) = &found {
            assert!(["sso", "m"].iter().all(|name| found.names.contains(&(*name).to_owned())), "{found:?}");
        }
        let found = found.as_ref().map(|cover| (cover.source.as_str(), cover.case.as_str())).map_err(String::as_str);
        assert_eq!(found, expected);
    }

    #[test]
    fn a_case_and_its_expectation_agree() {
        check("sso:success", None, Ok(("sso", "success")));
        check("sso:absence", None, Ok(("sso", "absence")));
        check("sso:absence", Some("NotConfigured"), Ok(("sso", "absence")));
        check("sso:misconfiguration", Some("InvalidConfig"), Ok(("sso", "misconfiguration")));
        check("sso:denial", Some("Denied"), Ok(("sso", "denial")));
        check("sso:outage", Some("Unavailable"), Ok(("sso", "outage")));
        check("sso:outage", Some("Denied"), Err("\"sso:outage\" does not go with a scenario that expects Denied"));
        check("sso:denial", None, Err("\"sso:denial\" does not go with a scenario that expects credentials"));
        check("sso", None, Err("\"sso\" is not SOURCE:CASE"));
        check("sso:luck", None, Err("\"sso:luck\": a case is success, absence, misconfiguration, denial or outage"));
    }
}
