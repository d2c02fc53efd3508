//! Which attributes a chain holds.

/// The captured attributes, in the order in which a chain holds them. None is ever a value typed by a person.
pub const ATTRIBUTES: [&str; 21] = [
    "name",
    "type",
    "role",
    "href",
    "rel",
    "target",
    "title",
    "alt",
    "for",
    "action",
    "method",
    "aria-label",
    "placeholder",
    "data-testid",
    "data-test-id",
    "data-test",
    "data-cy",
    "data-qa",
    "data-id",
    "data-action",
    "data-cairn-name",
];

/// The name of a captured attribute; ordered as in [`ATTRIBUTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute(u8);

impl Attribute {
    /// The attribute of this lower-case name, if it is captured.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let index = ATTRIBUTES.iter().position(|known| *known == name)?;
        u8::try_from(index).ok().map(Self)
    }

    /// The lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        ATTRIBUTES[usize::from(self.0)]
    }
}
