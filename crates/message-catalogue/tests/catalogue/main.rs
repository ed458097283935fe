//! Every variant has its sentence.

/// Declares a test that compares each variant of an enum with its sentence. A variant that has no row does not compile.
macro_rules! sentences {
    ($test:ident, $enum:ident { $(
        $variant:ident $({ $($field:tt: $value:expr),* $(,)? })? $(($inner:expr))? => $sentence:expr
    ),* $(,)? }) => {
        #[test]
        fn $test() {
            use message_catalogue::English as _;
            #[allow(unreachable_patterns, reason = "a variant may have several rows")]
            let has_row = |value: &$enum| match value {
                $($enum::$variant { .. } => (),)*
            };
            $(
                let value = $enum::$variant $({ $($field: $value),* })? $(($inner))?;
                has_row(&value);
                assert_eq!(value.english(), $sentence, "{}", stringify!($variant));
            )*
        }
    };
}

fn serial(text: &str) -> licence::Serial {
    text.parse().expect("eight symbols")
}

mod doctor;
mod email;
mod prove;
mod refusals;
