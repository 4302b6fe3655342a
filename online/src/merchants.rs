//! Merchants, as far as a caller may see them: the operator all, a merchant itself.

use crate::app::App;
use crate::callers::Caller;
use crate::route::{Reply, Route};
use crate::wire::fields::wrong;
use crate::wire::problem::{Problem, Result};
use desk::merchants::{self, APPROVALS, Merchant};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Merchants in a list at most, and where nothing is said.
const MOST: usize = 200;
const USUAL: usize = 50;

/// Lists them.
pub const LIST: Route = Route {
    method: Method::GET,
    path: "/v1/merchants",
    name: "listMerchants",
    about: "Lists merchants by name: the operator sees all, a merchant itself.",
    scope: Some("merchants"),
    query: &[
        ("limit", "merchants at most, 1 to 200"),
        ("after", "the page behind this merchant, as next names it"),
    ],
    body: None,
    keyed: false,
    answers: &[(200, "merchants, and the address of the next page")],
    problems: &[],
    run: |app, request| {
        Box::pin(async move {
            let list = list(&app, request.caller()?, &request.query).await?;
            Ok(Reply::json(200, &list))
        })
    },
};

/// Shows one.
pub const GET: Route = Route {
    method: Method::GET,
    path: "/v1/merchants/{name}",
    name: "getMerchant",
    about: "Shows a merchant: where it stands, and what it may.",
    scope: Some("merchants"),
    query: &[],
    body: None,
    keyed: false,
    answers: &[(200, "the merchant")],
    problems: &["not-found"],
    run: |app, request| {
        Box::pin(async move {
            let shown = get(&app, request.caller()?, request.part("name")).await?;
            Ok(Reply::json(200, &shown))
        })
    },
};

/// A page of merchants, by name.
///
/// # Errors
/// `bad-query`, and where the store does not answer.
async fn list(app: &App, caller: &Caller, query: &BTreeMap<String, String>) -> Result<Value> {
    caller.may("merchants")?;
    let limit = match query.get("limit").map(|text| text.parse()) {
        None => USUAL,
        Some(Ok(limit)) if (1..=MOST).contains(&limit) => limit,
        Some(_) => {
            let errors = vec![wrong("limit", "query", "must be from 1 to 200")];
            return Err(Problem {
                errors,
                ..Problem::new("bad-query", "a part of the query is wrong")
            });
        }
    };
    let documents = &*app.ports().documents;
    if let Some(own) = &caller.key.merchant {
        let own = merchants::merchant(documents, own).await?;
        let data: Vec<Value> = own.iter().map(|seen| view(&seen.value)).collect();
        return Ok(json!({ "data": data, "next": null }));
    }
    let after = query.get("after").map(String::as_str);
    let mut page = merchants::page(documents, after, limit + 1).await?;
    let more = page.len() > limit;
    page.truncate(limit);
    let last = page.last().filter(|_| more);
    let next = last.map(|last| format!("/v1/merchants?limit={limit}&after={}", last.name));
    let data: Vec<Value> = page.iter().map(view).collect();
    Ok(json!({ "data": data, "next": next }))
}

/// One merchant.
///
/// # Errors
/// `not-found`, also for another one where a merchant asks.
async fn get(app: &App, caller: &Caller, name: &str) -> Result<Value> {
    caller.may("merchants")?;
    let gone = || Problem::new("not-found", "there is no merchant of this name");
    if !caller.sees(Some(name)) {
        return Err(gone());
    }
    let found = merchants::merchant(&*app.ports().documents, name).await?;
    Ok(view(&found.ok_or_else(gone)?.value))
}

/// A merchant in JSON. Who decided, and why, is the operator's and shown by the command alone.
fn view(merchant: &Merchant) -> Value {
    json!({
        "name": merchant.name,
        "originator": merchant.originator,
        "classes": merchant.classes,
        "limits": merchant.limits,
        "standing": merchant.standing,
        "approvals": merchant.approvals(),
        "approvals_needed": APPROVALS,
        "created_at": merchant.created_at,
    })
}
