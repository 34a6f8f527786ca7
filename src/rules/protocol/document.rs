//! The known protocols and their parameters. This is a reference document; the embedded one applies until another is imported.

use std::collections::BTreeMap;

use super::{ListForm, ProtocolId};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use vasp_record::certificate::{CertificateUse, RootSet};
use vasp_record::endpoint::RequiredFields;
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::rule_names::FieldCode;
use vasp_words::time::Date;

closed_list! {
    /// Whether a protocol is still in use, worst first.
    pub enum ProtocolState as "ProtocolStatus" {
        /// Nobody uses it any more.
        Retired = "retired",
        /// Another protocol replaced it, but VASPs may still use it.
        Superseded = "superseded",
        /// It is in use.
        Active = "active",
    }

    /// How an endpoint of a protocol is reached.
    pub enum LocationKind {
        /// By an HTTPS URL.
        Url = "url",
        /// By host and port.
        HostPort = "host_port",
        /// By an identifier inside the protocol's own network.
        Identifier = "identifier",
        /// By e-mail.
        Email = "email",
    }

    /// Which versions of a protocol are compatible.
    pub enum VersionRule {
        /// Only equal versions are compatible.
        Exact = "exact",
        /// Versions with the same major number are compatible.
        SameMajor = "same_major",
        /// All versions are compatible.
        Any = "any",
    }

    /// How the registry probes an endpoint.
    pub enum ProbeKind {
        /// It cannot be probed from outside.
        None = "none",
        /// By its TLS handshake.
        Tls = "tls",
        /// By the discoverability requests of the Travel Rule Protocol.
        Trp = "trp",
        /// By gRPC health requests, as TRISA defines them.
        Trisa = "trisa",
    }
}

/// A version of a protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProtocolVersion {
    /// The version as the protocol writes it.
    #[cfg_attr(feature = "schema", schema(example = "3.2.1"))]
    pub version: String,
    /// When it was published; null if that is not known.
    pub published_on: Option<Date>,
}

/// The certificates of its own that each VASP needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CertificateDemand {
    /// The uses of the certificates.
    pub uses: Vec<CertificateUse>,
    /// The sets of roots; one of them must have signed the certificates.
    pub root_sets: Vec<RootSet>,
}

/// A bridge from one protocol to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ProtocolBridge))]
#[serde(deny_unknown_fields)]
pub struct Bridge {
    /// The protocol that the bridge leads to.
    pub to: ProtocolId,
    /// Countries that both VASPs must be in; empty for all countries.
    pub countries: Vec<Country>,
    /// Data that a message over the bridge also contains.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub required_fields: Vec<FieldCode>,
    /// Page or document that says so.
    pub source: String,
}

/// Data that depends on what the originator is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ProtocolPersonFields))]
#[serde(deny_unknown_fields)]
pub struct PersonFields {
    /// If it is a natural person.
    pub natural_person: Vec<FieldCode>,
    /// If it is a legal person.
    pub legal_person: Vec<FieldCode>,
}

/// A Travel Rule protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// The id in this registry.
    pub id: ProtocolId,
    /// The usual name.
    #[cfg_attr(feature = "schema", schema(example = "Travel Rule Protocol"))]
    pub name: String,
    /// Other names by which lists of providers call it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub other_names: Vec<String>,
    /// Whether it is still in use.
    pub status: ProtocolState,
    /// The protocol that replaced it; null if there is none.
    pub superseded_by: Option<ProtocolId>,
    /// How its endpoints are reached.
    pub locations: Vec<LocationKind>,
    /// The scheme of its identifiers; null if it has none.
    #[cfg_attr(feature = "schema", schema(example = "did"))]
    pub identifier_scheme: Option<String>,
    /// The form of an identifier, as a regular expression for the whole text; null if not known.
    #[serde(default)]
    pub identifier_pattern: Option<String>,
    /// The versions that an endpoint may name, oldest first. Empty if none are known; then an endpoint names none.
    pub versions: Vec<ProtocolVersion>,
    /// Which versions are compatible.
    pub version_rule: VersionRule,
    /// The certificates of its own that each VASP needs; null if the network itself vouches for its members.
    pub certificates: Option<CertificateDemand>,
    /// How the registry probes its endpoints.
    pub probe: ProbeKind,
    /// The format of its messages; null if not known.
    #[cfg_attr(feature = "schema", schema(example = "IVMS101"))]
    pub message_format: Option<String>,
    /// The data that each message contains, from the view of the receiver. `transfer.network` and `transfer.memo` are told by the transfer.
    pub required_fields: RequiredFields,
    /// The data that a message also contains, by what the originator is.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub required_of_person: PersonFields,
    /// The public document that says which data a message contains; null if there is none. Then it is not known, and no field is required.
    pub required_fields_source: Option<String>,
    /// Countries whose VASPs may use it; null for all countries.
    pub countries: Option<Vec<Country>>,
    /// Bridges to other protocols.
    pub bridges: Vec<Bridge>,
    /// The form in which a provider hands out the list of VASPs that it reaches; null if no public document describes it.
    pub vasp_list: Option<ListForm>,
    /// A remark; null if there is none.
    pub note: Option<String>,
    /// The sources of this information.
    pub sources: Vec<String>,
}

/// The protocols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocols {
    /// Version of the document.
    pub version: String,
    /// The day the document was made.
    pub generated_on: Date,
    by_id: BTreeMap<ProtocolId, Protocol>,
}

/// The reason why a document of protocols is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// The document does not have the right form.
    #[error("the protocols cannot be read: {0}")]
    Form(String),
    /// A protocol occurs twice.
    #[error("`{0}` occurs twice")]
    Repeated(ProtocolId),
    /// A protocol names another protocol that is not in the document.
    #[error("`{of}` names `{named}`, which is not in the document")]
    Unknown {
        /// The protocol that names it.
        of: ProtocolId,
        /// The protocol that is named.
        named: ProtocolId,
    },
    /// A protocol lacks a required member.
    #[error("`{of}` does not give its {what}")]
    Missing {
        /// The protocol.
        of: ProtocolId,
        /// The member.
        what: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    generated_on: Date,
    protocols: Vec<Protocol>,
}

impl Protocols {
    /// Returns the embedded document.
    ///
    /// # Errors
    /// `ProtocolError` if it is broken, which a test rules out.
    pub fn embedded() -> Result<Self, ProtocolError> {
        Self::from_json(include_str!("../data/protocols.json"))
    }

    /// Reads and checks a document.
    ///
    /// # Errors
    /// `ProtocolError` names the protocol that is wrong.
    pub fn from_json(text: &str) -> Result<Self, ProtocolError> {
        let file: File = serde_json::from_str(text).map_err(|error| ProtocolError::Form(error.to_string()))?;
        let mut by_id = BTreeMap::new();
        for protocol in file.protocols {
            protocol.check()?;
            if let Some(repeated) = by_id.insert(protocol.id.clone(), protocol) {
                return Err(ProtocolError::Repeated(repeated.id));
            }
        }
        for protocol in by_id.values() {
            let mut named = protocol.bridges.iter().map(|bridge| &bridge.to).chain(&protocol.superseded_by);
            if let Some(named) = named.find(|id| !by_id.contains_key(*id)) {
                return Err(ProtocolError::Unknown { of: protocol.id.clone(), named: named.clone() });
            }
        }
        Ok(Self { version: file.version, generated_on: file.generated_on, by_id })
    }

    /// Returns a protocol.
    #[must_use]
    pub fn get(&self, id: &ProtocolId) -> Option<&Protocol> {
        self.by_id.get(id)
    }

    /// Returns all protocols in order of id.
    pub fn iter(&self) -> impl Iterator<Item = &Protocol> {
        self.by_id.values()
    }

    /// Returns the number of protocols.
    #[must_use]
    pub fn count(&self) -> usize {
        self.by_id.len()
    }
}

impl Protocol {
    fn check(&self) -> Result<(), ProtocolError> {
        let missing = |what| Err(ProtocolError::Missing { of: self.id.clone(), what });
        if self.name.trim().is_empty() {
            return missing("name");
        }
        if self.locations.is_empty() {
            return missing("locations");
        }
        if self.locations.contains(&LocationKind::Identifier) != self.identifier_scheme.is_some() {
            return missing("identifier_scheme");
        }
        if self.identifier_pattern.as_deref().is_some_and(|pattern| whole(pattern).is_none()) {
            return missing("identifier_pattern");
        }
        let incoming =
            [&self.required_fields.incoming, &self.required_of_person.natural_person, &self.required_of_person.legal_person];
        if self.required_fields_source.is_none() && incoming.iter().any(|fields| !fields.is_empty()) {
            return missing("required_fields_source");
        }
        if self.sources.iter().all(|source| source.trim().is_empty()) {
            return missing("sources");
        }
        Ok(())
    }

    /// Tells whether a text has the form of an identifier of the protocol; true if the form is not known.
    #[must_use]
    pub fn fits_identifier(&self, text: &str) -> bool {
        let pattern = self.identifier_pattern.as_deref();
        pattern.is_none_or(|pattern| whole(pattern).is_some_and(|pattern| pattern.is_match(text)))
    }

    /// Returns the place of a version among the known ones, oldest first; `None` if the version is not known.
    #[must_use]
    pub fn place_of(&self, version: &str) -> Option<usize> {
        self.versions.iter().position(|known| known.version == version)
    }
}

/// Compiles a pattern for whole texts. Matching takes linear time, whatever pattern the document contains.
fn whole(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("^(?:{pattern})$")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn document(change: impl FnOnce(&mut serde_json::Value)) -> Result<Protocols, ProtocolError> {
        let mut json: serde_json::Value = serde_json::from_str(include_str!("../../../seed/protocols.json")).unwrap();
        change(&mut json);
        Protocols::from_json(&json.to_string())
    }

    #[test]
    fn compiled_in_document_has_every_protocol() {
        let known = Protocols::embedded().unwrap();

        let ids: Vec<&str> = known.iter().map(|protocol| protocol.id.as_str()).collect();
        let mut expected = [
            "trp",
            "trisa",
            "trust",
            "sygna_bridge",
            "code",
            "gtr",
            "verifyvasp",
            "notabene",
            "openvasp",
            "veriscope",
            "email",
            "tap",
            "sumsub",
        ];
        expected.sort_unstable();
        assert_eq!(ids, expected);
    }

    /// Source: docs/routes.md, "Why a route cannot be used".
    #[test]
    fn code_reaches_verifyvasp_in_korea_only() {
        let known = Protocols::embedded().unwrap();
        let korea: Country = "KR".parse().unwrap();

        for (from, to) in [("code", "verifyvasp"), ("verifyvasp", "code")] {
            let protocol = known.get(&from.parse().unwrap()).unwrap();
            let bridge = protocol.bridges.iter().find(|bridge| bridge.to.as_str() == to).unwrap();
            assert_eq!(bridge.countries, [korea]);
        }
    }

    /// Source: docs/routes.md, "Data of a protocol": what has no public source is not known.
    #[test]
    fn data_are_required_only_by_a_public_document() {
        let without = |change: &str| {
            document(|json| {
                json["protocols"][5][change] = serde_json::Value::Null;
            })
        };
        assert!(
            without("required_fields_source").unwrap_err().to_string().contains("`gtr` does not give its required_fields_source")
        );

        let trust = Protocols::embedded().unwrap().get(&"trust".parse().unwrap()).cloned().unwrap();
        assert_eq!((trust.required_fields_source, trust.required_fields), (None, RequiredFields::default()));
    }

    /// Source: the version history of the Travel Rule Protocol.
    #[test]
    fn versions_stand_oldest_first() {
        let known = Protocols::embedded().unwrap();
        let trp = known.get(&"trp".parse().unwrap()).unwrap();

        assert!(trp.place_of("3.1.0") < trp.place_of("3.2.1"));
        assert_eq!(trp.place_of("2.0.0"), None);
        for protocol in known.iter() {
            let days: Vec<_> = protocol.versions.iter().filter_map(|version| version.published_on).collect();
            assert!(days.is_sorted(), "{}", protocol.id);
        }
    }

    #[test]
    fn broken_documents_are_refused_with_the_protocol() {
        for (change, said) in [
            (("/protocols/0/id", serde_json::json!("trisa")), "`trisa` occurs twice"),
            (("/protocols/8/superseded_by", serde_json::json!("nope")), "`openvasp` names `nope`"),
            (("/protocols/0/locations", serde_json::json!([])), "`trp` does not give its locations"),
            (("/protocols/2/identifier_scheme", serde_json::Value::Null), "`trust` does not give its identifier_scheme"),
            (("/protocols/0/sources", serde_json::json!([" "])), "`trp` does not give its sources"),
            (("/protocols/7/identifier_pattern", serde_json::json!("(")), "`notabene` does not give its identifier_pattern"),
            (("/protocols/0/probe", serde_json::json!("ping")), "cannot be read"),
        ] {
            let (place, value) = change;
            let error = document(|json| *json.pointer_mut(place).unwrap() = value).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    /// Source: W3C DID Core 1.0, section 3.1 (syntax), its examples; accounts of Ethereum are 20 bytes.
    #[test]
    fn identifiers_look_as_their_scheme_says() {
        let known = Protocols::embedded().unwrap();
        let fits = |id: &str, text: &str| known.get(&id.parse().unwrap()).unwrap().fits_identifier(text);

        for did in ["did:example:123456789abcdefghi", "did:web:example.com:users:a%20b", "did:key:z6Mk:"] {
            assert_eq!(fits("notabene", did), !did.ends_with(':'), "{did}");
        }
        for no_did in ["", "did:", "did::x", "did:Web:x", "did:web:a b", "did:web:a/b", "xdid:web:a", "did:web:a\n"] {
            assert!(!fits("notabene", no_did), "{no_did}");
        }
        assert!(fits("veriscope", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        assert!(!fits("veriscope", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe"));
        assert!(fits("gtr", "anything"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
            let _ = Protocols::from_json(&text);
        }
    }
}
