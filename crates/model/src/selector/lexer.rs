//! From text to tokens, after CSS Syntax Level 3, section 4.

use super::SelectorError;
use super::token::{Number, Token};

/// All tokens of `text`, each with its byte offset.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, SelectorError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.comments()?;
        let start = lexer.at;
        let Some(token) = lexer.token()? else {
            return Ok(tokens);
        };
        tokens.push((start, token));
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn token(&mut self) -> Result<Option<Token>, SelectorError> {
        let Some(first) = self.peek(0) else {
            return Ok(None);
        };
        Ok(Some(if is_space(first) {
            while self.peek(0).is_some_and(is_space) {
                self.advance();
            }
            Token::Space
        } else if first == '"' || first == '\'' {
            Token::String(self.string(first)?)
        } else if self.starts_number() {
            self.number()?
        } else if self.starts_ident(0) && !self.rest().starts_with("-->") {
            self.ident_or_function()?
        } else if first == '#' && (self.peek(1).is_some_and(is_name) || self.is_escape(1)) {
            let is_id = self.starts_ident(1);
            self.advance();
            Token::Hash { name: self.name()?, is_id }
        } else if first == '\\' {
            return Err(SelectorError::syntax(
                self.at,
                "a backslash must be followed by the character that it escapes",
            ));
        } else {
            self.advance();
            Token::Delim(first)
        }))
    }

    fn comments(&mut self) -> Result<(), SelectorError> {
        while self.rest().starts_with("/*") {
            match self.rest()[2..].find("*/") {
                Some(length) => self.at += length + 4,
                None => return Err(SelectorError::unclosed(self.at, "the comment")),
            }
        }
        Ok(())
    }

    fn ident_or_function(&mut self) -> Result<Token, SelectorError> {
        let name = self.name()?;
        if self.peek(0) == Some('(') {
            self.advance();
            return Ok(Token::Function(name));
        }
        Ok(Token::Ident(name))
    }

    fn name(&mut self) -> Result<String, SelectorError> {
        let mut name = String::new();
        while let Some(char) = self.peek(0) {
            if is_name(char) {
                self.advance();
                name.push(char);
            } else if self.is_escape(0) {
                name.push(self.escape()?);
            } else {
                break;
            }
        }
        Ok(name)
    }

    fn string(&mut self, quote: char) -> Result<String, SelectorError> {
        let start = self.at;
        let mut text = String::new();
        self.advance();
        while let Some(char) = self.peek(0) {
            if char == quote {
                self.advance();
                return Ok(text);
            }
            if is_newline(char) {
                return Err(SelectorError::syntax(self.at, r"a line break in a string must be written \a"));
            }
            if char != '\\' {
                self.advance();
                text.push(char);
            } else if self.peek(1).is_some_and(is_newline) {
                self.advance();
                self.skip_space();
            } else if self.peek(1).is_some() {
                text.push(self.escape()?);
            } else {
                break;
            }
        }
        Err(SelectorError::unclosed(start, "the string"))
    }

    /// A backslash with what it escapes: 1 to 6 hexadecimal digits and a white space after them, or any other character.
    fn escape(&mut self) -> Result<char, SelectorError> {
        let start = self.at;
        self.advance();
        let digits = self.rest().bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        if digits == 0 {
            let Some(char) = self.peek(0) else {
                return Err(SelectorError::unclosed(start, "the escape"));
            };
            self.advance();
            return Ok(char);
        }
        let code = u32::from_str_radix(&self.rest()[..digits], 16).unwrap_or(0);
        self.at += digits;
        if self.peek(0).is_some_and(is_space) {
            self.skip_space();
        }
        Ok(char::from_u32(code).filter(|char| *char != '\0').unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn number(&mut self) -> Result<Token, SelectorError> {
        let negative = self.peek(0) == Some('-');
        let has_sign = negative || self.peek(0) == Some('+');
        self.at += usize::from(has_sign);
        let digits = self.digits();
        let mut is_integer = true;
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|char| char.is_ascii_digit()) {
            is_integer = false;
            self.advance();
            self.digits();
        }
        if let Some(length) = self.exponent() {
            is_integer = false;
            self.at += length;
            self.digits();
        }
        let value = if is_integer { if negative { -digits } else { digits } } else { 0 };
        let number = Number { value, is_integer, has_sign };
        if self.starts_ident(0) {
            return Ok(Token::Dimension(number, self.name()?));
        }
        Ok(Token::Number(number))
    }

    /// Skips digits; their value, saturated at 32 bits.
    fn digits(&mut self) -> i64 {
        let mut value = 0_i64;
        while let Some(digit) = self.peek(0).and_then(|char| char.to_digit(10)) {
            value = (value * 10 + i64::from(digit)).min(i64::from(i32::MAX));
            self.advance();
        }
        value
    }

    /// The length of an `e`, and its sign, if digits follow.
    fn exponent(&self) -> Option<usize> {
        self.peek(0).filter(|char| matches!(char, 'e' | 'E'))?;
        let length = if matches!(self.peek(1), Some('+' | '-')) { 2 } else { 1 };
        self.peek(length).filter(char::is_ascii_digit).map(|_| length)
    }

    fn starts_number(&self) -> bool {
        let is_digit = |ahead| self.peek(ahead).is_some_and(|char: char| char.is_ascii_digit());
        let unsigned = |ahead| is_digit(ahead) || (self.peek(ahead) == Some('.') && is_digit(ahead + 1));
        unsigned(usize::from(matches!(self.peek(0), Some('+' | '-'))))
    }

    fn starts_ident(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            Some('-') => {
                self.peek(ahead + 1).is_some_and(|char| is_name_start(char) || char == '-') || self.is_escape(ahead + 1)
            }
            Some('\\') => self.is_escape(ahead),
            Some(char) => is_name_start(char),
            None => false,
        }
    }

    fn is_escape(&self, ahead: usize) -> bool {
        self.peek(ahead) == Some('\\') && self.peek(ahead + 1).is_none_or(|char| !is_newline(char))
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The character `ahead` of the next one; NUL is read as U+FFFD.
    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest().chars().nth(ahead).map(|char| if char == '\0' { char::REPLACEMENT_CHARACTER } else { char })
    }

    fn advance(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    /// Skips one white space; CR LF is one.
    fn skip_space(&mut self) {
        self.at += usize::from(self.rest().starts_with("\r\n"));
        self.advance();
    }
}

fn is_newline(char: char) -> bool {
    matches!(char, '\n' | '\r' | '\x0c')
}

fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t') || is_newline(char)
}

fn is_name_start(char: char) -> bool {
    char.is_ascii_alphabetic() || char == '_' || !char.is_ascii()
}

fn is_name(char: char) -> bool {
    is_name_start(char) || char.is_ascii_digit() || char == '-'
}
