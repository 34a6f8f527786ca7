//! Reads `seed/authorities.csv`: id, name, country, spelling; one row per spelling. Every row must be valid.

use super::IngestError;
use super::table::read_own;
use vasp_record::authority::Authorities;
use vasp_record::licence::Authority;

/// Reads the table of authorities.
///
/// # Errors
/// `IngestError::Table` with the line of the first row that is wrong or contradicts another.
pub fn parse(bytes: &[u8], file: &str) -> Result<Authorities, IngestError> {
    let mut authorities = Authorities::default();
    read_own(bytes, file, ["id", "name", "country", "spelling"], |_, [id, name, country, spelling]| {
        let country = country.parse().map_err(|error| format!("{error}"))?;
        authorities.add(Authority { id, name, country }, &spelling).map_err(|error| error.to_string())
    })?;
    Ok(authorities)
}

/// Returns the table that is compiled into the program.
pub fn embedded() -> Result<Authorities, IngestError> {
    parse(include_bytes!("data/authorities.csv"), "authorities.csv")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SEED: &[u8] = include_bytes!("../../seed/authorities.csv");

    #[test]
    fn the_seed_is_right_and_tells_the_two_fmas_apart() {
        let authorities = parse(SEED, "authorities.csv").unwrap();
        let find = |name: &str, state: &str| authorities.find(name, state.parse().ok()).map(|a| a.id.clone());

        assert_eq!(find("Finanzmarktaufsicht (FMA)", "LI").as_deref(), Some("LI-FMA"));
        assert_eq!(find("Financial Market Authority Liechtenstein (FMA)", "LI").as_deref(), Some("LI-FMA"));
        assert_eq!(find("Austrian Financial Market Authority (FMA)\u{a0}", "AT").as_deref(), Some("AT-FMA"));
        assert_eq!(find("Federal Financial Supervisory Authority (BaFin)", "AT"), None);
    }

    #[test]
    fn a_wrong_row_is_named_by_its_line() {
        let error = parse(b"id,name,country,spelling\nDE-BAFIN,BaFin,DE,BaFin\nDE-X,X,XX,X\n", "a.csv").unwrap_err();

        assert_eq!(error.to_string(), "a.csv line 3: `XX` is not an ISO 3166-1 alpha-2 country code");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut text = b"id,name,country,spelling\n".to_vec();
            text.extend(bytes);
            let _ = parse(&text, "a.csv");
        }
    }
}
