// expect: syntax, memory, error, crash
package main

var data = [1 << 40]byte{5: 1}

func main() { println(data[7]) }
