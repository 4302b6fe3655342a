//! What every request passes before its handler, and every answer after it.

use crate::app::App;
use crate::callers::Caller;
use crate::door::Inside;
use crate::limits::{self, BODY_BYTES, HEADERS, Left};
use crate::route::{Reply, Request, Route};
use crate::who;
use crate::wire::fields::wrong;
use crate::wire::problem::{MEDIA_TYPE, PROBLEMS, Problem, Result};
use aws_lc_rs::rand;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use settlement::ids::PaymentId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Seconds after which to try again what was refused or took too long.
const RETRY: u32 = 1;

/// The longest request id that a client may choose.
const REQUEST_ID_BYTES: usize = 64;

/// Serves a request of a route with the parts of its path.
pub async fn serve(
    app: Arc<App>,
    route: &'static Route,
    path: BTreeMap<String, String>,
    request: http::Request<Body>,
) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let trace = trace_id(request.headers());
    let named = path.get("id").and_then(|id| id.parse::<PaymentId>().ok());
    // The library counts those of HTTP/1.1 itself, and not those of HTTP/2.
    let many = request.headers().len() > HEADERS;
    let outcome = match turn(&app, route) {
        _ if many => Outcome::of(Problem::new(
            "too-many-headers",
            format!("at most {HEADERS} headers are taken"),
        )),
        // Refused before anything of it is read: under overload that is most of the work.
        None => Outcome::of(Problem::new("overloaded", "too much is asked at once").after(RETRY)),
        Some(turn) => done(&app, route, path, request, turn).await,
    };
    if let Err(problem) = &outcome.result {
        app.doubt.answered(problem);
    }
    let response = finished(outcome.result, &id, outcome.left);
    let status = response.status().as_u16();
    let took = started.elapsed();
    app.metrics.answered(route.path, status, took);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let caller = outcome.caller.as_deref();
    tracing::info!(
        target: "access",
        request = id,
        trace,
        method = route.method.as_str(),
        route = route.path,
        payment = named.map(|id| id.to_string()),
        caller = caller.map(|one| one.key.name.as_str()),
        merchant = caller.and_then(|one| one.key.merchant.as_deref()),
        status,
        micros,
    );
    response
}

/// A place among those that are worked on, given back when it is dropped.
#[derive(Default)]
struct Turn {
    _inside: Option<Inside>,
    _open: Option<OwnedSemaphorePermit>,
}

/// A place for a request of a route, where there is one.
fn turn(app: &App, route: &Route) -> Option<Turn> {
    let mut turn = Turn::default();
    // Who waits for something to happen takes no place from payments.
    match route.scope.is_some() && !limits::is_slow(route.name) {
        true => turn._inside = Some(app.door.enter()?),
        false => {
            let turns = match route.scope.is_some() {
                true => &app.slow_turns,
                false => &app.open_turns,
            };
            turn._open = Some(Arc::clone(turns).try_acquire_owned().ok()?);
        }
    }
    Some(turn)
}

/// Does it in a task of its own: what was accepted is finished though its client has gone.
async fn done(
    app: &Arc<App>,
    route: &'static Route,
    path: BTreeMap<String, String>,
    request: http::Request<Body>,
    turn: Turn,
) -> Outcome {
    let work = passed(Arc::clone(app), route, path, request);
    let work = tokio::spawn(async move {
        let outcome = work.await;
        drop(turn);
        outcome
    });
    let patience = limits::patience(route.name, app.limits.request);
    match tokio::time::timeout(patience, work).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panicked)) => Outcome::of(Problem::new("internal", "it stopped on the way")),
        Err(_too_long) => Outcome::of(Problem::new("unavailable", "it took too long").after(RETRY)),
    }
}

/// What became of a request, and who asked.
struct Outcome {
    result: Result<Reply>,
    caller: Option<Arc<Caller>>,
    left: Option<Left>,
}

impl Outcome {
    fn of(problem: Problem) -> Outcome {
        Outcome {
            result: Err(problem),
            caller: None,
            left: None,
        }
    }
}

async fn passed(
    app: Arc<App>,
    route: &'static Route,
    path: BTreeMap<String, String>,
    request: http::Request<Body>,
) -> Outcome {
    let (parts, body) = request.into_parts();
    let caller = match route.scope {
        None => None,
        Some(_) => match who::caller(&app, &parts.headers).await {
            Ok(caller) => Some(caller),
            Err(problem) => return Outcome::of(problem),
        },
    };
    let left = caller.as_ref().map(|caller| {
        let limit = caller.per_second(app.limits.per_second);
        app.callers.buckets.take(&caller.id, limit, Instant::now())
    });
    let result = match left {
        Some(left) if !left.taken => {
            let detail = format!("at most {} requests a second are agreed", left.limit);
            Err(Problem::new("too-many-requests", detail).after(1))
        }
        _ => handled(&app, route, path, parts, body, caller.clone()).await,
    };
    Outcome {
        result,
        caller,
        left,
    }
}

async fn handled(
    app: &Arc<App>,
    route: &'static Route,
    path: BTreeMap<String, String>,
    parts: http::request::Parts,
    body: Body,
    caller: Option<Arc<Caller>>,
) -> Result<Reply> {
    let query = query(parts.uri.query().unwrap_or_default())?;
    let known = |name: &str| route.query.iter().any(|(known, _)| *known == name);
    if let Some(name) = query.keys().find(|name| !known(name)) {
        let message = "there is no such parameter; leave it out";
        return Err(bad_parameter(name, "unknown", message));
    }
    let body = match route.method {
        Method::POST | Method::PATCH => read(app, &parts.headers, body).await?,
        _ => Default::default(),
    };
    let request = Request {
        caller,
        path,
        query,
        headers: parts.headers,
        body,
    };
    let begun = Instant::now();
    let result = (route.run)(Arc::clone(app), request).await;
    if route.keyed {
        // What makes a payment waits for the disk; reads say nothing of how full it is here, nor
        // does a body that comes slowly.
        app.door.took(begun.elapsed(), Instant::now());
    }
    result
}

/// The parameters of a query, each once.
fn query(text: &str) -> Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let name = name.into_owned();
        if all.contains_key(&name) {
            return Err(bad_parameter(
                &name,
                "duplicate",
                "is there more than once; send it once",
            ));
        }
        all.insert(name, value.into_owned());
    }
    Ok(all)
}

/// A parameter that is not taken; a name that is not plain is not repeated.
fn bad_parameter(name: &str, code: &'static str, message: &str) -> Problem {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let shown = if plain && name.len() <= 40 { name } else { "?" };
    Problem {
        errors: vec![wrong(shown, code, message)],
        ..Problem::new("bad-query", "a part of the query is wrong")
    }
}

/// The body of a request, which must be JSON where there is one.
async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<bytes::Bytes> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let too_large = || Problem::new("too-large", format!("at most {BODY_BYTES} bytes are taken"));
    if length.is_some_and(|length| length > BODY_BYTES as u64) {
        return Err(too_large());
    }
    // Who sends it a byte at a time must not keep a turn: it ends with the body.
    let read = tokio::time::timeout(app.limits.request, to_bytes(body, BODY_BYTES)).await;
    let slow = |_| Problem::new("unavailable", "the body took too long; nothing was done").after(1);
    let read = read.map_err(slow)?.map_err(|_| too_large())?;
    if read.is_empty() {
        return Ok(read);
    }
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    if !encodings.all(|one| one.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let why = "send the body as it is, without a Content-Encoding";
        return Err(Problem::new("unsupported-media-type", why));
    }
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = kind.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|one| one.eq_ignore_ascii_case("application/json"));
    let utf8 = |part: &str| {
        part.is_empty()
            || part.split_once('=').is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("charset")
                    && value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
    };
    match is_json && parts.all(utf8) {
        true => Ok(read),
        false => Err(Problem::new(
            "unsupported-media-type",
            "send application/json in UTF-8",
        )),
    }
}

/// The request's id: the client's own where it is one, otherwise a new one.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let own = headers
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let own = own.filter(|id| (1..=REQUEST_ID_BYTES).contains(&id.len()) && id.chars().all(plain));
    own.map_or_else(drawn, str::to_owned)
}

/// 32 hexadecimal digits: a number of this process, drawn once, and one of the request. The id is
/// for people, so it need not be hard to guess, only be nobody else's.
fn drawn() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| {
        let mut chance = [0; 8];
        // Without random numbers no payment is made either.
        let _ = rand::fill(&mut chance);
        u64::from_be_bytes(chance)
    });
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{:016x}{number:016x}", *PROCESS)
}

/// The trace that a request belongs to: the second part of a `traceparent` of W3C's version 00.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(&TRACEPARENT)?.to_str().ok()?;
    let mut parts = text.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let (parent, flags) = (parts.next()?, parts.next()?);
    let hex = |text: &str, len: usize| {
        text.len() == len
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let fits = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(parent, 16);
    let set = trace.bytes().any(|b| b != b'0') && parent.bytes().any(|b| b != b'0');
    (fits && set && hex(flags, 2)).then(|| trace.to_owned())
}

/// The answer with what every answer has.
fn finished(result: Result<Reply>, id: &str, left: Option<Left>) -> Response {
    let mut response = match result {
        Ok(reply) => reply.into_response(),
        Err(problem) => {
            let body = problem.document(id).to_string();
            let unknown = problem.code == "unauthenticated";
            let mut response = problem.into_response();
            *response.body_mut() = Body::from(body);
            if unknown {
                let way = HeaderValue::from_static("Bearer");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, way);
            }
            response
        }
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(REQUEST_ID, id);
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(left) = left {
        // draft-ietf-httpapi-ratelimit-headers: a window of a second.
        let policy = format!("\"caller\";q={};w=1", left.limit);
        let now = format!("\"caller\";r={};t=1", left.requests);
        set(HeaderName::from_static("ratelimit-policy"), &policy);
        set(HeaderName::from_static("ratelimit"), &now);
    }
    response
}

/// The answer where a path is none: its parts are no UTF-8.
pub fn no_path(headers: &HeaderMap) -> Response {
    let problem = Problem::new("not-found", "the path is no UTF-8");
    finished(Err(problem), &request_id(headers), None)
}

/// An answer as every answer is: what the library refuses by itself becomes a problem as well.
pub async fn problems_only(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || kind.is_some_and(|kind| kind == MEDIA_TYPE) {
        return response;
    }
    let row = PROBLEMS.iter().find(|row| row.status == status.as_u16());
    let otherwise = match status.is_server_error() {
        true => "internal",
        false => "bad-header",
    };
    let code = row.map_or(otherwise, |row| row.code);
    let problem = Problem::new(code, "it was refused before it was looked at");
    finished(Err(problem), &request_id(&HeaderMap::new()), None)
}

/// The answer where no route is.
pub async fn nowhere(headers: HeaderMap) -> Response {
    let problem = Problem::new("not-found", "there is nothing at this path");
    finished(Err(problem), &request_id(&headers), None)
}

/// The answer where a route has no such method.
pub async fn not_so(headers: HeaderMap) -> Response {
    let problem = Problem::new("method-not-allowed", "there is nothing to be done so");
    finished(Err(problem), &request_id(&headers), None)
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.body).into_response();
        let headers = response.headers_mut();
        if status != StatusCode::NO_CONTENT {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        debug_assert_ne!(self.kind, MEDIA_TYPE);
        response
    }
}
