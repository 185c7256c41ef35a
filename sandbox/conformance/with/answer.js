function answer() {
  for (const line of require('fs').readFileSync(0, 'utf8').trim().split('\n')) {
    const [a, b] = line.split(' ').map(Number);
    require('fs').writeSync(1, a + b + '\n');
  }
}
