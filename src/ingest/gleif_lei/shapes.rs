//! The two JSON forms: the golden copy (`{"records": […]}`, with every value wrapped as `{"$": …}`) and the API (JSON:API: `{"data": {…}}`
//! or `{"data": […]}`). Lists are read one record at a time. A wrong record is rejected; a wrong document is refused.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::published::{Published, PublishedName};
use super::{IngestError, Kept, Wrong};
use vasp_record::lei_record::LeiRecord;
use vasp_record::register::Reason;
use vasp_words::time::{Date, UtcTime};

/// Reads a document; returns the day that it states, if any.
///
/// # Errors
/// `Json`, and `Table` for a document with too many wrong records.
pub(super) fn read(input: impl Read, kept: &mut Kept<'_>) -> Result<Option<Date>, IngestError> {
    let file = kept.file.to_owned();
    let mut refused = None;
    let mut json = serde_json::Deserializer::from_reader(input);
    let document = Document { kept, refused: &mut refused };
    let read = document.deserialize(&mut json).and_then(|day| json.end().map(|()| day));
    match (refused, read) {
        (Some(error), _) => Err(error),
        (None, Ok(day)) => Ok(day),
        (None, Err(source)) => Err(IngestError::Json { file, source }),
    }
}

/// The whole document.
struct Document<'a, 'k> {
    kept: &'a mut Kept<'k>,
    refused: &'a mut Option<IngestError>,
}

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = Option<Date>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = Option<Date>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GLEIF's golden copy (`records`) or an answer of its API (`data`)")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut day, mut found) = (None, false);
        while let Some(key) = map.next_key::<String>()? {
            let shape = match key.as_str() {
                "records" => Shape::GoldenCopy,
                "data" => Shape::Api,
                "meta" => {
                    let meta: Value = map.next_value()?;
                    let text = meta.pointer("/goldenCopy/publishDate").and_then(Value::as_str);
                    day = text.and_then(|text| text.parse::<UtcTime>().ok()).map(UtcTime::date);
                    continue;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if found {
                return Err(A::Error::custom("it has two lists of records"));
            }
            found = true;
            map.next_value_seed(Records { kept: self.kept, refused: self.refused, shape })?;
        }
        if found { Ok(day) } else { Err(A::Error::custom("it has neither `records` nor `data`")) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    GoldenCopy,
    Api,
}

/// The list of records, or one record.
struct Records<'a, 'k> {
    kept: &'a mut Kept<'k>,
    refused: &'a mut Option<IngestError>,
    shape: Shape,
}

impl Records<'_, '_> {
    fn take<E: serde::de::Error>(&mut self, value: &Value) -> Result<(), E> {
        self.kept.count();
        let read = match self.shape {
            Shape::GoldenCopy => golden(value, self.kept),
            Shape::Api => answered(value, self.kept),
        };
        let outcome = match read {
            Ok(Some(record)) => {
                self.kept.take(record);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(wrong) => self.kept.reject_record(wrong),
        };
        outcome.map_err(|error| {
            let text = error.to_string();
            *self.refused = Some(error);
            E::custom(text)
        })
    }
}

impl<'de> DeserializeSeed<'de> for Records<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Records<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records or one record")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut records: A) -> Result<(), A::Error> {
        while let Some(value) = records.next_element::<Value>()? {
            self.take(&value)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, map: A) -> Result<(), A::Error> {
        let value = <Value as serde::Deserialize>::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        self.take(&value)
    }
}

/// Returns the value of a wrapped member.
fn wrapped(value: &Value, path: &str) -> Option<String> {
    text(value.pointer(&format!("{path}/$")))
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Returns the items of a list. A single item may occur without a list, because programs that convert XML to JSON write it so.
fn items<'v>(value: &'v Value, path: &str) -> &'v [Value] {
    match value.pointer(path) {
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// Reads a record of the golden copy; `None` if it is not wanted.
fn golden(value: &Value, kept: &Kept<'_>) -> Result<Option<LeiRecord>, Wrong> {
    let Some(lei) = kept.wants("LEI", &wrapped(value, "/LEI").unwrap_or_default())? else { return Ok(None) };
    let named =
        ["/Entity/OtherEntityNames/OtherEntityName", "/Entity/TransliteratedOtherEntityNames/TransliteratedOtherEntityName"];
    let names = named.into_iter().flat_map(|path| items(value, path));
    let name = |item: &Value| Some(PublishedName { name: wrapped(item, "")?, kind: text(item.get("@type")) });
    let successor = |item: &Value| [wrapped(item, "/SuccessorLEI"), wrapped(item, "/SuccessorEntityName")];
    Published {
        legal_name: wrapped(value, "/Entity/LegalName"),
        country: wrapped(value, "/Entity/LegalAddress/Country"),
        jurisdiction: wrapped(value, "/Entity/LegalJurisdiction"),
        entity_status: wrapped(value, "/Entity/EntityStatus"),
        updated_at: wrapped(value, "/Registration/LastUpdateDate"),
        registration_status: wrapped(value, "/Registration/RegistrationStatus"),
        next_renewal: wrapped(value, "/Registration/NextRenewalDate"),
        category: wrapped(value, "/Entity/EntityCategory"),
        other_names: names.filter_map(name).collect(),
        successors: items(value, "/Entity/SuccessorEntity").iter().map(successor).collect(),
    }
    .record(lei)
    .map(Some)
}

/// Reads a record of an API's answer; `None` if it is not wanted.
fn answered(value: &Value, kept: &Kept<'_>) -> Result<Option<LeiRecord>, Wrong> {
    let kind = text(value.get("type")).unwrap_or_default();
    if kind != "lei-records" {
        return Err(("type", Reason::OtherKind, kind));
    }
    let at = |path: &str| text(value.pointer(&format!("/attributes{path}")));
    let Some(lei) = kept.wants("lei", &at("/lei").unwrap_or_default())? else { return Ok(None) };
    let named = ["/attributes/entity/otherNames", "/attributes/entity/transliteratedOtherNames"];
    let names = named.into_iter().flat_map(|path| items(value, path));
    let name = |item: &Value| Some(PublishedName { name: text(item.get("name"))?, kind: text(item.get("type")) });
    let successor = |item: &Value| [text(item.get("lei")), text(item.get("name"))];
    // An answer has the first successor in one member, and all successors in another.
    let several = items(value, "/attributes/entity/successorEntities");
    let successors = if several.is_empty() { items(value, "/attributes/entity/successorEntity") } else { several };
    Published {
        legal_name: at("/entity/legalName/name"),
        country: at("/entity/legalAddress/country"),
        jurisdiction: at("/entity/jurisdiction"),
        entity_status: at("/entity/status"),
        updated_at: at("/registration/lastUpdateDate"),
        registration_status: at("/registration/status"),
        next_renewal: at("/registration/nextRenewalDate"),
        category: at("/entity/category"),
        other_names: names.filter_map(name).collect(),
        successors: successors.iter().map(successor).collect(),
    }
    .record(lei)
    .map(Some)
}
