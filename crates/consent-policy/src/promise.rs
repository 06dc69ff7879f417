//! The absolute promises: compiled in, so no document can edit them away.

use records_model::{
    Action, Category, ClauseId, ConsentForm, CountryClass, Detail, Fact, Field, Ground, Purpose,
    RecipientClass, Role, Sensitivity, Set, Vocabulary,
};

use crate::Scope;
use crate::cuboid::Cuboid;
use crate::polarity::Step;

records_model::vocabulary! {
    /// A promise that no document, consent, role or emergency can lift.
    Promise, "promise" {
        /// Data are never sold, rented or traded (4, P-37).
        NeverSold = "never-sold",
        /// Nothing leaves for something of value, and nobody outside does anything with it for that (4, P-37).
        NothingInReturn = "nothing-in-return",
        /// A hotel or a driver never sees a medical category (4.1, P-40).
        NoMedicalCategoryForLodgingOrTransport = "no-medical-category-for-lodging-or-transport",
        /// Nor a value that reveals health (2.1, P-14).
        NoHealthValueForLodgingOrTransport = "no-health-value-for-lodging-or-transport",
        /// Nor the field made for such values (2.1, P-14).
        NoHealthPreferenceForLodgingOrTransport = "no-health-preference-for-lodging-or-transport",
        /// An emergency opens no promotion, measurement, research or trade (4.1, P-44).
        EmergencyOpensNoSecondaryUse = "emergency-opens-no-secondary-use",
        /// Breaking the glass changes nothing for these purposes (4.1, P-44).
        BreakGlassOpensNoSecondaryUse = "break-glass-opens-no-secondary-use",
        /// Staff without valid training see nothing (5.3, P-58).
        StaffTrained = "staff-trained",
        /// Staff without a clear background check see nothing (5.3, P-60).
        StaffChecked = "staff-checked",
        /// Staff who signed no undertaking see nothing (1, P-8).
        StaffBoundBySecrecy = "staff-bound-by-secrecy",
        /// Nothing crosses a border without a mechanism, whatever was consented to (8, P-79).
        NoUnsafeTransfer = "no-unsafe-transfer",
        /// No sensitive category on tacit consent (1, P-6).
        NoTacitSensitive = "no-tacit-sensitive",
        /// No value that reveals health on tacit consent, whatever the ground (2.1, P-14).
        NoTacitHealthValue = "no-tacit-health-value",
        /// What nobody has put in a category is read by nobody (2.1, P-9).
        UnclassifiedStaysSealed = "unclassified-stays-sealed",
        /// Genetic results reach an authority only on a court order (2.2, P-19).
        GeneticNeedsCourtOrder = "genetic-needs-court-order",
        /// Nothing is shown for compliance with a law of which no norm is named (3.3, P-36).
        DutyCitesNorm = "duty-cites-norm",
        /// Nothing is shown for a demand of the law whose papers are not on file (4.1, P-42).
        DemandOnFile = "demand-on-file",
        /// Nothing is shown to protect health and safety that two people have not approved (4.1, P-43).
        SafetyApprovedTwice = "safety-approved-twice",
        /// Nothing is shown for somebody else's safety without the risk being named (4.1, P-45).
        HarmNamesRisk = "harm-names-risk",
        /// The browser's signal keeps measuring off, whatever was clicked (9, P-83).
        SignalKeepsMeasuringOff = "signal-keeps-measuring-off",
    }
}

/// What a promise says about the space of decisions.
pub(crate) enum Law {
    /// Nothing is permitted inside, what is spared apart.
    Never { region: Cuboid, spared: Vec<Cuboid> },
    /// None of these fields is open inside.
    NeverOpen(Cuboid, Set<Field>),
    /// The step opens nothing inside.
    Opens(Step, Cuboid),
}

impl Promise {
    /// The clause that it keeps.
    #[must_use]
    pub const fn clause(self) -> ClauseId {
        match self {
            Self::NeverSold | Self::NothingInReturn => ClauseId::of::<37>(),
            Self::NoMedicalCategoryForLodgingOrTransport => ClauseId::of::<40>(),
            Self::NoHealthValueForLodgingOrTransport
            | Self::NoHealthPreferenceForLodgingOrTransport
            | Self::NoTacitHealthValue => ClauseId::of::<14>(),
            Self::EmergencyOpensNoSecondaryUse | Self::BreakGlassOpensNoSecondaryUse => ClauseId::of::<44>(),
            Self::StaffTrained => ClauseId::of::<58>(),
            Self::StaffChecked => ClauseId::of::<60>(),
            Self::StaffBoundBySecrecy => ClauseId::of::<8>(),
            Self::NoUnsafeTransfer => ClauseId::of::<79>(),
            Self::NoTacitSensitive => ClauseId::of::<6>(),
            Self::UnclassifiedStaysSealed => ClauseId::of::<9>(),
            Self::GeneticNeedsCourtOrder => ClauseId::of::<19>(),
            Self::DutyCitesNorm => ClauseId::of::<36>(),
            Self::DemandOnFile => ClauseId::of::<42>(),
            Self::SafetyApprovedTwice => ClauseId::of::<43>(),
            Self::HarmNamesRisk => ClauseId::of::<45>(),
            Self::SignalKeepsMeasuringOff => ClauseId::of::<83>(),
        }
    }

    /// What it says, region by region.
    pub(crate) fn laws(self) -> Vec<Law> {
        // On other grounds a tacit consent may not be what opens such a value either.
        let also = (self == Self::NoTacitHealthValue).then(tacit_opens_health_value).flatten();
        self.law().into_iter().chain(also).collect()
    }

    fn law(self) -> Option<Law> {
        let any = Scope::any();
        let lodging = Scope { recipients: lodging_and_transport(), ..any };
        let secondary = Scope { purposes: secondary_purposes(), ..any };
        let emergency = Set::of(&[Ground::EmergencyToSelf, Ground::HarmToOthers, Ground::IncapacityCare]);
        match self {
            Self::NeverSold => never(Scope { purposes: words(|p: Purpose| p.is_never_permitted()), ..any }),
            Self::NothingInReturn => nothing_in_return(),
            Self::NoMedicalCategoryForLodgingOrTransport => {
                never(Scope { categories: words(Category::is_medical), ..lodging })
            }
            Self::NoHealthValueForLodgingOrTransport => {
                never_with(lodging, Set::one(Fact::RevealsHealth), Set::EMPTY)
            }
            Self::NoHealthPreferenceForLodgingOrTransport => {
                Cuboid::of(&lodging).map(|region| Law::NeverOpen(region, Set::one(Field::HealthPreferences)))
            }
            Self::EmergencyOpensNoSecondaryUse => never(Scope { grounds: emergency, ..secondary }),
            Self::BreakGlassOpensNoSecondaryUse => {
                Cuboid::of(&secondary).map(|region| Law::Opens(Step::Gained(Fact::BreakGlass), region))
            }
            Self::StaffTrained => staff_without(Fact::Training),
            Self::StaffChecked => staff_without(Fact::BackgroundCheck),
            Self::StaffBoundBySecrecy => staff_without(Fact::Undertaking),
            Self::NoUnsafeTransfer => unsafe_transfer(),
            Self::NoTacitSensitive => {
                let sensitive = words(|c: Category| c.sensitivity() == Sensitivity::Sensitive);
                never_below_express(Scope { categories: sensitive, ..on_consent() }, Set::EMPTY)
            }
            Self::NoTacitHealthValue => never_below_express(on_consent(), Set::one(Fact::RevealsHealth)),
            Self::UnclassifiedStaysSealed => never(Scope {
                actions: showing(),
                categories: Set::one(Category::Unclassified),
                details: Set::full().without(Detail::Existence),
                ..any
            }),
            Self::GeneticNeedsCourtOrder => never_with(
                Scope {
                    recipients: Set::of(&[RecipientClass::Authority, RecipientClass::HealthAuthority]),
                    ..any
                },
                Set::one(Fact::Genetic),
                Set::one(Fact::CourtOrder),
            ),
            Self::DutyCitesNorm => {
                let compliance = Set::of(&[Purpose::LegalCompliance, Purpose::HealthAuthorityReport]);
                unproven(Scope { purposes: compliance, ..any }, Ground::LegalDuty, Fact::CitedNorm)
            }
            Self::DemandOnFile => unproven(any, Ground::LegalDemand, Fact::LegalDemand),
            Self::SafetyApprovedTwice => unproven(any, Ground::HealthAndSafety, Fact::TwoApprovers),
            Self::HarmNamesRisk => unproven(any, Ground::HarmToOthers, Fact::NamedRisk),
            Self::SignalKeepsMeasuringOff => never_with(
                Scope { purposes: Set::one(Purpose::Analytics), ..any },
                Set::one(Fact::GlobalPrivacyControl),
                Set::EMPTY,
            ),
        }
    }
}

/// The words for which something is true.
pub(crate) fn words<V: Vocabulary>(holds: impl Fn(V) -> bool) -> Set<V> {
    V::ALL.iter().copied().filter(|word| holds(*word)).collect()
}

fn lodging_and_transport() -> Set<RecipientClass> {
    Set::of(&[RecipientClass::Hotel, RecipientClass::Transport])
}

fn secondary_purposes() -> Set<Purpose> {
    Set::of(&[
        Purpose::Marketing,
        Purpose::Analytics,
        Purpose::SitePreference,
        Purpose::Research,
        Purpose::Sharing,
        Purpose::Sale,
        Purpose::Rental,
        Purpose::Trade,
    ])
}

/// What makes somebody see something. Writing the evidence of a ground comes before the ground can be used.
fn showing() -> Set<Action> {
    Set::of(&[Action::Read, Action::Disclose, Action::Send, Action::Link])
}

/// Nothing of the scope is shown on this ground while this evidence of it is missing.
fn unproven(scope: Scope, ground: Ground, evidence: Fact) -> Option<Law> {
    let scope = Scope { actions: showing(), grounds: Set::one(ground), ..scope };
    never_with(scope, Set::EMPTY, Set::one(evidence))
}

fn on_consent() -> Scope {
    Scope { grounds: Set::one(Ground::Consent), ..Scope::any() }
}

fn never(scope: Scope) -> Option<Law> {
    never_with(scope, Set::EMPTY, Set::EMPTY)
}

fn never_with(scope: Scope, present: Set<Fact>, absent: Set<Fact>) -> Option<Law> {
    Cuboid::of(&scope)?.with_facts(present, absent).map(nowhere)
}

const fn nowhere(region: Cuboid) -> Law {
    Law::Never { region, spared: Vec::new() }
}

fn never_below_express(scope: Scope, present: Set<Fact>) -> Option<Law> {
    Cuboid::of(&scope)?.with_facts(present, Set::EMPTY)?.below(ConsentForm::Express).map(nowhere)
}

fn staff_without(fact: Fact) -> Option<Law> {
    never_with(Scope { roles: words(Role::is_staff), ..Scope::any() }, Set::EMPTY, Set::one(fact))
}

/// Out of the country, to somebody who is neither the clinic nor the person, without a mechanism. A consent that a
/// law accepts for a transfer is evidence of a mechanism; it is not a way around one.
fn unsafe_transfer() -> Option<Law> {
    let scope = Scope { recipients: outside(), countries: Set::one(CountryClass::Abroad), ..Scope::any() };
    Cuboid::of(&scope)?.with_facts(Set::EMPTY, Set::one(Fact::TransferMechanism)).map(nowhere)
}

/// Whatever somebody outside has to do with the data, and whatever goes to anybody.
fn nothing_in_return() -> Option<Law> {
    let region = Cuboid::of(&Scope::any())?.with_facts(Set::one(Fact::Consideration), Set::EMPTY)?;
    let kept_inside = Scope {
        actions: Set::of(&[Action::Disclose, Action::Send, Action::Link]).complement(),
        recipients: outside().complement(),
        ..Scope::any()
    };
    Some(Law::Never { region, spared: Cuboid::of(&kept_inside).into_iter().collect() })
}

fn tacit_opens_health_value() -> Option<Law> {
    let region = Cuboid::of(&Scope::any())?.with_facts(Set::one(Fact::RevealsHealth), Set::EMPTY)?;
    Some(Law::Opens(Step::Consented(ConsentForm::Tacit), region))
}

/// Everybody but the clinic, the person and who acts for the person.
fn outside() -> Set<RecipientClass> {
    Set::of(&[RecipientClass::Internal, RecipientClass::ThePerson, RecipientClass::Representative])
        .complement()
}
