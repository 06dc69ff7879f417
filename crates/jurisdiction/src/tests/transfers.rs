//! Transfers: a golden table of what each law accepts, and that every law has to be satisfied.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use expect_test::expect_file;
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

/// What each law accepts for a few countries: a changed line is a changed rule.
#[test]
fn what_each_law_accepts() {
    let mut table = String::new();
    for on in [day("2024-06-01"), day("2026-11-24")] {
        for profile in LAW.profiles().iter().filter(|profile| profile.is_in_force(on)) {
            let families = BTreeSet::from([profile.family().clone()]);
            for to in ["MX", "US", "BR", "ES", "GB"] {
                let accepted = |kind: &&MechanismKind| {
                    let evidence = TransferEvidence {
                        family: profile.family().clone(),
                        kind: **kind,
                        from: on,
                        until: on + Days::new(1),
                    };
                    ask(&families, country(to), &[evidence], on).is_met()
                };
                let kinds: Vec<&str> =
                    MechanismKind::ALL.iter().filter(accepted).map(|kind| kind.code()).collect();
                if !kinds.is_empty() {
                    writeln!(table, "{on} {} -> {to}: {}", profile.id(), kinds.join(", ")).unwrap();
                }
            }
        }
    }
    expect_file!["transfers.txt"].assert_eq(&table);
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
        assert!(without.contains(&format!("`{kind}` names its `destinations`")), "{without}");
    }
    let dates = "mechanism = \"treaty\"\nfrom = \"2026-01-01\"\nuntil = \"2026-01-01\"";
    assert!(
        refused(&file.replace("mechanism = \"adequacy\"", dates)).contains("`until` is not after `from`")
    );
    let word = refused(&file.replace("adequacy", "adequcy"));
    assert!(word.contains("did you mean `adequacy`?"), "{word}");
}
