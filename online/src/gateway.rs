//! The routes that a gateway exposes without a version, beside the same with one.

use crate::payments::asked::NEW_PAYMENT;
use crate::payments::handle::{create_payment, fraud_check, validate};
use crate::route::{Request, Route, Work};
use http::Method;
use std::sync::Arc;

/// A route that takes a request for a payment.
const fn takes(
    path: &'static str,
    name: &'static str,
    about: &'static str,
    keyed: bool,
    run: fn(Arc<crate::app::App>, Request) -> Work,
) -> Route {
    Route {
        method: Method::POST,
        path,
        name,
        about,
        scope: Some("payments:write"),
        query: &[],
        body: Some(NEW_PAYMENT),
        keyed,
        answers: match keyed {
            true => &[
                (201, "the payment was made"),
                (202, "the payment was made, and is held for a review"),
            ],
            false => &[(200, "what was found")],
        },
        problems: &["denied", "merchant-not-approved", "not-found"],
        run,
    }
}

const CHECKS: &str = "Checks a request for a payment as createPayment does, and makes nothing.";
const JUDGES: &str = "How likely a request is a fraud, 0 to 1000, with its reasons.";
const PROCESSES: &str = "Checks, judges and makes a payment: the same as createPayment.";

/// The routes.
pub static ROUTES: &[Route] = &[
    takes(
        "/v1/fraud-check",
        "checkFraud",
        JUDGES,
        false,
        |app, request| Box::pin(fraud_check(app, request)),
    ),
    takes(
        "/v1/process",
        "processPayment",
        PROCESSES,
        true,
        |app, request| Box::pin(create_payment(app, request)),
    ),
    takes(
        "/validate",
        "validateUnversioned",
        CHECKS,
        false,
        |app, request| Box::pin(validate(app, request)),
    ),
    takes(
        "/fraud-check",
        "checkFraudUnversioned",
        JUDGES,
        false,
        |app, request| Box::pin(fraud_check(app, request)),
    ),
    takes(
        "/process",
        "processUnversioned",
        PROCESSES,
        true,
        |app, request| Box::pin(create_payment(app, request)),
    ),
];
