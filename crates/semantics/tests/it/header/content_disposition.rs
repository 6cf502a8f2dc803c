use http::HeaderValue;
use methodical_semantics::header::content_disposition::{FormPart, attachment, inline};
use methodical_semantics::header::ext_value;
use methodical_semantics::header::parameters::PARAMETERS_MAX;
use proptest::prelude::*;

fn part(value: &str) -> (String, Option<String>) {
    let part = FormPart::parse(value.as_bytes()).unwrap();
    (part.name, part.filename)
}

fn filename(value: &str) -> String {
    part(&format!("form-data; name=f; {value}")).1.unwrap()
}

// covers: POST-12
#[test]
fn rfc7578_4_2_a_part_has_a_name() {
    assert_eq!(part(r#"form-data; name="user""#), ("user".to_owned(), None));
    assert_eq!(part("Form-Data;NAME=user;x=y").0, "user");
    assert_eq!(part(r#"form-data; name="""#).0, "");
    for wrong in ["form-data", "form-data; filename=a", "attachment; name=a", "", "form-data; name"]
    {
        assert!(FormPart::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn rfc6266_4_1_a_parameter_given_twice_is_invalid() {
    assert!(FormPart::parse(b"form-data; name=a; Name=b").is_err());
    assert!(FormPart::parse(b"form-data; name=a; filename=b; filename=b").is_err());
    let many: Vec<_> = (0..PARAMETERS_MAX).map(|number| format!("p{number}=1")).collect();
    assert!(FormPart::parse(format!("form-data; name=a; {}", many.join(";")).as_bytes()).is_err());
}

#[test]
fn rfc7578_4_2_names_come_as_browsers_and_curl_send_them() {
    assert_eq!(filename(r#"filename="a b;c,d.txt""#), "a b;c,d.txt");
    assert_eq!(filename(r#"filename="say %22hi%22%0D%0A.txt""#), "say \"hi\"\r\n.txt");
    assert_eq!(filename(r#"filename="say \"hi\" \\.txt""#), r#"say "hi" \.txt"#);
    assert_eq!(filename(r#"filename="100%25 %41""#), "100%25 %41");
    assert_eq!(filename("filename=\"naïve €.txt\""), "naïve €.txt");
    assert_eq!(filename(r#"filename="C:\dir\file.txt""#), r"C:\dir\file.txt");
    assert_eq!(filename(r#"filename="""#), "");
    assert_eq!(filename("FileName = plain.txt"), "plain.txt");
}

#[test]
fn rfc6266_4_3_the_extended_name_wins_if_it_can_be_read() {
    assert_eq!(filename("filename=e; filename*=UTF-8''%e2%82%ac"), "€");
    assert_eq!(filename("filename*=UTF-8''%e2%82%ac; filename=e"), "€");
    assert_eq!(filename("filename=e; filename*=utf-16''%e2"), "e");
}

// covers: POST-13
#[test]
fn rfc7578_4_2_a_name_of_the_client_is_never_a_path_of_ours() {
    let member_name = |value: &str| {
        let value = format!("form-data; name=f; filename=\"{value}\"");
        FormPart::parse(value.as_bytes()).unwrap().member_name()
    };
    assert_eq!(member_name("../../x").as_deref(), Some("x"));
    assert_eq!(member_name("/etc/passwd").as_deref(), Some("passwd"));
    assert_eq!(member_name(r"C:\dir\file.txt").as_deref(), Some("file.txt"));
    assert_eq!(member_name("a%0D%0Ab").as_deref(), Some("a  b"));
    for nothing in ["", "..", "a/", "/.", "..\\.."] {
        assert_eq!(member_name(nothing), None, "{nothing}");
    }
    assert_eq!(FormPart::parse(b"form-data; name=f").unwrap().member_name(), None);
}

#[test]
fn rfc6266_5_a_plain_name_needs_no_extended_form() {
    assert_eq!(attachment("example.html"), r#"attachment; filename="example.html""#);
    assert_eq!(inline("an example.html"), r#"inline; filename="an example.html""#);
}

#[test]
fn rfc6266_appendix_d_what_recipients_disagree_on_goes_into_the_extended_form() {
    let euro = r#"attachment; filename="_ rates"; filename*=UTF-8''%E2%82%AC%20rates"#;
    assert_eq!(attachment("€ rates"), euro);
    assert_eq!(inline("a\"b"), r#"inline; filename="a_b"; filename*=UTF-8''a%22b"#);
    assert_eq!(inline("50%41"), r#"inline; filename="50_41"; filename*=UTF-8''50%2541"#);
}

proptest! {
    #[test]
    fn no_octets_panic(octets: Vec<u8>, text in "form-data; name=a; [a-z*=;\"\\\\ %]*") {
        for value in [octets.as_slice(), text.as_bytes()] {
            if let Ok(part) = FormPart::parse(value) {
                let name = part.member_name().unwrap_or_default();
                prop_assert!(!name.contains(['/', '\0']) && !name.starts_with('.'));
            }
        }
    }

    #[test]
    fn every_name_can_be_written_and_read_back(name: String) {
        let written = attachment(&name);
        prop_assert!(HeaderValue::from_str(&written).is_ok());
        if let Some((_, extended)) = written.split_once("filename*=") {
            prop_assert_eq!(ext_value::decode(extended), Some(name));
        }
    }
}
