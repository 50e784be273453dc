//! Standard output: only the answer, in colour where that helps.

use std::io::{IsTerminal, Write};
use std::path::Path;

use tucuxi::Env;

use crate::args::Color;
use crate::failure::Failure;

/// Where answers go.
#[derive(Debug)]
pub(crate) struct Output {
    colours: bool,
}

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Style {
    Good,
    Bad,
    Dim,
    Strong,
}

impl Output {
    /// Standard output, in colour as `color` and the environment say.
    pub(crate) fn new(color: Color, env: &Env) -> Self {
        let is_set = |name| env.path(name).is_some();
        let colours = match color {
            Color::On => true,
            Color::Off => false,
            Color::Auto if is_set("NO_COLOR") => false,
            Color::Auto if env.path("CLICOLOR_FORCE").is_some_and(|value| value.as_os_str() != "0") => true,
            Color::Auto if env.path("TERM").is_some_and(|value| value.as_os_str() == "dumb") => false,
            Color::Auto => std::io::stdout().is_terminal(),
        };
        Self { colours }
    }

    /// The text in a style, or as it is without colours.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Good => 32,
            Style::Bad => 31,
            Style::Dim => 2,
            Style::Strong => 1,
        };
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Writes text to standard output at once.
    pub(crate) fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.write(text.as_bytes())
    }

    /// Writes bytes to standard output at once. A reader that has gone away is not a failure of ours, but
    /// ends the work quietly.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
            Err(error) => Err(Failure::other(format!("standard output: {error}"))),
            Ok(()) => Ok(()),
        }
    }
}

/// Writes lines to standard error; nothing can be done when that fails. Whatever others said in them steers no terminal.
pub(crate) fn note(text: &str) {
    let mut stderr = std::io::stderr().lock();
    for line in text.split('\n') {
        drop(writeln!(stderr, "{}", printable(line)));
    }
}

/// Text that came from outside, without characters that would steer a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// A path, without characters that would steer a terminal: keys of others become paths.
pub(crate) fn printable_path(path: &Path) -> String {
    printable(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_can_switch_colours_off_and_on() {
        let colours = |color, env: &[(&str, &str)]| Output::new(color, &Env::fake(env.iter().copied())).colours;
        assert!(!colours(Color::Auto, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(colours(Color::Auto, &[("CLICOLOR_FORCE", "1")]));
        assert!(!colours(Color::Auto, &[("TERM", "dumb")]));
        assert!(colours(Color::On, &[("NO_COLOR", "1")]));
        assert!(!colours(Color::Off, &[("CLICOLOR_FORCE", "1")]));
    }

    #[test]
    fn keys_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
    }
}
