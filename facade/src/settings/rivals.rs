//! Variables of two names, of which other tools read the other one. Those of the profile are told by whoever reads files.

use super::{Origin, Settings};

impl Settings {
    /// Says which of two names counts where both are set and differ.
    pub(super) fn warn_of_rivals(&self, warnings: &mut Vec<String>) {
        let env = &self.0.env;
        let text = |name| env.var(name).ok().flatten();
        let region = self.region().ok().flatten().map(|region| region.origin());
        let keys = *self.profile_name().origin() != Origin::Code && text("AWS_ACCESS_KEY_ID").is_some();
        for (counts, name, rival) in [
            (
                matches!(region, Some(Origin::Variable(name)) if name == "AWS_REGION"),
                "AWS_REGION",
                "AWS_DEFAULT_REGION",
            ),
            (keys, "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"),
        ] {
            if counts && text(name).zip(text(rival)).is_some_and(|(one, other)| one != other) {
                warnings.push(format!("{name} counts; {rival} differs and does not, though boto3 prefers it"));
            }
        }
    }
}
