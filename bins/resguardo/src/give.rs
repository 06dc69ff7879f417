//! `consents give`: one thing agreed to, in explicit words.

use std::io::Write;

use clap::Args;
use consent_policy::{ConsentAtom, ConsentPurpose, ConsentRecipient, Signer};
use jurisdiction::ClinicZone;
use privacy_operations::{ConsentEvidence, GiveConsent};
use records_model::{
    Action, ActorId, Category, ConsentForm, ConsentId, CountryClass, ProviderId, Purpose, RecipientClass,
    Set, SubjectId, UndescribedPurposeId,
};

use crate::acting::{Form, Unnamed, Work};
use crate::values::When;
use crate::{CliError, Verdict, render};

/// What a person agreed to.
#[derive(Debug, Args)]
pub(crate) struct Give {
    /// Whose consent.
    subject: SubjectId,
    /// What for, such as treatment.
    #[arg(long, required_unless_present = "undescribed")]
    purpose: Option<Purpose>,
    /// A purpose that the notice does not describe, by its id.
    #[arg(long, conflicts_with = "purpose", value_name = "ID")]
    undescribed: Option<UndescribedPurposeId>,
    /// A category; may be given several times.
    #[arg(long, required = true)]
    category: Vec<Category>,
    /// tacit, express or express-written.
    #[arg(long)]
    form: ConsentForm,
    /// Whom for: a class, such as internal or treating-provider.
    #[arg(long)]
    recipient_class: RecipientClass,
    /// One provider of that class only, by its id.
    #[arg(long, value_name = "ID")]
    recipient: Option<ProviderId>,
    /// An action; may be given several times. Without: collect, read and write inside the clinic, disclose to
    /// everybody else.
    #[arg(long)]
    action: Vec<Action>,
    /// Where: domestic or abroad; may be given several times.
    #[arg(long, default_value = "domestic")]
    country: Vec<CountryClass>,
    /// Last day, or the instant at which it ends.
    #[arg(long)]
    until: Option<When>,
    /// How it was taken: signed-paper, signed-screen, click, spoken or conduct.
    #[arg(long, default_value = "signed-paper", value_parser = crate::values::evidence)]
    evidence: ConsentEvidence,
    /// Somebody signed who acts for the person, with proof.
    #[arg(long)]
    by_representative: bool,
    /// A consent that this one takes the place of; may be given several times.
    #[arg(long, value_name = "CONSENT")]
    supersedes: Vec<ConsentId>,
}

impl Give {
    fn operation(self, actor: ActorId, zone: ClinicZone) -> Result<GiveConsent, CliError> {
        let purpose = match (self.purpose, self.undescribed) {
            (_, Some(id)) => ConsentPurpose::Undescribed(id),
            (Some(purpose), None) => ConsentPurpose::Described(purpose),
            (None, None) => return Err(CliError::usage("say what the consent is for: --purpose")),
        };
        let class = self.recipient_class;
        let actions = match (self.action.as_slice(), class) {
            ([], RecipientClass::Internal) => Set::of(&[Action::Collect, Action::Read, Action::Write]),
            ([], _) => Set::one(Action::Disclose),
            (named, _) => Set::of(named),
        };
        let atom = ConsentAtom {
            actions,
            purpose,
            categories: Set::of(&self.category),
            recipient: match self.recipient {
                Some(id) => ConsentRecipient::Provider { id, class },
                None => ConsentRecipient::Class(class),
            },
            countries: Set::of(&self.country),
        };
        Ok(GiveConsent {
            actor,
            subject: self.subject,
            atoms: vec![atom],
            minus: Vec::new(),
            form: self.form,
            evidence: self.evidence,
            signer: if self.by_representative { Signer::Representative } else { Signer::Person },
            expires_at: self.until.map(|until| until.end(zone)),
            supersedes: self.supersedes,
        })
    }
}

pub(crate) async fn answer(work: &Work<'_>, give: Give, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let operation = give.operation(actor, work.house().await?.zone)?;
    let given = work.runtime().perform(&operation, work.clock()).await?;
    let receipt = given.receipt.as_ref();
    let mut done = String::new();
    if let (Form::Text, Some(receipt)) = (work.form, receipt) {
        let until = receipt.expires_at.map_or_else(|| "withdrawn".to_owned(), |end| end.to_string());
        done = format!(
            "consent {} recorded: {}, under notice {}, until {until}\nthe receipt carries the newest signed head of the log; give the person their copy (--json prints it)",
            receipt.consent, receipt.form, receipt.notice,
        );
    }
    render::change(work, &given.answer, (&done, receipt), out)
}
