// expect: syntax
fn main() {
    let _text = include_bytes!("/proc/self/environ");
    answer();
}
