//! The container: finds and inflates the entries of a zip within limits, and writes it again with some entries changed.
//!
//! Nothing is repaired and nothing is guessed: a zip that two programs could read in two ways is refused, because a fix
//! must land in the text that Word shows.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::ops::Range;

use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use rawzip::ZipArchive;

use crate::error::{Error, Result};

/// The most bytes one entry may inflate to.
const MAX_ENTRY: u64 = 256 << 20;
/// The most bytes all entries that are read may inflate to.
const MAX_TOTAL: u64 = 512 << 20;
/// The most entries a package may have.
const MAX_ENTRIES: u64 = 10_000;
/// How many times its stored size an entry may grow to, once it is larger than [`RATIO_GRACE`].
const MAX_RATIO: u64 = 1_000;
/// Up to this size any ratio is fine: a small part of one repeated character compresses very well.
const RATIO_GRACE: u64 = 1 << 20;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// General purpose flag: the entry is encrypted.
const FLAG_ENCRYPTED: u16 = 1;
/// General purpose flag: sizes and checksum follow the data.
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// General purpose flag: the name is UTF-8.
const FLAG_UTF8: u16 = 1 << 11;
/// What a reader must know to read a new entry: 2.0, deflate.
const VERSION_NEEDED: usize = 20;
/// Extra field that holds 64-bit sizes.
const EXTRA_ZIP64: u16 = 1;

/// Length of a local record's header, without name and extra fields.
const LOCAL_LEN: usize = 30;
/// Length of a directory record, without name, extra fields and comment.
const CENTRAL_LEN: usize = 46;

/// A zip whose structure has been checked; entries are inflated on request.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry>,
    /// Lower-case name to index: part names are compared without case.
    names: HashMap<String, usize>,
    /// Where the directory starts and ends.
    directory: Range<usize>,
    /// Where the end record starts.
    end: usize,
    /// Bytes that may still be inflated.
    budget: u64,
}

struct Entry {
    name: String,
    /// The directory record.
    record: Range<usize>,
    /// From the local header to the end of the data, without a data descriptor.
    local: Range<usize>,
    /// The data as stored.
    data: Range<usize>,
    flags: u16,
    method: u16,
    crc: u32,
    size: u64,
}

impl<'a> Archive<'a> {
    /// Reads the directory and checks that every entry stands alone in the file.
    ///
    /// # Errors
    /// When the zip is cut off or damaged, has too many entries, two entries of one name, or entries that overlap.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let archive = ZipArchive::from_slice(bytes).map_err(|e| match e.kind() {
            rawzip::ErrorKind::MissingEndOfCentralDirectory => Error::document(
                "文件不完整或已损坏：找不到 ZIP 结尾记录，请重新获取该文件",
                "the file is cut off or damaged: it has no zip end record; get the file again",
            ),
            _ => damaged(&e.to_string(), &e.to_string()),
        })?;
        if archive.entries_hint() > MAX_ENTRIES {
            return Err(too_many_entries());
        }
        let directory = offset(archive.directory_offset())?;
        let mut entries = Vec::new();
        let mut records = archive.entries();
        while let Some(found) = records
            .next_entry()
            .map_err(|e| damaged(&e.to_string(), &e.to_string()))?
        {
            if entries.len() as u64 >= MAX_ENTRIES {
                return Err(too_many_entries());
            }
            let raw_name = found.file_path();
            let name = String::from_utf8_lossy(raw_name.as_bytes()).into_owned();
            let local = archive
                .get_entry(found.wayfinder())
                .map_err(|e| damaged(&format!("{name}：{e}"), &format!("{name}: {e}")))?;
            if local.local_header().file_path().as_bytes() != raw_name.as_bytes() {
                return Err(Error::document(
                    format!(
                        "文件已损坏：ZIP 目录与条目的名称不一致（{name}），请用 Word 或 WPS 另存后再试"
                    ),
                    format!(
                        "the file is damaged: the zip directory and the entry {name} disagree on its name; save it again with Word or WPS"
                    ),
                ));
            }
            let (data_start, data_end) = local.compressed_data_range();
            let record = offset(found.central_directory_offset())?;
            entries.push(Entry {
                record: record..record + record_len(bytes, record),
                local: offset(found.local_header_offset())?..offset(data_end)?,
                data: offset(data_start)?..offset(data_end)?,
                flags: u16_at(bytes, record + 8),
                method: found.compression_method().as_u16(),
                crc: found.crc32(),
                size: found.uncompressed_size_hint(),
                name,
            });
        }
        if entries.len() as u64 != archive.entries_hint() {
            return Err(damaged(
                "ZIP 目录的条目数与结尾记录不符",
                "the directory does not hold as many entries as the end record says",
            ));
        }
        check_overlaps(&entries, directory)?;
        let directory_end = entries.last().map_or(directory, |e| e.record.end);
        Ok(Self {
            names: index(&entries)?,
            entries,
            directory: directory..directory_end,
            end: offset(archive.eocd_offset())?,
            bytes,
            budget: MAX_TOTAL,
        })
    }

    /// The names of all entries, in the order of the directory.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|e| e.name.as_str())
    }

    /// The name of an entry as it is spelt in the file; names are compared without case.
    pub(super) fn spelling(&self, name: &str) -> Option<&str> {
        self.find(name).map(|n| self.entries[n].name.as_str())
    }

    /// Inflates an entry, or gives `None` when there is none of that name.
    ///
    /// # Errors
    /// When it is encrypted, compressed in another way, larger than the limits, or does not match its checksum.
    pub(super) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(entry) = self.find(name).map(|n| &self.entries[n]) else {
            return Ok(None);
        };
        let data = &self.bytes[entry.data.clone()];
        if entry.flags & FLAG_ENCRYPTED != 0 {
            return Err(Error::document(
                format!("文件已加密（需要密码），未检查：{}", entry.name),
                format!(
                    "the file is encrypted (it needs a password) and was not checked: {}",
                    entry.name
                ),
            ));
        }
        let stored_size = data.len() as u64;
        let limit = MAX_ENTRY.min(self.budget).min(ratio_limit(stored_size));
        let expected = entry
            .size
            .min(limit)
            .min(stored_size.saturating_mul(MAX_RATIO));
        let mut out = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
        let mut reader: Box<dyn Read> = match entry.method {
            STORED => Box::new(data),
            DEFLATED => Box::new(DeflateDecoder::new(data)),
            other => {
                return Err(Error::document(
                    format!(
                        "无法读取 {}：不支持的压缩方式 {other}，请用 Word 或 WPS 另存后再试",
                        entry.name
                    ),
                    format!(
                        "cannot read {}: compression method {other} is not supported; save it again with Word or WPS",
                        entry.name
                    ),
                ));
            }
        };
        reader
            .by_ref()
            .take(limit + 1)
            .read_to_end(&mut out)
            .map_err(|e| {
                damaged(
                    &format!("{}：{e}", entry.name),
                    &format!("{}: {e}", entry.name),
                )
            })?;
        let size = out.len() as u64;
        if size > limit {
            return Err(too_large(&entry.name, limit, stored_size));
        }
        let mut crc = Crc::new();
        crc.update(&out);
        if size != entry.size || crc.sum() != entry.crc {
            return Err(Error::document(
                format!(
                    "文件已损坏：{} 的校验值或长度不符，请重新获取该文件",
                    entry.name
                ),
                format!(
                    "the file is damaged: checksum or length of {} is wrong; get the file again",
                    entry.name
                ),
            ));
        }
        self.budget -= size;
        Ok(Some(out))
    }

    /// Why the package cannot be written again, if so: 64-bit records are read but not written.
    pub(super) fn refusal_to_write(&self) -> Option<Error> {
        let wide_end = self
            .end
            .checked_sub(20)
            .is_some_and(|at| self.bytes[at..].starts_with(b"PK\x06\x07"));
        let wide_offset = self
            .entries
            .iter()
            .any(|e| u32_at(self.bytes, e.record.start + 42) == u32::MAX);
        (wide_end || wide_offset).then(|| {
            Error::document(
                "文件是 ZIP64 格式，不能原样写回；请用 Word 或 WPS 另存后再修改",
                "the file is a ZIP64 package and cannot be written back unchanged; save it again with Word or WPS, then fix it",
            )
        })
    }

    /// The package with the named entries replaced and further ones added behind them; every other byte of every record
    /// stays as it is, and so do order, comment, and whatever stands before the first record or behind the end record.
    ///
    /// # Errors
    /// When a changed name is not in the package or an added one is, or the package cannot be written.
    pub(super) fn rebuild(
        &self,
        changed: &[(&str, &[u8])],
        added: &[(&str, &[u8])],
    ) -> Result<Vec<u8>> {
        if let Some(refusal) = self.refusal_to_write() {
            return Err(refusal);
        }
        let mut contents: Vec<Option<&[u8]>> = vec![None; self.entries.len()];
        for (name, content) in changed {
            let n = self.find(name).ok_or_else(|| {
                Error::document(
                    format!("无法写入 {name}：文件中没有这个部件"),
                    format!("cannot write {name}: the package has no such part"),
                )
            })?;
            contents[n] = Some(content);
        }
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|&n| self.entries[n].local.start);

        let first = order
            .first()
            .map_or(self.directory.start, |&n| self.entries[n].local.start);
        let mut out = Vec::with_capacity(self.bytes.len());
        out.extend_from_slice(&self.bytes[..first]);
        let mut starts = vec![0; self.entries.len()];
        let mut written: Vec<Option<Written>> = vec![None; self.entries.len()];
        for (i, &n) in order.iter().enumerate() {
            starts[n] = out.len();
            let entry = &self.entries[n];
            match contents[n] {
                // What stands between this record and the next belongs to this one: its data descriptor.
                None => {
                    let next = order
                        .get(i + 1)
                        .map_or(self.directory.start, |&m| self.entries[m].local.start);
                    out.extend_from_slice(&self.bytes[entry.local.start..next]);
                }
                Some(content) => written[n] = Some(self.write_local(entry, content, &mut out)?),
            }
        }
        let mut records = Vec::with_capacity(added.len());
        for (name, content) in added {
            if self.find(name).is_some() {
                return Err(Error::document(
                    format!("无法加入 {name}：文件中已有这个部件"),
                    format!("cannot add {name}: the package has such a part already"),
                ));
            }
            records.push(self.write_new(name, content, &mut out)?);
        }
        self.write_directory(&starts, &written, &records, &mut out)?;
        Ok(out)
    }

    /// Writes the local record of a changed entry, with its sizes in the header and so without a data descriptor.
    fn write_local(&self, entry: &Entry, content: &[u8], out: &mut Vec<u8>) -> Result<Written> {
        let data = match entry.method {
            STORED => content.to_vec(),
            _ => deflate(content)?,
        };
        let done = Written::new(entry.flags & !FLAG_DESCRIPTOR, content, &data)?;
        let header = &self.bytes[entry.local.start..entry.data.start];
        let name_end = LOCAL_LEN + usize::from(u16_at(header, 26));
        let extra = without_zip64(&header[name_end..]);
        let start = out.len();
        out.extend_from_slice(&header[..name_end]);
        out.extend_from_slice(&extra);
        out.extend_from_slice(&data);
        done.patch(&mut out[start + 6..]);
        put_u16(&mut out[start + 28..], extra.len());
        Ok(done)
    }

    /// Writes the local record of a new entry; gives its directory record, whose offset is still to be filled in.
    ///
    /// Who made it, when, and with which attributes is copied from the first entry: Word for Mac has been seen to refuse
    /// files in which these are odd.
    fn write_new(&self, name: &str, content: &[u8], out: &mut Vec<u8>) -> Result<NewRecord> {
        let data = deflate(content)?;
        let start = out.len();
        let done = Written::new(if name.is_ascii() { 0 } else { FLAG_UTF8 }, content, &data)?;
        let like = self.entries.first();
        let like = like.map_or(&[0; CENTRAL_LEN][..], |e| &self.bytes[e.record.clone()]);

        out.extend_from_slice(b"PK\x03\x04");
        out.resize(start + LOCAL_LEN, 0);
        let mut record = b"PK\x01\x02".to_vec();
        record.extend_from_slice(&like[4..6]);
        record.resize(CENTRAL_LEN, 0);
        record[38..42].copy_from_slice(&like[38..42]);
        for header in [&mut out[start + 4..], &mut record[6..]] {
            put_u16(header, VERSION_NEEDED);
            done.patch(&mut header[2..]);
            put_u16(&mut header[4..], usize::from(DEFLATED));
            header[6..10].copy_from_slice(&like[12..16]);
            put_u16(&mut header[22..], name.len());
        }
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&data);
        record.extend_from_slice(name.as_bytes());
        Ok(NewRecord { start, record })
    }

    fn write_directory(
        &self,
        starts: &[usize],
        written: &[Option<Written>],
        added: &[NewRecord],
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let directory = out.len();
        // Offsets count from the first byte of the zip proper, which may have something in front of it.
        let base = self
            .directory
            .start
            .checked_sub(u32_at(self.bytes, self.end + 16) as usize)
            .ok_or_else(|| {
                damaged(
                    "结尾记录指向目录之后",
                    "the end record points behind the directory",
                )
            })?;
        for (n, entry) in self.entries.iter().enumerate() {
            let record = &self.bytes[entry.record.clone()];
            let start = out.len();
            match &written[n] {
                None => out.extend_from_slice(record),
                Some(done) => {
                    let extra_start = CENTRAL_LEN + usize::from(u16_at(record, 28));
                    let extra_end = extra_start + usize::from(u16_at(record, 30));
                    let extra = without_zip64(&record[extra_start..extra_end]);
                    out.extend_from_slice(&record[..extra_start]);
                    out.extend_from_slice(&extra);
                    out.extend_from_slice(&record[extra_end..]);
                    done.patch(&mut out[start + 8..]);
                    put_u16(&mut out[start + 30..], extra.len());
                }
            }
            put_u32(&mut out[start + 42..], narrow(starts[n] - base)?);
        }
        for new in added {
            let start = out.len();
            out.extend_from_slice(&new.record);
            put_u32(&mut out[start + 42..], narrow(new.start - base)?);
        }
        let size = narrow(out.len() - directory)?;
        out.extend_from_slice(&self.bytes[self.directory.end..self.end]);
        let end = out.len();
        out.extend_from_slice(&self.bytes[self.end..]);
        for field in [8, 10] {
            let count = usize::from(u16_at(out, end + field)) + added.len();
            put_u16(&mut out[end + field..], count);
        }
        put_u32(
            &mut out[end + 12..],
            size + narrow(self.end - self.directory.end)?,
        );
        put_u32(&mut out[end + 16..], narrow(directory - base)?);
        Ok(())
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.names.get(&name.to_ascii_lowercase()).copied()
    }
}

/// What changes in the headers of an entry that is written anew.
#[derive(Clone)]
struct Written {
    flags: u16,
    crc: u32,
    stored: u32,
    size: u32,
}

/// An entry that was added, as far as the directory is concerned.
struct NewRecord {
    /// Where its local record starts.
    start: usize,
    record: Vec<u8>,
}

impl Written {
    fn new(flags: u16, content: &[u8], data: &[u8]) -> Result<Self> {
        let mut crc = Crc::new();
        crc.update(content);
        Ok(Self {
            flags,
            crc: crc.sum(),
            stored: narrow(data.len())?,
            size: narrow(content.len())?,
        })
    }

    /// Patches a header from its flags field on; local and directory records have the same fields from there to the sizes.
    fn patch(&self, from_flags: &mut [u8]) {
        from_flags[..2].copy_from_slice(&self.flags.to_le_bytes());
        put_u32(&mut from_flags[8..], self.crc);
        put_u32(&mut from_flags[12..], self.stored);
        put_u32(&mut from_flags[16..], self.size);
    }
}

fn deflate(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(content)
        .and_then(|()| encoder.finish())
        .map_err(|e| damaged(&e.to_string(), &e.to_string()))
}

fn index(entries: &[Entry]) -> Result<HashMap<String, usize>> {
    let mut names = HashMap::with_capacity(entries.len());
    for (n, entry) in entries.iter().enumerate() {
        if names.insert(entry.name.to_ascii_lowercase(), n).is_some() {
            return Err(Error::document(
                format!(
                    "文件不安全或已损坏：ZIP 中有两个名为 {} 的条目，请用 Word 或 WPS 另存后再试",
                    entry.name
                ),
                format!(
                    "the file is unsafe or damaged: the zip has two entries named {}; save it again with Word or WPS",
                    entry.name
                ),
            ));
        }
    }
    Ok(names)
}

fn check_overlaps(entries: &[Entry], directory: usize) -> Result<()> {
    let mut order: Vec<&Entry> = entries.iter().collect();
    order.sort_by_key(|e| e.local.start);
    for (i, entry) in order.iter().enumerate() {
        let limit = order.get(i + 1).map_or(directory, |next| next.local.start);
        if entry.local.end > limit {
            return Err(Error::document(
                format!(
                    "文件不安全或已损坏：ZIP 条目 {} 与其他数据重叠，未检查",
                    entry.name
                ),
                format!(
                    "the file is unsafe or damaged: zip entry {} overlaps other data; it was not checked",
                    entry.name
                ),
            ));
        }
    }
    Ok(())
}

/// Extra fields without the 64-bit sizes, which would contradict the sizes that are written into the header.
fn without_zip64(mut extra: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(extra.len());
    while extra.len() >= 4 {
        let len = (4 + usize::from(u16_at(extra, 2))).min(extra.len());
        if u16_at(extra, 0) != EXTRA_ZIP64 {
            kept.extend_from_slice(&extra[..len]);
        }
        extra = &extra[len..];
    }
    kept.extend_from_slice(extra);
    kept
}

/// The length of the directory record at `at`, with name, extra fields and comment.
fn record_len(bytes: &[u8], at: usize) -> usize {
    CENTRAL_LEN
        + [28, 30, 32]
            .into_iter()
            .map(|field| usize::from(u16_at(bytes, at + field)))
            .sum::<usize>()
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    match bytes.get(at..at + 2) {
        Some(&[a, b]) => u16::from_le_bytes([a, b]),
        _ => 0,
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn put_u16(to: &mut [u8], value: usize) {
    to[..2].copy_from_slice(&u16::try_from(value).unwrap_or(u16::MAX).to_le_bytes());
}

fn put_u32(to: &mut [u8], value: u32) {
    to[..4].copy_from_slice(&value.to_le_bytes());
}

fn offset(value: u64) -> Result<usize> {
    usize::try_from(value)
        .map_err(|_| damaged("偏移超出文件范围", "an offset lies outside the file"))
}

fn narrow(value: usize) -> Result<u32> {
    u32::try_from(value)
        .ok()
        .filter(|&v| v != u32::MAX)
        .ok_or_else(|| {
            Error::document(
                "文件过大（超过 4 GiB），不能写回；请拆分后再修改",
                "the file is too large to be written back (more than 4 GiB); split it, then fix it",
            )
        })
}

fn damaged(zh: &str, en: &str) -> Error {
    Error::document(
        format!("文件不完整或已损坏（{zh}），请重新获取该文件，或用 Word、WPS 修复后另存"),
        format!(
            "the file is cut off or damaged ({en}); get it again, or repair and save it with Word or WPS"
        ),
    )
}

fn too_many_entries() -> Error {
    Error::document(
        format!(
            "文件不安全：ZIP 条目超过 {MAX_ENTRIES} 个，未检查；若来源可信，请用 Word 或 WPS 另存后再试"
        ),
        format!(
            "the file is unsafe: more than {MAX_ENTRIES} zip entries; it was not checked. If you trust it, save it again with Word or WPS"
        ),
    )
}

fn ratio_limit(stored: u64) -> u64 {
    stored.saturating_mul(MAX_RATIO).max(RATIO_GRACE)
}

fn too_large(name: &str, limit: u64, stored: u64) -> Error {
    let (zh, en) = if limit == ratio_limit(stored) {
        (
            format!("解压后超过压缩数据（{stored} 字节）的 {MAX_RATIO} 倍"),
            format!("it inflates to more than {MAX_RATIO} times its {stored} stored bytes"),
        )
    } else if limit < MAX_ENTRY {
        (
            format!("各部件解压后合计超过 {} MiB", MAX_TOTAL >> 20),
            format!(
                "all parts together inflate to more than {} MiB",
                MAX_TOTAL >> 20
            ),
        )
    } else {
        (
            format!("解压后超过 {} MiB", MAX_ENTRY >> 20),
            format!("it inflates to more than {} MiB", MAX_ENTRY >> 20),
        )
    };
    Error::document(
        format!("文件不安全：{name} {zh}，疑为压缩炸弹，未检查；若来源可信，请拆分文档后再试"),
        format!(
            "the file is unsafe: {name}: {en}; it may be a zip bomb and was not checked. If you trust it, split the document"
        ),
    )
}
