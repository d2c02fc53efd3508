//! What is printed. Only this module writes to the standard output.
#![allow(
    clippy::print_stdout,
    reason = "answers go to the standard output; everything else goes to the standard error"
)]

mod activity;
mod answer;
mod csv;
mod funnel;
mod graph;
mod graphs;
mod retention;
mod table;
mod users;
mod ways;

use std::io::{self, Write};

pub(crate) use answer::print_answer;
pub(crate) use table::Table;

/// Prints a line. A reader that has gone away is no error.
pub(crate) fn say(line: impl AsRef<str>) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", line.as_ref()).and_then(|()| out.flush());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_captured_text_are_readable() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(plain("a\x1b[31mb\n"), "a\u{fffd}[31mb\u{fffd}");
    }
}
