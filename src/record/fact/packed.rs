//! The facts of one VASP in few bytes. A directory keeps the facts of every VASP, but reads them only to build a record. The bytes live in
//! memory only: they are made from parsed facts, so they can always be read, and their form may change.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Attribute, Fact, FactValue, LicenceAnchor, RecordedEvidence, VaspFacts};
use crate::vasp::VaspKind;
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::time::Date;

// Each attribute has its bit in a number of 32 bits.
const _: () = assert!(Attribute::ALL.len() <= 32);

/// All facts about one VASP at one sequence, in few bytes.
#[derive(Clone, Debug)]
pub struct PackedFacts {
    id: VaspId,
    kind: VaspKind,
    /// Number of facts.
    count: u32,
    /// The attributes that occur: bit `n` is for the attribute at place `n` of all.
    attributes: u32,
    licences: Box<[LicenceAnchor]>,
    evidence: Box<[RecordedEvidence]>,
    /// Origins and sources. VASPs that were packed together share the list.
    texts: Arc<[Arc<str>]>,
    facts: Box<[u8]>,
}

impl PackedFacts {
    /// Packs the facts of VASPs, which then share their origins and sources.
    pub fn pack_all(vasps: impl IntoIterator<Item = VaspFacts>) -> Vec<Self> {
        let mut texts = Texts::default();
        let mut packed: Vec<Self> = vasps.into_iter().map(|facts| Self::pack(facts, &mut texts)).collect();
        let texts: Arc<[Arc<str>]> = texts.list.into();
        packed.iter_mut().for_each(|packed| packed.texts = Arc::clone(&texts));
        packed
    }

    fn pack(vasp: VaspFacts, texts: &mut Texts) -> Self {
        let VaspFacts { id, kind, licences, facts, evidence } = vasp;
        let mut bytes = std::mem::take(&mut texts.buffer);
        bytes.clear();
        let (mut count, mut attributes) = (0, 0);
        for fact in &facts {
            let attribute = place(fact.said.attribute());
            count += 1;
            attributes |= 1_u32.checked_shl(attribute).unwrap_or(0);
            put_number(&mut bytes, attribute);
            put_licence(&mut bytes, fact.licence, &licences);
            put_number(&mut bytes, texts.place(&fact.origin));
            put_number(&mut bytes, texts.place(&fact.source));
            put_day(&mut bytes, fact.from);
            put_day(&mut bytes, fact.to);
            fact.said.pack(&mut bytes);
        }
        let facts = bytes.as_slice().into();
        texts.buffer = bytes;
        Self { id, kind, count, attributes, licences: licences.into(), evidence: evidence.into(), texts: Arc::default(), facts }
    }

    /// Public id of the VASP.
    #[must_use]
    pub fn id(&self) -> VaspId {
        self.id
    }

    /// Entity or group.
    #[must_use]
    pub fn kind(&self) -> VaspKind {
        self.kind
    }

    /// Returns the number of facts.
    #[must_use]
    pub fn count(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX)
    }

    /// Returns whether any fact, of any day, is of this attribute.
    #[must_use]
    pub fn says(&self, attribute: Attribute) -> bool {
        self.attributes & 1_u32.checked_shl(place(attribute)).unwrap_or(0) != 0
    }

    /// Returns the facts.
    #[must_use]
    pub fn unpack(&self) -> VaspFacts {
        let mut rest = Packed(&self.facts);
        let mut facts = Vec::with_capacity(self.count());
        facts.extend(std::iter::from_fn(|| self.next(&mut rest)));
        debug_assert_eq!(facts.len(), self.count(), "what was packed can be read");
        VaspFacts { id: self.id, kind: self.kind, licences: self.licences.to_vec(), facts, evidence: self.evidence.to_vec() }
    }

    /// Reads the next fact; `None` at the end.
    fn next(&self, rest: &mut Packed<'_>) -> Option<Fact> {
        let attribute = *Attribute::ALL.get(rest.size()?)?;
        let licence = rest.licence(&self.licences)?;
        let origin = Arc::clone(self.texts.get(rest.size()?)?);
        let source = Arc::clone(self.texts.get(rest.size()?)?);
        let (from, to) = (rest.day()?, rest.day()?);
        Some(Fact { licence, origin, said: FactValue::unpack(attribute, rest)?, from, to, source })
    }
}

/// The texts that many facts share, with their numbers.
#[derive(Default)]
struct Texts {
    list: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
    /// Room for the bytes of one VASP.
    buffer: Vec<u8>,
}

/// How many texts are compared before they are looked up.
const FEW: u32 = 4;

impl Texts {
    fn place(&mut self, text: &Arc<str>) -> u32 {
        // Most VASPs have few, and these come first.
        if let Some((_, place)) = self.list.iter().zip(0..FEW).find(|(known, _)| Arc::ptr_eq(known, text)) {
            return place;
        }
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(Arc::clone(text));
        self.places.insert(Arc::clone(text), place);
        place
    }
}

fn place(attribute: Attribute) -> u32 {
    Attribute::ALL.iter().zip(0..).find(|(known, _)| **known == attribute).map_or(0, |(_, place)| place)
}

/// Writes seven bits a byte, the lowest first; every byte but the last has its highest bit set.
fn put_number(to: &mut Vec<u8>, mut number: u32) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return to.push(low);
        }
        to.push(low | 0x80);
    }
}

/// Writes a text after its length.
pub(super) fn put_text(to: &mut Vec<u8>, text: &str) {
    put_number(to, u32::try_from(text.len()).unwrap_or(u32::MAX));
    to.extend_from_slice(text.as_bytes());
}

/// Writes a day; an absent day is 0.
pub(super) fn put_day(to: &mut Vec<u8>, day: Option<Date>) {
    put_number(to, day.map_or(0, |day| day.number().saturating_add(1)));
}

/// Writes 0 for no licence, the place of the licence counted from 1, or a larger number and the id.
fn put_licence(to: &mut Vec<u8>, licence: Option<LicenceId>, anchors: &[LicenceAnchor]) {
    let Some(licence) = licence else { return to.push(0) };
    let place = (1_u32..).zip(anchors).find(|(_, anchor)| anchor.id == licence).map(|(place, _)| place);
    put_number(to, place.unwrap_or(u32::MAX));
    if place.is_none() {
        put_text(to, &licence.to_string());
    }
}

/// The packed bytes that were not read yet.
pub(super) struct Packed<'a>(&'a [u8]);

impl<'a> Packed<'a> {
    fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..u32::BITS).step_by(7) {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn size(&mut self) -> Option<usize> {
        self.number().and_then(|number| usize::try_from(number).ok())
    }

    /// Reads a text.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let size = self.size()?;
        let (text, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    /// Reads a day that may be absent; `None` if there is none to read.
    pub(super) fn day(&mut self) -> Option<Option<Date>> {
        match self.number()? {
            0 => Some(None),
            number => Date::of_number(number - 1).map(Some),
        }
    }

    fn licence(&mut self, anchors: &[LicenceAnchor]) -> Option<Option<LicenceId>> {
        match self.number()? {
            0 => Some(None),
            u32::MAX => self.text()?.parse().ok().map(Some),
            place => anchors.get(usize::try_from(place - 1).ok()?).map(|anchor| Some(anchor.id)),
        }
    }
}

#[cfg(test)]
mod tests;
