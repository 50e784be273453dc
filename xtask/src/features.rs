//! Every feature of the facade alone, none, and all: each must compile without a warning, and a source that is not
//! built in must be named by whoever asks for it. What all features together leave out, such as ring, is tested without
//! the rest.

use crate::arguments::Failure;
use crate::command::{cargo, root, run};
use crate::workspace::Workspace;

pub(crate) fn check() -> Result<(), Failure> {
    let workspace = Workspace::load()?;
    let Some(facade) = workspace.member("tucuxi") else {
        return Err(Failure::new("the workspace has no package tucuxi"));
    };
    let mut failed = Vec::new();
    let alone = facade.features.keys().filter(|name| *name != "default").map(String::as_str);
    for feature in std::iter::once("").chain(alone) {
        let mut command = cargo();
        command.current_dir(root()).args(["clippy", "--quiet", "-p", "tucuxi", "--no-default-features"]);
        if !feature.is_empty() {
            command.args(["--features", feature]);
        }
        if run(command.args(["--", "-D", "warnings"])).is_err() {
            failed.push(if feature.is_empty() { "(none)" } else { feature });
        }
    }
    let mut all = cargo();
    all.current_dir(root()).args(["clippy", "--quiet", "-p", "tucuxi", "--all-features", "--", "-D", "warnings"]);
    if run(&mut all).is_err() {
        failed.push("(all)");
    }
    for (features, arguments) in ABSENCE {
        let mut test = cargo();
        test.current_dir(root()).args([
            "test",
            "--quiet",
            "-p",
            "tucuxi",
            "--no-default-features",
            "--features",
            features,
        ]);
        if run(test.args(*arguments)).is_err() {
            failed.push(features);
        }
    }
    for (what, packages) in APART {
        let mut clippy = cargo();
        clippy.current_dir(root()).args(["clippy", "--quiet", "--all-targets"]).args(*packages);
        let mut test = cargo();
        test.current_dir(root()).args(["test", "--quiet"]).args(*packages);
        if run(clippy.args(["--", "-D", "warnings"])).and_then(|()| run(&mut test)).is_err() {
            failed.push(what);
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!("features that do not pass alone: {}", failed.join(", ")))),
    }
}

/// The default build and the one with the default chain alone, whose identities are those of the build with everything; then builds that lack sources, and the
/// tests of what they say.
const ABSENCE: &[(&str, &[&str])] = &[
    ("default", &["--test", "scenarios"]),
    ("default-chain,ring", &["--test", "scenarios", "--test", "session", "--test", "without_role_cache"]),
    ("", &["--test", "session"]),
    ("profile", &["--test", "absent", "--test", "session"]),
    ("profile,container,env,imds", &["--test", "absent"]),
    ("profile,login,process", &["--test", "absent"]),
    ("profile,sso", &["--test", "absent"]),
    ("profile,sts", &["--test", "absent"]),
];

/// What all features together never test: packages with fewer.
const APART: &[(&str, &[&str])] = &[
    ("the core, as others see it", &["-p", "tucuxi-core"]),
    ("the core, whole", &["-p", "tucuxi-core", "--all-features"]),
    ("ring, without aws-lc-rs", &["-p", "tucuxi-transport", "-p", "tucuxi-provider-login"]),
    ("the Security Token Service, roles alone", &["-p", "tucuxi-provider-sts", "--no-default-features"]),
    ("signatures of headers alone", &["-p", "tucuxi-sigv4", "--no-default-features"]),
    ("signatures, chunks", &["-p", "tucuxi-sigv4", "--no-default-features", "--features", "chunks"]),
    ("signatures, explained", &["-p", "tucuxi-sigv4", "--no-default-features", "--features", "explain"]),
    (
        "sign-ins in use, without sign-in",
        &[
            "-p",
            "tucuxi-provider-sso",
            "-p",
            "tucuxi-provider-login",
            "--no-default-features",
            "--features",
            "tucuxi-provider-login/ring",
        ],
    ),
];
