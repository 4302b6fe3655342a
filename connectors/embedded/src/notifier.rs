//! Alerts into the log and into a file: one JSON document a line, appended.

use crate::files;
use async_trait::async_trait;
use connectors::{Alert, Error, Notifier, Result, Severity};
use settlement::foreign;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A [`Notifier`] that writes `alerts.jsonl`.
#[derive(Clone, Debug)]
pub struct AlertLog {
    file: PathBuf,
}

impl AlertLog {
    /// The log in `dir`, which is made where it is missing.
    ///
    /// # Errors
    /// What stands in the way of the folder.
    pub fn open(dir: &Path) -> Result<AlertLog> {
        files::make_folder(dir)?;
        Ok(AlertLog {
            file: dir.join("alerts.jsonl"),
        })
    }

    /// The log in `dir`, where there is one: nothing is made.
    pub fn over(dir: &Path) -> AlertLog {
        AlertLog {
            file: dir.join("alerts.jsonl"),
        }
    }

    /// The file the alerts are in.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

#[async_trait]
impl Notifier for AlertLog {
    async fn publish(&self, alert: Alert) -> Result<()> {
        let Alert {
            severity,
            topic,
            message,
            ..
        } = &alert;
        match severity {
            Severity::Info => tracing::info!(%topic, "{message}"),
            Severity::Warning => tracing::warn!(%topic, "{message}"),
            Severity::Critical => tracing::error!(%topic, "{message}"),
        }
        let file = self.file.clone();
        files::blocking(move || {
            let document =
                serde_json::to_string(&alert).map_err(|e| Error::unavailable("alert", e))?;
            let line = format!("{}\n", foreign::json(&document));
            // One write of one line: lines of several processes do not mix.
            let mut log = files::private()
                .append(true)
                .create(true)
                .open(&file)
                .map_err(|e| Error::io(&file, e))?;
            log.write_all(line.as_bytes())
                .and_then(|()| log.sync_data())
                .map_err(|e| Error::io(&file, e))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn alerts_are_appended() {
        let dir = tempfile::tempdir().unwrap();
        let alert = Alert {
            severity: Severity::Critical,
            topic: "reconcile.break".to_owned(),
            message: "a line of 10.00 has no entry".to_owned(),
            details: [("cents".to_owned(), "1000".to_owned())].into(),
        };
        for _ in 0..2 {
            AlertLog::open(dir.path())
                .unwrap()
                .publish(alert.clone())
                .await
                .unwrap();
        }
        let text = std::fs::read_to_string(dir.path().join("alerts.jsonl")).unwrap();
        let read: Vec<Alert> = text
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(read, [alert.clone(), alert]);
    }
}
