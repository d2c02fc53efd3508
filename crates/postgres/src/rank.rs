//! Bytes that compare as values do: PostgreSQL orders `jsonb` in another way.

use cairn_model::Value;

/// The rank of a value: of two values the greater one's is greater, byte by byte.
pub(crate) fn rank(value: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    put(value, &mut out);
    out
}

fn put(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(truth) => out.extend([1, u8::from(*truth)]),
        Value::Number(number) => {
            let bits = (number + 0.0).to_bits();
            let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
            out.push(2);
            out.extend(ordered.to_be_bytes());
        }
        Value::String(text) => {
            out.push(3);
            // Ended by what is less than any byte that goes on; a zero of the text is more than the end.
            text.bytes()
                .for_each(|byte| out.extend(if byte == 0 { &[0, 1][..] } else { std::slice::from_ref(&byte) }.iter()));
            out.extend([0, 0]);
        }
        Value::Array(items) => {
            out.push(4);
            for item in items {
                out.push(1);
                put(item, out);
            }
            out.push(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scalar() -> impl Strategy<Value = Value<'static>> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            prop_oneof![any::<i8>().prop_map(f64::from), prop::num::f64::NORMAL, Just(-0.0)].prop_map(Value::Number),
            "[\0a-b\u{1f600}]{0,3}".prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn ranks_compare_as_values_do(
            a in prop_oneof![scalar(), prop::collection::vec(scalar(), 0..3).prop_map(Value::Array)],
            b in prop_oneof![scalar(), prop::collection::vec(scalar(), 0..3).prop_map(Value::Array)],
        ) {
            prop_assert_eq!(rank(&a).cmp(&rank(&b)), a.cmp(&b));
        }
    }
}
