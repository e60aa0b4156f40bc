//! Results: to the terminal, and into a document between two markers.

use std::{fmt, path::Path, time::Duration};

use time::{OffsetDateTime, macros::format_description};

use crate::{Result, database};

/// One benchmark's results.
#[derive(Debug)]
pub(crate) struct Report {
    /// Names its place in the document: `<!-- results: name -->` to `<!-- end -->`.
    name: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Report {
    pub(crate) fn new(name: impl Into<String>, columns: &[&'static str]) -> Self {
        Self {
            name: name.into(),
            columns: columns.to_vec(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What is compared with a bar: the columns of [`Self::row`].
    pub(crate) fn compared(name: impl Into<String>) -> Self {
        Self::new(name, &["", "baseline", "server", "ratio", "bar", ""])
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) -> &mut Self {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) -> &mut Self {
        self.notes.push(note.into());
        self
    }

    /// Replaces what stands between the markers.
    pub(crate) fn put_into(&self, path: &Path) -> Result<()> {
        let text = std::fs::read_to_string(path)?;
        let marker = format!("<!-- results: {} -->", self.name);
        let missing = || format!("{} has no place `{marker}`", path.display());
        let (before, behind) = text.split_once(&marker).ok_or_else(missing)?;
        let (_, after) = behind.split_once("<!-- end -->").ok_or_else(missing)?;
        let text = format!("{before}{marker}\n{}\n<!-- end -->{after}", self.markdown());
        Ok(std::fs::write(path, text)?)
    }

    fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let columns: Vec<String> = self.columns.iter().map(|&name| name.to_owned()).collect();
        let rule: Vec<String> = columns.iter().map(|_| "---".to_owned()).collect();
        let rows = [columns, rule].into_iter().chain(self.rows.iter().cloned());
        let mut text: String = rows.map(|row| line(&row)).collect();
        for note in &self.notes {
            text.push_str(&format!("\n{note}\n"));
        }
        text
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n\n{}", self.name, self.markdown())
    }
}

/// Rounds of a baseline and the server, in turns.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    baseline: Vec<f64>,
    server: Vec<f64>,
}

impl Rounds {
    pub(crate) fn push(&mut self, baseline: f64, server: f64) {
        eprintln!("  round: baseline {baseline:.0}, server {server:.0}");
        self.baseline.push(baseline);
        self.server.push(server);
    }

    /// A row: medians, the median of the rounds' ratios, and whether that reaches the bar.
    pub(crate) fn cells(&self, what: &str, unit: &str, bar: f64) -> [String; 6] {
        let ratios: Vec<f64> = self
            .baseline
            .iter()
            .zip(&self.server)
            .map(|(baseline, server)| server / baseline)
            .collect();
        let ratio = median(&ratios);
        [
            what.to_owned(),
            format!("{} {unit}", thousands(median(&self.baseline))),
            format!("{} {unit}", thousands(median(&self.server))),
            format!("{ratio:.2}"),
            format!("≥ {bar}"),
            verdict(ratio >= bar),
        ]
    }
}

pub(crate) fn verdict(reached: bool) -> String {
    if reached { "reached" } else { "**missed**" }.to_owned()
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Processor time for one of so many things.
pub(crate) fn each(time: Duration, count: u32) -> String {
    format!(
        "{:.1} µs",
        time.as_secs_f64() * 1e6 / f64::from(count.max(1))
    )
}

/// A number without decimals, its thousands set apart.
pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let first = digits.len() % 3;
    let mut groups = Vec::new();
    if first > 0 {
        groups.push(&digits[..first]);
    }
    let mut at = first;
    while at < digits.len() {
        groups.push(&digits[at..at + 3]);
        at += 3;
    }
    groups.join(",")
}

/// What all of it ran on.
pub(crate) async fn machine() -> Result<Report> {
    let now = OffsetDateTime::now_utc().format(format_description!("[year]-[month]-[day]"))?;
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown", |(_, model)| model);
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    let mut report = Report::new("machine", &["", ""]);
    report
        .row(["date", now.as_str()])
        .row(["processor", &format!("{count} × {model}")])
        .row(["load average at the end", load])
        .row(["SQLite", &database::version(database::Kind::Sqlite).await?]);
    if let Ok(version) = database::version(database::Kind::Postgres).await {
        report.row(["PostgreSQL", &version]);
    }
    Ok(report)
}
