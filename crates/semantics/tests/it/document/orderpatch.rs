//! DAV:orderpatch (RFC 3648 section 7).

use methodical_semantics::{
    document::orderpatch::{ORDER_MEMBERS_MAX, OrderMember, OrderPatch, parse},
    header::{ordering_type::OrderingType, position::Position},
};

fn read(inside: &str) -> Result<OrderPatch, u16> {
    let text = format!("<orderpatch xmlns=\"DAV:\">{inside}</orderpatch>");
    parse(text.as_bytes()).map_err(|error| error.status().as_u16())
}

fn member(name: &str, position: &str) -> String {
    format!("<order-member><segment>{name}</segment><position>{position}</position></order-member>")
}

#[test]
fn rfc3648_7_type_and_moves_are_read_in_their_order() {
    let inside = format!(
        "{}<ordering-type><href> http://example.org/inorder.ord </href></ordering-type><x/>{}",
        member(" two.html ", "<first/>"),
        member("a%20b/", "<after><segment>c</segment></after>"),
    );
    let moved = |name: &str, position| OrderMember { name: name.into(), position };
    let expected = OrderPatch {
        ordering_type: OrderingType::parse("http://example.org/inorder.ord"),
        moves: vec![
            moved("two.html", Position::First),
            moved("a b", Position::After(b"c".to_vec())),
        ],
    };
    assert_eq!(read(&inside), Ok(expected));
    assert_eq!(read(""), Ok(OrderPatch { ordering_type: None, moves: Vec::new() }));
    let both = [member("a", "<last/>"), member("b", "<before><segment>a</segment></before>")];
    assert_eq!(read(&both.concat()).unwrap().moves.len(), 2);
}

#[test]
fn rfc3648_7_what_says_nothing_is_refused() {
    for wrong in [
        "<ordering-type/>",
        "<ordering-type><href>name</href></ordering-type>",
        "<ordering-type><href>urn:x</href><href>urn:y</href></ordering-type>",
        "<ordering-type><href>urn:x</href></ordering-type><ordering-type/>",
        "<order-member/>",
        "<order-member><segment>a</segment></order-member>",
        "<order-member><position><first/></position></order-member>",
        "<order-member><segment>a</segment><segment>b</segment><position><first/></position>\
         </order-member>",
    ] {
        assert_eq!(read(wrong), Err(400), "{wrong}");
    }
    for position in ["", "<first/><last/>", "<after/>", "<after><segment/></after>", "<middle/>"] {
        assert_eq!(read(&member("a", position)), Err(400), "{position}");
    }
    for name in ["", "a/b", "..", "/a", "%"] {
        assert_eq!(read(&member(name, "<first/>")), Err(400), "{name}");
    }
    assert!(
        parse(b"<a xmlns='DAV:'/>").is_err()
            && parse(b"<orderpatch/>").is_err()
            && parse(b"").is_err()
    );
}

#[test]
fn limits_one_request_moves_so_many() {
    let many = |number| member("a", "<last/>").repeat(number);
    assert_eq!(read(&many(ORDER_MEMBERS_MAX)).unwrap().moves.len(), ORDER_MEMBERS_MAX);
    assert_eq!(read(&many(ORDER_MEMBERS_MAX + 1)), Err(400));
}
