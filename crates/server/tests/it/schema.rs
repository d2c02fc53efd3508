//! As much of JSON Schema as the OpenAPI document uses, read strictly: an object has no members but those that are described.

use serde_json::{Map, Value};

/// What says more than the members that are looked at.
const WORDS: [&str; 4] = ["description", "default", "pattern", "propertyNames"];

/// Says where `value` is not as `schema`, a part of `document`, has it.
pub fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = schema.as_object().ok_or_else(|| format!("{schema} is no schema"))?;
    let of = |name: &str| schema.get(name);
    for (name, rule) in schema {
        let holds = match name.as_str() {
            "$ref" => {
                let path = rule.as_str().unwrap().trim_start_matches('#');
                check(document, document.pointer(path).unwrap(), value).map_err(|why| format!("{path}: {why}"))?;
                true
            }
            "type" => strings(rule).iter().any(|kind| is_a(value, kind)),
            "enum" => rule.as_array().unwrap().contains(value),
            "oneOf" | "anyOf" => {
                let forms = rule.as_array().unwrap().iter().map(|form| check(document, form, value));
                let (fits, misfits): (Vec<_>, Vec<_>) = forms.partition(Result::is_ok);
                if fits.is_empty() {
                    return Err(format!("{value} has none of the forms: {misfits:?}"));
                }
                fits.len() == 1 || name == "anyOf"
            }
            "required" => strings(rule).iter().all(|name| value.get(name).is_some()),
            "properties" | "additionalProperties" => {
                members(document, schema, value)?;
                true
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    check(document, rule, item)?;
                }
                true
            }
            "minItems" | "maxItems" => bounds(name, value.as_array().map(|of| of.len() as f64), rule),
            "minProperties" | "maxProperties" => bounds(name, value.as_object().map(|of| of.len() as f64), rule),
            "minimum" | "maximum" => bounds(name, value.as_f64(), rule),
            "exclusiveMinimum" => value.as_f64().is_none_or(|number| Some(number) > rule.as_f64()),
            word => {
                assert!(WORDS.contains(&word), "the tests do not know {word:?} of a schema");
                true
            }
        };
        if !holds {
            return Err(format!("{value} breaks {name}: {}", of(name).unwrap()));
        }
    }
    Ok(())
}

fn members(document: &Value, schema: &Map<String, Value>, value: &Value) -> Result<(), String> {
    let (known, others) = (schema.get("properties"), schema.get("additionalProperties"));
    for (name, member) in value.as_object().into_iter().flatten() {
        match (known.and_then(|known| known.get(name)), others) {
            (Some(of), _) => check(document, of, member).map_err(|why| format!("{name}: {why}"))?,
            (None, Some(Value::Object(of))) => check(document, &Value::Object(of.clone()), member)?,
            (None, Some(Value::Bool(true))) => {}
            (None, _) => return Err(format!("{name} is not described")),
        }
    }
    Ok(())
}

fn bounds(name: &str, number: Option<f64>, rule: &Value) -> bool {
    let bound = rule.as_f64().unwrap();
    number.is_none_or(|number| if name.starts_with("min") { number >= bound } else { number <= bound })
}

fn strings(rule: &Value) -> Vec<&str> {
    match rule {
        Value::String(one) => vec![one],
        many => many.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect(),
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other:?} is no type"),
    }
}
