//! The attributes of facts. This is the only table of them. For each it gives the stored text, the types of item and value, and
//! the place in a record. It also tells whether the record's evidence names the attribute. The texts are stored, so never rename
//! them.

use super::super::certificate::PublishedCertificate;
use super::super::delegation::{DelegatedPath, DelegationStatus};
use super::super::endpoint::Endpoint;
use super::super::licence::{Activity, PublishedStanding};
use super::super::message_key::MessageKey;
use super::super::submission::Contact;
use super::super::vasp::{DomainScope, DomainStatus, VaspStatus};
use super::packed::Packed;
use super::text::{ActivityDates, FactText, NoItem};
use crate::screening_decision::{PairKey, ScreeningDecision};
use crate::timeline::Shown;
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::Date;

macro_rules! attributes {
    ($($(#[doc = $doc:literal])* $name:ident($item:ty, $value:ty) = $text:literal, $place:literal, $is_evident:literal;)*) => {
        closed_list! {
            /// The attribute of a fact. Its text is stored, so never rename it.
            pub enum Attribute { $($(#[doc = $doc])* $name = $text,)* }
        }

        /// The item and value of a fact's attribute, parsed once when the row is read.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum FactValue { $($(#[doc = $doc])* $name($item, $value),)* }

        impl Attribute {
            /// Returns its place in a record; `{}` is replaced by the item.
            fn place(self) -> &'static str {
                match self { $(Self::$name => $place,)* }
            }

            /// Returns the top-level member of the record that contains it. Evidence uses this name.
            pub(super) fn member(self) -> &'static str {
                self.place().split('/').next().unwrap_or_default()
            }

            /// Returns whether the record's list of evidence names this attribute.
            pub(super) fn is_evident(self) -> bool {
                match self { $(Self::$name => $is_evident,)* }
            }
        }

        impl FactValue {
            /// Reads a stored item and value; `None` if the text cannot be read. The caller must not treat this as absent: a
            /// missing licence end or revocation is a wrong "yes".
            #[must_use]
            pub fn read(attribute: Attribute, item: &str, value: &str) -> Option<Self> {
                match attribute {
                    $(Attribute::$name => Some(Self::$name(FactText::read(item)?, FactText::read(value)?)),)*
                }
            }

            /// Adds item and value to packed bytes.
            pub(super) fn pack(&self, to: &mut Vec<u8>) {
                match self {
                    $(Self::$name(item, value) => {
                        item.pack(to);
                        value.pack(to);
                    })*
                }
            }

            /// Reads the packed item and value of an attribute; `None` if they are not there.
            pub(super) fn unpack(attribute: Attribute, from: &mut Packed<'_>) -> Option<Self> {
                match attribute {
                    $(Attribute::$name => Some(Self::$name(FactText::unpack(from)?, FactText::unpack(from)?)),)*
                }
            }

            /// Returns the attribute.
            #[must_use]
            pub fn attribute(&self) -> Attribute {
                match self { $(Self::$name(..) => Attribute::$name,)* }
            }

            /// Returns the item as it is stored.
            #[must_use]
            pub fn item(&self) -> String {
                match self { $(Self::$name(item, _) => item.text(),)* }
            }

            /// Returns the value as it is stored.
            #[must_use]
            pub fn text(&self) -> String {
                match self { $(Self::$name(_, value) => value.text(),)* }
            }
        }
    };
}

attributes! {
    /// Lifecycle status.
    Status(NoItem, VaspStatus) = "status", "status", false;
    /// Registered name; for a group, its brand.
    LegalName(NoItem, String) = "legal_name", "legal_name", true;
    /// Item: the name; value: its type.
    OtherName(String, String) = "other_name", "other_names/{}", true;
    /// Country of incorporation.
    Country(NoItem, Country) = "country", "country", true;
    /// Legal Entity Identifier.
    Lei(NoItem, Lei) = "lei", "lei", true;
    /// Website as the source wrote it.
    Website(NoItem, String) = "website", "website", true;
    /// Registered address as the source wrote it.
    RegisteredAddress(NoItem, String) = "registered_address", "registered_address", true;
    /// Id of the group.
    Group(NoItem, VaspId) = "group", "group", true;
    /// Item: host; value: its proof status.
    Domain(String, DomainStatus) = "domain", "domains/{}", true;
    /// Item: host; value: whether its subdomains are covered, as stated by the origin that proved it.
    DomainScope(String, DomainScope) = "domain_scope", "domains/{}/covers_subdomains", false;
    /// Item: host and path prefix; value: which of the platform and the VASP confirmed it.
    Delegation(DelegatedPath, DelegationStatus) = "delegation", "delegations/{}", false;
    /// Item: authority; value: normalised name. Only for matching entities without an LEI.
    RegisterName(String, String) = "register_name", "register_names/{}", false;
    /// Item: scheme; value: identifier in it.
    Identifier(String, String) = "identifier", "identifiers/{}", true;
    /// Item: activity of the VASP itself, independent of its licences.
    Activity(Activity, String) = "activity", "activities/{}", true;
    /// Item: role and place; value: contact as JSON. For members and operators only.
    Contact(String, Box<Contact>) = "contact", "contacts/{}", false;
    /// Item: id; value: an endpoint as JSON.
    Endpoint(String, Box<Endpoint>) = "endpoint", "endpoints/{}", false;
    /// Item: id; value: a certificate as JSON.
    Certificate(String, Box<PublishedCertificate>) = "certificate", "certificates/{}", false;
    /// Item: id; value: a message key as JSON.
    MessageKey(String, Box<MessageKey>) = "message_key", "keys/{}", false;
    /// Item: an entry of a screening list; value: the decision of two people about it, as JSON. For operators only.
    ScreeningDecision(PairKey, Box<ScreeningDecision>) = "screening_decision", "screening/{}", false;
    /// Id of the record into which this one was merged.
    MergedInto(NoItem, VaspId) = "merged_into", "merged_into", false;
    /// Key of a group in lists of labels.
    EntityKey(NoItem, String) = "entity_key", "identifiers/entity_key", false;
    /// Whether the register's snapshots show it (`listed`, `not_listed`).
    Listing(NoItem, Shown) = "listing", "listing", false;
    /// First day of a licence, as published.
    LicenceStart(NoItem, Date) = "licence_start", "valid_from", true;
    /// End of a licence, as published (exclusive).
    LicenceEnd(NoItem, Date) = "licence_end", "valid_to", true;
    /// The authority's own number.
    LicenceNumber(NoItem, String) = "licence_number", "number", true;
    /// Published status other than granted.
    LicenceStanding(NoItem, PublishedStanding) = "licence_standing", "standing", true;
    /// Item: activity; value: its dates as `from/to`; a date that was not published is empty.
    LicenceActivity(Activity, ActivityDates) = "licence_activity", "activities/{}", true;
    /// Item: country in which the licence is valid.
    LicenceTerritory(Country, String) = "licence_territory", "territories/{}", true;
}

/// Returns the JSON pointer to a fact's place in a record; the history uses it.
///
/// Source: RFC 6901 for the escapes.
#[must_use]
pub fn pointer(licence: Option<LicenceId>, said: &FactValue) -> String {
    let item = said.item().replace('~', "~0").replace('/', "~1");
    let place = said.attribute().place().replace("{}", &item);
    licence.map_or_else(|| format!("/{place}"), |id| format!("/licences/{id}/{place}"))
}
