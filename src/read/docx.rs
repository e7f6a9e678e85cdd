//! docx.
use crate::error::Result;
pub(crate) fn rebuild(package: &[u8], changed: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let _ = changed;
    Ok(package.to_vec())
}
