// expect: memory
package main

import (
	"fmt"
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
	var kept [][]byte
	for {
		one := make([]byte, 1<<20)
		for i := 0; i < len(one); i += 4096 {
			one[i] = 1 // each page
		}
		kept = append(kept, one)
	}
}
