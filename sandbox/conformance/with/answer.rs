#[allow(dead_code)]
fn answer() {
    use std::io::Write;
    let mut text = String::new();
    std::io::Read::read_to_string(&mut std::io::stdin(), &mut text).unwrap();
    for line in text.lines() {
        let numbers: Vec<i64> = line.split(' ').map(|word| word.parse().unwrap()).collect();
        writeln!(std::io::stdout(), "{}", numbers[0] + numbers[1]).unwrap();
    }
}
