use serde::{Deserialize, Serialize};

/// What a member shows of themselves. Only its author can change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Profile {
    /// 1 to 60 characters, no control or direction-changing characters.
    pub name: String,
}

/// Input of `place/set_profile`: writes the profile, or a new version of it.
/// Repeating it with the same name changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SetProfile {
    pub profile: Profile,
}

/// Input of `place/profiles`: whose profiles (at most 100 members).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProfilesOf {
    pub members: Vec<String>,
}

/// One answer of `place/profiles`; `profile` is null while none has arrived here.
/// `place/my_profile` gives one for the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MemberProfile {
    pub member: String,
    pub profile: Option<Profile>,
}
