//! Free texts that are stored sealed and hold no card number (P-13).

use records_model::find_card_number;

use crate::OperationError;

/// Refuses a text that holds what looks like the number of a payment card.
pub(crate) fn refuse_card_number(text: &str) -> Result<(), OperationError> {
    if find_card_number(text).is_some() { Err(OperationError::CardNumberInWords) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_refused_with_what_to_do() {
        let refused = refuse_card_number("pagó con 4111 1111 1111 1111 12/29").unwrap_err();
        assert!(matches!(refused, OperationError::CardNumberInWords));
        assert!(refused.to_string().ends_with("leave the number out and send it again"));
        assert!(refuse_card_number("quiere copias de 2024 y 2025, tel. 55 1234 5678").is_ok());
    }
}
