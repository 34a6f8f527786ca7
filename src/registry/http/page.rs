//! The frame of the server's pages for people: head, links to the other parts, and the one style sheet. Pages need no script and fetch
//! nothing but that style sheet and pictures of this server, so their content security policy allows nothing else.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use askama::Template;
use vasp_record::environment::Environment;

use super::html::escaped;

/// The style sheet of all pages, served at `/style.css`.
pub(crate) const STYLE: &str = include_str!("page.css");

/// How wide the text of a page may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// As wide as a line can be read.
    Text,
    /// As wide as the window, for tables.
    Wide,
    /// A form, in the middle.
    Narrow,
}

/// A page. `side` and `body` are HTML: what they contain must be escaped already.
pub(crate) struct Page<'a> {
    /// Title, as plain text. `body` has the heading.
    pub(crate) title: &'a str,
    /// Links beside the text; empty if there are none.
    pub(crate) side: &'a str,
    /// The text.
    pub(crate) body: &'a str,
    /// How wide the text may be.
    pub(crate) width: Width,
}

/// What stands over a page: for everybody, or for somebody who is signed in at the console.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Frame<'a> {
    /// What a registry that is not for real transfers says; empty if it is, or if the style sheet says it.
    pub(crate) environment: &'a str,
    /// The registry's host name; empty if it is not known.
    pub(crate) registry: &'a str,
    /// Who is signed in; empty if nobody is.
    pub(crate) who: &'a str,
    /// What the forms of the session carry.
    pub(crate) token: &'a str,
    /// Where one can go in the console: addresses and names.
    pub(crate) links: &'a [(&'static str, &'static str)],
    /// The address of the page.
    pub(crate) place: &'a str,
}

impl Frame<'_> {
    /// Returns whether a page lies below a link.
    fn is_at(&self, link: &str) -> bool {
        self.place == link || self.place.strip_prefix(link).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Returns what a registry that is not for real transfers says on every page.
pub(crate) fn said_of(environment: Environment) -> &'static str {
    match environment {
        Environment::Sandbox => "Sandbox: firms, people and lists are invented.",
        Environment::Demo => "Demo: not for real transfers.",
        Environment::Live => "",
    }
}

#[derive(Template)]
#[template(path = "http/frame.html")]
struct Framed<'a> {
    page: &'a Page<'a>,
    frame: &'a Frame<'a>,
}

impl Page<'_> {
    /// Returns the whole page, for everybody.
    pub(crate) fn html(&self) -> String {
        self.html_in(&Frame::default())
    }

    /// Returns the whole page in a frame. Rendering into a string does not fail.
    pub(crate) fn html_in(&self, frame: &Frame<'_>) -> String {
        Framed { page: self, frame }.render().unwrap_or_default()
    }

    fn class(&self) -> &'static str {
        match (self.width, self.side.is_empty()) {
            (_, false) => "frame sided",
            (Width::Text, true) => "frame",
            (Width::Wide, true) => "frame wide",
            (Width::Narrow, true) => "frame narrow",
        }
    }

    /// Returns an answer with the page, which nobody may store.
    pub(crate) fn answer(&self, status: StatusCode, policy: (HeaderName, HeaderValue)) -> HttpResponse {
        self.answer_in(&Frame::default(), status, policy)
    }

    /// Returns an answer with the page in a frame, which nobody may store.
    pub(crate) fn answer_in(&self, frame: &Frame<'_>, status: StatusCode, policy: (HeaderName, HeaderValue)) -> HttpResponse {
        let mut response = HttpResponse::build(status);
        response.content_type(header::ContentType::html()).insert_header(policy).insert_header(super::PRIVATE);
        response.body(self.html_in(frame))
    }
}

/// Opens a table that scrolls in itself where the window is narrow. It can be reached with the keyboard, as whatever scrolls must be.
pub(crate) fn open_scroll(html: &mut String, label: &str) {
    // Writing to a string cannot fail.
    let _ = write!(html, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">", escaped(label));
}

/// Closes what [`open_scroll`] opened.
pub(crate) const CLOSE_SCROLL: &str = "</div>";
