//! The frame of the server's pages for people: head, links to the other parts, and the one style sheet. Pages need no script and fetch
//! nothing but that style sheet and pictures of this server, so their content security policy allows nothing else.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::html::escaped;

/// The style sheet of all pages, served at [`STYLE_PATH`].
pub(crate) const STYLE: &str = include_str!("page.css");

/// Where the style sheet is.
pub(crate) const STYLE_PATH: &str = "/style.css";

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

impl Page<'_> {
    /// Returns the whole page.
    pub(crate) fn html(&self) -> String {
        let Self { title, side, body, width } = self;
        let class = match (width, side.is_empty()) {
            (_, false) => "frame sided",
            (Width::Text, true) => "frame",
            (Width::Wide, true) => "frame wide",
            (Width::Narrow, true) => "frame narrow",
        };
        let mut page = String::with_capacity(side.len() + body.len() + 1_024);
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>{}</title><link rel=\"stylesheet\" href=\"{STYLE_PATH}\"><link rel=\"icon\" href=\"/icon.svg\"></head><body>\
             <a class=\"skip\" href=\"#main\">Skip to the text</a><header><nav aria-label=\"Parts\"><ul>\
             <li><a href=\"/\">VASP registry</a></li><li><a href=\"/docs/\">Documentation</a></li>\
             <li><a href=\"/docs/api\">API</a></li><li><a href=\"/problems\">Errors</a></li></ul></nav></header>\
             <div class=\"{class}\">{side}<main id=\"main\" tabindex=\"-1\">{body}</main></div></body></html>",
            escaped(title)
        );
        page
    }

    /// Returns an answer with the page, which nobody may store.
    pub(crate) fn answer(&self, status: StatusCode, policy: (HeaderName, HeaderValue)) -> HttpResponse {
        self.finish(&mut HttpResponse::build(status), policy)
    }

    /// Completes an answer, which may have headers already, with the page. Nobody may store it.
    pub(crate) fn finish(&self, response: &mut HttpResponseBuilder, policy: (HeaderName, HeaderValue)) -> HttpResponse {
        response.content_type(header::ContentType::html()).insert_header(policy).insert_header(super::PRIVATE);
        response.body(self.html())
    }
}

/// Opens a table that scrolls in itself where the window is narrow. It can be reached with the keyboard, as whatever scrolls must be.
pub(crate) fn open_scroll(html: &mut String, label: &str) {
    // Writing to a string cannot fail.
    let _ = write!(html, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">", escaped(label));
}

/// Closes what [`open_scroll`] opened.
pub(crate) const CLOSE_SCROLL: &str = "</div>";
