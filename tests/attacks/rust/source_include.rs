// expect: syntax
fn main() {
    let _text = include!("/etc/passwd");
    answer();
}
