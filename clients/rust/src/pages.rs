//! The items of a list, page after page. A page is fetched when its first item is asked for; after an error there are no more items.

use std::vec::IntoIter;

use serde_json::Value;
use url::form_urlencoded;

use crate::error::{Error, Unavailable, UnavailableCode};
use crate::transport::{Call, Transport};

/// Parameters of a request, in the order in which they are sent.
pub(crate) type Params = Vec<(String, String)>;

/// An iterator over the items of a list.
pub struct Pages<'a> {
    transport: &'a Transport,
    path: String,
    /// The parameters of the next page; `None` after the last one.
    following: Option<Params>,
    items: IntoIter<Value>,
}

impl<'a> Pages<'a> {
    pub(crate) fn of(transport: &'a Transport, path: &str, params: Params) -> Self {
        Self { transport, path: path.to_owned(), following: Some(params), items: Vec::new().into_iter() }
    }

    fn fetch(&self, params: &Params) -> Result<(Vec<Value>, Option<Params>), Error> {
        let answer = self.transport.json(Call::get(with_params(&self.path, params), &self.path))?;
        let malformed = || Unavailable::new(UnavailableCode::Malformed, "the list lacks its items, or its pages do not end");
        let Some(items) = answer.get("items").and_then(Value::as_array) else { return Err(malformed().into()) };
        let next = match answer.get("next_cursor").filter(|cursor| !cursor.is_null()) {
            _ if answer.get("more") == Some(&Value::Bool(true)) => {
                let next = answer.get("next").and_then(Value::as_i64).ok_or_else(malformed)?;
                Some(("since".to_owned(), next.to_string()))
            }
            Some(cursor) => Some(("cursor".to_owned(), cursor.as_str().ok_or_else(malformed)?.to_owned())),
            None => None,
        };
        if next.as_ref().is_some_and(|next| params.contains(next)) {
            return Err(malformed().into());
        }
        Ok((items.clone(), next.map(|next| replaced(params, next))))
    }
}

/// Returns the parameters with another value of one of them, which stays in its place.
fn replaced(params: &Params, next: (String, String)) -> Params {
    let mut params = params.clone();
    match params.iter_mut().find(|(name, _)| *name == next.0) {
        Some(param) => param.1 = next.1,
        None => params.push(next),
    }
    params
}

/// Returns a path with parameters.
pub(crate) fn with_params(path: &str, params: &Params) -> String {
    if params.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish())
}

impl Iterator for Pages<'_> {
    type Item = Result<Value, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.items.next() {
                return Some(Ok(item));
            }
            let params = self.following.take()?;
            match self.fetch(&params) {
                Ok((items, following)) => (self.items, self.following) = (items.into_iter(), following),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl std::fmt::Debug for Pages<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<Pages {}>", self.path)
    }
}
