//! The two clinics' folders load, say everything in both languages, and are refused when they break a rule.

use privacy_notice::{
    ArchiveError, CatalogueError, ClauseCatalogue, ClinicSettings, ContentHash, KeySettings, Language,
    NotYet, NoticeArchive, NoticeVersion, OfficerEmail, ProviderRegister, Residence, SettingsError, Texts,
    notice_text,
};
use records_model::{
    Action, Category, CategoryGroup, ConsentForm, ContentKind, Context, CountryClass, Detail, Fact, Field,
    Ground, Purpose, RecipientClass, RestrictionKind, RetentionClass, Role, Sensitivity, SubjectKind,
    Vocabulary,
};

#[cfg(test)]
mod support {
    use super::*;

    pub(super) const CLINICS: [&str; 2] = ["elicells", "brisa"];

    pub(super) fn read(clinic: &str, file: &str) -> String {
        std::fs::read_to_string(format!("../../fixtures/clinics/{clinic}/{file}")).unwrap()
    }

    pub(super) fn settings(clinic: &str) -> ClinicSettings {
        ClinicSettings::parse(&read(clinic, "clinic.toml")).unwrap()
    }

    pub(super) fn catalogue(clinic: &str) -> ClauseCatalogue {
        ClauseCatalogue::parse(&read(clinic, "clauses.toml")).unwrap()
    }

    /// The profiles on file, with the promise of this clinic.
    pub(super) fn law_book(clinic: &str) -> jurisdiction::LawBook {
        let other = CLINICS.iter().find(|other| **other != clinic).unwrap();
        let mut files: Vec<_> = std::fs::read_dir("../../fixtures/profiles")
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| !path.ends_with(format!("clinic-policy-{other}.toml")))
            .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
            .collect();
        files.sort();
        let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        jurisdiction::LawBook::parse(&files).unwrap()
    }

    pub(super) fn words_are_said<V: Vocabulary>(texts: &Texts) {
        let section = V::NAME.replace(' ', "-");
        for word in V::ALL {
            assert!(texts.get(&section, word.code()).is_some(), "[{section}] {}", word.code());
        }
    }
}

use support::{CLINICS, catalogue, law_book, read, settings, words_are_said};

#[test]
fn the_catalogue_holds_all_93_clauses_of_the_policy() {
    let numbers: Vec<u16> = catalogue("elicells").iter().map(|clause| clause.id.number()).collect();
    assert_eq!(numbers, (1..=93).collect::<Vec<u16>>());
}

#[test]
fn a_clause_without_a_check_stands_in_the_list_of_what_is_not_yet_kept_and_the_reverse() {
    let text = std::fs::read_to_string("../../clauses-not-yet.toml").unwrap();
    let not_yet = NotYet::parse(&text).unwrap();
    let listed: Vec<_> = not_yet.clauses.iter().map(|clause| clause.id).collect();
    assert_eq!(listed, catalogue("elicells").without_evaluator().collect::<Vec<_>>());
    assert!(not_yet.clauses.iter().all(|clause| !clause.missing.trim().is_empty()));
}

#[test]
fn the_second_clinic_shares_no_setting_with_the_first_and_promises_less() {
    let (one, other) = (settings("elicells"), settings("brisa"));
    assert_ne!(one.id, other.id);
    assert_ne!(one.country, other.country);
    assert_ne!(one.time_zone, other.time_zone);
    assert_ne!(one.staff, other.staff);
    assert_ne!(one.profiles.always, other.profiles.always);
    assert!(catalogue("brisa").len() < catalogue("elicells").len());
}

#[test]
fn the_telephone_is_the_one_of_section_11_and_the_placeholder_is_no_address() {
    let clinic = settings("elicells");
    assert_eq!(clinic.officer.phone_printed, "+52 (81) 8380-3000");
    assert_eq!(clinic.officer.phone.as_str(), "+528183803000");
    assert_eq!(clinic.officer.email, OfficerEmail::NotSet);
    let text = read("elicells", "clinic.toml");
    for placeholder in ["[email protected]", "officer@example.com"] {
        let with = text.replace("# email = \"...\"", &format!("email = \"{placeholder}\""));
        assert_ne!(with, text);
        let error = ClinicSettings::parse(&with).unwrap_err().to_string();
        assert!(error.contains("placeholder") && error.contains("line"), "{error}");
    }
    let with = text.replace("# email = \"...\"", "email = \"privacidad@elicells.mx\"");
    assert!(matches!(ClinicSettings::parse(&with).unwrap().officer.email, OfficerEmail::Set(_)));
}

#[test]
fn a_residence_only_ever_adds_profiles() {
    let profiles = settings("elicells").profiles;
    let of = |text: &str| {
        let residence = Residence::parse(text).unwrap();
        profiles.applying_to(&residence).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(of("MX"), ["CLINIC-POLICY", "MX-RECORDS", "CELL-TRACEABILITY", "MX-LFPDPPP"]);
    assert_eq!(of("ZZ"), of("MX"), "an unknown country takes nothing away");
    assert_eq!(of("CA-QC").split_off(3), ["MX-LFPDPPP", "CA-PIPEDA", "CA-QC-25"]);
    assert_eq!(of("US-TX").split_off(3), ["MX-LFPDPPP", "US-HIPAA"]);
    let origins = profiles.origins_of(&Residence::parse("ES").unwrap());
    assert_eq!(origins.iter().map(ToString::to_string).collect::<Vec<_>>(), ["MX-LFPDPPP", "EU-GDPR"]);
}

#[test]
fn every_law_that_a_folder_names_is_on_file() {
    for clinic in CLINICS {
        let law = law_book(clinic);
        let (profiles, register) =
            (settings(clinic).profiles, ProviderRegister::parse(&read(clinic, "providers.toml")).unwrap());
        let homes = profiles.residence.keys().cloned().chain([Residence::parse("ZZ").unwrap()]);
        for home in homes {
            let names = profiles.applying_to(&home);
            assert!(law.select(names.iter().map(privacy_notice::ProfileName::as_str)).is_ok(), "{home}");
        }
        let mechanisms = register.iter().flat_map(privacy_notice::Provider::transfers);
        assert!(law.select(mechanisms.map(|mechanism| mechanism.profile.as_str())).is_ok(), "{clinic}");
        assert!(jurisdiction::ClinicZone::parse(settings(clinic).time_zone.as_str()).is_ok());
    }
}

#[test]
fn duty_hours_begin_and_end_on_the_clinics_own_clock() {
    let hours = settings("elicells").duty_hours;
    let at = |text: &str| text.parse().unwrap();
    assert!(hours.cover(at("2027-06-07T07:00:00")), "Monday, first minute");
    assert!(!hours.cover(at("2027-06-07T21:00:00")), "Monday, first minute after");
    assert!(!hours.cover(at("2027-06-12T15:00:00")), "Saturday afternoon");
    assert!(!hours.cover(at("2027-06-13T10:00:00")), "Sunday");
}

#[test]
fn settings_written_and_read_again_are_the_same() {
    for clinic in CLINICS {
        let settings = settings(clinic);
        assert_eq!(ClinicSettings::parse(&toml::to_string(&settings).unwrap()), Ok(settings));
    }
}

#[test]
fn how_the_key_is_kept_is_a_closed_list_without_a_secret() {
    let text = read("elicells", "clinic.toml");
    let with = |keys: &str| ClinicSettings::parse(&format!("{text}\n[keys]\n{keys}\n"));
    assert_eq!(settings("elicells").keys, KeySettings::File {});
    assert_eq!(with("provider = \"passphrase\"").unwrap().keys, KeySettings::Passphrase {});
    let transit =
        with("provider = \"transit\"\naddress = \"https://vault.example\"\nkey = \"elicells\"").unwrap();
    assert_eq!(ClinicSettings::parse(&toml::to_string(&transit).unwrap()), Ok(transit.clone()));
    assert!(matches!(transit.keys, KeySettings::Transit { mount, .. } if mount.as_str() == "transit"));
    let pkcs11 = "provider = \"pkcs11\"\nmodule = \"/usr/lib/m.so\"\ntoken = \"HSM 1\"\nkey = \"elicells\"";
    assert!(matches!(with(pkcs11).unwrap().keys, KeySettings::Pkcs11 { pin_file: None, .. }));
    for refused in [
        "provider = \"kms\"",
        "provider = \"file\"\nkey = \"elicells\"",
        "provider = \"transit\"\naddress = \"https://vault.example\"",
        "provider = \"transit\"\naddress = \"https://vault.example\"\nkey = \"k\"\ntoken = \"s.secret\"",
        "provider = \"transit\"\naddress = \"https://vault.example\"\nkey = \"../sys\"",
        &format!("{pkcs11}\npin = \"4711\""),
    ] {
        assert!(matches!(with(refused), Err(SettingsError::Form(_))), "{refused}");
    }
}

#[test]
fn settings_that_cannot_be_meant_are_refused() {
    let text = read("elicells", "clinic.toml");
    let with = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        ClinicSettings::parse(&changed).unwrap_err()
    };
    assert_eq!(with("[\"es\", \"en\"]", "[\"es\", \"es\"]"), SettingsError::Languages);
    assert_eq!(with("always = [\"MX-LFPDPPP\"]", "always = []"), SettingsError::NoProfiles);
    assert_eq!(with("until = \"21:00\"", "until = \"06:00\""), SettingsError::DutyHours);
    assert_eq!(with("[\"privacy-basics-2\", \"information-security-1\"]", "[]"), SettingsError::NoTraining);
    assert!(matches!(with("country = \"MX\"", "country = \"Mexico\""), SettingsError::Form(_)));
    assert!(matches!(with("name =", "nombre ="), SettingsError::Form(_)), "an unknown key");
    assert!(matches!(with("\"policy.toml\"", "\"../policy.toml\""), SettingsError::Form(_)));
}

#[test]
fn the_archive_holds_the_hash_of_the_notice_that_each_catalogue_makes() {
    for clinic in CLINICS {
        let archive = NoticeArchive::parse(&read(clinic, "notice.toml")).unwrap();
        for language in [Language::Es, Language::En] {
            let version = archive.iter().rfind(|version| version.language == language).unwrap();
            let hash = ContentHash::of(&notice_text(&catalogue(clinic), language));
            assert_eq!(version.content_hash, hash, "{}: the text changed, so add a version", version.id);
        }
    }
}

#[test]
fn a_lost_or_changed_text_of_a_version_is_counted() {
    let archive = NoticeArchive::parse(&read("elicells", "notice.toml")).unwrap();
    let catalogue = catalogue("elicells");
    let kept = |version: &NoticeVersion| Some(notice_text(&catalogue, version.language));
    assert_eq!(archive.mismatches(kept), 0);
    assert_eq!(archive.mismatches(|version| kept(version).map(|text| text + " ")), 2);
    assert_eq!(archive.mismatches(|version| kept(version).filter(|_| version.language == Language::Es)), 1);
}

#[test]
fn every_word_of_every_vocabulary_is_said_in_both_languages_of_each_clinic() {
    for clinic in CLINICS {
        let [es, en] = [Language::Es, Language::En].map(|language| {
            Texts::parse(language, &read(clinic, &format!("texts.{language}.toml"))).unwrap()
        });
        assert!(es.keys().eq(en.keys()), "{clinic}: the two languages hold other keys");
        for texts in [&es, &en] {
            words_are_said::<Category>(texts);
            words_are_said::<CategoryGroup>(texts);
            words_are_said::<Context>(texts);
            words_are_said::<Sensitivity>(texts);
            words_are_said::<Purpose>(texts);
            words_are_said::<RecipientClass>(texts);
            words_are_said::<CountryClass>(texts);
            words_are_said::<Role>(texts);
            words_are_said::<Action>(texts);
            words_are_said::<Ground>(texts);
            words_are_said::<Detail>(texts);
            words_are_said::<Fact>(texts);
            words_are_said::<Field>(texts);
            words_are_said::<ConsentForm>(texts);
            words_are_said::<RetentionClass>(texts);
            words_are_said::<SubjectKind>(texts);
            words_are_said::<RestrictionKind>(texts);
            words_are_said::<ContentKind>(texts);
        }
    }
}

#[test]
fn a_catalogue_with_a_clause_twice_half_said_or_kept_by_nothing_we_know_is_refused() {
    let clause = |id: &str, section: &str, en: &str, more: &str| {
        format!(
            "[[clause]]\nid = \"{id}\"\nsection = \"{section}\"\nkind = \"kept\"\nes = \"sí\"\nen = \"{en}\"\n{more}\n"
        )
    };
    let parse = |text: String| ClauseCatalogue::parse(&text).unwrap_err();
    let fine = clause("P-2", "1", "yes", "");
    assert!(matches!(parse(fine.clone() + &fine), CatalogueError::Order(_)));
    assert!(matches!(parse(fine.clone() + &clause("P-1", "1", "yes", "")), CatalogueError::Order(_)));
    assert!(matches!(parse(clause("P-1", "1", " ", "")), CatalogueError::Language(_)));
    assert!(matches!(parse(clause("P-1", "one", "yes", "")), CatalogueError::Section(_)));
    assert!(matches!(parse(clause("P-1", "1", "yes", "evaluator = \"hope\"")), CatalogueError::Form(_)));
    assert!(matches!(parse(clause("P-1", "1", "yes", "state = \"kept\"")), CatalogueError::Form(_)));
    assert!(matches!(parse("clause = []".to_owned()), CatalogueError::Empty));
}

#[test]
fn notice_versions_that_share_an_interval_a_text_or_no_succession_are_refused() {
    let version = |id: &str, from: &str, text: &str, next: Option<&str>| {
        let hash = ContentHash::of(text);
        let next = next.map_or(String::new(), |next| format!("superseded-by = \"{next}\"\n"));
        format!(
            "[[version]]\nid = \"{id}\"\nlanguage = \"es\"\neffective-from = \"{from}\"\ncontent-hash = \"{hash}\"\n{next}\n"
        )
    };
    let parse = |a: String, b: String| NoticeArchive::parse(&(a + &b));
    let new = |from: &str, text: &str| version("b", from, text, None);
    let old = || version("a", "2025-01", "one", Some("b"));
    assert!(parse(old(), new("2025-02", "two")).is_ok());
    assert!(matches!(parse(old(), new("2025-01-15", "two")), Err(ArchiveError::SharedInterval(..))));
    assert!(matches!(parse(old(), new("2025-02", "one")), Err(ArchiveError::SameText(..))));
    assert!(matches!(
        parse(version("a", "2025-01", "one", None), new("2025-02", "two")),
        Err(ArchiveError::Succession(_))
    ));
    assert!(matches!(parse(old(), version("a", "2025-02", "two", None)), Err(ArchiveError::Twice(_))));
    let archive = parse(old(), new("2025-03-10", "two")).unwrap();
    let in_force = |day: &str| {
        let day = day.parse().unwrap();
        let id = |v: Option<&NoticeVersion>| v.map(|v| v.id.to_string());
        (id(archive.in_force(Language::Es, day)), id(archive.in_force_for_claims(Language::Es, day)))
    };
    assert_eq!(in_force("2024-12-31"), (None, None));
    assert_eq!(in_force("2025-01-01"), (Some("a".into()), None), "duties from the earliest day");
    assert_eq!(in_force("2025-01-31"), (Some("a".into()), Some("a".into())), "claims from the latest");
    assert_eq!(in_force("2025-03-10"), (Some("b".into()), Some("b".into())));
}

#[test]
fn a_contract_that_sells_passes_on_or_talks_is_refused_with_the_line() {
    let text = read("elicells", "providers.toml");
    for (from, to, why) in [
        ("consideration = \"none\"", "consideration = \"given\"", "something of value"),
        ("onward-use = \"forbidden\"", "onward-use = \"allowed\"", "pass the data on"),
        ("confidentiality = \"bound\"", "confidentiality = \"not-bound\"", "confidentiality"),
        ("purposes = [\"travel\"]", "purposes = [\"travel\", \"sale\"]", "sale"),
        ("purposes = [\"travel\"]", "purposes = []", "at least one purpose"),
        ("until = \"2031-01-01\"", "until = \"2024-01-01\"", "end after"),
        ("class = \"hotel\"", "class = \"companion\"", "no outside providers"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let error = ProviderRegister::parse(&changed).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains("line"), "{error}");
    }
}

#[test]
fn the_register_names_one_expired_provider_and_one_refused_facilitator() {
    let register = ProviderRegister::parse(&read("elicells", "providers.toml")).unwrap();
    let today = "2026-11-22".parse().unwrap();
    let expired: Vec<_> = register.expired(today).map(privacy_notice::Provider::class).collect();
    assert_eq!(expired, [RecipientClass::Laboratory]);
    let home = settings("elicells").country;
    assert_eq!(register.mechanisms_expired(home, today).count(), 1);
    assert_eq!(register.not_named(today).count(), 0);
    let host = read("elicells", "providers.toml").replacen("class = \"hotel\"", "class = \"cloud-host\"", 1);
    assert_eq!(
        ProviderRegister::parse(&host).unwrap().not_named(today).count(),
        1,
        "the policy names no host"
    );
    let retired = read("elicells", "providers.toml").replace(
        "name = \"Gulf Reference Laboratory (invented)\"",
        "name = \"Gulf Reference Laboratory (invented)\"\nretired-on = \"2026-11-22\"",
    );
    let retired = ProviderRegister::parse(&retired).unwrap();
    assert_eq!(retired.expired(today).count() + retired.mechanisms_expired(home, today).count(), 0);
    assert_eq!(register.refused().len(), 1);
    assert_eq!(register.refused()[0].class, RecipientClass::Facilitator);
}
