//! The organizationIdentifier of a subject (2.5.4.97), which names a registration of a legal person. This module reads only the
//! form. It does not check whether the registration exists.

use std::fmt;

use vasp_words::country::Country;
use vasp_words::lei::{Lei, LeiError};

/// The longest text that is accepted, in bytes.
const LONGEST: usize = 256;

/// A registration of a legal person.
///
/// Source: ETSI EN 319 412-1, section 5.1.4; ETSI TS 119 495, section 5.2.1 (PSD); CA/B EV Guidelines, section 9.2.8 (the
/// subdivision after `+`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationIdentifier {
    /// The kind of registration.
    pub scheme: OrganisationScheme,
    /// The country; `None` for LEIs, which belong to no country (`XG`).
    pub country: Option<Country>,
    /// The state or province after `+`; `None` if there is none.
    pub subdivision: Option<String>,
    /// The number in that scheme.
    pub reference: String,
}

/// Kinds of registrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganisationScheme {
    /// Value added tax.
    Vat,
    /// National trade register.
    Ntr,
    /// Payment service provider, with the letters of the national competent authority.
    Psd(String),
    /// Legal Entity Identifier.
    Lei(Lei),
    /// A scheme of one country, by its two characters.
    National(String),
    /// A scheme for natural persons, by its three letters.
    NaturalPerson(&'static str),
}

/// Why a text is not an organizationIdentifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationIdentifierError {
    /// The text has not the form `TTTCC-…`.
    #[error("it must have three characters for the type, two for the country, a hyphen and a reference")]
    Form,
    /// The standard does not have this type.
    #[error("the type must be VAT, NTR, PSD, LEI, or two characters and a colon, not `{0}`")]
    Type(String),
    /// The country code is unknown.
    #[error("`{0}` is not a country code of ISO 3166-1")]
    Country(String),
    /// An LEI with a country other than `XG`.
    #[error("with the type LEI, the country must be `XG`, not `{0}`")]
    LeiCountry(String),
    /// The reference is not an LEI.
    #[error("the reference is not an LEI")]
    Lei(#[source] LeiError),
    /// The reference is not an authority and a number.
    #[error("after PSD and the country there must be 2 to 8 letters for the authority, a hyphen and a number")]
    Psd,
}

/// Types of identifiers of natural persons.
///
/// Source: ETSI EN 319 412-1, section 5.1.3.
const NATURAL_PERSON: [&str; 4] = ["PAS", "IDC", "PNO", "TIN"];

impl TryFrom<&str> for OrganisationIdentifier {
    type Error = OrganisationIdentifierError;

    fn try_from(text: &str) -> Result<Self, OrganisationIdentifierError> {
        use OrganisationIdentifierError as Error;

        if text.len() > LONGEST || !text.is_ascii() {
            return Err(Error::Form);
        }
        let (head, reference) = text.split_once('-').ok_or(Error::Form)?;
        let (head, subdivision) = match head.split_once('+') {
            Some((head, subdivision)) => (head, Some(subdivision)),
            None => (head, None),
        };
        let split = |at| head.get(..at).zip(head.get(at..));
        let (kind, country) = split(3).filter(|(_, country)| country.len() == 2).ok_or(Error::Form)?;
        let subdivision_fits =
            |s: &str| (1..=3).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if reference.trim().is_empty() || !subdivision.is_none_or(subdivision_fits) {
            return Err(Error::Form);
        }
        let scheme = scheme(kind, country, reference)?;
        let country = if matches!(scheme, OrganisationScheme::Lei(_)) { None } else { Some(read_country(kind, country)?) };
        let reference = match &scheme {
            OrganisationScheme::Psd(authority) => reference.get(authority.len() + 1..).unwrap_or_default(),
            _ => reference,
        };
        Ok(Self { scheme, country, subdivision: subdivision.map(str::to_owned), reference: reference.to_owned() })
    }
}

fn scheme(kind: &str, country: &str, reference: &str) -> Result<OrganisationScheme, OrganisationIdentifierError> {
    use OrganisationIdentifierError as Error;

    match kind {
        "VAT" => Ok(OrganisationScheme::Vat),
        "NTR" => Ok(OrganisationScheme::Ntr),
        "LEI" if country != "XG" => Err(Error::LeiCountry(country.to_owned())),
        "LEI" if reference.len() != 20 => Err(Error::Lei(LeiError::WrongLength(reference.len()))),
        "LEI" => reference.parse().map(OrganisationScheme::Lei).map_err(Error::Lei),
        "PSD" => {
            let (authority, number) = reference.split_once('-').ok_or(Error::Psd)?;
            let fits = (2..=8).contains(&authority.len()) && authority.bytes().all(|b| b.is_ascii_uppercase());
            if fits && !number.is_empty() { Ok(OrganisationScheme::Psd(authority.to_owned())) } else { Err(Error::Psd) }
        }
        _ => match (NATURAL_PERSON.iter().find(|person| **person == kind), kind.strip_suffix(':')) {
            (Some(person), _) => Ok(OrganisationScheme::NaturalPerson(person)),
            (None, Some(national)) => Ok(OrganisationScheme::National(national.to_owned())),
            (None, None) => Err(Error::Type(kind.to_owned())),
        },
    }
}

/// Reads the country. For value added tax, Greece is `EL` and Northern Ireland is `XI`.
///
/// Source: CA/B Forum ballot SC68; Council Directive 2006/112/EC, Art. 215.
fn read_country(kind: &str, country: &str) -> Result<Country, OrganisationIdentifierError> {
    let wrong = || OrganisationIdentifierError::Country(country.to_owned());
    let code = match (kind, country) {
        ("VAT", "XI") => "GB",
        ("VAT", "EL") => "GR",
        // `Country` reads `EL` in every scheme, but the standard has it only for VAT.
        (_, "EL") => return Err(wrong()),
        (_, code) if code.bytes().all(|b| b.is_ascii_uppercase()) => code,
        _ => return Err(wrong()),
    };
    code.parse().map_err(|_| wrong())
}

impl fmt::Display for OrganisationIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.scheme {
            OrganisationScheme::Vat => "value added tax number",
            OrganisationScheme::Ntr => "trade register number",
            OrganisationScheme::Psd(authority) => return write!(f, "payment service provider {} of {authority}", self.reference),
            OrganisationScheme::Lei(lei) => return write!(f, "LEI {lei}"),
            OrganisationScheme::National(scheme) => return write!(f, "number {} of the scheme {scheme}", self.reference),
            OrganisationScheme::NaturalPerson(kind) => return write!(f, "number of a natural person ({kind})"),
        };
        write!(f, "{kind} {}", self.reference)?;
        self.country.map_or(Ok(()), |country| write!(f, " of {country}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<OrganisationIdentifier, OrganisationIdentifierError> {
        OrganisationIdentifier::try_from(text)
    }

    /// Source: the standard's own examples (NTRGB-12345678, VATBE-0876866142, PSDBE-NBB-1234.567.890, LEIXG-…), CA/B EV
    /// Guidelines 9.2.8 (NTRUS+CA-12345678, VATDE-123456789).
    #[test]
    fn the_standards_examples_are_read() {
        for (text, scheme, country, reference) in [
            ("NTRGB-12345678", OrganisationScheme::Ntr, Some("GB"), "12345678"),
            ("VATBE-0876866142", OrganisationScheme::Vat, Some("BE"), "0876866142"),
            ("VATDE-123456789", OrganisationScheme::Vat, Some("DE"), "123456789"),
            ("PSDBE-NBB-1234.567.890", OrganisationScheme::Psd("NBB".into()), Some("BE"), "1234.567.890"),
            ("NTRUS+CA-12345678", OrganisationScheme::Ntr, Some("US"), "12345678"),
            ("VATEL-123456789", OrganisationScheme::Vat, Some("GR"), "123456789"),
            ("VATXI-123456789", OrganisationScheme::Vat, Some("GB"), "123456789"),
            ("CF:IT-12345678901", OrganisationScheme::National("CF".into()), Some("IT"), "12345678901"),
            ("PNOEE-38001085718", OrganisationScheme::NaturalPerson("PNO"), Some("EE"), "38001085718"),
        ] {
            let read = read(text).unwrap();
            assert_eq!(read.scheme, scheme, "{text}");
            assert_eq!(read.country.map(|country| country.to_string()).as_deref(), country, "{text}");
            assert_eq!(read.reference, reference, "{text}");
        }
        let lei = read("LEIXG-529900T8BM49AURSDO55").unwrap();
        assert_eq!(lei.scheme, OrganisationScheme::Lei("529900T8BM49AURSDO55".parse().unwrap()));
        assert_eq!(read("NTRUS+CA-12345678").unwrap().subdivision.as_deref(), Some("CA"));
    }

    #[test]
    fn what_is_of_another_form_is_refused_with_its_reason() {
        use OrganisationIdentifierError as Error;

        for text in
            ["", "VAT", "VATBE", "VATBE-", "VATBE- ", "VAT-123", "VATB-1", "VATBEL-1", "NTRUS+-1", "NTRUS+CALI-1", "VATBÉ-1"]
        {
            assert_eq!(read(text), Err(Error::Form), "{text}");
        }
        assert_eq!(read("ABCDE-1"), Err(Error::Type("ABC".into())));
        assert_eq!(read("vatbe-1"), Err(Error::Type("vat".into())));
        assert_eq!(read("NTRZZ-1"), Err(Error::Country("ZZ".into())));
        assert_eq!(read("NTREL-1"), Err(Error::Country("EL".into())));
        assert_eq!(read("NTRXI-1"), Err(Error::Country("XI".into())));
        assert_eq!(read("NTRgb-1"), Err(Error::Country("gb".into())));
        assert_eq!(read("LEIDE-529900T8BM49AURSDO55"), Err(Error::LeiCountry("DE".into())));
        assert_eq!(read("LEIXG-529900T8BM49AURSDO54"), Err(Error::Lei(LeiError::ChecksumMismatch)));
        assert_eq!(read("PSDBE-1234"), Err(Error::Psd));
        assert_eq!(read("PSDBE-N-1234"), Err(Error::Psd));
        assert_eq!(read("PSDBE-nbb-1234"), Err(Error::Psd));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*", near in "[A-Z:]{2,4}[A-Z]{1,3}[+-][A-Z0-9-]{0,30}") {
            for text in [text, near] {
                if let Ok(read) = OrganisationIdentifier::try_from(text.as_str()) {
                    prop_assert!(!read.to_string().is_empty());
                }
            }
        }
    }
}
