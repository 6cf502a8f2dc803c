use methodical_semantics::header::ext_value::{decode, encode};
use proptest::prelude::*;

#[test]
fn rfc8187_3_2_3_the_examples() {
    assert_eq!(decode("utf-8'en'%C2%A3%20rates").as_deref(), Some("£ rates"));
    let both = decode("UTF-8''%c2%a3%20and%20%e2%82%ac%20rates");
    assert_eq!(both.as_deref(), Some("£ and € rates"));
}

#[test]
fn rfc8187_3_2_1_other_charsets_and_octets_are_not_read() {
    for wrong in ["", "a", "UTF-8'a", "UTF-8''%ff", "utf-16''a", "UTF-8''a b", "UTF-8''a'b", "''a"]
    {
        assert_eq!(decode(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|UTF-8''[%a-f0-9]*") {
        let _read = decode(&text);
    }

    #[test]
    fn what_we_write_we_read(text: String) {
        let written = encode(&text);
        prop_assert!(written.is_ascii());
        prop_assert_eq!(decode(&written), Some(text));
    }
}
