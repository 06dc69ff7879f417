//! What the policy does not name, and how it is recognised wherever it stands.

use crate::json::Node;

/// Elements that the policy does not name, in whatever resource they stand.
pub(crate) fn is_unnamed_element(name: &str) -> bool {
    matches!(
        name.strip_prefix('_').unwrap_or(name),
        "maritalStatus"
            | "multipleBirthBoolean"
            | "multipleBirthInteger"
            | "photo"
            | "race"
            | "ethnicity"
            | "religion"
            | "nationality"
            | "citizenship"
            | "birthPlace"
            | "mothersMaidenName"
            | "ssn"
            | "curp"
    )
}

/// Words in the address of an extension that carries what the policy does not name.
const UNNAMED_EXTENSIONS: &[&str] = &[
    "race",
    "ethnicity",
    "tribal",
    "indigenous",
    "mothersmaidenname",
    "birthplace",
    "birthsex",
    "genderidentity",
    "sexfor",
    "sexual-orientation",
    "sexualorientation",
    "religion",
    "congregation",
    "nationality",
    "citizenship",
    "geolocation",
    "adjusted-life-years",
    "disability-status",
    "veteran",
    "military",
    "income",
    "occupation",
    "maritalstatus",
    "cadavericdonor",
    "importance",
    "birthtime",
    "proficiency",
    "passport",
    "curp",
    "ssn",
];

/// Whether an extension with this address is left out.
pub(crate) fn is_unnamed_extension(url: &str) -> bool {
    let name = last_segment(url).to_ascii_lowercase();
    UNNAMED_EXTENSIONS.iter().any(|word| name.contains(word))
}

/// Types of an identifier (HL7 table 0203) that a government gives.
const GOVERNMENT_TYPES: &[&str] = &[
    "SS", "SSN", "DL", "DLN", "PPN", "NI", "NH", "NIIP", "TAX", "CZ", "PRC", "MI", "VS", "SB", "PCN",
    "DFSID", "BC", "BCT", "DC", "WC",
];

/// Systems, or parts of them, that hold what a government gives: social security and driver's licence (United
/// States), passports, CURP and RFC (Mexico), and the like.
const GOVERNMENT_SYSTEMS: &[&str] = &[
    "us-ssn",
    "2.16.840.1.113883.4.1",
    "2.16.840.1.113883.4.3.",
    "2.16.840.1.113883.4.330",
    "passport",
    "curp",
    "2.16.840.1.113883.4.629",
    "renapo",
    "driver",
    "social-security",
    "socialsecurity",
    "national-id",
    "nationalid",
    "tax-id",
    "us-itin",
    "us-ein",
    "/rfc",
    "/dni",
    "/nif",
    "/nie",
    "/cpf",
    "/nss",
    "/ine",
];

/// If the object is an identifier that a government gives: its type, for the count.
pub(crate) fn government_identifier(node: &Node<'_>) -> Option<&'static str> {
    let value = node.get("value")?;
    // Measured quantities are by far the most frequent objects with a value; their system is that of units.
    if matches!(value, Node::Number(_)) && node.get_text("system") == Some("http://unitsofmeasure.org") {
        return None;
    }
    let types = node.get("type").map(|kind| kind.list("coding")).unwrap_or_default();
    let by_type = types.iter().filter_map(|coding| coding.get_text("code")).find_map(|code| {
        // NNMEX, SBUSA, ...: a national number with its country.
        let with_country = code.len() == 5 && (code.starts_with("NN") || code.starts_with("SB"));
        let known = GOVERNMENT_TYPES.iter().copied().find(|known| *known == code);
        known.or(with_country.then_some("NI"))
    });
    by_type.or_else(|| {
        let system = node.get_text("system")?.to_ascii_lowercase();
        let whole = |part: &str| part == "2.16.840.1.113883.4.1";
        GOVERNMENT_SYSTEMS
            .iter()
            .any(|part| if whole(part) { system.ends_with(part) } else { system.contains(part) })
            .then_some("government")
    })
}

/// LOINC codes of observations and survey answers that state what the policy does not name.
const UNNAMED_OBSERVATIONS: &[(&str, &str)] = &[
    ("32624-9", "race"),
    ("46463-6", "race"),
    ("72826-1", "race"),
    ("56051-6", "ethnicity"),
    ("59362-4", "ethnicity"),
    ("69490-1", "ethnicity"),
    ("45404-1", "marital-status"),
    ("76437-3", "marital-status"),
    ("81364-2", "religion"),
    ("76691-5", "gender-identity"),
    ("76690-7", "sexual-orientation"),
    ("21842-0", "birth-place"),
    ("66476-3", "birth-place"),
    ("66477-1", "birth-place"),
    ("45396-9", "social-security-number"),
    ("52797-8", "insurance-id"),
    ("63512-8", "income"),
    ("63586-2", "income"),
    ("93034-7", "migrant-status"),
    ("93035-4", "veteran"),
];

/// If the concept asks for what the policy does not name: what it is.
pub(crate) fn unnamed_observation(concept: &Node<'_>) -> Option<&'static str> {
    concept
        .list("coding")
        .iter()
        .filter_map(|coding| coding.get_text("code"))
        .find_map(|code| UNNAMED_OBSERVATIONS.iter().find(|(known, _)| *known == code).map(|(_, what)| *what))
}

/// The last part of an address, if it reads like a name in a specification; else `other`.
pub(crate) fn last_segment(url: &str) -> &str {
    let last = url.rsplit(['/', '#', ':']).next().unwrap_or_default();
    if is_plain_name(last) { last } else { "other" }
}

/// Whether a text can stand in a report as the name of an element: letters, digits and hyphens.
pub(crate) fn is_plain_name(name: &str) -> bool {
    (1..=48).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(text: &str) -> Option<&'static str> {
        government_identifier(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn identifiers_of_governments_are_known_by_type_or_by_system() {
        let typed = r#"{"type":{"coding":[{"code":"PPN"}]},"value":"X"}"#;
        assert_eq!(kind_of(typed), Some("PPN"));
        assert_eq!(kind_of(r#"{"type":{"coding":[{"code":"NNMEX"}]},"value":"X"}"#), Some("NI"));
        for system in [
            "http://hl7.org/fhir/sid/us-ssn",
            "urn:oid:2.16.840.1.113883.4.3.25",
            "urn:oid:2.16.840.1.113883.4.1",
        ] {
            assert_eq!(
                kind_of(&format!(r#"{{"system":"{system}","value":"X"}}"#)),
                Some("government"),
                "{system}"
            );
        }
    }

    #[test]
    fn measured_values_and_record_numbers_are_no_identifiers_of_governments() {
        for text in [
            r#"{"value":5,"unit":"cm","system":"http://unitsofmeasure.org","code":"cm"}"#,
            r#"{"type":{"coding":[{"code":"MR"}]},"system":"http://hospital.example","value":"1"}"#,
            r#"{"system":"urn:oid:2.16.840.1.113883.4.17","value":"1"}"#,
        ] {
            assert_eq!(kind_of(text), None, "{text}");
        }
    }

    #[test]
    fn extensions_are_known_by_the_last_part_of_their_address() {
        assert!(is_unnamed_extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"));
        assert!(is_unnamed_extension("http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"));
        assert!(!is_unnamed_extension("http://hl7.org/fhir/StructureDefinition/observation-bodyPosition"));
        assert_eq!(last_segment("http://x/Guadalupe Treviño"), "other");
    }
}
