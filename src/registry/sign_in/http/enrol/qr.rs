//! Draws a QR code as a picture that stands in the page.

use std::fmt::Write;

use qrcode::{Color, QrCode};

/// White modules around the code.
///
/// Source: ISO/IEC 18004:2015, section 5.3.8: four modules.
const QUIET: usize = 4;

/// Returns the QR code of a text as SVG; `None` if the text is too long for one.
pub(crate) fn svg(text: &str, label: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    let (side, colors) = (code.width(), code.to_colors());
    let mut dark = String::with_capacity(colors.len() * 6);
    for (y, row) in colors.chunks(side).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            // Writing to a string cannot fail.
            let _ = write!(dark, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    let whole = side + 2 * QUIET;
    Some(format!(
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" role=\"img\" aria-label=\"{label}\" \
         shape-rendering=\"crispEdges\"><rect width=\"{whole}\" height=\"{whole}\" fill=\"#fff\"/><path d=\"{dark}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::svg;

    /// The finder pattern in the upper left corner (ISO/IEC 18004:2015, section 5.3.2.1): seven dark modules, after the quiet zone.
    #[test]
    fn picture_begins_with_the_finder_pattern() {
        let picture = svg("otpauth://totp/VASP%20registry:anna%40example.org?secret=GEZDGNBVGY3TQOJQ", "QR code").unwrap();

        for x in 4..11 {
            assert!(picture.contains(&format!("M{x} 4h1v1h-1z")), "{picture}");
        }
        assert!(!picture.contains("M11 4h"), "{picture}");
        assert!(!picture.contains("M3 "), "{picture}");
    }
}
