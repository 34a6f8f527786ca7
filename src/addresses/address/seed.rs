//! Formats as written in the seed: the names and values of the reference table of networks. Everything is checked here, once. An unknown
//! kind, checksum, rule or combination is an error at load time.

use std::sync::Arc;

use super::bech32::{Constant, Data, HumanReadable};
use super::case::Case;
use super::case_checksum::CaseChecksum;
use super::cashaddr::CashAddr;
use super::checksum::Checksum;
use super::coding::Coding;
use super::derivation::{ClassSeed, ControllerRule, Derivation};
use super::format::{Canonical, Detection, Format, Names, Role};
use super::frame::{Frame, Lengths};
use super::hex::Hex;
use super::layout::Layout;
use super::pattern::Pattern;
use crate::class::Class;
use regex_lite::Regex;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The maximum payload of a format, in bytes; texts have at most 1,023 characters.
const PAYLOAD_LENGTH_MAX: usize = 1_023;

/// The number of digits that a padded number may omit if no network is named: two zero bytes, which one in 65,536 accounts has.
const OMITTED_DIGITS: usize = 4;

/// A format as written in the seed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormatSeed {
    id: String,
    role: Role,
    /// The class of the accounts, by length if there are several; required unless the format is refused.
    class: Option<ClassSeed>,
    controller: Option<Derivation>,
    test_network: Option<String>,
    kind: String,
    alphabet: Option<String>,
    #[serde(default)]
    ignore_chars: String,
    #[serde(default)]
    text_prefixes: Vec<String>,
    #[serde(default)]
    text_prefix_any_case: bool,
    #[serde(default)]
    version_hex: Vec<String>,
    version_in_body: Option<bool>,
    payload_lengths: Option<Vec<usize>>,
    payload_length_min: Option<usize>,
    payload_length_max: Option<usize>,
    pad_to: Option<usize>,
    hex_digits_min: Option<usize>,
    value_below_hex: Option<String>,
    #[serde(default)]
    nonzero: bool,
    checksum: String,
    checksum_chain_id: Option<u64>,
    case: Case,
    layout: Option<Layout>,
    canonical: String,
    canonical_format: Option<String>,
    canonical_version_hex: Option<String>,
    /// The chain id for the checksum of the canonical form, if the checksum of the text uses none.
    canonical_chain_id: Option<u64>,
    hrp: Option<String>,
    data: Option<Data>,
    #[serde(default)]
    symbol_versions: Vec<u8>,
    prefix_required: Option<bool>,
    #[serde(default)]
    type_part: bool,
    pattern: Option<String>,
    max_integer: Option<u64>,
    text_length_min: Option<usize>,
    text_length_max: Option<usize>,
    /// The endings of names that are considered if no network is named; never, if the list is empty.
    detect_suffixes: Option<Vec<String>>,
    /// An example text of this format; not part of the rule.
    #[serde(default)]
    pub(crate) example: String,
}

/// Why the formats of a network cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("format `{format}`: {reason}")]
pub struct FormatError {
    /// The id of the format.
    pub format: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Makes the formats of one network.
///
/// # Errors
/// `FormatError` if a format has an unknown kind, checksum, rule or combination of them.
pub(crate) fn formats(seeds: &[FormatSeed], classes: &[Arc<Class>]) -> Result<Vec<Format>, FormatError> {
    let mut formats = seeds.iter().map(|seed| seed.compile(classes)).collect::<Result<Vec<_>, _>>()?;
    let receiving = formats.iter().filter(|format| format.role == Role::Receive);
    let all_bytes =
        receiving.clone().count() > 0 && receiving.into_iter().all(|f| matches!(f.canonical, Canonical::CaseChecksum { .. }));
    for format in &mut formats {
        if let Canonical::CaseChecksum { bytes_are_key, .. } = &mut format.canonical {
            *bytes_are_key = all_bytes;
        }
    }
    for format in &formats {
        let wrong = |reason: &str| FormatError { format: format.id.to_string(), reason: reason.to_owned() };
        if formats.iter().filter(|other| other.id == format.id).count() > 1 {
            return Err(wrong("the id is used twice"));
        }
        let writes = |target: &&Format| {
            target.layout.is_none() && !matches!(target.canonical, Canonical::Convert { .. } | Canonical::Workchain)
        };
        if let Canonical::Convert { format: target, .. } = &format.canonical
            && !formats.iter().filter(writes).any(|other| *other.id == **target)
        {
            return Err(wrong("`canonical_format` must name a plain format of this network"));
        }
    }
    Ok(formats)
}

impl FormatSeed {
    /// Returns the rule without the parts that do not affect which texts are accepted. Formats with equal rules accept the same texts.
    pub(crate) fn accepting(&self) -> Self {
        Self {
            id: String::new(),
            class: None,
            controller: None,
            canonical: String::new(),
            canonical_format: None,
            canonical_version_hex: None,
            example: String::new(),
            ..self.clone()
        }
    }

    /// Tells whether addresses of the format can receive a transfer.
    pub(crate) fn receives(&self) -> bool {
        self.role == Role::Receive
    }

    fn compile(&self, classes: &[Arc<Class>]) -> Result<Format, FormatError> {
        let wrong = |reason| FormatError { format: self.id.clone(), reason };
        if self.test_network.is_some() && self.role != Role::Refused {
            return Err(wrong("only formats with the role `refused` may have `test_network`".to_owned()));
        }
        if self.ignore_chars.chars().any(|c| c != ' ' && c != '-') {
            return Err(wrong("only spaces and hyphens may be ignored when reading".to_owned()));
        }
        // Found by fuzzing: doubling such a width caused an overflow.
        if self.pad_to.is_some_and(|width| width > PAYLOAD_LENGTH_MAX) {
            return Err(wrong(format!("a payload must not be padded to more than {PAYLOAD_LENGTH_MAX} bytes")));
        }
        let frame = self.frame().map_err(wrong)?;
        let coding = self.coding(&frame).map_err(wrong)?;
        Ok(Format {
            id: self.id.as_str().into(),
            names: Names {
                kind: self.kind.clone(),
                checksum: self.checksum.clone(),
                canonical: self.canonical.clone(),
                canonical_format: self.canonical_format.clone(),
            },
            role: self.role,
            test_network: self.test_network.clone(),
            detection: self.detection(),
            ignored: self.ignore_chars.clone(),
            text_prefixes: self.text_prefixes.clone(),
            prefix_in_any_case: self.text_prefix_any_case,
            text_lengths: self.text_lengths(coding.text_lengths(frame.byte_lengths())),
            text_length_max: self.text_length_max,
            case: self.case,
            coding,
            frame,
            case_checksum: self.case_checksum().map_err(wrong)?,
            layout: self.layout,
            canonical: self.canonical().map_err(wrong)?,
            controllers: self.controllers(classes).map_err(wrong)?,
        })
    }

    fn controllers(&self, classes: &[Arc<Class>]) -> Result<ControllerRule, String> {
        match (&self.class, self.role) {
            (Some(class), Role::Receive | Role::Alternate) => {
                ControllerRule::new(class, self.controller.unwrap_or_default(), classes)
            }
            (None, Role::Refused) => Ok(ControllerRule::default()),
            _ => Err("`class` is required, except with the role `refused`".to_owned()),
        }
    }

    /// Adds the lengths of the prefixes to the minimum and maximum number of characters.
    fn text_lengths(&self, (min, max): (usize, usize)) -> (usize, usize) {
        let prefixes = || self.text_prefixes.iter().map(String::len);
        (min + prefixes().min().unwrap_or_default(), max.saturating_add(prefixes().max().unwrap_or_default()))
    }

    fn detection(&self) -> Detection {
        match (&self.detect_suffixes, self.pad_to) {
            (Some(suffixes), _) if suffixes.is_empty() => Detection::Never,
            (Some(suffixes), _) => Detection::Suffixes(suffixes.clone()),
            (None, Some(width)) => {
                let prefix = self.text_prefixes.first().map_or(0, String::len);
                Detection::LengthMin((prefix + 2 * width).saturating_sub(OMITTED_DIGITS))
            }
            (None, None) => Detection::Always,
        }
    }

    fn frame(&self) -> Result<Frame, String> {
        let versions = match self.kind.as_str() {
            // The first symbol of versioned data is its version.
            "bech32" if self.data == Some(Data::Versioned) => self.symbol_versions.iter().map(|symbol| vec![*symbol]).collect(),
            _ if self.version_hex.is_empty() => vec![Vec::new()],
            _ => self.version_hex.iter().map(|text| bytes(text)).collect::<Result<_, _>>()?,
        };
        let lengths = match self.kind.as_str() {
            "text" => Lengths::Range(0, None),
            // The part before the payload has no fixed length, so it is not a version here. The kind itself checks the length of the
            // payload.
            "filecoin-delegated" => Lengths::Range(0, self.payload_length_max.map(|max| max + super::filecoin::HEAD_MAX)),
            _ => self.lengths()?,
        };
        let checksum = match (self.kind.as_str(), self.checksum.as_str()) {
            ("bech32", "bech32" | "bech32m")
            | ("cashaddr", "cashaddr-40")
            | ("iban32", "iso7064-mod97-10")
            | ("byron", "crc32-cbor") => Checksum::None,
            ("text", "none" | "hip15-optional")
            | ("hex", "eip55" | "eip55-inverted" | "eip1191" | "zilliqa-sha256" | "cep57") => Checksum::None,
            ("bech32" | "cashaddr" | "iban32" | "byron" | "text", other) => {
                return Err(format!("`{other}` is not a checksum of this kind"));
            }
            (_, other) => named("checksum", other)?,
        };
        Ok(Frame { versions, version_in_body: self.version_in_body.unwrap_or(true), lengths, checksum })
    }

    fn coding(&self, frame: &Frame) -> Result<Coding, String> {
        let alphabet = self.alphabet.as_deref();
        let plain = |coding| {
            if alphabet.is_none() { Ok(coding) } else { Err("this kind has only one alphabet: leave `alphabet` out".to_owned()) }
        };
        match self.kind.as_str() {
            "base58" => alphabet.map_or(Ok(Default::default()), |name| named("alphabet", name)).map(Coding::Base58),
            "base58-blocks" => plain(Coding::Base58Blocks),
            "bech32" => self.human_readable().map(Coding::Bech32),
            "cashaddr" => Ok(Coding::CashAddr(CashAddr {
                hrp: self.hrp()?,
                prefix_required: self.prefix_required.ok_or("needs `prefix_required`")?,
                alphabet: alphabet.map_or(Ok(Default::default()), |name| named("alphabet", name))?,
                type_part: self.type_part,
            })),
            "hex" => self.hex(frame).map(Coding::Hex),
            "base32" => named("alphabet", alphabet.ok_or("needs an `alphabet`")?).map(Coding::Base32),
            "base64" => named("alphabet", alphabet.ok_or("needs an `alphabet`")?).map(Coding::Base64),
            "nano32" => plain(Coding::Nano32),
            "c32check" => plain(Coding::C32Check),
            "iban32" => plain(Coding::Iban32),
            "icp-principal" => plain(Coding::IcpPrincipal),
            "filecoin-delegated" => plain(Coding::FilecoinDelegated),
            "byron" => plain(Coding::Byron),
            "text" => self.pattern().map(Coding::Pattern),
            other => Err(format!("the kind `{other}` is not known")),
        }
    }

    fn human_readable(&self) -> Result<HumanReadable, String> {
        let constant = if self.checksum == "bech32m" { Constant::Bech32m } else { Constant::Bech32 };
        let data = self.data.ok_or("needs `data`")?;
        if (data == Data::Versioned) == self.symbol_versions.is_empty() || self.symbol_versions.iter().any(|symbol| *symbol > 31)
        {
            return Err("`symbol_versions` (each 0 to 31) are required with `data` \"versioned\", and only there".to_owned());
        }
        Ok(HumanReadable { hrp: self.hrp()?, data, constant, symbols: self.symbol_versions.clone() })
    }

    fn hrp(&self) -> Result<String, String> {
        let hrp = self.hrp.clone().filter(|hrp| bech32::Hrp::parse(hrp).is_ok_and(|parsed| parsed.to_lowercase() == *hrp));
        hrp.ok_or_else(|| "needs a lower-case `hrp`".to_owned())
    }

    fn hex(&self, frame: &Frame) -> Result<Hex, String> {
        let Some(width) = self.pad_to else {
            let plain = self.hex_digits_min.is_none() && self.value_below_hex.is_none() && !self.nonzero;
            return if plain {
                Ok(Hex::default())
            } else {
                Err("`hex_digits_min`, `value_below_hex` and `nonzero` require `pad_to`".to_owned())
            };
        };
        if frame.lengths != Lengths::OneOf(vec![width])
            || frame.checksum != Checksum::None
            || frame.byte_lengths() != (width, Some(width))
        {
            return Err("`pad_to` must be the only length of the payload, without version and checksum".to_owned());
        }
        let below =
            self.value_below_hex.as_ref().map(|text| bytes(&format!("{text:0>width$}", width = 2 * width))).transpose()?;
        let digits_min = self.hex_digits_min.filter(|digits| (1..=2 * width).contains(digits)).ok_or("needs `hex_digits_min`")?;
        Ok(Hex { pad_to: Some(width), digits_min, below, nonzero: self.nonzero })
    }

    fn pattern(&self) -> Result<Pattern, String> {
        let pattern = self.pattern.as_ref().ok_or("needs a `pattern`")?;
        // The whole text must match. A small size limit is enough for any name pattern.
        let whole = regex_lite::RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(1 << 16).build();
        let pattern: Regex = whole.map_err(|_| "`pattern` is not a regular expression")?;
        let lengths = (self.text_length_min.unwrap_or(1), self.text_length_max.unwrap_or(128));
        Ok(Pattern { pattern, max_integer: self.max_integer, lengths, hip15: self.checksum == "hip15-optional" })
    }

    fn case_checksum(&self) -> Result<Option<CaseChecksum>, String> {
        let checksum = match (self.checksum.as_str(), self.checksum_chain_id) {
            ("eip55", None) => Some(CaseChecksum::Eip55),
            ("eip55-inverted", None) => Some(CaseChecksum::Eip55Inverted),
            ("eip1191", Some(id)) => Some(CaseChecksum::Eip1191(id)),
            ("zilliqa-sha256", None) => Some(CaseChecksum::Zilliqa),
            ("cep57", None) => Some(CaseChecksum::Cep57),
            (_, None) => None,
            _ => return Err("`checksum_chain_id` is required with the checksum `eip1191`, and only there".to_owned()),
        };
        if checksum.is_some() == (self.case == Case::ChecksumOrUniform) {
            Ok(checksum)
        } else {
            Err("the case `checksum-or-uniform` requires a checksum in the letter case, and the other way round".to_owned())
        }
    }

    fn canonical(&self) -> Result<Canonical, String> {
        let evm = self.kind == "hex" && self.lengths()? == Lengths::OneOf(vec![20]) && self.version_hex.is_empty();
        match (self.canonical.as_str(), &self.canonical_format, &self.canonical_version_hex) {
            ("as-is", None, None) => Ok(Canonical::AsIs),
            ("lower", None, None) => Ok(Canonical::Lower),
            ("without-separators", None, None) => Ok(Canonical::WithoutSeparators),
            ("without-checksum-suffix", None, None) => Ok(Canonical::WithoutSuffix),
            ("first-text-prefix", None, None) if !self.text_prefixes.is_empty() => Ok(Canonical::FirstPrefix),
            ("cashaddr-with-prefix" | "without-type", None, None) if self.kind == "cashaddr" => Ok(Canonical::Encoded),
            ("hex-padded-lower", None, None) if self.pad_to.is_some() => Ok(Canonical::PaddedHex),
            ("eip55", None, None) if evm => Ok(Canonical::CaseChecksum { checksum: CaseChecksum::Eip55, bytes_are_key: false }),
            ("eip1191", None, None) if evm => {
                let id = self.checksum_chain_id.or(self.canonical_chain_id).ok_or("needs a chain id")?;
                Ok(Canonical::CaseChecksum { checksum: CaseChecksum::Eip1191(id), bytes_are_key: false })
            }
            ("convert", Some(_), None) if self.kind == "base64" => Ok(Canonical::Workchain),
            ("convert", Some(format), version) => {
                let version = version.as_deref().map_or(Ok(Vec::new()), bytes)?;
                Ok(Canonical::Convert { format: format.clone(), version })
            }
            (rule, ..) => Err(format!("the canonical form `{rule}` is not known, or not allowed with these members")),
        }
    }

    fn lengths(&self) -> Result<Lengths, String> {
        let given = self.payload_lengths.iter().flatten().chain(&self.payload_length_min).chain(&self.payload_length_max);
        if let Some(length) = given.into_iter().find(|length| **length > PAYLOAD_LENGTH_MAX) {
            return Err(format!("a payload of {length} bytes is longer than any address"));
        }
        match (&self.payload_lengths, self.payload_length_min, self.payload_length_max) {
            (Some(lengths), None, None) if !lengths.is_empty() => Ok(Lengths::OneOf(lengths.clone())),
            (None, Some(min), max) => Ok(Lengths::Range(min, max)),
            _ if self.kind == "text" => Ok(Lengths::Range(0, None)),
            _ => Err("needs `payload_lengths`, or `payload_length_min` with or without `payload_length_max`".to_owned()),
        }
    }
}

/// Reads a rule by its name.
fn named<T: DeserializeOwned>(what: &str, name: &str) -> Result<T, String> {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};
    let deserializer: StrDeserializer<'_, Error> = name.into_deserializer();
    T::deserialize(deserializer).map_err(|_| format!("{what} `{name}` is not known"))
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    hex::decode(text).map_err(|_| format!("`{text}` is not hex"))
}
