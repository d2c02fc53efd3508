//! The structure of a selector: lists, combinators, nesting.

use super::ast::{Combinator, Complex, Compound};
use super::lexer;
use super::token::Token;
use super::{MAX_BYTES, MAX_DEPTH, SelectorError};

/// Parses a whole text as a list of at least one selector.
pub(super) fn parse(text: &str) -> Result<Vec<Complex>, SelectorError> {
    if text.len() > MAX_BYTES {
        return Err(SelectorError::too_long(text.len()));
    }
    let mut parser = Parser { tokens: lexer::tokens(text)?, at: 0, depth: 0, end: text.len() };
    let list = parser.list()?;
    match parser.peek() {
        None => Ok(list),
        Some(token) => {
            let message = format!("{} cannot stand here", token.shown());
            Err(SelectorError::syntax(parser.offset(), message))
        }
    }
}

pub(super) struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
    /// The length of the text.
    end: usize,
}

impl Parser {
    /// One selector or several, up to the closing parenthesis or the end.
    fn list(&mut self) -> Result<Vec<Complex>, SelectorError> {
        let mut list = vec![self.complex()?];
        while self.take(',') {
            list.push(self.complex()?);
        }
        Ok(list)
    }

    /// The arguments of `:not()`, with the closing parenthesis.
    pub(super) fn arguments(&mut self) -> Result<Vec<Complex>, SelectorError> {
        self.nested(Self::list)
    }

    /// The arguments of `:is()` and `:where()`, of which some or all may be left out.
    pub(super) fn forgiving_arguments(&mut self) -> Result<Vec<Complex>, SelectorError> {
        self.nested(|parser| {
            let mut list = Vec::new();
            loop {
                parser.skip_space();
                if !matches!(parser.peek(), None | Some(Token::Delim(',' | ')'))) {
                    list.push(parser.complex()?);
                }
                if !parser.take(',') {
                    return Ok(list);
                }
            }
        })
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, SelectorError>) -> Result<T, SelectorError> {
        if self.depth == MAX_DEPTH {
            return Err(SelectorError::too_deep(self.offset()));
        }
        self.depth += 1;
        let result = read(self)?;
        self.depth -= 1;
        self.close(')', "the parenthesis")?;
        Ok(result)
    }

    fn complex(&mut self) -> Result<Complex, SelectorError> {
        self.skip_space();
        let mut ancestors = Vec::new();
        let mut subject = self.compound()?;
        while let Some(combinator) = self.combinator()? {
            let before = std::mem::replace(&mut subject, self.compound()?);
            ancestors.push((before, combinator));
        }
        Ok(Complex { ancestors, subject })
    }

    fn compound(&mut self) -> Result<Compound, SelectorError> {
        let mut compound = Compound::new();
        while self.simple(&mut compound)? {}
        if !compound.is_empty() {
            return Ok(compound);
        }
        self.refuse_combinator()?;
        if matches!(self.peek(), Some(Token::Number(_) | Token::Dimension(..))) {
            let message =
                r"a name cannot begin with a digit; escape the digit by its code, as .\31 col for the class 1col";
            return Err(SelectorError::syntax(self.offset(), message));
        }
        let found = self.peek().map_or_else(|| "the end".to_owned(), Token::shown);
        Err(SelectorError::syntax(self.offset(), format!("a selector is missing before {found}")))
    }

    /// What joins the compound just read to the next one; none at the end of the selector.
    fn combinator(&mut self) -> Result<Option<Combinator>, SelectorError> {
        let spaced = self.skip_space();
        self.refuse_combinator()?;
        match self.peek() {
            None | Some(Token::Delim(',' | ')')) => Ok(None),
            Some(Token::Delim('>')) => {
                self.at += 1;
                self.skip_space();
                Ok(Some(Combinator::Child))
            }
            Some(_) if spaced => Ok(Some(Combinator::Descendant)),
            Some(token) => {
                let message = format!(
                    "{} cannot stand here; if it is part of a name, write a backslash before each special character",
                    token.shown()
                );
                Err(SelectorError::syntax(self.offset(), message))
            }
        }
    }

    fn refuse_combinator(&self) -> Result<(), SelectorError> {
        let (what, reason) = match (self.peek(), self.peek_at(1)) {
            (Some(Token::Delim('+')), _) => ("the combinator +", NO_SIBLINGS),
            (Some(Token::Delim('~')), _) => ("the combinator ~", NO_SIBLINGS),
            (Some(Token::Delim('|')), Some(Token::Delim('|'))) => {
                ("the combinator ||", "a chain does not hold the columns of a table; use td:nth-child()")
            }
            _ => return Ok(()),
        };
        Err(SelectorError::not_kept(self.offset(), what, reason))
    }

    /// Skips white space; whether there was any.
    pub(super) fn skip_space(&mut self) -> bool {
        let start = self.at;
        while self.peek() == Some(&Token::Space) {
            self.at += 1;
        }
        self.at > start
    }

    /// Takes the delimiter if it is next.
    pub(super) fn take(&mut self, delim: char) -> bool {
        let found = self.peek() == Some(&Token::Delim(delim));
        self.at += usize::from(found);
        found
    }

    /// Takes the closing bracket; `what` is the opening one, for the error.
    pub(super) fn close(&mut self, bracket: char, what: &str) -> Result<(), SelectorError> {
        self.skip_space();
        match self.peek() {
            Some(Token::Delim(found)) if *found == bracket => {
                self.at += 1;
                Ok(())
            }
            None => Err(SelectorError::unclosed(self.end, what)),
            Some(token) => {
                let message = format!("{} cannot stand here; `{bracket}` is expected", token.shown());
                Err(SelectorError::syntax(self.offset(), message))
            }
        }
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get_mut(self.at).map(|(_, token)| std::mem::replace(token, Token::Space));
        self.at += usize::from(token.is_some());
        token
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|(_, token)| token)
    }

    /// The tokens that are left.
    pub(super) fn rest(&self) -> &[(usize, Token)] {
        &self.tokens[self.at..]
    }

    pub(super) fn skip(&mut self, tokens: usize) {
        self.at += tokens;
    }

    /// The byte offset of the next token.
    pub(super) fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(offset, _)| *offset)
    }
}

const NO_SIBLINGS: &str = "a chain holds the elements above the target and not their siblings; use :nth-child() or :nth-of-type() for \
                           the place among them";
