//! National telephone numbers, put in E.164 form with the country of the address.

use records_model::{CountryCode, PhoneNumber};

/// Country, calling code, and how many digits a national number has without its trunk prefix.
/// Source: ITU-T E.164 national numbering plans.
const PLANS: &[(&str, &str, &[usize])] = &[
    ("MX", "52", &[10]),
    ("US", "1", &[10]),
    ("CA", "1", &[10]),
    ("PR", "1", &[10]),
    ("DO", "1", &[10]),
    ("ES", "34", &[9]),
    ("BR", "55", &[10, 11]),
    ("AR", "54", &[10]),
    ("CL", "56", &[9]),
    ("CO", "57", &[10]),
    ("PE", "51", &[9]),
    ("EC", "593", &[8, 9]),
    ("VE", "58", &[10]),
    ("GT", "502", &[8]),
    ("SV", "503", &[8]),
    ("HN", "504", &[8]),
    ("NI", "505", &[8]),
    ("CR", "506", &[8]),
    ("PA", "507", &[7, 8]),
    ("FR", "33", &[9]),
    ("GB", "44", &[10]),
];

/// A telephone number as given, with the country that its writer lives in.
///
/// Without a country code the number is taken to be of that country: a neighbour's number of equal length
/// would be mistaken, so the record keeps what the source said in the field only when nothing better is known.
pub(crate) fn normalise(given: &str, country: Option<CountryCode>) -> Option<PhoneNumber> {
    let given = given.trim().trim_start_matches("tel:");
    if let Ok(number) = PhoneNumber::parse(given) {
        return Some(number);
    }
    let country = country?;
    let (_, calling_code, lengths) = PLANS.iter().find(|(code, _, _)| *code == country.as_str())?;
    if !given.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')')) {
        return None;
    }
    let digits: String = given.chars().filter(char::is_ascii_digit).collect();
    let national = without_prefix(&digits, calling_code, lengths)?;
    PhoneNumber::parse(&format!("+{calling_code}{national}")).ok()
}

/// The national number, without the international or trunk prefix that was dialled before it.
fn without_prefix<'d>(digits: &'d str, calling_code: &str, lengths: &[usize]) -> Option<&'d str> {
    let fits = |rest: &str| lengths.contains(&rest.len());
    if fits(digits) && !digits.starts_with('0') {
        return Some(digits);
    }
    // 00 + country; 0 within Europe and Brazil; 01, 044 and 045 in Mexico until 2019.
    let international = format!("00{calling_code}");
    ["0", "01", "044", "045", calling_code, &international]
        .iter()
        .find_map(|prefix| digits.strip_prefix(prefix).filter(|rest| fits(rest) && !rest.starts_with('0')))
}

/// The country of an address: two letters, three, or a name that is in use.
pub(crate) fn country(given: &str) -> Option<CountryCode> {
    let known = match given.trim().to_lowercase().as_str() {
        "usa" | "united states" | "united states of america" | "estados unidos" => "US",
        "mex" | "mexico" | "méxico" => "MX",
        "can" | "canada" | "canadá" => "CA",
        "esp" | "spain" | "españa" => "ES",
        "bra" | "brazil" | "brasil" => "BR",
        "arg" | "argentina" => "AR",
        "col" | "colombia" => "CO",
        "chl" | "chile" => "CL",
        "per" | "peru" | "perú" => "PE",
        "gtm" | "guatemala" => "GT",
        "fra" | "france" | "francia" => "FR",
        "gbr" | "united kingdom" | "reino unido" => "GB",
        other => return CountryCode::parse(other).ok(),
    };
    CountryCode::parse(known).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &str, land: &str) -> Option<String> {
        normalise(given, country(land)).map(String::from)
    }

    #[test]
    fn a_national_number_takes_the_code_of_its_country() {
        assert_eq!(read("555-625-5902", "US").as_deref(), Some("+15556255902"));
        assert_eq!(read("81 1234 5678", "México").as_deref(), Some("+528112345678"));
        assert_eq!(read("044 81 1234 5678", "MX").as_deref(), Some("+528112345678"));
        assert_eq!(read("06 12 34 56 78", "FR").as_deref(), Some("+33612345678"));
        assert_eq!(read("+52 81 1234 5678", "").as_deref(), Some("+528112345678"));
    }

    #[test]
    fn what_cannot_be_known_is_not_guessed() {
        assert_eq!(read("555-625-5902", ""), None);
        assert_eq!(read("625-5902", "US"), None);
        assert_eq!(read("555-625-5902 ext 4", "US"), None);
        assert_eq!(read("555-625-5902", "ZZ"), None);
    }
}
