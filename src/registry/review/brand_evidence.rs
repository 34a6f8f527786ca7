//! The evidence that an entity belongs to the group of a brand. `brand` checks it against the record. Lists of third parties are no evidence.
//!
//! Source: docs/brands.md, "Proposed and accepted".

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use vasp_record::proposal::Reason;
use vasp_words::closed_list::closed_list;
use vasp_words::host::Host;

closed_list! {
    /// A kind of evidence that an entity belongs to a group. The string is the `method` in the evidence of the record.
    pub enum BrandEvidenceKind with &'static str {
        /// A public register has the group's name as one of the entity's names.
        CommercialName = "commercial_name" => "register_look_up",
        /// The website that the labels refer to is on a domain that the entity proved.
        ProvenDomain = "proven_domain" => "website",
        /// GLEIF names the group's company as the entity's parent.
        GleifParent = "gleif_parent" => "gleif",
        /// A public register gives the entity a website on the domain of the brand.
        RegisterWebsite = "register_website" => "register_look_up",
        /// The brand's terms of service name the entity.
        TermsOfUse = "terms_of_use" => "document",
        /// A filing with a public body, or a sanctions list, names the entity with the brand.
        PublicFiling = "public_filing" => "authority_confirmation",
    }
}

/// One piece of evidence that an entity belongs to a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BrandEvidence {
    /// The kind of evidence. The registry checks a commercial name, a proven domain and a register's website against the record.
    pub kind: BrandEvidenceKind,
    /// SHA-256 of the document's text, in lower-case hexadecimal. Required for `terms_of_use`, because terms change; null or left out
    /// otherwise.
    #[serde(default)]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: Option<String>,
    /// Where it was seen. For `proven_domain`, the website; for `terms_of_use`, the address of the page.
    #[schema(value_type = String, min_length = 1, max_length = 4000, example = "www.example.com")]
    pub source: Reason,
}

impl BrandEvidence {
    /// Returns the `method` of this evidence in the record.
    pub(super) fn method(&self) -> &'static str {
        self.kind.with()
    }

    /// Returns whether the digest, if there is one, is a SHA-256.
    pub(super) fn has_sound_digest(&self) -> bool {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        self.sha256.as_ref().is_none_or(|text| text.len() == 64 && text.bytes().all(is_digit))
    }

    /// Returns whether the source is the address of a public page whose text was kept as a digest.
    pub(super) fn is_kept_page(&self) -> bool {
        let source = self.source.as_str();
        self.sha256.is_some() && source.starts_with("https://") && Host::from_website_cell(source).is_some()
    }
}
