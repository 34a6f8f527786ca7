//! Compares what a certificate states about its holder with the record: organisation, country, LEI and registrations.

use super::{Bearer, alike, shown, told};
use vasp_record::certificate::finding_code::{FindingCode, Found};
use vasp_record::certificate::organisation_identifier::{OrganisationIdentifier, OrganisationScheme};
use vasp_record::certificate::parsed::{Criticality, LeiExtension, LeiValue, Name};
use vasp_words::country::Country;
use vasp_words::lei::Lei;

pub(super) fn judge(subject: &Name, lei: Option<&LeiExtension>, bearer: &Bearer<'_>) -> Vec<Found> {
    let mut found = vec![organisation(subject, bearer)];
    found.extend(country(subject, bearer));
    found.extend(lei.map(extension).unwrap_or_default());
    let mut leis: Vec<Lei> = lei.and_then(stated_lei).into_iter().collect();
    for text in &subject.organisation_identifiers {
        match OrganisationIdentifier::try_from(text.as_str()) {
            Ok(OrganisationIdentifier { scheme: OrganisationScheme::Lei(lei), .. }) => leis.push(lei),
            Ok(read) => found.extend(registration(&read, bearer)),
            Err(error) => {
                let detail = format!("{} cannot be read: {error}.", shown(text));
                found.push(told(FindingCode::OrganisationIdentifierMalformed, detail));
            }
        }
    }
    if leis.is_empty() && lei.is_none() {
        found.push(told(FindingCode::LeiAbsent, FindingCode::LeiAbsent.explanation()));
    }
    found.extend(leis.into_iter().map(|lei| against(lei, bearer)));
    found
}

/// Returns the LEI of an extension, if it holds a valid one.
pub(super) fn stated_lei(extension: &LeiExtension) -> Option<Lei> {
    let value = extension.value.as_ref().ok()?;
    // An LEI is in upper case. An issuer that writes it otherwise has not checked it.
    value.lei.parse().ok().filter(|lei: &Lei| lei.as_str() == value.lei)
}

fn organisation(subject: &Name, bearer: &Bearer<'_>) -> Found {
    let Some(own) = &subject.organisation else {
        return told(FindingCode::OrganisationAbsent, FindingCode::OrganisationAbsent.explanation());
    };
    if bearer.names.iter().any(|name| alike(own, name)) {
        return told(FindingCode::OrganisationMatches, format!("Its organisation is {}.", shown(own)));
    }
    let legal_name = bearer.names.first().map_or_else(|| "not given".to_owned(), |name| shown(name));
    told(
        FindingCode::OrganisationMismatch,
        format!("Its organisation is {}; the record's legal name is {legal_name}.", shown(own)),
    )
}

fn country(subject: &Name, bearer: &Bearer<'_>) -> Option<Found> {
    let (text, own) = (subject.country.as_ref()?, bearer.country?);
    let differs = text.parse::<Country>() != Ok(own);
    differs.then(|| told(FindingCode::CountryMismatch, format!("Its country is {}; the record's country is {own}.", shown(text))))
}

/// Returns the findings about the form of the extension.
fn extension(extension: &LeiExtension) -> Vec<Found> {
    let mut found = Vec::new();
    if extension.criticality == Criticality::Critical {
        found.push(told(FindingCode::LeiCritical, FindingCode::LeiCritical.explanation()));
    }
    match &extension.value {
        Err(error) => found.push(told(FindingCode::LeiMalformed, format!("Its LEI extension cannot be read: {error}."))),
        Ok(LeiValue { lei, .. }) if stated_lei(extension).is_none() => {
            let reason = lei.parse::<Lei>().err().map_or_else(|| "it is not in upper case".to_owned(), |error| error.to_string());
            found.push(told(FindingCode::LeiMalformed, format!("{} is not an LEI: {reason}.", shown(lei))));
        }
        Ok(_) => (),
    }
    let beside = extension.value.as_ref().ok().and_then(|value| value.role.as_ref());
    if let Some(role) = beside.or(extension.role.as_ref()) {
        found.push(told(FindingCode::LeiRole, format!("It names the role {}.", shown(role))));
    }
    found
}

fn against(stated: Lei, bearer: &Bearer<'_>) -> Found {
    match bearer.lei {
        Some(own) if own == stated => told(FindingCode::LeiMatches, format!("It names the LEI {own}.")),
        Some(own) => told(FindingCode::LeiMismatch, format!("It names the LEI {stated}; the record has the LEI {own}.")),
        None => told(FindingCode::LeiNotOnRecord, format!("It names the LEI {stated}; the record has no LEI.")),
    }
}

fn registration(read: &OrganisationIdentifier, bearer: &Bearer<'_>) -> Vec<Found> {
    if let OrganisationScheme::NaturalPerson(_) = read.scheme {
        return vec![told(FindingCode::NaturalPersonIdentifier, format!("It names the {}.", shown(&read.to_string())))];
    }
    let mut found = vec![told(FindingCode::OrganisationIdentifier, format!("It names the {}.", shown(&read.to_string())))];
    if let Some((stated, own)) = read.country.zip(bearer.country).filter(|(stated, own)| stated != own) {
        let detail = format!("Its registration is in {stated}; the record's country is {own}.");
        found.push(told(FindingCode::OrganisationIdentifierCountry, detail));
    }
    found
}
