//! Log lines on stderr, where `--log` asks for them; `TIEOUT_LOG` says which.

use super::arguments::Log;
use crate::net::Form;
use crate::terminal::Stderr;
use desk::failure::{Failure, Result};
use settlement::foreign;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::set_global_default;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{MakeWriter, Subscriber};

/// Which lines are wanted, in the words of `EnvFilter`: `debug`, `jobs=debug,connectors=trace`.
const VARIABLE: &str = "TIEOUT_LOG";
/// What is wanted where the variable says nothing.
const DEFAULT: &str = "info";

/// Begins the log.
///
/// # Errors
/// Where the variable holds no filter.
pub fn begin(form: Log) -> Result<()> {
    let said = std::env::var_os(VARIABLE).map(|said| said.to_string_lossy().into_owned());
    let filter = filter(said.as_deref())?; // what is wrong is said whether or not lines are wanted
    if form == Log::Off {
        return Ok(());
    }
    // A second command in one process, as in a test, keeps the log of the first.
    let _ = match form {
        Log::Json => set_global_default(json(filter, || Stderr(Form::Json))),
        _ => set_global_default(text(filter, || Stderr(Form::Text))),
    };
    Ok(())
}

/// Lines for people.
fn text<W: Writer>(filter: EnvFilter, writer: W) -> impl tracing::Subscriber + Send + Sync {
    Subscriber::builder()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer)
        .finish()
}

/// A JSON object on each line, the event's own fields at its top.
fn json<W: Writer>(filter: EnvFilter, writer: W) -> impl tracing::Subscriber + Send + Sync {
    Subscriber::builder()
        .with_env_filter(filter)
        .with_writer(writer)
        .json()
        .flatten_event(true)
        .finish()
}

/// Where lines go.
trait Writer: for<'a> MakeWriter<'a> + Send + Sync + 'static {}

impl<W: for<'a> MakeWriter<'a> + Send + Sync + 'static> Writer for W {}

fn filter(text: Option<&str>) -> Result<EnvFilter> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let refused = |why: String| {
        Failure::usage(format!("{VARIABLE}: {why}"))
            .remedy("give a level (error, warn, info, debug, trace) or CRATE=LEVEL,...")
    };
    let text = text.unwrap_or(DEFAULT);
    // A lone word that is no level would be a crate of which everything is wanted: a slip.
    let mut words = text
        .split(',')
        .map(str::trim)
        .filter(|one| !one.contains(['=', '[']));
    if let Some(word) = words.find(|one| !one.is_empty() && one.parse::<LevelFilter>().is_err()) {
        return Err(refused(format!("{} is no level", foreign::line(word))));
    }
    EnvFilter::try_new(text).map_err(|error| refused(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally;
    use crate::watch::watched;
    use connectors::{Alert, Notifier, Severity};
    use connectors_embedded::notifier::AlertLog;
    use jiff::civil::date;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_filter_that_is_none_is_refused_with_what_to_do() {
        for good in [
            None,
            Some(""),
            Some("debug"),
            Some("jobs=debug,connectors=trace"),
        ] {
            filter(good).unwrap();
        }
        for bad in ["jobs=loud", "x", "jobs=debug,loud", "jobs"] {
            let wrong = filter(Some(bad)).unwrap_err();
            assert!(wrong.to_string().contains("TIEOUT_LOG") && wrong.remedy.contains("level"));
        }
    }

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Lines {
        fn text(&self) -> String {
            String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
        }
    }

    /// What is logged of an alert, a job that ends well and one that does not.
    async fn story(dir: &std::path::Path) {
        let alert = Alert {
            severity: Severity::Critical,
            topic: "reconcile.break".to_owned(),
            message: "a break is open".to_owned(),
            details: Default::default(),
        };
        AlertLog::open(dir).unwrap().publish(alert).await.unwrap();
        let mut tally = Tally::new("post", date(2026, 11, 27));
        let cents = settlement::money::SignedCents::new(450);
        tally.take(3, cents).unwrap();
        let well = async { Ok(tally) };
        watched("post", date(2026, 11, 27), well).await.unwrap();
        let ill = async { Err(Failure::could_not("disk").remedy("free some")) };
        watched("archive", date(2026, 11, 27), ill)
            .await
            .unwrap_err();
    }

    fn logged<S>(lines: &Lines, subscriber: S) -> String
    where
        S: tracing::Subscriber + Send + Sync + 'static,
    {
        let dir = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        tracing::subscriber::with_default(subscriber, || runtime.block_on(story(dir.path())));
        lines.text()
    }

    #[test]
    fn jobs_and_connectors_are_heard_in_both_forms() {
        let lines = Lines::default();
        let writer = lines.clone();
        let text = logged(&lines, text(filter(None).unwrap(), move || writer.clone()));
        for words in [
            "ERROR connectors_embedded::",
            "a break is open",
            "job{job=\"post\" date=2026-11-27}",
            "job begins",
            "records_in=3 cents_in=450",
            "job failed",
            "disk; free some",
        ] {
            assert!(text.contains(words), "{words:?} is not in: {text}");
        }
        let lines = Lines::default();
        let writer = lines.clone();
        let text = logged(&lines, json(filter(None).unwrap(), move || writer.clone()));
        let last = text.lines().last().unwrap();
        let last: serde_json::Value = serde_json::from_str(last).unwrap();
        assert_eq!(
            (&last["level"], &last["status"]),
            (&"ERROR".into(), &"could_not".into())
        );
        assert_eq!(last["span"]["job"], "archive");
    }
}
