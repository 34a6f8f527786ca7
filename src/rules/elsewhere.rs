//! What other lists say of a VASP: GLEIF's record of its LEI, lists of non-compliant providers, compiled registers of third
//! parties, screening lists. Joined to the record by the directory; none of it is a fact of the record itself.

use std::sync::Arc;

use super::brand_kinds::Brand;
use super::lei_evidence::LeiWord;
use super::non_compliant::NonCompliantMatch;
use super::screening::Hit;
use super::third_party::ThirdPartyRow;
use vasp_record::vasp::Vasp;

/// A record beside what other lists say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedVasp {
    /// The record.
    pub record: Arc<Vasp>,
    /// What other lists say.
    pub elsewhere: Elsewhere,
}

/// What other lists say of a VASP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// GLEIF's record of its LEI; none where no imported file showed it.
    pub lei: Option<LeiWord>,
    /// Entries of lists of non-compliant providers that match it or its group; none at all where no list was imported.
    pub non_compliant: Option<Vec<NonCompliantMatch>>,
    /// Rows of compiled registers: third-party evidence, never more than a warning; none at all where none was imported.
    pub third_party: Option<Vec<ThirdPartyRow>>,
    /// Entries of screening lists that may mean it, with what people decided; none at all where no list was imported. Not for
    /// answers: who is like somebody on a list is no fact about it.
    pub screening: Option<Vec<Hit>>,
    /// What the brand is, of a group or of an entity's group, where it is known to be no VASP like another.
    pub brand: Option<Arc<Brand>>,
}
