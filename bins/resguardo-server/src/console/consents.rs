//! Consents: what stands, giving one with its receipt, and the way to withdraw one.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use consent_policy::{Consent, ConsentAtom, ConsentPurpose, ConsentRecipient, EndCause, Signer};
use maud::{Markup, html};
use privacy_operations::{ConsentEvidence, GiveConsent, Receipt};
use records_model::{
    Action, ConsentForm, CountryClass, Purpose, RecipientClass, Set, SubjectId, Vocabulary as _,
};
use uuid::Uuid;

use super::layout::token;
use super::people::name_of;
use super::person::file_of;
use super::usual;
use super::words::View;
use crate::app::App;
use crate::fields::{Fields, Posted};
use crate::guard::Staff;
use crate::problem::Problem;

/// Every consent of a person, and the form for a new one.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
    Path(id): Path<Uuid>,
) -> Result<Markup, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(app, staff).await?);
    let name = name_of(&view, subject).await?;
    let file = file_of(&view, subject).await?;
    let title = view.lang.t("Consentimientos", "Consents");
    let body = html! {
        h1 { (title) } (back(&view, subject, name.as_deref()))
        @match &file {
            Err(answer) => (view.refusal(answer)),
            Ok(file) => {
                @for consent in file.consents.iter().rev() { (card(&view, subject, consent)) }
                @if file.consents.is_empty() { p { (view.lang.t("Todavía ninguno.", "None yet.")) } }
                (form(&view, subject))
            }
        }
    };
    Ok(view.page(title, &body))
}

/// The way back to the record.
pub(crate) fn back(view: &View, subject: SubjectId, name: Option<&str>) -> Markup {
    let record = view.lang.t("Expediente", "Record");
    html! { p { a href={ "/people/" (subject.as_uuid()) } { "← " (name.unwrap_or(record)) } } }
}

fn card(view: &View, subject: SubjectId, consent: &Consent) -> Markup {
    let (lang, parts) = (view.lang, consent.parts());
    let in_force = consent.is_in_force(view.app.now());
    html! {
        div .card .ended[!in_force] {
            p {
                strong { (view.word(parts.form)) } " · " (view.moment(parts.starts_at))
                @if let Some(until) = parts.expires_at { " → " (view.moment(until)) }
                @if let Some(ended) = parts.ended {
                    " · " (match ended.cause {
                        EndCause::Withdrawn => lang.t("revocado ", "withdrawn "),
                        EndCause::Superseded => lang.t("sustituido ", "superseded "),
                        EndCause::Annulled => lang.t("anulado ", "annulled "),
                    }) (view.moment(ended.at))
                }
                " · " span .code { (parts.notice.as_str()) }
            }
            ul { @for atom in &parts.atoms { li { (atom_text(view, atom)) } } }
            @if in_force {
                a .button href={ "/people/" (subject.as_uuid()) "/consents/" (consent.id().as_uuid()) } { (lang.t("Revocar…", "Withdraw…")) }
            }
        }
    }
}

pub(super) fn purpose_text(view: &View, purpose: &ConsentPurpose) -> String {
    match purpose {
        ConsentPurpose::Described(purpose) => view.word(*purpose),
        ConsentPurpose::Undescribed(id) => id.as_str().to_owned(),
    }
}

pub(super) fn recipient_text(view: &View, recipient: ConsentRecipient) -> String {
    match recipient {
        ConsentRecipient::Class(class) => view.word(class),
        ConsentRecipient::Provider { id, class } => view
            .house
            .providers
            .get(id)
            .map_or_else(|| view.word(class), |provider| provider.name().to_owned()),
    }
}

pub(super) fn atom_text(view: &View, atom: &ConsentAtom) -> String {
    format!(
        "{}: {} → {}",
        purpose_text(view, &atom.purpose),
        view.words(atom.categories),
        recipient_text(view, atom.recipient)
    )
}

fn form(view: &View, subject: SubjectId) -> Markup {
    let lang = view.lang;
    html! {
        details .card {
            summary { (lang.t("Anotar un consentimiento", "Record a consent")) }
            form .stacked method="post" action={ "/people/" (subject.as_uuid()) "/consents" } {
                (token(&view.staff))
                label { (lang.t("Finalidad", "Purpose")) select name="purpose" { (view.options(Some(Purpose::Treatment))) } }
                fieldset { legend { (lang.t("Categorías", "Categories")) } (view.boxes("category", usual::medical(), usual::patient_file())) }
                label { (lang.t("Para quién", "For whom")) select name="recipient" {
                    @for class in [RecipientClass::Internal, RecipientClass::Insurer, RecipientClass::Companion, RecipientClass::Interpreter] {
                        option value=(class.code()) { (view.word(class)) }
                    }
                    @for provider in view.house.providers.iter() { option value=(provider.id().as_uuid()) { (provider.name()) } }
                } }
                label { (lang.t("País, si no está en el registro", "Country, if they are in no register")) select name="country" { (view.options(Some(CountryClass::Domestic))) } }
                label { (lang.t("Forma", "Form")) select name="form" { (view.options(Some(ConsentForm::ExpressWritten))) } }
                label { (lang.t("Cómo se dio", "How it was given")) select name="evidence" {
                    @for way in ConsentEvidence::ALL { option value=(way.code()) { (way_text(view, way)) } }
                } }
                button { (lang.t("Anotar", "Record")) }
            }
        }
    }
}

fn way_text(view: &View, way: ConsentEvidence) -> &'static str {
    let (es, en) = match way {
        ConsentEvidence::SignedPaper => ("firma en papel", "signed on paper"),
        ConsentEvidence::SignedScreen => ("firma en pantalla", "signed on a screen"),
        ConsentEvidence::Click => ("clic", "click"),
        ConsentEvidence::Spoken => ("de viva voz", "spoken"),
        ConsentEvidence::Conduct => ("por conducta tras el aviso", "by conduct after the notice"),
    };
    view.lang.t(es, en)
}

/// Records a consent and shows its receipt.
pub(crate) async fn give(
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Posted(staff, fields): Posted,
) -> Result<Markup, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let evidence = ConsentEvidence::parse(fields.required("evidence")?).ok_or(Problem::form("evidence"))?;
    let given = app
        .perform(GiveConsent {
            actor: view.staff.actor,
            subject,
            atoms: vec![atom(&view, &fields)?],
            minus: Vec::new(),
            form: fields.required_word("form")?,
            evidence,
            signer: Signer::Person,
            expires_at: None,
            supersedes: Vec::new(),
        })
        .await?;
    let title = view.lang.t("Comprobante de consentimiento", "Consent receipt");
    let body = html! {
        h1 { (title) } (back(&view, subject, None))
        @match &given.receipt {
            Some(receipt) => (receipt_text(&view, receipt)),
            None => (view.refusal(&given.answer)),
        }
    };
    Ok(view.page(title, &body))
}

fn atom(view: &View, fields: &Fields) -> Result<ConsentAtom, Problem> {
    let to = fields.required("recipient")?;
    let (recipient, country) = match Uuid::parse_str(to) {
        Err(_) => {
            let class = RecipientClass::parse(to).map_err(|_| Problem::form("recipient"))?;
            let internal = class == RecipientClass::Internal;
            let country = if internal { CountryClass::Domestic } else { fields.required_word("country")? };
            (ConsentRecipient::Class(class), country)
        }
        Ok(id) => {
            let id = records_model::ProviderId::from_uuid(id);
            let provider = view.house.providers.get(id).ok_or(Problem::form("recipient"))?;
            let abroad = provider.country() != view.house.settings.country;
            let country = if abroad { CountryClass::Abroad } else { CountryClass::Domestic };
            (ConsentRecipient::Provider { id, class: provider.class() }, country)
        }
    };
    let actions = match recipient {
        ConsentRecipient::Class(RecipientClass::Internal) => {
            Set::of(&[Action::Read, Action::Write, Action::Collect])
        }
        _ => Set::one(Action::Disclose),
    };
    Ok(ConsentAtom {
        actions,
        purpose: ConsentPurpose::Described(fields.required_word("purpose")?),
        categories: fields.words("category")?,
        recipient,
        countries: Set::one(country),
    })
}

fn receipt_text(view: &View, receipt: &Receipt) -> Markup {
    let lang = view.lang;
    html! {
        section .sheet {
            p { (lang.t("Dado el ", "Given on ")) (view.moment(receipt.given_at)) " · " (view.word(receipt.form)) }
            ul { @for atom in &receipt.atoms { li { (atom_text(view, atom)) } } }
            p { (lang.t("Puede revocarlo cuando quiera, sin dar motivos.", "You can withdraw it at any time, without giving reasons.")) }
            p .code { (receipt.consent.as_uuid()) br; (receipt.notice.as_str()) " " (receipt.notice_hash) }
            @if let Some(checkpoint) = &receipt.checkpoint {
                p { (lang.t("Guárdelo: con él se puede comprobar después si la bitácora fue alterada.",
                    "Keep it: with it you can show later whether the log was altered.")) }
                pre { (checkpoint) }
            }
        }
    }
}
