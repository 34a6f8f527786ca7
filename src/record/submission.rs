//! A member's submission for its record, and the attributes of a record that evidence can support. Readers see it only after two
//! people have approved it, as facts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vasp_words::closed_list::closed_list;

use super::licence::Activity;
use vasp_words::country::Country;
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::Date;
use vasp_words::written_name::check_written_name;

/// The submitted content of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Registered name.
    pub legal_name: String,
    /// Trading names and former names.
    #[serde(default)]
    pub other_names: Vec<SubmittedName>,
    /// Country of incorporation.
    #[serde(default)]
    pub country: Option<Country>,
    /// Its LEI.
    #[serde(default)]
    pub lei: Option<Lei>,
    /// Identifiers by scheme.
    #[serde(default)]
    pub identifiers: Vec<SubmittedIdentifier>,
    /// Website.
    #[serde(default)]
    pub website: Option<String>,
    /// Registered address.
    #[serde(default)]
    pub registered_address: Option<String>,
    /// Its activities.
    #[serde(default)]
    pub activities: Vec<Activity>,
    /// Contacts; only members and operators can see them.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// Licences by their ids.
    #[serde(default)]
    pub licences: BTreeMap<LicenceId, SubmittedLicence>,
    /// Records that look like the same VASP but are different ones.
    #[serde(default)]
    pub distinct_from: Vec<VaspId>,
}

/// Another name of the VASP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = MemberOtherName))]
#[serde(deny_unknown_fields)]
pub struct SubmittedName {
    /// The name.
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 500))]
    pub name: String,
    /// Kind of name, such as `commercial` or `former`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schema(example = "commercial"))]
    pub name_type: String,
}

/// An identifier of the VASP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = MemberIdentifier))]
#[serde(deny_unknown_fields)]
pub struct SubmittedIdentifier {
    /// Scheme, such as `commercial_register:DE`.
    #[cfg_attr(feature = "schema", schema(example = "commercial_register:DE"))]
    pub scheme: String,
    /// Value in that scheme.
    #[cfg_attr(feature = "schema", schema(example = "HRB 12345"))]
    pub value: String,
}

/// A contact for one role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The role: `compliance`, `travel_rule`, `technical`, `legal`, `security` or `other`.
    pub role: ContactRole,
    /// The name of a person or department.
    pub name: String,
    /// E-mail address; null if none is given.
    #[serde(default)]
    pub email: Option<String>,
    /// Telephone number; null if none is given.
    #[serde(default)]
    pub phone: Option<String>,
}

closed_list! {
    /// The role of a contact.
    pub enum ContactRole {
        /// Money-laundering reporting and compliance.
        Compliance = "compliance",
        /// Travel Rule messages.
        TravelRule = "travel_rule",
        /// Endpoints and certificates.
        Technical = "technical",
        /// Contracts.
        Legal = "legal",
        /// Incidents.
        Security = "security",
        /// Anything else.
        Other = "other",
    }
}

/// A licence as the member states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SubmittedLicence {
    /// Id of the authority.
    pub authority: String,
    /// Legal regime.
    pub regime: String,
    /// The authority's own number.
    #[serde(default)]
    pub number: Option<String>,
    /// The activities that it allows.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub activities: Vec<Activity>,
    /// The countries in which it is valid.
    #[serde(default)]
    pub territories: Vec<Country>,
    /// First day on which it is valid.
    #[serde(default)]
    pub valid_from: Option<Date>,
    /// First day on which it is no longer valid.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// Page of the authority's register.
    #[serde(default)]
    pub source_url: Option<String>,
}

/// A fault in a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionFault {
    /// JSON pointer to the faulty value.
    pub pointer: String,
    /// Code of the fault.
    pub code: &'static str,
    /// What is wrong, and what would be correct.
    pub detail: String,
}

/// The longest name, address or other line, in characters. This is our own limit: GLEIF's longest legal name in use has 400.
const LONGEST_LINE: usize = 500;
/// The maximum number of items in a list. This is our own limit.
const MOST_ITEMS: usize = 50;

impl Submission {
    /// Checks the submission, in order of its members.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), SubmissionFault> {
        check_line("/legal_name", &self.legal_name)?;
        for (place, name) in self.other_names.iter().enumerate() {
            check_line(&format!("/other_names/{place}/name"), &name.name)?;
            check_word(&format!("/other_names/{place}/type"), &name.name_type)?;
        }
        for (place, identifier) in self.identifiers.iter().enumerate() {
            check_word(&format!("/identifiers/{place}/scheme"), &identifier.scheme)?;
            check_line(&format!("/identifiers/{place}/value"), &identifier.value)?;
        }
        for (pointer, line) in [("/website", &self.website), ("/registered_address", &self.registered_address)] {
            line.as_deref().map_or(Ok(()), |line| check_line(pointer, line))?;
        }
        if let Some(website) = &self.website
            && vasp_words::host::Host::from_website_cell(website).is_none()
        {
            return Err(fault("/website", "this has no public host name; write it as https://www.example.org"));
        }
        for (place, contact) in self.contacts.iter().enumerate() {
            check_line(&format!("/contacts/{place}/name"), &contact.name)?;
            for (member, line) in [("email", &contact.email), ("phone", &contact.phone)] {
                line.as_deref().map_or(Ok(()), |line| check_line(&format!("/contacts/{place}/{member}"), line))?;
            }
            if contact.email.is_none() && contact.phone.is_none() {
                return Err(fault(&format!("/contacts/{place}"), "a contact must have an e-mail address or a telephone number"));
            }
        }
        self.check_lists()?;
        self.licences.iter().try_for_each(|(id, licence)| licence.check(&format!("/licences/{id}")))
    }

    /// Refuses names that display as another name, or that have an effect where they are displayed, such as markup. A name that
    /// is also in `before` is accepted unchanged, because it may come from a public register.
    ///
    /// # Errors
    /// The first fault.
    pub fn check_names(&self, before: &Self) -> Result<(), SubmissionFault> {
        let known: BTreeSet<&str> = before.names().map(|(_, name)| name).collect();
        for (pointer, name) in self.names().filter(|(_, name)| !known.contains(name)) {
            check_written_name(name).map_err(|error| SubmissionFault {
                pointer,
                code: error.code(),
                detail: format!("the name {error}"),
            })?;
        }
        Ok(())
    }

    /// Returns every name in it with its JSON pointer.
    fn names(&self) -> impl Iterator<Item = (String, &str)> {
        let others = self.other_names.iter().enumerate();
        let contacts = self.contacts.iter().enumerate();
        std::iter::once(("/legal_name".to_owned(), self.legal_name.as_str()))
            .chain(others.map(|(place, other)| (format!("/other_names/{place}/name"), other.name.as_str())))
            .chain(contacts.map(|(place, contact)| (format!("/contacts/{place}/name"), contact.name.as_str())))
    }

    fn check_lists(&self) -> Result<(), SubmissionFault> {
        let lengths = [
            ("/other_names", self.other_names.len()),
            ("/identifiers", self.identifiers.len()),
            ("/activities", self.activities.len()),
            ("/contacts", self.contacts.len()),
            ("/licences", self.licences.len()),
            ("/distinct_from", self.distinct_from.len()),
        ];
        match lengths.into_iter().find(|(_, length)| *length > MOST_ITEMS) {
            Some((pointer, _)) => Err(fault(pointer, &format!("at most {MOST_ITEMS} items are allowed"))),
            None => Ok(()),
        }
    }

    /// Returns the values that evidence can support, by attribute: `legal_name`, `licences/lic_…`. Two submissions with the same
    /// content of an attribute give the same value.
    #[must_use]
    pub fn attributes(&self) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        let Ok(Value::Object(members)) = serde_json::to_value(self) else { return found };
        for (name, value) in members {
            match value {
                Value::Null => {}
                Value::Array(items) if items.is_empty() => {}
                Value::Object(licences) if name == "licences" => {
                    found.extend(licences.into_iter().map(|(id, licence)| (format!("licences/{id}"), licence)));
                }
                value => drop(found.insert(name, value)),
            }
        }
        found
    }
}

impl SubmittedLicence {
    /// Checks the licence.
    ///
    /// # Errors
    /// The first fault; `at` is the JSON pointer to the licence.
    pub fn check(&self, at: &str) -> Result<(), SubmissionFault> {
        check_word(&format!("{at}/regime"), &self.regime)?;
        for (member, line) in [("number", &self.number), ("source_url", &self.source_url)] {
            line.as_deref().map_or(Ok(()), |line| check_line(&format!("{at}/{member}"), line))?;
        }
        if self.activities.is_empty() {
            return Err(fault(&format!("{at}/activities"), "a licence must have at least one activity"));
        }
        if self.activities.len() > MOST_ITEMS || self.territories.len() > 250 {
            return Err(fault(at, "too many activities or territories"));
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to <= from
        {
            return Err(fault(&format!("{at}/valid_to"), "the licence must end after it begins"));
        }
        Ok(())
    }
}

fn fault(pointer: &str, detail: &str) -> SubmissionFault {
    SubmissionFault { pointer: pointer.to_owned(), code: "invalid_value", detail: detail.to_owned() }
}

fn check_line(pointer: &str, line: &str) -> Result<(), SubmissionFault> {
    let length = line.chars().count();
    if line.trim() != line || line.is_empty() || length > LONGEST_LINE || line.chars().any(char::is_control) {
        let detail =
            format!("must have 1 to {LONGEST_LINE} characters, no control characters, and no spaces at the start or end");
        return Err(fault(pointer, &detail));
    }
    Ok(())
}

fn check_word(pointer: &str, word: &str) -> Result<(), SubmissionFault> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.' | ' ' | '/');
    if word.is_empty() || word.len() > 60 || !word.chars().all(plain) || word.trim() != word {
        return Err(fault(pointer, "must have 1 to 60 letters (a to z), digits or _ - : . /"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn submission(value: Value) -> Submission {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn places_hold_what_was_said_and_nothing_else() {
        let licence = "lic_00000000000000000000000000";
        let said = submission(json!({
            "legal_name": "Lagoon Exchange GmbH", "country": "DE",
            "licences": {licence: {"authority": "DE-BAFIN", "regime": "MiCA", "activities": ["custody"]}},
        }));

        let places: Vec<String> = said.attributes().into_keys().collect();

        assert_eq!(places, ["country".to_owned(), "legal_name".to_owned(), format!("licences/{licence}")]);
    }

    #[test]
    fn faults_name_their_place() {
        let place = |value: Value| submission(value).check().unwrap_err().pointer;

        assert_eq!(place(json!({"legal_name": " x"})), "/legal_name");
        assert_eq!(place(json!({"legal_name": "x", "website": "http://localhost"})), "/website");
        assert_eq!(place(json!({"legal_name": "x", "contacts": [{"role": "legal", "name": "A"}]})), "/contacts/0");
        let licence = json!({"authority": "DE-BAFIN", "regime": "MiCA", "activities": []});
        let at = "lic_00000000000000000000000000";
        assert_eq!(place(json!({"legal_name": "x", "licences": {at: licence}})), format!("/licences/{at}/activities"));
    }

    #[test]
    fn names_that_are_not_what_they_show_are_faults_unless_they_stood_there_before() {
        let listed = submission(json!({"legal_name": "=Lagoon", "other_names": [{"name": "L<b>", "type": "former"}]}));
        let kept = submission(json!({"legal_name": "Lagoon", "other_names": [{"name": "=Lagoon", "type": "former"}]}));
        let fault =
            |said: &Submission, before: &Submission| said.check_names(before).map_err(|fault| (fault.pointer, fault.code));

        assert_eq!(fault(&listed, &listed), Ok(()));
        assert_eq!(fault(&kept, &listed), Ok(()));
        assert_eq!(fault(&listed, &Submission::default()), Err(("/legal_name".into(), "formula_start")));
        assert_eq!(fault(&listed, &kept), Err(("/other_names/0/name".into(), "markup")));
        let contact = json!({"legal_name": "x", "contacts": [{"role": "legal", "name": "A\u{202e}B", "phone": "1"}]});
        assert_eq!(fault(&submission(contact), &listed), Err(("/contacts/0/name".into(), "direction_control")));
    }

    proptest! {
        #[test]
        fn what_was_stored_reads_back(name in "[a-zA-Z][a-zA-Z .]{0,30}[a-z]", website in prop::option::of("https://www\\.[a-z]{3,9}\\.org")) {
            let said = Submission { legal_name: name, website, ..Submission::default() };
            let text = serde_json::to_string(&said).unwrap();
            prop_assert_eq!(serde_json::from_str::<Submission>(&text).unwrap(), said.clone());
            prop_assert_eq!(said.check(), Ok(()));
        }
    }
}
