//! The page of a backtest: how many transfers go, why the others do not, what would change it, and the rows in question. It is one file
//! without scripts, for the person who decides whether to work with a registry.

use askama::Template;

use super::tally::{FIRMS, Tally, percent};
use crate::http::page::{STYLE, said_of};
use crate::node::Registry;
use crate::precheck::ENGINE;
use vasp_rules::policy::Recommendation;
use vasp_words::time::UtcTime;

/// How many stopped and unread rows are listed each.
const LISTED: usize = 500;
/// The width of the picture, in its own units.
const WIDTH: usize = 1_000;

/// What the page is made from.
pub(super) struct Page<'a> {
    pub name: &'a str,
    pub from: &'a str,
    pub now: UtcTime,
    pub tally: &'a Tally,
    pub registry: &'a Registry,
}

/// One part of the bar.
struct Part {
    word: &'static str,
    tone: &'static str,
    count: usize,
    percent: usize,
    x: usize,
    width: usize,
}

struct Line<'a> {
    cells: Vec<&'a str>,
    count: usize,
    percent: usize,
}

#[derive(Template)]
#[template(path = "cli/backtest/page.html")]
struct Html<'a> {
    style: &'a str,
    environment: &'a str,
    name: &'a str,
    from: &'a str,
    now: String,
    engine: &'a str,
    policy: String,
    sequence: i64,
    total: usize,
    parts: Vec<Part>,
    sentences: Vec<String>,
    causes: Vec<Line<'a>>,
    firms: Vec<Line<'a>>,
    more_firms: usize,
    stopped: Vec<(u64, &'a str, String, &'a str)>,
    more_stopped: usize,
    unread: Vec<(u64, &'a str, &'a str)>,
    more_unread: usize,
}

impl Page<'_> {
    /// Returns the page.
    pub(super) fn html(&self) -> Result<String, askama::Error> {
        let Self { name, from, now, tally, registry } = self;
        let generation = registry.pin(*now);
        let policy = &generation.documents().policy.value;
        let environment = registry.environment_with(policy);
        let total = tally.judged();
        let stopped = tally.stopped.len();
        let causes = tally.causes.iter().map(|cause| Line {
            cells: vec![cause.code.as_str(), cause.example.as_str(), cause.step.as_str()],
            count: cause.count,
            percent: percent(cause.count, stopped),
        });
        let mut freed = 0;
        let firms = tally.firms.iter().take(FIRMS).map(|firm| {
            freed += firm.freed;
            Line {
                cells: vec![firm.name.as_str(), firm.country.as_str(), firm.besides],
                count: firm.freed,
                percent: percent(freed, stopped),
            }
        });
        let rows = tally.stopped.iter().take(LISTED).map(|one| {
            let cause = one.cause.as_ref().map_or("", |(_, detail)| detail.as_str());
            (one.line, one.address.as_str(), one.recommendation.to_string(), cause)
        });
        let html = Html {
            style: STYLE,
            environment: said_of(environment),
            name,
            from,
            now: now.to_string(),
            engine: ENGINE,
            policy: policy.to_string(),
            sequence: generation.sequence(),
            total,
            parts: self.parts(),
            sentences: tally.sentences(),
            causes: causes.collect(),
            firms: firms.collect(),
            more_firms: tally.firms.len().saturating_sub(FIRMS),
            stopped: rows.collect(),
            more_stopped: stopped.saturating_sub(LISTED),
            unread: tally.unread.iter().take(LISTED).map(|one| (one.line, one.column.as_str(), one.why.as_str())).collect(),
            more_unread: tally.unread.len().saturating_sub(LISTED),
        };
        html.render()
    }

    fn parts(&self) -> Vec<Part> {
        let words = [
            (Recommendation::Proceed, "proceed", "good"),
            (Recommendation::ProceedWithConditions, "proceed with conditions", "valid"),
            (Recommendation::Hold, "hold", "warn"),
            (Recommendation::Reject, "reject", "bad"),
        ];
        let total = self.tally.judged().max(1);
        let mut x = 0;
        let part = |(recommendation, word, tone)| {
            let count = self.tally.count(recommendation);
            let part = Part { word, tone, count, percent: percent(count, total), x, width: count.saturating_mul(WIDTH) / total };
            x += part.width;
            part
        };
        words.into_iter().map(part).collect()
    }
}
