//! Views of watches.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::listing::pages;
use crate::watch::{WatchRow, ends_at};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// A VASP that your organisation watches.
#[derive(Serialize, ToSchema)]
#[schema(as = Watch)]
pub(crate) struct WatchView {
    vasp: VaspId,
    /// True if somebody asked for the watch. False if recorded pre-checks or your own record made it.
    asked: bool,
    /// When the last pre-check with the VASP was recorded; null if there is none.
    relied_at: Option<UtcTime>,
    /// When the watch ends automatically; null if it does not.
    ends_at: Option<UtcTime>,
    /// The jurisdiction of your side that the VASP is judged for; null if it is your own VASP's jurisdiction.
    jurisdiction: Option<String>,
    created_at: UtcTime,
}

pages! {
    /// A page of watches, sorted by VASP.
    WatchListView as WatchList of WatchView;
}

impl From<WatchRow> for WatchView {
    fn from(watch: WatchRow) -> Self {
        let (ends_at, asked) = (ends_at(&watch), watch.asked.0);
        let WatchRow { vasp, relied_at, jurisdiction, created_at, .. } = watch;
        Self { vasp, asked, relied_at, ends_at, jurisdiction, created_at }
    }
}
