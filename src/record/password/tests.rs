//! Tests of allowed and refused passwords.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Common words that are not in our list.
const WORDS: [&str; 12] = [
    "because", "between", "country", "husband", "kitchen", "morning", "picture", "problem", "program", "service", "special",
    "thought",
];

const OWN: [&str; 2] = ["Anna Katharina Schmidt", "a.schmidt@example.org"];

fn chosen(text: &str) -> Result<(), PasswordError> {
    Password::chosen(text, LEAST_ALONE, &OWN).map(drop)
}

#[test]
fn length_counts_in_code_points_and_nothing_is_cut() {
    assert_eq!(chosen("zQ4 mfw8 hLs0 "), Err(PasswordError::TooShort { least: 15 }));
    assert_eq!(chosen("zQ4 mfw8 hLs0 x"), Ok(()));
    assert_eq!(Password::chosen("zQ4 mfw8 hLs", LEAST_WITH_SECOND_FACTOR, &OWN).map(drop), Ok(()));
    let long: String = "vo7 ".chars().chain("würzig-".chars()).chain("pilz schaum ".chars()).cycle().take(MOST).collect();
    assert_eq!(chosen(&long.replacen("vo7", "kel", 1)), Ok(()));
    assert_eq!(chosen(&format!("{long}x")), Err(PasswordError::TooLong));
    assert_ne!(Password::given(&long), Password::given(&long.replacen("vo7", "vo8", 1)));
}

#[test]
fn kinds_of_characters_do_not_matter() {
    for text in [
        "gentle lamp vivid crate",
        "8305927461729385",
        "пять рыжих лисиц бегут",
        "電池馬正確針雨雲山川海空星月花鳥",
        "&%§/)=?+#*~<>|^",
    ] {
        assert_eq!(chosen(text), Ok(()), "{text}");
    }
}

#[test]
fn what_leads_every_list_is_refused_however_it_is_masked() {
    for text in [
        "passwordpassword",
        "Password12345678!",
        "P@ssw0rd P@ssw0rd",
        "Welcome2Welcome2026",
        "qwertyuiopasdfgh",
        "1q2w3e1q2w3e1q2w3e",
        "12345678901234567890",
        "abcdefghijklmnopqr",
        "aaaaaaaaaaaaaaaaaa",
        "iloveyou1iloveyou1",
        "xk7xk7xk7xk7xk7xk7",
        "letmeinletmein2026",
        "correct horse battery staple",
        "correcthorsebatterystaple",
    ] {
        assert_eq!(chosen(text), Err(PasswordError::Guessable), "{text}");
    }
}

#[test]
fn a_few_common_words_are_refused_however_they_are_joined() {
    let of_an_operator = |text: &str| Password::chosen(text, LEAST_WITH_SECOND_FACTOR, &OWN).map(drop);
    for text in ["correct horse", "Correct-Horse1", "correct horse!!", "twelve chars", "green window", "mother father"] {
        assert!(matches!(of_an_operator(text), Err(PasswordError::Guessable | PasswordError::FewWords)), "{text}");
    }
    for text in ["this is my house", "love you forever", "horse correct 12", "mother father!!", "Football club 04"] {
        let refused = chosen(text).unwrap_err();
        assert!(matches!(refused, PasswordError::Guessable | PasswordError::FewWords), "{text}");
        assert_eq!(refused.code(), "guessable");
    }
    assert_eq!(of_an_operator("zQ4 mfw8 hLs"), Ok(()), "as long, and no words");
}

#[test]
fn what_others_know_of_its_owner_is_refused() {
    for text in ["annakatharinaschmidt", "Schmidt-Anna-1987!", "a.schmidt@example.org", "VASP registry 2026"] {
        assert_eq!(chosen(text), Err(PasswordError::Guessable), "{text}");
    }
    assert_eq!(chosen("schmidt feeds nine tame otters"), Ok(()), "a name among others is no harm");
}

#[test]
fn one_text_typed_in_two_ways_is_one_password() {
    assert_eq!(Password::given("ﬁ\u{fb01}nest Z\u{0075}\u{0308}rich"), Password::given("fifinest Zürich"));
    assert_eq!(format!("{:?}", Password::given("secret")), "Some(Password(…))");
}

#[test]
fn list_of_common_words_is_in_the_form_that_is_compared() {
    for word in COMMON.lines() {
        assert!(!word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase()), "{word}");
    }
}

proptest! {
    #[test]
    fn choosing_never_panics_and_keeps_the_lengths(text in "\\PC{0,150}", own in "\\PC{0,30}") {
        match Password::chosen(&text, LEAST_ALONE, &[&own]) {
            Ok(password) => {
                let count = password.0.chars().count();
                prop_assert!((LEAST_ALONE..=MOST).contains(&count));
                prop_assert_eq!(Password::given(&text), Some(password));
            }
            Err(PasswordError::TooLong) => prop_assert!(text.nfkc().count() > MOST || text.len() > MOST * 16),
            Err(_) => (),
        }
    }

    /// Any two words of the longest lists, joined in any way.
    #[test]
    fn two_common_words_are_no_password(one in select(&WORDS), joint in "[ .!-]{0,2}", other in select(&WORDS)) {
        let text = format!("{one}{joint}{other}");
        let refused = Password::chosen(&text, LEAST_WITH_SECOND_FACTOR, &OWN);
        prop_assert!(refused.is_err(), "{}", text);
    }

    /// Sixteen random characters form no word; a few in a million are refused by chance.
    #[test]
    fn random_passwords_are_taken(text in "[bcdfghjkmnprtvwxz2468]{24}") {
        prop_assert_eq!(chosen(&text), Ok(()));
    }
}
