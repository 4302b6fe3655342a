//! What a route is: a row of a table of them, and a request and an answer as its handler
//! knows them.

use crate::app::App;
use crate::callers::Caller;
use crate::wire::fields::Field;
use crate::wire::json::{Json, Wiped};
use crate::wire::problem::{Problem, Result};
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use zeroize::Zeroize;

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
pub const JSON: &str = "application/json";

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

    /// An answer that says nothing but that it is done.
    pub fn nothing() -> Reply {
        Reply {
            status: 204,
            kind: JSON,
            body: String::new(),
            headers: Vec::new(),
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        // What the HTTP library still holds of it is not ours to wipe.
        if let Ok(mut body) = std::mem::take(&mut self.body).try_into_mut() {
            body.zeroize();
        }
    }
}

/// A handler at work.
pub type Work = Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;

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
    pub fn json(&self) -> Result<Wiped> {
        if self.body.is_empty() {
            return Ok(Wiped(Json::Object(Vec::new())));
        }
        let read = Json::read(&self.body).map(Wiped);
        read.map_err(|why| Problem::new("not-json", why.to_string()))
    }
}

/// A route that anybody may read.
pub const fn open(
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
