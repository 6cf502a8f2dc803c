//! Wrong uses that do not compile: what keeps safe methods safe is a type.

#[test]
fn rfc9110_9_2_1_what_would_make_a_safe_method_write_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
