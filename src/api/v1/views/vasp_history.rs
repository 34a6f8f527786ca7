//! One item of a VASP's history.

use serde::Serialize;
use utoipa::ToSchema;

use crate::service::HistoryItem;
use vasp_log::change::FactChange;
use vasp_words::time::{Date, UtcTime};

/// What one change of the log did to a VASP from one day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HistoryItem)]
pub(crate) struct HistoryItemView {
    /// Place in the log.
    sequence: i64,
    /// When the registry learnt it.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: UtcTime,
    /// Kind of the change, such as `vasp_listed` or `vasp_changed`.
    #[schema(example = "vasp_changed")]
    kind: String,
    /// First day for which it holds; null: since nobody knows when.
    #[schema(value_type = Option<String>, format = Date)]
    valid_from: Option<Date>,
    /// File or page; null where the payload was erased.
    source: Option<String>,
    /// The values that changed; empty if the payload was erased.
    changes: Vec<HistoryChangeView>,
    /// Whether the payload was erased from the log.
    erased: bool,
}

/// One attribute's change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HistoryChange)]
pub(crate) struct HistoryChangeView {
    /// JSON Pointer (RFC 6901) into the record; members of lists by what names them.
    #[schema(example = "/legal_name")]
    pointer: String,
    /// First day for which it holds no longer; null: it holds on.
    #[schema(value_type = Option<String>, format = Date)]
    valid_to: Option<Date>,
    /// The value before; null: none.
    from: Option<String>,
    /// The value after; null: none.
    to: Option<String>,
}

impl From<HistoryItem> for HistoryItemView {
    fn from(item: HistoryItem) -> Self {
        let HistoryItem { sequence, recorded_at, kind, valid_from, source, changes, erased } = item;
        let changes = changes.into_iter().map(HistoryChangeView::from).collect();
        Self { sequence, recorded_at, kind, valid_from, source, changes, erased }
    }
}

impl From<FactChange> for HistoryChangeView {
    fn from(change: FactChange) -> Self {
        let FactChange { pointer, valid_to, from, to, .. } = change;
        Self { pointer, valid_to, from, to }
    }
}
