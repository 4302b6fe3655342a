//! Problems: what a client is told where its request is not done (RFC 9457).
//!
//! Every code is a row of [`PROBLEMS`], which the pages under `/problems` and the API's
//! description are made from. No problem repeats a value of the request.

use super::fields::Wrong;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// A kind of problem.
#[derive(Debug)]
pub struct Kind {
    /// Its name: the last part of its type.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// In a few words.
    pub title: &'static str,
    /// Whether the same request may be done later.
    pub retryable: bool,
    /// What the client should do, for the page.
    pub remedy: &'static str,
}

const fn kind(
    code: &'static str,
    status: u16,
    title: &'static str,
    retryable: bool,
    remedy: &'static str,
) -> Kind {
    Kind {
        code,
        status,
        title,
        retryable,
        remedy,
    }
}

/// Every kind of problem, by status.
#[rustfmt::skip]
pub const PROBLEMS: &[Kind] = &[
    kind("not-json", 400, "The body is no JSON document", false,
        "Send one JSON document in UTF-8, without anything behind it; line and column say where \
            reading ended."),
    kind("bad-header", 400, "A header cannot be read", false,
        "Correct the header that the detail names."),
    kind("bad-query", 400, "A part of the query is wrong", false,
        "Correct the parameters that errors name; leave out those that do not exist."),
    kind("idempotency-key-missing", 400, "The request needs an Idempotency-Key", false,
        "Send the header Idempotency-Key with 1 to 255 visible ASCII characters, a new one for \
            each payment that you mean, and the same one each time you repeat the request."),
    kind("unauthenticated", 401, "No caller is known by this", false,
        "Send Authorization: Bearer and a key that is in use."),
    kind("bad-signature", 401, "The callback is not signed as it must be", false,
        "Sign webhook-id, webhook-timestamp and the body with the source's secret as Standard \
         Webhooks 1.0.0 says, within five minutes of sending it."),
    kind("forbidden", 403, "The caller may not do this", false,
        "Use a key with the scope that the detail names."),
    kind("merchant-not-approved", 403, "The merchant takes no payments now", false,
        "Wait until the merchant is approved by two people, or ask why it was suspended."),
    kind("not-found", 404, "There is nothing of that name", false,
        "Look at the path. What another merchant has is not shown."),
    kind("method-not-allowed", 405, "There is nothing to be done so", false,
        "Use one of the methods of the header Allow."),
    kind("in-progress", 409, "The same request is still being worked on", true,
        "Repeat the request after the seconds of Retry-After."),
    kind("too-late", 409, "The payment has gone too far for that", false,
        "Look at the payment: state says where it is. What the bank has can be reversed or \
            refunded."),
    kind("not-now", 409, "The payment is not in a state for that", false,
        "Look at the payment: state says where it is, and expected when that changes."),
    kind("date-refused", 409, "The date cannot be run now", false,
        "Run the dates in their order, as the detail says: each banking day once, none left out. \
            Nothing was moved."),
    kind("return-window-open", 409, "The payment can still come back by itself", false,
        "Wait until the date of the detail, or use a key with the scope refunds:early."),
    kind("changed-meanwhile", 409, "Somebody else has changed it", true,
        "Read it again and repeat the request, if it is still meant."),
    kind("too-many", 409, "There are as many as there may be", false,
        "Remove one that is not used any more."),
    kind("too-large", 413, "The body is too large", false,
        "Send at most the bytes that the detail names."),
    kind("unsupported-media-type", 415, "The body is of another type", false,
        "Send Content-Type: application/json."),
    kind("invalid", 422, "Fields are wrong", false,
        "Correct every field that errors names; each has the place in the request."),
    kind("idempotency-key-reused", 422, "The key belongs to another request", false,
        "Use a new key for a new request. Nothing was done; payment, where it is there, is the \
            one that the key made."),
    kind("denied", 422, "The payment was refused for its risk", false,
        "The reasons say why. Nothing was made."),
    kind("too-many-requests", 429, "More requests than agreed", true,
        "Repeat the request after the seconds of Retry-After."),
    kind("too-many-headers", 431, "The request has too many headers", false,
        "Send at most 64 headers."),
    kind("internal", 500, "Something is wrong here", true,
        "Repeat the request with the same key; tell the operator the request id."),
    kind("day-stopped", 500, "The date was not run to its end", true,
        "Mend what the detail names and run the same date again: it goes on where it stopped. The \
            clock stands where it was."),
    kind("unavailable", 503, "It cannot be done at the moment", true,
        "Repeat the request with the same key after the seconds of Retry-After. Whether it was \
            done is not known; with the same key it is done once."),
    kind("overloaded", 503, "Too much is asked at once", true,
        "Repeat the request after the seconds of Retry-After. Nothing was done."),
];

/// A problem with a request.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which kind.
    pub code: &'static str,
    /// What is wrong, of this request.
    pub detail: String,
    /// Every field that is wrong.
    pub errors: Vec<Wrong>,
    /// What else a client may want to read of it.
    pub more: Map<String, Value>,
    /// Seconds after which the request may be repeated.
    pub retry_after: Option<u32>,
}

/// What a handler answers.
pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    /// A problem of a kind.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            more: Map::new(),
            retry_after: None,
        }
    }

    /// A problem with fields.
    pub fn fields(errors: Vec<Wrong>) -> Problem {
        let detail = match errors.as_slice() {
            [one] => format!("1 field is wrong: {}", one.pointer),
            all => format!("{} fields are wrong", all.len()),
        };
        Problem {
            errors,
            ..Problem::new("invalid", detail)
        }
    }

    /// The same, with something more to read.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The same, to be repeated after so many seconds.
    #[must_use]
    pub fn after(mut self, seconds: u32) -> Problem {
        self.retry_after = Some(seconds);
        self
    }

    /// The row of its kind.
    pub fn kind(&self) -> &'static Kind {
        let row = PROBLEMS.iter().find(|row| row.code == self.code);
        row.expect("every code is a row: a test asks each of them")
    }

    /// The document; `instance` is the request's id.
    pub fn document(&self, instance: &str) -> Value {
        let kind = self.kind();
        let mut document = json!({
            "type": format!("/problems/{}", kind.code),
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
            "instance": format!("/requests/{instance}"),
            "code": kind.code,
            "retryable": kind.retryable,
        });
        if !self.errors.is_empty() {
            document["errors"] = json!(self.errors);
        }
        for (name, value) in &self.more {
            document[name.as_str()] = value.clone();
        }
        document
    }
}

/// The media type of problems.
pub const MEDIA_TYPE: &str = "application/problem+json";

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = self.kind();
        let status = StatusCode::from_u16(kind.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // The body names the request, which the outermost layer knows.
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}

/// What a port's failure is to a client.
impl From<connectors::Error> for Problem {
    fn from(error: connectors::Error) -> Problem {
        tracing::error!(error = %error, "a port failed");
        use connectors::Error as E;
        match error {
            E::Unavailable { .. } => {
                Problem::new("unavailable", "a store does not answer").after(1)
            }
            E::Full { .. } | E::Denied { .. } => {
                Problem::new("unavailable", "a store takes no writes").after(1)
            }
            _ => Problem::new("internal", "a store answered what nobody expected"),
        }
    }
}

impl From<desk::failure::Failure> for Problem {
    fn from(failure: desk::failure::Failure) -> Problem {
        tracing::error!(error = %failure, "the desk failed");
        match failure.status {
            desk::failure::Status::CouldNot => {
                Problem::new("unavailable", "a store does not answer").after(1)
            }
            _ => Problem::new("internal", "it could not be done"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_names_said_once_in_the_order_of_statuses() {
        let statuses: Vec<u16> = PROBLEMS.iter().map(|row| row.status).collect();
        assert!(statuses.is_sorted());
        for row in PROBLEMS {
            let same = PROBLEMS.iter().filter(|other| other.code == row.code);
            assert_eq!(same.count(), 1, "{}", row.code);
            let plain = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(row.code.chars().all(plain), "{}", row.code);
            assert!(row.remedy.ends_with('.'), "{}", row.code);
        }
    }

    #[test]
    fn every_code_that_is_said_is_a_row() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut waiting = vec![folder];
        let mut said = 0;
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for part in text.split("Problem::new(").skip(1) {
                    let Some(code) = part.trim_start().strip_prefix('"') else {
                        continue;
                    };
                    let code = code.split('"').next().unwrap();
                    if !code.starts_with(|c: char| c.is_ascii_lowercase()) {
                        continue; // this test's own words
                    }
                    assert!(PROBLEMS.iter().any(|row| row.code == code), "{code}");
                    said += 1;
                }
            }
        }
        assert!(said > 10, "{said}");
    }
}
