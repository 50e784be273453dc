//! What one more source adds to a program that has a session, keys from the environment and the whole transport.

use std::collections::BTreeSet;

use super::measure::{self, Measured, Profile};
use super::probe::Probe;
use crate::arguments::Failure;

/// A source as the facade's feature of that name brings it.
struct Source {
    feature: &'static str,
    /// What follows `Chain::builder().link("env", ..)` in the program.
    link: &'static str,
}

/// Builds every program, prints what each source adds, and gives the sources whose program carries another one.
pub(super) fn table(profile: Profile) -> Result<Vec<String>, Failure> {
    let floor = measure(None, profile)?;
    println!("\n{:<24} {:>7} {:>8}", "beside env, adds", "crates", "kB");
    println!("{:<24} {:>7} {:>8}", "(env and transport)", floor.crates, floor.bytes.div_ceil(1000));
    let mut intruders = Vec::new();
    for source in SOURCES {
        let measured = measure(Some(source), profile)?;
        let kilobytes = (measured.bytes as f64 - floor.bytes as f64) / 1000.0;
        println!("{:<24} {:>+7} {kilobytes:>+8.0}", source.feature, measured.crates as i64 - floor.crates as i64);
        intruders
            .extend(others(source.feature, &measured.packages).map(|other| format!("{}: {other}", source.feature)));
    }
    Ok(intruders)
}

fn measure(source: Option<&Source>, profile: Profile) -> Result<Measured, Failure> {
    let features: Vec<String> = ["env", "ring"]
        .into_iter()
        .chain(source.map(|source| source.feature))
        .map(|name| format!("{name:?}"))
        .collect();
    let probe = Probe {
        name: "marginal",
        dependencies: &format!(
            "\ntucuxi = {{ path = \"<root>/facade\", default-features = false, features = [{}] }}\n\
             tokio = {{ version = \"1\", features = [\"rt\"] }}\n",
            features.join(", "),
        ),
        main: &MAIN.replace("<link>", source.map_or("", |source| source.link)),
        reads_environment: false,
        ours: true,
    };
    measure::measure_again(&probe, profile)
}

/// The providers among the packages that are neither the environment nor the one that was asked for.
fn others<'a>(feature: &str, packages: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
    let own = [format!("tucuxi-provider-{feature}"), "tucuxi-provider-env".to_owned()];
    let providers = packages.iter().filter(|name| name.starts_with("tucuxi-provider-"));
    providers.map(String::as_str).filter(move |name| !own.iter().any(|own| own == name))
}

const SOURCES: &[Source] = &[
    Source { feature: "profile", link: r#".link("it", tucuxi::profile::ProfileProvider::new(&context))"# },
    Source { feature: "process", link: r#".link("it", tucuxi::process::ProcessProvider::new(&context, "helper"))"# },
    Source { feature: "container", link: r#".link("it", tucuxi::container::ContainerProvider::new(&context))"# },
    Source { feature: "imds", link: r#".link("it", tucuxi::imds::ImdsProvider::new(&context))"# },
    Source {
        feature: "sts",
        link: r#".link("it", tucuxi::sts::AssumeRoleProvider::new(
            &context,
            tucuxi::sts::Sts::new(&context, tucuxi::sts::StsSettings::in_region(tucuxi::Region::new("eu-west-1")?)),
            tucuxi::sts::AssumeRole::new("arn:aws:iam::123456789012:role/reader"),
            std::sync::Arc::new(tucuxi::env::EnvProvider::new(&context)),
        ))"#,
    },
    Source {
        feature: "sso",
        link: r#".link("it", tucuxi::sso::SsoProvider::new(&context, tucuxi::sso::SsoSettings::new(
            "https://e.awsapps.com/start",
            tucuxi::Region::new("eu-west-1")?,
            "123456789012",
            "reader",
        )))"#,
    },
    Source {
        feature: "login",
        link: r#".link("it", tucuxi::login::LoginProvider::new(
            &context,
            tucuxi::login::LoginSettings::new("arn:aws:iam::123456789012:user/me"),
        ))"#,
    },
];

const MAIN: &str = r#"
use tucuxi::{Chain, Error, ProvideCredentials, Session};

async fn run() -> Result<(), Error> {
    let context = tucuxi::system();
    let chain = Chain::builder().link("env", tucuxi::env::EnvProvider::new(&context))<link>.build();
    let session = Session::builder().credentials(chain).load().await?;
    let credentials = session.credentials().provide_credentials().await?;
    println!("{} by {}", credentials.access_key_id(), credentials.provenance());
    Ok(())
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_source_in_a_program_is_seen() {
        let packages = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
        let own = packages(&["tucuxi", "tucuxi-core", "tucuxi-provider-env", "tucuxi-provider-sso"]);
        assert_eq!(others("sso", &own).count(), 0);
        assert_eq!(others("imds", &own).collect::<Vec<_>>(), ["tucuxi-provider-sso"]);
    }

    #[test]
    fn every_source_of_the_facade_is_measured() {
        let manifest = std::fs::read_to_string(crate::command::root().join("facade/Cargo.toml")).unwrap();
        let table: toml::Table = manifest.parse().unwrap();
        let chain = table["features"]["default-chain"].as_array().unwrap();
        let mut wanted: Vec<&str> =
            chain.iter().filter_map(toml::Value::as_str).filter(|name| *name != "env").collect();
        let mut measured: Vec<&str> = SOURCES.iter().map(|source| source.feature).collect();
        wanted.sort_unstable();
        measured.sort_unstable();
        assert_eq!(measured, wanted);
    }
}
