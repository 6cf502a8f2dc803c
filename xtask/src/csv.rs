//! Reading the project's own tables (RFC 4180, whole in memory).

use anyhow::{Result, ensure};

/// The rows of a CSV text without its first, which must equal `header`.
///
/// # Errors
/// When the header differs or a row has another number of fields.
pub(crate) fn rows(text: &str, header: &[&str]) -> Result<Vec<Vec<String>>> {
    let mut rows = records(text);
    ensure!(!rows.is_empty(), "the table is empty");
    let first = rows.remove(0);
    ensure!(first == header, "the columns are {first:?}, not {header:?}");
    for (index, row) in rows.iter().enumerate() {
        ensure!(row.len() == header.len(), "row {} has {} fields", index + 1, row.len());
    }
    Ok(rows)
}

/// Records of fields; a quoted field may hold commas, line ends and doubled quotes.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            _ if quoted => field.push(c),
            ',' => fields.push(std::mem::take(&mut field)),
            '\r' => {}
            '\n' => {
                fields.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut fields));
            }
            _ => field.push(c),
        }
    }
    if !field.is_empty() || !fields.is_empty() {
        fields.push(field);
        records.push(fields);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc4180_2_quoted_fields_hold_commas_and_quotes() {
        let text = "a,b\r\n1,\"x, \"\"y\"\"\"\n2,z";
        let rows = rows(text, &["a", "b"]).unwrap();
        assert_eq!(rows, [["1", "x, \"y\""], ["2", "z"]]);
    }

    #[test]
    fn a_row_of_another_width_is_refused() {
        assert!(rows("a,b\n1\n", &["a", "b"]).is_err());
        assert!(rows("a,c\n", &["a", "b"]).is_err());
    }
}
