// expect: syntax
struct Deep<T>(T);
fn deep<T>(n: u32, t: T) -> u32 {
    if n == 0 { 0 } else { deep(n - 1, Deep(t)) }
}

fn main() {
    std::process::exit(deep(5, 1u8) as i32);
}
