//! Checks of numbers that a person could be known by, and of dates: arithmetic, no text.

use jiff::civil::{Date, Weekday};

/// The first two digits of region codes (GB/T 2260): provinces, and 81 to 83 for residence permits of people from Hong
/// Kong, Macao and Taiwan.
#[rustfmt::skip]
const PROVINCES: &[u8] = &[
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
    64, 65, 71, 81, 82, 83,
];

/// The two special administrative regions and Taiwan have no cities in their codes.
const WITHOUT_CITIES: u8 = 71;

/// Whether these are the 17 digits and the check character of a resident identity number (GB 11643): the region exists,
/// the date of birth too, and the check digit is right.
pub(crate) fn is_resident_number(number: &[char]) -> bool {
    let Some((&check, body)) = number.split_last() else {
        return false;
    };
    let Some(digits) = digits(body).filter(|d| d.len() == 17) else {
        return false;
    };
    // ISO 7064, MOD 11-2.
    let sum: u32 = digits
        .iter()
        .zip([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
        .map(|(&d, weight)| u32::from(d) * weight)
        .sum();
    let right = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize];
    check.to_ascii_uppercase() == right
        && is_region(&digits)
        && is_birthday(value(&digits[6..10]), &digits[10..14])
}

/// Whether these are the 15 digits of a resident identity number of the first generation, which has no check digit.
pub(crate) fn is_old_resident_number(number: &[char]) -> bool {
    digits(number)
        .filter(|d| d.len() == 15)
        .is_some_and(|d| is_region(&d) && is_birthday(1900 + value(&d[6..8]), &d[8..12]))
}

fn is_region(digits: &[u8]) -> bool {
    let province = digits[0] * 10 + digits[1];
    let city = digits[2] * 10 + digits[3];
    PROVINCES.contains(&province) && (province >= WITHOUT_CITIES || matches!(city, 1..=70 | 90))
}

fn is_birthday(year: u32, month_and_day: &[u8]) -> bool {
    let (month, day) = (value(&month_and_day[..2]), value(&month_and_day[2..]));
    (1880..2100).contains(&year) && date(year, month, day).is_some()
}

/// Whether digits pass the Luhn check (ISO/IEC 7812-1), as bank card numbers do.
pub(crate) fn is_luhn(number: &[char]) -> bool {
    let Some(digits) = digits(number).filter(|d| d.len() > 1) else {
        return false;
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &d)| match u32::from(d) * 2 {
            _ if place % 2 == 0 => u32::from(d),
            double @ 0..10 => double,
            double => double - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether these 18 characters are a unified social credit code (GB 32100): its check character is right.
pub(crate) fn is_credit_code(code: &[char]) -> bool {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let values: Option<Vec<usize>> = code
        .iter()
        .map(|c| ALPHABET.find(c.to_ascii_uppercase()))
        .collect();
    let Some(values) = values.filter(|v| v.len() == 18) else {
        return false;
    };
    let mut weight = 1;
    let mut sum = 0;
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    values[17] == (31 - sum % 31) % 31
}

/// The day of these numbers, if there is one.
pub(crate) fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// The character that names a weekday in 星期三.
pub(crate) fn weekday(date: Date) -> char {
    match date.weekday() {
        Weekday::Monday => '一',
        Weekday::Tuesday => '二',
        Weekday::Wednesday => '三',
        Weekday::Thursday => '四',
        Weekday::Friday => '五',
        Weekday::Saturday => '六',
        Weekday::Sunday => '日',
    }
}

fn digits(number: &[char]) -> Option<Vec<u8>> {
    number
        .iter()
        .map(|c| c.to_digit(10).and_then(|d| u8::try_from(d).ok()))
        .collect()
}

fn value(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, &d| sum * 10 + u32::from(d))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn resident_numbers() {
        // The first is the specimen that GB 11643 itself prints.
        for (number, want) in [
            ("11010519491231002X", true),
            ("11010519491231002x", true),
            ("440524188001010014", true),
            ("110105194912310021", false),
            ("110105194913310026", false),
            ("990105194912310021", false),
            ("11010519491231002", false),
            ("", false),
        ] {
            assert_eq!(is_resident_number(&chars(number)), want, "{number}");
        }
        assert!(is_old_resident_number(&chars("110105491231002")));
        assert!(!is_old_resident_number(&chars("110105491331002")));
        assert!(!is_old_resident_number(&chars("110005491231002")));
    }

    #[test]
    fn check_digits_of_cards_and_codes() {
        // Specimens: of ISO/IEC 7812-1, and of GB 32100.
        assert!(is_luhn(&chars("49927398716")));
        assert!(!is_luhn(&chars("49927398717")));
        assert!(is_credit_code(&chars("91350100M000100Y43")));
        assert!(!is_credit_code(&chars("91350100M000100Y44")));
        assert!(!is_credit_code(&chars("91350100M000100I43")));
    }

    #[test]
    fn days() {
        assert_eq!(weekday(date(2024, 7, 4).unwrap()), '四');
        assert_eq!(date(2023, 2, 29), None);
        assert!(date(2024, 2, 29).is_some());
    }
}
