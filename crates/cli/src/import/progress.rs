//! Progress: a bar on a terminal, else a line every few seconds.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::thousands;

const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows how far something is, on the standard error.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    what: &'static str,
    total: u64,
    done: u64,
    started: Instant,
    last_line: Instant,
}

impl Progress {
    /// Of `total` units of anything, 0 if that is unknown; `what` is counted in messages, such as "rows".
    pub(crate) fn new(total: u64, what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = if total > 0 { "{bar:32} {percent:>3} %  {msg}  {eta} left" } else { "{spinner} {msg}" };
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(total.max(1)).with_style(style)
        });
        let now = Instant::now();
        Self { bar, what, total, done: 0, started: now, last_line: now }
    }

    /// `units` more are done, which makes `count` of what is counted.
    pub(crate) fn advance(&mut self, units: u64, count: u64) {
        self.done += units;
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
            bar.set_message(self.line(count));
        } else if self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let percent = (self.done * 100).checked_div(self.total);
            let percent = percent.map(|percent| format!(" ({percent} %)")).unwrap_or_default();
            eprintln!("{}{percent}", self.line(count));
        }
    }

    /// Units that are done.
    pub(crate) fn done(&self) -> u64 {
        self.done
    }

    /// Time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Takes the bar away.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn line(&self, count: u64) -> String {
        let per_second = count as f64 / self.elapsed().as_secs_f64().max(0.001);
        format!("{} {}, {}/s", thousands(count), self.what, thousands(per_second as u64))
    }
}
