// expect: syntax
fn main() {
    let _text = env!("USER");
    answer();
}
