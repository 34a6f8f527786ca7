//! A browser without scripts: it keeps cookies, follows the server to other pages, and sends the forms that a page has.

use std::collections::BTreeMap;

use vasp_store::StoreError;

use crate::support::forms::encoded;
use crate::support::{Answer, Person, Registry};

pub(super) struct Browser<'a> {
    registry: &'a Registry,
    cookies: BTreeMap<String, String>,
    lines: Vec<String>,
    /// How often somebody pressed a button.
    pub(super) clicks: usize,
}

/// A page as it was shown.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) status: u16,
    pub(super) place: String,
    pub(super) text: String,
}

impl<'a> Browser<'a> {
    pub(super) fn new(registry: &'a Registry) -> Self {
        Self { registry, cookies: BTreeMap::new(), lines: Vec::new(), clicks: 0 }
    }

    /// The browser of somebody who is signed in.
    pub(super) fn of(registry: &'a Registry, person: &Person) -> Self {
        let session = registry.session_of(person.user).trim_start_matches("Bearer ").to_owned();
        Self { cookies: BTreeMap::from([("vasp-session".to_owned(), session)]), ..Self::new(registry) }
    }

    pub(super) fn cookie(&self, name: &str) -> String {
        self.cookies.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn set_cookie_line(&self, name: &str) -> &str {
        self.lines.iter().rev().find(|line| line.starts_with(name)).unwrap()
    }

    /// The ends of the log and of the audit chain.
    pub(super) fn heads(&self) -> (i64, i64) {
        let store = self.registry.registry.store();
        store.read::<_, StoreError>(|conn| Ok((conn.log_head()?.sequence, conn.audit_head()?.number))).unwrap()
    }

    pub(super) fn get(&mut self, place: &str) -> Shown {
        self.clicks += 1;
        self.follow("GET", place, &[("accept", "text/html")], "")
    }

    /// Sends fields as the server's own page does.
    pub(super) fn send(&mut self, place: &str, fields: &[(&str, &str)]) -> Shown {
        self.send_from("same-origin", place, fields)
    }

    pub(super) fn send_from(&mut self, site: &str, place: &str, fields: &[(&str, &str)]) -> Shown {
        self.clicks += 1;
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", site), ("accept", "text/html")];
        self.follow("POST", place, &headers, &encoded(fields))
    }

    /// Fills in fields of a form of a page, and presses its button.
    pub(super) fn press(&mut self, page: &Shown, form: &str, filled: &[(&str, &str)]) -> Shown {
        let fields = page.fields(form, filled);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let place = page.place.split('#').next().unwrap().to_owned();
        self.send(&place, &fields)
    }

    fn follow(&mut self, method: &str, place: &str, headers: &[(&str, &str)], body: &str) -> Shown {
        let (mut method, mut place, mut body) = (method.to_owned(), place.to_owned(), body.to_owned());
        for _ in 0..4 {
            let cookie = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
            let headers = [headers, &[("cookie", cookie.as_str())]].concat();
            let answer = self.registry.client.send(&method, place.split('#').next().unwrap(), &headers, &body);
            self.keep(&answer);
            if answer.status.as_u16() != 303 {
                assert!(answer.header("content-type").starts_with("text/html"), "{place}: {answer:?}");
                assert!(answer.header("content-security-policy").starts_with("default-src 'none';"), "{answer:?}");
                assert!(!answer.text.contains("style=\"") && !answer.text.contains("onclick"), "{place}");
                return Shown { status: answer.status.as_u16(), place, text: answer.text };
            }
            place = answer.header("location").to_owned();
            (method, body) = ("GET".to_owned(), String::new());
        }
        panic!("led around for ever: {place}");
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.lines.push(line.to_owned());
            self.cookies.insert(name.to_owned(), value.to_owned());
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            }
        }
    }
}

impl Shown {
    /// The form token of the page's session.
    pub(super) fn token(&self) -> String {
        self.text.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    /// Where "More" below a list leads.
    pub(super) fn more(&self, list: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(&format!("role=\"group\" aria-label=\"{list}\""))?;
        let (_, below) = rest.split_once("</table></div>")?;
        Some(unescaped(below.strip_prefix("<p><a href=\"")?.split('"').next()?))
    }

    pub(super) fn has_form(&self, form: &str) -> bool {
        self.text.contains(&format!("<form method=\"post\" id=\"{form}\""))
    }

    /// The fields of a form with the values that it has, and those that somebody fills in.
    pub(super) fn fields(&self, form: &str, filled: &[(&str, &str)]) -> Vec<(String, String)> {
        let start = self.text.split(&format!("<form method=\"post\" id=\"{form}\"")).nth(1);
        let html =
            start.unwrap_or_else(|| panic!("no form {form} on {}: {}", self.place, self.text)).split("</form>").next().unwrap();
        let mut fields = Vec::new();
        for tag in html.split('<').skip(1) {
            let (name, is_input) = (attribute(tag, "name"), tag.starts_with("input"));
            let Some(name) = name.filter(|_| is_input || tag.starts_with("select") || tag.starts_with("textarea")) else {
                continue;
            };
            let given = filled.iter().filter(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()).next();
            let own =
                attribute(tag, "value").filter(|own| attribute(tag, "type").as_deref() == Some("checkbox") && own != "true");
            let value = match given {
                // One of several boxes of that name.
                Some(ticked) if own.is_some() => match own.filter(|own| ticked.lines().any(|one| one == own)) {
                    Some(own) => own,
                    None => continue,
                },
                Some(value) => value,
                None if attribute(tag, "type").as_deref() == Some("checkbox") && !tag.contains(" checked") => continue,
                None if is_input => attribute(tag, "value").unwrap_or_default(),
                None if tag.starts_with("textarea") => unescaped(tag.split_once('>').unwrap().1.trim_start_matches('\n')),
                None => {
                    let inside = html.split(&format!("name=\"{name}\"")).nth(1).unwrap().split("</select>").next().unwrap();
                    let chosen = inside
                        .split("<option")
                        .find(|option| option.contains(" selected"))
                        .or_else(|| inside.split("<option").nth(1));
                    chosen.and_then(|option| attribute(option, "value")).unwrap_or_default()
                }
            };
            fields.push((name, value));
        }
        for (name, _) in filled {
            assert!(fields.iter().any(|(known, _)| known == name), "{form} has no field {name}: {html}");
        }
        fields
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(unescaped(value))
}

fn unescaped(text: &str) -> String {
    ["&#38;&", "&#60;<", "&#62;>", "&#34;\"", "&#39;'"].iter().rev().fold(text.to_owned(), |text, pair| {
        let (from, to) = pair.split_at(5);
        text.replace(from, to)
    })
}
