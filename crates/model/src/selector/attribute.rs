//! Attribute selectors: `[href^="/cart" i]`.

use std::borrow::Cow;

use crate::chain::{Attribute, Element};

/// One attribute selector.
#[derive(Debug, Clone)]
pub(super) struct AttributeTest {
    pub(super) name: AttributeName,
    /// None: that it is there.
    pub(super) value: Option<ValueTest>,
}

/// An attribute that a chain holds or can build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttributeName {
    Id,
    Class,
    Captured(Attribute),
}

#[derive(Debug, Clone)]
pub(super) struct ValueTest {
    pub(super) operator: Operator,
    pub(super) value: String,
    pub(super) case: Case,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equals,
    Word,
    Dash,
    Prefix,
    Suffix,
    Substring,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// As the HTML standard says for the attribute.
    ByAttribute,
    Insensitive,
    Sensitive,
}

impl AttributeName {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "id" => Some(Self::Id),
            "class" => Some(Self::Class),
            _ => Attribute::named(name).map(Self::Captured),
        }
    }

    /// Whether HTML compares the values without case. The standard's list has 46 names; these of them are captured.
    fn ignores_case(self) -> bool {
        matches!(self, Self::Captured(name) if matches!(name.name(), "type" | "rel" | "target" | "method"))
    }

    fn value(self, element: Element<'_>) -> Option<Cow<'_, str>> {
        match self {
            Self::Id => element.id().map(Cow::Borrowed),
            Self::Captured(name) => element.attribute(name).map(Cow::Borrowed),
            Self::Class => {
                let mut classes = element.classes();
                let first = classes.next()?;
                if classes.len() == 0 {
                    return Some(Cow::Borrowed(first));
                }
                Some(Cow::Owned(classes.fold(first.to_owned(), |all, class| all + " " + class)))
            }
        }
    }
}

impl AttributeTest {
    /// Whether values that differ in case may pass.
    pub(super) fn may_ignore_case(&self) -> bool {
        self.value.as_ref().is_some_and(|test| match test.case {
            Case::Insensitive => true,
            Case::Sensitive => false,
            Case::ByAttribute => self.name.ignores_case(),
        })
    }

    pub(super) fn matches(&self, element: Element<'_>) -> bool {
        let Some(value) = self.name.value(element) else {
            return false;
        };
        let Some(test) = &self.value else {
            return true;
        };
        let ignore_case = match test.case {
            Case::Insensitive => true,
            Case::Sensitive => false,
            Case::ByAttribute => self.name.ignores_case() && !element.is_foreign(),
        };
        test.operator.holds(value.as_bytes(), test.value.as_bytes(), ignore_case)
    }
}

impl Operator {
    /// By bytes: valid UTF-8 occurs in valid UTF-8 only at character boundaries, and case is that of ASCII alone.
    fn holds(self, value: &[u8], wanted: &[u8], ignore_case: bool) -> bool {
        let same = |part: &[u8]| if ignore_case { part.eq_ignore_ascii_case(wanted) } else { part == wanted };
        let length = wanted.len();
        match self {
            Self::Equals => same(value),
            Self::Word => length > 0 && value.split(|byte| is_space(*byte)).any(same),
            Self::Dash => value.get(..length).is_some_and(same) && value.get(length).is_none_or(|next| *next == b'-'),
            Self::Prefix => length > 0 && value.get(..length).is_some_and(same),
            Self::Suffix => length > 0 && value.len() >= length && same(&value[value.len() - length..]),
            Self::Substring => length > 0 && value.windows(length).any(same),
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r')
}
