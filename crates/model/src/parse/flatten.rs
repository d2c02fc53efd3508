//! Properties: nested objects become dotted names, arrays of scalars stay.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::draft::has_nul;
use crate::{Reason, Refusal, Value, limits};

type Pairs<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// Reads a value under a name, or an object's members under dotted names. What is wrong is noted and read past.
pub(super) struct Flatten<'o, 'de> {
    out: &'o mut Pairs<'de>,
    wrong: &'o mut Option<Refusal>,
    name: Option<Cow<'de, str>>,
    depth: usize,
}

impl<'o, 'de> Flatten<'o, 'de> {
    pub(super) fn new(out: &'o mut Pairs<'de>, wrong: &'o mut Option<Refusal>) -> Self {
        Self { out, wrong, name: None, depth: 0 }
    }

    fn refuse(&mut self, reason: Reason, message: impl Into<String>) {
        self.wrong.get_or_insert_with(|| Refusal::new(reason, message));
    }

    fn put(mut self, value: Value<'de>) {
        match self.name.take() {
            // null where an object of properties stands: as if it were absent.
            None if matches!(value, Value::Null) => {}
            None => self.refuse(Reason::Properties, "properties are an object"),
            Some(name) => self.out.push((name, value)),
        }
    }

    fn put_text(mut self, text: Cow<'de, str>) {
        if has_nul(&text) {
            let name = self.name.as_deref().unwrap_or_default().to_owned();
            return self.refuse(Reason::Text, format!("property {name:?} holds NUL"));
        }
        // A cut chain would be another chain: it is refused by its own limit instead.
        let whole = text.len() <= limits::STRING_BYTES || self.name.as_deref() == Some("chain");
        self.put(Value::String(if whole { text } else { cut(text) }));
    }

    fn member(&self, key: Cow<'de, str>) -> Cow<'de, str> {
        match &self.name {
            None => key,
            Some(name) => Cow::Owned(format!("{name}.{key}")),
        }
    }
}

fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    let end = text.floor_char_boundary(limits::STRING_BYTES);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}

impl<'de> DeserializeSeed<'de> for Flatten<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Flatten<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property")
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<(), E> {
        self.put(Value::Bool(truth));
        Ok(())
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<(), E> {
        self.put(Value::Number(n as f64));
        Ok(())
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<(), E> {
        self.put(Value::Number(n as f64));
        Ok(())
    }

    fn visit_f64<E: Error>(self, n: f64) -> Result<(), E> {
        self.put(Value::Number(n));
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.put_text(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put_text(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.put(Value::Null);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Scalar<'de>>()? {
            match item.0 {
                Some(item) => items.push(item),
                None => self.refuse(Reason::Properties, "an array holds scalars only"),
            }
        }
        if items.iter().any(|item| matches!(item, Value::String(text) if has_nul(text))) {
            self.refuse(Reason::Text, "a text in an array holds NUL");
        }
        if items.len() > limits::ARRAY_VALUES {
            self.refuse(Reason::Properties, format!("an array has more than {} values", limits::ARRAY_VALUES));
            items.clear();
        }
        self.put(Value::Array(items));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        if self.depth >= limits::DEPTH {
            self.refuse(Reason::Depth, format!("properties are nested more than {} deep", limits::DEPTH));
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            let name = self.member(key);
            if name.is_empty() || name.len() > limits::NAME_BYTES {
                let what = format!("a property's name has 1 to {} bytes", limits::NAME_BYTES);
                self.refuse(Reason::Properties, what);
                map.next_value::<IgnoredAny>()?;
            } else if has_nul(&name) {
                self.refuse(Reason::Text, "a property's name holds NUL");
                map.next_value::<IgnoredAny>()?;
            } else if self.out.len() > limits::PROPERTIES + 1 {
                // Enough to be refused; a flood is not kept.
                map.next_value::<IgnoredAny>()?;
            } else {
                let (out, wrong) = (&mut *self.out, &mut *self.wrong);
                map.next_value_seed(Flatten { out, wrong, name: Some(name), depth: self.depth + 1 })?;
            }
        }
        Ok(())
    }
}

/// A member's name, borrowed where it has no escapes.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A scalar, or `None` for an array or object.
struct Scalar<'a>(Option<Value<'a>>);

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar")
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Scalar(Some(Value::Bool(truth))))
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Self::Value, E> {
        Ok(Scalar(Some(Value::Number(n as f64))))
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Self::Value, E> {
        Ok(Scalar(Some(Value::Number(n as f64))))
    }

    fn visit_f64<E: Error>(self, n: f64) -> Result<Self::Value, E> {
        Ok(Scalar(Some(Value::Number(n))))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar(Some(Value::String(cut(Cow::Borrowed(text))))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar(Some(Value::String(cut(Cow::Owned(text.to_owned()))))))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Scalar(Some(Value::Null)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar(None))
    }
}
