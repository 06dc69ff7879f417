//! The fields that a record may hold.

use crate::vocabulary::vocabulary;
use crate::{Category, Set};

vocabulary! {
    /// One field of a record. The list is closed: what has no field here cannot be stored (P-9).
    Field, "field" {
        /// Given names.
        GivenNames = "given-names",
        /// Surnames.
        Surnames = "surnames",
        /// E-mail address.
        Email = "email",
        /// Telephone number.
        Phone = "phone",
        /// Postal address.
        Address = "address",
        /// Country of residence, ISO 3166-1 alpha-2.
        ResidenceCountry = "residence-country",
        /// Language of letters.
        Language = "language",
        /// Sex, as laboratories ask for it.
        Sex = "sex",
        /// The clinic's own number for the record.
        RecordNumber = "record-number",
        /// Date of birth.
        BirthDate = "birth-date",
        /// Year of birth, derived when read.
        BirthYear = "birth-year",
        /// How the contact is related to the person.
        Relation = "relation",
        /// What the person wants the emergency contact to know.
        ContactWishes = "contact-wishes",
        /// Number of an invoice or claim.
        InvoiceNumber = "invoice-number",
        /// Amount, decimal text.
        Amount = "amount",
        /// Currency, ISO 4217.
        Currency = "currency",
        /// The payment processor's token; never a card number.
        PaymentToken = "payment-token",
        /// Who pays.
        Payer = "payer",
        /// Code of the service charged.
        BillingCode = "billing-code",
        /// Day of arrival.
        Arrival = "arrival",
        /// Day of departure.
        Departure = "departure",
        /// How many travel along.
        Companions = "companions",
        /// Preferences that reveal nothing about health.
        Preferences = "preferences",
        /// Preferences that reveal health: mobility, diet, oxygen.
        HealthPreferences = "health-preferences",
        /// Lodging.
        Lodging = "lodging",
        /// Flight or other journey.
        Journey = "journey",
        /// When to be collected.
        PickupTime = "pickup-time",
        /// Where to be collected.
        PickupPlace = "pickup-place",
        /// Code of the condition, drug, test or act, with its system.
        Code = "code",
        /// The code in words.
        Display = "display",
        /// Status of the item.
        Status = "status",
        /// When it was true or was done.
        EffectiveAt = "effective-at",
        /// Who wrote or signed it.
        Author = "author",
        /// Measured or stated value.
        Value = "value",
        /// Unit of the value.
        Unit = "unit",
        /// Reference range or interpretation.
        Interpretation = "interpretation",
        /// Dose.
        Dose = "dose",
        /// Route.
        Route = "route",
        /// Frequency.
        Frequency = "frequency",
        /// Free text written by a professional.
        Note = "note",
        /// Order number of a test.
        OrderCode = "order-code",
        /// A document attached.
        Document = "document",
        /// The item as received, fields that the policy does not name left out.
        SourceDocument = "source-document",
        /// Blood group.
        BloodGroup = "blood-group",
        /// A photograph or video.
        Image = "image",
        /// What the photograph shows; the words of a testimonial.
        Caption = "caption",
        /// Cell product.
        Product = "product",
        /// Lot of the product.
        Lot = "lot",
        /// Donor code.
        DonorCode = "donor-code",
        /// Truncated network address.
        NetworkPrefix = "network-prefix",
        /// Browser, coarse.
        Browser = "browser",
        /// Page visited.
        Page = "page",
        /// Time on the page, in seconds.
        DwellSeconds = "dwell-seconds",
        /// Site the visitor came from.
        Referrer = "referrer",
        /// Search term, only where switched on.
        SearchTerm = "search-term",
        /// Kind of device.
        Device = "device",
        /// Operating system.
        OperatingSystem = "operating-system",
        /// Module and version of a training.
        TrainingModule = "training-module",
        /// Outcome of a background check: never its report (P-60).
        CheckOutcome = "check-outcome",
        /// When a training, check or undertaking was done.
        DoneOn = "done-on",
        /// Until when it is valid.
        ValidUntil = "valid-until",
    }
}

impl Field {
    /// The fields that a record of this category may hold.
    #[must_use]
    pub fn of_category(category: Category) -> Set<Self> {
        Set::of(match category {
            Category::IdentityContact => &[
                Self::GivenNames,
                Self::Surnames,
                Self::Email,
                Self::Phone,
                Self::Address,
                Self::ResidenceCountry,
                Self::Language,
                Self::Sex,
                Self::RecordNumber,
            ],
            Category::BirthDate => &[Self::BirthDate, Self::BirthYear],
            Category::EmergencyContact => &[
                Self::GivenNames,
                Self::Surnames,
                Self::Phone,
                Self::Email,
                Self::Relation,
                Self::ContactWishes,
            ],
            Category::Payment => &[
                Self::InvoiceNumber,
                Self::Amount,
                Self::Currency,
                Self::PaymentToken,
                Self::Payer,
                Self::BillingCode,
                Self::Display,
                Self::Status,
                Self::EffectiveAt,
                Self::SourceDocument,
            ],
            Category::Travel => &[
                Self::Arrival,
                Self::Departure,
                Self::Companions,
                Self::Preferences,
                Self::HealthPreferences,
                Self::Lodging,
                Self::Journey,
                Self::PickupTime,
                Self::PickupPlace,
            ],
            Category::WebNetwork => &[Self::NetworkPrefix, Self::Browser],
            Category::WebPages => &[Self::Page, Self::DwellSeconds],
            Category::WebReferral => &[Self::Referrer, Self::SearchTerm],
            Category::WebDevice => &[Self::Device, Self::OperatingSystem],
            Category::ClinicalImages => &[
                Self::Image,
                Self::Caption,
                Self::EffectiveAt,
                Self::Author,
                Self::Document,
                Self::SourceDocument,
            ],
            Category::StaffRecord => {
                &[Self::TrainingModule, Self::CheckOutcome, Self::DoneOn, Self::ValidUntil]
            }
            Category::Unclassified => &[Self::SourceDocument],
            Category::MedicalHistory
            | Category::Medications
            | Category::TreatmentNotes
            | Category::Laboratory
            | Category::Outcomes
            | Category::CellTraceability => CLINICAL,
        })
    }
}

/// Fields of every clinical record; the categories differ in who may see them, not in their form.
const CLINICAL: &[Field] = &[
    Field::Code,
    Field::Display,
    Field::Status,
    Field::EffectiveAt,
    Field::Author,
    Field::Value,
    Field::Unit,
    Field::Interpretation,
    Field::Dose,
    Field::Route,
    Field::Frequency,
    Field::Note,
    Field::OrderCode,
    Field::Document,
    Field::SourceDocument,
    Field::BloodGroup,
    Field::Product,
    Field::Lot,
    Field::DonorCode,
];
