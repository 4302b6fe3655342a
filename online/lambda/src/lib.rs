//! The online path as a function of AWS Lambda: the same router, asked by events of API Gateway.
//!
//! Both kinds of events are taken, those of REST APIs (version 1) and of HTTP APIs (version 2). A
//! stage that stands before the path is left out, so that the routes are the same everywhere. The
//! ports are opened by the addresses of the configuration (`tieout.toml` beside the function, or
//! `TIEOUT_DATA`), as the server does. Only the embedded adapters are there by now: a function has
//! a folder of its own for as long as it lives, or one on a file system that it mounts, of which
//! only one function at a time may have the store open.

use axum::Router;
use axum::body::{Body, to_bytes};
use desk::config::Config;
use desk::failure::{Failure, Result};
use http::Uri;
use lambda_http::request::RequestContext;
use lambda_http::tower::ServiceExt;
use lambda_http::{Error, Request, RequestExt, Response, service_fn};
use online::App;
use online::limits::Limits;
use std::process::ExitCode;
use tieout_online::{begin, serve};

/// Bytes of an answer: what Lambda takes of a function that answers at once.
const ANSWER_BYTES: usize = 6 << 20;

/// The stage of an HTTP API that stands before no path.
const NO_STAGE: &str = "$default";

/// Answers events until the environment ends.
pub fn main() -> ExitCode {
    begin::ended(run())
}

fn run() -> Result<()> {
    let runtime = begin::runtime()?;
    runtime.block_on(async {
        let house = serve::house(Config::read(None)?).await?;
        let routes = online::router(App::new(house, Limits::default(), None));
        let answer = service_fn(move |event| answered(routes.clone(), event));
        let ended = lambda_http::run(answer).await;
        ended.map_err(|e| {
            Failure::could_not(format!("the Lambda runtime: {e}"))
                .remedy("start it as a function, or use tieout-online serve")
        })
    })
}

/// What the router answers an event. Every answer is text: without that a gateway would get
/// problems in Base64, which one of a REST API passes on as they are.
async fn answered(routes: Router, event: Request) -> std::result::Result<Response<String>, Error> {
    let request = without_stage(event).map(Body::new);
    let (parts, body) = routes.oneshot(request).await?.into_parts();
    let body = to_bytes(body, ANSWER_BYTES).await?;
    Ok(Response::from_parts(
        parts,
        String::from_utf8(body.to_vec())?,
    ))
}

/// The request at the path that the routes know.
fn without_stage(mut request: Request) -> Request {
    let stage = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.stage.clone(),
        Some(RequestContext::ApiGatewayV2(context)) => context.stage.clone(),
        _ => None,
    };
    let stage = stage.filter(|stage| stage != NO_STAGE);
    if let Some(uri) = stage.and_then(|stage| behind(request.uri(), &stage)) {
        *request.uri_mut() = uri;
    }
    request
}

/// An address without the stage at the start of its path; none where it has no such start.
fn behind(uri: &Uri, stage: &str) -> Option<Uri> {
    let path = uri.path().strip_prefix('/')?.strip_prefix(stage)?;
    let path = match path {
        "" => "/",
        path if path.starts_with('/') => path,
        _ => return None,
    };
    let query = uri.query().map(|query| format!("?{query}"));
    format!("{path}{}", query.unwrap_or_default()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_part_of_a_path_is_a_stage() {
        let left = |uri: &str| {
            let uri = uri.parse().unwrap();
            behind(&uri, "v1").map(|uri| uri.to_string())
        };
        assert_eq!(
            left("/v1/v1/payments?limit=1").as_deref(),
            Some("/v1/payments?limit=1")
        );
        assert_eq!(left("https://host/v1/docs").as_deref(), Some("/docs"));
        assert_eq!(left("/v1").as_deref(), Some("/"));
        assert_eq!(left("/v10/payments"), None);
        assert_eq!(left("/docs"), None);
    }
}
