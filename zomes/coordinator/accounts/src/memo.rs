//! What a payment is for, sealed between payer and payee (L5).

use crate::problem::{wish, Told};
use hdk::prelude::*;
use weir_rules::entry::Memo;
use weir_rules::ids::MemberKey;
use weir_rules::limits_v1::MEMO_TEXT_MAX;
use weir_substrate::ids;

/// Texts are padded to one of these lengths, so that the length tells nearly nothing.
const PADDED: [usize; 2] = [72, MEMO_TEXT_MAX];
const NONCE: usize = 24;

pub fn seal(me: &MemberKey, payee: &MemberKey, text: &str) -> Told<Option<Memo>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let Some(length) = PADDED.into_iter().find(|length| text.len() <= *length) else {
        return wish("MEMO_TOO_LONG", "The note is longer than 200 bytes.");
    };
    if text.contains('\0') {
        return wish("MEMO_MALFORMED", "The note holds a character that cannot be sealed.");
    }
    let mut padded = text.as_bytes().to_vec();
    padded.resize(length, 0);
    let sealed = ed_25519_x_salsa20_poly1305_encrypt(
        ids::agent_key(me),
        ids::agent_key(payee),
        padded.into(),
    )?;
    let mut bytes = sealed.as_nonce_ref().as_ref().to_vec();
    bytes.extend_from_slice(sealed.as_encrypted_data_ref());
    Ok(Some(Memo(bytes)))
}

/// The text, when this member can open it.
pub fn open(me: &MemberKey, other: &MemberKey, memo: &Memo) -> Option<String> {
    let (nonce, data) = memo.0.split_first_chunk::<NONCE>()?;
    let sealed = XSalsa20Poly1305EncryptedData::new((*nonce).into(), data.to_vec());
    let opened =
        ed_25519_x_salsa20_poly1305_decrypt(ids::agent_key(me), ids::agent_key(other), sealed)
            .ok()?;
    let text = opened.as_ref().split(|byte| *byte == 0).next()?;
    String::from_utf8(text.to_vec()).ok()
}
