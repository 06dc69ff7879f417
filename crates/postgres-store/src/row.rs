//! From stored values to domain values; what breaks its own rules is a named error.

use records_model::Vocabulary;

use crate::StoreError;

/// How much of a class a disposal destroys, as it is stored.
pub(crate) const WHOLE_CLASS: &str = "class";
/// See [`WHOLE_CLASS`].
pub(crate) const SINGLE_ITEMS: &str = "items";

/// A stored word of a vocabulary.
pub(crate) fn word<V: Vocabulary>(code: &str, table: &'static str) -> Result<V, StoreError> {
    V::parse(code).map_err(|_| StoreError::Inconsistent { table })
}

/// A stored count, never negative.
pub(crate) fn counter(stored: i64, table: &'static str) -> Result<u64, StoreError> {
    u64::try_from(stored).map_err(|_| StoreError::Inconsistent { table })
}

/// A stored number that fits 32 bits without sign.
pub(crate) fn number(stored: i32, table: &'static str) -> Result<u32, StoreError> {
    u32::try_from(stored).map_err(|_| StoreError::Inconsistent { table })
}

/// A stored value of exactly 32 bytes.
pub(crate) fn bytes32(stored: Vec<u8>, table: &'static str) -> Result<[u8; 32], StoreError> {
    stored.try_into().map_err(|_| StoreError::Inconsistent { table })
}

/// A stored JSON value of one of our own types.
pub(crate) fn json<T: serde::de::DeserializeOwned>(
    stored: serde_json::Value,
    table: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_value(stored).map_err(|_| StoreError::Inconsistent { table })
}
