//! What the owners' claims say in addition to the owner: how certain they are, and whether the owner is no VASP at all.
//!
//! Source: docs/prechecks.md, "What to do with an answer".

use super::super::elsewhere::JudgedVasp;
use super::Counterparty;
use super::attribution::record;
use vasp_record::claim::{NetworkMatch, Strength};
use vasp_record::resolution::Owner;

/// What the owners' claims say in addition to the owner of the address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Label<'a> {
    /// Whether a claim names exactly this network and is certain: proven, attested, or rated at least `SURE_PERCENT` by its source.
    pub is_sure: bool,
    /// The owner that is no VASP at all. Its address is judged as somebody else's self-hosted wallet.
    pub no_vasp: Option<&'a JudgedVasp>,
    /// Whether a claim names the settled legal entity itself, not only its brand.
    pub names_entity: bool,
}

/// The confidence in percent from which a label is certain.
///
/// Source: docs/prechecks.md, "What to do with an answer".
const SURE_PERCENT: u8 = 80;

/// Replaces a party by `SelfHosted` if its brand is no VASP at all: only users are behind such a brand.
pub(super) fn unless_no_vasp(found: Counterparty<'_>) -> (Counterparty<'_>, Option<&JudgedVasp>) {
    let Counterparty::Party { named, .. } = &found else { return (found, None) };
    let is_none = |vasp: &&JudgedVasp| vasp.elsewhere.brand.as_ref().is_some_and(|brand| brand.kind.is_no_vasp());
    match named.as_slice() {
        [one] if is_none(one) => (Counterparty::SelfHosted, Some(*one)),
        _ => (found, None),
    }
}

/// Returns whether an owner's claim names exactly this network and is certain. A label without a confidence has the confidence
/// of its brand's labels.
pub(super) fn is_sure<N>(owner: &Owner<N>, records: &[&JudgedVasp]) -> bool {
    let Some(claim) = owner.claim.as_ref().filter(|_| owner.network_match == NetworkMatch::Exact) else { return false };
    let of_brand = || record(owner.vasp, records)?.elsewhere.brand.as_ref()?.label_confidence;
    claim.strength > Strength::Attributed || claim.confidence_percent.or_else(of_brand).is_some_and(|sure| sure >= SURE_PERCENT)
}
