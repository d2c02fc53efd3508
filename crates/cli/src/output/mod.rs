//! What is printed. Only this module writes to the standard output.
#![allow(
    clippy::print_stdout,
    reason = "answers go to the standard output; everything else goes to the standard error"
)]

mod activity;
mod answer;
mod chart;
mod csv;
mod explain;
mod funnel;
mod graph;
mod graphs;
mod retention;
mod stream;
mod table;
mod users;
mod ways;

use std::{
    env,
    io::{self, IsTerminal, Write},
};

pub(crate) use answer::print_answer;
use cairn_model::TimeMs;
use chart::Canvas;
pub(crate) use explain::explained;
use jiff::{Timestamp, tz::TimeZone};
pub(crate) use table::Table;

/// Prints a line, or several: as they are, but in a terminal captured text does not steer it.
pub(crate) fn say(lines: impl AsRef<str>) {
    let lines = lines.as_ref();
    if io::stdout().is_terminal() { print(&harmless(lines)) } else { print(lines) }
}

/// Prints a line that matters less: dim in a terminal.
fn say_dim(line: &str) {
    if io::stdout().is_terminal() { print(&format!("\x1b[2m{}\x1b[0m", harmless(line))) } else { print(line) }
}

/// A reader that has gone away is no error.
fn print(lines: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{lines}").and_then(|()| out.flush());
}

/// How to draw charts, if they are wanted: asked for, or in a terminal.
pub(crate) fn canvas(chart: bool, ascii: bool) -> Option<Canvas> {
    /// Where the terminal does not tell.
    const WIDTH: usize = 80;
    let width = rustix::termios::tcgetwinsize(io::stdout()).map_or(0, |size| usize::from(size.ws_col));
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| env::var(name).ok().filter(|of| !of.is_empty()));
    let utf8 = locale.is_some_and(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"));
    let canvas = Canvas { width: if width > 0 { width } else { WIDTH }, ascii: ascii || !utf8 };
    (chart || io::stdout().is_terminal()).then_some(canvas)
}

/// An instant for programs, for [`local`].
const INSTANT: &str = "%Y-%m-%dT%H:%M:%S%.3f%:z";

/// An instant in a zone.
fn local(time: TimeMs, zone: &str, format: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let timestamp = Timestamp::from_millisecond(time.0).unwrap_or_default();
    timestamp.to_zoned(zone).strftime(format).to_string()
}

/// A number for people: 1,234,567.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Captured text for a terminal: what could steer it is shown as a mark.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Lines of it.
fn harmless(lines: &str) -> String {
    lines.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_captured_text_are_readable() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(plain("a\x1b[31mb\n"), "a\u{fffd}[31mb\u{fffd}");
        assert_eq!(harmless("a\r\nb\t\u{9b}2J\n"), "a\u{fffd}\nb\u{fffd}\u{fffd}2J\n");
    }
}
