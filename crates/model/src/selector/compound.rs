//! The parts of a compound: type, `#id`, `.class`, `[attribute]`, and the step into `:pseudo`.

use super::SelectorError;
use super::ast::{Compound, Simple};
use super::attribute::{AttributeName, AttributeTest, Case, Operator, ValueTest};
use super::parse::Parser;
use super::token::Token;

impl Parser {
    /// Reads one more part into `compound`; whether there was one.
    pub(super) fn simple(&mut self, compound: &mut Compound) -> Result<bool, SelectorError> {
        let offset = self.offset();
        self.refuse_namespace(compound.is_empty())?;
        match self.peek() {
            Some(Token::Ident(_) | Token::Delim('*')) if compound.is_empty() => compound.push(self.type_name()),
            Some(Token::Hash { is_id: true, .. }) => {
                if let Some(Token::Hash { name, .. }) = self.next() {
                    compound.push(Simple::Id(name));
                }
            }
            Some(Token::Hash { name, .. }) => {
                let (digit, rest) = name.split_at(name.chars().next().map_or(0, char::len_utf8));
                let hint = digit.chars().next().map_or(0, u32::from);
                let message = format!("#{name} is no id; write #\\{hint:x} {rest}");
                return Err(SelectorError::syntax(offset, message));
            }
            Some(Token::Delim('.')) => {
                self.skip(1);
                compound.push(self.class(offset)?);
            }
            Some(Token::Delim('[')) => {
                self.skip(1);
                compound.push(Simple::Attribute(self.attribute()?));
            }
            Some(Token::Delim(':')) => self.pseudo(compound)?,
            Some(Token::Delim('&')) => {
                return Err(SelectorError::not_kept(offset, "&", "there is no rule around this selector"));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn type_name(&mut self) -> Simple {
        match self.next() {
            Some(Token::Ident(written)) => Simple::Type(written.to_ascii_lowercase()),
            _ => Simple::Universal,
        }
    }

    fn class(&mut self, dot: usize) -> Result<Simple, SelectorError> {
        match self.next() {
            Some(Token::Ident(name)) => Ok(Simple::Class(name)),
            Some(other) => {
                let message = format!("a class name must follow the dot, not {}", other.shown());
                Err(SelectorError::syntax(dot, message))
            }
            None => Err(SelectorError::syntax(dot, "a class name must follow the dot")),
        }
    }

    /// What follows `[`, with the closing bracket.
    fn attribute(&mut self) -> Result<AttributeTest, SelectorError> {
        self.skip_space();
        let offset = self.offset();
        self.refuse_namespace(true)?;
        let lower = match self.next() {
            Some(Token::Ident(name)) => name.to_ascii_lowercase(),
            None => return Err(SelectorError::unclosed(offset, "the bracket")),
            Some(other) => {
                let message = format!("an attribute's name must follow `[`, not {}", other.shown());
                return Err(SelectorError::syntax(offset, message));
            }
        };
        let value = self.value_test()?;
        self.close(']', "the bracket")?;
        let name = AttributeName::named(&lower).ok_or_else(|| SelectorError::attribute(offset, &lower))?;
        Ok(AttributeTest { name, value })
    }

    fn value_test(&mut self) -> Result<Option<ValueTest>, SelectorError> {
        self.skip_space();
        let Some(operator) = self.operator()? else {
            return Ok(None);
        };
        self.skip_space();
        let offset = self.offset();
        let value = match self.next() {
            Some(Token::Ident(value) | Token::String(value)) => value,
            None => return Err(SelectorError::unclosed(offset, "the bracket")),
            Some(other) => {
                let message = format!("the value must be a name or stand in quotes, not {}", other.shown());
                return Err(SelectorError::syntax(offset, message));
            }
        };
        self.skip_space();
        let offset = self.offset();
        let case = match self.peek() {
            Some(Token::Ident(flag)) if flag.eq_ignore_ascii_case("i") => Case::Insensitive,
            Some(Token::Ident(flag)) if flag.eq_ignore_ascii_case("s") => Case::Sensitive,
            Some(Token::Ident(flag)) => {
                let message = format!("`{flag}` is no flag; there are i (without case) and s (by case)");
                return Err(SelectorError::syntax(offset, message));
            }
            _ => return Ok(Some(ValueTest { operator, value, case: Case::ByAttribute })),
        };
        self.skip(1);
        Ok(Some(ValueTest { operator, value, case }))
    }

    fn operator(&mut self) -> Result<Option<Operator>, SelectorError> {
        let operator = match self.peek() {
            Some(Token::Delim('=')) => {
                self.skip(1);
                return Ok(Some(Operator::Equals));
            }
            Some(Token::Delim('~')) => Operator::Word,
            Some(Token::Delim('|')) => Operator::Dash,
            Some(Token::Delim('^')) => Operator::Prefix,
            Some(Token::Delim('$')) => Operator::Suffix,
            Some(Token::Delim('*')) => Operator::Substring,
            _ => return Ok(None),
        };
        let offset = self.offset();
        self.skip(1);
        // The two characters are one sign: not even a comment may part them.
        if self.offset() == offset + 1 && self.take('=') {
            return Ok(Some(operator));
        }
        Err(SelectorError::syntax(offset, "there are the operators = ~= |= ^= $= *="))
    }

    /// Refuses `ns|name`, `*|name` and `|name` where a name may begin; `|=` and `||` are something else.
    fn refuse_namespace(&self, name_may_begin: bool) -> Result<(), SelectorError> {
        let bar = match self.peek() {
            Some(Token::Ident(_) | Token::Delim('*')) => 1,
            _ => 0,
        };
        let is_bar = self.peek_at(bar) == Some(&Token::Delim('|'));
        let is_prefix = is_bar && !matches!(self.peek_at(bar + 1), None | Some(Token::Delim('=' | '|')));
        if name_may_begin && is_prefix {
            let reason = "a chain does not hold namespaces; write the name alone";
            return Err(SelectorError::not_kept(self.offset(), "the namespace |", reason));
        }
        Ok(())
    }
}
