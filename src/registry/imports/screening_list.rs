//! Imports screening lists: reads the files of a format as one version of one list. It restores the letter case of addresses from other
//! versions, and stores the list as a document.

use std::collections::HashMap;

use rand_core::RngCore;

use super::file::text_of_rows;
use super::{DocumentKind, ImportFormat, Moment, RegisterOptions};
use crate::imported::{ImportReport, UnmatchableAddress};
use crate::node::ImportError;
use vasp_ingest::ofac_sdn::SdnFile;
use vasp_ingest::source::Source;
use vasp_ingest::{
    IngestError, au_dfat, ca_autonomous, eu_consolidated, eu_sanctions, il_nbctf, jp_meti, ofac_addresses_json,
    ofac_digital_currency, ofac_sdn, sanctions_addresses, seco, uk_sanctions, un_consolidated,
};
use vasp_record::register::RowReport;
use vasp_rules::screening::{ListCoverage, SanctionsList, UNNAMED_UID};
use vasp_store::{SCREENING_KINDS, Store};
use vasp_words::time::{Date, UtcTime};

/// Imports the files of one version of one list.
///
/// # Errors
/// `ImportError`; nothing is written on an error.
pub fn import_screening_list(
    store: &Store,
    format: ImportFormat,
    inputs: Vec<Source>,
    as_of: Option<Date>,
    options: RegisterOptions,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let named: Vec<String> = inputs.iter().map(|input| input.file.clone()).collect();
    let bytes =
        inputs.into_iter().map(|input| input.at_most(format.limit_bytes()).into_bytes()).collect::<Result<Vec<_>, _>>()?;
    let file = named.join(" + ");
    let (mut list, rows) = read(format, &named, &bytes, as_of)?;
    // The file, the list and its text are large, and needed one after the other.
    drop(bytes);
    if list.entries.iter().flat_map(|entry| &entry.addresses).any(|address| address.case_lost) {
        restore_case(&mut list, &stored(store, &file)?);
    }
    let text = serde_json::to_string(&list).map_err(|source| IngestError::Json { file: file.clone(), source })?;
    let (unmatchable, partial) = (unmatchable(&list), incomplete(list));
    let report = text_of_rows(store, DocumentKind::Screening, format, (&text, rows), &file, options, Moment { now, rng })?;
    Ok(ImportReport { unmatchable, partial, ..report })
}

/// Reports what is special about a list in the registry's own format.
pub(super) fn reported(text: &str, report: ImportReport) -> ImportReport {
    match SanctionsList::from_json(text) {
        Ok(list) => ImportReport { unmatchable: unmatchable(&list), partial: incomplete(list), ..report },
        Err(_) => report,
    }
}

/// Returns the file of an incomplete list and what is missing; `None` for a complete list.
fn incomplete(list: SanctionsList) -> Option<String> {
    (list.coverage == ListCoverage::Partial).then_some(list.source)
}

/// Returns the addresses of a list that no network reads.
fn unmatchable(list: &SanctionsList) -> Vec<UnmatchableAddress> {
    let addresses = list.entries.iter().flat_map(|entry| entry.addresses.iter().map(move |address| (entry, address)));
    let unread = addresses.filter(|(_, address)| address.meaning().accounts.is_empty());
    unread
        .map(|(entry, address)| UnmatchableAddress {
            uid: entry.uid.clone(),
            name: entry.name.clone(),
            text: address.text.clone(),
        })
        .collect()
}

fn read(
    format: ImportFormat,
    named: &[String],
    bytes: &[Vec<u8>],
    as_of: Option<Date>,
) -> Result<(SanctionsList, RowReport), ImportError> {
    let (file, first) = (named.first().map_or("", String::as_str), bytes.first().map_or(&[][..], Vec::as_slice));
    let alone = || ImportError::Document {
        file: named.join(" + "),
        reason: format!("a list of the format {format} must be one file; import the files one by one"),
    };
    if bytes.len() != 1 && !format.takes_files_together() {
        return Err(alone());
    }
    Ok(match format {
        ImportFormat::OfacSdn => {
            let files: Vec<SdnFile<'_>> = named.iter().zip(bytes).map(|(file, bytes)| SdnFile { file, bytes }).collect();
            ofac_sdn::parse(&files, as_of)?
        }
        ImportFormat::OfacAddressesJson => ofac_addresses_json::parse(first, file, as_of)?,
        ImportFormat::SanctionsAddresses => sanctions_addresses::parse(first, file, as_of)?,
        ImportFormat::UnConsolidated => un_consolidated::parse(first, file, as_of)?,
        ImportFormat::UkSanctions => uk_sanctions::parse(first, file, as_of)?,
        ImportFormat::EuConsolidated => eu_consolidated::parse(first, file, as_of)?,
        ImportFormat::Seco => seco::parse(first, file, as_of)?,
        ImportFormat::CaAutonomous => ca_autonomous::parse(first, file, as_of)?,
        ImportFormat::AuDfat => au_dfat::parse(first, file, as_of)?,
        ImportFormat::JpMeti => jp_meti::parse(first, file, as_of)?,
        ImportFormat::EuSanctions => eu_sanctions::parse(first, file, as_of)?,
        ImportFormat::IlNbctf => il_nbctf::parse(first, file, as_of)?,
        _ => ofac_digital_currency::parse(first, file, as_of)?,
    })
}

/// Returns the newest stored version of every screening list.
fn stored(store: &Store, file: &str) -> Result<Vec<SanctionsList>, ImportError> {
    let rows = store.read(|conn| conn.documents_at(SCREENING_KINDS, i64::MAX)).map_err(ImportError::Store)?;
    let wrong = |reason: String| ImportError::Document { file: file.to_owned(), reason };
    rows.iter().map(|row| SanctionsList::from_json(&row.body).map_err(|error| wrong(error.to_string()))).collect()
}

/// Restores the letter case of addresses in a list. It copies the case from the same entry in other versions of the list. If there is none,
/// it copies from an entry without a named owner.
fn restore_case(list: &mut SanctionsList, others: &[SanctionsList]) {
    let mut known: HashMap<(&str, String), &str> = HashMap::new();
    for entry in others.iter().filter(|other| other.list() == list.list()).flat_map(|other| &other.entries) {
        for address in entry.addresses.iter().filter(|address| !address.case_lost) {
            known.insert((&entry.uid, address.text.to_ascii_lowercase()), &address.text);
        }
    }
    for entry in &mut list.entries {
        for address in entry.addresses.iter_mut().filter(|address| address.case_lost) {
            let of = |uid| known.get(&(uid, address.text.to_ascii_lowercase()));
            if let Some(text) = of(entry.uid.as_str()).or_else(|| of(UNNAMED_UID)) {
                address.text = (*text).to_owned();
                address.case_lost = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"metadata": {"sdnListDate": "05/29/2025"}, "addresses": {
        "12qtd5bfwrsdnsazy76uve1xycgntojh9h": {"entries": [{"entity": "Xiaobing YAN", "type": "Digital Currency Address - XBT", "uid": "25308"}]},
        "1kuf2rd8mdyavibwozgtnynvwl8uyfrkvo": {"entries": [{"entity": "Xiaobing YAN", "type": "Digital Currency Address - XBT", "uid": "25308"}]}}}"#;

    /// Source of the address: OFAC's entry 25308.
    #[test]
    fn addresses_that_nothing_can_match_are_named_with_their_entries() {
        let csv = "ofac_currency,address,case_preserved,sdn_name,programs,sdn_uid,akas\n\
            XBT,bitcoin:12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h?amount=1,yes,A PERSON,SDNTK,1,\n\
            XBT,12qtd5bfwrsdnsazy76uve1xycgntojh9h,yes,B PERSON,SDNTK,2,\n\
            XRP,rnXyVQzgxZe7TR1EPzTkGj2jxH4LMJYh66:12345,yes,C PERSON,SDNTK,3,\n";
        let (list, _) =
            read(ImportFormat::OfacDigitalCurrency, &["20250101.csv".to_owned()], &[csv.as_bytes().to_vec()], None).unwrap();

        let named: Vec<_> = unmatchable(&list).into_iter().map(|one| (one.uid, one.name)).collect();

        assert_eq!(named, [("2".into(), "B PERSON".into()), ("3".to_owned(), "C PERSON".to_owned())]);
        let own = reported(&serde_json::to_string(&list).unwrap(), ImportReport::default());
        assert_eq!(own.unmatchable.len(), 2, "so does the registry's own format");
    }

    #[test]
    fn case_comes_back_from_another_version_of_the_same_entry_only() {
        let bytes = [JSON.as_bytes().to_vec()];
        let (lost, _) = read(ImportFormat::OfacAddressesJson, &["x.json".to_owned()], &bytes, None).unwrap();
        let csv = "ofac_currency,address,case_preserved,sdn_name,programs,sdn_uid,akas\n\
            XBT,12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h,yes,Xiaobing YAN,SDNTK,25308,\n\
            XBT,1Kuf2Rd8mDyAViwBozGTNYnvWL8uYFrkVo,yes,Somebody Else,SDNTK,1,\n";
        let (kept, _) =
            read(ImportFormat::OfacDigitalCurrency, &["20250101.csv".to_owned()], &[csv.as_bytes().to_vec()], None).unwrap();

        let mut restored = lost.clone();
        restore_case(&mut restored, &[kept]);

        let addresses = &restored.entries[0].addresses;
        let texts: Vec<_> = addresses.iter().map(|address| (address.text.as_str(), address.case_lost)).collect();
        assert_eq!(texts, [("12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", false), ("1kuf2rd8mdyavibwozgtnynvwl8uyfrkvo", true)]);
    }
}
