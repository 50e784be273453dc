//! The walk as text.

use std::fmt::{self, Write};

use super::{Link, Step, Stop, Tour};

pub(super) fn text(tour: &Tour, colours: bool) -> String {
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _ = write(tour, &mut Page { text: &mut text, colours });
    text
}

struct Page<'a> {
    text: &'a mut String,
    colours: bool,
}

impl Page<'_> {
    fn paint(&mut self, colour: Colour, text: impl fmt::Display) -> fmt::Result {
        match self.colours {
            true => write!(self.text, "\u{1b}[{}m{text}\u{1b}[0m", colour as u8),
            false => write!(self.text, "{text}"),
        }
    }

    fn row(&mut self, indent: usize, colour: Colour, word: &str, width: usize, rest: impl fmt::Display) -> fmt::Result {
        write!(self.text, "{:indent$}", "")?;
        self.paint(colour, format_args!("{word:width$}"))?;
        writeln!(self.text, "  {rest}")
    }
}

#[derive(Clone, Copy)]
enum Colour {
    Bold = 1,
    Faint = 2,
    Red = 31,
    Green = 32,
}

fn write(tour: &Tour, page: &mut Page<'_>) -> fmt::Result {
    page.paint(Colour::Bold, "Where credentials come from")?;
    writeln!(page.text, "\n")?;
    for stop in &tour.sources {
        write_stop(stop, page)?;
    }
    match tour.used {
        Some(name) => page.paint(Colour::Bold, format_args!("S3 and STS, with the credentials from {name}"))?,
        None => page.paint(Colour::Bold, "S3 and STS were not tried: there are no credentials")?,
    }
    writeln!(page.text, "\n")?;
    let width = tour.steps.iter().chain(&tour.other).map(|step| step.action.len()).max().unwrap_or_default();
    for step in tour.steps.iter().chain(&tour.other) {
        write_step(step, width, page)?;
    }
    writeln!(page.text)?;
    if !tour.is_success() {
        page.paint(Colour::Red, "Something above failed.")?;
        return writeln!(page.text);
    }
    page.paint(Colour::Bold, "What to type next")?;
    writeln!(page.text, "\n")?;
    for (command, what) in NEXT {
        page.row(2, Colour::Green, command, NEXT[0].0.len(), what)?;
    }
    Ok(())
}

fn write_stop(stop: &Stop, page: &mut Page<'_>) -> fmt::Result {
    match &stop.answer {
        Ok((key, provenance)) => {
            page.row(2, Colour::Bold, stop.name, NAME, format_args!("{key}  {provenance}"))?;
        }
        Err(report) => page.row(2, Colour::Red, stop.name, NAME, report.replace('\n', "\n  "))?,
    }
    // Behind the one that answers only those count that would have answered too.
    let used = stop.links.iter().position(|link| link.verdict == "used").unwrap_or(stop.links.len());
    let shown = |(at, link): &(usize, &Link)| *at <= used || link.verdict != "skipped";
    let links: Vec<&Link> = stop.links.iter().enumerate().filter(shown).map(|(_, link)| link).collect();
    let id = links.iter().map(|link| link.id.len()).max().unwrap_or_default();
    let mut before = "";
    for link in links {
        let colour = match link.verdict {
            "used" => Colour::Green,
            "failed" => Colour::Red,
            _ => Colour::Faint,
        };
        let reason = if link.reason == before { "the same" } else { &link.reason };
        page.row(4, colour, link.verdict, "not needed".len(), format_args!("{:id$}  {reason}", link.id))?;
        before = &link.reason;
    }
    writeln!(page.text)
}

fn write_step(step: &Step, width: usize, page: &mut Page<'_>) -> fmt::Result {
    match &step.outcome {
        Ok(result) => {
            page.row(2, Colour::Green, "ok", "failed".len(), format_args!("{:width$}  {result}", step.action))
        }
        Err(report) => {
            let report = report.replace('\n', "\n  ");
            page.row(2, Colour::Red, "failed", "failed".len(), format_args!("{:width$}  {report}", step.action))
        }
    }
}

/// As wide as the longest name of a source.
const NAME: usize = "environment variables".len();

const NEXT: [(&str, &str); 3] = [
    ("cargo run -p tucuxi-sandbox -- serve", "keep a sandbox running, and point any AWS SDK at it"),
    ("cargo run -p tucuxi-cli -- explain", "which identity this machine has, and why"),
    ("cargo run -p tucuxi-cli -- s3 ls", "list the buckets of that identity"),
];
