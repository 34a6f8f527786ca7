//! Describes why a format refuses a text, and how close the text is to the format. Of many formats, only the closest one is worth
//! reporting. Used only if no format accepts a text.

use super::checksum::Checksum;
use super::coding::Coding;
use super::error::AddressError;
use super::fault::Fault;
use super::format::Format;
use super::given::Given;
use super::{base58, bech32};

/// How close a text is to a format, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nearness {
    /// The text has nothing in common with the format.
    Foreign,
    /// The alphabet matches, but not the length.
    Shape,
    /// The length matches, but a character or the prefix is wrong.
    Close,
    /// The prefix of the format is there.
    Prefixed,
    /// Only the checksum is wrong.
    Checksum,
    /// The checksum matches, but the version or the length is wrong.
    Verified,
    /// Prefix and checksum match, and only the content or its length is wrong.
    Content,
}

/// Why one form does not accept a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Miss {
    pub(super) nearness: Nearness,
    pub(super) error: AddressError,
}

impl Miss {
    pub(super) fn new(nearness: Nearness, error: AddressError) -> Self {
        Self { nearness, error }
    }

    pub(super) fn unrecognised() -> Self {
        Self::new(Nearness::Foreign, AddressError::Unrecognised)
    }
}

/// A length that no word has.
const WORD_MAX: usize = 20;

/// The shortest prefix that identifies a format; a single letter begins many texts.
const TELLING_PREFIX: usize = 2;

impl Format {
    /// Explains why a text is not of this format. Call it only for texts that `read` refused.
    pub(super) fn explain(&self, text: &str, fault: Fault) -> Miss {
        let cleaned = self.cleaned(text);
        let seen = Seen::of(self, &cleaned);
        let place = |position: usize| self.place_in(text, position);
        match fault {
            Fault::Foreign => self.explain_foreign(&cleaned, &seen),
            Fault::Character { position, allowed } | Fault::WrongCase { position, allowed } => {
                Miss::new(seen.near(), AddressError::InvalidCharacter { position: place(position), allowed })
            }
            Fault::MixedCase { position } => Miss::new(seen.near(), AddressError::MixedCase { position: place(position) }),
            Fault::Bytes(_) | Fault::Characters(_) => self.explain_length(&cleaned, fault, &seen),
            Fault::Checksum => Miss::new(Nearness::Checksum, self.checksum_mismatch()),
            Fault::Version(version) => Miss::new(Nearness::Prefixed, AddressError::UnsupportedVersion { version }),
            Fault::Padding if self.coding.is_checked() => Miss::new(Nearness::Verified, AddressError::InvalidPadding),
            Fault::Padding => {
                Miss::new(if seen.fits { Nearness::Close } else { Nearness::Foreign }, AddressError::InvalidPadding)
            }
            Fault::Payload(found, expected) => wrong_payload(found, expected.to_string()),
            Fault::Layout(reason) => {
                let nearness = if self.is_checked() { Nearness::Content } else { seen.near() };
                Miss::new(nearness, AddressError::InvalidPayload { reason })
            }
        }
    }

    /// Searches for the one wrong character that causes a checksum error, and returns its position.
    pub(super) fn wrong_character(&self, text: &str) -> Option<usize> {
        const LENGTH_MAX: usize = 120;
        let cleaned = self.cleaned(text);
        let stripped = self.prefix_of(&cleaned)?.stripped;
        let rest = cleaned.get(stripped..).filter(|rest| rest.len() <= LENGTH_MAX)?;
        let place = match &self.coding {
            Coding::Base58(alphabet) if self.frame.checksum.is_searched() => {
                base58::wrong_character(rest, *alphabet, self.frame.checksum)
            }
            Coding::Bech32(coding) => coding.wrong_character(rest),
            _ => None,
        }?;
        Some(self.place_in(text, stripped + place))
    }

    /// Tells whether the search for a wrong character would be the same as for another format.
    pub(super) fn is_searched_like(&self, other: &Self) -> bool {
        match (&self.coding, &other.coding) {
            (Coding::Base58(one), Coding::Base58(another)) => one == another && self.frame.checksum == other.frame.checksum,
            (Coding::Bech32(one), Coding::Bech32(another)) => one.hrp == another.hrp && one.constant == another.constant,
            _ => false,
        }
    }

    /// Explains a text without the prefix. The text may be valid under another prefix, have a mistyped prefix, or be something else.
    fn explain_foreign(&self, text: &str, seen: &Seen) -> Miss {
        if let Coding::Bech32(coding) = &self.coding {
            if let Some(stripped) = self.bare_prefix(text, &coding.hrp)
                && seen.fits
            {
                let error =
                    AddressError::InvalidCharacter { position: stripped + 1, allowed: "a `1` must separate prefix and data" };
                return Miss::new(Nearness::Close, error);
            }
            let lower = text.to_ascii_lowercase();
            if self.text_prefixes.is_empty() && bech32::is_sound(text) {
                return Miss::new(Nearness::Verified, AddressError::UnknownPrefix);
            }
            if seen.fits
                && lower.rsplit_once('1').is_some_and(|(hrp, data)| hrp.len() == coding.hrp.len() && bech32::is_data(data))
            {
                return Miss::new(Nearness::Close, self.checksum_mismatch());
            }
            return Miss::new(Nearness::Foreign, AddressError::MissingPrefix { prefix: format!("{}1", coding.hrp) });
        }
        match self.text_prefixes.first() {
            Some(prefix) if self.prefix_of(text).is_none() => {
                // Only the prefix is missing, for example because `0x` was left out.
                let whole = format!("{prefix}{text}");
                let nearness = if self.read(&Given::new(&whole), &[]).is_ok() { Nearness::Close } else { Nearness::Foreign };
                Miss::new(nearness, AddressError::MissingPrefix { prefix: prefix.clone() })
            }
            _ => Miss::unrecognised(),
        }
    }

    fn bare_prefix(&self, text: &str, hrp: &str) -> Option<usize> {
        let head = text.get(..hrp.len()).filter(|head| head.eq_ignore_ascii_case(hrp))?;
        self.text_prefixes.is_empty().then_some(head.len())
    }

    fn explain_length(&self, text: &str, fault: Fault, seen: &Seen) -> Miss {
        let found =
            match fault {
                Fault::Bytes(bytes) => {
                    if let Some(decoded) = self.decoded(text).filter(|bytes| self.frame.checksum_holds(bytes)) {
                        return self.explain_payload(&decoded);
                    }
                    if self.coding.is_checked() {
                        let expected = self.frame.lengths.describe(|bytes| bytes);
                        let data = bytes.saturating_sub(
                            if matches!(&self.coding, Coding::Bech32(c) if c.data == bech32::Data::Versioned) { 1 } else { 0 },
                        );
                        return wrong_payload(data, expected);
                    }
                    // A base 58 text with another beginning decodes to other bytes, and perhaps to another number of bytes.
                    if self.frame.checksum != Checksum::None && seen.fits {
                        return Miss::new(Nearness::Close, self.checksum_mismatch());
                    }
                    seen.fits.then(|| (format!("{bytes} bytes when decoded"), self.frame.lengths.describe(|bytes| bytes)))
                }
                _ => None,
            };
        let (min, max) = self.text_lengths();
        let (found, expected) = found.unwrap_or_else(|| {
            let max = self.text_length_max.unwrap_or(max).min(max);
            let expected = match self.versions_in_words() {
                _ if max == usize::MAX => format!("at least {min}"),
                Some(version) if min == max => format!("{min} starting with {version}"),
                _ if min == max => min.to_string(),
                _ => format!("{min} to {max}"),
            };
            (format!("{} characters", text.len()), expected)
        });
        let nearness = match () {
            () if self.text_length_max.is_some_and(|max| text.len() > max) && self.coding.is_checked() => Nearness::Verified,
            () if seen.prefixed => Nearness::Prefixed,
            () if seen.comparable => Nearness::Shape,
            () => Nearness::Foreign,
        };
        Miss::new(nearness, AddressError::WrongLength { found, expected })
    }

    /// Explains bytes whose checksum matches: the version is one of no network, or the payload has the wrong length.
    fn explain_payload(&self, decoded: &[u8]) -> Miss {
        let content = self.frame.checksum.split(decoded).map_or(decoded, |(content, _)| content);
        let versions = self.frame.versions.iter().filter(|version| !version.is_empty());
        match versions.into_iter().find_map(|version| content.strip_prefix(version.as_slice())) {
            Some(payload) => wrong_payload(payload.len(), self.frame.lengths.describe(|bytes| bytes)),
            None => Miss::new(Nearness::Verified, AddressError::UnknownPrefix),
        }
    }

    /// Explains why a text is no account name; `None` if the network has no names, or the text is accepted or too long for one.
    pub(super) fn explain_name(&self, given: &Given<'_>) -> Option<AddressError> {
        const REASON: &str =
            "it is not a name of this network; check its characters, its length, and where dots and dashes stand";
        if !self.has_names() {
            return None;
        }
        match self.read(given, &[]).err()? {
            Fault::Foreign => Some(AddressError::InvalidPayload { reason: REASON }),
            Fault::Characters(_) => None,
            fault => Some(self.explain(given.text(), fault).error),
        }
    }

    fn decoded(&self, text: &str) -> Option<Vec<u8>> {
        let rest = text.get(self.prefix_of(text)?.stripped..)?;
        self.coding.decode(&Given::new(&self.case.apply(rest).ok()?)).ok().map(|decoded| decoded.bytes)
    }

    /// Returns the version with which every text of a hex format starts, in words.
    fn versions_in_words(&self) -> Option<String> {
        let version = self.frame.versions.first().filter(|version| !version.is_empty())?;
        matches!(self.coding, Coding::Hex(_))
            .then(|| format!("{}{}", self.text_prefixes.first().map_or("", String::as_str), hex::encode(version)))
    }

    fn checksum_mismatch(&self) -> AddressError {
        let own = self.coding.checksum_name().or(self.case_checksum.map(super::case_checksum::CaseChecksum::name));
        AddressError::ChecksumMismatch { checksum: own.unwrap_or(self.frame.checksum.name()), position: None }
    }

    /// Converts a position in the text without ignored characters to a position in the text as written.
    fn place_in(&self, text: &str, position: usize) -> usize {
        let kept = text.chars().enumerate().filter(|(_, c)| !self.ignored.contains(*c)).nth(position.saturating_sub(1));
        kept.map_or(position, |(index, _)| index + 1)
    }
}

/// Prefix and checksum match, but the account has the wrong length.
fn wrong_payload(found: usize, expected: String) -> Miss {
    Miss::new(Nearness::Content, AddressError::WrongLength { found: format!("{found} bytes of data"), expected })
}

/// What a text has in common with a format, without decoding.
struct Seen {
    /// Whether the text has a prefix that identifies the format.
    prefixed: bool,
    /// Whether the length is that of an address.
    fits: bool,
    /// Whether the length is close to that of an address; a word is too short to count.
    comparable: bool,
    /// Whether the format has no prefix, so that only the length identifies it.
    bare: bool,
}

impl Seen {
    fn of(format: &Format, text: &str) -> Self {
        let (min, max) = format.text_lengths();
        let fits = min >= WORD_MAX && (min..=max).contains(&text.len());
        let prefix = format.prefix_of(text).map_or(0, |prefix| prefix.whole);
        Self {
            prefixed: prefix > 0 && (fits || prefix >= TELLING_PREFIX),
            fits,
            comparable: min >= WORD_MAX && (min / 2..=max.saturating_mul(2)).contains(&text.len()) && max != usize::MAX,
            bare: !format.has_prefix(),
        }
    }

    fn near(&self) -> Nearness {
        match self {
            Self { prefixed: true, .. } => Nearness::Prefixed,
            Self { fits: true, bare: true, .. } => Nearness::Close,
            _ => Nearness::Foreign,
        }
    }
}
