//! The same questions in a build without the feature `profile`: nobody reads the shared files.

use tucuxi_core::{Context, Error};

use crate::settings::{Code, Origin, Setting};

/// No files; remembers which profile was asked for, to say that it cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    profile_name: Setting<String>,
    error: Option<Error>,
}

impl Files {
    pub(crate) async fn load(context: &Context, code: &Code) -> Self {
        let asked = match &code.profile_name {
            Some(name) => Ok(Some(Setting::new(name.clone(), Origin::Code))),
            None => variable(context, "AWS_PROFILE").and_then(|found| {
                found.map_or_else(|| variable(context, "AWS_DEFAULT_PROFILE"), |found| Ok(Some(found)))
            }),
        };
        let error = match &asked {
            Ok(None) => None,
            Ok(Some(name)) => Some(
                Error::invalid_config(format!(
                    "profile {:?} ({}) is not read by this build",
                    name.value(),
                    name.origin()
                ))
                .with_hint("turn on the feature `profile` of the crate tucuxi"),
            ),
            Err(error) => Some(error.clone()),
        };
        let name = asked.ok().flatten();
        Self { profile_name: name.unwrap_or_else(|| Setting::new("default".to_owned(), Origin::Default)), error }
    }

    pub(crate) fn value(&self, _: &str) -> Option<Setting<String>> {
        None
    }

    #[cfg(feature = "s3")]
    pub(crate) fn nested(&self, _: &str, _: &str) -> Option<Setting<String>> {
        None
    }

    #[expect(clippy::unnecessary_wraps, reason = "the same shape as with files")]
    pub(crate) fn service_endpoint(&self, _: &str) -> Result<Option<Setting<String>>, Error> {
        Ok(None)
    }

    pub(crate) fn profile_name(&self) -> &Setting<String> {
        &self.profile_name
    }

    pub(crate) fn profile_names(&self) -> Vec<String> {
        Vec::new()
    }

    pub(crate) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    pub(crate) fn are_broken(&self) -> bool {
        false
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

fn variable(context: &Context, name: &'static str) -> Result<Option<Setting<String>>, Error> {
    Ok(context.env().var(name)?.map(|value| Setting::new(value, Origin::Variable(name.into()))))
}
