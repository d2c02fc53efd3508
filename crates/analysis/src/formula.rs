//! Formulas between the numbers of several events.

mod parse;

use crate::QueryError;

/// At most this many bytes.
pub(crate) const BYTES_MAX: usize = 256;
/// Parentheses and signs may be nested so deep.
pub(crate) const DEPTH_MAX: usize = 32;
/// The events that can have a letter.
pub(crate) const EVENTS_MAX: usize = 26;

/// A formula such as `100 * A / (A + B)`: numbers, events by their letters, `+ - * /`, signs and parentheses. `*` and `/` bind more
/// strongly than `+` and `-`; of equals the left one comes first.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// As it was written.
    pub text: String,
    tree: Tree,
}

#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Number(f64),
    /// The event's place, from 0.
    Event(usize),
    Negative(Box<Tree>),
    Two(Box<Tree>, Operator, Box<Tree>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

impl Formula {
    /// Reads a formula between so many events.
    pub fn parse(text: &str, events: usize) -> Result<Self, QueryError> {
        let tree = parse::tree(text, events)?;
        Ok(Self { text: text.to_owned(), tree })
    }

    /// What it comes to; `number` gives each event's number. Nothing where one of the numbers is missing, something is divided by
    /// zero, or the result is not finite.
    pub fn value(&self, number: &dyn Fn(usize) -> Option<f64>) -> Option<f64> {
        // A negative zero is zero.
        self.tree.value(number).filter(|value| value.is_finite()).map(|value| value + 0.0)
    }
}

impl Tree {
    fn value(&self, number: &dyn Fn(usize) -> Option<f64>) -> Option<f64> {
        match self {
            Tree::Number(value) => Some(*value),
            Tree::Event(event) => number(*event),
            Tree::Negative(of) => of.value(number).map(|value| -value),
            Tree::Two(left, operator, right) => {
                let (left, right) = (left.value(number)?, right.value(number)?);
                match operator {
                    Operator::Plus => Some(left + right),
                    Operator::Minus => Some(left - right),
                    Operator::Times => Some(left * right),
                    Operator::Over => (right != 0.0).then(|| left / right),
                }
            }
        }
    }
}

/// The letter of an event, by its place.
pub fn letter(event: usize) -> char {
    char::from(b'A' + event.min(EVENTS_MAX - 1) as u8)
}

/// The letters of so many events, for people: `A`, or `A to C`.
pub(crate) fn letters(events: usize) -> String {
    match events {
        0 | 1 => "A".to_owned(),
        _ => format!("A to {}", letter(events - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, numbers: &[Option<f64>]) -> Option<f64> {
        Formula::parse(text, numbers.len()).unwrap().value(&|event| numbers[event])
    }

    #[test]
    fn operators_bind_as_at_school() {
        let numbers = [Some(6.0), Some(2.0), Some(-3.0)];
        for (text, expected) in [
            ("A", 6.0),
            ("100 * A / (A + B)", 75.0),
            ("A - B - 1", 3.0),
            ("A / B / 3", 1.0),
            ("A - (B - 1)", 5.0),
            ("A + B * C", 0.0),
            ("-A * B", -12.0),
            ("A - -B", 8.0),
            ("--A", 6.0),
            ("-(A + B) / 4", -2.0),
            (" .5*A+ 2.25 ", 5.25),
            ("((((A))))", 6.0),
        ] {
            assert_eq!(value(text, &numbers), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_number_is_nothing() {
        let numbers = [Some(6.0), None, Some(0.0)];
        for text in ["A + B", "B * 0", "-B", "A / C", "C / C", "1 / (A - 6)", "1 / (A / C)", "B / C"] {
            assert_eq!(value(text, &numbers), None, "{text}");
        }
        assert_eq!(value("A * A", &[Some(1e200)]), None);
        assert_eq!(value("A / B", &[Some(1e200), Some(1e-200)]), None);
        assert_eq!(value("C / A", &numbers), Some(0.0));
        assert!(value("-1 * C", &numbers).unwrap().is_sign_positive());
    }

    #[test]
    fn letters_are_those_of_the_events() {
        assert_eq!([0, 1, 25].map(letter), ['A', 'B', 'Z']);
        assert_eq!([1, 2, 26].map(letters), ["A", "A to B", "A to Z"]);
    }
}
