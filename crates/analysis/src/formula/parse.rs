//! Reading formulas, by recursive descent: a sum of products of factors.

use super::{BYTES_MAX, DEPTH_MAX, Operator, Tree, letters};
use crate::QueryError;

/// The tree of a formula between so many events.
pub(super) fn tree(text: &str, events: usize) -> Result<Tree, QueryError> {
    if text.len() > BYTES_MAX {
        return Err(QueryError::new("formula", format!("a formula has at most {BYTES_MAX} bytes")));
    }
    let mut parser = Parser { text, at: 0, depth: 0, events };
    let tree = parser.sum()?;
    match parser.peek() {
        None => Ok(tree),
        Some(')') => Err(parser.wrong("this closing parenthesis has no opening one")),
        Some(_) => Err(parser.wrong("an operator (+ - * /) or the end was expected here")),
    }
}

struct Parser<'t> {
    text: &'t str,
    /// The byte that comes next.
    at: usize,
    depth: usize,
    events: usize,
}

impl Parser<'_> {
    fn sum(&mut self) -> Result<Tree, QueryError> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Some('+') => Operator::Plus,
                Some('-') => Operator::Minus,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Tree::Two(Box::new(left), operator, Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Tree, QueryError> {
        let mut left = self.factor()?;
        loop {
            let operator = match self.peek() {
                Some('*') => Operator::Times,
                Some('/') => Operator::Over,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Tree::Two(Box::new(left), operator, Box::new(self.factor()?));
        }
    }

    fn factor(&mut self) -> Result<Tree, QueryError> {
        match self.peek() {
            Some('-') => self.nested(|parser| Ok(Tree::Negative(Box::new(parser.factor()?)))),
            Some('(') => self.nested(|parser| {
                let inner = parser.sum()?;
                match parser.peek() {
                    Some(')') => parser.at += 1,
                    None => return Err(parser.wrong("a closing parenthesis is missing")),
                    Some(_) => {
                        return Err(parser.wrong("an operator (+ - * /) or a closing parenthesis was expected here"));
                    }
                }
                Ok(inner)
            }),
            Some('0'..='9' | '.') => self.number(),
            Some('A'..='Z') => self.event(),
            Some('a'..='z') => Err(self.wrong("events are capital letters, the first one is A")),
            _ => Err(self.wrong("a number, an event such as A, or a parenthesis was expected here")),
        }
    }

    /// What follows after one character, one level deeper.
    fn nested(&mut self, inner: impl FnOnce(&mut Self) -> Result<Tree, QueryError>) -> Result<Tree, QueryError> {
        if self.depth == DEPTH_MAX {
            return Err(self.wrong(&format!("parentheses and signs are nested at most {DEPTH_MAX} deep")));
        }
        self.at += 1;
        self.depth += 1;
        let tree = inner(self);
        self.depth -= 1;
        tree
    }

    fn number(&mut self) -> Result<Tree, QueryError> {
        let rest = &self.text[self.at..];
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let Ok(value) = rest[..digits].parse() else {
            return Err(self.wrong("a number has digits and at most one point, such as 100 or 0.5"));
        };
        self.at += digits;
        Ok(Tree::Number(value))
    }

    fn event(&mut self) -> Result<Tree, QueryError> {
        let bytes = self.text.as_bytes();
        let event = usize::from(bytes[self.at] - b'A');
        if bytes.get(self.at + 1).is_some_and(u8::is_ascii_alphanumeric) {
            return Err(self.wrong("an event is a single letter; to multiply, write *"));
        }
        if event >= self.events {
            let named = letters(self.events);
            return Err(self.wrong(&format!("there is no such event: those of this query are {named}")));
        }
        self.at += 1;
        Ok(Tree::Event(event))
    }

    /// The next character that is not blank.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn wrong(&self, what: &str) -> QueryError {
        let place = match self.text[self.at..].chars().next() {
            Some(next) => format!("at character {}, {next:?}", self.text[..self.at].chars().count() + 1),
            None => "at its end".to_owned(),
        };
        QueryError::new("formula", format!("the formula {:?} is wrong {place}: {what}", self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Formula;

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        for (text, expected) in [
            ("", "at its end: a number, an event such as A, or a parenthesis was expected here"),
            ("A /", "at its end: a number, an event"),
            ("A $ B", "at character 3, '$': an operator (+ - * /) or the end was expected here"),
            ("é", "at character 1, 'é': a number"),
            ("A B", "at character 3, 'B': an operator"),
            ("(A + B", "at its end: a closing parenthesis is missing"),
            ("(A B)", "at character 4, 'B': an operator (+ - * /) or a closing parenthesis"),
            ("A + B)", "at character 6, ')': this closing parenthesis has no opening one"),
            ("A / C", "at character 5, 'C': there is no such event: those of this query are A to B"),
            ("a / B", "at character 1, 'a': events are capital letters"),
            ("2 * AB", "at character 5, 'A': an event is a single letter; to multiply, write *"),
            ("1.2.3 * A", "at character 1, '1': a number has digits and at most one point"),
            (".", "at character 1, '.': a number has digits"),
            ("1e3", "at character 2, 'e': an operator"),
            ("A * / B", "at character 5, '/': a number, an event"),
            ("()", "at character 2, ')': a number, an event"),
        ] {
            let error = Formula::parse(text, 2).unwrap_err();
            assert_eq!(error.code, "formula");
            let message = error.to_string();
            assert!(message.contains(&format!("the formula {text:?} is wrong {expected}")), "{message}");
        }
    }

    #[test]
    fn formulas_are_bounded() {
        let nested = |depth: usize| format!("{}A{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Formula::parse(&nested(32), 1).is_ok());
        let message = Formula::parse(&nested(33), 1).unwrap_err().to_string();
        assert!(
            message.contains("at character 33, '(': parentheses and signs are nested at most 32 deep"),
            "{message}"
        );
        assert!(Formula::parse(&format!("{}A", "-".repeat(33)), 1).is_err());
        let long = format!("A{}", "+A".repeat(127));
        assert!(Formula::parse(&long, 1).is_ok());
        assert!(Formula::parse(&format!("{long} +A"), 1).unwrap_err().to_string().contains("at most 256 bytes"));
    }
}
