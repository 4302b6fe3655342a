//! The description of the API, made from the tables that serve it.

use crate::route::Route;
use crate::wire::fields;
use crate::wire::problem::{MEDIA_TYPE, PROBLEMS};
use desk::merchants::SCOPES;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Which version of OpenAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 3.1.
    New,
    /// 3.0, for gateways that know no other.
    Old,
}

/// Problems that any route with a caller may answer.
const ANY: &[&str] = &[
    "bad-query",
    "unauthenticated",
    "forbidden",
    "too-many-requests",
    "internal",
    "unavailable",
    "overloaded",
];

/// Problems of any route with a body.
const WITH_BODY: &[&str] = &["not-json", "too-large", "unsupported-media-type", "invalid"];

/// Problems of any route with a key.
const KEYED: &[&str] = &[
    "idempotency-key-missing",
    "bad-header",
    "idempotency-key-reused",
];

/// Routes with a key that go without as well.
const MAY_BE_KEYED: &[&str] = &["createToken"];

/// The status of an answer without a body.
const NOTHING: u16 = 204;

/// Groups of routes in the order in which a reader looks for them, and what each is about.
const TAGS: &[(&str, &str)] = &[
    ("payments", "Asked for, looked at, called off, given back."),
    ("tokens", "Numbers of accounts and cards, sealed."),
    ("events", "What happened, in order: the source of truth."),
    ("webhooks", "The same, sent to you."),
    ("callbacks", "What others tell, and who they are."),
    ("merchants", "Who may ask for payments."),
    ("calendar", "Banking days and cutoffs."),
    ("sandbox", "A clock, and a bank that does as it is told."),
    (
        "gateway",
        "Some of the above under paths that a gateway exposes.",
    ),
    ("service", "Health, metrics and this description."),
];

/// The group of a route, by its path.
fn tag(path: &str) -> &'static str {
    let mut parts = path.split('/').skip(1);
    let (first, second) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let group = match (first, second) {
        ("v1", "sources") => "callbacks",
        ("v1", "validate" | "fraud-check" | "process") => "payments",
        ("v1", of) => of,
        (".well-known", _) => "webhooks",
        ("validate" | "fraud-check" | "process", _) => "gateway",
        _ => "service",
    };
    let known = TAGS.iter().find(|(name, _)| *name == group);
    known.map_or("service", |(name, _)| name)
}

/// The whole description.
pub fn description(version: Version, routes: impl Iterator<Item = &'static Route>) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = operation(route, version);
    }
    json!({
        "openapi": match version {
            Version::New => "3.1.0",
            Version::Old => "3.0.3",
        },
        "info": {
            "title": "tieout",
            "version": "1",
            "description": "Payments by ACH: asked for, cut, settled and proved.",
        },
        "tags": TAGS
            .iter()
            .map(|(name, about)| json!({ "name": name, "description": about }))
            .collect::<Value>(),
        "paths": paths,
        "components": {
            "schemas": { "Problem": problem(), "Payment": payment(version) },
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": format!(
                        "A key, or a token that an issuer has signed. {}",
                        scopes()
                    ),
                },
            },
        },
    })
}

fn scopes() -> String {
    let all = SCOPES
        .iter()
        .map(|(name, about)| format!("{name}: {about}"));
    format!("Scopes: {}.", all.collect::<Vec<_>>().join("; "))
}

/// Says that a field may be null, which is the same as leaving it out.
fn may_be_null(schema: &mut Value) {
    let kind = schema["type"].take();
    schema["type"] = json!([kind, "null"]);
    null_among(schema);
}

/// The same in the words of 3.0.
fn may_be_null_in_old(schema: &mut Value) {
    schema["nullable"] = json!(true);
    null_among(schema);
}

fn null_among(schema: &mut Value) {
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
}

fn operation(route: &Route, version: Version) -> Value {
    let mut operation = json!({
        "operationId": route.name,
        "tags": [tag(route.path)],
        "summary": route.about,
        "responses": responses(route),
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    if let Some(table) = route.body {
        let no_value = match version {
            Version::New => may_be_null,
            Version::Old => may_be_null_in_old,
        };
        operation["requestBody"] = json!({
            "required": table.iter().any(|field| field.required),
            "content": { "application/json": { "schema": fields::schema(table, no_value) } },
        });
    }
    if let Some(scope) = route.scope {
        operation["security"] = json!([{ "key": [] }]);
        operation["x-scope"] = json!(scope);
    }
    operation
}

fn parameters(route: &Route) -> Vec<Value> {
    let parameter = |name: &str, place: &str, required: bool, about: &str, schema: Value| {
        json!({
            "name": name,
            "in": place,
            "required": required,
            "description": about,
            "schema": schema,
        })
    };
    let in_path = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        let about = "its name";
        Some(parameter(
            name,
            "path",
            true,
            about,
            json!({ "type": "string" }),
        ))
    });
    let mut all: Vec<Value> = in_path.collect();
    for (name, about) in route.query {
        all.push(parameter(name, "query", false, about, of_parameter(name)));
    }
    if route.keyed {
        let schema = json!({
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "pattern": "^[!#-~]+$",
        });
        let about = "the client's name for the request: the same key makes one thing";
        let has_dry_run = route.query.iter().any(|(name, _)| *name == "dry_run");
        let required = !has_dry_run && !MAY_BE_KEYED.contains(&route.name);
        all.push(parameter(
            "Idempotency-Key",
            "header",
            required,
            about,
            schema,
        ));
    }
    all
}

/// What may stand in a parameter of a query.
fn of_parameter(name: &str) -> Value {
    match name {
        "dry_run" => json!({ "type": "string", "enum": ["true", "false"] }),
        "include" => json!({ "type": "string", "enum": ["events"] }),
        "direction" => json!({ "type": "string", "enum": ["credit", "debit"] }),
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": 200 }),
        "created_from" | "created_to" => json!({ "type": "string", "format": "date" }),
        _ => json!({ "type": "string" }),
    }
}

fn responses(route: &Route) -> Value {
    let mut responses = Map::new();
    let is_payment = route.path.starts_with("/v1/payments")
        && route.name != "listPayments"
        && route.name != "listPaymentEvents";
    let schema = match is_payment {
        true => json!({ "$ref": "#/components/schemas/Payment" }),
        false => json!({ "type": "object" }),
    };
    let media = match route.path {
        "/metrics" => "text/plain",
        "/docs" => "text/html",
        "/docs/page.css" => "text/css",
        "/docs/page.js" => "text/javascript",
        _ => "application/json",
    };
    let schema = match media {
        "application/json" => schema,
        _ => json!({ "type": "string" }),
    };
    for (status, about) in route.answers {
        let mut answer = json!({ "description": about });
        if *status != NOTHING {
            answer["content"] = json!({ media: { "schema": schema } });
        }
        responses.insert(status.to_string(), answer);
    }
    if route.query.iter().any(|(name, _)| *name == "dry_run") {
        let content = json!({ "application/json": { "schema": { "type": "object" } } });
        let answer = json!({ "description": "what would be made", "content": content });
        responses.insert("200".to_owned(), answer);
    }
    let mut codes: BTreeSet<&str> = route.problems.iter().copied().collect();
    codes.extend([
        "not-found",
        "overloaded",
        "unavailable",
        "internal",
        "bad-query",
        "too-many-headers",
    ]);
    if route.scope.is_some() {
        codes.extend(ANY);
    }
    if route.body.is_some() {
        codes.extend(WITH_BODY);
    }
    if route.keyed {
        codes.extend(KEYED);
    }
    for row in PROBLEMS.iter().filter(|row| codes.contains(row.code)) {
        let answer = responses.entry(row.status.to_string()).or_insert_with(|| {
            json!({
                "description": "",
                "content": {
                    MEDIA_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" } },
                },
            })
        });
        let said = answer["description"].as_str().unwrap_or_default();
        let between = if said.is_empty() { "" } else { "; " };
        answer["description"] = json!(format!("{said}{between}{}", row.code));
    }
    Value::Object(responses)
}

fn problem() -> Value {
    let codes: Vec<&str> = PROBLEMS.iter().map(|row| row.code).collect();
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "instance", "code", "retryable"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "instance": { "type": "string" },
            "code": { "type": "string", "enum": codes },
            "retryable": { "type": "boolean" },
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "message"],
                    "properties": {
                        "pointer": { "type": "string" },
                        "code": { "type": "string" },
                        "message": { "type": "string" },
                    },
                },
            },
        },
    })
}

fn payment(_version: Version) -> Value {
    let states: Vec<&str> = settlement::payment::State::ALL
        .iter()
        .map(|state| state.as_str())
        .collect();
    json!({
        "type": "object",
        "required": ["status", "state", "amount_cents", "direction", "expected"],
        "properties": {
            "id": { "type": "string" },
            "version": { "type": "integer" },
            "status": {
                "type": "string",
                "enum": ["INIT", "SENT_TO_BANK", "PENDING", "SUCCESS", "FAILED"],
            },
            "state": { "type": "string", "enum": states },
            "amount_cents": { "type": "integer", "format": "int64" },
            "currency": { "type": "string" },
            "direction": { "type": "string", "enum": ["credit", "debit"] },
            "expected": { "type": "object" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::all;

    #[test]
    fn every_group_has_routes_and_only_what_serves_itself_is_service() {
        for (name, _) in TAGS {
            assert!(all().any(|route| tag(route.path) == *name), "{name}");
        }
        for route in all().filter(|route| tag(route.path) == "service") {
            assert!(route.scope.is_none(), "{}", route.path);
        }
    }
}
