//! The page to read and to try the API, without anything from outside.

use crate::route::Reply;

/// What the page may load: its own script and style, and answers of this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// A file of the page.
pub fn file(kind: &'static str, body: &'static str) -> Reply {
    Reply {
        status: 200,
        kind,
        body: body.to_owned(),
        headers: vec![("content-security-policy", POLICY.to_owned())],
    }
}

/// The page.
pub const PAGE: &str = include_str!("docs/page.html");
/// How it looks.
pub const STYLE: &str = include_str!("docs/page.css");
/// What it does.
pub const SCRIPT: &str = include_str!("docs/page.js");
