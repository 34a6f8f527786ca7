//! The seal of a report: a page that holds a recorded pre-check with what was done since. The receipt in the verdict proves what the registry
//! answered then; the seal proves that the registry made this page, with this outcome, and that no byte of it differs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::digest_text;
use vasp_record::environment::Environment;

/// The type in the header of a seal, so that no other signed text can be taken for one.
///
/// Source: RFC 8725 section 3.11.
pub(super) const TYPE: &str = "precheck-report+jwt";

/// What stands before a seal in a page, and behind it.
const AROUND: (&str, &str) = ("<script type=\"text/plain\" id=\"seal\">", "</script>");
/// What stands before the data in a page.
const DATA: &str = "<script type=\"application/json\" id=\"data\">";
/// What comes before the signed part of a page.
const DOCTYPE: &str = "<!doctype html>";
/// What comes after the seal: the page's own script, which is last.
const SCRIPT: &str = "<script>";

/// The content of a seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSeal {
    /// The registry's own public name.
    pub iss: String,
    /// `sandbox` or `demo` if such a registry signed it; `None` for a live registry.
    pub environment: Option<Environment>,
    /// When the page was made, in seconds since the epoch.
    pub iat: i64,
    /// The id of the recorded pre-check.
    pub precheck_id: String,
    /// The digest of what was done since.
    pub outcome_digest: String,
    /// The digest of the page without its seal, from the tag `html` to its end.
    pub page_digest: String,
}

/// A page that can be sealed, or was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportPage {
    before: String,
    after: String,
}

/// The data in a page, each part as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReportData {
    pub verdict: String,
    pub evidence: String,
    pub request: String,
    pub outcome: String,
}

impl ReportPage {
    /// Takes a page without a seal: its script comes last, and the seal before that.
    #[must_use]
    pub fn unsealed(page: &str) -> Option<Self> {
        let place = page.rfind(SCRIPT)?;
        let (before, after) = page.split_at_checked(place)?;
        Some(Self { before: before.to_owned(), after: after.to_owned() })
    }

    /// Takes a page apart that has a seal.
    pub(super) fn sealed(page: &str) -> Option<(Self, &str)> {
        let (before, rest) = page.split_once(AROUND.0)?;
        let (seal, after) = rest.split_once(AROUND.1)?;
        Some((Self { before: before.to_owned(), after: after.to_owned() }, seal))
    }

    /// Returns the digest of what is sealed: of all but the doctype. A page that begins otherwise has the digest of nothing.
    #[must_use]
    pub fn digest(&self) -> String {
        let whole = format!("{}{}", self.before, self.after);
        digest_text(whole.strip_prefix(DOCTYPE).unwrap_or_default().as_bytes())
    }

    /// Returns whether the seal is where the registry puts it.
    pub(super) fn is_in_place(&self) -> bool {
        self.after.starts_with(SCRIPT)
    }

    /// Returns the page with its seal.
    #[must_use]
    pub fn with(&self, seal: &str) -> String {
        format!("{}{}{seal}{}{}", self.before, AROUND.0, AROUND.1, self.after)
    }

    /// Returns the data in the page; `None` if there are none.
    pub(super) fn data(&self) -> Option<ReportData> {
        let (_, rest) = self.before.split_once(DATA)?;
        let (json, _) = rest.split_once("</script>")?;
        let data: Value = super::strict_json(json).ok()?;
        let [verdict, evidence, request, outcome] =
            ["verdict", "evidence", "request", "outcome"].map(|member| data.get(member).map(Value::to_string));
        Some(ReportData { verdict: verdict?, evidence: evidence?, request: request?, outcome: outcome? })
    }
}

/// Returns whether a text is a page, perhaps an altered one, and no JSON: there, quotes inside of text are escaped.
#[must_use]
pub fn is_page(text: &str) -> bool {
    text.contains(AROUND.0) || text.trim_start().starts_with('<')
}

/// Writes JSON for the data of a page: no text in it can end the element that it is in.
#[must_use]
pub fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!doctype html><html lang=\"en\"><body>a<script>1</script></body></html>";

    #[test]
    fn the_digest_covers_the_page_without_its_seal() {
        let page = ReportPage::unsealed(PAGE).unwrap();

        let sealed = page.with("a.b.c");

        assert_eq!(sealed.replace("<script type=\"text/plain\" id=\"seal\">a.b.c</script>", ""), PAGE);
        let (again, seal) = ReportPage::sealed(&sealed).unwrap();
        assert_eq!((again.digest(), seal), (page.digest(), "a.b.c"));
        let (altered, _) = ReportPage::sealed(&sealed.replace(">a<", ">b<")).map(|(page, seal)| (page, seal.to_owned())).unwrap();
        assert_ne!(altered.digest(), page.digest());
    }

    #[test]
    fn the_digest_covers_what_comes_before_the_page() {
        let digest = |text: &str| ReportPage::sealed(text).unwrap().0.digest();
        let sealed = ReportPage::unsealed(PAGE).unwrap().with("a.b.c");
        let altered = [
            format!("x{sealed}"),
            sealed.replace(DOCTYPE, "<!doctype html><p>proceed</p>"),
            sealed.replace(DOCTYPE, ""),
            sealed.replace(DOCTYPE, "<!doctype html><!-- -->"),
        ];

        assert!(altered.iter().all(|page| digest(page) != digest(&sealed)), "{altered:?}");
        assert!(
            altered.iter().all(|page| is_page(page)) && !is_page("{\"a\":\"<script type=\\\"text/plain\\\" id=\\\"seal\\\">\"}")
        );
    }

    #[test]
    fn a_seal_elsewhere_is_not_in_place() {
        let sealed = ReportPage::unsealed(PAGE).unwrap().with("a.b.c");
        let seal = format!("{}a.b.c{}", AROUND.0, AROUND.1);
        let moved = sealed.replace(&seal, "").replace("<body>", &format!("<body>{seal}"));

        assert!(ReportPage::sealed(&sealed).unwrap().0.is_in_place());
        assert!(!ReportPage::sealed(&moved).unwrap().0.is_in_place());
    }

    #[test]
    fn no_text_in_the_data_ends_their_element() {
        assert_eq!(in_script("{\"a\":\"</script><!--\"}"), "{\"a\":\"\\u003c/script>\\u003c!--\"}");
    }
}
