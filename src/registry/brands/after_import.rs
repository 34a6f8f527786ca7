//! Searches for links from brands to entities after names, websites or licences came from outside, so that new links become proposals without
//! anybody asking. It never accepts a link. Callers: `imports::file`, and `authorities` for rows that had waited.

use rand_core::RngCore;

use super::{AcceptStrong, FoundLinks, find_brand_links};
use crate::imported::BrandSearch;
use vasp_store::{Store, WriteMode};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// Searches, and writes what it finds as proposals. What was imported before stays imported if this fails; that is logged, and the next
/// import searches again.
pub(crate) fn search_after_import(store: &Store, file: &str, now: UtcTime, rng: &mut dyn RngCore) -> BrandSearch {
    match find_brand_links(store, AcceptStrong::No, WriteMode::Keep, now, rng) {
        Ok(FoundLinks { proposed, cases, .. }) => {
            if proposed > 0 {
                tracing::info!(links = proposed, cases, "links from brands to firms proposed after the import of {file}");
            }
            BrandSearch { proposed: u64::try_from(proposed).unwrap_or(u64::MAX), cases, failed: None }
        }
        Err(error) => {
            let reason = error_chain(&error).to_string();
            tracing::error!(error.chain = reason, "the search for links from brands to firms failed after the import of {file}");
            BrandSearch { failed: Some(reason), ..BrandSearch::default() }
        }
    }
}
