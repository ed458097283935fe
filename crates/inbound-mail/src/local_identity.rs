/// The addresses and the server name of this installation, needed to recognise its own mail.
#[derive(Clone, Default)]
pub struct LocalIdentity {
    /// Local part and domain of the reply address, which accepts `local+token@domain`; both in any case.
    pub reply: Option<(String, String)>,
    /// Our own addresses, in lower case: a message from one of them is a loop.
    pub addresses: Vec<String>,
    /// The name under which our own mail server writes Authentication-Results (RFC 8601, authserv-id). Without it no
    /// message is ever verified.
    pub authserv_id: Option<String>,
}

impl LocalIdentity {
    /// Whether an address in lower case is one of ours, with or without a tag after `+`.
    pub(crate) fn is_ours(&self, address: &str) -> bool {
        self.addresses.iter().any(|identity| identity.eq_ignore_ascii_case(address))
            || self.tag_of(address).is_some()
    }

    /// The tag of our reply address: `""` for the address itself, `"+tag"` with a tag.
    pub(crate) fn tag_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (local, domain) = self.reply.as_ref()?;
        let (left, right) = address.rsplit_once('@')?;
        let rest = left.get(local.len()..)?;
        let ours = right.eq_ignore_ascii_case(domain) && left[..local.len()].eq_ignore_ascii_case(local);
        (ours && (rest.is_empty() || rest.starts_with('+'))).then_some(rest)
    }
}
