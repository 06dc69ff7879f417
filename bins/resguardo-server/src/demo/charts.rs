//! The invented records of a patient.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clinic_runtime::Runtime;
use postgres_store::Clock;
use privacy_operations::{CardNumberAnswer, RevealedHealth, WriteRecord};
use records_model::{
    AnchorEvent, Category, ContentForm, ContentKind, Field, Ground, Purpose, RecordContent, SubjectId,
};

use super::fill::{DAYS_OF_HISTORY, DemoError};
use super::staff::Staff;

/// One invented record: who writes it, what it is, its fields.
struct Draft {
    login: &'static str,
    purpose: Purpose,
    ground: Ground,
    category: Category,
    kind: ContentKind,
    anchor: AnchorEvent,
    reveals: RevealedHealth,
    fields: Vec<(Field, String)>,
}

fn clinical(category: Category, kind: ContentKind, fields: &[(Field, &str)]) -> Draft {
    Draft {
        login: "dra.garza",
        purpose: Purpose::Treatment,
        ground: Ground::Contract,
        category,
        kind,
        anchor: AnchorEvent::LastMedicalAct,
        reveals: RevealedHealth::Nothing,
        fields: fields.iter().map(|(field, text)| (*field, (*text).to_owned())).collect(),
    }
}

/// What the physician writes of everybody.
fn clinical_drafts(hemoglobin: &str, lot: &str) -> Vec<Draft> {
    let history = |kind, fields| clinical(Category::MedicalHistory, kind, fields);
    vec![
        history(
            ContentKind::Condition,
            &[
                (Field::Code, "M17.0"),
                (Field::Display, "Gonartrosis primaria bilateral"),
                (Field::Status, "active"),
            ],
        ),
        history(
            ContentKind::Allergy,
            &[
                (Field::Code, "91936005"),
                (Field::Display, "Alergia a la penicilina"),
                (Field::Status, "active"),
            ],
        ),
        clinical(
            Category::Medications,
            ContentKind::Medication,
            &[
                (Field::Code, "5640"),
                (Field::Display, "Ibuprofeno 400 mg"),
                (Field::Dose, "400 mg"),
                (Field::Route, "oral"),
                (Field::Frequency, "cada 8 horas"),
                (Field::Status, "active"),
            ],
        ),
        clinical(
            Category::Laboratory,
            ContentKind::Result,
            &[
                (Field::Code, "718-7"),
                (Field::Display, "Hemoglobina"),
                (Field::Value, hemoglobin),
                (Field::Unit, "g/dL"),
                (Field::BloodGroup, "O+"),
            ],
        ),
        clinical(Category::TreatmentNotes, ContentKind::Note, &[(Field::Note, NOTE)]),
        clinical(
            Category::CellTraceability,
            ContentKind::CellProduct,
            &[(Field::Product, "Células mesenquimales autólogas"), (Field::Lot, lot)],
        ),
    ]
}

const NOTE: &str =
    "Tolera bien la aplicación en rodilla derecha; sin datos de alarma. Control en cuatro semanas.";

/// What the coordination writes of a stay.
fn stay(reveals: RevealedHealth, fields: &[(Field, &str)]) -> Draft {
    Draft {
        login: "coordinacion",
        purpose: Purpose::Travel,
        anchor: AnchorEvent::EndOfStay,
        reveals,
        ..clinical(Category::Travel, ContentKind::Stay, fields)
    }
}

fn drafts(place: usize, first_start: NaiveDate) -> Vec<Draft> {
    let hemoglobin = format!("{}.{}", 12 + place % 4, place % 10);
    // Three people share each lot.
    let mut drafts = clinical_drafts(&hemoglobin, &format!("CM-{:03}", 101 + place / 3));
    let day = |days: i64| (first_start + TimeDelta::days(days)).to_string();
    let plain = [
        (Field::Arrival, day(13)),
        (Field::Departure, day(18)),
        (Field::Companions, "1".to_owned()),
        (Field::Preferences, "habitación tranquila, planta baja".to_owned()),
    ];
    let plain: Vec<(Field, &str)> = plain.iter().map(|(field, text)| (*field, text.as_str())).collect();
    drafts.push(stay(RevealedHealth::Nothing, &plain));
    if place == 0 {
        let wishes = [(Field::HealthPreferences, "silla de ruedas y dieta sin azúcar")];
        drafts.push(stay(RevealedHealth::Health, &wishes));
    }
    let number = format!("F-{:04}", 300 + place);
    let invoice =
        [(Field::InvoiceNumber, number.as_str()), (Field::Amount, "48500.00"), (Field::Currency, "MXN")];
    drafts.push(Draft {
        login: "cobranza",
        purpose: Purpose::Billing,
        anchor: AnchorEvent::DocumentDate,
        ..clinical(Category::Payment, ContentKind::Invoice, &invoice)
    });
    drafts
}

/// Writes the invented record of one person.
pub(super) async fn write(
    runtime: &Runtime,
    staff: &Staff,
    (place, subject): (usize, SubjectId),
    from: DateTime<Utc>,
) -> Result<(), DemoError> {
    let first_start = (from - TimeDelta::days(i64::try_from(place).unwrap_or_default())).date_naive()
        + TimeDelta::days(DAYS_OF_HISTORY);
    for (minutes, draft) in (0..).zip(drafts(place, first_start)) {
        let at = from + TimeDelta::minutes(minutes);
        let content: RecordContent =
            draft.fields.into_iter().map(|(field, text)| (field, text.as_str().into())).collect();
        let write = WriteRecord {
            actor: staff.actor(draft.login)?,
            subject,
            purpose: draft.purpose,
            ground: draft.ground,
            category: draft.category,
            kind: draft.kind,
            form: ContentForm::Mixed,
            reveals: draft.reveals,
            anchor: (draft.anchor, at),
            content,
            addendum_to: None,
            card_number: CardNumberAnswer::NotAsked,
        };
        let written = runtime.perform(&write, Clock::At(at)).await?;
        DemoError::unless(written.record.is_some(), "writing a record")?;
    }
    Ok(())
}
