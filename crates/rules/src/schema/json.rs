use super::{Form, Grammar, Key, ROOT, Section, Span, sections};
use serde_json::{Map, Value, json};

/// What stands before a name of a definition.
const DEFINITIONS: &str = "#/definitions/";

/// The rules of one file as a JSON Schema, draft 7: the newest that the TOML extensions of editors take whole.
/// Whatever `rules check` takes fits it; what depends on other tables only `rules check` tells.
pub fn json_schema() -> Value {
    let definitions = sections().into_iter().skip(1).map(|section| (section.path.to_owned(), table(section)));
    let mut schema = table(&ROOT);
    if let Value::Object(map) = &mut schema {
        map.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
        map.insert("title".into(), json!("hotline: routing rules / 路由规则"));
        map.insert("definitions".into(), Value::Object(definitions.collect()));
    }
    schema
}

fn table(section: &Section) -> Value {
    let properties: Map<String, Value> = section.all().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = section.all().filter(|key| key.required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": both(section.zh, section.en),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(key: &Key) -> Value {
    let mut value = form(&key.form);
    if let Value::Object(map) = &mut value {
        let more: Vec<String> = [range(&key.form), rules(key)].into_iter().flatten().collect();
        let more = if more.is_empty() { String::new() } else { format!("\n\n{}", more.join("; ")) };
        map.insert("description".into(), json!(format!("{}{more}", both(key.zh, key.en))));
        if let Some(default) = key.default.and_then(super::toml_value) {
            map.insert("default".into(), default);
        }
    }
    value
}

fn both(zh: &str, en: &str) -> String {
    format!("{zh}\n\n{en}")
}

fn rules(key: &Key) -> Option<String> {
    (!key.rules.is_empty()).then(|| key.rules.join(" "))
}

fn range(form: &Form) -> Option<String> {
    match form {
        Form::Duration(span) => Some(super::reference::allowed(span)),
        Form::Text(_)
        | Form::Name(_)
        | Form::Flag
        | Form::Whole(..)
        | Form::Fraction
        | Form::Word(_)
        | Form::List(..)
        | Form::Either(_)
        | Form::Table(_)
        | Form::Map(..) => None,
    }
}

fn form(of: &Form) -> Value {
    match of {
        Form::Text(grammar) => text(grammar),
        Form::Name(_) => json!({ "type": "string", "minLength": 1 }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Form::Fraction => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Form::Duration(span) => duration(span),
        Form::Word(words) => json!({ "type": "string", "enum": words }),
        Form::List(one, 0) => json!({ "type": "array", "items": form(one) }),
        Form::List(one, most) => json!({ "type": "array", "items": form(one), "maxItems": most }),
        Form::Either(forms) => json!({ "anyOf": forms.iter().map(form).collect::<Vec<_>>() }),
        // Draft 7 takes nothing beside a `$ref`.
        Form::Table(section) => json!({ "allOf": [{ "$ref": format!("{DEFINITIONS}{}", section.path) }] }),
        Form::Map(Grammar { pattern: "", .. }, value) => json!({ "type": "object", "additionalProperties": form(value) }),
        Form::Map(keys, value) => {
            json!({ "type": "object", "patternProperties": { keys.pattern: form(value) }, "additionalProperties": false })
        }
    }
}

fn text(grammar: &Grammar) -> Value {
    match grammar.pattern {
        "" => json!({ "type": "string" }),
        pattern => json!({ "type": "string", "pattern": pattern }),
    }
}

fn duration(span: &Span) -> Value {
    let pattern = r"^\s*([0-9]+\s*(ms|s|min|m|h|d)\s*)+$";
    json!({ "type": "string", "pattern": pattern, "examples": [span.least, span.most] })
}
