//! Reads the validity period of a certificate that a server showed. Does not judge the certificate.

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use vasp_words::time::UtcTime;

/// Returns the first and the last second of a certificate's validity; `None` if the DER cannot be read.
#[must_use]
pub fn validity(der: &[u8]) -> Option<(UtcTime, UtcTime)> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let at = |secs: i64| UtcTime::from_micros(secs.checked_mul(1_000_000)?).ok();
    let validity = certificate.validity();
    Some((at(validity.not_before.timestamp())?, at(validity.not_after.timestamp())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn first_and_last_second_are_read() {
        let mut params = rcgen::CertificateParams::new(vec!["a.example.com".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(2024, 2, 29), rcgen::date_time_ymd(2051, 1, 1));
        let der = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();

        let (from, to) = validity(der.der()).unwrap();

        assert_eq!((from.to_string().as_str(), to.to_string().as_str()), ("2024-02-29T00:00:00Z", "2051-01-01T00:00:00Z"));
        assert_eq!(validity(&der.der()[1..]), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = validity(&bytes);
        }
    }
}
