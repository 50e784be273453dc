//! What to ask.

use super::divergence;
use crate::arguments::Failure;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) seed: u64,
    pub(super) count: usize,
    /// Also the families whose answers come over HTTP.
    pub(super) net: bool,
    /// Only these families; empty is all.
    pub(super) families: String,
    pub(super) which: Which,
    /// Ask botocore again, also what it has been asked before.
    pub(super) fresh: bool,
    /// Differences, and samples of a divergence, printed in full.
    pub(super) shown: usize,
    /// Print cases that differ by this divergence; empty is none.
    pub(super) samples: String,
}

/// Where the cases come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Generated,
    /// The probes that were written by hand.
    Hand,
    /// botocore's own suites, as cases.
    Suites,
}

impl Options {
    pub(super) fn read(words: &[String]) -> Result<Self, Failure> {
        let mut options = Self {
            seed: 1,
            count: 2000,
            net: false,
            families: String::new(),
            which: Which::Generated,
            fresh: false,
            shown: 10,
            samples: String::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| Failure::usage(format!("{word} takes a value")));
            match word.as_str() {
                "--seed" => options.seed = number(word, value()?)?,
                "--count" => options.count = number(word, value()?)?,
                "--show" => options.shown = number(word, value()?)?,
                "--family" => options.families.clone_from(value()?),
                "--samples" => options.samples = divergence(value()?)?,
                "--net" => options.net = true,
                "--hand" => options.which = Which::Hand,
                "--suites" => options.which = Which::Suites,
                "--fresh" => options.fresh = true,
                _ => return Err(Failure::usage(format!("{word} is not an option here; {KNOWN}"))),
            }
        }
        Ok(options)
    }

    /// Tells runs apart in file names and headings.
    pub(super) fn name(&self) -> String {
        match self.which {
            Which::Hand => "hand".to_owned(),
            Which::Suites => "suites".to_owned(),
            Which::Generated => {
                let net = if self.net { "-net" } else { "" };
                let families = self.families.replace(',', "-");
                let families = if families.is_empty() { families } else { format!("-{families}") };
                format!("seed{}{net}{families}", self.seed)
            }
        }
    }
}

fn number<N: std::str::FromStr>(word: &str, text: &str) -> Result<N, Failure> {
    text.parse().ok().ok_or_else(|| Failure::usage(format!("{word} takes a number, not {text}")))
}

fn divergence(id: &str) -> Result<String, Failure> {
    match divergence::all().any(|divergence| divergence.id == id) {
        true => Ok(id.to_owned()),
        false => {
            let ids: Vec<&str> = divergence::all().map(|divergence| divergence.id).collect();
            Err(Failure::usage(format!("no divergence is called {id}; there are {}", ids.join(", "))))
        }
    }
}

const KNOWN: &str = "known: --seed --count --net --family --hand --suites --fresh --show --samples";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, expected: Result<&str, &str>) {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        let read = Options::read(&words).map(|options| options.name()).map_err(|failure| failure.to_string());
        assert_eq!(read.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn options_name_the_run() {
        check("", Ok("seed1"));
        check("--seed 7 --count 3 --net", Ok("seed7-net"));
        check("--family env,parse --show 1 --fresh", Ok("seed1-env-parse"));
        check("--hand", Ok("hand"));
        check("--suites", Ok("suites"));
        check("--samples imds-code --hand", Ok("hand"));
        check("--seed x", Err("xtask: --seed takes a number, not x"));
        check("--count", Err("xtask: --count takes a value"));
        check(
            "--all",
            Err(
                "xtask: --all is not an option here; known: --seed --count --net --family --hand --suites --fresh --show --samples",
            ),
        );
    }
}
