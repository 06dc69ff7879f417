//! On what data may leave the country: every law that applies to the person asks for a mechanism of its own
//! (LAW.md 2.4, M-8).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use records_model::CountryCode;

use crate::{Citation, Profile, ProfileFamily, RowId, RowRef};

records_model::vocabulary! {
    /// On what a transfer abroad rests (LAW.md 2.4).
    MechanismKind, "transfer mechanism" {
        /// A contract with a processor, which makes it no transfer at all (T-02).
        ProcessorContract = "processor-contract",
        /// Prevention, diagnosis, care or management of health services (T-01 II).
        HealthCare = "health-care",
        /// A contract in the person's interest (T-01 IV, T-06).
        ContractInInterest = "contract-in-interest",
        /// The destination is recognised as adequate, whoever receives there (T-05).
        Adequacy = "adequacy",
        /// The destination is recognised as adequate for some recipients, and this one is shown to be one (T-05).
        AdequacyOfRecipient = "adequacy-of-recipient",
        /// The destination is under this law itself, so that nothing leaves it (T-05).
        InsideTheLaw = "inside-the-law",
        /// Standard contractual clauses with an assessment (T-06, T-08).
        StandardClauses = "standard-clauses",
        /// An impact assessment and a written agreement (T-07).
        ImpactAssessment = "impact-assessment",
        /// A contract with a business associate (T-09).
        BusinessAssociate = "business-associate",
        /// A law or a treaty provides for it (T-01 I).
        Treaty = "treaty",
        /// Within one group under the same rules (T-01 III).
        SameGroup = "same-group",
        /// Public interest or justice (T-01 V).
        PublicInterest = "public-interest",
        /// A legal claim (T-01 VI, T-06).
        LegalClaim = "legal-claim",
        /// The legal relation with the person (T-01 VII).
        LegalRelation = "legal-relation",
        /// Binding corporate rules (T-06).
        BindingRules = "binding-rules",
        /// The person's life depends on it (T-06, T-08).
        VitalInterest = "vital-interest",
    }
}

/// One row: a mechanism that a law accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRow {
    /// Its id.
    pub id: RowId,
    /// The mechanism.
    pub mechanism: MechanismKind,
    /// The countries for which it is accepted; nothing named means every country.
    pub destinations: BTreeSet<CountryCode>,
    /// First day.
    pub from: Option<NaiveDate>,
    /// First day on which it is accepted no more.
    pub until: Option<NaiveDate>,
    /// Where that is written.
    pub citation: Citation,
}

impl MechanismKind {
    /// Whether it is said of countries: without a list of them it would be said of all.
    pub(crate) const fn is_of_countries(self) -> bool {
        matches!(self, Self::Adequacy | Self::AdequacyOfRecipient | Self::InsideTheLaw)
    }
}

impl TransferRow {
    /// Whether the law accepts the mechanism for this country on this day.
    #[must_use]
    pub fn accepts(&self, mechanism: MechanismKind, destination: CountryCode, on: NaiveDate) -> bool {
        self.mechanism == mechanism
            && (self.destinations.is_empty() || self.destinations.contains(&destination))
            && self.from.is_none_or(|from| from <= on)
            && self.until.is_none_or(|until| on < until)
    }
}

/// A mechanism that is in place for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferEvidence {
    /// The law that it is to satisfy.
    pub family: ProfileFamily,
    /// What it is.
    pub kind: MechanismKind,
    /// First day.
    pub from: NaiveDate,
    /// First day on which it no longer holds.
    pub until: NaiveDate,
}

/// A transfer that somebody wants to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRequest<'a> {
    /// The laws that apply to the person.
    pub families: &'a BTreeSet<ProfileFamily>,
    /// Where the recipient is.
    pub destination: CountryCode,
    /// What is in place for this recipient.
    pub evidence: &'a [TransferEvidence],
    /// The day.
    pub on: NaiveDate,
}

/// How one law stands to a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferStanding {
    /// A mechanism that it accepts is in place.
    Met {
        /// By which row; the one that holds longest.
        row: RowRef,
        /// First day on which it no longer is, if one is set.
        until: NaiveDate,
    },
    /// None of the mechanisms that it accepts for this country is in place.
    Lacking {
        /// Those that would do.
        accepted: Vec<MechanismKind>,
    },
    /// No version of the law is in force on this day, or it says nothing of transfers: what is unknown opens nothing.
    Unknown,
}

/// How every law that applies stands to a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferFinding(Vec<(ProfileFamily, TransferStanding)>);

impl TransferFinding {
    pub(crate) fn of<'a>(
        request: &TransferRequest<'_>,
        in_force: impl Fn(&ProfileFamily) -> Option<&'a Profile>,
    ) -> Self {
        let one = |family: &ProfileFamily| (family.clone(), standing(request, family, in_force(family)));
        Self(request.families.iter().map(one).collect())
    }

    /// Each law with its standing, by name.
    #[must_use]
    pub fn laws(&self) -> &[(ProfileFamily, TransferStanding)] {
        &self.0
    }

    /// Whether every law that applies is satisfied. Where no law is known to apply, nothing is.
    #[must_use]
    pub fn is_met(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(_, one)| matches!(one, TransferStanding::Met { .. }))
    }

    /// The first day on which a law is no longer satisfied, if all are now.
    #[must_use]
    pub fn met_until(&self) -> Option<NaiveDate> {
        let ends = self.0.iter().filter_map(|(_, one)| match one {
            TransferStanding::Met { until, .. } => Some(*until),
            TransferStanding::Lacking { .. } | TransferStanding::Unknown => None,
        });
        if self.is_met() { ends.min() } else { None }
    }
}

fn standing(
    request: &TransferRequest<'_>,
    family: &ProfileFamily,
    profile: Option<&Profile>,
) -> TransferStanding {
    let Some(profile) = profile.filter(|profile| !profile.transfers().is_empty()) else {
        return TransferStanding::Unknown;
    };
    let (destination, on) = (request.destination, request.on);
    let in_place = |one: &&TransferEvidence| one.family == *family && one.from <= on && on < one.until;
    let met = request.evidence.iter().filter(in_place).flat_map(|one| {
        let accepting = profile.transfers().iter().filter(move |row| row.accepts(one.kind, destination, on));
        // A version that ends is followed by the next, which may accept less.
        let bounds = [Some(one.until), profile.over_from()];
        accepting.map(move |row| {
            let ends = bounds.into_iter().chain([row.until]).flatten();
            (ends.min().unwrap_or(one.until), row)
        })
    });
    // Of several the one that holds longest.
    met.max_by_key(|(until, _)| *until).map_or_else(
        || TransferStanding::Lacking { accepted: accepted(profile, destination, on) },
        |(until, row)| TransferStanding::Met { row: profile.reference(&row.id), until },
    )
}

/// The mechanisms that the law accepts for this country on this day.
fn accepted(profile: &Profile, destination: CountryCode, on: NaiveDate) -> Vec<MechanismKind> {
    let rows = profile.transfers().iter().filter(|row| row.accepts(row.mechanism, destination, on));
    let mut kinds: Vec<MechanismKind> = rows.map(|row| row.mechanism).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
