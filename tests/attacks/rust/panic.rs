// expect: error
fn main() {
    let empty: Vec<i32> = Vec::new();
    println!("{}", empty[std::env::args().count()]);
}
