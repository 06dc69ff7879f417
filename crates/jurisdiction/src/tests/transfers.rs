//! Transfers: a golden table of what each law accepts, and that every law has to be satisfied.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use expect_test::expect;
use proptest::prelude::*;
use records_model::testing::arb_word;
use records_model::{CountryCode, Vocabulary};

use crate::testing::{arb_date, arb_families, fixture_law};
use crate::{
    LawBook, MechanismKind, ProfileFamily, Standing, TransferEvidence, TransferFinding, TransferRequest,
    TransferStanding,
};

static LAW: LazyLock<LawBook> = LazyLock::new(|| fixture_law().unwrap());

fn country(text: &str) -> CountryCode {
    CountryCode::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn ask(
    families: &BTreeSet<ProfileFamily>,
    destination: CountryCode,
    evidence: &[TransferEvidence],
    on: NaiveDate,
) -> TransferFinding {
    LAW.transfer(&TransferRequest { families, destination, evidence, on })
}

fn arb_country() -> impl Strategy<Value = CountryCode> {
    proptest::sample::select(&["MX", "US", "BR", "GB", "CA"][..]).prop_map(country)
}

prop_compose! {
    fn arb_evidence()(
        families in arb_families(&LAW),
        kind in arb_word::<MechanismKind>(),
        from in arb_date(),
        days in 1..4_000_u64,
        pick in any::<proptest::sample::Index>(),
    ) -> TransferEvidence {
        let families: Vec<_> = families.into_iter().collect();
        TransferEvidence { family: pick.get(&families).clone(), kind, from, until: from + Days::new(days) }
    }
}

fn arb_list() -> impl Strategy<Value = Vec<TransferEvidence>> {
    proptest::collection::vec(arb_evidence(), 0..12)
}

/// A few laws that say something of transfers, so that some are satisfied.
fn arb_laws() -> impl Strategy<Value = BTreeSet<ProfileFamily>> {
    let names = ["MX-LFPDPPP", "EU-GDPR", "US-HIPAA"];
    proptest::sample::subsequence(names.to_vec(), 0..=3).prop_map(|names| LAW.select(names).unwrap())
}

proptest! {
    /// M-8: a further law never opens a transfer.
    #[test]
    fn a_further_law_never_opens_a_transfer(
        laws in arb_laws(), more in arb_families(&LAW), evidence in arb_list(), to in arb_country(), on in arb_date(),
    ) {
        let both: BTreeSet<_> = laws.iter().chain(&more).cloned().collect();
        if !laws.is_empty() && ask(&both, to, &evidence, on).is_met() {
            prop_assert!(ask(&laws, to, &evidence, on).is_met());
        }
        prop_assert!(!ask(&BTreeSet::new(), to, &evidence, on).is_met());
    }

    /// More evidence never closes one, and evidence that is over or not yet there counts for nothing.
    #[test]
    fn only_evidence_in_force_counts(
        laws in arb_laws(), evidence in arb_list(), more in arb_evidence(), to in arb_country(), on in arb_date(),
    ) {
        let met = ask(&laws, to, &evidence, on).is_met();
        let all: Vec<_> = evidence.iter().cloned().chain([more.clone()]).collect();
        prop_assert!(!met || ask(&laws, to, &all, on).is_met());
        if on < more.from || more.until <= on {
            prop_assert_eq!(ask(&laws, to, &all, on), ask(&laws, to, &evidence, on));
        }
    }

    /// Each law that is satisfied is so by evidence of its own, and stays so on every day before the one that is named.
    #[test]
    fn what_is_met_stays_met_until_the_day_named(
        laws in arb_laws(), evidence in arb_list(), to in arb_country(), on in arb_date(), ahead in 0..3_000_u64,
    ) {
        let finding = ask(&laws, to, &evidence, on);
        for (family, standing) in finding.laws() {
            let TransferStanding::Met { row, .. } = standing else { continue };
            prop_assert_eq!(LAW.in_force(family, on).unwrap().id(), &row.profile);
            prop_assert!(evidence.iter().any(|one| one.family == *family));
        }
        prop_assert_eq!(finding.met_until().is_some(), finding.is_met());
        if let Some(until) = finding.met_until() {
            let between = on + Days::new(ahead.min((until - on).num_days().unsigned_abs() - 1));
            prop_assert!(ask(&laws, to, &evidence, between).is_met());
        }
    }
}

/// What one law accepts for one country on one day.
fn accepted(family: &ProfileFamily, to: &str, on: NaiveDate) -> String {
    let families = BTreeSet::from([family.clone()]);
    let is_accepted = |kind: &&MechanismKind| {
        let until = on + Days::new(1);
        let evidence = TransferEvidence { family: family.clone(), kind: **kind, from: on, until };
        ask(&families, country(to), &[evidence], on).is_met()
    };
    let kinds: Vec<&str> = MechanismKind::ALL.iter().filter(is_accepted).map(|kind| kind.code()).collect();
    kinds.join(", ")
}

/// What each law accepts for a few countries, those together for which it is the same: a changed line is a changed
/// rule.
#[test]
fn what_each_law_accepts() {
    let mut table = String::new();
    for on in [day("2024-06-01"), day("2026-11-24")] {
        for profile in LAW.profiles().iter().filter(|profile| profile.is_in_force(on)) {
            let mut answers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
            for to in ["BR", "CA", "ES", "FO", "GB", "JP", "KR", "MX", "US"] {
                answers.entry(accepted(profile.family(), to, on)).or_default().push(to);
            }
            for (kinds, countries) in answers.iter().filter(|(kinds, _)| !kinds.is_empty()) {
                writeln!(table, "{on} {} -> {}: {kinds}", profile.id(), countries.join(" ")).unwrap();
            }
        }
    }
    expect![[r"
        2024-06-01 BR-LGPD -> BR: inside-the-law, standard-clauses, vital-interest
        2024-06-01 BR-LGPD -> CA ES FO GB JP KR MX US: standard-clauses, vital-interest
        2024-06-01 CA-PIPEDA -> BR CA ES FO GB JP KR MX US: processor-contract
        2024-06-01 CA-QC-25 -> BR CA ES FO GB JP KR MX US: impact-assessment
        2024-06-01 EU-GDPR -> FO GB: contract-in-interest, adequacy, standard-clauses, legal-claim, binding-rules, vital-interest
        2024-06-01 EU-GDPR -> CA JP KR US: contract-in-interest, adequacy-of-recipient, standard-clauses, legal-claim, binding-rules, vital-interest
        2024-06-01 EU-GDPR -> ES: contract-in-interest, inside-the-law, standard-clauses, legal-claim, binding-rules, vital-interest
        2024-06-01 EU-GDPR -> BR MX: contract-in-interest, standard-clauses, legal-claim, binding-rules, vital-interest
        2024-06-01 MX-LFPDPPP-2010 -> BR CA ES FO GB JP KR MX US: processor-contract, health-care, contract-in-interest, treaty, same-group, public-interest, legal-claim, legal-relation
        2024-06-01 UK-GDPR -> ES: contract-in-interest, adequacy, standard-clauses, legal-claim, binding-rules, vital-interest
        2024-06-01 UK-GDPR -> CA JP KR US: contract-in-interest, adequacy-of-recipient, standard-clauses, legal-claim, binding-rules, vital-interest
        2024-06-01 UK-GDPR -> GB: contract-in-interest, inside-the-law, standard-clauses, legal-claim, binding-rules, vital-interest
        2024-06-01 UK-GDPR -> BR FO MX: contract-in-interest, standard-clauses, legal-claim, binding-rules, vital-interest
        2024-06-01 US-CA-CCPA -> BR CA ES FO GB JP KR MX US: processor-contract
        2024-06-01 US-HIPAA -> BR CA ES FO GB JP KR MX US: health-care, business-associate
        2024-06-01 US-WA-MHMDA -> BR CA ES FO GB JP KR MX US: processor-contract
        2026-11-24 BR-LGPD -> BR: inside-the-law, standard-clauses, vital-interest
        2026-11-24 BR-LGPD -> CA ES FO GB JP KR MX US: standard-clauses, vital-interest
        2026-11-24 CA-PIPEDA -> BR CA ES FO GB JP KR MX US: processor-contract
        2026-11-24 CA-QC-25 -> BR CA ES FO GB JP KR MX US: impact-assessment
        2026-11-24 EU-GDPR -> BR FO GB: contract-in-interest, adequacy, standard-clauses, legal-claim, binding-rules, vital-interest
        2026-11-24 EU-GDPR -> CA JP KR US: contract-in-interest, adequacy-of-recipient, standard-clauses, legal-claim, binding-rules, vital-interest
        2026-11-24 EU-GDPR -> ES: contract-in-interest, inside-the-law, standard-clauses, legal-claim, binding-rules, vital-interest
        2026-11-24 EU-GDPR -> MX: contract-in-interest, standard-clauses, legal-claim, binding-rules, vital-interest
        2026-11-24 MX-LFPDPPP-2025 -> BR CA ES FO GB JP KR MX US: processor-contract, health-care, contract-in-interest, treaty, same-group, public-interest, legal-claim, legal-relation
        2026-11-24 UK-GDPR -> ES: contract-in-interest, adequacy, standard-clauses, legal-claim, binding-rules, vital-interest
        2026-11-24 UK-GDPR -> CA JP KR US: contract-in-interest, adequacy-of-recipient, standard-clauses, legal-claim, binding-rules, vital-interest
        2026-11-24 UK-GDPR -> GB: contract-in-interest, inside-the-law, standard-clauses, legal-claim, binding-rules, vital-interest
        2026-11-24 UK-GDPR -> BR FO MX: contract-in-interest, standard-clauses, legal-claim, binding-rules, vital-interest
        2026-11-24 US-CA-CCPA -> BR CA ES FO GB JP KR MX US: processor-contract
        2026-11-24 US-HIPAA -> BR CA ES FO GB JP KR MX US: health-care, business-associate
        2026-11-24 US-WA-MHMDA -> BR CA ES FO GB JP KR MX US: processor-contract
    "]].assert_eq(&table);
}

#[test]
fn a_decision_on_a_country_counts_from_its_first_day() {
    for (law, to, first, kind) in [
        ("EU-GDPR", "BR", "2026-02-09", MechanismKind::Adequacy),
        ("EU-GDPR", "US", "2023-07-10", MechanismKind::AdequacyOfRecipient),
        ("UK-GDPR", "US", "2023-10-12", MechanismKind::AdequacyOfRecipient),
        ("UK-GDPR", "KR", "2022-12-19", MechanismKind::AdequacyOfRecipient),
    ] {
        let family = LAW.select([law]).unwrap().pop_first().unwrap();
        let counts = |on: NaiveDate| accepted(&family, to, on).split(", ").any(|code| code == kind.code());
        assert!(counts(day(first)), "{law} {to}");
        assert!(!counts(day(first).pred_opt().unwrap()), "{law} {to}");
    }
}

/// A law that says nothing closes every transfer of the people it applies to, so each that gives them rights says
/// something.
#[test]
fn every_law_that_gives_rights_says_something_of_transfers() {
    for profile in LAW.profiles() {
        let gives_rights = profile.standing() == Standing::Law && !profile.deadlines().is_empty();
        assert!(!gives_rights || !profile.transfers().is_empty(), "{}", profile.id());
    }
}

#[test]
fn a_row_that_would_accept_too_much_is_refused() {
    let file = "[profile]\nid = \"X\"\nfamily = \"X\"\nstanding = \"law\"\ntitle = { es = \"X\", en = \"X\" }\n\
                [[transfer]]\nid = \"T\"\nmechanism = \"adequacy\"\nsource = \"s\"\nconfidence = \"A\"\n";
    let refused = |text: &str| LawBook::parse(&[("x.toml", text)]).unwrap_err().to_string();
    for kind in ["adequacy", "adequacy-of-recipient", "inside-the-law"] {
        let without = refused(&file.replace("adequacy", kind));
        assert!(
            without.contains(&format!("`{kind}` is said of countries: name them in `destinations`")),
            "{without}"
        );
    }
    let dates = "mechanism = \"treaty\"\nfrom = \"2026-01-01\"\nuntil = \"2026-01-01\"";
    assert!(
        refused(&file.replace("mechanism = \"adequacy\"", dates)).contains("`until` is not after `from`")
    );
    let word = refused(&file.replace("adequacy", "adequcy"));
    assert!(word.contains("did you mean `adequacy`?"), "{word}");
}
