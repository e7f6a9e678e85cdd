//! What is counted, for Prometheus.

use std::fmt;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use zhengming::report::Summary;

use super::engine::Engine;

/// The media type of what [`Figures::text`] gives.
pub(super) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the durations that are told apart, in seconds.
const DURATIONS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0,
];

/// Counts since the server started.
pub(super) struct Figures {
    registry: RwLock<Registry>,
    requests: Family<Answered, Counter>,
    durations: Family<Route, Histogram>,
    documents: Family<Outcome, Counter>,
    diagnostics: Family<Severity, Counter>,
    reloads: Family<Outcome, Counter>,
    pub(super) in_flight: Gauge,
    entries: Gauge,
    lexicon: Family<Digest, Gauge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Severity {
    severity: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Digest {
    digest: String,
}

impl Figures {
    pub(super) fn new(engine: &Engine) -> Self {
        let durations: fn() -> Histogram = || Histogram::new(DURATIONS);
        let figures = Self {
            registry: RwLock::default(),
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            documents: Family::default(),
            diagnostics: Family::default(),
            reloads: Family::default(),
            in_flight: Gauge::default(),
            entries: Gauge::default(),
            lexicon: Family::default(),
        };
        let mut all = Registry::with_prefix("zhengming");
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        all.register("build", "The program", Info::new(version));
        all.register("requests", "Requests answered", figures.requests.clone());
        all.register_with_unit(
            "request_duration",
            "How long an answer took",
            Unit::Seconds,
            figures.durations.clone(),
        );
        all.register(
            "documents",
            "Drafts by what came of them",
            figures.documents.clone(),
        );
        all.register(
            "diagnostics",
            "Diagnostics in answers, suppressed ones left out",
            figures.diagnostics.clone(),
        );
        all.register(
            "lexicon_loads",
            "Times that lexicon and configuration were read anew",
            figures.reloads.clone(),
        );
        all.register(
            "requests_in_flight",
            "Requests that are being answered",
            figures.in_flight.clone(),
        );
        all.register(
            "lexicon_entries",
            "Entries of the lexicon",
            figures.entries.clone(),
        );
        all.register(
            "lexicon",
            "The lexicon in use, by its digest",
            figures.lexicon.clone(),
        );
        if let Ok(mut registry) = figures.registry.write() {
            *registry = all;
        }
        figures.show(engine);
        figures
    }

    /// Counts an answer.
    pub(super) fn answered(&self, route: &'static str, status: u16, took: Duration) {
        self.requests
            .get_or_create(&Answered { route, status })
            .inc();
        let durations = self.durations.get_or_create(&Route { route });
        durations.observe(took.as_secs_f64());
    }

    /// Counts the drafts of an answer.
    pub(super) fn checked(&self, drafts: usize, summary: &Summary) {
        let count = |outcome, n: usize| {
            let documents = self.documents.get_or_create(&Outcome { outcome });
            documents.inc_by(n as u64);
        };
        count("read", summary.documents);
        count("unreadable", drafts.saturating_sub(summary.documents));
        for (severity, n) in [
            ("error", summary.errors),
            ("warning", summary.warnings),
            ("info", summary.infos),
        ] {
            let diagnostics = self.diagnostics.get_or_create(&Severity { severity });
            diagnostics.inc_by(n as u64);
        }
    }

    /// Counts a change of lexicon or configuration, which was taken or refused.
    pub(super) fn reloaded(&self, engine: &Engine, taken: bool) {
        let outcome = if taken { "taken" } else { "refused" };
        self.reloads.get_or_create(&Outcome { outcome }).inc();
        self.show(engine);
    }

    fn show(&self, engine: &Engine) {
        let id = engine.now().checker.id();
        self.entries
            .set(i64::try_from(id.entries).unwrap_or(i64::MAX));
        self.lexicon.clear();
        self.lexicon
            .get_or_create(&Digest { digest: id.digest })
            .set(1);
    }

    /// All counts as text.
    ///
    /// # Errors
    /// Never, as long as strings can be written to.
    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        let registry = self.registry.read().unwrap_or_else(PoisonError::into_inner);
        encode(&mut text, &registry)?;
        Ok(text)
    }
}
