//! Formats as the seed states them: member names and values of the reference table of networks. Everything is checked
//! here, once: a kind, checksum or rule (or a combination) that is not known is an error at load, never a guess later.

use super::base58::Base58;
use super::bech32::{Constant, Versioned};
use super::format::{Canonical, Coding, Format, Lengths, Role};
use super::hex::{CaseChecksum, Hex};
use crate::domain::caip::Caip2;
use serde::Deserialize;

/// Longest payload of a format, in bytes; the texts that are looked at have 1,023 characters.
const PAYLOAD_LENGTH_MAX: usize = 1_023;

/// A format as the seed states it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormatSeed {
    id: String,
    role: Role,
    kind: String,
    #[serde(default)]
    text_prefixes: Vec<String>,
    #[serde(default)]
    version_hex: Vec<String>,
    payload_lengths: Option<Vec<usize>>,
    payload_length_min: Option<usize>,
    payload_length_max: Option<usize>,
    checksum: String,
    checksum_chain_id: Option<u64>,
    case: String,
    canonical: String,
    canonical_format: Option<String>,
    canonical_version_hex: Option<String>,
    hrp: Option<String>,
    data: Option<String>,
    #[serde(default)]
    symbol_versions: Vec<u8>,
    text_length_max: Option<usize>,
    #[serde(default)]
    shared_with: Vec<Caip2>,
    /// A text of this format; no part of the rule.
    #[serde(default)]
    pub(crate) example: String,
}

/// Why the formats of a network cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("format `{format}`: {reason}")]
pub struct FormatError {
    /// Id of the format.
    pub format: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Makes the formats of one network.
///
/// # Errors
/// `FormatError` where one names a kind, checksum or rule, or a combination of them, that is not known here.
pub(crate) fn formats(seeds: &[FormatSeed]) -> Result<Vec<Format>, FormatError> {
    let formats = seeds.iter().map(FormatSeed::compile).collect::<Result<Vec<_>, _>>()?;
    for format in &formats {
        let wrong = |reason: &str| FormatError { format: format.id.clone(), reason: reason.to_owned() };
        if formats.iter().filter(|other| other.id == format.id).count() > 1 {
            return Err(wrong("the id is used twice"));
        }
        if let Canonical::Convert { format: target, .. } = &format.canonical
            && !formats.iter().any(|other| other.id == *target && matches!(other.canonical, Canonical::AsIs | Canonical::Lower))
        {
            return Err(wrong("`canonical_format` names no plain format of this network"));
        }
    }
    Ok(formats)
}

impl FormatSeed {
    fn compile(&self) -> Result<Format, FormatError> {
        let wrong = |reason| FormatError { format: self.id.clone(), reason };
        Ok(Format {
            id: self.id.clone(),
            role: self.role,
            text_prefixes: self.text_prefixes.clone(),
            text_length_max: self.text_length_max,
            coding: self.coding().map_err(wrong)?,
            canonical: self.canonical().map_err(wrong)?,
            shared_with: self.shared_with().map_err(wrong)?,
        })
    }

    fn shared_with(&self) -> Result<Vec<Caip2>, String> {
        match self.role {
            Role::Alternate | Role::Refused if !self.shared_with.is_empty() => {
                Err("`shared_with` belongs to formats of role `receive`".to_owned())
            }
            _ if !self.shared_with.is_sorted_by(|one, next| one < next) => {
                Err("`shared_with` is not in order, or names a network twice".to_owned())
            }
            _ => Ok(self.shared_with.clone()),
        }
    }

    fn coding(&self) -> Result<Coding, String> {
        let lengths = self.lengths()?;
        let rules = (self.kind.as_str(), self.checksum.as_str(), self.case.as_str());
        match rules {
            ("base58", "sha256d-4" | "none", "sensitive") => {
                Ok(Coding::Base58(Base58 { versions: self.versions()?, lengths, checked: self.checksum == "sha256d-4" }))
            }
            ("bech32", "bech32", "uniform-to-lower") => self.versioned(lengths, Constant::Bech32),
            ("bech32", "bech32m", "uniform-to-lower") => self.versioned(lengths, Constant::Bech32m),
            ("hex", "none", "any-to-lower") | ("hex", "eip55" | "eip1191", "checksum-or-uniform") => {
                Ok(Coding::Hex(Hex { versions: self.versions()?, lengths, checksum: self.case_checksum()? }))
            }
            (kind, checksum, case) => {
                Err(format!("kind `{kind}` with checksum `{checksum}` and case `{case}` is not known here"))
            }
        }
    }

    fn versioned(&self, lengths: Lengths, constant: Constant) -> Result<Coding, String> {
        let hrp = self.hrp.clone().filter(|hrp| bech32::Hrp::parse(hrp).is_ok_and(|parsed| parsed.to_lowercase() == *hrp));
        match (hrp, self.data.as_deref()) {
            (Some(hrp), Some("versioned")) if !self.symbol_versions.is_empty() => {
                Ok(Coding::Bech32(Versioned { hrp, symbols: self.symbol_versions.clone(), lengths, constant }))
            }
            _ => Err("needs a lower-case `hrp`, `data` \"versioned\" and `symbol_versions`".to_owned()),
        }
    }

    fn case_checksum(&self) -> Result<Option<CaseChecksum>, String> {
        match (self.checksum.as_str(), self.checksum_chain_id) {
            ("eip55", None) => Ok(Some(CaseChecksum::Eip55)),
            ("eip1191", Some(id)) => Ok(Some(CaseChecksum::Eip1191(id))),
            ("none", None) => Ok(None),
            _ => Err("`checksum_chain_id` belongs to checksum `eip1191` and to no other".to_owned()),
        }
    }

    fn canonical(&self) -> Result<Canonical, String> {
        let evm = self.kind == "hex" && self.lengths()? == Lengths::OneOf(vec![20]) && self.version_hex.is_empty();
        match (self.canonical.as_str(), &self.canonical_format, &self.canonical_version_hex) {
            ("as-is", None, None) => Ok(Canonical::AsIs),
            ("lower", None, None) => Ok(Canonical::Lower),
            (rule @ ("eip55" | "eip1191"), None, None) if evm && rule == self.checksum => {
                self.case_checksum()?.map(Canonical::CaseChecksum).ok_or_else(|| "needs a checksum".to_owned())
            }
            ("convert", Some(format), Some(version)) => {
                Ok(Canonical::Convert { format: format.clone(), version: bytes(version)? })
            }
            (rule, ..) => Err(format!("canonical form `{rule}` is not known here, or not with these members")),
        }
    }

    fn versions(&self) -> Result<Vec<Vec<u8>>, String> {
        if self.version_hex.is_empty() { Ok(vec![Vec::new()]) } else { self.version_hex.iter().map(|text| bytes(text)).collect() }
    }

    fn lengths(&self) -> Result<Lengths, String> {
        let given = self.payload_lengths.iter().flatten().chain(&self.payload_length_min).chain(&self.payload_length_max);
        if let Some(length) = given.into_iter().find(|length| **length > PAYLOAD_LENGTH_MAX) {
            return Err(format!("a payload of {length} bytes is longer than any address"));
        }
        match (&self.payload_lengths, self.payload_length_min, self.payload_length_max) {
            (Some(lengths), None, None) if !lengths.is_empty() => Ok(Lengths::OneOf(lengths.clone())),
            (None, Some(min), max) => Ok(Lengths::Range(min, max)),
            _ => Err("needs `payload_lengths`, or `payload_length_min` with or without `payload_length_max`".to_owned()),
        }
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    hex::decode(text).map_err(|_| format!("`{text}` is not hex"))
}
