//! Strategies for property tests of this crate and of crates that embed it.

pub use proptest;
use proptest::prelude::*;

/// The text of any JSON document in which no member is named like a single value of FHIR (`value`, ...), with
/// white space between its parts.
pub fn arb_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        (-1e9..1e9_f64).prop_map(|value| serde_json::Value::from(value).to_string()),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[ {} ]", items.join(" , "))),
            proptest::collection::btree_map("[a-ux-zñ\"\\\\]{0,6}", inner, 0..6).prop_map(|members| {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(name, value)| format!("{} : {value}", serde_json::Value::from(name)))
                    .collect();
                format!("{{ {} }}", members.join(" , "))
            }),
        ]
    })
}

/// The text of any FHIR date: a year, a month, a day, or an instant with an offset.
pub fn arb_fhir_date() -> impl Strategy<Value = String> {
    let day = (1900..2030_i32, 1..=12_u32, 1..=28_u32);
    let time = (0..24_u32, 0..60_u32, 0..60_u32, -11..=12_i32);
    prop_oneof![
        day.clone().prop_map(|(year, _, _)| format!("{year:04}")),
        day.clone().prop_map(|(year, month, _)| format!("{year:04}-{month:02}")),
        day.clone().prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}")),
        (day, time).prop_map(|((year, month, day), (hour, minute, second, offset))| {
            let sign = if offset < 0 { '-' } else { '+' };
            let offset = offset.unsigned_abs();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{offset:02}:00")
        }),
    ]
}
