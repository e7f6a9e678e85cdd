//! Tables as offices keep them: CSV in one of several encodings, or xlsx.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use calamine::{Data, Reader as _, Xlsx, XlsxError};
use encoding_rs::{Encoding, GB18030, UTF_8};
use zhengming::Lang;

use crate::words::shown;

/// One sheet of a workbook, or a whole CSV file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sheet {
    /// The sheet's name, where the file has several with something in them.
    pub(super) name: Option<String>,
    /// Its rows, each with its 1-based number; cells are trimmed, and rows without any text are left out.
    pub(super) rows: Vec<(usize, Vec<String>)>,
}

/// Files of more than this many bytes are no list of words.
const LIMIT: u64 = 64 << 20;

/// Columns further right hold no words.
const COLUMNS: u32 = 256;

/// Parts of a workbook that unpack to more than this are no list of words, either.
const UNPACKED_LIMIT: u64 = 512 << 20;

/// The sheets of a file that hold something.
pub(super) fn read(path: &Path, lang: Lang) -> Result<Vec<Sheet>> {
    let about = || shown(path);
    if fs::metadata(path).with_context(about)?.len() > LIMIT {
        bail!(lang.pick(
            format!("{}：超过 64 MiB，不像词表，未读取", shown(path)),
            format!(
                "{}: more than 64 MiB, which is no list of words",
                shown(path)
            ),
        ));
    }
    let bytes = fs::read(path).with_context(about)?;
    sheets(bytes, lang).with_context(about)
}

fn sheets(bytes: Vec<u8>, lang: Lang) -> Result<Vec<Sheet>> {
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook(bytes, lang);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        bail!(lang.pick(
            "旧版 Excel 或 WPS 格式，未读取；请另存为 xlsx",
            "an old Excel or WPS format, which is not read: save it as xlsx",
        ));
    }
    let text = decoded(&bytes, lang)?;
    let rows = records(&text.replace("\r\n", "\n").replace('\r', "\n"))?;
    Ok(vec![Sheet { name: None, rows }])
}

type Book = Xlsx<Cursor<Vec<u8>>>;

fn workbook(bytes: Vec<u8>, lang: Lang) -> Result<Vec<Sheet>> {
    let damaged = |e: &dyn std::fmt::Display| {
        anyhow!(lang.pick(
            format!("不是完好的 xlsx：{e}；请用 Excel 或 WPS 打开后另存"),
            format!("no sound xlsx: {e}; open it in Excel or WPS and save it again"),
        ))
    };
    if unpacked(&bytes).map_err(|e| damaged(&e))? > UNPACKED_LIMIT {
        bail!(lang.pick(
            "解压后超过 512 MiB，不像词表，未读取",
            "it unpacks to more than 512 MiB, which is no list of words",
        ));
    }
    let mut book: Book = Xlsx::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let rows = worksheet(&mut book, &name).map_err(|e| damaged(&e))?;
        if !rows.is_empty() {
            sheets.push(Sheet {
                name: Some(name),
                rows,
            });
        }
    }
    if let [only] = sheets.as_mut_slice() {
        only.name = None;
    }
    Ok(sheets)
}

/// How many bytes the parts of a zip archive say that they unpack to.
fn unpacked(bytes: &[u8]) -> Result<u64, rawzip::Error> {
    let archive = rawzip::ZipArchive::from_slice(bytes)?;
    let mut sum: u64 = 0;
    for entry in archive.entries() {
        sum = sum.saturating_add(entry?.uncompressed_size_hint());
    }
    Ok(sum)
}

/// The rows of a sheet, read cell by cell: one stray cell in its last corner would make a full grid too large.
fn worksheet(book: &mut Book, name: &str) -> Result<Vec<(usize, Vec<String>)>, XlsxError> {
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut cells = book.worksheet_cells_reader(name)?;
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        let text = match Data::from(cell.get_value().clone()) {
            Data::Empty | Data::Error(_) => String::new(),
            data => data.to_string().trim().to_owned(),
        };
        if column < COLUMNS && !text.is_empty() {
            let row = rows.entry(row).or_default();
            let column = column as usize;
            row.resize(row.len().max(column + 1), String::new());
            row[column] = text;
        }
    }
    let rows = rows.into_iter();
    Ok(rows.map(|(row, cells)| (row as usize + 1, cells)).collect())
}

fn has_text(cells: &[String]) -> bool {
    cells.iter().any(|c| !c.is_empty())
}

/// Excel saves CSV in the code page of the system or in UTF-8 with a mark, and "Unicode text" in UTF-16.
fn decoded(bytes: &[u8], lang: Lang) -> Result<String> {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, &bytes[mark..]),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, bytes),
        None => (GB18030, bytes),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    match text {
        Some(text) if !text.contains('\0') => Ok(text.into_owned()),
        _ => bail!(lang.pick(
            "既不是 UTF-8 也不是 GB18030 编码的文本；请另存为 xlsx 或 UTF-8 的 CSV",
            "text neither in UTF-8 nor in GB18030: save it as xlsx, or as CSV in UTF-8",
        )),
    }
}

/// The rows of a CSV text with plain line feeds, by the separator that makes most of them tables.
fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>> {
    const SAMPLE: usize = 200;
    let with = |separator: u8| {
        csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes())
    };
    let tables = |separator: &u8| {
        let mut reader = with(*separator);
        let rows = reader.records().take(SAMPLE).filter_map(Result::ok);
        rows.filter(|row| row.len() > 1).count()
    };
    // Of equals the last one counts, so the commonest comes last.
    let separator = [b'\t', b';', b','].into_iter().max_by_key(tables);
    let mut rows = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for record in with(separator.unwrap_or(b',')).records() {
        let record = record?;
        // A record's position is that of the blank lines in front of it.
        let start = record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or(text.len()).min(text.len());
        let blank = text.as_bytes()[start..].iter().take_while(|b| **b == b'\n');
        let start = start + blank.count();
        line += text.as_bytes()[counted..start]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        counted = start;
        let cells: Vec<_> = record.iter().map(str::to_owned).collect();
        if has_text(&cells) {
            rows.push((line, cells));
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(usize, Vec<String>)> {
        let mut all = sheets(bytes.to_vec(), Lang::En).unwrap();
        assert_eq!(all.len(), 1);
        all.swap_remove(0).rows
    }

    fn row(number: usize, cells: &[&str]) -> (usize, Vec<String>) {
        (number, cells.iter().map(|c| (*c).to_owned()).collect())
    }

    #[test]
    fn csv_in_every_encoding_and_with_every_separator() {
        let want = [row(1, &["错误", "正确"]), row(3, &["按装", "安装"])];
        let text = "错误,正确\r\n\r\n按装, 安装 \r\n";
        let mut marked = vec![0xEF, 0xBB, 0xBF];
        marked.extend(text.as_bytes());
        let mut wide = vec![0xFF, 0xFE];
        wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        for bytes in [
            text.as_bytes().to_vec(),
            marked,
            wide,
            GB18030.encode(text).0.into_owned(),
            text.replace(',', "\t").into_bytes(),
            text.replace(',', ";").into_bytes(),
        ] {
            assert_eq!(rows(&bytes), want);
        }
    }

    #[test]
    fn quoted_cells_may_hold_anything() {
        let text = "\"甲,乙\",\"丙\"\"丁\"\n单列\n";
        let want = [row(1, &["甲,乙", "丙\"丁"]), row(2, &["单列"])];
        assert_eq!(rows(text.as_bytes()), want);
        assert!(rows(b"").is_empty());
    }

    #[test]
    fn what_is_no_table_is_refused_with_advice() {
        for (bytes, want) in [
            (&[0xD0, 0xCF, 0x11, 0xE0, 0, 0][..], "save it as xlsx"),
            (&[0xFF, 0xFF, 0xFF], "save it as xlsx"),
            (b"PK\x03\x04 and no archive", "no sound xlsx"),
        ] {
            let error = sheets(bytes.to_vec(), Lang::En).unwrap_err().to_string();
            assert!(error.contains(want), "{error}");
        }
    }
}
