//! The grammar of a chain, once, for validating (which keeps nothing) and for parsing.

use super::error::ChainProblem as Problem;
use super::{Attribute, ChainError, MAX_BYTES, MAX_ELEMENTS, MAX_VALUE_BYTES, Position};

/// What a scan found; called in the order of the text.
pub(super) trait Sink<'a> {
    fn element(&mut self, tag: Raw<'a>);
    fn id(&mut self, id: Raw<'a>);
    fn class(&mut self, class: Raw<'a>);
    fn attribute(&mut self, name: Attribute, value: Raw<'a>);
    fn end(&mut self, position: Option<Position>);
}

/// A part of the text with its escapes.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a> {
    pub(super) text: &'a str,
    pub(super) escapes: usize,
}

/// Keeps nothing: validation.
pub(super) struct Ignore;

impl<'a> Sink<'a> for Ignore {
    fn element(&mut self, _: Raw<'a>) {}
    fn id(&mut self, _: Raw<'a>) {}
    fn class(&mut self, _: Raw<'a>) {}
    fn attribute(&mut self, _: Attribute, _: Raw<'a>) {}
    fn end(&mut self, _: Option<Position>) {}
}

/// Reads all of `text` into `sink`, which must not be used after an error.
pub(super) fn scan<'a>(text: &'a str, sink: &mut impl Sink<'a>) -> Result<(), ChainError> {
    if text.len() > MAX_BYTES {
        return Err(ChainError { at: MAX_BYTES, problem: Problem::TooLong(text.len()) });
    }
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0 };
    for count in 0.. {
        if count == MAX_ELEMENTS {
            return Err(scanner.error(Problem::TooManyElements));
        }
        scanner.element(count == 0, sink)?;
        if !scanner.take(b'>') {
            break;
        }
    }
    match text[scanner.at..].chars().next() {
        None => Ok(()),
        Some(other) => Err(scanner.error(Problem::Unexpected(other))),
    }
}

const SPECIAL: u8 = 1;
const SPACE: u8 = 2;
const UPPER: u8 = 4;

/// What each byte is to the grammar.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'>' | b'#' | b'.' | b'[' | b']' | b'=' | b':' | b'\\' => SPECIAL,
            b' ' | b'\t' | b'\n' | b'\x0c' | b'\r' => SPACE,
            b'A'..=b'Z' => UPPER,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

pub(super) fn is_special(byte: u8) -> bool {
    KINDS[usize::from(byte)] == SPECIAL
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    // Without these hints a 200-byte chain takes a third longer; every captured event is validated.
    #[inline(always)]
    fn element(&mut self, first: bool, sink: &mut impl Sink<'a>) -> Result<(), ChainError> {
        sink.element(self.tag()?);
        if self.take(b'#') {
            sink.id(self.word()?.0);
        }
        while self.take(b'.') {
            sink.class(self.class()?);
        }
        let mut last = None;
        while self.take(b'[') {
            let (name, value) = self.attribute(last)?;
            last = Some(name);
            sink.attribute(name, value);
        }
        let position = if self.take(b':') {
            Some(self.position()?)
        } else if first {
            None
        } else {
            return Err(self.missing_position());
        };
        sink.end(position);
        Ok(())
    }

    fn tag(&mut self) -> Result<Raw<'a>, ChainError> {
        let start = self.at;
        let (tag, kinds) = self.word()?;
        if tag.text.is_empty() {
            return Err(self.error(Problem::NoTag));
        }
        if kinds & (SPACE | UPPER) != 0 {
            return Err(ChainError { at: start, problem: Problem::Tag(tag.text.to_owned()) });
        }
        Ok(tag)
    }

    fn class(&mut self) -> Result<Raw<'a>, ChainError> {
        let start = self.at;
        let (class, kinds) = self.word()?;
        if class.text.is_empty() {
            return Err(self.error(Problem::EmptyClass));
        }
        if kinds & SPACE != 0 {
            return Err(ChainError { at: start, problem: Problem::ClassSpace(class.text.to_owned()) });
        }
        Ok(class)
    }

    fn attribute(&mut self, last: Option<Attribute>) -> Result<(Attribute, Raw<'a>), ChainError> {
        let start = self.at;
        let (name, _) = self.word()?;
        let error = |problem| ChainError { at: start, problem };
        let Some(attribute) = Attribute::named(name.text) else {
            return Err(error(Problem::UnknownAttribute(name.text.to_owned())));
        };
        if last >= Some(attribute) {
            return Err(error(Problem::AttributeOrder(attribute.name())));
        }
        if !self.take(b'=') {
            return Err(error(Problem::NoValue(attribute.name())));
        }
        let (value, _) = self.word()?;
        if value.text.len() - value.escapes > MAX_VALUE_BYTES {
            return Err(error(Problem::ValueTooLong(attribute.name())));
        }
        if !self.take(b']') {
            return Err(self.error(Problem::Unclosed(attribute.name())));
        }
        Ok((attribute, value))
    }

    fn position(&mut self) -> Result<Position, ChainError> {
        let start = self.at;
        self.numbers()
            .and_then(|[index, count, type_index, type_count]| Position::new(index, count, type_index, type_count))
            .ok_or(ChainError { at: start, problem: Problem::Position })
    }

    fn numbers(&mut self) -> Option<[u32; 4]> {
        if let Some(numbers) = self.digits() {
            return Some(numbers);
        }
        let mut numbers = [0; 4];
        for (place, number) in numbers.iter_mut().enumerate() {
            if place > 0 && !self.take(b'/') {
                return None;
            }
            *number = self.number()?;
        }
        Some(numbers)
    }

    /// Four numbers of one digit, as most are.
    fn digits(&mut self) -> Option<[u32; 4]> {
        let (&[a, b'/', b, b'/', c, b'/', d], rest) = self.bytes[self.at..].split_first_chunk()? else {
            return None;
        };
        let digits = [a, b, c, d];
        let plain =
            digits.iter().all(|digit| matches!(digit, b'1'..=b'9')) && !rest.first().is_some_and(u8::is_ascii_digit);
        self.at += if plain { 7 } else { 0 };
        plain.then(|| digits.map(|digit| u32::from(digit - b'0')))
    }

    /// A number from 1 to 2^32 - 1, without leading zeros.
    fn number(&mut self) -> Option<u32> {
        let digit =
            |at: usize| self.bytes.get(at).map(|byte| u32::from(byte.wrapping_sub(b'0'))).filter(|digit| *digit < 10);
        let mut number = digit(self.at).filter(|first| *first > 0)?;
        let mut at = self.at + 1;
        while let Some(next) = digit(at) {
            number = number.checked_mul(10)?.checked_add(next)?;
            at += 1;
        }
        self.at = at;
        Some(number)
    }

    /// Everything up to the next special byte that is not escaped, and the kinds of byte in it.
    #[inline(always)]
    fn word(&mut self) -> Result<(Raw<'a>, u8), ChainError> {
        let start = self.at;
        let (mut kinds, mut escapes) = (0, 0);
        loop {
            let rest = &self.bytes[self.at..];
            let plain = rest.iter().take_while(|byte| {
                let kind = KINDS[usize::from(**byte)];
                kinds |= kind;
                kind != SPECIAL
            });
            self.at += plain.count();
            if self.bytes.get(self.at) != Some(&b'\\') {
                break;
            }
            if !self.bytes.get(self.at + 1).is_some_and(|next| is_special(*next)) {
                return Err(self.error(Problem::Escape));
            }
            escapes += 1;
            self.at += 2;
        }
        Ok((Raw { text: &self.text[start..self.at], escapes }, kinds))
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// Below the first element something else than positions follows: that is the error, unless nothing does.
    #[cold]
    fn missing_position(&self) -> ChainError {
        match self.text[self.at..].chars().next() {
            None | Some('>') => self.error(Problem::NoPosition),
            Some(other) => self.error(Problem::Unexpected(other)),
        }
    }

    #[cold]
    fn error(&self, problem: Problem) -> ChainError {
        ChainError { at: self.at, problem }
    }
}
