//! What a backend keeps of texts that it has parsed.

/// So many are kept: more than one table has partial indexes.
const MAX: usize = 256;

/// Parsed texts, those that were asked for last in front.
pub(crate) struct Cache<T>(Vec<(Box<str>, T)>);

impl<T> Cache<T> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// What `text` is parsed to. One query asks for the same few over and over, so the first place is where it nearly always
    /// is, and comparing texts is cheaper than hashing one.
    pub(crate) fn get<E>(&mut self, text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<&T, E> {
        let at = match self.0.iter().position(|(known, _)| **known == *text) {
            Some(at) => at,
            None => {
                let parsed = (text.into(), parse(text)?);
                if self.0.len() == MAX {
                    self.0.pop();
                }
                self.0.push(parsed);
                self.0.len() - 1
            }
        };
        self.0.swap(0, at);
        Ok(&self.0[0].1)
    }
}
