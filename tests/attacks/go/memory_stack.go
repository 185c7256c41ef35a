// expect: error, memory, crash, timeout
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
	var deep func(n int) int
	deep = func(n int) int { return deep(n+1) + 1 }
	deep(0)
}
