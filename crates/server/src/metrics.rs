//! What the server counts about itself, in atomics.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use cairn_analysis::Stopped;
use cairn_model::Reason;

/// Refused messages by reason.
#[derive(Default)]
pub(crate) struct Refused([AtomicU64; Reason::ALL.len()]);

impl Refused {
    pub(crate) fn count(&self, reason: Reason) {
        self.0[reason as usize].fetch_add(1, Relaxed);
    }

    /// Reasons with their counts, in the order of [`Reason::ALL`].
    pub(crate) fn counts(&self) -> [(Reason, u64); Reason::ALL.len()] {
        Reason::ALL.map(|reason| (reason, self.0[reason as usize].load(Relaxed)))
    }
}

/// The upper bounds of the latency histograms' buckets, in microseconds.
const BOUNDS_US: [u64; 14] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000,
];

/// A latency histogram.
#[derive(Default)]
pub(crate) struct Latency {
    /// One per bound, and one for what is beyond them.
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Latency {
    pub(crate) fn record(&self, took: Duration) {
        let us = took.as_micros() as u64;
        self.buckets[BOUNDS_US.partition_point(|bound| *bound < us)].fetch_add(1, Relaxed);
        self.sum_us.fetch_add(us, Relaxed);
    }

    fn write(&self, out: &mut String, name: &str, label: &str) {
        let mut seen = 0;
        for (at, bucket) in self.buckets.iter().enumerate() {
            seen += bucket.load(Relaxed);
            let bound = BOUNDS_US.get(at).map_or("+Inf".to_owned(), |us| (*us as f64 / 1e6).to_string());
            let _ = writeln!(out, "{name}_bucket{{{label},le=\"{bound}\"}} {seen}");
        }
        let _ = writeln!(out, "{name}_sum{{{label}}} {}", self.sum_us.load(Relaxed) as f64 / 1e6);
        let _ = writeln!(out, "{name}_count{{{label}}} {seen}");
    }
}

/// The kinds of requests that are timed apart.
#[derive(Clone, Copy)]
pub(crate) enum Timed {
    Ingest,
    Query,
    Api,
}

/// The server's own counters, over all projects.
#[derive(Default)]
pub(crate) struct Metrics {
    /// Messages that capture and import acknowledged.
    pub(crate) accepted: AtomicU64,
    /// Requests with a write key that no project has.
    pub(crate) unknown_key: AtomicU64,
    /// Requests turned away because nothing could be made durable.
    pub(crate) unavailable: AtomicU64,
    latencies: [Latency; 3],
    /// Questions that were stopped, in the order of [`STOPS`].
    stopped: [AtomicU64; STOPS.len()],
}

/// Why questions are stopped.
const STOPS: [&str; 3] = ["cancelled", "timeout", "memory"];

impl Metrics {
    pub(crate) fn took(&self, what: Timed, took: Duration) {
        self.latencies[what as usize].record(took);
    }

    pub(crate) fn stopped(&self, why: Stopped) {
        let at = match why {
            Stopped::Cancelled => 0,
            Stopped::Time(_) => 1,
            Stopped::Memory(_) => 2,
        };
        self.stopped[at].fetch_add(1, Relaxed);
    }

    pub(crate) fn write_stopped(&self, out: &mut String) {
        let name = "cairn_stopped_queries_total";
        head(out, name, "counter", "Queries stopped before they had an answer, by reason.");
        for (reason, count) in STOPS.iter().zip(&self.stopped) {
            let _ = writeln!(out, "{name}{{reason=\"{reason}\"}} {}", count.load(Relaxed));
        }
    }

    pub(crate) fn write_latencies(&self, out: &mut String) {
        let name = "cairn_request_seconds";
        head(out, name, "histogram", "Time to answer a request.");
        for (what, label) in [(Timed::Ingest, "ingest"), (Timed::Query, "query"), (Timed::Api, "api")] {
            self.latencies[what as usize].write(out, name, &format!("kind=\"{label}\""));
        }
    }
}

/// The two lines in front of a metric.
pub(crate) fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// A metric with one value.
pub(crate) fn single(out: &mut String, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
    head(out, name, kind, help);
    let _ = writeln!(out, "{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up_to_its_bounds() {
        let metrics = Metrics::default();
        for us in [100, 250, 251, 20_000_000] {
            metrics.took(Timed::Query, Duration::from_micros(us));
        }
        let mut text = String::new();
        metrics.write_latencies(&mut text);
        for line in [
            "cairn_request_seconds_bucket{kind=\"query\",le=\"0.00025\"} 2",
            "cairn_request_seconds_bucket{kind=\"query\",le=\"0.0005\"} 3",
            "cairn_request_seconds_bucket{kind=\"query\",le=\"10\"} 3",
            "cairn_request_seconds_bucket{kind=\"query\",le=\"+Inf\"} 4",
            "cairn_request_seconds_count{kind=\"query\"} 4",
            "cairn_request_seconds_count{kind=\"ingest\"} 0",
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
        }
    }
}
