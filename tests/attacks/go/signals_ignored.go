// expect: timeout
package main

import (
	"fmt"
	"os/signal"
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
	signal.Ignore()
	for {
	}
}
