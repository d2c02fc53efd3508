//! How an answer came about, in one line.

use cairn_analysis::{Answer, Explained, FoundBy, PartsBy};

use super::{harmless, thousands};

/// A query of a database, and how the database ran it.
pub(crate) fn explained(one: &Explained) -> String {
    format!("{}\n\n{}\n", harmless(one.sql.trim()), harmless(&one.plan_text))
}

/// As of when, what was looked at, how events were found, how long it took, and what of the log is contained.
pub(super) fn line(answer: &Answer) -> String {
    let explain = &answer.explain;
    let touched = &explain.touched;
    let as_of = jiff::Timestamp::from_millisecond(answer.as_of.0);
    let as_of = as_of.map_or_else(|_| answer.as_of.0.to_string(), |instant| instant.to_string());
    let positions: Vec<_> = answer.positions.iter().map(ToString::to_string).collect();
    let rows = format!("{} rows ({}) looked at", thousands(touched.rows), size(touched.bytes));
    let found = found(explain.found, &touched.parts);
    format!("as of {as_of} · {rows}, {found} · {:.1} ms · log up to {}", explain.total_ms, positions.join(", "))
}

fn found(by: FoundBy, parts: &PartsBy) -> String {
    let how = match by {
        FoundBy::Index => "found by index",
        FoundBy::Postings => "found by postings",
        FoundBy::Scan => "scanned",
        FoundBy::Both => "found by index, postings or scan",
    };
    let counts = [parts.index, parts.postings, parts.scan].into_iter().filter(|count| *count > 0);
    let counts: Vec<_> = counts.map(thousands).collect();
    let of_parts = match &counts[..] {
        [] => String::new(),
        [one] if one == "1" => " in 1 part".to_owned(),
        some => format!(" in {} parts", some.join(" + ")),
    };
    let skipped = if parts.skipped > 0 { format!(", {} passed", thousands(parts.skipped)) } else { String::new() };
    format!("{how}{of_parts}{skipped}")
}

/// Bytes, in the largest unit that they fill.
fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / unit as f64),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use cairn_analysis::{Body, Explain, Touched, UsersAnswer};
    use cairn_model::{Position, TimeMs};

    use super::*;

    #[test]
    fn one_line_says_how_it_came_about() {
        let parts = PartsBy { index: 2, scan: 1, skipped: 4, postings: 0 };
        let touched = Touched { rows: 12_345, bytes: 4_200_000, parts };
        let explain = Explain { touched, found: parts.found(), total_ms: 1.25, ..Explain::default() };
        let positions = vec![Position { partition: 0, offset: 4_711 }];
        let body = Body::Users(UsersAnswer::default());
        let line = line(&Answer { body, as_of: TimeMs(1_785_586_200_000), positions, explain });
        let head = "as of 2026-08-01T12:10:00Z · 12,345 rows (4.2 MB) looked at, found by index, postings or scan in 2 + 1 parts, 4 passed";
        assert!(line.starts_with(head) && line.contains(" · 1.2 ms · log up to ") && line.contains("4711"), "{line}");
    }

    #[test]
    fn sizes_and_parts_are_readable() {
        assert_eq!([999, 1_000, 2_500_000, 3_000_000_000].map(size), ["999 B", "1.0 kB", "2.5 MB", "3.0 GB"]);
        let one = PartsBy { postings: 1, ..PartsBy::default() };
        assert_eq!(found(one.found(), &one), "found by postings in 1 part");
        assert_eq!(found(FoundBy::Scan, &PartsBy::default()), "scanned");
    }
}
