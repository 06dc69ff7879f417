//! What both are asked. The same seed gives the same requests on every machine.

use consent_policy::{Facts, Request};
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role, Set,
    Vocabulary,
};

/// Changed when somebody wants other requests; printed with every run.
pub(crate) const SEED: u8 = 41;

/// Every action of every role for every purpose with every category, inside the clinic, on written consent.
pub(crate) fn every_asker() -> impl Iterator<Item = (Request, Facts)> {
    all::<Action>().flat_map(|action| {
        all::<Role>().flat_map(move |role| {
            all::<Purpose>().flat_map(move |purpose| {
                all::<Category>().map(move |category| {
                    let request =
                        Request { action, role, purpose, categories: Set::one(category), ..a_request() };
                    (request, Facts::new(ConsentForm::ExpressWritten, in_care()))
                })
            })
        })
    })
}

/// Every recipient in every country on every ground in every detail with every form of consent.
pub(crate) fn every_way_out() -> impl Iterator<Item = (Request, Facts)> {
    all::<RecipientClass>().flat_map(|recipient| {
        all::<CountryClass>().flat_map(move |country| {
            all::<Ground>().flat_map(move |ground| {
                all::<Detail>().flat_map(move |detail| {
                    all::<ConsentForm>().map(move |form| {
                        let request = Request {
                            action: Action::Disclose,
                            recipient,
                            country,
                            ground,
                            detail,
                            ..a_request()
                        };
                        (request, Facts::new(form, in_care().with(Fact::ProviderContract)))
                    })
                })
            })
        })
    })
}

fn all<V: Vocabulary>() -> impl Iterator<Item = V> {
    V::ALL.iter().copied()
}

fn in_care() -> Set<Fact> {
    Set::of(&[Fact::Training, Fact::BackgroundCheck, Fact::Undertaking, Fact::CareRelation])
}

fn a_request() -> Request {
    Request {
        action: Action::Read,
        role: Role::Physician,
        actor: None,
        purpose: Purpose::Treatment,
        undescribed: None,
        categories: Set::one(Category::Laboratory),
        recipient: RecipientClass::Internal,
        recipient_id: None,
        country: CountryClass::Domestic,
        ground: Ground::Consent,
        detail: Detail::Full,
    }
}
