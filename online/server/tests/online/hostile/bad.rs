//! Bad input of every kind, made from the tables that serve the routes: each mistake is named by
//! its place, nothing is an error of the server, and nothing is written.

use super::world::{KEY, REVIEWER, World};
use http::Method;
use online::route::Route;
use online::routes::ROUTES;
use online::wire::fields::{Field, Kind};
use serde_json::{Map, Value, json};

/// Text that readers disagree about.
const ODD: &[&str] = &[
    "\u{0}",
    "a\u{0}b",
    "\u{202e}evil",
    "\u{200b}",
    "\u{feff}x",
    "e\u{301}",
    "\u{ff11}\u{ff12}\u{ff13}",
    "\u{1f4a9}",
    "\u{0661}",
    "\u{d7ff}\u{e000}",
    "\u{10ffff}",
    "\r\nSet-Cookie: a=b",
    "'; DROP TABLE payments; --",
    "<script>alert(1)</script>",
    "=HYPERLINK(\"x\")",
    "../../etc/passwd",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "%00%0a",
    "9999-12-31",
    "0001-01-01",
];

/// A good value for a field.
fn sample(field: &Field) -> Value {
    let by_name = match field.name {
        "routing" => Some(json!("091000019")),
        "number" => Some(json!("4111111111111111")),
        "exp_year" => Some(json!(2040)),
        "sec" => Some(json!("PPD")),
        "direction" => Some(json!("credit")),
        "currency" => Some(json!("USD")),
        "effective" => Some(Value::Null),
        "speed" => Some(json!("standard")),
        "remittance" => Some(json!("INVOICE 7")),
        _ => None,
    };
    by_name.unwrap_or_else(|| match &field.kind {
        Kind::Text { least, .. } => json!("a".repeat((*least).max(1))),
        Kind::Line { .. } => json!("what it is for"),
        Kind::Whole { least, .. } => json!((*least).max(1)),
        Kind::Choice(words) => json!(words[0]),
        Kind::Date => json!("2030-01-02"),
        Kind::Flag => json!(true),
        Kind::Object(table) => object(table),
        Kind::Either(tables) => object(tables[0]),
        Kind::Texts { .. } => json!({ "a": "b" }),
        Kind::Words { .. } => json!(["a"]),
    })
}

fn object(table: &[Field]) -> Value {
    let fields = table
        .iter()
        .map(|field| (field.name.to_owned(), sample(field)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// The key of `shop` for a route.
fn key_of(route: &Route) -> &'static str {
    match route.scope {
        Some("review") => REVIEWER,
        _ => KEY,
    }
}

/// Good bodies of a route: of those where one field shuts out another, one for each.
fn good(route: &Route, table: &[Field]) -> Vec<Value> {
    let whole = object(table);
    if route.name != "createToken" {
        return vec![whole];
    }
    let only = |name: &str| json!({ name: whole[name] });
    vec![only("bank_account"), only("card")]
}

/// A body with one mistake, and where it is.
struct Mistake {
    at: String,
    body: String,
}

fn is_line(field: &Field) -> bool {
    matches!(field.kind, Kind::Line { .. })
}

/// Values that a field must not have.
fn wrong(field: &Field) -> Vec<Value> {
    let long = |most: usize| json!("x".repeat(most + 1));
    let numbers = [
        json!(1.5),
        json!(-1.5e300),
        json!(18_446_744_073_709_551_615u64),
    ];
    match &field.kind {
        Kind::Text { least, most } | Kind::Line { least, most } => {
            let mut all = vec![json!(7), json!(true), json!([]), json!({}), long(*most)];
            all.push(json!("\u{1f4a9}".repeat(most + 1)));
            all.extend((*least > 0).then(|| json!("")));
            let unseen = ["  ", "a\0", "a\r\nb", "\u{202e}a"].map(|text| json!(text));
            all.extend(unseen.into_iter().filter(|_| is_line(field)));
            all
        }
        Kind::Whole { least, most } => {
            let mut all = vec![json!("1"), json!(true), json!([1]), json!({}), json!(1e3)];
            all.extend(numbers);
            all.extend(least.checked_sub(1).map(|less| json!(less)));
            all.extend(most.checked_add(1).map(|more| json!(more)));
            all.push(json!(i64::MIN));
            all
        }
        Kind::Choice(words) => vec![
            json!("nonsense"),
            json!(""),
            json!(format!("{} ", words[0])),
            json!(0),
            json!([words[0]]),
            json!({}),
        ],
        Kind::Date => ["2026-02-30", "2026-1-1", "tomorrow", "", "9999999-01-01"]
            .map(|text| json!(text))
            .into_iter()
            .chain([json!(20260101), json!({})])
            .collect(),
        Kind::Flag => vec![json!("true"), json!(1), json!([]), json!({})],
        Kind::Object(_) | Kind::Either(_) => {
            vec![
                json!("x"),
                json!(1),
                json!([]),
                json!([{}]),
                json!({ "no_such": 1 }),
            ]
        }
        Kind::Texts { names, most } => {
            let many = (0..=*names).map(|n| (n.to_string(), json!("a")));
            vec![
                json!("x"),
                json!([]),
                json!({ "a": 1 }),
                json!({ "a": null }),
                json!({ "a": long(*most) }),
                Value::Object(many.collect()),
            ]
        }
        Kind::Words { items, most } => vec![
            json!("x"),
            json!({}),
            json!([1]),
            json!([""]),
            json!([long(*most)]),
            json!(vec!["a"; items + 1]),
        ],
    }
}

/// Every mistake in the fields of `table`, whose object is at `at` of `whole`.
fn mistakes(whole: &Value, table: &'static [Field], at: &str, all: &mut Vec<Mistake>) {
    let put = |at: &str, value: Option<Value>| {
        let mut changed = whole.clone();
        let (parent, name) = at.rsplit_once('/').expect("a pointer");
        let parent = changed.pointer_mut(parent).expect("its object");
        let members = parent.as_object_mut().expect("an object");
        match value {
            Some(value) => members.insert(name.to_owned(), value),
            None => members.remove(name),
        };
        changed.to_string()
    };
    let there = |field: &&Field| whole.pointer(&format!("{at}/{}", field.name)).is_some();
    for field in table.iter().filter(there) {
        let here = format!("{at}/{}", field.name);
        let mut add = |body: String| {
            let at = here.clone();
            all.push(Mistake { at, body });
        };
        if field.required {
            add(put(&here, None));
            add(put(&here, Some(Value::Null)));
        }
        wrong(field)
            .into_iter()
            .for_each(|value| add(put(&here, Some(value))));
        // The same name twice: put in under another name, which is then written as this one.
        let marked = put(&format!("{here}_twice_"), Some(sample(field)));
        add(marked.replace(&format!("{}_twice_", field.name), field.name));
        match &field.kind {
            Kind::Object(inner) => mistakes(whole, inner, &here, all),
            Kind::Either(tables) => mistakes(whole, tables[0], &here, all),
            _ => {}
        }
    }
    for unknown in ["no_such", "__proto__", "Amount_Cents"] {
        let here = format!("{at}/{unknown}");
        let body = put(&here, Some(json!(1)));
        all.push(Mistake { at: here, body });
    }
}

fn path(route: &Route) -> String {
    let of = |part: &str| match part {
        "{id}" => "0CNGE8NHR5R80".to_owned(),
        "{token}" => format!("tok_{}", "0".repeat(32)),
        part if part.starts_with('{') => "none".to_owned(),
        part => part.to_owned(),
    };
    route.path.split('/').map(of).collect::<Vec<_>>().join("/")
}

fn bodies() -> impl Iterator<Item = (&'static Route, &'static [Field])> {
    let all = ROUTES.iter();
    all.filter_map(|route| Some((route, route.body?)))
}

/// What is in the store.
async fn written(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for merchant in ["shop", "other"] {
        let payments = world
            .app
            .ports()
            .payments
            .recent(merchant, None, 10_000)
            .await
            .unwrap();
        all.extend(
            payments
                .iter()
                .map(|one| format!("{} {}", one.id, one.version)),
        );
    }
    for collection in [
        "tokens",
        "merchants",
        "keys",
        "refunds",
        "webhooks",
        "endpoints",
    ] {
        let found = world
            .documents()
            .list(collection, "", None, 10_000)
            .await
            .unwrap();
        let line =
            |one: &connectors::Document| format!("{collection} {} {}", one.name, one.version);
        all.extend(found.iter().map(line));
    }
    all
}

#[tokio::test]
async fn every_mistake_in_every_field_is_named_and_writes_nothing() {
    let world = World::new().await;
    let before = written(&world).await;
    let mut sent = 0;
    for (route, table) in bodies() {
        let method = route.method.as_str();
        for whole in good(route, table) {
            let mut all = Vec::new();
            mistakes(&whole, table, "", &mut all);
            assert!(all.len() >= 3, "{}", route.name);
            for (number, Mistake { at, body }) in all.iter().enumerate() {
                let key = format!("idempotency-key: {}-{number}\r\n", route.name);
                let answer = world
                    .ask_with(method, &path(route), key_of(route), &key, Some(body))
                    .await;
                let shown = format!("{} {at} {}: {answer:?}", route.name, short(body));
                if route.name == "validatePayment" && answer.status == 200 {
                    assert_eq!(answer.json()["ok"], false, "{shown}");
                    let faults = answer.json()["faults"].to_string();
                    assert!(faults.contains(&format!("\"{at}")), "{shown}");
                    continue;
                }
                // What is below a thing that is not there may say so first.
                if answer.status == 404 && route.path.contains('{') {
                    continue;
                }
                assert_eq!(answer.status, 422, "{shown}");
                let errors = answer.json()["errors"].clone();
                let errors = errors.as_array().unwrap_or_else(|| panic!("{shown}"));
                let named = |one: &Value| {
                    let pointer = one["pointer"].as_str().unwrap_or_default();
                    pointer.starts_with(at.as_str())
                };
                assert!(errors.iter().any(named), "{shown}");
                sent += 1;
            }
        }
    }
    assert!(sent > 300, "{sent}");
    assert_eq!(written(&world).await, before);
}

fn short(body: &str) -> String {
    body.chars().take(300).collect()
}

#[tokio::test]
async fn odd_text_in_any_field_is_taken_or_refused_and_breaks_nothing() {
    let world = World::new().await;
    for (route, table) in bodies() {
        for whole in good(route, table) {
            for (place, odd) in ODD.iter().enumerate() {
                let mut changed = whole.clone();
                texts(&mut changed, odd);
                let key = format!("idempotency-key: {}-{place}\r\n", route.name);
                let body = changed.to_string();
                let method = route.method.as_str();
                let answer = world
                    .ask_with(method, &path(route), key_of(route), &key, Some(&body))
                    .await;
                let refused = (400..500).contains(&answer.status);
                let told = route.name == "validatePayment" && answer.json()["ok"] == false;
                // A name that a merchant gives to its own things may be any text.
                let own = route.name == "createSource" && answer.status == 201;
                assert!(refused || told || own, "{} {odd:?}: {answer:?}", route.name);
            }
        }
    }
}

/// Puts a text into every field that has one.
fn texts(value: &mut Value, odd: &str) {
    match value {
        Value::String(text) => odd.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, odd)),
        Value::Object(members) => members.values_mut().for_each(|member| texts(member, odd)),
        _ => {}
    }
}

#[tokio::test]
async fn what_is_no_json_document_is_refused_on_every_route() {
    let world = World::new().await;
    let before = written(&world).await;
    let deep = "[".repeat(20_000);
    let wide = format!("[{}1]", "1,".repeat(5_000));
    let large = format!("\"{}\"", "x".repeat(100_000));
    for (route, table) in bodies() {
        let whole = good(route, table)[0].to_string();
        let key = format!("idempotency-key: {}\r\n", route.name);
        let ask = async |headers: &str, body: &str| {
            let headers = format!("{key}{headers}");
            let method = route.method.as_str();
            world
                .ask_with(method, &path(route), key_of(route), &headers, Some(body))
                .await
        };
        for (body, status, code) in [
            ("{", 400, "not-json"),
            ("{} {}", 400, "not-json"),
            ("\u{feff}{}", 400, "not-json"),
            ("{\"a\":\"\\ud800\"}", 400, "not-json"),
            ("NaN", 400, "not-json"),
            (deep.as_str(), 400, "not-json"),
            (wide.as_str(), 400, "not-json"),
            (large.as_str(), 413, "too-large"),
            ("[]", 422, "invalid"),
            ("null", 422, "invalid"),
            ("7", 422, "invalid"),
        ] {
            let answer = ask("", body).await;
            if answer.status == 404 && route.path.contains('{') {
                continue;
            }
            // Whose answer is what is wrong says so in it.
            if route.name == "validatePayment" && code == "invalid" {
                assert_eq!(answer.status, 200);
                assert_eq!(answer.json()["ok"], json!(false), "{body}");
                continue;
            }
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (status, code),
                "{}",
                route.name
            );
        }
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/jsonx",
            "",
        ] {
            let answer = ask(&format!("content-type: {kind}\r\n"), &whole).await;
            assert_eq!(answer.status, 415, "{} {kind}", route.name);
        }
    }
    assert_eq!(written(&world).await, before);
}

#[tokio::test]
async fn paths_and_queries_that_nobody_meant_are_refused() {
    let world = World::new().await;
    let before = written(&world).await;
    let odd = [
        "%00",
        "%2e%2e",
        "%2f",
        "%ff",
        "%",
        "a%20b",
        "%F0%9F%92%A9",
        "~",
        "'",
        "%22",
        "0",
        "-1",
        "%E2%80%AE",
    ];
    let long = "a".repeat(4_000);
    for route in ROUTES.iter().filter(|route| route.scope.is_some()) {
        let method = route.method.as_str();
        let body = (route.method != Method::GET && route.method != Method::DELETE).then_some("{}");
        let key = format!("idempotency-key: {}\r\n", route.name);
        let mut paths = Vec::new();
        for text in odd.into_iter().chain([long.as_str()]) {
            if route.path.contains('{') {
                let parts = route.path.split('/');
                let part = |one: &str| {
                    if one.starts_with('{') {
                        text.to_owned()
                    } else {
                        one.to_owned()
                    }
                };
                paths.push(parts.map(part).collect::<Vec<_>>().join("/"));
            }
            for (name, _) in route.query {
                paths.push(format!("{}?{name}={text}", path(route)));
                paths.push(format!("{}?{name}=a&{name}={text}", path(route)));
            }
            paths.push(format!("{}?no_such={text}", path(route)));
            paths.push(format!("{}?{text}", path(route)));
        }
        for path in paths {
            let answer = world.ask_with(method, &path, KEY, &key, body).await;
            let status = answer.status;
            let free = path.contains("reference=") || path.contains("customer=");
            let list = status == 200 && route.method == Method::GET && !path.contains("no_such");
            assert!(
                (400..500).contains(&status) || free || list,
                "{method} {path}: {answer:?}"
            );
            assert!(status < 500, "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(written(&world).await, before);
}

#[tokio::test]
async fn nobody_asks_without_a_key_that_is_in_use() {
    let world = World::new().await;
    let longer = format!("tk_live_{}", "a".repeat(10_000));
    for route in ROUTES.iter().filter(|route| route.scope.is_some()) {
        for header in [
            "".to_owned(),
            "authorization: \r\n".to_owned(),
            "authorization: Bearer\r\n".to_owned(),
            "authorization: Bearer \r\n".to_owned(),
            "authorization: Bearer tk_live_none\r\n".to_owned(),
            "authorization: Bearer a.b.c\r\n".to_owned(),
            "authorization: Bearer eyJhbGciOiJub25lIn0.e30.\r\n".to_owned(),
            "authorization: Basic dGs6dGs=\r\n".to_owned(),
            format!("authorization: {KEY}\r\n"),
            format!("authorization: Bearer {KEY}\r\nauthorization: Bearer {KEY}\r\n"),
            format!("authorization: Bearer {longer}\r\n"),
            format!("authorization: Bearer {}\r\n", KEY.to_uppercase()),
        ] {
            let request = format!(
                "{} {} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{header}\
                 content-length: 0\r\n\r\n",
                route.method,
                path(route)
            );
            let answer = super::world::Answer::of(&world.raw(request.as_bytes()).await);
            assert_eq!(
                answer.status, 401,
                "{} {header:.60}: {answer:?}",
                route.name
            );
        }
    }
}
