//! The routes of tokens.

use super::{asked, handle};
use crate::route::{Reply, Route};
use http::Method;

/// Makes a token.
pub const CREATE: Route = Route {
    method: Method::POST,
    path: "/v1/tokens",
    name: "createToken",
    about: "Seals the number of an account or a card, and gives a token for it.",
    scope: Some("tokens"),
    query: &[],
    body: Some(asked::NEW_TOKEN),
    keyed: false,
    answers: &[(201, "the token; asked again it is another one")],
    problems: &["merchant-not-approved"],
    run: |app, request| {
        Box::pin(async move {
            let json = request.json()?;
            let made = handle::create(&app, request.caller()?, &json).await?;
            Ok(Reply::json(201, &made))
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
