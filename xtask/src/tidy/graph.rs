//! Who depends on whom.

use super::Findings;
use super::tree::Tree;

/// Profiles are assembled in the facade, so no provider needs another.
pub(super) fn providers_stay_apart(tree: &Tree, findings: &mut Findings) {
    for manifest in tree.manifests().filter(|manifest| manifest.name().starts_with(PROVIDER)) {
        for (name, _) in manifest.dependencies().iter().filter(|(name, _)| name.starts_with(PROVIDER)) {
            findings.error(format!("{}/Cargo.toml: depends on {name}", manifest.folder));
        }
    }
}

/// Everything else must build without a runtime and be tested without one.
pub(super) fn runtimes_stay_outside(tree: &Tree, findings: &mut Findings) {
    for manifest in tree.manifests().filter(|manifest| manifest.is_published() && !OUTSIDE.contains(&manifest.folder)) {
        for (name, value) in manifest.dependencies() {
            let traits_only = manifest.folder == "s3-lite" && name == "tokio" && only_io_traits(value);
            if RUNTIMES.contains(&name) && !traits_only {
                findings.error(format!("{}/Cargo.toml: depends on {name}", manifest.folder));
            }
        }
    }
}

/// What a program links is written without the macro, which would bring `syn` into every build.
pub(super) fn macros_stay_outside(tree: &Tree, findings: &mut Findings) {
    for manifest in tree.manifests().filter(|manifest| manifest.is_published() && manifest.folder != "sandbox") {
        let is_macro = |name: &str, value: &toml::Value| {
            name == MACRO || value.get("package").and_then(toml::Value::as_str) == Some(MACRO)
        };
        for (name, _) in manifest.dependencies().iter().filter(|(name, value)| is_macro(name, value)) {
            findings.error(format!("{}/Cargo.toml: depends on {name}", manifest.folder));
        }
    }
}

/// tokio without its runtime is the I/O traits and little else.
fn only_io_traits(value: &toml::Value) -> bool {
    let features = value.get("features").and_then(toml::Value::as_array);
    features.is_none_or(|features| features.iter().all(|feature| feature.as_str() == Some("io-util")))
}

const MACRO: &str = "async-trait";
const PROVIDER: &str = "tucuxi-provider-";
const OUTSIDE: &[&str] = &["transport", "facade", "cli", "sandbox"];
const RUNTIMES: &[&str] = &[
    "async-std",
    "hyper",
    "hyper-rustls",
    "hyper-util",
    "reqwest",
    "rustls",
    "rustls-native-certs",
    "smol",
    "tokio",
    "tokio-rustls",
];

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    fn manifest(name: &str, dependency: &str) -> String {
        format!("[package]\nname = '{name}'\n[dependencies]\n{dependency}\n[dev-dependencies]\ntokio = '1'\n")
    }

    #[test]
    fn a_provider_that_leans_on_another_is_found() {
        let good = manifest("tucuxi-provider-sso", "tucuxi-core = '1'");
        let bad = manifest("tucuxi-provider-sso", "tucuxi-provider-sts = '1'");
        check(providers_stay_apart, &[("provider-sso/Cargo.toml", &good)], &[]);
        check(
            providers_stay_apart,
            &[("provider-sso/Cargo.toml", &bad)],
            &["provider-sso/Cargo.toml: depends on tucuxi-provider-sts"],
        );
        let facade = manifest("tucuxi", "tucuxi-provider-sts = '1'");
        check(providers_stay_apart, &[("facade/Cargo.toml", &facade)], &[]);
    }

    #[test]
    fn a_macro_in_the_wrong_place_is_found() {
        let uses = manifest("x", "async-trait = '0.1'");
        let tests_alone = "[package]\nname = 'x'\n[dev-dependencies]\nasync-trait = '0.1'\n";
        check(macros_stay_outside, &[("core/Cargo.toml", &uses)], &["core/Cargo.toml: depends on async-trait"]);
        let renamed = manifest("x", "m = { package = 'async-trait', version = '0.1' }");
        check(macros_stay_outside, &[("core/Cargo.toml", &renamed)], &["core/Cargo.toml: depends on m"]);
        check(macros_stay_outside, &[("core/Cargo.toml", tests_alone)], &[]);
        check(macros_stay_outside, &[("sandbox/Cargo.toml", &uses)], &[]);
    }

    #[test]
    fn a_runtime_in_the_wrong_place_is_found() {
        let hyper = manifest("x", "hyper = '1'");
        check(runtimes_stay_outside, &[("transport/Cargo.toml", &hyper)], &[]);
        check(runtimes_stay_outside, &[("sigv4/Cargo.toml", &hyper)], &["sigv4/Cargo.toml: depends on hyper"]);
        let traits = manifest("x", "tokio = { version = '1', features = ['io-util'] }");
        check(runtimes_stay_outside, &[("s3-lite/Cargo.toml", &traits)], &[]);
        check(runtimes_stay_outside, &[("core/Cargo.toml", &traits)], &["core/Cargo.toml: depends on tokio"]);
        let runtime = manifest("x", "tokio = { version = '1', features = ['rt'] }");
        check(runtimes_stay_outside, &[("s3-lite/Cargo.toml", &runtime)], &["s3-lite/Cargo.toml: depends on tokio"]);
    }
}
