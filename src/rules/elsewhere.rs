//! What other lists say about a VASP: the GLEIF record of its LEI, lists of non-compliant providers, compiled third-party registers and
//! screening lists. The directory joins these to the record. None of them is a fact of the record itself.

use std::sync::Arc;

use super::brand_kinds::Brand;
use super::brand_links::BrandLink;
use super::lei_evidence::LeiWord;
use super::non_compliant::NonCompliantMatch;
use super::screening::Hit;
use super::third_party::ThirdPartyRow;
use vasp_record::vasp::Vasp;

/// A record together with what other lists say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedVasp {
    /// The record.
    pub record: Arc<Vasp>,
    /// What other lists say.
    pub elsewhere: Elsewhere,
}

/// What other lists say about a VASP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// The GLEIF record of its LEI; `None` if no imported file contains the LEI.
    pub lei: Option<LeiWord>,
    /// Entries of lists of non-compliant providers that match it or its group; `None` if no list was imported.
    pub non_compliant: Option<Vec<NonCompliantMatch>>,
    /// Rows of compiled registers; `None` if none was imported. They are third-party evidence and never cause more than a warning.
    pub third_party: Option<Vec<ThirdPartyRow>>,
    /// Entries of screening lists that may mean it, with what people decided; `None` if no list was imported. Answers do not show these: a
    /// resemblance to an entry of a list is not a fact about the VASP.
    pub screening: Option<Vec<Hit>>,
    /// What is known about the brand of the group, or of the entity's group; `None` if the brand is an ordinary VASP.
    pub brand: Option<Arc<Brand>>,
    /// Links from the group's brand to legal entities. An entity has none of its own.
    pub links: Vec<Arc<BrandLink>>,
}
