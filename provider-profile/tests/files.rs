//! The handle on both files: what it reads, keeps, reads again and refuses.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::io::ErrorKind as Io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use common::{CONFIG, CREDENTIALS, context, env};
use tucuxi_core::{BoxFuture, Clock, Context, ErrorKind, Fs};
use tucuxi_provider_profile::{FileKind, Files, Origin, ProfileSet, Profiles, WarningKind};
use tucuxi_testkit::FakeClock;

async fn load(context: &Context) -> Arc<ProfileSet> {
    Profiles::new(context).load().await.unwrap()
}

#[tokio::test]
async fn keys_of_both_files_are_one_profile_and_the_credentials_file_counts() {
    let config =
        "[profile a]\nregion = r\nx = config\n[sso-session s]\nsso_region = r\n[services v]\ns3 =\n  endpoint_url = e";
    let set = load(&context(config, "[a]\nx = credentials\ny = 1\n[b]", &[])).await;
    let a = set.profile("a").unwrap();
    assert_eq!(a.keys().collect::<Vec<_>>(), ["region", "x", "y"]);
    let x = a.value("x").unwrap();
    assert_eq!((x.text(), x.location().to_string()), ("credentials", format!("{CREDENTIALS}:2")));
    assert_eq!(a.config().unwrap().value("x").unwrap().text(), "config");
    assert_eq!(a.location().unwrap().to_string(), format!("{CONFIG}:1"));
    assert_eq!(set.profile("b").unwrap().location().unwrap().to_string(), format!("{CREDENTIALS}:4"));
    assert_eq!(set.profile_names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(set.sso_session("s").unwrap().value("sso_region").unwrap().text(), "r");
    let endpoint = set.services("v").unwrap().value("s3").unwrap().nested("endpoint_url").unwrap();
    assert_eq!((endpoint.text(), endpoint.location().line()), ("e", 8));
    assert!(set.profile("v").is_none() && set.sso_session("v").is_none() && set.services("s").is_none());
}

#[tokio::test]
async fn a_default_section_without_prefix_gives_way() {
    for (config, lines) in [
        ("[default]\nx = bare\n[profile default]\ny = 1", [1, 3]),
        ("[profile default]\ny = 1\n[default]\nx = bare", [3, 1]),
    ] {
        let set = load(&context(config, "", &[])).await;
        assert_eq!(set.profile("default").unwrap().keys().collect::<Vec<_>>(), ["y"]);
        assert_eq!(set.warnings()[0].kind(), WarningKind::IgnoredSection, "{:?}", set.warnings());
        let [bare, counts] = lines.map(|line| format!("{CONFIG}:{line}"));
        let told = format!("{bare}: [profile default] at {counts} comes first, so this section is ignored");
        assert_eq!(set.warnings()[0].to_string(), told);
    }
}

#[tokio::test]
async fn absent_files_are_empty_and_one_that_was_named_is_remarked_on() {
    let empty = Context::local().with_fs(Fs::fake([("/x", "")]));
    let set = load(&empty.clone().with_env(env(&[]))).await;
    assert!(set.profile_names().next().is_none() && set.warnings().is_empty());
    assert!(set.files().iter().all(|file| !file.exists()));
    assert_eq!(set.file(FileKind::Config).path().to_str(), Some(CONFIG));
    assert!(set.selected_profile().unwrap().is_none());

    let set = load(&empty.clone().with_env(env(&[("AWS_CONFIG_FILE", "/nope")]))).await;
    assert_eq!(set.warnings()[0].to_string(), "AWS_CONFIG_FILE names /nope, which is not there");
    let set = Profiles::new(&empty.clone().with_env(env(&[])))
        .with_files(Files::new().with_credentials("/nope"))
        .load()
        .await;
    assert_eq!(set.unwrap().warnings()[0].to_string(), "the given credentials file /nope is not there");
    let set = load(&empty.with_env(tucuxi_core::Env::fake([("X", "")]))).await;
    assert_eq!(set.warnings()[0].to_string(), "there is no home directory (HOME), so ~/.aws/config is not read");
}

#[tokio::test]
async fn files_given_in_code_come_before_the_variables() {
    let context = context("[profile a]", "[b]", &[("AWS_CONFIG_FILE", "/nope")]);
    context.fs().set("/given", "[profile given]", SystemTime::UNIX_EPOCH);
    let set = Profiles::new(&context).with_files(Files::new().with_config("/given")).load().await.unwrap();
    assert_eq!(set.profile_names().collect::<Vec<_>>(), ["b", "given"]);
    assert!(set.warnings().is_empty());
}

#[tokio::test]
async fn a_chosen_profile_must_exist() {
    let config = "[profile dev]\n[profile prod]\n[stage]";
    let check = async |variables: &[(&str, &str)], code: Option<&str>, message: &str, hint: &str| {
        let mut profiles = Profiles::new(&context(config, "[key]", variables));
        if let Some(name) = code {
            profiles = profiles.with_profile_name(name);
        }
        let error = profiles.load().await.unwrap().selected_profile().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert_eq!(error.to_string(), format!("profile {message} is not in {CONFIG}, {CREDENTIALS}"));
        assert_eq!(error.hint(), Some(hint));
    };
    check(&[("AWS_PROFILE", "Dev")], None, "\"Dev\" (from AWS_PROFILE)", "use dev if that is what you mean").await;
    check(
        &[("AWS_DEFAULT_PROFILE", "prdo")],
        None,
        "\"prdo\" (from AWS_DEFAULT_PROFILE)",
        "use prod if that is what you mean",
    )
    .await;
    check(
        &[("AWS_PROFILE", "dev")],
        Some("x"),
        "\"x\" (given in code or by a flag)",
        "use one of these: dev, key, prod",
    )
    .await;
    check(&[("AWS_PROFILE", "default")], None, "\"default\" (from AWS_PROFILE)", "use one of these: dev, key, prod")
        .await;
    check(&[], Some(""), "\"\" (given in code or by a flag)", "use one of these: dev, key, prod").await;
    let ignored = format!("look at {CONFIG}:3: this section is ignored: in the config file it is [profile stage]");
    check(&[("AWS_PROFILE", "stage")], None, "\"stage\" (from AWS_PROFILE)", &ignored).await;

    for (config, credentials, name) in [
        ("[profile my profile]", "", "my profile"),
        ("[profile 'it']", "", "it"),
        ("[my profile]", "", "my profile"),
        ("", "[my profile]", "my profile"),
        ("", "[profile it]", "it"),
    ] {
        let set = load(&context(config, credentials, &[("AWS_PROFILE", name)])).await;
        let hint = set.selected_profile().unwrap_err().hint().unwrap().to_owned();
        assert!(hint.starts_with("look at /h/.aws/") && hint.contains(":1: this section is ignored"), "{hint}");
    }

    let set = load(&context(config, "", &[])).await;
    assert!(set.selected_profile().unwrap().is_none());
    let set = load(&context(config, "", &[("AWS_PROFILE", "dev"), ("AWS_DEFAULT_PROFILE", "prod")])).await;
    assert_eq!((set.selected().name(), set.selected().origin()), ("dev", Origin::Variable("AWS_PROFILE")));
    assert_eq!(set.warnings().last().unwrap().kind(), WarningKind::Variables);
}

async fn check_refused(change: impl FnOnce(&Fs), message: &str, hint: &str) {
    let context = context("", "", &[("AWS_CONFIG_FILE", "/c")]);
    change(context.fs());
    let error = Profiles::new(&context).load().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
    assert_eq!((error.to_string().as_str(), error.hint()), (message, Some(hint)));
    assert!(!error.report().contains("SEKRIT") && !format!("{error:?}").contains("SEKRIT"), "{}", error.report());
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named() {
    let file = |contents: &'static [u8]| move |fs: &Fs| fs.set("/c", contents, SystemTime::UNIX_EPOCH);
    let failure = |kind: Io| move |fs: &Fs| fs.set_error("/c", kind);
    check_refused(
        file(b"[profile a]\nSEKRIT"),
        "/c:2: expected an '=' sign defining a property",
        "write it as key = value",
    )
    .await;
    check_refused(file(b"[a]\n\nk=SEKRIT\xff"), "/c:3: the file is not UTF-8", "save the file as UTF-8").await;
    check_refused(failure(Io::IsADirectory), "config file /c is a directory", "name a file, or change AWS_CONFIG_FILE")
        .await;
    check_refused(
        failure(Io::PermissionDenied),
        "config file /c must not be read by this user",
        "let this user read it, or change AWS_CONFIG_FILE",
    )
    .await;
    check_refused(
        failure(Io::Other),
        "config file /c cannot be read: other error",
        "make it readable, or change AWS_CONFIG_FILE",
    )
    .await;
    let large = |fs: &Fs| fs.set("/c", vec![b'#'; (1 << 20) + 1], SystemTime::UNIX_EPOCH);
    check_refused(
        large,
        "config file /c is larger than 1 MiB",
        "name a file of keys and settings, or change AWS_CONFIG_FILE",
    )
    .await;
    let context = context("", "", &[("AWS_CONFIG_FILE", "/c")]);
    context.fs().set("/c", vec![b'#'; 1 << 20], SystemTime::UNIX_EPOCH);
    assert!(Profiles::new(&context).load().await.is_ok());
}

#[tokio::test]
async fn somebody_elses_home_directory_holds_no_files() {
    let context = context("[profile a]", "[a]", &[]);
    context.fs().set_error("/h", Io::PermissionDenied);
    let set = load(&context).await;
    assert!(set.files().iter().all(|file| !file.exists()));
    assert_eq!(set.warnings()[0].to_string(), format!("{CONFIG} cannot be looked at: permission denied"));
    context.fs().set_error("/h", Io::NotADirectory);
    assert!(load(&context).await.warnings().is_empty());
}

#[tokio::test]
async fn a_file_of_ones_own_that_must_not_be_read_is_refused() {
    let context = context("", "", &[]);
    context.fs().set_error(CREDENTIALS, Io::PermissionDenied);
    let error = Profiles::new(&context).load().await.unwrap_err();
    assert_eq!(error.to_string(), format!("credentials file {CREDENTIALS} must not be read by this user"));
}

#[tokio::test]
async fn changed_files_are_read_again_after_a_second_at_most() {
    let clock = FakeClock::new();
    let context = context("[profile a]", "[a]", &[]).with_clock(clock.clone());
    let profiles = Profiles::new(&context);
    let first = profiles.load().await.unwrap();
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    context.fs().set(CREDENTIALS, "[b]", later);
    assert!(Arc::ptr_eq(&first, &profiles.load().await.unwrap()), "looked at too early");

    clock.advance(Duration::from_millis(999));
    assert!(Arc::ptr_eq(&first, &profiles.clone().load().await.unwrap()), "looked at too early");
    clock.advance(Duration::from_millis(1));
    let second = profiles.load().await.unwrap();
    assert!(second.profile("b").is_some() && first.profile("b").is_none());

    clock.advance(Duration::from_secs(1));
    assert!(Arc::ptr_eq(&second, &profiles.load().await.unwrap()), "read again although nothing changed");
    context.fs().set(CONFIG, "[profile cc]", SystemTime::UNIX_EPOCH);
    clock.advance(Duration::from_secs(1));
    assert!(profiles.load().await.unwrap().profile("cc").is_some(), "another length is a change");
    context.fs().set(CONFIG, "broken", later);
    clock.advance(Duration::from_secs(1));
    assert!(profiles.load().await.is_err() && profiles.load().await.is_err());
    context.fs().set(CONFIG, "[profile d]", later);
    assert!(profiles.load().await.unwrap().profile("d").is_some(), "a failure was remembered");
    clock.set(SystemTime::UNIX_EPOCH);
    context.fs().set(CONFIG, "[profile ee]", later);
    assert!(profiles.load().await.unwrap().profile("ee").is_some(), "a clock that is set back stops the looking");
}

/// It is these milliseconds later each time that somebody looks.
struct Steps(Mutex<Vec<u64>>);

impl Clock for Steps {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.lock().unwrap().remove(0))
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_failure_that_took_long_is_not_waited_for_again_at_once() {
    // Read from 0 to 10 s, remembered, read again.
    let clock = Steps(Mutex::new(vec![0, 10_000, 10_999, 11_000, 11_000]));
    let context = context("broken", "", &[]).with_clock(clock);
    let profiles = Profiles::new(&context);
    let error = profiles.load().await.unwrap_err();
    context.fs().set(CONFIG, "[profile a]", SystemTime::UNIX_EPOCH);
    assert_eq!(profiles.load().await.unwrap_err().to_string(), error.to_string());
    assert!(profiles.load().await.unwrap().profile("a").is_some());
}

#[tokio::test]
async fn nothing_is_read_before_load() {
    let profiles = Profiles::new(&context("[profile a]", "", &[]));
    let named = profiles.clone().with_profile_name("a");
    profiles.load().await.unwrap();
    assert_eq!(named.selected().unwrap().origin(), Origin::Code);
    assert!(named.load().await.unwrap().selected_profile().unwrap().is_some());
    assert!(profiles.load().await.unwrap().selected_profile().unwrap().is_none());
}

#[tokio::test]
async fn debug_shows_no_value() {
    let file = "[a]\naws_secret_access_key = SEKRIT\n  SEKRIT\ns3 =\n  k = SEKRIT\nl = x # SEKRIT\nSEKRIT : x = 1\nm = 'SEKRIT'";
    let context = context(&file.replace("[a]", "[profile a]"), file, &[]);
    let profiles = Profiles::new(&context);
    let set = profiles.load().await.unwrap();
    let shown = format!("{profiles:?}\n{set:#?}\n{:?}\n{:?}", set.profile("a").unwrap(), set.warnings());
    assert!(shown.contains("aws_secret_access_key") && !shown.contains("SEKRIT"), "{shown}");
    let value = set.profile("a").unwrap().value("aws_secret_access_key").unwrap();
    assert_eq!(format!("{value:?}"), format!("Value({CREDENTIALS}:2)"));
}
