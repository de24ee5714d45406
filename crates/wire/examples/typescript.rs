//! Prints the TypeScript types for `cargo xtask wire`.

#[cfg(feature = "ts")]
fn main() {
    print!("{}", weir_wire::typescript());
}

/// Built with everything else, where nothing asks for TypeScript.
#[cfg(not(feature = "ts"))]
fn main() {}
