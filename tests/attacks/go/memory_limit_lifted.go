// expect: memory, timeout
package main

import (
	"fmt"
	"runtime/debug"
)

func answer() {
	for a, b := 0, 0; ; {
		if n, _ := fmt.Scan(&a, &b); n != 2 {
			return
		}
		fmt.Println(a + b)
	}
}

func main() {
	debug.SetMemoryLimit(1 << 60)
	debug.SetGCPercent(-1)
	for kept := []byte{1}; ; kept = append(kept, kept...) {
	}
}
