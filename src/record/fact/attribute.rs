//! The attributes that facts are about, and where each shows in a record. The texts are stored and never renamed.

use vasp_words::ids::LicenceId;

macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What a fact is about. The text of an attribute is stored and never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Attribute { $($(#[$doc])* $name,)* }

        impl Attribute {
            /// Returns the stored text.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns the attribute of a stored text.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

attributes! {
    /// Lifecycle status.
    Status = "status";
    /// Registered name; of a group its brand.
    LegalName = "legal_name";
    /// Item: the name; value: its type.
    OtherName = "other_name";
    /// Country of incorporation.
    Country = "country";
    /// Legal Entity Identifier.
    Lei = "lei";
    /// Website as the source wrote it.
    Website = "website";
    /// Registered address as the source wrote it.
    RegisteredAddress = "registered_address";
    /// Id of the group.
    Group = "group";
    /// Item: host; value: how far it is proven.
    Domain = "domain";
    /// Item: host; value: whether hosts below it count, as the origin that proved it says.
    DomainScope = "domain_scope";
    /// Item: host and path prefix; value: how far the platform and the VASP confirm it.
    Delegation = "delegation";
    /// Item: authority; value: normalised name. Only for matching entities without an LEI.
    RegisterName = "register_name";
    /// Item: scheme; value: identifier in it.
    Identifier = "identifier";
    /// Item: activity of the VASP itself, whatever its licences say.
    Activity = "activity";
    /// Item: role and place; value: contact as JSON. For members and operators only.
    Contact = "contact";
    /// Item: id; value: an endpoint as JSON.
    Endpoint = "endpoint";
    /// Item: id; value: a certificate as JSON.
    Certificate = "certificate";
    /// Item: id; value: a key for messages as JSON.
    MessageKey = "message_key";
    /// Item: an entry of a screening list; value: what two people decided about it, as JSON. For operators only.
    ScreeningDecision = "screening_decision";
    /// Id of the record that this one turned out to be.
    MergedInto = "merged_into";
    /// Key of a group in lists of labels.
    EntityKey = "entity_key";
    /// Whether the register's snapshots show it (`listed`, `not_listed`).
    Listing = "listing";
    /// First day of a licence, as published.
    LicenceStart = "licence_start";
    /// End of a licence, as published (exclusive).
    LicenceEnd = "licence_end";
    /// The authority's own number.
    LicenceNumber = "licence_number";
    /// Published standing other than granted.
    LicenceStanding = "licence_standing";
    /// Item: activity; value: its dates as `from/to`, empty where not published.
    LicenceActivity = "licence_activity";
    /// Item: country where it may be used.
    LicenceTerritory = "licence_territory";
}

/// Returns the JSON pointer into a record at which a fact shows, for its history.
///
/// Source: RFC 6901 for the escapes.
#[must_use]
pub fn pointer(licence: Option<LicenceId>, attribute: Attribute, item: &str) -> String {
    let item = item.replace('~', "~0").replace('/', "~1");
    let place = match attribute {
        Attribute::OtherName => format!("other_names/{item}"),
        Attribute::Domain => format!("domains/{item}"),
        Attribute::DomainScope => format!("domains/{item}/covers_subdomains"),
        Attribute::Delegation => format!("delegations/{item}"),
        Attribute::Identifier => format!("identifiers/{item}"),
        Attribute::Activity if licence.is_none() => format!("activities/{item}"),
        Attribute::Contact => format!("contacts/{item}"),
        Attribute::Endpoint => format!("endpoints/{item}"),
        Attribute::Certificate => format!("certificates/{item}"),
        Attribute::MessageKey => format!("keys/{item}"),
        Attribute::ScreeningDecision => format!("screening/{item}"),
        Attribute::EntityKey => "identifiers/entity_key".to_owned(),
        Attribute::RegisterName => format!("register_names/{item}"),
        Attribute::LicenceStart => "valid_from".to_owned(),
        Attribute::LicenceEnd => "valid_to".to_owned(),
        Attribute::LicenceNumber => "number".to_owned(),
        Attribute::LicenceStanding => "standing".to_owned(),
        Attribute::LicenceActivity => format!("activities/{item}"),
        Attribute::LicenceTerritory => format!("territories/{item}"),
        Attribute::Listing
        | Attribute::Status
        | Attribute::LegalName
        | Attribute::Country
        | Attribute::Lei
        | Attribute::Website
        | Attribute::RegisteredAddress
        | Attribute::MergedInto
        | Attribute::Activity
        | Attribute::Group => attribute.as_str().to_owned(),
    };
    licence.map_or_else(|| format!("/{place}"), |id| format!("/licences/{id}/{place}"))
}
