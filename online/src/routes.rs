//! Every route: where it is, who may use it, what it takes, and what does it. The router and the
//! API's description are both made from [`ROUTES`].

use crate::app::App;
use crate::callers::Caller;
use crate::payments::create::Answer;
use crate::payments::{act, asked, create, read, refund, view};
use crate::wire::fields::Field;
use crate::wire::json::Json;
use crate::wire::problem::{PROBLEMS, Problem, Result};
use crate::{docs, front, idempotency, openapi, sandbox};
use axum::Router;
use axum::extract::RawPathParams;
use axum::routing::{MethodFilter, on};
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

/// A request as a handler gets it.
pub struct Request {
    /// Who asks; none where anybody may.
    pub caller: Option<Arc<Caller>>,
    /// The parts of the path.
    pub path: BTreeMap<String, String>,
    /// The parameters of the query: none that the route does not know.
    pub query: BTreeMap<String, String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// What a handler answers.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The media type of the body.
    pub kind: &'static str,
    /// The body.
    pub body: String,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
}

/// The media type of answers.
const JSON: &str = "application/json";

impl Reply {
    /// An answer in JSON.
    pub fn json(status: u16, body: &Value) -> Reply {
        Reply {
            status,
            kind: JSON,
            // A document of our own making always has a form in JSON.
            body: serde_json::to_string(body).unwrap_or_default(),
            headers: Vec::new(),
        }
    }
}

/// A handler at work.
type Work = Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;

/// A route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, its parts in braces.
    pub path: &'static str,
    /// Its name in the description.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What its caller's key must be for; none where anybody may.
    pub scope: Option<&'static str>,
    /// The parameters of its query.
    pub query: &'static [(&'static str, &'static str)],
    /// The fields of its body.
    pub body: Option<&'static [Field]>,
    /// Whether it needs an `Idempotency-Key`.
    pub keyed: bool,
    /// The statuses of its answers, and what each means.
    pub answers: &'static [(u16, &'static str)],
    /// The problems that are its own.
    pub problems: &'static [&'static str],
    /// What does it.
    pub run: fn(Arc<App>, Request) -> Work,
}

impl Request {
    /// Who asks.
    ///
    /// # Errors
    /// `unauthenticated`, which the front has seen to before.
    pub fn caller(&self) -> Result<&Caller> {
        self.caller
            .as_deref()
            .ok_or_else(|| Problem::new("unauthenticated", "nobody asks"))
    }

    /// A part of the path.
    pub fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// The body as JSON; nothing is the same as an empty object.
    ///
    /// # Errors
    /// `not-json`.
    pub fn json(&self) -> Result<Json> {
        if self.body.is_empty() {
            return Ok(Json::Object(Vec::new()));
        }
        Json::read(&self.body).map_err(|at| {
            let place = format!("line {}, column {}", at.line, at.column);
            Problem::new("not-json", format!("reading ended at {place}"))
        })
    }
}

const PAYMENT_ANSWERS: &[(u16, &str)] = &[
    (201, "the payment was made"),
    (202, "the payment was made, and is held for a review"),
];

/// Every route.
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
    Route {
        method: Method::POST,
        path: "/v1/sandbox/clock",
        name: "moveClock",
        about: "Moves the sandbox's clock forward.",
        scope: Some("sandbox"),
        query: &[],
        body: Some(sandbox::CLOCK),
        keyed: false,
        answers: &[(200, "what the clock says now")],
        problems: &["not-found"],
        run: |app, request| {
            Box::pin(async move {
                let said = sandbox::clock(&app, request.caller()?, &request.json()?)?;
                Ok(Reply::json(200, &said))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/sandbox/day",
        name: "runDay",
        about: "Runs a business date: the bank's morning, every job, the bank's evening.",
        scope: Some("sandbox"),
        query: &[],
        body: Some(sandbox::DAY),
        keyed: false,
        answers: &[(200, "what the jobs of the date did")],
        problems: &["not-found", "not-now"],
        run: |app, request| {
            Box::pin(async move {
                let did = sandbox::day(&app, request.caller()?, &request.json()?).await?;
                Ok(Reply::json(200, &did))
            })
        },
    },
    answer(
        "/v1/sandbox/payments/{id}/return",
        "returnPayment",
        "Has the sandbox's bank return a payment, now or once it has it.",
    ),
    answer(
        "/v1/sandbox/payments/{id}/change",
        "changePayment",
        "Has the sandbox's bank notify a change of a payment's account.",
    ),
    open(
        "/openapi.json",
        "getDescription",
        "The description of this API, OpenAPI 3.1.",
        |_, _| {
            Box::pin(async {
                Ok(Reply::json(
                    200,
                    &openapi::description(openapi::Version::New),
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
                    &openapi::description(openapi::Version::Old),
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
        "Whether requests can be done: the store answers.",
        |app, _| Box::pin(ready(app)),
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

/// A route by which the sandbox's bank is asked to answer.
const fn answer(path: &'static str, name: &'static str, about: &'static str) -> Route {
    Route {
        method: Method::POST,
        path,
        name,
        about,
        scope: Some("sandbox"),
        query: &[],
        body: Some(sandbox::ANSWER),
        keyed: false,
        answers: &[(200, "what the bank will say, and when")],
        problems: &["not-found", "not-now"],
        run: |app, request| {
            Box::pin(async move {
                let (id, json) = (request.part("id"), request.json()?);
                let said = sandbox::answer(&app, request.caller()?, id, &json).await?;
                Ok(Reply::json(200, &said))
            })
        },
    }
}

/// A route that anybody may read.
const fn open(
    path: &'static str,
    name: &'static str,
    about: &'static str,
    run: fn(Arc<App>, Request) -> Work,
) -> Route {
    Route {
        method: Method::GET,
        path,
        name,
        about,
        scope: None,
        query: &[],
        body: None,
        keyed: false,
        answers: &[(200, "what was asked for")],
        problems: &[],
        run,
    }
}

async fn create_payment(app: Arc<App>, request: Request) -> Result<Reply> {
    let caller = request.caller()?;
    let json = request.json()?;
    let answer = match request.query.get("dry_run").map(String::as_str) {
        Some("true") => create::would(&app, caller, &json)?,
        None | Some("false") => {
            let key = idempotency::key(&request.headers)?;
            create::create(&app, caller, &key, &json).await?
        }
        Some(_) => {
            return Err(Problem::new("bad-query", "dry_run must be true or false"));
        }
    };
    Ok(answered(&app, answer))
}

async fn refund_payment(app: Arc<App>, request: Request) -> Result<Reply> {
    let (caller, json) = (request.caller()?, request.json()?);
    let key = idempotency::key(&request.headers)?;
    let answer = refund::refund(&app, caller, request.part("id"), &key, &json).await?;
    Ok(answered(&app, answer))
}

/// The answer to who asked for a payment: the same bytes however often.
fn answered(app: &App, answer: Answer) -> Reply {
    match answer {
        Answer::WouldMake(payment) => {
            let mut view = view::payment(app, &payment, payment.created_at);
            for name in ["id", "version", "links", "created_at"] {
                view.as_object_mut().map(|view| view.remove(name));
            }
            Reply::json(200, &view)
        }
        Answer::Made(payment, before) => {
            let status = match payment.state {
                settlement::payment::State::Review => 202,
                _ => 201,
            };
            let view = view::payment(app, &payment, payment.created_at);
            let mut reply = Reply::json(status, &view);
            let place = format!("/v1/payments/{}", payment.id);
            reply.headers.push(("location", place));
            if before {
                reply
                    .headers
                    .push(("idempotent-replayed", "true".to_owned()));
            }
            reply
        }
    }
}

async fn validate(app: Arc<App>, request: Request) -> Result<Reply> {
    let json = request.json()?;
    let answer = match create::would(&app, request.caller()?, &json) {
        Ok(answer) => answered(&app, answer).body,
        Err(problem) if problem.code == "invalid" => {
            let view = json!({ "ok": false, "faults": problem.errors });
            return Ok(Reply::json(200, &view));
        }
        Err(problem) => return Err(problem),
    };
    let would: Value = serde_json::from_str(&answer).unwrap_or_default();
    let view = json!({ "ok": true, "faults": [], "expected": would["expected"] });
    Ok(Reply::json(200, &view))
}

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

async fn ready(app: Arc<App>) -> Result<Reply> {
    app.ports().payments.get(&[]).await?;
    app.ports().documents.list("ready", "", None, 1).await?;
    Ok(Reply::json(200, &json!({ "ready": true })))
}

/// The whole API.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let filter = match route.method {
            Method::POST => MethodFilter::POST,
            Method::DELETE => MethodFilter::DELETE,
            Method::PATCH => MethodFilter::PATCH,
            _ => MethodFilter::GET,
        };
        let app = Arc::clone(&app);
        let handler = move |parts: RawPathParams, request: axum::extract::Request| {
            let path = parts
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
            front::serve(Arc::clone(&app), route, path.collect(), request)
        };
        router = router.route(route.path, on(filter, handler));
    }
    router
        .fallback(front::nowhere)
        .method_not_allowed_fallback(front::not_so)
}
