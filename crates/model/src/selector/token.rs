//! The tokens of CSS Syntax Level 3 that selectors are made of.

/// One token; comments are left out, white space is one token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Space,
    Ident(String),
    /// A name with the `(` after it.
    Function(String),
    /// `#name`; only one that could be an identifier is an id.
    Hash {
        name: String,
        is_id: bool,
    },
    String(String),
    Number(Number),
    /// A number with the name that follows it, as in `2n-1`.
    Dimension(Number, String),
    Delim(char),
}

/// A number token; only integers mean something in a selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    /// Saturated; 0 if it is not an integer.
    pub(super) value: i64,
    pub(super) is_integer: bool,
    pub(super) has_sign: bool,
}

impl Token {
    /// The token as an error shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Space => "white space".to_owned(),
            Self::Ident(name) => format!("`{name}`"),
            Self::Function(name) => format!("`{name}(`"),
            Self::Hash { name, .. } => format!("`#{name}`"),
            Self::String(text) => format!("the string {text:?}"),
            Self::Number(_) | Self::Dimension(..) => "a number".to_owned(),
            Self::Delim(char) => format!("`{char}`"),
        }
    }
}
