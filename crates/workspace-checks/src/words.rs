//! Words that the product never says: they claim what nobody gave us.

use crate::tree::SourceFile;

/// Claims in English and Spanish, in lower case; each is refused as whole words.
const REFUSED: [&str; 30] = [
    "compliant",
    "fully complies",
    "complies with hipaa",
    "certified",
    "guaranteed",
    "we guarantee",
    "conformity",
    "conformance with",
    "legally valid signature",
    "legally binding signature",
    "bank-grade",
    "military-grade",
    "unbreakable",
    "100% secure",
    "cumple con la ley",
    "cumple con hipaa",
    "cumple con la nom",
    "cumplimos con la ley",
    "en pleno cumplimiento",
    "certificado por",
    "certificada por",
    "certificados por",
    "estamos certificados",
    "software certificado",
    "garantizado",
    "garantizada",
    "garantizamos",
    "de conformidad",
    "firma con validez legal",
    "firma legalmente válida",
];

/// Every refused word in texts, code and documents. `exempt` are prefixes of paths that hold the list itself.
#[must_use]
pub fn refused_words(files: &[SourceFile], exempt: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let looked_at = files
        .iter()
        .filter(|file| !exempt.iter().any(|prefix| file.path.starts_with(prefix)) && !is_data(file));
    for file in looked_at {
        for (number, line) in file.text.lines().enumerate() {
            let line = line.to_lowercase();
            for word in REFUSED.into_iter().filter(|word| holds_word(&line, word)) {
                found.push(format!("{}:{}: the product never says `{word}`", file.path, number + 1));
            }
        }
    }
    found
}

/// Records in JSON are somebody else's words.
fn is_data(file: &SourceFile) -> bool {
    file.has_extension("json")
}

fn holds_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, found)| {
        let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !touches(line.get(..at).and_then(|before| before.chars().next_back()))
            && !touches(line.get(at + found.len()..).and_then(|after| after.chars().next()))
    })
}
