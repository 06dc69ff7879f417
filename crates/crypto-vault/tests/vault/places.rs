//! Sealed content opens only for the same clinic, patient, record, field, version, category and flags.

use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{CountingRng, arb_field_context, arb_record_context};
use crypto_vault::{
    BatchSealer, Dek, DekId, FieldContext, KeyVersion, RecordContext, RecordOpener, Salt, YearMonth,
    has_monthly_keys,
};

fn id_for(context: &RecordContext, version: KeyVersion) -> DekId {
    let month = has_monthly_keys(context.class).then(|| YearMonth::new(2026, 7).unwrap());
    DekId::new(context.clinic, context.subject, context.class, version, month).unwrap()
}

/// `base` with the parts taken from `other` that `mask` names.
fn mixed(base: RecordContext, other: &RecordContext, mask: u16) -> RecordContext {
    let mut context = base;
    let parts: [fn(&mut RecordContext, &RecordContext); 10] = [
        |to, from| to.clinic = from.clinic,
        |to, from| to.subject = from.subject,
        |to, from| to.class = from.class,
        |to, from| to.table = from.table,
        |to, from| to.record = from.record,
        |to, from| to.record_version = from.record_version,
        |to, from| to.category = from.category,
        |to, from| to.kind = from.kind,
        |to, from| to.reveals_health = from.reveals_health,
        |to, from| to.genetic = from.genetic,
    ];
    for (bit, part) in parts.iter().enumerate() {
        if mask & (1 << bit) != 0 {
            part(&mut context, other);
        }
    }
    context
}

fn seals_and_opens(
    sealed_at: (RecordContext, FieldContext, u32),
    opened_at: (RecordContext, FieldContext, u32),
    clear: &[u8],
) -> Option<Vec<u8>> {
    // The same key bytes on both sides: only the binding of places is on trial.
    let key = |context: &RecordContext, version| {
        let version = KeyVersion::new(version).unwrap();
        Dek::generate(id_for(context, version), &mut CountingRng::new(3))
    };
    let (context, field, version) = sealed_at;
    let salt = Salt::generate(&mut CountingRng::new(4));
    let envelope =
        BatchSealer::new(&key(&context, version), &context, salt).unwrap().seal(&field, clear).unwrap();
    let (context, field, version) = opened_at;
    let mut opener = RecordOpener::for_envelope(&key(&context, version), &context, &envelope).ok()?;
    opener.open(&field, &envelope).ok().map(|bytes| bytes.to_vec())
}

proptest! {
    #[test]
    fn sealed_content_opens_only_at_its_own_place(
        base in arb_record_context(),
        other in arb_record_context(),
        // One part, two parts, or any.
        mask in prop_oneof![(0..10).prop_map(|bit| 1_u16 << bit), 0..1024_u16],
        field in arb_field_context(),
        other_field in arb_field_context(),
        field_moves in any::<bool>(),
        version in 1..4_u32,
        other_version in 1..4_u32,
        content in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let place = mixed(base, &other, mask);
        let place_field = if field_moves { other_field } else { field };
        let same = (base, field, version) == (place, place_field, other_version);
        let home = seals_and_opens((base, field, version), (base, field, version), &content);
        prop_assert_eq!(home.as_deref(), Some(content.as_slice()));
        let away = seals_and_opens((base, field, version), (place, place_field, other_version), &content);
        prop_assert_eq!(away.is_some(), same);
    }
}
