//! CSV that is safe to open in a spreadsheet.

/// A cell of text. Spreadsheets run what begins like a formula; a quote in front makes it text. What has such quotes already gets one
/// more, so that a list of handles is read as it was.
pub(super) fn text(cell: &str) -> String {
    let formula = cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

/// Which part of `of`, in percent; nothing of nothing.
pub(super) fn percent(part: u64, of: u64) -> String {
    if of == 0 { String::new() } else { (100.0 * part as f64 / of as f64).to_string() }
}

/// Rows as CSV.
pub(super) fn write(rows: &[Vec<String>]) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for dangerous in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'+1"] {
            assert_eq!(text(dangerous), format!("'{dangerous}"));
        }
        assert_eq!([text("a=b"), text("'a"), text("'")], ["a=b", "'a", "'"]);
    }

    #[test]
    fn percents_are_exact_and_nothing_has_none() {
        assert_eq!([percent(1, 4), percent(3, 3), percent(0, 7), percent(0, 0)], ["25", "100", "0", ""]);
        assert_eq!(percent(2, 3), "66.66666666666667");
    }

    #[test]
    fn cells_are_quoted_where_need_be() {
        let rows = [vec!["a,b".to_owned(), "c\"d".to_owned()], vec!["1".to_owned(), "e\nf".to_owned()]];
        assert_eq!(write(&rows).unwrap(), "\"a,b\",\"c\"\"d\"\n1,\"e\nf\"\n");
    }
}
