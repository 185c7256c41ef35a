// expect: syntax
fn main() {
    let _text = concat!(env!("HOME"), env!("CARGO_MANIFEST_DIR"));
    answer();
}
