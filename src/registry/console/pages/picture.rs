//! Pictures that the server draws: licences by the day on which they hold and the day on which they were known; ages as bars. The page says
//! the same in words beside each picture.

use std::fmt::Write;

use serde_json::Value;

use super::super::shown::{list, text};
use crate::http::html::escaped;
use vasp_words::time::Date;

const WIDTH: i64 = 720;
const NAME: i64 = 170;
const LINE: i64 = 34;

/// Draws the licences of a firm: above when each is valid, below when its source showed it. `None` if no day is known.
pub(super) fn licences(firm: &Value, today: Date) -> Option<(String, String)> {
    let day = |licence: &Value, pointer: &str| text(licence, pointer).parse::<Date>().ok();
    let all = list(firm, "/licences");
    let starts = all.iter().flat_map(|licence| [day(licence, "/valid_from"), day(licence, "/first_seen")]).flatten();
    let first = starts.min()?;
    let span = today.days_since(first).max(30).saturating_add(30);
    let x = |day: Date| NAME.saturating_add((WIDTH - NAME).saturating_mul(day.days_since(first).clamp(0, span)) / span.max(1));
    let height = LINE.saturating_mul(i64::try_from(all.len()).unwrap_or(1)).saturating_add(24);
    let mut svg =
        format!("<svg class=\"times\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Licences over time\">");
    for (licence, row) in all.iter().zip(0_i64..) {
        let y = row.saturating_mul(LINE).saturating_add(6);
        let name: String = text(licence, "/authority/id").chars().take(22).collect();
        let _ = write!(svg, "<text x=\"0\" y=\"{}\">{}</text>", y + 14, escaped(&name));
        // Without a last day, a licence that is not in force today looks valid: it has another colour.
        let valid = if text(licence, "/status") == "in_force" { "valid" } else { "late" };
        for (from, to, class, offset) in [("/valid_from", "/valid_to", valid, 0), ("/first_seen", "/last_seen", "seen", 13)] {
            let Some(start) = day(licence, from).or_else(|| day(licence, "/first_seen")) else { continue };
            let (start, end) = (x(start), x(day(licence, to).unwrap_or(today)));
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{start}\" y=\"{}\" width=\"{}\" height=\"10\"/>",
                y + offset,
                (end - start).max(2)
            );
        }
    }
    let now = x(today);
    let _ = write!(svg, "<line class=\"now\" x1=\"{now}\" x2=\"{now}\" y1=\"0\" y2=\"{}\"/>", height - 18);
    let _ = write!(
        svg,
        "<text x=\"{NAME}\" y=\"{}\">{first}</text><text class=\"end\" x=\"{WIDTH}\" y=\"{}\">today</text></svg>",
        height - 4,
        height - 4
    );
    Some((svg, "Above: the days for which the licence was given, red if it is not in force today. Below: the days on which its source showed it.".to_owned()))
}

/// Draws an age against its limit.
pub(super) fn ages(sources: &[(String, i64, Option<i64>)]) -> Option<(String, String)> {
    let longest = sources.iter().map(|(_, age, limit)| (*age).max(limit.unwrap_or(0))).max()?.max(1);
    let height = 22_i64.saturating_mul(i64::try_from(sources.len()).unwrap_or(1)).saturating_add(4);
    let length = |days: i64| (WIDTH - NAME - 60).saturating_mul(days.max(0)) / longest;
    let mut svg = format!("<svg class=\"times\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Ages of sources\">");
    for ((name, age, limit), row) in sources.iter().zip(0_i64..) {
        let y = row.saturating_mul(22).saturating_add(4);
        let class = if limit.is_some_and(|limit| *age > limit) { "late" } else { "valid" };
        let name: String = name.chars().take(22).collect();
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{}\">{}</text><rect class=\"{class}\" x=\"{NAME}\" y=\"{y}\" width=\"{}\" height=\"14\"/><text x=\"{}\" y=\"{}\">{age}</text>",
            y + 12,
            escaped(&name),
            length(*age).max(2),
            NAME + length(*age) + 6,
            y + 12
        );
        if let Some(limit) = limit {
            let at = NAME + length(*limit);
            let _ = write!(svg, "<line class=\"now\" x1=\"{at}\" x2=\"{at}\" y1=\"{}\" y2=\"{}\"/>", y - 2, y + 16);
        }
    }
    svg.push_str("</svg>");
    Some((svg, "Age in days. The line is the limit after which a source confirms nothing any more.".to_owned()))
}
