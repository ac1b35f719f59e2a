//! Holds settings against the JSON Schema of the manifest: the host has done so already, but a plugin
//! does not rely on it.

use crate::json::Json;
use crate::Failure;

fn is_of_type(value: &Json, kind: &str) -> bool {
    match kind {
        "string" => value.as_text().is_some(),
        "boolean" => value.as_bool().is_some(),
        "integer" => value.as_number().map_or(false, |n| n.fract() == 0.0),
        "number" => value.as_number().is_some(),
        "array" => matches!(value, Json::List(_)),
        "object" => matches!(value, Json::Object(_)),
        _ => true,
    }
}
fn is_within(number: f64, schema: &Json, low: &str, high: &str) -> bool {
    schema.number(low).map_or(true, |limit| number >= limit)
        && schema.number(high).map_or(true, |limit| number <= limit)
}
// What is wrong with the value itself, whatever it holds.
fn problem_of(value: &Json, schema: &Json) -> Option<&'static str> {
    if !schema.text("type").map_or(true, |t| is_of_type(value, t)) {
        return Some("has the wrong type");
    }
    if !schema
        .get("enum")
        .map_or(true, |all| all.items().contains(value))
    {
        return Some("is none of the choices");
    }
    if !schema.get("const").map_or(true, |wanted| wanted == value) {
        return Some("is another value than wanted");
    }
    match value {
        // Letters, not bytes: JSON Schema counts them so.
        Json::Text(text)
            if !is_within(
                text.chars().count() as f64,
                schema,
                "minLength",
                "maxLength",
            ) =>
        {
            Some("is too short or too long")
        }
        Json::List(items) if !is_within(items.len() as f64, schema, "minItems", "maxItems") => {
            Some("has too few or too many items")
        }
        Json::Number(number) if !is_within(*number, schema, "minimum", "maximum") => {
            Some("is out of range")
        }
        _ => None,
    }
}
/// The first thing that does not fit, with its JSON pointer.
pub fn hold(value: &Json, schema: &Json, pointer: &str) -> Result<(), Failure> {
    if let Some(problem) = problem_of(value, schema) {
        return Err(Failure::config(pointer, problem));
    }
    if let (Json::List(items), Some(each)) = (value, schema.get("items")) {
        for (index, item) in items.iter().enumerate() {
            hold(item, each, &format!("{}/{}", pointer, index))?;
        }
    }
    let members = match value {
        Json::Object(members) => members,
        _ => return Ok(()),
    };
    for name in schema.get("required").map_or(&[][..], Json::items) {
        if let Some(name) = name.as_text().filter(|name| value.get(name).is_none()) {
            return Err(Failure::config(
                format!("{}/{}", pointer, name),
                "is required",
            ));
        }
    }
    let others = schema.get("additionalProperties");
    for (name, member) in members {
        let path = format!("{}/{}", pointer, name);
        match (
            schema.get("properties").and_then(|known| known.get(name)),
            others,
        ) {
            (Some(inner), _) => hold(member, inner, &path)?,
            (None, Some(Json::Bool(false))) => {
                return Err(Failure::config(path, "is not known here"))
            }
            (None, Some(inner @ Json::Object(_))) => hold(member, inner, &path)?,
            (None, _) => {}
        }
    }
    Ok(())
}
