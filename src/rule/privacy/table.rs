//! Columns whose header says that they hold personal data.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Column, Draft, Value, number};
use crate::diagnostic::PersonalData;
use crate::document::{BlockKind, Document};

/// What the plates of the provinces begin with.
#[rustfmt::skip]
pub(super) const PLATE_PROVINCES: [char; 31] = [
    '京', '津', '沪', '渝', '冀', '豫', '云', '辽', '黑', '湘', '皖', '鲁', '新', '苏', '浙', '赣', '鄂', '桂', '甘', '晋', '蒙', '陕',
    '吉', '闽', '贵', '粤', '青', '藏', '川', '宁', '琼',
];

/// A cell, or a field between two tabs of a plain text.
struct Field {
    block: usize,
    /// Byte range of the block's text.
    range: Range<usize>,
    row: u32,
    column: u32,
    /// Whether the block is one cell.
    is_cell: bool,
}

/// What a header says of its column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Header {
    /// 身份证号
    ResidentNumber,
    /// 手机号
    Mobile,
    /// 联系电话: a mobile number or an office's line.
    Phone,
    /// 银行卡号
    Card,
    /// 账号, which may be an office's.
    Account,
    Passport,
    Permit,
    Plate,
    Email,
    /// 姓名
    Person,
    /// 联系人
    Contact,
    /// 单位, 职务: who is listed with one is listed as its holder.
    Office,
    /// 项目代码, 订单编号: numbers of things.
    Serial,
}

#[rustfmt::skip]
const HEADERS: &[(Header, &[&str])] = &[
    (Header::ResidentNumber, &["身份证", "公民身份", "身份号码", "证件号"]),
    (Header::Mobile, &["手机", "移动电话"]),
    (Header::Card, &["银行卡", "卡号", "一卡通", "惠农卡", "社保卡", "工资卡", "存折"]),
    (Header::Account, &["账号", "帐号", "账户", "帐户"]),
    (Header::Passport, &["护照"]),
    (Header::Permit, &["通行证", "回乡证", "台胞证"]),
    (Header::Plate, &["车牌", "号牌"]),
    (Header::Email, &["邮箱", "电子邮件", "email", "e-mail"]),
    (Header::Contact, &["联系人", "负责人", "经办人", "责任人"]),
    (Header::Phone, &["电话", "联系方式", "联系号码"]),
    (Header::Person, &[
        "姓名", "户主", "申请人", "学生", "考生", "患者", "当事人", "持卡人", "受益人", "车主", "驾驶人", "驾驶员", "职工", "村民", "居民",
        "家长", "监护人", "参保人", "被保险人", "业主", "对象", "领取人", "购房人",
    ]),
    (Header::Office, &["单位", "部门", "机构", "窗口", "科室", "职务", "地址", "企业", "公司"]),
    (Header::Serial, &["代码", "编号", "编码", "单号", "流水", "文号", "条码"]),
];

/// The longest header, in characters.
const HEADER: usize = 14;

/// Finds the columns that hold personal data, and what stands in them; returns for each candidate cell what its row and
/// its column say about it.
pub(super) fn find(
    document: &Document,
    candidates: &[usize],
    draft: &mut Draft,
) -> BTreeMap<usize, String> {
    let mut labels = BTreeMap::new();
    for table in tables(document, candidates) {
        Table::new(document, table).search(candidates, draft, &mut labels);
    }
    labels
}

struct Table<'d> {
    document: &'d Document,
    fields: Vec<Field>,
    /// By column and row.
    headers: BTreeMap<(u32, u32), (Header, usize)>,
    has_person: bool,
    has_contact: bool,
    has_office: bool,
}

impl<'d> Table<'d> {
    fn new(document: &'d Document, fields: Vec<Field>) -> Self {
        let mut table = Self {
            document,
            fields,
            headers: BTreeMap::new(),
            has_person: false,
            has_contact: false,
            has_office: false,
        };
        for (n, field) in table.fields.iter().enumerate() {
            let Some(header) = header(table.text(field)) else {
                continue;
            };
            match header {
                Header::Person => table.has_person = true,
                Header::Contact => table.has_contact = true,
                Header::Office => table.has_office = true,
                _ => {}
            }
            table
                .headers
                .entry((field.column, field.row))
                .or_insert((header, n));
        }
        table
    }

    fn text(&self, field: &Field) -> &'d str {
        &self.document.text(&self.document.blocks[field.block])[field.range.clone()]
    }

    /// The nearest header above a field.
    fn above(&self, field: &Field) -> Option<&(Header, usize)> {
        let above = (field.column, 0)..(field.column, field.row);
        self.headers
            .range(above)
            .next_back()
            .map(|(_, header)| header)
    }

    fn left(&self, field: &Field) -> Option<&(Header, usize)> {
        let column = field.column.checked_sub(1)?;
        self.headers.get(&(column, field.row))
    }

    fn search(
        &self,
        candidates: &[usize],
        draft: &mut Draft,
        labels: &mut BTreeMap<usize, String>,
    ) {
        let mut columns: BTreeMap<usize, (Header, Vec<(usize, Value)>)> = BTreeMap::new();
        for field in &self.fields {
            if candidates.binary_search(&field.block).is_err() {
                continue;
            }
            let above = self.above(field);
            if let Some(&(header, n)) = above {
                let values = self.values(field, header).into_iter();
                let (_, column) = columns.entry(n).or_insert_with(|| (header, Vec::new()));
                column.extend(values.map(|v| (field.block, v)));
            }
            let left = self.left(field);
            if let Some(&(header, _)) = left.filter(|_| self.has_person) {
                for value in self.values(field, header) {
                    draft.add(field.block, value);
                }
            }
            let said: Vec<&str> = left
                .into_iter()
                .chain(above)
                .map(|&(_, n)| self.text(&self.fields[n]))
                .collect();
            if field.is_cell {
                labels.entry(field.block).or_insert_with(|| said.join(" "));
            }
        }
        for (n, (header, values)) in columns {
            if self.is_reported(header, &values) {
                self.add_column(&self.fields[n], values, draft);
            }
        }
    }

    fn add_column(&self, header: &Field, values: Vec<(usize, Value)>, draft: &mut Draft) {
        let Some(kind) = values.first().map(|(_, v)| v.kind) else {
            return;
        };
        let mut blocks = Vec::new();
        let mut count = 0;
        for (block, value) in values {
            let column = Some((header.block, header.range.start));
            if draft.add(block, Value { column, ..value }) {
                blocks.push(block);
                count += 1;
            }
        }
        blocks.sort_unstable();
        blocks.dedup();
        if count > 0 {
            draft.columns.entry(header.block).or_default().push(Column {
                kind,
                header: header.range.clone(),
                blocks,
                count,
            });
        }
    }

    /// Whether a column with such values is one of personal data, not of an office's.
    fn is_reported(&self, header: Header, values: &[(usize, Value)]) -> bool {
        match header {
            Header::Phone => {
                !self.has_office && (self.has_person || self.has_contact && values.len() > 1)
            }
            Header::Account | Header::Plate | Header::Email => self.has_person,
            _ => !values.is_empty(),
        }
    }

    /// What stands in a field under such a header.
    fn values(&self, field: &Field, header: Header) -> Vec<Value> {
        let text = self.text(field);
        let found: Vec<Value> = match header {
            Header::ResidentNumber => {
                let numbers = whole_numbers(text, 15..=18, PersonalData::ResidentNumber);
                if numbers.is_empty() {
                    super::shaped(text, PersonalData::Passport)
                } else {
                    numbers
                }
            }
            Header::Mobile | Header::Phone => mobiles(text),
            Header::Card | Header::Account => whole_numbers(text, 12..=21, PersonalData::BankCard),
            Header::Passport => super::shaped(text, PersonalData::Passport),
            Header::Permit => super::shaped(text, PersonalData::Permit),
            Header::Plate => super::shaped(text, PersonalData::Plate),
            Header::Email => super::shaped(text, PersonalData::Email),
            Header::Person | Header::Contact | Header::Office | Header::Serial => Vec::new(),
        };
        let start = field.range.start;
        found
            .into_iter()
            .map(|v| Value {
                range: start + v.range.start..start + v.range.end,
                ..v
            })
            .collect()
    }
}

/// Numbers of a length, whatever their check digit says: the header says what they are meant to be.
fn whole_numbers(
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    kind: PersonalData,
) -> Vec<Value> {
    number::runs(text)
        .iter()
        .filter_map(|run| run.whole())
        .filter(|w| !w.is_glued && length.contains(&w.digits.len()))
        .map(|w| Value::new(kind, w.range))
        .collect()
}

fn mobiles(text: &str) -> Vec<Value> {
    let runs = number::runs(text);
    runs.iter()
        .flat_map(|run| {
            (0..run.groups.len()).filter_map(|n| run.windows(n).find(number::Window::is_mobile))
        })
        .map(|w| Value::new(PersonalData::Mobile, w.range))
        .collect()
}

/// What a header says, if a text is one.
fn header(text: &str) -> Option<Header> {
    // What stands in brackets explains: 联系电话（手机）, 身份证号（18位）.
    let end = text
        .find(['（', '('])
        .filter(|&at| at > 0)
        .unwrap_or(text.len());
    let text: String = text[..end]
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    if text.chars().count() > HEADER || text.chars().any(|c| number::digit(c).is_some()) {
        return None;
    }
    HEADERS
        .iter()
        .find(|(_, words)| words.iter().any(|w| text.contains(w)))
        .map(|(header, _)| *header)
}

/// The tables that hold a candidate, each as its fields in the order of the document.
fn tables(document: &Document, candidates: &[usize]) -> Vec<Vec<Field>> {
    let mut wanted: BTreeSet<(usize, u32)> = BTreeSet::new();
    let mut tabbed = false;
    for &index in candidates {
        let block = &document.blocks[index];
        match block.kind {
            BlockKind::Cell { table, .. } => {
                wanted.insert((block.part, table));
            }
            BlockKind::Paragraph => tabbed |= document.text(block).contains('\t'),
            _ => {}
        }
    }
    let mut tables: BTreeMap<(usize, u32), Vec<Field>> = BTreeMap::new();
    if !wanted.is_empty() {
        for (index, block) in document.blocks.iter().enumerate() {
            if let BlockKind::Cell { table, row, column } = block.kind
                && wanted.contains(&(block.part, table))
            {
                tables.entry((block.part, table)).or_default().push(Field {
                    block: index,
                    range: 0..document.text(block).len(),
                    row,
                    column,
                    is_cell: true,
                });
            }
        }
    }
    let mut tables: Vec<Vec<Field>> = tables.into_values().collect();
    if tabbed {
        tables.extend(tables_of_text(document));
    }
    tables
}

/// Lines with tabs, one after the other, are the rows of a table.
fn tables_of_text(document: &Document) -> Vec<Vec<Field>> {
    let mut tables: Vec<Vec<Field>> = Vec::new();
    let mut row = 0;
    for (index, block) in document.blocks.iter().enumerate() {
        let text = document.text(block);
        if block.kind != BlockKind::Paragraph || !text.contains('\t') {
            row = 0;
            continue;
        }
        for line in super::context::lines(text) {
            if !text[line.clone()].contains('\t') {
                row = 0;
                continue;
            }
            row += 1;
            if row == 1 {
                tables.push(Vec::new());
            }
            let mut start = line.start;
            for (column, field) in (1..).zip(text[line].split('\t')) {
                if let Some(table) = tables.last_mut() {
                    table.push(Field {
                        block: index,
                        range: start..start + field.len(),
                        row,
                        column,
                        is_cell: false,
                    });
                }
                start += field.len() + 1;
            }
        }
    }
    tables
}
