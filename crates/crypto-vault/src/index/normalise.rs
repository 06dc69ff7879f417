//! Normalisation, version 1: what counts as the same name or address. Frozen: a change needs a new version.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

/// Particles that people write, leave out or join as they like.
const PARTICLES: [&str; 12] = ["da", "das", "de", "del", "do", "dos", "e", "la", "las", "los", "van", "y"];

/// The parts of a name: NFKC, case folded, accents dropped, split at whatever is no letter or digit (an
/// apostrophe joins), without particles and single Latin letters unless nothing else is left.
pub(super) fn name_parts(text: &str) -> Vec<Zeroizing<String>> {
    let folded = Zeroizing::new(fold(text));
    let all = || folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let telling: Vec<_> = all().filter(|part| part.len() > 1 && !PARTICLES.contains(part)).map(own).collect();
    if telling.is_empty() { all().map(own).collect() } else { telling }
}

fn own(part: &str) -> Zeroizing<String> {
    Zeroizing::new(part.to_owned())
}

/// An e-mail address: NFKC and case folded, accents kept, since mailboxes differ by them.
pub(super) fn folded_email(address: &str) -> Zeroizing<String> {
    Zeroizing::new(if address.is_ascii() {
        address.to_ascii_lowercase()
    } else {
        address.nfkc().flat_map(fold_case).nfkc().collect()
    })
}

fn fold(text: &str) -> String {
    if text.is_ascii() { fold_ascii(text) } else { fold_unicode(text) }
}

fn fold_ascii(text: &str) -> String {
    text.chars().filter(|c| !is_apostrophe(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

fn fold_unicode(text: &str) -> String {
    // Before NFKC for the acute accent, which it would turn into a space; after it for wide forms.
    let joined = text.chars().filter(|c| !is_apostrophe(*c)).nfkc().filter(|c| !is_apostrophe(*c));
    let mut out = String::with_capacity(text.len());
    for c in joined.flat_map(fold_case).nfkd().filter(|c| !is_combining_mark(*c)) {
        out.push_str(&plain_letter(c));
    }
    out
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '`' | '´')
}

/// Upper case and back joins what differs in case only, such as the German sharp s and a double s.
fn fold_case(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}

/// Letters whose stroke or ligature is no combining mark.
fn plain_letter(c: char) -> Cow<'static, str> {
    Cow::Borrowed(match c {
        'ø' => "o",
        'æ' => "ae",
        'œ' => "oe",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ł' => "l",
        'ħ' => "h",
        other => return Cow::Owned(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> Vec<String> {
        name_parts(text).iter().map(|part| part.to_string()).collect()
    }

    #[test]
    fn names_have_the_parts_on_file() {
        // Frozen: a changed line means that people already in an index are no longer found.
        for (text, expected) in [
            ("José", "jose"),
            ("Jose\u{301}", "jose"),
            ("JOSÉ MARÍA", "jose maria"),
            ("Muñoz", "munoz"),
            ("Treviño Garza", "trevino garza"),
            ("de la Cruz", "cruz"),
            ("María de los Ángeles", "maria angeles"),
            ("Ramón y Cajal", "ramon cajal"),
            ("García-López", "garcia lopez"),
            ("Garcia Lopez", "garcia lopez"),
            ("O'Brien", "obrien"),
            ("O’Brien", "obrien"),
            ("Agüero", "aguero"),
            ("Núñez G.", "nunez"),
            ("Weiß", "weiss"),
            ("WEISS", "weiss"),
            ("Sørensen", "sorensen"),
            ("ŁUKASZ", "lukasz"),
            ("Ægir", "aegir"),
            ("İpek", "ipek"),
            ("ﬁnn", "finn"),
            ("Ｊｏｓé", "jose"),
            ("De", "de"),
            ("de la", "de la"),
            ("王 芳", "王 芳"),
            ("Σωκράτης", "σωκρατησ"),
            ("Ana  \u{a0} Luisa", "ana luisa"),
            ("---", ""),
        ] {
            assert_eq!(parts(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn an_address_is_folded_but_keeps_its_accents() {
        assert_eq!(&**folded_email("Ana.Pena@clinica.test"), "ana.pena@clinica.test");
        assert_eq!(&**folded_email("JOSÉ@clinica.test"), "josé@clinica.test");
        assert_eq!(&**folded_email("JOSE\u{301}@clinica.test"), "josé@clinica.test");
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = parts(&text);
            prop_assert_eq!(parts(&once.join(" ")), once);
        }

        #[test]
        fn the_way_without_unicode_gives_what_the_way_with_it_gives(text in "[ -~]{0,40}") {
            prop_assert_eq!(fold_ascii(&text), fold_unicode(&text));
        }
    }
}
