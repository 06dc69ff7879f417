//! Which results are genetic: those may leave on a court order only (P-19), so a doubtful one counts as genetic.

use crate::json::Node;

/// LOINC codes of genetic tests and of the parts of a genetic report.
const LOINC: &[&str] = &[
    "48002-0", "48003-8", "48004-6", "48005-3", "48006-1", "48008-7", "48013-7", "48018-6", "48019-4",
    "51958-7", "51961-1", "51963-7", "51967-8", "51968-6", "51969-4", "53034-5", "53037-8", "53041-0",
    "55207-5", "55208-3", "55232-3", "55233-1", "69547-8", "69548-6", "69551-0", "81247-9", "81250-3",
    "81252-9", "81254-5", "81290-9", "81293-3", "81299-0", "81300-6", "81304-8", "82121-5", "84413-4",
    "85069-3", "38404-0", "21636-6", "21637-4", "94231-8",
];

/// Words, English and Spanish, in the names of genetic tests.
const WORDS: &[&str] = &[
    "genetic",
    "genétic",
    "genotyp",
    "genotip",
    "genomic",
    "genómic",
    "karyotyp",
    "cariotip",
    "chromosom",
    "cromosóm",
    "germline",
    "germinal",
    "gene mutation",
    "mutation analysis",
    "brca1",
    "brca2",
];

/// Whether a resource holds genetic results: by its service section, its profile, its codes or its words.
pub(crate) fn is_genetic(node: &Node<'_>) -> bool {
    let profiles = node.get("meta").map(|meta| meta.list("profile")).unwrap_or_default();
    if profiles
        .iter()
        .filter_map(Node::text)
        .any(|profile| profile.contains("genom") || profile.contains("genetic"))
    {
        return true;
    }
    let sections = node.list("category").iter().flat_map(|category| category.list("coding"));
    if sections
        .clone()
        .filter_map(|coding| coding.get_text("code"))
        .any(|code| matches!(code, "GE" | "genetics"))
    {
        return true;
    }
    let components = node.list("component").iter().filter_map(|component| component.get("code"));
    [node.get("code"), node.get("type")].into_iter().flatten().chain(components).any(names_a_genetic_test)
}

fn names_a_genetic_test(concept: &Node<'_>) -> bool {
    let codings = concept.list("coding");
    codings.iter().filter_map(|coding| coding.get_text("code")).any(|code| LOINC.contains(&code))
        || codings.iter().filter_map(|coding| coding.get_text("display")).any(says_genetic)
        || concept.get_text("text").is_some_and(says_genetic)
}

fn says_genetic(words: &str) -> bool {
    let lower = words.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genetic(text: &str) -> bool {
        is_genetic(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn genetic_results_are_known_by_section_code_profile_or_words() {
        assert!(genetic(r#"{"category":[{"coding":[{"code":"GE"}]}]}"#));
        assert!(genetic(r#"{"code":{"coding":[{"system":"http://loinc.org","code":"69548-6"}]}}"#));
        assert!(genetic(r#"{"meta":{"profile":["http://hl7.org/fhir/uv/genomics-reporting/variant"]}}"#));
        assert!(genetic(r#"{"code":{"text":"Estudio GENÉTICO de linaje"}}"#));
        assert!(genetic(r#"{"component":[{"code":{"text":"BRCA2 exon 11"}}]}"#));
    }

    #[test]
    fn a_virus_is_not_the_patients_genome() {
        assert!(!genetic(
            r#"{"code":{"coding":[{"code":"94531-1","display":"SARS-CoV-2 RNA Pnl Resp NAA+probe"}]}}"#
        ));
        assert!(!genetic(r#"{"code":{"coding":[{"code":"8302-2","display":"Body Height"}]}}"#));
    }
}
