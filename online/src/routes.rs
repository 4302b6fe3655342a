//! Every route: where it is, who may use it, what it takes, and what does it. The router and the
//! API's description are both made from [`all`].

pub use crate::route::{Reply, Request, Route};

use crate::app::App;
use crate::payments::handle::{create_payment, refund_payment, reverse_payment, validate};
use crate::payments::{act, asked, read, refund, reverse};
use crate::route::open;
use crate::wire::problem::{PROBLEMS, Problem, Result};
use crate::{
    calendar, docs, front, gateway, health, merchants, openapi, sandbox, tokens, webhooks,
};
use axum::Router;
use axum::extract::RawPathParams;
use axum::extract::rejection::RawPathParamsRejection;
use axum::middleware::map_response;
use axum::routing::{MethodFilter, on};
use http::Method;
use serde_json::json;
use std::sync::Arc;

const PAYMENT_ANSWERS: &[(u16, &str)] = &[
    (201, "the payment was made"),
    (202, "the payment was made, and is held for a review"),
];

/// Every route, the areas' own tables behind [`ROUTES`].
pub fn all() -> impl Iterator<Item = &'static Route> {
    let areas = webhooks::routes::ROUTES.iter().chain(gateway::ROUTES);
    ROUTES.iter().chain(areas).chain(calendar::ROUTES)
}

/// The routes of payments, and of the server itself.
pub static ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/v1/payments",
        name: "createPayment",
        about: "Asks for a payment. With dry_run=true nothing is made, and no key is needed.",
        scope: Some("payments:write"),
        query: &[("dry_run", "true to see what would be made")],
        body: Some(asked::NEW_PAYMENT),
        keyed: true,
        answers: PAYMENT_ANSWERS,
        problems: &["denied", "merchant-not-approved", "idempotency-key-reused"],
        run: |app, request| Box::pin(create_payment(app, request)),
    },
    Route {
        method: Method::GET,
        path: "/v1/payments",
        name: "listPayments",
        about: "Lists payments, newest first. A page may hold few or none and still name a next.",
        scope: Some("payments:read"),
        query: &[
            ("limit", "payments at most, 1 to 200"),
            ("after", "the page behind this payment, as next names it"),
            ("status", "only those of this status"),
            ("state", "only those in this state"),
            ("direction", "only credits, or only debits"),
            ("reference", "only those with this reference"),
            ("customer", "only those of this customer"),
            ("trace", "only the one whose entry has this trace number"),
            (
                "created_from",
                "only those made on this date or later, Eastern time",
            ),
            (
                "created_to",
                "only those made on this date or before, Eastern time",
            ),
            (
                "idempotency_key",
                "the one that a request with this key made",
            ),
            ("merchant", "whose, where the operator asks"),
        ],
        body: None,
        keyed: false,
        answers: &[(200, "payments, and the address of the next page")],
        problems: &[],
        run: |app, request| {
            Box::pin(async move {
                let list = read::list(&app, request.caller()?, &request.query).await?;
                Ok(Reply::json(200, &list))
            })
        },
    },
    Route {
        method: Method::GET,
        path: "/v1/payments/{id}",
        name: "getPayment",
        about: "Shows a payment: where it is, and what is expected of it.",
        scope: Some("payments:read"),
        query: &[("include", "events to see them as well")],
        body: None,
        keyed: false,
        answers: &[(200, "the payment")],
        problems: &["not-found"],
        run: |app, request| {
            Box::pin(async move {
                let (id, query) = (request.part("id"), &request.query);
                let shown = read::get(&app, request.caller()?, id, query).await?;
                Ok(Reply::json(200, &shown))
            })
        },
    },
    Route {
        method: Method::GET,
        path: "/v1/payments/{id}/events",
        name: "listPaymentEvents",
        about: "Lists the events of a payment by version, without a gap.",
        scope: Some("payments:read"),
        query: &[],
        body: None,
        keyed: false,
        answers: &[(200, "its events, oldest first")],
        problems: &["not-found"],
        run: |app, request| {
            Box::pin(async move {
                let id = request.part("id");
                let events = read::events(&app, request.caller()?, id).await?;
                Ok(Reply::json(200, &events))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/payments/{id}/cancel",
        name: "cancelPayment",
        about: "Cancels a payment that no cut has claimed. Told again it is the same.",
        scope: Some("payments:write"),
        query: &[],
        body: Some(act::CANCEL),
        keyed: false,
        answers: &[(200, "the payment, canceled")],
        problems: &["not-found", "too-late", "changed-meanwhile"],
        run: |app, request| {
            Box::pin(async move {
                let (id, json) = (request.part("id"), request.json()?);
                let shown = act::cancel(&app, request.caller()?, id, &json).await?;
                Ok(Reply::json(200, &shown))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/payments/{id}/refund",
        name: "refundPayment",
        about: "Gives a settled pull back, all or a part, as a payout of its own.",
        scope: Some("payments:write"),
        query: &[],
        body: Some(refund::REFUND),
        keyed: true,
        answers: &[(201, "the payout that gives it back")],
        problems: &["not-found", "not-now", "return-window-open", "in-progress"],
        run: |app, request| Box::pin(refund_payment(app, request)),
    },
    Route {
        method: Method::POST,
        path: "/v1/payments/{id}/reverse",
        name: "reversePayment",
        about: "Takes back a payment that was wrong, whole. It waits until another approves.",
        scope: Some("payments:write"),
        query: &[],
        body: Some(reverse::REVERSE),
        keyed: true,
        answers: &[(202, "the reversal, held for a review")],
        problems: &["not-found", "not-now", "in-progress"],
        run: |app, request| Box::pin(reverse_payment(app, request)),
    },
    Route {
        method: Method::POST,
        path: "/v1/payments/{id}/review",
        name: "reviewPayment",
        about: "Decides a payment that is held for a review. Not by a key that asks for payments.",
        scope: Some("review"),
        query: &[],
        body: Some(act::REVIEW),
        keyed: false,
        answers: &[(200, "the payment, approved or denied")],
        problems: &["not-found", "not-now", "changed-meanwhile"],
        run: |app, request| {
            Box::pin(async move {
                let (id, json) = (request.part("id"), request.json()?);
                let shown = act::review(&app, request.caller()?, id, &json).await?;
                Ok(Reply::json(200, &shown))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/validate",
        name: "validatePayment",
        about: "Checks a request for a payment as createPayment does, and makes nothing.",
        scope: Some("payments:write"),
        query: &[],
        body: Some(asked::NEW_PAYMENT),
        keyed: false,
        answers: &[(200, "what would be made, or every fault")],
        problems: &["merchant-not-approved"],
        run: |app, request| Box::pin(validate(app, request)),
    },
    tokens::routes::CREATE,
    tokens::routes::GET,
    tokens::routes::DELETE,
    merchants::LIST,
    merchants::GET,
    sandbox::MOVE_CLOCK,
    sandbox::RUN_DAY,
    sandbox::RETURN,
    sandbox::CHANGE,
    open(
        "/openapi.json",
        "getDescription",
        "The description of this API, OpenAPI 3.1.",
        |_, _| {
            Box::pin(async {
                Ok(Reply::json(
                    200,
                    &openapi::description(openapi::Version::New, all()),
                ))
            })
        },
    ),
    open(
        "/openapi-3.0.json",
        "getDescriptionForGateways",
        "The same in OpenAPI 3.0.",
        |_, _| {
            Box::pin(async {
                Ok(Reply::json(
                    200,
                    &openapi::description(openapi::Version::Old, all()),
                ))
            })
        },
    ),
    open(
        "/docs",
        "getPage",
        "The page to read and to try this API.",
        |_, _| Box::pin(async { Ok(docs::file("text/html; charset=utf-8", docs::PAGE)) }),
    ),
    open(
        "/docs/page.css",
        "getPageStyle",
        "How the page looks.",
        |_, _| Box::pin(async { Ok(docs::file("text/css; charset=utf-8", docs::STYLE)) }),
    ),
    open(
        "/docs/page.js",
        "getPageScript",
        "What the page does.",
        |_, _| Box::pin(async { Ok(docs::file("text/javascript; charset=utf-8", docs::SCRIPT)) }),
    ),
    open(
        "/problems/{code}",
        "getProblem",
        "What a problem means, and what to do about it.",
        |_, request| Box::pin(async move { problem(request.part("code")) }),
    ),
    open(
        "/health/live",
        "isLive",
        "Whether the process answers.",
        |_, _| Box::pin(async { Ok(Reply::json(200, &json!({ "live": true }))) }),
    ),
    open(
        "/health/ready",
        "isReady",
        "Whether requests can be done: the store answers, and takes writes.",
        |app, _| Box::pin(health::ready(app)),
    ),
    open(
        "/metrics",
        "getMetrics",
        "Counts and times since the start, for Prometheus.",
        |app, _| {
            Box::pin(async move {
                Ok(Reply {
                    status: 200,
                    kind: "text/plain; version=0.0.4",
                    body: app.metrics.text(),
                    headers: Vec::new(),
                })
            })
        },
    ),
];

fn problem(code: &str) -> Result<Reply> {
    let row = PROBLEMS.iter().find(|row| row.code == code);
    let row = row.ok_or_else(|| Problem::new("not-found", "there is no such problem"))?;
    Ok(Reply::json(
        200,
        &json!({
            "code": row.code,
            "title": row.title,
            "status": row.status,
            "retryable": row.retryable,
            "what_to_do": row.remedy,
        }),
    ))
}

/// The parts of a path, which may be no UTF-8.
type Parts = std::result::Result<RawPathParams, RawPathParamsRejection>;

/// The whole API.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for route in all() {
        let filter = match route.method {
            Method::POST => MethodFilter::POST,
            Method::DELETE => MethodFilter::DELETE,
            Method::PATCH => MethodFilter::PATCH,
            _ => MethodFilter::GET,
        };
        let app = Arc::clone(&app);
        let handler = move |parts: Parts, request: axum::extract::Request| {
            let app = Arc::clone(&app);
            async move {
                let Ok(parts) = parts else {
                    return front::no_path(request.headers());
                };
                let path = parts
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()));
                front::serve(app, route, path.collect(), request).await
            }
        };
        router = router.route(route.path, on(filter, handler));
    }
    router
        .fallback(front::nowhere)
        .method_not_allowed_fallback(front::not_so)
        .layer(map_response(front::problems_only))
}
