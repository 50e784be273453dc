//! The command line, as it is typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::export::Format;
use crate::s3::Place;

/// AWS credentials: which identity, from which file and line, and why not another.
#[derive(Debug, Parser)]
#[command(name = "tucuxi", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) session: SessionArgs,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 some S3 objects failed, 130 interrupted (129 and 143 by SIGHUP and SIGTERM), \
252 usage, 253 configuration or no credentials, 254 the service said no, 255 anything else.";

/// Options of every verb.
#[derive(Debug, Args)]
pub(crate) struct SessionArgs {
    /// Profile of the shared config and credentials files; switches keys from the environment off
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Region, before AWS_REGION and the profile's
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) region: Option<String>,
    /// Service endpoint, before AWS_ENDPOINT_URL and the profile's
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// PEM file with the certificate authorities to trust, instead of the system's
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_bundle: Option<PathBuf>,
    /// Seconds to wait for a connection (3.1 when not given)
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) connect_timeout: Option<u64>,
    /// Seconds to wait for an answer, or for its next bytes (30 when not given); a listing has twice as long to end
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) read_timeout: Option<u64>,
    /// Show on standard error what is done, step by step; warnings are shown without it
    #[arg(long, global = true)]
    pub(crate) debug: bool,
    /// Colours on standard output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// Always.
    On,
    /// Never.
    Off,
    /// On a terminal, unless NO_COLOR is set.
    Auto,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show every source in order, what it answered and why; no network without --probe
    Explain(ExplainArgs),
    /// Print credentials for a shell, a program or a file
    Export(ExportArgs),
    /// Show the identity in use; --verify asks AWS
    Whoami(WhoamiArgs),
    /// List, copy and delete S3 objects
    #[command(subcommand)]
    S3(S3Verb),
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Ask network sources and helper programs too
    #[arg(long)]
    pub(crate) probe: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Who is to read it
    #[arg(long, value_name = "FORMAT", default_value = "process")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct WhoamiArgs {
    /// Ask AWS (STS GetCallerIdentity) who the credentials belong to
    #[arg(long)]
    pub(crate) verify: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum S3Verb {
    /// List buckets, or the objects below a prefix
    Ls {
        /// s3://BUCKET/PREFIX
        place: Option<Place>,
        /// List everything below the prefix, not just one level
        #[arg(long, short)]
        recursive: bool,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        signing: SigningArgs,
    },
    /// Make a bucket
    Mb {
        /// s3://BUCKET
        place: Place,
    },
    /// Remove an empty bucket
    Rb {
        /// s3://BUCKET
        place: Place,
        /// Delete every object in it first
        #[arg(long)]
        force: bool,
    },
    /// Copy a file to S3, an object to a file, or an object to another; `-` is standard input or output
    Cp {
        /// File, `-` or s3://BUCKET/KEY
        from: String,
        /// File, directory, `-` or s3://BUCKET/KEY
        to: String,
        /// Copy everything below a directory or prefix
        #[arg(long, short)]
        recursive: bool,
        /// Media type of what is uploaded
        #[arg(long, value_name = "TYPE")]
        content_type: Option<String>,
        /// Print one JSON object for each copy
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        signing: SigningArgs,
    },
    /// Print an object on standard output
    Cat {
        /// s3://BUCKET/KEY
        place: Place,
        /// Bytes FIRST-LAST (both included), FIRST- or -COUNT
        #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
        range: Option<String>,
        #[command(flatten)]
        signing: SigningArgs,
    },
    /// Delete an object
    Rm {
        /// s3://BUCKET/KEY
        place: Place,
        /// Delete everything below the prefix
        #[arg(long, short)]
        recursive: bool,
        /// Print one JSON object for each deletion
        #[arg(long)]
        json: bool,
    },
    /// Print a URL that needs no credentials
    Presign {
        /// s3://BUCKET/KEY
        place: Place,
        /// How long the URL works: seconds, or a number with s, m, h or d (at most 7d)
        #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
        expires_in: Duration,
        /// For an upload instead of a download
        #[arg(long)]
        put: bool,
    },
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct SigningArgs {
    /// Send requests without credentials, for public buckets
    #[arg(long)]
    pub(crate) no_sign_request: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        Some((at, 'd')) => (&text[..at], 86_400),
        _ => (text, 1),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .filter(|seconds| (1..=LONGEST).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| "write seconds, or a number with s, m, h or d, 7 days at most".to_owned())
}

/// No presigned URL works for more seconds.
const LONGEST: u64 = 7 * 86_400;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_take_a_unit() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800)] {
            assert_eq!(duration(text).unwrap().as_secs(), seconds, "{text}");
        }
        for bad in ["", "h", "0", "-1", "1.5h", "1w", "8d", "604801", "99999999999999999999d"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
