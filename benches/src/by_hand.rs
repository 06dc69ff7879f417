//! The 25 rules of the small document as somebody writes them by hand in Rust: what an index has to be held
//! against. It answers as much as the engine does: outcome, rules, near misses, fields, obligations.

use consent_policy::{Decision, Facts, Obligation, Outcome, Request};
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Field, Ground, Purpose, RecipientClass, Role,
    Set, Vocabulary,
};

/// What the rules written by hand answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandAnswer {
    /// The outcome.
    pub outcome: Outcome,
    /// One bit for each rule that matched.
    pub rules: u32,
    /// One bit for each permit that nearly applied.
    pub near_misses: u32,
    /// Open fields.
    pub fields: [Set<Field>; Category::ALL.len()],
    /// What is owed.
    pub obligations: Set<Obligation>,
}

/// What one category came to so far.
struct OfCategory {
    forbids: u32,
    permits: u32,
    near: u32,
    opened: Set<Field>,
    obligations: Set<Obligation>,
}

impl OfCategory {
    const fn forbid(&mut self, rule: u32) {
        self.forbids |= 1 << rule;
    }

    fn permit(&mut self, rule: u32, applies: bool, fields: Set<Field>, owed: Set<Obligation>) {
        if applies {
            self.permits |= 1 << rule;
            self.opened |= fields;
            self.obligations |= owed;
        } else {
            self.near |= 1 << rule;
        }
    }

    const fn outcome(&self) -> Outcome {
        match (self.forbids, self.permits) {
            (0, 0) => Outcome::NotApplicable,
            (0, _) => Outcome::Permit,
            _ => Outcome::Deny,
        }
    }
}

/// The rules, with the fields of each category looked up once.
pub struct ByHand {
    fields: [Set<Field>; Category::ALL.len()],
}

impl Default for ByHand {
    fn default() -> Self {
        let mut fields = [Set::EMPTY; Category::ALL.len()];
        for (slot, category) in fields.iter_mut().zip(Category::ALL) {
            *slot = Field::of_category(*category);
        }
        Self { fields }
    }
}

impl ByHand {
    /// Decides one request on facts that count now.
    #[must_use]
    pub fn decide(&self, request: &Request, facts: &Facts) -> HandAnswer {
        let mut answer = HandAnswer {
            outcome: if request.categories.is_empty() { Outcome::NotApplicable } else { Outcome::Permit },
            rules: 0,
            near_misses: 0,
            fields: [Set::EMPTY; Category::ALL.len()],
            obligations: Set::EMPTY,
        };
        for category in request.categories.iter() {
            let at = usize::from(category.index());
            let all = self.fields.get(at).copied().unwrap_or_default();
            let mut part =
                OfCategory { forbids: 0, permits: 0, near: 0, opened: Set::EMPTY, obligations: Set::EMPTY };
            forbids(request, category, facts, &mut part);
            permits_inside(request, category, facts, all, &mut part);
            permits_others(request, category, facts, all, &mut part);
            answer.rules |= part.forbids | part.permits;
            answer.obligations |= part.obligations;
            if part.outcome() == Outcome::NotApplicable {
                answer.near_misses |= part.near;
            }
            if let Some(slot) = answer.fields.get_mut(at) {
                *slot = part.opened;
            }
            answer.outcome = match (answer.outcome, part.outcome()) {
                (Outcome::Deny, _) | (_, Outcome::Deny) => Outcome::Deny,
                (Outcome::Permit, Outcome::Permit) => Outcome::Permit,
                _ => Outcome::NotApplicable,
            };
        }
        if answer.outcome != Outcome::Permit {
            answer.fields = [Set::EMPTY; Category::ALL.len()];
            answer.obligations = Set::EMPTY;
        }
        answer
    }
}

impl HandAnswer {
    /// Whether the engine decided the same.
    #[must_use]
    pub fn agrees_with(&self, decision: &Decision) -> bool {
        let bits = |rules: &consent_policy::RuleSet| rules.iter().fold(0, |all, rule| all | (1_u32 << rule));
        self.outcome == decision.outcome
            && self.rules == bits(&decision.rules)
            && self.near_misses == bits(&decision.near_misses)
            && self.obligations == decision.obligations
            && Category::ALL.iter().zip(self.fields).all(|(c, fields)| decision.fields_of(*c) == fields)
    }
}

fn forbids(r: &Request, category: Category, facts: &Facts, answer: &mut OfCategory) {
    if ni_vender_ni_alquilar(r, category) {
        answer.forbid(0);
    }
    if sin_contraprestacion(r, category) && facts.present.contains(Fact::Consideration) {
        answer.forbid(1);
    }
    if plantilla_formada(r, category) && !facts.present.contains(Fact::Training) {
        answer.forbid(2);
    }
    if plantilla_comprobada(r, category) && !facts.present.contains(Fact::BackgroundCheck) {
        answer.forbid(3);
    }
    if plantilla_con_secreto(r, category) && !facts.present.contains(Fact::Undertaking) {
        answer.forbid(4);
    }
    if limitado_por_la_persona(r, category) && facts.present.contains(Fact::Restricted) {
        answer.forbid(5);
    }
    if limitado_por_ley(r, category) && facts.present.contains(Fact::RestrictedMustAgree) {
        answer.forbid(6);
    }
    if bloqueado(r, category) && facts.present.contains(Fact::Blocked) {
        answer.forbid(7);
    }
    if alojamiento_sin_salud(r, category) {
        answer.forbid(8);
    }
    if alojamiento_sin_indicios_de_salud(r, category) && facts.present.contains(Fact::RevealsHealth) {
        answer.forbid(9);
    }
    if genetica_solo_con_orden(r, category)
        && facts.present.contains(Fact::Genetic)
        && !facts.present.contains(Fact::CourtOrder)
    {
        answer.forbid(10);
    }
    if fuera_con_garantias(r, category) && !facts.present.contains(Fact::TransferMechanism) {
        answer.forbid(11);
    }
    if identidad_antes_de_entregar(r, category) && !facts.present.contains(Fact::IdentityProof) {
        answer.forbid(12);
    }
}

/// What the clinic's own people may do.
fn permits_inside(r: &Request, category: Category, facts: &Facts, all: Set<Field>, answer: &mut OfCategory) {
    if leer_para_tratar(r, category) {
        answer.permit(
            13,
            facts.present.contains(Fact::CareRelation) && facts.consent >= ConsentForm::Express,
            all,
            Set::EMPTY,
        );
    }
    if saber_quien_eres(r, category) {
        answer.permit(14, facts.present.contains(Fact::CareRelation), all, Set::EMPTY);
    }
    if anotar_lo_hecho(r, category) {
        answer.permit(
            15,
            facts.present.contains(Fact::CareRelation),
            all,
            Set::of(&[Obligation::AddendumOnly]),
        );
    }
    if urgencia_vital(r, category) {
        answer.permit(
            16,
            facts.present.contains(Fact::BreakGlass),
            all & Set::of(&[
                Field::Code,
                Field::Display,
                Field::Status,
                Field::EffectiveAt,
                Field::Dose,
                Field::Route,
                Field::Frequency,
                Field::BloodGroup,
            ]),
            Set::of(&[
                Obligation::TellThePerson,
                Obligation::NotifyOfficer,
                Obligation::ReviewBreakGlass,
                Obligation::WriteNote,
            ]),
        );
    }
    if alta_de_persona(r, category) {
        answer.permit(
            17,
            true,
            all & Set::of(&[
                Field::GivenNames,
                Field::Surnames,
                Field::Email,
                Field::Phone,
                Field::Address,
                Field::ResidenceCountry,
                Field::Language,
                Field::RecordNumber,
                Field::BirthDate,
            ]),
            Set::EMPTY,
        );
    }
    if facturar(r, category) {
        answer.permit(18, true, all, Set::EMPTY);
    }
}

/// What may go to others, and what the person may.
fn permits_others(r: &Request, category: Category, facts: &Facts, all: Set<Field>, answer: &mut OfCategory) {
    if pension(r, category) {
        answer.permit(
            19,
            facts.present.contains(Fact::ProviderContract),
            all & Set::of(&[Field::GivenNames, Field::Surnames, Field::Arrival, Field::Departure]),
            Set::of(&[Obligation::NoOnwardUse]),
        );
    }
    if otro_profesional(r, category) {
        answer.permit(
            20,
            facts.present.contains(Fact::CareRelation) && facts.consent >= ConsentForm::Express,
            all,
            Set::of(&[Obligation::SendNoticeWithData, Obligation::NoOnwardUse]),
        );
    }
    if compartir_para_otra_cosa(r, category) {
        answer.permit(
            21,
            facts.consent >= ConsentForm::Express,
            all & Set::of(&[Field::GivenNames, Field::Surnames, Field::Email]),
            Set::of(&[Obligation::NoOnwardUse]),
        );
    }
    if tu_historia(r, category) {
        answer.permit(22, facts.present.contains(Fact::IdentityProof), all, Set::EMPTY);
    }
    if tu_voluntad(r, category) {
        answer.permit(23, true, Set::EMPTY, Set::EMPTY);
    }
    if tu_consentimiento(r, category) {
        answer.permit(24, true, Set::EMPTY, Set::EMPTY);
    }
}

fn ni_vender_ni_alquilar(r: &Request, _: Category) -> bool {
    matches!(r.purpose, Purpose::Sale | Purpose::Rental | Purpose::Trade)
}

fn sin_contraprestacion(r: &Request, _: Category) -> bool {
    matches!(r.action, Action::Disclose)
}

fn plantilla_formada(r: &Request, _: Category) -> bool {
    !matches!(r.role, Role::Person | Role::Representative | Role::Visitor | Role::System)
}

fn plantilla_comprobada(r: &Request, _: Category) -> bool {
    !matches!(r.role, Role::Person | Role::Representative | Role::Visitor | Role::System)
}

fn plantilla_con_secreto(r: &Request, _: Category) -> bool {
    !matches!(r.role, Role::Person | Role::Representative | Role::Visitor | Role::System)
}

fn limitado_por_la_persona(r: &Request, _: Category) -> bool {
    !matches!(
        r.ground,
        Ground::OwnRequest | Ground::LegalDemand | Ground::EmergencyToSelf | Ground::CustodyWithoutContent
    )
}

fn limitado_por_ley(r: &Request, _: Category) -> bool {
    !matches!(
        r.ground,
        Ground::OwnRequest | Ground::LegalDemand | Ground::EmergencyToSelf | Ground::CustodyWithoutContent
    )
}

fn bloqueado(r: &Request, _: Category) -> bool {
    !matches!(
        r.ground,
        Ground::OwnRequest | Ground::LegalDemand | Ground::LegalDuty | Ground::CustodyWithoutContent
    )
}

fn alojamiento_sin_salud(r: &Request, category: Category) -> bool {
    matches!(
        category,
        Category::MedicalHistory
            | Category::Medications
            | Category::TreatmentNotes
            | Category::Laboratory
            | Category::Outcomes
            | Category::ClinicalImages
            | Category::CellTraceability
            | Category::Unclassified
    ) && matches!(r.recipient, RecipientClass::Hotel | RecipientClass::Transport)
}

fn alojamiento_sin_indicios_de_salud(r: &Request, _: Category) -> bool {
    matches!(r.recipient, RecipientClass::Hotel | RecipientClass::Transport)
}

fn genetica_solo_con_orden(r: &Request, _: Category) -> bool {
    matches!(r.recipient, RecipientClass::Authority | RecipientClass::HealthAuthority)
}

fn fuera_con_garantias(r: &Request, _: Category) -> bool {
    !matches!(
        r.recipient,
        RecipientClass::Internal | RecipientClass::ThePerson | RecipientClass::Representative
    ) && matches!(r.country, CountryClass::Abroad)
}

fn identidad_antes_de_entregar(r: &Request, _: Category) -> bool {
    matches!(r.action, Action::Read | Action::Disclose | Action::Send | Action::Link)
        && matches!(r.ground, Ground::OwnRequest)
}

fn leer_para_tratar(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Read)
        && matches!(r.role, Role::Physician | Role::Nurse)
        && matches!(r.purpose, Purpose::Treatment | Purpose::Consultation | Purpose::Monitoring)
        && matches!(
            category,
            Category::MedicalHistory
                | Category::Medications
                | Category::TreatmentNotes
                | Category::Laboratory
                | Category::Outcomes
        )
        && matches!(r.recipient, RecipientClass::Internal)
        && matches!(r.country, CountryClass::Domestic)
        && matches!(r.ground, Ground::Consent)
}

fn saber_quien_eres(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Read)
        && matches!(r.role, Role::Physician | Role::Nurse)
        && matches!(r.purpose, Purpose::Treatment | Purpose::Consultation | Purpose::Monitoring)
        && matches!(category, Category::IdentityContact | Category::BirthDate)
        && matches!(r.recipient, RecipientClass::Internal)
        && matches!(r.country, CountryClass::Domestic)
        && matches!(r.ground, Ground::Contract)
}

fn anotar_lo_hecho(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Write | Action::Collect)
        && matches!(r.role, Role::Physician | Role::Nurse)
        && matches!(r.purpose, Purpose::Treatment | Purpose::Consultation | Purpose::Monitoring)
        && matches!(
            category,
            Category::MedicalHistory
                | Category::Medications
                | Category::TreatmentNotes
                | Category::Laboratory
                | Category::Outcomes
        )
        && matches!(r.recipient, RecipientClass::Internal)
        && matches!(r.country, CountryClass::Domestic)
        && matches!(r.ground, Ground::Contract)
}

fn urgencia_vital(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Read)
        && matches!(r.role, Role::Physician | Role::Nurse)
        && matches!(r.purpose, Purpose::Emergency)
        && matches!(category, Category::MedicalHistory | Category::Medications | Category::Laboratory)
        && matches!(r.recipient, RecipientClass::Internal)
        && matches!(r.country, CountryClass::Domestic)
        && matches!(r.ground, Ground::EmergencyToSelf)
        && matches!(r.detail, Detail::Existence | Detail::Minimum)
}

fn alta_de_persona(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Collect | Action::Write | Action::Read)
        && matches!(r.role, Role::Reception)
        && matches!(r.purpose, Purpose::Scheduling | Purpose::Inquiry)
        && matches!(category, Category::IdentityContact | Category::BirthDate)
        && matches!(r.recipient, RecipientClass::Internal)
        && matches!(r.country, CountryClass::Domestic)
        && matches!(r.ground, Ground::Contract)
}

fn facturar(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Read | Action::Write | Action::Collect)
        && matches!(r.role, Role::Billing)
        && matches!(r.purpose, Purpose::Billing)
        && matches!(category, Category::Payment)
        && matches!(r.recipient, RecipientClass::Internal)
        && matches!(r.country, CountryClass::Domestic)
        && matches!(r.ground, Ground::Contract)
}

fn pension(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Disclose)
        && matches!(r.role, Role::Reception | Role::PatientCoordinator)
        && matches!(r.purpose, Purpose::Travel)
        && matches!(category, Category::IdentityContact | Category::Travel)
        && matches!(r.recipient, RecipientClass::Hotel)
        && matches!(r.country, CountryClass::Domestic)
        && matches!(r.ground, Ground::Processor)
}

fn otro_profesional(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Disclose)
        && matches!(r.role, Role::Physician | Role::Nurse)
        && matches!(r.purpose, Purpose::CareCoordination)
        && matches!(
            category,
            Category::MedicalHistory
                | Category::Medications
                | Category::TreatmentNotes
                | Category::Laboratory
                | Category::Outcomes
                | Category::IdentityContact
        )
        && matches!(r.recipient, RecipientClass::TreatingProvider)
        && matches!(r.ground, Ground::Consent)
}

fn compartir_para_otra_cosa(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Disclose)
        && matches!(r.role, Role::PrivacyOfficer)
        && matches!(r.purpose, Purpose::Sharing)
        && matches!(category, Category::IdentityContact)
        && matches!(r.recipient, RecipientClass::Other | RecipientClass::ResearchInstitution)
        && matches!(r.country, CountryClass::Domestic)
        && matches!(r.ground, Ground::Consent)
}

fn tu_historia(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Read | Action::Disclose)
        && matches!(r.role, Role::Person | Role::Representative | Role::PrivacyOfficer | Role::System)
        && matches!(r.purpose, Purpose::Rights)
        && matches!(
            category,
            Category::IdentityContact
                | Category::BirthDate
                | Category::Payment
                | Category::Travel
                | Category::MedicalHistory
                | Category::Medications
                | Category::TreatmentNotes
                | Category::Laboratory
                | Category::Outcomes
        )
        && matches!(
            r.recipient,
            RecipientClass::Internal | RecipientClass::ThePerson | RecipientClass::Representative
        )
        && matches!(r.ground, Ground::OwnRequest)
}

fn tu_voluntad(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Write)
        && matches!(
            r.role,
            Role::Person
                | Role::Reception
                | Role::Physician
                | Role::Nurse
                | Role::PrivacyOfficer
                | Role::System
        )
        && matches!(r.purpose, Purpose::Rights)
        && matches!(category, Category::IdentityContact)
        && matches!(r.recipient, RecipientClass::Internal)
        && matches!(r.ground, Ground::OwnRequest)
}

fn tu_consentimiento(r: &Request, category: Category) -> bool {
    matches!(r.action, Action::Collect)
        && matches!(r.role, Role::Person | Role::Reception | Role::System)
        && matches!(r.purpose, Purpose::Rights)
        && matches!(category, Category::IdentityContact)
        && matches!(r.recipient, RecipientClass::Internal)
        && matches!(r.ground, Ground::OwnRequest)
}
