//! The calendar: which days are banking days, and until when a payment makes each window.

use crate::app::App;
use crate::route::{Reply, Request, Route};
use crate::wire::fields::wrong;
use crate::wire::problem::{Problem, Result};
use http::Method;
use jiff::civil::Date;
use serde_json::{Value, json};
use settlement::calendar::is_banking_day;
use settlement::windows::{Window, eastern_date};

/// Days of one answer.
const MOST_DAYS: usize = 100;

/// The route.
pub static ROUTES: &[Route] = &[Route {
    method: Method::GET,
    path: "/v1/calendar",
    name: "getCalendar",
    about: "Days, which of them are banking days, and the cutoffs of their windows.",
    scope: Some("payments:read"),
    query: &[
        ("from", "the first day; today where nothing is said"),
        (
            "to",
            "the last day, at most a hundred in all; two weeks where nothing is said",
        ),
    ],
    body: None,
    keyed: false,
    answers: &[(200, "the days")],
    problems: &[],
    run: |app, request| Box::pin(async move { days(&app, &request) }),
}];

fn days(app: &App, request: &Request) -> Result<Reply> {
    request.caller()?.may("payments:read")?;
    let bad = |name: &str, why: &str| Problem {
        errors: vec![wrong(name, "query", why)],
        ..Problem::new("bad-query", "a part of the query is wrong")
    };
    let date = |name: &str| match request.query.get(name) {
        None => Ok(None),
        Some(text) => match text.parse::<Date>() {
            Ok(date) if text.len() == 10 => Ok(Some(date)),
            _ => Err(bad(name, "must be a date, for example 2026-11-27")),
        },
    };
    let from = date("from")?.unwrap_or_else(|| eastern_date(app.now()));
    let usual = || from.checked_add(jiff::Span::new().days(13));
    let to = match date("to")? {
        Some(to) => to,
        None => usual().map_err(|_| bad("from", "is at the end of the calendar"))?,
    };
    let series = from.series(jiff::Span::new().days(1));
    let all: Vec<Date> = series
        .take_while(|day| *day <= to)
        .take(MOST_DAYS + 1)
        .collect();
    if all.len() > MOST_DAYS {
        return Err(bad("to", "at most a hundred days are told at once"));
    }
    let data: Vec<Value> = all.into_iter().map(|day| told(app, day)).collect();
    Ok(Reply::json(200, &json!({ "data": data, "next": null })))
}

fn told(app: &App, day: Date) -> Value {
    if !is_banking_day(day) {
        return json!({ "date": day, "banking_day": false });
    }
    let desk = &app.house.home;
    let windows = Window::ALL
        .iter()
        .map(|window| json!({ "window": window, "cutoff": desk.cutoff(day, *window) }));
    let windows: Vec<Value> = windows.collect();
    json!({ "date": day, "banking_day": true, "windows": windows })
}
