//! Reads the LEI extension of a certificate, in both forms that are used: a bare string, or a SEQUENCE of the LEI and a role.
//! `domain::certificate` decides whether the string is an LEI.

use x509_parser::asn1_rs::{Any, Class, FromDer, Tag};

use vasp_record::certificate::parsed::{LeiEncodingError, LeiValue};

/// The OID of the extension with the LEI.
///
/// Source: ISO 17442-2; arc 1.3.6.1.4.1.52266 is GLEIF's.
pub(super) const LEI_OID: &str = "1.3.6.1.4.1.52266.1";
/// The OID of the extension with a role.
pub(super) const ROLE_OID: &str = "1.3.6.1.4.1.52266.2";
/// The maximum length of a string: roles have up to 100 characters.
const LONGEST: usize = 100;

/// Reads the value of an LEI extension.
///
/// Source: ISO 17442-2 (`PrintableString`), GLEIF's best practice for certificates of 2019 (`SEQUENCE { leiCode
/// PrintableString, leiRole [0] EXPLICIT PrintableString OPTIONAL }`); UTF8String and IA5String occur too.
pub fn read_lei(value: &[u8]) -> Result<LeiValue, LeiEncodingError> {
    let whole = only(value)?;
    if whole.tag() != Tag::Sequence || whole.class() != Class::Universal {
        return Ok(LeiValue { lei: text(&whole)?, role: None });
    }
    let (rest, first) = Any::from_der(whole.data).map_err(|_| LeiEncodingError::NotDer)?;
    let lei = text(&first)?;
    if rest.is_empty() {
        return Ok(LeiValue { lei, role: None });
    }
    let tagged = only(rest)?;
    if tagged.class() != Class::ContextSpecific || tagged.tag() != Tag(0) {
        return Err(LeiEncodingError::NotAString);
    }
    let role = text(&only(tagged.data)?)?;
    Ok(LeiValue { lei, role: Some(role) })
}

/// Returns the one element that fills all of the bytes.
fn only(der: &[u8]) -> Result<Any<'_>, LeiEncodingError> {
    match Any::from_der(der) {
        Ok(([], any)) => Ok(any),
        _ => Err(LeiEncodingError::NotDer),
    }
}

fn text(any: &Any<'_>) -> Result<String, LeiEncodingError> {
    let string = [Tag::PrintableString, Tag::Utf8String, Tag::Ia5String, Tag::VisibleString].contains(&any.tag());
    if any.class() != Class::Universal || !string {
        return Err(LeiEncodingError::NotAString);
    }
    let printable = any.data.len() <= LONGEST && any.data.iter().all(|byte| (0x20..0x7f).contains(byte));
    let text = std::str::from_utf8(any.data).ok().filter(|_| printable);
    text.map(str::to_owned).ok_or(LeiEncodingError::NotPrintable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEI: &[u8] = b"529900T8BM49AURSDO55";

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn lei(value: &[u8]) -> Result<(String, Option<String>), LeiEncodingError> {
        read_lei(value).map(|value| (value.lei, value.role))
    }

    #[test]
    fn both_forms_and_the_strings_in_use_are_read() {
        let expected = Ok(("529900T8BM49AURSDO55".to_owned(), None));
        for tag in [0x13, 0x0c, 0x16] {
            assert_eq!(lei(&tlv(tag, LEI)), expected, "{tag:#x}");
            assert_eq!(lei(&tlv(0x30, &tlv(tag, LEI))), expected, "{tag:#x}");
        }
        let with_role = tlv(0x30, &[tlv(0x13, LEI), tlv(0xa0, &tlv(0x13, b"CEO"))].concat());
        assert_eq!(lei(&with_role), Ok(("529900T8BM49AURSDO55".to_owned(), Some("CEO".to_owned()))));
    }

    #[test]
    fn what_is_neither_form_is_refused() {
        use LeiEncodingError::{NotAString, NotDer, NotPrintable};

        for (value, expected) in [
            (vec![], NotDer),
            (LEI.to_vec(), NotDer),
            (tlv(0x13, LEI).into_iter().chain([0]).collect(), NotDer),
            (tlv(0x04, LEI), NotAString),
            (tlv(0x30, &[]), NotDer),
            (tlv(0x30, &tlv(0x30, &tlv(0x13, LEI))), NotAString),
            (tlv(0x30, &[tlv(0x13, LEI), tlv(0x13, b"CEO")].concat()), NotAString),
            (tlv(0x30, &[tlv(0x13, LEI), tlv(0xa1, &tlv(0x13, b"CEO"))].concat()), NotAString),
            (tlv(0x0c, "LEI\u{e9}".as_bytes()), NotPrintable),
            (tlv(0x13, b"LEI\0"), NotPrintable),
            (tlv(0x13, &[b'A'; 101]), NotPrintable),
        ] {
            assert_eq!(lei(&value), Err(expected), "{value:02x?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(value in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(read) = read_lei(&value) {
                prop_assert!(read.lei.len() <= LONGEST);
            }
        }
    }
}
