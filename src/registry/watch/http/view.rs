//! Watches as they are shown.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::listing::pages;
use crate::watch::{WatchRow, ends_at};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// A VASP that one's organisation is told of.
#[derive(Serialize, ToSchema)]
#[schema(as = Watch)]
pub(crate) struct WatchView {
    vasp: VaspId,
    /// Whether somebody asked for it; else recorded pre-checks or one's own record make it.
    asked: bool,
    /// The last recorded pre-check with it.
    relied_at: Option<UtcTime>,
    /// Until when it lasts by itself.
    ends_at: Option<UtcTime>,
    /// The jurisdiction of one's own side that it is judged for; null: that of one's own VASP.
    jurisdiction: Option<String>,
    created_at: UtcTime,
}

pages! {
    /// A page of watches, by VASP.
    WatchListView as WatchList of WatchView;
}

impl From<WatchRow> for WatchView {
    fn from(watch: WatchRow) -> Self {
        let (ends_at, asked) = (ends_at(&watch), watch.asked.0);
        let WatchRow { vasp, relied_at, jurisdiction, created_at, .. } = watch;
        Self { vasp, asked, relied_at, ends_at, jurisdiction, created_at }
    }
}
