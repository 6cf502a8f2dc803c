use methodical_semantics::{
    document::lockinfo::{Lockinfo, OWNER_BYTES_MAX},
    lock::Scope,
};

fn parse(inner: &str) -> Result<Lockinfo, u16> {
    let text = format!("<D:lockinfo xmlns:D=\"DAV:\">{inner}</D:lockinfo>");
    Lockinfo::parse(text.as_bytes()).map_err(|error| error.status().as_u16())
}

const WRITE: &str = "<D:locktype><D:write/></D:locktype>";
const EXCLUSIVE: &str = "<D:lockscope><D:exclusive/></D:lockscope>";

#[test]
fn rfc4918_14_11_scope_type_and_owner() {
    let found = parse(&format!("{WRITE}{EXCLUSIVE}")).unwrap();
    assert_eq!(found, Lockinfo { scope: Scope::Exclusive, owner: None });
    let owner = "<D:owner xml:lang=\"de\"> <D:href>http://e/</D:href>\u{e4}</D:owner>";
    let found = parse(&format!("{EXCLUSIVE}<x/>{WRITE}{owner}")).unwrap();
    let kept = owner.replacen("D:owner", "D:owner xmlns:D=\"DAV:\"", 1);
    assert_eq!(found.owner.as_deref(), Some(&*kept), "kept as it was written");
}

#[test]
fn rfc4918_14_11_a_lock_that_cannot_be_had_is_refused() {
    assert_eq!(parse(WRITE), Err(400));
    assert_eq!(parse(EXCLUSIVE), Err(400));
    assert_eq!(parse(&format!("{EXCLUSIVE}{EXCLUSIVE}{WRITE}")), Err(400));
    assert_eq!(parse(&format!("{EXCLUSIVE}<D:locktype/>")), Err(422));
    assert_eq!(parse(&format!("{WRITE}<D:lockscope/>")), Err(422));
}

#[test]
fn house_8_an_owner_is_bounded() {
    let of = |bytes: usize| {
        let frame = "<D:owner xmlns:D=\"DAV:\"></D:owner>".len();
        parse(&format!("{WRITE}{EXCLUSIVE}<D:owner>{}</D:owner>", "a".repeat(bytes - frame)))
    };
    assert_eq!(of(OWNER_BYTES_MAX).unwrap().owner.unwrap().len(), OWNER_BYTES_MAX);
    assert_eq!(of(OWNER_BYTES_MAX + 1), Err(413));
}
