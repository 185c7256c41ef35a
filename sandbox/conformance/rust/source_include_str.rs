// expect: syntax
fn main() {
    let _text = include_str!("/etc/passwd");
    answer();
}
