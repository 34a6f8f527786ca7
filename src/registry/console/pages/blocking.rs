//! What stands in the way of a case's decision: evidence that is missing, screening hits that nobody has decided, and claims that others
//! contradict. Nothing is said to be in order while one of them is there.

use serde_json::Value;

use super::super::sheet::Sheet;
use super::super::shown::{list, plain, text};
use super::super::visit::{Desk, Stop};
use super::{cases, hits, today};

/// What stands in the way of a case's decision.
pub(super) struct Blocking {
    /// What the attributes without evidence are called; `None` if the case has no checklist.
    missing: Option<Vec<String>>,
    /// The open screening hits of the VASP and its group.
    hits: Value,
    /// Whether a dispute of the case is open, or its claims wait because they contradict others.
    has_contradictions: bool,
}

impl Blocking {
    pub(super) async fn read(desk: &Desk, case: &Value, checklist: &Value) -> Result<Self, Stop> {
        let (id, vasp) = (text(case, "/id"), text(case, "/vasp"));
        let is = |kind: &str| list(case, "/triggers").iter().any(|trigger| text(trigger, "/kind") == kind);
        let names = || list(checklist, "/blocking").iter().map(|name| cases::named(checklist, &plain(name))).collect();
        let hits = if vasp.is_empty() || !desk.may("list_screening_hits") {
            Value::Null
        } else {
            desk.read_if_any(&format!("/v1/screening/hits?status=open&vasp={vasp}")).await?
        };
        let disputes = if is("dispute") { desk.read_all(super::disputes::ALL).await? } else { Vec::new() };
        let is_open = |dispute: &Value| text(dispute, "/case") == id && text(dispute, "/closed_at").is_empty();
        let waiting = if is("pending_claims") {
            desk.read_if_any(&format!("/v1/claims/pending/{id}/rows?limit=50{}", desk.cursor_by("claims"))).await?
        } else {
            Value::Null
        };
        let has_contradictions = disputes.iter().any(is_open) || !list(&waiting, "/items").is_empty();
        Ok(Self { missing: (!checklist.is_null()).then(names), hits, has_contradictions })
    }

    /// Returns whether every attribute has its evidence, and nothing else waits to be decided first.
    pub(super) fn is_ready(&self) -> bool {
        let is_complete = self.missing.as_ref().is_some_and(Vec::is_empty);
        is_complete && list(&self.hits, "/items").is_empty() && !self.has_contradictions
    }

    /// Says what blocks an open case. Whether its record may be verified at all is given.
    pub(super) fn show(&self, desk: &Desk, sheet: &mut Sheet, vasp: &str, may_verify: bool) {
        let count = list(&self.hits, "/items").len();
        if count > 0 {
            let first = if count == 1 {
                "1 open screening hit: decide it first.".to_owned()
            } else {
                format!("{count} open screening hits: decide them first.")
            };
            sheet.notice(
                "warn",
                first,
                "No case is closed in the firm's favour before. A proposed decision waits for a second person.",
            );
            let table = hits::table(desk, "Open screening hits", &self.hits, "");
            today::begin(sheet, table, &self.hits, &format!("/console/hits?status=open&vasp={vasp}"));
        }
        if self.has_contradictions {
            sheet.notice("warn", "Contradicting claims:", "others claim addresses of this firm. Look at them below.");
        }
        match &self.missing {
            Some(missing) if !missing.is_empty() => sheet.notice("warn", "Evidence is missing:", missing.join(", ")),
            _ if self.is_ready() && may_verify => {
                sheet.notice("good", "Nothing blocks the verification.", "Every required attribute has evidence.");
            }
            _ => {}
        }
    }
}
