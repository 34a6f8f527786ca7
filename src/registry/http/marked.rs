//! Ties cursors to their list. A cursor carries a mark of the path and the filters that it was given for. Another list, or the same list with
//! other filters, refuses it; without the mark it would begin at some wrong place.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::Method;
use form_urlencoded::Serializer;
use memchr::memmem;
use siphasher::sip::SipHasher24;

use super::error::{FieldError, Problem};
use super::paging::CursorError;
use crate::node::ProblemCode;

/// How many hexadecimal digits a mark has: by chance, one of four billion foreign cursors passes.
const DIGITS: usize = 8;

/// What may differ between the pages of one list.
const OF_PAGES: [&str; 2] = ["cursor", "limit"];

/// The text before a cursor in a rendered page. No text inside a page can contain it: quotation marks in texts are escaped.
const BEFORE: &[u8] = b"\"next_cursor\":\"";

/// In how many bytes at the end of a page its cursor begins: behind it are only the directory's state and a time. A longer cursor would fit no
/// request line.
const NEAR_END: usize = 16 << 10;

fn mark(path: &str, query: &str) -> String {
    let mut filters: Vec<_> = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !OF_PAGES.contains(&&**name)).collect();
    filters.sort_unstable();
    let list = Serializer::for_suffix(format!("{path}?"), path.len() + 1).extend_pairs(filters).finish();
    format!("{:016x}", SipHasher24::new().hash(list.as_bytes())).chars().take(DIGITS).collect()
}

/// Returns a rendered answer with the mark of its request on its cursor, if it is a page of a list that has one.
pub(super) fn marked(request: &HttpRequest, mut page: Vec<u8>) -> Vec<u8> {
    let end = page.len().saturating_sub(NEAR_END);
    let is_read = request.method() == Method::GET;
    // Searched from the front, for which there are vector instructions.
    let found = page.get(end..).filter(|_| is_read).and_then(|end| memmem::find_iter(end, BEFORE).last());
    if let Some(at) = found {
        let at = end + at + BEFORE.len();
        page.splice(at..at, mark(request.path(), request.query_string()).into_bytes());
    }
    page
}

/// Returns a query with its cursor as the list's service knows it.
///
/// # Errors
/// `Problem` 422 if the cursor was not given for this path and these filters.
pub(super) fn without_mark<'q>(path: &str, query: &'q str) -> Result<Cow<'q, str>, Problem> {
    // A name may be percent-encoded.
    if !query.contains("cursor=") && !query.contains('%') {
        return Ok(Cow::Borrowed(query));
    }
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    if !pairs.iter().any(|(name, cursor)| name == "cursor" && !cursor.is_empty()) {
        return Ok(Cow::Borrowed(query));
    }
    let mark = mark(path, query);
    let mut own = Serializer::new(String::new());
    for (name, value) in &pairs {
        match name == "cursor" && !value.is_empty() {
            true => own.append_pair(name, value.strip_prefix(&mark).ok_or_else(foreign)?),
            false => own.append_pair(name, value),
        };
    }
    Ok(Cow::Owned(own.finish()))
}

fn foreign() -> Problem {
    let fault = FieldError { pointer: "?cursor".to_owned(), code: "invalid_value".into(), detail: CursorError.to_string() };
    Problem::new(ProblemCode::InvalidRequest, "The query has a parameter that is not valid.").with_error(fault)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    fn page_of(uri: &str, body: &str) -> String {
        String::from_utf8(marked(&TestRequest::get().uri(uri).to_http_request(), body.as_bytes().to_vec())).unwrap()
    }

    #[test]
    fn only_the_same_list_with_the_same_filters_takes_a_cursor() {
        let page = page_of("/v1/vasps?q=caf%C3%A9&limit=2", r#"{"items":[],"next_cursor":"61","valid_until":null}"#);
        let cursor = page.split('"').nth(5).unwrap();
        assert_eq!(cursor.len(), DIGITS + 2);

        for same in ["q=caf%c3%a9&cursor=", "limit=9&q=café&cursor="] {
            let own = without_mark("/v1/vasps", &format!("{same}{cursor}")).unwrap().into_owned();
            assert!(own.ends_with("cursor=61"), "{own}");
        }
        for (path, other) in
            [("/v1/vasps", "q=cafe&cursor="), ("/v1/vasps", "cursor="), ("/v1/networks", "q=caf%C3%A9&%63ursor=")]
        {
            assert!(without_mark(path, &format!("{other}{cursor}")).is_err(), "{path}?{other}");
        }
        assert!(without_mark("/v1/vasps", "q=caf%C3%A9&cursor=61").is_err());
    }

    #[test]
    fn what_is_no_page_stays_as_it_is() {
        for body in [r#"{"next_cursor":null}"#, r#"{"name":"\"next_cursor\":\"61"}"#, "{}", ""] {
            assert_eq!(page_of("/v1/vasps", body), body);
        }
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(filter in "\\PC{0,20}", cursor in "([0-9a-f]{2}){1,8}") {
            let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
            let page = page_of(&format!("/v1/vasps?q={filter}"), &format!(r#"{{"items":[],"next_cursor":"{cursor}"}}"#));
            let given = page.split('"').nth(5).unwrap();
            let own = without_mark("/v1/vasps", &format!("q={filter}&cursor={given}")).unwrap().into_owned();
            let expected = format!("&cursor={cursor}");
            prop_assert!(own.ends_with(&expected), "{own}");
        }
    }
}
