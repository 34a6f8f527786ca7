//! Screening hits and lists as operators read them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{HitRecord, ListRecord};
use crate::http::paging::cursor;
use crate::node::Page;
use crate::proposals::http::ProposalView;
use vasp_record::screening_decision::HitStatus;
use vasp_rules::screening::Verdict;
use vasp_words::time::UtcTime;

/// A match of a VASP with an entry of a screening list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScreeningHit)]
pub(crate) struct ScreeningHitView {
    id: String,
    vasp: String,
    status: HitStatus,
    /// The list.
    list: String,
    /// The list's own number of the entry.
    uid: String,
    /// The entry's primary name.
    name: String,
    programs: Vec<String>,
    /// `party` if the VASP itself matched, `address` if an address that it claims matched.
    about: String,
    /// What was compared: `name`, `lei`, `host` or `address`.
    matched_by: String,
    /// The value of the VASP that matched.
    matched: String,
    /// The value of the entry that it matched, as published.
    listed: String,
    /// How alike the two are, 0 to 100.
    score: i16,
    /// Digest of the entry's present version. A decision is valid for exactly this version.
    entry_sha256: String,
    /// Id of the VASP's open case; null if there is none.
    case: Option<String>,
    found_at: UtcTime,
    changed_at: UtcTime,
    /// The decision that is proposed, or was made about the entry's present version: `false_positive` or `true_match`; null if there
    /// is neither.
    decision: Option<&'static str>,
    /// The proposal that waits for another person, or that two people decided; null if there is neither.
    proposal: Option<ProposalView>,
}

/// A page of hits.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScreeningHitList)]
pub(crate) struct ScreeningHitListView {
    items: Vec<ScreeningHitView>,
    /// Send it as `cursor` for the next page; null on the last page.
    next_cursor: Option<String>,
}

/// The screening lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScreeningLists)]
pub(crate) struct ScreeningListsView {
    pub(crate) items: Vec<ListRecord>,
}

impl From<&HitRecord> for ScreeningHitView {
    fn from(record: &HitRecord) -> Self {
        let row = &record.hit;
        Self {
            id: row.id.to_string(),
            vasp: row.vasp.to_string(),
            status: row.status,
            list: row.list.clone(),
            uid: row.uid.clone(),
            name: row.name.clone(),
            programs: row.programs.0.clone(),
            about: row.about.to_string(),
            matched_by: row.matched_by.clone(),
            matched: row.matched.clone(),
            listed: row.listed.clone(),
            score: row.score,
            entry_sha256: row.entry_sha256.clone(),
            case: record.case.map(|id| id.to_string()),
            found_at: row.found_at,
            changed_at: row.changed_at,
            decision: record.verdict.map(Verdict::as_str),
            proposal: record.proposal.as_ref().map(ProposalView::from),
        }
    }
}

impl From<Page<HitRecord, String>> for ScreeningHitListView {
    fn from(page: Page<HitRecord, String>) -> Self {
        Self { items: page.items.iter().map(ScreeningHitView::from).collect(), next_cursor: page.next.as_ref().map(cursor) }
    }
}
