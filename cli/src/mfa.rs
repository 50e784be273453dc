//! Asks whoever sits at the terminal for the code of an MFA device.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};

use tucuxi::{Error, Secret, SessionBuilder};

use crate::output::printable;

/// A session that asks, where there is somebody to ask.
pub(crate) fn asked_at_the_terminal(builder: SessionBuilder) -> SessionBuilder {
    if !io::stderr().is_terminal() || keyboard().is_none() {
        return builder;
    }
    builder.mfa(|serial| async move {
        // On a thread that nobody waits for when the command is told to end.
        let asking = tokio::task::spawn_blocking(move || {
            let keyboard = keyboard().ok_or_else(|| Error::denied("the terminal is gone"))?;
            ask(&serial, &mut io::stderr(), keyboard)
        });
        asking.await.unwrap_or_else(|_| Err(Error::denied("nobody could be asked for the MFA code")))
    })
}

/// What a person types: standard input, or the terminal itself where that is something else, such as data.
fn keyboard() -> Option<Box<dyn Read>> {
    if io::stdin().is_terminal() {
        return Some(Box::new(io::stdin()));
    }
    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "it is a person, no file")]
    let terminal = std::fs::File::open("/dev/tty").ok().map(|terminal| Box::new(terminal) as Box<dyn Read>);
    #[cfg(not(unix))]
    let terminal = None;
    terminal
}

/// Asks for one line, which is shown while it is typed, as the AWS CLI does it: it counts once.
fn ask(serial: &str, to: &mut dyn Write, from: impl Read) -> Result<Secret, Error> {
    let unasked = |error| Error::denied(format!("the code of the MFA device {serial} was not read")).with_source(error);
    let question = format!("MFA code for {}: ", printable(serial));
    to.write_all(question.as_bytes()).and_then(|()| to.flush()).map_err(unasked)?;
    let mut line = String::new();
    BufReader::new(from.take(LONGEST)).read_line(&mut line).map_err(unasked)?;
    match line.trim() {
        "" => Err(Error::denied(format!("no code of the MFA device {serial} was typed"))
            .with_hint("type the 6 digits that the device shows")),
        code => Ok(Secret::new(code)),
    }
}

const LONGEST: u64 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_the_code() {
        let mut shown = Vec::new();
        let code = ask("arn:aws:iam::123456789012:mfa/\u{1b}me", &mut shown, &b" 123456\r\nmore"[..]).unwrap();
        assert_eq!(code.expose(), "123456");
        assert_eq!(String::from_utf8(shown).unwrap(), "MFA code for arn:aws:iam::123456789012:mfa/\\u{1b}me: ");
        for nothing in ["", "\n"] {
            let error = ask("device", &mut Vec::new(), nothing.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), "no code of the MFA device device was typed");
        }
    }
}
