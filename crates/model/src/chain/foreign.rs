//! Which elements are of SVG or MathML.

/// Bit i is set if the i-th tag from the root is of SVG or MathML, told from the tags above it as the HTML parser does.
pub(super) fn mask<'t>(tags: impl Iterator<Item = &'t str>) -> u64 {
    let (mut mask, mut inside) = (0, false);
    for (index, tag) in tags.enumerate() {
        let foreign = inside || tag == "svg" || tag == "math";
        mask |= u64::from(foreign) << index;
        inside = foreign && !holds_html(tag);
    }
    mask
}

/// The foreign elements whose children are HTML again (the standard's integration points).
fn holds_html(tag: &str) -> bool {
    matches!(tag, "foreignobject" | "desc" | "title" | "mi" | "mo" | "mn" | "ms" | "mtext" | "annotation-xml")
}
