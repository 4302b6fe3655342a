//! The routes of events, webhooks and callbacks.

use super::{look, manage};
use crate::callbacks::{inbox, sources};
use crate::events::list;
use crate::route::{Reply, Request, Route};
use crate::wire::fields::{Field, Form};
use crate::wire::problem::{Problem, Result};
use http::Method;

/// The body of a request that says nothing.
const NOTHING: &[Field] = &[];

/// Refuses a body that says something.
fn nothing(request: &Request) -> Result<()> {
    let json = request.json()?;
    Form::read(&json, NOTHING).map_err(Problem::fields)?;
    Ok(())
}

/// Their routes.
pub static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/events",
        name: "listEvents",
        about: "Lists what happened to the caller's payments, in the order in which it became \
            durable, and can wait for more. The source of truth: webhooks are sent from it.",
        scope: Some("payments:read"),
        query: &[
            (
                "after",
                "behind this place, as cursor or next said it, or latest for what happens from now \
                on; the beginning where it is left out",
            ),
            ("types", "only these types, commas between them"),
            ("limit", "events at most, 1 to 200"),
            ("wait", "seconds to wait where nothing is there, 0 to 30"),
        ],
        body: None,
        keyed: false,
        answers: &[(200, "events, and where to go on")],
        problems: &[],
        run: |app, request| {
            Box::pin(async move {
                let view = list::list(&app, request.caller()?, &request.query).await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks",
        name: "createWebhook",
        about: "Says where events are posted from now on. Its secret is shown this once.",
        scope: Some("webhooks"),
        query: &[],
        body: Some(manage::NEW),
        keyed: false,
        answers: &[(201, "the webhook and its secret")],
        problems: &["too-many"],
        run: |app, request| {
            Box::pin(async move {
                let view = manage::create(&app, request.caller()?, &*request.json()?).await?;
                Ok(Reply::json(201, &view))
            })
        },
    },
    Route {
        method: Method::GET,
        path: "/v1/webhooks",
        name: "listWebhooks",
        about: "Lists where events are posted.",
        scope: Some("webhooks"),
        query: &[],
        body: None,
        keyed: false,
        answers: &[(200, "webhooks")],
        problems: &[],
        run: |app, request| {
            Box::pin(async move {
                let view = manage::list(&app, request.caller()?).await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::GET,
        path: "/v1/webhooks/{id}",
        name: "getWebhook",
        about: "Shows a webhook.",
        scope: Some("webhooks"),
        query: &[],
        body: None,
        keyed: false,
        answers: &[(200, "the webhook")],
        problems: &["not-found"],
        run: |app, request| {
            Box::pin(async move {
                let view = manage::get(&app, request.caller()?, request.part("id")).await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::PATCH,
        path: "/v1/webhooks/{id}",
        name: "changeWebhook",
        about: "Changes where, which types, or whether events are posted.",
        scope: Some("webhooks"),
        query: &[],
        body: Some(manage::CHANGE),
        keyed: false,
        answers: &[(200, "the webhook")],
        problems: &["not-found", "changed-meanwhile"],
        run: |app, request| {
            Box::pin(async move {
                let view = manage::change(
                    &app,
                    request.caller()?,
                    request.part("id"),
                    &*request.json()?,
                )
                .await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::DELETE,
        path: "/v1/webhooks/{id}",
        name: "removeWebhook",
        about: "Removes a webhook, and what is kept of its deliveries.",
        scope: Some("webhooks"),
        query: &[],
        body: None,
        keyed: false,
        answers: &[(204, "it is removed")],
        problems: &["not-found", "changed-meanwhile"],
        run: |app, request| {
            Box::pin(async move {
                manage::remove(&app, request.caller()?, request.part("id")).await?;
                Ok(Reply::nothing())
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks/{id}/rotate",
        name: "rotateWebhook",
        about: "Gives a webhook a new secret and key pair; those before sign for 24 hours more.",
        scope: Some("webhooks"),
        query: &[],
        body: Some(NOTHING),
        keyed: false,
        answers: &[(200, "the webhook and its new secret")],
        problems: &["not-found", "too-many", "changed-meanwhile"],
        run: |app, request| {
            Box::pin(async move {
                nothing(&request)?;
                let view = manage::rotate(&app, request.caller()?, request.part("id")).await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks/{id}/test",
        name: "testWebhook",
        about: "Posts an event of no payment at once, and says what became of it.",
        scope: Some("webhooks"),
        query: &[],
        body: Some(NOTHING),
        keyed: false,
        answers: &[(200, "what became of it")],
        problems: &["not-found"],
        run: |app, request| {
            Box::pin(async move {
                nothing(&request)?;
                let view = manage::test(&app, request.caller()?, request.part("id")).await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks/{id}/replay",
        name: "replayWebhook",
        about: "Posts again what was first posted in a time, with the same ids: what was given \
            up, or everything.",
        scope: Some("webhooks"),
        query: &[],
        body: Some(manage::REPLAY),
        keyed: false,
        answers: &[(202, "what will be posted again")],
        problems: &["not-found", "changed-meanwhile"],
        run: |app, request| {
            Box::pin(async move {
                let view = manage::replay(
                    &app,
                    request.caller()?,
                    request.part("id"),
                    &*request.json()?,
                )
                .await?;
                Ok(Reply::json(202, &view))
            })
        },
    },
    Route {
        method: Method::GET,
        path: "/v1/webhooks/{id}/deliveries",
        name: "listDeliveries",
        about: "Lists what became of events at a webhook, the newest first. A page may hold few \
            or none and still name a next.",
        scope: Some("webhooks"),
        query: &[
            ("after", "the page behind this one, as next names it"),
            (
                "failed",
                "true for what did not arrive, dead letters among it",
            ),
        ],
        body: None,
        keyed: false,
        answers: &[(200, "deliveries, and the address of the next page")],
        problems: &["not-found"],
        run: |app, request| {
            Box::pin(async move {
                let view =
                    look::deliveries(&app, request.caller()?, request.part("id"), &request.query)
                        .await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::GET,
        path: "/.well-known/webhook-keys",
        name: "getWebhookKeys",
        about: "The public keys that verify webhooks, by webhook.",
        scope: None,
        query: &[("webhook", "only those of this one")],
        body: None,
        keyed: false,
        answers: &[(200, "keys")],
        problems: &[],
        run: |app, request| {
            Box::pin(async move {
                let view = look::keys(&app, &request.query).await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/callbacks/{source}",
        name: "takeCallback",
        about: "Takes a callback of a source, signed as Standard Webhooks says. One that came \
            before changes nothing.",
        scope: None,
        query: &[],
        body: None,
        keyed: false,
        answers: &[(204, "it is kept")],
        problems: &["bad-signature", "too-many-requests"],
        run: |app, request| {
            Box::pin(async move {
                let source = request.part("source");
                inbox::take(&app, source, &request.headers, &request.body).await?;
                Ok(Reply::nothing())
            })
        },
    },
    Route {
        method: Method::GET,
        path: "/v1/callbacks",
        name: "listCallbacks",
        about: "Lists the callbacks that came, the oldest first.",
        scope: Some("callbacks"),
        query: &[
            ("source", "only those of this source"),
            ("limit", "callbacks at most, 1 to 50"),
            ("after", "behind this one, as next names it"),
        ],
        body: None,
        keyed: false,
        answers: &[(200, "callbacks, and the address of the next page")],
        problems: &[],
        run: |app, request| {
            Box::pin(async move {
                let view = inbox::list(&app, request.caller()?, &request.query).await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/sources",
        name: "createSource",
        about: "Says who may post callbacks. Its secret is shown this once.",
        scope: Some("callbacks"),
        query: &[],
        body: Some(sources::NEW),
        keyed: false,
        answers: &[(201, "the source and its secret")],
        problems: &["too-many"],
        run: |app, request| {
            Box::pin(async move {
                let view = sources::create(&app, request.caller()?, &*request.json()?).await?;
                Ok(Reply::json(201, &view))
            })
        },
    },
    Route {
        method: Method::GET,
        path: "/v1/sources",
        name: "listSources",
        about: "Lists who may post callbacks.",
        scope: Some("callbacks"),
        query: &[],
        body: None,
        keyed: false,
        answers: &[(200, "sources")],
        problems: &[],
        run: |app, request| {
            Box::pin(async move {
                let view = sources::list(&app, request.caller()?).await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::POST,
        path: "/v1/sources/{source}/rotate",
        name: "rotateSource",
        about: "Gives a source a new secret; the one before is taken for 24 hours more.",
        scope: Some("callbacks"),
        query: &[],
        body: Some(NOTHING),
        keyed: false,
        answers: &[(200, "the source and its new secret")],
        problems: &["not-found", "too-many", "changed-meanwhile"],
        run: |app, request| {
            Box::pin(async move {
                nothing(&request)?;
                let view = sources::rotate(&app, request.caller()?, request.part("source")).await?;
                Ok(Reply::json(200, &view))
            })
        },
    },
    Route {
        method: Method::DELETE,
        path: "/v1/sources/{source}",
        name: "removeSource",
        about: "Removes a source. What it said stays.",
        scope: Some("callbacks"),
        query: &[],
        body: None,
        keyed: false,
        answers: &[(204, "it is removed")],
        problems: &["not-found"],
        run: |app, request| {
            Box::pin(async move {
                sources::remove(&app, request.caller()?, request.part("source")).await?;
                Ok(Reply::nothing())
            })
        },
    },
];
