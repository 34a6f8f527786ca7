//! Downloads the files of a source from its publisher. The name under which a file is kept has the day that the publisher states: in the name
//! itself, or else in the `Last-Modified` header. The day on which it was downloaded is never taken for it.

use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::fetch::Offer;
use super::poll::PollSettings;
use super::read::KnownSource;
use super::take::Taken;
use vasp_addresses::inquiry_url::InquiryUrl;
use vasp_ingest::esma_casps::date_in_name;
use vasp_outbound::{DownloadAsk, DownloadLimits, Downloaded, FetchError, Outbound, Validators};
use vasp_words::time::{Date, UtcTime};

/// The longest name of a file.
const NAME_MAX: usize = 100;

/// What a publisher's server said of one file of the last good download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KnownFile {
    url: String,
    /// The name under which it was kept.
    name: String,
    #[serde(flatten)]
    validators: Validators,
}

/// Downloads the files of a source. Of several that belong together, either all are new or none is asked for conditionally.
///
/// # Errors
/// `FetchError::BrokenOff` if `stop` said so.
pub(super) fn download(
    outbound: &Outbound,
    known: &KnownSource,
    urls: &[InquiryUrl],
    settings: &PollSettings,
    stop: &dyn Fn() -> bool,
) -> Result<Offer, FetchError> {
    let before =
        known.state.validators.as_deref().and_then(|text| serde_json::from_str::<Vec<KnownFile>>(text).ok()).unwrap_or_default();
    let known_file = match (urls, before.as_slice()) {
        // Several files would have to be unchanged together, so they are asked for without conditions.
        ([url], [file]) if file.url == url.to_string() => Some(file),
        _ => None,
    };
    let places = || urls.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let nothing = |why: String| Ok(Offer::Nothing(places(), why));
    let mut taken = match Taken::new() {
        Ok(taken) => taken,
        Err(why) => return nothing(why),
    };
    let mut said = Vec::new();
    for url in urls {
        let ask = DownloadAsk { url, known: known_file.map(|file| &file.validators), limits: settings.limits, stop };
        match one(outbound, &ask, &mut taken) {
            Ok(One::File(file)) => said.push(file),
            Ok(One::Unchanged) => return Ok(Offer::Unchanged(known_file.map(|file| file.name.clone()).unwrap_or_default())),
            Err(Why::Failed(FetchError::BrokenOff)) => return Err(FetchError::BrokenOff),
            Err(Why::Failed(error)) => return nothing(error.to_string()),
            Err(Why::Words(why)) => return nothing(why),
        }
    }
    Ok(Offer::Files(taken, serde_json::to_string(&said).ok()))
}

enum One {
    File(KnownFile),
    Unchanged,
}

enum Why {
    Failed(FetchError),
    Words(String),
}

/// Downloads one file.
fn one(outbound: &Outbound, ask: &DownloadAsk<'_>, taken: &mut Taken) -> Result<One, Why> {
    let (mut answer, mut failed) = (None, None);
    // The name is known only when the server has answered, and the body is not kept twice.
    let added = taken.add_named(|to| match outbound.download(ask, to) {
        Ok(Downloaded::File { url, name, validators }) => {
            let name = dated_name(&url, name, &validators);
            answer = Some(KnownFile { url: ask.url.to_string(), name: name.clone(), validators });
            Ok(Some(name))
        }
        Ok(Downloaded::Unchanged) => Ok(None),
        Ok(Downloaded::WebPage) => {
            Err(format!("{} sent a web page, not the file: an error page, or one that asks whether you are a robot", ask.url))
        }
        Ok(Downloaded::Status(status)) => Err(format!("{} answered with the status {status}", ask.url)),
        Err(error) => {
            failed = Some(error);
            Err(String::new())
        }
    });
    match (added, failed, answer) {
        (_, Some(error), _) => Err(Why::Failed(error)),
        (Err(why), None, _) => Err(Why::Words(why)),
        (Ok(()), None, Some(file)) => Ok(One::File(file)),
        (Ok(()), None, None) => Ok(One::Unchanged),
    }
}

/// Returns the name under which a downloaded file is kept, with the day that its publisher states, if it states one. Without a day, the
/// importer takes the file only if its content has one.
fn dated_name(url: &InquiryUrl, proposed: Option<String>, validators: &Validators) -> String {
    let name = proposed.unwrap_or_else(|| url.path().rsplit('/').next().unwrap_or_default().to_owned());
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || "._-()".contains(letter) { letter } else { '_' };
    let name: String = name.chars().map(safe).take(NAME_MAX).collect();
    let name = name.trim_start_matches('.');
    let name = if name.is_empty() { "file" } else { name };
    let day = validators.last_modified.as_deref().and_then(day_of_header);
    let Some(day) = day.filter(|_| date_in_name(name).is_none()) else { return name.to_owned() };
    let day = day.to_string().replace('-', "");
    match name.split_once('.') {
        Some((stem, ending)) => format!("{stem}_{day}.{ending}"),
        None => format!("{name}_{day}"),
    }
}

/// Reads the day of an HTTP date, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn day_of_header(text: &str) -> Option<Date> {
    let passed = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(UtcTime::from_micros(i64::try_from(passed.as_micros()).ok()?).ok()?.date())
}

/// The limits of downloads that fit every source: the largest list has 42 MB, and a server that stalls must not hold a thread for long.
pub(super) const LIMITS: DownloadLimits = DownloadLimits {
    whole: std::time::Duration::from_secs(300),
    silence: std::time::Duration::from_secs(15),
    size_bytes: 256 << 20,
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(url: &str, proposed: Option<&str>, last_modified: Option<&str>) -> String {
        let validators = Validators { etag: None, last_modified: last_modified.map(str::to_owned) };
        dated_name(&url.parse().unwrap(), proposed.map(str::to_owned), &validators)
    }

    #[test]
    fn the_day_of_a_download_is_the_publishers() {
        let sunday = Some("Sun, 26 Apr 2026 08:49:37 GMT");

        assert_eq!(named("https://a.example.com/x/CASPS.csv", None, sunday), "CASPS_20260426.csv");
        assert_eq!(named("https://a.example.com/x/CASPS_20260425.csv", None, sunday), "CASPS_20260425.csv");
        assert_eq!(named("https://a.example.com/get?id=1", Some("SDN 2026-04-24.CSV"), None), "SDN_2026-04-24.CSV");
        assert_eq!(named("https://a.example.com/list.csv.zip", None, sunday), "list_20260426.csv.zip");
        assert_eq!(named("https://a.example.com/", None, sunday), "file_20260426");
        assert_eq!(named("https://a.example.com/CASPS.csv", None, None), "CASPS.csv");
        assert_eq!(named("https://a.example.com/CASPS.csv", None, Some("yesterday")), "CASPS.csv");
    }

    /// Source: RFC 9110, section 5.6.7: its example in the three forms that a recipient must read.
    #[test]
    fn an_http_date_is_read_in_its_three_forms() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(day_of_header(text), Date::new(1994, 11, 6), "{text}");
        }
        for text in ["Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994", "Sun, 06 Nov 1954 08:49:37 GMT", ""] {
            assert_eq!(day_of_header(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_header_and_any_name_are_read_without_panic(text in "\\PC*", name in "\\PC{0,200}") {
            let _ = day_of_header(&text);
            let name = named("https://a.example.com/x", Some(&name), Some("Sun, 26 Apr 2026 08:49:37 GMT"));
            prop_assert!(!name.contains('/') && !name.starts_with('.') && !name.is_empty());
        }
    }
}
