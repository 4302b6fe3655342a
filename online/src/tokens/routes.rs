//! The routes of tokens.

use super::{asked, handle};
use crate::idempotency;
use crate::route::{Reply, Route};
use http::Method;

/// Makes a token.
pub const CREATE: Route = Route {
    method: Method::POST,
    path: "/v1/tokens",
    name: "createToken",
    about: "Seals the number of an account or a card, and gives a token for it, one for each key.",
    scope: Some("tokens"),
    query: &[],
    body: Some(asked::NEW_TOKEN),
    keyed: true,
    answers: &[(
        201,
        "the token; asked again without a key it is another one",
    )],
    problems: &["merchant-not-approved", "not-found"],
    run: |app, request| {
        Box::pin(async move {
            let json = request.json()?;
            let key = match request.headers.contains_key(idempotency::HEADER) {
                true => Some(idempotency::key(&request.headers)?),
                false => None,
            };
            let made = handle::create(&app, request.caller()?, key.as_deref(), &json);
            let (token, before) = made.await?;
            let mut reply = Reply::json(201, &token);
            if before {
                reply
                    .headers
                    .push(("idempotent-replayed", "true".to_owned()));
            }
            Ok(reply)
        })
    },
};

/// Shows one.
pub const GET: Route = Route {
    method: Method::GET,
    path: "/v1/tokens/{token}",
    name: "getToken",
    about: "Shows a token: what it stands for, and the last characters of the number.",
    scope: Some("tokens"),
    query: &[],
    body: None,
    keyed: false,
    answers: &[(200, "the token")],
    problems: &["not-found"],
    run: |app, request| {
        Box::pin(async move {
            let shown = handle::get(&app, request.caller()?, request.part("token")).await?;
            Ok(Reply::json(200, &shown))
        })
    },
};

/// Deletes one.
pub const DELETE: Route = Route {
    method: Method::DELETE,
    path: "/v1/tokens/{token}",
    name: "deleteToken",
    about: "Deletes a token with its sealed number. Payments that it made go on.",
    scope: Some("tokens"),
    query: &[],
    body: None,
    keyed: false,
    answers: &[(204, "it is gone")],
    problems: &["not-found"],
    run: |app, request| {
        Box::pin(async move {
            handle::delete(&app, request.caller()?, request.part("token")).await?;
            Ok(Reply::nothing())
        })
    },
};
